"""Document → the cells of the form that fits it best: the rows of tables and of running text, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from archive.documents.model import Document, Paragraph, Table
from archive.forms.labels import fold_widths
from archive.forms.rows import FormRows, rows_of_forms
from archive.parser.flat_text import find_text_rows
from archive.parser.headers import HeaderLines, count_labels
from archive.parser.placement import Assignment, PrintedRow, place_rows
from archive.parser.table_rows import find_table_rows

FOREIGN_WEIGHT = 10  # of a header that only another form has, in cells
MIN_LABELS_OF_FREE = 3
STREAMED = frozenset({"html", "mhtml", "json", "text"})  # kinds that can be read though their end is missing


def place_document(document: Document) -> Assignment:
    """Return the assignment of the form that places most cells, leaves fewest and misses fewest headers.

    The form with the fewest labels of others is tried first; where it is whole, no other is tried.
    """
    text = fold_widths("".join(_texts(document)))
    foreign = {
        index.form.name: count_labels(text, index.foreign) for index in rows_of_forms().values() if _may_be(index, text)
    }
    tried: list[Assignment] = []
    indexes = [index for index in rows_of_forms().values() if index.form.name in foreign]
    for index in sorted(indexes, key=lambda one: (one.form.is_free, foreign[one.form.name])):
        tried.append(_place(document, index))
        if not foreign[index.form.name] and _is_whole(tried[-1]):
            return tried[-1]
    return max(tried, key=lambda one: _fit(one, foreign[one.index.form.name]))


def _is_whole(assignment: Assignment) -> bool:
    return not assignment.unplaced and assignment.placed.keys() >= assignment.index.form.places.keys()


def _may_be(index: FormRows, text: str) -> bool:
    """Whether a text may hold a form; a free one only with several of its labels."""
    labels = {label for row in index.rows for label in row.labels}
    return not index.form.is_free or count_labels(text, labels) >= MIN_LABELS_OF_FREE


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        yield from (block.text,) if isinstance(block, Paragraph) else (cell.text for cell in block.cells)


def _place(document: Document, index: FormRows) -> Assignment:
    assignment = Assignment(index)
    place_rows(list(_printed_rows(document.blocks, index)), assignment)
    last = document.blocks[-1] if document.blocks else None
    if document.kind in STREAMED and isinstance(last, Table) and last.cells:
        for one in list(assignment.placed.values()):
            if one.cell == last.cells[-1]:  # a transfer that broke off may have cut its digits
                assignment.placed[one.id] = replace(one, doubts=(*one.doubts, "label_doubt"))
    return assignment


def _printed_rows(blocks: Sequence[Paragraph | Table], index: FormRows) -> Iterator[PrintedRow]:
    headers = HeaderLines()
    runs = [list(run) for _, run in groupby(blocks, key=lambda block: isinstance(block, Paragraph))]
    for number, run in enumerate(runs):
        if isinstance(run[0], Paragraph):
            texts = [block.text for block in run if isinstance(block, Paragraph)]
            doubts = ("low_confidence",) if any("confidence" in block.locator for block in run) else ()
            first = run[0].locator.get("line", 1)
            yield from find_text_rows(
                "\n".join(texts),
                first if isinstance(first, int) else 1,
                headers,
                index,
                is_last=number == len(runs) - 1,
                doubts=doubts,
            )
            continue
        for table in run:
            if isinstance(table, Table):
                yield from find_table_rows(table, headers, index)


def _fit(assignment: Assignment, foreign: int) -> tuple[bool, int]:
    if not assignment.placed:
        return False, sum(row.row is not None for row in assignment.unplaced)
    certain = sum(not placed.doubts for placed in assignment.placed.values())
    lost = FOREIGN_WEIGHT * foreign + 2 * sum(len(row.cells) for row in assignment.unplaced)
    return True, certain + len(assignment.placed) - lost
