"""Find the form's tables among words without rulings: labels in their order, figures by row and column, or nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from archive.documents.pages import PositionedText, PositionedWord
from archive.forms.model import RowPlan
from archive.parser.unruled.label_pieces import LabelPieces, Tile, from_left, in_order
from archive.parser.unruled.label_spelling import Spelled, spelled
from archive.parser.unruled.matches import (
    LabelMatches,
    Option,
    Sides,
    down,
    height_of,
    in_rows,
    is_figure,
    may_wrap,
    spans_of,
    sums_hold,
)
from archive.parser.unruled.remedies_headings import remedies_heads, remedies_rows
from archive.parser.unruled.sides import SIDES, SideAssignment, Span, assign_side, assigned

_SLACK = 0.4  # heights by which labels of neighbouring rows may overlap
_HEAD = 30.0  # heights above the first row in which its headings stand
_TAIL = 8.0  # heights below the last label in which its figures may stand
_NEAR = 100.0  # points above and below the labels in which lines part rows of the table
_MEET = 3.0  # points by which lines miss what they part
_TABLES = 6  # of one kind in a document


def tables_of(positioned: PositionedText) -> list[LabelMatches]:
    """The tables of all forms, none of which shares a piece with another; those with more rows are looked for first."""
    tables: list[LabelMatches] = []
    used: set[int] = set()
    left = LabelPieces(positioned.pieces)
    for kind in sorted(spelled(), key=lambda kind: -len(kind.rows)):
        for _ in range(_TABLES):
            found = Search(kind, left.headed(kind.others), positioned, _habits(tables)).table()
            if found is None:
                break
            tables.append(found)
            used.update(id(piece) for piece in found.used)
            left = LabelPieces([piece for piece in positioned.pieces if id(piece) not in used])
    return tables


def _habits(found: Sequence[LabelMatches]) -> Sides:
    """On which sides the labels and headings of figures between two are in the tables found, where they agree."""
    rows, columns = ({table.sides[axis] for table in found} - {None} for axis in (0, 1))
    return rows.pop() if len(rows) == 1 else None, columns.pop() if len(columns) == 1 else None


@dataclass(slots=True)
class Search:
    """The search for one table of one form among the pieces. ``habits``: what the tables found before tell of sides."""

    kind: Spelled
    pieces: LabelPieces
    lines: PositionedText
    habits: Sides = (None, None)
    used: list[PositionedWord] = field(default_factory=list)

    def table(self) -> LabelMatches | None:
        """The first one from the top, if all of it is certain."""
        strip = self.kind.table.layout == "strip"
        rows = remedies_rows(self.kind, self.pieces) if strip else self.rows()
        options = (self._strip(rows) if strip else self._grid(rows)) if rows else None
        if not rows or not options:
            return None
        chosen, doubted = self._best(options), False
        if chosen is None:
            chosen, doubted = self._usual(options), True
        if chosen is None:
            return None
        form, plan = self.kind.form, self.kind.table
        named = {row.id: tile for row, tile in zip(plan.rows, rows, strict=True)}
        self._use(piece for tile in rows for piece in tile.pieces)
        self._use(chosen.figures.values())
        return LabelMatches(form, plan, chosen.figures, named, chosen.columns, tuple(self.used), chosen.sides, doubted)

    def _best(self, options: Sequence[Option]) -> Option | None:
        """The one way to place the figures; of several the one alone in which all sums of the form hold."""
        if len(options) == 1:
            return options[0]
        holding = [option for option in options if sums_hold(self.kind.form, self.kind.table, option.figures)]
        return holding[0] if len(holding) == 1 else None

    def _usual(self, options: Sequence[Option]) -> Option | None:
        """The one alone that is as in the other tables."""
        alike = [
            option
            for option in options
            if all(habit in (None, side) or side is None for habit, side in zip(self.habits, option.sides, strict=True))
        ]
        return alike[0] if len(alike) == 1 else None

    def _use(self, pieces: Iterable[PositionedWord]) -> None:
        self.used += pieces

    # rows below each other: the tables of 主动公开 and of 申请

    def rows(self) -> list[Tile] | None:
        """The labels of all rows from top to bottom."""
        found: list[list[Tile]] = []
        for spellings in self.kind.rows:
            if not (tiles := self.pieces.find(spellings)):
                return None
            found.append(tiles)
        return in_order(found, _SLACK * height_of(found[0][0])) if found else None

    def _grid(self, rows: list[Tile]) -> list[Option] | None:
        height = height_of(rows[0])
        headed = self.heads(rows)
        if headed is None:
            return None
        heads = [[tile for _, tile in block] for block in headed]
        orders = [[column for column, _ in block] for block in headed]
        top = max([tile.y1 for tiles in heads[:1] for tile in tiles], default=rows[0].y0 - height)
        self._use(piece for tiles in heads for tile in tiles for piece in tile.pieces)
        values = self.values(rows, min(top, rows[0].y0), height)
        if values is None:
            return None
        lines = in_rows(values, height)
        cuts = sorted([*self.across(rows, values), *(tile.cy for tiles in heads[1:] for tile in tiles)])
        ways = assigned([down(line) for line in lines], [(tile.y0, tile.y1) for tile in rows], cuts)
        options: list[Option] = []
        for way, side in product(ways, SIDES):
            placed = None if may_wrap(lines, way) else self.placed(heads, orders, lines, way, side)
            same = next((option for option in options if placed and option.figures == placed.figures), None)
            if same is not None:
                same.sides = same.sides[0], None
            elif placed is not None:
                options.append(placed)
        return options

    def heads(self, rows: list[Tile]) -> list[list[tuple[int, Tile]]] | None:
        """The headings of each block of columns from left to right, each with the place of its column in the form.

        None of a block where not all are found. None at all where those found tell no one order.
        """
        plan, slack = self.kind.table, _SLACK * height_of(rows[0])
        blocks = [row.block for row in plan.rows]
        headings: list[list[tuple[int, Tile]]] = []
        for number, names in enumerate(self.kind.columns):
            first = blocks.index(number)
            upper = rows[first - 1].y1 if first else rows[0].y0 - _HEAD * height_of(rows[0])
            lower = rows[first].y0
            part = LabelPieces([p for p in self.pieces.all if upper - slack <= p.y0 and p.y1 <= lower + slack])
            found = {column: tiles for column, spellings in enumerate(names) if (tiles := part.find(spellings))}
            order = from_left(found, height_of(rows[0])) if found else []
            if order is None:
                return None
            headings.append(order if len(found) == len(names) else [])
            self._use_beside(part, [tile for _, tile in order], first=not number)
        return headings

    def _use_beside(self, part: LabelPieces, heads: Sequence[Tile], *, first: bool) -> None:
        """Take what else a table prints among its headings; above the first row, only what stands below all words that
        no table prints (三、…): what stands above these is of another table.
        """
        others = part.find_all(self.kind.others)
        known = {id(piece) for tile in (*heads, *others) for piece in tile.pieces}
        words = [p.y1 for p in part.all if id(p) not in known and part.spelled(p) and not p.text.isascii()]
        top = max(words, default=-math.inf) if first else -math.inf
        self._use(piece for tile in others if tile.y1 > top for piece in tile.pieces)

    def values(self, rows: list[Tile], top: float, height: float) -> list[PositionedWord] | None:
        """The figures from ``top`` to the end of the table; None if there are words among them that nothing names."""
        own = {id(p) for tile in rows for p in tile.pieces}
        bottom, left = rows[-1].y1, min(tile.x0 for tile in rows)
        others = [p for p in self.pieces.all if rows[0].y0 <= p.cy <= bottom and id(p) not in own]
        words = [p for p in others if self.pieces.spelled(p) and not p.text.isascii()]
        named = {id(p) for tile in LabelPieces(words).find_all(self.kind.others) for p in tile.pieces}
        words = [p for p in words if id(p) in named or not is_figure(p)]
        if not all(id(p) in named or self._is_known(rows, p) for p in words):
            return None
        self._use(words)
        own |= named
        found = [p for p in others if id(p) not in own and is_figure(p) and p.x0 > left]
        found += [p for p in self.pieces.all if top <= p.cy < rows[0].y0 and is_figure(p) and p.x0 > left]
        for piece in self.pieces.all:
            if piece.cy <= bottom or id(piece) in own:
                continue
            if piece.cy > bottom + _TAIL * height or (not is_figure(piece) and self.pieces.spelled(piece)):
                break
            if is_figure(piece):
                found.append(piece)
        return found

    def _is_known(self, rows: Sequence[Tile], piece: PositionedWord) -> bool:
        """Whether words among the rows are a part of a group's label, or at a page's head of what is printed again."""
        spelling = self.pieces.spelled(piece)
        first = next((tile.y0 for tile in rows if tile.pieces[0].page == piece.page), math.inf)
        again = piece.page > rows[0].pieces[0].page and piece.cy < first
        texts = self.kind.others if again else self.kind.groups
        return any(spelling in text for text in texts) and not any(spelling in names for names in self.kind.rows)

    def across(self, rows: Sequence[Tile], values: Sequence[PositionedWord]) -> list[float]:
        """Where lines are drawn across most of the figures."""
        if not values:
            return []
        left, right = min(p.x0 for p in values), max(p.x1 for p in values)
        wide = 0.8 * (right - left)
        found = [y for y, x0, x1 in self.lines.across if min(x1, right) - max(x0, left) >= wide]
        return sorted(y for y in found if rows[0].y0 - _NEAR <= y <= rows[-1].y1 + _NEAR)

    def _beside(self, top: float, bottom: float) -> list[float]:
        """Where lines are drawn down beside figures."""
        return sorted(x for x, y0, y1 in self.lines.down if y0 - _MEET <= top and bottom <= y1 + _MEET)

    def placed(
        self,
        heads: list[list[Tile]],
        orders: list[list[int]],
        lines: list[list[PositionedWord]],
        way: SideAssignment,
        side: int,
    ) -> Option | None:
        """The figures by row and column, those between two headings of the one on that side; None if they have none.

        ``orders``: the column of each of the ``heads``.
        """
        plan = self.kind.table
        figures: dict[str, PositionedWord] = {}
        columns: dict[str, Span] = {}
        row_lines = [(plan.rows[n], line) for n, line in zip(way.labels, lines, strict=True)]
        for number, tiles in enumerate(heads):
            own = [(row, line) for row, line in row_lines if row.block == number]
            rows = [row for row in plan.rows if row.block == number]
            spans = spans_of([p for _, line in own for p in line])
            places = self._columns(spans, tiles, len(rows[0].column_ids), own, side)
            if places is None:
                return None
            order = orders[number] or range(len(rows[0].column_ids))
            places = {at: order[n] for at, n in places.items()}
            for row, line in own:
                for piece in line:
                    at = next(n for n, (x0, x1) in enumerate(spans) if x0 <= piece.x0 <= x1)
                    place = row.place_ids[places[at]]
                    if place in figures:
                        return None
                    figures[place] = piece
            stretches = {column: spans[at] for at, column in places.items()}
            for n, tile in zip(order, tiles, strict=False):
                stretches.setdefault(n, (tile.x0, tile.x1))
            columns |= {row.place_ids[n]: span for row in rows for n, span in stretches.items()}
        return Option(figures, columns, (way.side, side))

    def _columns(
        self,
        spans: list[Span],
        tiles: list[Tile],
        count: int,
        own: list[tuple[RowPlan, list[PositionedWord]]],
        side: int,
    ) -> dict[int, int] | None:
        """Which column each stretch of figures is; without headings only if there are as many as columns."""
        if count == 1:
            beside = {int(b <= tile.x0) for a, b in spans for tile in tiles if b <= tile.x0 or tile.x1 <= a}
            alone = all(len(line) == 1 for _, line in own) and beside <= {side}
            return dict.fromkeys(range(len(spans)), 0) if alone else None
        if not tiles:
            return dict(enumerate(range(count))) if len(spans) == count else None
        if not spans:
            return {}
        top, bottom = down(own[0][1])
        way = assign_side(spans, [(t.x0, t.x1) for t in tiles], self._beside(top, bottom), side)
        return dict(enumerate(way.labels)) if way is not None else None

    # one row of figures under nested headings: 复议 and 诉讼

    def _strip(self, rows: list[Tile]) -> list[Option] | None:
        plan, height = self.kind.table, height_of(rows[-1])
        heads = remedies_heads(self.kind, self.pieces, rows)
        if heads is None:
            return None
        placed, others = heads
        tiles = [tile for _, tile in placed]
        self._use(p for tile in [*tiles, *others] for p in tile.pieces)
        own = {id(piece) for piece in self.used}
        bottom = max(tile.y1 for tile in tiles)
        values: list[PositionedWord] = []
        for piece in self.pieces.all:
            if piece.cy <= bottom or id(piece) in own or not (self.pieces.spelled(piece) or is_figure(piece)):
                continue
            if not is_figure(piece) or piece.cy > bottom + _TAIL * height:
                break
            values.append(piece)
        lines = in_rows(values, height)
        if len(lines) > 1:
            return None
        line = lines[0] if lines else []
        cuts = self._beside(*down(line)) if line else []
        ways = assigned([(p.x0, p.x1) for p in line], [(t.x0, t.x1) for t in tiles], cuts)
        places = [plan.rows[row].place_ids[column] for (row, column), _ in placed]
        columns = {place: (tile.x0, tile.x1) for place, tile in zip(places, tiles, strict=True)}
        return [
            Option({places[n]: p for n, p in zip(way.labels, line, strict=True)}, columns, (None, way.side))
            for way in ways
        ]
