"""Downloads, from files of this computer: nothing half-written, nothing outside the folder."""

import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace

import pytest
from datacoalition.ml_tasks.downloads import DATASETS, DataSet, fetch
from datacoalition.ml_tasks.settings import InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path / "data"))
    return tmp_path


def zipped(folder, members: dict[str, str], link: bool = False):
    path = folder / "set.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if link else 0o100644) << 16
            packed.writestr(info, content)
    return path


def catalogue(path, md5: str | None = None) -> dict[str, DataSet]:
    digest = hashlib.md5(path.read_bytes()).hexdigest() if path.is_file() else ""
    return {"set": DataSet("movielens", "free", "set", ("a.csv",), (path.as_uri(),), digest if md5 is None else md5)}


def left(folder) -> list[str]:
    return sorted(path.name for path in (folder / "data").iterdir())


def test_a_good_archive_is_unpacked_and_then_left_alone(folder):
    path = zipped(folder, {"set/a.csv": "1,2\n", "set/README": "hello"})
    seen = []
    place, fetched = fetch("set", lambda *progress: seen.append(progress), catalogue(path))
    assert fetched
    assert (place / "a.csv").read_text() == "1,2\n"
    assert left(folder) == ["set"]
    assert seen[-1][1] == path.stat().st_size
    assert fetch("set", None, catalogue(path)) == (place, False)


def test_a_tar_file_works_too(folder):
    path = folder / "set.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        info = tarfile.TarInfo("set/a.csv")
        info.size = 3
        packed.addfile(info, io.BytesIO(b"abc"))
    assert (fetch("set", None, catalogue(path))[0] / "a.csv").read_text() == "abc"


@pytest.mark.parametrize(
    ("members", "link", "named"),
    [
        ({"set/a.csv": "1", "../outside": "2"}, False, "outside"),
        ({"set/a.csv": "1", "/etc/outside": "2"}, False, "outside"),
        ({"set/a.csv": "/etc/passwd"}, True, "link"),
        ({"other/a.csv": "1"}, False, "without set/a.csv"),
    ],
)
def test_archives_that_are_not_what_they_should_be_leave_nothing(members, link, named, folder):
    with pytest.raises(InputError, match=named):
        fetch("set", None, catalogue(zipped(folder, members, link)))
    assert left(folder) == []
    assert not (folder / "outside").exists()


def test_a_tar_file_with_a_link_leaves_nothing(folder):
    path = folder / "set.tar"
    with tarfile.open(path, "w") as packed:
        info = tarfile.TarInfo("set/a.csv")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(info)
    with pytest.raises(InputError, match="link"):
        fetch("set", None, catalogue(path))
    assert left(folder) == []


def test_a_wrong_checksum_or_half_a_download_leaves_nothing(folder):
    path = zipped(folder, {"set/a.csv": "1" * 1000})
    with pytest.raises(InputError, match="published one"):
        fetch("set", None, catalogue(path, "0" * 32))
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError, match=r"set\.zip"):
        fetch("set", None, catalogue(path, ""))
    assert left(folder) == []


def test_no_connection_says_what_to_do_by_hand(folder):
    with pytest.raises(InputError, match="by hand"):
        fetch("set", None, catalogue(folder / "none.zip"))
    found = replace(catalogue(folder / "x.zip")["set"], urls=("http://127.0.0.1:9/x.zip",))
    with pytest.raises(InputError, match="no answer"):
        fetch("set", None, {"set": found})


def test_what_cannot_be_fetched_and_what_is_not_known(folder):
    with pytest.raises(InputError, match="account"):
        fetch("jigsaw")
    with pytest.raises(InputError, match="one of ml-latest-small"):
        fetch("netflix")


def test_a_folder_that_is_not_complete_is_not_touched(folder):
    (folder / "data" / "set").mkdir()
    with pytest.raises(InputError, match="not complete"):
        fetch("set", None, catalogue(zipped(folder, {"set/a.csv": "1"})))


def test_every_data_set_says_its_licence_and_where_it_comes_from():
    for found in DATASETS.values():
        assert found.licence
        assert bool(found.urls) != bool(found.by_hand)
        assert len(found.md5) in (0, 32)
