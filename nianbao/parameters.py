"""What questions take: each parameter once, with its name, its type and what it means, for every door.

:data:`PARAMETERS` has them by the names that ``questions.toml`` gives them. The model of a question is made of those it
takes, of :class:`Parameters` (as of when, in which language), :class:`Narrowed` (which agencies) and :class:`Paged`
(lists). What is not understood is a validation error whose sentence says how to write it; a parameter that a question
has not is refused, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Self, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)

from archive.assessment.measures import SMALL
from archive.queries import bounds, words
from archive.queries.bounds import AROUND, BODIES, SNIPPETS, By, Level, Which
from nianbao.language import Language
from nianbao.messages import say
from storage.records import AgencyKind, EvidenceGrade, Severity, Status

if TYPE_CHECKING:
    from archive.queries.where import Where

PAGE = 100  #: lines of a list given at once, if nothing else is said
MOST_LINES = 1_000  #: lines of a list given at once at most


# ---------------------------------------------------------------------------------------------- how values are read


def _one(parse: Callable[[str], Any]) -> BeforeValidator:
    """Read a parameter where it is text, and leave it where a program gives the value itself."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _each(parse: Callable[[str], Any]) -> BeforeValidator:
    """Read each of several values; one alone is a list of one. An empty list is as none."""

    def read(value: object) -> object:
        if value is None:
            return None
        values = [value] if isinstance(value, str) or not isinstance(value, Collection) else list(value)
        return frozenset(parse(one) if isinstance(one, str) else one for one in values) or None

    return BeforeValidator(read)


def _years(value: object) -> object:
    """Several years: ``2019-2024``, ``2019,2021``, or a collection of numbers."""
    if isinstance(value, str):
        return tuple(words.years(value))
    if isinstance(value, int):
        return bounds.reporting_years([value])
    if isinstance(value, Collection) and value and all(isinstance(one, str) for one in value):
        return tuple(words.years(",".join(map(str, value))))
    return bounds.reporting_years(value) if isinstance(value, Collection) else value


def _year(value: object) -> object:
    """One year, as people write it or as a number."""
    if isinstance(value, str):
        return words.year(value)
    return value if value is None else bounds.reporting_year(value)  # type: ignore[arg-type]  # it says what is none


def _instant(name: str, *, end: bool) -> tuple[BeforeValidator, WithJsonSchema]:
    schema = {"type": "string", "examples": ["2026-02-10", "2026-02-10T09:00:00+08:00"]}
    return _one(partial(words.moment, name=name, end=end)), WithJsonSchema(schema)


def _enum(kind: type[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "array", "items": {"type": "string", "enum": [one.value for one in kind]}})


_SEVERAL = BeforeValidator(lambda value: [value] if isinstance(value, str) else value)

# ---------------------------------------------------------------------------------------------- the parameters

Year = Annotated[int, Field(ge=bounds.FIRST_YEAR, le=bounds.LAST_YEAR), BeforeValidator(_year)]
MaybeYear = Annotated[Year | None, Field(None)]
Years = Annotated[
    tuple[int, ...] | None,
    BeforeValidator(_years),
    Field(None),
    WithJsonSchema({"type": "string", "examples": ["2019-2025", "2019,2021"]}),
]
Instant = Annotated[datetime | None, *_instant("as_of", end=True)]
Kinds = Annotated[frozenset[AgencyKind] | None, _each(words.kind), _enum(AgencyKind)]
Text = Annotated[str, Field(min_length=1)]
MaybeText = Annotated[str | None, Field(None)]
Texts = Annotated[list[str] | None, _SEVERAL, Field(None)]

#: each parameter of a question; what a name has after its dot tells apart those that mean something else elsewhere.
#: What it means stands in ``messages/help.toml``.
PARAMETERS: Mapping[str, Any] = {
    "year": Year,
    "year.address": MaybeYear,
    "year.filter": MaybeYear,
    "years": Years,
    "before": Year,
    "after": Year,
    "since": Annotated[datetime, *_instant("since", end=False)],
    "since.filter": Annotated[datetime | None, *_instant("since", end=False), Field(None)],
    "until": Annotated[datetime | None, *_instant("until", end=True), Field(None)],
    "evidence": Annotated[frozenset[EvidenceGrade] | None, _each(words.grade), _enum(EvidenceGrade), Field(None)],
    "status": Annotated[frozenset[Status] | None, _each(words.status), _enum(Status), Field(None)],
    "min_days": Annotated[int, Field(0, ge=0)],
    "place.required": Text,
    "portal": MaybeText,
    "agency": Text,
    "agency.address": Text,
    "agency.filter": MaybeText,
    "body": Annotated[list[str], _SEVERAL, Field(min_length=1, max_length=bounds.MOST_BODIES)],
    "body.filter": Annotated[list[Text] | None, _SEVERAL, Field(None, max_length=bounds.MOST_BODIES)],
    "edition": Annotated[Which, Field(Which.LAST)],
    "edition.id": MaybeText,
    "reader": MaybeText,
    "a": MaybeText,
    "b": MaybeText,
    "cell": MaybeText,
    # its reader says more of what is wrong with it
    "query": Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": bounds.LONGEST_QUERY})],
    "all_editions": Annotated[bool, Field(False)],
    "snippets": Annotated[int, Field(SNIPPETS, ge=0, le=bounds.MOST_SNIPPETS)],
    "around": Annotated[int, Field(AROUND, ge=1, le=bounds.MOST_AROUND)],
    "change": Texts,
    "code": Texts,
    "severity": Annotated[Severity, Field(Severity.INFO)],
    "text": MaybeText,
    "indicator": Text,
    "indicator.several": Annotated[list[Text], _SEVERAL, Field(min_length=1, max_length=bounds.MOST_VALUES)],
    "indicator.filter": Annotated[list[Text], _SEVERAL, Field(default_factory=list, max_length=bounds.MOST_VALUES)],
    "codes": Annotated[int | None, Field(None)],
    "stated": Annotated[bool, Field(False)],
    "by": Annotated[By, Field(By.ALL)],
    "level": Annotated[Level, Field(Level.COUNTY)],
    "ascending": Annotated[bool, Field(False)],
    "min_n": Annotated[int, Field(SMALL, ge=0)],
}


class Parameters(BaseModel):
    """What every question takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: Instant = None
    lang: Language = Language.EN


class Narrowed(Parameters):
    """Which agencies a question is about; what is left out does not narrow it."""

    place: str | None = None
    portal: str | None = None
    kind: Kinds = None

    def where(self) -> Where:
        """Give the choice of agencies."""
        from archive.queries.where import Where

        more = {name: getattr(self, name, None) for name in ("agency", "codes")}
        kinds = BODIES if getattr(self, "bodies", False) else self.kind
        return Where(place=self.place, portal=self.portal, kinds=kinds, **more)


class OfBodies(Narrowed):
    """Also all bodies but governments at once."""

    bodies: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.bodies and self.kind:
            message = "bodies and kind exclude each other: bodies means every kind but government"
            raise bounds.QueryError(message, code="query.one_choice")
        return self


class Paged(BaseModel):
    """How much of a list is given at once."""

    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = PAGE
    cursor: str | None = None


class Rows(Narrowed, Paged):
    """What every exported table takes."""

    agency: str | None = None
    years: Years = None


_NARROWED: Mapping[str, type[Parameters]] = {
    "": Parameters, "agencies": Narrowed, "bodies": OfBodies, "table": Rows,
}  # fmt: skip


@cache
def parameter_model(takes: tuple[str, ...], where: str, *, is_paged: bool) -> type[Parameters]:
    """Make the model of the parameters with these names. ``where``: ``agencies``, ``bodies`` or ``table``."""
    base = _NARROWED[where]
    bases: tuple[Any, ...] = (base, Paged) if is_paged and not issubclass(base, Paged) else (base,)
    fields: dict[str, Any] = {name.partition(".")[0]: PARAMETERS[name] for name in takes}
    return create_model("QuestionParameters", __base__=bases, **fields)


def types_of(hint: Any) -> Iterator[Any]:
    """What a parameter may be, without None and without what is told about it."""
    if hasattr(hint, "__metadata__"):
        yield from types_of(hint.__origin__)
    elif NoneType in get_args(hint):
        yield from (each for one in get_args(hint) if one is not NoneType for each in types_of(one))
    else:
        yield hint


def takes_several(hint: Any) -> bool:
    """Whether a parameter takes several values."""
    return any(get_origin(one) in {list, frozenset} for one in types_of(hint))


def choices_of(hint: Any) -> tuple[str, ...]:
    """The words of the vocabulary that a parameter takes; () for another one."""
    kind = next(types_of(hint))
    vocabulary = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, StrEnum)]
    return tuple(vocabulary[0]) if vocabulary else ()


# ---------------------------------------------------------------------------------------------- what is not understood

#: the type of a validation error of pydantic → the key of its sentence in ``errors.toml``
_SENTENCES: Mapping[str, str] = {
    "missing": "query.missing",
    "extra_forbidden": "query.extra",
    "int_parsing": "query.no_number",
    "int_type": "query.no_number",
    "int_from_float": "query.no_number",
    "bool_parsing": "query.no_flag",
    "enum": "query.no_choice",
    "greater_than_equal": "query.too_small",
    "less_than_equal": "query.too_large",
    "string_too_short": "query.empty",
    "too_short": "query.empty",
    "string_too_long": "query.too_long",
    "too_long": "query.too_many",
    "string_unicode": "query.no_text",
}
#: what pydantic tells of an error → the name under which its sentence shows it
_LIMITS: Mapping[str, str] = {"ge": "least", "le": "most", "max_length": "most", "expected": "every"}


def understood(model: type[Parameters], values: Mapping[str, Any], name_of: Callable[[str], str] = str) -> Any:
    """Read what was given for the parameters of a question. ``named``: how the door writes the name of a parameter.

    Raises :class:`archive.queries.bounds.QueryError`, whose sentence says how to write it.
    """
    refuse_unknown(model.model_fields, values, name_of)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise joined([error_of(one, name_of) for one in error.errors()]) from None


def refuse_unknown(names_known: Collection[str], values: Iterable[str], name_of: Callable[[str], str] = str) -> None:
    """Raise :class:`archive.queries.bounds.QueryError` if a name is given that is not known, with those that are."""
    if unknown := [name_of(name) for name in values if name not in names_known]:
        names: dict[str, Any] = {"name": ", ".join(unknown), "every": ", ".join(map(name_of, names_known))}
        raise bounds.QueryError(
            say("errors", Language.EN, "error.query.extra_of", **names), code="query.extra_of", **names
        )


def joined(errors: Sequence[bounds.QueryError]) -> bounds.QueryError:
    """Several errors as one."""
    return errors[0] if len(errors) == 1 else bounds.QueryError("; ".join(map(str, errors)), parts=errors)


def error_of(error: Mapping[str, Any], name_of: Callable[[str], str] = str) -> bounds.QueryError:
    """One validation error of pydantic as one that has words in both languages, for every door."""
    field = str(error["loc"][0]) if error["loc"] else ""
    name = name_of(field) if field else ""
    limits: Mapping[str, Any] = error.get("ctx") or {}
    if isinstance(cause := limits.get("error"), bounds.QueryError):
        return _renamed(cause, field, name)
    key = "query.year_missing" if (error["type"], field) == ("missing", "year") else _SENTENCES.get(error["type"])
    if key is None:
        return bounds.QueryError(f"{name}: {error['msg']}", code="query.odd", name=name, cause=error["msg"])
    values: dict[str, Any] = {_LIMITS[limit]: _limit_text(value) for limit, value in limits.items() if limit in _LIMITS}
    values |= {"name": name, "what": name}
    if error["type"] == "too_long":
        values["count"] = _limit_text(len(error["input"]))
    return bounds.QueryError(say("errors", Language.EN, f"error.{key}", **values), code=key, **values)


def _renamed(error: bounds.QueryError, field: str, name: str) -> bounds.QueryError:
    """The error that calls its parameter as the door does."""
    message = str(error)
    if field and message.startswith(f"{field} "):
        message = f"{name}{message.removeprefix(field)}"
    values: dict[str, Any] = error.values | ({"name": name} if error.values.get("name") == field else {})
    return bounds.QueryError(message, code=error.code, suggestions=error.suggestions, **values)


def _limit_text(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) else value
