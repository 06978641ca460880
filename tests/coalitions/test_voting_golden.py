"""Winners of random votes as an independent library names them; `golden/make_voting.py` made the file."""

import json
from pathlib import Path

import numpy as np
import pytest
from datacoalition.coalitions.rules import RULES, Fixed, Schulze, Score, Star

FILE = Path(__file__).parent.parent / "golden" / "voting.json"
GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))
STARS = Fixed(lowest=0.0, highest=5.0)
SETTINGS = {"schulze by margins": Schulze("margins"), "score": Score(STARS), "star": Star(STARS)}
RULE = {name: rule() for name, rule in RULES.items()} | SETTINGS
ASKED = sorted({rule for vote in GOLDEN["votes"] for rule in vote["winners"]})


def ballots_of(vote):
    return np.array([ratings for voters, ratings in vote["groups"] for _ in range(voters)], dtype=float)


def test_it_says_who_made_it():
    assert set(GOLDEN["made_by"]) == {"library", "version", "script"}
    assert set(ASKED) == {"plurality", "borda", "copeland", "schulze", "instant_runoff", "approval", *SETTINGS}


@pytest.mark.parametrize("name", ASKED)
def test_winners_are_those_of_an_independent_library(name):
    """Where the library names several, they tie, and the status quo is kept."""
    votes = [vote for vote in GOLDEN["votes"] if name in vote["winners"]]
    unique = [vote for vote in votes if len(vote["winners"][name]) == 1]
    assert len(unique) > 70
    assert len(votes) > len(unique)
    for vote in votes:
        winners = vote["winners"][name]
        expected = winners[0] if len(winners) == 1 else 0
        assert RULE[name](ballots_of(vote)).winner == expected, vote
