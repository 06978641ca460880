"""Make voting.json: who wins random votes according to an independent library, pref_voting.

    python3 -m venv voting && voting/bin/pip install pref_voting
    voting/bin/python tests/golden/make_voting.py

Three kinds of votes: strict and complete orders; orders with ties and with options left out; grades from 0 to 5. A vote
is a list of groups (voters, ratings of the options; null: none), the higher the better. `winners` are all that the
library names: several if they tie. The tests need the file alone, not the library.
"""

import json
import random
from importlib.metadata import version
from pathlib import Path

from pref_voting.c1_methods import copeland
from pref_voting.grade_methods import approval, score_voting, star
from pref_voting.grade_profiles import GradeProfile
from pref_voting.iterative_methods import instant_runoff_put, split_irv_put
from pref_voting.margin_based_methods import beat_path
from pref_voting.profiles import Profile
from pref_voting.profiles_with_ties import ProfileWithTies
from pref_voting.scoring_methods import borda, borda_for_profile_with_ties, plurality

Groups = list[tuple[int, list[float | None]]]
GRADES = list(range(6))


def strict(rng: random.Random, options: int) -> list[float | None]:
    return list(rng.sample(range(options), options))


def weak(rng: random.Random, options: int) -> list[float | None]:
    """With ties, and one in five left out, but never all."""
    ratings = [None if rng.random() < 0.2 else rng.randrange(3) for _ in range(options)]
    return ratings if any(rating is not None for rating in ratings) else weak(rng, options)


def grades(rng: random.Random, options: int) -> list[float | None]:
    return [rng.choice(GRADES) for _ in range(options)]


def of_orders(groups: Groups) -> dict[str, list[int]]:
    options = range(len(groups[0][1]))
    orders = [sorted(options, key=lambda option: -ratings[option]) for _, ratings in groups]
    profile = Profile(orders, [voters for voters, _ in groups])
    return {
        "plurality": plurality(profile),
        "borda": borda(profile),
        "copeland": copeland(profile),
        "schulze": beat_path(profile, strength_function=profile.support),
        "schulze by margins": beat_path(profile),
        "instant_runoff": instant_runoff_put(profile),
    }


def of_weak_orders(groups: Groups) -> dict[str, list[int]]:
    options = list(range(len(groups[0][1])))
    ranks = [{o: -r for o, r in enumerate(ratings) if r is not None} for _, ratings in groups]
    profile = ProfileWithTies(ranks, [voters for voters, _ in groups], candidates=options)
    profile.use_extended_strict_preference()  # options left out come after all others
    return {
        "borda": borda_for_profile_with_ties(profile),
        "copeland": copeland(profile),
        "schulze": beat_path(profile, strength_function=profile.support),
        "schulze by margins": beat_path(profile),
        "instant_runoff": split_irv_put(profile),
    }


def of_grades(groups: Groups) -> dict[str, list[int]]:
    counts = [voters for voters, _ in groups]
    graded = GradeProfile([dict(enumerate(ratings)) for _, ratings in groups], GRADES, counts)
    approved = [{o: int(r > ratings[0]) for o, r in enumerate(ratings)} for _, ratings in groups]
    return {
        "score": score_voting(graded),
        "star": star(graded),
        "approval": approval(GradeProfile(approved, [0, 1], counts)),
    }


def main() -> None:
    rng = random.Random(20261125)
    votes = []
    for kind, draw, count, ask in (
        ("orders", strict, 150, of_orders),
        ("weak orders", weak, 100, of_weak_orders),
        ("grades", grades, 100, of_grades),
    ):
        for _ in range(count):
            options = rng.randint(2, 6)
            groups = [(rng.randint(1, 9), draw(rng, options)) for _ in range(rng.randint(1, 8))]
            winners = {rule: sorted(int(option) for option in found) for rule, found in ask(groups).items()}
            votes.append({"kind": kind, "groups": groups, "winners": winners})
    made_by = {"library": "pref_voting", "version": version("pref_voting"), "script": "tests/golden/make_voting.py"}
    lines = ",\n".join(json.dumps(vote, separators=(",", ":")) for vote in votes)
    text = f'{{"made_by": {json.dumps(made_by)},\n"votes": [\n{lines}\n]}}\n'
    Path(__file__).with_name("voting.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
