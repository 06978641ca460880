"""Law and technology: what people may do with their data, how hard it is made, and what firms may keep."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..coalitions.acts import acts_of
from ..coalitions.levers import Lever, Separately
from ..coalitions.position import Market
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.settings import Checked, Count, InputError, NonNegative, PositiveCount, Share
from ..valuation.players import Joint
from .provenance import followed

if TYPE_CHECKING:
    from .firm import Firm
    from .model import CoalitionModel


@dataclass(frozen=True)
class Amendment(Checked):
    """Provisions of the law that are others from a round on."""

    round: PositiveCount
    """The first round in which they are in force."""
    to: Mapping[str, str | int | float]
    """The provisions that change, by name, and what they change to; all others stay as they are."""

    @property
    def told(self) -> str:
        """What it changes, in words."""
        return ", ".join(f"{name} {value}" for name, value in self.to.items())


@dataclass(frozen=True)
class Law(Checked):
    """What the law and the services' technology make of people's data."""

    old_weights: Literal["retrained", "kept"] = "retrained"
    """Must a firm retrain from scratch when data are withdrawn, or may weights that saw them stay in use?"""
    copies: Literal["kept", "returned"] = "kept"
    """Does a rival keep the copies it was given, or give them back after the round?"""
    deletion_delay: Count = 0
    """Rounds after which data that were withdrawn are really gone, and after which they are back."""
    opt_out: Share = 1.0
    """Probability that a person's withdrawal is carried out in a round: what friction leaves of the right to it."""
    opt_out_effort: NonNegative = 0.0
    """Effort that withdrawing takes, beside that of the lever."""
    opt_out_alone: Share = 1.0
    """What is left of that probability for somebody who withdraws on their own, not with a coalition, as a factor: 1: a
    person is let out as readily as a group."""
    opt_out_effort_alone: NonNegative = 0.0
    """Effort that withdrawing takes beyond that for somebody who does so on their own."""
    portability_effort: NonNegative = 0.0
    """Effort that giving a copy takes, beside that of the lever: none where data can be moved by a click."""
    poisoning_risk: NonNegative = 0.0
    """What the legal risk of misleading a firm weighs, as effort beside that of the lever."""
    provenance: Literal["ends", "followed"] = "ends"
    """Does a withdrawal end at the firm it is addressed to, or follow the data to firms it passed them on to?"""
    co_owned: Joint = "any"
    """May any owner of a record that several own withdraw it (`users.co_owners`), or is it taken out only when all of
    them, or most (more than half), do, in whatever campaigns of a round?"""
    enforcement: Share = 0.0
    """Probability that a firm that keeps old weights against the law is found out in a round, and has to retrain; it is
    drawn anew for every firm and round (`enforcement`)."""
    penalty: NonNegative = 0.0
    """What it then pays, in money; to the state, not to anybody here."""
    changes: tuple[Amendment, ...] = ()
    """Amendments, in the order of their rounds. Nobody foresees them: harm is reckoned under the law in force."""

    def __post_init__(self) -> None:
        super().__post_init__()
        before, law = 0, self
        for i, change in enumerate(self.changes):
            if change.round <= before:
                expected = f"a round after {before}, in which the amendment before it comes into force"
                raise InputError(f"changes.{i}.round", change.round, expected)
            try:
                before, law = change.round, law.amended(change)
            except InputError as error:
                raise InputError(f"changes.{i}.to.{error.where}".strip("."), error.found, error.expected) from None

    def amended(self, change: Amendment) -> "Law":
        """The law with one amendment in force and none to come. Raises InputError for what cannot be one."""
        known = {f.name: f.default for f in fields(self) if f.name != "changes"}
        if not change.to:
            raise InputError("", "nothing", f"at least one of {', '.join(known)}")
        for name, value in change.to.items():
            if name not in known:
                raise InputError(name, "no provision of this name", f"one of {', '.join(known)}")
            kind = type(known[name])
            words = {str: "a word", int: "a whole number", float: "a number"}[kind]
            if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else kind):
                raise InputError(name, repr(value), words)
        changed: dict[str, Any] = dict(change.to)
        return replace(self, changes=(), **changed)

    def in_force(self, round: int) -> "Law":
        """The law as it is in a round."""
        law = self
        for change in self.changes:
            if change.round <= round:
                law = law.amended(change)
        return law

    @property
    def frictionless(self) -> "Law":
        """The same law, but every withdrawal is carried out, and it adds no effort or risk to any lever."""
        return replace(self, **self._free)

    @property
    def _free(self) -> dict[str, Any]:
        efforts = ("opt_out_effort", "opt_out_effort_alone", "portability_effort", "poisoning_risk")
        return {"opt_out": 1.0, "opt_out_alone": 1.0, **dict.fromkeys(efforts, 0.0)}

    def goes_through(self, alone: bool = False) -> float:
        """Probability that a withdrawal is carried out in a round, for one of a group or for somebody alone."""
        return self.opt_out * self.opt_out_alone if alone else self.opt_out

    def changed(self, round: int) -> str:
        """What an amendment changes in this round, in words; empty for nothing."""
        return "".join(change.told for change in self.changes if change.round == round)

    def effort(self, lever: Lever, open_doors: Collection[str] = (), alone: bool = False) -> float:
        """How hard a lever is to pull, in multiples of a person's own cost: its own effort and what the law adds, which
        is more for somebody `alone`.

        Whoever withdraws from one of the firms that keep `open_doors` finds it no harder than the lever.
        """
        if isinstance(lever, Separately):
            efforts = [self.effort(part, open_doors, alone=True) for part, _ in lever.parts]
            return float(np.average(efforts, weights=lever.sizes))
        acts = acts_of(lever)
        added = (
            (self.opt_out_effort + self.opt_out_effort_alone * alone)
            * (acts.withdraws and lever.target not in open_doors)
            + self.portability_effort * acts.gives
            + self.poisoning_risk * acts.misleads
        )
        return lever.effort + added


def effort_of(model: "CoalitionModel", lever: Lever, alone: bool = False) -> float:
    """How hard a lever is to pull in this world, with others or `alone`, in multiples of a person's own cost."""
    return model.law.effort(lever, model.world.open_doors, alone)


def lawful(
    model: "CoalitionModel", market: Market, pulled: Market, granted: Mapping[str, Holdings] | None = None,
    alone: bool = False,
) -> Market:  # fmt: skip
    """What the law makes of a lever that turned `market` into `pulled`, by people who act together, or each `alone`.

    `granted` are withdrawals to be carried out in place of those that the lever asks for, by product: those of an
    earlier round, where the law knows a delay. None: those asked for.
    """
    law = model.law
    if granted is None and law.goes_through(alone) == 1 and not _following(model):
        return pulled
    asked = withdrawn(market, pulled)
    granted = carried_out(model, asked, alone) if granted is None else granted
    nothing = Holdings.nobody(model.population.contributors)
    return {
        name: position.holding(position.holdings.joined(asked[name]).lacking(granted.get(name, nothing)))
        for name, position in pulled.items()
    }


def withdrawn(before: Market, after: Market) -> dict[str, Holdings]:
    """What each product lost between two markets, by its name."""
    return {name: before[name].holdings.lacking(position.holdings) for name, position in after.items()}


def carried_out(model: "CoalitionModel", asked: Mapping[str, Holdings], alone: bool = False) -> dict[str, Holdings]:
    """Those of the withdrawals asked for, together or by each `alone`, that go through, and what provenance adds."""
    chance, granted = model.law.goes_through(alone), dict(asked)
    if chance < 1:
        # By person and round: a threat and its execution meet the same friction.
        through = model.streams.uniforms("opt out", model.round, n=model.population.contributors) < chance
        doors = model.world.open_doors
        granted = {name: lost if name in doors else lost.only(through) for name, lost in asked.items()}
    return followed(model, granted, _following(model))


def _following(model: "CoalitionModel") -> "list[Firm]":
    """Firms from which withdrawals follow the data: by law all, else those that promise it."""
    partners = ((firm, firm.settings.partner) for firm in model.firms)
    return [f for f, partner in partners if model.law.provenance == "followed" or (partner and partner.provenance)]
