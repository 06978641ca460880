"""Action: markets before, after and without the levers of a round.

Levers are pulled in the order in which the coalitions decide. Where somebody is in several, what two of them take from
a firm is gone once; what one takes from a firm and another gives to its rival is taken and given. A record that several
people own goes once enough of them have asked, in whatever campaigns; where withdrawals are delayed or for good, it
then counts to the campaign of the last of them. Of contrary acts on a person's records at one firm (deleted for one
coalition, given or spoiled for another) the later stands. An agreement binds the coalition, not its members in what
they do for another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Market, Position
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import NOTHING, Portion
from .agreements import closed
from .co_ownership import as_asked, pulled
from .enforcement import corrected, found_out, retaining
from .law import carried_out, lawful, withdrawn
from .provenance import received
from .replacement import replaced

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel


def before_levers(model: "CoalitionModel", only: "Iterable[Coalition] | None" = None) -> Market:
    """The market at the start of a round: the data of whoever struck are back, copies that were given stay.

    A lever works for one round and is pulled anew if it is voted for anew: people who strike go on using the
    service. What was withheld for good stays away. With `only` some coalitions: as if no other had ever acted.
    """
    market: dict[str, Position] = {}
    arrived, fresh = arrivals(model)
    actors = model.coalitions if only is None else list(only)
    got = received(model, arrived - fresh, actors)
    for i, firm in enumerate(model.firms):
        holdings = model.own[firm.name].limited(arrived)
        if firm.name in got:
            holdings = holdings.joined(got[firm.name])
        for coalition in actors:
            if firm.name in coalition.withheld:
                holdings = holdings.lacking(coalition.withheld[firm.name])
        for coalition in actors:
            if model.law.copies == "kept" and firm.name in coalition.copies:
                holdings = holdings.joined(coalition.copies[firm.name])
        served = model.population.service == i
        running = _running(model, firm.name, firm.trains_on(holdings, arrived))
        market[firm.name] = Position(holdings, running, served, np.zeros_like(served), arrived, fresh)
    return closed(model, market)


def _running(model: "CoalitionModel", firm: str, used: Holdings) -> Holdings:
    """What a firm's weights were fitted on at the start of a round: what it uses then, unless data that went for good
    are in weights that it keeps."""
    if model.world.users.flow.returns or model.round == 0 or firm not in retaining(model):
        return used
    last = model.market[firm].deployed
    return used if used.unlike(last).any() else last


def arrivals(model: "CoalitionModel") -> tuple[Portion, Portion]:
    """Which of people's records exist by now, this round's included; and which of them are this round's."""
    stock, rounds = model.world.users.flow.stock, model.world.rounds
    since, until = (stock + (1 - stock) * min(max(r, 0) / rounds, 1.0) for r in (model.round - 1, model.round))
    return Portion.of(until=until), Portion.of(since=since, until=until) if model.round > 0 else NOTHING


def earlier(model: "CoalitionModel") -> Portion:
    """Which of people's records arrived before this round."""
    arrived, fresh = arrivals(model)
    return arrived - fresh


def after(model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer]) -> Market:
    """The market after these members pulled a lever and the firms retrained; nothing is changed in place."""
    return _retrained(model, _reacted(model, lever, members, market, _lawfully(model, lever, members, market)))


def at_first(model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer]) -> Market:
    """The same in the rounds in which withdrawals that were asked for have not yet been carried out."""
    asked = lawful(model, market, pulled(model, market, lever, members), granted={})
    return _retrained(model, _reacted(model, lever, members, market, asked))


def in_turn(model: "CoalitionModel") -> "list[Coalition]":
    """The coalitions in the order in which they decide in this round."""
    coalitions = list(model.coalitions)
    if model.world.turns == "drawn":
        order = model.streams("turns", model.round).permutation(len(coalitions))
        return [coalitions[place] for place in order]
    return coalitions


def seen_by(model: "CoalitionModel", earlier: "Iterable[Coalition]") -> Market:
    """The market that a coalition decides on: that of the start of the round, or what those whose turn came before
    left of it."""
    if model.world.turns == "at_once":
        return model.start
    market = model.start
    for coalition in earlier:
        market = _pulled_by(model, coalition, market)
    return _retrained(model, market)


def afterwards(
    model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer], gone: bool = True
) -> Market:
    """The market once such a campaign is over: data that were withdrawn are back, unless they are `gone` for good, and
    copies stay where the law lets them. Before the law's delay is over, withdrawn data are not gone yet.

    Whom it drove to another firm is not in it: that is up to the people.
    """
    left = dict(market)
    if gone and not model.world.users.flow.returns:
        lost_for_good = withdrawn(model.start, _lawfully(model, lever, members, as_asked(model.start, market)))
        for name, lost in lost_for_good.items():
            left[name] = left[name].holding(left[name].holdings.lacking(lost))
    if model.law.copies == "kept":
        for name, given in _given(model, lever, members).items():
            left[name] = left[name].holding(left[name].holdings.joined(given))
    return _retrained(model, left)


def pull(model: "CoalitionModel") -> Market:
    """All coalitions whose threats were refused act, and the firms retrain on what is left, before the law looks at
    those that keep old weights."""
    market, law = closed(model, model.start), model.law
    model.bought, asked = {}, model.start
    for coalition in in_turn(model):
        if law.deletion_delay:
            campaign = coalition.campaign
            then = pulled(model, asked, campaign.pulled, campaign.compliers)
            asked = as_asked(model.start, then)
            due = coalition.due.setdefault(model.round + law.deletion_delay, {})
            _add(due, carried_out(model, withdrawn(model.start, then)))
        before, market = market, _pulled_by(model, coalition, market)
        _note_purchase(model, coalition, before, market)
    return _retrained(model, market)


def _note_purchase(model: "CoalitionModel", coalition: "Coalition", before: Market, after: Market) -> None:
    target = coalition.campaign.pulled.target
    if target and model.firm(target).settings.response.buys_at is not None:
        new = coalition.campaign.replaced = after[target].holdings.lacking(before[target].holdings)
        earlier = model.bought.get(target)
        model.bought[target] = new if earlier is None else earlier.joined(new)


def remember(model: "CoalitionModel") -> None:
    """Keep account of what lasts: copies, where the law lets rivals keep them, and what was withheld for good.

    Called when the round has been measured: until then the round began without it.
    """
    start = model.start
    for coalition in in_turn(model):
        did = coalition.campaign.pulled, coalition.campaign.compliers
        if not model.world.users.flow.returns:
            after_it = _pulled_by(model, coalition, start)
            gone = withdrawn(model.start, after_it)
            _add(coalition.withheld, gone)
            _add(coalition.kept_back, {name: lost.limited(model.start[name].fresh) for name, lost in gone.items()})
            start = as_asked(model.start, after_it)
        if model.law.copies == "kept":
            _add(coalition.copies, _given(model, *did))
        else:
            coalition.copies.clear()


def _add(kept: dict[str, Holdings], more: Mapping[str, Holdings]) -> None:
    for name, holdings in more.items():
        if holdings.present.any():
            kept[name] = kept[name].joined(holdings) if name in kept else holdings


def without_campaign(model: "CoalitionModel", coalition: "Coalition") -> Market:
    """This round as it would have been had the coalition never acted; the same people are served."""
    return with_only(model, [other for other in model.coalitions if other is not coalition])


def with_only(model: "CoalitionModel", coalitions: "Sequence[Coalition]") -> Market:
    """This round as it would have been had no other coalition ever acted; the same people are served."""
    market = before_levers(model, coalitions)
    for coalition in (other for other in in_turn(model) if other in coalitions):
        market = _pulled_by(model, coalition, market)
    retrained = corrected(model, _retrained(model, market), found_out(model))
    return {name: replace(position, served=model.market[name].served) for name, position in retrained.items()}


def _given(model: "CoalitionModel", lever: Lever, members: NDArray[np.integer]) -> dict[str, Holdings]:
    """What a lever gives to each product: what is there after it was pulled on firms that had nothing."""
    nothing = {name: position.emptied() for name, position in model.start.items()}
    market = lever(nothing, members, model.streams("lever", model.round))
    return {name: position.holdings for name, position in market.items()}


def _pulled_by(model: "CoalitionModel", coalition: "Coalition", market: Market) -> Market:
    lever, members = coalition.campaign.pulled, coalition.campaign.compliers
    granted = _granted(model, coalition, market)
    return _reacted(model, lever, members, market, _lawfully(model, lever, members, market, granted))


def _granted(model: "CoalitionModel", coalition: "Coalition", market: Market) -> Mapping[str, Holdings] | None:
    """Withdrawals that are carried out in this round, on that market; None: just those that are asked for in it."""
    if model.law.deletion_delay or not coalition.pending:
        return coalition.pending if model.law.deletion_delay else None
    # The law knows no delay any more: what it put off before comes beside what is asked for now.
    asked = as_asked(model.start, market)
    now = pulled(model, asked, coalition.campaign.pulled, coalition.campaign.compliers)
    granted = carried_out(model, withdrawn(model.start, now))
    _add(granted, coalition.pending)
    return granted


def _lawfully(
    model: "CoalitionModel", lever: Lever, members: NDArray[np.integer], market: Market,
    granted: Mapping[str, Holdings] | None = None,
) -> Market:  # fmt: skip
    return lawful(model, market, pulled(model, market, lever, members), granted)


def _reacted(
    model: "CoalitionModel", lever: Lever, members: NDArray[np.integer], before: Market, after: Market
) -> Market:
    """What the target does about it: it may let those who act against it no longer use its product, or buy others'
    data in place of those that it lost."""
    if not lever.target:
        return after
    response, position = model.firm(lever.target).settings.response, after[lever.target]
    if response.shuts_out:
        position = position.left_by(members)
    if response.buys_at is not None:
        position = position.holding(position.holdings.joined(replaced(model, lever.target, members, before, after)))
    return {**after, lever.target: position}


def _retrained(model: "CoalitionModel", market: Market) -> Market:
    """From scratch on what is held; where the law lets a firm keep old weights, or a firm does so anyway, on those.
    Nobody is found out yet."""
    keeping = retaining(model)
    return {
        name: position.redeployed(
            "kept" if name in keeping else "retrained", model.firm(name).trains_on(position.holdings, position.arrived)
        )
        for name, position in market.items()
    }
