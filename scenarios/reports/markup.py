"""Markup: the HTML that the report is made of. Text becomes HTML in `text` alone, so that no name can be code."""

import html
import math
from collections.abc import Iterable, Sequence
from numbers import Real

_READABLE = 8

STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1.2rem 1rem 4rem;background:#fff;color:#1b1f24;
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
h1{font-size:1.9rem;line-height:1.2;margin:.4rem 0}
h2{font-size:1.35rem;line-height:1.25;margin:3rem 0 .6rem;padding-top:.8rem;border-top:1px solid #d5d9de}
h3{font-size:1.08rem;margin:0 0 .2rem}
h4{font-size:.92rem;font-weight:600;margin:.2rem 0;color:#333a42}
p,li,dd{max-width:46rem}p{margin:.4rem 0}
.lead{font-size:1.1rem;color:#333a42}
.kicker{font-size:.85rem;letter-spacing:.04em;color:#555d66;margin:0}
.badge{display:inline-block;padding:.05rem .5rem;border:1.5px solid #8a4b00;border-radius:.3rem;color:#7a4200;
background:#fff6e5;font-size:.82rem;font-weight:600}
.banner{border-left:.35rem solid #b3261e;background:#fdf0ef;padding:.6rem .9rem;margin:.8rem 0}
.formula{border-left:.35rem solid #c77700;background:#fff6e5;padding:.6rem .9rem;margin:.8rem 0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,14rem),1fr));gap:.5rem 1.4rem;margin:1rem 0}
.facts div{border-top:2px solid #d5d9de;padding-top:.25rem}
.facts dt{font-size:.82rem;color:#555d66}.facts dd{margin:0;font-weight:550}
.words{columns:2 22rem;column-gap:2rem;margin:.6rem 0}
.words div{break-inside:avoid;margin-bottom:.7rem}.words dt{font-weight:650}.words dd{margin:0}
.story{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:.9rem 1.8rem}
.story ul{margin:.1rem 0;padding-left:1.1rem}.story li{margin:.15rem 0}
figure{margin:1.8rem 0 2.4rem}
figcaption p{margin:.15rem 0}.note{font-size:.88rem;color:#555d66}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;list-style:none;padding:0;margin:.5rem 0;font-size:.92rem}
.legend li{display:flex;align-items:center;gap:.4rem;max-width:100%;min-width:0}.legend svg{flex:none}
.panels{display:grid;gap:1rem 1.6rem;margin-top:.5rem;align-items:start}
.panels.wide{grid-template-columns:minmax(0,1fr)}.panels.wide .panel{overflow-x:auto}.panels.wide svg{min-width:34rem}
.panels.two{grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
.panels.three{grid-template-columns:repeat(auto-fit,minmax(min(100%,18.5rem),1fr))}
.panel{break-inside:avoid;min-width:0}.panel svg{display:block;width:100%;height:auto}
.panels.two .panel{max-width:34rem}.panels.three .panel{max-width:26rem}
.panel svg *{stroke-linejoin:round;stroke-linecap:butt}
.panel svg text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif !important}
.empty{color:#555d66;border:1px dashed #b9c0c7;padding:.7rem .9rem;margin:.3rem 0}
.scroll{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:.3rem}
th,td{padding:.28rem .7rem;text-align:right;border-bottom:1px solid #e3e6ea;vertical-align:top}
th{font-weight:600;color:#333a42}thead th{border-bottom:2px solid #8f98a1;vertical-align:bottom}
.left{text-align:left}tr.chosen td,tr.chosen th{background:#eef5fb;font-weight:650}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
@media (max-width:30rem){body{padding:.8rem .8rem 3rem}h1{font-size:1.5rem}}
@media print{body{max-width:none;font-size:10pt}h2,h3,figcaption{break-after:avoid}.scroll{overflow:visible}
.banner,.formula,.badge,tr.chosen td{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def text(words: object) -> str:
    """Words as HTML: the only door through which a scenario's names come in."""
    return html.escape(str(words), quote=True)


def paragraph(words: str, kind: str = "") -> str:
    return f"<p{_class(kind)}>{text(words)}</p>"


def bullets(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{text(item)}</li>" for item in items) + "</ul>"


def definitions(rows: Iterable[tuple[str, str]], kind: str) -> str:
    inner = "".join(f"<div><dt>{text(term)}</dt><dd>{text(words)}</dd></div>" for term, words in rows)
    return f'<dl class="{kind}">{inner}</dl>'


def section(title: str, *parts: str) -> str:
    return f"<section><h2>{text(title)}</h2>\n" + "\n".join(part for part in parts if part) + "\n</section>"


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], names: int = 1, chosen: Iterable[bool] = ()
) -> str:
    """A table whose first `names` columns are words and the rest numbers; `chosen` rows stand out."""
    marks = list(chosen)
    cells = [_row("th", head, names)]
    body = [_row("td", row, names, i < len(marks) and marks[i]) for i, row in enumerate(rows)]
    inner = f"<caption>{text(caption)}</caption><thead>{cells[0]}</thead><tbody>{''.join(body)}</tbody>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{text(caption)}"><table>{inner}</table></div>'


def _row(tag: str, cells: Sequence[str], names: int, chosen: bool = False) -> str:
    inner = "".join(f"<{tag}{_class('left' if i < names else '')}>{text(c)}</{tag}>" for i, c in enumerate(cells))
    return f"<tr{_class('chosen' if chosen else '')}>{inner}</tr>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def document(title: str, parts: Iterable[str]) -> str:
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def number(value: object, digits: int = 3) -> str:
    """A number for people: `digits` decimals, thousands apart, a true minus sign; "undefined" for nan."""
    figure = float(value) if isinstance(value, Real) else math.nan
    if not math.isfinite(figure):
        return "undefined"
    if figure and abs(figure) < 10.0**-digits / 2:
        return f"{figure:.1e}".replace("-", "\u2212")
    return f"{figure:,.{digits}f}".replace("-", "\u2212")


def count(value: object) -> str:
    """A whole number where it is one, else one decimal (a mean over replicates)."""
    figure = float(value) if isinstance(value, Real) else math.nan
    return number(figure, 0 if figure == round(figure) else 1) if math.isfinite(figure) else "undefined"


def listed(items: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""


def plural(n: object, noun: str) -> str:
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"


def stretches(rounds: Iterable[int]) -> str:
    """[1, 2, 3, 5] as 'rounds 1–3 and 5'; only the ends where there are too many stretches to read."""
    runs: list[list[int]] = []
    for r in sorted(set(rounds)):
        if runs and r == runs[-1][1] + 1:
            runs[-1][1] = r
        else:
            runs.append([r, r])
    if len(runs) > _READABLE:
        return f"{sum(b - a + 1 for a, b in runs)} rounds between {runs[0][0]} and {runs[-1][1]}"
    spans = [str(a) if a == b else f"{a}–{b}" for a, b in runs]
    single = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"round{'' if single else 's'} {listed(spans)}"
