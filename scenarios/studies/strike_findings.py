"""What the study of data strikes found in print [VHS19], beside what is found here, and what the columns mean."""

import numpy as np
import pandas as pd

from ...valuation.leverage import curvature
from .strike_folds import FOLDS, Fold
from .study import Finding

_STRAIGHT = 0.15

_LEVELS = (
    ("SVD's RMSE is .8734", "rmse", 0, 0.87343, 0.002),
    ("SVD's surfaced hits are .7739", "surfaced_hits", 0, 0.77393, 0.001),
    ("Film means have an RMSE of .9795", "rmse", 1, 0.97949, 0.002),
    ("Film means surface .7599", "surfaced_hits", 1, 0.75988, 0.001),
    ("Film means have an NDCG@10 of .7729", "ndcg_at_10", 1, 0.77293, 0.002),
    ("Film means have a precision@10 of .7857", "precision_at_10", 1, 0.78573, 0.002),
)
_THIRD = (
    ("A strike by 30 % leaves surfaced hits of .7669", "surfaced_hits", 0.76687, 0.001),
    ("It costs 50.24 points of the gap", "points_lost", 50.24, 6.0),
    ("Of these strikers bear 32.47", "points_lost_by_strikers", 32.47, 6.0),
    ("Of these the others bear 17.77", "points_lost_by_others", 17.77, 6.0),
    ("The others lose 25.4 % of their own gap", "others_loss_of_their_gap", 25.4, 6.0),
)


def findings(folds: list[Fold], parts: pd.DataFrame, same: bool) -> list[Finding]:
    """The study's figures on ML-1M; judged where the `same` data and model were run, else shown only.

    A score of one fold is off by more than the five folds' mean is; losses within a fold can be compared in any case.
    """
    checks = [
        (claim, float(np.mean([fold.levels[metric][place] for fold in folds])), print_, within, True)
        for claim, metric, place, print_, within in _LEVELS
    ]
    strikes = parts[parts["action"] == "strike"] if len(parts) else pd.DataFrame({"rate": []})
    third = strikes[strikes["rate"] == 0.3]
    if len(third):
        checks += [
            (claim, float(third[name].iloc[0]), print_, within, name == "surfaced_hits")
            for claim, name, print_, within in _THIRD
        ]
    return [*(_finding(*check, len(folds), same) for check in checks), *_bends(strikes, same)]


def _finding(claim: str, value: float, print_: float, within: float, level: bool, folds: int, same: bool) -> Finding:
    few = "" if folds == FOLDS else f" ({folds} of {FOLDS} folds)"
    words = f"{value:.4f}{few}; {value - print_:+.4f} from print; held within {within:g}"
    known = bool(np.isfinite(value))
    judged = same and known and (folds == FOLDS or not level)
    return Finding(
        f"{claim} (five folds, ML-1M)",
        "VHS19",
        words if known else "undefined here",
        bool(abs(value - print_) <= within) if judged else None,
    )


def _bends(strikes: pd.DataFrame, same: bool) -> list[Finding]:
    """How the two curves bend from 0 to the largest rate."""
    if len(strikes) < 2:
        return []
    found = []
    for claim, name, rule in (
        ("Over all people loss grows almost in proportion to the strike", "points_lost", f"|A| at most {_STRAIGHT:g}"),
        ("The loss of those who did not strike accelerates", "others_loss_of_their_gap", "A below 0"),
    ):
        bend = curvature(strikes["rate"], strikes[name])
        known = bool(np.isfinite(bend))
        holds = abs(bend) <= _STRAIGHT if name == "points_lost" else bend < 0
        rates = ", ".join(f"{rate:g}" for rate in strikes["rate"])
        words = f"A = {bend:.3f} at rates {rates}; held where {rule}" if known else "undefined here"
        found.append(Finding(claim, "VHS19", words, bool(holds) if same and known else None))
    return found


COLUMNS = {
    "rate": "share of the people who strike or boycott",
    "action": "none; strike: their ratings leave the training data; boycott: they leave the service too: what they "
    "would have been shown counts 0, and their errors (RMSE) are those of film means",
    "group": "everybody (nobody acts), random, or the group of which half acts",
    "sample": "number of the sample, or mean",
    "audience": "whose experience: all, strikers (or boycotters), or others (who do not act)",
    "metric": "surfaced_hits, rmse (stars), ndcg_at_10 or precision_at_10, on the test ratings of the fold",
    "score": "the metric, mean over training seeds and folds",
    "stderr": "standard error over training seeds (nan with one); in rows `mean` over samples (ddof 1)",
    "normalised_loss": "(full - score) / (full - film means), each of that audience and a mean over folds (in rows "
    "`mean` over samples too): 1 is the unpersonalised level; nan where everybody's ratings are no better than "
    "film means for that audience",
    "surfaced_hits": "surfaced hits, mean over samples",
    "rmse": "root mean squared error in stars, mean over samples",
    "ndcg_at_10": "NDCG@10, mean over samples",
    "precision_at_10": "precision@10, mean over samples",
    "loss_of_surfaced_hits": "normalised loss of surfaced hits",
    "loss_of_rmse": "normalised loss by RMSE",
    "loss_of_ndcg_at_10": "normalised loss of NDCG@10",
    "loss_of_precision_at_10": "normalised loss of precision@10",
    "points_lost": "loss of everybody's surfaced hits in per cent of the gap to film means; nan without such a gap",
    "points_lost_stderr": "its standard error over samples",
    "points_lost_by_strikers": "the part of it that is the strikers' own hits",
    "points_lost_by_others": "the part of it that is the others' hits",
    "others_loss_of_their_gap": "loss of the others in per cent of their own gap",
    "published_between": "between which two algorithms in print on ML-1M the normalised loss lies: svd 0, "
    "item_knn_1999 .61, movie_mean 1, random 9.8; empty for other data or another model",
    "published_nearest": "the nearest of these algorithms; empty below a random order",
    "members": "people in the group",
    "strikers": "people who strike: half of it",
    "ratings_struck": "training ratings that are withheld",
    "ratings_of_random_strike": "training ratings that random people withhold, as near to it as whole people allow",
    "change_of_similar": "change of surfaced hits, per cent, of the half of the group that did not strike",
    "change_of_similar_stderr": "its standard error over samples",
    "change_of_others": "change of surfaced hits, per cent, of everybody outside the group",
    "change_of_others_stderr": "its standard error over samples",
    "similar_user_effect_ratio": "change_of_similar / change_of_others, of the means over samples [VHS19]",
    "similar_user_effect_ratio_stderr": "its standard error over samples, by the delta method",
    "loss": "loss of everybody's surfaced hits as a share of the gap to film means; nan without such a gap",
    "loss_stderr": "its standard error over samples",
    "loss_of_random_strike": "the same for random people with as many ratings",
    "loss_of_random_strike_stderr": "its standard error over samples",
}
"""Every column of every table of the study."""
