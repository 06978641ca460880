"""Playing: what a worker does. Names, settings and seeds come in, a row goes out, and nothing is left behind.

A run that raises is a row with its error. One that outlasts the time limit takes its worker down: a watchdog that
needs nothing from Python ends the process, also where compiled code hangs, and leaves a note of where it was. Whoever
is given the run the next time finds the note and returns the row; so the run is played once and nothing else is lost.
"""

import errno
import faulthandler
import io
import math
import platform
import re
import sqlite3
import tempfile
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from ...ml_tasks.settings import InputError
from ...ml_tasks.store import ScoreStore, store_path
from ..files import validated
from .outputs import Output
from .runs import Changes, settled

# A model is imported when one is played: whoever only gives out runs need not wait for Mesa.
if TYPE_CHECKING:
    from ...agents.model import CoalitionModel
    from ..observer import Tables

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
FAILED, TIMED_OUT, DIED = "failed", "timed out", "died"


@dataclass(frozen=True)
class Common:
    """What all runs of a sweep share."""

    scenario: Mapping[str, Any]
    """The resolved scenario."""
    outputs: Mapping[str, Output]
    tables: tuple[str, ...]
    """Result tables to return whole."""
    store: str | None
    """As for `run`; "default" is the cache of whoever plays."""
    time_limit: float | None
    """Seconds."""
    session: str
    """A word that no other session of the sweep has: notes of watchdogs are filed under it."""


@dataclass(frozen=True)
class Row:
    """What a run left."""

    number: int
    status: str
    """done, failed, timed out or died."""
    outputs: Mapping[str, float]
    error: str = ""
    traceback: str = ""
    seconds: float = 0.0
    trainings: tuple[int, int, int] = (0, 0, 0)
    """Asked, done, remembered."""
    host: str = ""
    tables: Mapping[str, bytes] | None = None
    """Tables kept whole, as Parquet."""


def play(common: Common, number: int, changes: Changes) -> Row:
    """Play a run. Raises InputError if an output cannot be read off it: that is wrong in all runs alike."""
    note = note_of(common.session, number)
    if note.exists() and (told := note.read_text(encoding="utf-8", errors="replace")):
        return _overran(common, number, told)
    began = time.monotonic()
    with _watched(common.time_limit, note):
        try:
            model, rows = _played(common, changes)
        except Exception as error:
            if fault := of_the_machine(error):
                raise InputError("--store", fault, "room for it: the same command goes on from here") from None
            told = "".join(traceback.format_exception(error))
            words = f"{type(error).__name__}: {error}"
            return Row(number, FAILED, _nothing(common), words, told, _since(began), host=platform.node())
        found = {name: _read(name, output, rows) for name, output in common.outputs.items()}
        kept = {name: _parquet(name, rows) for name in common.tables}
    counts = model.counts
    trainings = (counts.asked, counts.done, counts.remembered)
    return Row(number, "done", found, seconds=_since(began), trainings=trainings, host=platform.node(), tables=kept)


def of_the_machine(error: BaseException | None) -> str:
    """What is wrong with the computer, where an error says nothing of the run: it would not happen elsewhere."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return f"{error.strerror}"
        if isinstance(error, sqlite3.OperationalError) and re.search("full|I/O", str(error)):
            return f"{error}"
        error = error.__cause__ or error.__context__
    return ""


def folder_of_notes(session: str) -> Path:
    """Where the watchdogs of a session leave notes on this host."""
    return Path(tempfile.gettempdir()) / f"datacoalition-{session}"


def note_of(session: str, number: int) -> Path:
    return folder_of_notes(session) / f"{number}.txt"


def _played(common: Common, changes: Changes) -> "tuple[CoalitionModel, Tables]":
    from ...agents.model import CoalitionModel
    from ..observer import observe, users_of

    scenario = validated(settled(common.scenario, changes, "run"), "run")
    wanted = {output.table for output in common.outputs.values()} | set(common.tables)
    rows: Tables = {name: [] for name in wanted}
    with threadpool_limits(1):
        model = CoalitionModel(scenario, _store(common.store))
        for _ in range(model.world.rounds):
            model.step()
            found = observe(model, 0)
            for name in wanted - {"users"}:
                rows[name] += found[name]
        if "users" in wanted:
            rows["users"] = users_of(model, 0).to_dict("records")  # type: ignore[assignment]
    return model, rows


@cache
def _store(store: str | None) -> ScoreStore:
    """One connection for all runs that a process plays."""
    return ScoreStore(store_path(store))


def _read(name: str, output: Output, rows: "Tables") -> float:
    try:
        return output(rows[output.table])
    except InputError as error:
        raise error.within(f"outputs.{name}") from None


def _parquet(name: str, rows: "Tables") -> bytes:
    from ..observer import frame

    buffer = io.BytesIO()
    frame(name, rows[name]).to_parquet(buffer, index=False)
    return buffer.getvalue()


class _watched:  # noqa: N801
    """A context that ends this process if it is not left in time."""

    def __init__(self, limit: float | None, note: Path) -> None:
        self.limit, self.note = limit, note

    def __enter__(self) -> None:
        if self.limit is not None:
            self.note.parent.mkdir(parents=True, exist_ok=True)
            self.stream = self.note.open("w")
            faulthandler.dump_traceback_later(self.limit, exit=True, file=self.stream)

    def __exit__(self, *error: object) -> None:
        if self.limit is not None:
            faulthandler.cancel_dump_traceback_later()
            self.stream.close()
            self.note.unlink(missing_ok=True)


def _overran(common: Common, number: int, told: str) -> Row:
    words = f"it took longer than its time limit of {common.time_limit:g} seconds"
    return Row(number, TIMED_OUT, _nothing(common), words, told, common.time_limit or 0.0, host=platform.node())


def _nothing(common: Common) -> dict[str, float]:
    return dict.fromkeys(common.outputs, math.nan)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
