"""Compare a government's figure with the sum of its bodies' figures, and look for what could explain a gap.

Pure. A blank is never 0: it is a body without a figure, as a report that is missing or could not be read. An
explanation is a candidate: arithmetic that would close the gap exactly, never a fact about a body.
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
_CANDIDATES = 3  # with more of them than this, chance explains the gap as well
_MIX_UP = Decimal(10_000)  # by how much a figure is wrong that was written in 元 for 万元, or the other way round
MAX_NAMED = 4  # bodies in one sentence
_TELLING = Decimal(10)  # a figure or gap below this is met too often by chance


class RollUp(StrEnum):
    """What a comparison says.

    ``fits``: the government's figure is the sum. ``gap_fits_missing``: the sum is less, and bodies have no figure: the
    gap may be theirs. ``falls_short``: the sum is less though every known body is in it: a figure is wrong, or a body
    is not in the registry. ``exceeds``: the sum is more: a figure is wrong, or two reports count the same.
    ``unknown``: nothing can be said.
    """

    FITS = "fits"
    GAP = "gap_fits_missing"
    SHORT = "falls_short"
    EXCEEDS = "exceeds"
    UNKNOWN = "unknown"


class Explained(StrEnum):
    """How one figure could explain a gap exactly.

    ``left_out``: the government's sum leaves the body out. ``twice``: it counts it twice. ``slip``: a slip of a digit
    or of the unit in the body's figure; ``own_slip``: one in the government's.
    """

    LEFT_OUT = "left_out"
    TWICE = "twice"
    SLIP = "slip"
    OWN_SLIP = "own_slip"


@dataclass(frozen=True, slots=True)
class Part:
    """One body's figure of an indicator; ``expected``: whether a report of it was to be expected."""

    agency: str
    figure: Figure
    expected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What would close a gap exactly. ``agency``: the body (None: the government itself); ``value``: its figure as
    printed; ``meant``: what it would have to be.
    """

    how: Explained
    agency: str | None
    value: Decimal
    meant: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRollUp:
    """One indicator. ``own``: the government's figure; ``total``: the sum of ``reports`` bodies' ones (None: of none).

    ``lacking``: state → the bodies that have no figure and owe a report, or have one without this figure. ``gap``:
    ``own`` less ``total``; None where either is not known, or where a withheld report would be told by it.
    ``candidates``: at most three; ``more``: how many there would be.
    """

    indicator: str
    own: Figure
    total: Decimal | None
    reports: int
    doubted: tuple[str, ...] = ()
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gap: Decimal | None = None
    verdict: RollUp = RollUp.UNKNOWN
    candidates: tuple[Candidate, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One explanation over all indicators: how many of the gaps it closes, of how many there are."""

    how: Explained
    agency: str | None
    closes: int
    gaps: int


def rolled_up(indicator: str, kind: str, own: Figure, parts: Sequence[Part]) -> CellRollUp:
    """Hold the government's figure of an indicator of a ``kind`` against the bodies' ones."""
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
        candidates=tuple(candidates) if len(candidates) <= _CANDIDATES else (),
        more=len(candidates) if len(candidates) > _CANDIDATES else 0,
    )


def suspects(cells: Iterable[CellRollUp]) -> tuple[Suspect, ...]:
    """The explanations that close more than one gap each, those that close most first.

    One report left out or counted twice shows in all its figures at once; by chance it rarely does.
    """
    gaps = [one for one in cells if one.gap and one.verdict is not RollUp.FITS]
    counts: Counter[tuple[Explained, str | None]] = Counter()
    for one in gaps:
        counts.update({(candidate.how, candidate.agency) for candidate in one.candidates})
    suspected = [(how, agency, closes) for (how, agency), closes in counts.items() if closes > 1]
    suspected.sort(key=lambda one: (-one[2], one[0], one[1] or ""))
    return tuple(Suspect(how=how, agency=agency, closes=closes, gaps=len(gaps)) for how, agency, closes in suspected)


def _verdict(gap: Decimal | None, kind: str, rounding: Decimal, *, lacks: bool) -> RollUp:
    if gap is None:
        return RollUp.UNKNOWN
    if abs(gap) <= rounding:
        return RollUp.FITS
    if lacks and (gap > 0 or kind in SIGNED):  # what lacks may be negative as well
        return RollUp.GAP
    return RollUp.SHORT if gap > 0 else RollUp.EXCEEDS


def _rounding(kind: str, own: Figure, summands: Sequence[Part]) -> Decimal:
    """By how much amounts may differ because each was rounded where it was printed; counts are exact."""
    if kind not in _AMOUNTS:
        return Decimal(0)
    values = [one.value for one in (own, *(part.figure for part in summands)) if one.value is not None]
    digits = [-int(value.as_tuple().exponent) for value in values]
    return add_up(Decimal(5).scaleb(-places - 1) for places in digits if places > 0)


def _candidates(gap: Decimal, own: Figure, summands: Sequence[Part]) -> Iterator[Candidate]:
    """All that one wrong figure could be; a small gap is met by chance, and not looked at."""
    if abs(gap) < _TELLING or own.value is None:
        return
    for part in summands:
        value = part.figure.value
        if value is None or abs(value) < _TELLING:
            continue
        if value == -gap:
            yield Candidate(how=Explained.LEFT_OUT, agency=part.agency, value=value, meant=Decimal(0))
        if value == gap:
            yield Candidate(how=Explained.TWICE, agency=part.agency, value=value, meant=value + value)
        if is_slip(value, change(value, -gap)):
            yield Candidate(how=Explained.SLIP, agency=part.agency, value=value, meant=change(value, -gap))
    digit_change = change(own.value, gap)
    if is_slip(own.value, digit_change):
        yield Candidate(how=Explained.OWN_SLIP, agency=None, value=own.value, meant=digit_change)


def is_slip(printed: Decimal, amount: Decimal) -> bool:
    """Whether a figure is another with one slip: a wrong, lost or added digit, two that changed places, a wrong unit.

    Figures below ten tell nothing.
    """
    if printed == amount or min(printed, amount) < _TELLING:
        return False
    if printed in {amount * _MIX_UP, amount / _MIX_UP}:
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
    """What the comparison of one indicator says; ``names``: of bodies, by id."""
    lacking = [names.get(one, one) for bodies in cell.lacking.values() for one in bodies]
    values = {
        "own": _number(cell.own.value),
        "total": _number(cell.total),
        "reports": cell.reports,
        "gap": _number(None if cell.gap is None else abs(cell.gap)),
        "n": len(lacking),
    }
    some = lacking[:MAX_NAMED]
    more = len(lacking) - len(some)
    zh, en = "、".join(some) + ("等" if more else ""), ", ".join(some) + (f" and {more} more" if more else "")
    template = data_file("rollup.toml")["verdict"][_key(cell)]
    return fill(template["zh"], values | {"names": zh}), fill(template["en"], values | {"names": en})


def explanation(candidate: Candidate, names: Mapping[str, str]) -> tuple[str, str]:
    """What would close the gap."""
    agency = names.get(candidate.agency or "", candidate.agency or "")
    values = {"agency": agency, "value": _number(candidate.value), "meant": _number(candidate.meant)}
    return in_both_languages(data_file("rollup.toml")["candidate"][candidate.how], values)


def _key(cell: CellRollUp) -> str:
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
