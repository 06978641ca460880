"""What the study of poisoning found, beside what is claimed of it in print, and what it says beyond that."""

from collections.abc import Iterator

import pandas as pd

from .poisons import SIGNAL
from .study import Finding

_SMALL, _CONTROL = 0.01, 0.5
"""What is taken here for an exceedingly small group, and for significant control."""


def findings(means: pd.DataFrame) -> list[Finding]:
    """The claims of the table of levers for every kind of vandalism, then the one about signals."""
    plain = means[means["strength"].isna() & (means["poison"] != SIGNAL)]
    found = [finding for name, part in plain.groupby("poison", sort=False) for finding in _levers(str(name), part)]
    perturbed, signal = _undetected(means[means["strength"].notna()]), _undetected(means[means["poison"] == SIGNAL])
    if len(perturbed):
        found.append(_perturbed(perturbed))
    if len(signal):
        found.append(_small_groups(signal))
    return found


def beyond(means: pd.DataFrame) -> Iterator[str]:
    """What else was found, of which nothing is in print."""
    perturbed, signal = _undetected(means[means["strength"].notna()]), _undetected(means[means["poison"] == SIGNAL])
    if len(perturbed) and perturbed["knowledge"].nunique() > 1:
        losses = _at_most(perturbed).pivot(index="strength", columns="knowledge", values="more_than_strike")
        gains = losses.iloc[:, -1] - losses.iloc[:, 0]
        words = ", ".join(f"{gain:+.3f} at strength {strength:g}" for strength, gain in gains.items())
        yield (
            f"What the most knowledge of the model adds to the loss over the least, at {perturbed['rate'].max():g} of "
            f"the people, none found: {words}."
        )
    if len(signal):
        words = ", ".join(f"{r.loss:+.3f} at {r.rate:g} (strike {r.strike_loss:+.3f})" for r in signal.itertuples())
        yield f"What planting the signal costs everybody, none found, as a share of the gap: {words}."


def _levers(name: str, part: pd.DataFrame) -> Iterator[Finding]:
    open_, filtered = part[part["found"] == 0], part[part["found"] == 1]
    if len(open_):
        words = ", ".join(f"at {row.rate:g} {row.more_than_strike:+.3f}" for row in open_.itertuples())
        claim = f"Undetected, poisoning ({name}) costs the firm more than a strike by the same people"
        holds = bool((open_["more_than_strike"] > 0).all())
        yield Finding(claim, "VLTCH21", f"loss beyond the strike's: {words}", holds)
    if len(filtered):
        largest = filtered["more_than_strike"].abs().max()
        claim = f"Detected and filtered, poisoning ({name}) is a strike"
        yield Finding(claim, "VLTCH21", f"largest difference {largest:.1e}", bool(largest < 1e-9))


def _perturbed(open_: pd.DataFrame) -> Finding:
    most = _at_most(open_)
    words = ", ".join(
        f"strength {row.strength:g}, knowledge {row.knowledge:g}: {row.more_than_strike:+.3f}"
        for row in most.itertuples()
    )
    claim = "Undetected, perturbed images cost the firm more than a strike by the same people"
    found = f"loss beyond the strike's at {open_['rate'].max():g}: {words}"
    return Finding(claim, "VLTCH21", found, bool((most["more_than_strike"] > 0).all()))


def _small_groups(open_: pd.DataFrame) -> Finding:
    small, before = open_[open_["rate"] <= _SMALL], open_["success_before"].mean()
    enough = [(level, open_.loc[open_["success"] >= level, "rate"].min()) for level in (0.5, 0.9)]
    words = "; ".join(
        f"success of at least {level:g} " + (f"from {rate:g} of the people" if rate == rate else "at no rate asked")
        for level, rate in enough
    )
    claim = (
        f"Groups of exceedingly small share can exert significant control (here: success of at least {_CONTROL:g} by "
        f"{_SMALL:g} of the people)"
    )
    holds = bool((small["success"] >= _CONTROL).any()) if len(small) and before < _CONTROL else None
    return Finding(claim, "HMMZ23", f"{words}; before anybody planted it {before:.3f}", holds)


def _undetected(part: pd.DataFrame) -> pd.DataFrame:
    return part[part["found"] == 0].sort_values("rate", kind="stable")


def _at_most(part: pd.DataFrame) -> pd.DataFrame:
    """Perturbations at the highest rate."""
    most: pd.DataFrame = part[part["rate"] == part["rate"].max()]
    return most
