"""Whom members put out: the whole family, and each way by hand."""

import numpy as np
import pytest
from datacoalition.coalitions.expulsion import EXPULSIONS, PutOutByApproval, PutOutByVote

FAMILY = pytest.mark.parametrize("kind", EXPULSIONS)
OF_ONE_MIND = np.array([[1.0], [0.9], [0.8], [-1.0]])


@FAMILY
def test_who_is_alone_is_put_out_by_nobody(kind):
    assert list(EXPULSIONS[kind](agreement=1.0)(np.array([[0.1]]))) == [False]
    assert EXPULSIONS[kind]()(np.zeros((0, 1))).shape == (0,)


@FAMILY
def test_who_stands_against_the_others_goes_and_the_order_is_of_no_matter(kind):
    found = EXPULSIONS[kind]()(OF_ONE_MIND)
    assert list(found) == [False, False, False, True]
    order = np.array([3, 0, 2, 1])
    np.testing.assert_array_equal(EXPULSIONS[kind]()(OF_ONE_MIND[order]), found[order])


@FAMILY
def test_where_there_are_no_issues_nobody_is_against_anybody(kind):
    assert not EXPULSIONS[kind]()(np.zeros((5, 0))).any()


def test_by_vote_more_than_the_share_of_the_others_must_be_against():
    """Three of the four others are against each of the last two, and two against each of the first three."""
    members = np.array([[1.0], [0.9], [0.8], [-0.2], [-1.0]])
    assert list(PutOutByVote(share=0.5)(members)) == [False, False, False, True, True]
    assert list(PutOutByVote(share=0.49)(members)) == [True] * 5
    assert list(PutOutByVote(share=0.75)(members)) == [False] * 5
    # Nobody judges themselves: the first, with one for and two against of these three, goes at half.
    assert list(PutOutByVote(share=0.5)(np.array([[0.1], [-1.0], [-1.0], [0.5]]))) == [True, True, True, True]


def test_by_approval_the_others_agree_on_average_without_the_persons_own_voice():
    members = np.array([[1.0], [0.2], [0.0]])
    # The others' means are .1, .5 and .6; agreements .1, .1 and 0.
    assert list(PutOutByApproval(agreement=0.05)(members)) == [False, False, True]
    assert list(PutOutByApproval(agreement=0.1)(members)) == [False, False, True]
    assert list(PutOutByApproval(agreement=0.11)(members)) == [True, True, True]
