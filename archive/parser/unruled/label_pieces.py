"""Join the pieces into which the lines of a cell, or the end of a page, broke its label, where nothing is ruled.

Ruled pages are joined in ``documents/layout/page_joining``, converted ones in ``parser/rows_cut_by_pages``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from archive.documents.pages import PositionedWord
from archive.parser.unruled.label_spelling import Spellings, spelled_characters

_LEVEL = 0.45  # heights by which pieces of one line are off each other
_BESIDE = 1.5  # heights between two pieces of one line of a label
_BELOW = 2.7  # heights between the middles of two lines of one label
_NEXT_PAGE = 14.0  # and where a page's end parts them, as heads may be printed again
_WITHIN, _AS_NEAR = 0.35, 1.3  # heights between the characters of a word; times that, to what is still of it
_TOUCH = 0.05  # heights between characters that touch
_WAYS = 200  # tried for one label
_LEFT, _RIGHT, _TOP, _BOTTOM = map(attrgetter, ("x0", "x1", "y0", "y1"))


@dataclass(frozen=True, slots=True)
class Tile:
    """A label: its pieces in the order of reading and the box around them."""

    pieces: tuple[PositionedWord, ...]
    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, pieces: Sequence[PositionedWord]) -> Tile:
        """The tile of these pieces."""
        return cls(
            tuple(pieces),
            min(p.x0 for p in pieces),
            min(p.y0 for p in pieces),
            max(p.x1 for p in pieces),
            max(p.y1 for p in pieces),
        )

    @property
    def cy(self) -> float:
        """Middle, vertically."""
        return (self.y0 + self.y1) / 2


class LabelPieces:
    """The pieces of a document that spell something, to look labels up in.

    ``again``: what may be printed again at the head of a page, before a label goes on there.
    """

    def __init__(self, pieces: Sequence[PositionedWord], again: Spellings = ()) -> None:
        self._again = "|".join(again)
        self.all = sorted(pieces, key=lambda p: p.cy)
        self._heights = [p.cy for p in self.all]
        self._turns = _page_turns([p.page for p in self.all])
        self._spelled = {id(p): spelled_characters(p.text) for p in self.all}
        self._begin: dict[str, list[PositionedWord]] = {}
        for piece in self.all:
            if spelled := self._spelled[id(piece)]:
                self._begin.setdefault(spelled[0], []).append(piece)

    def headed(self, again: Spellings) -> LabelPieces:
        """The same pieces, where other words may be printed again at the head of a page."""
        other = copy(self)
        other._again = "|".join(again)
        return other

    def spelled(self, piece: PositionedWord) -> str:
        """What a piece spells; "" for signs alone."""
        return self._spelled[id(piece)]

    def find(self, spellings: Spellings) -> list[Tile]:
        """All places, from top to bottom, with the first of these spellings that some place has."""
        for spelling in spellings:
            found = [self._from(piece, spelling) for piece in self._begin.get(spelling[0], ())]
            if any(found):
                return [tile for tile in found if tile is not None]
        return []

    def find_all(self, spellings: Spellings) -> list[Tile]:
        """All places that spell one of these, each piece at the head of one at most."""
        tiles: list[Tile] = []
        heads: set[int] = set()
        for spelling in spellings:
            for piece in self._begin.get(spelling[0], ()):
                if id(piece) not in heads and (tile := self._from(piece, spelling)) is not None:
                    heads.add(id(piece))
                    tiles.append(tile)
        return tiles

    def _from(self, first: PositionedWord, spelling: str) -> Tile | None:
        if not spelling.startswith(self.spelled(first)):
            return None
        ways = [[first]]
        for _ in range(_WAYS):
            if not ways:
                return None
            way = ways.pop()
            rest = spelling[sum(len(self.spelled(p)) for p in way) :]
            if not rest:
                if self._continues_word(way):
                    continue
                return Tile.of(way)
            following = [p for p in self._after(way) if rest.startswith(self.spelled(p))]
            ways += [[*way, p] for p in reversed(following)]
        return None

    def _continues_word(self, way: Sequence[PositionedWord]) -> bool:
        """Whether a word goes on behind its last piece, as near as its pieces stand to each other (其他 of 其他对)."""
        last = way[-1]
        height = last.y1 - last.y0
        level = [p for p in way if abs(p.cy - last.cy) <= _LEVEL * height]
        if len(level) < 2:
            return False
        gap = max(right.x0 - left.x1 for left, right in pairwise(level))
        if gap > _WITHIN * height:
            return False
        near = max(_AS_NEAR * gap, _TOUCH * height)
        first = bisect_left(self._heights, last.cy - _LEVEL * height)
        behind = bisect_right(self._heights, last.cy + _LEVEL * height)
        return any(
            -near <= piece.x0 - last.x1 <= near and self.spelled(piece) and not piece.text.isascii()
            for piece in self.all[first:behind]
        )

    def _after(self, way: Sequence[PositionedWord]) -> Iterator[PositionedWord]:
        """What may go on with a label: beside its last piece, or on the next line in its cell, or on the next page."""
        last = way[-1]
        height = last.y1 - last.y0
        x0, x1 = min(p.x0 for p in way), max(p.x1 for p in way)
        below: PositionedWord | None = None
        passed = False  # on the next page, what is not its head
        at = bisect_left(self._heights, last.cy - _LEVEL * height)
        end = bisect_right(self._heights, last.cy + _NEXT_PAGE * height)
        while at < end:
            piece = self.all[at]
            step = piece.cy - last.cy
            if step > _BELOW * height and piece.page == last.page:  # nothing here goes on with it
                at = self._turns[at]
                continue
            at += 1
            if not self.spelled(piece):
                continue
            if step <= _LEVEL * height:
                if -0.2 * height <= piece.x0 - last.x1 <= _BESIDE * height and not any(piece is p for p in way):
                    yield piece
            elif piece.x0 < x1 and x0 < piece.x1:
                if piece.page != last.page:
                    if not passed:
                        yield piece
                    passed = passed or not (piece.text.isascii() or self.spelled(piece) in self._again)
                elif step <= _BELOW * height and (below is None or piece.cy - below.cy <= _LEVEL * height):
                    below = below if piece.text.isascii() else piece  # figures of the next column are no line
                    yield piece


def _page_turns(pages: Sequence[int]) -> list[int]:
    """Of each piece, told by its page, where the next one is that stands on another page."""
    turns = [len(pages)] * len(pages)
    for at in range(len(pages) - 2, -1, -1):
        turns[at] = turns[at + 1] if pages[at + 1] == pages[at] else at + 1
    return turns


def in_order(found: Sequence[Sequence[Tile]], slack: float, *, across: bool = False) -> list[Tile] | None:
    """One tile for each label, each below the one before (or right of it: ``across``); None if there is no such way.

    Of several ways the one that ends first, and then the tightest. ``slack``: by how much tiles may overlap.
    """
    begin, end = (_LEFT, _RIGHT) if across else (_TOP, _BOTTOM)
    edge = float("-inf")
    last: Tile | None = None
    for tiles in found:
        last = min((tile for tile in tiles if begin(tile) >= edge - slack), key=end, default=None)
        if last is None:
            return None
        edge = end(last)
    if last is None:
        return None
    chain = [last]
    for tiles in reversed(found[:-1]):
        edge = begin(chain[-1]) + slack
        chain.append(max((tile for tile in tiles if end(tile) <= edge), key=begin))
    return chain[::-1]


def from_left(found: Mapping[int, Sequence[Tile]], slack: float) -> list[tuple[int, Tile]] | None:
    """One tile for each label, by its number, from left to right: in the order of the numbers if there is such a way,
    else as those stand that are lowest on the page; None if these overlap.
    """
    chain = in_order([found[number] for number in sorted(found)], slack, across=True)
    if chain is not None:
        return list(zip(sorted(found), chain, strict=True))
    lowest = [(number, max(tiles, key=_BOTTOM)) for number, tiles in found.items()]
    lowest.sort(key=lambda one: one[1].x0)
    return lowest if all(a.x1 <= b.x0 + slack for (_, a), (_, b) in pairwise(lowest)) else None
