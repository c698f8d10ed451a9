"""Read the printed rows of the statistical table from pages without lines, by where words and figures stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from archive.documents.pages import PositionedText, PositionedWord
from archive.forms.spelling import LONGEST_ITEM
from archive.identity.names import Name
from archive.parser.rows import Item
from archive.parser.statistics.headers import (
    FIGURES,
    LABEL,
    OTHER,
    UNIT,
    YEAR,
    column_kind,
    unit_in,
    unit_of,
    unit_of_column,
)
from archive.parser.statistics.naming import is_label
from archive.parser.statistics.row import Doubt, StatisticsRow
from archive.parser.statistics.titles import ABOVE, doubt_above
from archive.parser.values import is_number

_MOST = 20_000  # pieces
_LEVEL = 0.5  # of its height, by which pieces of a line stand higher or lower
_JOINED = 0.3  # of its height, less than which parts two pieces of one cell
_HALF, _WHOLE = 1.0, 1.6  # of its height, by which lines of a label stand off its figures, and off each other
_REACH = 2.0  # of its height, that the first column of figures or units reaches to the left of its header


@dataclass(slots=True)
class _PrintedLine:
    """Pieces that stand at one height, from the left: those of each column (by number), label first."""

    pieces: list[PositionedWord]
    columns: dict[int, list[PositionedWord]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What stands where labels do."""
        return "".join([piece.text for piece in self.columns.get(0, ())])

    @property
    def bare(self) -> bool:
        """Whether nothing stands in it but a label, or a part of one."""
        return set(self.columns) == {0}


@dataclass(frozen=True, slots=True)
class _Head:
    """Columns from the left: what each is, where it begins and ends, the unit in its header; the label's is first."""

    kinds: tuple[str | None, ...]
    zones: tuple[tuple[float, float], ...]
    units: tuple[str, ...]
    aside: Doubt | None

    def column(self, piece: PositionedWord) -> int:
        """The number of the column that a piece stands in."""
        middle = (piece.x0 + piece.x1) / 2
        return next((at for at, (left, right) in enumerate(self.zones) if left <= middle < right), 0)


def placed_rows(positioned: PositionedText, year: int | None, own: Sequence[Name] = ()) -> list[StatisticsRow] | None:
    """The rows of the table, from its header on; None if no header stands there. ``own``: names of who reports."""
    if len(positioned.pieces) > _MOST:
        return None
    head: _Head | None = None
    lines: list[_PrintedLine] = []
    rows: list[StatisticsRow] = []
    above: list[str] = []
    has_header = False
    for line in _lines(positioned.pieces):
        if (other := _read_head(line.pieces, above, year, own)) is not None:
            rows += _rows(lines, head)
            head, lines, has_header = other, [], True
            continue
        above = [*above, "".join([piece.text for piece in line.pieces])][-ABOVE:]
        if head is not None:
            for piece in line.pieces:
                line.columns.setdefault(head.column(piece), []).append(piece)
            lines.append(line)
    rows += _rows(lines, head)
    return rows if has_header else None


def _lines(pieces: Sequence[PositionedWord]) -> Iterator[_PrintedLine]:
    line_pieces: list[PositionedWord] = []
    for piece in sorted(pieces, key=lambda one: (one.page, one.cy)):
        if line_pieces and (
            piece.page != line_pieces[0].page
            or piece.cy - line_pieces[0].cy > _LEVEL * (line_pieces[0].y1 - line_pieces[0].y0)
        ):
            yield _PrintedLine(sorted(line_pieces, key=lambda one: one.x0))
            line_pieces = []
        line_pieces.append(piece)
    if line_pieces:
        yield _PrintedLine(sorted(line_pieces, key=lambda one: one.x0))


def _read_head(
    pieces: Sequence[PositionedWord], above: Sequence[str], year: int | None, own: Sequence[Name]
) -> _Head | None:
    """The columns that a line names, if it is a header: each of its pieces one of them, the label's first."""
    kinds = [column_kind(piece.text, year) for piece in pieces]
    if len(pieces) < 2 or kinds[0] != LABEL or None in kinds or kinds.count(LABEL) > 1:
        return None
    first = pieces[1]
    reach = min((first.x0 - pieces[0].x1) / 2, _REACH * (first.y1 - first.y0))
    edges = [first.x0 - reach]
    edges += [(left.x1 + right.x0) / 2 for left, right in pairwise(pieces[1:])]
    zones = list(zip(edges, [*edges[1:], float("inf")], strict=True))
    return _Head(
        kinds=tuple(kinds),
        zones=((float("-inf"), edges[0]), *zones),
        units=tuple(unit_of_column(piece.text) for piece in pieces),
        aside=doubt_above(above[::-1], year, own),
    )


def _rows(lines: Sequence[_PrintedLine], head: _Head | None) -> Iterator[StatisticsRow]:
    """The rows below a header; a label on several lines is one where all of them together are one."""
    if head is None:
        return
    used_lines: set[int] = set()
    for at, line in enumerate(lines):
        if at in used_lines:
            continue
        if _may_begin_label(line, lines[at + 1 : at + 2]):
            continue
        label, used = _label(lines, at, used_lines)
        used_lines |= used
        yield _printed_row(line, label, head)


def _may_begin_label(line: _PrintedLine, after: Sequence[_PrintedLine]) -> bool:
    """Whether a line may be the beginning of the label of the one after it, or says nothing."""
    if not line.bare or not after or after[0].bare or is_label(after[0].label):
        return False
    return not is_label(line.label) or _are_near(line, after[0])


def _label(lines: Sequence[_PrintedLine], at: int, used_lines: set[int]) -> tuple[str, set[int]]:
    """The label of a line, and the lines that it stands on: its own, or those around it that hold nothing else."""
    own = lines[at].label
    if lines[at].bare or is_label(own):
        return own, {at}
    upper = at > 0 and lines[at - 1].bare and at - 1 not in used_lines and _are_near(lines[at - 1], lines[at])
    lower = at + 1 < len(lines) and lines[at + 1].bare and _are_near(lines[at], lines[at + 1])
    before, behind = lines[at - 1].label if upper else "", lines[at + 1].label if lower else ""
    found = {
        text: used
        for text, used in (
            (before + own, {at - 1, at}),
            (own + behind, {at, at + 1}),
            (before + own + behind, {at - 1, at, at + 1}),
        )
        if len(text) <= LONGEST_ITEM and text != own and is_label(text)
    }
    texts = [text for text in found if not any(text != other and text in other for other in found)]
    return (texts[0], found[texts[0]]) if len(texts) == 1 else (own or before, {at})


def _are_near(upper: _PrintedLine, lower: _PrintedLine) -> bool:
    """Whether two lines, one of which holds nothing but a label, stand as close as lines of one cell."""
    one, other = upper.pieces[0], lower.pieces[0]
    most = _WHOLE if upper.label and lower.label else _HALF
    return one.page == other.page and other.cy - one.cy <= most * (one.y1 - one.y0)


def _printed_row(line: _PrintedLine, label: str, head: _Head) -> StatisticsRow:
    figures: dict[str, Item] = {}
    units = [unit_in(label)]
    doubt: Doubt | None = None
    filled = False
    for at, pieces in line.columns.items():
        kind = head.kinds[at]
        if kind == LABEL:
            continue
        text = "".join([piece.text for piece in pieces])
        filled = filled or is_number(text)
        if _is_parted(pieces):
            doubt = Doubt.COLUMN
        elif kind == UNIT:
            units += [unit_of(text), head.units[at]]
        elif kind in FIGURES and head.kinds.count(kind) == 1:
            figures[kind] = _item(text, at, pieces)
    if head.aside is not None:
        doubt = head.aside
    elif YEAR not in head.kinds and OTHER in head.kinds:
        doubt = Doubt.OTHER
    elif not any(kind in FIGURES and head.kinds.count(kind) == 1 for kind in head.kinds):
        doubt = Doubt.HEADS
    heads = {kind: unit for kind, unit in zip(head.kinds, head.units, strict=True) if kind}
    return StatisticsRow((label,), tuple(unit for unit in units if unit), figures, heads, doubt, filled=filled)


def _is_parted(pieces: Sequence[PositionedWord]) -> bool:
    """Whether more than one thing stands in a column."""
    return any(right.x0 - left.x1 > _JOINED * (left.y1 - left.y0) for left, right in pairwise(pieces))


def _item(text: str, at: int, pieces: Sequence[PositionedWord]) -> Item:
    """One cell; where it is made of several pieces, what any of them is doubted for it is."""
    locator = dict(pieces[0].locator)
    for piece in pieces[1:]:
        locator |= {name: value for name, value in piece.locator.items() if name not in {"page", "box"}}
    boxes = [box for piece in pieces if isinstance(box := piece.locator.get("box"), (list, tuple))]
    if len(boxes) == len(pieces) > 1:
        low, high = (list(map(edge, zip(*boxes, strict=True))) for edge in (min, max))
        locator["box"] = [low[0], low[1], high[2], high[3]]
    return Item(text, at, 1, locator)


def without_order(row: StatisticsRow) -> StatisticsRow:
    """A row of a table whose columns were told by spacing, on pages where that misleads: nothing of it is certain."""
    return replace(row, figures={}, doubt=row.doubt or Doubt.COLUMN)
