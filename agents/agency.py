"""Agency: whether people know what taking their data back would do, and what comes of their wish to, firm by firm: who
is let out, alone or with others, and whether that reaches the firms that got the data from it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Market
from ..ml_tasks.holdings import Holdings
from .co_ownership import as_asked, owners_of, pulled
from .enforcement import hiding, retaining
from .law import withdrawn
from .provenance import followed, in_both

if TYPE_CHECKING:
    from .firm import Firm
    from .model import CoalitionModel
    from .party import Party


@dataclass(frozen=True)
class Agency:
    """Of one firm in a round, in contributors."""

    asked_out: int
    """Who asked that their data be taken out: there, or at a firm that passed them on to it."""
    let_out: int
    """Of these, those of whose data nothing that was asked for is held, or in the weights that run."""
    waits_for_others: int
    """Of those who asked, those some of whose data stay because other owners did not ask as well."""
    taken_along: int
    """Whose data others took out, or took more of than they asked for themselves, because these own them too."""
    aware: float
    """Share of those whose data it had at the start of the round who take levers against it to do what they really do;
    nan if it had nobody's."""
    followed: float
    """Of those who asked that their data be taken out here and whose data it had passed on, as often as to other firms,
    the share of whose data nothing that was passed on is left there, held or in the weights that run; nan for none."""
    exit_alone: float
    """Probability that what one person took back by themselves would be out of the running weights in this round: mean
    over contributors."""
    exit_together: float
    """Of those who asked in coalitions whose members act together, the share let out; nan for none."""


def agency(model: "CoalitionModel") -> dict[str, Agency]:
    """Look at the round just played, by firm."""
    law = model.law
    gone = {**dict.fromkeys(retaining(model), 0.0), **dict.fromkeys(hiding(model), law.enforcement)}
    asked = _asked(model, partial(_as_wished, model), model.parties)
    may = _asked(model, partial(pulled, model), model.parties)
    groups = [party for party in model.parties if not party.each_alone]
    together = asked if groups == model.parties else _asked(model, partial(_as_wished, model), groups)
    found = {}
    for firm in model.firms:
        wanted = asked[firm.name]
        out = wanted.present & ~_left(model, firm.name, wanted)
        goes_through = 1.0 if firm.name in model.world.open_doors else law.goes_through(alone=True)
        alone = 0.0 if law.deletion_delay else goes_through * gone.get(firm.name, 1.0)
        found[firm.name] = Agency(
            asked_out=int(wanted.present.sum()),
            let_out=int(out.sum()),
            waits_for_others=int(wanted.lacking(may[firm.name]).present.sum()),
            taken_along=int(may[firm.name].lacking(wanted).present.sum()),
            aware=_aware(model, firm.name),
            followed=_followed(model, firm, wanted),
            exit_alone=alone * _need_nobody(model),
            exit_together=_let_out(model, firm.name, together[firm.name]),
        )
    return found


def _as_wished(model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer]) -> Market:
    """The market once members' data are taken out, whatever other owners or the law make of it."""
    return lever(market, members, model.streams("lever", model.round))


def _let_out(model: "CoalitionModel", firm: str, wanted: Holdings) -> float:
    asked = int(wanted.present.sum())
    return int((wanted.present & ~_left(model, firm, wanted)).sum()) / asked if asked else float("nan")


def _left(model: "CoalitionModel", firm: str, wanted: Holdings) -> NDArray[np.bool_]:
    """Of whom some of what was wanted out is still held by a firm, or in its running weights, (contributors,)."""
    position = model.market[firm]
    return np.asarray(in_both(wanted, position.holdings).present | in_both(wanted, position.deployed).present)


def _aware(model: "CoalitionModel", firm: str) -> float:
    knows, people = model.world.users.awareness.knows(model, firm), model.start[firm].holdings.present
    return float(knows[: len(people)][people].mean()) if people.any() else float("nan")


def _followed(model: "CoalitionModel", firm: "Firm", wanted: Holdings) -> float:
    """Of withdrawals from a firm of what it had passed on, the share that reached those who got it."""
    asked = reached = 0
    for receiver in firm.settings.passes_on:
        there = in_both(wanted, model.passed_on[firm.name, receiver])
        asked += int(there.present.sum())
        reached += int((there.present & ~_left(model, receiver, there)).sum())
    return reached / asked if asked else float("nan")


def _need_nobody(model: "CoalitionModel") -> float:
    """Share of contributors who can withdraw all that is theirs without another owner."""
    return float((owners_of(model)[1] == 1).mean()) if model.world.users.co_owners.share else 1.0


def _asked(
    model: "CoalitionModel", pull: Callable[[Market, Lever, NDArray[np.integer]], Market], parties: "Iterable[Party]"
) -> dict[str, Holdings]:
    """What those of these parties who acted asked to be taken out by pulling their levers so, by firm, whatever else
    the law made of it."""
    market = model.start
    asked = {firm.name: Holdings.nobody(model.population.contributors) for firm in model.firms}
    for party in parties:
        if not party.campaign.carried_out:
            continue
        after = pull(market, party.campaign.pulled, party.campaign.compliers)
        market = as_asked(model.start, after)
        for name, lost in withdrawn(model.start, after).items():
            asked[name] = asked[name].joined(lost)
    return followed(model, asked)
