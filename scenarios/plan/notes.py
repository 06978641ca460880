"""Notes: what must be known to read the figures of a plan."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .curves import Key
from .forms import percent

if TYPE_CHECKING:
    from .planning import Plan

_FAR = 0.25
"""Between measured shares that are further from each other, a number is worth a warning."""
_WRONG = 0.05
"""Below minus this, a lever surely moves things the wrong way."""


def notes(plan: "Plan") -> list[str]:
    """What must be known to read the figures."""
    told = (_how_sure, _how_read, _how_wrong, _how_alone, _how_joining, _how_costs, _how_levers, _how_left_out)
    return [note for note in (tell(plan) for tell in told) if note]


def _how_sure(plan: "Plan") -> str:
    asked, seeds = plan.asked, len(plan.bench.retrainer.seeds)
    if all(function.exact for function in plan.found.functions.values()):
        return (
            "Formula, not retraining: everybody's data are alike, so nothing is left to chance and there are no "
            "intervals; between the shares measured P is a straight line."
        )
    if asked.groups == 1:
        return "One group says nothing of how sure a number is: there is no interval. --groups 5 gives one."
    words = f"Intervals are of 95 %, from resampling the {asked.groups} whole groups"
    words += f" and the {seeds} training seeds" if seeds > 1 and plan.bench.task.noise else ""
    if asked.groups <= 3:
        words += f". With {asked.groups} groups they are wide, and shapes often cannot be told; --groups 10 tells more"
    if seeds == 1 and plan.bench.task.noise:
        words += ". The luck of the one training on everybody's data is in every figure and in no interval (--seeds 3)"
    return words + "."


def _how_read(plan: "Plan") -> str:
    """Levers whose number of people is read off a long line."""
    rows = plan.answered
    far = rows[rows["read_before"] - rows["read_after"] > _FAR]
    if not len(far):
        return ""
    alike: dict[str, list[str]] = {}
    for name, row in far.iterrows():
        alike.setdefault(f"{percent(row.read_after)} to {percent(row.read_before)}", []).append(str(name))
    between = "; ".join(f"{ends} ({', '.join(levers)})" for ends, levers in alike.items())
    return f"Read off a straight line over a wide range, which no interval knows of: {between}. --rates narrows it."


def _how_wrong(plan: "Plan") -> str:
    """Levers that at first move things the wrong way."""
    found = []
    for lever in plan.levers:
        function = plan.found.functions.get(Key(lever, plan.asked.scored))
        if function is not None and function.exact is False:
            wrong = [share for share in function.shares if function.at(share).high < -_WRONG]
            found += [f"{lever} by up to {percent(wrong[-1])} of the people"] if wrong else []
    return (
        f"Surely the wrong way, below 0: {'; '.join(found)}. So few data make a worse model than none." if found else ""
    )


def _how_alone(plan: "Plan") -> str:
    rows = plan.answered
    near = rows[(rows["alone"].abs() < 0.01)].index
    if not len(near):
        return ""
    return (
        f"One person alone ({', '.join(near)}) moves next to nothing: a model is fitted to what {plan.bench.people:,} "
        "people's data have in common, and the others' say nearly the same. Only many at once are missed."
    )


def _how_joining(plan: "Plan") -> str:
    return (
        "Critical mass, of committed people, assumes that each of the others joins once what is moved, times "
        f"{plan.asked.worth:g} (--worth), exceeds effort x own cost (normal, mean 1, sd .3, as in scenarios by "
        "default). It is as good as that."
    )


def _how_costs(plan: "Plan") -> str:
    return (
        "Service lost is out of a quality of 1, if members stay where they are; revenue is lost as people leave for "
        "the rival by the scenarios' logit demand."
    )


def _how_levers(plan: "Plan") -> str:
    words = []
    if {plan.answered.loc[lever, "measure"] for lever in plan.levers} > {"lost"}:
        words.append(
            "A strike hurts the incumbent, a contribution helps its rival: do not rank them by one number [VH20]."
        )
    if "delete_and_boycott" in plan.levers and plan.bench.kind == "cifar10" and plan.asked.scored == "holdout":
        words.append("Test images are nobody's, so a boycott shows in the money alone.")
    if "unlink" in plan.levers:
        words.append("Of unlinking [VLTCH21] tell neither barrier nor concern: its effort is assumed, as of a strike.")
    if "poison" in plan.levers:
        style = getattr(plan.stage.lever("poison"), "style", "")
        words.append(f"Poison is of the style {style}.")
    elif "poison" not in plan.asked.levers and not plan.asked.levers:
        words.append("Poison is left out: nobody can spoil these records.")
    return " ".join(words)


def _how_left_out(plan: "Plan") -> str:
    alike: dict[str, list[str]] = {}
    for key, reasons in plan.found.left_out.items():
        if key.scored == plan.asked.scored:
            words = "; ".join(f"{_listed(several)} people ({why})" for why, several in reasons.items())
            alike.setdefault(words, []).append(key.lever)
    return " ".join(f"No figure ({', '.join(levers)}) for {words}." for words, levers in alike.items())


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(f"{number:,}" for number in numbers)
