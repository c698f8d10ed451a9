"""The tables of a document: their rows and where these stand in the form, or the way known from one printed alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.loader import tables_with_rows
from archive.parser.alike import Plan, Plans, Skeleton, skeleton
from archive.parser.blocks import Piece, has_tables, pieces, rows_of
from archive.parser.cells import Placed
from archive.parser.looks import look
from archive.parser.place import place
from archive.parser.rows import Row
from archive.parser.worded import OF_BLOCKS, worded

_PLANS = Plans()


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of a document; none are needed where ``plan`` says how its ``same`` is placed.

    ``of_the_form``: numbers of the tables that belong to the form: those with a row, header or caption of it.
    """

    found: tuple[Piece, ...] = ()
    rows: tuple[Row, ...] = ()
    of_the_form: frozenset[int] = frozenset()
    same: Skeleton | None = None
    plan: Plan | None = None

    @classmethod
    def of(cls, pages: Pages) -> Tables:
        """The tables of a document."""
        found = tuple(pieces(pages))
        same = skeleton(found)
        plan = _PLANS.find(same)
        rows = [] if plan is not None else rows_of(found)
        if told := _told_in_words(pages, plan.tables if plan is not None else _printed(rows)):
            found, same, plan = tuple(pieces(pages, told)), None, None
            rows = rows_of(found)
        if plan is not None:
            return cls(found, (), plan.form_tables, same, plan)
        if rows and pages.blocks and isinstance(pages.blocks[-1], Table):
            rows[-1].last = True
        return cls._of_rows(found, rows, same)

    @classmethod
    def _of_rows(cls, found: tuple[Piece, ...], rows: Collection[Row], same: Skeleton | None) -> Tables:
        form_tables = frozenset({row.table for row in rows if row.hit is not None or row.kind != "data"})
        return cls(found, tuple(rows), form_tables, same)

    def without(self, numbers: Collection[int]) -> Tables:
        """The same but for some tables, which are read otherwise."""
        return self._of_rows(self.found, [row for row in self.all_rows() if row.table not in numbers], None)

    def holding(self, rows: Collection[Row]) -> Tables:
        """The same with these rows alone, some of them perhaps without their label."""
        return self._of_rows(self.found, rows, None)

    def all_rows(self) -> Sequence[Row]:
        """The rows, needed or not."""
        return self.rows if self.plan is None else rows_of(self.found)

    def place(self, year: int | None = None) -> Placed:
        """The cells of the form of a report on ``year`` (a plan is made only where no year changes anything)."""
        if self.plan is not None and self.same is not None:
            return self.plan.place(self.same.cells)
        placed = place(self.rows, year)
        _PLANS.learn(self.same, self.rows, placed)
        return placed


def _printed(rows: Sequence[Row]) -> set[str]:
    """The form's tables of which rows are printed."""
    named = {row.hit.table for row in rows if row.hit is not None}
    blocks = any(look(text).block is not None for row in rows if row.table > 0 for text in row.texts)
    return named | {OF_BLOCKS} if blocks else named


def _told_in_words(pages: Pages, printed: Set[str]) -> frozenset[str]:
    """The form's tables whose rows a document tells in sentences, as it prints others but not these."""
    left = tables_with_rows() - printed
    if not left or not has_tables(pages):
        return frozenset()
    lines = (line for block in pages.blocks if isinstance(block, Paragraph) for line in block.text.split("\n"))
    return left if any(worded(line, left) for line in lines) else frozenset()
