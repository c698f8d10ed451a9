"""Make the columns of the panel's figures from the cells of many reports: values, states, doubts, comparability.

Each indicator is computed for all reports of a form at once. All properties of a figure but its value are packed in one
byte. ``figure`` computes it from the bytes of the figure's cells, once for each combination of these bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from functools import cache, cached_property, lru_cache
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from archive.assessment.figures import (
    DOUBTED,
    EXACT,
    NO_NUMBER,
    PRINTED,
    STATE_BITS,
    Figure,
    FigureCell,
    FigureState,
    PackedCells,
    figure,
    rate,
    unpacked_cell,
)
from archive.assessment.measures import Measure, measures
from archive.exports.formats.columns import STATE, Batch, Coded
from archive.forms.indicators import Crossing
from archive.forms.model import Sum

DOUBT, HOW_JOINED = ".doubt", ".class"  #: endings of the names of an indicator's further columns
Number = Decimal | int | None


@cache
def joined_forms(name: str) -> Mapping[str, str]:
    """Return the forms with which an indicator is joined → ``same``, or ``near`` if they count nearly the same."""
    measure = measures()[name]
    same = (one.form for one in measure.crossings if one.kind is Crossing.SAME and one.id == name)
    return {**dict.fromkeys(same, "same"), **dict.fromkeys(measure.nearly, "near")}


class RowFigures(NamedTuple):
    """The form and cells of a report; without cells (None) the ``state`` of all its figures."""

    form: str | None
    state: FigureState | None
    cells: Mapping[str, FigureCell] | None


# The byte of a figure: its state, whether it is doubted, and how it is comparable.
_STATES = (None, *FigureState)
_COMPARABLE = ("own", "same", "near")
_DOUBTED, _COMPARABLE_BITS = 32, 6
_CELL_CODES = 16  # different codes of cells in PackedCells
_WITH_VALUE = {FigureState.PRINTED, FigureState.COMPUTED}


def _column_values() -> Mapping[str, tuple[object, ...]]:
    """Return for each column of a figure (state, doubt, class) what every possible byte means there."""
    states = [_STATES[byte % _DOUBTED] if byte % _DOUBTED < len(_STATES) else None for byte in range(256)]
    has_value = [state in _WITH_VALUE for state in states]
    return {
        STATE: tuple(state.value if state else None for state in states),
        DOUBT: tuple(int(bool(byte & _DOUBTED)) if has_value[byte] else None for byte in range(256)),
        HOW_JOINED: tuple(
            (*_COMPARABLE, None)[byte >> _COMPARABLE_BITS] if has_value[byte] else None for byte in range(256)
        ),
    }


_VALUES = _column_values()


class FigureColumns:
    """Makes the columns of indicators for rows of many forms."""

    def __init__(self, indicators: Sequence[Measure]) -> None:
        self._indicators = indicators

    def of(self, rows: Sequence[RowFigures]) -> Batch:
        """Return the columns of rows, in their order; reports on one form are computed together, which is faster."""
        groups: dict[tuple[str | None, FigureState | None, int | None], list[int]] = {}
        for at, row in enumerate(rows):
            key = (row.form, row.state, None if row.cells is None else len(row.cells))
            groups.setdefault(key, []).append(at)
        positions = {at: position for position, at in enumerate(at for group in groups.values() for at in group)}
        in_order = itemgetter(*(positions[at] for at in range(len(rows))))  # from the order of groups to that of rows
        parts = [self._group_columns(*group, [rows[at].cells for at in ats]) for group, ats in groups.items()]
        columns: dict[str, Sequence[object]] = {}
        nothing = [None] * len(rows)  # one object, so that other processes send it only once
        for one, *of_groups in zip(self._indicators, *parts, strict=True):
            values = [*chain.from_iterable(numbers for numbers, _ in of_groups)]
            codes = b"".join(bytes_of_group for _, bytes_of_group in of_groups)
            if len(of_groups) > 1:
                values, codes = [*in_order(values)], bytes(in_order(codes))
            columns[one.id] = nothing if values.count(None) == len(values) else values
            columns |= {one.id + end: Coded(codes, meanings) for end, meanings in _VALUES.items()}
        return columns

    def _group_columns(
        self, form: str | None, state: FigureState | None, places: int | None, cells: Sequence[Any]
    ) -> Sequence[tuple[Sequence[Number], bytes]]:
        """Return for each indicator the values, and bytes with state and doubt, of reports on one form. ``places``: how
        many cells each of them has; None: they have none, and ``state`` says why. ``cells``: of each report.
        """
        if places is None:
            nothing = [None] * len(cells), bytes([_STATES.index(state)]) * len(cells)
            return [nothing] * len(self._indicators)
        columns = _CellColumns(cells)
        with localcontext(EXACT):
            return [_form_figure(one.id, form).of(columns) for one in self._indicators]


class _CellColumns:
    """The cells of reports as columns: for each place the numbers, and a byte for each cell."""

    def __init__(self, cells: Sequence[PackedCells]) -> None:
        self.rows, self._at = len(cells), cells[0].at if cells[0] else {}
        self._numbers = [*zip(*(one.numbers for one in cells), strict=True)] if self._at else []
        self._codes = b"".join(one.codes for one in cells) if self._at else b""

    def numbers(self, place: str) -> Sequence[Number]:
        """Return the numbers of a place."""
        return self._numbers[self._at[place]] if place in self._at else [None] * self.rows

    def codes(self, place: str) -> bytes:
        """Return the bytes of a place (see PackedCells)."""
        return self._codes[self._at[place] :: len(self._at)] if place in self._at else bytes(self.rows)

    def sums(self, terms: Sum) -> Sequence[Number]:
        """Return for each report the sum of cells; None if a cell has no number, or ``terms`` is empty."""
        if len(terms) == 1 and terms[0][1] == 1:
            return self.numbers(terms[0][0])
        columns = [
            self.numbers(place) if sign > 0 else [None if one is None else -one for one in self.numbers(place)]
            for place, sign in terms
        ]
        sums = (None if None in numbers else sum(numbers) for numbers in zip(*columns, strict=True))
        return [*sums] if columns else [None] * self.rows


class _FormFigure:
    """Computes an indicator for reports on one form."""

    def __init__(self, measure: Measure, form: str | None) -> None:
        """Find the cells that ``measure`` needs on ``form`` (None: of reports without a form)."""
        self._measure, self._form = measure, form
        self._terms = measure.terms.get(form or "", () if measure.derived else ((measure.id, 1),))
        self._denominator = measure.under.get(form or "", ()) if measure.is_rate else ()
        self._places = tuple(dict.fromkeys(place for place, _ in (*self._terms, *self._denominator)))
        self._comparable = _COMPARABLE.index(joined_forms(measure.id).get(form or "", "own")) << _COMPARABLE_BITS
        self._byte_of = cache(self._byte)
        self._rate_of = lru_cache(maxsize=1_024)(self._rate)

    def of(self, cells: _CellColumns) -> tuple[Sequence[Number], bytes]:
        """Return the values of the reports, and for each a byte with state, doubt and how the figure is comparable."""
        values, columns = cells.sums(self._terms), [cells.codes(place) for place in self._places]
        if len(columns) == 1 and not self._measure.is_rate:
            return values, columns[0].translate(self._table_of_codes)
        codes = zip(*columns, strict=True) if columns else repeat((), cells.rows)
        if not self._measure.is_rate:
            return values, bytes(map(self._byte_of, codes))
        rates = [*map(self._rate_of, values, cells.sums(self._denominator), codes)]
        return [value for value, _ in rates], bytes(byte for _, byte in rates)

    @cached_property
    def _table_of_codes(self) -> bytes:
        """The byte of the figure for each byte of its only cell."""
        return bytes(self._byte((code,)) for code in range(_CELL_CODES)).ljust(256, b"\0")

    def _byte(self, codes: tuple[int, ...]) -> int:
        """Return a figure's byte (state, doubt, class) from its cells' bytes; of a rate only if a number is unknown."""
        numbers = (0 if code & STATE_BITS == PRINTED and not code & NO_NUMBER else None for code in codes)
        cells = dict(zip(self._places, map(unpacked_cell, codes, numbers), strict=True))
        return self._pack(figure(self._measure, self._form, cells))

    def _rate(self, numerator: Number, denominator: Number, codes: tuple[int, ...]) -> tuple[Number, int]:
        """Return the value and the byte (state, doubt, class) of a rate; ``codes``: the bytes of all its cells."""
        if numerator is None or denominator is None:
            return None, self._byte_of(codes)
        is_doubted = any(code & DOUBTED for code in codes)
        parts = (numerator, denominator)
        sums = (Figure(value=Decimal(one), state=FigureState.COMPUTED, doubted=is_doubted) for one in parts)
        result = rate(self._measure, *sums)
        return result.value, self._pack(result)

    def _pack(self, one: Figure) -> int:
        return _STATES.index(one.state) | one.doubted * _DOUBTED | self._comparable


@cache
def _form_figure(indicator: str, form: str | None) -> _FormFigure:
    return _FormFigure(measures()[indicator], form)
