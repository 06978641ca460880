"""Pricing: value the data that a firm has, so that money it paid can be shared out."""

import zlib
from collections.abc import Iterable
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
    likely: Floats | None
    """What each person's may truly have been worth, (draws, users); None where nobody asked, or noise is not known."""
    valued: Floats
    """Each contributor's value and its standard error, (2, contributors); nan for those who were not valued."""
    sources: NDArray[np.object_]
    """How each contributor's value came about, in words, (contributors,); empty for those who were not valued."""

    @property
    def exact(self) -> bool:
        """No groups were drawn: the same data are worth the same in another round."""
        return not np.asarray(self.values.sampling_stderr).any()


def price(model: "CoalitionModel", product: str) -> None:
    """Value the players on the data that the firm has now, by every method that its coalitions may vote for; keep the
    prices for as long as a charter's period asks, and write each person's value down: by the method of the coalition
    that they share a pot in, by the world's for everybody else."""
    prices = model.prices.setdefault(product, {})
    holdings, records = model.start[product].holdings, model.records(product)[: model.population.contributors]
    groups = (_users if model.world.valuation.players == "users" else _groups)(model, holdings.present, records)
    periods = [coalition.charter.period for coalition in model.coalitions]
    for method in _methods(model):
        kept = prices.setdefault(method, [])
        kept.append(_priced(model, product, method, groups, kept[-1] if kept else None))
        if None not in periods:  # and those before this round, by which the firm has chosen what it trains on in it
            del kept[: -1 - max(period for period in periods if period is not None)]
    world = model.world.valuation.method
    note(model, prices[world][-1])
    for coalition in model.coalitions:
        if coalition.target == product and coalition.method != world:
            note(model, prices[coalition.method][-1], coalition)


def note(model: "CoalitionModel", prices: Prices, coalition: "Coalition | None" = None) -> None:
    """Write down each person's value of the round, or only those of a coalition's members."""
    people, n = model.population, model.population.contributors
    whose = np.ones(n, dtype=bool) if coalition is None else people.member[:n, coalition.index]
    known = np.flatnonzero(whose & ~np.isnan(prices.valued[0]))
    people.value[known], people.value_stderr[known] = prices.valued[:, known]
    told = np.flatnonzero(whose & (prices.sources != ""))
    people.value_source[told] = prices.sources[told]


def _methods(model: "CoalitionModel") -> Iterable[Method]:
    """The world's method, and those that a coalition may vote for."""
    listed = (method for coalition in model.coalitions for method in coalition.charter.agenda.methods)
    return dict.fromkeys((model.world.valuation.method, *listed))


def _priced(
    model: "CoalitionModel", product: str, method: Method, groups: dict[str, Mask], last: Prices | None
) -> Prices:
    people, settings = model.population, model.world.valuation
    holdings, n = model.start[product].holdings, people.contributors
    family, asked = Family.of(groups), _with_unions(model, method)
    game = (holdings.fingerprint, family.fingerprint, asked)
    if last is not None and last.game == game and last.exact:
        values = last.values
    else:
        # The draws of a method depend on the round and the firm alone, so that no other draw moves them.
        key = zlib.crc32(repr((model.world.seed, "values", model.round, product)).encode())
        line = model.line(product)
        values = value_groups(line.retrainer, holdings, family, line.scale(), asked, key)
    records = model.records(product)[:n]
    valued = np.stack(split(values, groups, records, settings.inside))
    sources = np.full(n, "", dtype=object)
    for name, mask in groups.items():
        sources[mask] = _source(model, method, values, name)
    held = np.zeros((2, people.n))
    held[:, :n] = np.nan_to_num(valued[0]), model.held(product, holdings)
    likely = _likely(model, values, groups, records)
    return Prices(model.round, values, game, held[0], held[1], likely, valued, sources)


def last_worth(model: "CoalitionModel", product: str) -> Floats:
    """What each contributor's data were worth to a firm, by the world's method, when it last had them valued before
    this round, (contributors,); nan where it never had, or had none of theirs then, or that was undefined."""
    found = model.prices.get(product, {}).get(model.world.valuation.method, [])
    before = [prices for prices in found if prices.round < model.round]
    return before[-1].valued[0] if before else np.full(model.population.contributors, np.nan)


def over_period(model: "CoalitionModel", coalition: "Coalition", method: Method) -> Prices:
    """Each person's worth and records, added up over the rounds that the coalition's charter counts."""
    prices = model.prices[coalition.target][method]
    period = coalition.charter.period
    counted = [found for found in prices if period is None or found.round > model.round - period]
    worth, records = (sum(getattr(found, name) for found in counted) for name in ("worth", "records"))
    drawn = [found.likely for found in counted if found.likely is not None]
    likely = np.sum(drawn, axis=0) if len(drawn) == len(counted) else None
    return replace(counted[-1], round=model.round, worth=worth, records=records, likely=likely)


def _likely(
    model: "CoalitionModel", values: Values, groups: dict[str, Mask], records: NDArray[np.int64]
) -> Floats | None:
    settings, people = model.world.valuation, model.population
    if not settings.noise_draws or not len(values) or np.isnan(values.stderr).all():
        return None
    of_players = same_draws(values, settings.noise_draws)
    found = np.zeros((settings.noise_draws, people.n))
    found[:, : people.contributors] = np.nan_to_num(
        split_rows(of_players, values.players, groups, records, settings.inside)
    )
    return found


def _source(model: "CoalitionModel", method: Method, values: Values, name: str) -> str:
    """How a value came about, in words."""
    settings = model.world.valuation
    how = f"{values.method} value ({values.note})"
    by = "a model of its own" if isinstance(method, RETRAIN_NOTHING) else "retraining"
    by = "formula, not retraining" if model.formula else by
    if settings.players == "users":
        return f"{how} of the user by {by} (round {model.round})"
    inside = "by records" if settings.inside == "records" else "equally"
    return f"{how} of the group '{name}' by {by}, split {inside} (round {model.round})"


def _with_unions(model: "CoalitionModel", method: Method) -> Method:
    """A method of the scenario; Owen values are told who is in which coalition, those in the same several being a
    union of their own."""
    if isinstance(method, Owen) and method.unions is None:
        people = model.population
        joined = zip(people.names[: people.contributors], people.labels(model.coalition_names), strict=False)
        return replace(method, unions=tuple((name, label) for name, label in joined if label))
    return method


def _users(model: "CoalitionModel", present: Mask, records: NDArray[np.int64]) -> dict[str, Mask]:
    """The players: everybody whose data the firm has, if they have any."""
    people = model.population
    places = np.flatnonzero(present & (records > 0))
    masks = np.zeros((len(places), people.contributors), dtype=bool)
    masks[np.arange(len(places)), places] = True
    return {people.names[place]: mask for place, mask in zip(places, masks, strict=True)}


def _groups(model: "CoalitionModel", present: Mask, records: NDArray[np.int64]) -> dict[str, Mask]:
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
    ranked = outside[np.lexsort((outside, records[outside]))]
    for i, band in enumerate(np.array_split(ranked, bands) if bands else []):
        mask = np.zeros(people.contributors, dtype=bool)
        mask[band] = True
        name = f"others, band {i + 1} of {bands} by records"
        groups[name if name not in groups else f"{name} (in no coalition)"] = mask
    return {name: mask for name, mask in groups.items() if records[mask].any()}
