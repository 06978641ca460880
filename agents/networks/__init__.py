"""Social networks: who is around whom. `NETWORKS` lists them.

Every network is drawn whole, as arrays, so that who is around whom depends on how many people there are; being
around somebody is mutual, and nobody is around themselves.
"""

from collections.abc import Mapping

from .drawn import Random, ScaleFree, StochasticBlock
from .edge_list import EdgeList
from .network import Neighbours, Network, People
from .regular import Complete, NoTies, Ring, SmallWorld

NETWORKS: Mapping[str, type[Network]] = {
    "complete": Complete,
    "none": NoTies,
    "ring": Ring,
    "small_world": SmallWorld,
    "random": Random,
    "scale_free": ScaleFree,
    "stochastic_block": StochasticBlock,
    "edge_list": EdgeList,
}

__all__ = [
    "NETWORKS",
    "Complete",
    "EdgeList",
    "Neighbours",
    "Network",
    "NoTies",
    "People",
    "Random",
    "Ring",
    "ScaleFree",
    "SmallWorld",
    "StochasticBlock",
]
