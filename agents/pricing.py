"""Pricing: value the data that a firm has, so that money it paid can be shared out."""

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..valuation.game import split, split_rows, value_groups
from ..valuation.methods import RETRAIN_NOTHING, Method
from ..valuation.methods.owen import Owen
from ..valuation.noise import same_draws
from ..valuation.players import Family
from ..valuation.values import Values
from .population import label

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Prices:
    """What a firm's data were worth in a round."""

    round: int
    values: Values
    """Each player's."""
    game: tuple[object, ...]
    """Names all that exact values depend on within a run."""
    worth: Floats
    """Each person's, shape (users,): 0 for those whose data the firm did not have, or who had none."""
    records: Floats
    """Each person's training records that the firm had, shape (users,)."""
    known: Mask
    """Who was valued, and what they were worth is not undefined, shape (users,)."""
    likely: Floats | None
    """What each person's may truly have been worth, (draws, users); None where nobody asked, or noise is not known."""

    @property
    def exact(self) -> bool:
        """No groups were drawn: the same data are worth the same in another round."""
        return not np.asarray(self.values.sampling_stderr).any()


def price(model: "CoalitionModel", product: str) -> None:
    """Value the players on the data that the firm has now; write each person's value down, and keep the prices for as
    long as a charter's period asks."""
    people, settings = model.population, model.world.valuation
    holdings, n = model.start[product].holdings, people.contributors
    groups = (_users if settings.players == "users" else _groups)(model, holdings.present)
    prices = model.prices.setdefault(product, [])
    family, method = Family.of(groups), _method(model)
    game = (holdings.fingerprint, family.fingerprint, method)
    if prices and prices[-1].game == game and prices[-1].exact:
        values = prices[-1].values
    else:
        # The draws of the method depend on the round and the firm alone, so that no other draw moves them.
        key = zlib.crc32(repr((model.world.seed, "values", model.round, product)).encode())
        values = value_groups(model.retrainer, holdings, family, model.experience.scale(), method, key)
    worth, stderr = split(values, groups, people.records[:n], settings.inside)
    known = np.flatnonzero(~np.isnan(worth))
    people.value[known], people.value_stderr[known] = worth[known], stderr[known]
    for name, mask in groups.items():
        people.value_source[:n][mask] = _source(model, values, name)
    held = np.zeros((2, people.n))
    held[:, :n] = np.nan_to_num(worth), model.task.held(holdings)
    valued = np.zeros(people.n, dtype=bool)
    valued[known] = True
    prices.append(Prices(model.round, values, game, held[0], held[1], valued, _likely(model, values, groups)))
    periods = [coalition.charter.period for coalition in model.coalitions]
    if None not in periods:  # and those before this round, by which the firm has chosen what it trains on in it
        del prices[: -1 - max(period for period in periods if period is not None)]


def last_worth(model: "CoalitionModel", product: str) -> Floats:
    """What each contributor's data were worth to a firm when it last had them valued before this round,
    (contributors,); nan where it never had, or had none of theirs then, or that was undefined."""
    n = model.population.contributors
    before = [found for found in model.prices.get(product, []) if found.round < model.round]
    return np.where(before[-1].known, before[-1].worth, np.nan)[:n] if before else np.full(n, np.nan)


def over_period(model: "CoalitionModel", coalition: "Coalition") -> Prices:
    """Each person's worth and records, added up over the rounds that the coalition's charter counts."""
    prices = model.prices[coalition.target]
    period = coalition.charter.period
    counted = [found for found in prices if period is None or found.round > model.round - period]
    worth, records = (sum(getattr(found, name) for found in counted) for name in ("worth", "records"))
    drawn = [found.likely for found in counted if found.likely is not None]
    likely = np.sum(drawn, axis=0) if len(drawn) == len(counted) else None
    return replace(counted[-1], round=model.round, worth=worth, records=records, likely=likely)


def _likely(model: "CoalitionModel", values: Values, groups: dict[str, Mask]) -> Floats | None:
    settings, people = model.world.valuation, model.population
    if not settings.noise_draws or not len(values) or np.isnan(values.stderr).all():
        return None
    of_players = same_draws(values, settings.noise_draws)
    records = people.records[: people.contributors]
    found = np.zeros((settings.noise_draws, people.n))
    found[:, : people.contributors] = np.nan_to_num(
        split_rows(of_players, values.players, groups, records, settings.inside)
    )
    return found


def _source(model: "CoalitionModel", values: Values, name: str) -> str:
    """How a value came about, in words."""
    settings = model.world.valuation
    how = f"{values.method} value ({values.note})"
    by = "a model of its own" if isinstance(settings.method, RETRAIN_NOTHING) else "retraining"
    by = "formula, not retraining" if model.task.formula else by
    if settings.players == "users":
        return f"{how} of the user by {by} (round {model.round})"
    inside = "by records" if settings.inside == "records" else "equally"
    return f"{how} of the group '{name}' by {by}, split {inside} (round {model.round})"


def _method(model: "CoalitionModel") -> Method:
    """The method of the scenario; Owen values are told who is in which coalition, those in the same several being a
    union of their own."""
    method = model.world.valuation.method
    if isinstance(method, Owen) and method.unions is None:
        people = model.population
        joined = zip(people.names[: people.contributors], people.labels(model.coalition_names), strict=False)
        return replace(method, unions=tuple((name, label) for name, label in joined if label))
    return method


def _users(model: "CoalitionModel", present: Mask) -> dict[str, Mask]:
    """The players: everybody whose data the firm has, if they have any."""
    people = model.population
    places = np.flatnonzero(present & (people.records[: people.contributors] > 0))
    masks = np.zeros((len(places), people.contributors), dtype=bool)
    masks[np.arange(len(places)), places] = True
    return {people.names[place]: mask for place, mask in zip(places, masks, strict=True)}


def _groups(model: "CoalitionModel", present: Mask) -> dict[str, Mask]:
    """The players: the members of each coalition whose data the firm has, those who are in the same several together,
    and the others by number of records; without those who have no training record."""
    people = model.population
    place, circles = people.circles()
    joined = place[: people.contributors]
    groups = {
        label(circle, model.coalition_names): (joined == i) & present for i, circle in enumerate(circles) if circle
    }
    outside = np.flatnonzero(~people.organised[: people.contributors] & present)
    bands = model.world.valuation.outsider_groups
    ranked = outside[np.lexsort((outside, people.records[outside]))]
    for i, band in enumerate(np.array_split(ranked, bands) if bands else []):
        mask = np.zeros(people.contributors, dtype=bool)
        mask[band] = True
        name = f"others, band {i + 1} of {bands} by records"
        groups[name if name not in groups else f"{name} (in no coalition)"] = mask
    return {name: mask for name, mask in groups.items() if people.records[: people.contributors][mask].any()}
