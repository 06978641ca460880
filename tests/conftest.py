"""What several test folders share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Shared machines are slow now and then: a law is no less true for taking longer than a fifth of a second.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    """A score store of this test session, so that what one test trained the next remembers."""
    return tmp_path_factory.mktemp("store") / "scores.sqlite"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Tests neither read nor fill the user's own score store."""
    before = os.environ.get("XDG_CACHE_HOME")
    # Data sets stay where they are: DATACOALITION_DATA, or the folder of the user's cache.
    home = Path(before) if before else Path.home() / ".cache"
    os.environ.setdefault("DATACOALITION_DATA", str(home / "datacoalition" / "data"))
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before
