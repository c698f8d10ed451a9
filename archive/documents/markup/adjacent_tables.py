"""Tables of the form that stand beside the element which would be read, with figures that are not in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from archive.documents.markup.scan import Element, Scan

_FIGURES = re.compile(r"\d+")
_TABLE = 1_500  # characters of the longest table of the form
_MOST = 3  # of the five markers; fewer may stand in a sentence about the form
_LABEL, _NESTED = 40, 8  # characters of a label, and elements of which it is all the text
_FEWEST, _COMPARED = 3, 4  # figures that make a table of a label, and those that are held against another's
MANY = 200  # places of one marker; more than these beside an element are not compared

_Span = tuple[int, int]


class AdjacentTables:
    """What stands beside elements of a page. ``places``: of each marker that stands in one table of the form, sorted.

    Nothing is looked up before a marker is met outside the elements that are asked about, which is seldom.
    """

    def __init__(self, scan: Scan, places: Sequence[list[int]]) -> None:
        self._scan = scan
        self._places = places
        self._figures: dict[int, tuple[str, ...]] = {}

    def differs(self, outer: Element, inner: Sequence[Element]) -> bool:
        """Whether tables stand in the outer element, but in none of the inner, with figures that none of these has.

        What such a table says cannot be passed over: it may be of the report that the page is about.
        """
        spans = [self._scan.spans[element] for element in inner]
        around = self._scan.spans.get(outer, (0, 0))
        if any(self._differs(places, around, spans) for places in self._places):
            return True
        return self._loose_differs(around, spans)

    def _differs(self, places: list[int], outer: _Span, inner: Sequence[_Span]) -> bool:
        within = [_places_within(places, span) for span in inner]
        here = _places_within(places, outer)
        if sum(map(len, within)) >= len(here):  # nearly always
            return False
        known = {place for some in within for place in some}
        beside = [place for place in here if place not in known and self._in_table(place, inner)]
        if not beside or len(beside) > MANY:
            return bool(beside)
        held = {self._about(place) for place in sorted(known)[:MANY]}
        return any(figures and figures not in held for figures in map(self._about, beside))

    def _loose_differs(self, outer: _Span, inner: Sequence[_Span]) -> bool:
        """Whether most markers stand beside the inner elements in no <table>, with other figures between them; or one
        that is a label, with figures of its own in cells behind it.
        """
        here = [_places_within(places, outer) for places in self._places]
        within = [[_places_within(places, span) for places in here] for span in inner]
        known = {place for held in within for some in held for place in some}
        if len(known) >= sum(map(len, here)):  # nearly always
            return False
        beside = [[place for place in some if place not in self._tables and place not in known] for some in here]
        if sum(map(bool, beside)) < _MOST:
            return any(self._has_own(*some, spans=inner) for some in zip(beside, here, strict=True) if some[0])
        held = {self._between_markers(some) for some in within}
        figures = self._between_markers(beside)
        return bool(figures) and figures not in held

    def _has_own(self, beside: Sequence[int], here: Sequence[int], *, spans: Sequence[_Span]) -> bool:
        """Whether a marker in a cell of its own is followed by cells of figures with which none of the others is.

        ``beside``: its places in no inner element, ``here``: all of them.
        """
        labels = [place for place in beside[:MANY] if self._is_label(place)]
        if not labels:
            return False
        others = [self._cells_behind(place) for place in here if _inner(place, spans) is not None][:MANY]
        for place in labels:
            number = bisect_left(spans, (place, 0))
            own = self._cells_behind(place, spans[number][0] if number < len(spans) else None)
            if len(own) >= _FEWEST and all(other[: len(own)] != own for other in others):
                return True
        return False

    def _is_label(self, place: int) -> bool:
        """Whether a marker stands in an element of its own, as a cell's label does, and in no sentence."""
        number = bisect_left(self._short, (place + 1, 0)) - 1
        around = (span for span in self._short[max(0, number - _NESTED) : number + 1] if place < span[1])
        return any(_FIGURES.search(self._scan.text[start:end]) is None for start, end in around)

    def _cells_behind(self, place: int, before: int | None = None) -> tuple[str, ...]:
        """The first figures in cells of their own behind a place, and before another."""
        end = min(place + _TABLE, len(self._scan.text) if before is None else before)
        first = bisect_left(self._figure_cells, (place, 0))
        cells = self._figure_cells[first : first + _COMPARED]
        return tuple(self._scan.text[start:last] for start, last in cells if last <= end)

    @cached_property
    def _short(self) -> list[_Span]:
        """Where the elements stand that are no longer than a label."""
        return sorted({span for span in self._scan.spans.values() if 0 < span[1] - span[0] <= _LABEL})

    @cached_property
    def _figure_cells(self) -> list[_Span]:
        """Where the elements stand that hold nothing but a figure."""
        return [span for span in self._short if self._scan.text[span[0] : span[1]].strip().isdecimal()]

    def _between_markers(self, found: Sequence[list[int]]) -> tuple[str, ...]:
        """The figures from the first of some places to the last."""
        start, end = min(some[0] for some in found if some), max(some[-1] for some in found if some)
        return tuple(_FIGURES.findall(self._scan.text[start:end]))

    def _in_table(self, place: int, inner: Sequence[_Span]) -> bool:
        """Whether a place is in a table, other than one that is around an inner element to lay out the page."""
        table = self._tables.get(place)
        if table is None:
            return False
        number = bisect_left(inner, (table[0], 0))
        return number == len(inner) or inner[number][1] > table[1]

    def _about(self, place: int) -> tuple[str, ...]:
        """The figures of the innermost table about a place; those near it if that is great, or there is none."""
        if place not in self._figures:
            start, end = self._tables.get(place, (0, len(self._scan.text)))
            text = self._scan.text[max(start, place - _TABLE) : min(end, place + _TABLE)]
            self._figures[place] = tuple(_FIGURES.findall(text))
        return self._figures[place]

    @cached_property
    def _tables(self) -> dict[int, _Span]:
        """For each place in a table, where the innermost of its tables begins and ends."""
        tables = [span for element, span in self._scan.spans.items() if element.tag == "table"]
        found: dict[int, _Span] = {}
        around: list[_Span] = []
        number = 0
        for place in sorted({place for some in self._places for place in some}):
            while number < len(tables) and tables[number][0] <= place:
                around.append(tables[number])
                number += 1
            while around and around[-1][1] <= place:
                around.pop()
            if around:
                found[place] = around[-1]
        return found


def _inner(place: int, spans: Sequence[_Span]) -> _Span | None:
    """The one of some spans, in their order, that a place is in."""
    number = bisect_left(spans, (place + 1, 0)) - 1
    return spans[number] if number >= 0 and place < spans[number][1] else None


def _places_within(places: list[int], span: _Span) -> list[int]:
    return places[bisect_left(places, span[0]) : bisect_left(places, span[1])]
