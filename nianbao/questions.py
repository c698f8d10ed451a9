"""Load the questions that the program answers, each defined once in ``questions.toml``.

Each entry becomes a route of the HTTP API, a command, a method of ``nianbao.open(…)``, and (if it is a list) a web page
and files. docs/add-a-question.md says how to add one. The modules of a question are imported only when it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from inspect import signature
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from archive.assessment.data_files import data_file
from archive.queries import words
from archive.queries.bounds import QueryError, Which
from archive.queries.frames import listed_records
from nianbao.messages import messages
from nianbao.parameters import Narrowed, Parameters, Rows, parameter_model

if TYPE_CHECKING:
    from datetime import datetime

    from archive.exports.tables import TableQuestion
    from archive.queries import results
    from archive.queries.citing import CitationAddress
    from nianbao.language import Language
    from storage.home import Home

_OPTION = re.compile(r"--(\w+)")
#: parameter of a query function → name of the same parameter in questions
_CALLED = {
    "which": "edition", "names": "indicator", "name": "indicator", "most_snippets": "snippets",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that command line, API, Python and pages can ask, as ``questions.toml`` defines it.

    ``zh``, ``en``: what it answers. ``query``: the function that answers it, as ``module:function``; it is called with
    the archive as ``home``, the agencies, years and time as ``where``, and each parameter that it names. ``gives``: the
    type of its answer in ``archive/queries``, as ``module:type``.

    ``takes``: its parameters, as keys of PARAMETERS; ``where``: further parameters that filter agencies (a key of
    ``_NARROWED`` in ``parameters.py``). ``arguments``: the parameters that the command takes without their names, in
    this order; one with several values takes all the rest. ``group``: the section of its command in help. ``command``:
    the command that asks it, if that is not its own name. ``terminal``: the function of ``nianbao/cli/answers`` that
    prints the answer (none: as a table). ``example``: parameters that work on the demonstration's archive.

    ``lines``: the fields of the answer that hold its lines, in this order; ``only_lines``: the answer is a sequence of
    lines of type ``gives``; neither: it is one record. ``key``: the fields that identify a line (none: all; for a table
    those in ``columns.toml``). ``slim``: the columns that people see; ``sentence`` is in their language. ``by_time``:
    the column of instants by which the lines ascend, so that people can be shown the latest first. ``windowed``: the
    query itself takes ``limit`` and ``offset``, passed to :meth:`ask`, instead of returning all lines. ``has_as_of``:
    False if the query takes no ``as_of``. ``table``: the exported table with its lines; it has no query then.
    """

    name: str
    zh: str
    en: str
    takes: tuple[str, ...] = ()
    where: str = ""
    gives: str = ""
    query: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    group: str = ""
    command: str = ""
    terminal: str = ""
    slim: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    only_lines: bool = False
    key: tuple[str, ...] = ()
    windowed: bool = False
    by_time: str = ""
    has_as_of: bool = True
    table: str | None = None

    @property
    def parameters(self) -> type[Parameters]:
        """Return the pydantic model of the question's parameters."""
        where = "table" if self.table else self.where
        return parameter_model(self.takes, where, is_paged=self.is_list, has_as_of=self.has_as_of)

    @property
    def is_list(self) -> bool:
        """True if the answer is a list, which can be read page by page."""
        return bool(self.lines) or self.only_lines or self.table is not None

    @property
    def answer(self) -> Any:
        """Return the type of the answer; None for an exported table."""
        return resolve_name(f"archive.queries.{self.gives}") if self.gives else None

    @property
    def item(self) -> Any:
        """Return the type of a line; None for an exported table, and for an answer that is one record."""
        if self.lines:
            return listed_records(self.answer)[self.lines[0]]
        return self.answer if self.only_lines else None

    def meaning(self, parameter: str) -> str:
        """Return what a parameter means, from the help of the question's command, with options as plain names."""
        if parameter == "lang":  # help's text speaks of the terminal
            return "Language of sentences and headings."
        texts = messages("help")
        entry = texts.get(f"{self.command or self.name}.{parameter}") or texts.get(f"option.{parameter}")
        return _OPTION.sub(r"`\1`", entry["en"]) if entry else ""

    def ask(self, home: Home | None, parameters: Parameters, **more: Any) -> Any:
        """Answer the question; ``more``: further arguments of the query. An exported table is an ``Export``, whose rows
        are read during iteration. Raises the errors of the query.
        """
        if self.table is not None:
            from archive.exports.tables import Export

            assert home is not None
            assert isinstance(parameters, Rows)
            return Export(home, table_question(self.table, parameters))
        query = resolve_name(self.query)
        arguments: dict[str, Any] = {"home": home, **more}
        if isinstance(parameters, Narrowed):
            arguments["where"] = parameters.where()
        fields = type(parameters).model_fields
        for one in signature(query).parameters:
            name = one if one in fields else _CALLED.get(one, one)  # some queries use another name
            if name in fields:
                arguments.setdefault(one, getattr(parameters, name))
        return query(**{one: arguments[one] for one in signature(query).parameters if one in arguments})


def table_question(table: str, parameters: Rows, *, wide: bool = False) -> TableQuestion:
    """Return the query for the rows of an exported table. ``wide``: with a column for each indicator."""
    from archive.exports.tables import TABLES, WIDE, TableQuestion

    return TableQuestion(
        table=f"{table}{WIDE}" if wide and f"{table}{WIDE}" in TABLES else table,
        where=parameters.where(),
        which=getattr(parameters, "edition", Which.LAST),
        indicators=tuple(getattr(parameters, "indicator", ())),
        evidence=getattr(parameters, "evidence", None),
        statuses=getattr(parameters, "status", None),
    )  # fmt: skip


def _read_questions() -> Mapping[str, Question]:
    """Read questions.toml; an exported table gets the command ``export NAME``."""
    questions = {}
    for name, entry in data_file("questions.toml", "nianbao").items():
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        if "table" in entry:
            values["command"] = f"export {name}"
        questions[name] = Question(name=name, **values)
    return questions


_BY_NAME = _read_questions()
QUESTIONS: tuple[Question, ...] = tuple(_BY_NAME.values())
_GROUPED = {one.name for one in QUESTIONS if one.is_list and not one.table and one.group}
#: questions whose list has a page of its own: those that help shows, but two that are no plain lists; portals and runs
LISTS = frozenset(_GROUPED - {"coverage", "table"} | {"portals", "runs"})


def question(name: str) -> Question:
    """Return the question of this name. Raises KeyError."""
    return _BY_NAME[name]


def parameters_of_table(name: str) -> type[Rows]:
    """Return the parameters of an exported table: those of its question, or if it has none those of all tables."""
    one = _BY_NAME.get(name)
    model = one.parameters if one is not None and one.table is not None else Rows
    assert issubclass(model, Rows)
    return model


# ---------------------------------------------------------------------------------------------- queries defined here


def status(home: Home, agency: str, year: int | None, as_of: datetime | None) -> results.Verdict:
    """Return the status of a report by agency and year, or by an identifier, also of an edition or a cell of it."""
    from archive.queries import verdict

    name, year, instant = _report_meant(agency, year, as_of)
    return verdict.status(home, name, year, as_of=instant)


def cite_absence(home: Home, agency: str, year: int | None, as_of: datetime | None) -> results.CitableAbsence:
    """Return the citation of an absence, by agency and year or by an identifier."""
    from archive.queries import citing

    name, year, instant = _report_meant(agency, year, as_of)
    return citing.cite_absence(home, name, year, as_of=instant)


def _report_meant(agency: str, year: int | None, as_of: datetime | None) -> tuple[str, int, datetime | None]:
    """Return agency, year and instant of a report. If ``agency`` is an identifier, as pages print them, they are its
    own; its day counts unless ``as_of`` is given.
    """
    address = _address(agency, year)
    if not address:
        return agency, _needed(year), as_of
    if as_of is None and address.day:
        as_of = words.moment(address.day, "as_of", end=True)
    return address.agency, address.year, as_of


def _address(agency: str, *others: object) -> CitationAddress | None:
    """Return the address that ``agency`` is, or the id of a report or edition, as screens show it; None of the name of
    an agency. Raises QueryError if anything else is given beside an address.
    """
    from archive.queries import citing

    address = citing.parse_address(agency) if agency.startswith(citing.SCHEME) else citing.identified(agency)
    if address and any(one is not None for one in others):
        raise QueryError(code="query.address_alone")
    return address


def show(home: Home, agency: str, year: int | None, edition: str | None, reader: str | None) -> results.Report:
    """Return a report by agency and year; ``agency`` may be an address (``nianbao:…``) or the id of a report or
    edition, beside which neither ``year`` nor ``edition`` may be given. ``reader``: the version of our reader that read
    it (None: the present one).
    """
    from archive.queries import citing, reports

    address = _address(agency, year, edition)
    if address:
        return citing.report_at(home, address, reader)
    return reports.show(home, agency, _needed(year), edition, reader)


def cite(home: Home, agency: str, year: int | None, edition: str | None, cell: str | None) -> results.Citation:
    """Return the citation of a report or one of its cells, by agency and year or by an address (``nianbao:…``)."""
    from archive.queries import citing

    address = _address(agency, year, edition, cell)
    return citing.citation_of(home, show(home, agency, year, edition, None), address.cell if address else cell)


def _needed(year: int | None) -> int:
    if year is None:
        raise QueryError(code="query.report_year")
    return year


def runs(home: Home, portal: str | None, lang: Language) -> tuple[results.RunLine, ...]:
    """List crawls, each with its note in the reader's language."""
    from archive.queries.overview import runs as list_runs
    from nianbao.sentences import run_sentence

    return tuple(replace(one, note=run_sentence(one.note, one.notes, lang)) for one in list_runs(home, portal))
