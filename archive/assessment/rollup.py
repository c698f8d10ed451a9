"""Compare a government's figure with the sum of its agencies' figures, and look for what could explain a gap. Pure.

A blank is never 0: that agency has no figure, as if its report were missing or unreadable. An explanation is only a
candidate: arithmetic that would close the gap exactly, never a fact about an agency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from archive.assessment.data_files import data_file, in_both_languages
from archive.assessment.figures import WITHOUT_REPORT, Figure, FigureState, add_up, change
from archive.sentence_templates import fill

SIGNED = frozenset({"signed_count"})  #: kinds of figures that may be negative, so that a gap has no direction
_AMOUNTS = frozenset({"amount", "open_amount"})
_MAX_CANDIDATES = 3  # if there are more, chance explains the gap as well
_UNIT_FACTOR = Decimal(10_000)  # between 元 and 万元
MAX_NAMED = 4  # agencies in one sentence
_MIN_FIGURE = Decimal(10)  # smaller figures and gaps agree too often by chance


class RollUp(StrEnum):
    """The result of a comparison.

    ``fits``: the government's figure is the sum. ``gap_fits_missing``: the sum is less, and some agencies have no
    figure, which may be the gap. ``falls_short``: the sum is less, but no known agency lacks: a figure is wrong, or an
    agency is not in the registry. ``exceeds``: the sum is more: a figure is wrong, or two reports count the same cases.
    ``unknown``: one side is not known.
    """

    FITS = "fits"
    GAP = "gap_fits_missing"
    SHORT = "falls_short"
    EXCEEDS = "exceeds"
    UNKNOWN = "unknown"


class Explained(StrEnum):
    """How one figure could explain a gap exactly.

    ``left_out``: the government's sum leaves the agency out. ``twice``: it counts the agency twice. ``slip``: a digit
    or the unit of the agency's figure is wrong; ``own_slip``: of the government's figure.
    """

    LEFT_OUT = "left_out"
    TWICE = "twice"
    SLIP = "slip"
    OWN_SLIP = "own_slip"


@dataclass(frozen=True, slots=True)
class RollupPart:
    """One agency's figure of an indicator; ``expected``: a report of this agency was expected."""

    agency: str
    figure: Figure
    expected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GapCandidate:
    """One change that would close a gap exactly. ``agency``: None is the government itself; ``value``: its figure as
    printed; ``meant``: the figure that would close the gap.
    """

    how: Explained
    agency: str | None
    value: Decimal
    meant: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRollUp:
    """The comparison of one indicator. ``own``: the government's figure; ``total``: the sum of the agencies' figures
    (None if there is none), which come from so many ``reports``.

    ``lacking``: figure state → the agencies without a figure that owe or have a report. ``gap``: ``own - total``, None
    if unknown or if it would reveal a withheld figure. ``more``: how many ``candidates`` there are, if over three; then
    none is given.
    """

    indicator: str
    own: Figure
    total: Decimal | None
    reports: int
    doubted: tuple[str, ...] = ()
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gap: Decimal | None = None
    verdict: RollUp = RollUp.UNKNOWN
    candidates: tuple[GapCandidate, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One explanation over all indicators: it ``closes`` so many of the ``gaps``."""

    how: Explained
    agency: str | None
    closes: int
    gaps: int


def roll_up(indicator: str, kind: str, own: Figure, parts: Sequence[RollupPart]) -> CellRollUp:
    """Compare the government's figure of an indicator with the sum of ``parts``; ``kind``: of its measure."""
    summands = [part for part in parts if part.figure.value is not None]
    lacking: dict[str, list[str]] = {}
    for part in parts:
        if part.figure.value is None and (part.expected or part.figure.state not in WITHOUT_REPORT):
            lacking.setdefault(part.figure.state.value, []).append(part.agency)
    total = add_up(part.figure.value for part in summands) if summands else None
    is_withheld = FigureState.WITHHELD.value in lacking or own.state is FigureState.WITHHELD
    gap = change(own.value, total) if own.value is not None and total is not None and not is_withheld else None
    verdict = _verdict(gap, kind, _rounding(kind, own, summands), lacks=bool(lacking))
    candidates = [] if verdict is RollUp.FITS or gap is None else list(_candidates(gap, own, summands))
    return CellRollUp(
        indicator=indicator,
        own=own,
        total=total,
        reports=len(summands),
        doubted=tuple(part.agency for part in summands if part.figure.doubted),
        lacking={state: tuple(names) for state, names in sorted(lacking.items())},
        gap=gap,
        verdict=verdict,
        candidates=tuple(candidates) if len(candidates) <= _MAX_CANDIDATES else (),
        more=len(candidates) if len(candidates) > _MAX_CANDIDATES else 0,
    )


def suspects(cells: Iterable[CellRollUp]) -> tuple[Suspect, ...]:
    """Return the explanations that each close more than one gap; those that close most gaps come first.

    A report that was left out or counted twice closes the gaps of all its figures at once; chance rarely does.
    """
    gaps = [cell for cell in cells if cell.gap and cell.verdict is not RollUp.FITS]
    counts: Counter[tuple[Explained, str | None]] = Counter()
    for cell in gaps:
        counts.update({(candidate.how, candidate.agency) for candidate in cell.candidates})
    suspected = [(how, agency, closes) for (how, agency), closes in counts.items() if closes > 1]
    suspected.sort(key=lambda one: (-one[2], one[0], one[1] or ""))
    return tuple(Suspect(how=how, agency=agency, closes=closes, gaps=len(gaps)) for how, agency, closes in suspected)


def _verdict(gap: Decimal | None, kind: str, rounding: Decimal, *, lacks: bool) -> RollUp:
    """Return what a gap means; ``lacks``: some agencies have no figure."""
    if gap is None:
        return RollUp.UNKNOWN
    if abs(gap) <= rounding:
        return RollUp.FITS
    if lacks and (gap > 0 or kind in SIGNED):  # a lacking signed figure may be negative, too
        return RollUp.GAP
    return RollUp.SHORT if gap > 0 else RollUp.EXCEEDS


def _rounding(kind: str, own: Figure, summands: Sequence[RollupPart]) -> Decimal:
    """Return by how much amounts may differ because each report rounds its own; counts may not differ."""
    if kind not in _AMOUNTS:
        return Decimal(0)
    values = [one.value for one in (own, *(part.figure for part in summands)) if one.value is not None]
    digits = [-int(value.as_tuple().exponent) for value in values]
    return add_up(Decimal(5).scaleb(-places - 1) for places in digits if places > 0)


def _candidates(gap: Decimal, own: Figure, summands: Sequence[RollupPart]) -> Iterator[GapCandidate]:
    """Yield every change of one figure that closes the gap; small gaps and figures agree by chance and are left out."""
    if abs(gap) < _MIN_FIGURE or own.value is None:
        return
    for part in summands:
        value = part.figure.value
        if value is None or abs(value) < _MIN_FIGURE:
            continue
        if value == -gap:
            yield GapCandidate(how=Explained.LEFT_OUT, agency=part.agency, value=value, meant=Decimal(0))
        if value == gap:
            yield GapCandidate(how=Explained.TWICE, agency=part.agency, value=value, meant=value + value)
        if is_slip(value, change(value, -gap)):
            yield GapCandidate(how=Explained.SLIP, agency=part.agency, value=value, meant=change(value, -gap))
    closing_figure = change(own.value, gap)
    if is_slip(own.value, closing_figure):
        yield GapCandidate(how=Explained.OWN_SLIP, agency=None, value=own.value, meant=closing_figure)


def is_slip(printed: Decimal, amount: Decimal) -> bool:
    """True if figures of ten or more differ by one slip: a digit wrong, lost or added, two swapped, or a wrong unit."""
    if printed == amount or min(printed, amount) < _MIN_FIGURE:
        return False
    if printed in {amount * _UNIT_FACTOR, amount / _UNIT_FACTOR}:
        return True
    one, other = (f"{value.normalize():f}" for value in (printed, amount))
    if len(one) == len(other):
        wrong = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        if any("." in (one[at], other[at]) for at in wrong):
            return False
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and one[wrong[0]] == other[wrong[1]]
        return len(wrong) == 1 or (swapped and one[wrong[1]] == other[wrong[0]])
    short, long = sorted((one, other), key=len)
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def sentence(cell: CellRollUp, names: Mapping[str, str]) -> tuple[str, str]:
    """Return the result of a comparison as a Chinese and an English sentence; ``names``: agency id → name."""
    lacking = [names.get(agency, agency) for agencies in cell.lacking.values() for agency in agencies]
    values = {
        "own": _number(cell.own.value),
        "total": _number(cell.total),
        "reports": cell.reports,
        "gap": _number(None if cell.gap is None else abs(cell.gap)),
        "n": len(lacking),
    }
    first = lacking[:MAX_NAMED]
    more = len(lacking) - len(first)
    zh, en = "、".join(first) + ("等" if more else ""), ", ".join(first) + (f" and {more} more" if more else "")
    template = data_file("rollup.toml")["verdict"][_sentence_key(cell)]
    return fill(template["zh"], values | {"names": zh}), fill(template["en"], values | {"names": en})


def explanation(candidate: GapCandidate, names: Mapping[str, str]) -> tuple[str, str]:
    """Return a candidate as a Chinese and an English sentence; ``names``: agency id → name."""
    agency = names.get(candidate.agency or "", candidate.agency or "")
    values = {"agency": agency, "value": _number(candidate.value), "meant": _number(candidate.meant)}
    return in_both_languages(data_file("rollup.toml")["candidate"][candidate.how], values)


def _sentence_key(cell: CellRollUp) -> str:
    """Return the key of a comparison's sentence in ``rollup.toml``."""
    if cell.verdict is RollUp.FITS and cell.lacking:
        return "fits_without"
    if cell.verdict is not RollUp.UNKNOWN:
        return cell.verdict.value
    if FigureState.WITHHELD in (cell.own.state, *cell.lacking):
        return "withheld"
    return "no_own" if cell.own.value is None else "no_parts"


def _number(value: Decimal | None) -> str:
    if value is None:
        return "—"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
