"""The command line: `datacoalition sweep FILE`, and what `datacoalition check FILE` says of a sweep file."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .words import duration

if TYPE_CHECKING:
    import pandas as pd

    from .result import SweepResult


def sweep(
    sweep: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A sweep of the library, or a YAML file.")],
    engine: Annotated[str, typer.Option(metavar="serial|processes|dask", help="Who plays the runs.")] = "processes",
    workers: Annotated[int | None, typer.Option(help="How many play at a time; by default one a processor.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster, such as tcp://10.0.0.5:8786.")
    ] = None,
    store: Annotated[
        str, typer.Option(metavar="PATH|none", help="Score store; by default in the user's cache.")
    ] = "default",
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder; by default sweeps/NAME.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Play failed runs again.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Run a scenario at many settings and seeds, or go on where it was stopped: finished runs are kept."""
    from ..studies.commands import watched
    from .sweep import sweep as carry_out

    try:
        with watched(quiet) as watch:
            result = carry_out(
                sweep, engine=engine, workers=workers, scheduler=scheduler, store=store, out=out, retry=retry,
                watch=(lambda standing: watch(str(standing))) if watch else None,
            )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo("Stopped. Finished runs are kept: the same command goes on from here.", err=True)
        raise
    if not quiet:
        typer.echo(told(result))


def freeze(
    sweep: Annotated[str, typer.Argument(metavar="FILE", help="A sweep file that names its primary outputs.")],
) -> None:
    """Write a sweep's plan down before it is run: scenario, design, primary outputs, seeds, and a hash of them all."""
    import json

    from .frozen import freeze as write_down

    path = write_down(sweep)
    held = json.loads(path.read_text(encoding="utf-8"))
    typer.echo(f"{path}: frozen at {held['frozen']}; primary: {', '.join(held['primary'])}; hash {held['hash']}.")


def told(result: "SweepResult") -> str:
    """A sweep in words for a terminal."""
    manifest, rows = result.manifest, result.runs
    runs, trainings = manifest["runs"], rows["trainings_done"].sum()
    failed = f", {runs['failed']:,} failed" if runs["failed"] else ""
    lines = [
        f"{manifest['sweep']['name']}: {runs['done']:,} runs done{failed}; trainings done {trainings:,}, "
        f"remembered {rows['trainings_remembered'].sum():,}; {duration(rows['seconds'].sum())} of computing.",
        *_outputs(rows, list(manifest["sweep"]["outputs"])),
        *_failures(result.failures),
        *_frozen(manifest),
        f"Results: {result.folder / 'parts'} (Parquet); digest {manifest['digest'][:16]}.",
    ]
    return "\n".join(lines)


def _frozen(manifest: dict[str, Any]) -> list[str]:
    if not (frozen := manifest["frozen"]):
        return []
    held = "as frozen" if frozen["matches"] else f"not as frozen: {'; '.join(frozen['changes'][:5])}"
    return [f"Plan of {frozen['at']}, hash {frozen['hash'][:16]}: run {held}."]


def _outputs(rows: "pd.DataFrame", names: list[str]) -> list[str]:
    done = rows[rows["status"] == "done"]
    lines = []
    for name in names:
        known = done[name].dropna()
        empty = f"; empty in {len(done) - len(known):,} runs" if len(known) < len(done) else ""
        middle = f"median {known.median():.4g}, from {known.min():.4g} to {known.max():.4g}" if len(known) else "empty"
        lines.append(f"  {name}: {middle}{empty}")
    return lines


def _failures(failed: "pd.DataFrame") -> list[str]:
    counts = failed["error"].value_counts()
    lines = [f"  {count:,} x {error}" for error, count in counts.head(5).items()]
    return ["Failed runs (their settings and tracebacks are in the results):", *lines] if lines else []


def checked(named: str) -> str:
    """What `check` says of a sweep: how many runs, and an estimate of what they take."""
    from .estimate import estimate
    from .runs import planned

    plan = planned(named)
    found = estimate(plan)
    parts = [f"{found.points:,} points"]
    parts += [f"{found.arms} arms"] if found.arms > 1 else []
    parts += [f"{len(plan.data_seeds)} splits"] if len(plan.data_seeds) > 1 else []
    precision = plan.sweep.precision
    parts += [f"{plan.sweep.replicates}{f' to {plan.replicates}' if precision else ''} replicates"]
    first, second = found.first, found.second
    called = ", and all are called for" if precision else ""
    runs = f"From {found.least:,} to {found.runs:,}" if precision else f"{found.runs:,}"
    return (
        f"{named}: good. {runs} runs ({' x '.join(parts)}).\n"
        f"Tried here, with an empty store: the first run did {first.trainings[1]:,} trainings in "
        f"{duration(first.seconds)}; one from the middle, which remembered them, {second.trainings[1]:,} in "
        f"{duration(second.seconds)}.\nIf the others are like that one{called}: about {found.trainings:,} "
        f"trainings (at most about {found.most_trainings:,}) and {duration(found.seconds)} with one worker."
    )
