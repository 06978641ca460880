"""The score store: what is remembered is right, or it is not remembered."""

import multiprocessing
import sqlite3

import numpy as np
import pytest
from datacoalition.ml_tasks.scores import Outcomes
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.store import DamagedStoreWarning, ScoreStore


def outcomes(x: float) -> Outcomes:
    return Outcomes({"rmse": np.full((2, 4), x)}, "a reason" if x < 0 else "")


def same(a: Outcomes, b: Outcomes) -> bool:
    return a.degenerate == b.degenerate and all(np.array_equal(a.sums[k], b.sums[k]) for k in a.sums)


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_remembers_to_the_bit(tmp_path, where):
    with ScoreStore(None if where == "memory" else tmp_path / "deep" / "scores.sqlite") as store:
        assert store.get("a") is None
        store.put("a", outcomes(1 / 3))
        store.put("b", outcomes(-1.0))
        assert same(store.get("a"), outcomes(1 / 3))
        assert same(store.get("b"), outcomes(-1.0))
        assert len(store) == 2


def test_survives_being_closed(tmp_path):
    path = tmp_path / "s.sqlite"
    with ScoreStore(path) as store:
        store.put("a", outcomes(2.0))
    with ScoreStore(path) as store:
        assert same(store.get("a"), outcomes(2.0))


@pytest.mark.parametrize("content", [b"not a database at all" * 200, b"SQLite format 3\0" + b"\0" * 5000])
def test_a_damaged_file_is_reported_and_set_aside(tmp_path, content):
    path = tmp_path / "s.sqlite"
    path.write_bytes(content)
    with pytest.warns(DamagedStoreWarning, match=r"set aside as s\.sqlite\.set-aside-1"):
        store = ScoreStore(path)
    store.put("a", outcomes(1.0))
    assert (tmp_path / "s.sqlite.set-aside-1").read_bytes() == content


def test_another_programs_database_is_left_as_it_was(tmp_path):
    path = tmp_path / "s.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE outcomes (key TEXT, value BLOB, checksum TEXT)")
        other.execute("INSERT INTO outcomes VALUES ('a', x'00', '')")
    other.close()
    before = path.read_bytes()
    with pytest.warns(DamagedStoreWarning, match="another program's database"):
        assert ScoreStore(path).get("a") is None
    assert (tmp_path / "s.sqlite.set-aside-1").read_bytes() == before


def test_a_changed_row_is_not_believed(tmp_path):
    path = tmp_path / "s.sqlite"
    with ScoreStore(path) as store:
        store.put("a", outcomes(1.0))
        store.put("b", outcomes(2.0))
    with sqlite3.connect(path) as connection:  # a's numbers under b's name
        connection.execute("UPDATE outcomes SET value = (SELECT value FROM outcomes WHERE key = 'a') WHERE key = 'b'")
    connection.close()
    with ScoreStore(path) as store:
        assert store.get("b") is None
        store.put("b", outcomes(2.0))
        assert same(store.get("b"), outcomes(2.0))
        assert same(store.get("a"), outcomes(1.0))


def test_rows_and_tables_of_another_form_are_not_believed(tmp_path):
    path = tmp_path / "s.sqlite"
    with ScoreStore(path) as store:
        store.put("a", outcomes(1.0))
    assert not (tmp_path / "s.sqlite-wal").exists()  # closed, all of it is in the one file
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE outcomes SET value = 'text'")
    connection.close()
    with ScoreStore(path) as store:
        assert store.get("a") is None
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE outcomes")
        connection.execute("CREATE TABLE outcomes (key TEXT, other BLOB)")
    connection.close()
    with pytest.warns(DamagedStoreWarning, match="another form"):
        assert ScoreStore(path).get("a") is None


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(InputError, match="a file"):
        ScoreStore(tmp_path)


def fill(path, start):
    with ScoreStore(path) as store:
        for i in range(start, start + 40):
            store.put(str(i % 60), outcomes(float(i % 60)))


@pytest.mark.parametrize("before", [None, b"damaged" * 1000])
@pytest.mark.filterwarnings("ignore::datacoalition.ml_tasks.store.DamagedStoreWarning")
def test_several_processes_write_at_once(tmp_path, before):
    path = tmp_path / "s.sqlite"
    if before:
        path.write_bytes(before)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=fill, args=(path, 20 * i)) for i in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    with ScoreStore(path) as store:
        assert len(store) == 60
        assert all(same(store.get(str(i)), outcomes(float(i))) for i in range(60))
    assert len(list(tmp_path.glob("*.set-aside-*"))) == (1 if before else 0)


def of_two_hosts(tmp_path):
    """Stores of two hosts, which have one outcome in common."""
    for name, keys in (("here", "ab"), ("there", "bc")):
        with ScoreStore(tmp_path / name) as store:
            for key in keys:
                store.put(key, outcomes(2.0))
    return tmp_path / "here", tmp_path / "there"


def test_merging_takes_over_what_is_new_and_changes_nothing_the_second_time(tmp_path):
    here, there = of_two_hosts(tmp_path)
    with ScoreStore(here) as store:
        assert [store.merge(there), store.merge(there)] == [1, 0]
        assert len(store) == 3
        assert same(store.get("c"), outcomes(2.0))
    with ScoreStore(there) as store:
        assert len(store) == 2


def test_merging_leaves_a_damaged_row_out_and_repairs_one(tmp_path):
    here, there = of_two_hosts(tmp_path)
    for path, key in ((there, "c"), (here, "b")):
        connection = sqlite3.connect(path)
        connection.execute("UPDATE outcomes SET value = x'00' WHERE key = ?", (key,))
        connection.commit()
        connection.close()
    with ScoreStore(here) as store:
        store.merge(there)
        assert store.get("b") is not None
        assert store.get("c") is None
        assert len(store) == 2


def test_merging_is_whole_or_nothing(tmp_path):
    """The disk is full after the first row."""
    here, there = of_two_hosts(tmp_path)
    with ScoreStore(there) as store:
        for i in range(2000):
            store.put(f"more-{i}", outcomes(2.0))
    with ScoreStore(here) as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(InputError, match="full"):
            store.merge(there)
        assert len(store) == 2
        store.put("d", outcomes(2.0))  # the store is not left in the middle of something
        assert len(store) == 3


@pytest.mark.parametrize("content", [None, b"", b"no database at all, whatever its name"])
def test_what_is_no_store_is_not_merged(tmp_path, content):
    if content is not None:
        (tmp_path / "other").write_bytes(content)
    with ScoreStore(tmp_path / "here") as store, pytest.raises(InputError, match="other"):
        store.merge(tmp_path / "other")
    assert not list(tmp_path.glob("other.set-aside*"))
