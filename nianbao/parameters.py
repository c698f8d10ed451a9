"""What questions take: each parameter once, with its name, its type and what it means, for every door.

:data:`PARAMETERS` has them by the names that ``questions.toml`` gives them. The model of a question is made of those it
takes, of :class:`Parameters` (as of when, in which language), :class:`Narrowed` (which agencies) and :class:`Paged`
(lists). What is not understood is a validation error whose sentence says how to write it; a parameter that a question
has not is refused, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Self

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
Lang = Language  #: a language, where it is a parameter


# ---------------------------------------------------------------------------------------------- how values are read


def _one(meant: Callable[[str], Any]) -> BeforeValidator:
    """Read a parameter where it is text, and leave it where a program gives the value itself."""
    return BeforeValidator(lambda value: meant(value) if isinstance(value, str) else value)


def _each(meant: Callable[[str], Any]) -> BeforeValidator:
    """Read each of several values; one alone is a list of one. An empty list is as none."""

    def read(value: object) -> object:
        if value is None:
            return None
        given = [value] if isinstance(value, str) or not isinstance(value, Collection) else list(value)
        return frozenset(meant(one) if isinstance(one, str) else one for one in given) or None

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


def _chosen(kind: type[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "array", "items": {"type": "string", "enum": [one.value for one in kind]}})


def _about(description: str, default: Any = None, **limits: Any) -> Any:
    """A parameter that may be left out, and what it means; ``limits`` as pydantic calls them."""
    return Field(default, description=description, **limits)


_SEVERAL = BeforeValidator(lambda value: [value] if isinstance(value, str) else value)

# ---------------------------------------------------------------------------------------------- the parameters

Year = Annotated[
    int,
    Field(description="The year that reports are for, such as 2025.", ge=bounds.FIRST_YEAR, le=bounds.LAST_YEAR),
    BeforeValidator(_year),
]
Years = Annotated[
    tuple[int, ...] | None,
    BeforeValidator(_years),
    _about("Reporting years: 2024, 2019-2025 or 2019,2021; all if none is given."),
    WithJsonSchema({"type": "string", "examples": ["2019-2025", "2019,2021"]}),
]
Instant = Annotated[
    datetime | None,
    *_instant("as_of", end=True),
    Field(description="As of when: the end of a day, or an instant (Beijing time if it names no zone). Now if none."),
]
Kinds = Annotated[
    frozenset[AgencyKind] | None,
    _each(words.kind),
    Field(description="Only agencies of this kind, by its English or Chinese name; may be repeated."),
    _chosen(AgencyKind),
]
AgencyFilter = Annotated[str | None, _about("Only agencies whose name has this.")]
Indicator = Annotated[
    str, Field(description="The id of an indicator, such as applications.received.total.", min_length=1)
]

#: each parameter of a question; what a name has after its dot tells apart those that mean something else elsewhere
PARAMETERS: Mapping[str, Any] = {
    "year": Year,
    "year.address": Annotated[Year | None, _about("The year that the report is for; an address says it itself.")],
    "year.filter": Annotated[Year | None, _about("Only reports for this year.")],
    "years": Years,
    "before": Year,
    "after": Year,
    "since": Annotated[
        datetime,
        *_instant("since", end=False),
        Field(description="After when: the beginning of a day, or an instant (Beijing time if it names no zone)."),
    ],
    "since.filter": Annotated[
        datetime | None,
        *_instant("since", end=False),
        _about("Only what became known from then on: the beginning of a day, or an instant."),
    ],
    "until": Annotated[
        datetime | None,
        *_instant("until", end=True),
        _about("Until when: the end of a day, or an instant (Beijing time if it names no zone). Now if none."),
    ],
    "evidence": Annotated[
        frozenset[EvidenceGrade] | None,
        _each(words.grade),
        _about("Only what is founded so; may be repeated."),
        _chosen(EvidenceGrade),
    ],
    "status": Annotated[
        frozenset[Status] | None,
        _each(words.status),
        _about("Only duties with this status; may be repeated."),
        _chosen(Status),
    ],
    "min_days": Annotated[int, _about("Only those at least so many days late.", 0, ge=0)],
    "place.required": Annotated[
        str, Field(description="The place of the government: its name or division code.", min_length=1)
    ],
    "portal": Annotated[str | None, _about("The name of one portal.")],
    "agency": Annotated[
        str, Field(description="An agency: its name, an alias, a unique part of its name, or its id.", min_length=1)
    ],
    "agency.address": Annotated[
        str, Field(description="An agency, or an address: nianbao:AGENCY/YEAR@DIGEST.", min_length=1)
    ],
    "agency.filter": AgencyFilter,
    "body": Annotated[
        list[str],
        _SEVERAL,
        Field(
            description="An agency, or a place for its government; repeat it.",
            min_length=1,
            max_length=bounds.MOST_BODIES,
        ),
    ],
    "edition": Annotated[Which, _about("Which edition of a report counts of those known by then.", Which.LAST)],
    "edition.id": Annotated[str | None, _about("An edition by its id; the newest if none is given.")],
    "reader": Annotated[str | None, _about("As this former version of the reader read it.")],
    "a": Annotated[str | None, _about("The earlier edition; the one before `b` if none.")],
    "b": Annotated[str | None, _about("The later edition; the newest if none.")],
    "cell": Annotated[str | None, _about("A cell of the report: the id of an indicator.")],
    "query": Annotated[
        str,
        Field(
            description='All words must be there: 规划 "国土 空间" -矿产.',
            json_schema_extra={"minLength": 1, "maxLength": bounds.LONGEST_QUERY},  # its reader says more of it
        ),
    ],
    "all_editions": Annotated[bool, _about("Former editions of each report too.", False)],
    "snippets": Annotated[int, _about("Places shown of each report.", SNIPPETS, ge=0, le=bounds.MOST_SNIPPETS)],
    "around": Annotated[int, _about("Characters shown on either side of a hit.", AROUND, ge=1, le=bounds.MOST_AROUND)],
    "change": Annotated[list[str] | None, _SEVERAL, _about("Only changes of this sort; may be repeated.")],
    "code": Annotated[list[str] | None, _SEVERAL, _about("Only these findings (docs/findings.md); may be repeated.")],
    "severity": Annotated[Severity, _about("Nothing below this.", Severity.INFO)],
    "text": Annotated[str | None, _about("Only those with this in their id, label or definition.")],
    "indicator": Indicator,
    "indicator.several": Annotated[
        list[Indicator],
        _SEVERAL,
        Field(description="Ids of indicators; may be repeated.", min_length=1, max_length=bounds.MOST_VALUES),
    ],
    "indicator.filter": Annotated[
        list[Indicator],
        _SEVERAL,
        Field(
            default_factory=list,
            description="Ids of indicators; all places of the forms if none.",
            max_length=bounds.MOST_VALUES,
        ),
    ],
    "codes": Annotated[int | None, _about("The year in whose division codes `place` is given.")],
    "stated": Annotated[
        bool, _about("Also what reports state in their text alone, where no table gives the figure.", False)
    ],
    "by": Annotated[By, _about("What the groups are.", By.ALL)],
    "level": Annotated[Level, _about("The governments that are compared, put in order or added up.", Level.COUNTY)],
    "ascending": Annotated[bool, _about("The least first.", False)],
    "min_n": Annotated[int, _about("Rates of fewer cases stand apart.", SMALL, ge=0)],
}


class Parameters(BaseModel):
    """What every question takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: Instant = None
    lang: Annotated[Language, Field(description="Language of sentences and headings.")] = Language.EN


class Narrowed(Parameters):
    """Which agencies a question is about; what is left out does not narrow it."""

    place: Annotated[
        str | None,
        Field(description="A place's name or part of it, a division code or its beginning, a portal's name."),
    ] = None
    portal: Annotated[str | None, Field(description="The name of one portal.")] = None
    kind: Kinds = None

    def where(self) -> Where:
        """Give the choice of agencies."""
        from archive.queries.where import Where

        given = {name: getattr(self, name, None) for name in ("agency", "codes")}
        kinds = BODIES if getattr(self, "bodies", False) else self.kind
        return Where(place=self.place, portal=self.portal, kinds=kinds, **given)


class OfBodies(Narrowed):
    """Also all bodies but governments at once."""

    bodies: Annotated[
        bool, Field(description="All bodies but governments, each for itself, in place of governments.")
    ] = False

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.bodies and self.kind:
            message = "bodies and kind exclude each other: bodies means every kind but government"
            raise bounds.QueryError(message, code="query.one_choice")
        return self


class Paged(BaseModel):
    """How much of a list is given at once."""

    limit: Annotated[int, Field(description="So many lines at most.", ge=1, le=MOST_LINES)] = PAGE
    cursor: Annotated[str | None, Field(description="Where to go on: `next` of the page before.")] = None


class Rows(Narrowed, Paged):
    """What every exported table takes."""

    agency: AgencyFilter = None
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


def understood(model: type[Parameters], given: Mapping[str, Any], named: Callable[[str], str] = str) -> Any:
    """Read what was given for the parameters of a question. ``named``: how the door writes the name of a parameter.

    Raises :class:`archive.queries.bounds.QueryError`, whose sentence says how to write it.
    """
    refuse_unknown(model.model_fields, given, named)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise joined([error_of(one, named) for one in error.errors()]) from None


def refuse_unknown(known: Collection[str], given: Iterable[str], named: Callable[[str], str] = str) -> None:
    """Raise :class:`archive.queries.bounds.QueryError` if a name is given that is not known, with those that are."""
    if unknown := [named(name) for name in given if name not in known]:
        names: dict[str, Any] = {"name": ", ".join(unknown), "every": ", ".join(map(named, known))}
        raise bounds.QueryError(
            say("errors", Language.EN, "error.query.extra_of", **names), code="query.extra_of", **names
        )


def joined(errors: Sequence[bounds.QueryError]) -> bounds.QueryError:
    """Several errors as one."""
    return errors[0] if len(errors) == 1 else bounds.QueryError("; ".join(map(str, errors)), parts=errors)


def error_of(error: Mapping[str, Any], named: Callable[[str], str] = str) -> bounds.QueryError:
    """One validation error of pydantic as one that has words in both languages, for every door."""
    field = str(error["loc"][0]) if error["loc"] else ""
    name = named(field) if field else ""
    limits: Mapping[str, Any] = error.get("ctx") or {}
    if isinstance(cause := limits.get("error"), bounds.QueryError):
        return _renamed(cause, field, name)
    key = "query.year_missing" if (error["type"], field) == ("missing", "year") else _SENTENCES.get(error["type"])
    if key is None:
        return bounds.QueryError(f"{name}: {error['msg']}", code="query.odd", name=name, cause=error["msg"])
    values: dict[str, Any] = {_LIMITS[limit]: _shown(value) for limit, value in limits.items() if limit in _LIMITS}
    values |= {"name": name, "what": name}
    if error["type"] == "too_long":
        values["count"] = _shown(len(error["input"]))
    return bounds.QueryError(say("errors", Language.EN, f"error.{key}", **values), code=key, **values)


def _renamed(error: bounds.QueryError, field: str, name: str) -> bounds.QueryError:
    """The error that calls its parameter as the door does."""
    message = str(error)
    if field and message.startswith(f"{field} "):
        message = f"{name}{message.removeprefix(field)}"
    values: dict[str, Any] = error.values | ({"name": name} if error.values.get("name") == field else {})
    return bounds.QueryError(message, code=error.code, suggestions=error.suggestions, **values)


def _shown(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) else value
