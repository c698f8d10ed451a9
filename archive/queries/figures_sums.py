"""Add up figures over reports, rank agencies by a figure, and compare two years; answers say what is unknown.

Nothing is counted twice. A government's report sums its departments and townships, so governments are never added to
other agencies, and only to governments of their level: a prefecture's report may sum its counties' reports. A report
for a whole system of agencies is in no sum. An agency that two portals list is counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from archive.assessment.figures import Figure, FigureState, SumMember, Total, change, quotient, total, usable
from archive.assessment.measures import SMALL, Measure
from archive.identity.divisions import LAST_YEAR, division
from archive.queries.bounds import NOT_GOVERNMENTS, By, Level, QueryError, Which
from archive.queries.figure_answers import (
    FigureLine,
    GroupLine,
    Ranking,
    RankLine,
    ReportSelection,
    SumTable,
    YearComparison,
    YearsCompared,
)
from archive.queries.figures import FigureQuestion, ask_by_names
from archive.queries.results import AgencyLine
from archive.queries.where import EVERYTHING, Where
from storage.home import Home
from storage.records import NOT_OWED, AgencyKind

Part = tuple[FigureLine, SumMember]  # a figure, and what it adds to a sum


def table(
    home: Home,
    names: Sequence[str],
    where: Where = EVERYTHING,
    *,
    by: By = By.ALL,
    level: Level = Level.COUNTY,
    which: Which = Which.LAST,
    stated: bool = False,
) -> SumTable:
    """Add up each indicator by group and year; if ``where`` names no kinds, over governments of ``level``. ``stated``:
    include figures that reports state only in text. Raises :class:`NotKnownError` and ValueError as ``series`` does,
    QueryError for governments together with other agencies, whose figures theirs already include.
    """
    question, parts_of_sum = _ask_summable(home, names, where, level, which, stated=stated)
    labels: dict[str, str] = {}
    groups: dict[tuple[str, str], dict[int, list[SumMember]]] = {}
    for line, member in parts_of_sum:
        key, labels[key] = _group(question, line.agency, by)
        groups.setdefault((key, line.indicator), {}).setdefault(line.year, []).append(member)
    order = {one.id: at for at, one in enumerate(question.measures)}
    adders = {one.id: _adder(one) for one in question.measures}
    return SumTable.of(
        question.answer,
        by=by.value,
        summed=_selection(question, level),
        groups=tuple(
            GroupLine(
                key=key,
                name=labels[key],
                indicator=indicator,
                totals={year: adders[indicator](members) for year, members in sorted(by_year.items())},
            )
            for (key, indicator), by_year in sorted(groups.items(), key=lambda one: (one[0][0], order[one[0][1]]))
        ),
    )


def _adder(measure: Measure) -> Callable[[Sequence[SumMember]], Total]:
    """Return a function that adds up a group; it remembers groups of one agency, as many report the same number."""

    @cache
    def total_of_one(member: SumMember) -> Total:
        return total(measure, [member])

    return lambda members: total_of_one(members[0]) if len(members) == 1 else total(measure, members)


def rank(
    home: Home,
    name: str,
    year: int,
    where: Where = EVERYTHING,
    *,
    level: Level = Level.COUNTY,
    ascending: bool = False,
    min_n: int = SMALL,
    which: Which = Which.LAST,
) -> Ranking:
    """Rank agencies by one figure of ``year``, greatest first, or smallest first if ``ascending``. Rates of fewer than
    ``min_n`` cases are listed apart without rank. If ``where`` names no kinds, governments of ``level`` are ranked or,
    in a place with one government, its agencies. Raises as :func:`table`.
    """
    where = replace(where, years=(year,))
    question, parts = _ask_summable(home, [name], where, level, which)
    is_one_place = where.kinds is None and (where.place or where.portal) and len(question.divisions) == 1
    if is_one_place:  # a county has one government: its agencies are ranked
        question, parts = _ask_summable(home, [name], replace(where, kinds=NOT_GOVERNMENTS), level, which)
    measure = question.measures[0]
    with_value = [line for line, member in parts if member.figure.value is not None and usable(measure, member.figure)]
    sign = 1 if ascending else -1
    with_value.sort(key=lambda line: (sign * (line.figure.value or Decimal(0)), line.agency.id))
    small = [line for line in with_value if line.figure.n is not None and line.figure.n < min_n]
    rest = [line for line in with_value if line.figure.n is None or line.figure.n >= min_n]
    return Ranking.of(
        question.answer,
        year=year,
        ranked=_selection(question, level),
        min_n=min_n if measure.is_rate else 0,
        indicator=question.answer.indicators[0],
        lines=tuple(_ranked(rest)),
        set_apart=tuple(RankLine(rank=None, line=line) for line in small),
        in_order=len(rest),
        few_cases=len(small),
        no_cases=sum(member.figure.state is FigureState.NO_CASES for _, member in parts),
        total=total(measure, [member for _, member in parts]),
    )


def _ranked(lines: Sequence[FigureLine]) -> Iterator[RankLine]:
    """Yield the lines with their ranks; equal figures share the better rank."""
    place, previous_value = 0, None
    for at, line in enumerate(lines, 1):
        if line.figure.value != previous_value:
            place, previous_value = at, line.figure.value
        yield RankLine(rank=place, line=line)


def compare_years(
    home: Home,
    name: str,
    before: int,
    after: int,
    where: Where = EVERYTHING,
    *,
    level: Level = Level.COUNTY,
    which: Which = Which.LAST,
) -> YearComparison:
    """Compare two years of each agency; sums are over the agencies for which both figures are known. Agencies with a
    duty (report owed) in one year only are just counted. If ``where`` names no kinds, governments of ``level`` are
    compared. Raises as :func:`table`.
    """
    question, parts = _ask_summable(home, [name], replace(where, years=(before, after)), level, which)
    measure = question.measures[0]
    of_agency: dict[tuple[str, ...], dict[int, Part]] = {}
    for line, member in parts:
        of_agency.setdefault(question.divisions[line.agency.id].key, {})[line.year] = (line, member)
    both = [(one[before], one[after]) for one in of_agency.values() if before in one and after in one]
    matched = [pair for pair in both if all(usable(measure, member.figure) for _, member in pair)]
    total_before, total_after = (total(measure, [pair[at][1] for pair in matched]) for at in (0, 1))
    return YearComparison.of(
        question.answer,
        years=(before, after),
        compared=_selection(question, level),
        indicator=question.answer.indicators[0],
        lines=tuple(_compare_agency(measure, *pair) for pair in both),
        alone=len(of_agency) - len(both),
        matched=len(matched),
        totals=(total_before, total_after),
    )


def _compare_agency(measure: Measure, before: Part, after: Part) -> YearsCompared:
    """Compare one agency's figures of two years. The change is None unless both are usable, the ratio also if the first
    is not above 0. ``bridged``: there is a change although the two reports are on different forms.
    """
    (line_before, member_before), (line_after, member_after) = before, after
    value, value_after = (
        one.figure.value if usable(measure, one.figure) else None for one in (member_before, member_after)
    )
    more = change(value_after, value) if value is not None and value_after is not None else None
    return YearsCompared(
        before=line_before,
        after=line_after,
        change=more,
        ratio=quotient(more, value) if more is not None and value is not None and value > 0 else None,
        bridged=more is not None and line_before.form != line_after.form,
    )


# ---------------------------------------------------------------------------------------------- what counts


def _ask_summable(
    home: Home, names: Sequence[str], where: Where, level: Level, which: Which, *, stated: bool = False
) -> tuple[FigureQuestion, list[Part]]:
    """Return the figures of governments (also if ``where`` names no kinds), or of other agencies, and what each of them
    adds to a sum. Parameters as in :func:`table`. Raises QueryError for both together.
    """
    kinds = where.kinds if where.kinds is not None else frozenset({AgencyKind.GOVERNMENT})
    if AgencyKind.GOVERNMENT in kinds and kinds & NOT_GOVERNMENTS:
        raise QueryError(code="query.mixed_kinds")
    question = ask_by_names(home, names, replace(where, kinds=kinds), which, stated=stated)
    return question, _sum_members(question, level)


def _sum_members(question: FigureQuestion, level: Level) -> list[Part]:
    """Return each figure with what it adds to a sum: no governments of other levels, an agency of two portals once."""
    parts: dict[tuple[tuple[str, ...], str, int], Part] = {}
    for line in question.answer.lines:
        division = question.divisions[line.agency.id]
        if line.agency.kind is AgencyKind.GOVERNMENT and division.level != level.value:
            continue
        one = Figure(value=None, state=FigureState.SYSTEM) if "system" in line.marks else line.figure
        member = SumMember(figure=one, owed=line.status not in NOT_OWED)
        part, key = (line, member), (division.key, line.indicator, line.year)
        if (other := parts.get(key)) is not None:
            better = max(part, other, key=lambda one: _precedence(one, question))
            part = _doubt_if_different(better, part, other)
        parts[key] = part
    return [*parts.values()]


def _precedence(part: Part, question: FigureQuestion) -> tuple[bool, bool, bool]:
    """Return the sort key by which one of two listings of an agency counts: with a figure, a report, its own portal."""
    line, member = part
    return member.figure.value is not None, line.edition is not None, question.divisions[line.agency.id].own


def _doubt_if_different(better: Part, one: Part, other: Part) -> Part:
    """Return ``better``, of two portals' lines on one agency, marked as doubted if their figures differ."""
    line, member = better
    values = {one[1].figure.value, other[1].figure.value}
    if None in values or len(values) == 1:
        return better
    doubted = replace(member.figure, doubted=True)
    marks = tuple(dict.fromkeys((*line.marks, "doubted", "differs_elsewhere")))
    return replace(line, figure=doubted, marks=marks), replace(member, figure=doubted)


def _selection(question: FigureQuestion, level: Level) -> ReportSelection:
    """Return which kinds and level of agencies are added up, and how many governments are left out."""
    agency_kinds = {question.chosen.agencies[one].kind for one in question.divisions}
    kinds = tuple(kind.value for kind in AgencyKind if kind in agency_kinds)
    if AgencyKind.GOVERNMENT not in agency_kinds:
        return ReportSelection(kinds=kinds, level=None)
    levels = [division.level for division in question.divisions.values()]
    return ReportSelection(
        kinds=kinds,
        level=level.value,
        of_others=sum(one not in (level.value, None) for one in levels),
        of_unknown=levels.count(None),
    )


def _group(question: FigureQuestion, agency: AgencyLine, by: By) -> tuple[str, str]:
    """Return (key, name) of the group to which an agency's figures are added; "?" if its division is unknown."""
    if by is By.ALL:
        return "", "all"
    if by is By.PORTAL:
        return agency.portal, agency.place
    if by is By.KIND:
        return agency.kind.value, agency.kind.value
    code = question.divisions[agency.id].code
    if code is None:
        return "?", "division not known"
    if by is not By.DIVISION:
        code = code[:2] + "0000" if by is By.PROVINCE else code[:4] + "00"
    place = division(code, question.answer.codes or LAST_YEAR) or division(code)
    return code, place.name if place is not None else agency.place if by is By.DIVISION else ""
