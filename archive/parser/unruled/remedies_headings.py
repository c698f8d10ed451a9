"""Find the headings of the one-row table of remedies (复议、诉讼) among words without rulings."""

from __future__ import annotations

from collections.abc import Sequence

from archive.parser.unruled.label_pieces import LabelPieces, Tile, from_left
from archive.parser.unruled.label_spelling import Spelled
from archive.parser.unruled.matches import height_of

_ABOVE, _BELOW = 1.5, 15.0  # heights around the headings of the blocks in which those of the columns stand
_BLOCKS = 6.0  # heights between the headings of blocks


def remedies_rows(kind: Spelled, pieces: LabelPieces) -> list[Tile] | None:
    """The headings of the blocks, in the form's order; that of a block without one of its own is the next one's."""
    nested = [n for n, row in enumerate(kind.table.rows) if row.groups]
    anchors = [pieces.find(kind.rows[n]) for n in nested]
    for first in anchors[0] if anchors else ():
        rest = [[tile for tile in tiles if _level(first, tile)] for tiles in anchors[1:]]
        if not all(rest):
            continue
        chain = from_left(dict(enumerate([[first], *rest])), height_of(first))
        if chain is None:
            continue
        own = dict(chain)
        begin, end = min(tile.x0 for tile in own.values()), max(tile.x1 for tile in own.values())
        rows: list[Tile] = []
        for n, spellings in enumerate(kind.rows):
            near = [tile for tile in pieces.find(spellings) if abs(tile.cy - first.cy) < _BLOCKS * height_of(first)]
            beside = [tile for tile in near if tile.x1 < begin] + [tile for tile in near if end < tile.x0]
            rows.append(own[nested.index(n)] if n in nested else (*beside, chain[0][1])[0])
        return rows
    return None


def remedies_heads(
    kind: Spelled, pieces: LabelPieces, rows: Sequence[Tile]
) -> tuple[list[tuple[tuple[int, int], Tile]], list[Tile]] | None:
    """Return the headings of the columns from left to right, with block and column, and the text around them."""
    last = rows[-1]
    height = height_of(last)
    top, bottom = last.y0 - _ABOVE * height, last.y1 + _BELOW * height
    part = LabelPieces([piece for piece in pieces.all if top <= piece.y0 and piece.cy <= bottom])
    heads = [(tile.x0 + tile.x1, n, tile) for n, names in enumerate(kind.columns[0]) for tile in part.find(names)]
    heads.sort(key=lambda head: head[:2])
    size = len(kind.columns[0])
    blocks = sorted(range(len(rows)), key=lambda n: rows[n].x0)
    runs = [heads[at : at + size] for at in range(0, len(heads), size)]
    if len(runs) != len(rows) or any({n for _, n, _ in run} != set(range(size)) for run in runs):
        return None
    moved = blocks != list(range(len(rows)))
    if moved and not all(
        _is_above(rows[block], run[0][2], run[-1][2]) for block, run in zip(blocks, runs, strict=True)
    ):
        return None
    above = last.y0 - _BLOCKS * height
    around = LabelPieces([piece for piece in pieces.all if above <= piece.y0 and piece.cy <= bottom])
    placed = [((block, n), tile) for block, run in zip(blocks, runs, strict=True) for _, n, tile in run]
    return placed, around.find_all(kind.others)


def _is_above(block: Tile, first: Tile, last: Tile) -> bool:
    """Whether the middle of a block's heading is between its columns."""
    return first.x0 <= (block.x0 + block.x1) / 2 <= last.x1


def _level(one: Tile, other: Tile) -> bool:
    return min(one.y1, other.y1) - max(one.y0, other.y0) > 0
