"""Document → the cells of the form that fits it best: tables first, then text for tables that no grid printed."""

from __future__ import annotations

from archive.rebuilt.documents.model import Document, Paragraph
from archive.rebuilt.parser.flat_text import place_text
from archive.rebuilt.parser.form_index import FormIndex, form_indexes
from archive.rebuilt.parser.placement import Assignment, place_tables


def place_document(document: Document) -> Assignment:
    """Return the assignment of the form that places most rows of a document and leaves fewest."""
    return max((_place(document, index) for index in form_indexes()), key=_fit)


def _place(document: Document, index: FormIndex) -> Assignment:
    assignment = place_tables(document.tables, index)
    text = "\n".join(block.text for block in document.blocks if isinstance(block, Paragraph))
    place_text(text, assignment)
    return assignment


def _fit(assignment: Assignment) -> int:
    certain = sum(not placed.doubts for placed in assignment.placed.values())
    return certain + len(assignment.placed) - 2 * sum(len(row.cells) for row in assignment.unplaced)
