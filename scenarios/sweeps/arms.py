"""Arms known by name: institutions that any comparison needs beside its own. `NULLS` lists them.

Each applies to every coalition of the scenario, whatever else a point sets there; what the others do not change is the
same in all arms, so that a difference is due to who decides.
"""

from collections.abc import Mapping
from typing import Any

from ...coalitions.deciders import DECIDERS

NULLS: Mapping[str, Mapping[str, Any]] = {
    "no_coalition": {"coalitions": []},  # the same people and firms, and nobody organised
    **{name: {"coalitions.*.charter.decides": {"kind": name}} for name in DECIDERS},
}
"""Settings by dotted path, for each name that an arm may have in place of settings of its own."""
