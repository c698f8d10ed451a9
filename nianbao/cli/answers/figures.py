"""``series``, ``table``, ``rank``, ``compare``, ``indicators``: what the reports count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from archive.assessment.figures import Total
from archive.exports.plain_values import cell_text, number, percent
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
    YearsCompared,
)
from archive.queries.parameter_enums import By
from archive.queries.where import Where
from archive.queries.words import is_year
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.empty_answers import is_empty, nothing
from nianbao.cli.texts.figure_text import (
    LONG,
    TOTAL,
    counted,
    definitions,
    figure_text,
    legend,
    long_row,
    total_row,
    total_text,
)
from nianbao.language import Language, current
from nianbao.sentences import named, phrase
from storage.records import AgencyKind

_SIDES = ("before", "after")
_ENDS = ("", "_state", "_n", "_marks")  # of the columns of one side
_COMPARED = (
    "code", "place", "portal", "agency", "agency_id", "kind", "indicator",
    *(f"{side}{end}" for side in _SIDES for end in _ENDS), "change", "ratio", "bridged",
)  # fmt: skip


def indicators(view: View) -> None:
    """What can be asked for: every place of the forms, sums of places, rates with their definitions."""
    # of all of them there need be no archive
    found = view.answer() if view.is_paged else view.trying(lambda: view.question.ask(None, view.asked()))
    keys = ("id", "zh", "en", "unit", "kind", "forms", "same", "near", "apart")
    spare = {"same", "near", "apart", "kind", "zh" if view.lang == "en" else "en"}
    rows = [one.to_dict() for one in found]
    if view.fmt in {Format.TABLE, Format.CSV}:
        for row, one in zip(rows, found, strict=True):
            row.update({key: [form.text(view.lang) for form in getattr(one, key)] for key in ("same", "near", "apart")})
    if view.fmt is Format.TABLE:
        rows = [{**row, "kind": named(row["kind"], "measured")} for row in rows]
        columns = [view.column(key, spare=key in spare) for key in keys]
    else:
        columns = [Column(key, key) for key in keys]
    emit(rows, columns, view.fmt)
    view.tell_next()


def series(view: View, *, wide: Annotated[bool, typer.Option("--wide")] = False) -> None:
    """Figures by body and year, and of those without one why: blank, not printed, other form, missing, unknown."""
    asked, found = view.asked(), view.answer()
    units = {one.id: one.unit for one in found.indicators}
    rows: Sequence[Mapping[str, object]]
    if wide:
        rows, columns = _wide(found, view)
    else:
        rows = [long_row(line, units[line.indicator]) for line in found.lines]
        columns = tuple(Column(key, key) for key in LONG)

    def people(empty: str) -> None:
        shown = (rows, columns) if wide else _long(found, view)
        emit(*shown, Format.TABLE, title=_title(found.indicators), empty=empty)
        _unknown_years(found.unknown_years)
        _print_footer(found.indicators, found.lines, found.edition, found.as_of)

    _present(view, found, found.lines, "what.figure", asked.where(), asked.years, people, rows, columns)


def _long(found: Series, view: View) -> tuple[list[dict[str, object]], tuple[Column, ...]]:
    rates = _rates(found.indicators)
    rows = [
        _who(line, view)
        | {"year": line.year, "indicator": line.indicator, "figure": figure_text(line, line.indicator in rates)}
        | {"marks": phrase("join.names").join(named(one, "mark") for one in line.marks), "edition": line.edition}
        for line in found.lines
    ]
    columns = (
        *_who_columns(view),
        view.column("year", wrap=False),
        *_indicator_column(found.indicators, view),
        view.column("figure", wrap=False),
        view.column("marks", spare=True),
        view.column("edition", spare=True),
    )
    return rows, columns


def _wide(found: Series, view: View) -> tuple[list[dict[str, object]], tuple[Column, ...]]:
    """A line a body and indicator. For programs each year has its value and its state in columns of their own."""
    to_people, rates = view.fmt is Format.TABLE, _rates(found.indicators)
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for line in found.lines:
        row = rows.setdefault((line.agency.id, line.indicator), _who(line, view) | {"indicator": line.indicator})
        if to_people:
            row[str(line.year)] = figure_text(line, line.indicator in rates)
        else:
            side = {name: value or "" for name, value in _side(str(line.year), line).items()}
            row |= side | {f"{line.year}_status": line.status.value}
    ends = ("",) if to_people else (*_ENDS, "_status")
    years = [Column(f"{year}{end}", f"{year}{end}", least=8, year=year) for year in found.years for end in ends]
    indicator = _indicator_column(found.indicators, view) if to_people else [Column("indicator", "indicator")]
    return list(rows.values()), (*_who_columns(view), *indicator, *years)


def table(view: View) -> None:
    """Sums by group and year, with how many reports are in each, and what nobody knows; nothing counted twice."""
    asked, found = view.asked(), view.answer()
    rows = [
        {"key": group.key, "name": group.name, "indicator": group.indicator, "year": year} | total_row(one)
        for group in found.groups
        for year, one in group.totals.items()
    ]
    columns = [Column(key, key) for key in ("key", "name", "indicator", "year", *TOTAL)]

    def people(empty: str) -> None:
        _sums(found, view, empty)

    _present(view, found, found.groups, "what.figure", _summed(asked.where()), asked.years, people, rows, columns)


def _sums(found: SumTable, view: View, empty: str) -> None:
    rates = _rates(found.indicators)
    rows = [
        {"key": group.key, "name": _group_name(found.by, group, view), "indicator": group.indicator}
        | {str(year): total_text(one, group.indicator in rates) for year, one in group.totals.items()}
        for group in found.groups
    ]
    has_code = found.by in {"province", "prefecture", "division"}
    columns = (
        *([Column("key", view.word("column.code"), wrap=False, spare=True)] if has_code else []),
        Column("name", view.word(f"by.{found.by}")),
        *_indicator_column(found.indicators, view),
        *(Column(str(year), str(year), least=8, year=year) for year in found.years),
    )
    emit(rows, columns, Format.TABLE, title=_title(found.indicators), empty=empty)
    say(view.word("figure.summed", summed=_selection(found.summed, view)))
    _unknown_years(found.unknown_years)
    if not rows:
        return
    say(view.word("figure.among"))
    several = len(found.indicators) > 1
    for group in found.groups:
        name = " ".join(filter(None, (_group_name(found.by, group, view), group.indicator if several else "")))
        for year, one in group.totals.items():
            if one.without or one.apart or one.doubted or one.stated:
                _gaps(f"{name} {year}", one)
    for text in definitions(found.indicators, ()):
        say(text)
    say(_as_of(found.edition, found.as_of))


def _group_name(by: str, group: GroupLine, view: View) -> str:
    """What a group is called for people."""
    if by == By.ALL:
        return view.word("by.all")
    if by == By.KIND:
        return view.kind(AgencyKind(group.key))
    return view.word("figure.no_division") if group.key == "?" else group.name or group.key


def _selection(found: ReportSelection, view: View) -> str:
    """Which reports are added up, and how many are left out."""
    if found.level is None:
        kinds = view.word("join.names").join(view.kind(AgencyKind(one)) for one in found.kinds)
        return view.word("figure.of_bodies", kinds=kinds or view.word("figure.no_body"))
    parts = [view.word("figure.of_governments", level=view.word(f"level.{found.level}"))]
    parts += [view.word("figure.of_others", count=found.of_others)] if found.of_others else []
    parts += [view.word("figure.of_unknown", count=found.of_unknown)] if found.of_unknown else []
    return view.word("join.sentences").join(parts)


def _gaps(label: str, one: Total) -> None:
    parts = [phrase("figure.not_in_it", parts=counted(one.without))] if one.without else []
    if one.n is not None and one.low is not None and one.high is not None and not one.complete:
        parts.append(phrase("figure.between", low=percent(one.low), high=percent(one.high)))
    if one.doubted:
        parts.append(phrase("figure.doubted", count=one.doubted))
    if one.stated:
        parts.append(phrase("figure.stated", count=one.stated))
    if one.apart:
        parts.append(phrase("figure.owe_none", parts=counted(one.apart)))
    text = phrase("join.sentences").join(parts)
    say(phrase("join.titled", title=label, text=text) if text else label)


def rank(view: View) -> None:
    """Bodies in the order of one figure of YEAR; with those that cannot be ranked, and why."""
    asked, found = view.asked(), view.answer()
    rows = [
        {"list": name, "rank": one.rank} | long_row(one.line, found.indicator.unit)
        for name in view.question.lines
        for one in getattr(found, name)
    ]
    columns = [Column(key, key) for key in ("list", "rank", *LONG)]

    def people(empty: str) -> None:
        _ranks(found, view, empty)

    _present(view, found, rows, "what.ranked", _summed(asked.where()), [asked.year], people, rows, columns)


def _ranks(found: Ranking, view: View, empty: str) -> None:
    empty = empty or view.word("figure.few_cases", least=found.min_n)
    rates = _rates([found.indicator])
    rows = [
        {"rank": one.rank} | _who(one.line, view) | {"figure": figure_text(one.line, bool(rates))}
        for one in found.lines
    ]
    columns = (view.column("rank", wrap=False), *_who_columns(view), view.column("figure", wrap=False))
    title = view.word("figure.titled_year", title=_title([found.indicator]), year=found.year)
    if rows or not found.in_order:
        emit(rows, columns, Format.TABLE, title=title, empty=empty)
    else:  # a page after all that are ranked
        say(title)
    if found.few_cases:
        say(view.word("figure.set_apart", least=found.min_n, count=found.few_cases))
    if found.set_apart:
        small = [_who(one.line, view) | {"figure": figure_text(one.line, True)} for one in found.set_apart]
        emit(small, columns[1:], Format.TABLE)
    say(view.word("figure.ranked", summed=_selection(found.ranked, view)))
    if found.no_cases:
        say(view.word("figure.no_cases", count=found.no_cases))
    key = "figure.given_rate" if rates else "figure.given"
    _gaps(view.word(key, reports=found.total.reports, owed=found.total.owed), found.total)
    lines = [one.line for one in (*found.lines, *found.set_apart)]
    _print_footer([found.indicator], lines, found.edition, found.as_of)


def compare(view: View) -> None:
    """Two years of many bodies, or a few bodies over the years, side by side."""
    what = view.given.get("body", [])
    compared = [is_year(one) for one in what]
    if any(compared) and not all(compared):
        common.fail(view.word("figure.years_or_bodies"))
    if compared and all(compared):
        if len(set(what)) != 2 or len(what) != 2 or "years" in view.given:
            common.fail(view.word("figure.two_years"))
        view.given["before"], view.given["after"] = view.given.pop("body")
    if "before" in view.given or "after" in view.given:
        _compare_years(view)
    elif len(what) < 2:
        common.fail(view.word("figure.two_bodies"))
    else:
        _compare_bodies(view)


def _compare_years(view: View) -> None:
    asked, found = view.asked("compare_years"), view.answer("compare_years")
    rows = [
        long_row(one.after, found.indicator.unit)
        | _side("before", one.before)
        | _side("after", one.after)
        | {"change": number(one.change) or None, "ratio": number(one.ratio) or None}
        | {"bridged": "true" if one.bridged else "false"}
        for one in found.lines
    ]

    def people(empty: str) -> None:
        _years(found, view, empty)

    years, columns = (asked.before, asked.after), [Column(key, key) for key in _COMPARED]
    _present(view, found, rows, "what.both_years", _summed(asked.where()), years, people, rows, columns)


def _side(name: str, line: FigureLine) -> dict[str, object]:
    """A figure in columns whose names begin with ``name``, for programs."""
    one = line.figure
    values = (number(one.value) or None, one.state.value, number(one.n) or None, " ".join(line.marks))
    return {f"{name}{end}": value for end, value in zip(_ENDS, values, strict=True)}


def _years(found: YearComparison, view: View, empty: str) -> None:
    first, second = (str(year) for year in found.years)
    rate = bool(_rates([found.indicator]))

    def row(one: YearsCompared) -> dict[str, object]:
        figures = {first: figure_text(one.before, rate), second: figure_text(one.after, rate)}
        changes = {"change": _change(one.change, rate), "ratio": "" if rate else percent(one.ratio)}
        forms = f"{one.before.form}→{one.after.form}" if one.bridged else ""
        return {**_who(one.after, view), **figures, **changes, "forms": forms}

    columns = (
        *_who_columns(view),
        *(Column(key, key, wrap=False) for key in (first, second)),
        view.column("change", wrap=False),
        *([] if rate else [view.column("ratio", wrap=False)]),
        view.column("forms", wrap=False, spare=True),
    )
    emit([*map(row, found.lines)], columns, Format.TABLE, title=_title([found.indicator]), empty=empty)
    say(view.word("figure.compared", summed=_selection(found.compared, view)))
    before, after = (total_text(one, rate) for one in found.totals)
    sums = {"first": first, "before": before, "second": second, "after": after}
    say(view.word("figure.matched", count=found.matched, **sums))
    if found.alone:
        say(view.word("figure.alone", count=found.alone))
    lines = [line for one in found.lines for line in (one.before, one.after)]
    _print_footer([found.indicator], lines, found.edition, found.as_of)


def _change(change: Decimal | None, rate: bool) -> str:
    if change is None:
        return ""
    if rate:
        return phrase("figure.points", change=f"{change.scaleb(2):+.1f}")
    return f"{'+' if change > 0 else ''}{number(change)}"


def _compare_bodies(view: View) -> None:
    asked, found = view.asked(), view.answer()
    held = [line for lines in found.lines.values() for line in lines if line is not None]
    rows = [long_row(line, found.indicator.unit) for line in held]

    def people(empty: str) -> None:
        _beside(found, held, view, empty)

    columns = [Column(key, key) for key in LONG]
    _present(view, found, found.lines, "what.figure", Where(), asked.years, people, rows, columns)


def _beside(found: BodyComparison, held: Sequence[FigureLine], view: View, empty: str) -> None:
    rate, none = bool(_rates([found.indicator])), view.word("state.not_looked_for")
    rows = [
        {"year": year} | {str(at): none if one is None else figure_text(one, rate) for at, one in enumerate(lines)}
        for year, lines in found.lines.items()
    ]
    columns = (view.column("year", wrap=False), *(Column(str(at), name) for at, name in enumerate(found.names)))
    emit(rows, columns, Format.TABLE, title=_title([found.indicator]), empty=empty)
    _print_footer([found.indicator], held, found.edition, found.as_of)


# ---------------------------------------------------------------------------------------------- shared


def _present(
    view: View, found: Any, lines: Collection[object], what: str, where: Where, years: Collection[int] | None,
    people: Callable[[str], None], rows: Sequence[Mapping[str, object]], columns: Sequence[Column],
) -> None:  # fmt: skip
    """Show an answer; where it has no ``lines``, with how much is known of the duties that were asked about."""
    empty, is_open = "", False
    if not lines:
        why = known(view.home, where, years=years, as_of=found.as_of)
        empty, is_open = nothing(view.word(what), why), not is_empty(why)
    view.present(found, lambda: people(empty), rows, columns, empty=empty, is_open=is_open)


def _summed(where: Where) -> Where:
    """The bodies that sums and ranks are over where no kind is named."""
    return where if where.kinds else replace(where, kinds=frozenset({AgencyKind.GOVERNMENT}))


def _who(line: FigureLine, view: View) -> dict[str, object]:
    who = line.agency
    kind = view.kind(who.kind) if view.fmt is Format.TABLE else who.kind.value
    return {"code": line.code, "place": who.place, "agency": who.name, "kind": kind, "agency_id": who.id}


def _who_columns(view: View) -> tuple[Column, ...]:
    if view.fmt is Format.CSV:
        return tuple(Column(key, key) for key in ("code", "place", "agency", "agency_id", "kind"))
    return (
        view.column("code", wrap=False, spare=True),
        view.column("place", wrap=False, spare=True),
        view.column("agency", least=18),
        view.column("kind", wrap=False, spare=True),
    )


def _indicator_column(indicators: Sequence[IndicatorLine], view: View) -> list[Column]:
    """The column that tells several indicators apart."""
    return [view.column("indicator")] if len(indicators) > 1 else []


def _rates(indicators: Iterable[IndicatorLine]) -> frozenset[str]:
    return frozenset(one.id for one in indicators if one.kind == "rate")


def _title(indicators: Sequence[IndicatorLine]) -> str:
    if len(indicators) != 1:
        return ""
    [one] = indicators
    name = one.zh if current() is Language.ZH else one.en
    return f"{one.id} {name}" + (f" ({one.unit})" if one.unit else "")


def _print_footer(
    indicators: Sequence[IndicatorLine], lines: Sequence[FigureLine], edition: str, as_of: datetime
) -> None:
    """What signs mean, definitions, how many have a figure, which editions, as of when."""
    rates = _rates(indicators)
    for text in legend((figure_text(line, line.indicator in rates) for line in lines), lines):
        say(text)
    for text in definitions(indicators, lines):
        say(text)
    known_lines = sum(line.figure.value is not None for line in lines)
    say(phrase("figure.known", known=known_lines, count=len(lines), edition=_as_of(edition, as_of)))


def _unknown_years(years: Sequence[int]) -> None:
    """Years that were asked for and are not there: nobody has looked, which is not the same as nothing."""
    if years:
        say(phrase("figure.unknown_years", years=phrase("join.names").join(map(str, years))))


def _as_of(edition: str, as_of: datetime) -> str:
    return phrase(f"figure.{edition}", at=cell_text(as_of))
