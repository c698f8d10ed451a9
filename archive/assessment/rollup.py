"""Compare a government's figure with the sum of its agencies' figures, and look for what could explain a gap. Pure.

A blank is never 0: that agency has no figure, as if its report were missing or unreadable. An explanation is only a
candidate: arithmetic that would close the gap exactly, never a fact about an agency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from archive.assessment.data_files import data_file, in_both_languages
from archive.assessment.figures import WITHOUT_REPORT, Figure, FigureState, add_up, change
from archive.assessment.measures import Measure
from archive.sentence_templates import fill

_AMOUNTS = frozenset({"amount", "open_amount"})
_MAX_CANDIDATES = 3  # if there are more, chance explains the gap as well
_UNIT_FACTOR = Decimal(10_000)  # between 元 and 万元
_MAX_NAMED = 4  # agencies in one sentence
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
    """One agency's figure of an indicator. ``name``: of the agency; ``expected``: a report of it was expected."""

    name: str
    figure: Figure
    expected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GapCandidate:
    """One change that would close a gap exactly. ``agency``: the name of the agency, None the government itself;
    ``value``: its figure as printed; ``meant``: the figure that would close the gap; ``zh``, ``en``: a sentence.
    """

    how: Explained
    agency: str | None
    value: Decimal
    meant: Decimal
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpCell:
    """The comparison of one indicator; ``zh``, ``en``: its result in a sentence.
    ``own``: the government's figure (None: ``own_state`` says why). ``total``: the sum of the agencies' figures (None:
    there is none), which come from so many ``reports``, of which ``doubted`` have a doubted figure. ``blank``,
    ``not_printed``, ``unread``: how many reports lack the figure; ``absent``: how many agencies that owe a report have
    none. ``gap``: ``own - total``, None if unknown or if it would reveal a withheld figure. ``more``: how many
    ``candidates`` there are, if over three; then none is given.
    """

    indicator: str
    label: str
    label_en: str
    unit: str
    own: Decimal | None
    own_state: FigureState
    total: Decimal | None
    reports: int
    doubted: int
    blank: int
    not_printed: int
    unread: int
    absent: int
    gap: Decimal | None
    verdict: RollUp
    candidates: tuple[GapCandidate, ...]
    more: int
    zh: str
    en: str

    @property
    def has_figures(self) -> bool:
        """True if there is anything but zeros and blanks."""
        return bool(self.own) or bool(self.total) or bool(self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One explanation over all indicators: it ``closes`` so many of the ``gaps``. ``agency``: as of a candidate."""

    how: Explained
    agency: str | None
    closes: int
    gaps: int


def roll_up(measure: Measure, own: Figure, parts: Sequence[RollupPart]) -> RollUpCell:
    """Compare the government's figure (``own``) with the sum of its agencies' figures (``parts``); explain the gap. If
    one is withheld, no gap is given, which would reveal it; of more than three explanations, only the number.
    """
    summands = [part for part in parts if part.figure.value is not None]
    lacking = [part for part in parts if _lacks(part)]
    states = Counter(part.figure.state for part in lacking)
    total = add_up(part.figure.value for part in summands) if summands else None
    is_withheld = FigureState.WITHHELD in (own.state, *states)
    gap = change(own.value, total) if own.value is not None and total is not None and not is_withheld else None
    verdict = _verdict(gap, measure.kind, _rounding(measure.kind, own, summands), lacks=bool(lacking))
    candidates = () if verdict is RollUp.FITS or gap is None else tuple(_candidates(gap, own, summands))
    are_few = len(candidates) <= _MAX_CANDIDATES
    key = "withheld" if is_withheld else _sentence_key(verdict, own, lacks=bool(lacking))
    values = {"own": own.value, "total": total, "gap": gap if gap is None else abs(gap)}
    zh, en = _sentence(key, lacking, reports=len(summands), **{name: _number(one) for name, one in values.items()})

    def count(*some: FigureState) -> int:
        return sum(states[state] for state in some)

    return RollUpCell(
        indicator=measure.id,
        label=measure.zh,
        label_en=measure.en,
        unit=measure.unit,
        own=own.value,
        own_state=own.state,
        total=total,
        reports=len(summands),
        doubted=sum(part.figure.doubted for part in summands),
        blank=count(FigureState.BLANK, FigureState.MARK, FigureState.TEXT),
        not_printed=count(FigureState.NOT_PRINTED, FigureState.NOT_IN_FORM),
        unread=count(FigureState.UNREAD, FigureState.WITHHELD, FigureState.SYSTEM),
        absent=count(*WITHOUT_REPORT),
        gap=gap,
        verdict=verdict,
        candidates=candidates if are_few else (),
        more=0 if are_few else len(candidates),
        zh=zh,
        en=en,
    )


def _lacks(part: RollupPart) -> bool:
    """True if an agency that owes or has a report gives no figure."""
    return part.figure.value is None and (part.expected or part.figure.state not in WITHOUT_REPORT)


def suspects(cells: Iterable[RollUpCell], agencies: Sequence[str]) -> tuple[Suspect, ...]:
    """Return the explanations that each close more than one gap; those that close most gaps come first. ``agencies``:
    the names of all agencies in the sum. A report that was left out or counted twice closes the gaps of all its figures
    at once; chance rarely does.
    """
    gaps = [cell for cell in cells if cell.gap and cell.verdict is not RollUp.FITS]
    closed: Counter[tuple[Explained, str | None]] = Counter()
    for cell in gaps:
        closed.update({(candidate.how, candidate.agency) for candidate in cell.candidates})
    suspected = (
        Suspect(how=how, agency=agency, closes=closed[how, agency], gaps=len(gaps))
        for how in sorted(Explained)
        for agency in (None, *agencies)
        if closed[how, agency] > 1
    )
    return tuple(sorted(suspected, key=lambda one: -one.closes))


def _verdict(gap: Decimal | None, kind: str, rounding: Decimal, *, lacks: bool) -> RollUp:
    """Return what a gap means. ``gap``: the government's figure less the sum, None if one is unknown; ``kind``: of the
    indicator; ``rounding``: the largest gap that rounding explains; ``lacks``: some agencies have no figure.
    """
    if gap is None:
        return RollUp.UNKNOWN
    if abs(gap) <= rounding:
        return RollUp.FITS
    if lacks and (gap > 0 or kind == "signed_count"):  # a lacking signed figure may be negative, too
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
    """Yield every change of one figure that closes the gap (a report left out or counted twice, a slip in a figure).
    Small gaps and figures agree by chance and are left out. First that of the government's own figure: among the many
    of the agencies, one that closes the gap is found more easily by chance.
    """
    if abs(gap) < _MIN_FIGURE or own.value is None:
        return
    if is_slip(own.value, change(own.value, gap)):
        yield _candidate(Explained.OWN_SLIP, None, own.value, change(own.value, gap))
    for part in summands:
        value = part.figure.value
        if value is None or abs(value) < _MIN_FIGURE:
            continue
        if value == -gap:
            yield _candidate(Explained.LEFT_OUT, part.name, value, Decimal(0))
        if value == gap:
            yield _candidate(Explained.TWICE, part.name, value, value + value)
        if is_slip(value, change(value, -gap)):
            yield _candidate(Explained.SLIP, part.name, value, change(value, -gap))


def _candidate(how: Explained, agency: str | None, value: Decimal, corrected: Decimal) -> GapCandidate:
    """Say how a gap may have come: ``value`` should be ``corrected``; ``agency``: None for the own figure."""
    values = {"agency": agency, "value": _number(value), "meant": _number(corrected)}
    zh, en = in_both_languages(data_file("rollup.toml")["candidate"][how], values)
    return GapCandidate(how=how, agency=agency, value=value, meant=corrected, zh=zh, en=en)


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


def _sentence_key(verdict: RollUp, own: Figure, *, lacks: bool) -> str:
    """Return the key of a comparison's sentence in ``rollup.toml``; ``lacks``: an agency below has no figure."""
    if verdict is RollUp.UNKNOWN:
        return "no_own" if own.value is None else "no_parts"
    return "fits_without" if verdict is RollUp.FITS and lacks else verdict.value


def _sentence(key: str, lacking: Sequence[RollupPart], **values: object) -> tuple[str, str]:
    """Return a sentence of ``rollup.toml`` in Chinese and in English; ``lacking``: the agencies without a figure."""
    names = [part.name for part in sorted(lacking, key=lambda part: part.figure.state)]
    first, more = names[:_MAX_NAMED], len(names[_MAX_NAMED:])
    zh, en = "、".join(first) + ("等" if more else ""), ", ".join(first) + (f" and {more} more" if more else "")
    template = data_file("rollup.toml")["verdict"][key]
    values["n"] = len(names)
    return fill(template["zh"], values | {"names": zh}), fill(template["en"], values | {"names": en})


def _number(value: Decimal | None) -> str:
    if value is None:
        return "—"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
