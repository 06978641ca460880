"""Words: the terms of the report, each explained once, and the studies they come from."""

TERMS = (
    (
        "Data strike",
        "People withhold or delete their data at a firm, so that its model gets worse. They go on using it.",
    ),
    (
        "Conscious data contribution",
        "People give a copy of their data to a rival of the firm (here: redirect), so that the rival gets better. "
        "The firm keeps its own copy unless they also delete it there.",
    ),
    (
        "Leverage, DLP",
        "Data Leverage Power: how much of the gap between baseline and best people move by what they do with their "
        "data. 0 is nothing, 1 is the whole gap; a negative figure means that it worked the other way.",
    ),
    (
        "Baseline and best",
        "The performance that needs nobody's data (for instance, recommending by average rating), and that of the "
        "model trained on everybody's. Both are fixed before round 1.",
    ),
    (
        "Gap closed",
        "What a campaign took from its target (strike) plus what it gave the target's rival (contribution), both as "
        "shares of the gap between baseline and best: by how much the rival catches up.",
    ),
    (
        "Holdout and company view",
        "Two answers to whose experience is scored. Holdout: everybody's, on test records hidden from all firms. "
        "Company view: only that of the people whose data the firm has, as the firm itself would see it.",
    ),
    (
        "Shapley value",
        "What a person's data is worth: what it adds to the model's performance, averaged over every order in which "
        "people could have come. It may be negative.",
    ),
    (
        "Gini, Hoover, top tenth",
        "Three measures of inequality. Gini: 0 if all get the same, near 1 if one gets all. Hoover: the share of the "
        "money that would have to change hands for all to get the same. Top tenth: the share of the best-paid tenth.",
    ),
    (
        "Threat, harm, pot, dividend",
        "A coalition's members vote for something to do; before it is done the firm may pay to avert the harm. What "
        "is paid goes into the coalition's pot, and the pot is shared out to members as a dividend.",
    ),
    (
        "Replicate, training seed",
        "A replicate repeats the run with other chance events in people's behaviour. A training seed repeats a "
        "training with other chance events in the training alone.",
    ),
)

DIVIDENDS = (
    ("equal", "everybody the same"),
    ("per_record", "by number of records"),
    ("shift", "by value above the lowest value"),
    ("shift_if_negative", "by value, above the lowest value only if that is negative"),
    ("absolute", "by value without its sign"),
    ("clip", "by value, negative values counting as 0"),
    ("binning", "values at or above the median get twice what the rest get, unless the scenario sets other bins"),
    ("binarize", "the same for everybody with a positive value"),
    ("proportional", "by value as it is, where no value is negative"),
    ("rank", "by place alone, from the lowest value to the highest"),
    ("power", "by a power of the value, its square root unless the scenario sets another; negative values as 0"),
    ("softmax", "by the exponential of the value in standard deviations; everybody gets something"),
    ("progressive", "by the logarithm of 1 + value over median: less for each further unit; negative values as 0"),
    ("floor_plus_share", "half to all alike and the rest by clip, unless the scenario sets another floor or rest"),
    ("cap", "as clip, but nobody more than twice the mean, unless the scenario sets another limit or dividend"),
)

SOURCES = (
    ("VHS19", "Vincent, Hecht & Sen, “Data Strikes”, WWW 2019."),
    ("VLZH19", "Vincent, Li, Zha & Hecht, Mapping the Potential and Pitfalls of “Data Dividends”, arXiv:1912.00757."),
    (
        "VH20",
        "Vincent & Hecht, Can “Conscious Data Contribution” Help Users to Exert “Data Leverage” Against Technology "
        "Companies?, extended abstract, Collective Intelligence 2020.",
    ),
    ("VH21", "Vincent & Hecht, the full paper of the same title, CSCW 2021: the DLP measures."),
    ("VLTCH21", "Vincent, Li, Tilly, Chancellor & Hecht, Data Leverage, FAccT 2021: the levers."),
)
