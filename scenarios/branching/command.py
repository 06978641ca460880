"""The command line: `datacoalition branch RUN --round 7 --coalition NAME --lever strike`."""

from pathlib import Path
from typing import Annotated

import typer

from ...ml_tasks.settings import InputError


def branch(
    source: Annotated[str, typer.Argument(metavar="RUN|SCENARIO", help="A run folder, or a scenario.")],
    round_: Annotated[int, typer.Option("--round", help="The round whose vote goes otherwise.")],
    coalition: Annotated[str, typer.Option(help="The coalition that votes.")],
    lever: Annotated[
        str, typer.Option(help="What is carried instead: an option of its charter, e.g. strike, nothing.")
    ],
    replicates: Annotated[
        int | None, typer.Option(help="Repeat with further seeds; by default as the run did.")
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder; by default studies/branch-NAME.")] = None,
    store: Annotated[
        str, typer.Option(metavar="PATH|none", help="Score store; by default in the user's cache.")
    ] = "default",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Replay a run with one vote decided otherwise, and take the paired difference."""
    from .. import folder as folders
    from ..studies.commands import watched
    from ..studies.study import summary, write
    from .branch import branch as branched
    from .report import study

    target = Path(out) if out else folders.free_name(f"branch-{Path(source).stem}", Path("studies"))
    folders.refuse_used(target)
    try:
        with watched(quiet) as watch:
            found = branched(
                source, round=round_, coalition=coalition, lever=lever, replicates=replicates, store=store, watch=watch
            )
    except InputError as error:
        if error.where in ("round", "coalition", "lever", "replicates"):
            raise InputError(f"--{error.where}", error.found, error.expected) from None
        raise
    told = study(found, source)
    folder = write(told, target)
    if not quiet:
        typer.echo(summary(told, folder))
