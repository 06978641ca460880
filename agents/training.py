"""Training: what a firm trains on where its contributors vote on it.

Those vote whose data the firm had at the end of the round before, all of them, on the market as it was then. A person
looks at the service that they get with each choice, read from real retraining, and at whether weights are fitted on
their records, by the weights of `users.vote_weights`: `service`, and `exposure`, which here counts weights alone, since
what a firm holds it holds either way. Of other people's exposure, of money and of leverage they think nothing. What is
voted out is not trained on; it is held still. Where a firm keeps old weights, they may go on running: a vote deletes
nothing.

Voting is held anew in every round in which it has to be. Several ballots are held one after the other: each is against
what won the one before.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.ballots import rate
from ..coalitions.inclusions import Inclusion
from ..coalitions.position import Market
from ..coalitions.training import TrainingBallot

if TYPE_CHECKING:
    from .firm import Firm
    from .model import CoalitionModel


def elected(model: "CoalitionModel", firm: "Firm", ballots: Iterable[TrainingBallot]) -> Inclusion:
    """The rule by which a firm says whose data it trains on, once its contributors have voted; its own without a
    ballot, or anybody to vote."""
    chosen = firm.settings.includes
    voters = np.flatnonzero(model.market[firm.name].holdings.present)
    for ballot in ballots:
        options = [chosen, *(option for option in ballot.options if option != chosen)]
        lots = model.streams("training vote", model.round, firm.name)
        chosen = options[ballot.rule(preferences(model, firm, options)[voters], None, lots).winner]
    return chosen


def preferences(model: "CoalitionModel", firm: "Firm", options: Sequence[Inclusion]) -> NDArray[np.float64]:
    """What each contributor makes of each of these rules, (contributors, options), against the first."""
    people = model.population
    markets = [training_by(model, model.market, firm, option) for option in options]
    model.experience.retrain(*markets)
    served = np.stack([model.experience.mean_service(market, people.service) for market in markets], axis=1)
    served = served[: people.contributors]
    trained = np.stack([market[firm.name].deployed.present for market in markets], axis=1).astype(float)
    unweighed = np.zeros(served.shape)
    weights = model.world.users.vote_weights
    return rate(unweighed, unweighed, unweighed, served[:, :1] - served, weights, exposure=trained)


def training_by(model: "CoalitionModel", market: Market, firm: "Firm", includes: Inclusion) -> Market:
    """The market once a firm has retrained on those of its data that a rule takes in."""
    position = market[firm.name]
    used = firm.trains_on(position.holdings, position.arrived, includes)
    return {**market, firm.name: position.redeployed("retrained", used)}
