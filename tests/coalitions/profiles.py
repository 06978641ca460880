"""Votes to test with."""

import numpy as np
from hypothesis import strategies as st

NAN = np.nan


def votes_for(options, **counts):
    """Ballots of which each rates one option 1 and the rest 0: votes_for(3, _1=2) is two for option 1."""
    return np.array([np.eye(options)[int(option[1:])] for option, count in counts.items() for _ in range(count)])


@st.composite
def profiles(draw, most_voters=4, most_options=3):
    """Ballots with tied tops and abstentions, and weights or None."""
    options = draw(st.integers(1, most_options))
    rating = st.sampled_from([0.0, 1.0, 2.0, NAN])
    row = st.lists(rating, min_size=options, max_size=options)
    rows = draw(st.lists(row | st.just([NAN] * options), max_size=most_voters))
    weight = st.sampled_from([0.0, 0.1, 1 / 3, 1.0, 2.0, 2**0.5, 3**0.5])
    weights = draw(st.none() | st.lists(weight, min_size=len(rows), max_size=len(rows)))
    return np.array(rows, dtype=float).reshape(len(rows), options), weights
