"""Records that arrive round by round: what withholding and deletion then take, for a round or for good."""

import numpy as np
import pytest
from datacoalition.agents.decision import Decision
from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.observer import observe

from .worlds import world

PEOPLE = 100
TASK = {"kind": "power_law", "records": 20_000, "deal": {"kind": "equal", "contributors": PEOPLE}}


def flowing(*levers: dict, stock=0.5, returns=True, rounds=5, **changes) -> CoalitionModel:
    """A hundred people with 200 records each; twenty of them are in a coalition with one lever."""
    options = [{"target": "big", **lever} for lever in levers]
    return CoalitionModel(
        world(
            task=TASK,
            rounds=rounds,
            users__flow={"stock": stock, "returns": returns},
            coalitions=[{"name": "us", "positions": {"pay": 1}, "founders": 0.2, "charter": {"options": options}}],
            **changes,
        )
    )


def records(model: CoalitionModel, firm: str = "big") -> int:
    """Training records that the firm has."""
    row = next(row for row in observe(model, 0)["firms"] if row["firm"] == firm)
    assert row["records"] == model.lines[0].task.held(model.market[firm].holdings).sum()
    return int(row["records"])


def played(model: CoalitionModel, rounds: int, firm: str = "big") -> list[int]:
    found = []
    for _ in range(rounds):
        model.step()
        found.append(records(model, firm))
    return found


STRIKE = {"kind": "strike"}
NEW = {"kind": "strike", "what": "new"}
NEVER = {"kind": "strike", "share": 0.0}


def test_records_arrive_evenly_until_all_are_there():
    found = played(flowing(NEVER), 5)
    assert found == pytest.approx([12_000, 14_000, 16_000, 18_000, 20_000], abs=250)
    assert found[-1] == 20_000
    assert played(flowing(NEVER, stock=1.0), 2) == [20_000, 20_000]


def test_who_withholds_new_records_keeps_only_what_would_arrive_from_the_firm():
    free, struck = played(flowing(NEVER), 3), played(flowing(NEW), 3)
    # A fifth of the people, a tenth of their records: in this round alone, if they come back; in all rounds, if not.
    assert [a - b for a, b in zip(free, struck, strict=True)] == pytest.approx([400] * 3, abs=60)
    gone = played(flowing(NEW, returns=False), 3)
    assert [a - b for a, b in zip(free, gone, strict=True)] == pytest.approx([400, 800, 1200], abs=90)


def test_deletion_takes_the_stock_too():
    free, struck = played(flowing(NEVER), 3), played(flowing(STRIKE), 3)
    assert [a - b for a, b in zip(free, struck, strict=True)] == pytest.approx([2400, 2800, 3200], abs=150)


def test_a_strike_that_ended_leaves_for_good_what_it_took():
    def after_a_strike(kind: dict) -> list[int]:
        model = flowing(kind, returns=False)
        model.step()
        first = records(model)
        model.population.compliance[:] = 0  # nobody acts any longer
        return [first, *played(model, 2)]

    free, new, everything = played(flowing(NEVER), 3), after_a_strike(NEW), after_a_strike(STRIKE)
    assert [a - b for a, b in zip(free, new, strict=True)] == pytest.approx([400] * 3, abs=60)
    assert [a - b for a, b in zip(free, everything, strict=True)] == pytest.approx([2400] * 3, abs=150)


def test_new_records_can_be_made_for_a_rival_instead():
    lever = {"kind": "redirect_with_deletion", "rival": "small", "what": "new"}
    model, free = flowing(lever), flowing(NEVER)
    rival, without = played(model, 3, "small"), played(free, 3, "small")
    # Copies stay with the rival, so that they add up: a tenth of the members' records a round.
    gained = np.array(rival) - np.array(without)
    assert gained.tolist() == pytest.approx([400, 800, 1200], abs=120)


def test_the_counterfactual_of_a_lasting_withdrawal_is_a_coalition_that_never_acted():
    model, free = flowing(STRIKE, returns=False), flowing(NEVER, returns=False)
    for _ in range(3):
        model.step()
        free.step()
        row, alone = (next(r for r in m.leverage if r.view == "holdout") for m in (model, free))
        without = alone.target_score - row.target_score
        assert row.effect.strike.mean == pytest.approx(without / row.scale.gap)
        assert row.effect.strike.mean > 0


def test_old_weights_outlive_data_that_are_gone_for_good():
    model = flowing(STRIKE, stock=1.0, returns=False, law={"old_weights": "kept"})
    everyone = Holdings.everyone(PEOPLE)
    model.decisions = {(r, "us"): Decision("strike") for r in (1, 2)}  # it would not be voted for: it does nothing
    for _ in range(2):
        model.step()
        assert model.market["big"].deployed == everyone.only(model.initial["big"].present)
        assert records(model) == 16_000
    retrained = flowing(STRIKE, stock=1.0, returns=False)
    retrained.step()
    assert retrained.market["big"].deployed == retrained.market["big"].holdings


def test_new_records_need_a_flow():
    with pytest.raises(InputError, match=r"options\.0\.what: found 'new', though all records are there"):
        flowing(NEW, stock=1.0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"option": {"share": 0.5}, "task": "pinterest"},
            r"options\.0\.share: found 0\.5; expected 1: pinterest .* all",
        ),
        ({"flow": 0.5, "task": "pinterest"}, r"users\.flow\.stock: found 0\.5; expected 1: pinterest"),
        (
            {"option": {"records": "trace"}},
            r"options\.0\.records: found 'trace'; expected all: every record of power_law",
        ),
        ({"option": {"kind": "unlink"}}, r"options\.0\.kind: found 'unlink'; expected another lever: power_law"),
    ],
)
def test_what_a_task_cannot_do_is_refused_in_a_sentence(changes, sentence):
    from datacoalition.agents.fit import check_fit
    from datacoalition.ml_tasks.pinterest import PinTask, Pinterest

    from ..ml_tasks import synthetic

    made = world(
        coalitions=[
            {
                "name": "us",
                "charter": {"options": [{"kind": "strike", "target": "big", **changes.get("option", {})}]},
            }
        ],
        users__flow={"stock": changes.get("flow", 1.0)},
    )
    task = PinTask(Pinterest(), synthetic.pins()) if changes.get("task") else made.task()
    with pytest.raises(InputError, match=sentence):
        check_fit(made, [task])
