"""Sums over reports, bodies in order, two years side by side: with what is added up, and what nobody knows.

Nothing is counted twice. A government's report sums its departments and townships, so governments are added up apart
from all other bodies, and those of one level only, for a prefecture's may sum its counties'. A report that speaks for a
whole system of bodies is in no sum. A body that two portals list is counted once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from archive.assessment.figures import (
    Figure,
    FigureState,
    SumMember,
    Total,
    change,
    quotient,
    total,
    total_of_one,
    usable,
)
from archive.assessment.measures import SMALL, Measure
from archive.identity.divisions import LAST_YEAR, division
from archive.queries.bounds import QueryError
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
from archive.queries.figures import FigureQuestion, ask, indicator_line, measure_of
from archive.queries.parameter_enums import BODIES, By, Level, Which
from archive.queries.results import AgencyLine
from archive.queries.stated_figures import with_stated
from archive.queries.where import Where
from storage.home import Home
from storage.records import AgencyKind, Status

_NOT_OWED = frozenset({Status.NOT_EXPECTED, Status.ELSEWHERE, Status.NOT_YET_DUE})


class MixedKindsError(QueryError):
    """Governments were asked for together with bodies whose figures theirs hold already."""


def table(
    home: Home,
    names: Sequence[str],
    where: Where | None = None,
    *,
    by: By = By.ALL,
    level: Level = Level.COUNTY,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
    stated: bool = False,
) -> SumTable:
    """Add up each indicator by group and year; of kinds none are given, over governments of ``level``.

    ``stated``: with the figures that reports state in their text alone (``in_text.py``).
    Raises :class:`NotKnownError` and ValueError as ``series``, and :class:`MixedKindsError`.
    """
    found = _summable(home, names, where, years, as_of, which)
    if stated:
        found = replace(found, lines=with_stated(home, found.measures, found.lines))
    return _table(found, by, level)


def _table(question: FigureQuestion, by: By, level: Level) -> SumTable:
    kept = _sum_members(question, level)
    groups: dict[tuple[str, str], dict[int, list[SumMember]]] = {}
    labels: dict[str, str] = {}
    last: tuple[AgencyLine, str] | None = None
    by_year: dict[int, list[SumMember]] = {}
    for line, body in kept:
        if last is None or last[0] is not line.agency or last[1] != line.indicator:  # those of a body come together
            last = (line.agency, line.indicator)
            key, label = _group(question, line.agency, by)
            labels[key] = label
            by_year = groups.setdefault((key, line.indicator), {})
        if line.year in by_year:
            by_year[line.year].append(body)
        else:
            by_year[line.year] = [body]
    order = {one.id: at for at, one in enumerate(question.measures)}
    totals = {one.id: _Totals(one) for one in question.measures}
    return SumTable.of(
        question,
        by=by.value,
        summed=_selection(question, level),
        groups=tuple(
            GroupLine(
                key=key,
                name=labels[key],
                indicator=indicator,
                totals=totals[indicator].by_year(bodies),
            )
            for (key, indicator), bodies in sorted(groups.items(), key=lambda one: (one[0][0], order[one[0][1]]))
        ),
    )


class _Totals:
    """Totals of many groups: of single bodies with the same part there is one, for most counties have one government
    and many report the same small number.
    """

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        # a body is kept with its total, so that no other comes to be where it was
        self._alone: dict[int, tuple[SumMember, Total]] = {}

    def by_year(self, groups: Mapping[int, Sequence[SumMember]]) -> dict[int, Total]:
        """The totals of bodies by year, in order."""
        alone, found = self._alone, {}
        for year, bodies in sorted(groups.items()):
            if len(bodies) == 1:
                [body] = bodies
                held = alone.get(id(body))
                if held is None:
                    held = alone[id(body)] = (body, total_of_one(self._measure, body))
                found[year] = held[1]
            else:
                found[year] = total(self._measure, bodies)
        return found


def rank(
    home: Home,
    name: str,
    year: int,
    where: Where | None = None,
    *,
    level: Level = Level.COUNTY,
    ascending: bool = False,
    min_n: int = SMALL,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
) -> Ranking:
    """Order bodies by one figure, greatest first; rates of fewer cases than ``min_n`` stand apart.

    Of kinds none are given, governments of ``level``. Raises as :func:`table`.
    """
    found = _summable(home, [name], where, [year], as_of, which)
    kept = _sum_members(found, level)
    measure = found.measures[0]
    known = [line for line, body in kept if body.figure.value is not None and usable(measure, body.figure)]
    small = [line for line in known if line.figure.n is not None and line.figure.n < min_n]
    rest = [line for line in known if line.figure.n is None or line.figure.n >= min_n]
    return Ranking.of(
        found,
        year=year,
        ranked=_selection(found, level),
        min_n=min_n if measure.is_rate else 0,
        indicator=indicator_line(measure),
        lines=tuple(_ranked(rest, ascending)),
        set_apart=tuple(RankLine(rank=None, line=line) for line in _in_order(small, ascending)),
        in_order=len(rest),
        few_cases=len(small),
        no_cases=sum(body.figure.state is FigureState.NO_CASES for _, body in kept),
        total=total(measure, [body for _, body in kept]),
    )


def compare_years(
    home: Home,
    name: str,
    before: int,
    after: int,
    where: Where | None = None,
    *,
    level: Level = Level.COUNTY,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
) -> YearComparison:
    """Put two years of each body side by side; sums are over the bodies alone of which both are known.

    Of kinds none are given, governments of ``level``. Raises as :func:`table`.
    """
    years = (before, after)
    found = _summable(home, [name], where, years, as_of, which)
    kept = _sum_members(found, level)
    measure = found.measures[0]
    pairs: dict[str, dict[int, tuple[FigureLine, SumMember]]] = {}
    for line, body in kept:
        pairs.setdefault("/".join(found.bodies[line.agency.id].key), {})[line.year] = (line, body)
    both = [one for one in pairs.values() if set(years) <= set(one)]
    matched = [one for one in both if all(usable(measure, one[year][1].figure) for year in years)]
    return YearComparison.of(
        found,
        years=years,
        compared=_selection(found, level),
        indicator=indicator_line(measure),
        lines=tuple(_side_by_side(measure, one[years[0]], one[years[1]]) for one in both),
        alone=len(pairs) - len(both),
        matched=len(matched),
        totals=(
            total(measure, [one[years[0]][1] for one in matched]),
            total(measure, [one[years[1]][1] for one in matched]),
        ),
    )


def _side_by_side(
    measure: Measure, before: tuple[FigureLine, SumMember], after: tuple[FigureLine, SumMember]
) -> YearsCompared:
    first, second = (one.figure.value if usable(measure, one.figure) else None for _, one in (before, after))
    more = change(second, first) if first is not None and second is not None else None
    return YearsCompared(
        before=before[0],
        after=after[0],
        change=more,
        ratio=quotient(more, first) if more is not None and first is not None and first > 0 else None,
        bridged=more is not None and before[0].form != after[0].form,
    )


# ---------------------------------------------------------------------------------------------- what counts


def _summable(
    home: Home,
    names: Sequence[str],
    where: Where | None,
    years: Collection[int] | None,
    as_of: datetime | None,
    which: Which,
) -> FigureQuestion:
    """Ask for governments, or for other bodies; never for both."""
    where = where or Where()
    kinds = where.kinds if where.kinds is not None else frozenset({AgencyKind.GOVERNMENT})
    if AgencyKind.GOVERNMENT in kinds and kinds & BODIES:
        raise MixedKindsError(code="query.mixed_kinds")
    for name in names:
        measure_of(name)
    return ask(home, names, replace(where, kinds=kinds), years=years, as_of=as_of, which=which)


def _sum_members(question: FigureQuestion, level: Level) -> list[tuple[FigureLine, SumMember]]:
    """Every figure with its part in a sum; of governments those of ``level``, of a body listed twice the known one."""
    kept: list[tuple[FigureLine, SumMember]] = []
    places: dict[tuple[str, ...], dict[tuple[str, int], int]] = {}  # of a body, by indicator and year: its place there
    parts: dict[tuple[int, int, bool], SumMember] = {}  # equal figures are mostly one, which its line keeps
    wanted, government = level.value, AgencyKind.GOVERNMENT
    agency, left_out = None, False
    of_body: dict[tuple[str, int], int] = {}
    for line in question.lines:
        if line.agency is not agency:  # those of a body come together
            agency = line.agency
            body = question.bodies[agency.id]
            left_out = agency.kind is government and body.level != wanted
            of_body = places.setdefault(body.key, {})
        if left_out:
            continue
        alike = (id(line.figure), id(line.status), "system" in line.marks)
        part = parts.get(alike)
        if part is None:
            part = parts[alike] = _member_of_sum(line)
        key = (line.indicator, line.year)
        place = of_body.get(key)
        if place is None:
            of_body[key] = len(kept)
            kept.append((line, part))
        else:
            one, other = (line, part), kept[place]
            kept[place] = _doubt_if_different(max(one, other, key=lambda held: _precedence(held, question)), one, other)
    return kept


def _precedence(held: tuple[FigureLine, SumMember], question: FigureQuestion) -> tuple[bool, bool, bool]:
    """Of two portals' agencies that are one body the one with a figure counts, else a report, else the body's own."""
    line, body = held
    return _is_value(body), line.edition is not None, question.bodies[line.agency.id].own


def _doubt_if_different(
    kept: tuple[FigureLine, SumMember], one: tuple[FigureLine, SumMember], other: tuple[FigureLine, SumMember]
) -> tuple[FigureLine, SumMember]:
    """The one that counts, doubted if the other gives another figure."""
    line, body = kept
    if not (_is_value(one[1]) and _is_value(other[1])) or one[1].figure.value == other[1].figure.value:
        return kept
    doubted = replace(body.figure, doubted=True)
    marks = tuple(dict.fromkeys((*line.marks, "doubted", "differs_elsewhere")))
    return replace(line, figure=doubted, marks=marks), replace(body, figure=doubted)


def _is_value(body: SumMember) -> bool:
    return body.figure.value is not None


def _member_of_sum(line: FigureLine) -> SumMember:
    one = line.figure
    owed = line.status not in _NOT_OWED
    if "system" in line.marks:
        return SumMember(
            figure=Figure(value=None, state=FigureState.SYSTEM), reason=FigureState.SYSTEM.value, owed=owed
        )
    return SumMember(figure=one, reason=one.state.value, owed=owed)


def _selection(question: FigureQuestion, level: Level) -> ReportSelection:
    """Which reports are added up, and which are left out of it."""
    held = {question.chosen.agencies[one].kind for one in question.bodies}
    kinds = tuple(kind.value for kind in AgencyKind if kind in held)
    if AgencyKind.GOVERNMENT not in held:
        return ReportSelection(kinds=kinds, level=None)
    bodies = question.bodies.values()
    return ReportSelection(
        kinds=kinds,
        level=level.value,
        of_others=len({body.agency for body in bodies if body.level not in (level.value, None)}),
        of_unknown=len({body.agency for body in bodies if body.level is None}),
    )


def _group(question: FigureQuestion, agency: AgencyLine, by: By) -> tuple[str, str]:
    if by is By.ALL:
        return "", "all"
    if by is By.PORTAL:
        return agency.portal, agency.place
    if by is By.KIND:
        return agency.kind.value, agency.kind.value
    code = question.bodies[agency.id].code
    if code is None:
        return "?", "division not known"
    if by is not By.DIVISION:
        code = code[:2] + "0000" if by is By.PROVINCE else code[:4] + "00"
    known = division(code, question.codes or LAST_YEAR) or division(code)
    return code, known.name if known is not None else agency.place if by is By.DIVISION else ""


# ---------------------------------------------------------------------------------------------- order


def _in_order(lines: Iterable[FigureLine], ascending: bool) -> list[FigureLine]:
    named = sorted(lines, key=lambda line: line.agency.id)
    return sorted(named, key=lambda line: line.figure.value or Decimal(0), reverse=not ascending)


def _ranked(lines: Iterable[FigureLine], ascending: bool) -> Iterable[RankLine]:
    place, former = 0, None
    for at, line in enumerate(_in_order(lines, ascending), 1):
        if line.figure.value != former:
            place, former = at, line.figure.value
        yield RankLine(rank=place, line=line)
