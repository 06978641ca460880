"""The command line: `datacoalition analyze DIR`."""

from pathlib import Path
from typing import Annotated

import typer


def analyze(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a sweep.")],
    line: Annotated[
        list[str] | None,
        typer.Option(metavar="OUTPUT>LEVEL", help='In which settings an output crosses a line: "x>0.3". Repeatable.'),
    ] = None,
    front: Annotated[
        str | None,
        typer.Option(metavar="OUTPUT,OUTPUT", help='What cannot both be had: "x,-y" for more of x and less of y.'),
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder; by default DIR/analysis.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Analyze a sweep: distributions, effects, indices, survival, regions and fronts, with pictures and a report."""
    from ... import folder as folders
    from ...studies.study import summary, write
    from .report import analysis

    if out is not None:
        folders.refuse_used(out)
    found = analysis(folder, line or (), front)
    target = Path(out) if out is not None else folders.free_name("analysis", Path(folder))
    written = write(found, target)
    if not quiet:
        typer.echo(summary(found, written))
