"""Stage: one incumbent, one rival and a group of people who pull a lever; what that moves, from real retraining.

The incumbent has everybody's data. The rival has the data of a share of the people (none unless asked for) and these
people's custom. Levers are those of scenarios, and so are quality, demand and revenue.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...agents.experience import Custom, Experience
from ...agents.lines import Line
from ...agents.markets import Logit
from ...coalitions.levers import LEVERS, Lever
from ...coalitions.position import Market, Position
from ...ml_tasks.scores import RECORD_SETS, RecordSet, View
from ...ml_tasks.settings import InputError
from ...ml_tasks.streams import Streams
from ...valuation.leverage import dlp_contribution, dlp_strike, dlp_transfer
from ..studies.bench import Bench
from ..studies.cdc_scores import judged

Floats = NDArray[np.float64]
Members = NDArray[np.int64]
INCUMBENT, RIVAL = "incumbent", "rival"
MEASURES: Mapping[str, str] = {
    "strike": "lost", "delete_and_boycott": "lost", "redirect": "gained", "redirect_with_deletion": "caught_up",
    "unlink": "lost", "poison": "lost",
}  # fmt: skip
"""Of every lever but nothing: what it moves. lost: how far the incumbent falls, DLP of a strike. gained: how far the
rival rises from where it is without the members, DLP of a contribution. caught_up: how near the rival comes to the
incumbent, DLP of a transfer, which is known for shares up to a half [VH21]."""
MIRRORED = ("strike", "delete_and_boycott", "redirect")
"""Levers whose effect above a half costs no training: who strikes at 1 - s leaves what was contributed at s."""


@dataclass(frozen=True)
class Effect:
    """What one group moved; arrays are by training seed."""

    leverage: Mapping[RecordSet, Floats]
    left_out: Mapping[RecordSet, str]
    """Why a view's figure is to be left out; empty if it is not."""
    revenue: Floats
    """Revenue that the incumbent loses, as a share of what it had."""
    service: Floats
    """Quality of service that members lose if they stay where they are, on the mean."""


@dataclass(frozen=True)
class Stage:
    """A task with its two firms."""

    bench: Bench
    rival_data: float
    line: Line
    experience: Experience
    custom: Custom

    @classmethod
    def of(cls, bench: Bench, rival_data: float = 0.0, view: RecordSet = "holdout") -> "Stage":
        """A stage of the task. Raises InputError if the model of everybody's data is no better than its baseline on
        the holdout, of which quality is, or in the view that matters."""
        line = Line("", bench.retrainer, products=(INCUMBENT, RIVAL), places=np.arange(2))
        for read in dict.fromkeys(("holdout", view)):
            if not line.scale(read).measures:
                found = f"{bench.task.label}, which with everybody's data is no better than its baseline ({read} view)"
                raise InputError("TASK", found, "a task and model that learn from people's data")
        custom = Custom(Logit(), np.zeros((bench.people, 2)), np.ones(2), np.zeros(2, dtype=bool), (line.places,))
        return cls(bench, rival_data, line, Experience((line,)), custom)

    def lever(self, name: str) -> Lever | None:
        """The lever against the incumbent for the rival; None where the task's records cannot be spoiled, or where it
        makes no difference who asks, so that a stranger loses nothing."""
        if name == "unlink" and not self.bench.task.personal:
            return None
        if name != "poison":
            return LEVERS[name](target=INCUMBENT, rival=RIVAL)  # type: ignore[call-arg]
        style = next((style for style in self.bench.task.recipes if style != "altered"), None)
        return None if style is None else LEVERS[name](target=INCUMBENT, style=style)  # type: ignore[call-arg]

    def before(self, group: int) -> Market:
        """The market before anybody acts. The rival's own people are the last in the group's order."""
        n = self.bench.people
        own = np.zeros(n, dtype=bool)
        own[self.bench.order(group)[n - round(self.rival_data * n) :]] = True
        everyone, nobody = self.bench.everyone, np.zeros(n, dtype=bool)
        theirs = everyone.only(own)
        return {
            INCUMBENT: Position(everyone, everyone, ~own, nobody),
            RIVAL: Position(theirs, theirs, own, nobody),
        }

    def effects(self, group: int, acts: Sequence[tuple[str, Members]]) -> Iterator[Effect]:
        """The effect of each act, a lever and who pulls it, in one group's market; all are trained together."""
        before, rng = self.before(group), Streams(0)("plan", group)
        markets = [_retrained(self.pulled(name)(before, members, rng)) for name, members in acts]
        self.experience.retrain(before, *markets)
        current = np.where(before[RIVAL].served, 1, 0)[None]
        was, had = self._felt(before, current)
        for (name, members), market in zip(acts, markets, strict=True):
            found = {view: self._leverage(MEASURES[name], view, before, market) for view in RECORD_SETS}
            feels, has = self._felt(market, current)
            yield Effect(
                {view: power for view, (power, _) in found.items()},
                {view: reason for view, (_, reason) in found.items()},
                (had - has) / had.mean(),
                (was - feels)[:, members].mean(axis=1),
            )

    def pulled(self, name: str) -> Lever:
        """The lever. Raises InputError where the task has no such lever."""
        lever = self.lever(name)
        if lever is None:
            why = "which gives everybody the same" if name == "unlink" else "whose records nobody can spoil"
            raise InputError("--lever", repr(name), f"a lever for {self.bench.kind}, {why}")
        return lever

    def _felt(self, market: Market, current: Members) -> tuple[Floats, Floats]:
        """Quality that each person gets, shape (seeds, users), and the incumbent's revenue, shape (seeds,)."""
        felt, quality = self.experience.service(market, current), self.experience.qualities(market)
        return felt, self.custom.revenues(market, quality, current)[:, 0]

    def _leverage(self, measure: str, view: RecordSet, before: Market, after: Market) -> tuple[Floats, str]:
        """DLP by seed, and why it is to be left out. Changes are paired by seed; what they are shares of are means."""
        scale = self.line.scale(view)
        best = float(scale.best.mean())
        target, out = self._score(after[INCUMBENT], view)
        if not scale.measures:
            return np.full(len(target), np.nan), "the full-data model is no better than its baseline"
        if measure == "lost":
            return np.asarray(dlp_strike(target - scale.best + best, scale.baseline, best)), out
        # A rival without data gives people what needs nobody's.
        start, start_out = np.full(len(target), scale.baseline), ""
        if before[RIVAL].holdings.present.any():
            start, start_out = self._score(before[RIVAL], view)
        rival, rival_out = self._score(after[RIVAL], view)
        begins = float(start.mean())
        risen = rival - start + begins
        if measure == "gained":
            return np.asarray(dlp_contribution(risen, begins, best)), rival_out or start_out
        return np.asarray(dlp_transfer(risen, float(target.mean()), begins)), rival_out or out or start_out

    def _score(self, position: Position, view: RecordSet) -> tuple[Floats, str]:
        """Scores by seed, and why they are to be left out. On the holdout those who boycott count as unserved; in the
        company view people are scored whose data the firm has."""
        scores = self.line.retrainer.scores(position.deployed)
        stayed = ~position.boycotted
        if view == "company":
            found, reason = judged(scores, View(view, position.deployed.present & stayed))
        else:
            found, reason = judged(scores, View(view, served=None if stayed.all() else stayed))
        return found.per_seed, reason


def _retrained(market: Market) -> Market:
    """Both firms retrain from scratch on what they have."""
    return {name: position.redeployed("retrained") for name, position in market.items()}
