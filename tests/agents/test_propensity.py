"""Who acts at all: shares by firm, one person's inclinations together, and what comes of those who do not act."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.propensity import Propensity
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.streams import Streams
from datacoalition.scenarios.priors import figures
from scipy.integrate import quad
from scipy.stats import norm

from .worlds import world

N = 200_000


def drawn(propensity: Propensity, *firms: str, n: int = N) -> np.ndarray:
    return propensity(firms, Streams(3), n)


def test_everybody_acts_unless_a_share_is_given():
    assert drawn(Propensity(), "a", "b").all()
    assert not drawn(Propensity(share=0.0), "a").any()


def test_shares_are_by_firm_and_otherwise_of_all():
    found = drawn(Propensity(share=0.3, firms={"a": 0.18, "b": 0.05}), "a", "b", "c").mean(axis=0)
    np.testing.assert_allclose(found, [0.18, 0.05, 0.3], atol=0.005)


def test_correlation_nests_or_parts_them():
    settings = {"firms": {"a": 0.2, "b": 0.1}}
    nested = drawn(Propensity(correlation=1.0, **settings), "a", "b")
    assert not (nested[:, 1] & ~nested[:, 0]).any()
    apart = drawn(Propensity(correlation=0.0, **settings), "a", "b")
    assert apart.all(axis=1).mean() == pytest.approx(0.2 * 0.1, abs=0.002)


def test_a_person_is_inclined_alike_however_many_there_are_and_whatever_other_firms():
    some = Propensity(firms={"a": 0.4, "b": 0.2})
    few, many = drawn(some, "a", n=100), drawn(some, "b", "a", n=1000)
    np.testing.assert_array_equal(few[:, 0], many[:100, 1])


def test_the_default_correlation_is_that_of_the_survey():
    """[L19], 2019: by firm, and for any of the five. Who acts against any is an integral over what is common."""
    told = {figure.what: figure.value for figure in figures()}
    five = ("Facebook", "Apple", "Amazon", "Microsoft", "Google")
    firms = [told[f"changed their use of {name} in protest, 2019"] for name in five]
    any_of_five = told["changed their use of at least one of five big technology firms in protest, 2019"]
    common = Propensity().correlation

    def nobody(z: float) -> float:
        reach = (norm.ppf(firms) - np.sqrt(common) * z) / np.sqrt(1 - common)
        return float(norm.pdf(z) * np.prod(1 - norm.cdf(reach)))

    assert 1 - quad(nobody, -9, 9)[0] == pytest.approx(any_of_five, abs=0.001)
    people = drawn(Propensity(firms=dict(zip("abcde", firms, strict=True))), *"abcde")
    assert people.any(axis=1).mean() == pytest.approx(any_of_five, abs=0.005)


def test_who_would_not_act_joins_and_does_nothing():
    changes = {"users__propensity": {"firms": {"big": 0.3}}, "users__threshold": {"mean": 0, "sd": 0}}
    model = CoalitionModel(world(**changes))
    model.step()
    for coalition in model.coalitions:
        members, willing = coalition.members, model.willing[coalition.members, 0]
        assert 0 < willing.sum() < len(members)
        np.testing.assert_array_equal(coalition.campaign.compliers, members[willing])


def test_founders_are_of_those_who_would_act():
    model = CoalitionModel(world(users__propensity={"share": 0.12}))
    founders = np.flatnonzero(model.population.founder.any(axis=1))
    assert model.willing[founders, 0].all()
    # A tenth of a thousand founds the first; what is left of 12 in 100 founds the second.
    assert [len(c.members) for c in model.coalitions] == [100, int(model.willing[:, 0].sum()) - 100]


def test_those_who_act_alone_act_against_firms_that_they_would_act_against():
    options = [{"kind": "strike", "target": "big"}, {"kind": "redirect", "target": "small", "rival": "big"}]
    charter = {"options": options, "decides": "each_alone"}
    changes = {"coalitions__0__charter": charter, "users__propensity": {"firms": {"big": 0.3}}}
    model = CoalitionModel(world(**changes, users__threshold={"mean": 0, "sd": 0}))
    model.step()
    campaign, members = model.coalitions[0].campaign, model.coalitions[0].members
    strikers = members[(campaign.choices == 1) & model.willing[members, 0]]
    assert (campaign.choices == 1).sum() > len(strikers) > 0
    np.testing.assert_array_equal(campaign.compliers, strikers)


def test_they_expect_no_effort_of_what_they_would_not_do():
    from datacoalition.agents.membership import prospects

    model = CoalitionModel(world(users__propensity={"firms": {"big": 0.3}}))
    model.step()
    cost = prospects(model).cost()
    assert (cost[model.willing[:, 0]] > 0).all()
    assert (cost[~model.willing[:, 0]] == 0).all()


def test_shares_of_nobody_and_firms_that_are_not_there_are_refused():
    with pytest.raises(InputError, match=r"firms\.big"):
        Propensity(firms={"big": 1.5})
    with pytest.raises(InputError, match=r"users\.propensity\.firms\.huge"):
        world(users__propensity={"firms": {"huge": 0.5}})
