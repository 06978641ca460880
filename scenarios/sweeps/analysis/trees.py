"""Trees: which inputs predict an output, and in which boxes of the inputs it crosses a line.

Feature scores are the importances of extremely randomised trees [GEW06], as the EMA Workbench has them [K17]; boxes are
the leaves of one small classification tree [BFOS84].
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_TREES = 300
_DEEPEST = 3


def feature_scores(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Scores (inputs,), which sum to 1, and the share of the variance that trees predict of cases they were not shown.

    x: (cases, inputs); y: (cases,). Where that share is near 0 or below, the scores mean nothing.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(_TREES, min_samples_leaf=2, bootstrap=True, oob_score=True, random_state=0).fit(x, y)
    return np.asarray(forest.feature_importances_), float(forest.oob_score_)


def boxes(
    x: NDArray[np.float64], crossed: NDArray[np.bool_], names: Sequence[str]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The leaves of a tree of three questions: what holds there, in words, and which cases (cases,) lie in it."""
    from sklearn.tree import DecisionTreeClassifier

    least = max(3, math.ceil(0.05 * len(x)))
    tree = DecisionTreeClassifier(max_depth=_DEEPEST, min_samples_leaf=least, random_state=0).fit(x, crossed)
    leaf = tree.apply(x)
    for one in sorted(set(leaf.tolist())):
        yield _words(tree.tree_, one, names) or "everywhere", leaf == one


def _words(tree: object, leaf: int, names: Sequence[str]) -> str:
    low: dict[int, float] = {}
    high: dict[int, float] = {}
    for feature, threshold, is_left in _way(tree, leaf):
        if is_left:
            high[feature] = min(threshold, high.get(feature, math.inf))
        else:
            low[feature] = max(threshold, low.get(feature, -math.inf))
    return "; ".join(_condition(names[f], low.get(f), high.get(f)) for f in sorted({*low, *high}))


def _condition(name: str, low: float | None, high: float | None) -> str:
    if " = " in name:  # 0 or 1
        return name if low is not None else name.replace(" = ", " is not ")
    if low is None:
        return f"{name} <= {high:.4g}"
    return f"{name} > {low:.4g}" if high is None else f"{low:.4g} < {name} <= {high:.4g}"


def _way(tree: object, leaf: int) -> list[tuple[int, float, bool]]:
    """The questions from the root to a leaf: which input, which threshold, and whether the answer was up to it."""
    left, right = tree.children_left.tolist(), tree.children_right.tolist()  # type: ignore[attr-defined]
    way: list[tuple[int, float, bool]] = []
    node = leaf
    while node:
        parent = next(i for i in range(len(left)) if node in (left[i], right[i]))
        way.append((int(tree.feature[parent]), float(tree.threshold[parent]), node == left[parent]))  # type: ignore[attr-defined]
        node = parent
    return way[::-1]
