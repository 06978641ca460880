"""The report: escaping, self-containedness, exact figures, determinism, and every thin or odd run."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios import folder as folders
from datacoalition.scenarios.reports import record as records
from datacoalition.scenarios.reports.charts import shortened
from datacoalition.scenarios.reports.curves import over_replicates, over_rounds
from datacoalition.scenarios.reports.lorenz import lorenz
from datacoalition.scenarios.reports.markup import number, stretches
from datacoalition.scenarios.reports.page import write_report
from datacoalition.scenarios.reports.palette import Look, looks
from datacoalition.scenarios.reports.story import story
from datacoalition.scenarios.tables import TABLES
from datacoalition.valuation.inequality import lorenz as lorenz_points
from scipy import stats

NAN = float("nan")
LEVERS = ("nothing", "strike", "redirect", "redirect_with_deletion", "delete_and_boycott", "poison")
TRANSFORMS = ("equal", "per_record", "shift", "absolute", "clip", "binning", "binarize", "proportional")
AUDIENCES = (
    ("holdout", "everyone"), ("holdout", "users"), ("holdout", "members"), ("holdout", "outsiders"),
    ("holdout", "everyone_served"), ("company", "contributors"),
)  # fmt: skip


class Run:
    """Hand-made tables of a run: simple figures that a test can work out in its head."""

    def __init__(
        self, folder: Path, *, coalitions: tuple[str, ...] = ("pay", "privacy"),
        firms: tuple[str, ...] = ("big", "small"), lengths: tuple[int, ...] = (6,), users: int = 12,
        seeds: int = 3, pots: bool = True, basis: str = "retraining",
        metric: str = "rmse",
    ) -> None:  # fmt: skip
        self.folder, self.coalitions, self.firms, self.lengths = folder, coalitions, firms, lengths
        self.users, self.seeds, self.pots, self.basis, self.metric = users, seeds, pots, basis, metric
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        for replicate, rounds in enumerate(lengths):
            for r in range(1, rounds + 1):
                first = {"replicate": replicate, "round": r, "basis": basis}
                self._firms(first, r, replicate)
                self._leverage(first, r, replicate)
                self._coalitions(first, r, replicate)
                self._society(first, r)
            self._users(replicate)
        self.manifest = self._manifest()

    @property
    def stderr(self) -> float:
        return 0.01 if self.seeds > 1 else NAN

    def _firms(self, first: dict[str, Any], r: int, replicate: int) -> None:
        for i, firm in enumerate(self.firms):
            for view, audience in AUDIENCES:
                self.rows["firms"].append({
                    **first, "firm": firm, "view": view, "audience": audience, "metric": self.metric,
                    "score": 0.87 + 0.05 * i + 0.001 * r, "stderr": self.stderr / 10, "n": 100.0, "contributors": 10,
                    "records": 90, "includes": "all_data", "left_out": 0, "synthetic": 0, "poisoned": 0,
                    "asked_out": 0, "let_out": 0, "waits_for_others": 0, "taken_along": 0, "aware": 0.7,
                    "followed": 0.5, "exit_alone": 0.4, "exit_together": 0.8 if r % 2 == 0 else NAN,
                    "served": 100 - 60 * i + r + replicate, "revenue": 50.0 - r, "paid": 0.0,
                    "degenerate": "", "note": "",
                })  # fmt: skip

    def _leverage(self, first: dict[str, Any], r: int, replicate: int) -> None:
        for c, coalition in enumerate(self.coalitions or ("",)):
            for rival in self.firms[1:] or ("",):
                for view in ("holdout", "company"):
                    row = {
                        **first, "target": self.firms[0], "rival": rival, "coalition": coalition, "metric": self.metric,
                        "view": view, "baseline": 0.94, "best": 0.87, "target_score": 0.88, "rival_score": 0.93,
                        "seeds": self.seeds, "note": "" if rival else "there is no rival",
                    }  # fmt: skip
                    strike, gift = 0.01 * r + 0.02 * c, 0.03 * r - 0.05 * c + 0.01 * replicate
                    known = {"strike": strike, "dlp_strike": 0.1}
                    gained = {
                        "contribution": gift,
                        "gap_closed": strike + gift,
                        "dlp_contribution": 0.3,
                        "dlp_transfer": 0.4,
                    }
                    known |= gained if rival else dict.fromkeys(gained, NAN)
                    errors = {f"{name}_stderr": self.stderr for name in known}
                    self.rows["leverage"].append({**row, **known, **errors})

    def _coalitions(self, first: dict[str, Any], r: int, replicate: int) -> None:
        for c, coalition in enumerate(self.coalitions):
            paid = self.pots and r % 3 == 0
            acts = r % 2 == 0 or paid
            lever = LEVERS[1 + c % 5] if acts and not paid else "nothing"
            proposal = f"{LEVERS[1 + c % 5]} against {self.firms[0]}"
            self.rows["coalitions"].append({
                **first, "coalition": coalition, "members": 3 + r + c + replicate, "turnout": 0.5, "proposal": proposal,
                "passed": acts, "lever": lever, "target": self.firms[0], "rival": "", "compliers": 3, "joined": 0,
                "left": 0, "held": 0, "barred": 0, "expelled": 0, "caught": 0,
                "shirked": 0.25 if acts else NAN, "outsiders_gain": 0.01 * r, "free_riders": 2.0,
                "members_gain": 0.02 * r,
                "harm": 4.0 if acts else NAN, "harm_stderr": self.stderr if acts else NAN,
                "answer": ("paid" if paid else "refused") if acts else "", "payment": 2.5 if paid else 0.0,
                "pot": 2.5 if paid else 0.0,
            })  # fmt: skip
            for option, tally in (("nothing", 2.0), (proposal, 3.0 if acts else 1.0)):
                self.rows["votes"].append({
                    **first, "coalition": coalition, "option": option, "tally": tally,
                    "winner": (option != "nothing") == acts, "cast": 5.0, "electorate": 9, "margin": 1,
                })  # fmt: skip
            for i, transform in enumerate(TRANSFORMS if paid else ()):
                self.rows["dividends"].append({
                    **first, "coalition": coalition, "method": "shapley", "transform": transform,
                    "chosen": i == 2, "pot": 2.5, "paid": 2.0, "public": 0.5, "members": 6,
                    "gini": 0.1 * i, "gini_with_public": 0.5 + 0.05 * i, "hoover": 0.05 * i,
                    "top_tenth": 0.1 + 0.05 * i, "fallback": i == 7, "under_minimum": 0,
                })  # fmt: skip

    def _society(self, first: dict[str, Any], r: int) -> None:
        self.rows["society"].append({
            **first, "law": "old_weights retrained" if r == 4 else "", "concentration": 0.8 - 0.01 * r,
            "choice_kept": 0.9, "quality_gap": -0.2, "to_contributors": 0.02, "to_public": 0.01,
            "exposure": 1.1 + 0.02 * r, "distance": 0.6, "distance_served": 0.5,
            "organised": 7, "alone": 0,
        })  # fmt: skip

    def _users(self, replicate: int) -> None:
        for i in range(self.users):
            self.rows["users"].append({
                "replicate": replicate, "user": f"person {i}", "service": self.firms[0],
                "coalition": self.coalitions[0] if self.coalitions else "",
                "records": i, "act": "", "exposure": 1, "value": i - 2.0 if self.pots else NAN, "stderr": NAN,
                "value_source": "", "dividend": float(i % 4) if self.pots else 0.0, "public": 0.0, "basis": self.basis,
            })  # fmt: skip

    def _manifest(self) -> dict[str, Any]:
        return {
            "scenario": "made", "description": "Made by hand.", "finished": True, "replicates": len(self.lengths),
            "rounds": max(self.lengths, default=6), "rounds_done": {str(i): n for i, n in enumerate(self.lengths)},
            "task": "movielens", "basis": self.basis, "contributors": self.users, "users": self.users,
            "seeds": {
                "seed": 0, "replicate_seeds": list(range(len(self.lengths))), "data_seed": 0,
                "train_seeds": list(range(self.seeds)),
            },
            "trainings": {"asked": 1229, "done": 51, "remembered": 1178}, "seconds": 1.25,
            "started": "2026-01-01T00:00:00+00:00", "versions": {"datacoalition": "0.1.0"},
            "hardware": {"system": "Linux"},
        }  # fmt: skip

    def tables(self) -> dict[str, pd.DataFrame]:
        frames = {}
        for name, columns in TABLES.items():
            frame = pd.DataFrame(self.rows[name], columns=[column.name for column in columns])
            for column in columns:
                frame[column.name] = frame[column.name].astype("object" if column.dtype == "str" else column.dtype)
            frames[name] = frame
        return frames

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        folders.write_tables(self.folder, self.tables())
        folders.write_manifest(self.folder, self.manifest)
        return self.folder

    def page(self) -> str:
        return write_report(self.write()).read_text(encoding="utf-8")

    def told(self) -> dict[str, list[str]]:
        return dict(story(records.read(self.write())))


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the page's words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def assert_sound(page: str) -> Elements:
    """What holds for every report: closed in itself, no code, ids once each, charts with words, no bare nan."""
    elements = Elements(page)
    assert not {tag for tag, _ in elements.found} & {"script", "link", "img", "iframe", "object", "image"}
    for _, attributes in elements.found:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "xlink:href", "data", "srcset"):
                assert value is not None
                assert value.startswith("#")
    assert not re.search(r"url\((?!#)|@import", page)
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^)"]+)', page)) <= set(ids)
    for tag, attributes in elements.found:
        if attributes.get("role") == "img":
            assert attributes["aria-label"]
        assert tag != "svg" or attributes.get("aria-hidden") or "viewbox" in attributes
    assert not re.search(r"\b(nan|NaN|None|inf)\b", elements.text)
    return elements


def test_sections_and_basis(tmp_path: Path) -> None:
    text = assert_sound(Run(tmp_path / "run").page()).text
    for words in (
        "What happened", "Words", "Leverage over time", "Performance of the firms", "Members and turnout", "Votes and",
        "Threats and answers", "The same money under every dividend", "Lorenz curves", "How to read further",
        "Do not compare the DLP of a strike with the DLP of a contribution directly [VH20]",
        "1,229 asked for, 51 done, 1,178 remembered", "lower is better",
        "Band: ± 2 standard errors over 3 training seeds (one replicate).", "Finland .259", "US .391",
    ):  # fmt: skip
        assert words in text, words
    assert "formula, not retraining" not in text
    assert (tmp_path / "run" / "leverage.png").read_bytes().startswith(b"\x89PNG")


def test_data_agency_is_told_measure_by_measure(tmp_path: Path) -> None:
    page = Run(tmp_path / "run").page()
    own = page[page.index(">Data agency<") : page.index(">Society")]
    text = Elements(own).text
    for words in (
        "choice as if informed and free", "awareness", "individual exit", "group exit", "downstream provenance",
        "At big", "At small", "It is paired: in each round the same person chooses twice",
        "everybody 0.90 – – – –", "big – 0.70 0.40 0.80 0.50 0.0", "Giving a copy to a rival is no exit.",
    ):  # fmt: skip
        assert words in " ".join(text.split()), words
    assert "One line over another" not in text
    alike = Run(tmp_path / "alike")
    for row in alike.rows["firms"]:
        row["exit_together"] = 0.7 if row["exit_together"] == 0.8 else NAN  # as many as are aware
    told = "One line over another wherever both are there: at big, awareness and group exit; at small,"
    assert told in Elements(alike.page()).text
    nobody = Run(tmp_path / "nobody", coalitions=(), pots=False)
    for row in nobody.rows["society"]:
        row["choice_kept"] = 1.0
    assert "no choice and no exit to speak of" in Elements(nobody.page()).text


def test_exact_figures_of_one_replicate(tmp_path: Path) -> None:
    told = Run(tmp_path / "run").told()
    assert told["pay"] == [
        "Members: 4 in round 1, 9 in round 6.",
        "Its members voted to act in 4 of 6 rounds; it pulled strike in rounds 2 and 4.",
        "Of 4 threats, big paid 2 (rounds 3 and 6), 5.00 in all, and refused 2 (rounds 2 and 4).",
        "Leverage in round 6 for everybody, on the hidden test set: 0.240\u00a0±\u00a00.020 of the gap closed, "
        "0.060\u00a0±\u00a00.020 taken from big and 0.180\u00a0±\u00a00.020 given to small.",
        "Leverage in round 6 for each firm's own contributors (company view): 0.240\u00a0±\u00a00.020 of the gap "
        "closed, 0.060\u00a0±\u00a00.020 taken from big and 0.180\u00a0±\u00a00.020 given to small.",
        "Membership and lever: too short to tell.",
    ]
    assert told["small"] == [
        "People served: 41 in round 1, 46 in round 6.",
        "RMSE for everybody, on the hidden test set: 0.9210 in round 1, 0.9260 in round 6 (baseline 0.9400, best "
        "0.8700; lower is better).",
    ]
    assert told["Money"] == [
        "In all, firms paid coalitions 10.00; 4 pots holding 10.00 came to be shared out, of which members got 8.00 "
        "and a public share was 2.00."
    ]


def test_money_that_nobody_paid(tmp_path: Path) -> None:
    told = Run(tmp_path / "run", pots=False).told()
    assert told["Money"] == ["No firm paid, so no dividend was shared out."]
    assert told["Law"] == ["From round 4 on: old weights retrained."]


def test_exact_figures_over_replicates(tmp_path: Path) -> None:
    told = Run(tmp_path / "run", lengths=(6, 6, 6)).told()
    assert told["pay"][0] == (
        "Members: 5.0 (4 to 6) in the first round, 10.0 (9 to 11) in the last, mean over replicates (lowest to "
        "highest)."
    )
    assert told["pay"][1] == (
        "Its members voted to act in 12 of 18 rounds, all replicates together; it pulled strike in 6 rounds."
    )
    assert told["pay"][2] == "Of 12 threats, big paid 6, 15.00 in all, and refused 6."
    # gap closed .24, .25, .26: t(2) .975 = 4.3027, times .01 / sqrt 3
    assert "0.250 [0.225,\u00a00.275] of the gap closed" in told["pay"][3]


def two_ways(run: Run, table: str, **columns: tuple[float, float]) -> dict[str, list[str]]:
    """The story, once columns of a table are changed: in even replicates to one number, in odd ones to another."""
    for row in run.rows[table]:
        odd = row["replicate"] % 2
        row.update({name: pair[odd] + 0.002 * (row["replicate"] // 2) for name, pair in columns.items()})
    return run.told()


def careful(told: dict[str, list[str]], name: str) -> str:
    return " ".join(said for said in told.get(name, []) if said.startswith("Careful"))


@pytest.mark.parametrize(
    ("table", "column", "whose", "words"),
    [
        ("coalitions", "turnout", "pay", "turnout (about 0.203 and 0.903)"),
        ("coalitions", "harm", "pay", "harm of its threat (about 0.203 and 0.903)"),
        ("coalitions", "members_gain", "pay", "what a member had of it (about"),
        ("coalitions", "pot", "pay", "what it was paid in all (about 1.218 and 5.418)"),
        ("leverage", "gap_closed", "privacy", "gap closed (everybody (holdout), small as rival) (about"),
        ("leverage", "dlp_strike", "big", "DLP of a strike (own contributors (company view), small as rival) (about"),
        ("firms", "score", "small", "RMSE for people in no coalition (holdout) (about"),
        ("firms", "revenue", "small", "revenue (about"),
        ("dividends", "gini", "privacy", "Gini of what it paid (about"),
        ("society", "net_harm", "Society", "net harm (about"),
    ],
)
def test_every_mean_of_two_groups_is_warned_of(tmp_path: Path, table: str, column: str, whose: str, words: str) -> None:
    told = two_ways(Run(tmp_path / "two", lengths=(6,) * 8), table, **{column: (0.2, 0.9)})
    assert words in careful(told, whose)
    one = two_ways(Run(tmp_path / "one", lengths=(6,) * 8), table, **{column: (0.2, 0.2)})
    assert words.split(" (about")[0] + " (about" not in careful(one, whose)


def test_what_a_coalitions_people_were_paid_is_looked_at_person_by_person(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", users=12)
    assert careful(run.told(), "pay") == ""
    for i, row in enumerate(run.rows["users"]):
        row["dividend"] = 5.0 * (i % 2)
    warned = "Careful with means: people fall into two groups, and a mean stands for neither: what its people were paid"
    assert careful(run.told(), "pay") == f"{warned} over the run (about 0.000 and 5.000)."


def test_names_are_words_never_code(tmp_path: Path) -> None:
    evil = ("<script>alert(1)</script>", 'a"onload="x', "$\\frac{$")
    run = Run(tmp_path / "run", coalitions=evil, firms=("<img src=x>", "$b$"))
    run.manifest |= {"scenario": "<b>&amp;", "description": "<script src=http://x.y>", "task": "<i>"}
    run.rows["leverage"][0] |= {"note": "<u>"}
    page = run.page()
    elements = assert_sound(page)
    assert not {tag for tag, _ in elements.found} & {"b", "i", "u"}
    for name in (*evil, "<img src=x>", "$b$", "<b>&amp;"):
        assert name in "".join(elements.words)


def test_same_tables_same_bytes(tmp_path: Path) -> None:
    first = Run(tmp_path / "a", lengths=(3, 3))
    second = Run(tmp_path / "b", lengths=(3, 3))
    second.manifest |= {"started": "2030-12-31T23:59:59+00:00", "seconds": 99.0}
    assert first.page() == second.page()
    assert (tmp_path / "a" / "leverage.png").read_bytes() == (tmp_path / "b" / "leverage.png").read_bytes()
    assert first.page() == (tmp_path / "b" / "report.html").read_text(encoding="utf-8")


THIN: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "no coalitions": ({"coalitions": ()}, ("There is no coalition in this world.", "No firm paid, so no dividend")),
    "no pots": ({"pots": False}, ("No firm paid, so no dividend was shared out.", "Nobody's data was priced")),
    "one round": ({"lengths": (1,)}, ("Members: 4 in round 1.", "no dividend was shared out")),
    "one firm, no rival": (
        {"firms": ("big",)},
        ("Undefined: there is no rival.", "undefined (there is no rival)"),
    ),
    "one seed": (
        {"seeds": 1},
        ("One replicate and one training seed, so no interval", "no standard error"),
    ),
    "uneven replicates": ({"lengths": (5, 2, 1)}, ("mean over 3 replicates", "none where only one replicate")),
    "two rivals": ({"firms": ("big", "mid", "small")}, ("Gap closed (rival: mid)", "Gap closed (rival: small)")),
    "twelve long names": (
        {"coalitions": tuple(f"a coalition whose name is rather long, number {i}" for i in range(12)), "lengths": (3,)},
        ("12 a coalition whose name is rather long, number 11", "12 a coalition whose nam…"),
    ),
    "crowd": ({"users": 10_000, "lengths": (3,)}, ("10,000 users",)),
    "long": ({"lengths": (90,)}, ("30 rounds between 2 and 88",)),
    "nobody": ({"users": 0}, ("0 users",)),
    "higher is better unknown metric": ({"metric": "own_metric"}, ("own metric",)),
    "formula": ({"basis": "formula, not retraining"}, ("Formula, not retraining.",)),
}


@pytest.mark.parametrize("case", THIN)
def test_thin_and_odd_runs(tmp_path: Path, case: str) -> None:
    settings, expected = THIN[case]
    text = assert_sound(Run(tmp_path / "run", **settings).page()).text
    for words in expected:
        assert words in text, words


def test_interrupted_before_a_round(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", lengths=())
    run.manifest |= {"finished": False, "replicates": 1, "rounds_done": {}}
    text = assert_sound(run.page()).text
    assert "It holds no finished round." in text
    assert "No round was finished" in text
    assert "Leverage over time" not in text
    assert (tmp_path / "run" / "leverage.png").exists()


def test_interrupted_says_so_first(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", lengths=(6, 2))
    run.manifest |= {"finished": False, "replicates": 3}
    text = assert_sound(run.page()).text
    told = "This run was not finished. It holds replicate 0: 6 of 6 rounds and replicate 1: 2 of 6 rounds."
    assert text.index(told) < text.index("What happened")


def test_all_nan(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", lengths=(3,))
    for name, rows in run.rows.items():
        for row in rows:
            floats = [c.name for c in TABLES[name] if c.dtype == "float64" and c.name in row]
            kept = {"payment", "pot", "paid", "revenue", "dividend", "tally", "cast"}
            row.update({column: NAN for column in floats if column not in kept})
            row.update({"margin": None} if name == "votes" else {})
            row.update({"note": "no test record in this view"} if "note" in row else {})
    text = assert_sound(run.page()).text
    assert "Undefined: no test record in this view." in text
    assert "Leverage in round 3 for everybody, on the hidden test set: undefined (no test record in this view)." in text
    assert "undefined (no test record in this view)" in text


def test_formula_on_every_chart(tmp_path: Path) -> None:
    page = Run(tmp_path / "run", basis="formula, not retraining").page()
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 8
    assert all('class="badge">formula, not retraining<' in figure for figure in figures)
    pictures = re.findall(r"<svg xmlns.*?</svg>", page, re.DOTALL)
    assert len(pictures) >= 20
    assert all("formula, not retraining" in picture for picture in pictures)
    assert "really trained" not in page
    assert "really retraining" not in page


def test_not_a_run_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())


def test_intervals(tmp_path: Path) -> None:
    rows = pd.DataFrame({"replicate": [0, 0, 1, 2], "round": [1, 2, 1, 1], "x": [1.0, 5.0, 2.0, 6.0], "se": [0.5] * 4})
    many = records.read(Run(tmp_path / "many", lengths=(2, 1, 1)).write())
    curve = over_rounds(many, rows, "x", "x", Look("#000000"), "se")
    low, high = stats.t.interval(0.95, 2, loc=3.0, scale=stats.sem([1.0, 2.0, 6.0]))
    np.testing.assert_allclose([curve.y[0] - curve.half[0], curve.y[0] + curve.half[0]], [low, high])
    assert curve.y[1] == 5
    assert np.isnan(curve.half[1])
    single = records.read(Run(tmp_path / "one", lengths=(3,)).write())
    curve = over_rounds(single, rows[rows["replicate"] == 0], "x", "x", Look("#000000"), "se")
    np.testing.assert_array_equal(curve.y, [1, 5, NAN])
    np.testing.assert_array_equal(curve.half, [1, 1, NAN])
    assert np.isnan(over_replicates(pd.Series([2.0])).half)


def test_lorenz_is_that_of_the_package() -> None:
    amounts = np.array([3.0, 0.0, 1.0, 8.0])
    curve = lorenz(amounts)
    assert curve is not None
    np.testing.assert_allclose(curve, np.interp(np.linspace(0, 1, curve.size), *lorenz_points(amounts)), atol=1e-12)
    assert lorenz(np.array([-1.0, 2.0])) is None
    assert lorenz(np.zeros(3)) is None
    assert lorenz(np.empty(0)) is None


def test_negative_values_are_not_drawn_but_told(tmp_path: Path) -> None:
    assert "2 of 12 data values are negative" in assert_sound(Run(tmp_path / "run").page()).text


def test_fallback_and_chosen_are_marked(tmp_path: Path) -> None:
    page = Run(tmp_path / "run").page()
    assert page.count("shift (chosen)") == 2
    assert page.count("2 of 2") == 2  # proportional fell back in both pots of both coalitions
    assert "proportional *" in page


def test_numbers_and_rounds_for_people() -> None:
    assert [number(x) for x in (0.1234, -2.0, 1234.5, NAN, 0.00001)] == [
        "0.123",
        "−2.000",
        "1,234.500",
        "undefined",
        "1.0e−05",
    ]
    assert number(np.int64(3), 0) == "3"
    assert stretches([5, 1, 2, 3]) == "rounds 1–3 and 5"
    assert stretches([4]) == "round 4"
    assert stretches([4, 5]) == "rounds 4–5"
    assert stretches(range(1, 40, 2)) == "20 rounds between 1 and 39"
    assert len(shortened("x" * 99)) == 22


def test_looks_are_all_different() -> None:
    found = looks(range(28))
    assert len({(look.colour, look.line) for look in found.values()}) == 28


def test_a_firm_and_a_coalition_keep_their_looks(tmp_path: Path) -> None:
    record = records.read(Run(tmp_path / "run", coalitions=("same", "big"), firms=("big", "small")).write())
    assert len(set(record.looks.values())) == 4
