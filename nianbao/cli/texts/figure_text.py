"""Figures as people and spreadsheets read them: a value, or a sign for why there is none, which is never 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from archive.assessment.figures import FigureState, Total
from archive.exports.plain_values import number, percent
from archive.queries.figure_answers import FigureLine, IndicatorLine
from nianbao.cli.texts.report_text import BLANK
from nianbao.language import Language, current
from nianbao.sentences import named, phrase

_BEFORE = {"break": "¦", "near": "≈", "stated": "“"}  #: what stands before a figure with such a mark
#: what stands in place of a figure; of the other states their word
SIGNS: Mapping[FigureState, str] = {FigureState.BLANK: BLANK, FigureState.MARK: "/", FigureState.NOT_PRINTED: "·"}
_EXPLAINED = (
    *(FigureState.BLANK, FigureState.MARK, FigureState.TEXT, FigureState.NOT_PRINTED, FigureState.NOT_IN_FORM),
    *(FigureState.INCOMPLETE, FigureState.NO_CASES, FigureState.UNREAD, FigureState.WITHHELD, FigureState.SYSTEM),
    FigureState.NOT_HELD,
)
_MARKED = ("revised", "two_at_once", "withdrawn", "redrawn", "system", "differs_elsewhere")
_LEGEND = {"doubted": ("?", "doubted"), "small_n": ("!", "small"), "break": ("¦", "break"), "near": ("≈", "near"),
    "stated": ("“", "stated")}  # fmt: skip


def figure_text(line: FigureLine, unit_is_rate: bool) -> str:
    """One cell of a table for people: ``12``, ``12?`` (doubted), ``8.3% n=12!`` (few cases), or a sign.

    ``¦12``: the figure before is on another form; ``≈12``: its form counts nearly the same; ``“12``: stated in text.
    """
    one = line.figure
    doubt = "?" if "doubted" in line.marks else ""
    if one.value is not None:
        sign = "".join(sign for mark, sign in _BEFORE.items() if mark in line.marks)
        if not unit_is_rate:
            return sign + number(one.value) + doubt
        return f"{sign}{percent(one.value)}{doubt} n={number(one.n)}{'!' if one.small else ''}"
    if one.at_least is not None:
        return "≥" + (percent(one.at_least) if unit_is_rate else number(one.at_least)) + doubt
    return sign_of(one.state)


def sign_of(state: FigureState) -> str:
    """What stands in place of a figure."""
    return SIGNS.get(state) or named(state.value, "state_short", "state")


def total_text(total: Total, unit_is_rate: bool) -> str:
    """A sum with how many of those who owe a report are in it: ``1204 (31/33)``; ``≥`` where it is a lower bound."""
    among = f"({total.reports}/{total.owed})"
    doubt = "?" if total.doubted else ""
    if total.value is None:
        return phrase("figure.none", among=among)
    if unit_is_rate:
        few = "!" if total.small else ""
        return f"{percent(total.value)}{doubt} n={number(total.n)}{few} {among}"
    more = "≥" if total.low is not None and not total.complete else ""
    return f"{more}{number(total.low if more else total.value)}{doubt} {among}"


def counted(reasons: Mapping[str, int]) -> str:
    """``3 missing, 2 blank``; "" for none."""
    words = {reason: named(reason, "state", "status") for reason in reasons}
    return phrase("join.parts").join(
        phrase("join.counted", what=words[reason], count=count) for reason, count in reasons.items()
    )


def _counted_codes(reasons: Mapping[str, int]) -> str:
    """The same for programs, the same in every language."""
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in reasons.items())


def legend(texts: Iterable[str], lines: Iterable[FigureLine]) -> Iterator[str]:
    """What the signs mean that were used, a line each."""
    used = set(texts)
    told = [
        phrase("join.titled", title=sign, text=phrase(f"state_meaning.{state}"))
        for state in _EXPLAINED
        if (sign := sign_of(state)) in used
    ]
    if any(text.startswith("≥") for text in used) and sign_of(FigureState.INCOMPLETE) not in used:
        told.append(phrase("join.titled", title="≥", text=phrase("meaning.at_least")))
    marks = Counter(mark for line in lines for mark in line.marks)
    told += [
        phrase("join.titled", title=sign, text=phrase(f"meaning.{key}"))
        for mark, (sign, key) in _LEGEND.items()
        if marks[mark]
    ]
    if told:
        yield phrase("join.sentences").join(told)
    parts = [phrase(f"marked.{mark}", count=marks[mark]) for mark in _MARKED if marks[mark]]
    if parts:
        yield phrase("marked.all", parts=phrase("join.sentences").join(parts))


def definitions(indicators: Iterable[IndicatorLine], lines: Iterable[FigureLine]) -> Iterator[str]:
    """What derived indicators mean, and where a form ends that prints an indicator, what is not the same."""
    lang = current().value
    ended = {line.indicator for line in lines if line.figure.state is FigureState.NOT_IN_FORM}
    for one in indicators:
        if one.id.startswith(("derived.", "joined.")):
            meaning = one.zh if current() is Language.ZH else one.en
            yield phrase("figure.definition", id=one.id, meaning=meaning)
        crossed = {line.form for line in lines if line.indicator == one.id and line.figure.value is not None}
        if len(crossed) > 1:
            yield from (phrase("figure.same", other=other.text(lang)) for other in one.same)
            if one.id.startswith("joined."):
                yield from (phrase("figure.near", other=other.text(lang)) for other in one.near)
        if one.id in ended:
            yield phrase("figure.ended", id=one.id, forms=phrase("join.names").join(one.forms))
            yield from (phrase("figure.joined", id=one.id, other=other.text(lang)) for other in one.near)
            yield from (phrase("figure.apart", other=other.text(lang)) for other in one.apart)


#: columns of a figure for programs → what stands there; ``unit`` is that of its indicator
_FIGURE: Mapping[str, Callable[[FigureLine], object]] = {
    "code": lambda line: line.code,
    "code_how": lambda line: line.code_how,
    "division": lambda line: line.agency.division,
    "place": lambda line: line.agency.place,
    "portal": lambda line: line.agency.portal,
    "agency": lambda line: line.agency.name,
    "agency_id": lambda line: line.agency.id,
    "kind": lambda line: line.agency.kind.value,
    "year": lambda line: line.year,
    "indicator": lambda line: line.indicator,
    "value": lambda line: number(line.figure.value) or None,
    "state": lambda line: line.figure.state.value,
    "unit": lambda _: "",
    "at_least": lambda line: number(line.figure.at_least) or None,
    "part": lambda line: number(line.figure.part) or None,
    "n": lambda line: number(line.figure.n) or None,
    "marks": lambda line: " ".join(line.marks),
    "status": lambda line: line.status.value,
    "form": lambda line: line.form,
    "edition": lambda line: line.edition,
    "editions": lambda line: line.editions,
}
LONG = tuple(_FIGURE)
#: columns of a sum for programs → what stands there
_TOTAL: Mapping[str, Callable[[Total], object]] = {
    "value": lambda total: number(total.value) or None,
    "reports": lambda total: total.reports,
    "owed": lambda total: total.owed,
    "complete": lambda total: "true" if total.complete else "false",
    "low": lambda total: number(total.low) or None,
    "high": lambda total: number(total.high) or None,
    "part": lambda total: number(total.part) or None,
    "n": lambda total: number(total.n) or None,
    "small_n": lambda total: "true" if total.small else "false",
    "doubted": lambda total: total.doubted,
    "zero": lambda total: total.zero,
    "stated": lambda total: total.stated,
    "without": lambda total: _counted_codes(total.without),
    "not_owed": lambda total: _counted_codes(total.apart),
}
TOTAL = tuple(_TOTAL)


def long_row(line: FigureLine, unit: str) -> dict[str, object]:
    """A figure as a row for programs."""
    return {name: value(line) for name, value in _FIGURE.items()} | {"unit": unit}


def total_row(total: Total) -> dict[str, object]:
    """A sum as columns for programs."""
    return {name: value(total) for name, value in _TOTAL.items()}
