"""Choose the form that fits a document best, and make its cells from rows of tables and text in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, groupby

from archive.documents.model import Document, Paragraph, Table
from archive.forms.labels import fold_widths
from archive.forms.loader import all_places, foreign_headers, form_of_year, load_forms, old_form
from archive.forms.model import Form, Indicator
from archive.parser.flat_text import find_text_rows
from archive.parser.headers import HeaderLines
from archive.parser.placement import Assignment, PlacedCell, PrintedRow, place_rows
from archive.parser.table_rows import find_table_rows
from archive.parser.values import read_value
from archive.parser.verdict import MIN_FORM_CELLS
from storage.records import StoredCell

STREAMED = frozenset({"html", "mhtml", "text"})  # kinds that can be read even if their end is missing


def place_document(document: Document) -> Assignment:
    """Place a document in several forms and return the assignment that places most cells and leaves fewest over.
    Only the national forms with the fewest headers of other forms in the text are tried; the first that is placed whole
    wins at once. If none is, the free form (reports before 2019, without national tables) is tried too.
    """
    text = fold_widths("".join(_texts(document)))
    foreign = {form: sum(header in text for header in foreign_headers(form)) for form in load_forms()}
    tried: list[Assignment] = []
    for form in (form for form, count in foreign.items() if count == min(foreign.values())):
        tried.append(_place(document, form))
        if tried[-1].placed.keys() >= form.places.keys() and not tried[-1].unplaced:
            return tried[-1]
    return max((*tried, _place(document, old_form())), key=_fit)


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        yield from (block.text,) if isinstance(block, Paragraph) else (cell.text for cell in block.cells)


def _place(document: Document, form: Form) -> Assignment:
    """Place a document in one form; flag the last cell of kinds in STREAMED, as a broken transfer may have cut it."""
    assignment = Assignment(form)
    place_rows(list(_printed_rows(document.blocks, form)), assignment)
    last = document.blocks[-1] if document.blocks else None
    if document.kind in STREAMED and isinstance(last, Table) and last.cells:
        for one in assignment.placed.values():
            if one.cell == last.cells[-1]:  # a transfer that broke off may have cut its digits
                one.doubts += ("label_doubt",)
    return assignment


def _printed_rows(blocks: Sequence[Paragraph | Table], form: Form) -> Iterator[PrintedRow]:
    """Yield the rows of the form in tables and text, in reading order; paragraphs between two tables are one text."""
    headers = HeaderLines()
    runs = [list(run) for _, run in groupby(blocks, key=type)]
    for number, run in enumerate(runs):
        if paragraphs := [block for block in run if isinstance(block, Paragraph)]:
            yield from find_text_rows(paragraphs, headers, form, is_last=number == len(runs) - 1)
        for table in (block for block in run if isinstance(block, Table)):
            yield from find_table_rows(table, headers, form)


def _fit(assignment: Assignment) -> tuple[bool, int]:
    """Return how well a form fits: has it cells, and the placed cells (certain ones twice) less the unplaced ones."""
    unplaced = list(chain.from_iterable(assignment.unplaced.values()))
    if not assignment.placed:
        return False, sum(row.row is not None for row in unplaced)
    certain = sum(not placed.doubts for placed in assignment.placed.values())
    return True, certain + len(assignment.placed) - 2 * sum(len(row.cells) for row in unplaced)


def name_form(document: Document, assignment: Assignment, year: int | None, *, is_report: bool) -> str | None:
    """Return the form whose cells were placed; else, of a report, that of its year: if its caption is printed, or if it
    is the free one (before 2019).
    """
    if len(assignment.placed) >= (1 if is_report else MIN_FORM_CELLS):
        return assignment.form.name
    if not is_report or year is None:
        return None
    form = form_of_year(year)
    if form.is_free:
        return form.name
    printed = fold_widths("".join(_texts(document)))
    return form.name if any(fold_widths(caption) in printed for caption in form.captions) else None


def make_cells(assignment: Assignment) -> dict[str, StoredCell]:
    """Return indicator id → cell for the placed cells, in the form's order."""
    cells, places = assignment.placed, all_places()
    names = dict.fromkeys((*(name for name in assignment.form.places if name in cells), *cells))
    return {name: _make_cell(cells[name], places[name]) for name in names}


def _make_cell(placed: PlacedCell, place: Indicator) -> StoredCell:
    """Return a placed cell with its value, its locator and the flags of value, placement and document."""
    cell = placed.cell
    value = read_value(cell.text, place.kind, place.unit, placed.unit)
    flags = [*value.flags, *placed.doubts, *cell.doubts]
    if not cell.visible:
        flags.append("label_doubt")
    return StoredCell(
        id=placed.id,
        value=value.value,
        raw=cell.text.strip(),
        state=value.state,
        locator=cell.locator,
        flags=tuple(dict.fromkeys(flags)),
    )
