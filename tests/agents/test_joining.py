"""Joining: pure, and as its sources say."""

import numpy as np
import pytest
from datacoalition.agents.awareness import NOTHING, PRINT, TRUTH
from datacoalition.agents.joining import JOININGS, BestResponse, CriticalMass, Imitation, Payoff, Prospects, Threshold
from datacoalition.agents.joining.critical_mass import tables
from datacoalition.agents.membership import prospects as perceived
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.networks import Complete, Neighbours, NoTies
from datacoalition.agents.networks.network import tied
from datacoalition.agents.production import Production, in_press, produced
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.streams import Streams
from datacoalition.scenarios.files import validated

from .test_networks import Crowd


def around(network, n: int) -> Neighbours:
    return network(Crowd(n), np.random.default_rng(0))


def straight(*slopes: float, effort: float = 1.0) -> tuple[Production, ...]:
    """Production functions that rise evenly from 0."""
    ends = np.array([0.0, 1.0])
    return tuple(Production(ends, slope * ends, effort) for slope in slopes)


def prospects(n: int = 1, coalitions: int = 1, **given_: object) -> Prospects:
    names = ("peers", "alignment", "excludable", "public", "service_lost", "exposure", "cost", "dues")
    values = {name: np.zeros((n, coalitions)) for name in names}
    values |= {"threshold": np.zeros(n), "own_cost": np.ones(n), "resources": np.full(n, 1 / n)}
    values |= {name: np.asarray(value, dtype=float) for name, value in given_.items() if name in values}
    asked = {name: lambda found=values.pop(name): found for name in ("excludable", "cost")}
    current = np.asarray(given_.get("current", np.full(n, -1)))
    others = {
        "member": current[:, None] == np.arange(coalitions),
        "exclusive": np.ones(coalitions, dtype=bool),
        "open": np.ones((n, coalitions), dtype=bool),
        "satisfaction": lambda: np.zeros((n, coalitions)),
        "network": around(Complete(), n),
        "draw": lambda name: Streams(0).uniforms(name, n=n),
        "production": lambda grid: straight(*[0.5] * coalitions),
        "in_press": lambda grid: straight(*[0.5] * coalitions),
        "beliefs": lambda: np.zeros((n, coalitions), dtype=np.int64),
    }
    return Prospects(**values, **asked, **(others | {name: value for name, value in given_.items() if name in others}))


def places(wish: np.ndarray) -> list[int]:
    """The coalition that each person wants to be in, -1 for none."""
    none = np.isnan(wish).all(axis=1)
    return np.where(none, -1, np.where(np.isnan(wish), -np.inf, wish).argmax(axis=1)).tolist()


@pytest.mark.parametrize("name", JOININGS)
def test_joining_is_pure(name):
    one = prospects(3, peers=[[0.1], [0.5], [0.9]], current=np.array([-1, 0, -1]))
    np.testing.assert_array_equal(JOININGS[name]()(one), JOININGS[name]()(one))
    assert one.member.tolist() == [[False], [True], [False]]


@pytest.mark.parametrize("name", JOININGS)
def test_a_wish_for_every_person_and_coalition(name):
    wish = JOININGS[name]()(prospects(5, 3))
    assert wish.shape == (5, 3)


def test_nobody_joins_a_purpose_against_their_own():
    against = prospects(peers=[[1.0]], alignment=[[-0.1]])
    assert np.isnan(Threshold()(against)).all()
    assert not np.isnan(Threshold(aligned_only=False)(against)).any()


TERMS = {"excludable": 0.5, "public": 0.1, "alignment": 0.2, "peers": 0.3, "service_lost": 0.1, "cost": 0.05}


def test_payoff_counts_only_what_joining_changes():
    rule = Payoff(alignment=1.0, peers=2.0)
    one = prospects(**{name: [[value]] for name, value in TERMS.items()}, dues=[[0.25]])
    assert rule(one)[0, 0] == pytest.approx(0.5 + 0.1 + 0.2 + 2 * 0.3 - 0.1 - 0.05 - 0.25)
    assert np.isnan(rule(prospects(dues=[[0.01]]))).all()


def test_who_is_satisfied_with_the_target_stays_out():
    seen = prospects(3, excludable=[[0.5]] * 3, satisfaction=lambda: np.array([[1.0], [0.6], [0.0]]))
    np.testing.assert_allclose(Payoff(satisfaction=0.5).gain(seen), [[0.0], [0.2], [0.5]])
    assert places(Payoff(satisfaction=0.7)(seen)) == [-1, 0, 0]


def test_a_best_response_without_noise_by_everybody_is_payoff():
    rng = np.random.default_rng(0)
    some = prospects(200, 2, excludable=rng.normal(0, 1, (200, 2)), peers=rng.random((200, 2)))
    sure = BestResponse(noise=0, reconsidering=1)(some)
    assert places(sure) == places(Payoff()(some))
    assert -1 in places(sure)
    # What is worth nothing is not joined.
    assert places(BestResponse(noise=0, reconsidering=1)(prospects(3))) == [-1, -1, -1]


def test_slips_follow_the_logit():
    n, gain = 40_000, np.array([0.3, -0.2])
    rule = BestResponse(noise=0.25, reconsidering=1)
    found = places(rule(prospects(n, 2, excludable=np.tile(gain, (n, 1)))))
    weight = np.exp(np.array([0.0, *gain]) / 0.25)
    for place, expected in zip((-1, 0, 1), weight / weight.sum(), strict=True):
        assert found.count(place) / n == pytest.approx(expected, abs=0.01)


def test_whoever_does_not_reconsider_stays():
    n = 20_000
    now = np.arange(n) % 3 - 1
    rule = BestResponse(noise=0, reconsidering=0.25)
    found = np.array(places(rule(prospects(n, 2, excludable=np.tile([-1.0, 5.0], (n, 1)), current=now))))
    moved = found != now
    assert (found[moved] == 1).all()
    assert moved.sum() / (now != 1).sum() == pytest.approx(0.25, abs=0.02)
    assert places(BestResponse(reconsidering=0)(prospects(n, 2, current=now))) == now.tolist()


def test_a_huge_payoff_breaks_nothing():
    assert places(BestResponse(noise=1e-6, reconsidering=1)(prospects(1, 2, excludable=[[1e6, -1e6]]))) == [0]
    copied = Imitation(noise=1e-9)(prospects(2, excludable=np.full((2, 1), 1e6), current=np.array([0, -1])))
    assert places(copied) == [0, 0]


def test_people_copy_the_better_off_as_often_as_the_source_says():
    """[TNP06]: of two people who look at each other, one copies with probability 1 / (1 + exp(-difference / noise))."""
    pairs = 20_000
    now = np.tile([0, -1], pairs)
    start = 2 * np.arange(pairs)
    network = tied(2 * pairs, start, start + 1)
    for difference in (-0.1, 0.0, 0.1):
        rule = Imitation(noise=0.1)
        seen = prospects(2 * pairs, excludable=np.full((2 * pairs, 1), difference), current=now, network=network)
        found = np.array(places(rule(seen)))
        joined, left = np.mean(found[1::2] == 0), np.mean(found[::2] == -1)
        assert joined == pytest.approx(1 / (1 + np.exp(-difference / 0.1)), abs=0.015)
        assert left == pytest.approx(1 / (1 + np.exp(difference / 0.1)), abs=0.015)


def test_what_a_member_had_is_less_dues_effort_and_service():
    rule = Imitation(noise=1e-6)
    owed = {"service_lost": 0.2, "cost": 0.6, "dues": 0.3}  # 1.1 in all
    for paid, all_in in ((1.2, True), (1.0, False)):
        terms = {name: np.full((2, 1), value) for name, value in owed.items()}
        seen = prospects(2, excludable=np.full((2, 1), paid), current=np.array([0, -1]), **terms)
        assert places(rule(seen)) == ([0, 0] if all_in else [-1, -1])


def test_who_is_alone_has_nobody_to_copy():
    now = np.array([-1, 0, -1])
    seen = prospects(3, excludable=np.full((3, 1), 9.0), current=now, network=around(NoTies(), 3))
    assert places(Imitation()(seen)) == [-1, 0, -1]


def test_a_contribution_is_worth_it_or_not_by_hand():
    """[OMT85]: v (P(R + r) - P(R)) > c r; with an even P of slope .5 and value 1 that is alignment x .5 > cost."""
    rule = CriticalMass(value=1.0, cost=0.1)
    seen = prospects(3, alignment=[[0.21], [0.19], [-1.0]], resources=[0.3, 0.3, 0.4])
    assert places(rule(seen)) == [0, -1, -1]
    dear = prospects(3, alignment=[[0.21], [0.19], [1.0]], own_cost=[1.0, 0.9, 6.0])
    assert places(rule(dear)) == [0, 0, -1]
    easy = prospects(1, alignment=[[0.1]], production=lambda grid: straight(0.5, effort=0.4))
    assert places(rule(easy)) == [0]


def test_people_contribute_by_what_they_believe_of_the_lever():
    """Three with a tenth of the records each, as worth by what was published, by nothing that is true."""
    rule = CriticalMass(value=1.0, cost=0.2)
    people = {"alignment": np.ones((3, 1)), "resources": np.full(3, 0.1), "open": np.ones((3, 1), dtype=bool)}
    real, read = straight(0.1), straight(0.3)
    kinds = np.array([[TRUTH], [PRINT], [NOTHING]])
    asked = {"production": lambda grid: real, "in_press": lambda grid: read, "beliefs": lambda: kinds}
    assert places(rule(prospects(3, **people, **asked))) == [-1, 0, -1]
    asked |= {"production": lambda grid: read, "in_press": lambda grid: real}
    assert places(rule(prospects(3, **people, **asked))) == [0, -1, -1]


def test_what_was_published_is_read_at_the_same_shares_of_people():
    awareness = {"nothing": 0.3, "published": 0.3, "study": "pinterest"}
    users = {"joining": "critical_mass", "network": "complete", "awareness": awareness}
    model = CoalitionModel(validated(scenario("", users=users), "test"))
    grid = (0.1, 0.5, 1.0)
    given, taken = in_press(model, grid)
    records = produced(model, grid)[0].given
    assert (given.given == records).all()
    assert given.power == pytest.approx([0.0, 0.838, 0.972, 1.0])
    assert taken.power == pytest.approx([0.0, 0.0, 0.028, 1.0])  # a strike of a tenth is below 0 in print
    beliefs = model.world.users.awareness.beliefs(model, "big")
    assert np.bincount(beliefs) / 400 == pytest.approx([0.4, 0.3, 0.3], abs=0.08)


def test_who_has_contributed_stays_and_who_has_nothing_contributes_nothing():
    seen = prospects(3, alignment=[[-1.0], [1.0], [1.0]], resources=[0.5, 0.0, 0.5], current=np.array([0, -1, -1]))
    assert places(CriticalMass()(seen)) == [0, -1, 0]


def test_people_count_what_others_have_given_and_where_more_is_won():
    """Two purposes: a saturated one and one not begun. The second takes the next contribution."""
    steps = Production(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.9, 0.9]), 1.0)
    seen = prospects(
        3, 2, alignment=np.ones((3, 2)), resources=[0.5, 0.1, 0.4], current=np.array([0, -1, -1]),
        production=lambda grid: (steps, straight(0.3)[0]),
    )  # fmt: skip
    assert places(CriticalMass(cost=0.2)(seen)) == [0, 1, 1]


def test_order_decides_where_production_levels_off():
    """One of two suffices; whoever is asked first gives, the other need not."""
    enough = Production(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]), 1.0)
    terms = {"alignment": [[0.9], [0.8]], "resources": [0.5, 0.5], "production": lambda grid: (enough,)}
    assert places(CriticalMass(order="most_interested")(prospects(2, **terms))) == [0, -1]
    assert places(CriticalMass(order="least_interested")(prospects(2, **terms))) == [-1, 0]


@pytest.mark.parametrize("grid", [(), (0.0, 0.5), (0.5, 0.3), (0.5, 0.5), (0.5, 1.5)])
def test_shares_that_are_no_grid_are_refused(grid):
    with pytest.raises(InputError, match="grid"):
        CriticalMass(grid=grid)


def test_what_was_found_is_kept_unless_it_falls():
    function = Production.fitted(np.array([0.1, 0.2, 0.2, 0.5]), np.array([0.3, 0.5, 0.9, 0.4]), 1.0)
    np.testing.assert_allclose(function.given, [0, 0.1, 0.2, 0.5])
    np.testing.assert_allclose(function.power, [0, 0.3, 0.45, 0.45])
    fine = np.linspace(0, 1.2, 500)
    assert (np.diff(function(fine)) >= 0).all()
    np.testing.assert_allclose(function(np.array([0.0, 0.1, 0.5, 0.9])), [0, 0.3, 0.45, 0.45])
    assert (Production.fitted(np.array([0.5, 1.0]), np.array([np.nan, np.nan]), 1.0)(fine) == 0).all()
    assert (Production.fitted(np.array([0.5, 1.0]), np.array([-0.2, -0.1]), 1.0)(fine) == 0).all()


def test_the_kernel_reads_the_same_function():
    from datacoalition.agents.joining.kernel import power_at  # here, so that collecting tests compiles nothing

    functions = (
        Production(np.array([0.0, 0.2, 0.4, 1.0]), np.array([0.0, 0.1, 0.7, 0.9]), 1.0),
        Production(np.array([0.0, 0.6]), np.array([0.0, 0.5]), 1.0),
    )
    knots, pieces = (of_kinds[0] for of_kinds in tables((functions,)))
    for k, function in enumerate(functions):
        for given in np.linspace(0, 1.1, 45):
            assert power_at(knots[k], pieces[k], given) == pytest.approx(float(function(np.array(given))), abs=1e-12)


def scenario(joining, **changes) -> dict:
    charters = [
        {"options": [{"kind": "redirect", "target": "big", "rival": "small"}]},
        {"options": [{"kind": "strike", "target": "big"}]},
    ]
    return {
        "name": "test",
        "task": {"kind": "power_law", "records": 3000, "deal": {"kind": "lognormal", "contributors": 400}},
        "firms": [
            {"name": "big", "positions": {"pay": -0.5}, "response": "refuse", "served": 0.9},
            {"name": "small", "data": 0.0, "response": "refuse"},
        ],
        "coalitions": [
            {"name": "givers", "positions": {"pay": 1}, "charter": charters[0], "founders": 0.0},
            {"name": "strikers", "positions": {"pay": 1}, "charter": charters[1], "founders": 0.0},
        ],
        "users": {"joining": joining, "network": "complete"},
        **changes,
    }


@pytest.mark.parametrize("name", JOININGS)
def test_every_rule_serves_the_model(name):
    model = CoalitionModel(validated(scenario(name), "test"))
    for _ in range(3):
        model.step()
    assert np.isfinite(model.population.dividend).all()


def test_production_is_what_retraining_says_and_is_asked_for_once():
    model = CoalitionModel(validated(scenario("critical_mass"), "test"))
    grid = (0.1, 0.5, 1.0)
    give, strike = produced(model, grid)
    for function, sign in ((give, 1), (strike, -1)):
        assert function.given[-1] == 1
        assert function.given[1:] == pytest.approx([0.1, 0.5, 1.0], abs=0.08)  # records, drawn by people
        for given, power in zip(function.given[1:], function.power[1:], strict=True):
            left = max(given if sign > 0 else 1 - given, 1 / 1000) ** -0.095
            expected = (1000**0.095 - left) if sign > 0 else left - 1
            assert power == pytest.approx(expected / (1000**0.095 - 1), abs=1e-9)
    asked = model.counts.asked
    assert produced(model, grid) == (give, strike)
    assert model.counts.asked == asked


def test_shares_of_records_are_resources():
    model = CoalitionModel(
        validated(
            scenario(
                "critical_mass",
            ),
            "test",
        )
    )
    seen = perceived(model)
    assert seen.resources.sum() == pytest.approx(1)
    np.testing.assert_allclose(seen.resources, model.population.records / 3000)
    assert (seen.draw("whom") == seen.draw("whom")).all()
    assert (seen.draw("whom") != seen.draw("copies")).any()
