"""Where things are kept on this computer between runs."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`datacoalition` in the user's cache folder. It may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME")
    # The XDG specification has relative paths ignored.
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "datacoalition"


def data_folder() -> Path:
    """The folder that holds data sets in the layout of their official downloads."""
    named = os.environ.get("DATACOALITION_DATA")
    return Path(named).expanduser() if named else cache_folder() / "data"
