import math

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
    alone = {name: values("abc", lambda group: len(group) ** 2, name) for name in METHODS}
    shared = {name: values("abc", table, name) for name in METHODS}
    assert len(asked) == table.evaluations == 8
    for name in METHODS:
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


def test_the_scale_is_the_largest_size_seen():
    table = UtilityTable(lambda group: -3.0 * len(group))
    assert table.largest == 0
    table(frozenset("ab"))
    assert table.largest == 6
