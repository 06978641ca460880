"""The schema of scenario files, derived from the dataclasses of the plug-ins: nothing is written twice.

`section(cls)` turns a settings dataclass into a pydantic model. A field whose type is a family (Rule, Lever,
...) becomes a union discriminated by `kind`, whose values are the keys of the family's dict.
"""

import dataclasses
import functools
import operator
import types
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from ..agents.joining import JOININGS, Joining
from ..agents.markets import MARKETS, MarketRule
from ..agents.networks import NETWORKS, Network
from ..agents.responses import RESPONSES, Response
from ..agents.world import World
from ..coalitions.admission import ADMISSIONS, Admission
from ..coalitions.bargains import BARGAINS, Bargain
from ..coalitions.deciders import DECIDERS, Decider
from ..coalitions.demands import DEMANDS, Demand
from ..coalitions.expulsion import EXPULSIONS, Expulsion
from ..coalitions.foundings import FOUNDINGS, Founding
from ..coalitions.inclusions import INCLUSIONS, Inclusion
from ..coalitions.levers import LEVERS, Lever
from ..coalitions.pots import POTS, Pot
from ..coalitions.procedures import PROCEDURES, Procedure
from ..coalitions.rules import READINGS, RULES, Reading, Rule
from ..coalitions.voting_power import VOTING_POWERS, VotingPower
from ..ml_tasks.alterations import IMAGE_ALTERATIONS, ImageAlteration
from ..ml_tasks.dealing import DEALS, Deal
from ..ml_tasks.image_models import IMAGE_MODELS, ImageModel
from ..ml_tasks.rating_models import RATING_MODELS, RatingModel
from ..ml_tasks.settings import InputError
from ..ml_tasks.splits import SPLITS, Split
from ..ml_tasks.task import TaskSettings
from ..ml_tasks.tasks import TASKS
from ..valuation.dividends import DIVIDENDS, Dividend
from ..valuation.methods import METHODS, Method
from .field_docs import field_docs
from .sweeps.designs import DESIGNS, Design
from .sweeps.outputs import REDUCTIONS, Reduction
from .sweeps.variations import VARIATIONS, Variation

FAMILIES: Mapping[Any, Mapping[str, Any]] = {
    TaskSettings: TASKS,
    RatingModel: RATING_MODELS,
    ImageModel: IMAGE_MODELS,
    ImageAlteration: IMAGE_ALTERATIONS,
    Split: SPLITS,
    Deal: DEALS,
    Network: NETWORKS,
    Joining: JOININGS,
    MarketRule: MARKETS,
    Response: RESPONSES,
    Inclusion: INCLUSIONS,
    Lever: LEVERS,
    Admission: ADMISSIONS,
    Expulsion: EXPULSIONS,
    Founding: FOUNDINGS,
    Decider: DECIDERS,
    VotingPower: VOTING_POWERS,
    Procedure: PROCEDURES,
    Rule: RULES,
    Reading: READINGS,
    Demand: DEMANDS,
    Bargain: BARGAINS,
    Pot: POTS,
    Dividend: DIVIDENDS,
    Method: METHODS,
    Variation: VARIATIONS,
    Design: DESIGNS,
    Reduction: REDUCTIONS,
}


class Section(BaseModel):
    """A part of a scenario. Unknown keys are refused, and so are values that merely look like the right type."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)
    builds: ClassVar[Any] = None
    """The dataclass that this section describes."""

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        for key in data if isinstance(data, dict) else ():
            if key not in cls.model_fields:
                known = ", ".join(sorted(cls.model_fields))
                raise PydanticCustomError(
                    "unknown_key", "{known}", {"known": f"one of the keys {known}", "key": str(key)}
                )
        return data

    def build(self) -> Any:
        """The settings as the dataclass. Raises InputError naming the field."""
        values = {f.name: _built(getattr(self, f.name), f.name) for f in dataclasses.fields(self.builds)}
        return self.builds(**values)


def section(cls: Any, kind: str | None = None) -> type[Section]:
    """The pydantic model of a settings dataclass; `kind` is its key if it is a member of a family."""
    return _section(cls, kind)  # positional, so that the cache knows one model by one key


@cache
def _section(cls: Any, kind: str | None) -> type[Section]:
    hints = get_type_hints(cls, include_extras=True)
    fields: dict[str, Any] = {} if kind is None else {"kind": (Literal[kind], ...)}
    for field in dataclasses.fields(cls):
        fields[field.name] = (_annotation(hints[field.name]), _default(field, cls))
    name = f"{cls.__name__}Section"
    model: type[Section] = create_model(name, __base__=Section, __doc__=cls.__doc__, **fields)
    model.builds = cls
    return model


def _annotation(hint: Any) -> Any:
    """The schema's type for a dataclass field's type."""
    if _family(hint) is not None:
        return _union(hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return section(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        inner = tuple(a if a is Ellipsis else _annotation(a) for a in arguments)
        # YAML knows lists only: the one place where another type may stand for the right one.
        return Annotated[tuple.__class_getitem__(inner), Field(strict=False)]
    if origin in (dict, Mapping) or getattr(origin, "__name__", "") == "Mapping":
        return dict.__class_getitem__((str, _annotation(arguments[1])))
    if origin in (Union, types.UnionType) and type(None) in arguments:
        return _annotation(next(a for a in arguments if a is not type(None))) | None
    return hint


def _union(family: Any) -> Any:
    """A family as a union discriminated by `kind`; the bare word stands for a member with its defaults."""
    members = _family(family)
    assert members is not None
    sections = [section(cls, kind) for kind, cls in members.items()]
    choice: Any = functools.reduce(operator.or_, sections)
    if len(sections) > 1:
        choice = Annotated[choice, Field(discriminator="kind")]
    bare = BeforeValidator(lambda data: {"kind": data} if isinstance(data, str) else data)
    return Annotated[choice, bare, _BareWord(tuple(members))]


@dataclasses.dataclass(frozen=True)
class _BareWord:
    """Tells JSON Schema that the bare word may stand for a member."""

    kinds: tuple[str, ...]

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(self.kinds)}, handler(schema)]}


def _family(hint: Any) -> Mapping[str, Any] | None:
    try:
        return FAMILIES.get(hint)
    except TypeError:  # an unhashable annotation is no family
        return None


def _default(field: "dataclasses.Field[Any]", cls: Any) -> Any:
    def document(schema: dict[str, Any]) -> None:
        """Only called for JSON Schema: looking up what is written under a field takes a while."""
        if field.name in field_docs(cls):
            schema["description"] = field_docs(cls)[field.name]
        if field.default_factory is not dataclasses.MISSING:
            schema["default"] = _plain(described(field.default_factory()))

    if field.default_factory is not dataclasses.MISSING:
        return Field(default_factory=lambda: described(field.default_factory()), json_schema_extra=document)
    default = ... if field.default is dataclasses.MISSING else described(field.default)
    return Field(default, json_schema_extra=document)


def _plain(value: Any) -> Any:
    """A described value as a file would have it."""
    if isinstance(value, Section):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, Mapping) else value


def described(value: Any) -> Any:
    """The section of a settings dataclass instance: the way back from `build`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = next((k for members in FAMILIES.values() for k, cls in members.items() if cls is type(value)), None)
        content = {f.name: described(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if kind is not None:
            content["kind"] = kind
        return section(type(value), kind).model_construct(None, **content)
    if isinstance(value, tuple):
        return tuple(described(item) for item in value)
    if isinstance(value, Mapping):
        return {key: described(item) for key, item in value.items()}
    return value


def _built(value: Any, path: str) -> Any:
    if isinstance(value, Section):
        try:
            return value.build()
        except InputError as error:
            raise InputError(f"{path}.{error.where}" if error.where else path, error.found, error.expected) from None
    if isinstance(value, tuple):
        return tuple(_built(item, f"{path}.{i}") for i, item in enumerate(value))
    if isinstance(value, dict):
        return {key: _built(item, f"{path}.{key}") for key, item in value.items()}
    return value


if TYPE_CHECKING:
    _World = Section
else:
    _World = section(World)


class Scenario(_World):
    """A scenario file: a world with a name and a sentence for people. `build()` gives the World."""

    name: Annotated[
        str,
        Field(
            pattern=r"^\w[\w .-]*$",
            max_length=80,
            description="Names the run folder, so letters, digits, spaces, dots and dashes.",
        ),
    ]
    description: Annotated[str, Field(description="What the scenario is about, in a sentence for people.")] = ""

    def resolved(self) -> dict[str, Any]:
        """Every setting with every default, as plain data in the order of the file."""
        data = self.model_dump(mode="json")
        first = ("name", "description", "rounds", "seed")
        return {key: data[key] for key in (*first, *(k for k in data if k not in first))}
