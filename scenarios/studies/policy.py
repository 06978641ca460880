"""Policy: what a law does to each lever. Every pair of the two is run with the same seeds as the scenario's own law.

The scenario's coalitions vote on the one lever alone, so that a law shows in whether they pull it, and in what it does.
Differences are paired by behaviour seed; intervals are Student's t over replicates.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...coalitions.levers import LEVERS
from ...ml_tasks.settings import InputError
from ...valuation.inequality import gini
from ..files import load, validated
from ..logbook import Result
from ..reports.charts import SETTINGS
from ..reports.curves import student
from ..reports.palette import INK
from ..run import run
from ..schema import Scenario
from .policies import AS_IT_IS, Policy, policies
from .study import Picture, Study, Table

Floats = NDArray[np.float64]
Watch = Callable[[str], None]
MEASURES = {
    "gap_closed": "gap closed by all campaigns together, holdout, against the rival to which most was given",
    "acts": "coalitions that pull the lever",
    "members": "people in coalitions",
    "revenue": "revenue of all firms",
    "paid": "paid to coalitions",
    "fined": "penalties",
    "waits_for_others": "people who ask for their data, some of which stay because other owners do not ask as well",
    "taken_along": "people of whose records other owners take out some that they do not ask for themselves",
    "members_gain": "what members of coalitions have of them together, in money",
    "outsiders_gain": "what people in no coalition have of what coalitions do together, in money",
    "gini": "Gini of all that people were paid as dividends over the run, over everybody",
    "concentration": "Herfindahl-Hirschman index of the people served, over owners",
    "exposure": "owners who have a contributor's data, or weights fitted on them",
    "distance": "distance of firms' practice from people's positions, firms weighted by whom they serve",
    "net_harm": "net harm of firms' practice",
    "choice_kept": "share of people who choose what they would with the truth and without friction of the law",
}
COLUMNS = {
    "lever": "the only lever on the coalitions' ballots",
    "policy": "law and technology in place of the scenario's own",
    "measure": "what is compared, a mean over rounds where nothing else is said: "
    + "; ".join(f"{k}: {v}" for k, v in MEASURES.items()),
    "as_it_is": "under the scenario's own law, mean over replicates",
    "under_policy": "under the policy, same seeds",
    "difference": "paired difference",
    "low": "lower end of its 95 per cent Student-t interval over replicates; empty with one",
    "high": "upper end of it",
    "words": "what the policy is",
}


@dataclass(frozen=True)
class PolicyStudy:
    """The settings of the study."""

    scenario: str
    levers: Sequence[str] = ("strike", "redirect", "redirect_with_deletion")
    policies: Sequence[str] = ()
    """Names of policies; empty: all."""
    replicates: int = 3
    rounds: int | None = None
    enforcement: float = 0.5
    penalty: float = 10.0

    def __call__(self, store: str = "default", watch: Watch | None = None) -> Study:
        """Run it all. Raises InputError for a lever, policy or scenario that cannot be."""
        scenario, known = load(self.scenario), policies(self.enforcement, self.penalty)
        chosen = self._chosen(scenario, known)
        worlds = {
            (lever, name): under(scenario, lever, policy) for lever in self.levers for name, policy in chosen.items()
        }
        found = {}
        for place, (key, world) in enumerate(worlds.items()):
            if watch:
                watch(f"{key[0]} under {key[1]}, {place + 1} of {len(worlds)}")
            found[key] = _measured(run(world, rounds=self.rounds, replicates=self.replicates, store=store))
        table = pd.DataFrame(self._rows(found, chosen), columns=list(COLUMNS))
        return self._study(scenario, table, chosen)

    def _chosen(self, scenario: Scenario, known: dict[str, Policy]) -> dict[str, Policy]:
        world = scenario.build()
        if not world.coalitions:
            raise InputError("SCENARIO", "a scenario without coalitions", "one in which somebody acts")
        for option, given, names in (("--levers", self.levers, LEVERS), ("--policies", self.policies, known)):
            for name in given:
                if name not in names:
                    raise InputError(option, repr(name), f"one of {', '.join(names)}")
        if not self.levers:
            raise InputError("--levers", "none", "at least one lever")
        if self.replicates < 1:
            raise InputError("--replicates", self.replicates, "at least 1")
        return {name: known[name] for name in dict.fromkeys((AS_IT_IS, *(self.policies or known)))}

    def _rows(self, found: dict[tuple[str, str], pd.DataFrame], chosen: dict[str, Policy]) -> Iterator[dict[str, Any]]:
        for lever in self.levers:
            before = found[lever, AS_IT_IS]
            for name, policy in chosen.items():
                if name == AS_IT_IS:
                    continue
                after = found[lever, name]
                for measure in MEASURES:
                    change = (after[measure] - before[measure]).to_numpy()
                    mean, half = float(change.mean()), _half(change)
                    yield {
                        "lever": lever, "policy": name, "measure": measure, "as_it_is": before[measure].mean(),
                        "under_policy": after[measure].mean(), "difference": mean, "low": mean - half,
                        "high": mean + half, "words": policy.words,
                    }  # fmt: skip

    def _study(self, scenario: Scenario, table: pd.DataFrame, chosen: dict[str, Policy]) -> Study:
        resolved = scenario.resolved()
        shown = ("lever", "policy", "as_it_is", "under_policy", "difference", "low", "high")
        return Study(
            name="policy",
            title=f"What law does to each lever in {resolved['name']}",
            lead="Every lever under every policy, against the scenario's own law with the same seeds. The coalitions "
            "vote on the one lever alone.",
            facts=[
                ("Rounds and replicates", f"{self.rounds or resolved['rounds']} x {self.replicates}"),
                ("Intervals", "95 per cent, Student t, over behaviour, given the split and the training seeds"),
                *((name, policy.words) for name, policy in chosen.items()),
            ],
            tables={
                "policy": Table(
                    "Gap closed by all campaigns together (every measure is in the files)", table, shown,
                    {"measure": "gap_closed"}, decimals=3,
                )
            },
            columns=COLUMNS,
            pictures={"policy_picture": _picture(table, list(self.levers))},
            manifest={"scenario": resolved, "levers": list(self.levers), "policies": list(chosen)},
        )  # fmt: skip


def _half(change: Floats) -> float:
    """Half the width of the interval of a mean; nan of a single number."""
    if len(change) < 2:
        return float("nan")
    return float(student(np.array([len(change)], dtype=float))[0] * change.std(ddof=1) / len(change) ** 0.5)


def under(scenario: Scenario, lever: str, policy: Policy) -> Scenario:
    """The scenario with one lever on every ballot, and another law."""
    data = scenario.resolved()
    names, changes = [firm["name"] for firm in data["firms"]], data["law"]["changes"]
    for coalition in data["coalitions"]:
        options = coalition["charter"]["options"]
        own = [option for option in options if option["kind"] == lever]
        target = next((option["target"] for option in options if option.get("target")), names[0])
        rival = next((option["rival"] for option in options if option.get("rival")), "")
        rival = rival or next((name for name in names if name != target), "")
        made: dict[str, Any] = {"kind": lever, "target": target} | ({"rival": rival} if rival else {})
        coalition["charter"]["options"] = own or [made]
    data["law"] |= policy.law
    # What a policy sets stays so: the scenario's own amendments do not undo it.
    kept = [{**change, "to": {k: v for k, v in change["to"].items() if k not in policy.law}} for change in changes]
    data["law"]["changes"] = [change for change in kept if change["to"]]
    for firm in data["firms"]:
        firm |= policy.firms
    return validated(data, f"{data['name']} with {lever}")


def _measured(result: Result) -> pd.DataFrame:
    """Means over rounds, one row a replicate, a column a measure."""
    leverage = result.leverage
    leverage = leverage[(leverage["view"] == "holdout") & (leverage["metric"] == leverage["metric"].iloc[0])]
    # Campaigns together: Shapley shares add up to what all of them do.
    joint = leverage.groupby(["replicate", "round", "target", "rival"])["gap_closed_shared"].sum(min_count=1)
    most = joint.groupby(["replicate", "round"]).max()
    by_round = ["replicate", "round"]
    coalitions = result.coalitions.assign(acts=result.coalitions["lever"] != "nothing")
    firms = result.firms.drop_duplicates(["replicate", "round", "firm"])
    society = result.society.set_index(by_round)
    people = result.users.groupby("replicate").size()
    outside = coalitions["replicate"].map(people) - np.asarray(
        society["organised"].loc[pd.MultiIndex.from_frame(coalitions[by_round])]
    )
    gains = coalitions.assign(
        members_gain=coalitions["members_gain"] * coalitions["members"],
        outsiders_gain=coalitions["outsiders_gain"] * outside,
    )
    whole = pd.DataFrame({
        "gap_closed": most,
        "acts": coalitions.groupby(by_round)["acts"].sum(),
        "members": society["organised"],
        "revenue": firms.groupby(by_round)["revenue"].sum(),
        "paid": firms.groupby(by_round)["paid"].sum(),
        "fined": firms.groupby(by_round)["fined"].sum(),
        "waits_for_others": firms.groupby(by_round)["waits_for_others"].sum(),
        "taken_along": firms.groupby(by_round)["taken_along"].sum(),
        "members_gain": gains.groupby(by_round)["members_gain"].sum(),
        "outsiders_gain": gains.groupby(by_round)["outsiders_gain"].sum(),
        "concentration": society["concentration"],
        "exposure": society["exposure"],
        "distance": society["distance"],
        "net_harm": society["net_harm"],
        "choice_kept": society["choice_kept"],
    })  # fmt: skip
    spread = result.users.groupby("replicate")["dividend"].agg(gini)
    return whole.groupby("replicate").mean().assign(gini=spread)


def _picture(table: pd.DataFrame, levers: Sequence[str]) -> Picture:
    """Levers by policies: the change in gap closed, and in what firms earn."""
    names = list(dict.fromkeys(table["policy"]))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 1.6 + 0.42 * len(names)), layout="constrained")
        panels = figure.subplots(1, 2, sharey=True)
        for axes, measure, title in zip(
            panels, ("gap_closed", "revenue"), ("Change in gap closed", "Change in firms' revenue, money"), strict=True
        ):
            rows = table[table["measure"] == measure].pivot_table(
                index="policy", columns="lever", values="difference", sort=False, dropna=False
            )
            grid = rows.reindex(index=names, columns=list(levers)).to_numpy(dtype=float)
            most = float(np.nanmax(np.abs(grid))) if np.isfinite(grid).any() else 1.0
            axes.imshow(grid, cmap="PuOr", vmin=-(most or 1.0), vmax=most or 1.0, aspect="auto")
            for (y, x), value in np.ndenumerate(grid):
                ink = "white" if abs(value) > 0.55 * most else INK
                words = f"{value:+.3f}" if np.isfinite(value) else "-"
                axes.text(x, y, words, ha="center", va="center", fontsize=8, color=ink)
            axes.set_xticks(range(len(levers)), [lever.replace("_", " ") for lever in levers], fontsize=8)
            axes.set_title(title, loc="left", fontsize=9.5)
            axes.grid(False)
        panels[0].set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=8)
    caption = (
        "Mean over rounds and replicates under a policy, less the same under the scenario's own law with the same "
        "seeds. Intervals are in the table."
    )
    return Picture("What a law changes", caption, figure)
