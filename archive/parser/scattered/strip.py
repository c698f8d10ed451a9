"""The headings of a table of one row (复议、诉讼) among scattered pieces."""

from __future__ import annotations

from collections.abc import Sequence

from archive.parser.scattered.found import height_of
from archive.parser.scattered.spelled import Spelled
from archive.parser.scattered.tiles import Pieces, Tile, in_order

_ABOVE, _BELOW = 1.5, 15.0  # heights around the headings of the blocks in which those of the columns stand
_BLOCKS = 6.0  # heights between the headings of blocks


def strip_rows(kind: Spelled, pieces: Pieces) -> list[Tile] | None:
    """The headings of the blocks, from left to right; that of a block without one of its own is the next one's."""
    nested = [n for n, row in enumerate(kind.table.rows) if row.groups]
    anchors = [pieces.find(kind.rows[n]) for n in nested]
    for first in anchors[0] if anchors else ():
        rest = [[tile for tile in tiles if _level(first, tile)] for tiles in anchors[1:]]
        chain = in_order([[first], *rest], height_of(first), across=True)
        if chain is None:
            continue
        done: list[Tile] = []
        for n, spellings in enumerate(kind.rows):
            near = [tile for tile in pieces.find(spellings) if abs(tile.cy - first.cy) < _BLOCKS * height_of(first)]
            left = next((tile for tile in near if tile.x1 < first.x0), first)
            done.append(chain[nested.index(n)] if n in nested else left)
        return done
    return None


def strip_heads(kind: Spelled, pieces: Pieces, rows: Sequence[Tile]) -> tuple[list[Tile], list[Tile]] | None:
    """The headings of the columns, those of each block in the form's order, and what else is printed around them."""
    last = rows[-1]
    height = height_of(last)
    top, bottom = last.y0 - _ABOVE * height, last.y1 + _BELOW * height
    part = Pieces([piece for piece in pieces.all if top <= piece.y0 and piece.cy <= bottom])
    heads = [(tile.x0 + tile.x1, n, tile) for n, names in enumerate(kind.columns[0]) for tile in part.find(names)]
    heads.sort(key=lambda head: head[:2])
    if [n for _, n, _ in heads] != list(range(len(kind.columns[0]))) * len(rows):
        return None
    above = last.y0 - _BLOCKS * height
    around = Pieces([piece for piece in pieces.all if above <= piece.y0 and piece.cy <= bottom])
    return [tile for _, _, tile in heads], around.find_all(kind.others)


def _level(one: Tile, other: Tile) -> bool:
    return min(one.y1, other.y1) - max(one.y0, other.y0) > 0
