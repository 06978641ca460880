"""What can be chosen from is listed, in words; and the schema for editors says the same as the schema that checks."""

import dataclasses
import json
import subprocess
import sys

import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.catalogue import families, family_lines, member_lines, setting_lines
from datacoalition.scenarios.field_docs import field_docs
from datacoalition.scenarios.files import library, load
from datacoalition.scenarios.schema import FAMILIES, Scenario
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


def call(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datacoalition.scenarios.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    written = Scenario.model_json_schema()
    Draft202012Validator.check_schema(written)
    return Draft202012Validator(written)


def test_every_family_is_listed_by_a_name_of_its_own():
    assert len(families()) == len(FAMILIES)
    assert {line.split()[0] for line in family_lines()} == set(families())


@pytest.mark.parametrize("family", families())
def test_every_member_has_a_sentence_and_its_settings_are_told(family):
    for line in member_lines(family):
        key, words = line.split(maxsplit=1)
        assert key in families()[family]
        assert words.rstrip()[-1] in ".]"
        assert list(setting_lines(family, key))


@pytest.mark.parametrize("family", families())
def test_every_setting_of_every_member_is_documented(family):
    for key, cls in families()[family].items():
        for field in dataclasses.fields(cls):
            words = field_docs(cls).get(field.name, "")
            assert words.endswith((".", "]", "?")), f"{key}: {field.name} needs a sentence under it, not {words!r}"


def test_every_setting_that_a_scenario_can_have_is_documented(schema):
    settings = {
        f"{name}.{key}": words.get("description", "")
        for name, section in {**schema.schema["$defs"], "Scenario": schema.schema}.items()
        for key, words in section.get("properties", {}).items()
        if key != "kind"
    }
    assert {"Scenario.name", "TraitSection.sd", "CharterSection.rule", "ItemKnnSection.top"} <= settings.keys()
    assert [name for name, words in settings.items() if not words] == []


def test_what_the_command_line_lists():
    assert "gain " in call("list", "pots").stdout
    told = call("list", "pots", "gain").stdout
    assert "  share: a number from 0 to 1; default 0.25." in told
    assert "  reference: a whole number from 0; default 0. The round compared with" in told
    assert "list: found 'potz'; expected one of" in call("list", "potz", code=2).stderr
    assert "list pots: found 'gian'" in call("list", "pots", "gian", code=2).stderr
    with pytest.raises(InputError):
        list(member_lines("rule"))


@pytest.mark.parametrize("name", library())
def test_scenarios_are_valid_for_editors_resolved_and_as_written(name, schema):
    resolved = json.loads(json.dumps(load(name).resolved()))
    assert not list(schema.iter_errors(resolved))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"rounds": 0}, "rounds"),
        ({"coalitions": [{"name": "c"}]}, "coalitions"),
        ({"market": "bazaar"}, "market"),
        ({"colour": "red"}, ""),
    ],
)
def test_what_is_wrong_is_wrong_for_editors_too(change, where, schema):
    resolved = json.loads(json.dumps(load("quickstart").resolved())) | change
    found = best_match(schema.iter_errors(resolved))
    assert found is not None
    assert list(found.absolute_path)[:1] == ([where] if where else [])


def test_a_bare_word_stands_for_a_member_with_its_defaults(schema):
    resolved = json.loads(json.dumps(load("quickstart").resolved())) | {"market": "captive"}
    assert not list(schema.iter_errors(resolved))


def test_the_schema_has_defaults_and_meanings():
    fields = json.loads(call("show", "--schema").stdout)["$defs"]["CharterSection"]["properties"]
    assert fields["pot"]["default"] == {"kind": "conceded"}
    assert fields["public_share"]["description"].startswith("Share of every pot")
    assert fields["public_share"]["maximum"] == 1
