"""Loading texts: what is wrong with a file is one sentence, and the order of a file makes no difference."""

import numpy as np
import pytest
from datacoalition.ml_tasks import texts
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.texts import KINDS, load

GOOD = 'user,text,label\nann,"you, friend",0\nbob,you fool,1\nann,well said,0\n'
HEADER = ",".join(("id", "comment_text", *KINDS))


def own(tmp_path, content: str | bytes):
    path = tmp_path / "texts.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load("csv", str(path))


def test_rows_are_sorted_and_their_order_in_the_file_does_not_matter(tmp_path):
    lines = GOOD.splitlines(keepends=True)
    one, other = own(tmp_path, GOOD), own(tmp_path, "".join([lines[0], *lines[:0:-1]]))
    assert one.text == ("well said", "you, friend", "you fool")
    assert one.user == ("ann", "ann", "bob")
    np.testing.assert_array_equal(one.label, [False, False, True])
    assert one.fingerprint == other.fingerprint
    np.testing.assert_array_equal(one.key, other.key)


def test_the_same_text_twice_is_two_records(tmp_path):
    twice = own(tmp_path, GOOD + "bob,you fool,1\n")
    assert len(set(twice.key.tolist())) == 4


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "empty file"),
        ("user,text\nann,hello\n", "no column label"),
        ("user,text,label\n", "no text"),
        ("user,text,label\nann,hello,yes\nbob,no,1\n", "line 2: found label 'yes'; expected 0 or 1"),
        ("user,text,label\n0,ann,hello\n", "columns swapped"),
        ("user,text,label\nann,  ,0\nbob,no,1\n", "line 2: found an empty text"),
        ("user,text,label\n,hi,0\nbob,no,1\n", "an empty user"),
        ("user,text,label\nann,hi,0\nbob,no,0\n", "only 0"),
        ("user,text,label\nann,hi,0,3,4\nbob,no,0\n", "texts.csv"),
        ("user,text,label\nann,h\u00e9,0\nbob,no,1\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(content, named, tmp_path):
    with pytest.raises(InputError, match=named) as error:
        own(tmp_path, content)
    assert "texts.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="path"):
        load("csv")
    with pytest.raises(InputError, match="no file"):
        load("csv", str(tmp_path / "none.csv"))
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    with pytest.raises(InputError, match="kaggle"):
        load("jigsaw")


def test_a_comment_is_toxic_if_it_is_any_of_the_six(tmp_path, monkeypatch):
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    monkeypatch.setattr(texts, "OFFICIAL_ROWS", 3)
    path = tmp_path / texts.OFFICIAL
    path.parent.mkdir()
    path.write_text(f"{HEADER}\n1,fine,0,0,0,0,0,0\n2,bad,0,0,0,0,0,1\n3,worse,1,1,0,0,0,0\n")
    found = load("jigsaw")
    assert dict(zip(found.text, found.label.tolist(), strict=True)) == {"bad": True, "fine": False, "worse": True}
    path.write_text(f"{HEADER}\n1,fine,0,0,0,0,0,0\n")
    with pytest.raises(InputError, match="cut off"):
        load("jigsaw")
