"""Forms: the numbers of an answer as people read them."""

import math
from typing import Any

Row = Any
"""An answer: a row of the main table, a pandas Series whose figures are read by name."""


def needed(row: Row) -> str:
    if math.isinf(row.people_needed):
        return f"not up to {percent(row.measured_to)}"
    value = f"{int(row.people_needed):,}"
    low, high = row.people_needed_low, row.people_needed_high
    if math.isnan(low) or row.share_needed_low == row.share_needed_high:
        return value
    return f"{value} ({low:,.0f} to {high:,.0f})" if math.isfinite(high) else f"{value} ({low:,.0f} or more)"


def critical(row: Row) -> str:
    if math.isinf(row.critical_mass):
        return "nothing tips"
    if row.critical_mass == 0:
        return "0: at once"
    value = percent(row.critical_mass)
    low, high = row.critical_mass_low, row.critical_mass_high
    if math.isnan(low) or low == high:
        return value
    return (
        f"{value} ({percent(low)} to {percent(high)})" if math.isfinite(high) else f"{value} ({percent(low)} or more)"
    )


def spread(row: Row, name: str, decimals: int = 2) -> str:
    value, low, high = (row[name + end] for end in ("", "_low", "_high"))
    words = f"{value:+.{decimals}f}"
    return words if math.isnan(low) or low == high else f"{words} ({low:+.{decimals}f} to {high:+.{decimals}f})"


def percents(row: Row, name: str) -> str:
    value, low, high = (row[name + end] for end in ("", "_low", "_high"))
    if math.isnan(low) or f"{low:.3f}" == f"{high:.3f}":
        return percent(value)
    return f"{percent(value)} ({percent(low)} to {percent(high)})"


def alone(row: Row) -> str:
    if not math.isfinite(row.alone):
        return "-"
    value, low, high = (small(row["alone" + end]) for end in ("", "_low", "_high"))
    return value if math.isnan(row.alone_low) or low == high else f"{value} ({low} to {high})"


def alone_said(row: Row) -> str:
    return f"It cannot be scored ({row.alone_left_out})" if row.alone_left_out else alone(row)


def people_at(row: Row, n: int) -> int:
    """How many people the costs and the joint effect are read at."""
    return math.ceil(float(row.costs_at) * n - 1e-9)


def percent(share: float) -> str:
    """A share of people as per cent, whole from 10 on; inf as such."""
    if math.isinf(share):
        return "more than measured"
    return f"{100 * share:.0f} %" if abs(share) >= 0.0995 else f"{round(100 * share, 1) + 0.0:.1f} %"


def signed(value: float) -> str:
    return f"{value:+.3f}"


def signless(value: float) -> str:
    """Two decimals, and no minus sign before zero."""
    return f"{round(value, 2) + 0.0:.2f}"


def small(value: float) -> str:
    """A number that may be tiny."""
    return f"{value:+.2g}" if value else "0"
