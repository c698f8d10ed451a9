"""Make the tables that can be exported (duties, editions, cells …), each as a sheet that any format can write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from archive.assessment.measures import Measure, measures
from archive.exports.edition_rows import (
    all_places,
    cell_rows,
    edition_rows,
    figure_rows,
    wide_cell_rows,
    wide_figure_rows,
)
from archive.exports.formats.columns import About, ExportColumn, Row, Sheet, Written, row_maker, sheet
from archive.exports.panel import panel_sheet, places_sheet
from archive.exports.report_rows import (
    agency_rows,
    check_rows,
    duty_rows,
    finding_rows,
    gap_rows,
    lead_rows,
    portal_rows,
    revision_rows,
)
from archive.exports.writing import format_of, mark_simulated, safe_place, write_file
from archive.forms.loader import all_forms
from archive.projection.update import waiting
from archive.queries import bounds
from archive.queries.agency_divisions import agency_divisions
from archive.queries.bounds import QueryError, Which
from archive.queries.figure_answers import indicators, measures_of
from archive.queries.frames import AnswerGrid, Framed
from archive.queries.selection import Selection
from archive.queries.where import EVERYTHING, Where, choose
from archive.queries.words import word
from storage.home import Home
from storage.records import EvidenceGrade, Status

WIDE = "_wide"  #: ending of the names of tables with a column for each indicator
_MANY_AGENCIES = 1_000  # fewer take less time than other processes take to start
_READER = "reader"  # key under which projections note the version of the reader (archive.projection.update)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableQuestion:
    """A table (a name in ``columns.toml``) and what to include. ``indicators``: ids (none: all of the forms).
    ``evidence``, ``statuses``: only duties with one of these grades and statuses. ``processes``: how many other
    processes make a panel of many agencies (0: none); they import the main module, as ``multiprocessing`` does.
    """

    table: str
    where: Where = EVERYTHING
    which: Which = Which.LAST
    indicators: tuple[str, ...] = ()
    evidence: frozenset[EvidenceGrade] | None = None
    statuses: frozenset[Status] | None = None
    processes: int = 0

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The indicators asked for, each once; by default all of the panel or the forms. Raises NotKnownError."""
        if self.indicators:
            return measures_of(self.indicators)
        return tuple(measures().values()) if self.table in _PANELS else all_places()


def answer(home: Home, question: TableQuestion) -> tuple[Sheet, About]:
    """Return the table that a question asks for, with rows that are read during iteration, and its description. Raises
    NotKnownError for an unknown place, agency, year or indicator, ValueError for an unknown year of division codes.
    """
    bounds.at_most(question.indicators, "indicators")
    chosen = choose(home, question.where)
    agency_divisions({}, {}, question.where.codes)  # refuses an unknown year of codes before any row is written
    chosen.check_years()
    measures = question.measures
    if question.table in _PANELS:
        processes = question.processes if chosen.agency_count >= _MANY_AGENCIES else 0
        table = _PANELS[question.table](chosen, measures, processes)
    elif (name := question.table) in TABLES:
        table = sheet(name, TABLES[name](chosen, question), measures if name.endswith(WIDE) else ())
    else:
        raise QueryError(code="query.no_choice", name="table", every=", ".join((*TABLES, *_PANELS)))
    return mark_simulated(table, home), about(chosen, _question_in_words(question))


def _cell_rows(chosen: Selection, question: TableQuestion) -> Iterable[Row]:
    places = {place for one in question.measures for place in one.places}
    return cell_rows(chosen, places if question.indicators else None)


def _indicator_rows() -> Iterator[Row]:
    """Yield a row for each indicator, with the English words of what other forms have in its place."""
    make = row_maker("indicators")
    for line in indicators():
        crossed = {name: [one.text("en") for one in getattr(line, name)] for name in ("same", "near", "apart")}
        yield make(line=line, **crossed)


#: the rows of each table but the panels, by its name in ``columns.toml``
TABLES: Mapping[str, Callable[[Selection, TableQuestion], Iterable[Row]]] = {
    "duties": lambda chosen, one: duty_rows(chosen, one.statuses, one.evidence),
    "leads": lambda chosen, _: lead_rows(chosen),
    "agencies": lambda chosen, _: agency_rows(chosen),
    "editions": lambda chosen, _: edition_rows(chosen),
    "cells": _cell_rows,
    "cells_wide": lambda chosen, question: wide_cell_rows(chosen, question.measures),
    "figures": lambda chosen, one: figure_rows(chosen, one.measures, one.which, one.where.codes),
    "figures_wide": lambda chosen, one: wide_figure_rows(chosen, one.measures, one.which, one.where.codes),
    "findings": lambda chosen, _: finding_rows(chosen),
    "checks": lambda chosen, _: check_rows(chosen),
    "revisions": lambda chosen, _: revision_rows(chosen),
    "portals": lambda chosen, _: portal_rows(chosen),
    "gaps": lambda chosen, _: gap_rows(chosen, waiting(chosen.home, chosen.portals, unread=True)),
    "indicators": lambda _, __: _indicator_rows(),
}
_PANELS: Mapping[str, Callable[[Selection, Sequence[Measure], int], Sheet]] = {
    "panel": panel_sheet,
    "panel_places": places_sheet,
}


def _question_in_words(question: TableQuestion) -> str:
    """Return the question in English, for the description in a file."""
    name = question.table.removesuffix(WIDE)
    parts = [f"table {name}" + (" (wide)" if name != question.table else ""), *narrowed(question)]
    parts += ["indicators " + ", ".join(question.indicators)] if question.indicators else []
    if name == "figures":
        parts.append(f"the {question.which.value} edition of each report known by then counts")
    return "; ".join(parts)


def narrowed(question: TableQuestion, lang: str = "en") -> list[str]:
    """Return the restrictions of a question in words of ``lang`` (``en``, ``zh``); empty if it has none."""
    where = question.where
    values = {
        "place": where.place,
        "portal": where.portal,
        "agency": where.agency,
        "kinds": where.kinds and ", ".join(sorted(where.kinds)),
        "codes": where.codes,
        "evidence": question.evidence and ", ".join(sorted(question.evidence)),
        "status": question.statuses and ", ".join(sorted(question.statuses)),
        "years": where.years and ", ".join(map(str, sorted(set(where.years)))),
    }
    return [f"{word('narrowed', name, lang)} {value}" for name, value in values.items() if value]


def about(chosen: Selection, question: str) -> About:
    """Return the description of a file: time, versions, the question, and the portals as sources."""
    return About(
        as_of=chosen.as_of,
        software=f"nianbao/{version('nianbao')}",
        reader=chosen.store.meta(_READER) or "unknown",
        question=question,
        simulated=chosen.home.simulated,
        sources=tuple(
            (f"{one.place} {one.name}", f"http://{one.hosts[0]}/") for one in chosen.portals.values() if one.hosts
        ),
        forms=tuple((one.name, f"{one.title}，{one.source}") for one in all_forms()),
    )


class Export(Framed):
    """A table of an archive; each iteration, data frame and file reads its rows from the archive again. ``columns``:
    its columns; ``about``: the time it is as of, the version of the reader, the portals; ``sheet``: the table as of
    that time, with rows that are read during iteration, once; only one portal is in memory at a time.
    """

    def __init__(self, home: Home, question: TableQuestion) -> None:
        self._home, self._question = home, question
        self.sheet, self.about = answer(home, question)
        self.provenance = self.about
        self.columns: tuple[ExportColumn, ...] = self.sheet.columns

    def __repr__(self) -> str:
        return f"<nianbao table {self._question.table} of {len(self.columns)} columns>"

    def __iter__(self) -> Iterator[Row]:
        return iter(answer(self._home, self._question)[0].rows)

    def grid(self, part: str | None = None) -> AnswerGrid:
        """Return the rows with their columns, for a data frame; ``part`` is ignored."""
        del part
        return AnswerGrid({one.name: one.kind for one in self.columns}, map(dict, self))

    def write(self, path: str | Path, fmt: str | None = None, *, bom: bool = False) -> Written:
        """Write the table in the format of the ending (or ``fmt``; ``bom``: CSV for Excel), dictionary and descriptor
        beside it. Raises UnknownFormatError, LackingError, and PlaceError for a place among the archive's own files.
        """
        place = safe_place(self._home, Path(path))
        sheet, about = answer(self._home, self._question)
        return write_file(sheet, about, format_of(fmt, place), place, bom=bom)
