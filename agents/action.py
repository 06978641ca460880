"""Action: markets before, after and without the levers of a round.

Levers are pulled in the order in which the coalitions decide. Where somebody is in several, what two of them take from
a firm is gone once; what one takes from a firm and another gives to its rival is taken and given. People in no
coalition who act alone (`alone`) act last; without a campaign they would have done what they did. A record that several
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

from ..coalitions.levers import Lever, Separately
from ..coalitions.position import Club, Market, Position
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import NOTHING, Portion
from .agreements import closed
from .co_ownership import as_asked, pulled
from .doing import against, doings, parts
from .enforcement import corrected, found_out, retaining
from .law import carried_out, lawful, withdrawn
from .provenance import copies_of, received
from .replacement import replaced

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel
    from .party import Party


def before_levers(model: "CoalitionModel", only: "Iterable[Party] | None" = None) -> Market:
    """The market at the start of a round: the data of whoever struck are back, copies that were given stay.

    A lever works for one round and is pulled anew if it is voted for anew: people who strike go on using the
    service. What was withheld for good stays away. With `only` some parties: as if no other had ever acted.
    """
    market: dict[str, Position] = {}
    arrived, fresh = arrivals(model)
    actors = model.parties if only is None else list(only)
    got = received(model, arrived - fresh, actors)
    for firm in model.firms:
        holdings = model.own[firm.name].limited(arrived)
        if firm.name in got:
            holdings = holdings.joined(got[firm.name])
        for party in actors:
            if firm.name in party.withheld:
                holdings = holdings.lacking(party.withheld[firm.name])
        holdings, reserved = _with_copies(model, firm.name, holdings, actors)
        served = model.uses(firm.name)
        running = _running(model, firm.name, firm.trains_on(holdings, arrived))
        left = np.zeros_like(served)
        market[firm.name] = Position(holdings, running, served, left, arrived, fresh, reserved=reserved)
    return closed(model, market)


def _with_copies(
    model: "CoalitionModel", firm: str, holdings: Holdings, actors: "Sequence[Party]"
) -> tuple[Holdings, tuple[tuple[Club, Holdings], ...]]:
    """These holdings with the copies that the firm keeps of each, and which of them are reserved for whom."""
    for copies in copies_of(model, firm, (party for party in actors if party.club is None)):
        holdings = holdings.joined(copies)
    openly, reserved = holdings, list[tuple[Club, Holdings]]()
    for party in actors:
        if (club := party.club) is None:
            continue
        for copies in copies_of(model, firm, [party]):
            holdings = holdings.joined(copies)
            reserved.append((club, copies.lacking(openly)))
    return holdings, tuple(reserved)


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


def after(
    model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer], club: Club | None = None
) -> Market:
    """The market after these members pulled a lever and the firms retrained; nothing is changed in place. `club` is who
    alone is to have the service of rivals with their data."""
    acted = _lawfully(model, lever, members, market, club=club)
    return _retrained(model, _reacted(model, lever, members, market, acted))


def at_first(
    model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer], club: Club | None = None
) -> Market:
    """The same in the rounds in which withdrawals that were asked for have not yet been carried out."""
    asked = lawful(model, market, pulled(model, market, lever, members), granted={}, alone=alone_by(lever))
    asked = _reserved(model, lever, members, market, asked, club)
    return _retrained(model, _reacted(model, lever, members, market, asked))


def in_turn(model: "CoalitionModel") -> "list[Coalition]":
    """The coalitions in the order in which they decide in this round."""
    coalitions = list(model.coalitions)
    if model.world.turns == "drawn":
        order = model.streams("turns", model.round).permutation(len(coalitions))
        return [coalitions[place] for place in order]
    return coalitions


def parties_in_turn(model: "CoalitionModel") -> "list[Party]":
    """Whoever acts in this round, in the order in which they decide: people in no coalition after all coalitions."""
    return [*in_turn(model), *model.scattered]


def alone_by(lever: Lever) -> bool:
    """Whether the people who pull this lever act each alone."""
    return isinstance(lever, Separately)


def seen_by(model: "CoalitionModel", earlier: "Iterable[Party]") -> Market:
    """The market on which is decided: that of the start of the round, or what those who decided before left of it."""
    if model.world.turns == "at_once":
        return model.start
    market = model.start
    for party in earlier:
        market = _pulled_by(model, party, market)
    return _retrained(model, market)


def afterwards(
    model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer], gone: bool = True,
    club: Club | None = None,
) -> Market:  # fmt: skip
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
        left = dict(_reserved(model, lever, members, market, left, club))
    return _retrained(model, left)


def pull(model: "CoalitionModel") -> Market:
    """All coalitions whose threats were refused act, people act alone, and the firms retrain on what is left, before
    the law looks at those that keep old weights."""
    market, law = closed(model, model.start), model.law
    model.bought, asked = {}, model.start
    for party in parties_in_turn(model):
        if law.deletion_delay:
            campaign = party.campaign
            then = pulled(model, asked, campaign.pulled, campaign.compliers)
            asked = as_asked(model.start, then)
            due = party.due.setdefault(model.round + law.deletion_delay, {})
            _add(due, carried_out(model, withdrawn(model.start, then), alone_by(campaign.pulled)))
        before, market = market, _pulled_by(model, party, market)
        _note_purchases(model, party, before, market)
    return _retrained(model, market)


def _note_purchases(model: "CoalitionModel", party: "Party", before: Market, after: Market) -> None:
    for target in against(doings(party.campaign)):
        if model.firm(target).settings.response.buys_at is not None:
            new = party.campaign.replaced[target] = after[target].holdings.lacking(before[target].holdings)
            earlier = model.bought.get(target)
            model.bought[target] = new if earlier is None else earlier.joined(new)


def remember(model: "CoalitionModel") -> None:
    """Keep account of what lasts: copies, where the law lets rivals keep them, and what was withheld for good.

    Called when the round has been measured: until then the round began without it.
    """
    start = model.start
    for party in parties_in_turn(model):
        did = party.campaign.pulled, party.campaign.compliers
        if not model.world.users.flow.returns:
            after_it = _pulled_by(model, party, start)
            gone = withdrawn(model.start, after_it)
            _add(party.withheld, gone)
            _add(party.kept_back, {name: lost.limited(model.start[name].fresh) for name, lost in gone.items()})
            start = as_asked(model.start, after_it)
        if model.law.copies == "kept":
            _add(party.copies, _given(model, *did))
        else:
            party.copies.clear()


def _add(kept: dict[str, Holdings], more: Mapping[str, Holdings]) -> None:
    for name, holdings in more.items():
        if holdings.present.any():
            kept[name] = kept[name].joined(holdings) if name in kept else holdings


def without_campaign(model: "CoalitionModel", party: "Party") -> Market:
    """This round as it would have been had these people never acted; the same people are served."""
    return with_only(model, [other for other in model.parties if other is not party])


def with_only(model: "CoalitionModel", parties: "Sequence[Party]") -> Market:
    """This round as it would have been had no others ever acted; the same people are served."""
    market = before_levers(model, parties)
    for party in (other for other in parties_in_turn(model) if other in parties):
        market = _pulled_by(model, party, market)
    retrained = corrected(model, _retrained(model, market), found_out(model))
    return {name: replace(position, served=model.market[name].served) for name, position in retrained.items()}


def _given(model: "CoalitionModel", lever: Lever, members: NDArray[np.integer]) -> dict[str, Holdings]:
    """What a lever gives to each product: what is there after it was pulled on firms that had nothing."""
    nothing = {name: position.emptied() for name, position in model.start.items()}
    market = lever(nothing, members, model.streams("lever", model.round))
    return {name: position.holdings for name, position in market.items()}


def _pulled_by(model: "CoalitionModel", party: "Party", market: Market) -> Market:
    lever, members = party.campaign.pulled, party.campaign.compliers
    granted = _granted(model, party, market)
    return _reacted(model, lever, members, market, _lawfully(model, lever, members, market, granted, party.club))


def _granted(model: "CoalitionModel", party: "Party", market: Market) -> Mapping[str, Holdings] | None:
    """Withdrawals that are carried out in this round, on that market; None: just those that are asked for in it."""
    if model.law.deletion_delay or not party.pending:
        return party.pending if model.law.deletion_delay else None
    # The law knows no delay any more: what it put off before comes beside what is asked for now.
    asked = as_asked(model.start, market)
    now = pulled(model, asked, party.campaign.pulled, party.campaign.compliers)
    granted = carried_out(model, withdrawn(model.start, now), alone_by(party.campaign.pulled))
    _add(granted, party.pending)
    return granted


def _lawfully(
    model: "CoalitionModel", lever: Lever, members: NDArray[np.integer], market: Market,
    granted: Mapping[str, Holdings] | None = None, club: Club | None = None,
) -> Market:  # fmt: skip
    acted = lawful(model, market, pulled(model, market, lever, members), granted, alone_by(lever))
    return _reserved(model, lever, members, market, acted, club)


def _reserved(
    model: "CoalitionModel", lever: Lever, members: NDArray[np.integer], before: Market, after: Market,
    club: Club | None,
) -> Market:  # fmt: skip
    """What a lever gave to rivals for the service of a club alone; without one, what it gave for everybody's, be it
    what was reserved before."""
    if club is None and not any(position.reserved for position in after.values()):
        return after
    given = _given(model, lever, members)
    if club is None:
        return {name: position.opened(given[name]) for name, position in after.items()}
    return {name: position.reserving(club, given[name].lacking(before[name].open)) for name, position in after.items()}


def _reacted(
    model: "CoalitionModel", lever: Lever, members: NDArray[np.integer], before: Market, after: Market
) -> Market:
    """What targets do about it: they may let those who act against them no longer use their product, or buy others'
    data in place of those that they lost."""
    market = dict(after)
    for target, people in against(parts(lever, members)).items():
        response, position = model.firm(target).settings.response, after[target]
        if response.shuts_out:
            position = position.left_by(people)
        if response.buys_at is not None:
            position = position.holding(position.holdings.joined(replaced(model, target, people, before, after)))
        market[target] = position
    return market


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
