"""Result: what a sweep found, read from its folder when it is asked for."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...ml_tasks.settings import InputError
from .. import folder as folders

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SweepResult:
    """The folder of a sweep. Nothing is read before it is asked for."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """Design, seeds, versions, how many runs are done, failed and remaining, and the digest of all results."""
        manifest = folders.read_manifest(self.folder)
        if "sweep" not in manifest:
            raise InputError(str(self.folder), "the folder of something else", "the folder of a sweep")
        return manifest

    @cached_property
    def runs(self) -> "pd.DataFrame":
        """A row for each run that is written down, in order: its settings, seeds, outputs, and error if it failed."""
        import pandas as pd

        self.manifest  # noqa: B018  # says so if this is no sweep's folder
        parts = [pd.read_parquet(part) for part in sorted((self.folder / "parts").glob("part-*.parquet"))]
        loose = [json.loads(file.read_text("utf-8")) for file in sorted((self.folder / "runs").glob("*.json"))]
        if loose:
            parts.append(pd.DataFrame(loose))
        if not parts:
            raise InputError(str(self.folder), "no finished run", "a sweep of which at least one run is finished")
        # A run that is in a part as well as in a file of its own was caught between the two.
        return pd.concat(parts, ignore_index=True).drop_duplicates("run").sort_values("run", ignore_index=True)

    @property
    def failures(self) -> "pd.DataFrame":
        """The runs that did not finish."""
        return self.runs[self.runs["status"] != "done"].reset_index(drop=True)
