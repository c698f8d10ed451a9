"""``series``, ``table``, ``rank``, ``compare``, ``indicators``: what the reports count."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import typer

from archive.assessment.figures import Total
from archive.exports.plain_values import cell_text
from archive.queries.figured import (
    BodyComparison,
    FigureLine,
    IndicatorLine,
    Ranking,
    Series,
    SumTable,
    YearComparison,
)
from archive.queries.figures import compare_bodies, indicators, series
from archive.queries.figures_rows import Which
from archive.queries.figures_sums import BODIES, By, Level, compare_years, rank, table
from archive.queries.known import known
from archive.queries.where import Where
from nianbao.cli import common
from nianbao.cli.options import (
    AgencyOption,
    AsOfOption,
    CodesOption,
    DivisionOption,
    EditionOption,
    FamilyOption,
    KindOption,
    YearArgument,
    YearsOption,
    asked,
    where_of,
)
from nianbao.cli.output import Column, Format, chosen, emit, say
from nianbao.cli.texts.empty_answers import nothing
from nianbao.cli.texts.figure_text import (
    LONG,
    TOTAL,
    counted,
    definitions,
    figure_text,
    legend,
    long_row,
    number,
    percent,
    total_row,
    total_text,
)
from nianbao.cli.times import instant, is_year, year_of, years_of
from storage.home import Home
from storage.records import AgencyKind

_Answer = TypeVar("_Answer")

IndicatorsArgument = Annotated[
    list[str],
    typer.Argument(metavar="INDICATOR", help="Ids: applications.received.total, derived.denial_rate."),
]
IndicatorArgument = Annotated[
    str, typer.Argument(metavar="INDICATOR", help="Id of an indicator: applications.received.total.")
]
BodiesOption = Annotated[
    bool, typer.Option("--bodies", help="All bodies but governments, each for itself, in place of governments.")
]
LevelOption = Annotated[Level, typer.Option("--level", help="Governments of which level; higher ones hold lower ones.")]
StatedOption = Annotated[
    bool, typer.Option("--stated", help="Take figures that the text states where no table gives them; marked.")
]
WideOption = Annotated[bool, typer.Option("--wide", help="A column a year, a line a body.")]


def indicators_command(
    text: Annotated[
        str | None, typer.Argument(help="Part of an id, a printed label or a definition.", show_default=False)
    ] = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """What can be asked for: every place of the forms, sums of places, rates with their definitions."""
    found = asked(lambda: indicators(text))
    keys = ("id", "zh", "en", "unit", "kind", "forms", "same", "near", "apart")
    columns = tuple(Column(key, key, spare=key in {"same", "near", "apart", "kind", "en"}) for key in keys)
    emit([one.to_dict() for one in found], columns, chosen(as_json, as_csv))


def series_command(
    names: IndicatorsArgument,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    wide: WideOption = False,
    stated: StatedOption = False,
    edition: EditionOption = Which.LAST,
    codes: CodesOption = None,
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Figures by body and year, and of those without one why: blank, not printed, other form, missing, unknown."""
    where = _where(division, portal, agency, kind, codes, family)
    wanted, at = years_of(years), instant(as_of)
    with common.opened(archive) as home:
        found = _answer(lambda: series(home, names, where, years=wanted, as_of=at, which=edition, stated=stated))
        empty = "" if found.lines else _empty(home, where, wanted, at)
    fmt = chosen(as_json, as_csv)
    _beside_programs(empty, fmt)
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    if wide:
        _wide(found, fmt, empty)
    elif fmt is Format.CSV:
        units = {one.id: one.unit for one in found.indicators}
        emit([long_row(line, units[line.indicator]) for line in found.lines], _columns(LONG), fmt)
    else:
        _long(found, empty)
    if fmt is Format.TABLE:
        _unknown_years(found.unknown_years)
        _told_below(found.indicators, found.lines, found.edition, found.as_of)


def _long(found: Series, empty: str) -> None:
    rates = _rates(found.indicators)
    rows = [
        _who(line)
        | {"year": line.year, "indicator": line.indicator, "figure": figure_text(line, line.indicator in rates)}
        | {"marks": " ".join(line.marks), "edition": line.edition}
        for line in found.lines
    ]
    columns = (
        *_who_columns(),
        Column("year", "year", wrap=False),
        *([Column("indicator", "indicator")] if len(found.indicators) > 1 else []),
        Column("figure", "figure", wrap=False),
        Column("marks", "marks", spare=True),
        Column("edition", "edition", spare=True),
    )
    emit(rows, columns, Format.TABLE, title=_title(found.indicators), empty=empty)


def _wide(found: Series, fmt: Format, empty: str) -> None:
    """A line a body and indicator. For programs each year has its value and its state in columns of their own."""
    rates = _rates(found.indicators)
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for line in found.lines:
        row = rows.setdefault((line.agency.id, line.indicator), _who(line) | {"indicator": line.indicator})
        if fmt is Format.CSV:
            cells = {"": number(line.figure.value), "_state": line.figure.state.value, "_n": number(line.figure.n)}
            cells |= {"_marks": " ".join(line.marks), "_status": line.status.value}
            row |= {f"{line.year}{end}": text for end, text in cells.items()}
        else:
            row[str(line.year)] = figure_text(line, line.indicator in rates)
    ends = ("", "_state", "_n", "_marks", "_status") if fmt is Format.CSV else ("",)
    keys = [f"{year}{end}" for year in found.years for end in ends]
    named = [Column("indicator", "indicator")] if len(found.indicators) > 1 or fmt is Format.CSV else []
    columns = (*_who_columns(fmt), *named, *(Column(key, key, least=8) for key in keys))
    emit(list(rows.values()), columns, fmt, title=_title(found.indicators), empty=empty)


def table_command(
    names: IndicatorsArgument,
    by: Annotated[By, typer.Option("--by", help="What is added up together.")] = By.ALL,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    bodies: BodiesOption = False,
    level: LevelOption = Level.COUNTY,
    stated: StatedOption = False,
    edition: EditionOption = Which.LAST,
    codes: CodesOption = None,
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Sums by group and year, with how many reports are in each, and what nobody knows; nothing counted twice."""
    where = _where(division, portal, None, _kinds(kind, bodies), codes, family)
    wanted, at = years_of(years), instant(as_of)
    with common.opened(archive) as home:
        found = _answer(
            lambda: table(home, names, where, by=by, level=level, years=wanted, as_of=at, which=edition, stated=stated)
        )
        empty = "" if found.groups else _empty(home, _summed(where), wanted, at)
    fmt = chosen(as_json, as_csv)
    _beside_programs(empty, fmt)
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
    elif fmt is Format.CSV:
        rows = [
            {"key": group.key, "name": group.name, "indicator": group.indicator, "year": year} | total_row(one)
            for group in found.groups
            for year, one in group.totals.items()
        ]
        emit(rows, _columns(("key", "name", "indicator", "year", *TOTAL)), fmt)
    else:
        _sums(found, empty)


def _sums(found: SumTable, empty: str) -> None:
    rates = _rates(found.indicators)
    rows = [
        {"key": group.key, "name": group.name, "indicator": group.indicator}
        | {str(year): total_text(one, group.indicator in rates) for year, one in group.totals.items()}
        for group in found.groups
    ]
    columns = (
        *(
            [Column("key", "code", wrap=False, spare=True)]
            if found.by in {"province", "prefecture", "division"}
            else []
        ),
        Column("name", found.by),
        *([Column("indicator", "indicator")] if len(found.indicators) > 1 else []),
        *(Column(str(year), str(year), least=8) for year in found.years),
    )
    emit(rows, columns, Format.TABLE, title=_title(found.indicators), empty=empty)
    say(f"added up: {found.summed}")
    _unknown_years(found.unknown_years)
    if not rows:
        return
    say("so (31/33) means: 31 of the 33 that owe a report give a number; ≥: at least, for others may have some")
    for group in found.groups:
        for year, one in group.totals.items():
            if one.without or one.apart or one.doubted or one.stated:
                _gaps(f"{group.name} {group.indicator if len(found.indicators) > 1 else ''} {year}", one)
    for text in definitions(found.indicators, ()):
        say(text)
    say(_as_of(found.edition, found.as_of))


def _gaps(label: str, one: Total) -> None:
    parts = [f"not in it: {counted(one.without)}"] if one.without else []
    if one.n is not None and one.low is not None and one.high is not None and not one.complete:
        parts.append(f"between {percent(one.low)} and {percent(one.high)} whatever those have")
    if one.doubted:
        parts.append(f"{one.doubted} in it are doubted")
    if one.stated:
        parts.append(f"{one.stated} in it are stated in the text alone")
    if one.apart:
        parts.append(f"owe none: {counted(one.apart)}")
    say(": ".join(one for one in (" ".join(label.split()), "; ".join(parts)) if one))


def rank_command(
    name: IndicatorArgument,
    year: YearArgument,
    division: DivisionOption = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    bodies: BodiesOption = False,
    level: LevelOption = Level.COUNTY,
    ascending: Annotated[bool, typer.Option("--ascending", help="Least first.")] = False,
    min_n: Annotated[int, typer.Option("--min-n", min=0, help="Rates of fewer cases are set apart.")] = 20,
    top: Annotated[int | None, typer.Option("--top", min=1, help="Show only so many.", show_default=False)] = None,
    edition: EditionOption = Which.LAST,
    codes: CodesOption = None,
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Bodies in the order of one figure of YEAR; with those that cannot be ranked, and why."""
    where = _where(division, portal, None, _kinds(kind, bodies), codes, family)
    at = instant(as_of)
    with common.opened(archive) as home:
        found = _answer(
            lambda: rank(
                home, name, year, where, level=level, ascending=ascending, min_n=min_n, as_of=at, which=edition
            )
        )
        some = bool(found.lines or found.set_apart)
        empty = "" if some else _empty(home, _summed(where), [year], at, "that can be ranked")
    fmt = chosen(as_json, as_csv)
    _beside_programs(empty, fmt)
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
    elif fmt is Format.CSV:
        unit = found.indicator.unit
        rows = [{"rank": one.rank} | long_row(one.line, unit) for one in found.lines[:top]]
        rows += [{"rank": None} | long_row(line, unit) for line in found.set_apart]
        emit(rows, _columns(("rank", *LONG)), fmt)
    else:
        _ranks(found, top, empty)


def _ranks(found: Ranking, top: int | None, empty: str) -> None:
    empty = empty or f"none has {found.min_n} cases or more"
    rates = _rates([found.indicator])
    rows = [
        {"rank": one.rank} | _who(one.line) | {"figure": figure_text(one.line, bool(rates))}
        for one in found.lines[:top]
    ]
    columns = (Column("rank", "rank", wrap=False), *_who_columns(), Column("figure", "figure", wrap=False))
    title = f"{_title([found.indicator])}, {found.year}"
    emit(rows, columns, Format.TABLE, title=title, empty=empty)
    if top is not None and len(found.lines) > top:
        say(f"and {len(found.lines) - top} more")
    if found.set_apart:
        say(f"not ranked, of fewer than {found.min_n} cases (--min-n):")
        small = [_who(line) | {"figure": figure_text(line, True)} for line in found.set_apart]
        emit(small, (*_who_columns(), Column("figure", "figure", wrap=False)), Format.TABLE)
    say(f"ranked: {found.ranked}")
    if found.no_cases:
        say(f"not ranked, as there were no cases: {found.no_cases}")
    given = "what it is made of" if rates else "a number"
    _gaps(f"{found.total.reports} of {found.total.owed} that owe a report give {given}", found.total)
    lines = [*(one.line for one in found.lines), *found.set_apart]
    _told_below([found.indicator], lines, found.edition, found.as_of)


def compare_command(
    name: IndicatorArgument,
    what: Annotated[
        list[str],
        typer.Argument(metavar="WHAT", help="Two years (2023 2024), or bodies by place or name (汶上县 沂源县)."),
    ],
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    bodies: BodiesOption = False,
    level: LevelOption = Level.COUNTY,
    edition: EditionOption = Which.LAST,
    codes: CodesOption = None,
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Two years of many bodies, or a few bodies over the years, side by side."""
    at, fmt = instant(as_of), chosen(as_json, as_csv)
    compared = [is_year(one) for one in what]
    if any(compared) and not all(compared):
        common.fail("years are compared with years, and bodies with bodies; one body over years: --years 2023-2025")
    if all(compared):
        if len(set(what)) != 2 or len(what) != 2 or years is not None:
            common.fail("two years are compared: nianbao compare INDICATOR 2023 2024; for more: nianbao series --wide")
        where = _where(division, portal, None, _kinds(kind, bodies), codes, family)
        pair = (year_of(what[0]), year_of(what[1]))
        with common.opened(archive) as home:
            found = _answer(lambda: compare_years(home, name, pair, where, level=level, as_of=at, which=edition))
            empty = "" if found.lines else _empty(home, _summed(where), pair, at, "of which both years are known")
        _beside_programs(empty, fmt)
        _years(found, fmt, empty)
        return
    if len(what) < 2 or any((division, portal, kind, family, bodies, codes)):
        common.fail(
            "two bodies or more are compared by name, without --division, --portal, --kind, --family, --bodies, --codes"
        )
    wanted = years_of(years)
    with common.opened(archive) as home:
        beside = _answer(lambda: compare_bodies(home, name, what, years=wanted, as_of=at, which=edition))
        empty = "" if beside.lines else _empty(home, where_of(None, None), wanted, at)
    _beside_programs(empty, fmt)
    _beside(beside, fmt, empty)


def _years(found: YearComparison, fmt: Format, empty: str) -> None:
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    first, second = (str(year) for year in found.years)
    rate = bool(_rates([found.indicator]))
    if fmt is Format.CSV:
        rows = [
            long_row(one.after, found.indicator.unit)
            | {"before": number(one.before.figure.value) or None, "before_state": one.before.figure.state.value}
            | {"before_n": number(one.before.figure.n) or None, "before_marks": " ".join(one.before.marks)}
            | {"after": number(one.after.figure.value) or None, "after_state": one.after.figure.state.value}
            | {"after_n": number(one.after.figure.n) or None, "after_marks": " ".join(one.after.marks)}
            | {"change": number(one.change) or None, "ratio": number(one.ratio) or None}
            | {"bridged": "true" if one.bridged else "false"}
            for one in found.lines
        ]
        sides = tuple(f"{side}{end}" for side in ("before", "after") for end in ("", "_state", "_n", "_marks"))
        keys = (
            "code",
            "place",
            "portal",
            "agency",
            "agency_id",
            "kind",
            "indicator",
            *sides,
            "change",
            "ratio",
            "bridged",
        )
        emit(rows, _columns(keys), fmt)
        return
    rows = [
        _who(one.after)
        | {first: figure_text(one.before, rate), second: figure_text(one.after, rate)}
        | {"change": _change(one.change, rate), "ratio": "" if rate else percent(one.ratio)}
        | {"forms": f"{one.before.form}→{one.after.form}" if one.bridged else ""}
        for one in found.lines
    ]
    columns = (
        *_who_columns(),
        *(Column(key, key, wrap=False) for key in (first, second, "change")),
        *([] if rate else [Column("ratio", "change %", wrap=False)]),
        Column("forms", "forms", wrap=False, spare=True),
    )
    emit(rows, columns, Format.TABLE, title=_title([found.indicator]), empty=empty)
    say(f"compared: {found.compared}")
    before, after = (total_text(one, rate) for one in found.totals)
    say(f"the {found.matched} with a figure in both years together: {first} {before}, {second} {after}")
    if found.alone:
        say(f"besides, of {found.alone} a duty is known in one of the two years only")
    lines = [line for one in found.lines for line in (one.before, one.after)]
    _told_below([found.indicator], lines, found.edition, found.as_of)


def _change(change: Decimal | None, rate: bool) -> str:
    if change is None:
        return ""
    return f"{change.scaleb(2):+.1f} points" if rate else f"{'+' if change > 0 else ''}{number(change)}"


def _beside(found: BodyComparison, fmt: Format, empty: str) -> None:
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    rate = bool(_rates([found.indicator]))
    held = [line for lines in found.lines.values() for line in lines if line is not None]
    if fmt is Format.CSV:
        emit([long_row(line, found.indicator.unit) for line in held], _columns(LONG), fmt)
        return
    rows = [
        {"year": year} | {f"{at}": figure_text(line, rate) if line is not None else "" for at, line in enumerate(lines)}
        for year, lines in found.lines.items()
    ]
    columns = (
        Column("year", "year", wrap=False),
        *(Column(f"{at}", name) for at, name in enumerate(found.names)),
    )
    emit(rows, columns, Format.TABLE, title=_title([found.indicator]), empty=empty)
    _told_below([found.indicator], held, found.edition, found.as_of)


# ---------------------------------------------------------------------------------------------- shared


def _empty(
    home: Home, where: Where, years: Collection[int] | None, at: datetime | None, what: str = "with a figure"
) -> str:
    """Why there is no line."""
    return nothing(what, known(home, where, years=years, as_of=at))


def _summed(where: Where) -> Where:
    """The bodies that sums and ranks are over where no kind is named."""
    return where if where.kinds else replace(where, kinds=frozenset({AgencyKind.GOVERNMENT}))


def _beside_programs(empty: str, fmt: Format) -> None:
    """Tell programs that there is nothing, beside what they read."""
    if empty and fmt is not Format.TABLE:
        say(empty, sys.stderr)


def _where(
    division: str | None,
    portal: str | None,
    agency: str | None,
    kinds: Iterable[AgencyKind] | None,
    codes: int | None,
    families: Iterable[str] | None,
) -> Where:
    return replace(where_of(division, portal, kinds, families, agency), codes=codes)


def _kinds(kinds: Sequence[AgencyKind] | None, bodies: bool) -> Iterable[AgencyKind] | None:
    if bodies and kinds:
        common.fail("--bodies and --kind exclude each other: --bodies means every kind but government")
    return BODIES if bodies else kinds


def _answer(question: Callable[[], _Answer]) -> _Answer:
    """The answer; what cannot be asked so ends with a sentence."""
    try:
        return asked(question)
    except ValueError as error:
        common.fail(str(error))


def _columns(keys: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(key, key) for key in keys)


def _who(line: FigureLine) -> dict[str, object]:
    who = line.agency
    return {"code": line.code, "place": who.place, "agency": who.name, "kind": who.kind.value, "agency_id": who.id}


def _who_columns(fmt: Format = Format.TABLE) -> tuple[Column, ...]:
    if fmt is Format.CSV:
        return _columns(("code", "place", "agency", "agency_id", "kind"))
    return (
        Column("code", "code", wrap=False, spare=True),
        Column("place", "place", wrap=False, spare=True),
        Column("agency", "agency", least=18),
        Column("kind", "kind", wrap=False, spare=True),
    )


def _rates(indicators: Iterable[IndicatorLine]) -> frozenset[str]:
    return frozenset(one.id for one in indicators if one.kind == "rate")


def _title(indicators: Sequence[IndicatorLine]) -> str:
    if len(indicators) != 1:
        return ""
    [one] = indicators
    return f"{one.id} {one.zh}" + (f" ({one.unit})" if one.unit else "")


def _told_below(
    indicators: Sequence[IndicatorLine], lines: Sequence[FigureLine], edition: str, as_of: datetime
) -> None:
    """What signs mean, definitions, how many have a figure, which editions, as of when."""
    rates = _rates(indicators)
    for text in legend((figure_text(line, line.indicator in rates) for line in lines), lines):
        say(text)
    for text in definitions(indicators, lines):
        say(text)
    known = sum(line.figure.value is not None for line in lines)
    say(f"{known} of {len(lines)} have a figure; {_as_of(edition, as_of)}")


def _unknown_years(years: Sequence[int]) -> None:
    """Years that were asked for and are not there: nobody has looked, which is not the same as nothing."""
    if years:
        say(f"of {', '.join(map(str, years))} nothing is known here: no report of these bodies was looked for")


def _as_of(edition: str, as_of: datetime) -> str:
    return f"{edition} edition of each report known at {cell_text(as_of)}"
