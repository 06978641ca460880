"""Tables: every column of a run's results, with its meaning, unit and whose experience it is.

This is the one list of columns: the observer fills it, the codebook prints it, the tests hold it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a result table."""

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    experience: str = ""
    """Whose experience the number is, where it is one."""


RUN = (
    Column("replicate", "int64", "which replicate of the run, from 0; replicates differ by their behaviour seed only"),
    Column("round", "int64", "which round, from 1"),
)
BASIS = Column("basis", "str", "how scores came about: 'retraining', or 'formula, not retraining'")
_VIEW = (
    "as `view` says: 'holdout' is everybody on the hidden test set, where people who boycott the firm count as "
    "unserved; 'company' is each firm's own contributors"
)
_GAP = "share of the gap between baseline and best"  # empty where best is no better than baseline

_SAME = (
    "as `view` says, the same people in both worlds: 'holdout' is everybody on the hidden test set, where people who "
    "boycott the firm count as unserved; 'company' is whose data the firm has with the campaign or without it"
)
_EFFECTS = {
    "dlp_contribution": "(rival - baseline) / (best - baseline), Data Leverage Power of a contribution [VH21]",
    "dlp_transfer": "(rival - baseline) / (target - baseline), of a contribution with deletion [VH21]",
    "dlp_strike": "(target - best) / (baseline - best), of a strike [VH21]",
    "strike": "what this coalition's campaign, or people acting alone, took from the target: this round against the "
    "same had they never acted",
    "contribution": "what this coalition's campaign, or people acting alone, gave the rival, copies given in earlier "
    "rounds included: this round against the same had they never acted",
    "gap_closed": "strike + contribution",
    "gap_closed_shared": "this coalition's Shapley share of the gap that all campaigns of the round close together, "
    "copies given in earlier rounds included, others acting alone as they do; empty if more than 5 act, and for people "
    "in no coalition",
}

TABLES: dict[str, tuple[Column, ...]] = {
    "firms": (
        *RUN,
        Column("firm", "str", "name of the firm, which is that of its product"),
        Column("task", "str", "which of the scenario's other_tasks it is trained on; empty for its task"),
        Column("owner", "str", "whose it is: its own name, unless an owner has several"),
        Column("view", "str", "which test records: 'holdout' or 'company'"),
        Column(
            "audience",
            "str",
            "whose test records: everyone; contributors (whose data the firm has); users (whom it serves); members "
            "(of any coalition); outsiders (of none); everyone_served (everyone, where people it does not serve count "
            "as unserved)",
        ),
        Column("metric", "str", "performance metric"),
        Column(
            "score",
            "float64",
            "performance of the running model, mean over training seeds; of all its data, be it that a charter's "
            "service_for keeps the service with some of them from people outside",
            "metric",
            "audience",
        ),
        Column("stderr", "float64", "standard error over training seeds; empty with one seed", "metric", "audience"),
        Column("n", "float64", "test records scored (surfaced_hits: relevant ones)", "records", "audience"),
        Column("contributors", "int64", "people whose data the firm has", "people"),
        Column("records", "int64", "training records the firm has", "records"),
        Column("includes", "str", "the rule by which it says whose data, of those that it has, it trains on"),
        Column(
            "left_out", "int64", "of these contributors, those whose data its running model was not fitted on", "people"
        ),
        Column("synthetic", "int64", "records beside these that it made up in this round and trained on", "records"),
        Column("poisoned", "int64", "of these contributors, those with poisoned records", "people"),
        Column("served", "int64", "people who use the product in this round", "people"),
        Column(
            "revenue",
            "float64",
            "sum over people served of price x quality; quality is 1 minus what people like them lose "
            "against the full-data model, as a share of the gap between baseline and best, from 0 to 1",
            "money",
            "people served",
        ),
        Column(
            "paid", "float64", "owed to coalitions in this round: conceded, and by the pots of their charters", "money"
        ),
        Column("bought", "float64", "spent on other people's data in place of those it lost", "money"),
        Column("terms", "float64", "paid to people in this round for each record that they left with it", "money"),
        Column("rewarded", "float64", "what it paid them in this round for all of these", "money"),
        Column("synthetic_cost", "float64", "spent on made-up records in place of those it lost", "money"),
        Column(
            "fined",
            "float64",
            "penalty for weights that saw withdrawn data, if the law found them in this round",
            "money",
        ),
        Column(
            "asked_out",
            "int64",
            "contributors who asked in this round that their data be taken out, here or at a firm that passed them on",
            "people",
        ),
        Column(
            "let_out",
            "int64",
            "of these, those of whose data nothing that was asked for is held, or in the running weights",
            "people",
        ),
        Column(
            "waits_for_others",
            "int64",
            "of those who asked, those some of whose records stay because other owners of them did not ask as well",
            "people",
        ),
        Column(
            "taken_along",
            "int64",
            "contributors of whose records other owners took out some that they themselves did not ask for",
            "people",
        ),
        Column(
            "aware",
            "float64",
            "share of the people whose data the firm had at the start of the round who take levers against it to do "
            "what they really do; optimism left out",
            "0 to 1",
        ),
        Column(
            "followed",
            "float64",
            "of the contributors who asked to be taken out here and whose data the firm had passed on, each as often "
            "as to other firms, the share of whose data nothing that was passed on is left there, held or in the "
            "running weights; empty for none",
            "0 to 1",
        ),
        Column(
            "exit_alone",
            "float64",
            "probability that what one person took back alone would be out of the running weights in this round: mean "
            "over contributors",
            "0 to 1",
        ),
        Column(
            "exit_together",
            "float64",
            "of the contributors who asked, here or at a firm that passed them on, in coalitions whose members act "
            "together, the share let out; empty for none",
            "0 to 1",
        ),
        Column(
            "heard",
            "float64",
            "share of the people who acted against the firm who did so in a coalition, which says why; empty where "
            "nobody did",
            "0 to 1",
        ),
        Column(
            "misread",
            "float64",
            "distance between what the firm takes those who acted against it to want and what they want: mean over "
            "issues of the distance of the two means over people; of whom it hears nothing it takes them to want what "
            "it does",
            "0 to 2",
            "people who acted against it",
        ),
        Column("degenerate", "str", "why the model is a prior predictor; empty for a real fit"),
        Column("note", "str", "why the score is empty; empty if it is not"),
        BASIS,
    ),
    "leverage": (
        *RUN,
        Column("target", "str", "the firm that the coalition acts against"),
        Column("rival", "str", "another firm"),
        Column(
            "coalition",
            "str",
            "the coalition; empty for people in none who consider to act alone (users.alone), and in a world without "
            "either",
        ),
        Column("metric", "str", "performance metric"),
        Column("view", "str", "which test records: 'holdout' or 'company'"),
        Column("baseline", "float64", "performance that needs nobody's data (DLP 0), fixed", "metric", "everyone"),
        Column("best", "float64", "performance with everybody's data (DLP 1), fixed", "metric", "everyone"),
        Column("target_score", "float64", "the target's performance in this round", "metric", _VIEW),
        Column("rival_score", "float64", "the rival's performance in this round", "metric", _VIEW),
        *(
            column
            for name, meaning in _EFFECTS.items()
            for column in (
                Column(name, "float64", meaning, _GAP, _VIEW),
                Column(
                    f"{name}_stderr", "float64", f"standard error of {name} over paired training seeds", _GAP, _VIEW
                ),
            )
        ),
        Column("seeds", "int64", "number of training seeds"),
        Column("note", "str", "why a figure is empty, or means little; empty if neither"),
        BASIS,
    ),
    "coalitions": (
        *RUN,
        Column("coalition", "str", "name of the coalition"),
        Column(
            "standing",
            "str",
            "'active', 'to be founded', 'dissolved', or 'merged' into another; none but the active have members",
        ),
        Column("members", "int64", "members in this round", "people"),
        Column("joined", "int64", "of these, those who were not members in the round before", "people"),
        Column("left", "int64", "members of the round before who are none any more", "people"),
        Column("held", "int64", "members who wanted out and whom notice or a lock-in kept", "people"),
        Column("expelled", "int64", "of those who left, members put out: found to shirk, or voted out", "people"),
        Column(
            "barred",
            "int64",
            "people outside whom it would not have taken, or who had not heard of it and could not ask",
            "people",
        ),
        Column("turnout", "float64", "share of members who voted themselves; empty without a vote", "share of members"),
        Column(
            "informed",
            "float64",
            "share of members whose favourite option is the one they would have if they knew its effect and the law "
            "were without friction; empty without a vote",
            "share of members",
        ),
        Column("proposal", "str", "the option that won the vote"),
        Column("passed", "bool", "True if the members chose to act, False for the status quo"),
        Column("lever", "str", "the lever that was pulled; 'nothing' if the firm paid or nothing was proposed"),
        Column("target", "str", "the firm acted against; empty for nothing"),
        Column("rival", "str", "the firm helped; empty for none"),
        Column("compliers", "int64", "members who would do, or did, what was decided", "people"),
        Column(
            "shirked",
            "float64",
            "of the members who were to carry out what was decided, the share who would not, or did not, be it for "
            "another coalition that decided the very same; empty where nothing was decided",
            "0 to 1",
        ),
        Column(
            "members_gain",
            "float64",
            "what a member has of this round, on average: payout, public share, and change of service and of exposure "
            "against the same round had the coalition never acted, at the prices of users.hardship; less effort at the "
            "price of users.hardship.effort, what the firm paid who did not act, dues and fines; the effort of one act "
            "for several coalitions counts to each in equal parts; terms that a firm improved are taken as they are",
            "money",
            "members",
        ),
        Column("members_gain_stderr", "float64", "standard error of it over paired training seeds", "money"),
        Column("caught", "int64", "members who shirked and were found out by the charter's monitoring", "people"),
        Column(
            "free_riders",
            "float64",
            "people in no coalition, who did not act alone either, who gained by this one, as in outsiders_gain, by "
            "more than two standard errors over paired training seeds; empty with one seed",
            "people",
        ),
        Column(
            "outsiders_gain",
            "float64",
            "what it gave people in no coalition who did not act alone, on average: public share, what the firm paid "
            "them for data in place of those it lost, and change of service and of exposure against the same round had "
            "it never acted, at the prices of users.hardship",
            "money",
            "people in no coalition",
        ),
        Column("outsiders_gain_stderr", "float64", "standard error of it over paired training seeds", "money"),
        Column(
            "harm",
            "float64",
            "what the target would lose if the threat were carried out, over the rounds of an agreement and of its "
            "foresight, discounted: revenue, penalties and what it would spend on data, as expected in a market that "
            "stands still",
            "money",
            "people served",
        ),
        Column("harm_stderr", "float64", "standard error of harm over paired training seeds", "money"),
        Column(
            "answer",
            "str",
            "what the firm did: 'paid', 'granted' what was asked for if it was no sum of money, 'refused' or 'outbid' "
            "by a rival, with the reason where the harm or its standard error is undefined; empty without a threat",
        ),
        Column(
            "members_cost",
            "float64",
            "what carrying out the threat would cost those who would do it; below 0 if they would gain",
            "money",
        ),
        Column("agreement", "bool", "True if it was paid not to act, in this round or for it in an earlier one"),
        Column("payment", "float64", "paid by the target for not being acted against", "money"),
        Column("outside", "float64", "best standing offer of a rival for the data of those who would act", "money"),
        Column("sold", "float64", "paid by a rival whose standing offer was taken, in place of the threat", "money"),
        Column(
            "pot",
            "float64",
            "shared out by the coalition in this round: what it was paid, and what its charter's pot adds",
            "money",
        ),
        BASIS,
    ),
    "votes": (
        *RUN,
        Column("coalition", "str", "name of the coalition"),
        Column("option", "str", "what could be voted for"),
        Column(
            "tally",
            "float64",
            "what the charter's rule counted for the option: votes, points (borda), the sum of scores (score, star), "
            "votes less votes against (quadratic), votes in its last count (instant_runoff), or how many options it "
            "beats (copeland, schulze)",
            "votes",
        ),
        Column("winner", "bool", "True for the option that won"),
        Column(
            "cast",
            "float64",
            "weight of the ballots cast: members who voted, unless the charter weighs votes or others vote for them",
            "votes",
        ),
        Column("electorate", "float64", "weight of the ballots that could be cast; a quorum is a share of it", "votes"),
        Column(
            "margin",
            "Int64",
            "fewest ballots that, cast otherwise, would have changed the winner; empty where none would, and for all "
            "rules but plurality, majority, supermajority, approval and score, for which it is not worked out",
            "ballots",
        ),
        BASIS,
    ),
    "users": (
        Column("replicate", "int64", RUN[0].meaning),
        Column("user", "str", "the contributor's name in the data"),
        Column(
            "coalition", "str", "their coalition after the last round, names of several joined by ' + '; empty for none"
        ),
        Column(
            "service",
            "str",
            "the product they use after the last round; empty for none; of several tasks, joined by ' + '",
        ),
        Column("records", "int64", "training records they contributed, to all tasks together", "records"),
        Column(
            "act",
            "str",
            "what they did against firms in the last round: levers joined by ' + '; empty for nothing",
        ),
        Column(
            "exposure",
            "int64",
            "owners of firms that hold their records, or run weights fitted on them, after the last round",
            "owners",
        ),
        Column("value", "float64", "their data's value when last priced; empty if never", _GAP, "everyone, holdout"),
        Column("stderr", "float64", "standard error of the value, over seeds and sampling; empty with one seed", _GAP),
        Column("value_source", "str", "how the value was made"),
        Column("dividend", "float64", "paid to them over the whole run, as members and out of public shares", "money"),
        Column("public", "float64", "of the dividend, what came out of public shares", "money"),
        Column(
            "sales", "float64", "paid to them by firms that replaced data they had lost, over the whole run", "money"
        ),
        Column("terms", "float64", "paid to them for leaving records with firms, over the whole run", "money"),
        Column("dues", "float64", "owed to their coalitions over the whole run; dividends are before dues", "money"),
        Column("fines", "float64", "owed to their coalitions over the whole run for being found to shirk", "money"),
        BASIS,
    ),
    "dividends": (
        *RUN,
        Column("coalition", "str", "name of the coalition"),
        Column("method", "str", "valuation method"),
        Column("transform", "str", "dividend: how values become payouts"),
        Column("chosen", "bool", "True for the dividend in force, which was paid; the others are for comparison"),
        Column("pot", "float64", "the pot of this round, its public share included", "money"),
        Column("paid", "float64", "paid to members out of the pot", "money"),
        Column("public", "float64", "the rest of the pot, paid to all people alike", "money"),
        Column("members", "int64", "members it is paid to", "people"),
        Column("gini", "float64", "Gini index of the members' payouts, 0 equal", "0 to 1", "members"),
        Column(
            "gini_corrected",
            "float64",
            "the same without what noise of the estimated values adds: the median over valuation.noise_draws draws of "
            "the true values given their estimates; empty for dividends that were not chosen, with one training seed, "
            "and without draws",
            "0 to 1",
            "members",
        ),
        Column("gini_low", "float64", "lower end of the 95 per cent interval of it over the draws", "0 to 1"),
        Column("gini_high", "float64", "upper end of it", "0 to 1"),
        Column(
            "gini_with_public",
            "float64",
            "Gini index of what this pot gives all people: members their payout, others nothing, all their public part",
            "0 to 1",
            "everyone",
        ),
        Column("hoover", "float64", "Hoover index: share that would have to change hands", "0 to 1", "members"),
        Column("top_tenth", "float64", "share of the payouts that the best-paid tenth gets", "0 to 1", "members"),
        Column("fallback", "bool", "True if no member had any weight, so that all were paid the same"),
        Column(
            "under_minimum",
            "int64",
            "members whose payout was under the charter's minimum_payout and was shared again among the others",
            "people",
        ),
        BASIS,
    ),
    "society": (
        *RUN,
        Column("law", "str", "what changes in the law come into force in this round; empty for none"),
        Column(
            "choice_kept",
            "float64",
            "share of people whose choice is the one they would make if they had heard of every coalition, knew what "
            "levers do and met no friction of the law, all else as it is: in which coalitions to be, and, where they "
            "are in one that voted, or consider to act alone, which option to prefer",
            "0 to 1",
            "everyone",
        ),
        Column(
            "concentration",
            "float64",
            "Herfindahl-Hirschman index of the people served, over owners: 1 is a monopoly",
            "0 to 1",
            "people served",
        ),
        Column(
            "quality_gap",
            "float64",
            "mean quality of the firm that serves most people less that of the one that serves fewest",
            _GAP,
            "everyone, holdout",
        ),
        Column(
            "to_contributors",
            "float64",
            "share of all revenue paid to members, public shares left out, to people whose data firms bought in place "
            "of what they lost, and to people for leaving their records with a firm",
            "0 to 1",
        ),
        Column("to_public", "float64", "share of all revenue that went to everybody alike", "0 to 1", "everyone"),
        Column(
            "exposure",
            "float64",
            "owners of firms that hold a contributor's records or run weights fitted on them, mean over contributors",
            "owners",
            "contributors",
        ),
        Column(
            "distance",
            "float64",
            "distance of firms' positions from people's stances: mean over issues and people, each firm weighted by "
            "the share of people it serves; empty without issues",
            "0 to 2",
            "everyone",
        ),
        Column(
            "distance_served",
            "float64",
            "the same for each person and the one firm they use",
            "0 to 2",
            "people served",
        ),
        Column(
            "net_harm",
            "float64",
            "what firms do against people's stances, by how many they serve and how well: sum over firms of share of "
            "all people served x mean quality x mean disagreement of everybody; below 0 more good than harm; empty "
            "without issues",
            "-1 to 1",
            "everyone",
        ),
        Column(
            "organised",
            "int64",
            "people in a coalition; in several they count once here, and in the members of each",
            "people",
        ),
        Column("alone", "int64", "people in no coalition who acted against a firm by themselves", "people"),
        Column(
            "alone_gain",
            "float64",
            "what each of them has of it, on average: change of service and of exposure against the same round had "
            "nobody in no coalition ever acted, at the prices of users.hardship, less effort and what firms paid who "
            "did not act; empty for nobody",
            "money",
            "people who acted alone",
        ),
        Column("alone_gain_stderr", "float64", "standard error of it over paired training seeds", "money"),
        BASIS,
    ),
}


def codebook() -> list[dict[str, str]]:
    """One row a column of every table: table, column, type, meaning, unit, whose experience."""
    return [
        {
            "table": table,
            "column": column.name,
            "type": column.dtype,
            "meaning": column.meaning,
            "unit": column.unit,
            "whose_experience": column.experience,
        }
        for table, columns in TABLES.items()
        for column in columns
    ]
