"""The family of admissions: each person judged by themselves, and each rule worked out by hand."""

import numpy as np
import pytest
from datacoalition.coalitions import admission
from datacoalition.coalitions.admission import ADMISSIONS, Applicants, ByApproval, ByInvitation, ByVote, MinimumRecords
from datacoalition.ml_tasks.settings import InputError


def crowd(people: int = 40, members: int = 7, issues: int = 2, seed: int = 0) -> Applicants:
    rng = np.random.default_rng(seed)
    return Applicants(
        records=rng.integers(0, 30, people),
        stances=rng.uniform(-1, 1, (people, issues)),
        sponsors=rng.integers(0, 3, people),
        purpose=rng.uniform(-1, 1, issues),
        members=rng.uniform(-1, 1, (members, issues)),
    )


def some_of(applicants: Applicants, places: np.ndarray) -> Applicants:
    own = {name: getattr(applicants, name)[places] for name in ("records", "stances", "sponsors")}
    return Applicants(**own, purpose=applicants.purpose, members=applicants.members)


@pytest.mark.parametrize("name", ADMISSIONS)
@pytest.mark.parametrize(("members", "issues"), [(7, 2), (0, 2), (7, 0), (0, 0)])
def test_each_is_judged_by_themselves(name, members, issues):
    everybody = crowd(members=members, issues=issues)
    taken = ADMISSIONS[name]()(everybody)
    assert taken.shape == (40,)
    assert taken.dtype == bool
    places = np.array([31, 4, 17])
    np.testing.assert_array_equal(ADMISSIONS[name]()(some_of(everybody, places)), taken[places])
    assert ADMISSIONS[name]()(some_of(everybody, places[:0])).shape == (0,)


def test_only_an_open_coalition_takes_everybody():
    taken = {name: cls()(crowd()) for name, cls in ADMISSIONS.items()}
    assert taken.pop("open").all()
    for name, some in taken.items():
        assert 0 < some.sum() < 40, name


def test_by_hand():
    people = Applicants(
        records=np.array([9, 10, 0]),
        stances=np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]),
        sponsors=np.array([0, 1, 2]),
        purpose=np.array([-1.0, 0.0]),
        members=np.array([[1.0, -0.2], [0.1, -0.2], [-0.5, 0.7]]),
    )
    # Mean agreement: (1, 0) . (.2, .1) / 2 = .1; (0, 1): .05; (-1, -1): -.15.
    assert ByApproval(agreement=0.06)(people).tolist() == [True, False, False]
    assert ByApproval(agreement=-0.16)(people).tolist() == [True, True, True]
    # Votes at 0: for the first the first two members, for the second the last one, for the third two: -.4, .05, -.1.
    assert ByVote(share=2 / 3)(people).tolist() == [True, False, False]
    assert ByVote(share=1 / 3)(people).tolist() == [True, True, True]
    assert ByVote(share=2 / 3, agreement=-0.11)(people).tolist() == [True, True, True]
    assert MinimumRecords(10)(people).tolist() == [False, True, False]
    assert ByInvitation(2)(people).tolist() == [False, False, True]


def test_before_there_are_members_the_purpose_stands_for_them():
    nobody = Applicants(
        records=np.zeros(2, dtype=np.int64),
        stances=np.array([[0.4], [-0.4]]),
        sponsors=np.zeros(2, dtype=np.int64),
        purpose=np.array([-1.0]),
        members=np.zeros((0, 1)),
    )
    for rule in (ByApproval(), ByVote()):
        assert rule(nobody).tolist() == [False, True]


def test_a_vote_over_many_people_is_the_same_vote(monkeypatch):
    whole = ByVote()(crowd())
    monkeypatch.setattr(admission, "_PAIRS", 20)  # three applicants at a time
    np.testing.assert_array_equal(ByVote()(crowd()), whole)


@pytest.mark.parametrize(
    ("rule", "settings"),
    [(ByVote, {"share": 1.2}), (ByApproval, {"agreement": -2}), (MinimumRecords, {"records": 0})],
)
def test_impossible_settings(rule, settings):
    with pytest.raises(InputError):
        rule(**settings)
