"""Responses: what a firm answers to a threat. `RESPONSES` lists them.

A response pays an amount, or nothing; it never pays for a threat that would do it no harm.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..ml_tasks.settings import Checked, Share


@dataclass(frozen=True)
class Threat:
    """What the firm would lose if the lever were pulled, in money for this round."""

    harm: float
    stderr: float
    """nan with a single training seed: the firm then decides on the harm alone."""
    revenue: float
    """What the firm earns this round if nothing happens, in money."""

    @property
    def noticeable(self) -> bool:
        """The harm is above its standard error, or above 0 where there is none."""
        return self.harm > (0.0 if math.isnan(self.stderr) else max(self.stderr, 0.0))


class Response(Protocol):
    """Threat -> payment, in money; 0 refuses."""

    def __call__(self, threat: Threat) -> float: ...


@dataclass(frozen=True)
class Refuse:
    """Never pays."""

    def __call__(self, threat: Threat) -> float:
        return 0.0


@dataclass(frozen=True)
class Concede(Checked):
    """Pays a share of the harm that a threat would really do, if it can be told from training noise."""

    share: Share = 0.5
    """Share of the harm that is paid."""
    least: Share = 0.0
    """Threats that would cost less than this share of the firm's revenue are not worth an answer."""

    def __call__(self, threat: Threat) -> float:
        worth_it = threat.noticeable and threat.harm >= self.least * threat.revenue
        return self.share * threat.harm if worth_it else 0.0


RESPONSES: Mapping[str, type[Response]] = {"refuse": Refuse, "concede": Concede}
