"""What to cite: every key in the docstrings of plug-ins has an entry, every entry is used, and a world has its own."""

import re

from datacoalition.scenarios.catalogue import families
from datacoalition.scenarios.files import load
from datacoalition.scenarios.references import DATA, entries, keys_in, keys_of, references


def every_key() -> set[str]:
    return set().union(*(keys_of(cls) for members in families().values() for cls in members.values())) | {
        *DATA.values()
    }


def test_every_key_has_an_entry_and_every_entry_a_use():
    assert every_key() == set(entries())


def test_entries_are_bibtex_with_a_key_a_title_and_an_author():
    text = "\n".join(entries().values())
    assert len(re.findall(r"^@", text, re.MULTILINE)) == len(entries())
    for key, entry in entries().items():
        assert entry.count("{") == entry.count("}")
        assert {"author", "title"} <= set(re.findall(r"^  (\w+) = \{.+\},$", entry, re.MULTILINE)), key


def test_a_scenario_is_cited_for_what_it_uses_and_nothing_else():
    world = load("quorum").build()
    assert {"AK98", "G78", "ER59"} <= keys_in(world)
    assert not {"HK15", "S10", "OMT85"} & keys_in(world)
    changed = load("quorum", ["users.joining={kind: imitation}"]).build()
    assert {"TNP06", "HL75"} <= keys_in(changed)
    assert "G78" not in keys_in(changed)


def test_own_data_are_nobody_elses_to_be_cited_for():
    assert "HK15" in keys_in(load("data-strike").build().task)
    own = load("data-strike", ["task.data=csv", "task.path=ratings.csv"]).build()
    assert "HK15" not in keys_in(own)


def test_nothing_is_cited_twice():
    world = load("quorum").build()
    assert references([world, world]) == references([world])
