"""Under way: the campaigns of one round of a run, by purpose and size, as somebody who is deciding what to join sees
them. The sizes are a poll that is always open: what people want done, by what they have joined."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...agents.settings import CoalitionSettings
from ...agents.world import World
from ...coalitions.demands import Demand
from ...coalitions.inclusions import told
from ...ml_tasks.settings import InputError
from ..files import load
from ..reports.record import SHORTLY, Record, read
from ..schema import described
from ..studies.study import Study, Table

COLUMNS = {
    "coalition": "name of the coalition, the largest first",
    "purpose": "where it stands on issues, from -1 (against) to +1 (for)",
    "asks_for": "what it demands for not acting",
    "members": "members in the round, mean over replicates",
    "of_people": "share of all people who are members",
    "does": "what it did in the round, and in how many replicates where there are several: a lever, or that it kept an "
    "agreement",
    "effort": "how hard the lever is to pull, in multiples of a person's own cost, what the law adds included; empty "
    "if none was pulled",
    "paid_each": "its pot without the public share, per member, in money, mean over replicates",
    "dues": "what a member owes in a round, in money",
    "gap_closed": "share of the gap between baseline and best that its campaign closes, the other campaigns going on; "
    "in the task's default metric, everybody on the hidden holdout",
    "gap_closed_shared": "its Shapley share of what all campaigns close together; empty if more than 5 act",
    "gap_closed_company": "the same as gap_closed, for the people whose data the firm has with the campaign or without",
    "scored_against": "the rival for which these three are stated",
}


def under_way(source: str, round: int) -> Study:
    """The campaigns of a round of a run. Raises InputError for a folder that is no run, or a round it has not."""
    record, world = read(source), load(Path(source) / "scenario.yaml").build()
    if not 1 <= round <= record.rounds:
        raise InputError("--round", round, f"a round from 1 to {record.rounds}, as many as were played")
    if not len(record.coalitions):
        raise InputError(str(source), "a run without coalitions", "the folder of a run with coalitions")
    rows = [_row(record, world, coalition, round) for coalition in world.coalitions]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("members", ascending=False, kind="stable")
    society = record.society[record.society["round"] == round]
    metrics = ", ".join(dict.fromkeys(metric.replace("_", " ") for metric in record.metrics.values()))
    outside = 1 - society["organised"].mean() / record.manifest["users"]
    return Study(
        name="campaigns",
        title=f"Campaigns under way in round {round} of {record.manifest['scenario']}",
        lead="What people have joined by now, and what they would have of it. Leverage is stated against the rival to "
        "which most was given.",
        facts=[
            ("People", f"{record.manifest['users']:,}, of whom {outside:.0%} are in no coalition"),
            ("Where scores come from", str(record.manifest["basis"])),
            ("Replicates", str(len(record.replicates))),
            ("Leverage", f"{metrics}; gap_closed for {SHORTLY['holdout']}"),
        ],
        tables={"campaigns": Table("Largest first", table.reset_index(drop=True), decimals=3)},
        columns=COLUMNS,
        manifest={"source": str(source), "round": round, "scenario": record.manifest["scenario"]},
    )


def _row(record: Record, world: World, coalition: CoalitionSettings, round: int) -> Mapping[str, Any]:
    rows = record.coalitions
    rows = rows[(rows["round"] == round) & (rows["coalition"] == coalition.name)]
    people = record.manifest["users"]
    charter, law = coalition.charter, world.law.in_force(round)
    pulled = [option for option in charter.ballot if _key(option) in set(rows["lever"]) - {"nothing"}]
    shared = record.dividends[record.dividends["chosen"] & (record.dividends["round"] == round)]
    by_replicate = shared[shared["coalition"] == coalition.name].set_index("replicate")["paid"]
    paid = rows["replicate"].map(by_replicate).fillna(0.0) / rows["members"].where(rows["members"] > 0)
    return {
        "coalition": coalition.name,
        "purpose": ", ".join(f"{issue} {stance:+g}" for issue, stance in coalition.positions.items()),
        "asks_for": _asked(charter.demand),
        "members": rows["members"].mean(),
        "of_people": rows["members"].mean() / people,
        "does": _does(rows),
        "effort": max((law.effort(option, world.open_doors) for option in pulled), default=np.nan),
        "paid_each": paid.mean(),
        "dues": charter.dues,
        **_leverage(record, coalition.name, round),
    }


def _does(rows: pd.DataFrame) -> str:
    did = rows["lever"].where(~rows["agreement"], "keeps an agreement").str.replace("_", " ")
    counts = Counter(did)
    return ", ".join(what if len(counts) == 1 else f"{what} ({count})" for what, count in counts.items())


def _leverage(record: Record, coalition: str, round: int) -> dict[str, Any]:
    rows = record.measured
    rows = rows[(rows["round"] == round) & (rows["coalition"] == coalition)]
    columns = ["gap_closed", "gap_closed_shared", "contribution"]
    views = {view: part.groupby("rival", sort=False)[columns].mean() for view, part in rows.groupby("view")}
    holdout, company = views["holdout"], views["company"]
    given = holdout["contribution"].fillna(-np.inf)
    place = int(given.to_numpy().argmax())
    return {
        "gap_closed": holdout["gap_closed"].iloc[place],
        "gap_closed_shared": holdout["gap_closed_shared"].iloc[place],
        "gap_closed_company": company["gap_closed"].iloc[place],
        "scored_against": holdout.index[place],
    }


def _key(option: object) -> str:
    return str(getattr(described(option), "kind", ""))


def _asked(demand: Demand) -> str:
    """A demand in words: practice (privacy +0.4); a vote by what is on the ballot."""
    settings = described(demand).model_dump(mode="json")
    kind = str(settings.pop("kind")).replace("_", " ")
    positions = settings.pop("positions", {})
    words = [f"{issue} {stance:+g}" for issue, stance in positions.items()]
    words += [told(o) for o in demand.ballot.options] if demand.ballot else [f"{v:g}" for v in settings.values()]
    return f"{kind} ({', '.join(words)})" if words else kind
