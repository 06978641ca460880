"""Page: a study as one self-contained page, figures in print beside ours."""

from collections.abc import Iterator, Sequence

from ..reports.charts import Panel, _inline
from ..reports.markup import definitions, document, paragraph, section, table, text
from .study import Study, Table, cell, drawn

_LONGEST = 80
_LEFT = ' class="left"'


def page(study: Study) -> str:
    """The study as HTML."""
    return document(f"{study.title} · datacoalition", _parts(study))


def _parts(study: Study) -> Iterator[str]:
    yield (
        f'<header><p class="kicker">datacoalition study report</p><h1>{text(study.title)}</h1>'
        f"{paragraph(study.lead, 'lead')}{definitions(study.facts, 'facts')}</header>"
    )
    if study.findings:
        rows = [(f"{f.claim} [{f.source}]", f.verdict, f.found) for f in study.findings]
        yield section(
            "Claims in print, and what was found here",
            table("Each claim with what this study found", ("claim", "here", "figures"), rows, names=3),
        )
    if study.pictures:
        yield section("Pictures", *(_figure(study, name) for name in study.pictures))
    yield section("Tables", *(_table(name, found) for name, found in study.tables.items() if found.printed))
    if study.notes:
        yield section("Notes", *(paragraph(note) for note in study.notes))
    yield section("Columns", definitions(study.columns.items(), "words"))
    versions = study.manifest.get("versions", {})
    words = ", ".join(f"{name} {number}" for name, number in versions.items())
    yield section("How it was made", paragraph(f"Versions: {words or 'unknown'}."), _manifest(study))


def _manifest(study: Study) -> str:
    rows = [(str(k).replace("_", " "), str(v)) for k, v in study.manifest.items() if k != "versions"]
    return definitions(rows, "words")


def _figure(study: Study, name: str) -> str:
    picture = study.pictures[name]
    svg = _inline(drawn(picture.figure, "svg").decode(), f"{study.name}-{name}".replace("_", "-"))
    panel = Panel(picture.title, svg, picture.caption).html()
    return (
        f'<figure><figcaption>{paragraph(picture.caption)}</figcaption><div class="panels wide">{panel}</div></figure>'
    )


def _table(name: str, found: Table) -> str:
    view = found.view
    words = [str(kind) in ("object", "str", "string") for kind in view.dtypes]
    more = f" The first {_LONGEST} of {len(view)} rows." if len(view) > _LONGEST else ""
    note = paragraph(f"{found.note}{more} All rows and columns: {name}.csv and {name}.parquet.".strip(), "note")
    head = _row("th", [str(column).replace("_", " ") for column in view.columns], words)
    body = "".join(
        _row("td", [cell(value, found.decimals) for value in row], words)
        for row in view.head(_LONGEST).itertuples(index=False)
    )
    inner = f"<caption>{text(found.title)}</caption><thead>{head}</thead><tbody>{body}</tbody>"
    label = f'class="scroll" tabindex="0" role="region" aria-label="{text(found.title)}"'
    return f"<div {label}><table>{inner}</table></div>{note}"


def _row(tag: str, cells: Sequence[str], words: Sequence[bool]) -> str:
    """A row of a table in which words stand left and numbers right, in whatever order."""
    pairs = zip(cells, words, strict=True)
    inner = "".join(f"<{tag}{_LEFT if word else ''}>{text(c)}</{tag}>" for c, word in pairs)
    return f"<tr>{inner}</tr>"
