"""ScoreStore: every outcome ever trained, on disk, shared by runs and processes."""

import hashlib
import os
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from typing import Self

from .folders import cache_folder
from .scores import Outcomes
from .settings import InputError

APPLICATION_ID = 0x64636F61  # "dcoa": tells our files from other people's
FORMAT = 1
_BUSY_SECONDS = 60.0
_PUT = (
    "INSERT INTO outcomes (key, value, checksum) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
    "value = excluded.value, checksum = excluded.checksum "
    "WHERE value <> excluded.value OR checksum <> excluded.checksum"
)


def store_path(store: str | Path | None) -> Path | None:
    """Where the score store is: a path, "default" for the user's cache, None or "none" for nowhere."""
    if store is None or store == "none":
        return None
    return cache_folder() / "scores.sqlite" if store == "default" else Path(store)


class DamagedStoreWarning(UserWarning):
    """A store file could not be trusted and was set aside."""


class ScoreStore:
    """Outcomes by content key in an SQLite file, safe for several processes; in memory only without a path.

    A row whose checksum is wrong counts as absent. A file that is damaged or not a score store is renamed to
    `NAME.set-aside-1` (or -2, ...), reported with DamagedStoreWarning, and a new one begun.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = None if path is None else Path(path)
        if self.path is None:
            self._connection = _connect(":memory:")
            _prepare(self._connection)
        else:
            self._connection = _open(self.path)

    def get(self, key: str) -> Outcomes | None:
        """The outcomes remembered under this key, or None."""
        row = self._connection.execute("SELECT value, checksum FROM outcomes WHERE key = ?", (key,)).fetchone()
        return Outcomes.from_bytes(row[0]) if row is not None and _is_sound(key, *row) else None

    def put(self, key: str, outcomes: Outcomes) -> None:
        """Remember outcomes; a damaged row under the key is replaced."""
        value = outcomes.to_bytes()
        self._connection.execute(_PUT, (key, value, _checksum(key, value)))

    def merge(self, path: Path | str) -> int:
        """Take over what another store has, all of it or nothing; return how many outcomes were new.

        The other store is only read, and rows of it whose checksum is wrong are left out. Doing it again changes
        nothing. Raises InputError if there is no score store at path.
        """
        other = Path(path)
        if self.path is not None and other.exists() and self.path.exists() and other.samefile(self.path):
            raise InputError(str(path), "the store that is merged into", "another one")
        before = len(self)
        with closing(_read_only(other)) as source:
            rows = source.execute("SELECT key, value, checksum FROM outcomes")
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(_PUT, (row for row in rows if _is_sound(*row)))
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                place = f"{self.path or 'the store in memory'}"
                raise InputError(place, f"an error with {other} ({error})", "to read that one and write here") from None
            finally:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
        return len(self) - before

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM outcomes").fetchone()[0])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--store", str(path), f"a file in a folder that can be written ({error.strerror})") from None
    if path.is_dir():
        raise InputError("--store", f"the folder {path}", "a file, or the word none")
    try:
        if _fault(path):
            return _begun_anew(path)
        return _opened(path)
    except (sqlite3.OperationalError, OSError) as error:
        raise InputError("--store", str(path), f"a file that can be opened and written ({error})") from None


def _opened(path: Path) -> sqlite3.Connection:
    connection = _connect(str(path))
    _prepare(connection)
    return connection


def _begun_anew(path: Path) -> sqlite3.Connection:
    """Set a bad file aside and begin a new one, once, however many processes find it at the same time."""
    lock = _connect(f"{path}.lock")
    try:
        lock.execute("BEGIN EXCLUSIVE")
        if fault := _fault(path):  # else another process was here first
            aside = _set_aside(path)
            warnings.warn(f"score store {path}: {fault}; set aside as {aside.name}", DamagedStoreWarning, stacklevel=5)
        return _opened(path)
    finally:
        lock.close()


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # A lost outcome is trained again: durability after a power cut is not worth a sync a row.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, value BLOB NOT NULL, checksum TEXT NOT NULL) "
        "WITHOUT ROWID"
    )
    connection.execute("COMMIT")


def _read_only(path: Path) -> sqlite3.Connection:
    """A score store that is not to be changed. Raises InputError."""
    try:
        if not path.is_file():
            raise InputError(str(path), "no file", "a score store")
        if fault := _fault(path):
            raise InputError(str(path), f"a file that {fault}", "a score store")
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
        connection.execute("SELECT key, value, checksum FROM outcomes LIMIT 1")
    except sqlite3.Error as error:
        raise InputError(str(path), f"a file that cannot be read ({error})", "a score store") from None
    return connection


def _fault(path: Path) -> str:
    """Why the file at path cannot be used as a score store; empty if it can."""
    if not path.exists() or path.stat().st_size == 0:
        return ""  # there is none yet, or another process is just making it
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
    try:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            return "is another program's database" if tables else ""
        if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
            return "was written by another version of datacoalition"
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name = 'outcomes'")]
        columns = [column[1] for column in connection.execute("PRAGMA table_info(outcomes)")]
        if tables and columns != ["key", "value", "checksum"]:
            return "has a table of another form"
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        return "" if verdict == "ok" else f"is damaged ({verdict})"
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return ""
        raise  # it cannot be opened or read here, which says nothing of its contents
    except sqlite3.DatabaseError as error:
        return f"is damaged or no database ({error})"
    finally:
        connection.close()


def _set_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.set-aside-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        side = path.with_name(path.name + suffix)
        if side.exists():
            os.replace(side, aside.with_name(aside.name + suffix))
    return aside


def _is_sound(key: str, value: object, checksum: object) -> bool:
    return isinstance(value, bytes) and _checksum(key, value) == checksum


def _checksum(key: str, value: bytes) -> str:
    return hashlib.blake2b(key.encode() + b"\0" + value, digest_size=16).hexdigest()
