"""Arms known by name: institutions that any comparison needs beside its own. `NULLS` lists them."""

from collections.abc import Mapping
from typing import Any

NULLS: Mapping[str, Mapping[str, Any]] = {
    "no_coalitions": {"coalitions": []},  # the same people and firms, and nobody organised
}
"""Settings by dotted path, for each name that an arm may have in place of settings of its own."""
