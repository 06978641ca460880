"""Page: a run folder as one self-contained page that a newcomer can read, and one picture."""

from collections.abc import Iterator
from pathlib import Path

from ..folder import write
from .agency import agency_section
from .dividends import dividends_section
from .leverage import leverage_section
from .markup import bullets, count, definitions, document, listed, paragraph, section, text
from .membership import membership_section
from .performance import performance_section
from .picture import leverage_png
from .record import FORMULA, Record, read
from .society import society_section
from .story import intervals, story
from .timeline import timeline_chart
from .words import DIVIDENDS, SOURCES, TERMS

_FILES = (
    ("scenario.yaml", "the whole scenario, every default written out; run it again to get the same tables"),
    ("manifest.json", "seeds, versions, hardware, counts of trainings"),
    ("codebook.csv", "every column of every table: meaning, unit, whose experience"),
    ("firms.parquet", "each firm's performance for each audience, people served, revenue"),
    ("leverage.parquet", "the leverage figures with standard errors"),
    ("coalitions.parquet", "members, proposals, levers, threats, payments"),
    ("votes.parquet", "tallies and margins"),
    ("users.parquet", "each person's records, data value and dividend"),
    ("dividends.parquet", "every dividend's inequality for every pot"),
    ("society.parquet", "concentration, exposure, where the money goes, firms' positions against people's"),
    ("leverage.png", "one picture of the run"),
)


def write_report(folder: str | Path) -> Path:
    """Write `report.html` and `leverage.png` into a run folder from its tables; return the page's path.

    The same manifest and tables give the same bytes. Raises InputError if the folder is no run's.
    """
    record = read(folder)
    page = document(f"{_name(record)} · datacoalition", _parts(record))
    path = Path(folder) / "report.html"
    write(Path(folder) / "leverage.png", leverage_png(record))
    write(path, page.encode("utf-8"))
    return path


def _parts(record: Record) -> Iterator[str]:
    yield _header(record)
    if not record.rounds:
        yield paragraph("No round was finished, so there is nothing to show. Run the scenario again.", "empty")
        yield _provenance(record)
        return
    yield section("What happened", _story(record), timeline_chart(record))
    yield _words(record)
    yield leverage_section(record)
    yield performance_section(record)
    yield membership_section(record)
    yield dividends_section(record)
    yield agency_section(record)
    yield society_section(record)
    yield _provenance(record)


def _story(record: Record) -> str:
    cards = "".join(f"<div><h3>{text(name)}</h3>{bullets(said)}</div>" for name, said in story(record))
    return f'<div class="story">{cards}</div>{paragraph(intervals(record), "note")}'


def _name(record: Record) -> str:
    return str(record.manifest.get("scenario") or "A run")


def _header(record: Record) -> str:
    manifest = record.manifest
    parts = ['<p class="kicker">datacoalition run report</p>', f"<h1>{text(_name(record))}</h1>"]
    if manifest.get("description"):
        parts.append(paragraph(str(manifest["description"]), "lead"))
    if not manifest.get("finished"):
        parts.append(paragraph(_interrupted(record), "banner"))
    if record.formula:
        parts.append(
            '<p class="formula"><strong>Formula, not retraining.</strong> No model was trained in this run: every '
            "performance figure comes from a closed formula of how models improve with data.</p>"
        )
    parts.append(definitions(_facts(record), "facts"))
    return "<header>" + "\n".join(parts) + "</header>"


def _interrupted(record: Record) -> str:
    """How far each replicate came; the replicates that were not begun are counted."""
    manifest = record.manifest
    done, planned = manifest.get("rounds_done", {}), manifest.get("rounds", "?")
    reached = [f"replicate {r}: {n} of {planned} rounds" for r, n in done.items()]
    if len(done) == 1 and manifest.get("replicates") == 1:
        reached = [f"{n} of {planned} rounds" for n in done.values()]
    return f"This run was not finished. It holds {listed(reached) if reached else 'no finished round'}."


def _facts(record: Record) -> list[tuple[str, str]]:
    manifest, seeds = record.manifest, record.manifest.get("seeds", {})
    trained = manifest.get("trainings", {})
    basis = FORMULA if record.formula else "retraining: every score comes from a model that was really trained"
    people = f"{_number(manifest.get('users'))} users, {_number(manifest.get('contributors'))} of whom have data"
    return [
        ("Task", str(manifest.get("task", "unknown"))),
        ("Where scores come from", basis),
        ("People", people),
        ("Rounds × replicates", f"{_number(manifest.get('rounds'))} × {_number(manifest.get('replicates'))}"),
        ("Behaviour seeds, one a replicate", _series(seeds.get("replicate_seeds", [seeds.get("seed", "unknown")]))),
        ("Data seed; training seeds", f"{seeds.get('data_seed', 'unknown')}; {_series(seeds.get('train_seeds', []))}"),
        (
            "Formula evaluations" if record.formula else "Trainings",
            f"{_number(trained.get('asked'))} asked for, {_number(trained.get('done'))} done, "
            f"{_number(trained.get('remembered'))} remembered",
        ),
        ("State", "finished" if manifest.get("finished") else "not finished"),
    ]


def _number(value: object) -> str:
    return count(value) if isinstance(value, int | float) else "unknown"


def _series(seeds: list[object]) -> str:
    shown = [str(seed) for seed in seeds]
    return ", ".join(shown if len(shown) <= 12 else [*shown[:6], "…", *shown[-2:]]) or "none"


def _words(record: Record) -> str:
    kinds = dict(DIVIDENDS)
    used = [name for name in dict.fromkeys(record.dividends["transform"]) if name in kinds]
    ways = "; ".join(f"{name}: {kinds[name]}" for name in used)
    terms = [*TERMS, *([("Dividends compared below", ways + ".")] if ways else [])]
    return section("Words", definitions(terms, "words"))


def _provenance(record: Record) -> str:
    versions = record.manifest.get("versions", {})
    hardware = ", ".join(
        f"{name.replace('_', ' ')}: {what}" for name, what in record.manifest.get("hardware", {}).items()
    )
    return section(
        "How to read further, and how to cite",
        paragraph("The folder of this page holds everything that it was made from:"),
        definitions(_FILES, "words"),
        paragraph(f"Versions: {', '.join(f'{name} {number}' for name, number in versions.items()) or 'unknown'}."),
        paragraph(f"Hardware: {hardware}.") if hardware else "",
        paragraph(str(record.manifest.get("reference_levels", "")), "note"),
        paragraph(_citation(record)),
        paragraph("Studies whose measures and protocols these are:"),
        definitions(SOURCES, "words"),
    )


def _citation(record: Record) -> str:
    manifest, seeds = record.manifest, record.manifest.get("seeds", {})
    version = manifest.get("versions", {}).get("datacoalition", "")
    return (
        f"To cite this run: The datacoalition developers, datacoalition {version}, scenario “{_name(record)}”, "
        f"seed {seeds.get('seed', 'unknown')}, {_number(manifest.get('replicates'))} replicate(s), training seeds "
        f"{_series(seeds.get('train_seeds', []))}. Keep scenario.yaml and manifest.json with the figures."
    )
