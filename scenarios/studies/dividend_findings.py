"""What is claimed of data dividends in print [VLZH19] and in its author's talk, beside what was found here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from ...valuation.dividends import DIVIDENDS
from ...valuation.inequality import gini, hoover
from ..reports.curves import Interval, over_replicates
from .cdc_findings import said
from .study import Finding

EXAMPLE = {
    "shift": (0.444, 0.333), "shift_if_negative": (0.444, 0.333), "absolute": (0.333, 0.333),
    "clip": (0.667, 0.667), "binning": (0.133, 0.133), "binarize": (0.667, 0.667),
}  # fmt: skip
"""Gini and Hoover index of the payouts of (-1, 0, 1), in print."""
RATIOS = {"clip": 0.24, "absolute": 0.56, "binning": 0.70, "shift": 1.0}
"""Median payout of a minority over the majority's, averaged over tasks, in print."""
_HIGH, _ABOUT, _SUMMED = 0.80, 0.1, 0.016
_TALK = "talk 2023"


@dataclass(frozen=True, eq=False)
class Figures:
    """What was measured, one row a partition or draw."""

    runs: pd.DataFrame
    """Inequality by coalitions, partition, method, level and transform."""
    values: pd.DataFrame
    """Spread of the coalitions' values by coalitions, partition and method."""
    ratios: pd.DataFrame
    """Ratios of median payouts by gender; empty where it is not known."""
    records: pd.DataFrame
    """Inequality among people by how many records they have."""


def means(frame: pd.DataFrame, keys: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """Means over the rows of each key with 95 % intervals (Student's t), and how many rows there are."""
    rows = []
    for key, part in frame.groupby(list(keys), sort=False):
        row = dict(zip(keys, key, strict=True))
        for name in names:
            found = over_replicates(part[name].astype(float))
            row |= {name: found.mean, f"{name}_low": found.mean - found.half, f"{name}_high": found.mean + found.half}
        rows.append(row | {"partitions": len(part)})
    return pd.DataFrame(rows)


def directions(runs: pd.DataFrame) -> pd.DataFrame:
    """Which of two is more equal, all else the same: most and fewest coalitions, two methods, two transforms."""
    among = runs[runs["level"] == "coalition"]
    rows = []
    for compared, column in (("coalitions", "coalitions"), ("methods", "method"), ("transforms", "transform")):
        same = [name for name in ("coalitions", "method", "transform") if name != column]
        for key, part in among.groupby(same, sort=False):
            table = part.pivot(index="partition", columns=column, values="gini")
            options = list(dict.fromkeys(part[column]))
            pairs = [(options[-1], options[0])] if compared == "coalitions" else combinations(options, 2)
            for one, other in pairs:
                if one != other:
                    blank = {"coalitions": "", "method": "", "transform": ""}
                    held = {name: str(value) for name, value in zip(same, key, strict=True)}
                    rows.append({"compared": compared, **blank, **held, **_row(table, one, other)})
    columns = ["compared", "coalitions", "method", "transform", "one", "other", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "more_equal"])


def _row(table: pd.DataFrame, one: object, other: object) -> dict[str, object]:
    found = over_replicates(table[one] - table[other])
    more = other if found.mean - found.half > 0 else one if found.mean + found.half < 0 else ""
    return {
        "one": str(one), "other": str(other), "difference": found.mean, "low": found.mean - found.half,
        "high": found.mean + found.half, "more_equal": str(more),
    }  # fmt: skip


def example() -> pd.DataFrame:
    """What (-1, 0, 1) are paid by the published dividends, ours beside print."""
    rows = []
    for name, (their_gini, their_hoover) in EXAMPLE.items():
        paid = DIVIDENDS[name]()([-1.0, 0.0, 1.0], 1.0)
        ours = gini(paid), hoover(paid)
        rows.append({
            "transform": name, "shares": ", ".join(f"{share:.3g}" for share in paid), "gini": ours[0],
            "hoover": ours[1], "published_gini": their_gini, "published_hoover": their_hoover,
            "agrees": bool(np.allclose(ours, (their_gini, their_hoover), atol=5e-4, rtol=0)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def findings(figures: Figures) -> list[Finding]:
    """Every published pattern, held or not, or why it cannot be compared."""
    return [
        _the_example(), *_high(figures), _shift_one_each(figures.records), _shift_summed(figures.records),
        _medians(figures.ratios), *_beta(figures), *_numbers(figures.runs), _two(figures.runs),
    ]  # fmt: skip


def _the_example() -> Finding:
    table = example()
    ginis, indices = (", ".join(f"{value:.3f}" for value in table[name]) for name in ("gini", "hoover"))
    claim = "(-1, 0, 1) under shift, shift_if_negative, absolute, clip, binning and binarize: the exact table"
    return Finding(claim, "VLZH19", f"Gini {ginis}; Hoover {indices}", bool(table["agrees"].all()))


def _high(figures: Figures) -> Iterator[Finding]:
    """The highest mean Gini among people or coalitions that absolute and clip reach anywhere in this study."""
    main = means(figures.runs, ["transform", "coalitions", "method", "level"], ["gini"])
    dealt = means(figures.records, ["transform", "values", "deal"], ["gini"])
    for name in ("absolute", "clip"):
        claim = f"{name} reaches a Gini of about .80"
        rows = pd.concat([frame[frame["transform"] == name] for frame in (main, dealt)], ignore_index=True)
        if rows.empty:
            yield _without(claim, "VLZH19", name)
            continue
        top = rows.sort_values("gini", ascending=False, kind="stable").iloc[0]
        where = (
            f"{top['coalitions']:.0f} coalitions, {top['method']}, {top['level']}"
            if pd.notna(top["coalitions"])
            else f"people with records dealt {top['deal']}, {top['values']}"
        )
        words = f"at most {said(top['gini'])} {_ends(top['gini_low'], top['gini_high'])} ({where})"
        held = f"held where that is within {_ABOUT:g} of {_HIGH:g}"
        yield Finding(claim, "VLZH19", f"{words}; {held}", bool(abs(top["gini"] - _HIGH) <= _ABOUT))


def _shift_one_each(records: pd.DataFrame) -> Finding:
    claim = "Shift is low where one person is one record"
    table = records[records["deal"] == "one_each"].pivot_table(index="draw", columns="transform", values="gini")
    if "shift" not in table:
        return _without(claim, "VLZH19", "shift, or values of one record a person")
    ours = over_replicates(table["shift"])
    others = {name: over_replicates(table["shift"] - table[name]) for name in ("absolute", "clip") if name in table}
    words = f"Gini {_said(ours)}" + "".join(f"; less {name}'s {_said(one)}" for name, one in others.items())
    held = "held where it is below both, the intervals of the differences too"
    return Finding(claim, "VLZH19", f"{words}; {held}", _all_below(others.values()))


def _shift_summed(records: pd.DataFrame) -> Finding:
    claim = f"Summing values per contributor and then shifting gives a Gini of at most {_SUMMED:g}"
    rows = records[(records["transform"] == "shift") & records["deal"].isin(["equal", "lognormal"])]
    rows = rows[rows["values"].str.startswith("knn_shapley")]
    if rows.empty:
        return _without(claim, "VLZH19", "shift, or values of single records to be summed")
    table = means(rows, ["deal", "values"], ["gini"])
    each = zip(*(table[name].tolist() for name in ("deal", "gini", "gini_low", "gini_high")), strict=True)
    words = ", ".join(f"{deal} {said(mean)} {_ends(low, high)}" for deal, mean, low, high in each)
    return Finding(claim, "VLZH19", f"Gini {words}", bool((table["gini"] <= _SUMMED).all()))


def _medians(ratios: pd.DataFrame) -> Finding:
    order = ", ".join(f"{name} {ratio:.2f}" for name, ratio in RATIOS.items())
    claim = f"Median payout of a minority over the majority's, averaged over tasks: {order}"
    if ratios.empty:
        return Finding(claim, "VLZH19", "no attribute of these people is known (ml-1m and ml-100k have gender)")
    rows = ratios[(ratios["level"] == "records") & (ratios["coalitions"] == ratios["coalitions"].max())]
    rows = rows[(rows["method"] == rows["method"].iloc[0]) & rows["transform"].isin(RATIOS)]
    found = {name: over_replicates(part["median_ratio"]) for name, part in rows.groupby("transform", sort=False)}
    words = ", ".join(f"{name} {_said(found[name])}" for name in RATIOS if name in found)
    what = f"{rows['method'].iloc[0]} of {rows['coalitions'].iloc[0]} coalitions, split by records" if words else ""
    means_ = [found[name].mean for name in RATIOS if name in found]
    holds = bool(np.all(np.diff(means_) > 0)) if len(means_) == len(RATIOS) and np.isfinite(means_).all() else None
    found_ = f"women over men, one task, {what}: {words}; held where the order is that in print"
    return Finding(claim, "VLZH19", found_ if words else "none of these transforms was asked for", holds)


def _beta(figures: Figures) -> Iterator[Finding]:
    """Paired by partition, the mean over numbers of coalitions."""
    small, large = "beta_16_1", "beta_1_16"
    spread, runs = figures.values, figures.runs[figures.runs["level"] == "coalition"]
    claim = "Beta(16,1) (weight on small sets) spreads raw values more than Beta(1,16)"
    yield _smaller(claim, spread.assign(value=spread["sd"]), large, small, "sd of Beta(1,16) less that of Beta(16,1)")
    for name in ("clip", "binarize"):
        claim = f"Under {name}, payouts by Beta(16,1) are more equal than by Beta(1,16)"
        rows = runs[runs["transform"] == name]
        yield _smaller(claim, rows.assign(value=rows["gini"]), small, large, "Gini by Beta(16,1) less by Beta(1,16)")


def _smaller(claim: str, rows: pd.DataFrame, one: str, other: str, what: str) -> Finding:
    """Whether the value of one method is smaller than the other's."""
    if not {one, other} <= set(rows["method"]):
        return _without(claim, _TALK, "both Beta values, and this transform")
    table = rows.pivot(index=["coalitions", "partition"], columns="method", values="value")
    return _told(claim, what, table[one] - table[other])


def _told(claim: str, what: str, difference: pd.Series) -> Finding:
    """Whether a difference is below 0: by the interval over partitions of its mean over numbers of coalitions."""
    each = ", ".join(
        f"{said(part.mean())} with {k} coalitions" for k, part in difference.groupby(level="coalitions", sort=True)
    )
    found = over_replicates(difference.groupby(level="partition").mean())
    words, holds = f"{what}: {_said(found)} ({each})", _all_below([found])
    if holds is None:
        words += "; the same everywhere" if (difference == 0).all() else f"; {_UNKNOWN}"
    return Finding(claim, _TALK, words, holds)


_UNKNOWN = "the interval holds 0, or one partition gives none, so it cannot be told"


def _numbers(runs: pd.DataFrame) -> Iterator[Finding]:
    """Fewest and most coalitions by leave-one-out."""
    rows = runs[(runs["level"] == "coalition") & (runs["method"] == "leave_one_out")]
    numbers = sorted(set(runs["coalitions"]))
    for name, claim, sign in (
        ("clip", "Clip with leave-one-out: fewer coalitions are more equal", 1.0),
        ("shift", "Shift with leave-one-out: more coalitions are more equal", -1.0),
    ):
        table = rows[rows["transform"] == name].pivot(index="partition", columns="coalitions", values="gini")
        if table.empty or len(numbers) < 2:
            yield _without(claim, _TALK, f"leave_one_out with {name}, and two numbers of coalitions")
            continue
        few, many = numbers[0], numbers[-1]
        found = over_replicates(table[many] - table[few])
        each = ", ".join(f"{said(table[k].mean())} with {k}" for k in numbers)
        holds = _all_below([Interval(-sign * found.mean, found.half)])
        unknown = f"; {_UNKNOWN}" if holds is None else ""
        words = f"Gini with {many} less with {few} coalitions: {_said(found)} ({each}){unknown}"
        yield Finding(claim, _TALK, words, holds)


def _two(runs: pd.DataFrame) -> Finding:
    claim = "Shift with two coalitions is .5 by construction"
    rows = runs[(runs["level"] == "coalition") & (runs["coalitions"] == 2) & (runs["transform"] == "shift")]
    if rows.empty:
        return _without(claim, _TALK, "shift with two coalitions")
    tied = int(rows["fallback"].sum())
    words = f"{said(rows['gini'].min())} to {said(rows['gini'].max())} in {len(rows)} games"
    untied = rows.loc[~rows["fallback"].astype(bool), "gini"]
    if tied:
        words += f", {tied} of them with two equal values, which are paid equally"
    return Finding(claim, _TALK, words, bool((abs(untied - 0.5) < 1e-12).all()) if len(untied) else None)


def _all_below(intervals: object) -> bool | None:
    """True if all lie below 0, False if any lies above, None if that cannot be told."""
    ends = [(one.mean - one.half, one.mean + one.half) for one in intervals]  # type: ignore[attr-defined]
    if ends and all(high < 0 for _, high in ends):
        return True
    return False if any(low > 0 for low, _ in ends) else None


def _without(claim: str, source: str, what: str) -> Finding:
    return Finding(claim, source, f"it would take {what}, which this run does not have")


def _said(found: Interval) -> str:
    return f"{said(found.mean)} {_ends(found.mean - found.half, found.mean + found.half)}".strip()


def _ends(low: float, high: float) -> str:
    return f"[{said(low)}, {said(high)}]" if np.isfinite([low, high]).all() else "(no interval)"


def beyond(figures: Figures, carriers: pd.DataFrame, voted: pd.DataFrame, shown: str) -> Iterator[str]:
    """What else was found, of which nothing is in print."""
    part = carriers[carriers["grouping"] == shown]
    yield (
        f"Who carries the value ({shown}): groups that leave together cost {said(part['joint'].mean())} of the gap "
        f"between baseline and full data each on average, their members' losses alone add up to "
        f"{said(part['alone'].mean())} (mean gap {said(part['gap'].mean())})."
    )
    votes = voted[(voted["grouping"] == shown) & (voted["reason"] == "")]
    own = votes["source"] == votes["audience"]
    if own.any() and not own.all():
        yield (
            f"Whose data serve whom ({shown}): when a group's data leave, its own people lose "
            f"{votes.loc[own, 'loss'].mean():.4g} and every other group {votes.loc[~own, 'loss'].mean():.4g} on "
            f"average, in the unit of the metric; {(votes.loc[~own, 'loss'] < 0).mean():.0%} of the groups' effects on "
            "others are negative: the others are served better without."
        )
    others = figures.values[~figures.values["adds_up"].astype(bool)]
    if len(others):
        totals = others.groupby("method", sort=False)["total"].mean()
        words = ", ".join(f"{name} {said(total)}" for name, total in totals.items())
        whole = figures.values["whole"].iloc[0]
        yield (
            f"Do not add up: {words} (mean totals over numbers of coalitions and partitions) against {said(whole)}, "
            "what all data together are worth. Paying by them is a choice."
        )
