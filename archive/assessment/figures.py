"""Compute the figure of one report for a measure, and add up the figures of many reports. Pure; a blank is never 0.

A sum or rate has a value only if every cell that it needs holds a number. If some are blank, the others may still give
a lower bound (``at_least``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import Any

from archive.assessment.measures import SMALL, Measure
from archive.forms.loader import old_form
from archive.forms.model import Sum
from storage.records import CellState, Status

_RATE = Decimal("0.000001")  # rates are rounded to six decimals
# The longest figure that the reader accepts has 117 digits and 12 decimals, so only rates are rounded.
EXACT = Context(prec=200)
_ZERO = Decimal(0)


class FigureState(StrEnum):
    """Where a figure's value comes from, or why it has none.
    ``printed``: the report prints the number. ``computed``: from numbers that it prints. ``blank`` and ``mark`` ("-",
    "/", "无"): the cell is printed without a number. ``text``: the cell holds something that is no number.
    ``not_printed``: the form has the cell, but the report does not. ``not_in_form``: the report's form has no such
    cell. ``incomplete``: some of the cells needed hold no number. ``no_cases``: a rate with denominator 0. ``unread``:
    no table of a form could be read; or the free table before 2019 has no such row, and which rows it should have is
    not known. ``withheld``: a ruling hides the report. ``system``: the report covers several agencies. ``stated``: only
    the running text states the number (given only on request). Without a report in the archive: the status of its duty
    (``missing not_found unknown not_yet_due not_expected elsewhere``), or ``not_held`` if the portal showed the report.
    Words and meanings: ``figure_states.toml``.
    """

    PRINTED = "printed"
    COMPUTED = "computed"
    BLANK = "blank"
    MARK = "mark"
    TEXT = "text"
    NOT_PRINTED = "not_printed"
    NOT_IN_FORM = "not_in_form"
    INCOMPLETE = "incomplete"
    NO_CASES = "no_cases"
    UNREAD = "unread"
    WITHHELD = "withheld"
    SYSTEM = "system"
    STATED = "stated"
    MISSING = "missing"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"
    NOT_YET_DUE = "not_yet_due"
    NOT_EXPECTED = "not_expected"
    ELSEWHERE = "elsewhere"
    NOT_HELD = "not_held"


#: States of figures whose report is not in the archive.
WITHOUT_REPORT = frozenset(
    map(FigureState, ("missing", "not_found", "unknown", "not_yet_due", "not_expected", "elsewhere", "not_held"))
)


def state_without_report(status: Status) -> FigureState:
    """Return the state of a figure whose report is not in the archive, from the ``status`` of the duty."""
    return FigureState(status.value) if status.value in WITHOUT_REPORT else FigureState.NOT_HELD


@dataclass(frozen=True, slots=True)
class FigureCell:
    """A cell of one report: its state (None: not printed), its number, and whether our reading of it is doubted."""

    state: CellState | None
    value: Decimal | None = None
    doubted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The figure of one report for one measure. ``at_least``: a lower bound from the known cells if the value is not
    known. ``part`` and ``n``: numerator and denominator of a rate, if known. ``doubted``: the reader doubts a cell that
    was used. ``lacking``: ids of the cells without a number.
    """

    value: Decimal | None
    state: FigureState
    at_least: Decimal | None = None
    part: Decimal | None = None
    n: Decimal | None = None
    doubted: bool = False
    lacking: tuple[str, ...] = ()

    @property
    def small(self) -> bool:
        """True if it is a rate of too few cases (fewer than ``SMALL``) to mean much."""
        return self.value is not None and self.n is not None and self.n < SMALL


#: Bits of a cell's code in PackedCells: its state, whether it is doubted, and whether its text is no number.
STATE_BITS, PRINTED, DOUBTED, NO_NUMBER = 3, 1, 4, 8
_CODES_WITHOUT_DOUBT = bytes(code for code in range(16) if not code & DOUBTED)
_STATE_OF_BITS = (None, CellState.PRINTED, CellState.BLANK, CellState.MARK)


def unpacked_cell(code: int, number: Decimal | int | None) -> FigureCell:
    """Return the cell with a code of PackedCells and a number."""
    value = None if number is None else Decimal(number)
    return FigureCell(_STATE_OF_BITS[code & STATE_BITS], value, bool(code & DOUBTED))


class PackedCells(Mapping[str, FigureCell]):
    """Cells of one report in two sequences, because an object for each would take too long; compared by identity, so
    that figures made of one object can be remembered.

    ``at``: their order by id, one object for all reports of an answer; ``numbers``: whole ones may be integers.
    """

    __slots__ = ("at", "codes", "numbers")

    def __init__(self, at: Mapping[str, int], numbers: Sequence[Decimal | int | None], codes: bytes) -> None:
        self.at, self.numbers, self.codes = at, numbers, codes

    def __getitem__(self, name: str) -> FigureCell:
        at = self.at[name]
        return unpacked_cell(self.codes[at], self.numbers[at])

    def __iter__(self) -> Iterator[str]:
        return iter(self.at)

    def __len__(self) -> int:
        return len(self.at)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


NO_CELLS = PackedCells({}, (), b"")


def numbers_and_doubts(cells: Mapping[str, FigureCell]) -> tuple[tuple[str, ...], Sequence[Any], Collection[str]]:
    """Return the ids of cells, their numbers in this order (None for those without), and the ids of doubted cells."""
    if isinstance(cells, PackedCells):
        is_any_doubted = cells.codes.translate(None, _CODES_WITHOUT_DOUBT)
        pairs = zip(cells.at, cells.codes, strict=True) if is_any_doubted else ()
        return tuple(cells.at), cells.numbers, [name for name, code in pairs if code & DOUBTED]
    every = cells.items()
    return tuple(cells), [one.value for _, one in every], [name for name, one in every if one.doubted]


def changed_cells(before: PackedCells, after: PackedCells) -> list[str]:
    """Return the ids, sorted, of cells that differ in state or number or that only one prints; doubts do not count."""
    printed, other = (
        {
            (name, code & ~DOUBTED, number)
            for name, code, number in zip(one.at, one.codes, one.numbers, strict=True)
            if code & STATE_BITS
        }
        for one in (before, after)
    )
    return sorted({name for name, *_ in printed ^ other})


_STATES = {None: FigureState.NOT_PRINTED, CellState.BLANK: FigureState.BLANK, CellState.MARK: FigureState.MARK}
ABSENT = FigureCell(None)


def figure(measure: Measure, form: str | None, cells: Mapping[str, FigureCell]) -> Figure:
    """Return a report's figure for ``measure``, or why it has none; ``form``: of its tables (None: unrecognised)."""
    terms = _terms_of(measure, measure.terms, form, cells)
    if terms is None:
        return Figure(value=None, state=FigureState.UNREAD if form is None else FigureState.NOT_IN_FORM)
    over = _figure_of_sum(terms, cells)
    if not measure.is_rate:
        # before 2019 rows and their names were free: a row that was not found may be there under another name
        is_free = over.state is FigureState.NOT_PRINTED and form == old_form().name
        return replace(over, state=FigureState.UNREAD) if is_free else over
    under_terms = _terms_of(measure, measure.under, form, cells)
    if under_terms is None:
        return Figure(value=None, state=FigureState.NOT_IN_FORM)
    return rate(measure, over, _figure_of_sum(under_terms, cells))


def _terms_of(
    measure: Measure, terms: Mapping[str, Sum], form: str | None, cells: Mapping[str, FigureCell]
) -> Sum | None:
    """Return the cells to add in the report's form, else the measure's own cell if printed (mixed forms), else None."""
    if form is not None and form in terms:
        return terms[form]
    if not measure.derived and cells.get(measure.id, ABSENT).state is not None:
        return ((measure.id, 1),)
    return None


def _figure_of_sum(terms: Sum, cells: Mapping[str, FigureCell]) -> Figure:
    """Return the sum of cells with their signs; if one has no number, only a lower bound (none if any is negative)."""
    if len(terms) == 1 and terms[0][1] == 1:
        only = cells.get(terms[0][0], ABSENT)
        if only.value is not None:  # a short way for the usual figure, a single cell
            normalised = EXACT.add(_ZERO, only.value)
            return Figure(value=normalised, state=FigureState.PRINTED, doubted=only.doubted)
    parts = [(name, sign, cells.get(name, ABSENT)) for name, sign in terms]
    values = [(sign, cell.value, cell.doubted) for _, sign, cell in parts if cell.value is not None]
    total = add_up(value if sign > 0 else value.copy_negate() for sign, value, _ in values)
    doubted = any(doubt for _, _, doubt in values)
    lacking = tuple(name for name, _, cell in parts if cell.value is None)
    if not lacking:
        state = FigureState.PRINTED if len(parts) == 1 and parts[0][1] == 1 else FigureState.COMPUTED
        return Figure(value=total, state=state, doubted=doubted)
    states = {_STATES.get(cell.state, FigureState.TEXT) for _, _, cell in parts if cell.value is None}
    has_bound = bool(values) and all(sign > 0 for _, sign, _ in parts) and all(value >= 0 for _, value, _ in values)
    return Figure(
        value=None,
        state=states.pop() if not values and len(states) == 1 else FigureState.INCOMPLETE,
        at_least=total if has_bound else None,
        doubted=doubted,
        lacking=lacking,
    )


def rate(measure: Measure, over: Figure, under: Figure) -> Figure:
    """Return a rate from the figures of its numerator (``over``) and denominator (``under``). A share, which is 1 at
    most, has a lower bound if the numerator has one, and is doubted if it lies outside 0 to 1.
    """
    doubted = over.doubted or under.doubted
    if over.value is None or under.value is None:
        is_same_state = over.value is None and over.state is under.state
        floor = over.at_least if measure.share else None
        return Figure(
            value=None,
            state=over.state if is_same_state else FigureState.INCOMPLETE,
            at_least=quotient(floor, under.value, ROUND_FLOOR) if floor is not None and under.value else None,
            part=over.value,
            n=under.value,
            doubted=doubted,
            lacking=tuple(dict.fromkeys((*over.lacking, *under.lacking))),
        )
    if under.value <= 0:
        doubted = doubted or under.value < 0 or over.value != 0  # then the report's own sums do not hold
        return Figure(value=None, state=FigureState.NO_CASES, part=over.value, n=under.value, doubted=doubted)
    is_impossible = measure.share and not 0 <= over.value <= under.value
    return Figure(
        value=quotient(over.value, under.value),
        state=FigureState.COMPUTED,
        part=over.value,
        n=under.value,
        doubted=doubted or is_impossible,
    )


def quotient(over: Decimal, under: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal | None:
    """Return ``over / under`` rounded to six decimals, None if ``under`` is 0."""
    return EXACT.divide(over, under).quantize(_RATE, rounding=rounding, context=EXACT) if under else None


def add_up(values: Iterable[Decimal | None]) -> Decimal:
    """Return the exact sum of the known ``values``; None counts as unknown and is left out."""
    total = Decimal(0)
    for value in values:
        if value is not None:
            total = EXACT.add(total, value)
    return total


def change(after: Decimal, before: Decimal) -> Decimal:
    """Return exactly ``after - before``."""
    return EXACT.subtract(after, before)


# ---------------------------------------------------------------------------------------------- many reports


@dataclass(frozen=True, slots=True, kw_only=True)
class SumMember:
    """One agency's part in a sum: its figure; ``owed``: a report was expected of it."""

    figure: Figure
    owed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A measure added up over many agencies.
    ``value``: the sum over the ``reports`` that give a number; for a rate the sum of their numerators divided by the
    sum of their denominators (``part``, ``n``); None if no report gives a number. ``owed``: agencies of which a report
    was expected. ``without``: reason → how many of these are not in the sum; ``apart``: the same for agencies that owe
    no report. ``complete``: none is left out; ``small``: a rate of too few cases. ``low`` and ``high``: bounds of the
    figure of all agencies (None: no bound). How many reports in the sum: ``doubted`` have a doubted cell, ``zero``
    print 0, ``stated`` state the number in the text only.
    """

    value: Decimal | None
    reports: int
    owed: int
    without: Mapping[str, int] = field(default_factory=dict)
    apart: Mapping[str, int] = field(default_factory=dict)
    part: Decimal | None = None
    n: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    doubted: int = 0
    zero: int = 0
    stated: int = 0
    complete: bool = field(init=False)
    small: bool = field(init=False)

    def __post_init__(self) -> None:
        # fields and not properties, so that they are in every serialised answer
        object.__setattr__(self, "complete", self.reports > 0 and not self.without)
        object.__setattr__(self, "small", self.value is not None and self.n is not None and self.n < SMALL)


def usable(measure: Measure, item: Figure) -> bool:
    """True if a figure can be added to others: its value and unit are known, or it is a rate of no cases."""
    if measure.kind == "open_amount" and item.doubted:  # it is not known whether it is in 元 or 万元
        return False
    return item.value is not None or item.state is FigureState.NO_CASES


def total(measure: Measure, members: Iterable[SumMember]) -> Total:
    """Add up agencies' figures; those without a number are counted by reason: ``without`` if owed, else ``apart``."""
    figures: list[Figure] = []
    unusable: list[Figure] = []
    without: dict[str, int] = {}
    apart: dict[str, int] = {}
    for member in members:
        if usable(measure, member.figure):
            figures.append(member.figure)
        elif member.owed:
            reason = "unit_doubted" if member.figure.value is not None else member.figure.state.value
            without[reason] = without.get(reason, 0) + 1
            unusable.append(member.figure)
        else:
            apart[member.figure.state.value] = apart.get(member.figure.state.value, 0) + 1
    sums: dict[str, Decimal | None] = {"value": None}
    if figures or any(one.at_least for one in unusable):
        sums = (_rate_total if measure.is_rate else _sum_total)(measure, figures, unusable, is_full=not without)
    return Total(
        **sums,
        reports=len(figures),
        owed=len(figures) + len(unusable),
        without=_most_frequent_first(without),
        apart=_most_frequent_first(apart),
        doubted=sum([one.doubted for one in figures]),
        zero=sum([one.value == 0 for one in figures]),
        stated=sum([one.state is FigureState.STATED for one in figures]),
    )


def _sum_total(
    measure: Measure, figures: Sequence[Figure], unusable: Sequence[Figure], *, is_full: bool
) -> dict[str, Decimal | None]:
    """Return a sum and its bounds ``low`` and ``high``: only ``low`` if figures that are owed lack, none if any figure
    may be below 0. ``unusable``: owed figures that do not count, except for their own lower bounds; ``is_full``: no
    figure that is owed lacks.
    """
    value = add_up([one.value for one in figures])
    if figures and is_full:
        return {"value": value, "low": value, "high": value}
    floor = add_up([value, *(one.at_least for one in unusable)])
    has_floor = measure.kind != "signed_count" and all(one.value is not None and one.value >= 0 for one in figures)
    return {"value": value if figures else None, "low": floor if has_floor else None}


def _rate_total(
    measure: Measure, figures: Sequence[Figure], unusable: Sequence[Figure], *, is_full: bool
) -> dict[str, Decimal | None]:
    """Return value and bounds of a rate over many agencies; of an incomplete one only a share has bounds, and only if
    all denominators are known; ``part`` and ``n`` are the sums of numerators and denominators. ``unusable``: figures
    that do not count; ``is_full``: no figure that is owed is missing.
    """
    part, n = add_up(one.part for one in figures), add_up(one.n for one in figures)
    low = high = None
    if measure.share and all(one.n is not None and one.n >= 0 for one in unusable):
        all_n = add_up([n, *(one.n for one in unusable)])
        least = add_up([part, *(EXACT.multiply(one.at_least, one.n) for one in unusable if one.at_least and one.n)])
        most = add_up([part, *(one.n for one in unusable)])
        low, high = quotient(least, all_n, ROUND_FLOOR), quotient(most, all_n, ROUND_CEILING)
    if not figures:
        return {"value": None, "low": low, "high": high}
    value = quotient(part, n)
    if is_full:
        low = high = value
    return {"value": value, "part": part, "n": n, "low": low, "high": high}


def _most_frequent_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))) if counts else {}
