"""Small worlds on the power-law formula, where every number can be worked out."""

from datacoalition.agents.world import World
from datacoalition.scenarios.files import validated

GAP = 1 - 1000**-0.095  # best is 1000 records, the baseline one record


def world(**changes) -> World:
    """A thousand people with one record each, a firm with all data, a rival with 50, two coalitions."""
    options = [
        {"kind": "strike", "target": "big"},
        {"kind": "redirect", "target": "big", "rival": "small"},
    ]
    data = {
        "name": "test",
        "rounds": 3,
        "task": {"kind": "power_law", "records": 1000},
        "firms": [
            {"name": "big", "served": 0.9, "positions": {"pay": -0.5, "privacy": -0.5}, "response": "refuse"},
            {"name": "small", "data": 0.05, "positions": {"pay": 0.5}, "response": "refuse"},
        ],
        "coalitions": [
            {"name": "givers", "positions": {"pay": 1}, "founders": 0.1, "charter": {"options": options[1:]}},
            {"name": "strikers", "positions": {"privacy": 1}, "founders": 0.1, "charter": {"options": options[:1]}},
        ],
        "users": {
            "joining": "threshold",
            "threshold": {"mean": 9, "sd": 0},  # founders only
            "compliance": {"mean": 1, "sd": 0},
            "turnout": {"mean": 1, "sd": 0},
            "vote_weights": {"effect": 1, "agreement": 0, "cost": 0, "service": 0},
        },
        "market": "captive",
    }
    for path, value in changes.items():
        *heads, last = path.split("__")
        place = data
        for head in heads:
            place = place[int(head)] if isinstance(place, list) else place[head]
        place[last] = value
    return validated(data, "test").build()


def loss(records: float) -> float:
    return max(records, 1) ** -0.095
