"""``series``, ``table``, ``rank``, ``compare``, ``indicators``: what the reports count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from archive.assessment.figures import FigureState, Total
from archive.exports.plain_values import cell_text, number, percent
from archive.queries.bounds import By
from archive.queries.coverage_of_answer import known
from archive.queries.figure_answers import (
    BodyComparison,
    FigureLine,
    GroupLine,
    IndicatorLine,
    Ranking,
    ReportSelection,
    Series,
    SumTable,
    YearComparison,
)  # fmt: skip
from archive.queries.where import Where
from archive.queries.words import is_year
from nianbao.cli import common
from nianbao.cli.answers.empty_answers import why_empty
from nianbao.cli.answers.lists import show_lines, tables_of
from nianbao.cli.asking import Block, Table, View
from nianbao.cli.output import column, in_language
from nianbao.cli.table_layout import Column
from nianbao.language import current
from nianbao.people_tables import figure_words
from nianbao.sentences import named, phrase
from storage.records import AgencyKind


def indicators(view: View) -> None:
    """What can be asked for: every place of the forms, sums of places, rates with their definitions."""
    # of all of them there need be no archive
    show_lines(view, view.answer() if view.is_paged else view.question.ask(None, view.asked()))


def series(view: View) -> None:
    """Figures by body and year, and of those without one why: blank, not printed, other form, missing, unknown."""
    asked, found = view.asked(), view.answer()
    _present(view, found, found.lines, "what.figure", asked.where(), asked.years, _series)


def _series(found: Series, empty: str) -> Iterator[Block]:
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for line in found.lines:
        about = {"agency": line.agency.name, "place": line.agency.place, "indicator": line.indicator}
        rows.setdefault((line.agency.id, line.indicator), {**about})[str(line.year)] = _figure(line)
    columns = [column("agency", least=18), column("place", wrap=False, spare=True)]
    yield _by_year(columns, [*rows.values()], found, empty)
    yield from _unknown_years(found)
    yield from _definitions(found.indicators, found.lines)
    held = sum(line.figure.value is not None for line in found.lines)
    yield phrase("figure.known", known=held, count=len(found.lines), edition=_edition(found))


def _figure(line: FigureLine) -> str:
    """A figure with its marks, or why there is none."""
    one = line.figure
    text = figure_words(one.value, one.state, one.n, one.at_least, current())
    marks = phrase("join.names").join(named(mark, "mark") for mark in line.marks)
    return f"{text} ({marks})" if marks else text


def table(view: View) -> None:
    """Sums by group and year, with how many reports are in each, and what nobody knows; nothing counted twice."""
    asked, found = view.asked(), view.answer()
    where = _summed(asked.where())
    _present(view, found, found.groups, "what.figure", where, asked.years, _sums)


def _sums(found: SumTable, empty: str) -> Iterator[Block]:
    rows = [
        {"key": group.key, "name": _group_name(found.by, group), "indicator": group.indicator}
        | {str(year): _total(one) for year, one in group.totals.items()}
        for group in found.groups
    ]
    columns = [Column("name", phrase(f"by.{found.by}"))]
    if found.by in {"province", "prefecture", "division"}:
        columns.insert(0, column("key", "code", wrap=False, spare=True))
    yield _by_year(columns, rows, found, empty)
    yield phrase("figure.summed", summed=_selection(found.summed))
    yield from _unknown_years(found)
    if not rows:
        return
    yield phrase("figure.among")
    for group in found.groups:
        name = " ".join([_group_name(found.by, group), *([group.indicator] if len(found.indicators) > 1 else [])])
        for year, one in group.totals.items():
            if one.without or one.apart or one.doubted or one.stated:
                yield _gaps(f"{name} {year}", one)
    yield from _definitions(found.indicators, ())
    yield _edition(found)


def _group_name(by: str, group: GroupLine) -> str:
    """What a group is called for people."""
    if by == By.ALL:
        return phrase("by.all")
    if by == By.KIND:
        return phrase(f"kind.{group.key}")
    return phrase("figure.no_division") if group.key == "?" else group.name or group.key


def _total(total: Total) -> str:
    """A sum with how many of those who owe a report are in it: ``1204 (31/33)``; ``≥`` where it is a lower bound."""
    among = f"({total.reports}/{total.owed})"
    if total.value is None:
        return phrase("figure.none", among=among)
    doubt = "?" if total.doubted else ""
    if total.n is not None:
        return f"{percent(total.value)}{doubt} n={number(total.n)}{'!' if total.small else ''} {among}"
    more = "≥" if total.low is not None and not total.complete else ""
    return f"{more}{number(total.low if more else total.value)}{doubt} {among}"


def _gaps(label: str, one: Total) -> str:
    """Why a sum is not whole."""
    parts = [phrase("figure.not_in_it", parts=_counted(one.without))] if one.without else []
    if one.n is not None and one.low is not None and one.high is not None and not one.complete:
        parts.append(phrase("figure.between", low=percent(one.low), high=percent(one.high)))
    parts += [phrase("figure.doubted", count=one.doubted)] if one.doubted else []
    parts += [phrase("figure.stated", count=one.stated)] if one.stated else []
    parts += [phrase("figure.owe_none", parts=_counted(one.apart))] if one.apart else []
    text = phrase("join.sentences").join(parts)
    return phrase("join.titled", title=label, text=text) if text else label


def _counted(reasons: Mapping[str, int]) -> str:
    """``3 missing, 2 blank``."""
    words = ((named(reason, "state", "status"), count) for reason, count in reasons.items())
    return phrase("join.parts").join(phrase("join.counted", what=what, count=count) for what, count in words)


def _selection(found: ReportSelection) -> str:
    """Which reports are added up, and how many are left out."""
    if found.level is None:
        kinds = phrase("join.names").join(phrase(f"kind.{one}") for one in found.kinds)
        return phrase("figure.of_bodies", kinds=kinds or phrase("figure.no_body"))
    parts = [phrase("figure.of_governments", level=phrase(f"level.{found.level}"))]
    parts += [phrase("figure.of_others", count=found.of_others)] if found.of_others else []
    parts += [phrase("figure.of_unknown", count=found.of_unknown)] if found.of_unknown else []
    return phrase("join.sentences").join(parts)


def rank(view: View) -> None:
    """Bodies in the order of one figure of YEAR; with those that cannot be ranked, and why."""
    asked, found = view.asked(), view.answer()
    lines = [*found.lines, *found.set_apart]
    _present(view, found, lines, "what.ranked", _summed(asked.where()), [asked.year], partial(_ranks, view))


def _ranks(view: View, found: Ranking, empty: str) -> Iterator[Block]:
    yield phrase("figure.titled_year", title=_title([found.indicator]), year=found.year)
    if not found.lines and not found.in_order:
        yield empty or phrase("figure.few_cases", least=found.min_n)
    if found.lines or found.set_apart:
        yield from tables_of(view, found, "")
    if found.few_cases:
        yield phrase("figure.set_apart", least=found.min_n, count=found.few_cases)
    yield phrase("figure.ranked", summed=_selection(found.ranked))
    if found.no_cases:
        yield phrase("figure.no_cases", count=found.no_cases)
    key = "figure.given_rate" if found.indicator.kind == "rate" else "figure.given"
    yield _gaps(phrase(key, reports=found.total.reports, owed=found.total.owed), found.total)
    yield from _definitions([found.indicator], ())
    yield _edition(found)


def compare(view: View) -> None:
    """Two years of many bodies, or a few bodies over the years, side by side."""
    what = view.given.get("body", [])
    compared = [is_year(one) for one in what]
    if any(compared) and not all(compared):
        common.fail(phrase("figure.years_or_bodies"))
    if compared and all(compared):
        if len(set(what)) != 2 or len(what) != 2 or "years" in view.given:
            common.fail(phrase("figure.two_years"))
        view.given["before"], view.given["after"] = view.given.pop("body")
    if "before" in view.given or "after" in view.given:
        asked, found = view.asked("compare_years"), view.answer("compare_years")
        where, years = _summed(asked.where()), (asked.before, asked.after)
        _present(view, found, found.lines, "what.both_years", where, years, partial(_years, view))
    elif len(what) < 2:
        common.fail(phrase("figure.two_bodies"))
    else:
        beside, years = view.answer(), view.asked().years
        _present(view, beside, beside.lines, "what.figure", Where(), years, _bodies)


def _years(view: View, found: YearComparison, empty: str) -> Iterator[Block]:
    yield _title([found.indicator])
    yield from tables_of(view, found, empty)
    yield phrase("figure.compared", summed=_selection(found.compared))
    before, after = map(_total, found.totals)
    sums = {"first": found.years[0], "before": before, "second": found.years[1], "after": after}
    yield phrase("figure.matched", count=found.matched, **sums)
    if found.alone:
        yield phrase("figure.alone", count=found.alone)
    yield from _definitions([found.indicator], [side for one in found.lines for side in (one.before, one.after)])
    yield _edition(found)


def _bodies(found: BodyComparison, empty: str) -> Iterator[Block]:
    none = phrase("state.not_looked_for")
    rows = [
        {"year": year} | {str(at): none if one is None else _figure(one) for at, one in enumerate(lines)}
        for year, lines in found.lines.items()
    ]
    columns = [column("year", wrap=False), *(Column(str(at), name) for at, name in enumerate(found.names))]
    yield Table(columns=columns, rows=rows, title=_title([found.indicator]), empty=empty)
    held = [line for lines in found.lines.values() for line in lines if line is not None]
    yield from _definitions([found.indicator], held)
    yield _edition(found)


# ---------------------------------------------------------------------------------------------- shared


def _by_year(
    columns: list[Column], rows: Sequence[Mapping[str, object]], found: Series | SumTable, empty: str
) -> Table:
    """A table with a column for each year, and one for the indicator where there are several."""
    columns += [column("indicator")] if len(found.indicators) > 1 else []
    columns += [Column(str(year), str(year), least=8, year=year) for year in found.years]
    return Table(columns=columns, rows=rows, title=_title(found.indicators), empty=empty)


def _present(
    view: View, found: Any, lines: Collection[object], what: str, where: Where, years: Collection[int] | None,
    blocks: Callable[[Any, str], Iterable[Block]],
) -> None:  # fmt: skip
    """Show an answer; where it has no ``lines``, with how much is known of the duties that were asked about."""
    why = {} if lines else why_empty(lines, phrase(what), known(view.home, where, years=years, as_of=found.as_of))
    view.present(found, lambda: blocks(found, why.get("empty", "")), **why)


def _summed(where: Where) -> Where:
    """The bodies that sums and ranks are over where no kind is named."""
    return where if where.kinds else replace(where, kinds=frozenset({AgencyKind.GOVERNMENT}))


def _title(indicators: Sequence[IndicatorLine]) -> str:
    if len(indicators) != 1:
        return ""
    [one] = indicators
    return f"{one.id} {in_language(one)}" + (f" ({one.unit})" if one.unit else "")


def _unknown_years(found: Series | SumTable) -> Iterator[str]:
    """Years that were asked for and are not there: nobody has looked, which is not the same as nothing."""
    if found.unknown_years:
        yield phrase("figure.unknown_years", years=phrase("join.names").join(map(str, found.unknown_years)))


def _definitions(indicators: Iterable[IndicatorLine], lines: Iterable[FigureLine]) -> Iterator[str]:
    """What derived indicators mean, and where a form ends that prints an indicator, what is not the same."""
    ended = {line.indicator for line in lines if line.figure.state is FigureState.NOT_IN_FORM}
    for one in indicators:
        if one.id.startswith(("derived.", "joined.")):
            yield phrase("figure.definition", id=one.id, meaning=in_language(one))
        crossed = {line.form for line in lines if line.indicator == one.id and line.figure.value is not None}
        if len(crossed) > 1:
            yield from (phrase("figure.same", other=other.text(current())) for other in one.same)
            if one.id.startswith("joined."):
                yield from (phrase("figure.near", other=other.text(current())) for other in one.near)
        if one.id in ended:
            yield phrase("figure.ended", id=one.id, forms=phrase("join.names").join(one.forms))
            yield from (phrase("figure.joined", id=one.id, other=other.text(current())) for other in one.near)
            yield from (phrase("figure.apart", other=other.text(current())) for other in one.apart)


def _edition(found: Any) -> str:
    """Which edition of each report counts, as known when."""
    return phrase(f"figure.{found.edition}", at=cell_text(found.as_of))
