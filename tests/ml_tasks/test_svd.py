"""`svd` against predictions that Surprise itself made (tests/golden/surprise_svd.json has the recipe)."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.svd import Svd, SvdFit

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "surprise_svd.json").read_text(encoding="utf-8"))
USER, ITEM, RATING = (np.array(GOLDEN[name]) for name in ("user", "item", "rating"))
TRAIN = np.arange(GOLDEN["train"])
BY_USER = np.argsort(USER[TRAIN], kind="stable")
BY_USER_AND_ITEM = np.lexsort((ITEM[TRAIN], USER[TRAIN]))
ASKED = tuple(np.array(GOLDEN["asked"]).T)
ANY = (-np.inf, np.inf)
PUBLISHED = {"precision": "float64", "draws": "independent"}


def fit(model: Svd, rows: Any = TRAIN, seed: int = 0) -> SvdFit:
    return model.fit(USER[rows], ITEM[rows], RATING[rows], GOLDEN["users"], GOLDEN["items"], seed)


@pytest.fixture(params=GOLDEN["cases"], ids=["defaults", "other settings"])
def case(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_equals_surprise(case: Any) -> None:
    fitted = fit(Svd(**case["settings"], **PUBLISHED), seed=case["seed"])
    np.testing.assert_allclose(fitted.predict(*ASKED, ANY), case["predictions"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(fitted.predict(*ASKED, GOLDEN["scale"]), case["clipped"], rtol=0, atol=1e-10)


def test_single_precision_is_close(case: Any) -> None:
    fitted = fit(Svd(**case["settings"], precision="float32", draws="independent"), seed=case["seed"])
    np.testing.assert_allclose(fitted.predict(*ASKED, ANY), case["predictions"], rtol=0, atol=2e-5)


@pytest.mark.parametrize("factors", [1, 6, 8, 13, 14, 15, 16, 100])
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("rows", ["one at a time", "in short packs", "in full packs"])
def test_any_number_of_factors_equals_the_definition(factors: int, precision: Any, rows: str) -> None:
    train = {"one at a time": TRAIN, "in short packs": BY_USER, "in full packs": BY_USER_AND_ITEM}[rows]
    fitted = fit(Svd(factors=factors, epochs=3, precision=precision, draws="independent"), train)
    expected = by_definition(train, factors, epochs=3)
    np.testing.assert_allclose(
        fitted.predict(USER, ITEM, ANY), expected, rtol=0, atol=1e-12 if precision == "float64" else 1e-5
    )


def by_definition(train: Any, factors: int, epochs: int, lr: float = 0.005, reg: float = 0.02) -> Any:
    """Surprise's loop, word for word, on the training rows; predictions for all rows."""
    rng, n_users, n_items = np.random.RandomState(0), GOLDEN["users"], GOLDEN["items"]
    p, q = np.zeros((n_users, factors)), np.zeros((n_items, factors))
    for ids, matrix in ((USER, p), (ITEM, q)):
        present = list(dict.fromkeys(ids[train]))
        matrix[present] = rng.normal(0, 0.1, (len(present), factors))
    bu, bi, mean = np.zeros(n_users), np.zeros(n_items), RATING[train].mean()
    users = list(dict.fromkeys(USER[train]))
    visits = [k for u in users for k in train if USER[k] == u]
    for _ in range(epochs):
        for k in visits:
            u, i = USER[k], ITEM[k]
            err = RATING[k] - (mean + bu[u] + bi[i] + q[i] @ p[u])
            bu[u] += lr * (err - reg * bu[u])
            bi[i] += lr * (err - reg * bi[i])
            p[u], q[i] = p[u] + lr * (err * q[i] - reg * p[u]), q[i] + lr * (err * p[u] - reg * q[i])
    return mean + bu[USER] + bi[ITEM] + (p[USER] * q[ITEM]).sum(axis=1)


@pytest.mark.parametrize(("rows", "least", "most"), [(TRAIN, 1, 1), (BY_USER, 2, 5), (BY_USER_AND_ITEM, 7, 8)])
def test_packs_keep_the_order_of_each_user_and_item(rows: Any, least: float, most: int) -> None:
    from datacoalition.ml_tasks.svd_order import PACK, in_packs

    rows = [k for one in dict.fromkeys(USER[rows]) for k in rows if USER[k] == one]
    user, item = USER[rows].astype(np.int32), ITEM[rows].astype(np.int32)
    order, size = in_packs(user, item, GOLDEN["users"], GOLDEN["items"])
    assert sorted(order) == list(range(len(user)))
    assert (size.max(), PACK) == (most, 8)
    assert size.mean() >= least
    for ids in (user, item):
        for one in np.unique(ids):
            assert np.all(np.diff(order[ids[order] == one]) > 0)
        for pack in np.split(order, np.cumsum(size)[:-1]):
            assert len(set(ids[pack])) == len(pack)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_one_user_or_one_item_is_fitted_in_row_order(precision: Any) -> None:
    """Nothing can be visited side by side here: every pack holds one rating."""
    zeros, ids, rating = np.zeros(5, int), np.arange(5), np.array([1.0, 2, 3, 4, 5])
    model = Svd(factors=3, epochs=1, learning_rate=0.1, regularisation=0, init_sd=0, precision=precision)
    bias, item_bias = 0.0, []
    for r in rating:
        err = r - 3 - bias
        bias += 0.1 * err
        item_bias.append(0.1 * err)
    by_user = model.fit(zeros, ids, rating, 1, 5, 0)
    np.testing.assert_allclose((by_user.mean, by_user.user_bias[0]), (3, bias), atol=1e-6)
    np.testing.assert_allclose(by_user.item_bias, item_bias, atol=1e-6)
    by_item = model.fit(ids, zeros, rating, 5, 1, 0)
    np.testing.assert_allclose(by_item.user_bias, item_bias, atol=1e-6)


def test_common_draws_give_everybody_else_the_same_start() -> None:
    unmoved = Svd(learning_rate=1e-300, epochs=1, precision="float64")
    without = TRAIN[USER[TRAIN] != 7]
    everybody, fewer = fit(unmoved), fit(unmoved, without)
    others = np.arange(GOLDEN["users"]) != 7
    np.testing.assert_array_equal(everybody.user_factors[others], fewer.user_factors[others])
    np.testing.assert_array_equal(everybody.item_factors, fewer.item_factors)
    assert everybody.user_factors[7].any()
    assert not fewer.user_factors[7].any()
    single = fit(replace(unmoved, precision="float32"))
    np.testing.assert_array_equal(everybody.user_factors[:, :100].astype(np.float32), single.user_factors[:, :100])


def test_users_and_items_have_different_draws_and_so_have_seeds() -> None:
    unmoved = Svd(learning_rate=1e-300, epochs=1, precision="float64")
    first, second = fit(unmoved), fit(unmoved, seed=1)
    assert not np.array_equal(first.user_factors[:40], first.item_factors[:40])
    assert not np.array_equal(first.user_factors, second.user_factors)
    assert 0.095 < first.user_factors[:60, :100].std() < 0.105


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_unknown_user_or_item_gets_mean_and_known_bias(precision: Any) -> None:
    fitted = fit(Svd(precision=precision))
    new_user, new_item = GOLDEN["users"] - 1, GOLDEN["items"] - 1
    predicted = fitted.predict(np.array([new_user, 0, new_user]), np.array([0, new_item, new_item]), ANY)
    mean = RATING[TRAIN].mean()
    expected = [mean + fitted.item_bias[0], mean + fitted.user_bias[0], mean]
    np.testing.assert_allclose(predicted, expected, rtol=0, atol=1e-15)
    assert fitted.item_bias[0] != 0 != fitted.user_bias[0]


@pytest.mark.parametrize("model", [Svd(), Svd(precision="float64"), Svd(draws="independent")])
def test_repeats_to_the_bit(model: Svd) -> None:
    first, second = (fit(model).predict(USER, ITEM, ANY) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_leaves_its_input_alone_and_takes_any_integers() -> None:
    copies = [column[TRAIN].astype(kind) for column, kind in ((USER, np.int16), (ITEM, np.uint8), (RATING, float))]
    for column in copies:
        column.flags.writeable = False
    fitted = Svd().fit(*copies, GOLDEN["users"], GOLDEN["items"], 0)
    np.testing.assert_array_equal(fitted.predict(USER, ITEM, ANY), fit(Svd()).predict(USER, ITEM, ANY))


def test_a_rate_at_which_training_diverges_is_an_input_error() -> None:
    for precision in ("float64", "float32"):
        with pytest.raises(InputError, match=r"^learning_rate: found 5; expected a lower value"):
            fit(Svd(learning_rate=5, precision=precision))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"factors": 0}, "factors: found 0; expected a number at least 1"),
        ({"learning_rate": 0}, "learning_rate: found 0; expected a number above 0"),
        ({"precision": "float16"}, "precision: found 'float16'; expected one of float64, float32"),
        ({"draws": "same"}, "draws: found 'same'; expected one of common, independent"),
    ],
)
def test_impossible_settings(settings: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Svd(**settings)


def test_indices_out_of_range_never_reach_the_machine_code() -> None:
    with pytest.raises(IndexError, match="into a list of 3"):
        Svd().fit(np.array([0, 3]), np.array([0, 0]), np.array([1.0, 2.0]), 3, 1, 0)
    with pytest.raises(IndexError, match=r"indices from -1 to -1 into a list of 61"):
        fit(Svd(epochs=1)).predict(np.array([-1]), np.array([0]), ANY)
    with pytest.raises(ValueError, match="no ratings"):
        fit(Svd(), TRAIN[:0])


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_svd_does_not_import_numba() -> None:
    assert run("import sys; from datacoalition.ml_tasks.svd import Svd; print('numba' in sys.modules)") == "False"


def test_a_new_process_reads_compiled_kernels_from_the_cache(tmp_path: Path) -> None:
    code = (
        "from datacoalition.ml_tasks import svd_kernel as k; "
        "kernels = k.sgd64, k.sgd32(1), k.products; "
        "print(sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels))"
    )
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path)) == "4"
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path)) == "0"


def test_without_a_place_for_the_cache_kernels_are_compiled_anew() -> None:
    code = (
        "from datacoalition.ml_tasks.svd_order import in_packs; import numpy as np; "
        "print(in_packs(*np.zeros((2, 3), np.int32), 1, 1)[1], in_packs.stats.cache_path)"
    )
    assert run(code, NUMBA_CACHE_LOCATOR_CLASSES="ZipCacheLocator") == "[1 1 1] None"
