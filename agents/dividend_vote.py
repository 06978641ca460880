"""Dividend vote: members choose by what means the pot is shared out, each for what would pay them more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..valuation.dividends import Dividend, pay
from .voting import electorate

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LastPot:
    """What was shared out last, and on what grounds."""

    amount: float
    """Without the public share, in money."""
    worth: Floats
    """Of each person's data, (users,)."""
    records: Floats
    """Of each person, (users,)."""


def elect_dividend(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Where the charter lets members vote on the dividend, and it is time: by the charter's rule, on the last pot.

    A ballot rates each dividend by what it would have paid this member of the last pot, less what the one in force
    would have, as a share of an equal payout. Those who vote are those who turn out; a tie keeps the one in force.
    """
    agenda, last = coalition.charter.agenda, coalition.last_pot
    if not agenda.dividends or last is None or model.round < coalition.dividend_voted + agenda.dividend_term:
        return
    members = coalition.members
    others = [design for design in (coalition.charter.dividend, *agenda.dividends) if design != coalition.dividend]
    options = [coalition.dividend, *dict.fromkeys(others)]
    payouts = np.stack([_payouts(coalition, last, design) for design in options], axis=1)
    ballots = (payouts - payouts[:, :1]) / (last.amount / max(len(members), 1))
    ballots[coalition.draws("turnout on the dividend") >= model.population.turnout[members]] = np.nan
    weights = coalition.charter.voting_power(electorate(model, coalition))
    outcome = coalition.charter.rule(ballots, weights, model.streams("dividend vote", model.round, coalition.name))
    coalition.dividend, coalition.dividend_voted = options[outcome.winner], model.round


def _payouts(coalition: "Coalition", last: LastPot, design: Dividend) -> Floats:
    members, least = coalition.members, coalition.charter.minimum_payout
    return pay(design, last.worth[members], last.amount, last.records[members], least).payouts
