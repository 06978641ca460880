"""Downloads: the data sets that tasks use, where they come from, and how they are fetched with care.

`DATASETS` lists them. A download is checked against its published checksum before anything is unpacked, and unpacked
in a folder of its own that takes its final name at the very end: a broken one leaves nothing behind.
"""

import errno
import hashlib
import http.client
import lzma
import os
import ssl
import stat
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .folders import data_folder
from .settings import InputError

_MOVIELENS = "research use with acknowledgement [Harper & Konstan 2015]; no redistribution without permission"
_PINTEREST = "no licence stated; cite Geng et al. 2015 and He et al. 2017"
_GROUPLENS = "https://files.grouplens.org/datasets/movielens/"
_NCF = "https://raw.githubusercontent.com/hexiangnan/neural_collaborative_filtering/master/Data/"
_LARGEST = 4 * 2**30
_PART = 2**20

Watch = Callable[[str, int, int], None]
"""(name, bytes so far, bytes in all or 0) -> None."""


@dataclass(frozen=True)
class DataSet:
    """A data set: what uses it, under what licence, where it is, and what it is made of."""

    task: str
    licence: str
    folder: str
    """In the data folder, when it is complete."""
    files: tuple[str, ...]
    """What the folder holds then, as far as we read it."""
    urls: tuple[str, ...] = ()
    """One archive, or the files themselves; none: it cannot be fetched."""
    md5: str = ""
    """Published checksum of the archive; empty where none is published: the loader then counts what it reads."""
    by_hand: str = ""
    """How to get it where it cannot be fetched."""

    def place(self) -> Path:
        return data_folder() / self.folder

    def here(self) -> bool:
        """Whether every file is there."""
        return all(os.path.isfile(self.place() / name) for name in self.files)  # no error for a folder that is locked


def _movielens(folder: str, file: str, archive: str, md5: str = "") -> DataSet:
    return DataSet("movielens", _MOVIELENS, folder, (file,), (_GROUPLENS + archive,), md5)


DATASETS: Mapping[str, DataSet] = {
    "ml-latest-small": _movielens("ml-latest-small", "ratings.csv", "ml-latest-small.zip"),
    "ml-100k": _movielens("ml-100k", "u.data", "ml-100k.zip", "0e33842e24a9c977be4e0107933c0723"),
    "ml-1m": _movielens("ml-1m", "ratings.dat", "ml-1m.zip", "c4d9eecfca2ab87c1945afe126590906"),
    "ml-10m": _movielens("ml-10M100K", "ratings.dat", "ml-10m.zip", "ce571fd55effeba0271552578f2648bd"),
    "ml-20m": _movielens("ml-20m", "ratings.csv", "ml-20m.zip", "cd245b17a1ae2cc31bb14903e1204af3"),
    "pinterest-20": DataSet(
        "pinterest",
        _PINTEREST,
        "pinterest-20",
        tuple(f"pinterest-20.{end}" for end in ("train.rating", "test.rating", "test.negative")),
        tuple(f"{_NCF}pinterest-20.{end}" for end in ("train.rating", "test.rating", "test.negative")),
    ),
    "cifar10": DataSet(
        "cifar10",
        "no licence stated; cite Krizhevsky 2009",
        "cifar-10-batches-py",
        (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch", "batches.meta"),
        ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
        "c58f30108f718f92721af3b95e74349a",
    ),
    "jigsaw": DataSet(
        "toxic",
        "annotations CC0, comments CC BY-SA 3.0 (Wikipedia)",
        "jigsaw-toxic-comment-classification-challenge",
        ("train.csv",),
        by_hand="needs an account: take train.csv from kaggle.com/c/jigsaw-toxic-comment-classification-challenge",
    ),
}


def fetch(name: str, watch: Watch | None = None, catalogue: Mapping[str, DataSet] = DATASETS) -> tuple[Path, bool]:
    """Fetch a data set into the data folder; return its folder, and False if it was there already.

    Raises InputError for an unknown name, no connection, a half or changed download, and an archive that is not what
    it should be. Nothing is left behind then.
    """
    if name not in catalogue:
        raise InputError("data fetch", repr(name), f"one of {', '.join(catalogue)}")
    found = catalogue[name]
    if found.here():
        return found.place(), False
    if not found.urls:
        raise InputError(name, "a data set that cannot be fetched", f"{found.by_hand} and put it into {found.place()}")
    if os.path.lexists(found.place()):
        expected = f"no such folder, or one with {', '.join(found.files)}: move it away first"
        raise InputError(str(found.place()), "a folder that is not complete", expected)
    parent = data_folder()
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=f".{name}.", suffix=".part") as temporary:
            unpacked = _fetched(name, found, Path(temporary), watch)
            unpacked.rename(found.place())
    except InputError:
        raise
    except OSError as error:
        raise InputError(str(parent), error.strerror or error, "a folder that can be written, with room") from None
    return found.place(), True


def _fetched(name: str, found: DataSet, temporary: Path, watch: Watch | None) -> Path:
    """Download and unpack into a temporary folder; return the folder that holds the files."""
    if len(found.urls) == len(found.files) > 1:
        folder = temporary / "files"
        folder.mkdir()
        for url, file in zip(found.urls, found.files, strict=True):
            _download(url, folder / file, found, watch)
    else:
        archive = temporary / "archive"
        digest = _download(found.urls[0], archive, found, watch)
        if found.md5 and digest != found.md5:
            expected = f"{found.md5}, the published one (the download is broken, or the set was changed)"
            raise InputError(found.urls[0], f"MD5 {digest}", expected)
        _unpack(archive, temporary / "unpacked", found.urls[0])
        folder = temporary / "unpacked" / found.folder
    missing = [file for file in found.files if not (folder / file).is_file()]
    if missing:
        raise InputError(found.urls[0], f"an archive without {found.folder}/{missing[0]}", f"the set {name}")
    return folder


def _download(url: str, target: Path, found: DataSet, watch: Watch | None) -> str:
    """Write what is at an address to a file and return its MD5. Raises InputError if it is not all there."""
    by_hand = f"a connection, or by hand: what is there, in {found.place()}"
    digest, size = hashlib.md5(usedforsecurity=False), 0
    try:
        with urllib.request.urlopen(url, timeout=60) as stream, target.open("wb") as out:
            stated = stream.headers.get("Content-Length") or ""
            length = int(stated) if stated.isdecimal() else 0
            while (part := stream.read(_PART)) and size <= _LARGEST:
                out.write(part)
                digest.update(part)
                size += len(part)
                if watch:
                    watch(url.rsplit("/", 1)[-1], size, length)
    except urllib.error.URLError as error:
        raise InputError(url, f"no answer ({error.reason})", by_hand) from None
    except (TimeoutError, ConnectionError, EOFError, ssl.SSLError, http.client.HTTPException) as error:
        raise InputError(url, f"a broken connection ({type(error).__name__})", by_hand) from None
    if size > _LARGEST:
        raise InputError(url, f"more than {_LARGEST:,} bytes", "at most that many, which is more than any set of ours")
    if length and size != length:
        raise InputError(url, f"{size:,} bytes", f"{length:,}: the download was cut off")
    return digest.hexdigest()


def _unpack(archive: Path, target: Path, url: str) -> None:
    """Unpack a zip or tar file whose members all lie inside it and are plain files or folders."""
    target.mkdir()
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as packed:
                members = [(m.filename, m.file_size, _plain_zip(m)) for m in packed.infolist()]
                _refuse(members, url)
                packed.extractall(target)
        elif tarfile.is_tarfile(archive):
            with tarfile.open(archive) as packed_tar:
                _refuse([(m.name, m.size, m.isfile() or m.isdir()) for m in packed_tar.getmembers()], url)
                packed_tar.extractall(target, filter="data")
        else:
            raise InputError(url, "a file that is no archive", "a zip or tar file")
    except InputError:
        raise
    except _BROKEN as error:
        # An operating system's own error has a number: no room, no permission. Those of packed files have none.
        if isinstance(error, OSError) and error.errno not in (None, *_IMPOSSIBLE):
            raise
        raise InputError(url, f"an archive that cannot be read ({error})", "a whole zip or tar file") from None


_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError,
    RuntimeError,  # a password, or a kind of packing that is not known here
)  # fmt: skip
_IMPOSSIBLE = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL)
"""A member in the place of another, or with a name that no file can have."""


def _plain_zip(member: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(member.external_attr >> 16)
    return kind in (0, stat.S_IFREG, stat.S_IFDIR)


def _refuse(members: list[tuple[str, int, bool]], url: str) -> None:
    for name, _, plain in members:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in name:
            raise InputError(url, f"the member {name!r}, which points outside the folder", "paths inside it")
        if not plain:
            raise InputError(url, f"the member {name!r}, which is a link or device", "plain files and folders")
    if (total := sum(size for _, size, _ in members)) > _LARGEST:
        raise InputError(url, f"{total:,} bytes unpacked", f"at most {_LARGEST:,}")
