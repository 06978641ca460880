"""Published: the figures in print of conscious data contribution and data strikes [VH21], shown as published."""

import json
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

UNTRAINED = {"cifar10": (0.01, 0.99)}
"""Shares whose figures in print are those of an untrained network: fewer images than one batch, which was dropped."""


@cache
def tables() -> dict[str, Any]:
    """Everything in `published.json`: source, licence, column names, and for each task its protocol and rows."""
    text = resources.files(__package__).joinpath("published.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def study_of(task: str) -> dict[str, Any] | None:
    """The published study of a task (a key of TASKS): study, data, metric, base, best; None if there is none."""
    tasks: dict[str, dict[str, Any]] = tables()["tasks"]
    return tasks.get(task)


def columns(task: str, view: str) -> pd.DataFrame:
    """The published columns of a task in a view ("company" or "holdout"), one row a share s; nan for nothing.

    Shares that cannot be compared (`UNTRAINED`) are left out.
    """
    rows = tables()["tasks"][task][view]
    table = pd.DataFrame(rows, columns=tables()["columns"]).astype(float)
    return table[~table["s"].isin(UNTRAINED.get(task, ()))]
