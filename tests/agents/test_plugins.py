"""Networks, joining, markets and responses: pure, and as their sources say."""

import math

import networkx as nx
import numpy as np
import pytest
from datacoalition.agents.joining import JOININGS, Payoff, Prospects, Threshold
from datacoalition.agents.markets import MARKETS, Captive, Logit
from datacoalition.agents.networks import NETWORKS, Everyone, Neighbours, Random, SmallWorld
from datacoalition.agents.responses import RESPONSES, Concede, Threat
from datacoalition.ml_tasks.settings import InputError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_shares_of_neighbours_match_networkx(name, n):
    drawn = NETWORKS[name]()(n, np.random.default_rng(0))
    groups = (np.random.default_rng(1).random((n, 2)) < 0.4).astype(float)
    shares = drawn.share(groups)
    if drawn.adjacency is None:
        np.testing.assert_allclose(shares, np.tile(groups.mean(axis=0), (n, 1)))
        return
    graph = nx.from_scipy_sparse_array(drawn.adjacency)
    assert not any(graph.has_edge(i, i) for i in graph)
    expected = [groups[list(graph[i])].mean(axis=0) if graph.degree(i) else np.zeros(2) for i in graph]
    np.testing.assert_allclose(shares, expected)


def test_degrees_are_those_asked_for():
    ring = nx.from_scipy_sparse_array(SmallWorld(10, 0.0)(200, np.random.default_rng(0)).adjacency)
    assert set(dict(ring.degree()).values()) == {10}
    assert nx.is_connected(ring)
    mixed = nx.from_scipy_sparse_array(SmallWorld(10, 0.5)(2000, np.random.default_rng(0)).adjacency)
    assert np.mean(list(dict(mixed.degree()).values())) == pytest.approx(10, abs=0.2)
    assert nx.average_clustering(mixed) < nx.average_clustering(ring) / 3
    loose = nx.from_scipy_sparse_array(Random(6)(2000, np.random.default_rng(0)).adjacency)
    assert np.mean(list(dict(loose.degree()).values())) == pytest.approx(6, abs=0.2)


def prospects(n: int = 1, **given_: object) -> Prospects:
    names = ("peers", "alignment", "excludable", "public", "service_lost", "cost", "dues")
    values = {name: np.zeros((n, 1)) for name in names} | {"threshold": np.zeros(n)}
    values |= {name: np.asarray(value, dtype=float) for name, value in given_.items()}
    return Prospects(**values)


def cascade(thresholds: np.ndarray) -> int:
    """How many have joined in the end, on the network where everybody sees everybody."""
    inside, everyone = np.zeros((len(thresholds), 1)), Everyone()(len(thresholds), np.random.default_rng(0))
    for _ in range(len(thresholds) + 1):
        wish = Threshold()(prospects(len(thresholds), peers=everyone.share(inside), threshold=thresholds))
        inside = (~np.isnan(wish)).astype(float)
    return int(inside.sum())


def test_granovetters_crowd():
    """[G78]: thresholds 0 to 99 among 100 people: all join. Make the 1 a 2 and one joins."""
    thresholds = np.arange(100) / 100
    assert cascade(thresholds) == 100
    thresholds[1] = 0.02
    assert cascade(thresholds) == 1


def test_nobody_joins_a_purpose_against_their_own():
    against = prospects(peers=[[1.0]], alignment=[[-0.1]])
    assert np.isnan(Threshold()(against)).all()
    assert not np.isnan(Threshold(aligned_only=False)(against)).any()


def test_payoff_counts_only_what_joining_changes():
    rule = Payoff(alignment=1.0, peers=2.0, service=3.0, cost=4.0)
    terms = {"excludable": 0.5, "public": 0.1, "alignment": 0.2, "peers": 0.3, "service_lost": 0.1, "cost": 0.05}
    one = prospects(**{name: [[value]] for name, value in terms.items()}, dues=[[0.25]])
    assert rule(one)[0, 0] == pytest.approx(0.5 + 0.1 + 0.2 + 2 * 0.3 - 3 * 0.1 - 4 * 0.05 - 0.25)
    assert np.isnan(rule(prospects(dues=[[0.01]]))).all()


@pytest.mark.parametrize("name", JOININGS)
def test_joining_is_pure(name):
    one = prospects(3, peers=[[0.1], [0.5], [0.9]])
    np.testing.assert_array_equal(JOININGS[name]()(one), JOININGS[name]()(one))


def market_case(seed: int):
    rng = np.random.default_rng(seed)
    quality, agreement = rng.random((20, 3)), rng.uniform(-1, 1, (20, 3))
    current = np.eye(3, dtype=bool)[rng.integers(0, 3, 20)]
    refused = rng.random((20, 3)) < 0.3
    return quality, agreement, current, refused


@pytest.mark.parametrize("name", MARKETS)
@given(seed=st.integers(0, 1000))
def test_probabilities_add_up_to_one_or_to_none(name, seed):
    case = market_case(seed)
    chosen = MARKETS[name]()(*case)
    assert (chosen >= 0).all()
    assert (chosen[case[3]] == 0).all()
    total = chosen.sum(axis=1)
    assert (np.isclose(total, 1) | (total == 0)).all()


def test_captive_people_stay():
    quality, agreement, current, refused = market_case(0)
    np.testing.assert_array_equal(Captive()(quality, agreement, current, refused & False), current)


def test_logit_by_hand():
    rule = Logit(quality=2.0, positions=0.5, switching_cost=1.0, noise=2.0)
    chosen = rule(np.array([[1.0, 0.25]]), np.array([[-0.5, 0.5]]), np.array([[True, False]]), np.zeros((1, 2), bool))
    stay, go = (2 * 1 - 0.25 + 1) / 2, (2 * 0.25 + 0.25) / 2
    assert chosen[0, 0] == pytest.approx(math.exp(stay) / (math.exp(stay) + math.exp(go)))


def test_more_quality_draws_people_and_a_switching_cost_keeps_them():
    none, nowhere = np.zeros((1, 2)), np.zeros((1, 2), bool)
    here = np.array([[True, False]])
    better = np.array([[0.2, 0.9]])
    assert Logit()(better, none, here, nowhere)[0, 1] > Logit()(better * 0, none, here, nowhere)[0, 1]
    costs = [Logit(switching_cost=c)(better, none, here, nowhere)[0, 1] for c in (0, 1, 3)]
    assert costs[0] > costs[1] > costs[2]


def test_undefined_quality_attracts_nobody_and_breaks_nothing():
    chosen = Logit()(np.array([[np.nan, 0.5]]), np.zeros((1, 2)), np.zeros((1, 2), bool), np.zeros((1, 2), bool))
    assert chosen.sum() == pytest.approx(1)
    assert chosen[0, 1] > chosen[0, 0]


@pytest.mark.parametrize("name", RESPONSES)
@pytest.mark.parametrize("harm", [-5.0, 0.0, math.nan])
def test_nothing_is_paid_for_no_harm(name, harm):
    assert RESPONSES[name]()(Threat(harm, 1.0, 100.0)) == 0
    assert RESPONSES[name]()(Threat(harm, math.nan, 100.0)) == 0


@pytest.mark.parametrize(
    ("harm", "stderr", "paid"),
    [(10, 2, 4.0), (10, 10, 0.0), (10, 12, 0.0), (10, math.nan, 4.0), (10, 0, 4.0), (4.9, 1, 0.0), (5, 1, 2.0)],
)
def test_concede_pays_a_share_of_what_can_be_told_from_noise(harm, stderr, paid):
    assert Concede(share=0.4, least=0.05)(Threat(harm, stderr, 100.0)) == pytest.approx(paid)


@pytest.mark.parametrize("settings", [{"share": 1.2}, {"share": -0.1}, {"share": math.nan}, {"least": 2}])
def test_impossible_settings(settings):
    with pytest.raises(InputError):
        Concede(**settings)


def test_alone_nobody_is_around():
    assert Neighbours(1, SmallWorld()(1, np.random.default_rng(0)).adjacency).share(np.ones((1, 1))) == 0
