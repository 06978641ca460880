"""Observer: looks at a model after each round and writes rows. The model knows nothing of it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..agents.coalition import Coalition
from ..agents.doing import doings
from ..agents.exposure import exposed
from ..agents.firm import Firm
from ..agents.leverage import Leverage
from ..agents.model import CoalitionModel
from ..agents.party import Campaign
from ..agents.payouts import PaidDividend
from ..agents.synthesis import made_this_round
from ..agents.world import JOINT
from ..coalitions.inclusions import told
from ..coalitions.levers import label_of, name_of
from ..ml_tasks.scores import Score
from .tables import TABLES

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def basis_of(model: CoalitionModel) -> str:
    return "formula, not retraining" if model.formula else "retraining"


def observe(model: CoalitionModel, replicate: int) -> Tables:
    """Rows of the round just played, by table; the users come from `users_of`."""
    first = {"replicate": replicate, "round": model.round}
    rows: dict[str, Iterable[Row]] = {
        "firms": (row for firm in model.firms for row in _firm(model, firm)),
        "leverage": (_leverage(row, len(model.world.task.train_seeds)) for row in model.leverage),
        "coalitions": (
            {**_campaign(c, c.bound_until >= model.round), **vars(model.welfare[c.name])} for c in model.coalitions
        ),
        "votes": (row for c in model.coalitions for row in _votes(c.name, c.campaign, len(c.members))),
        "society": [_society(model)] if model.society else [],
        "dividends": (
            {
                "coalition": d.coalition, "method": d.method, "transform": d.transform, "chosen": d.chosen,
                "pot": d.pot, "paid": float(d.payouts.sum()), "public": d.public,
                "members": len(d.payouts), "gini": d.gini, **_corrected(d), "gini_with_public": d.gini_with_public,
                "hoover": d.hoover, "top_tenth": d.top_tenth, "fallback": d.fallback,
                "under_minimum": d.under_minimum,
            }
            for d in model.dividends
        ),
    }  # fmt: skip
    basis = basis_of(model)
    return {table: [{**first, **row, "basis": basis} for row in found] for table, found in rows.items()}


def _society(model: CoalitionModel) -> Row:
    return {"law": model.world.law.changed(model.round), **vars(model.society), **vars(model.on_their_own)}


def _corrected(dividend: PaidDividend) -> Row:
    found = dividend.corrected
    median, low, high = (found.median, found.low, found.high) if found else (math.nan,) * 3
    return {"gini_corrected": median, "gini_low": low, "gini_high": high}


def frame(table: str, rows: list[Row] | pd.DataFrame) -> pd.DataFrame:
    """Rows as a frame with exactly the columns and types of the table, also when there are none."""
    columns = {column.name: column.dtype for column in TABLES[table]}
    whole = pd.DataFrame(rows, columns=list(columns))
    for name, dtype in columns.items():
        kind: Any = "object" if dtype == "str" else dtype
        whole[name] = whole[name].astype(kind)
    return whole


def _firm(model: CoalitionModel, firm: Firm) -> Iterable[Row]:
    position = model.market[firm.name]
    n = model.population.contributors
    joined = model.population.organised[:n]
    served, held = position.served[:n], position.holdings.present
    line = model.line(firm.name)
    scores = line.retrainer.scores(position.deployed)
    views: list[tuple[str, str, Mapping[str, Any]]] = [
        ("holdout", "everyone", {}),
        ("holdout", "users", {"audience": served}),
        ("holdout", "members", {"audience": joined}),
        ("holdout", "outsiders", {"audience": ~joined}),
        ("holdout", "everyone_served", {"served": served}),
        ("company", "contributors", {"audience": held}),
    ]
    state = {
        "contributors": int(held.sum()),
        "records": int(model.held(firm.name, position.holdings).sum()),
        "includes": told(firm.includes),
        "left_out": int((held & ~position.deployed.present).sum()),
        "synthetic": made_this_round(model, firm),
        "poisoned": int(position.holdings.poisoned.sum()),
        "served": int(position.served.sum()),
        "revenue": firm.revenue,
        "paid": firm.paid,
        "fined": firm.fined,
        "bought": firm.bought,
        "terms": firm.terms,
        "rewarded": firm.rewarded,
        "synthetic_cost": firm.made,
        **vars(model.agency[firm.name]),
        **vars(model.signals[firm.name]),
    }
    for metric in line.task.yardstick.metrics:
        for view, audience, asked in views:
            score: Score = scores.view(view, metric=metric, **asked)  # type: ignore[arg-type]
            yield {
                "firm": firm.name, "task": firm.settings.task, "owner": firm.settings.owner or firm.name,
                "view": view, "audience": audience,
                "metric": metric, "score": score.mean, "stderr": score.stderr, "n": score.n, **state,
                "degenerate": score.degenerate, "note": score.reason,
            }  # fmt: skip


def _leverage(row: Leverage, seeds: int) -> Row:
    estimates = {
        field.name: getattr(part, field.name) for part in (row.published, row.effect) for field in fields(part)
    }
    estimates["gap_closed_shared"] = row.shared
    return {
        "target": row.target, "rival": row.rival, "coalition": row.coalition, "metric": row.metric, "view": row.view,
        "baseline": row.scale.baseline, "best": float(row.scale.best.mean()), "target_score": row.target_score,
        "rival_score": row.rival_score, **{name: estimate.mean for name, estimate in estimates.items()},
        **{f"{name}_stderr": estimate.stderr for name, estimate in estimates.items()}, "seeds": seeds, "note": row.note,
    }  # fmt: skip


def _campaign(coalition: Coalition, agreement: bool) -> Row:
    campaign, threat = coalition.campaign, coalition.campaign.threat
    acted_on = campaign.proposal if campaign.passed else campaign.pulled
    return {
        "coalition": coalition.name,
        "standing": coalition.standing,
        "members": len(coalition.members),
        **vars(coalition.flow),
        "turnout": campaign.turnout,
        "informed": np.nan if campaign.same_favourite is None else float(campaign.same_favourite.mean()),
        "proposal": label_of(campaign.proposal),
        "passed": campaign.passed,
        "lever": name_of(campaign.pulled),
        "target": acted_on.target,
        "rival": acted_on.rival,
        "compliers": len(campaign.compliers),
        "caught": len(campaign.caught),
        "harm": threat.harm if threat else np.nan,
        "harm_stderr": threat.stderr if threat else np.nan,
        "answer": _answer(campaign),
        "members_cost": threat.cost if threat else np.nan,
        "agreement": agreement,
        "payment": campaign.payment,
        "outside": campaign.outside,
        "sold": campaign.sold,
        "pot": coalition.pot,
    }


def _answer(campaign: Campaign) -> str:
    threat = campaign.threat
    if threat is None:
        return ""
    if not campaign.asked:
        return "not asked"
    if np.isnan(threat.harm):
        return "refused (harm undefined: the notes in leverage say why)"
    words = "paid" if campaign.payment > 0 else "outbid" if campaign.sold > 0 else "refused"
    words = "granted" if campaign.granted else words
    return words + (" (one training seed: no standard error)" if np.isnan(threat.stderr) else "")


def _votes(name: str, campaign: Campaign, members: int) -> Iterable[Row]:
    outcome = campaign.outcome
    for i, option in enumerate(campaign.ballot):
        yield {
            "coalition": name,
            "option": label_of(option),
            "tally": float(outcome.tally[i]) if outcome else 0.0,
            "winner": i == (outcome.winner if outcome else 0),
            "cast": outcome.cast if outcome else 0.0,
            "electorate": outcome.electorate if outcome else float(members),
            "margin": campaign.margin,
        }


def _acts(model: CoalitionModel) -> np.ndarray[Any, np.dtype[np.object_]]:
    """What each person did against firms in the last round: levers joined by " + ", each once."""
    did: dict[str, Any] = {}
    for lever, people in (doing for party in model.parties for doing in doings(party.campaign)):
        who = did.setdefault(label_of(lever), np.zeros(model.population.n, dtype=bool))
        who[people] = True
    acts = np.full(model.population.n, "", dtype=object)
    for label, who in did.items():
        before = acts[who]
        acts[who] = np.where(before == "", label, before + (JOINT + label))
    return acts


def users_of(model: CoalitionModel, replicate: int) -> pd.DataFrame:
    """The users as they are now, one row each."""
    people = model.population
    return pd.DataFrame(
        {
            "replicate": replicate,
            "user": np.array(people.names, dtype=object),
            "coalition": people.labels(model.coalition_names),
            "service": _services(model),
            "records": people.records.copy(),
            "act": _acts(model),
            "exposure": exposed(model, model.market),
            "value": people.value.copy(),
            "stderr": people.value_stderr.copy(),
            "value_source": people.value_source.copy(),
            "dividend": people.dividend.copy(),
            "public": people.public.copy(),
            "sales": people.sales.copy(),
            "terms": people.terms.copy(),
            "dues": people.dues.copy(),
            "fines": people.fines.copy(),
            "basis": basis_of(model),
        }
    )


def _services(model: CoalitionModel) -> NDArray[np.object_]:
    """Names of the products that each person uses, one of each line, joined by " + "; (users,)."""
    names = np.array([*(firm.name for firm in model.firms), ""], dtype=object)  # place -1 is the last
    joined: NDArray[np.object_] = names[model.population.service[0]]
    for uses in model.population.service[1:]:
        joined = joined + np.where((joined != "") & (uses >= 0), JOINT, "").astype(object) + names[uses]
    return joined
