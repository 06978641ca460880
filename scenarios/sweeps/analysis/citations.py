"""Citations: the `references.bib` of a sweep, for exactly the plug-ins and data that its runs used."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...files import validated
from ...references import references
from ..runs import Planned, settled
from .cases import Cases


def bibliography(cases: Cases) -> bytes:
    """BibTeX of what a sweep's design, plug-ins and data are to be cited for."""
    plan = Planned(cases.sweep, cases.manifest["sweep"], cases.manifest["scenario"], cases.sweep.name)
    return references([cases.sweep, *_worlds(plan)]).encode()


def _worlds(plan: Planned) -> Iterator[Any]:
    """A scenario, built, for each different choice of plug-ins: numbers choose none."""
    seen = set()
    for i in range(0, len(plan), len(plan.data_seeds) * plan.sweep.replicates):
        changes = plan.changes(plan[i])
        chosen = json.dumps([_words(several) for several in changes], sort_keys=True)
        if chosen not in seen:
            seen.add(chosen)
            yield validated(settled(plan.scenario, changes, plan.where), plan.where).build()


def _words(several: Mapping[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in several.items() if not isinstance(value, int | float)}
