"""What a changed decision led to, as tables, a picture and a report."""

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from ..studies.study import Picture, Study, Table
from ..versions import versions
from .branch import Branched

COLUMNS = {
    "replicate": "number of the replicate, from 0; its behaviour has the scenario's seed plus this number",
    "round": "round, from 1",
    "subject": "the firm or coalition that the figure is about, or everybody",
    "measure": "the figure: a score of the firm's model for everybody on the hidden holdout (who boycotts it counts as "
    "unserved); people served; training records held; revenue and what it owed to coalitions, in money; members; "
    "whether the coalition pulled a lever (1) or not (0); its pot, and what its members, and people in no coalition, "
    "gained by it together, in money; of everybody, the Gini of all dividends so far, people in a coalition, the "
    "Herfindahl-Hirschman index of people served, owners who have a contributor's data, the distance of firms' "
    "practice from people's positions and the net harm (as in the table society)",
    "as_it_was": "the run as it was; in the main table the mean over the rounds from the changed one on",
    "branched": "the same with the decision changed",
    "difference": "branched less as it was, same seeds",
    "stderr": "standard error of the difference over paired training seeds; empty for what is not a score",
    "low": "lower end of the 95 per cent Student-t interval of the mean difference, over replicates if there are "
    "several, else over training seeds; empty where neither says anything",
    "high": "upper end of it",
    "last": "difference in the last round, mean over replicates",
}


def study(found: Branched, source: str) -> Study:
    """What was found, ready to be printed and written."""
    counts = found.counts
    over = f"{found.replicates} replicates" if found.replicates > 1 else f"{found.train_seeds} training seeds"
    name = str(found.scenario.resolved()["name"])
    return Study(
        name="branch",
        title=f"One decision changed in {name}: in round {found.round}, {found.changed}",
        lead="Both runs have the same seeds: until that vote they are one run, and afterwards they differ by nothing "
        "but what the vote led to.",
        facts=[
            ("Task", found.task),
            ("Where scores come from", found.basis),
            ("Intervals", f"95 per cent, Student t, over {over}; counts of one run have none"),
            ("Trainings", f"asked {counts.asked:,}, done {counts.done:,}, remembered {counts.remembered:,}"),
        ],
        tables={
            "branch": Table(
                f"Mean difference in rounds {found.round} to {found.rounds['round'].max()}", found.effects, decimals=3
            ),
            "branch_rounds": Table("Every round", found.rounds, printed=False),
        },
        columns=COLUMNS,
        pictures={"branch_picture": _picture(found)},
        manifest={
            "source": source, "scenario": found.scenario.resolved(), "round": found.round, "changed": found.changed,
            "replicates": found.replicates, "versions": versions(),
        },
    )  # fmt: skip


def _picture(found: Branched) -> Picture:
    """Four figures over rounds: dashed as they were, solid with the decision changed."""
    score = next(measure for measure in found.rounds["measure"] if measure.endswith(", holdout"))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 6.2), layout="constrained")
        panels = figure.subplots(2, 2, sharex=True).ravel()
        shown: dict[str, str] = {}
        for axes, measure in zip(panels, (score, "people served", "members", "pot"), strict=True):
            _panel(axes, found, measure, shown)
        for axes in panels[2:]:
            axes.set_xlabel("round")
        handles = [axes_line for axes in panels for axes_line in axes.get_lines() if axes_line.get_label() in shown]
        unique = {handle.get_label(): handle for handle in handles}
        figure.legend(unique.values(), unique.keys(), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    caption = (
        "Solid: with the decision changed; dashed: as it was; the dotted line is the round of the decision. Means over "
        "replicates where there are several. Where the two lie on each other only the solid line is seen."
    )
    return Picture("What changed", caption, figure)


def _panel(axes: Axes, found: Branched, measure: str, shown: dict[str, str]) -> None:
    rows = found.rounds[found.rounds["measure"] == measure]
    means = rows.groupby(["subject", "round"], sort=False)[["as_it_was", "branched"]].mean().reset_index()
    for subject, part in means.groupby("subject", sort=False):
        colour = shown.setdefault(str(subject), COLOURS[len(shown) % len(COLOURS)])
        axes.plot(part["round"], part["as_it_was"], color=colour, ls="--", lw=1.2)
        axes.plot(part["round"], part["branched"], color=colour, lw=1.8, label=str(subject))
    axes.axvline(found.round, color=INK, lw=1, ls=(0, (1, 2)))
    axes.set_title(measure.replace("_", " "), loc="left", fontsize=9.5)
    axes.set_xlim(1, max(2, int(rows["round"].max())))
    axes.locator_params(axis="x", integer=True)
    if not measure.endswith(", holdout"):
        axes.set_ylim(bottom=0)
