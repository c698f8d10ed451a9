"""The tables of a document: their rows, and which tables belong to the national form."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace

from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.loader import tables_with_rows
from archive.parser.blocks import has_tables, rows_of
from archive.parser.rows import Row
from archive.parser.text_classes import classes_of
from archive.parser.worded_rows import OF_BLOCKS, parse_worded_row


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of a document.

    ``of_the_form``: numbers of the tables that belong to the form: those with a row, header or caption of it.
    """

    rows: tuple[Row, ...] = ()
    of_the_form: frozenset[int] = frozenset()

    @classmethod
    def of(cls, pages: Pages) -> Tables:
        """The tables of a document."""
        rows = rows_of(pages)
        if in_sentences := _tables_in_sentences(pages, _printed_tables(rows)):
            rows = rows_of(pages, in_sentences)
        if rows and pages.blocks and isinstance(pages.blocks[-1], Table):
            rows[-1] = replace(rows[-1], last=True)
        return cls.with_rows(rows)

    @classmethod
    def with_rows(cls, rows: Collection[Row]) -> Tables:
        """The tables that consist of ``rows``."""
        return cls(tuple(rows), frozenset({row.table for row in rows if row.hit is not None or row.kind != "data"}))

    def without(self, numbers: Collection[int]) -> Tables:
        """Return the tables without some that are read in another way."""
        return self.with_rows([row for row in self.rows if row.table not in numbers])


def _printed_tables(rows: Sequence[Row]) -> set[str]:
    """The form's tables of which rows are printed."""
    printed = {row.hit.table for row in rows if row.hit is not None}
    blocks = any(classes_of(text).block is not None for row in rows if row.table > 0 for text in row.texts)
    return printed | {OF_BLOCKS} if blocks else printed


def _tables_in_sentences(pages: Pages, printed: Set[str]) -> frozenset[str]:
    """The form's tables whose rows a document tells in sentences, as it prints others but not these."""
    missing = tables_with_rows() - printed
    if not missing or not has_tables(pages):
        return frozenset()
    lines = (line for block in pages.blocks if isinstance(block, Paragraph) for line in block.text.split("\n"))
    return missing if any(parse_worded_row(line, missing) for line in lines) else frozenset()
