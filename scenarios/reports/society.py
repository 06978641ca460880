"""What it does to society: concentration, who gets the money, exposure, and how near firms are to what people want."""

from .charts import Chart, Panel, legend_of, line_panel
from .curves import Curve, interval_words, over_rounds
from .markup import section
from .palette import COLOURS, Look
from .record import Record

_LOOKS = {
    "concentration": Look(COLOURS[0], "-", ""),
    "exposure": Look(COLOURS[0], "-", ""),
    "to_contributors": Look(COLOURS[0], "-", ""),
    "to_public": Look(COLOURS[1], "--", ""),
    "distance": Look(COLOURS[2], "-", ""),
    "distance_served": Look(COLOURS[3], "--", ""),
    "net_harm": Look(COLOURS[0], "-", ""),
}
_PANELS = {
    "concentration": ("Concentration of the people served (1: one firm serves all)", ("concentration",)),
    "exposure": ("Firms that have a contributor's data, or weights fitted on them", ("exposure",)),
    "money": ("Share of all firms' revenue", ("to_contributors", "to_public")),
    "distance": ("Distance of firms' positions from people's (0 to 2)", ("distance", "distance_served")),
    "harm": ("Net harm: firms against people's stances, by reach and quality", ("net_harm",)),
}
_LABELS = {
    "concentration": "all firms",
    "exposure": "all firms",
    "to_contributors": "paid to members",
    "to_public": "spent for everybody",
    "distance": "everybody, firms by the people they serve",
    "distance_served": "each person and the firm they use",
    "net_harm": "all firms",
}


def society_section(record: Record) -> str:
    curves = {
        name: [over_rounds(record, record.society, column, _LABELS[column], _LOOKS[column])
               for column in columns]
        for name, (_, columns) in _PANELS.items()
    }  # fmt: skip
    panels = [_panel(record, name, words, curves[name]) for name, (words, _) in _PANELS.items()]
    shown = [curve for name in ("money", "distance") for curve in curves[name]]
    sentence = (
        "What the rounds leave everybody with: how concentrated the market is, how many firms have people's data, how "
        "much of what firms earn goes back to people, how far firms' positions are from theirs, and what firms do "
        "against them by how many they serve and how well."
    )
    note = interval_words(record, [curve for own in curves.values() for curve in own], False)
    return section(
        "What it does to society", Chart("Society", sentence, panels, legend_of(shown), note).html(record.formula)
    )


def _panel(record: Record, name: str, words: str, curves: list[Curve]) -> Panel:
    empty = (
        "Undefined: nobody has a position on an issue." if name in ("distance", "harm") else "Undefined in every round."
    )
    reach = (0.0, 1.0) if name == "concentration" else (float("nan"), float("nan"))
    return line_panel(f"society-{name}", words, curves, record.formula, empty=empty, reach=reach, digits=3)
