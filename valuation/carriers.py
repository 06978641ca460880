"""Who carries the value: groups together against their members one by one, and whose data serve whom.

One person's data hardly ever change a model; a group's do. So the value of a group is what is lost when it leaves
together, which is not the sum of what is lost when its members leave one at a time. Both are reported, with the gap.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.retrainer import Retrainer
from ..ml_tasks.scores import RecordSet, seed_stderr
from ..ml_tasks.settings import InputError
from .players import Family
from .utility import UtilityTable, distinct
from .values import FloatArray

if TYPE_CHECKING:
    import pandas as pd


def joint_and_alone(
    table: UtilityTable,
    groups: Mapping[str, Sequence[Hashable]],
    rng: np.random.Generator,
    most: int | None = None,
) -> "pd.DataFrame":
    """For each group of players: the loss when all leave, the sum of the losses when each leaves alone, and the gap.

    The players of all groups together are everybody; groups must not overlap. most: of a larger group so many members,
    drawn by `rng`, are asked to leave, and the sum is their mean times the group's size. Losses are in the unit of the
    utility. Standard errors hold training noise (nan with one seed) and that of drawing members; both losses of a
    group come from the same trainings with everybody, so the gap has its own.

    Columns: group, players, joint, joint_stderr, alone, alone_stderr, gap, gap_stderr, members_asked.
    """
    import pandas as pd

    everybody = frozenset(distinct(player for members in groups.values() for player in members))
    if most is not None and most < 2:
        raise InputError("most", most, "at least 2 members, or none of them left out")
    rows = []
    for name, members in groups.items():
        if not members:
            raise InputError("groups", f"{name!r}, which is empty", "groups of at least one player")
        asked = list(members) if most is None or len(members) <= most else _drawn(members, most, rng)
        wanted = [everybody, everybody - frozenset(members), *(everybody - {one} for one in asked)]
        found = table.many(wanted)
        joint = found[0] - found[1]
        each = found[0] - found[2:]
        alone = len(members) * each.mean(axis=0)
        # Members are drawn without replacement, so a group asked whole has no error of drawing.
        left = 1 - len(asked) / len(members)
        drawing = len(members) * each.mean(axis=1).std(ddof=1) * np.sqrt(left / len(asked)) if left > 0 else 0.0
        rows.append({
            "group": name, "players": len(members),
            "joint": joint.mean(), "joint_stderr": seed_stderr(joint, not table.noisy),
            "alone": alone.mean(), "alone_stderr": np.hypot(seed_stderr(alone, not table.noisy), drawing),
            "gap": (joint - alone).mean(),
            "gap_stderr": np.hypot(seed_stderr(joint - alone, not table.noisy), drawing),
            "members_asked": len(asked),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _drawn(members: Sequence[Hashable], most: int, rng: np.random.Generator) -> list[Hashable]:
    return [members[k] for k in np.sort(rng.choice(len(members), most, replace=False))]


def votes(
    retrainer: Retrainer,
    holdings: Holdings,
    family: Family,
    records: RecordSet = "holdout",
    metric: str | None = None,
) -> "pd.DataFrame":
    """Whose data serve whom: what the members of each player lose when another player's data leave the model.

    Contributions are votes on what a model tells people: a positive number means that the audience's own test records
    are predicted worse without that data, a negative one that they are predicted better. In the unit of the metric,
    with the standard error over training seeds (nan with one seed) and the number of test records read; nan with its
    reason where an audience cannot be scored. One training a player and seed.

    Columns: source, audience, loss, stderr, tested, reason.
    """
    import pandas as pd

    without = {name: holdings.without(family.members(name) & holdings.present) for name in family.names}
    retrainer.ahead([holdings, *without.values()])
    full = retrainer.scores(holdings)
    sign = 1.0 if full.yardstick.metrics[metric or full.yardstick.default].greater_is_better else -1.0
    rows = []
    for source, held in without.items():
        left = retrainer.scores(held)
        for audience in family.names:
            mask = family.members(audience)
            before, after = (scores.view(records, mask, metric=metric) for scores in (full, left))
            loss: FloatArray = sign * (before.per_seed - after.per_seed)
            rows.append({
                "source": source, "audience": audience, "loss": float(loss.mean()),
                "stderr": seed_stderr(loss, before.exact), "tested": before.n, "reason": before.reason or after.reason,
            })  # fmt: skip
    return pd.DataFrame(rows)
