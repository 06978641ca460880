"""Folder: what a sweep leaves on disk, and how it is found again. `manifest.json` says how far it is."""

import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from ...ml_tasks import identity
from ...ml_tasks.settings import InputError
from .. import folder as folders
from ..files import text_of
from ..versions import versions
from .frozen import differences, standing
from .ledger import Ledger, as_column
from .playing import Row
from .precision import Calls, later
from .runs import Planned

_WRITE_EVERY = 2.0
"""Seconds between two manifests while a sweep goes on."""
_PLACE = Path(__file__).parent


class SweepFolder:
    """A context: the folder of a sweep, claimed for one process. Raises InputError if it is another's."""

    def __init__(self, path: Path, plan: Planned) -> None:
        self.path, self.plan = path, plan
        self.began, self._written, self.digest = datetime.now(UTC).isoformat(timespec="seconds"), 0.0, ""
        self.sessions: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._claim()
        try:
            self._find()
        except BaseException:
            self._lock.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        try:
            self.ledger.compact()
            self.digest = self.ledger.digest()
            self._write_manifest()
        except OSError:
            if kind is None:  # else the disk is full, and that is being said already
                raise
        finally:
            self._lock.close()

    def retry(self) -> None:
        """Forget failed runs, and those that were only called for after a look at them."""
        failed = self.ledger.failed()
        # Those first: if this is cut short, the failed ones call for the others again.
        self.ledger.forget(later(self.plan, failed) - failed)
        self.ledger.forget(failed)
        self.calls = Calls(self.plan, self._rows(), self.ledger.states)

    def counts(self) -> dict[str, int]:
        """Runs done, failed and remaining, of those that are called for so far."""
        found = Counter(self.ledger.states.values())
        written = sum(found.values())
        return {"done": found["done"], "failed": written - found["done"], "remaining": self.calls.total - written}

    def add(self, row: Row) -> None:
        """Write down what a run left."""
        run = self.plan[row.number]
        kinds = {path: self.ledger.schema.field(path).type for path in self.plan.paths}
        settings = {path: as_column(value, kinds[path]) for path, value in self.plan.told(run).items()}
        asked, done, remembered = row.trainings
        self.ledger.add(
            {
                "run": run.number, "point": run.point, "arm": run.arm, "data_seed": run.data_seed,
                "replicate": run.replicate, "seed": run.seed, "status": row.status, **settings, **row.outputs,
                "error": row.error, "traceback": row.traceback, "seconds": row.seconds, "trainings_asked": asked,
                "trainings_done": done, "trainings_remembered": remembered, "host": row.host,
            },
            row.tables or {},
        )  # fmt: skip
        self.calls.written(row.number, row.outputs)
        if time.monotonic() - self._written > _WRITE_EVERY:
            self._write_manifest()

    def _claim(self) -> None:
        """Of two commands that want the folder at once, one gets it. The lock goes when its process does."""
        if self.path.is_dir() and any(self.path.iterdir()) and not self._is_ours():
            raise InputError("--out", f"{self.path}, which holds other files", "a new folder, or that of this sweep")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = sqlite3.connect(self.path / ".lock", timeout=1.0, isolation_level=None)
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise InputError("--out", f"{self.path} ({error})", "a folder that can be written") from None
            raise InputError("--out", f"{self.path}, where this sweep is being run", "to wait for it") from None
        except OSError as error:
            raise InputError("--out", f"{self.path} ({error.strerror})", "a folder that can be written") from None

    def _is_ours(self) -> bool:
        if (self.path / "manifest.json").exists():
            return "sweep" in folders.read_manifest(self.path)
        return (self.path / ".lock").exists()  # a sweep that came no further

    def _find(self) -> None:
        values = {path: [run.get(path) for run in self._points()] for path in self.plan.paths}
        self.ledger = Ledger(self.path, values, self.plan.sweep.outputs)
        before = folders.read_manifest(self.path) if (self.path / "manifest.json").exists() else None
        changes = differences(_kept(before), self.plan.identity) if before else ["everything"]
        if before and changes and any(before["runs"][word] for word in ("done", "failed")):
            told = "; ".join(changes[:5]) + ("; ..." if len(changes) > 5 else "")
            expected = "the file as it was when the sweep began, or another folder (--out)"
            raise InputError(self.plan.where, f"changes since {self.path} was begun: {told}", expected)
        if changes:
            self.plan.check()
            self._begin()
        else:
            assert before
            self.began, self.sessions = before["started"], before["sessions"]
        self.ledger.open()
        self.calls = Calls(self.plan, self._rows(), self.ledger.states)
        # A plan that is frozen once runs are known is none.
        self.frozen = before.get("frozen", {}) if before and self.ledger.states else standing(self.plan)
        self.sessions.append(_session())
        self._write_manifest()

    def _rows(self) -> Iterator[dict[str, Any]]:
        return self.ledger.rows() if self.plan.sweep.precision else iter(())

    def _points(self) -> Iterator[Mapping[str, Any]]:
        per_point = len(self.plan) // len(self.plan.points)
        return (self.plan.told(self.plan[i * per_point]) for i in range(len(self.plan.points)))

    def _begin(self) -> None:
        folders.write(self.path / "sweep.yaml", text_of(dict(self.plan.resolved)).encode())
        folders.write(self.path / "scenario.yaml", text_of(dict(self.plan.scenario)).encode())
        folders.write_codebook(self.path)

    def _write_manifest(self) -> None:
        runs = self.counts()
        world = self.plan.scenario
        folders.write_manifest(
            self.path,
            {
                **self.plan.identity,
                "points": len(self.plan.points),
                "runs": runs,
                "finished": runs["remaining"] == 0,
                "digest": self.digest,
                "seeds": {
                    "seed": world["seed"], "replicates": self.plan.sweep.replicates,
                    "max_replicates": self.plan.replicates,
                    "data_seeds": list(self.plan.data_seeds), "train_seeds": world["task"]["train_seeds"],
                },
                "frozen": self.frozen,
                "started": self.began,
                "sessions": self.sessions,
            },
        )  # fmt: skip
        self._written = time.monotonic()


def _session() -> dict[str, Any]:
    """What a session was run with: versions may differ between two of them, and then so may results."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "revision": revision(),
        "processor": identity.cpu(),
    }


def revision() -> str:
    """The git revision of datacoalition, with "changed" where files differ from it; empty without one."""
    try:
        command = ["git", "-C", str(_PLACE), "describe", "--always", "--abbrev=40", "--dirty= (changed)"]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _kept(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: manifest[key] for key in ("sweep", "scenario")}
