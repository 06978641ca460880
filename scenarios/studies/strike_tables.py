"""The tables of the study of data strikes: means over folds and samples, who bears a loss, and which algorithm it
equals."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from ...ml_tasks.rating_metrics import METRICS as KINDS
from ...valuation.leverage import ratio_stderr

ORDER = ["rate", "action", "group", "sample", "audience", "metric", "score", "stderr", "normalised_loss"]
HISTORIC = {"svd": 0.77393, "item_knn_1999": 0.76529, "movie_mean": 0.75988, "random": 0.63584}
"""Surfaced hits in print on ML-1M [VHS19]: what a loss is compared with."""
_KEY = ["rate", "action", "group", "audience", "metric"]
_SIGN = {kind.name: 1 if kind.greater_is_better else -1 for kind in KINDS}


def averaged(rows: pd.DataFrame) -> pd.DataFrame:
    """Samples averaged over folds, then a row `mean` for each with the standard error over samples (ddof 1)."""
    levels = ["score", "full", "base", "tested", "lost"]
    folds = rows.assign(variance=rows["stderr"] ** 2).groupby([*_KEY, "sample"], sort=False)
    samples = folds[levels].mean()
    samples["stderr"] = np.sqrt(folds["variance"].agg(lambda squares: squares.sum(skipna=False))) / folds.size()
    samples = samples.reset_index()
    grouped = samples.groupby(_KEY, sort=False)
    means = grouped[levels].mean().reset_index().assign(sample="mean")
    spread = grouped["score"].agg(["std", "count"])
    means["stderr"] = (spread["std"] / np.sqrt(spread["count"])).to_numpy()
    table = pd.concat([samples, means], ignore_index=True)
    return table.assign(normalised_loss=_normalised(table, table["metric"].map(_SIGN)))


def _normalised(table: pd.DataFrame, sign: "pd.Series[int] | int") -> "pd.Series[float]":
    """Loss as a share of the gap to film means; nan where everybody's ratings give nothing over film means."""
    gap = sign * (table["full"] - table["base"])
    loss: pd.Series[float] = sign * (table["full"] - table["score"]) / gap.where(gap > 0)
    return loss


def wide(table: pd.DataFrame) -> pd.DataFrame:
    """Means with a column a metric, for people to read: score, and its normalised loss."""
    means = table[table["sample"] == "mean"]
    keys = ["action", "group", "audience", "rate"]
    metrics = list(dict.fromkeys(means["metric"]))
    found = means.set_index([*keys, "metric"])[["score", "normalised_loss"]].unstack("metric")
    found = found.reindex(pd.MultiIndex.from_frame(means[keys].drop_duplicates()))
    columns = {name: found["score"][name] for name in metrics}
    columns |= {f"loss_of_{name}": found["normalised_loss"][name] for name in metrics}
    return pd.DataFrame(columns).reset_index()


def parts(table: pd.DataFrame, historic: bool) -> pd.DataFrame:
    """Loss of surfaced hits in points of the gap over everybody; the strikers' and the others' add up to it."""
    hits = table[(table["metric"] == "surfaced_hits") & (table["action"] != "none")]
    rows = []
    for (rate, action), part in hits.groupby(["rate", "action"], sort=False):
        samples = part[part["sample"] != "mean"].set_index(["sample", "audience"])
        whole = samples.xs("all", level="audience")
        gap = (whole["full"] - whole["base"]) * whole["tested"]
        points = 100 * samples["lost"].unstack("audience").div(gap.where(gap > 0), axis=0)
        means = part[part["sample"] == "mean"].set_index("audience")
        lost = float(points["all"].mean())
        rows.append(
            {
                "rate": rate, "action": action, "surfaced_hits": means["score"]["all"], "points_lost": lost,
                "points_lost_stderr": points["all"].std(ddof=1) / np.sqrt(len(points)),
                "points_lost_by_strikers": points["strikers"].mean(), "points_lost_by_others": points["others"].mean(),
                "others_loss_of_their_gap": 100 * means["normalised_loss"]["others"],
                "published_between": between(lost / 100) if historic else "",
                "published_nearest": nearest(lost / 100) if historic else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def historic_losses() -> Mapping[str, float]:
    """Normalised loss of each algorithm in print on ML-1M: SVD 0, item kNN of 1999 .61, film means 1."""
    gap = HISTORIC["svd"] - HISTORIC["movie_mean"]
    return {name: (HISTORIC["svd"] - hits) / gap for name, hits in HISTORIC.items()}


def between(loss: float) -> str:
    """Between which two algorithms in print a normalised loss lies."""
    ranked = list(historic_losses().items())
    if not np.isfinite(loss):
        return ""
    if loss <= 0:
        return f"at or above {ranked[0][0]}"
    for (upper, _), (lower, level) in pairwise(ranked):
        if loss <= level:
            return f"{upper} to {lower}"
    return f"below {ranked[-1][0]}"


def nearest(loss: float) -> str:
    """The algorithm in print whose normalised loss is nearest; none below a random order."""
    levels = historic_losses()
    if not loss <= levels["random"]:
        return ""
    return min(levels, key=lambda name: abs(levels[name] - loss))


def alike(samples: pd.DataFrame, historic: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Strikes by half of a group: a row a sample (means over folds), and a row a group with standard errors."""
    table = samples.groupby(["group", "sample"], sort=False).mean(numeric_only=True).reset_index()
    table["loss"] = _normalised(table, 1)
    table["loss_of_random_strike"] = _normalised(table.assign(score=table["score_of_random_strike"]), 1)
    table = table.drop(columns=["full", "base", "score", "score_of_random_strike"])
    grouped = table.groupby("group", sort=False)
    means = grouped.mean(numeric_only=True)
    for name in ("change_of_similar", "change_of_others", "loss", "loss_of_random_strike"):
        place = list(means.columns).index(name) + 1
        means.insert(place, f"{name}_stderr", grouped[name].sem(ddof=1))
    # The ratio of the means: a mean of ratios would be ruled by the samples whose denominator is near 0.
    ratio = means["change_of_similar"] / means["change_of_others"].replace(0, np.nan)
    pairs = [ratio_stderr(part["change_of_similar"], part["change_of_others"]) for _, part in grouped]
    place = list(means.columns).index("loss")
    means.insert(place, "similar_user_effect_ratio", ratio)
    means.insert(place + 1, "similar_user_effect_ratio_stderr", pairs)
    means["published_nearest"] = [nearest(loss) if historic else "" for loss in means["loss"]]
    return table, means.reset_index()
