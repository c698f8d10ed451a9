"""Documents whose tables are printed alike but for their figures: the second of them is placed as the first was.

Most reports of a portal come from one template. Their *skeleton* — where every cell stands, and the text of all that
are no bare figure — is the same, and so is the way from it to the places of the form. That way is kept as a
:class:`Plan`, and only what the figures say is read again.

A skeleton holds all that placing looks at, so two documents with the same one are placed alike by what it is made of:

* marks, remarks, labels and headings are in it with their text; only a bare figure (``12``, ``-3``, ``0.5元``) is told
  by the fact that it is one, a paragraph that speaks of a table by what it names of it;
* which cells at the end of a grid's row are blank and which are figures is left out: it plays no part if the label of
  the row leaves no doubt and each of these cells has a column of its own, and no plan is made if that is not so.
  Behind other words it is told whether there are none, one or several figures;
* no plan is made where placing had to look at what a figure says (a row printed twice, figures in a header or before a
  label), where it had anything to tell, or where a cell was not read from one cell of a table as it stands;
* nothing has a skeleton where a locator tells of doubt: recognised from a picture, astray on its page.

Plans are kept for the process, bounded in number and size; having one or not never changes a reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from archive.documents.pages import GridCell
from archive.documents.remembered import Remembered
from archive.forms.loader import load_forms
from archive.forms.model import Form, Place
from archive.forms.spelling import LONGEST, fold, key
from archive.parser.blocks import Piece
from archive.parser.cells import DOUBTING, Made, Placed, blank_cell, printed_cell, tell
from archive.parser.labels import remedies_hints
from archive.parser.looks import Look, look
from archive.parser.recognise import rows_told_by_figures
from archive.parser.rows import Row
from archive.parser.values import Value, is_plain, values_of
from storage.records import Cell

_CELLS = 1_000  #: cells of a document from which on it is no form
_LINES = 20  #: rows outside tables
_TEXT = 20_000  #: characters of a skeleton
_PLANS = 128  #: plans kept
_TOKENS = 16_384  #: texts remembered

# What stands in a skeleton for a bare figure, for a figure or a blank, and for the first of a run of these that has one
# figure or several in it. No texts, for texts are hostile.
_FIGURE, _VALUE, _WITH_ONE, _WITH_SEVERAL = ("figure",), ("value",), ("one figure",), ("figures",)
_OPENED = frozenset({_VALUE, _WITH_ONE, _WITH_SEVERAL})
_BLANKS = frozenset({"", " ", "\xa0", "\u3000"})
_BARE = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,12})?(?:[万亿]?元)?")
_OF_FIGURES = re.compile(r"[\d万亿元]")
_SPOT, _TEXT_OF = attrgetter("row", "col", "rowspan", "colspan"), attrgetter("text")

_Key = tuple[object, ...]


class Skeleton(NamedTuple):
    """``key``: all that placing looks at, but the figures; ``cells``: those of all tables, in order."""

    key: _Key
    cells: Sequence[GridCell]


class _Step(NamedTuple):
    """How one cell is read: ``at`` is its number in the skeleton, -1 for a blank without a cell of its own.

    Such a blank is shown by the label of its row, the cell number ``beside``. ``values``: what each text says there.
    """

    spot: Place
    at: int
    flags: tuple[str, ...]
    values: Mapping[str, Value]
    beside: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from a skeleton to its cells. ``steps`` in the order of reading, ``order`` of the ids in the form.

    ``form_tables``: numbers of the tables that belong to the form.
    """

    form: Form
    tables: frozenset[str]
    form_tables: frozenset[int]
    steps: tuple[_Step, ...]
    order: tuple[str, ...]

    def place(self, cells: Sequence[GridCell]) -> Placed:
        """Read the cells of a document with this skeleton."""
        placed = Placed(form=self.form, tables=set(self.tables))
        found: dict[str, Cell] = {}
        for spot, at, flags, values, beside in self.steps:
            name = spot.id
            if at >= 0:  # printed
                of = cells[at]
                text = of.text
                cell = printed_cell(name, values[text], text, of.locator, flags)
            else:
                cell = blank_cell(name, cells[beside].locator, flags)
            found[name] = cell
            if cell.flags:
                tell(cell, spot, placed)
        placed.cells = {name: found[name] for name in self.order}
        return placed


_Token = str | tuple[str]
_Spot = tuple[int, int, int, int]  #: row, column, rowspan, colspan


def _token_of(text: str) -> _Token:
    """What stands for a text in a skeleton: itself, or that it is a figure."""
    return _FIGURE if len(text) <= LONGEST and (is_plain(text) or _is_bare(text)) else text


_token = Remembered(_token_of, longest=LONGEST, most=_TOKENS).__getitem__  # bounded as looks are


def _is_bare(text: str) -> bool:
    """Whether a text is a figure like any other: then placing sees no more of it than that."""
    return _BARE.fullmatch(text) is not None and _names_nothing(look(text))


def _names_nothing(seen: Look) -> bool:
    named = seen.row or seen.heading or seen.columns or seen.block or seen.over or seen.corner or seen.blank
    return seen.number and seen.value and not named and _OF_FIGURES.search(seen.key) is not None


def skeleton(pieces: Sequence[Piece]) -> Skeleton | None:
    """The skeleton of a document; None if it has none of its own kind, or is too large to be worth one."""
    tables = [piece[0] for piece in pieces if not isinstance(piece, Row)]
    size = sum([len(table.cells) for table in tables])
    if not 0 < size <= _CELLS or len(pieces) - len(tables) > _LINES or _figures_in_labels():
        return None
    parts: list[object] = []
    cells: list[GridCell] = []
    tokens: list[_Token] = []
    for piece in pieces:
        if isinstance(piece, Row):
            if piece.kind == "data" or piece.near:
                return None
            parts += _line(piece)
            size += sum(map(len, piece.texts))
        else:
            table, number = piece
            spots = list(map(_SPOT, table.cells))
            parts += (number, table.ruled, table.rows, table.cols, *spots)
            cells += table.cells
            marks = [_token(cell.text) for cell in table.cells]
            tokens += _opened(spots, marks) if table.ruled else marks
    if any([doubt in cell.locator for cell in cells for doubt in DOUBTING]):  # noqa: C419 — faster than a generator
        return None
    if size + sum(map(len, tokens)) > _TEXT:
        return None
    return Skeleton((*parts, *tokens), cells)


def _opened(spots: Sequence[_Spot], marks: list[_Token]) -> list[_Token]:
    """The marks of a grid, with the figures and blanks that end its rows as places for either."""
    row = -1
    before: _Token = ""  # what stands before the run of figures and blanks that ends the row so far
    begin = 0  # of that run
    for at, (mark, (own, _, rowspan, _)) in enumerate(zip(marks, spots, strict=True)):
        if own != row:
            _open(marks, begin, at, before)
            row, begin, before = own, at, ""
        if rowspan != 1 or not (mark is _FIGURE or mark in _BLANKS):
            begin, before = at + 1, mark
    _open(marks, begin, len(marks), before)
    return marks


def _open(marks: list[_Token], begin: int, end: int, before: _Token) -> None:
    """Mark a run of figures and blanks that stands behind the mark ``before``: perhaps a label that leaves no doubt."""
    if begin == end:
        return
    named = _is_label(before)
    figures = 0 if named else sum([mark is _FIGURE for mark in marks[begin:end]])
    if named or figures:
        marks[begin:end] = [_VALUE] * (end - begin)
    if figures:
        marks[begin] = _WITH_ONE if figures == 1 else _WITH_SEVERAL


def _is_label(mark: _Token) -> bool:
    """Whether a text names a row whatever stands behind it, and nothing else hangs on whether figures do."""
    hit = look(mark).row if isinstance(mark, str) else None
    return hit is not None and not hit.vague and rows_told_by_figures().isdisjoint(hit.ids)


def _line(row: Row) -> tuple[object, ...]:
    """All there is of a header or caption in lines, but for where it stands."""
    items = tuple([(_said(item.text), item.col, item.span, item.carried, item.printed) for item in row.items])
    whole = fold("".join(row.texts))
    hints = tuple([word in whole for word in remedies_hints()])
    return row.kind, row.source, row.table, row.last, hints, tuple(map(_said, row.texts)), items


def _said(text: str) -> object:
    """What a text says of tables: a paragraph that speaks of 行政复议 may announce one, whatever else it tells."""
    if len(text) <= LONGEST:
        return text
    seen = look(text)
    if seen.key or seen.row or seen.heading or seen.columns or seen.number or seen.value:
        return text
    return seen.block, seen.over, seen.corner, seen.blank


@cache
def _figures_in_labels() -> bool:
    """Whether a form of the house has in its labels what figures have: then one might be taken for part of a label."""
    return any(_OF_FIGURES.search(key(text)) for form in load_forms() for text in _labels(form))


def _labels(form: Form) -> Iterator[str]:
    for table in form.tables:
        yield from (table.header, table.group_header, *table.hints, *(word for words in table.marks for word in words))
        for block in table.blocks:
            yield from (block.caption, block.header)
        for row in table.rows:
            yield from (row.label, *row.variants, *row.groups, *row.marks)
            for column in row.columns:
                yield from (column.label, *column.variants)


class Plans:
    """The plans of the skeletons met last. Each costs a fifth of what it saves whenever its skeleton comes again."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[_Key, Plan]] = {}

    def find(self, same: Skeleton | None) -> Plan | None:
        """The plan of a skeleton, if there is one."""
        if same is None:
            return None
        mark = hash(same.key)
        known = self._kept.get(mark)
        if known is None or known[0] != same.key:
            return None
        self._kept[mark] = self._kept.pop(mark)  # the last that is let go
        return known[1]

    def learn(self, same: Skeleton | None, rows: Sequence[Row], placed: Placed) -> None:
        """Remember how a document was placed whose skeleton had no plan."""
        if same is None:
            return
        mark = hash(same.key)
        if mark not in self._kept and (plan := plan_of(same, rows, placed)) is not None:
            self._kept[mark] = same.key, plan
        while len(self._kept) > _PLANS:
            del self._kept[next(iter(self._kept))]


def plan_of(same: Skeleton, rows: Sequence[Row], placed: Placed) -> Plan | None:
    """How the rows of a skeleton were placed; None where the figures had a say in it (see above)."""
    if placed.form is None or placed.findings or not placed.settled or any(map(_has_a_say, rows)):
        return None
    numbers = {id(cell.locator): at for at, cell in enumerate(same.cells)}
    if len(numbers) != len(same.cells) or len(placed.made) != len(placed.cells):
        return None
    if not _each_has_its_column(placed.form, same, rows, placed, numbers):
        return None
    steps: list[_Step] = []
    for made in placed.made:
        step = _step(made, numbers, same.cells)
        if step is None or placed.cells.get(made.spot.id) is not made.cell:
            return None
        steps.append(step)
    form_tables = frozenset(row.table for row in rows if row.hit is not None or row.kind != "data")
    return Plan(placed.form, frozenset(placed.tables), form_tables, tuple(steps), tuple(placed.cells))


def _each_has_its_column(
    form: Form, same: Skeleton, rows: Sequence[Row], placed: Placed, numbers: Mapping[int, int]
) -> bool:
    """Whether nothing hangs on which cells of those that may be figures or blanks are which.

    It does not in a row of a grid that has one such cell for each of its columns, and nothing else behind its label;
    the one row without a label is that of all blocks of a strip. Nor does it elsewhere if no blank row asks whether
    there are figures in the rows below.
    """
    tokens = same.key[len(same.key) - len(same.cells) :]
    opened = {at for at, token in enumerate(tokens) if token in _OPENED}
    counted = {at for at in opened if tokens[at] is not _VALUE}
    blank = {row.table for row in rows if row.kind == "data" and row.hit is None and not row.numbers}
    spots = {id(made.item): made.spot for made in placed.made if made.item is not None}
    bare = 0
    for row in rows:
        own = {numbers.get(id(item.locator), -1) for item in row.items}
        if row.kind != "data" or not own & opened:
            continue
        if row.table in blank or (not own & counted and not _is_sure(row)):
            return False
        taken = [spot for item in row.items if (spot := spots.get(id(item))) is not None]
        if len(taken) != len(row.items):
            return False
        if row.hit is not None:
            whole = [spot for spot in taken if spot.row is taken[0].row and spot.row.id in row.hit.ids]
            columns = len(taken[0].row.columns)
        else:
            bare += 1
            whole = [spot for spot in taken if spot.table == taken[0].table]
            columns = sum(len(plan.columns) for plan in form.table(taken[0].table).rows)
        if len(whole) != len(taken) or len(taken) != columns:
            return False
        opened -= own
    return bare <= 1 and not opened


def _is_sure(row: Row) -> bool:
    """Whether a row is what it is by its words, with figures and without."""
    headings = [heading for text in row.texts if (heading := look(text).heading) is not None]
    return row.hit is not None and not row.hit.vague and all(heading.kind == "group" for heading in headings)


def _has_a_say(row: Row) -> bool:
    """Whether a row has figures where they might tell what it is: in a header, or before a label."""
    if row.kind != "data":
        return any(_token(item.text) is _FIGURE for item in row.items)
    return row.near or row.source in {"lines", "list"} or _OF_FIGURES.search(row.lead) is not None


def _step(made: Made, numbers: Mapping[int, int], cells: Sequence[GridCell]) -> _Step | None:
    spot, item, flags, unit, beside, _ = made
    values = values_of(spot.kind, spot.unit, unit)
    if item is None:
        label = numbers.get(id(beside), -1)
        return _Step(spot, -1, flags, values, label) if label >= 0 else None
    at = numbers.get(id(item.locator), -1)
    if at < 0 or cells[at].text != item.text or item.printed:
        return None
    return _Step(spot, at, flags, values, -1)
