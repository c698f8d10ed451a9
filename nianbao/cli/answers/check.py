"""``check``: what in reports contradicts itself, last year's report, or agrees too well with another's."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated

import typer

from archive.exports.json_values import json_of
from archive.exports.plain_values import cell_text, neutral
from archive.queries.asof import instant_of_question
from archive.queries.check import Check, CheckCounts, CheckLine, check_lines, codes_of, count_by_code
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.duty_text import agency_columns
from nianbao.sentences import finding_meaning, phrase
from storage.records import Severity

_COLOURS = {"error": "red", "warning": "yellow", "info": "bright_black"}


def check(view: View, *, counts: Annotated[bool, typer.Option("--counts")] = False) -> None:
    """What does not add up: sums, text against table, units, years, copies. Ends with 1 where anything is found."""
    asked, fmt, tally = view.asked(), view.fmt, CheckCounts()
    narrowed = bool(asked.code) or asked.severity is not Severity.INFO
    now = view.trying(lambda: instant_of_question(view.home, asked.as_of))
    if view.is_paged:
        _page(view, narrowed)
        return
    lines = check_lines(
        view.home, asked.where(), years=asked.years, codes=view.trying(lambda: codes_of(asked.code)),
        severity=asked.severity, as_of=now, tally=tally,
    )  # fmt: skip
    if counts:
        view.trying(lambda: sum(1 for _ in lines))
        _counts(tally, view, narrowed)
    elif fmt is Format.JSON:
        emit([_whole(view.trying(lambda: tuple(lines)), tally, now).to_dict()], (), fmt)
    elif fmt is Format.TABLE:
        rows = [_words(line, view) for line in view.trying(lambda: list(lines))]
        emit(rows, _columns(view), fmt, empty=nothing(tally, narrowed))
    else:
        view.trying(lambda: _stream(lines, view))
    if fmt is Format.TABLE:
        _print_footer(tally)
        view.tell_age(now)
    elif not tally.counts and fmt is not Format.JSON:
        say(nothing(tally, narrowed), sys.stderr)
    common.attention(tally.counts or not is_sure(tally))


def _page(view: View, narrowed: bool) -> None:
    """Some lines, and not all."""
    found: Check = view.answer()
    if view.fmt is Format.JSON:
        view.emit_whole(found)
    else:
        to_people = view.fmt is Format.TABLE
        columns = _columns(view) if to_people else tuple(Column(key, key) for key in _KEYS)
        rows = [(_words if to_people else _row)(line, view) for line in found.lines]
        tally = CheckCounts(reports=found.reports, read=found.read, withheld=found.withheld)
        emit(rows, columns, view.fmt, empty=nothing(tally, narrowed))
    view.tell_next()
    common.attention(found.lines)


_KEYS = (
    *("code", "about", "severity", "agency", "agency_id", "kind", "portal", "place", "division", "year", "why"),
    *("expected", "found", "doubted", "cells", "locator", "edition", "against", "others", "document", "since"),
)


def _columns(view: View) -> tuple[Column, ...]:
    styles = {view.word(f"severity.{name}"): style for name, style in _COLOURS.items()}
    return (
        view.column("agency", least=14),
        view.column("year", wrap=False),
        view.column("code", wrap=False, spare=True),
        view.column("severity", wrap=False, spare=True, paint=lambda text: styles.get(text, "")),
        view.column("why", least=30),
        view.column("cells", spare=True),
        view.column("edition", spare=True),
    )


def _words(line: CheckLine, view: View) -> Mapping[str, object]:
    return {**_row(line, view), "severity": view.word(f"severity.{line.severity.value}")}


def _row(line: CheckLine, view: View) -> Mapping[str, object]:
    others = {"others": [other.id for other in line.others]}
    return {**line.to_dict(), **agency_columns(line.agency), **others, "why": view.why(line.zh, line.en)}


def _stream(lines: Iterator[CheckLine], view: View) -> None:
    """Write line by line, so that an archive of any size needs no more memory than a batch of portals."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    first = next(lines, None)  # a wrong question is answered before anything is written
    if view.fmt is Format.CSV:
        writer.writerow(_KEYS)
    if first is None:
        return
    for line in _with(first, lines):
        if view.fmt is Format.JSONL:
            sys.stdout.write(json_of(_row(line, view)) + "\n")
        else:
            row = _row(line, view)
            writer.writerow([neutral(_flat(row[key])) for key in _KEYS])


def _flat(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else cell_text(value)


def _with(first: CheckLine, lines: Iterator[CheckLine]) -> Iterator[CheckLine]:
    yield first
    yield from lines


def _whole(lines: tuple[CheckLine, ...], tally: CheckCounts, as_of: datetime) -> Check:
    return Check(
        as_of=as_of,
        lines=lines,
        counts=count_by_code(tally),
        severities=dict(tally.severities),
        reports=tally.reports,
        read=tally.read,
        withheld=tally.withheld,
    )


def _counts(tally: CheckCounts, view: View, narrowed: bool) -> None:
    rows = [{"code": code, "count": number} for code, number in count_by_code(tally).items()]
    emit(rows, (view.column("code"), view.column("count")), view.fmt, empty=nothing(tally, narrowed))


def is_sure(tally: CheckCounts) -> bool:
    """Whether an empty answer means that nothing contradicts."""
    return bool(tally.read) and tally.reports == tally.read and not tally.withheld


def nothing(tally: CheckCounts, narrowed: bool) -> str:
    """An empty answer says whether anything could contradict. ``narrowed``: not every sort was asked for."""
    none = phrase("check.asked" if narrowed else "check.contradicts")
    if not tally.reports:
        return phrase("check.no_report")
    if not tally.read:
        return phrase("check.no_table", reports=tally.reports)
    unread = tally.reports - tally.read
    if tally.withheld:
        return phrase("check.withheld", none=none, read=tally.read)
    if unread:
        return phrase("check.unread", none=none, read=tally.read, unread=unread)
    return phrase("check.empty", none=none, read=tally.read)


def _print_footer(tally: CheckCounts) -> None:
    if tally.counts:
        say(phrase("check.total", count=tally.counts.total(), read=tally.read, reports=tally.reports))
        for code, number in count_by_code(tally).items():
            say(phrase("check.code", code=code, count=number, meaning=finding_meaning(code)))
        say(phrase("check.meaning"))
    if tally.withheld:
        say(phrase("check.hidden", count=tally.withheld))
