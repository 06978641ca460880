"""The command line: `datacoalition run`, `sweep`, `check`, `report` and the rest that `--help` lists."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..ml_tasks.settings import InputError
from .branching.command import branch
from .data_commands import data
from .dividends.command import dividends
from .plan.command import plan
from .store_commands import store
from .studies.commands import studies
from .sweeps.analysis.command import analyze
from .sweeps.command import freeze, sweep

if TYPE_CHECKING:
    from .logbook import Result
    from .run import Progress

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Simulate how the public can govern AI through its data: data coalitions, strikes, contributions and "
    "dividends, measured by really retraining the models.",
)
app.add_typer(studies, name="study")
app.add_typer(data, name="data")
app.add_typer(store, name="store")
app.command()(dividends)
app.command()(branch)
app.command()(plan)
app.command()(analyze)
app.command()(sweep)
app.command()(freeze)
SCENARIO = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A scenario of the library, or a YAML file.")]
SET = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a setting, e.g. users.threshold.mean=0.2. Repeatable."),
]


def main() -> None:
    """Run the command line; what a person got wrong is one sentence on stderr and exit code 2."""
    try:
        app()
    except InputError as error:
        typer.echo(f"datacoalition: {error}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None


@app.command()
def run(
    scenario: SCENARIO,
    rounds: Annotated[int | None, typer.Option(help="Number of rounds.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of behaviour; splits and training seeds stay.")] = None,
    replicates: Annotated[int, typer.Option(help="Repeat with the seeds seed, seed + 1, ...")] = 1,
    set_: SET = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Run folder; by default runs/NAME.")] = None,
    store: Annotated[
        str, typer.Option(metavar="PATH|none", help="Score store; by default in the user's cache.")
    ] = "default",
    workers: Annotated[int, typer.Option(help="Processes that share the replicates.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Run a scenario: people join coalitions, vote and act; firms retrain; leverage and dividends are measured."""
    from .files import load

    changes = [f"{key}={value}" for key, value in (("rounds", rounds), ("seed", seed)) if value is not None]
    loaded = load(scenario, [*(set_ or []), *changes])
    from . import folder
    from .run import run as run_scenario
    from .summary import summary

    target = out or folder.free_name(str(loaded.resolved()["name"]))
    with _plain_warnings(), _progress(quiet) as progress:
        try:
            result: Result = run_scenario(
                loaded, replicates=replicates, out=target, store=store, workers=workers, progress=progress
            )
        except InputError as error:
            # An error that only the data could show still names the scenario's file.
            raise (error if error.where.startswith("--") else error.within(scenario)) from None
        except KeyboardInterrupt:
            done = folder.read_manifest(target)["rounds_done"] if (Path(target) / "manifest.json").exists() else {}
            typer.echo(f"Stopped. The finished rounds ({sum(done.values())}) can be read in {target}.", err=True)
            raise
    if not quiet:
        typer.echo(summary(result))


@app.command()
def scenarios() -> None:
    """List the scenarios that come with datacoalition."""
    from .files import library

    for name, description in library().items():
        typer.echo(f"{name:<28} {description}")


@app.command("list")
def list_(
    family: Annotated[str | None, typer.Argument(metavar="FAMILY", help="Such as rules or levers; or priors.")] = None,
    member: Annotated[str | None, typer.Argument(metavar="KIND", help="One of it, to see its settings.")] = None,
) -> None:
    """List what a scenario can choose from: all families, the members of one, or the settings of a member; or, as
    priors, where the defaults of people, levers, firms, law, market, charters and valuation come from."""
    from .catalogue import family_lines, member_lines, setting_lines

    if family is None:
        lines = family_lines()
    elif family == "priors":
        from .priors import prior_lines

        lines = prior_lines(member)
    else:
        lines = member_lines(family) if member is None else setting_lines(family, member)
    for line in lines:
        typer.echo(line)


@app.command()
def show(
    scenario: Annotated[str | None, typer.Argument(metavar="NAME|FILE", help="As for run.")] = None,
    set_: SET = None,
    schema: Annotated[bool, typer.Option("--schema", help="The JSON Schema of scenario files, for editors.")] = False,
    odd: Annotated[bool, typer.Option("--odd", help="The model by the ODD+D protocol, as Markdown.")] = False,
) -> None:
    """Print a scenario with every default, as YAML that can be edited and run; or the schema of all scenarios; or the
    model by the ODD+D protocol."""
    from .files import load, text_of

    if odd:
        from .odd import odd_text

        typer.echo(odd_text(), nl=False)
        return
    if schema:
        import json

        from .schema import Scenario

        typer.echo(json.dumps(Scenario.model_json_schema(), indent=2))
        return
    if scenario is None:
        raise InputError("show", "no scenario", "its name or file, or --schema or --odd")
    typer.echo(text_of(load(scenario, set_ or []).resolved()), nl=False)


@app.command()
def check(
    scenario: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A scenario or a sweep.")], set_: SET = None
) -> None:
    """Check a scenario and the data it needs, without running it; or a sweep, with what it will take."""
    from .files import load
    from .sweeps.sweep_file import names_sweep

    if names_sweep(scenario):
        from .sweeps.command import checked

        if set_:
            raise InputError("--set", set_[0], "nothing: a sweep file has a key `set` for it")
        typer.echo(checked(scenario))
        return

    loaded = load(scenario, set_ or [])
    world = loaded.build()
    from ..agents.fit import check_fit
    from ..agents.lines import lines_of
    from ..ml_tasks.retrainer import Counts

    lines = lines_of(world, None, Counts())
    check_fit(world, [line.task for line in lines])
    told = "; ".join(
        f"{line.task.label}: {line.contributors:,} contributors with {line.task.records.sum():,} training records"
        for line in lines
    )
    typer.echo(
        f"{scenario}: good. {told}; {world.rounds} rounds, {len(world.firms)} firms, "
        f"{len(world.coalitions)} coalitions."
    )


@app.command()
def report(folder: Annotated[str, typer.Argument(metavar="DIR", help="A run folder.")]) -> None:
    """Write the report of a run folder anew."""
    from .reports.page import write_report

    typer.echo(write_report(folder))


@app.command()
def export(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A run folder.")],
    form: Annotated[str, typer.Option("--format", metavar="csv|xlsx|stata")] = "csv",
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Where to; by default the run folder.")] = None,
) -> None:
    """Write a run's tables for other programs."""
    from .folder import export as export_tables

    for path in export_tables(folder, form, out):
        typer.echo(path)


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Our own warnings as one line for people, not as a line of source."""
    shown = warnings.showwarning
    warnings.showwarning = lambda message, *rest, **more: typer.echo(f"Note: {message}", err=True)
    try:
        yield
    finally:
        warnings.showwarning = shown


@contextmanager
def _progress(quiet: bool) -> "Iterator[Callable[[Progress], None] | None]":
    """A bar with rounds and trainings on a terminal; nothing where output is piped."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[trained]}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task("round 0", trained="")

        def advance(progress: "Progress") -> None:
            counts = progress.trainings
            bar.update(
                line,
                total=progress.rounds,
                completed=progress.round,
                description=f"replicate {progress.replicate + 1}, round {progress.round} of {progress.rounds}",
                trained=f"trainings: {counts.done} done, {counts.remembered} remembered",
            )

        yield advance


if __name__ == "__main__":
    main()
