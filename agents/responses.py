"""Responses: what a firm is willing to pay for a threat not to be carried out. `RESPONSES` lists them.

How much of it is paid is up to the bargain (`coalitions.bargains`). A firm never pays for a threat that would do it no
harm, nor more than the harm.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..ml_tasks.settings import Checked, Count, NonNegative, Share


@dataclass(frozen=True)
class Threat:
    """What is lost if the lever is pulled, in money over the rounds for which an agreement would hold."""

    harm: float
    """To the firm: what it would earn less."""
    stderr: float
    """Of the harm; nan with a single training seed: the firm then decides on the harm alone."""
    revenue: float
    """What the firm earns if nothing happens."""
    cost: float = 0.0
    """To the members who would carry it out."""
    acted: int = 0
    """Rounds in a row in which the coalition has acted until now."""

    @property
    def noticeable(self) -> bool:
        """The harm is above its standard error, or above 0 where there is none."""
        return self.harm > (0.0 if math.isnan(self.stderr) else max(self.stderr, 0.0))


class Response(Protocol):
    """Threat -> the most it pays, in money; 0 refuses. What else it does is said by the properties: nothing, unless a
    response says so."""

    @property
    def shuts_out(self) -> bool:
        """Whether people who act against it may no longer use its product in that round."""
        return False

    @property
    def buys_at(self) -> float | None:
        """What it pays for a record of others in place of one that it lost; None buys none."""
        return None

    @property
    def makes(self) -> "Synthesise | None":
        """How it makes up records in place of those that it lost; None makes up none."""
        return None

    @property
    def matches(self) -> bool:
        """Whether it pays as much as a rival offers for the members' data, if losing them to it would cost as much."""
        return False

    @property
    def improves(self) -> "Improve | None":
        """How it sets what it pays people for leaving their records with it; None pays them nothing."""
        return None

    @property
    def adapts(self) -> float:
        """Share of the way that it goes, in a round, to what those who acted against it say they want."""
        return 0.0

    def __call__(self, threat: Threat) -> float: ...


@dataclass(frozen=True)
class Refuse(Response):
    """Never pays."""

    def __call__(self, threat: Threat) -> float:
        return 0.0


@dataclass(frozen=True)
class Concede(Checked, Response):
    """Pays up to a share of the harm that a threat would really do, if it can be told from training noise."""

    share: Share = 0.5
    """Share of the harm that it is willing to pay; 1: all that a threat would cost it."""
    least: Share = 0.0
    """Threats that would cost less than this share of the firm's revenue are not worth an answer."""
    after: Count = 0
    """Rounds in a row in which the coalition must have acted before the firm pays anything."""

    def __call__(self, threat: Threat) -> float:
        worth_it = threat.noticeable and threat.harm >= self.least * threat.revenue
        return self.share * threat.harm if worth_it and threat.acted >= self.after else 0.0


@dataclass(frozen=True)
class Match(Checked, Response):
    """Pays nothing for a threat by itself, but as much as a rival's standing offer, if it can tell from training noise
    that the sale to the rival would cost it as much. An outside option, not the impasse, sets the price [BRW86]."""

    share: Share = 0.0
    """Share of the harm that it is willing to pay for a threat's not being carried out, where no rival offers more."""

    @property
    def matches(self) -> bool:
        return True

    def __call__(self, threat: Threat) -> float:
        return self.share * threat.harm if threat.noticeable else 0.0


@dataclass(frozen=True)
class Retaliate(Response):
    """Never pays, and lets nobody who acts against it use its product in that round."""

    @property
    def shuts_out(self) -> bool:
        return True

    def __call__(self, threat: Threat) -> float:
        return 0.0


@dataclass(frozen=True)
class Replace(Checked, Response):
    """Buys others' data in place of those that it loses; pays up to a share of what a threat would still cost it."""

    price: NonNegative = 0.01
    """Money for a record. Whoever has no data with it and takes no part sells."""
    share: Share = 0.0
    """Share of the harm that it is willing to pay for the threat not to be carried out; what it would spend on data is
    part of the harm."""

    @property
    def buys_at(self) -> float | None:
        return self.price

    def __call__(self, threat: Threat) -> float:
        return self.share * threat.harm if threat.noticeable else 0.0


@dataclass(frozen=True)
class Synthesise(Checked, Response):
    """Trains on synthetic records in place of those that it loses, drawn from those that it still holds; pays up to a
    share of what a threat would still cost it.

    A smoothed bootstrap [SY87], with words left out of texts [WZ19]: each record held gives at most one, of the same
    label or film, moved a little. They are made anew whenever the firm retrains, never from made-up ones: what that
    does to a model [SSZPAG24] is not shown here.
    """

    price: NonNegative = 0.001
    """What making up a record costs it, in money, each time; nobody is paid."""
    noise: Share = 0.1
    """Standard deviation of what is added to a rating or a pixel, as a share of the way from lowest to highest; share
    of the words left out of a text."""
    share: Share = 0.0
    """Share of the harm that it is willing to pay for the threat not to be carried out; what it would spend on records
    is part of the harm."""

    @property
    def makes(self) -> "Synthesise | None":
        return self

    def __call__(self, threat: Threat) -> float:
        return self.share * threat.harm if threat.noticeable else 0.0


@dataclass(frozen=True)
class Adapt(Checked, Response):
    """Never pays, but moves its positions, for good, towards what those who acted against it say they want.

    It learns that from the purposes and demands of coalitions; of people who act on their own it learns nothing
    (`signals`).
    """

    step: Share = 0.25
    """Share of the distance that it goes in a round."""

    @property
    def adapts(self) -> float:
        return self.step

    def __call__(self, threat: Threat) -> float:
        return 0.0


@dataclass(frozen=True)
class Improve(Checked, Response):
    """Pays no coalition, but everybody whose records it has, for leaving them there: better terms each time that
    records are taken from it. Nobody negotiates them; in round 1 there are none."""

    step: NonNegative = 0.001
    """By how much it raises what it pays for a record and round after a round in which records were taken from it, in
    money."""
    most: NonNegative = 0.01
    """The most that it pays for a record and round, in money."""
    fall: NonNegative = 0.0
    """By how much it lowers what it pays after a round in which none were, in money; 0: what it once pays it goes on
    paying."""

    @property
    def improves(self) -> "Improve | None":
        return self

    def next(self, terms: float, taken: bool) -> float:
        """What it pays for a record in the next round, in money, given what it pays in this one."""
        return min(terms + self.step, self.most) if taken else max(terms - self.fall, 0.0)

    def __call__(self, threat: Threat) -> float:
        return 0.0


RESPONSES: Mapping[str, type[Response]] = {
    "refuse": Refuse,
    "concede": Concede,
    "match": Match,
    "retaliate": Retaliate,
    "replace": Replace,
    "synthesise": Synthesise,
    "improve": Improve,
    "adapt": Adapt,
}
