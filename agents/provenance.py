"""Provenance: data that firms pass on to others, and withdrawals that follow them.

When a round begins, a firm passes on all that it then has but what arrives in that very round: its data of the start,
records that have arrived since, copies that it was given and keeps, and what was passed on to itself. What it buys or
makes up it has for a round alone, and does not pass on. Who got data keeps them, whatever becomes of them where they
came from, unless a withdrawal follows them (`law.provenance`). Records withheld for good in the round in which they
would arrive were never there to be passed on.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import Portion

if TYPE_CHECKING:
    from .firm import Firm
    from .model import CoalitionModel
    from .party import Party

Link = tuple[str, str]
"""Who passes on to whom."""


def received(model: "CoalitionModel", before: Portion, actors: "Iterable[Party]") -> dict[str, Holdings]:
    """What each firm that gets data from others has of them when a round begins, given which records have arrived
    before it and who has ever acted."""
    handed, found = _handed(model, before, list(actors)), dict[str, Holdings]()
    for sender, receiver in _links(model):
        found[receiver] = found[receiver].joined(handed[sender]) if receiver in found else handed[sender]
    return found


def passed_on(model: "CoalitionModel", before: Portion) -> dict[Link, Holdings]:
    """What each receiver has from a sender that it has not by itself, nor was given by the people, when a round
    begins."""
    handed, found = _handed(model, before, model.parties), {}
    for sender, receiver in _links(model):
        found[sender, receiver] = handed[sender].lacking(model.own[receiver])
        for copies in copies_of(model, receiver, model.parties):
            found[sender, receiver] = found[sender, receiver].lacking(copies)
    return found


def followed(
    model: "CoalitionModel", lost: Mapping[str, Holdings], senders: "Iterable[Firm] | None" = None
) -> dict[str, Holdings]:
    """What is withdrawn, by product, once withdrawals from these firms, or from all, have followed the data."""
    reached, names = dict(lost), {firm.name for firm in (model.firms if senders is None else senders)}
    for _ in model.firms:  # as often as a chain may be long
        for sender, receiver in _links(model):
            if sender in names:
                both = in_both(model.passed_on[sender, receiver], reached[sender])
                reached[receiver] = reached[receiver].joined(both)
    return reached


def in_both(one: Holdings, other: Holdings) -> Holdings:
    """What both have."""
    return one.lacking(one.lacking(other))


def _links(model: "CoalitionModel") -> Iterator[Link]:
    for firm in model.firms:
        for receiver in firm.settings.passes_on:
            yield firm.name, receiver


def _handed(model: "CoalitionModel", before: Portion, actors: "list[Party]") -> dict[str, Holdings]:
    """What each firm has passed on by the start of a round, if it passes on anything."""
    handed = {}
    for name, own in model.own.items() if any(_links(model)) else ():
        handed[name] = own.limited(before)
        for coalition in actors:
            if name in coalition.kept_back:
                handed[name] = handed[name].lacking(coalition.kept_back[name])
        for copies in copies_of(model, name, actors):
            handed[name] = handed[name].joined(copies)
    for _ in model.firms:
        for sender, receiver in _links(model):
            handed[receiver] = handed[receiver].joined(handed[sender])
    return handed


def copies_of(model: "CoalitionModel", name: str, actors: "Iterable[Party]") -> Iterator[Holdings]:
    """What a firm keeps of what each of these gave it."""
    for coalition in actors:
        if model.law.copies == "kept" and name in coalition.copies:
            yield coalition.copies[name]
