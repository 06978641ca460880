"""Downloads, from files of this computer: nothing half-written, nothing outside the folder."""

import hashlib
import io
import socket
import tarfile
import threading
import zipfile
from dataclasses import replace

import numpy as np
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
        ({"set/a.csv": "1", "set/../../outside": "2"}, False, "outside"),
        ({"set/a.csv": "1", "C:\\outside": "2"}, False, "outside"),
        ({"set/a.csv": "1", "set/C:outside": "2"}, False, "outside"),
        ({"set/a.csv": "1", "\\\\server\\outside": "2"}, False, "outside"),
        ({"set/a.csv": "1", "..\\outside": "2"}, False, "outside"),
        ({"set": "1", "set/a.csv": "2"}, False, "cannot be read"),
        ({"set/a.csv": "1", "set/" + "x" * 300: "2"}, False, "cannot be read"),
        ({"other/a.csv": "1"}, False, "without set/a.csv"),
    ],
)
def test_archives_that_are_not_what_they_should_be_leave_nothing(members, link, named, folder):
    with pytest.raises(InputError, match=named):
        fetch("set", None, catalogue(zipped(folder, members, link)))
    assert left(folder) == []
    assert not (folder / "outside").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_tar_file_with_a_link_or_device_leaves_nothing(kind, folder):
    path = folder / "set.tar"
    with tarfile.open(path, "w") as packed:
        info = tarfile.TarInfo("set/a.csv")
        info.type, info.linkname = kind, "/etc/passwd"
        packed.addfile(info)
    with pytest.raises(InputError, match="link"):
        fetch("set", None, catalogue(path))
    assert left(folder) == []


@pytest.mark.parametrize("name", ["../outside", "/outside", "set/../../outside", "C:/outside"])
def test_a_tar_file_that_points_outside_leaves_nothing(name, folder):
    path = folder / "set.tar"
    with tarfile.open(path, "w") as packed:
        packed.addfile(tarfile.TarInfo("set/a.csv"))
        packed.addfile(tarfile.TarInfo(name))
    with pytest.raises(InputError, match="outside the folder"):
        fetch("set", None, catalogue(path))
    assert left(folder) == []


def broken_zip(folder, flags: int = 0, method: int = 8, cut: bool = False):
    """A zip file with a password, an unknown kind of packing, or spoiled content."""
    path = folder / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("set/a.csv", "some content " * 1000)
    content = bytearray(path.read_bytes())
    for place, shift in ((0, 0), (content.index(b"PK\1\2"), 2)):
        content[place + 6 + shift] |= flags
        content[place + 8 + shift] = method
    if cut:
        content[45:60] = b"\xff" * 15
    path.write_bytes(content)
    return path


def broken_tar(folder, mode: str):
    path = folder / f"set.tar.{mode}"
    with tarfile.open(path, f"w:{mode}") as packed:
        info = tarfile.TarInfo("set/a.csv")
        info.size = 300_000
        packed.addfile(info, io.BytesIO(np.random.default_rng(0).bytes(info.size)))
    content = bytearray(path.read_bytes())
    content[-100_000:] = b"\xff" * 100_000
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: broken_zip(folder, flags=1),
        lambda folder: broken_zip(folder, method=99),
        lambda folder: broken_zip(folder, cut=True),
        lambda folder: broken_tar(folder, "gz"),
        lambda folder: broken_tar(folder, "bz2"),
        lambda folder: broken_tar(folder, "xz"),
    ],
    ids=["password", "unknown packing", "spoiled zip", "spoiled gz", "spoiled bz2", "spoiled xz"],
)
def test_archives_that_cannot_be_read_leave_nothing(make, folder):
    with pytest.raises(InputError, match="archive") as error:
        fetch("set", None, catalogue(make(folder)))
    assert "\n" not in str(error.value)
    assert left(folder) == []


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5000\r\n\r\nhalf", "4 bytes; expected 5,000"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nhalf", "a broken connection"),
        (b"nonsense\r\n\r\n", "a broken connection"),
        (b"HTTP/1.0 404 Gone away\r\n\r\n", "no answer"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: many\r\n\r\n<html>", "no archive"),
        (b"", "a broken connection|no answer"),
    ],
    ids=["half", "half a chunk", "no HTTP", "not found", "a page instead", "hung up"],
)
def test_servers_that_answer_otherwise_leave_nothing(head, says, folder, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as connection:
                connection.recv(10_000)
                connection.sendall(head)

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/set.zip"
        with pytest.raises(InputError, match=says):
            fetch("set", None, {"set": DataSet("movielens", "free", "set", ("a.csv",), (url,))})
        thread.join()
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


def test_a_link_to_nowhere_is_not_replaced(folder):
    (folder / "data" / "set").symlink_to("nowhere")
    with pytest.raises(InputError, match="not complete"):
        fetch("set", None, catalogue(zipped(folder, {"set/a.csv": "1"})))
    assert left(folder) == ["set"]


def test_every_data_set_says_its_licence_and_where_it_comes_from():
    for found in DATASETS.values():
        assert found.licence
        assert bool(found.urls) != bool(found.by_hand)
        assert len(found.md5) in (0, 32)
