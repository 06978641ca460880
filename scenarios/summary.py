"""What a run prints: a few lines that a person can read, each saying whose experience it is."""

import pandas as pd
from scipy.stats import t as student_t

from .logbook import Result


def summary(result: Result) -> str:
    """The end of a run in words: what happened, what leverage it gave, who was paid."""
    manifest = result.manifest
    counts = manifest["trainings"]
    lines = [
        f"{manifest['scenario']}: {manifest['description']}",
        f"Task: {manifest['task']}; scores come about by {manifest['basis']}.",
        f"{manifest['rounds']} rounds x {manifest['replicates']} in {manifest['seconds']:.0f} s; trainings asked "
        f"{counts['asked']}, done {counts['done']}, remembered {counts['remembered']}.",
        "",
        *_coalitions(result.coalitions),
        *_leverage(result.leverage),
        *_dividends(result.dividends),
    ]
    if result.folder:
        lines += ["", f"Tables, codebook and report: {result.folder} (open {result.folder / 'report.html'})"]
    return "\n".join(lines)


def _coalitions(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return ["No coalitions in this world."]
    lines = ["Coalitions, round by round (first replicate):"]
    first = table[table.replicate == 0]
    for name, rows in first.groupby("coalition", sort=False):
        levers = rows.lever.where(rows.payment == 0, "paid")
        lines.append(
            f"  {name}: {rows.members.iloc[0]} -> {rows.members.iloc[-1]} members; {_stretches(list(levers))}; "
            f"paid {rows.payment.sum():.2f} in {(rows.payment > 0).sum()} rounds"
        )
    return lines


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
    last = table[(table["round"] == table["round"].max()) & (table.metric == table.metric.iloc[0])]
    lines = [
        f"Leverage in the last round, as shares of the gap between no personal data and all data ({_error(last)}):"
    ]
    for (coalition, rival, view), rows in last.groupby(["coalition", "rival", "view"], sort=False):
        whose = "everybody, hidden test set" if view == "holdout" else "each firm's own contributors"
        who = f"{coalition or 'no coalition'}{f', rival {rival}' if rival else ''} [{whose}]"
        figures = [f"{name} {_figure(rows, name)}" for name in ("strike", "contribution", "gap_closed")]
        lines.append(f"  {who}: {', '.join(figures)}")
    return lines


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
        error = student_t.ppf(0.975, len(known) - 1) * known.std() / len(known) ** 0.5
    return f"{known.mean():.3f}" + ("" if pd.isna(error) else f" ± {error:.3f}")


def _dividends(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return ["No pot was paid, so no dividend."]
    lines = ["Dividends, mean over pots: Gini of the members' payouts under each design (* the charter's own):"]
    for (coalition, method), rows in table.groupby(["coalition", "method"], sort=False):
        ginis = rows.groupby("transform", sort=False).agg(gini=("gini", "mean"), chosen=("chosen", "any"))
        shown = [f"{name}{'*' if row.chosen else ''} {row.gini:.2f}" for name, row in ginis.iterrows()]
        lines.append(f"  {coalition} ({method}): {', '.join(shown)}")
    return lines
