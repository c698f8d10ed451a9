"""Read cells that are printed one below the other, with a blank line for each blank cell, as the rows of a grid.

Blank lines are places where the form bears that out: rows with a figure in every column show how many of them part one
row from the next, and then every row with fewer figures must have exactly one line for each of its columns. Elsewhere
blank lines are mere space. A row whose places do not fit stays as it is: which of its cells are blank nobody said, and
the others are doubted then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.parser.rows import Item, Row
from archive.parser.walk import Candidate

_WORN = 4  #: one row in so many may have lines too many or too few
_SHOWN = 5  #: rows with a figure in each column that show by themselves that nothing but cells takes a line
_WIDE, _AGAIN = 3, 2  #: columns of such a row; rows that are several
_SPACE = 2  #: blank lines behind a table, where its last row does not say itself where it ends
_MOST = 200  #: places of a row; the widest of the forms has fifteen


@dataclass(slots=True)
class _Margins:
    """How many blank lines stand in full rows before the first figure, and behind the last."""

    before: set[int]
    behind: set[int]


def keep_places(candidates: Sequence[Candidate], remedies_rows: Sequence[Candidate], blocks: int, columns: int) -> None:
    """Give the rows that were read from lines their blank cells, where blank lines are these; changes the candidates.

    ``remedies_rows``: the rows of the table of ``blocks`` blocks of ``columns`` columns each.
    """
    own = [(c, len(c.columns)) for c in candidates if c.plan is not None and _may_be_spaced(c.row)]
    if not any(any(candidate.row.blanks) for candidate, _ in own):
        return
    margins = _margins([c.row for c, size in own if len(c.row.items) == size > 1])
    if margins is None or not (_stand_together([c.row for c, _ in own]) or _are_blank_lines(own)):
        return
    ends = _ends([candidate for candidate, _ in own])
    short = [(c, size, _row_cells(c.row, size, margins, loose=False)) for c, size in own if len(c.row.items) < size]
    fits = [found is not None for c, size, found in short if size > 1 and any(c.row.blanks) and id(c) not in ends]
    if all(fits):
        short = [(c, size, found or _row_cells(c.row, size, margins, loose=id(c) in ends)) for c, size, found in short]
    if _WORN * fits.count(False) > len(fits) or not (fits or _is_shown(margins, own)):
        return
    found = [(candidate, items) for candidate, _, items in short if items is not None]
    for candidate in remedies_rows if all(fits) else ():
        sizes = (blocks * columns, columns) if candidate.block else (blocks * columns,)
        if _may_be_spaced(candidate.row):
            fitting = [size for size in sizes if len(candidate.row.items) < size]
            placed = (_row_cells(candidate.row, size, margins, loose=True) for size in fitting)
            found += [(candidate, items) for items in placed if items is not None][:1]
    for candidate, items in found:
        candidate.row = replace(candidate.row, items=items, source="list")
        if not all(fits) and any(item.text for item in items):  # one line too many and one too few fit as well
            candidate.flags = (*candidate.flags, "label_doubt")


def _may_be_spaced(row: Row) -> bool:
    return row.source == "lines" and bool(row.blanks) and len(row.items) + sum(row.blanks) <= _MOST


def _margins(full: Sequence[Row]) -> _Margins | None:
    """The blank lines around the figures of full rows; None where they stand between these too: mere space."""
    between = sum(any(row.blanks[1:-1]) for row in full)
    if _WORN * between > len(full):
        return None
    even = [row for row in full if not any(row.blanks[1:-1])]
    return _Margins({row.blanks[0] for row in even} or {0}, {row.blanks[-1] for row in even} or {0})


def _stand_together(rows: Sequence[Row]) -> bool:
    """Whether anywhere two figures stand right below each other: else every line is followed by space."""
    return any(gap == 0 for row in rows for gap in row.blanks[1 : len(row.items)])


def _are_blank_lines(own: Sequence[tuple[Candidate, int]]) -> bool:
    """Whether several rows are nothing but as many blank lines as they have columns: no space is as even."""
    return sum(candidate.row.blanks == (size,) for candidate, size in own if size >= _WIDE) >= _AGAIN


def _is_shown(margins: _Margins, own: Sequence[tuple[Candidate, int]]) -> bool:
    """Whether full rows alone show that nothing but a cell takes a line."""
    full = sum(len(candidate.row.items) == size > 1 for candidate, size in own)
    return full >= _SHOWN and margins.before == {0} == margins.behind


def _ends(candidates: Sequence[Candidate]) -> set[int]:
    """The last rows of tables, by identity: behind them there may be more space than between others."""
    last = {candidate.plan.table: id(candidate) for candidate in candidates if candidate.plan is not None}
    return set(last.values())


def _row_cells(row: Row, size: int, margins: _Margins, *, loose: bool) -> list[Item] | None:
    """The ``size`` cells of a row, blank ones as blank items; None where its lines do not fit, or fit in two ways.

    ``loose``: some space may follow it, and any if a figure in its last column says where it ends.
    """
    lines = list(_lines(row))
    if not row.items:  # all of it is blank
        return lines[:size] if len(lines) - size in {a + b for a in margins.before for b in margins.behind} else None
    found: list[list[Item]] = []
    for before in sorted(margins.before):
        inside, rest = lines[before : before + size], lines[before + size :]
        if len(inside) < size or any(item.text for item in (*lines[:before], *rest)):
            continue
        if len(rest) in margins.behind or (loose and (inside[-1].text or len(rest) <= _SPACE)):
            found.append(inside)
    return [replace(item, col=at) for at, item in enumerate(found[0])] if len(found) == 1 else None


def _lines(row: Row) -> Iterator[Item]:
    """The figures of a row and the blank lines between them, these shown by its label."""
    for blank, item in zip(row.blanks, [*row.items, None], strict=True):
        for _ in range(blank):
            yield Item("", 0, 1, row.locator)
        if item is not None:
            yield item
