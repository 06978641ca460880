"""What makes the score store forget: changed code, and not changed words."""

import pytest
from datacoalition.ml_tasks.identity import code_of, source_digest

CODE = '''
"""A module."""
LIMIT = 3  # a comment


class Kernel:
    """A kernel."""

    size: int = 4
    """How large."""

    def __call__(self, x):
        """Add."""
        return x + self.size if x < LIMIT else "words"
'''


def test_words_and_layout_change_nothing():
    other = (
        CODE.replace("A kernel", "Another").replace("# a comment", "").replace("How large", "Size").replace("Add.", "")
    )
    assert code_of(other.replace("\n\n", "\n\n\n")) == code_of(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [("x + self", "x - self"), ("LIMIT = 3", "LIMIT = 4"), ('"words"', '"word"'), ("size: int = 4", "size: int = 5")],
)
def test_code_does(old, new):
    assert old in CODE
    assert code_of(CODE.replace(old, new)) != code_of(CODE)


def test_a_digest_is_of_all_its_modules_in_any_order():
    assert source_digest("svd", "als") == source_digest("als", "svd") != source_digest("als")
