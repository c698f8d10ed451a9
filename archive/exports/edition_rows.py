"""Rows of exports: editions, their cells and the figures of those that count, long (a row a number) and wide."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import RowMapping, select

from archive.assessment.figures import FigureState, PrintedCell, figure
from archive.assessment.measures import Measure, measures
from archive.exports.edition_sources import HeldEdition, held_editions, provenance
from archive.exports.formats.columns import STATE, Row, row_maker
from archive.forms.loader import known_form, load_forms, old_form
from archive.queries.bounds import Which
from archive.queries.figure_answers import FigureLine
from archive.queries.figures import FigureMaker
from archive.queries.figures_bodies import bodies
from archive.queries.figures_rows import report_rows
from archive.queries.output_masking import HIDDEN
from archive.queries.reports import place_labels
from archive.queries.selection import Selection
from archive.queries.stored import fetch
from archive.queries.withheld_content import Outgoing
from archive.queries.withholding import withheld
from storage.projection_tables import ProjectionTables, column_of
from storage.reading_rows import cells_of, doubt_of, state_of
from storage.records import Cell, CellState

_BATCH_EDITIONS = 50  # wide rows in memory at once
_OF_CELL = (
    *("indicator", "section", "form_row", "form_column", "unit", "value", "state", "raw", "flags", "cell_doubted"),
)
#: marks of one figure; all others are of the whole report
_OF_ONE_FIGURE = frozenset({"doubted", "small_n"})


def all_places() -> tuple[Measure, ...]:
    """Every place of the national forms as a measure, in the order of the newest form.

    Those of the free table of before 2019 are left out: no report has both, and a row would be twice as wide. Whoever
    wants them names them; as rows of their own all cells are exported.
    """
    national = {name for form in load_forms() for name in form.places}
    return tuple(one for one in measures().values() if one.id in national)


# ---------------------------------------------------------------------------------------------- editions and cells


class _StoredCells:
    """The stored cells of a document."""

    def __init__(self, tables: ProjectionTables, row: RowMapping) -> None:
        self._tables, self._row = tables, row

    def doubts(self) -> list[str]:
        """The ids of the cells that the reader doubts."""
        packed = bytes(self._row["doubts"])
        return [name for at, name in enumerate(self._tables.indicators) if doubt_of(packed, at)]

    def cells(self) -> Mapping[str, Cell]:
        """The cells as they were read."""
        return cells_of(self._row["notes"])

    def printed(self) -> dict[str, PrintedCell]:
        """Every printed cell with its number; what its column cannot hold exactly is taken from the notes."""
        states, doubts = bytes(self._row["states"]), bytes(self._row["doubts"])
        cells = {}
        beside: Mapping[str, Cell] = {}
        for at, name in enumerate(self._tables.indicators):
            state = state_of(states, at)
            if state is not None:
                value: Decimal | None = self._row[column_of(name)]
                if value is None and state is CellState.PRINTED:  # no number, or one too fine for its column
                    beside = beside or self.cells()
                    value = beside[name].value
                cells[name] = PrintedCell(state, value, bool(doubt_of(doubts, at)))
        return cells


def _each_edition(chosen: Selection) -> Iterator[tuple[HeldEdition, _StoredCells | None]]:
    """The editions, portal after portal, with their cells; of those that are withheld without."""
    for one in chosen.by_portal():
        editions = held_editions(one)
        for start in range(0, len(editions), _BATCH_EDITIONS):
            some = editions[start : start + _BATCH_EDITIONS]
            cells = stored_cells(
                chosen, {one_edition.edition.cells_from for one_edition in some if not one_edition.secret}
            )
            for one_edition in some:
                yield one_edition, None if one_edition.secret else cells.get(one_edition.edition.cells_from or "")


def stored_cells(chosen: Selection, documents: Collection[str | None]) -> dict[str, _StoredCells]:
    """The cells of documents with their notes."""
    tables = chosen.store.tables
    readings, cells, notes = tables.readings, tables.cells, tables.cell_notes
    query = (
        select(readings.c.document, cells, notes.c.notes)
        .join(cells, cells.c.no == readings.c.no)
        .join(notes, notes.c.no == readings.c.no)
        .where(readings.c.document.in_(sorted(one for one in documents if one)))
    )
    return {row.document: _StoredCells(tables, row._mapping) for row in fetch(chosen.store, query)}


def edition_rows(chosen: Selection) -> Iterator[Row]:
    """Every edition that was met by then; of a withheld one only that it is there."""
    make, out = row_maker("editions"), chosen.out
    for entry, stored in _each_edition(chosen):
        edition, head = entry.edition, None if entry.secret else entry.head
        printed = stored.printed().values() if stored is not None else ()
        numbers = sum(one.value is not None for one in printed)
        title = out.text(head.title) if head is not None else None
        yield make(
            body=entry.body,
            line=edition,
            standing=entry.is_last,
            title=HIDDEN if entry.secret else title,
            document_kind=head.kind if head is not None else None,
            form=entry.form,
            last_seen=entry.last_seen,
            track=None if entry.secret else out.address(edition.track),
            captures=len(entry.captures),
            printed=None if stored is None else numbers,
            without_number=None if stored is None else len(printed) - numbers,
            doubted=None if stored is None else len(stored.doubts()),
            withheld=entry.secret,
            findings=list(dict.fromkeys(one.code for one in edition.findings)),
            **provenance(entry),
        )


def cell_rows(chosen: Selection, names: Collection[str] | None) -> Iterator[Row]:
    """Every place of the form that each edition is on, and what else it prints: the number, or why there is none.

    ``names``: only these places. An edition that is withheld or in which no table was read gives no rows.
    """
    make = row_maker("cells")
    for entry, stored in _each_edition(chosen):
        if stored is None:
            continue
        own = make(
            body=entry.body,
            year=entry.edition.year,
            edition=entry.edition.id,
            standing=entry.is_last,
            form=entry.form,
            **dict.fromkeys(_OF_CELL),
            **provenance(entry),
        )
        cells, doubts = stored.cells(), set(stored.doubts())
        form = known_form(entry.form)
        places = [*form.places] if form else []
        if form is not None and form.name == old_form().name:  # a free table: a row that it does not have is no place
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
                }
                yield {**own, **place, **_cell(cells.get(name), name in doubts, chosen.out)}


def _cell(cell: Cell | None, doubted: bool, out: Outgoing) -> dict[str, object]:
    if cell is None:
        state = FigureState.NOT_PRINTED.value
        return {"value": None, "state": state, "raw": None, "flags": [], "cell_doubted": False}
    return {
        "value": cell.value,
        "state": _state_of(cell).value,
        "raw": cell.raw if cell.raw.isascii() else out.text(cell.raw),
        "flags": list(cell.flags),
        "cell_doubted": doubted or bool(cell.flags),
    }


def _state_of(cell: Cell) -> FigureState:
    """Why a printed cell holds a number, or why it holds none."""
    if cell.state is CellState.PRINTED:
        return FigureState.TEXT if cell.value is None else FigureState.PRINTED
    return FigureState.BLANK if cell.state is CellState.BLANK else FigureState.MARK


def wide_cell_rows(chosen: Selection, places: Sequence[Measure]) -> Iterator[Row]:
    """Every edition with each indicator in two columns, its value and its state."""
    make = row_maker("cells_wide")
    for entry, stored in _each_edition(chosen):
        own = make(
            body=entry.body,
            year=entry.edition.year,
            edition=entry.edition.id,
            standing=entry.is_last,
            form=entry.form,
            doubted_cells=stored.doubts() if stored is not None else [],
            **provenance(entry),
        )
        printed = stored.printed() if stored is not None else {}
        form = entry.form if stored is not None or entry.form == old_form().name else None
        values: dict[str, object] = {}
        for one in places:
            result = figure(one, form, printed)
            state = FigureState.WITHHELD if entry.secret else result.state
            values |= {one.id: None if entry.secret else result.value, one.id + STATE: state.value}
        yield {**own, **values}


# ---------------------------------------------------------------------------------------------- figures


def figure_rows(chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None) -> Iterator[Row]:
    """A row for each agency, year and indicator of the chosen agencies."""
    make = row_maker("figures")
    for source, lines in _each_report(chosen, measures, which, codes):
        for measure, line in zip(measures, lines, strict=True):
            yield make(body=line.agency, line=line, measure=measure, figure=line.figure, **source)


def wide_figure_rows(chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None) -> Iterator[Row]:
    """A row for each agency and year of the chosen agencies, every indicator in two columns: value and state."""
    make = row_maker("figures_wide")
    for source, lines in _each_report(chosen, measures, which, codes):
        whole = dict.fromkeys(mark for line in lines for mark in line.marks if mark not in _OF_ONE_FIGURE)
        doubted = [f"{mark}:{line.indicator}" for line in lines for mark in line.marks if mark in _OF_ONE_FIGURE]
        values: dict[str, object] = {}
        for line in lines:
            values |= {line.indicator: line.figure.value, line.indicator + STATE: line.figure.state.value}
        yield {**make(body=lines[0].agency, line=lines[0], marks=[*whole, *doubted], **source), **values}


def _each_report(
    chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None
) -> Iterator[tuple[dict[str, object], list[FigureLine]]]:
    """From where, and the lines of the indicators in their order: by portal, agency and year."""
    agency_bodies, ruled = bodies(chosen.agencies, chosen.portals, codes), withheld(chosen.home)
    places = tuple(dict.fromkeys(place for one in measures for place in one.places))
    for one in chosen.by_portal():
        makers = [FigureMaker(measure, codes) for measure in measures]
        by_edition = {entry.edition.id: entry for entry in held_editions(one)}
        for row in sorted(report_rows(one, places, which), key=lambda row: (row.agency, row.year)):
            agency, secret = one.line(row.agency), row.is_withheld(ruled)
            lines = [make.line(agency, agency_bodies[row.agency], row, secret) for make in makers]
            yield provenance(by_edition.get(row.edition or "")), lines
