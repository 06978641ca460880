"""Bad files at the command line: one sentence with file, line, what was found and what would be right; exit code 2."""

import gzip
import os
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from datacoalition.ml_tasks import pins, ratings, texts
from datacoalition.scenarios.cli import main

SCENARIO = """
name: bad input
rounds: 1
task: {kind: KIND, data: DATA}
firms: [{name: big}, {name: small, data: 0.1, served: 0.1}]
coalitions:
  - name: us
    charter: {options: [{kind: strike, target: big}]}
"""
RATINGS = "user,item,rating\n" + "".join(
    f"{user},{item},{(user + item) % 5 + 1}\n" for user in range(30) for item in range(9)
)
TEXTS = "user,text,label\n" + "".join(f"u{k % 9},text {k},{int(k % 3 == 0)}\n" for k in range(60))
PINS = "user,item\n" + "".join(f"u{k % 40},{(k * 7) % 150}\n" for k in range(600))
GROUPS = "user,group\n" + "".join(f"{user},x\n" for user in range(30))
OWN = {"ratings": ("movielens", RATINGS), "texts": ("toxic", TEXTS), "pins": ("pinterest", PINS)}
ROW = {"ratings": "1,999,3\n", "texts": "1,hello,1\n", "pins": "1,999\n"}
LINES = {name: content.count("\n") for name, (_kind, content) in OWN.items()}


@pytest.fixture
def fails(tmp_path, monkeypatch, capsys):
    """Run the command line in a folder of its own; return its sentence, after all that every failure must hold."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["datacoalition", *words])
        before = sorted(path for path in tmp_path.rglob("*") if "cache" not in path.parts)
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert left.value.code == 2, out
        assert out == ""
        assert err.startswith("datacoalition: ")
        assert err.count("\n") == 1
        assert len(err) < 600
        assert sorted(path for path in tmp_path.rglob("*") if "cache" not in path.parts) == before
        return err

    return call


def write(name: str, content: str | bytes) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())


def own(kind: str, path: str | None = None) -> str:
    """A scenario of somebody's own file."""
    task, _content = OWN[kind]
    text = SCENARIO.replace("KIND", task).replace("DATA", f"csv, path: {path or f'{kind}.csv'}")
    write("scenario.yaml", text)
    return "scenario.yaml"


def whole(kind: str) -> str:
    return OWN[kind][1]


BYTES = {
    "UTF-16": (lambda good, row: (good + row).encode("utf-16"), "found text in UTF-16; expected a"),
    "UTF-16 without a mark": (lambda good, row: (good + row).encode("utf-16-le"), "line 1: found a NUL byte"),
    "Latin-1": (lambda good, row: (good + row.replace("1", "Jos\xe9", 1)).encode("latin-1"), "LAST: found bytes that"),
    "NUL in a later line": (lambda good, row: good + row.replace(",", "\0,", 1), "LAST: found a NUL byte"),
    "NUL at the end of a field": (lambda good, row: good + row[:-1] + "\0\n", "LAST: found a NUL byte"),
    "packed": (lambda good, row: gzip.compress((good + row).encode()), "found"),
    "empty": (lambda good, row: "", "found an empty file; expected"),
    "blank": (lambda good, row: "\n\n", "found an empty file; expected"),
    "header only": (lambda good, row: good.split("\n")[0] + "\n", "expected"),
    "no header": (lambda good, row: good.split("\n", 1)[1], "line 1: found"),
    "a column twice": (lambda good, row: good.replace("\n", ",user\n", 1), "line 1: found"),
    "semicolons": (lambda good, row: good.replace(",", ";"), "line 1: found"),
    "open quote": (lambda good, row: good + '"' + row + good, "LAST: found a quote that is never closed"),
    "two open quotes": (lambda good, row: good + '"' + row + row + '"' + row, "LAST: found"),
    "huge name": (lambda good, row: good + "x" * 200_000 + row, "LAST: found the user 'xxx"),
    "a column too many": (lambda good, row: good + row[:-1] + ",7\n", "LAST: found"),
    "a column too many, in quotes": (lambda good, row: good + '"1"' + row[1:-1] + ",7\n", "LAST: found"),
    "a column too few": (lambda good, row: good + "1\n", "LAST: found 1 columns; expected"),
    "no user": (lambda good, row: good + row[1:], "LAST: found"),
    "user is a space": (lambda good, row: good + " " + row[1:], "LAST: found"),
}


@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize(("change", "says"), BYTES.values(), ids=BYTES.keys())
def test_own_files(fails, kind, change, says):
    write(f"{kind}.csv", change(whole(kind), ROW[kind]))
    sentence = fails("check", own(kind))
    assert f"{kind}.csv" in sentence
    assert says.replace("LAST", f"line {LINES[kind] + 1}") in sentence


@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize(
    "change",
    [
        lambda good: "\ufeff" + good,
        lambda good: good.replace("\n", "\r\n"),
        lambda good: good.replace("\n", "\r"),
        lambda good: good.replace("user,", "user, ", 1),
        lambda good: good.replace("\n", ",more\n"),
    ],
    ids=["byte order mark", "Windows", "old Macintosh", "space in the header", "another column"],
)
def test_what_is_written_otherwise_but_right_passes(fails, kind, change, monkeypatch, capsys):
    write(f"{kind}.csv", change(whole(kind)))
    monkeypatch.setattr(sys, "argv", ["datacoalition", "check", own(kind)])
    with pytest.raises(SystemExit) as left:
        main()
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    assert "good" in out


VALUES = {
    "text as a rating": ("ratings", "1,999,good\n", "found rating 'good'; expected a number from 0.5 to 5"),
    "decimal comma": ("ratings", '1,999,"4,5"\n', "found rating '4,5'"),
    "nan": ("ratings", "1,999,nan\n", "found rating 'nan'"),
    "inf": ("ratings", "1,999,inf\n", "found rating 'inf'"),
    "beyond the scale": ("ratings", "1,999,6\n", "found rating '6'"),
    "another script's digit": ("ratings", "1,999,\uff14\n", "found rating '\uff14'"),
    "underscore": ("ratings", "1,999,3_0\n", "found rating '3_0'"),
    "twice": ("ratings", "1,2,3\n", "found a second rating of item '2' by user '1'"),
    "empty text": ("texts", "ann,,1\n", "found an empty text; expected one in every row"),
    "blank text": ("texts", 'ann,"  ",1\n', "found an empty text"),
    "label 2": ("texts", "ann,hello,2\n", "found label '2'; expected 0 or 1"),
    "no label": ("texts", "ann,hello,\n", "found an empty label; expected one in every row"),
    "comma in a text": ("texts", "ann,hello, you,1\n", "found 4 columns; expected 3, as in its header (a comma"),
}


@pytest.mark.parametrize(("kind", "row", "says"), VALUES.values(), ids=VALUES.keys())
def test_values_of_own_files(fails, kind, row, says):
    write(f"{kind}.csv", whole(kind) + row)
    assert f"{kind}.csv, line {LINES[kind] + 1}: {says}" in fails("check", own(kind))


def test_a_line_is_named_after_texts_of_several_lines(fails):
    write("texts.csv", TEXTS + 'ann,"a\nb\nc",1\n\nbob,hello,7\n')
    assert f"line {LINES['texts'] + 5}: found label '7'" in fails("check", own("texts"))


@pytest.mark.parametrize("command", ["check", "run"])
def test_one_class_only(fails, command):
    write("texts.csv", TEXTS.replace(",1\n", ",0\n"))
    assert "found only 0; expected both labels" in fails(command, own("texts"))


@pytest.mark.parametrize("kind", OWN)
def test_what_is_no_file(fails, kind):
    Path("folder.csv").mkdir()
    os.mkfifo("pipe.csv")
    os.symlink("loop.csv", "loop.csv")
    expected = {
        "none.csv": "none.csv: found no file; expected",
        "folder.csv": "folder.csv: found a folder; expected",
        "pipe.csv": "pipe.csv: found a pipe or device",
        "loop.csv": "loop.csv: found Too many levels",
        "x" * 5000: "found File name too long",
        "~nobody-here/x.csv": "path: found '~nobody-here/x.csv'; expected a path",
        "/proc/self/mem": "/proc/self/mem: found Input/output error",
    }
    for path, says in expected.items():
        if path.startswith("/proc") and not Path(path).exists():
            continue
        assert says in fails("check", own(kind, path))


def test_a_failed_run_leaves_no_folder(fails):
    write("ratings.csv", RATINGS + ",2,3\n")
    fails("run", own("ratings"))
    fails("run", own("ratings"), "--out", "mine")
    assert not Path("runs").exists()
    assert not Path("mine").exists()


GROUP_FILES = {
    "unknown user": (GROUPS + "999,x\n", "line 32: found user '999'; expected a user who is in the ratings"),
    "no group": (GROUPS + "1,\n", "line 32: found an empty group"),
    "no column": ("user,grp\n1,x\n", "line 1: found no column group"),
    "column twice": ("user,user,group\n1,1,x\n", "line 1: found column user twice"),
    "header only": ("user,group\n", "found no people"),
    "empty": ("", "found an empty file"),
    "NUL": (GROUPS + "1,x\0\n", "line 32: found a NUL byte"),
    "UTF-16": (GROUPS.encode("utf-16"), "found text in UTF-16"),
    "Latin-1": ((GROUPS + "1,caf\xe9\n").encode("latin-1"), "line 32: found bytes that are not text in UTF-8"),
    "open quote": (GROUPS + '"1,x\n' + GROUPS, "line 32: found a quote that is never closed"),
    "too many columns": (GROUPS + "1,x,3\n", "line 32: found 3 columns; expected 2"),
    "too few columns": (GROUPS + "1\n", "line 32: found 1 columns; expected 2"),
}


@pytest.mark.parametrize(("content", "says"), GROUP_FILES.values(), ids=GROUP_FILES.keys())
def test_files_of_groups(fails, content, says):
    write("ratings.csv", RATINGS)
    write("groups.csv", content)
    words = ("--dataset", "csv", "--set", "path=ratings.csv", "--model", "als", "--groups", "groups.csv")
    assert f"groups.csv{', ' if says.startswith('line') else ': '}{says}" in fails(
        "study", "strikes", *words, "--samples", "1", "--store", "none"
    )
    assert not Path("studies").exists()


def official(kind: str, data: str) -> str:
    write("scenario.yaml", SCENARIO.replace("KIND", kind).replace("DATA", data))
    return "scenario.yaml"


def test_another_pickle_is_never_read(fails):
    class Dangerous:
        def __reduce__(self):
            return os.mkdir, ("it-ran",)

    write("data/cifar-10-batches-py/data_batch_1", pickle.dumps(Dangerous()))
    write("scenario.yaml", SCENARIO.replace("KIND, data: DATA", "cifar10"))
    assert "data_batch_1: found MD5" in fails("check", "scenario.yaml")


def test_jigsaw_cut_off(fails):
    header = ",".join(("id", "comment_text", *texts.KINDS))
    scenario = official("toxic", "jigsaw")
    write(f"data/{texts.OFFICIAL}", f'{header}\n1,"fine, I\nthink",0,0,0,0,0,0\n2,"cut of')
    assert "train.csv, line 4: found a quote that is never closed" in fails("check", scenario)
    write(f"data/{texts.OFFICIAL}", f"{header}\n1,fine,0,0,0,0,0,0\n2,cut off,0,0")
    assert "train.csv, line 3: found 4 columns; expected 8" in fails("check", scenario)
    write(f"data/{texts.OFFICIAL}", f"{header}\n1,fine,0,0,0,0,0,0\n")
    assert "found 1 comments; expected 159,571" in fails("check", scenario)


NEGATIVES = "\t".join(str(item) for item in range(20, 119))
PINTEREST_20 = {
    "a line of negatives is missing": ("negative", f"(0,11)\t{NEGATIVES}\n", "no line for 1 people"),
    "no negatives": ("negative", "", "no line for 2 people"),
    "cut off in a line": ("negative", f"(0,11)\t{NEGATIVES}\n(1,10)\t20\t21", "line 2: found 2 numbers; expected 99"),
    "another test pin": ("negative", f"(0,10)\t{NEGATIVES}\n", "line 1: found '(0,10)'; expected a test pin"),
    "an item nobody pinned": ("negative", f"(0,11)\t{NEGATIVES[:-3]}999\n", "line 1: found item 999"),
    "a number too large": ("train", "9" * 30 + "\t10\t1\t0\n", "line 1: found '999"),
    "NUL": ("train", "1\0\t10\t1\t0\n", "line 1: found a NUL byte"),
}


@pytest.mark.parametrize(("which", "content", "says"), PINTEREST_20.values(), ids=PINTEREST_20.keys())
def test_pinterest_20_cut_off(fails, monkeypatch, which, content, says):
    monkeypatch.setattr(pins, "OFFICIAL_PINS", 103)
    monkeypatch.setattr(pins, "OFFICIAL_PEOPLE", 2)
    folder = "data/pinterest-20/pinterest-20"
    everything = "".join(f"{item % 2}\t{item}\t1\t0\n" for item in (10, 11, *range(20, 119)))
    write(f"{folder}.train.rating", content if which == "train" else everything)
    write(f"{folder}.test.rating", "0\t11\t1\t0\n1\t10\t1\t0\n")
    write(f"{folder}.test.negative", content if which == "negative" else f"(0,11)\t{NEGATIVES}\n(1,10)\t{NEGATIVES}\n")
    assert says in fails("check", official("pinterest", "pinterest-20"))


@pytest.mark.parametrize("content", ["", "0 5 7\n1 5\n", "0 " + "9" * 30 + "\n", "0 5\0\n"])
def test_lists_cut_off(fails, content):
    write(f"data/{pins.LISTS}/train.txt", content)
    write(f"data/{pins.LISTS}/test.txt", "")
    assert pins.LISTS in fails("check", official("pinterest", pins.LISTS))


PEOPLE = {
    "cut off in a line": ("users.dat", "1::F::1::10::480", "line 1: found a line that ends early"),
    "cut off after a line": ("users.dat", "1::F::1::10::48067\n", "without 1 of the people who rate (2, ...)"),
    "columns": ("users.dat", "1::F::1::10::48067\n2::M::56\n", "line 2: found 3 columns; expected 5"),
    "NUL": ("users.dat", "1::F::1::10::48067\n2::M\0::56::1::1\n", "line 2: found a NUL byte"),
    "a genre cut off": (
        "movies.dat",
        "1::One (1995)::Drama\n2::Two (1995)::Com",
        "line 2: found a line that ends early",
    ),
    "nothing": ("movies.dat", "", "line 1: found a line that ends early"),
}


@pytest.mark.parametrize(("name", "content", "says"), PEOPLE.values(), ids=PEOPLE.keys())
def test_people_and_films_of_official_sets(fails, monkeypatch, name, content, says):
    file, layout = ratings.OFFICIAL["ml-1m"]
    monkeypatch.setitem(ratings.OFFICIAL, "ml-1m", (file, replace(layout, count=40)))
    write(f"data/{file}", "".join(f"{1 + k % 2}::{1 + k // 2}::{1 + k % 5}::0\n" for k in range(40)))
    write(f"data/ml-1m/{name}", content)
    groups = "gender" if name == "users.dat" else "genre"
    words = ("--dataset", "ml-1m", "--model", "als", "--groups", groups, "--samples", "1", "--store", "none")
    assert says in fails("study", "strikes", *words)


def test_a_data_folder_that_is_nobodys(fails, monkeypatch):
    monkeypatch.setenv("DATACOALITION_DATA", "~nobody-here/data")
    assert "DATACOALITION_DATA: found '~nobody-here/data'" in fails("data", "list")
