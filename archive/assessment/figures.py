"""Take one report's figure for a measure, and add up figures of reports. Pure; a blank is never 0.

A sum or rate is known only if every cell that it needs holds a number. Where some are blank, the others still say how
much it is at least.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

from archive.assessment.measures import SMALL, Measure
from archive.forms.loader import old_form
from archive.forms.model import Sum
from storage.records import CellState, Status

_RATE = Decimal("0.000001")  # a rate is told to so much
# The greatest figure that is read has 117 digits, the finest 12 decimals: nothing is rounded but a rate.
_EXACT = Context(prec=200)
_NOTHING = Decimal(0)


class FigureState(StrEnum):
    """Why there is a value, or why there is none.

    ``printed``: the report prints the number. ``computed``: from numbers that it prints. ``blank`` and ``mark`` ("-",
    "/", "无"): the cell is printed and holds no number. ``text``: something stands there that is no number.
    ``not_printed``: the form has the place, the report does not show it. ``not_in_form``: the report is on a form
    without that place. ``incomplete``: some of the cells needed hold no number. ``no_cases``: a rate of nothing.
    ``unread``: no table of a form could be read; of the free table before 2019, that no such row was read, as nobody
    can tell which rows it should have. ``withheld``: a ruling hides the report. ``system``: the report speaks
    for several bodies. ``stated``: no table gives the number, and the running text states it (given only where it is
    asked for). Where no report is held, the status of its duty says why (``missing not_found unknown not_yet_due
    not_expected elsewhere``), or the portal showed it: ``not_held``. Words and meanings: ``figure_states.toml``.
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


#: no report is held, so that there is no figure
WITHOUT_REPORT = frozenset(
    {
        *(FigureState.MISSING, FigureState.NOT_FOUND, FigureState.UNKNOWN, FigureState.NOT_YET_DUE),
        *(FigureState.NOT_EXPECTED, FigureState.ELSEWHERE, FigureState.NOT_HELD),
    }
)


def state_without_report(status: Status) -> FigureState:
    """Return why there is no figure if no report is held; ``status``: of its duty."""
    return FigureState(status.value) if status.value in WITHOUT_REPORT else FigureState.NOT_HELD


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell of one report: its state (None: not printed), its number, and whether the reader doubts it."""

    state: CellState | None
    value: Decimal | None = None
    doubted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measure of one report.

    ``at_least``: what the numbers that are there add up to, where the value is not known. ``part`` and ``n``: numerator
    and denominator of a rate, as far as known. ``doubted``: the reader doubts a cell that it rests on. ``lacking``: ids
    of the cells that hold no number.
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
        """Whether it is a rate of fewer cases than say anything."""
        return self.value is not None and self.n is not None and self.n < SMALL


_STATES = {None: FigureState.NOT_PRINTED, CellState.BLANK: FigureState.BLANK, CellState.MARK: FigureState.MARK}
ABSENT = PrintedCell(None)


def figure(measure: Measure, form: str | None, cells: Mapping[str, PrintedCell]) -> Figure:
    """Give the figure of a report whose tables follow ``form`` (None: none was recognised)."""
    terms = _terms_of(measure, measure.terms, form, cells)
    if terms is None:
        return Figure(value=None, state=FigureState.UNREAD if form is None else FigureState.NOT_IN_FORM)
    over = _figure_of_sum(terms, cells)
    if not measure.is_rate:
        free = over.state is FigureState.NOT_PRINTED and form == old_form().name
        return replace(over, state=FigureState.UNREAD) if free else over
    under_terms = _terms_of(measure, measure.under, form, cells)
    if under_terms is None:
        return Figure(value=None, state=FigureState.NOT_IN_FORM)
    return _rate(measure, over, _figure_of_sum(under_terms, cells))


def _terms_of(
    measure: Measure, terms: Mapping[str, Sum], form: str | None, cells: Mapping[str, PrintedCell]
) -> Sum | None:
    """The cells to add: those of the report's form; of a place also where a report of mixed forms prints it."""
    if form is not None and form in terms:
        return terms[form]
    if not measure.derived and cells.get(measure.id, ABSENT).state is not None:
        return ((measure.id, 1),)
    return None


def _figure_of_sum(terms: Sum, cells: Mapping[str, PrintedCell]) -> Figure:
    if len(terms) == 1 and terms[0][1] == 1:
        only = cells.get(terms[0][0], ABSENT)
        if only.value is not None:  # most figures that are asked for
            rounded = _EXACT.add(_NOTHING, only.value)
            return Figure(value=rounded, state=FigureState.PRINTED, doubted=only.doubted)
    parts = [(name, sign, cells.get(name, ABSENT)) for name, sign in terms]
    values = [(sign, cell.value, cell.doubted) for _, sign, cell in parts if cell.value is not None]
    total = add_up(value if sign > 0 else value.copy_negate() for sign, value, _ in values)
    doubted = any(doubt for _, _, doubt in values)
    lacking = tuple(name for name, _, cell in parts if cell.value is None)
    if not lacking:
        state = FigureState.PRINTED if len(parts) == 1 and parts[0][1] == 1 else FigureState.COMPUTED
        return Figure(value=total, state=state, doubted=doubted)
    states = {_STATES.get(cell.state, FigureState.TEXT) for _, _, cell in parts if cell.value is None}
    bounded = bool(values) and all(sign > 0 for _, sign, _ in parts) and all(value >= 0 for _, value, _ in values)
    return Figure(
        value=None,
        state=states.pop() if not values and len(states) == 1 else FigureState.INCOMPLETE,
        at_least=total if bounded else None,
        doubted=doubted,
        lacking=lacking,
    )


def _rate(measure: Measure, over: Figure, under: Figure) -> Figure:
    doubted = over.doubted or under.doubted
    if over.value is None or under.value is None:
        alike = over.value is None and over.state is under.state
        floor = over.at_least if measure.share else None
        return Figure(
            value=None,
            state=over.state if alike else FigureState.INCOMPLETE,
            at_least=quotient(floor, under.value, ROUND_FLOOR) if floor is not None and under.value else None,
            part=over.value,
            n=under.value,
            doubted=doubted,
            lacking=tuple(dict.fromkeys((*over.lacking, *under.lacking))),
        )
    if under.value <= 0:
        doubted = doubted or under.value < 0 or over.value != 0  # printed sums that do not hold
        return Figure(value=None, state=FigureState.NO_CASES, part=over.value, n=under.value, doubted=doubted)
    outside = measure.share and not 0 <= over.value <= under.value
    return Figure(
        value=quotient(over.value, under.value),
        state=FigureState.COMPUTED,
        part=over.value,
        n=under.value,
        doubted=doubted or outside,
    )


def quotient(over: Decimal, under: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal | None:
    """Give ``over / under`` to six decimals; None for a rate of nothing."""
    return _EXACT.divide(over, under).quantize(_RATE, rounding=rounding, context=_EXACT) if under else None


def add_up(values: Iterable[Decimal | None]) -> Decimal:
    """Add up exactly what is known."""
    total = Decimal(0)
    for value in values:
        if value is not None:
            total = _EXACT.add(total, value)
    return total


def change(after: Decimal, before: Decimal) -> Decimal:
    """Give ``after`` less ``before``, exactly."""
    return _EXACT.subtract(after, before)


# ---------------------------------------------------------------------------------------------- many reports


@dataclass(frozen=True, slots=True, kw_only=True)
class SumMember:
    """One body's part in a sum: its figure, or ``reason`` why it has none (a state, or the status of its duty).

    ``owed``: whether a report was to be expected; those that were not are told apart.
    """

    figure: Figure
    reason: str
    owed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A measure over many bodies.

    ``value``: the sum over the ``reports`` that give a number, for a rate the sum of their numerators over that of
    their denominators (``part``, ``n``); None if none does. ``owed``: bodies of which a report was to be expected.
    ``without``: reason → how many of them are not in the sum; ``apart``: the same for bodies that owe none.
    ``complete``: every one is in it; ``small``: a rate of fewer cases than say anything. ``low`` and ``high``: what the
    figure of all can be at least and at most; None where nothing bounds it. ``doubted``: how many of the
    reports in it hold a doubted cell; ``zero``: how many print 0; ``stated``: how many are stated in text alone.
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
        # fields and not properties, so that every form of an answer holds them
        object.__setattr__(self, "complete", self.reports > 0 and not self.without)
        object.__setattr__(self, "small", self.value is not None and self.n is not None and self.n < SMALL)


def usable(measure: Measure, one: Figure) -> bool:
    """Whether a figure can be added to others: known, and its unit is; a rate of nothing adds nothing."""
    if measure.kind == "open_amount" and one.doubted:  # 元 or 万元: nobody can say
        return False
    return one.value is not None or one.state is FigureState.NO_CASES


def total(measure: Measure, bodies: Iterable[SumMember]) -> Total:
    """Add up. A body that owes nothing is only counted, unless it published a number all the same."""
    figures: list[Figure] = []
    partly: list[Figure] = []
    without: dict[str, int] = {}
    apart: dict[str, int] = {}
    for body in bodies:
        if usable(measure, body.figure):
            figures.append(body.figure)
        elif body.owed:
            reason = "unit_doubted" if body.figure.value is not None else body.reason
            without[reason] = without.get(reason, 0) + 1
            partly.append(body.figure)
        else:
            apart[body.reason] = apart.get(body.reason, 0) + 1
    sums: dict[str, Decimal | None] = {"value": None}
    if figures or any(one.at_least for one in partly):
        sums = (_rate_total if measure.is_rate else _sum_total)(measure, figures, partly, whole=not without)
    return Total(
        **sums,
        reports=len(figures),
        owed=len(figures) + len(partly),
        without=_sorted(without),
        apart=_sorted(apart),
        doubted=sum([one.doubted for one in figures]),
        zero=sum([one.value == 0 for one in figures]),
        stated=sum([one.state is FigureState.STATED for one in figures]),
    )


def total_of_one(measure: Measure, body: SumMember) -> Total:
    """What :func:`total` says of one body, sooner: of the groups of a table most hold one."""
    one = body.figure
    if measure.is_rate or one.value is None or one.state is FigureState.STATED or not usable(measure, one):
        return total(measure, [body])
    value = _EXACT.add(_NOTHING, one.value)
    return Total(value=value, reports=1, owed=1, low=value, high=value, doubted=int(one.doubted), zero=int(not value))


def _sum_total(
    measure: Measure, figures: Sequence[Figure], partly: Sequence[Figure], *, whole: bool
) -> dict[str, Decimal | None]:
    """A sum; what is not known cannot be less than 0, unless the form counts a change. ``whole``: nobody lacks."""
    value = add_up([one.value for one in figures])
    if figures and whole:
        return {"value": value, "low": value, "high": value}
    floor = add_up([value, *(one.at_least for one in partly)])
    bounded = measure.kind != "signed_count" and all(one.value is not None and one.value >= 0 for one in figures)
    return {"value": value if figures else None, "low": floor if bounded else None}


def _rate_total(
    measure: Measure, figures: Sequence[Figure], partly: Sequence[Figure], *, whole: bool
) -> dict[str, Decimal | None]:
    """A rate over many, the sum of numerators to that of denominators; bounded only if all denominators are known."""
    part, n = add_up(one.part for one in figures), add_up(one.n for one in figures)
    low = high = None
    if measure.share and all(one.n is not None and one.n >= 0 for one in partly):
        all_n = add_up([n, *(one.n for one in partly)])
        least = add_up([part, *(_EXACT.multiply(one.at_least, one.n) for one in partly if one.at_least and one.n)])
        most = add_up([part, *(one.n for one in partly)])
        low, high = quotient(least, all_n, ROUND_FLOOR), quotient(most, all_n, ROUND_CEILING)
    if not figures:
        return {"value": None, "low": low, "high": high}
    value = quotient(part, n)
    if whole:
        low = high = value
    return {"value": value, "part": part, "n": n, "low": low, "high": high}


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))) if counts else {}
