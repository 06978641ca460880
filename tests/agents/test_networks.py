"""Networks: symmetric, without self ties, the same under the same stream, and as their sources say."""

from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.networks import (
    NETWORKS,
    Complete,
    EdgeList,
    NoTies,
    Random,
    Ring,
    ScaleFree,
    SmallWorld,
    StochasticBlock,
)
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.files import validated

DRAWN = sorted(set(NETWORKS) - {"edge_list"})


@dataclass
class Crowd:
    n: int
    issues: tuple[str, ...] = ()
    stances: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"person {i + 1}" for i in range(self.n))


def draw(network, n: int, seed: int = 0):
    return network(Crowd(n), np.random.default_rng(seed))


def graph_of(drawn) -> nx.Graph:
    return nx.from_scipy_sparse_array(drawn.adjacency)


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("n", [1, 2, 3, 7, 50])
def test_shares_of_neighbours_match_networkx(name, n):
    drawn = draw(NETWORKS[name](), n)
    groups = (np.random.default_rng(1).random((n, 2)) < 0.4).astype(float)
    shares = drawn.share(groups)
    if drawn.adjacency is None:
        np.testing.assert_allclose(shares, np.tile(groups.mean(axis=0), (n, 1)))
        return
    graph = graph_of(drawn)
    expected = [groups[list(graph[i])].mean(axis=0) if graph.degree(i) else np.zeros(2) for i in graph]
    np.testing.assert_allclose(shares, expected)
    np.testing.assert_array_equal(drawn.degree, [degree for _, degree in graph.degree()])


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("n", [1, 2, 60])
def test_ties_are_mutual_and_lead_to_others_only(name, n):
    drawn = draw(NETWORKS[name](), n)
    if drawn.adjacency is None:
        return
    matrix = drawn.adjacency.toarray()
    np.testing.assert_array_equal(matrix, matrix.T)
    assert not matrix.diagonal().any()
    assert set(np.unique(matrix)) <= {0.0, 1.0}
    assert drawn.adjacency.nnz == matrix.sum()  # no tie is kept as a zero


@pytest.mark.parametrize("name", ["small_world", "random", "scale_free", "stochastic_block"])
def test_the_stream_alone_decides(name):
    one, same, other = (draw(NETWORKS[name](), 200, seed).adjacency for seed in (3, 3, 4))
    assert (one != same).nnz == 0
    assert (one != other).nnz > 0


@pytest.mark.parametrize("name", DRAWN)
def test_one_of_the_others_around_each_person(name):
    n = 40
    drawn = draw(NETWORKS[name](), n)
    met: list[set[int]] = [set() for _ in range(n)]
    for u in np.linspace(0, 1, 400, endpoint=False):
        for person, chosen in enumerate(drawn.one_each(np.full(n, u))):
            met[person].add(int(chosen))
    for person in range(n):
        if drawn.adjacency is None:
            around = set(range(n)) - {person}
        else:
            around = set(np.flatnonzero(drawn.adjacency.toarray()[person]).tolist()) or {-1}
        assert met[person] == around


def test_alone_nobody_is_around():
    assert draw(SmallWorld(), 1).share(np.ones((1, 1))) == 0
    assert draw(Complete(), 1).one_each(np.array([0.5])).tolist() == [-1]


def test_degrees_are_those_asked_for():
    ring = graph_of(draw(SmallWorld(10, 0.0), 200))
    assert set(dict(ring.degree()).values()) == {10}
    assert nx.is_connected(ring)
    mixed = graph_of(draw(SmallWorld(10, 0.5), 2000))
    assert np.mean(list(dict(mixed.degree()).values())) == pytest.approx(10, abs=0.2)
    assert nx.average_clustering(mixed) < nx.average_clustering(ring) / 3
    loose = graph_of(draw(Random(6), 2000))
    assert np.mean(list(dict(loose.degree()).values())) == pytest.approx(6, abs=0.2)


def test_a_ring_is_a_cycle():
    assert nx.is_isomorphic(graph_of(draw(Ring(2), 30)), nx.cycle_graph(30))
    assert nx.is_isomorphic(graph_of(draw(Ring(6), 30)), nx.watts_strogatz_graph(30, 6, 0))


def test_in_the_network_none_nobody_is_around_anybody():
    assert draw(NoTies(), 30).adjacency.nnz == 0


def tail(degrees: np.ndarray, at_least: int) -> float:
    return float(np.mean(np.asarray(degrees) >= at_least))


def test_scale_free_degrees_follow_their_law_and_networkx():
    """[BA99]; exactly P(degree >= k) = m (m + 1) / (k (k + 1)) in the limit [BB05 has the references]."""
    m, n = 3, 20_000
    drawn = draw(ScaleFree(m), n)
    peer = np.array([degree for _, degree in nx.barabasi_albert_graph(n, m, seed=0).degree()])
    assert nx.is_connected(graph_of(drawn))
    assert drawn.degree.mean() == pytest.approx(2 * m, rel=0.01)
    for k in (4, 6, 10, 20, 40):
        expected = m * (m + 1) / (k * (k + 1))
        noise = 4 * np.sqrt(expected / n)
        assert tail(drawn.degree, k) == pytest.approx(expected, abs=noise + 0.01 * expected)
        assert tail(drawn.degree, k) == pytest.approx(tail(peer, k), abs=2 * noise)
    assert drawn.degree.max() > 20 * drawn.degree.mean()
    # Earlier people have had more time to be found.
    assert drawn.degree[:100].mean() > 5 * drawn.degree[-10_000:].mean()


def block_of(n: int, sizes: tuple[float, ...]) -> np.ndarray:
    return np.searchsorted(np.rint(np.cumsum(sizes) * n), np.arange(n), side="right")


@pytest.mark.parametrize("inside", [0.0, 0.3, 0.9, 1.0])
def test_as_many_ties_inside_blocks_of_like_stances_as_asked_for(inside):
    n, sizes = 3000, (0.5, 0.3, 0.2)
    stances = np.random.default_rng(5).uniform(-1, 1, (n, 2))
    crowd = Crowd(n, ("pay", "privacy"), stances)
    drawn = StochasticBlock(sizes, inside, 8.0, "privacy")(crowd, np.random.default_rng(0))
    block = np.empty(n, dtype=int)
    block[np.argsort(stances[:, 1])] = block_of(n, sizes)
    start, end = drawn.adjacency.nonzero()
    assert np.mean(block[start] == block[end]) == pytest.approx(inside, abs=0.01)
    assert drawn.degree.mean() == pytest.approx(8.0, rel=0.02)
    if inside == 0.9:  # who is tied holds like views
        assert np.corrcoef(stances[start, 1], stances[end, 1])[0, 1] > 0.6
        assert abs(np.corrcoef(stances[start, 0], stances[end, 0])[0, 1]) < 0.05


def test_any_two_people_inside_blocks_are_as_likely_to_be_tied():
    """[HLL83]: with ties inside only, a block's density does not depend on its size; as networkx draws them."""
    n, sizes = 1000, (0.7, 0.3)
    drawn = draw(StochasticBlock(sizes, 1.0, 20.0), n)
    parts = sorted((len(part), drawn.degree[list(part)].sum()) for part in nx.connected_components(graph_of(drawn)))
    assert [size for size, _ in parts] == [300, 700]
    small, large = (ends / (size * (size - 1)) for size, ends in parts)
    assert small == pytest.approx(large, rel=0.05)
    peer = nx.stochastic_block_model([700, 300], [[large, 0], [0, large]], seed=0)
    assert drawn.adjacency.nnz / 2 == pytest.approx(peer.number_of_edges(), rel=0.05)


def test_one_block_is_a_random_network():
    drawn = draw(StochasticBlock((1.0,), 1.0, 6.0), 2000)
    assert drawn.degree.mean() == pytest.approx(6, abs=0.1)
    assert drawn.degree.var() == pytest.approx(6, rel=0.15)  # Poisson


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sizes": (0.5, 0.4)}, r"sizes: found \[0\.5, 0\.4\]; expected shares"),
        ({"sizes": ()}, "sizes"),
        ({"sizes": (1.5, -0.5)}, "sizes"),
        ({"inside": 1.1}, "inside"),
    ],
)
def test_blocks_that_cannot_be_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        StochasticBlock(**settings)


def test_an_issue_that_nobody_has_a_stance_on_is_refused():
    crowd = Crowd(10, ("pay",), np.zeros((10, 1)))
    with pytest.raises(InputError, match=r"users\.network\.issue: found 'moon'; expected one of the issues \['pay'\]"):
        StochasticBlock(issue="moon")(crowd, np.random.default_rng(0))


def test_ties_from_a_file(tmp_path, monkeypatch):
    (tmp_path / "ties.csv").write_text(
        "user,neighbour,how\nperson 1,person 3,kin\nperson 3,person 1,\nperson 4, person 3,\n"
    )
    monkeypatch.chdir(tmp_path)
    matrix = draw(EdgeList("ties.csv"), 5).adjacency.toarray()
    assert [tuple(map(int, tie)) for tie in np.argwhere(np.triu(matrix))] == [(0, 2), (2, 3)]
    np.testing.assert_array_equal(matrix, matrix.T)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "person 1,person 2\n\nperson 2,Ann\n",
            r"ties\.csv, line 4: found 'Ann', whom the task does not know; exp",
        ),
        ("person 2,person 2\n", r"ties\.csv, line 2: found a tie of 'person 2' to themselves; expected two users"),
        ("person 1\n", r"ties\.csv, line 2: found 1 columns; expected 2"),
        ("person 1,person 2,person 3\n", r"ties\.csv, line 2: found 3 columns"),
        ("person 1,\n", r"ties\.csv, line 2: found an empty neighbour"),
        ('person 1,"person 2\n', r"ties\.csv, line 2: found a quote that is never closed"),
    ],
)
def test_a_bad_line_is_named(tmp_path, rows, message):
    path = tmp_path / "ties.csv"
    path.write_text("user,neighbour\n" + rows)
    with pytest.raises(InputError, match=message):
        draw(EdgeList(str(path)), 5)


def test_a_file_that_is_not_there_or_no_list_of_ties_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"ties\.csv: found no file; expected a CSV file of ties with columns user, n"):
        draw(EdgeList(str(tmp_path / "ties.csv")), 5)
    (tmp_path / "ties.csv").write_text("from,to\n1,2\n")
    with pytest.raises(InputError, match=r"ties\.csv, line 1: found no column user"):
        draw(EdgeList(str(tmp_path / "ties.csv")), 5)


def scenario(network) -> dict:
    charter = {"options": [{"kind": "strike", "target": "big"}]}
    return {
        "name": "test",
        "task": {"kind": "power_law", "records": 200},
        "firms": [{"name": "big", "positions": {"pay": -0.5}}],
        "coalitions": [{"name": "strikers", "positions": {"pay": 1}, "charter": charter}],
        "users": {"network": network, "count": 220},
    }


@pytest.mark.parametrize("name", DRAWN)
def test_every_network_serves_the_model(name):
    model = CoalitionModel(validated(scenario(name), "test"))
    model.step()
    assert model.network.n == 220


def test_people_sort_by_the_stances_they_have_in_the_model(tmp_path):
    model = CoalitionModel(validated(scenario({"kind": "stochastic_block", "issue": "pay", "inside": 1.0}), "test"))
    start, end = model.network.adjacency.nonzero()
    middle = np.median(model.population.stances[:, 0])
    assert ((model.population.stances[start, 0] < middle) == (model.population.stances[end, 0] < middle)).all()
    path = tmp_path / "ties.csv"
    path.write_text("user,neighbour\nperson 200,user without records 20\n")
    model = CoalitionModel(validated(scenario({"kind": "edge_list", "path": str(path)}), "test"))
    assert model.network.degree.nonzero()[0].tolist() == [199, 219]
