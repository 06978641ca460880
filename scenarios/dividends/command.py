"""The command line: `datacoalition dividends SCENARIO|RUN|values.csv`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...ml_tasks.settings import InputError

if TYPE_CHECKING:
    from .values_file import People

LIST = "NAME,..."


def dividends(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO|RUN|values.csv...",
            help="A scenario, a run folder, or a CSV file with the columns user,value[,stderr][,records][,income] and "
            "any attributes. Several, or a world with several tasks: values of the same people, also summed.",
        ),
    ],
    methods: Annotated[str, typer.Option(metavar=LIST, help="How data are valued, by retraining.")] = "shapley",
    transforms: Annotated[
        str | None, typer.Option(metavar=LIST, help="How values become payouts; by default every way.")
    ] = None,
    levels: Annotated[
        str,
        typer.Option(
            metavar=LIST,
            help="Among coalitions, and inside equal, by records, by value; or among users: user, owen.",
        ),
    ] = "equal,records",
    money: Annotated[float, typer.Option(help="All that is shared out.")] = 100.0,
    public_share: Annotated[float, typer.Option(help="Part of it spent for everybody alike, from 0 to 1.")] = 0.0,
    others: Annotated[int, typer.Option(help="People who are not paid but share the public part.")] = 0,
    minimum: Annotated[float, typer.Option(help="Payouts under it are shared again among the rest.")] = 0.0,
    epsilon: Annotated[float, typer.Option(help="Of Atkinson's index.")] = 0.5,
    budget: Annotated[int, typer.Option(help="Groups that a method that samples may ask for.")] = 2000,
    draws: Annotated[int, typer.Option(help="Draws of the true values, for intervals.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of sampling and of the draws.")] = 0,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a setting of the scenario.")
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder; by default studies/dividends-NAME.")] = None,
    store: Annotated[
        str, typer.Option(metavar="PATH|none", help="Score store; by default in the user's cache.")
    ] = "default",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Compare dividend designs: what they pay, how unequal that is, and what of it is certain."""
    from ...valuation.comparison import Estimation, Money, compare_dividends
    from .. import folder as folders
    from ..studies.commands import watched
    from ..studies.study import summary, write
    from .report import study
    from .tasks import together

    names = _names(sources)
    given = Money(money, public_share, others, minimum)
    estimation = Estimation(draws, seed, epsilon)
    target = Path(out) if out else folders.free_name(f"dividends-{'+'.join(names)}", Path("studies"))
    folders.refuse_used(target)
    with watched(quiet) as watch:
        each = [_people(source, methods, levels, budget, seed, set_ or [], store, watch) for source in sources]
        by_task = _by_task(names, each)
        people = next(iter(by_task.values())) if len(by_task) == 1 else together(by_task, len(sources) == 1)
        chosen = None if transforms is None else transforms.split(",")
        try:
            found = compare_dividends(
                people.claims, chosen, attributes=people.attributes, income=people.income,
                money=given, estimation=estimation,
            )  # fmt: skip
        except InputError as error:
            where = "--transforms" if error.where == "dividends" else error.where
            raise InputError(where, error.found, error.expected) from None
        compared = study(people, found, given, estimation, " + ".join(sources))
        folder = write(compared, target)
    if not quiet:
        typer.echo(summary(compared, folder))


def _names(sources: list[str]) -> list[str]:
    """What to call each source: its file or folder, without path and suffix."""
    names = [Path(source).stem for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise InputError(name, "two sources of this name", "sources that tell their tasks apart by name")
    return names


def _by_task(names: list[str], each: "list[dict[str, People]]") -> "dict[str, People]":
    """A source of one task goes by its own name, one of several by those of its tasks."""
    found = {}
    for name, tasks in zip(names, each, strict=True):
        for task, people in tasks.items():
            found[name if len(tasks) == 1 else f"{name}, {task}" if len(names) > 1 else task] = people
    if len(found) > 1 and "all" in found:
        raise InputError("all", "a source of this name", "another name: all is what the sum is called")
    return found


def _people(
    source: str, methods: str, levels: str, budget: int, seed: int, changes: list[str], store: str,
    watch: "Callable[[str], None] | None",
) -> "dict[str, People]":  # fmt: skip
    if source.endswith(".csv"):
        from . import values_file

        if changes:
            raise InputError("--set", changes[0], "nothing, for a file of values")
        return {"": values_file.read(source)}
    from .retrained import Asked, of_run, of_scenario

    asked = Asked(tuple(methods.split(",")), tuple(levels.split(",")), budget, seed)
    if (Path(source) / "manifest.json").exists():
        if changes:
            raise InputError("--set", changes[0], "nothing, for a run that is done")
        return of_run(source, asked, store, watch)
    from ..files import load

    return of_scenario(load(source, changes), asked, store, watch)
