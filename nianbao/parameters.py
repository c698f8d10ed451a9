"""What questions take: each parameter once, with its name, its type and what it means, for every door.

A model of parameters is made of these parts: :class:`Parameters` (as of when, in which language), :class:`Narrowed`
(which agencies), :class:`Paged` (lists). What is not understood is a validation error whose sentence says how to write
it; a parameter that a question has not is refused, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from archive.assessment.measures import SMALL
from archive.queries import bounds, words
from archive.queries.parameter_enums import AROUND, BODIES, SNIPPETS, By, Level, Which
from nianbao.messages import say
from storage.records import AgencyKind, EvidenceGrade, Severity, Status

if TYPE_CHECKING:
    from archive.queries.where import Where

PAGE = 100  #: lines of a list given at once, if nothing else is said
MOST_LINES = 1_000  #: lines of a list given at once at most


class Lang(StrEnum):
    """A language of sentences."""

    EN = "en"
    ZH = "zh"


def _written(meant: Callable[[str], Any]) -> Callable[[object], object]:
    """Read a parameter where it is text, and leave it where a program gives the value itself."""
    return lambda value: meant(value) if isinstance(value, str) else value


def _each(meant: Callable[[str], Any]) -> Callable[[object], object]:
    """Read each of several values; one alone is a list of one. An empty list is as none."""

    def read(value: object) -> object:
        if value is None:
            return None
        given = [value] if isinstance(value, str) else list(value) if isinstance(value, Collection) else [value]
        return frozenset(meant(one) if isinstance(one, str) else one for one in given) or None

    return read


def _several(value: object) -> object:
    """Several texts; one alone is a list of one."""
    return [value] if isinstance(value, str) else value


def _years(value: object) -> object:
    """Several years: ``2019-2024``, ``2019,2021``, or a collection of numbers."""
    if value is None or isinstance(value, int):
        return None if value is None else bounds.reporting_years([value])
    if isinstance(value, str):
        return tuple(words.years(value))
    if isinstance(value, Collection) and value and all(isinstance(one, str) for one in value):
        return tuple(words.years(",".join(map(str, value))))
    return bounds.reporting_years(value) if isinstance(value, Collection) else value


def _year(value: object) -> object:
    """One year, as people write it or as a number."""
    if isinstance(value, str):
        return words.year(value)
    return value if value is None else bounds.reporting_year(value)  # type: ignore[arg-type]  # it says what is none


def _chosen(kind: type[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "array", "items": {"type": "string", "enum": [one.value for one in kind]}})


_DAY = WithJsonSchema({"type": "string", "examples": ["2026-02-10", "2026-02-10T09:00:00+08:00"]})

Year = Annotated[
    int,
    Field(description="The year that reports are for, such as 2025.", ge=bounds.FIRST_YEAR, le=bounds.LAST_YEAR),
    BeforeValidator(_year),
]
Years = Annotated[
    tuple[int, ...] | None,
    BeforeValidator(_years),
    Field(description="Reporting years: 2024, 2019-2025 or 2019,2021; all if none is given."),
    WithJsonSchema({"type": "string", "examples": ["2019-2025", "2019,2021"]}),
]
Instant = Annotated[
    datetime | None,
    BeforeValidator(_written(partial(words.moment, name="as_of", end=True))),
    Field(description="As of when: the end of a day, or an instant (Beijing time if it names no zone). Now if none."),
    _DAY,
]
Since = Annotated[
    datetime,
    BeforeValidator(_written(partial(words.moment, name="since", end=False))),
    Field(description="After when: the beginning of a day, or an instant (Beijing time if it names no zone)."),
    _DAY,
]
SomeSince = Annotated[
    datetime | None,
    BeforeValidator(_written(partial(words.moment, name="since", end=False))),
    Field(description="Only what became known from then on: the beginning of a day, or an instant."),
    _DAY,
]
Until = Annotated[
    datetime | None,
    BeforeValidator(_written(partial(words.moment, name="until", end=True))),
    Field(description="Until when: the end of a day, or an instant (Beijing time if it names no zone). Now if none."),
    _DAY,
]
Kinds = Annotated[
    frozenset[AgencyKind] | None,
    BeforeValidator(_each(words.kind)),
    Field(description="Only agencies of this kind, by its English or Chinese name; may be repeated."),
    _chosen(AgencyKind),
]
Grades = Annotated[
    frozenset[EvidenceGrade] | None,
    BeforeValidator(_each(words.grade)),
    Field(description="Only what is founded so; may be repeated."),
    _chosen(EvidenceGrade),
]
AgencyName = Annotated[
    str, Field(description="An agency: its name, an alias, a unique part of its name, or its id.", min_length=1)
]
AgencyOrAddress = Annotated[
    str, Field(description="An agency, or an address: nianbao:AGENCY/YEAR@DIGEST.", min_length=1)
]
SomeYear = Annotated[Year | None, Field(description="The year that the report is for; an address says it itself.")]
Indicator = Annotated[
    str, Field(description="The id of an indicator, such as applications.received.total.", min_length=1)
]
Indicators = Annotated[
    list[Indicator],
    BeforeValidator(_several),
    Field(description="Ids of indicators; may be repeated.", min_length=1, max_length=bounds.MOST_VALUES),
]
EditionId = Annotated[str | None, Field(description="An edition by its id; the newest if none is given.")]
Codes = Annotated[int | None, Field(description="The year in whose division codes `place` is given.")]
Edition = Annotated[Which, Field(description="Which edition of a report counts of those known by then.")]
Stated = Annotated[
    bool, Field(description="Also what reports state in their text alone, where no table gives the figure.")
]


class Parameters(BaseModel):
    """What every question takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: Instant = None
    lang: Annotated[Lang, Field(description="Language of sentences and headings.")] = Lang.EN


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


# ---------------------------------------------------------------------------------------------- of each question


class Coverage(Narrowed, Paged):
    """Parameters of ``coverage``."""

    years: Years = None
    evidence: Grades = None


class Totals(Narrowed):
    """Parameters of ``totals``."""

    years: Years = None
    evidence: Grades = None


class Missing(Narrowed, Paged):
    """Parameters of ``missing``."""

    year: Year
    evidence: Grades = None


class Late(Missing):
    """Parameters of ``late``."""

    min_days: Annotated[int, Field(description="Only those at least so many days late.", ge=0)] = 0


class OneDuty(Parameters):
    """Parameters of questions about one agency's report for one year."""

    agency: AgencyName
    year: Year


class AgencyDuties(Parameters):
    """Parameters of ``agency_duties``."""

    agency: AgencyName
    years: Years = None
    evidence: Grades = None


class OneReport(Parameters):
    """Parameters of ``show``."""

    agency: AgencyOrAddress
    year: SomeYear = None
    edition: EditionId = None
    reader: Annotated[str | None, Field(description="As this former version of the reader read it.")] = None


class Difference(OneDuty):
    """Parameters of ``diff``."""

    a: Annotated[str | None, Field(description="The earlier edition; the one before `b` if none.")] = None
    b: Annotated[str | None, Field(description="The later edition; the newest if none.")] = None


class Cite(Parameters):
    """Parameters of ``cite``."""

    agency: AgencyOrAddress
    year: SomeYear = None
    edition: EditionId = None
    cell: Annotated[str | None, Field(description="A cell of the report: the id of an indicator.")] = None


class Search(Narrowed, Paged):
    """Parameters of ``search``."""

    query: Annotated[
        str,
        Field(
            description='All words must be there: 规划 "国土 空间" -矿产.',
            json_schema_extra={"minLength": 1, "maxLength": bounds.LONGEST_QUERY},  # its reader says more of it
        ),
    ]
    agency: Annotated[str | None, Field(description="Only agencies whose name has this.")] = None
    years: Years = None
    all_editions: Annotated[bool, Field(description="Former editions of each report too.")] = False
    snippets: Annotated[int, Field(description="Places shown of each report.", ge=0, le=bounds.MOST_SNIPPETS)] = (
        SNIPPETS
    )
    around: Annotated[
        int, Field(description="Characters shown on either side of a hit.", ge=1, le=bounds.MOST_AROUND)
    ] = AROUND


class Revisions(Narrowed, Paged):
    """Parameters of ``revisions``."""

    year: Annotated[Year | None, Field(description="Only reports for this year.")] = None
    since: SomeSince = None
    change: Annotated[
        list[str] | None, BeforeValidator(_several), Field(description="Only changes of this sort; may be repeated.")
    ] = None


class Check(Narrowed, Paged):
    """Parameters of ``check``."""

    agency: Annotated[str | None, Field(description="Only agencies whose name has this.")] = None
    years: Years = None
    code: Annotated[
        list[str] | None,
        BeforeValidator(_several),
        Field(description="Only these findings (docs/findings.md); may be repeated."),
    ] = None
    severity: Annotated[Severity, Field(description="Nothing below this.")] = Severity.INFO


class News(Narrowed, Paged):
    """Parameters of ``news``."""

    since: Since
    until: Until = None
    evidence: Grades = None


class IndicatorList(Parameters, Paged):
    """Parameters of ``indicators``."""

    text: Annotated[str | None, Field(description="Only those with this in their id, label or definition.")] = None


class Series(Narrowed, Paged):
    """Parameters of ``series``."""

    indicator: Indicators
    agency: Annotated[str | None, Field(description="Only agencies whose name has this.")] = None
    years: Years = None
    codes: Codes = None
    edition: Edition = Which.LAST
    stated: Stated = False


class SumTable(OfBodies, Paged):
    """Parameters of ``table``."""

    indicator: Indicators
    by: Annotated[By, Field(description="What the groups are.")] = By.ALL
    level: Annotated[Level, Field(description="The governments that are added up.")] = Level.COUNTY
    years: Years = None
    codes: Codes = None
    edition: Edition = Which.LAST
    stated: Stated = False


class Rank(OfBodies, Paged):
    """Parameters of ``rank``."""

    indicator: Indicator
    year: Year
    level: Annotated[Level, Field(description="The governments that are put in order.")] = Level.COUNTY
    ascending: Annotated[bool, Field(description="The least first.")] = False
    min_n: Annotated[int, Field(description="Rates of fewer cases stand apart.", ge=0)] = SMALL
    codes: Codes = None
    edition: Edition = Which.LAST


class CompareYears(OfBodies, Paged):
    """Parameters of ``compare_years``."""

    indicator: Indicator
    before: Year
    after: Year
    level: Annotated[Level, Field(description="The governments that are compared.")] = Level.COUNTY
    codes: Codes = None
    edition: Edition = Which.LAST


class Compare(Parameters):
    """Parameters of ``compare``."""

    indicator: Indicator
    body: Annotated[
        list[str],
        BeforeValidator(_several),
        Field(
            description="An agency, or a place for its government; repeat it.",
            min_length=1,
            max_length=bounds.MOST_BODIES,
        ),
    ]
    years: Years = None
    edition: Edition = Which.LAST


class RollUp(Parameters):
    """Parameters of ``rollup``."""

    place: Annotated[str, Field(description="The place of the government: its name or division code.", min_length=1)]
    year: Year


class OneBody(Parameters):
    """Parameters of ``body``."""

    agency: AgencyName


class Plain(Parameters, Paged):
    """Parameters of lists that nothing narrows."""


class Runs(Plain):
    """Parameters of ``runs``."""

    portal: Annotated[str | None, Field(description="The name of one portal.")] = None


class OfPlace(Narrowed, Paged):
    """Parameters of ``portals`` and ``non_reports``."""


class Rows(Narrowed, Paged):
    """Parameters of exported tables."""

    agency: Annotated[str | None, Field(description="Only agencies whose name has this.")] = None
    years: Years = None


class DutyRows(Rows):
    """Parameters of ``duties``."""

    evidence: Grades = None
    status: Annotated[
        frozenset[Status] | None,
        BeforeValidator(_each(words.status)),
        Field(description="Only duties with this status; may be repeated."),
        _chosen(Status),
    ] = None


class CellRows(Rows):
    """Parameters of ``cells``."""

    indicator: Annotated[
        list[Indicator],
        BeforeValidator(_several),
        Field(description="Ids of indicators; all places of the forms if none.", max_length=bounds.MOST_VALUES),
    ] = Field(default_factory=list)


class FigureRows(CellRows):
    """Parameters of ``figures``."""

    codes: Codes = None
    edition: Edition = Which.LAST


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
        raise bounds.QueryError(say("errors", Lang.EN, "error.query.extra_of", **names), code="query.extra_of", **names)


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
    return bounds.QueryError(say("errors", Lang.EN, f"error.{key}", **values), code=key, **values)


def _renamed(error: bounds.QueryError, field: str, name: str) -> bounds.QueryError:
    """The error that calls its parameter as the door does."""
    message = str(error)
    if field and message.startswith(f"{field} "):
        message = f"{name}{message.removeprefix(field)}"
    values: dict[str, Any] = error.values | ({"name": name} if error.values.get("name") == field else {})
    return bounds.QueryError(message, code=error.code, suggestions=error.suggestions, **values)


def _shown(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) else value
