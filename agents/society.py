"""Society: what a round leaves everybody with: concentration, where the money goes, exposure, firms' practice."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .exposure import exposed
from .population import NOBODY
from .unhindered import same_choice

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Society:
    """One round's figures; nan where there is nothing to take them of."""

    concentration: float
    """Herfindahl-Hirschman index: sum over owners of the squared share of the people served; 1 is a monopoly. Who uses
    products of several tasks counts with each."""
    quality_gap: float
    """Mean quality, over everybody, of the firm that serves most people less that of the one that serves fewest; with
    several tasks, the mean over those with more than one firm."""
    to_contributors: float
    """Share of all firms' revenue that went to members of coalitions, public shares left out, to people whose data
    firms bought in place of what they lost, and to people for leaving their records with a firm."""
    to_public: float
    """Share of all firms' revenue that went to everybody alike."""
    exposure: float
    """Owners of firms that hold a contributor's records, or run weights fitted on them: mean over contributors."""
    distance: float
    """Distance of firms' practice from what people want, 0 to 2: mean over issues of |position - stance|, then over
    all people, each firm weighted by the share of people it serves."""
    distance_served: float
    """The same for each person and the firm they use, or each of them: mean over people with a service."""
    net_harm: float
    """What firms do against what people want, by how many they serve and how well, -1 to 1: sum over firms of share of
    all people served x mean quality x mean disagreement of everybody with its positions. Below 0 they do more good. A
    rival that grows counts as much as the firm whose place it takes."""
    choice_kept: float
    """Share of people who chose what they would have chosen unhindered."""
    organised: int
    """People who are in a coalition, or in several."""


def society(model: "CoalitionModel", quality: Floats) -> Society:
    """Look at the round just played; `quality` (users, products) is what each product gives each person."""
    served = np.array([model.market[firm.name].served.sum() for firm in model.firms], dtype=float)
    revenue = sum(firm.revenue for firm in model.firms)
    public = sum(coalition.public_share * coalition.pot for coalition in model.coalitions)
    by_firms = sum(firm.bought + firm.rewarded for firm in model.firms)
    paid = sum(coalition.pot for coalition in model.coalitions) + by_firms
    shares = served / served.sum() if served.sum() else np.full(len(served), np.nan)
    mean, distances = quality.mean(axis=0), _distances(model)
    return Society(
        concentration=float(sum(shares[owned].sum() ** 2 for owned in model.owners)),
        quality_gap=_gap(model, mean, served),
        to_contributors=(paid - public) / revenue if revenue > 0 else float("nan"),
        to_public=public / revenue if revenue > 0 else float("nan"),
        exposure=exposure(model),
        distance=float((distances.mean(axis=0) * shares).sum()) if model.world.issues else float("nan"),
        distance_served=_of_users(model, distances),
        net_harm=_net_harm(model, mean, served),
        choice_kept=float(same_choice(model).mean()),
        organised=int(model.population.organised.sum()),
    )


def _gap(model: "CoalitionModel", quality: Floats, served: Floats) -> float:
    """`quality` and `served` (products,); nan where no firm has another beside it."""
    gaps = []
    for places in (line.places for line in model.lines if len(line.places) > 1):
        most, fewest = places[served[places].argmax()], places[served[places].argmin()]
        gaps.append(quality[most] - quality[fewest])
    return float(np.mean(gaps)) if gaps else float("nan")


def exposure(model: "CoalitionModel") -> float:
    """How many owners have a contributor's records, or weights that saw them: the mean over contributors."""
    return float(exposed(model, model.market)[: model.population.contributors].mean())


def _distances(model: "CoalitionModel") -> Floats:
    """Mean over issues of |firm's position - person's stance|, shape (users, firms); 0 without issues."""
    people, issues = model.population, model.world.issues
    if not issues:
        return np.zeros((people.n, len(model.firms)))
    # Issue by issue, which is three times as fast as to take means of a million short rows.
    apart = (
        sum(
            np.abs(stance - firm.positions.get(issue, 0.0))
            for issue, stance in zip(issues, people.stances.T, strict=True)
        )
        for firm in model.firms
    )
    return np.stack([total / len(issues) for total in apart], axis=1)


def _net_harm(model: "CoalitionModel", quality: Floats, served: Floats) -> float:
    """`quality` and `served` (products,); nan where nobody has a position on anything."""
    if not model.world.issues:
        return float("nan")
    disagreement = -model.firm_agreement.mean(axis=0)
    return float((served / model.population.n * quality * disagreement).sum())


def _of_users(model: "CoalitionModel", distances: Floats) -> float:
    chosen = np.full((len(model.lines), model.population.n), NOBODY)
    for i, firm in enumerate(model.firms):
        chosen[model.line(firm.name).index, model.market[firm.name].served] = i
    using = [np.flatnonzero(own != NOBODY) for own in chosen]
    if not any(map(len, using)) or not model.world.issues:
        return float("nan")
    found = [distances[some, own[some]] for some, own in zip(using, chosen, strict=True)]
    return float(np.concatenate(found).mean())
