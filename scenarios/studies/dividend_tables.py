"""The tables of the study of dividends, and what their columns mean."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from .dividend_findings import Figures, directions, example, means
from .dividend_games import KEYS
from .study import Table

if TYPE_CHECKING:
    from .dividends import Dividends


def tables(study: "Dividends", figures: Figures, carriers: pd.DataFrame, voted: pd.DataFrame) -> dict[str, Table]:
    """Everything is in the files; printed is what fits a page."""
    gini, first = ["gini", "gini_low", "gini_high"], study.methods[0]
    tables = {
        "dividends": Table(
            "Inequality of payouts among coalitions",
            _main(figures),
            ["coalitions", "method", "transform", *gini, "hoover", "gini_corrected", "paid_nothing", "fallback"],
            {"level": "coalition", "method": first},
            f"By {first}; the files hold every method, and the payouts of people. People who share their coalition's "
            "money equally are as unequal as coalitions of the same size. Noise of training looks like inequality: "
            "gini is that of the estimated values, gini_corrected that of the true ones, from two training seeds on.",
            decimals=3,
        ),
        "dividends_directions": Table(
            "What more coalitions do to inequality, method by method and transform by transform",
            directions(figures.runs),
            ["method", "transform", "one", "other", "difference", "low", "high", "more_equal"],
            {"compared": "coalitions"},
            "Gini of the one less that of the other. The files also hold any two methods, and any two transforms. "
            "Nothing is called more equal where the interval holds 0.",
            decimals=3,
        ),
        "dividends_values": Table(
            "Values before any dividend",
            _spread(figures),
            ["coalitions", "method", "sd", "sd_low", "sd_high", "total", "whole", "adds_up", "reliability"],
            note="Banzhaf, Beta, leave-one-out and stand-alone values do not add up to what all data together are "
            "worth: their ranks mean something, shares of them are a choice [WJ23].",
            decimals=4,
        ),
        "dividends_example": Table("The published example: values -1, 0 and 1", example(), decimals=3),
        "dividends_records": Table(
            "People by the number of their records",
            _by_records(figures),
            ["values", "deal", "records_mean", "records_most", "transform", *gini, "hoover"],
            note="Each row says which values it is by. Draws are of the deal and the split (knn_shapley), or of the "
            "partition into coalitions. Shared equally is as if everybody had as many records.",
            decimals=3,
        ),
        "dividends_carriers": Table(
            "Who carries the value: what is lost when a group leaves together, and one member at a time",
            carriers,
            note=f"In shares of the gap between baseline and full data. alone: the sum over all members, from "
            f"{study.members} of them; errors of training seeds (none known from one) and of drawing members.",
            decimals=4,
        ),
        "dividends_votes": Table("Whose data serve whom", voted, printed=False, decimals=5),
        "dividends_runs": Table("Every partition", figures.runs, printed=False, decimals=3),
    }
    if len(figures.ratios):
        ratios = means(figures.ratios, [*KEYS, "attribute", "majority"], ("median_ratio",))
        tables["dividends_ratios"] = Table("Ratios of median payouts by gender", ratios, printed=False, decimals=3)
    return tables


def _main(figures: Figures) -> pd.DataFrame:
    plain = ("gini_corrected", "reliability", "paid_nothing", "fallback")
    return _without_ends(means(figures.runs, KEYS, ("gini", "hoover", *plain)), plain)


def _spread(figures: Figures) -> pd.DataFrame:
    table = means(figures.values, ["coalitions", "method", "adds_up", "note"], ("sd", "total", "whole", "reliability"))
    return _without_ends(table, ("whole", "reliability"))


def _by_records(figures: Figures) -> pd.DataFrame:
    plain = ("people", "records_mean", "records_most")
    return _without_ends(means(figures.records, ["values", "deal", "transform"], ("gini", "hoover", *plain)), plain)


def _without_ends(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Without the intervals of these columns."""
    return table.drop(columns=[f"{name}_{end}" for name in names for end in ("low", "high")])


COLUMNS = {
    "coalitions": "number of coalitions that the people are parted into; empty where numbers of them are compared",
    "partition": "number of the random partition",
    "method": "how the coalitions' data are valued; beta_16_1: Beta(16, 1), weight on small groups; beta_1_16: on "
    "large ones",
    "level": "whose payouts: coalition (the coalitions'); equal, records (their people's, who share their coalition's "
    "money equally or by records)",
    "transform": "the dividend: how values become payouts",
    "gini": "Gini of the payouts, 0 equal: mean over partitions or draws; in dividends_example of that one example",
    "gini_low": "lower end of its 95 per cent interval over partitions or draws; empty with one",
    "gini_high": "upper end of the same",
    "hoover": "Hoover index of the payouts: the share that would have to change hands",
    "hoover_low": "lower end of its interval",
    "hoover_high": "upper end of its interval",
    "gini_corrected": "Gini of the payouts that the true values would lead to: median over draws of them given what "
    "training seeds say of noise, mean over partitions; of coalitions, and empty with one training seed",
    "reliability": "share of the spread of the values that is not noise of training, mean over partitions",
    "paid_nothing": "share of those paid who get nothing",
    "fallback": "share of partitions in which all weights were zero, so that money was split equally; in "
    "dividends_runs whether it was",
    "partitions": "how many partitions or draws the means are over",
    "compared": "what is compared: numbers of coalitions, methods, or transforms, all else the same",
    "one": "one of them",
    "other": "the other",
    "difference": "Gini among coalitions of the one less that of the other, paired by partition",
    "low": "lower end of its 95 per cent interval over partitions",
    "high": "upper end of the same",
    "more_equal": "which is more equal; empty where the interval holds 0",
    "sd": "standard deviation of the coalitions' values (ddof 0), in shares of the gap between baseline and full data",
    "sd_low": "lower end of its 95 per cent interval over partitions",
    "sd_high": "upper end of the same",
    "total": "sum of the values",
    "total_low": "lower end of its interval",
    "total_high": "upper end of its interval",
    "whole": "what all data together are worth: v(everybody) - v(nobody)",
    "adds_up": "whether the values are shares of that",
    "note": "what must be known of the values",
    "shares": "what -1, 0 and 1 are paid, as shares of the money",
    "published_gini": "Gini in print [VLZH19]",
    "published_hoover": "Hoover index in print [VLZH19]",
    "agrees": "whether both agree to three decimals",
    "values": "which values people are paid by",
    "deal": "how records are dealt out to people: one_each, equal numbers, or lognormal ones",
    "people": "people with training records",
    "records_mean": "training records of a person, mean",
    "records_most": "training records of the person who has most",
    "grouping": "how people are told apart: the coalitions of the first partition, or an attribute",
    "group": "one of the groups",
    "players": "its people",
    "joint": "what is lost when all of them leave, as a share of the gap between baseline and full data",
    "joint_stderr": "its standard error over training seeds",
    "alone": "the sum of what is lost when each of them leaves alone",
    "alone_stderr": "its standard error, of training seeds and of drawing members",
    "gap": "joint - alone",
    "gap_stderr": "its standard error",
    "members_asked": "how many of them were drawn to leave alone",
    "source": "whose data leave the model",
    "audience": "on whose hidden test records it is read",
    "loss": "by how much the audience is served worse, in the unit of the metric; below 0: better",
    "stderr": "its standard error over training seeds",
    "tested": "test records of the audience",
    "reason": "why it cannot be read",
    "attribute": "an attribute of people",
    "majority": "its largest group",
    "median_ratio": "median payout of everybody outside the majority over the majority's",
    "median_ratio_low": "lower end of its 95 per cent interval over partitions",
    "median_ratio_high": "upper end of the same",
}
"""Every column of every table of the study."""
