"""The report: escaping, self-containedness, exact figures, determinism, and every thin or odd run."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios import folder as folders
from datacoalition.scenarios.reports import record as records
from datacoalition.scenarios.reports.charts import shortened
from datacoalition.scenarios.reports.curves import over_replicates, over_rounds
from datacoalition.scenarios.reports.lorenz import lorenz
from datacoalition.scenarios.reports.markup import number, stretches
from datacoalition.scenarios.reports.page import write_report
from datacoalition.scenarios.reports.palette import Look, looks
from datacoalition.scenarios.reports.story import story
from datacoalition.scenarios.tables import TABLES
from datacoalition.valuation.inequality import lorenz as lorenz_points

NAN = float("nan")
LEVERS = ("nothing", "strike", "redirect", "redirect_with_deletion", "delete_and_boycott", "poison")
TRANSFORMS = ("equal", "per_record", "shift", "absolute", "clip", "binning", "binarize", "proportional")
AUDIENCES = (
    ("holdout", "everyone"), ("holdout", "users"), ("holdout", "members"), ("holdout", "outsiders"),
    ("holdout", "everyone_served"), ("company", "contributors"),
)  # fmt: skip


class Run:
    """Hand-made tables of a run: simple figures that a test can work out in its head."""

    def __init__(
        self, folder: Path, *, coalitions: tuple[str, ...] = ("pay", "privacy"), firms: tuple[str, ...] = ("big", "small"),
        lengths: tuple[int, ...] = (6,), users: int = 12, seeds: int = 3, pots: bool = True, basis: str = "retraining",
        metric: str = "rmse",
    ) -> None:  # fmt: skip
        self.folder, self.coalitions, self.firms, self.lengths = folder, coalitions, firms, lengths
        self.users, self.seeds, self.pots, self.basis, self.metric = users, seeds, pots, basis, metric
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        for replicate, rounds in enumerate(lengths):
            for r in range(1, rounds + 1):
                first = {"replicate": replicate, "round": r, "basis": basis}
                self._firms(first, r, replicate)
                self._leverage(first, r, replicate)
                self._coalitions(first, r, replicate)
            self._users(replicate)
        self.manifest = self._manifest()

    @property
    def stderr(self) -> float:
        return 0.01 if self.seeds > 1 else NAN

    def _firms(self, first: dict[str, Any], r: int, replicate: int) -> None:
        for i, firm in enumerate(self.firms):
            for view, audience in AUDIENCES:
                self.rows["firms"].append({
                    **first, "firm": firm, "view": view, "audience": audience, "metric": self.metric,
                    "score": 0.87 + 0.05 * i + 0.001 * r, "stderr": self.stderr / 10, "n": 100.0, "contributors": 10,
                    "records": 90, "poisoned": 0, "served": 100 - 60 * i + r + replicate, "revenue": 50.0 - r, "paid": 0.0,
                    "degenerate": "", "note": "",
                })  # fmt: skip

    def _leverage(self, first: dict[str, Any], r: int, replicate: int) -> None:
        for c, coalition in enumerate(self.coalitions or ("",)):
            for rival in self.firms[1:] or ("",):
                for view in ("holdout", "company"):
                    row = {
                        **first, "target": self.firms[0], "rival": rival, "coalition": coalition, "metric": self.metric,
                        "view": view, "baseline": 0.94, "best": 0.87, "target_score": 0.88, "rival_score": 0.93,
                        "seeds": self.seeds, "note": "" if rival else "there is no rival",
                    }  # fmt: skip
                    strike, gift = 0.01 * r + 0.02 * c, 0.03 * r - 0.05 * c + 0.01 * replicate
                    known = {"strike": strike, "dlp_strike": 0.1}
                    gained = {
                        "contribution": gift,
                        "gap_closed": strike + gift,
                        "dlp_contribution": 0.3,
                        "dlp_transfer": 0.4,
                    }
                    known |= gained if rival else dict.fromkeys(gained, NAN)
                    errors = {f"{name}_stderr": self.stderr for name in known}
                    self.rows["leverage"].append({**row, **known, **errors})

    def _coalitions(self, first: dict[str, Any], r: int, replicate: int) -> None:
        for c, coalition in enumerate(self.coalitions):
            paid = self.pots and r % 3 == 0
            acts = r % 2 == 0 or paid
            lever = LEVERS[1 + c % 5] if acts and not paid else "nothing"
            proposal = f"{LEVERS[1 + c % 5]} against {self.firms[0]}"
            self.rows["coalitions"].append({
                **first, "coalition": coalition, "members": 3 + r + c + replicate, "turnout": 0.5, "proposal": proposal,
                "passed": acts, "lever": lever, "target": self.firms[0], "rival": "", "compliers": 3,
                "harm": 4.0 if acts else NAN, "harm_stderr": self.stderr if acts else NAN,
                "answer": ("paid" if paid else "refused") if acts else "", "payment": 2.5 if paid else 0.0,
                "pot": 2.5 if paid else 0.0,
            })  # fmt: skip
            for option, tally in (("nothing", 2.0), (proposal, 3.0 if acts else 1.0)):
                self.rows["votes"].append({
                    **first, "coalition": coalition, "option": option, "tally": tally,
                    "winner": (option != "nothing") == acts, "cast": 5.0, "electorate": 9, "margin": 1,
                })  # fmt: skip
            for i, transform in enumerate(TRANSFORMS if paid else ()):
                self.rows["dividends"].append({
                    **first, "coalition": coalition, "method": "shapley", "transform": transform,
                    "chosen": i == 2, "pot": 2.5, "paid": 2.0, "members": 6, "gini": 0.1 * i, "hoover": 0.05 * i,
                    "top_tenth": 0.1 + 0.05 * i, "fallback": i == 7,
                })  # fmt: skip

    def _users(self, replicate: int) -> None:
        for i in range(self.users):
            self.rows["users"].append({
                "replicate": replicate, "user": f"person {i}", "coalition": self.coalitions[0] if self.coalitions else "",
                "service": self.firms[0], "records": i, "value": i - 2.0 if self.pots else NAN, "stderr": NAN,
                "value_source": "", "dividend": float(i % 4) if self.pots else 0.0, "basis": self.basis,
            })  # fmt: skip

    def _manifest(self) -> dict[str, Any]:
        return {
            "scenario": "made", "description": "Made by hand.", "finished": True, "replicates": len(self.lengths),
            "rounds": max(self.lengths, default=6), "rounds_done": {str(i): n for i, n in enumerate(self.lengths)},
            "task": "movielens", "basis": self.basis, "contributors": self.users, "users": self.users,
            "seeds": {
                "seed": 0, "replicate_seeds": list(range(len(self.lengths))), "data_seed": 0,
                "train_seeds": list(range(self.seeds)),
            },
            "trainings": {"asked": 1229, "done": 51, "remembered": 1178}, "seconds": 1.25,
            "started": "2026-01-01T00:00:00+00:00", "versions": {"datacoalition": "0.1.0"}, "hardware": {"system": "Linux"},
        }  # fmt: skip

    def tables(self) -> dict[str, pd.DataFrame]:
        frames = {}
        for name, columns in TABLES.items():
            frame = pd.DataFrame(self.rows[name], columns=[column.name for column in columns])
            for column in columns:
                frame[column.name] = frame[column.name].astype("object" if column.dtype == "str" else column.dtype)
            frames[name] = frame
        return frames

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        folders.write_tables(self.folder, self.tables())
        folders.write_manifest(self.folder, self.manifest)
        return self.folder

    def page(self) -> str:
        return write_report(self.write()).read_text(encoding="utf-8")

    def told(self) -> list[str]:
        return story(records.read(self.write()))
