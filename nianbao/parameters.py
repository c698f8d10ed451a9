"""Define the parameters of questions once, with their types and checks, for command line, API, Python and pages.

:data:`PARAMETERS` maps the names used in ``questions.toml`` to types. The pydantic model of a question consists of the
parameters that it lists, those of :class:`Parameters` (instant, language), and perhaps those of :class:`Narrowed`
(which agencies) and :class:`Paged` (lists). A wrong value is an error whose sentence says how to write the value; a
parameter that the question does not have is an error too: to ignore a filter would give a wrong answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, partial
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, get_args, get_origin

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

from archive.assessment.data_files import data_file
from archive.assessment.measures import SMALL
from archive.queries import bounds, words
from archive.queries.bounds import AROUND, NOT_GOVERNMENTS, SNIPPETS, AbsenceGrade, By, Level, Which
from nianbao.language import Language
from storage.records import AgencyKind, EvidenceGrade, Severity, Status

if TYPE_CHECKING:
    from archive.queries.where import Where

PAGE = 100  #: lines on one page of a list, unless ``limit`` is given
MOST_LINES = 1_000  #: the largest ``limit``


# ---------------------------------------------------------------------------------------------- validators


def _one(parse: Callable[[str], Any]) -> BeforeValidator:
    """Return a validator that parses text and leaves other values alone, which Python programs pass directly."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _each(parse: Callable[[str], Any]) -> BeforeValidator:
    """Return a validator that parses one value or several into a frozenset; an empty one becomes None (no filter)."""

    def read(value: object) -> object:
        if value is None:
            return None
        values = [value] if isinstance(value, str) or not isinstance(value, Collection) else list(value)
        return frozenset(parse(one) if isinstance(one, str) else one for one in values) or None

    return BeforeValidator(read)


def _years(value: object) -> object:
    """Read several years: ``2019-2024``, ``2019,2021``, one number, or a collection of numbers or texts."""
    if isinstance(value, str):
        return tuple(words.years(value))
    if isinstance(value, int):
        return bounds.reporting_years([value])
    if isinstance(value, Collection) and value and all(isinstance(one, str) for one in value):
        return tuple(words.years(",".join(map(str, value))))
    return bounds.reporting_years(value) if isinstance(value, Collection) else value


def _year(value: object) -> object:
    """Read one reporting year, given as text or as a number."""
    if isinstance(value, str):
        return words.year(value)
    is_other = value is None or isinstance(value, list)  # a repeated year is refused below
    return value if is_other else bounds.reporting_year(value)  # type: ignore[arg-type]  # it says what is none


def _instant(name: str, *, end: bool) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return how a field of times is read and described; ``end``: a day means its end, else its beginning."""
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

#: name → type of each parameter. The part after a dot (``year.filter``) only distinguishes parameters of one name whose
#: type or meaning differs between questions. The texts that explain them are in ``messages/help.toml``.
PARAMETERS: Mapping[str, Any] = {
    "year": Year,
    "year.address": MaybeYear,
    "year.filter": MaybeYear,
    "years": Years,
    "before": Year,
    "after": Year,
    "since.filter": Annotated[datetime | None, *_instant("since", end=False), Field(None)],
    "until": Annotated[datetime | None, *_instant("until", end=True), Field(None)],
    "evidence": Annotated[frozenset[EvidenceGrade] | None, _each(words.grade), _enum(EvidenceGrade), Field(None)],
    "evidence.absence": Annotated[
        frozenset[AbsenceGrade] | None, _each(words.absence_grade), _enum(AbsenceGrade), Field(None)
    ],
    "status": Annotated[frozenset[Status] | None, _each(words.status), _enum(Status), Field(None)],
    "min_days": Annotated[int, Field(0, ge=0)],
    "place.required": Text,
    "portal": MaybeText,
    "agency": Text,
    "agency.address": Text,
    "agency.filter": MaybeText,
    "agencies": Annotated[list[str], _SEVERAL, Field(min_length=1, max_length=bounds.MOST_AGENCIES)],
    "agencies.filter": Annotated[list[Text] | None, _SEVERAL, Field(None, max_length=bounds.MOST_AGENCIES)],
    "edition": Annotated[Which, Field(Which.LAST)],
    "edition.id": MaybeText,
    "reader": MaybeText,
    "a": MaybeText,
    "b": MaybeText,
    "cell": MaybeText,
    # only in the schema: the search itself checks the length and says more about what is wrong
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
    """The parameters of every question; some have no ``as_of``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: Instant = None
    lang: Language = Language.EN


class Narrowed(Parameters):
    """Which agencies a question is about; what is left out does not narrow it."""

    place: str | None = None
    portal: str | None = None
    kind: Kinds = None

    def where(self) -> Where:
        """Convert the parameters to what queries take: agencies, years and time."""
        from archive.queries.where import Where

        more = {name: getattr(self, name, None) for name in ("agency", "codes", "as_of")}
        kinds = NOT_GOVERNMENTS if getattr(self, "no_governments", False) else self.kind
        year = getattr(self, "year", None)
        years = getattr(self, "years", None) if year is None else (year,)
        return Where(place=self.place, portal=self.portal, kinds=kinds, years=years, **more)


class GovernmentsOrOthers(Narrowed):
    """Narrowed to agencies; ``no_governments``: to those of every kind but government."""

    no_governments: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.no_governments and self.kind:
            raise bounds.QueryError(code="query.one_choice")
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
    "": Parameters, "agencies": Narrowed, "governments_or_others": GovernmentsOrOthers, "table": Rows,
}  # fmt: skip


@cache
def parameter_model(takes: tuple[str, ...], where: str, *, is_paged: bool, has_as_of: bool) -> type[Parameters]:
    """Create the model of a question's parameters; ``takes``: names in PARAMETERS, ``where``: a key of _NARROWED."""
    base = _NARROWED[where]
    bases: tuple[Any, ...] = (base, Paged) if is_paged and not issubclass(base, Paged) else (base,)
    fields: dict[str, Any] = {name.partition(".")[0]: PARAMETERS[name] for name in takes}
    if not has_as_of:
        fields["as_of"] = (ClassVar[None], None)  # no field any more, so it is refused
    return create_model("QuestionParameters", __base__=bases, **fields)


def types_of(hint: Any) -> Iterator[Any]:
    """Yield the types that a type hint allows, without None and without the metadata of ``Annotated``."""
    if hasattr(hint, "__metadata__"):
        yield from types_of(hint.__origin__)
    elif NoneType in get_args(hint):
        yield from (each for one in get_args(hint) if one is not NoneType for each in types_of(one))
    else:
        yield hint


def takes_several(hint: Any) -> bool:
    """True if a parameter with this type hint takes several values."""
    return any(get_origin(one) in {list, frozenset} for one in types_of(hint))


def choices_of(hint: Any) -> tuple[str, ...]:
    """Return the values that a parameter allows if its type is an enumeration, else ()."""
    kind = next(types_of(hint))
    vocabulary = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, StrEnum)]
    return tuple(vocabulary[0]) if vocabulary else ()


# ---------------------------------------------------------------------------------------------- errors

_ERRORS = data_file("parameter_errors.toml", "nianbao")


def parse_parameters(model: type[Parameters], values: Mapping[str, Any], name_of: Callable[[str], str] = str) -> Any:
    """Check ``values`` and return them as an instance of ``model``. ``name_of`` converts the name of a parameter to the
    spelling that errors show (``--as-of`` on the command line). Raises :class:`archive.queries.bounds.QueryError`.
    """
    refuse_unknown(model.model_fields, values, name_of)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise joined([error_of(one, name_of) for one in error.errors()]) from None


def refuse_unknown(names_known: Collection[str], values: Iterable[str], name_of: Callable[[str], str] = str) -> None:
    """Raise :class:`archive.queries.bounds.QueryError`, which lists the known names, if a given name is not one."""
    if unknown := [name_of(name) for name in values if name not in names_known]:
        every = [*map(name_of, names_known)]
        near = "".join(get_close_matches(unknown[0], every, 1))
        code = "query.extra_near" if near else "query.extra_of"
        raise bounds.QueryError(code=code, name=", ".join(unknown), near=near, every=", ".join(every))


def joined(errors: Sequence[bounds.QueryError]) -> bounds.QueryError:
    """Combine several errors into one."""
    return errors[0] if len(errors) == 1 else bounds.QueryError("; ".join(map(str, errors)), parts=errors)


def error_of(error: Mapping[str, Any], name_of: Callable[[str], str] = str) -> bounds.QueryError:
    """Convert a validation error of pydantic to a QueryError, which has a sentence in both languages. ``name_of``: what
    a field is called where it was given, as ``--years``.
    """
    field = str(error["loc"][0]) if error["loc"] else ""
    name = name_of(field) if field else ""
    limits: Mapping[str, Any] = error.get("ctx") or {}
    if isinstance(cause := limits.get("error"), bounds.QueryError):
        return _renamed(cause, field, name)
    kind, sentences = error["type"], _ERRORS["sentences"]
    key = sentences.get(f"{field}.{kind}") or sentences.get(kind)
    if isinstance(error["input"], list) and kind in _ERRORS["repeated"]:
        key = "query.repeated"
    if key is None:
        return bounds.QueryError(code="query.odd", name=name, cause=error["msg"])
    names: Mapping[str, str] = _ERRORS["limits"]
    values: dict[str, Any] = {names[limit]: _limit_text(value) for limit, value in limits.items() if limit in names}
    values |= {"name": name, "what": name}
    if kind == "too_long":
        values["count"] = _limit_text(len(error["input"]))
    return bounds.QueryError(code=key, **values)


def _renamed(error: bounds.QueryError, field: str, name: str) -> bounds.QueryError:
    """Return the error with the parameter's name ``field`` replaced by ``name``, as the user writes it."""
    values: dict[str, Any] = error.values | ({"name": name} if error.values.get("name") == field else {})
    return bounds.QueryError(code=error.code, suggestions=error.suggestions, **values)


def _limit_text(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) else value
