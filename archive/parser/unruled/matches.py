"""The matches of labels among words without rulings, and small helpers that all layouts of tables need."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from archive.documents.note_marks import FIGURE
from archive.documents.pages import PositionedWord
from archive.forms.model import Form, TablePlan
from archive.parser.unruled.label_pieces import Tile
from archive.parser.unruled.sides import SideAssignment, Span
from archive.parser.values import read_value

_FIGURE = re.compile(rf"^(?:{FIGURE}|[-—–－/／\\]{{1,2}}|无|零|\ufffc)$")
_ROW = 0.5  # heights by which figures of one row are off each other
_WRAPS = 1.8  # heights between two lines of one figure

#: Where figures between two labels, and between two headings, have theirs: before (0) or behind (1); None: none are so.
Sides = tuple[int | None, int | None]


@dataclass(slots=True)
class Option:
    """A way to place the figures of a table: by indicator id, blank ones left out; left and right end of columns."""

    figures: dict[str, PositionedWord]
    columns: dict[str, Span]
    sides: Sides


@dataclass(frozen=True, slots=True)
class LabelMatches:
    """A table of the form: its figures by indicator id, blank ones left out, and where rows and columns stand.

    ``rows``: the labels; ``columns``: left and right end by indicator id; ``used``: all pieces that belong to it;
    ``doubted``: that figures between two labels have theirs on these ``sides`` only other tables tell.
    """

    form: Form
    plan: TablePlan
    figures: Mapping[str, PositionedWord]
    rows: Mapping[str, Tile]
    columns: Mapping[str, Span]
    used: tuple[PositionedWord, ...]
    sides: Sides
    doubted: bool


def is_figure(piece: PositionedWord) -> bool:
    """Whether a piece is a figure, or a mark that stands for one."""
    return _FIGURE.match(piece.text) is not None


def height_of(tile: Tile) -> float:
    """How high the type of a label is."""
    return tile.pieces[0].y1 - tile.pieces[0].y0


def in_rows(values: Sequence[PositionedWord], height: float) -> list[list[PositionedWord]]:
    """Figures at one height, from top to bottom, each row from left to right."""
    rows: list[list[PositionedWord]] = []
    for piece in sorted(values, key=lambda p: p.cy):
        if rows and piece.cy - rows[-1][0].cy <= _ROW * height:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.x0) for row in rows]


def down(line: Sequence[PositionedWord]) -> Span:
    """Top and bottom of a row."""
    return min(p.y0 for p in line), max(p.y1 for p in line)


def spans_of(values: Sequence[PositionedWord]) -> list[Span]:
    """Where figures stand under each other, from left to right."""
    spans: list[Span] = []
    for x0, x1 in sorted((p.x0, p.x1) for p in values):
        if spans and x0 < spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], x1)
        else:
            spans.append((x0, x1))
    return spans


def may_wrap(lines: Sequence[Sequence[PositionedWord]], way: SideAssignment) -> bool:
    """Whether a line of fewer figures right below another may be the rest of those, as where 1204 broke in its cell."""
    for n, (upper, lower) in enumerate(pairwise(lines)):
        height = lower[0].y1 - lower[0].y0
        if way.sure[n + 1] or lower[0].cy - upper[0].cy > _WRAPS * height:
            continue
        over = [[u for u in upper if u.x0 < p.x1 and p.x0 < u.x1] for p in lower]
        if len(lower) <= len(upper) and all(own and len(own[0].text) > 1 for own in over):
            return True
    return False


def sums_hold(form: Form, plan: TablePlan, figures: Mapping[str, PositionedWord]) -> bool:
    """Whether all sums of the form over cells of this table hold, blanks counted as 0."""
    ids = {place for row in plan.rows for place in row.place_ids}
    numbers = {name: read_value(piece.text).value or Decimal(0) for name, piece in figures.items()}
    for identity in form.identities:
        if identity.left[0] in ids:
            left, right = (sum(numbers.get(n, Decimal(0)) for n in side) for side in (identity.left, identity.right))
            if left != right:
                return False
    return True
