"""Where things are kept on this computer between runs."""

import os
import stat
from pathlib import Path

from .settings import InputError


def cache_folder() -> Path:
    """`datacoalition` in the user's cache folder. It may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME")
    # The XDG specification has relative paths ignored.
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "datacoalition"


def data_folder() -> Path:
    """The folder that holds data sets in the layout of their official downloads."""
    named = os.environ.get("DATACOALITION_DATA")
    return at_home(named, "DATACOALITION_DATA") if named else cache_folder() / "data"


def at_home(path: str | Path, where: str) -> Path:
    """A path with ~ written out. Raises InputError, naming `where` it was given, if that is nobody's home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InputError(where, repr(str(path)), "a path: this computer knows no such ~") from None


def plain_file(path: str | Path, wanted: str) -> Path:
    """The file at a path. Raises InputError, saying what is `wanted`, if there is none or it is something else."""
    file = at_home(path, "path")
    try:
        mode = file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        found = "no file"
    except OSError as error:
        found = error.strerror or str(error)
    else:
        if stat.S_ISREG(mode):
            return file
        found = "a folder" if stat.S_ISDIR(mode) else "a pipe or device, not a file"
    name = str(file)
    short = name if len(name) <= 300 else f"{name[:297]}..."
    raise InputError(short if short.isprintable() else repr(short), found, wanted)
