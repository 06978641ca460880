"""Branch: replay a run with one decision changed, and take the paired difference.

Both runs have the same seeds, people, splits and trainings, so that up to the changed vote they are one run, and
afterwards they differ by nothing but what the vote led to. What was trained before is remembered, the common past too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ...agents.decision import Decision
from ...agents.model import CoalitionModel
from ...ml_tasks.retrainer import Counts
from ...ml_tasks.scores import seed_stderr
from ...ml_tasks.settings import InputError
from ...ml_tasks.store import ScoreStore, store_path
from .. import folder as folders
from ..files import changed, load
from ..logbook import Result
from ..observer import basis_of
from ..reports.curves import student
from ..schema import Scenario
from .measures import figures

Floats = NDArray[np.float64]
Watch = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Branched:
    """What a changed decision led to."""

    scenario: Scenario
    changed: str
    """The decision that was changed, in words."""
    round: int
    rounds: pd.DataFrame
    """One row a replicate, round, subject and measure: as it was, branched, and the paired difference."""
    effects: pd.DataFrame
    """One row a subject and measure: the mean difference from the changed round on, its interval, and the last one."""
    replicates: int
    train_seeds: int
    task: str
    basis: str
    counts: Counts


@dataclass(frozen=True)
class _Paired:
    """One figure of a round in both runs, under each training seed or as one value."""

    replicate: int
    round: int
    subject: str
    measure: str
    was: Floats
    branched: Floats

    trained: bool

    @property
    def difference(self) -> Floats:
        return self.branched - self.was


def branch(
    source: Result | Scenario | str | Path,
    *,
    round: int,
    coalition: str,
    lever: str = "",
    ballots: Callable[[Floats], Floats] | None = None,
    replicates: int | None = None,
    store: str | Path | None = "default",
    watch: Watch | None = None,
) -> Branched:
    """Replay a run from a round with one decision of a coalition changed.

    source: a result, a run folder, or a scenario. lever: the option that is carried, by its key or as on the ballot
    paper. ballots: other ratings, a function of those cast (members, options). replicates: as many as the run has, or
    1. Raises InputError for a round, coalition or option that is not there.
    """
    scenario, ran = _source(source)
    count = ran if replicates is None else replicates
    _check(scenario, round, coalition, lever, ballots, count)
    decisions = {(round, coalition): Decision(lever, ballots)}
    pairs: list[_Paired] = []
    with threadpool_limits(1), ScoreStore(store_path(store)) as scores:
        for replicate in range(count):
            played = changed(scenario, seed=scenario.build().seed + replicate)
            counts = Counts()
            was, other = CoalitionModel(played, scores, counts), CoalitionModel(played, scores, counts)
            other.decisions = decisions
            pairs += _played(was, other, replicate, watch)
    words = f"{coalition} carries {lever}" if lever else f"other ballots in {coalition}"
    exact = not any(line.task.noise for line in was.lines)
    return Branched(
        scenario, words, round, _rounds(pairs, exact), _effects(pairs, round, exact), count,
        len(was.world.task.train_seeds), was.label, basis_of(was), was.counts,
    )  # fmt: skip


def _source(source: Result | Scenario | str | Path) -> tuple[Scenario, int]:
    """The scenario, and how many replicates were run of it."""
    if isinstance(source, Result):
        return source.scenario, int(source.manifest["replicates"])
    if isinstance(source, Scenario):
        return source, 1
    if (Path(source) / "manifest.json").exists():
        manifest = folders.read_manifest(source)
        if "replicates" not in manifest:
            raise InputError(str(source), "the folder of a study", "the folder of a run")
        return load(Path(source) / "scenario.yaml"), int(manifest["replicates"])
    return load(source), 1


def _check(scenario: Scenario, round: int, coalition: str, lever: str, ballots: object, count: int) -> None:
    world = scenario.build()
    if not 1 <= round <= world.rounds:
        raise InputError("round", round, f"a round from 1 to {world.rounds}")
    found = next((known for known in world.coalitions if known.name == coalition), None)
    if found is None:
        names = ", ".join(known.name for known in world.coalitions)
        raise InputError("coalition", repr(coalition), f"one of {names}" if names else "a scenario with coalitions")
    if not lever and ballots is None:
        raise InputError("lever", "no decision", "a lever or ballots other than they were")
    Decision(lever).place(found.charter.ballot)
    if count < 1:
        raise InputError("replicates", count, "a number of at least 1")


def _played(was: CoalitionModel, other: CoalitionModel, replicate: int, watch: Watch | None) -> Iterator[_Paired]:
    for _ in range(was.world.rounds):
        was.step()
        other.step()
        held = {c.name for c in was.coalitions if c.campaign.outcome}
        for when, coalition in other.decisions:
            if when == was.round and coalition not in held:
                found = f"{when}, in which {coalition} held no vote: it had too few members, or kept an agreement"
                raise InputError("round", found, "a round with a vote")
        if watch:
            watch(f"replicate {replicate + 1}, round {was.round} of {was.world.rounds}")
        for one, two in zip(figures(was), figures(other), strict=True):
            yield _Paired(replicate, was.round, one.subject, one.measure, one.per_seed, two.per_seed, one.trained)


def _rounds(pairs: Sequence[_Paired], exact: bool) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "replicate": pair.replicate,
            "round": pair.round,
            "subject": pair.subject,
            "measure": pair.measure,
            "as_it_was": float(pair.was.mean()),
            "branched": float(pair.branched.mean()),
            "difference": float(pair.difference.mean()),
            "stderr": seed_stderr(pair.difference, exact) if pair.trained else np.nan,
        }
        for pair in pairs
    )


def _effects(pairs: Sequence[_Paired], round: int, exact: bool) -> pd.DataFrame:
    """Means over the rounds from the changed one on; with an interval over replicates, or else over training seeds."""
    after = [pair for pair in pairs if pair.round >= round]
    rows = []
    for subject, measure in dict.fromkeys((pair.subject, pair.measure) for pair in after):
        own = [pair for pair in after if (pair.subject, pair.measure) == (subject, measure)]
        replicates = sorted({pair.replicate for pair in own})
        means = [np.mean([p.difference for p in own if p.replicate == r], axis=0) for r in replicates]
        draws = np.array([mean.mean() for mean in means]) if len(means) > 1 else means[0]
        half = _half(draws, exact and own[0].trained and len(means) == 1)
        final = [pair.difference.mean() for pair in own if pair.round == own[-1].round]
        rows.append({
            "subject": subject, "measure": measure,
            "as_it_was": float(np.mean([pair.was.mean() for pair in own])),
            "branched": float(np.mean([pair.branched.mean() for pair in own])),
            "difference": float(draws.mean()), "low": float(draws.mean() - half), "high": float(draws.mean() + half),
            "last": float(np.mean(final)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _half(draws: Floats, exact: bool) -> float:
    """Half the width of a 95 % Student-t interval; nan from a single draw, 0 where nothing is drawn."""
    if exact or len(draws) < 2:
        return 0.0 if exact else float("nan")
    return float(student(np.array([len(draws)], dtype=float))[0] * draws.std(ddof=1) / np.sqrt(len(draws)))
