"""The tables of an archive, each as a sheet that any format can write: duties, editions, cells, figures and so on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from archive.assessment.measures import Measure
from archive.exports.cell_rows import all_places, cell_rows, edition_rows, wide_rows
from archive.exports.duty_and_lead_rows import duty_rows, lead_rows
from archive.exports.figure_rows import figure_rows, figure_rows_wide
from archive.exports.files import safe_place
from archive.exports.finding_rows import agency_rows, check_rows, finding_rows, gap_rows, portal_rows, revision_rows
from archive.exports.formats.columns import About, Column, Row, Sheet, Written, row_maker, sheet
from archive.exports.writing import format_of, write_file
from archive.forms.loader import all_forms
from archive.projection.stale import fingerprint, made_from
from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.figures import indicators, measure_of
from archive.queries.figures_bodies import bodies
from archive.queries.frames import AnswerGrid, pandas_frame, polars_frame
from archive.queries.overview import check_years
from archive.queries.parameter_enums import Which
from archive.queries.stored import open_projections
from archive.queries.where import Chosen, Where, choose
from archive.queries.words import word
from storage.home import Home
from storage.records import EvidenceGrade, Status

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_EVERYTHING = Where()
_READER = "reader"  # how projections note who read for them (archive.projection.update)


class Table(StrEnum):
    """A table that can be exported."""

    DUTIES = "duties"
    LEADS = "leads"
    AGENCIES = "agencies"
    EDITIONS = "editions"
    CELLS = "cells"
    FIGURES = "figures"
    FINDINGS = "findings"
    CHECKS = "checks"
    REVISIONS = "revisions"
    PORTALS = "portals"
    GAPS = "gaps"
    INDICATORS = "indicators"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableQuestion:
    """What of a table is wanted. ``indicators``: ids (none: all places of the forms); ``wide``: a column for each.

    ``evidence``, ``statuses``: of duties, only those founded so, and with these.
    """

    table: Table
    where: Where = _EVERYTHING
    years: tuple[int, ...] | None = None
    as_of: datetime | None = None
    which: Which = Which.LAST
    indicators: tuple[str, ...] = ()
    wide: bool = False
    evidence: frozenset[EvidenceGrade] | None = None
    statuses: frozenset[Status] | None = None


def answer(home: Home, question: TableQuestion) -> tuple[Sheet, About]:
    """The table that a question asks for, whose rows are looked up as they are walked, and what it says of itself.

    Raises NotKnownError where a place, agency, year or indicator of which nothing is known is named, ValueError for a
    year of division codes that are not known.
    """
    as_of = instant_of_question(home, question.as_of)
    question = replace(question, years=bounds.reporting_years(question.years))
    bounds.at_most(question.indicators, "indicators")
    chosen = choose(home, question.where)
    bodies(Chosen(portals={}, agencies={}), question.where.codes)  # a year without codes is told before any row
    check_years(home, chosen, question.years)
    wanted = _measures(question)
    made = _sheet(home, question, chosen, wanted, as_of)
    return made, about(home, as_of, _asked(question), chosen)


def _measures(question: TableQuestion) -> tuple[Measure, ...] | None:
    """The indicators asked for, each once; None: all places of the forms."""
    if not question.indicators:
        return None
    return tuple({one.id: one for one in map(measure_of, question.indicators)}.values())


def _sheet(
    home: Home, question: TableQuestion, chosen: Chosen, measures: Sequence[Measure] | None, as_of: datetime
) -> Sheet:
    years, table = question.years, question.table
    if table is Table.CELLS and question.wide:
        columns = all_places() if measures is None else measures
        return sheet("cells_wide", wide_rows(home, chosen, columns, years=years, as_of=as_of), columns)
    if table is Table.CELLS:
        places = None if measures is None else [place for one in measures for place in one.places]
        return sheet("cells", cell_rows(home, chosen, places, years=years, as_of=as_of))
    if table is Table.FIGURES:
        measures_asked = all_places() if measures is None else measures
        how = {"years": years, "as_of": as_of, "which": question.which, "codes": question.where.codes}
        if question.wide:
            return sheet("figures_wide", figure_rows_wide(home, chosen, measures_asked, **how), measures_asked)
        return sheet("figures", figure_rows(home, chosen, measures_asked, **how))
    return sheet(table.value, _plain_rows(home, question, chosen, years, as_of))


def _plain_rows(
    home: Home, question: TableQuestion, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> Iterable[Row]:
    made: dict[Table, Callable[[], Iterable[Row]]] = {
        Table.DUTIES: lambda: _such(_of_years(duty_rows(home, question.where, as_of=as_of), years), question),
        Table.LEADS: lambda: _of_years(lead_rows(home, question.where), years),
        Table.AGENCIES: lambda: agency_rows(chosen),
        Table.EDITIONS: lambda: edition_rows(home, chosen, years=years, as_of=as_of),
        Table.FINDINGS: lambda: finding_rows(home, chosen, years=years, as_of=as_of),
        Table.CHECKS: lambda: check_rows(home, question.where, chosen, years=years, as_of=as_of),
        Table.REVISIONS: lambda: revision_rows(home, question.where, years=years, as_of=as_of),
        Table.PORTALS: lambda: portal_rows(home, chosen, as_of=as_of),
        Table.GAPS: lambda: gap_rows(home, chosen, years=years, as_of=as_of, unjudged=unjudged(home, chosen)),
        Table.INDICATORS: _indicator_rows,
    }
    return made[question.table]()


def _such(rows: Iterable[Row], question: TableQuestion) -> Iterable[Row]:
    """The duties founded so, and with such a status."""
    evidence, statuses = question.evidence, question.statuses
    return (
        row
        for row in rows
        if (evidence is None or row["evidence"] in evidence) and (statuses is None or row["status"] in statuses)
    )


def unjudged(home: Home, chosen: Chosen) -> tuple[str, ...]:
    """The portals of which something was captured that is not read or judged yet, or was by other code."""
    now = home.clock.now()
    with open_projections(home) as store:
        noted = made_from(store)
    return tuple(name for name, portal in chosen.portals.items() if noted.get(name) != fingerprint(home, portal, now))


def _indicator_rows() -> Iterator[Row]:
    make = row_maker("indicators")
    for line in indicators():
        crossed = {name: [one.text("en") for one in getattr(line, name)] for name in ("same", "near", "apart")}
        yield make(line=line, **crossed)


def _of_years(rows: Iterable[Row], years: Collection[int] | None) -> Iterable[Row]:
    return rows if years is None else (row for row in rows if row["year"] in years)


def _asked(question: TableQuestion) -> str:
    """The question in words, as a file should say it."""
    parts = [f"table {question.table.value}" + (" (wide)" if question.wide else ""), *narrowed(question)]
    parts += ["indicators " + ", ".join(question.indicators)] if question.indicators else []
    if question.table is Table.FIGURES:
        parts.append(f"the {question.which.value} edition of each report known by then counts")
    return "; ".join(parts)


def narrowed(question: TableQuestion, lang: str = "en") -> list[str]:
    """What narrows a question, in words of ``lang`` (``en``, ``zh``); nothing where it asks for everything."""
    where = question.where
    given = {
        "place": where.place,
        "portal": where.portal,
        "agency": where.agency,
        "kinds": where.kinds and ", ".join(sorted(where.kinds)),
        "codes": where.codes,
        "evidence": question.evidence and ", ".join(sorted(question.evidence)),
        "status": question.statuses and ", ".join(sorted(question.statuses)),
        "years": question.years and ", ".join(map(str, question.years)),
    }
    return [f"{word('narrowed', name, lang)} {value}" for name, value in given.items() if value]


def about(home: Home, as_of: datetime, asked: str, chosen: Chosen) -> About:
    """What a file says of where it comes from: the portals are its sources."""
    with open_projections(home) as store:
        reader = store.meta(_READER) or "unknown"
    return About(
        as_of=as_of,
        software=f"nianbao/{version('nianbao')}",
        reader=reader,
        asked=asked,
        simulated=home.simulated,
        sources=tuple(
            (f"{one.place} {one.name}", f"http://{one.hosts[0]}/") for one in chosen.portals.values() if one.hosts
        ),
        forms=tuple((one.name, f"{one.title}，{one.source}") for one in all_forms()),
    )


class Export:
    """A table of an archive. It is asked for anew each time that it is walked, framed or written.

    ``columns``: what stands in it; ``about``: as of when, read by which reader, from which portals.
    """

    def __init__(self, home: Home, question: TableQuestion) -> None:
        self._home, self._question = home, question
        sheet, self.about = answer(home, question)
        self.columns: tuple[Column, ...] = sheet.columns

    def __iter__(self) -> Iterator[Row]:
        """The rows, one by one: no more of the archive is in memory than one portal."""
        return iter(self._sheet()[0].rows)

    def _sheet(self) -> tuple[Sheet, About]:
        return answer(self._home, self._question)

    def _grid(self) -> AnswerGrid:
        return AnswerGrid({one.name: one.kind for one in self.columns}, map(dict, self))

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame with nullable types."""
        return pandas_frame(self._grid())

    def to_polars(self) -> pl.DataFrame:
        """The rows as a polars frame."""
        return polars_frame(self._grid())

    def write(self, path: str | Path, fmt: str | None = None, *, bom: bool = False) -> Written:
        """Write the table to a file by its ending (or ``fmt``), with dictionary and descriptor beside.

        Raises UnknownFormatError, LackingError, and PlaceError for a place among the archive's own files.
        """
        place = safe_place(self._home, Path(path))
        sheet, about = self._sheet()
        return write_file(sheet, about, format_of(fmt, place), place, bom=bom)
