"""Policies: laws and technology that `study policy` holds against the scenario's own. One name and one line each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Policy:
    """Settings of a scenario that a policy changes."""

    words: str
    law: Mapping[str, Any]
    """Settings of `law`."""
    firms: Mapping[str, Any]
    """Settings of every firm."""


AS_IT_IS = "as_it_is"


def policies(enforcement: float, penalty: float) -> dict[str, Policy]:
    """The policies by name; `enforcement` and `penalty` are those of the one that firms evade."""
    evaded = {"old_weights": "retrained", "enforcement": enforcement, "penalty": penalty}
    return {
        AS_IT_IS: Policy("the scenario's own law", {}, {}),
        "weights_deleted": Policy(
            "old weights must go, and do", {"old_weights": "retrained"}, {"retains_weights": False}
        ),
        "weights_kept": Policy("old weights may stay", {"old_weights": "kept"}, {}),
        "weights_evaded": Policy(
            f"old weights must go, firms keep them until found out ({enforcement:g} a round, penalty {penalty:g})",
            evaded,
            {"retains_weights": True},
        ),
        "exit_free": Policy(
            "withdrawals take effect at once, all of them, by a click",
            {"opt_out": 1.0, "opt_out_effort": 0.0, "deletion_delay": 0},
            {},
        ),
        "exit_hindered": Policy(
            "half of the withdrawals are lost, and they take effort", {"opt_out": 0.5, "opt_out_effort": 0.5}, {}
        ),
        "exit_slow": Policy("withdrawals take effect two rounds later", {"deletion_delay": 2}, {}),
        "copies_returned": Policy("rivals give copies back after a round", {"copies": "returned"}, {}),
        "moving_hard": Policy("giving a copy takes as much effort as poisoning", {"portability_effort": 1.0}, {}),
        "poisoning_prosecuted": Policy(
            "misleading a firm is a risk that weighs as much as an effort of 1", {"poisoning_risk": 1.0}, {}
        ),
        "provenance": Policy("a withdrawal follows data that were passed on", {"provenance": "followed"}, {}),
        "any_owner": Policy("any owner may withdraw a record that several own", {"co_owned": "any"}, {}),
        "most_owners": Policy(
            "a record that several own goes when most of its owners withdraw it", {"co_owned": "most"}, {}
        ),
        "all_owners": Policy(
            "a record that several own goes when all of its owners withdraw it", {"co_owned": "all"}, {}
        ),
    }
