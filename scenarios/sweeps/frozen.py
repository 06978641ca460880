"""Frozen: a sweep's plan written down before it is run, so that a reader knows what was looked for beforehand.

`freeze` leaves the plan and its hash beside the sweep file. Whoever wants to be believed about when that was lodges the
hash where they cannot change it, in a public registry of studies.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...ml_tasks.settings import InputError
from .. import folder as folders
from ..versions import versions
from .runs import Planned, planned

SPLITS = 5
"""Splits of the data that a frozen comparison of arms needs at least."""


def freeze(named: str | Path) -> Path:
    """Write a sweep file's plan and its hash to FILE.frozen.json, and return that path. Raises InputError.

    A plan that is frozen already stays as it is; another one in its place is refused.
    """
    plan = planned(named)
    target = _beside(plan)
    if target is None:
        raise InputError(str(named), "a sweep of the library", "a sweep file of your own, beside which the plan is put")
    _refuse_thin(plan)
    plan.check()
    content = _content(plan)
    if target.exists():
        before = _read(target)
        if before["hash"] != _hash(content):
            found = (
                f"a plan that was frozen at {before['frozen']}: {'; '.join(differences(before['plan'], content)[:5])}"
            )
            raise InputError(str(target), found, "the plan as it was frozen, or a sweep file of another name")
        return target
    seeds = {"seed": plan.scenario["seed"], "data_seeds": list(plan.data_seeds), "replicates": plan.sweep.replicates}
    whole = {
        "frozen": datetime.now(UTC).isoformat(timespec="seconds"), "hash": _hash(content),
        "primary": list(plan.sweep.primary), "seeds": seeds, "versions": versions(), "plan": content,
    }  # fmt: skip
    try:
        folders.write(target, (json.dumps(whole, indent=2) + "\n").encode())
    except OSError as error:
        raise InputError(
            str(target), f"a file that cannot be written ({error.strerror})", "a folder to write in"
        ) from None
    return target


def standing(plan: Planned) -> dict[str, Any]:
    """What a manifest notes before the first run: nothing without a frozen plan, or whether this is it."""
    target = _beside(plan)
    if target is None or not target.exists():
        return {}
    before, content = _read(target), _content(plan)
    changes = differences(before["plan"], content)
    return {"hash": before["hash"], "at": before["frozen"], "matches": not changes, "changes": changes}


def evidence(manifest: Mapping[str, Any], plan: Planned) -> tuple[bool, str]:
    """Whether what a sweep's folder holds is confirmatory, and why, in words."""
    frozen = manifest.get("frozen") or {}
    if not frozen:
        return False, "exploratory: no plan was frozen before the first run"
    when = f"frozen at {frozen['at']} (hash {frozen['hash'][:16]})"
    if not frozen["matches"]:
        changes = frozen["changes"]
        told = "; ".join(changes[:5]) + ("; ..." if len(changes) > 5 else "")
        return False, f"exploratory: the plan {when} was changed before it was run: {told}"
    if _hash(_content(plan)) != frozen["hash"]:
        return False, f"exploratory: the settings in this folder are not those of the plan {when}"
    if remaining := manifest["runs"]["remaining"]:
        return False, f"exploratory as yet: of the plan {when}, {remaining:,} runs are still to come"
    names = ", ".join(plan.sweep.primary)
    return True, f"confirmatory for {names}: {when}, before the first run, and run as frozen; all else is exploratory"


def differences(before: Any, now: Any, path: str = "") -> list[str]:
    """What differs between two pieces of plain data, in words."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = dict.fromkeys([*before, *now])
        return [line for k in keys for line in differences(before.get(k), now.get(k), f"{path}.{k}".lstrip("."))]
    return [] if before == now else [f"{path.removeprefix('sweep.')} was {_short(before)}, is {_short(now)}"]


def _refuse_thin(plan: Planned) -> None:
    if not plan.sweep.primary:
        raise InputError(f"{plan.where}: primary", "none", "at least one output that the question is about")
    if len(plan.sweep.arms) > 1 and len(plan.data_seeds) < SPLITS:
        expected = f"at least {SPLITS}, as a frozen comparison of arms needs"
        raise InputError(f"{plan.where}: data_seeds", f"{len(plan.data_seeds)} splits", expected)


def _content(plan: Planned) -> dict[str, Any]:
    """Everything that decides what is run and looked at; the points too, which a design draws."""
    points = json.dumps([dict(point) for point in plan.points], sort_keys=True)
    return {**plan.identity, "points": hashlib.sha256(points.encode()).hexdigest()}


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _beside(plan: Planned) -> Path | None:
    """Where the frozen plan of a sweep file is; None for a sweep of the library."""
    path = Path(plan.where)
    return path.with_name(f"{path.name}.frozen.json") if path.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        true = _hash(whole["plan"]) == whole["hash"] and bool(whole["frozen"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(str(path), "no readable plan", "the file as `freeze` wrote it") from None
    if not true:
        raise InputError(str(path), "a plan that is not that of its hash", "the file as `freeze` wrote it")
    return whole


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
