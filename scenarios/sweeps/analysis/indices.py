"""Indices of designs made for them: Sobol indices from a Saltelli design, elementary effects from a Morris design.

Both are of outputs averaged over the seeds of a point, with bootstrap intervals [S10, M91]. A block of points (a base
point with its neighbours, or a path) of which a run is missing is left out whole.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..designs import Morris, Saltelli, problem
from .cases import Cases

_SEED = 0
_LEAST = 4
"""Whole blocks below which nothing is said."""


def indices(cases: Cases) -> pd.DataFrame:
    """A row for each output and setting, and for each pair of settings where the design has them."""
    design = cases.sweep.design
    rows: list[dict[str, Any]] = []
    for output in cases.outputs:
        if isinstance(design, Saltelli):
            rows += _sobol(cases, design, output)
        elif isinstance(design, Morris):
            rows += _morris(cases, design, output)
    return pd.DataFrame(rows)


def _sobol(cases: Cases, design: Saltelli, output: str) -> Iterator[dict[str, Any]]:
    from SALib.analyze import sobol

    names = list(cases.sweep.vary)
    y, kept = _whole(cases.by_point(output).to_numpy(dtype=np.float64), cases.block)
    if len(kept) < _LEAST or y.std() == 0:
        return
    found = sobol.analyze(
        problem(names), y, calc_second_order=design.pairs, num_resamples=1000, conf_level=0.95, seed=_SEED
    )
    for i, name in enumerate(names):
        yield {
            "output": output, "setting": name, "with": "",
            "first": found["S1"][i], "first_half_width": found["S1_conf"][i],
            "total": found["ST"][i], "total_half_width": found["ST_conf"][i], "blocks": len(kept),
        }  # fmt: skip
    if design.pairs:
        for i, name in enumerate(names):
            for j in range(i + 1, len(names)):
                yield {
                    "output": output, "setting": name, "with": names[j], "first": found["S2"][i, j],
                    "first_half_width": found["S2_conf"][i, j], "total": math.nan, "total_half_width": math.nan,
                    "blocks": len(kept),
                }  # fmt: skip


def _morris(cases: Cases, design: Morris, output: str) -> Iterator[dict[str, Any]]:
    from SALib.analyze import morris

    names = list(cases.sweep.vary)
    y, kept = _whole(cases.by_point(output).to_numpy(dtype=np.float64), cases.block)
    if len(kept) < _LEAST:
        return
    x = design.places(cases.sweep.vary).reshape(-1, cases.block, len(names))[kept].reshape(-1, len(names))
    found = morris.analyze(
        problem(names), x, y, num_levels=design.levels, num_resamples=1000, conf_level=0.95, seed=_SEED
    )
    for i, name in enumerate(names):
        yield {
            "output": output, "setting": name, "mean_effect": found["mu"][i], "mean_size": found["mu_star"][i],
            "size_half_width": found["mu_star_conf"][i], "spread": found["sigma"][i], "blocks": len(kept),
        }  # fmt: skip


def _whole(y: NDArray[np.float64], size: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The values in blocks that are whole, and the places of these blocks."""
    blocks = y.reshape(-1, size)
    kept = np.flatnonzero(np.isfinite(blocks).all(axis=1))
    return blocks[kept].ravel(), kept
