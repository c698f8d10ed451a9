"""``check``: what in reports contradicts itself, last year's report, or agrees too well with another's."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from archive.exports.plain_values import cell_text, jsonable, neutral
from archive.exports.safe_text import json_of
from archive.queries.asof import asked_at
from archive.queries.check import CODES, Tally, check_lines, counted
from archive.queries.checked import Check, CheckLine
from nianbao.cli import common
from nianbao.cli.options import (
    AsOfOption,
    FamilyOption,
    KindOption,
    Lang,
    LangOption,
    PlaceArgument,
    YearsOption,
    asked,
    where_of,
)
from nianbao.cli.output import Column, Format, chosen, emit, say
from nianbao.cli.times import instant, years_of
from storage.records import Severity

Code = StrEnum("Code", [(code, code) for code in CODES])  # type: ignore[misc]
COLOURS = {"error": "red", "warning": "yellow", "info": "bright_black"}


def check_command(
    place: PlaceArgument = None,
    years: YearsOption = None,
    code: Annotated[
        list[Code] | None,
        typer.Option("--code", help="Only this code (docs/findings.md); may be repeated.", show_default=False),
    ] = None,
    severity: Annotated[Severity, typer.Option("--severity", help="Nothing below this.")] = Severity.INFO,
    agency: Annotated[
        str | None, typer.Option("--agency", help="Only agencies with this in their name.", show_default=False)
    ] = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    as_of: AsOfOption = None,
    counts: Annotated[bool, typer.Option("--counts", help="Only how many there are of each code.")] = False,
    lang: LangOption = Lang.EN,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
    as_jsonl: common.JsonlOption = False,
) -> None:
    """What does not add up: sums, text against table, units, years, copies. Ends with 1 where anything is found."""
    where = where_of(place, portal, kind, family, agency)
    wanted, at = years_of(years), instant(as_of)
    codes = [one.value for one in code] if code else CODES
    narrowed = bool(code) or severity is not Severity.INFO
    tally = Tally()
    fmt = chosen(as_json, as_csv, as_jsonl)
    with common.opened(archive) as home:
        now = asked(lambda: asked_at(home, at))
        lines = check_lines(home, where, years=wanted, codes=codes, severity=severity, as_of=now, tally=tally)
        if counts:
            asked(lambda: sum(1 for _ in lines))
            _counts(tally, fmt, narrowed)
        elif fmt is Format.JSON:
            emit([_whole(asked(lambda: tuple(lines)), tally, now).to_dict()], (), fmt)
        elif fmt is Format.TABLE:
            emit(
                [_row(line, lang) for line in asked(lambda: list(lines))], _COLUMNS, fmt, empty=nothing(tally, narrowed)
            )
        else:
            asked(lambda: _stream(lines, fmt, lang))
    if fmt is Format.TABLE:
        _told_below(tally, now)
    elif not tally.counts and fmt is not Format.JSON:
        say(nothing(tally, narrowed), sys.stderr)
    common.attention(tally.counts)


_KEYS = (
    *("code", "about", "severity", "agency", "agency_id", "kind", "portal", "place", "division", "year", "why"),
    *("expected", "found", "doubted", "cells", "locator", "edition", "against", "others", "document", "since"),
)
_COLUMNS = (
    Column("agency", "agency", least=14),
    Column("year", "year", wrap=False),
    Column("code", "code", wrap=False),
    Column("severity", "severity", wrap=False, paint=lambda text: COLOURS.get(text, "")),
    Column("why", "why", least=30),
    Column("cells", "cells", spare=True),
    Column("edition", "edition", spare=True),
)


def _row(line: CheckLine, lang: Lang) -> Mapping[str, object]:
    who = line.agency
    return {
        **line.to_dict(),
        "agency": who.name,
        "agency_id": who.id,
        "kind": who.kind.value,
        "portal": who.portal,
        "place": who.place,
        "division": who.division,
        "others": [other.id for other in line.others],
        "why": line.zh if lang is Lang.ZH else line.en,
    }


def _stream(lines: Iterator[CheckLine], fmt: Format, lang: Lang) -> None:
    """Write line by line, so that an archive of any size needs no more memory than a batch of portals."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    first = next(lines, None)  # a wrong question is answered before anything is written
    if fmt is Format.CSV:
        writer.writerow(_KEYS)
    if first is None:
        return
    for line in _with(first, lines):
        if fmt is Format.JSONL:
            sys.stdout.write(json_of(jsonable(_row(line, lang))) + "\n")
        else:
            row = _row(line, lang)
            writer.writerow([neutral(_flat(row[key])) for key in _KEYS])


def _flat(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else cell_text(value)


def _with(first: CheckLine, lines: Iterator[CheckLine]) -> Iterator[CheckLine]:
    yield first
    yield from lines


def _whole(lines: tuple[CheckLine, ...], tally: Tally, as_of: datetime) -> Check:
    return Check(
        as_of=as_of,
        lines=lines,
        counts=counted(tally),
        severities=dict(tally.severities),
        reports=tally.reports,
        read=tally.read,
        withheld=tally.withheld,
    )


def _counts(tally: Tally, fmt: Format, narrowed: bool) -> None:
    rows = [{"code": code, "count": number} for code, number in counted(tally).items()]
    emit(rows, (Column("code", "code"), Column("count", "count")), fmt, empty=nothing(tally, narrowed))


def nothing(tally: Tally, narrowed: bool) -> str:
    """An empty answer says whether anything could contradict. ``narrowed``: not every sort was asked for."""
    none = "nothing of what was asked for contradicts" if narrowed else "nothing contradicts"
    if not tally.reports:
        return "UNKNOWN: no report is held of what was asked about, so nobody knows whether anything contradicts"
    if not tally.read:
        return f"UNKNOWN: of none of the {tally.reports} reports held a table was read, so nothing could be compared"
    unread = tally.reports - tally.read
    if tally.withheld:
        return f"UNKNOWN: {none} in the {tally.read} reports read, of what may be given out"
    if unread:
        return f"UNKNOWN: {none} in {tally.read} reports, but of {unread} more no table was read"
    return f"EMPTY: {none} in the {tally.read} reports held and read"


def _told_below(tally: Tally, as_of: datetime) -> None:
    if tally.counts:
        told = ", ".join(f"{code} {number}" for code, number in counted(tally).items())
        say(f"{tally.counts.total()} in {tally.read} reports read of {tally.reports} held: {told}")
        say("what each means, and how often it is wrong: docs/findings.md")
    if tally.withheld:
        say(f"{tally.withheld} that rest on reports that a ruling withholds are not shown")
    say(f"as of {cell_text(as_of)}")
