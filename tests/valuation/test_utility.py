import math

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.methods import METHODS, values
from datacoalition.valuation.utility import UtilityTable


def recording(function):
    asked = []

    def utility(group):
        asked.append(group)
        return function(group)

    return utility, asked


def test_each_distinct_group_is_evaluated_once():
    utility, asked = recording(len)
    table = UtilityTable(utility)
    groups = [frozenset("ab"), frozenset("ba"), frozenset("a"), frozenset(), frozenset("abc"), frozenset()]
    assert [table(group) for group in groups] == [2, 2, 1, 0, 3, 0]
    assert table.evaluations == len(asked) == 4


def test_methods_share_one_table():
    utility, asked = recording(lambda group: len(group) ** 2)
    table = UtilityTable(utility)
    names = set(METHODS) - {"knn_shapley", "influence"}  # these two ask for no group
    settings = {name: {"unions": {"a": "u", "b": "u"}} if name == "owen" else {} for name in names}
    alone = {name: values("abc", lambda group: len(group) ** 2, name, **settings[name]) for name in names}
    shared = {name: values("abc", table, name, **settings[name]) for name in names}
    assert len(asked) == table.evaluations == 8
    for name in names:
        assert shared[name].worth.tolist() == alone[name].worth.tolist()
        # What a method asked for is counted, wherever it came from: the order of methods changes no table.
        assert shared[name].evaluations == alone[name].evaluations


@pytest.mark.parametrize("found", [math.nan, math.inf, -math.inf, 1e200, None, "3", [1, 2], 1j, 10**400])
def test_anything_but_a_finite_number_is_refused(found):
    with pytest.raises(InputError, match=r"utility of a group of 2.*finite number"):
        UtilityTable(lambda group: found)(frozenset("ab"))


def test_an_error_inside_the_utility_passes_through():
    def broken(group):
        raise TypeError("training crashed")

    with pytest.raises(TypeError, match="training crashed"):
        UtilityTable(broken)(frozenset("ab"))


def test_a_table_tells_what_it_remembers():
    utility, _ = recording(len)
    table = UtilityTable(utility)
    assert table.remembered is utility
    assert UtilityTable(table).remembered is table


def test_the_scale_is_the_largest_size_seen():
    table = UtilityTable(lambda group: -3.0 * len(group))
    assert table.largest == 0
    table(frozenset("ab"))
    assert table.largest == 6


def by_seed(group):
    return np.array([1.0, 2.0, 4.0]) * len(group)


def test_a_utility_may_give_a_number_for_every_training_seed():
    table = UtilityTable(by_seed)
    assert table(frozenset("ab")) == pytest.approx(14 / 3)
    assert table.many([frozenset("a"), frozenset(), frozenset("a")]).tolist() == [[1, 2, 4], [0, 0, 0], [1, 2, 4]]
    assert table.noisy
    assert not UtilityTable(len).noisy
    assert UtilityTable(len).many([]).shape == (0, 1)


def test_as_many_seeds_for_every_group():
    table = UtilityTable(lambda group: np.ones(1 + len(group)))
    table(frozenset())
    with pytest.raises(InputError, match="expected as many training seeds as before, 1"):
        table(frozenset("a"))
    mixed = UtilityTable(lambda group: np.ones(2) if group else 0.0)
    mixed(frozenset())
    with pytest.raises(InputError, match="as many training seeds as before, none"):
        mixed(frozenset("a"))


@pytest.mark.parametrize("utility", [by_seed, lambda group: math.sqrt(len(group)) / 3], ids=["seeds", "number"])
def test_a_saved_table_is_resumed_after_a_kill_and_evaluates_nothing_again(tmp_path, utility):
    groups = [frozenset(), frozenset("ac"), frozenset("b")]
    path = tmp_path / "table.jsonl"
    first = UtilityTable(utility, "abc", path)
    found = first.many(groups)
    path.write_text(path.read_text() + '["3", [1.0,')  # killed while it wrote
    again, asked = recording(utility)
    resumed = UtilityTable(again, "abc", path)
    np.testing.assert_array_equal(resumed.many(groups), found)
    assert asked == []
    resumed.many([frozenset("abc")])
    last, asked = recording(utility)
    np.testing.assert_array_equal(UtilityTable(last, "abc", path).many([*groups, frozenset("abc")])[:3], found)
    assert asked == []
    assert resumed.to_frame()["group"].tolist() == ["", "a; c", "b", "a; b; c"]
    assert resumed.to_frame()["size"].tolist() == [0, 2, 1, 3]


def test_a_table_of_something_else_is_not_taken(tmp_path):
    path = tmp_path / "table.jsonl"
    UtilityTable(len, "abc", path)(frozenset("a"))
    before = path.read_text()

    class Other:
        fingerprint = "another"

        def __call__(self, group):
            return 0.0

    for bad in (lambda: UtilityTable(len, "abd", path), lambda: UtilityTable(Other(), "abc", path)):
        with pytest.raises(InputError, match="found a table of other players or another utility"):
            bad()
    with pytest.raises(InputError, match="players that are texts or numbers"):
        UtilityTable(len, [("a", 1)], path)
    assert path.read_text() == before
    path.write_text("player,worth\n")
    with pytest.raises(InputError, match="found another kind of file"):
        UtilityTable(len, "abc", path)


def test_workers_change_no_value_and_no_order():
    groups = [frozenset(range(k)) for k in range(20)]
    one, four = (UtilityTable(lambda group: math.sqrt(len(group)), workers=w) for w in (1, 4))
    np.testing.assert_array_equal(one.many(groups), four.many(groups))
    assert one.to_frame().equals(four.to_frame())


def test_the_utility_is_told_of_all_groups_that_come_next():
    class Batched:
        def __init__(self):
            self.told = []

        def ahead(self, groups):
            self.told.append(list(groups))

        def __call__(self, group):
            return float(len(group))

    utility = Batched()
    table = UtilityTable(utility)
    table(frozenset("a"))
    UtilityTable(table).many([frozenset("a"), frozenset("b"), frozenset("ab"), frozenset("b")])
    assert utility.told == [[frozenset("a")], [frozenset("b"), frozenset("ab")]]


def test_the_powerset_has_a_row_for_every_set_of_bits_and_is_evaluated_once():
    utility, asked = recording(lambda group: sum(10**i for i in group) + 5)
    table = UtilityTable(utility)
    table(frozenset([7, 2]))  # another player and another order of bits
    found = table.powerset([2, 0, 1])
    assert found.tolist() == [[5], [105], [6], [106], [15], [115], [16], [116]]
    assert table.powerset((2, 0, 1)) is found
    assert table.powerset([0, 1, 2])[1] == 6
    assert len(asked) == len(set(asked)) == 9
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1
    inner = UtilityTable(table)
    assert inner.powerset([2, 0, 1]).tolist() == found.tolist()
    assert inner.evaluations == 8
    assert len(asked) == 9


def test_the_powerset_under_several_seeds():
    table = UtilityTable(lambda group: np.array([len(group), -1.0]))
    assert table.powerset("ab").tolist() == [[0, -1], [1, -1], [1, -1], [2, -1]]
