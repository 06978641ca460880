"""What the study of poisoning found, beside what is claimed of it."""

from collections.abc import Iterator

import pandas as pd

from .poisons import SIGNAL
from .study import Finding

_SMALL, _CONTROL = 0.01, 0.5
"""What is taken here for an exceedingly small group, and for significant control."""


def findings(means: pd.DataFrame) -> list[Finding]:
    """The claims of the table of levers for every vandalism, then those about perturbations and signals."""
    plain = means[means["strength"].isna() & (means["poison"] != SIGNAL)]
    found = [finding for name, part in plain.groupby("poison", sort=False) for finding in _levers(str(name), part)]
    perturbed, signal = means[means["strength"].notna()], means[means["poison"] == SIGNAL]
    if len(perturbed):
        found += _perturbations(perturbed)
    if len(signal):
        found += _signal(signal)
    return found


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


def _perturbations(part: pd.DataFrame) -> Iterator[Finding]:
    """At the highest rate that nobody finds: against the strike, by knowledge, by strength."""
    open_ = part[part["found"] == part["found"].min()]
    open_ = open_[open_["rate"] == open_["rate"].max()]
    if (part["found"].min()) > 0:
        return
    rate = f"{open_['rate'].iloc[0]:g}"
    losses = open_.set_index(["strength", "knowledge"])["more_than_strike"]
    words = ", ".join(f"strength {s:g}, knowledge {k:g}: {value:+.3f}" for (s, k), value in losses.items())
    claim = "Undetected, perturbed images cost the firm more than a strike by the same people"
    yield Finding(claim, "VLTCH21", f"loss beyond the strike's at {rate}: {words}", bool((losses > 0).all()))
    by_knowledge = losses.unstack("knowledge").sort_index(axis=1)
    if by_knowledge.shape[1] > 1:
        gains = by_knowledge.iloc[:, -1] - by_knowledge.iloc[:, 0]
        words = ", ".join(f"at strength {strength:g} {gain:+.3f}" for strength, gain in gains.items())
        claim = "A group that knows the model does more harm than noise of the same strength"
        yield Finding(claim, "no figure in print", f"loss beyond the noise's, {rate}: {words}", bool((gains > 0).all()))


def _signal(part: pd.DataFrame) -> Iterator[Finding]:
    open_ = part[part["found"] == 0].sort_values("rate")
    if open_.empty:
        return
    small = open_[open_["rate"] <= _SMALL]
    enough = [(level, open_.loc[open_["success"] >= level, "rate"].min()) for level in (0.5, 0.9)]
    words = "; ".join(
        f"success of at least {level:g} " + (f"from {rate:g} of the people" if rate == rate else "at no rate asked")
        for level, rate in enough
    )
    before = open_["success_before"].mean()
    claim = (
        f"Groups of exceedingly small share can exert significant control (here: success of at least {_CONTROL:g} by "
        f"{_SMALL:g} of the people)"
    )
    holds = bool((small["success"] >= _CONTROL).any()) if len(small) and before < _CONTROL else None
    yield Finding(claim, "HMMZ23", f"{words}; before anybody planted it {before:.3f}", holds)
    words = ", ".join(f"at {row.rate:g} {row.loss:+.3f} (strike {row.strike_loss:+.3f})" for row in open_.itertuples())
    claim = "A planted signal leaves other people's service nearly as it was (loss under .05 wherever success is .5)"
    reached = open_[open_["success"] >= _CONTROL]
    holds = bool((reached["loss"] < 0.05).all()) if len(reached) else None
    yield Finding(claim, "no figure in print", f"loss: {words}", holds)
