"""What a run prints: a few lines that a person can read, each saying whose experience it is."""

import textwrap

import pandas as pd
from scipy.special import stdtrit

from .logbook import Result
from .regimes import regimes, told

_WHOSE = {"holdout": "everybody, hidden test set", "company": "people whose data the firm has*"}


def summary(result: Result) -> str:
    """The end of a run in words: what happened, what leverage it gave, who was paid."""
    manifest = result.manifest
    counts = manifest["trainings"]
    lines = [
        *textwrap.wrap(f"{manifest['scenario']}: {manifest['description']}", 100),
        f"Task: {manifest['task']}; scores come about by {manifest['basis']}.",
        f"{manifest['rounds']} rounds x {manifest['replicates']} in {manifest['seconds']:.0f} s; trainings asked "
        f"{counts['asked']}, done {counts['done']}, remembered {counts['remembered']}.",
        "",
        *_coalitions(result.coalitions),
        *_regimes(result),
        "",
        *_left_out(result.firms),
        *_leverage(result.leverage),
        "",
        *_dividends(result.dividends),
    ]
    if result.folder:
        lines += ["", f"Tables, codebook and report: {result.folder} (open {result.folder / 'report.html'})"]
    return "\n".join(lines)


def _coalitions(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return ["No coalitions in this world."]
    lines = ["What the coalitions did" + _of_several(table) + ":"]
    first = table[table["replicate"] == 0]
    for name, rows in first.groupby("coalition", sort=False):
        levers = rows["lever"].where(~rows["agreement"], "agreement kept")
        paid = f"paid {rows['pot'].sum():.2f} in {(rows['pot'] > 0).sum()} rounds"
        members = f"{rows['members'].iloc[0]} -> {rows['members'].iloc[-1]} members"
        lines += textwrap.wrap(
            f"  {name}: {members}; {_stretches(list(levers))}; {paid}", 100, subsequent_indent="    "
        )
    return lines


def _regimes(result: Result) -> list[str]:
    """How coalitions, and people on their own, go on, and after which warm-up."""
    people = float(result.manifest["users"])
    found = {str(name): regimes(rows, people) for name, rows in result.coalitions.groupby("coalition", sort=False)}
    if (result.society["alone"] > 0).any():
        found["people on their own"] = regimes(result.society, people)
    lines = ["How it goes on, and from which round (the rounds before are its warm-up):"] if found else []
    for name, series in found.items():
        words = "; ".join(f"{what} {told(each)}" for what, each in series.items())
        lines += textwrap.wrap(f"  {name}: {words}", 100, subsequent_indent="    ")
    return lines


def _left_out(table: pd.DataFrame) -> list[str]:
    """What firms trained on, if any of them left anybody out."""
    rows = table[table["replicate"] == 0].drop_duplicates(["round", "firm"])
    if not rows["left_out"].any():
        return []
    lines = ["Whose data firms trained on, of those that they had" + _of_several(table) + ":"]
    for name, rounds in rows.groupby("firm", sort=False):
        last = f"{rounds['left_out'].iloc[-1]} of {rounds['contributors'].iloc[-1]} left out in the last round"
        words = f"  {name}: {_stretches(list(rounds['includes']))}; {last}"
        lines += textwrap.wrap(words, 100, subsequent_indent="    ")
    return [*lines, ""]


def _of_several(table: pd.DataFrame) -> str:
    return ", first replicate" if table["replicate"].nunique() > 1 else ""


def _stretches(words: list[str]) -> str:
    """["a", "a", "b"] as "a x2, b"."""
    runs: list[tuple[str, int]] = []
    for word in words:
        if runs and runs[-1][0] == word:
            runs[-1] = (word, runs[-1][1] + 1)
        else:
            runs.append((word, 1))
    shown = [f"{word} x{n}" if n > 1 else word for word, n in runs]
    return ", ".join(shown if len(shown) <= 12 else [*shown[:11], "..."])


def _leverage(table: pd.DataFrame) -> list[str]:
    # The first metric of each target's task is that task's own choice.
    ours = table[table["metric"] == table.groupby("target")["metric"].transform("first")]
    rows: list[tuple[str, ...]] = [("", "scored on", "last round", "of it strike", "contribution", "highest")]
    for (coalition, target, rival, view), group in ours.groupby(["coalition", "target", "rival", "view"], sort=False):
        last = group[group["round"] == group["round"].max()]
        means = group.groupby("round")["gap_closed"].mean().dropna()
        best = "undefined" if means.empty else f"{means.max():.3f} (round {means.idxmax()})"
        figures = [_figure(last, name) for name in ("gap_closed", "strike", "contribution")]
        who = f"{coalition or 'no coalition'}, against {target}" + (f" for {rival}" if rival else "")
        rows.append((who, _WHOSE[str(view)], *figures, best))
    return [
        "Leverage: share of the gap between no personal data and all data that a campaign closes",
        f"({_error(ours)}):",
        *_aligned(rows),
        "  * with the campaign or without it: the same people are scored in both worlds",
    ]


def _error(rows: pd.DataFrame) -> str:
    """What stands after the plus-minus sign."""
    replicates = rows["replicate"].nunique()
    if replicates > 1:
        return f"± 95 % interval over {replicates} replicates"
    seeds = int(rows["seeds"].iloc[0])
    return (
        f"± one standard error over {seeds} training seeds" if seeds > 1 else "one training seed, so no error is known"
    )


def _figure(rows: pd.DataFrame, name: str) -> str:
    """Mean over replicates and its interval; with a single replicate the standard error over training seeds."""
    known = rows[name].dropna()
    if known.empty:
        return "undefined"
    if len(rows) == 1:
        error = rows[f"{name}_stderr"].iloc[0]
    else:
        error = stdtrit(len(known) - 1, 0.975) * known.std() / len(known) ** 0.5
    return f"{known.mean():.3f}" + ("" if pd.isna(error) else f" ± {error:.3f}")


def _dividends(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return ["No pot was paid, so no dividend."]
    groups = table.groupby(["transform", "coalition"], sort=False)
    ginis, chosen = groups["gini"].mean(), groups["chosen"].any()
    names = list(table["coalition"].unique())
    rows: list[tuple[str, ...]] = [("", *names)]
    for transform in table["transform"].unique():
        cells = [f"{ginis[transform, n]:.2f}{'*' if chosen[transform, n] else ' '}" for n in names]
        rows.append((str(transform), *cells))
    method = " and ".join(table["method"].unique())
    title = f"Dividends: Gini index of the members' payouts under each design ({method} values,"
    return [title, "mean over pots; * in force, and paid):", *_aligned(rows)]


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines with columns of equal width."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
