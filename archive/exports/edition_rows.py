"""Make the rows of exports about editions, their cells and their figures, each with its provenance.

Rows are made portal by portal, so that one portal is in memory at a time, without texts and cells of its readings.
Tables are long (a row for each number) or wide (a column for each indicator).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Row as StoredRow
from sqlalchemy import func, select

from archive.assessment.figures import FigureCell, FigureState, figure
from archive.assessment.measures import Measure, measures
from archive.exports.formats.columns import STATE, Row, row_maker
from archive.forms.loader import known_form, load_forms, old_form
from archive.queries.agency_divisions import agency_divisions
from archive.queries.bounds import Which
from archive.queries.evidence import last_seen
from archive.queries.figure_answers import FigureLine
from archive.queries.figures import FigureMaker
from archive.queries.figures_rows import report_rows
from archive.queries.reports import english_label, place_labels
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection
from archive.queries.stored import fetch
from archive.queries.withheld_content import Outgoing
from archive.queries.withholding import HIDDEN, withheld
from storage.captures import CaptureStore
from storage.reading_rows import cells_of, doubt_of
from storage.records import Capture, CaptureRole, CellState, Edition, StoredCell, editions_by_report, editions_known

_BATCH_EDITIONS = 50  # editions with cells in memory at once
_CELL_COLUMNS = (
    "indicator", "section", "form_row", "form_column", "unit", "label_en", "value", "state", "raw", "flags",
    "cell_doubted",
)  # fmt: skip
#: why a printed cell holds no number
_STATES = {CellState.PRINTED: FigureState.TEXT, CellState.BLANK: FigureState.BLANK, CellState.MARK: FigureState.MARK}
#: marks about one figure; all others are about the whole report
_OF_ONE_FIGURE = frozenset({"doubted", "small_n"})


def all_places() -> tuple[Measure, ...]:
    """Return the indicators of the national forms as measures, in the order of the newest form. The free table of
    before 2019 is left out: no report has both, and rows would be twice as wide. Users can name its indicators, and the
    long table of cells contains them all.
    """
    national = {name for form in load_forms() for name in form.places}
    return tuple(one for one in measures().values() if one.id in national)


# ------------------------------------------------------------------------------------------- where editions come from

_OF_REPORTS = (CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING)
#: The columns that say where a row comes from.
_PROVENANCE = ("url", "fetched_at", "record", "warc_file", "warc_offset", "document", "content_digest", "reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEdition:
    """An edition as known at the time asked about (``as_of``). ``is_last``: it is the newest of its report; ``head``:
    the row of its reading, without text and cells; ``captures``: those made by then; ``source``: the capture of the
    document with the cells; ``url``: its address without withheld words; ``secret``: a ruling withholds the edition.
    """

    agency_line: AgencyLine
    edition: Edition
    last_seen: datetime
    is_last: bool
    head: StoredRow[Any] | None
    captures: tuple[Capture, ...]
    source: Capture | None
    url: str | None
    secret: bool

    @property
    def in_order(self) -> list[Capture]:
        """Its captures in the order of ``edition.captures``."""
        return sorted(self.captures, key=lambda one: self.edition.captures.index(one.id))

    @property
    def form(self) -> str | None:
        """The name of the report's form; None if no table was read, or a ruling withholds the edition."""
        return self.head.form if self.head is not None and not self.secret else None


def held_editions(chosen: Selection) -> Sequence[HeldEdition]:
    """Return the chosen editions (contents of reports over time) of one portal, by agency, year and their order."""
    (portal,) = chosen.portals
    of_report = editions_by_report(
        one
        for one in editions_known(chosen.store.editions(portal), chosen.as_of)
        if one.agency in chosen.agencies and (chosen.years is None or one.year in chosen.years)
    )
    if not of_report:
        return ()
    heads = _reading_heads(chosen, portal)
    captures = {one.id: one for one in CaptureStore(chosen.home).for_portal(portal, _OF_REPORTS)}
    line_of = cache(chosen.line)
    entries: list[HeldEdition] = []
    for _, group in sorted(of_report.items()):
        for edition in group:
            own = (captures[name] for name in edition.captures if name in captures)
            then = (one for one in own if one.fetched_at <= chosen.as_of and edition.knows(one.source, one.fetched_at))
            by_then = sorted(then, key=attrgetter("fetched_at", "url", "id"))
            documents = (edition.cells_from, edition.main)
            source = next((one for name in documents for one in by_then if name and one.document == name), None)
            entry = HeldEdition(
                agency_line=line_of(edition.agency),
                edition=edition,
                last_seen=last_seen(edition, by_then, chosen.as_of),
                is_last=edition is group[-1],
                head=heads.get(edition.cells_document),
                captures=tuple(by_then),
                source=source,
                url=chosen.out.address(source.url) if source else None,
                secret=chosen.out.ruled.hides(edition),
            )
            entries.append(entry)
    return entries


def _reading_heads(chosen: Selection, portal: str) -> Mapping[str, StoredRow[Any]]:
    """Return the readings of a portal's editions, without text and cells, by the document with the cells."""
    table, editions = chosen.store.tables.readings, chosen.store.tables.editions
    of_edition = table.c.document == func.coalesce(editions.c.cells_from, editions.c.main)
    columns = (table.c[name] for name in ("document", "reader", "kind", "title", "form", "from_pictures"))
    query = select(*columns).join(editions, of_edition).where(editions.c.portal == portal)
    return {row.document: row for row in fetch(chosen.store, query)}


def provenance(edition: HeldEdition | None) -> dict[str, object]:
    """Return the columns that say where a row comes from; all None if there is no edition, or it is withheld."""
    if edition is None or edition.secret:
        return dict.fromkeys(_PROVENANCE)
    source = edition.source
    place = source.warc if source is not None else None
    return {
        "url": edition.url,
        "fetched_at": source.fetched_at if source else None,
        "record": source.id if source else None,
        "warc_file": place.file if place else None,
        "warc_offset": place.offset if place else None,
        "document": edition.edition.cells_document,
        "content_digest": edition.edition.content_digest,
        "reader": edition.head.reader if edition.head else None,
    }


class Sources:
    """Finds the provenance of rows that name an edition or a document; keeps one portal's editions in memory."""

    def __init__(self, chosen: Selection) -> None:
        every = replace(chosen, years=None)  # a row may name the report of another year
        self._portals = {name: one for one in every.by_portal() for name in one.portals}
        self._portal: str | None = None  # whose editions are in memory, by their ids and documents
        self._editions: dict[str, HeldEdition] = {}

    def provenance_of(self, portal: str, *names: str | None) -> dict[str, object]:
        """Return the columns of provenance of the first of ``names`` (ids of editions, digests of documents) that
        belongs to an edition of ``portal``, else all None. Ask portal by portal: each new one has its editions read.
        """
        if portal != self._portal:
            self._portal, self._editions = portal, {}
            for one in held_editions(self._portals[portal]) if portal in self._portals else ():
                for name in (one.edition.id, one.edition.cells_document, one.edition.main, *one.edition.documents):
                    self._editions.setdefault(name, one)
        entry = next((self._editions[name] for name in names if name in self._editions), None)
        return {"edition": entry.edition.id if entry else None, **provenance(entry)}


# ---------------------------------------------------------------------------------------------- editions and cells


@dataclass(frozen=True, slots=True)
class EditionCells:
    """The cells of one document by id, and the ids of those that the reader doubts."""

    cells: Mapping[str, StoredCell]
    doubted: Sequence[str]

    def figure_cells(self) -> dict[str, FigureCell]:
        """Return each printed cell with its number."""
        doubted = frozenset(self.doubted)
        return {name: FigureCell(cell.state, cell.value, name in doubted) for name, cell in self.cells.items()}


def _each_edition(chosen: Selection) -> Iterator[tuple[HeldEdition, EditionCells | None]]:
    """Yield the chosen editions (contents of reports), by portal, each with its cells (None: unread, or withheld)."""
    for one in chosen.by_portal():
        editions = held_editions(one)
        for start in range(0, len(editions), _BATCH_EDITIONS):
            batch = editions[start : start + _BATCH_EDITIONS]
            cells = stored_cells(chosen, {entry.edition.cells_from for entry in batch if not entry.secret})
            for entry in batch:
                yield entry, None if entry.secret else cells.get(entry.edition.cells_from or "")


def stored_cells(chosen: Selection, documents: Collection[str | None]) -> dict[str, EditionCells]:
    """Return the cells of documents, by digest (SHA-256). None, unread documents, those without cells are left out."""
    tables = chosen.store.tables
    # ``cells`` has the figures and doubts as columns, ``cell_notes`` every cell as it was read, packed
    readings, figures, notes = tables.readings, tables.cells, tables.cell_notes
    query = (
        select(readings.c.document, figures.c.doubts, notes.c.notes)
        .join(figures, figures.c.no == readings.c.no)
        .join(notes, notes.c.no == readings.c.no)
        .where(readings.c.document.in_(sorted(one for one in documents if one)))
    )
    return {
        document: EditionCells(
            cells_of(packed), [name for at, name in enumerate(tables.indicators) if doubt_of(doubts, at)]
        )
        for document, doubts, packed in fetch(chosen.store, query)
    }


def edition_rows(chosen: Selection) -> Iterator[Row]:
    """Yield a row for each edition (content of a report) seen by the time asked about; withheld ones lack content."""
    make, out = row_maker("editions"), chosen.out
    for entry, stored in _each_edition(chosen):
        edition, head = entry.edition, None if entry.secret else entry.head
        printed = stored.cells.values() if stored is not None else ()
        numbers = sum(one.value is not None for one in printed)
        title = out.text(head.title) if head is not None else None
        yield make(
            agency_line=entry.agency_line,
            line=edition,
            entry=entry,
            title=HIDDEN if entry.secret else title,
            document_kind=head.kind if head is not None else None,
            track=None if entry.secret else out.address(edition.track),
            captures=len(entry.captures),
            printed=None if stored is None else numbers,
            without_number=None if stored is None else len(printed) - numbers,
            doubted=None if stored is None else len(stored.doubted),
            findings=list(dict.fromkeys(one.code for one in edition.findings)),
            **provenance(entry),
        )


def cell_rows(chosen: Selection, names: Collection[str] | None) -> Iterator[Row]:
    """Yield a row for each indicator of each edition's form, and for each other cell: its number, or why it has none.
    ``names``: only of these (None: of all). An edition that is withheld, or in which no table was read, has no rows.
    """
    make = row_maker("cells")
    for entry, stored in _each_edition(chosen):
        if stored is None:
            continue
        own = make(agency_line=entry.agency_line, entry=entry, **dict.fromkeys(_CELL_COLUMNS), **provenance(entry))
        cells, doubts = stored.cells, set(stored.doubted)
        form = known_form(entry.form)
        places = [*form.places] if form else []
        if form is not None and form.name == old_form().name:  # a free table has no fixed rows: only those it prints
            places = [one for one in places if one in cells]
        labels = place_labels(form.name if form else None)
        for name in (*places, *sorted(set(cells) - set(places))):
            if names is None or name in names:
                label = labels.get(name)
                place = {
                    "indicator": name,
                    "section": label and label.section,
                    "form_row": label and label.row,
                    "form_column": label and label.column,
                    "unit": label and label.unit,
                    "label_en": english_label(name),
                }
                yield {**own, **place, **_cell_columns(cells.get(name), name in doubts, chosen.out)}


def _cell_columns(cell: StoredCell | None, doubted: bool, out: Outgoing) -> dict[str, object]:
    """Return the columns on what a cell prints (None: it is lacking); ``doubted``: by a finding, not by its flags."""
    if cell is None:
        state = FigureState.NOT_PRINTED.value
        return {"value": None, "state": state, "raw": None, "flags": [], "cell_doubted": False}
    return {
        "value": cell.value,
        "state": _STATES[cell.state].value if cell.value is None else FigureState.PRINTED.value,
        "raw": cell.raw if cell.raw.isascii() else out.text(cell.raw),
        "flags": list(cell.flags),
        "cell_doubted": doubted or bool(cell.flags),
    }


def wide_cell_rows(chosen: Selection, places: Sequence[Measure]) -> Iterator[Row]:
    """Yield a row for each edition (content of a report), with value and state of each indicator of ``places``."""
    make = row_maker("cells_wide")
    for entry, stored in _each_edition(chosen):
        doubted = stored.doubted if stored is not None else []
        own = make(agency_line=entry.agency_line, entry=entry, doubted_cells=doubted, **provenance(entry))
        printed = stored.figure_cells() if stored is not None else {}
        form = entry.form if stored is not None or entry.form == old_form().name else None
        values: dict[str, object] = {}
        for one in places:
            result = figure(one, form, printed)
            state = FigureState.WITHHELD if entry.secret else result.state
            values |= {one.id: None if entry.secret else result.value, one.id + STATE: state.value}
        yield {**own, **values}


# ---------------------------------------------------------------------------------------------- figures


def figure_rows(chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None) -> Iterator[Row]:
    """Yield a row for each chosen agency, year and indicator."""
    make = row_maker("figures")
    for source, lines in _each_report(chosen, measures, which, codes):
        for measure, line in zip(measures, lines, strict=True):
            yield make(agency_line=line.agency, line=line, measure=measure, figure=line.figure, **source)


def wide_figure_rows(chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None) -> Iterator[Row]:
    """Yield a row for each chosen agency and year, with two columns for each indicator: value and state."""
    make = row_maker("figures_wide")
    for source, lines in _each_report(chosen, measures, which, codes):
        whole = dict.fromkeys(mark for line in lines for mark in line.marks if mark not in _OF_ONE_FIGURE)
        doubted = [f"{mark}:{line.indicator}" for line in lines for mark in line.marks if mark in _OF_ONE_FIGURE]
        values: dict[str, object] = {}
        for line in lines:
            values |= {line.indicator: line.figure.value, line.indicator + STATE: line.figure.state.value}
        yield {**make(agency_line=lines[0].agency, line=lines[0], marks=[*whole, *doubted], **source), **values}


def _each_report(
    chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None
) -> Iterator[tuple[dict[str, object], list[FigureLine]]]:
    """Yield for each report (columns on its edition, a line for each of ``measures``), by portal, agency and year."""
    divisions, ruled = agency_divisions(chosen.agencies, chosen.portals, codes), withheld(chosen.home)
    places = tuple(dict.fromkeys(place for one in measures for place in one.places))
    for one in chosen.by_portal():
        makers = [FigureMaker(measure, codes) for measure in measures]
        by_edition = {entry.edition.id: entry for entry in held_editions(one)}
        for row in sorted(report_rows(one, places, which), key=lambda row: (row.agency, row.year)):
            agency, secret = one.line(row.agency), row.is_withheld(ruled)
            lines = [make.line(agency, divisions[row.agency], row, secret) for make in makers]
            yield provenance(by_edition.get(row.edition or "")), lines
