"""Rules by which people look at others, or at what they themselves would have of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ...ml_tasks.settings import Checked, NonNegative, Positive, Share
from .prospects import Floats, Prospects, only


@dataclass(frozen=True)
class Threshold:
    """Join once enough of the people around have joined [G78], if the purpose is not against one's own."""

    aligned_only: bool = True
    """Whether people stay out of coalitions whose purpose is against their own (alignment below 0)."""

    def __call__(self, prospects: Prospects) -> Floats:
        # Compared with a tolerance: 30 of 100 people are a share of .3, however it was added up.
        enough = (prospects.peers >= prospects.threshold[:, None] - 1e-9) & prospects.open
        if self.aligned_only:
            enough &= prospects.alignment >= 0
        return np.where(enough, prospects.peers + prospects.alignment, np.nan)


@dataclass(frozen=True)
class Payoff(Checked):
    """Join if being a member leaves one better off than not [Riker & Ordeshook 1968; Olson 1965].

    Marginal: only what changes for this person if they join counts. Weights are in money; what effort and lost service
    are worth is in `users.hardship`.
    """

    alignment: NonNegative = 0.1
    """What full agreement with a coalition's purpose is worth to a person, in money."""
    peers: NonNegative = 0.5
    """What it is worth to a person that everybody around them is in the coalition, in money."""
    satisfaction: NonNegative = 0.0
    """What full satisfaction with the service that a coalition acts against is worth as a reason to stay out, to people
    who use it, in money."""

    def gain(self, prospects: Prospects) -> Floats:
        """What being a member adds for each person, (users, coalitions), in money; -inf where they may not be."""
        gain = (
            prospects.excludable()
            + prospects.public
            + self.alignment * prospects.alignment
            + self.peers * prospects.peers
            - prospects.service_lost
            - prospects.exposure
            - prospects.cost()
            - prospects.dues
        )
        if self.satisfaction:
            gain = gain - self.satisfaction * prospects.satisfaction()
        return np.where(prospects.open, gain, -np.inf)

    def __call__(self, prospects: Prospects) -> Floats:
        gain = self.gain(prospects)
        return np.where(gain > 0, gain, np.nan)


@dataclass(frozen=True)
class BestResponse(Payoff):
    """Choose what is best given what the others did last, by the payoff above; some people at a time, with slips.

    Of whoever reconsiders, each coalition and staying out are chosen with probabilities proportional to
    exp(payoff / noise), staying out being worth 0 [B93]: without noise, the best. So is each set of coalitions that
    allow others, by the sum of their payoffs. With everybody reconsidering and no noise this is `payoff`; where all do,
    people who answer the same past may swing to and fro together.
    """

    noise: NonNegative = 0.05
    """Spread of what is not modelled, in money; 0: everybody takes the best."""
    reconsidering: Share = 0.2
    """Probability that a person reconsiders in a round; the others stay where they are."""

    def __call__(self, prospects: Prospects) -> Floats:
        gain, exclusive = self.gain(prospects), prospects.exclusive
        # First any set of those that allow others, none of them included: staying out wins a tie.
        options = np.column_stack([self._any(gain[:, ~exclusive]), gain[:, exclusive]])
        best = options.argmax(axis=1) if self.noise == 0 else self._logit(options, prospects.draw("choice"))
        there = np.empty(gain.shape, dtype=bool)
        there[:, exclusive] = best[:, None] == np.arange(1, options.shape[1])
        for place in np.flatnonzero(~exclusive):
            there[:, place] = (best == 0) & self._joins(gain[:, place], prospects, int(place))
        moves = prospects.draw("reconsidering") < self.reconsidering
        return only(np.where(moves[:, None], there, prospects.member))

    def _any(self, gain: Floats) -> Floats:
        """What choosing any set of coalitions is worth, (users,), `gain` being what each adds, (users, coalitions):
        noise times the log of the sum over sets of exp(payoff / noise); without noise that of the best."""
        if self.noise == 0:
            return np.asarray(np.maximum(gain, 0.0).sum(axis=1))
        return np.asarray(self.noise * np.logaddexp(0.0, gain / self.noise).sum(axis=1))

    def _joins(self, gain: Floats, prospects: Prospects, place: int) -> NDArray[np.bool_]:
        """Whether one of them is in the set that is chosen: given that a set is, of each by itself."""
        if self.noise == 0:
            return gain > 0
        return np.asarray(prospects.draw(f"choice of {place}") < expit(gain / self.noise))

    def _logit(self, options: Floats, draw: Floats) -> NDArray[np.int_]:
        weight = np.exp((options - options.max(axis=1, keepdims=True)) / self.noise)
        edges = weight.cumsum(axis=1)
        place = (draw[:, None] * edges[:, -1:] >= edges).sum(axis=1)
        return np.asarray(np.minimum(place, options.shape[1] - 1))


@dataclass(frozen=True)
class Imitation(Checked):
    """Look at one of the people around and do as they do, the likelier the better off they are [TNP06]: be in what they
    are in, as far as it would take one.

    The probability is 1 / (1 + exp(-(theirs - mine) / noise)), of what each had of the last round in money: a member
    what members with as many records were paid, less dues, effort, service lost and exposure; anybody else 0. As noise
    grows, people copy whoever they look at every other time, as in the voter model [HL75]; as it falls, only who does
    better.
    """

    noise: Positive = 0.05
    """How little a difference counts, in money."""

    def __call__(self, prospects: Prospects) -> Floats:
        had = self._had(prospects)
        other = prospects.network.one_each(prospects.draw("whom"))
        ahead = np.where(other >= 0, had[other] - had, -np.inf)  # nobody to look at: nothing to copy
        with np.errstate(over="ignore"):
            copies = prospects.draw("copies") < 1 / (1 + np.exp(-ahead / self.noise))
        theirs = prospects.member[other]
        there = theirs & prospects.open
        copies &= there.any(axis=1) | ~theirs.any(axis=1)
        return only(np.where(copies[:, None], there, prospects.member))

    def _had(self, prospects: Prospects) -> Floats:
        """What each person had of the last round, (users,)."""
        earned = (
            prospects.excludable() - prospects.service_lost - prospects.exposure - prospects.cost() - prospects.dues
        )
        return np.asarray(np.where(prospects.member, earned, 0.0).sum(axis=1))
