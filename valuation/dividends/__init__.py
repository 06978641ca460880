"""Dividends: from the values of people to what each is paid out of a pot.

The contract of every dividend: it pays out the whole pot (to 1e-12 of it), charges nobody, and pays people
with equal values (and equal records, where it looks at records) the same. Values may be negative. Each
dividend is a rule for non-negative *weights*; the pot is split in proportion to them. Where all weights are
zero the pot is split equally, and `pay` flags it as a fallback. Which laws a dividend keeps beyond that it
states itself, in `preserves`, in the words of LAWS.

values: a `Values` or any flat sequence of finite numbers, n people, any unit. pot: money, 0 or more, what remains
after any public share; one from 1e-280 to 1e300, so that floats can split it. records: n finite numbers of 0 or
more, needed by `per_record` alone (and by what is paid by it). An empty group is paid an empty array, so its pot
stays unpaid. Anything else raises InputError.

Weights and worked example, (-1, 0, 1): [VLZH19] and its author's 2023 talk.
"""

from typing import Any

from .curves import Power, Progressive, Rank, Softmax
from .dividend import LARGEST_POT, LAWS, SMALLEST_POT, Dividend, Payout, pay
from .limits import Cap, FloorPlusShare
from .minimum import with_minimum
from .published import (
    Absolute,
    Binarize,
    Binning,
    Clip,
    Equal,
    PerRecord,
    Proportional,
    Shift,
    ShiftIfNegative,
)

DIVIDENDS: dict[str, type[Any]] = {
    "equal": Equal,
    "per_record": PerRecord,
    "shift": Shift,
    "shift_if_negative": ShiftIfNegative,
    "absolute": Absolute,
    "clip": Clip,
    "binning": Binning,
    "binarize": Binarize,
    "proportional": Proportional,
    "rank": Rank,
    "power": Power,
    "softmax": Softmax,
    "progressive": Progressive,
    "floor_plus_share": FloorPlusShare,
    "cap": Cap,
}

__all__ = [
    "DIVIDENDS",
    "LARGEST_POT",
    "LAWS",
    "SMALLEST_POT",
    "Absolute",
    "Binarize",
    "Binning",
    "Cap",
    "Clip",
    "Dividend",
    "Equal",
    "FloorPlusShare",
    "Payout",
    "PerRecord",
    "Power",
    "Progressive",
    "Proportional",
    "Rank",
    "Shift",
    "ShiftIfNegative",
    "Softmax",
    "pay",
    "with_minimum",
]
