"""Dividend vote: members choose how their pot is shared out, each for what would pay them more.

Three questions, one after the other: by which method data are valued, by which dividend values become payouts, and
how much is for all people alike. Each is put with what is in force for the others, the answers just given included,
so that the order may matter: a bundle that a majority would like better may never be voted on. Where no question but
one is left open this is the ordinary vote on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..valuation.dividends import Dividend, pay
from ..valuation.methods import Method
from .pricing import note
from .voting import electorate

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LastPot:
    """What was shared out last, and on what grounds."""

    amount: float
    """With the public share, in money."""
    worth: Mapping[Method, Floats]
    """Of each person's data by each method that members may vote for, (users,)."""
    records: Floats
    """Of each person, (users,)."""


@dataclass(frozen=True)
class Design:
    """How a pot is shared out."""

    method: Method
    dividend: Dividend
    public_share: float


def elect_dividend(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Where the charter lets members vote on how a pot is shared out, and it is time: by the charter's rule, on the
    last pot.

    A ballot rates each option by what it would have paid this member of the last pot, the member's own part of the
    public share included, less what is in force would have, as a share of an equal split of the pot. Those who vote
    are those who turn out; without a vote, or in a tie, what is in force stays.
    """
    agenda, last = coalition.charter.agenda, coalition.last_pot
    open_to_vote = agenda.methods or agenda.dividends or agenda.public_shares
    if not open_to_vote or last is None or model.round < coalition.dividend_voted + agenda.dividend_term:
        return
    charter, before = coalition.charter, coalition.method
    _elect(model, coalition, last, "method", (model.world.valuation.method, *agenda.methods))
    _elect(model, coalition, last, "dividend", (charter.dividend, *agenda.dividends))
    _elect(model, coalition, last, "public_share", (charter.public_share, *agenda.public_shares))
    coalition.dividend_voted = model.round
    if coalition.method != before:
        note(model, model.prices[coalition.target][coalition.method][-1], coalition)


def _elect(
    model: "CoalitionModel", coalition: "Coalition", last: LastPot, question: str, listed: Sequence[Any]
) -> None:
    """One vote: on a field of the design, between what is in force and what else is listed."""
    now = Design(coalition.method, coalition.dividend, coalition.public_share)
    options = list(dict.fromkeys((getattr(now, question), *listed)))
    if len(options) == 1:
        return
    members, people = coalition.members, model.population
    designs = [replace(now, **{question: option}) for option in options]
    payouts = np.stack([_payouts(coalition, last, design) for design in designs], axis=1)
    # Apart from payouts, so that what is the same for everybody does not round away what is not.
    public = np.array([design.public_share - now.public_share for design in designs]) * last.amount / people.n
    # Rounded, so that what pays the same but for the last bits of a float is a tie.
    ballots = np.round((payouts - payouts[:, :1] + public) / (last.amount / max(len(members), 1)), 9)
    ballots[coalition.draws("turnout on the dividend") >= people.turnout[members]] = np.nan
    weights = coalition.charter.voting_power(electorate(model, coalition))
    draws = model.streams(_STREAMS[question], model.round, coalition.name)
    chosen: Any = options[coalition.charter.rule(ballots, weights, draws).winner]
    setattr(coalition, question, chosen)


_STREAMS = {"method": "method vote", "dividend": "dividend vote", "public_share": "public share vote"}


def _payouts(coalition: "Coalition", last: LastPot, design: Design) -> Floats:
    """To each member, without their part of the public share, (members,)."""
    members, least = coalition.members, coalition.charter.minimum_payout
    worth, amount = last.worth[design.method][members], last.amount - design.public_share * last.amount
    return pay(design.dividend, worth, amount, last.records[members], least).payouts
