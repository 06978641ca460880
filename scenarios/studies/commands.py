"""The command line of the studies: `datacoalition study NAME ...`. Lists are separated by commas."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from ...ml_tasks.settings import InputError

if TYPE_CHECKING:
    from .bench import Bench
    from .study import Study

studies = typer.Typer(no_args_is_help=True, help="Published studies, retrained: our figures beside those in print.")

DATASET = Annotated[str | None, typer.Option(metavar="DATA", help="Data set of the task, e.g. ml-1m.")]
MODEL = Annotated[str | None, typer.Option(metavar="MODEL", help="Model of the task, e.g. bayesian, als, resnet.")]
SET = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a setting of the task, e.g. model.epochs=10. Repeatable."),
]
SEEDS = Annotated[int, typer.Option(help="Training seeds 0, 1, ...; scores are means over them.")]
OUT = Annotated[str | None, typer.Option(metavar="DIR", help="Folder; by default studies/NAME.")]
STORE = Annotated[str, typer.Option(metavar="PATH|none", help="Score store; by default in the user's cache.")]
QUIET = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]

Number = TypeVar("Number", int, float)


@studies.command()
def cdc(
    task: Annotated[str, typer.Option(help="Task: movielens, pinterest, toxic, cifar10, digits, power_law.")],
    rates: Annotated[str, typer.Option(help="Shares of the people, up to .5.")] = "0.01,0.05,0.1,0.2,0.3,0.4,0.5",
    groups: Annotated[int, typer.Option(help="Random groups at each rate.")] = 5,
    view: Annotated[str, typer.Option(metavar="both|holdout|company", help="Whose experience is scored.")] = "both",
    base: Annotated[
        str, typer.Option(metavar="no_personalisation|worst_best_run|published", help="Where DLP is 0 and 1.")
    ] = "no_personalisation",
    dataset: DATASET = None,
    model: MODEL = None,
    set_: SET = None,
    train_seeds: SEEDS = 1,
    out: OUT = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """Conscious data contribution and data strikes by random groups [VH20, VH21]."""
    from .cdc import Cdc

    views: Any = {"both": ("holdout", "company"), "holdout": ("holdout",), "company": ("company",)}.get(view)
    if views is None:
        raise InputError("--view", repr(view), "both, holdout or company")
    study = Cdc(listed("--rates", rates, float), groups, views, base)  # type: ignore[arg-type]
    carried_out(study, task, dataset, model, set_, train_seeds, out, store, quiet, f"cdc-{task}")


@studies.command("learning-curves")
def learning_curves(
    task: Annotated[str, typer.Option(help="Tasks, separated by commas.")],
    shares: Annotated[
        str, typer.Option(help="Shares of the people; 1 is always there.")
    ] = "0.02,0.05,0.1,0.2,0.35,0.5,0.75",
    groups: Annotated[int, typer.Option(help="Random groups at each share.")] = 5,
    dataset: DATASET = None,
    model: MODEL = None,
    set_: SET = None,
    train_seeds: SEEDS = 1,
    out: OUT = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """How performance grows with people, with the power law that fits [H17]."""
    from .learning_curves import LearningCurves

    study = LearningCurves(listed("--shares", shares, float), groups)
    tasks = task.split(",")
    for name in tasks:
        folder = out if out is None or len(tasks) == 1 else str(Path(out) / name)
        carried_out(study, name, dataset, model, set_, train_seeds, folder, store, quiet, f"learning-curves-{name}")


@studies.command()
def strikes(
    dataset: DATASET = "ml-1m",
    model: MODEL = "svd",
    rates: Annotated[str, typer.Option(help="Shares of the people.")] = "0.05,0.1,0.2,0.3,0.5",
    groups: Annotated[
        str,
        typer.Option(metavar="random|gender|age|occupation|genre|power|low|FILE.csv", help="Who strikes."),
    ] = "random",
    samples: Annotated[int, typer.Option(help="Random groups (or halves of a group) at each rate.")] = 5,
    folds: Annotated[int, typer.Option(help="Folds of the five-fold cross-validation that are run.")] = 1,
    set_: SET = None,
    train_seeds: SEEDS = 1,
    out: OUT = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """Data strikes and boycotts on MovieLens, by random groups or people who are alike [VHS19]."""
    from .strikes import Strikes

    study = Strikes(listed("--rates", rates, float), samples, groups, folds)
    carried_out(study, "movielens", dataset, model, set_, train_seeds, out, store, quiet, f"strikes-{dataset}")


@studies.command()
def poisoning(
    task: Annotated[str, typer.Option(help="Task: movielens, pinterest, toxic, cifar10, digits.")],
    rates: Annotated[str, typer.Option(help="Shares of the people who spoil.")] = "0.01,0.05,0.1,0.2,0.3,0.5",
    groups: Annotated[int, typer.Option(help="Random groups at each rate.")] = 5,
    filters: Annotated[str, typer.Option(help="Shares of the poisoners whom the firm finds.")] = "0,0.5,1",
    acts: Annotated[str, typer.Option(metavar="both|vandalism|signal", help="What people do.")] = "both",
    strengths: Annotated[str, typer.Option(help="Of perturbed images: how far a pixel is moved.")] = "0.1,0.3",
    knowledge: Annotated[str, typer.Option(help="Shares of the pixels whose weight they know.")] = "0,0.5,1",
    signal_rates: Annotated[
        str, typer.Option(help="Shares of the people who plant the signal.")
    ] = "0.002,0.005,0.01,0.02,0.05,0.1,0.2",
    signal: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            help="What they plant: item=ID or genre=NAME and push=promote|demote (movielens, pinterest), word=WORD "
            "(toxic), label=N (toxic, images), size=N (images). Repeatable.",
        ),
    ] = None,
    dataset: DATASET = None,
    model: MODEL = None,
    set_: SET = None,
    train_seeds: SEEDS = 1,
    out: OUT = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """Spoiled data and planted signals against a strike, with and without a filter [VLTCH21, HMMZ23]."""
    from .poisoning import Poisoning

    study = Poisoning(
        listed("--rates", rates, float), groups, listed("--filters", filters, float), acts,
        listed("--strengths", strengths, float), listed("--knowledge", knowledge, float),
        listed("--signal-rates", signal_rates, float), fields("--signal", signal or ()),
    )  # fmt: skip
    carried_out(study, task, dataset, model, set_, train_seeds, out, store, quiet, f"poisoning-{task}")


@studies.command()
def dividends(
    task: Annotated[str, typer.Option(help="Task: movielens, pinterest, toxic, cifar10, digits, power_law.")],
    coalitions: Annotated[str, typer.Option(help="Numbers of coalitions, each from 2 to 12.")] = "2,4,8",
    methods: Annotated[
        str, typer.Option(metavar="NAME,...", help="How coalitions' data are valued; also stand_alone.")
    ] = "shapley,leave_one_out,banzhaf,beta_16_1,beta_1_16",
    transforms: Annotated[
        str, typer.Option(metavar="NAME,...", help="How values become payouts; also any other dividend.")
    ] = "shift,shift_if_negative,absolute,clip,binning,binarize",
    groups: Annotated[int, typer.Option(help="Random partitions of the people into coalitions.")] = 5,
    members: Annotated[int, typer.Option(help="People of each group who are asked to leave alone.")] = 10,
    dataset: DATASET = None,
    model: MODEL = None,
    set_: SET = None,
    train_seeds: SEEDS = 2,
    out: OUT = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """How unequal dividends are, by transform, method and number of coalitions, and who carries the value [VLZH19]."""
    from .dividends import Dividends

    numbers = listed("--coalitions", coalitions, int)
    study = Dividends(numbers, tuple(methods.split(",")), tuple(transforms.split(",")), groups, members)
    carried_out(study, task, dataset, model, set_, train_seeds, out, store, quiet, f"dividends-{task}")


@studies.command()
def policy(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A name in the library or a YAML file.")],
    levers: Annotated[
        str, typer.Option(metavar="NAME,...", help="Levers, each alone on the coalitions' ballots.")
    ] = "strike,redirect,redirect_with_deletion",
    policies: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Policies, e.g. weights_kept,exit_slow; by default all.")
    ] = None,
    rounds: Annotated[int | None, typer.Option(help="Rounds; by default the scenario's.")] = None,
    replicates: Annotated[int, typer.Option(help="Behaviour seeds of each pair.")] = 3,
    enforcement: Annotated[float, typer.Option(help="Of weights_evaded: probability of being found out.")] = 0.5,
    penalty: Annotated[float, typer.Option(help="Of weights_evaded: what is paid then, in money.")] = 10.0,
    out: OUT = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """What law and technology do to each lever: lever x law, paired with the scenario's own law."""
    from .policy import PolicyStudy

    study = PolicyStudy(
        scenario, tuple(levers.split(",")), tuple(policies.split(",")) if policies else (), replicates, rounds,
        enforcement, penalty,
    )  # fmt: skip
    written(study, f"policy-{Path(scenario).stem}", out, store, quiet)


@studies.command()
def community(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A name in the library or a YAML file; with users.communities.")
    ],
    draws: Annotated[int, typer.Option(help="Draws of people and communities.")] = 5,
    out: OUT = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """A ready community against scattered people with as many records: leverage for what it costs, paired."""
    from .community import CommunityStudy

    written(CommunityStudy(scenario, draws), f"community-{Path(scenario).stem}", out, store, quiet)


@studies.command()
def frontier(
    sweep: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A sweep of the library, or a file of the same form.")
    ] = "frontier",
    engine: Annotated[str, typer.Option(metavar="serial|processes|dask", help="Who plays the runs.")] = "processes",
    workers: Annotated[int | None, typer.Option(help="How many play at a time; by default one a processor.")] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster.")] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder; by default studies/NAME.")] = None,
    store: STORE = "default",
    quiet: QUIET = False,
) -> None:
    """Institutions x levers at the participation of surveys: gap closed against inequality. Goes on where stopped."""
    from .. import folder as folders
    from .frontier import FrontierStudy
    from .study import summary, write

    target = Path(out) if out else Path("studies") / Path(sweep).stem
    folders.refuse_used(target / "report")
    with watched(quiet) as watch:
        found = FrontierStudy(sweep, engine, workers, scheduler)(
            target, store, (lambda standing: watch(str(standing))) if watch else None
        )
    folder = write(found, target / "report")
    if not quiet:
        typer.echo(summary(found, folder))


def written(
    study: "Callable[[str, Callable[[str], None] | None], Study]", name: str, out: str | None, store: str, quiet: bool
) -> None:
    """Carry out a study of a scenario, write its folder and print what it found."""
    from .. import folder as folders
    from .study import summary, write

    target = Path(out) if out else folders.free_name(name, Path("studies"))
    folders.refuse_used(target)
    with watched(quiet) as watch:
        found = study(store, watch)
    folder = write(found, target)
    if not quiet:
        typer.echo(summary(found, folder))


def carried_out(
    study: "Callable[[Bench], Study]", task: str, dataset: str | None, model: str | None,
    changes: Sequence[str] | None, seeds: int, out: str | None, store: str, quiet: bool, name: str,
) -> None:  # fmt: skip
    """Set up the bench of a task, carry out a study on it, write its folder and print what it found."""
    from .. import folder as folders
    from .bench import bench, seeded, task_settings
    from .study import summary, write

    if seeds < 1:
        raise InputError("--train-seeds", seeds, "at least 1")
    settings = seeded(task_settings(task, changes or (), dataset, model), seeds)
    target = Path(out) if out else folders.free_name(name, Path("studies"))
    folders.refuse_used(target)
    with watched(quiet) as watch, bench(task, settings, store, watch) as ready:
        found = study(ready)
    folder = write(found, target)
    if not quiet:
        typer.echo(summary(found, folder))


def listed(option: str, text: str, number: type[Number]) -> tuple[Number, ...]:
    """ "0.1,0.3" as numbers. Raises InputError naming the option."""
    try:
        return tuple(number(part) for part in text.split(","))
    except ValueError:
        raise InputError(option, repr(text), "numbers separated by commas, such as 0.1,0.3") from None


def fields(option: str, texts: Sequence[str]) -> dict[str, str]:
    """ "item=318", "push=demote" as a mapping. Raises InputError naming the option."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or name.strip() in found:
            raise InputError(option, repr(text), "FIELD=VALUE, each field once")
        found[name.strip()] = value.strip()
    return found


@contextmanager
def watched(quiet: bool) -> Iterator[Callable[[str], None] | None]:
    """One moving line on a terminal; nothing where output is piped."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("loading") as status:
        yield status.update
