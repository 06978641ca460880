"""Palette: colours, lines and marks that people with any colour vision can tell apart.

Colours are Okabe and Ito's, without the yellow that is faint on white. No two of the first 28 looks share colour
and line and mark, so a reader can also go by the line and the mark alone.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333")
LINES = {"-": "", "--": "7 3", "-.": "7 3 2 3", ":": "2 3"}
_ORDER = ((0, 1), (2, 3), (1, 0), (3, 2))  # plain lines first: a common world has two firms and two coalitions
MARKS = {  # matplotlib's mark, and the same as a polygon around (0, 0) for a legend
    "o": "",
    "s": "-4,-4 4,-4 4,4 -4,4",
    "^": "0,-5 5,4 -5,4",
    "D": "0,-5.5 5.5,0 0,5.5 -5.5,0",
    "v": "0,5 5,-4 -5,-4",
    "P": "-1.8,-5 1.8,-5 1.8,-1.8 5,-1.8 5,1.8 1.8,1.8 1.8,5 -1.8,5 -1.8,1.8 -5,1.8 -5,-1.8 -1.8,-1.8",
    "X": "-5,-3 -3,-5 0,-2 3,-5 5,-3 2,0 5,3 3,5 0,2 -3,5 -5,3 -2,0",
}
HATCHES = ("", "//", "..", "xx", "\\\\", "oo", "++")
GREY = "#C4CAD0"
INK = "#333A42"
PALE = "#F3F4F6"

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Look:
    """How a firm or a coalition is drawn."""

    colour: str
    line: str = "-"
    mark: str = "o"


@dataclass(frozen=True)
class Deed:
    """How what a coalition did in a round is drawn: the mark says what, the colour stays the coalition's."""

    words: str
    mark: str
    pulled: bool = True
    """A lever: the mark stands out of the coalition's colour. Otherwise the cell stays light."""


DEEDS: Mapping[str, Deed] = {
    "nothing": Deed("no lever pulled", "", pulled=False),
    "paid": Deed("agreed not to act", "o", pulled=False),
    "strike": Deed("strike", "v"),
    "delete_and_boycott": Deed("delete and boycott", "X"),
    "redirect": Deed("redirect", "^"),
    "redirect_with_deletion": Deed("redirect with deletion", "D"),
    "unlink": Deed("unlink", "d"),
    "poison": Deed("poison", "P"),
}


def deed(name: str) -> Deed:
    """The look of a lever, of 'paid' or 'nothing'; also of a lever that this list does not know yet."""
    return DEEDS.get(name, Deed(name.replace("_", " "), "s"))


def looks(keys: Iterable[Key]) -> dict[Key, Look]:
    """A look for each key, by its place in the list."""
    lines, marks = list(LINES), list(MARKS)
    return {
        key: Look(COLOURS[i % 7], lines[_ORDER[i // 7 % 4][i % 7 % 2]], marks[(i + 2 * (i // 7)) % 7])
        for i, key in enumerate(keys)
    }


def swatch(look: Look) -> str:
    """A legend's sample of a line."""
    dash = f' stroke-dasharray="{LINES[look.line]}"' if LINES[look.line] else ""
    line = f'<line x1="1" x2="39" y1="7" y2="7" stroke="{look.colour}" stroke-width="2.2"{dash}/>'
    return _sample(40, line + (_mark(look.mark, look.colour, 20, look.colour) if look.mark else ""))


def deed_swatch(done: Deed) -> str:
    """A legend's sample of a cell, in ink: the colour is each coalition's own."""
    cell = INK if done.pulled else "#FFFFFF" if done.mark else PALE
    box = f'<rect x=".5" y=".5" width="19" height="13" fill="{cell}" stroke="{INK if done.mark else GREY}"/>'
    ink = "#FFFFFF" if done.pulled else INK
    return _sample(20, box + (_mark(done.mark, ink, 10, ink, 0.8) if done.mark else ""))


def mark_swatch(mark: str, filled: bool) -> str:
    return _sample(16, _mark(mark, INK if filled else "#fff", 8, INK))


def bar_swatch(colour: str, hatch: str, name: str) -> str:
    """A legend's sample of a hatched bar; `name` makes its pattern's id unique on the page."""
    if not hatch:
        return _sample(20, f'<rect x=".5" y=".5" width="19" height="13" fill="{colour}" stroke="{INK}"/>')
    pattern = (
        f'<defs><pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse">{_STROKES[hatch]}</pattern>'
        f'</defs><rect x=".5" y=".5" width="19" height="13" fill="{colour}"/>'
        f'<rect x=".5" y=".5" width="19" height="13" fill="url(#{name})" stroke="{INK}"/>'
    )
    return _sample(20, pattern)


_STROKES = {
    "//": f'<path d="M0,6L6,0" stroke="{INK}"/>',
    "\\\\": f'<path d="M0,0L6,6" stroke="{INK}"/>',
    "xx": f'<path d="M0,6L6,0M0,0L6,6" stroke="{INK}"/>',
    "..": f'<circle cx="3" cy="3" r="1" fill="{INK}"/>',
    "oo": f'<circle cx="3" cy="3" r="1.8" fill="none" stroke="{INK}"/>',
    "++": f'<path d="M3,0V6M0,3H6" stroke="{INK}"/>',
}


def _sample(width: int, inner: str) -> str:
    return f'<svg width="{width}" height="14" viewBox="0 0 {width} 14" aria-hidden="true">{inner}</svg>'


def _mark(mark: str, fill: str, x: float, edge: str, size: float = 1.0) -> str:
    paint = f'fill="{fill}" stroke="{edge}"'
    if not MARKS[mark]:
        return f'<circle cx="{x}" cy="7" r="{4 * size}" {paint}/>'
    return f'<polygon points="{MARKS[mark]}" transform="translate({x} 7) scale({size})" {paint}/>'
