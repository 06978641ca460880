"""Scenario files: what is wrong is said in one sentence that names file, field, found and expected."""

import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.files import library, load, parsed, text_of, validated

GOOD = """
name: small
rounds: 2
task: {kind: power_law, records: 100}
firms:
  - {name: big}
  - {name: small, data: 0.1, served: 0.1}
coalitions:
  - name: us
    positions: {pay: 1}
    charter:
      options:
        - {kind: strike, target: big}
"""


def text(*changes: tuple[str, str]) -> str:
    changed = GOOD
    for old, new in changes:
        assert old in changed
        changed = changed.replace(old, new)
    return changed


def refusal(tmp_path, content: str | bytes) -> str:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as error:
        load(path)
    message = str(error.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert "; expected " in message
    return message.removeprefix(str(path))


@pytest.mark.parametrize(
    ("change", "field", "found"),
    [
        (("rounds: 2", "roundz: 2"), "the top level", "the unknown key 'roundz'"),
        (("served: 0.1", "serve: 0.1"), "firms.1", "the unknown key 'serve'"),
        (("target: big", "targets: big"), "coalitions.0.charter.options.0", "the unknown key 'targets'"),
        (("rounds: 2", "rounds: two"), "rounds", "'two'"),
        (("rounds: 2", "rounds: '2'"), "rounds", "'2'"),
        (("rounds: 2", "rounds: 2.5"), "rounds", "2.5"),
        (("rounds: 2", "rounds: 0"), "rounds", "0"),
        (("rounds: 2", "rounds: true"), "rounds", "True"),
        (("name: small\nrounds", "rounds"), "name", "nothing"),
        (("name: small\nrounds", "name: ../evil\nrounds"), "name", "'../evil'"),
        (("name: small\nrounds", "name: .\nrounds"), "name", "'.'"),
        (("records: 100", "train_seeds: [1, 1]"), "task.train_seeds", "[1, 1]"),
        (("records: 100", "train_seeds: [-1]"), "task.train_seeds.0", "-1"),
        (("records: 100", "train_seeds: []"), "task.train_seeds", "[]"),
        (("records: 100", "records: .nan"), "task.records", "nan"),
        (("data: 0.1", "data: -0.1"), "firms.1.data", "-0.1"),
        (("data: 0.1", "data: .nan"), "firms.1.data", "nan"),
        (("data: 0.1", "data: .inf"), "firms.1.data", "inf"),
        (("served: 0.1", "served: 1.1"), "firms.1.served", "1.1"),
        (("{name: big}", "{name: big, served: 0.95}"), "firms.*.served", "shares that add up to 1.05"),
        (("{name: big}", "{name: small}"), "firms.1.name", "'small' a second time"),
        (("{name: big}", "{name: ''}"), "firms.0.name", "an empty name"),
        (("target: big", "target: bug"), "coalitions.0.charter.options.0.target", "the unknown firm 'bug'"),
        (
            ("{kind: strike, target: big}", "{kind: redirect, target: big, rival: big}"),
            "coalitions.0.charter.options.0.rival",
            "'big', the target itself",
        ),
        (
            ("{kind: strike, target: big}", "{kind: redirect, target: big, rival: ''}"),
            "coalitions.0.charter.options.0.rival",
            "the unknown firm ''",
        ),
        (
            ("{kind: strike, target: big}", "{kind: redirect, target: big}"),
            "coalitions.0.charter.options.0.rival",
            "nothing",
        ),
        (("kind: strike", "kind: strikes"), "coalitions.0.charter.options.0.kind", "'strikes'"),
        (("kind: strike, ", ""), "coalitions.0.charter.options.0", "{'target': 'big'}"),
        (
            ("      options:\n        - {kind: strike, target: big}", "      options: []"),
            "coalitions.0.charter.options",
            "an empty ballot",
        ),
        (
            ("options:", "rule: {kind: majority, quorum: 1.5}\n      options:"),
            "coalitions.0.charter.rule.quorum",
            "1.5",
        ),
        (("options:", "rule: dictator\n      options:"), "coalitions.0.charter.rule.kind", "'dictator'"),
        (("positions: {pay: 1}", "positions: {pay: 2}"), "coalitions.0.positions.pay", "2"),
        (("positions: {pay: 1}", "positions: [pay]"), "coalitions.0.positions", "['pay']"),
        (("kind: power_law, records: 100", "kind: power_law, span: 1"), "task.span", "1"),
    ],
)
def test_what_a_person_can_get_wrong(tmp_path, change, field, found):
    message = refusal(tmp_path, text(change))
    assert f": {field}: found {found}" in message


def test_unknown_keys_say_which_are_known(tmp_path):
    assert "one of the keys" in (message := refusal(tmp_path, text(("rounds: 2", "roundz: 2"))))
    assert "rounds" in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "an empty file"),
        ("# only a comment\n", "an empty file"),
        ("- a\n- b\n", "a list"),
        ("hello", "a word"),
        ("a: 1\na: 2\n", "line 2: found the same key twice"),
        ("a: [1, 2", "line 1"),
        ("a: b: c", "line 1"),
        ("a:\n\t- b", "line 2"),
        ("a: !!python/object:os.system x", "without anchors, aliases or tags"),
        ("a: !thing x", "without anchors, aliases or tags"),
        ("a: &x [1]\nb: [*x, *x]\n", "without anchors, aliases or tags"),
        ("<<: {rounds: 3}\n", "without anchors, aliases or tags"),
        ("1: a", "the key 1"),
        ("a: 2020-01-01", "a date"),
        ("[" * 5000, "nesting deeper"),
        ("{a: " * 5000, "nesting deeper"),
        ("- " * 5000, "nesting deeper"),
        ("".join(" " * i + "a:\n" for i in range(300)), "nesting deeper"),
        ("[" * 10_000_000, "10,000,000 bytes"),
        (b"\xff\xfe\x00bad", "bytes that are no text"),
        (b"a: \x00", "found"),
    ],
)
def test_what_is_no_scenario_at_all(tmp_path, content, words):
    assert words in refusal(tmp_path, content)


def test_plain_text_is_no_anchor():
    text = GOOD.replace("rounds: 2", "description: Smith & Jones -- R&D *bold* text\nrounds: 2")
    assert validated(parsed(text, "x"), "x").resolved()["description"] == "Smith & Jones -- R&D *bold* text"


def test_a_missing_file_names_the_library():
    with pytest.raises(InputError, match=r"nowhere.yaml: found no such file; expected .*quickstart"):
        load("nowhere.yaml")


def test_a_folder_is_no_scenario(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path)


def test_a_resolved_scenario_reads_back_as_itself(tmp_path):
    for name in library():
        scenario = load(name)
        path = tmp_path / f"{name}.yaml"
        path.write_text(text_of(scenario.resolved()))
        assert load(path).resolved() == scenario.resolved()
        assert load(path).build() == scenario.build()


def test_every_default_is_visible():
    resolved = validated(parsed(GOOD, "x"), "x").resolved()
    assert resolved["market"]["switching_cost"] == 3.0
    assert resolved["valuation"]["method"]["exact_up_to"] == 16
    assert resolved["coalitions"][0]["charter"]["rule"] == {"kind": "plurality", "quorum": 0.0}
    assert resolved["users"]["threshold"] == {"mean": 0.15, "sd": 0.1}


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ("rounds=7", lambda w: w.rounds == 7),
        ("users.threshold.mean=0.4", lambda w: (w.users.threshold.mean, w.users.threshold.sd) == (0.4, 0.08)),
        ("coalitions.0.charter.rule.kind=approval", lambda w: "Approval" in repr(w.coalitions[0].charter.rule)),
        ("coalitions.1.charter.dividend=clip", lambda w: "Clip" in repr(w.coalitions[1].charter.dividend)),
        ("firms.0.positions.climate=0.5", lambda w: w.firms[0].positions["climate"] == 0.5),
        ("task.train_seeds=[4, 5]", lambda w: w.task.train_seeds == (4, 5)),
        ("market=captive", lambda w: type(w.market).__name__ == "Captive"),
    ],
)
def test_settings_changed_from_the_command_line(change, read):
    assert read(load("quickstart", [change]).build())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("rounds", "path=value"),
        ("=3", "path=value"),
        ("nothing.here=3", "--set nothing: found 'nothing'"),
        ("firms.9.data=1", "a place in the list, from 0 to 1"),
        ("rounds.x=1", "a path to a setting that exists"),
        ("users.thresholds=1", "one of the keys"),
        ("rounds=[", "a value in YAML"),
        ("rounds=-1", "rounds: found -1"),
        ("users.threshold.mean=high", "users.threshold.mean: found 'high'"),
    ],
)
def test_wrong_settings_from_the_command_line(change, words):
    with pytest.raises(InputError) as error:
        load("quickstart", [change])
    assert words in str(error.value)


def test_the_library_is_complete():
    assert set(library()) == {
        "quickstart",
        "data-dividend",
        "no-coalition",
        "ways-to-count",
        "whose-vote-counts",
        "when-to-go-home",
        "which-dividend-wins",
        "critical-mass",
        "birds-of-a-feather",
        "planted-signal",
        "against-chance",
        "alone-or-together",
        "how-long-to-strike",
        "old-and-new-data",
        "one-or-many",
        "one-owner",
        "strike-here-win-there",
        "a-firm-of-our-own",
        "one-more-owner",
        "throw-away-accounts",
        "data-strike",
        "club-or-commons",
        "conscious-data-contribution",
        "poisoning",
        "bargain",
        "digits-split",
        "retained-weights",
        "when-the-law-changes",
        "quorum",
        "council-or-assembly",
        "slow-to-act",
        "power-or-patience",
        "right-to-delete",
        "retaliation",
        "which-purpose",
        "who-may-join",
        "replaceable",
        "who-would-protest",
        "what-people-believe",
        "who-may-stay",
        "who-rides-free",
        "who-listens",
        "how-coalitions-form",
        "community-or-individuals",
        "clicks-and-comments",
        "plays-or-ratings",
        "whose-conversation",
        "whose-data-count",
        "synthetic-data",
        "better-terms",
        "only-if-outbid",
    }
    assert all(library().values())


def test_no_coalition_is_quickstart_without_coalitions():
    control, treated = load("no-coalition").resolved(), load("quickstart").resolved()
    differing = {key for key in treated if control[key] != treated[key]}
    assert differing == {"name", "description", "coalitions"}
    assert control["coalitions"] == []
