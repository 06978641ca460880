"""datacoalition: simulate how the public can govern AI through its data.

>>> import datacoalition as dc
>>> result = dc.run(dc.load("quickstart"), rounds=2)     # doctest: +SKIP
>>> result.leverage                                      # doctest: +SKIP

Names are imported when they are first used, so that a small job does not load torch or Mesa.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agents.model import CoalitionModel
    from .agents.world import World
    from .coalitions.axioms import AXIOMS
    from .coalitions.charter import Charter
    from .coalitions.levers import LEVERS
    from .coalitions.margins import margin
    from .coalitions.position import Position
    from .coalitions.procedures import PROCEDURES
    from .coalitions.rules import RULES
    from .ml_tasks.holdings import Holdings
    from .ml_tasks.retrainer import Retrainer
    from .ml_tasks.settings import InputError
    from .ml_tasks.store import ScoreStore
    from .ml_tasks.tasks import TASKS
    from .scenarios.branching.branch import Branched, branch
    from .scenarios.files import library, load
    from .scenarios.logbook import Result
    from .scenarios.run import run
    from .scenarios.schema import Scenario
    from .scenarios.sweeps.result import SweepResult
    from .scenarios.sweeps.sweep import sweep
    from .valuation.claims import Claims
    from .valuation.comparison import Comparison, Estimation, Money, compare_dividends
    from .valuation.decomposition import income_change, median_ratios, theil_by_group
    from .valuation.dividends import DIVIDENDS
    from .valuation.game import RetrainingUtility, value_groups
    from .valuation.inequality import atkinson, gini, hoover, lorenz, rsv, theil, top_share
    from .valuation.leverage import dlp_contribution, dlp_strike, dlp_transfer
    from .valuation.methods import METHODS, values
    from .valuation.methods.influence import influence
    from .valuation.methods.knn_shapley import knn_shapley
    from .valuation.noise import reliability
    from .valuation.players import Family
    from .valuation.summed import summed
    from .valuation.utility import UtilityTable
    from .valuation.values import Values

__version__ = "0.1.0"

_HOMES = {
    "agents.model": ("CoalitionModel",),
    "agents.world": ("World",),
    "coalitions.axioms": ("AXIOMS",),
    "coalitions.charter": ("Charter",),
    "coalitions.levers": ("LEVERS",),
    "coalitions.margins": ("margin",),
    "coalitions.position": ("Position",),
    "coalitions.procedures": ("PROCEDURES",),
    "coalitions.rules": ("RULES",),
    "ml_tasks.holdings": ("Holdings",),
    "ml_tasks.retrainer": ("Retrainer",),
    "ml_tasks.settings": ("InputError",),
    "ml_tasks.store": ("ScoreStore",),
    "ml_tasks.tasks": ("TASKS",),
    "scenarios.branching.branch": ("Branched", "branch"),
    "scenarios.files": ("library", "load"),
    "scenarios.logbook": ("Result",),
    "scenarios.run": ("run",),
    "scenarios.schema": ("Scenario",),
    "scenarios.sweeps.result": ("SweepResult",),
    "scenarios.sweeps.sweep": ("sweep",),
    "valuation.claims": ("Claims",),
    "valuation.comparison": ("Comparison", "Estimation", "Money", "compare_dividends"),
    "valuation.decomposition": ("income_change", "median_ratios", "theil_by_group"),
    "valuation.dividends": ("DIVIDENDS",),
    "valuation.game": ("RetrainingUtility", "value_groups"),
    "valuation.inequality": ("atkinson", "gini", "hoover", "lorenz", "rsv", "theil", "top_share"),
    "valuation.leverage": ("dlp_contribution", "dlp_strike", "dlp_transfer"),
    "valuation.methods": ("METHODS", "values"),
    "valuation.methods.influence": ("influence",),
    "valuation.methods.knn_shapley": ("knn_shapley",),
    "valuation.noise": ("reliability",),
    "valuation.players": ("Family",),
    "valuation.summed": ("summed",),
    "valuation.utility": ("UtilityTable",),
    "valuation.values": ("Values",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AXIOMS",
    "DIVIDENDS",
    "LEVERS",
    "METHODS",
    "PROCEDURES",
    "RULES",
    "TASKS",
    "Branched",
    "Charter",
    "Claims",
    "CoalitionModel",
    "Comparison",
    "Estimation",
    "Family",
    "Holdings",
    "InputError",
    "Money",
    "Position",
    "Result",
    "Retrainer",
    "RetrainingUtility",
    "Scenario",
    "ScoreStore",
    "SweepResult",
    "UtilityTable",
    "Values",
    "World",
    "__version__",
    "atkinson",
    "branch",
    "compare_dividends",
    "dlp_contribution",
    "dlp_strike",
    "dlp_transfer",
    "gini",
    "hoover",
    "income_change",
    "influence",
    "knn_shapley",
    "library",
    "load",
    "lorenz",
    "margin",
    "median_ratios",
    "reliability",
    "rsv",
    "run",
    "summed",
    "sweep",
    "theil",
    "theil_by_group",
    "top_share",
    "value_groups",
    "values",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
