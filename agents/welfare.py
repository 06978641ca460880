"""Welfare: what a coalition's round is worth to its members and to people outside, and who rides free.

Free riding is of two kinds: people outside who gain by what others do, and members who do not do their part [O65].
Outside is who is in no coalition at all and did not act alone: members of another one, and who acts alone, bear
something, if for another end. Only members can be
watched and made to; what reaches the others is how far the benefit is kept from them, by the charter's public share.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..ml_tasks.scores import seed_stderr
from .campaigns import Campaigns
from .doing import doings, times_done
from .replacement import bill
from .sanctions import called_on, shirkers
from .terms import less_earned
from .traces import efforts_of

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel
    from .party import Party

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Welfare:
    """One coalition's round; nan where there is nothing to take a figure of. Errors are over paired training seeds."""

    shirked: float
    """Share of the members who were to carry out what was decided who would not, or did not."""
    members_gain: float
    """What a member has of it, in money, on average: payout, public share and change of service and of exposure against
    the same round had the coalition never acted, less effort, what the firm paid who did not act, dues and fines. The
    effort of one act for several coalitions counts to each in equal parts. Terms that a firm improved are taken as they
    are."""
    members_gain_stderr: float
    """nan with one seed, unless service is as it would have been."""
    free_riders: float
    """People outside who gained by this one: by more than two standard errors. nan with one seed, unless a
    formula's scores are exact."""
    outsiders_gain: float
    """What it gave people outside, in money, on average: public share, change of service and of exposure, and
    what the firm paid them for data in place of those that it lost to this campaign."""
    outsiders_gain_stderr: float


@dataclass(frozen=True)
class OnTheirOwn:
    """People in no coalition who acted by themselves in a round."""

    alone: int = 0
    """How many."""
    alone_gain: float = float("nan")
    """What each of them has of it, in money, on average: change of service and of exposure against the same round had
    nobody in no coalition ever acted, less effort and what firms paid who did not act; nan for nobody."""
    alone_gain_stderr: float = float("nan")


def of_those_alone(model: "CoalitionModel", campaigns: Campaigns) -> OnTheirOwn:
    """Of the round just played."""
    for people in model.scattered:
        acting = people.campaign.compliers
        gain = _change(model, people, campaigns)
        for lever, own in doings(people.campaign):
            gain = gain - np.where(_mask(model, own), _borne(model, people, lever), 0.0)
        exact = model.formula or not people.leaves_traces
        return OnTheirOwn(len(acting), *_mean(gain[:, acting], exact))
    return OnTheirOwn()


def welfare(model: "CoalitionModel", campaigns: Campaigns) -> dict[str, Welfare]:
    """By coalition, of the round just played."""
    return {coalition.name: _of(model, coalition, campaigns) for coalition in model.coalitions}


def _of(model: "CoalitionModel", coalition: "Coalition", campaigns: Campaigns) -> Welfare:
    public = coalition.public_share * coalition.pot / model.population.n
    service, members = _change(model, coalition, campaigns), coalition.members
    outsiders = (public + _sales(model, coalition) + service)[:, _outside(model)]
    exact = model.formula or not coalition.leaves_traces
    return Welfare(
        _shirked(model, coalition),
        *_mean(public + _kept(model, coalition) + service[:, members], exact),
        _free_riders(outsiders, exact),
        *_mean(outsiders, exact),
    )


def _change(model: "CoalitionModel", party: "Party", campaigns: Campaigns) -> Floats:
    """What the change of service and of exposure is worth to each person, in money, (seeds, users)."""
    hardship, exposed = model.world.users.hardship, party.campaign.exposed
    service = hardship.service * _service(model, party, campaigns)
    return np.asarray(service - (0.0 if exposed is None else hardship.exposure * exposed))


def _outside(model: "CoalitionModel") -> NDArray[np.bool_]:
    """Who does nothing in any coalition, nor by themselves, (users,)."""
    outside = ~model.population.organised
    for people in model.scattered:
        outside[people.campaign.compliers] = False
    return outside


def _mean(gain: Floats, exact: bool) -> tuple[float, float]:
    """Over people, and its standard error over seeds; `gain` is (seeds, people)."""
    if gain.shape[1] == 0:
        return float("nan"), float("nan")
    of_all = gain.mean(axis=1)
    return float(of_all.mean()), seed_stderr(of_all, exact)


def _free_riders(gain: Floats, exact: bool) -> float:
    """How many people gained for certain; `gain` is (seeds, people)."""
    stderr = _stderr(gain, exact)
    return float("nan") if np.isnan(stderr).any() else float((gain.mean(axis=0) > 2 * stderr).sum())


def _kept(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """What each member was paid, less what they bore, in money, (members,)."""
    members, campaign, monitoring = coalition.members, coalition.campaign, coalition.charter.monitoring
    paid = [d.payouts for d in model.dividends if d.coalition == coalition.name and d.chosen]
    kept = np.asarray(paid[0] if paid else np.zeros(len(members))) - coalition.charter.dues
    for lever, own in doings(campaign):
        acts, times = _mask(model, own)[members], np.maximum(times_done(model, lever)[members], 1)
        bears = _borne(model, coalition, lever)[members]
        kept = kept - np.where(acts, bears / times, 0.0)
    return kept - (monitoring.fine * np.isin(members, campaign.caught) if monitoring else 0.0)


def _borne(model: "CoalitionModel", party: "Party", lever: Lever) -> Floats:
    """What each person bears who pulls that lever: effort, and what firms pay who do not act, in money, (users,)."""
    effort = model.world.users.hardship.effort * efforts_of(model, lever, party.campaign.choices is not None)
    return np.asarray(effort * model.population.cost + less_earned(model, model.market))


def _sales(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """What each person sold to the firm in place of what this campaign took from it, in money, (users,)."""
    sales = np.zeros(model.population.n)
    for target, bought in coalition.campaign.replaced.items():
        sales[: model.population.contributors] += bill(model, target, bought)
    return sales


def _mask(model: "CoalitionModel", people: "NDArray[np.integer[Any]]") -> NDArray[np.bool_]:
    """Who of all these people are, (users,): at a million far faster than to look for them among the members."""
    mask = np.zeros(model.population.n, dtype=bool)
    mask[people] = True
    return mask


def _service(model: "CoalitionModel", party: "Party", campaigns: Campaigns) -> Floats:
    """By how much each person's service is better than had they never acted, (seeds, users)."""
    if not party.leaves_traces:
        return np.zeros((1, model.population.n))
    worlds, current = (model.market, campaigns.without(model, party)), model.population.service
    with_, without = (model.experience.service(market, current) for market in worlds)
    return with_ - without


def _stderr(gain: Floats, exact: bool) -> Floats:
    """Of each person's mean over seeds, (users,); nan with one seed, 0 for exact scores."""
    if exact:
        return np.zeros(gain.shape[1])
    if len(gain) < 2:
        return np.full(gain.shape[1], np.nan)
    return np.asarray(gain.std(axis=0, ddof=1) / np.sqrt(len(gain)))


def _shirked(model: "CoalitionModel", coalition: "Coalition") -> float:
    campaign, asked = coalition.campaign, called_on(coalition)
    if not (campaign.passed or campaign.carried_out) or not len(asked):
        return float("nan")
    did = len(asked) - len(shirkers(model, coalition)) if campaign.carried_out else len(campaign.compliers)
    return 1 - did / len(asked)
