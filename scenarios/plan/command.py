"""The command line: `datacoalition plan TASK`."""

from pathlib import Path
from typing import Annotated

import typer

from ...ml_tasks.settings import InputError
from ..studies.commands import DATASET, MODEL, QUIET, SET, STORE, listed, watched


def plan(
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK|RUN",
            help="movielens, pinterest, toxic, cifar10, digits or power_law; or the folder of a run, with --round.",
        ),
    ],
    lever: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="strike, delete_and_boycott, redirect, redirect_with_deletion, unlink or poison; by default all "
            "that the task has are compared.",
        ),
    ] = None,
    target: Annotated[float, typer.Option(help="What is to be moved, above 0 and up to 1.")] = 0.5,
    view: Annotated[str, typer.Option(metavar="holdout|company", help="Whose experience is scored.")] = "holdout",
    unit: Annotated[
        str,
        typer.Option(
            metavar="score|money",
            help="Of the target: a share of the gap between baseline and best, or of the incumbent's revenue.",
        ),
    ] = "score",
    groups: Annotated[int, typer.Option(help="Random groups of people at every share.")] = 5,
    rates: Annotated[
        str, typer.Option(help="Shares of the people, up to .5; those above follow where they cost no training.")
    ] = "0.01,0.02,0.05,0.1,0.2,0.3,0.5",
    seeds: Annotated[int, typer.Option(help="Training seeds 0, 1, ...")] = 3,
    rival_data: Annotated[
        float, typer.Option(help="Share of the people whose data the rival has before anybody acts.")
    ] = 0.0,
    worth: Annotated[
        float, typer.Option(help="What moving the whole gap is worth to a person, as a multiple of their cost.")
    ] = 1.0,
    round_: Annotated[
        int | None, typer.Option("--round", help="List the campaigns under way in this round of a run, by size.")
    ] = None,
    dataset: DATASET = None,
    model: MODEL = None,
    set_: SET = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder for tables, picture and report.")] = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """Plan a campaign: how many people a lever takes, how sure that is, at what cost, what the next joiner adds.

    Of a run: what campaigns there are to join in a round, by purpose and size.
    """
    from .. import folder as folders
    from ..studies.bench import bench, seeded, task_settings
    from ..studies.study import write
    from .planning import Planning
    from .words import screen

    if out is not None:
        folders.refuse_used(out)
    if round_ is not None:
        _tell_under_way(task, round_, out, quiet)
        return
    if (Path(task) / "manifest.json").exists():
        raise InputError("--round", "nothing", f"a round of the run {task}, such as --round 1")
    asked = Planning(
        target, tuple(lever.split(",")) if lever else (), view, unit, listed("--rates", rates, float), groups,  # type: ignore[arg-type]
        rival_data, worth,
    )  # fmt: skip
    if seeds < 1:
        raise InputError("--seeds", seeds, "at least 1")
    settings = seeded(task_settings(task, set_ or (), dataset, model), seeds)
    with watched(quiet) as watch, bench(task, settings, store, watch) as ready:
        found = asked(ready)
        folder = write(found.study(), out) if out is not None else None
    if not quiet:
        typer.echo(screen(found, Path(folder) if folder else None))


def _tell_under_way(source: str, round_: int, out: str | None, quiet: bool) -> None:
    from ..studies.study import summary, write
    from .under_way import under_way

    found = under_way(source, round_)
    folder = write(found, out) if out is not None else None
    if not quiet:
        typer.echo(summary(found, folder))
