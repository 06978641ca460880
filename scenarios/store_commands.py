"""The command line of score stores: `datacoalition store merge FILE...`."""

from typing import Annotated

import typer

store = typer.Typer(no_args_is_help=True, help="Score stores: what was ever trained, on this computer.")


@store.callback()
def _several() -> None:
    """Score stores: what was ever trained, on this computer."""


@store.command()
def merge(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Score stores, such as those of other hosts.")],
    into: Annotated[
        str, typer.Option(metavar="PATH", help="Store that takes them over; by default in the user's cache.")
    ] = "default",
) -> None:
    """Take over what other score stores have. They are only read; doing it again changes nothing."""
    from ..ml_tasks.settings import InputError
    from ..ml_tasks.store import ScoreStore, store_path

    path = store_path(into)
    if path is None:
        raise InputError("--into", into, "a file")
    with ScoreStore(path) as target:
        for file in files:
            typer.echo(f"{file}: {target.merge(file):,} outcomes were new")
        typer.echo(f"{path}: {len(target):,} outcomes")
