"""Levers: what a coalition's members can do with their data and their custom. `LEVERS` lists them.

A lever maps a market to a market. It touches the data and the use of the members alone, changes nothing in
place, and takes nothing from a source by giving a copy to a rival: data are non-rival. `members` are indices
of users; those beyond the contributors have custom but no data. A lever that is pulled by how much (a `share` of each
member's records, one kind of `records`, only `what` is new) touches that portion, the same records every time; a share
of 1 is the whole lever, a share of 0 nothing.
"""

from collections.abc import Mapping

from .giving import Redirect, RedirectWithDeletion
from .lever import Lever, Members, Nothing, Partly, copied, deleted
from .separately import Separately
from .spoiling import Poison
from .withholding import DeleteAndBoycott, Strike, Unlink

LEVERS: Mapping[str, type[Lever]] = {
    "nothing": Nothing,
    "strike": Strike,
    "delete_and_boycott": DeleteAndBoycott,
    "redirect": Redirect,
    "redirect_with_deletion": RedirectWithDeletion,
    "poison": Poison,
    "unlink": Unlink,
}


def name_of(lever: Lever) -> str:
    """The lever's key in `LEVERS`; separately, where people pulled levers of their own."""
    if isinstance(lever, Separately):
        return "separately"
    return next(name for name, kind in LEVERS.items() if type(lever) is kind)


def label_of(lever: Lever) -> str:
    """What a ballot paper says: the lever, its style and by how much, its target, its rival."""
    how = (getattr(lever, "style", ""), lever.amount if isinstance(lever, Partly) else "")
    told = ", ".join(word for word in how if word)
    words = [name_of(lever) + (f" ({told})" if told else "")]
    words += [f"against {lever.target}"] if lever.target else []
    words += [f"for {lever.rival}"] if lever.rival else []
    return " ".join(words)


__all__ = [
    "LEVERS",
    "DeleteAndBoycott",
    "Lever",
    "Members",
    "Nothing",
    "Partly",
    "Poison",
    "Redirect",
    "RedirectWithDeletion",
    "Separately",
    "Strike",
    "Unlink",
    "copied",
    "deleted",
    "label_of",
    "name_of",
]
