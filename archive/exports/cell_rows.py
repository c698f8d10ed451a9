"""Rows of exports: editions, and their cells, long (a row a cell) and wide (a row an edition)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, select

from archive.assessment.figures import FigureState, PrintedCell, figure
from archive.assessment.measures import Measure, measures
from archive.exports.edition_sources import HeldEdition, each_portal, held_editions, provenance
from archive.exports.formats.columns import Row, row_maker
from archive.forms.loader import known_form, load_forms, old_form
from archive.queries.output_masking import HIDDEN
from archive.queries.reports import PlaceLabel, place_labels
from archive.queries.stored import open_projections
from archive.queries.where import Chosen
from archive.queries.withheld_content import Outgoing, outgoing
from storage.home import Home
from storage.projection_tables import ProjectionTables, column_of
from storage.projections import ProjectionStore
from storage.reading_rows import cells_of, doubt_of, state_of
from storage.records import Cell, CellState

_BATCH = 50  # wide rows in memory at once
_OF_CELL = (
    *("indicator", "section", "form_row", "form_column", "unit", "value", "state", "raw", "flags", "cell_doubted"),
)


@dataclass(frozen=True, slots=True)
class CellsRow:
    """The stored cells of a document."""

    tables: ProjectionTables
    row: RowMapping

    def doubts(self) -> list[str]:
        """The ids of the cells that the reader doubts."""
        packed = bytes(self.row["doubts"])
        return [name for at, name in enumerate(self.tables.indicators) if doubt_of(packed, at)]

    def cells(self) -> Mapping[str, Cell]:
        """The cells as they were read."""
        return cells_of(self.row["notes"])

    def printed(self) -> dict[str, PrintedCell]:
        """Every printed cell with its number; what its column cannot hold exactly is taken from the notes."""
        states, doubts = bytes(self.row["states"]), bytes(self.row["doubts"])
        found = {}
        beside: Mapping[str, Cell] = {}
        for at, name in enumerate(self.tables.indicators):
            state = state_of(states, at)
            if state is not None:
                value: Decimal | None = self.row[column_of(name)]
                if value is None and state is CellState.PRINTED:  # no number, or one too fine for its column
                    beside = beside or self.cells()
                    value = beside[name].value
                found[name] = PrintedCell(state, value, bool(doubt_of(doubts, at)))
        return found


def edition_rows(home: Home, chosen: Chosen, *, years: Collection[int] | None, as_of: datetime) -> Iterator[Row]:
    """Every edition that was met by ``as_of``; of a withheld one only that it is there."""
    out = outgoing(home)
    for held, row in _each_row(home, chosen, years, as_of):
        yield _edition(held, row, out)


def _edition(held: HeldEdition, row: CellsRow | None, out: Outgoing) -> Row:
    edition, head, open_ = held.edition, held.head, not held.secret
    counted = row.printed() if row is not None and open_ else {}
    numbers = sum(one.value is not None for one in counted.values())
    told = row is not None and open_
    return row_maker("editions")(
        body=held.body,
        line=edition,
        standing=held.standing,
        title=(out.text(head.title) if head else None) if open_ else HIDDEN,
        document_kind=head.kind if head and open_ else None,
        form=head.form if head and open_ else None,
        last_seen=held.last_seen,
        track=out.address(edition.track) if open_ else None,
        captures=len(held.captures),
        printed=numbers if told else None,
        without_number=len(counted) - numbers if told else None,
        doubted=len(row.doubts()) if row is not None and told else None,
        withheld=held.secret,
        findings=list(dict.fromkeys(one.code for one in edition.findings)),
        **provenance(held),
    )


def cell_rows(
    home: Home, chosen: Chosen, names: Sequence[str] | None, *, years: Collection[int] | None, as_of: datetime
) -> Iterator[Row]:
    """Every place of the form that each edition is on, and what else it prints: the number, or why there is none.

    ``names``: only these places. An edition that is withheld or in which no table was read gives no rows.
    """
    out = outgoing(home)
    for held, row in _each_row(home, chosen, years, as_of):
        if row is None or held.secret:
            continue
        form = known_form(held.head.form) if held.head else None
        cells = row.cells()
        places = [*form.places] if form else []
        if form is not None and form.name == old_form().name:  # a free table: a row that it does not have is no place
            places = [one for one in places if one in cells]
        order = [*places, *sorted(set(cells) - set(places))]
        own = row_maker("cells")(
            body=held.body,
            year=held.edition.year,
            edition=held.edition.id,
            standing=held.standing,
            form=held.head.form if held.head else None,
            **dict.fromkeys(_OF_CELL),
            **provenance(held),
        )
        doubts, labels = set(row.doubts()), place_labels(form.name if form else None)
        for name in order if names is None else [one for one in order if one in names]:
            yield {**own, **_place(name, labels.get(name)), **_cell(cells.get(name), name in doubts, out)}


def _place(name: str, label: PlaceLabel | None) -> dict[str, object]:
    return {
        "indicator": name,
        "section": label and label.section,
        "form_row": label and label.row,
        "form_column": label and label.column,
        "unit": label and label.unit,
    }


def _cell(cell: Cell | None, doubted: bool, out: Outgoing) -> dict[str, object]:
    if cell is None:
        state = FigureState.NOT_PRINTED
        return {"value": None, "state": state.value, "raw": None, "flags": [], "cell_doubted": False}
    return {
        "value": cell.value,
        "state": state_word(cell),
        "raw": cell.raw if cell.raw.isascii() else out.text(cell.raw),
        "flags": list(cell.flags),
        "cell_doubted": doubted or bool(cell.flags),
    }


def state_word(cell: Cell) -> str:
    """Why a printed cell holds a number, or why it holds none."""
    if cell.state is CellState.PRINTED:
        return (FigureState.TEXT if cell.value is None else FigureState.PRINTED).value
    return (FigureState.BLANK if cell.state is CellState.BLANK else FigureState.MARK).value


def wide_rows(
    home: Home, chosen: Chosen, measures: Sequence[Measure] | None, *, years: Collection[int] | None, as_of: datetime
) -> Iterator[Row]:
    """Every edition with each indicator (all places of the forms if None) in two columns, its value and its state."""
    places = all_places() if measures is None else measures
    for held, row in _each_row(home, chosen, years, as_of):
        form = held.head.form if held.head and not held.secret else None
        printed = row.printed() if row is not None and not held.secret else {}
        own = row_maker("cells_wide")(
            body=held.body,
            year=held.edition.year,
            edition=held.edition.id,
            standing=held.standing,
            form=form,
            doubted_cells=row.doubts() if row is not None and not held.secret else [],
            **provenance(held),
        )
        read = form if row is not None or form == old_form().name else None
        yield {**own, **_values(places, read, printed, held.secret)}


def _values(
    measures: Sequence[Measure], form: str | None, cells: Mapping[str, PrintedCell], secret: bool
) -> dict[str, object]:
    found: dict[str, object] = {}
    for one in measures:
        if secret:
            found[one.id], found[f"{one.id}.state"] = None, FigureState.WITHHELD.value
        else:
            made = figure(one, form, cells)
            found[one.id], found[f"{one.id}.state"] = made.value, made.state.value
    return found


def all_places() -> tuple[Measure, ...]:
    """Every place of the national forms as a measure, in the order of the newest form.

    Those of the free table of before 2019 are left out: no report has both, and a row would be twice as wide. Whoever
    wants them names them; as rows of their own all cells are exported.
    """
    national = {name for form in load_forms() for name in form.places}
    return tuple(one for one in measures().values() if one.id in national)


def _each_row(
    home: Home, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> Iterator[tuple[HeldEdition, CellsRow | None]]:
    with open_projections(home) as store:
        for one in each_portal(chosen):
            editions = held_editions(home, store, one, years=years, as_of=as_of)
            for start in range(0, len(editions), _BATCH):
                some = editions[start : start + _BATCH]
                with store.read() as connection:
                    rows = _cells(store, connection, {held.edition.cells_from for held in some})
                for held in some:
                    yield held, rows.get(held.edition.cells_from or "")


def _cells(store: ProjectionStore, connection: Connection, documents: Collection[str | None]) -> dict[str, CellsRow]:
    """The cells of documents with their notes."""
    readings, cells, notes = store.tables.readings, store.tables.cells, store.tables.cell_notes
    query = (
        select(readings.c.document, cells, notes.c.notes)
        .join(cells, cells.c.no == readings.c.no)
        .join(notes, notes.c.no == readings.c.no)
        .where(readings.c.document.in_(sorted(one for one in documents if one)))
    )
    return {row["document"]: CellsRow(store.tables, row) for row in connection.execute(query).mappings()}
