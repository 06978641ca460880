"""Agency: what comes of people's wish to take their data back, firm by firm.

Awareness is a trait of people and the law's friction a setting; this is what the two end in.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..ml_tasks.holdings import Holdings
from .law import keeping_weights, withdrawn

if TYPE_CHECKING:
    from .model import CoalitionModel


@dataclass(frozen=True)
class Agency:
    """Of one firm in a round, in contributors."""

    asked_out: int
    """Who asked that their data be taken out: there, or at a firm that passed them on to it."""
    let_out: int
    """Of these, those of whose data nothing that was asked for is held, or in the weights that run."""
    exit_alone: float
    """Probability that what one person took back by themselves would be out of the running weights in this round."""


def agency(model: "CoalitionModel") -> dict[str, Agency]:
    """Look at the round just played, by firm."""
    asked, keeping, law = _asked(model), keeping_weights(model), model.world.law
    found = {}
    for firm in model.firms:
        wanted, position = asked[firm.name], model.market[firm.name]
        # What is wanted and still there: lacking twice is what both have.
        left = [wanted.lacking(wanted.lacking(there)).present for there in (position.holdings, position.deployed)]
        out = wanted.present & ~left[0] & ~left[1]
        goes_through = 1.0 if firm.name in model.world.open_doors else law.opt_out
        alone = 0.0 if law.deletion_delay or firm.name in keeping else goes_through
        found[firm.name] = Agency(int(wanted.present.sum()), int(out.sum()), alone)
    return found


def _asked(model: "CoalitionModel") -> dict[str, Holdings]:
    """What everybody who acted asked to be taken out, by firm, whatever the law made of it."""
    asked = {firm.name: Holdings.nobody(model.population.contributors) for firm in model.firms}
    for coalition in model.coalitions:
        if not coalition.campaign.carried_out:
            continue
        lever, members = coalition.campaign.pulled, coalition.campaign.compliers
        pulled = lever(model.start, members, model.streams("lever", model.round))
        for name, lost in withdrawn(model.start, pulled).items():
            asked[name] = asked[name].joined(lost)
    for firm in model.firms:
        for receiver in firm.settings.passes_on:
            followed = asked[firm.name].only(model.passed_on[receiver])
            asked[receiver] = asked[receiver].joined(followed)
    return asked
