"""Arms: null institutions by name, for every coalition and whatever a point sets there; `*` in paths."""

import pytest
from datacoalition.coalitions.deciders import DECIDERS
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.files import validated
from datacoalition.scenarios.sweeps.arms import NULLS
from datacoalition.scenarios.sweeps.runs import planned, settled

SCENARIO = """
name: formula
rounds: 2
task: {kind: power_law, records: 60}
firms: [{name: big, response: refuse}, {name: small, data: 0.1, served: 0.1}]
coalitions:
  - {name: us, charter: {options: [{kind: strike, target: big}]}}
  - {name: them, charter: {options: [{kind: strike, target: big}]}}
"""
SWEEP = """
name: arms
scenario: formula.yaml
vary:
  coalitions.0.charter.rule: [majority, plurality]
arms:
  as it is:
  nobody: no_coalition
  chance: lot
  one: dictator
  best: oracle
  apart: each_alone
outputs:
  served: {table: firms, column: served, where: {firm: big}, across: max}
"""


def written(here, text=SWEEP, scenario=SCENARIO):
    (here / "formula.yaml").write_text(scenario)
    (here / "sweep.yaml").write_text(text)
    return here / "sweep.yaml"


def worlds(plan):
    """What each arm is at the first point."""
    found = {}
    for run in plan:
        if run.point == 0:
            found[run.arm] = validated(settled(plan.scenario, plan.changes(run), "test"), "test").build()
    return found


def test_the_null_institutions_have_names():
    assert set(NULLS) == {"no_coalition", "lot", "dictator", "oracle", "each_alone"}


def test_an_arm_by_name_is_every_coalition_s(tmp_path):
    found = worlds(planned(written(tmp_path)))
    deciders = {arm: [coalition.charter.decides for coalition in world.coalitions] for arm, world in found.items()}
    assert deciders["as it is"] == [None, None]
    assert deciders["nobody"] == []
    for arm, name in {"chance": "lot", "one": "dictator", "best": "oracle", "apart": "each_alone"}.items():
        assert deciders[arm] == [DECIDERS[name]()] * 2
    assert all(world.coalitions[0].charter.rule == found["as it is"].coalitions[0].charter.rule
               for arm, world in found.items() if arm != "nobody")  # fmt: skip


def test_a_name_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"arms\.nobody.*'no_union'.*no_coalition, lot, dictator, oracle, each_alone"):
        planned(written(tmp_path, SWEEP.replace("no_coalition", "no_union")))


def test_a_star_is_every_one_of_a_list_and_there_has_to_be_one(tmp_path):
    base = planned(written(tmp_path)).scenario
    data = settled(base, [{"firms.*.price": 3.0, "coalitions.*.charter.options.*.kind": "strike"}], "test")
    assert [firm["price"] for firm in data["firms"]] == [3.0, 3.0]
    with pytest.raises(InputError, match=r"coalitions\.\*\.founders.*an empty list at coalitions"):
        settled({**base, "coalitions": []}, [{"coalitions.*.founders": 0.1}], "test")
    with pytest.raises(InputError, match=r"rounds\.\*\.x.*no list at rounds"):
        settled(base, [{"rounds.*.x": 1}], "test")


def test_an_arm_may_not_set_a_seed(tmp_path):
    with pytest.raises(InputError, match=r"seed: found a setting that a sweep sets itself"):
        planned(written(tmp_path, SWEEP.replace("nobody: no_coalition", "nobody: {seed: 3}")))
