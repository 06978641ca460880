"""Item kNN and its task: against a plain scipy implementation, and subtraction against counting to the bit."""

import numpy as np
import pytest
import scipy.sparse as sp
from datacoalition.ml_tasks import pins as loaders
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.item_knn import Cooccurrence, ItemKnn, fit
from datacoalition.ml_tasks.pins import load
from datacoalition.ml_tasks.pinterest import PinTask, Pinterest
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.settings import InputError

from . import synthetic

TASK = PinTask(Pinterest(model=ItemKnn(top=20, shrink=10)), synthetic.pins())
BASKETS = TASK._baskets
RNG = np.random.default_rng(0)


def plain(present: np.ndarray, top: int, shrink: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted user-item matrix and kept similarities (item, neighbour), written out from the definition."""
    people, items = BASKETS.people, BASKETS.items
    matrix = sp.csr_matrix((np.ones(len(BASKETS.item)), BASKETS.item, BASKETS.start), (people, items)).toarray()
    matrix[~present] = 0
    by_item = matrix.T  # items are documents, people terms
    idf = np.log(items / (1 + by_item.sum(axis=0)))
    length = by_item.sum(axis=1)
    scale = 1.2 * (0.25 + 0.75 * length / length.mean())
    weighted = (by_item * 2.2 / (scale[:, None] + by_item) * idf).T
    norm = np.sqrt((weighted**2).sum(axis=0))
    similarity = (weighted.T @ weighted) / (np.outer(norm, norm) + shrink + 1e-6)
    np.fill_diagonal(similarity, 0)
    least = np.sort(similarity, axis=1)[:, -top]
    return weighted, np.where(similarity >= least[:, None], similarity, 0)


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_scores_are_those_of_a_plain_implementation(share):
    present = RNG.random(BASKETS.people) < share
    model = fit(TASK.settings.model, Cooccurrence(BASKETS), present)
    people = np.flatnonzero(present)
    candidates = RNG.integers(0, BASKETS.items, (len(people), 30)).astype(np.int32)
    weighted, similarity = plain(present, top=20, shrink=10)
    idf = np.log(BASKETS.items / (1 + np.diff(BASKETS.start)))[people]
    expected = (weighted[people] @ similarity.T) / idf[:, None]  # the person's own idf changes no order
    found = model.scores(BASKETS, people, candidates)
    np.testing.assert_allclose(found, np.take_along_axis(expected, candidates, axis=1), rtol=0, atol=2e-6)


def test_similarities_equal_plain_ones_to_a_millionth():
    present = np.ones(BASKETS.people, dtype=bool)
    model = fit(ItemKnn(top=BASKETS.items, shrink=10), Cooccurrence(BASKETS), present)
    _, similarity = plain(present, top=BASKETS.items, shrink=10)
    product = np.outer(model.factor, model.factor) * model.table / model.unit
    found = product / (np.outer(model.norm, model.norm) + 10 + 1e-6)
    np.fill_diagonal(found, 0)
    np.testing.assert_allclose(found, similarity, rtol=0, atol=1e-6)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_taking_people_out_equals_counting_the_others_to_the_bit(share):
    present = RNG.random(BASKETS.people) < share
    cooccurrence = Cooccurrence(BASKETS)
    expected = np.zeros((BASKETS.items, BASKETS.items), dtype=np.int64)
    for person in np.flatnonzero(present):
        own = BASKETS.item[BASKETS.start[person] : BASKETS.start[person + 1]]
        expected[np.ix_(own, own)] += cooccurrence.weight[person]
    np.testing.assert_array_equal(cooccurrence.of(present), expected)


def test_the_hidden_pin_is_no_training_pin_and_negatives_are_not_theirs():
    pins = TASK.pins
    for row, person in enumerate(TASK._tested.people):
        own = set(pins.item[pins.user == person].tolist())
        training = set(BASKETS.item[BASKETS.start[person] : BASKETS.start[person + 1]].tolist())
        hidden, *negatives = TASK._tested.item[row].tolist()
        assert own == training | {hidden}
        assert hidden not in training
        assert len(set(negatives)) == 99
        assert not own & set(negatives)


def test_people_whom_a_firm_lacks_get_the_most_popular_list():
    n = len(TASK.contributors)
    absent = np.arange(n) % 2 == 0
    scores = Retrainer(TASK, (0,)).scores(Holdings.everyone(n).without(absent))
    popular = Retrainer(TASK, (0,)).scores(Holdings.nobody(n))
    assert scores.view(audience=absent).mean == popular.view(audience=absent).mean
    assert scores.view(audience=~absent).mean > popular.view(audience=~absent).mean


def test_hits_and_gains_by_hand():
    places = np.full(len(TASK._tested.people), 99)
    places[:3] = [0, 4, 7]
    sums = TASK._sums([places])
    assert sums["hr_at_5"][0].sum() == 2
    assert sums["hr_at_10"][1].sum() == 3
    assert sums["ndcg_at_5"][0].sum() == pytest.approx(1 + 1 / np.log2(6))
    assert sums["ndcg_at_10"][0].sum() == pytest.approx(1 + 1 / np.log2(6) + 1 / np.log2(9))


def test_without_noise_one_training_serves_all_seeds():
    retrainer = Retrainer(TASK, (0, 1, 2))
    score = retrainer.scores(Holdings.everyone(len(TASK.contributors))).view()
    assert (retrainer.counts.asked, retrainer.counts.done, retrainer.counts.remembered) == (3, 1, 2)
    assert score.stderr == 0


def test_lists_of_the_lightgcn_layout_are_joined_without_repeats(tmp_path, monkeypatch):
    folder = tmp_path / loaders.LISTS
    folder.mkdir()
    (folder / "train.txt").write_text("0 5 7 7\n1 5\n2\n")
    (folder / "test.txt").write_text("0 9 5\n1 7\n2\n")
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"found 7 pins of 2 people; expected 1,025,709 pins .* cut off"):
        load(loaders.LISTS)
    monkeypatch.setattr(loaders, "LISTS_PEOPLE", 2)
    monkeypatch.setattr(loaders, "LISTS_PINS", 7)
    found = load(loaders.LISTS)
    assert list(zip(found.user.tolist(), found.item.tolist(), strict=True)) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    assert found.items.tolist() == ["5", "7", "9"]
    (folder / "test.txt").write_text("0 9 x\n")
    with pytest.raises(InputError, match=r"test\.txt, line 1: found 'x'"):
        load(loaders.LISTS)


def test_the_official_layout(tmp_path, monkeypatch):
    folder = tmp_path / "pinterest-20"
    folder.mkdir()
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    with pytest.raises(InputError, match="three files"):
        load("pinterest-20")
    (folder / "pinterest-20.train.rating").write_text("0\t10\t1\t0\n1\t11\t1\t0\n")
    (folder / "pinterest-20.test.rating").write_text("0\t11\t1\t0\n1\t10\t1\t0\n")
    others = "\t".join(str(i) for i in range(20, 119))
    (folder / "pinterest-20.test.negative").write_text(f"(0,11)\t{others}\n(1,10)\t{others}\n")
    with pytest.raises(InputError, match="cut off"):
        load("pinterest-20")
    monkeypatch.setattr(loaders, "OFFICIAL_PEOPLE", 2)
    monkeypatch.setattr(loaders, "OFFICIAL_PINS", 103)
    more = "".join(f"{i % 2}\t{i}\t1\t0\n" for i in range(20, 119))
    (folder / "pinterest-20.train.rating").write_text("0\t10\t1\t0\n1\t11\t1\t0\n" + more)
    found = load("pinterest-20")
    assert found.items[found.test].tolist() == ["11", "10"]
    assert found.items[found.negatives[1]].tolist() == others.split("\t")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("user\nann\n", "no column item"),
        ("user,item\nann,\n", "line 2: found an empty item"),
        ("user,item\n", "no pins"),
        ("", "an empty file; expected a CSV"),
    ],
)
def test_what_is_wrong_with_an_own_file_is_one_sentence(content, named, tmp_path):
    path = tmp_path / "pins.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=named):
        load("csv", str(path))


def test_too_few_items_are_refused(tmp_path):
    path = tmp_path / "pins.csv"
    path.write_text("user,item\nann,a\nann,b\n")
    with pytest.raises(InputError, match="more than 99"):
        Pinterest(data="csv", path=str(path))()
