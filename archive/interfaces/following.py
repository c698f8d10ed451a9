"""``revisions``: what changed of reports after they were first seen; ``news``: what became known in some time."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from archive.interfaces import common
from archive.interfaces.asking import AsOfOption, KindOption, Lang, LangOption, PlaceArgument, asked, instant
from archive.interfaces.atom import LABELS, feed
from archive.interfaces.output import CHINA, Column, Format, cell_text, chosen, emit, say
from archive.queries.changed import News, NewsItem, RevisionLine, Revisions
from archive.queries.news import news
from archive.queries.revisions import CHANGES, revisions
from archive.queries.where import Where
from storage.whole import write_whole

Change = StrEnum("Change", [(code, code) for code in CHANGES])  # type: ignore[misc]


def moment(option: str, text: str | None, *, end: bool) -> datetime | None:
    """The instant meant by an option: a day is its beginning or its ``end``; Asia/Shanghai if no zone is named."""
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), CHINA)
            return day + timedelta(days=1) - timedelta(microseconds=1) if end else day
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        common.fail(f"{option} {text!r} is no date; write 2025-02-01 or 2025-02-01T09:00:00+08:00")
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def revisions_command(
    place: PlaceArgument = None,
    year: Annotated[
        int | None,
        typer.Option("--year", min=1990, max=2100, help="Only reports on this year.", show_default=False),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Only what was known from that day (2025-02-01) on.", show_default=False),
    ] = None,
    change: Annotated[
        list[Change] | None,
        typer.Option("--change", help="Only changes of this sort; may be repeated.", show_default=False),
    ] = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.EN,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Reports that changed after they were first seen: content, address, date, or taken from their list."""
    where = Where(place=place, portal=portal, kinds=frozenset(kind) if kind else None)
    begin, at = moment("--since", since, end=False), instant(as_of)
    codes = [one.value for one in change] if change else CHANGES
    with common.opened(archive) as home:
        found = asked(lambda: revisions(home, where, year=year, since=begin, codes=codes, as_of=at))
    fmt = chosen(as_json, as_csv)
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    if fmt is Format.CSV:
        emit([_row(line, lang) for line in found.lines], tuple(Column(key, key) for key in _KEYS), fmt)
        return
    emit([_row(line, lang) for line in found.lines], _COLUMNS, fmt, empty=_nothing(found))
    _told_below(found)


_KEYS = (
    *("agency", "agency_id", "kind", "portal", "division", "year", "change", "last_before", "first_after", "known"),
    *("cells", "lines", "address", "before", "after", "why", "evidence", "hint"),
)
_COLUMNS = (
    Column("agency", "agency", least=14),
    Column("year", "year", wrap=False),
    Column("change", "change", least=18),
    Column("last_before", "last before", wrap=False),
    Column("first_after", "first after", wrap=False),
    Column("cells", "cells", wrap=False),
    Column("lines", "lines", wrap=False),
    Column("address", "address", spare=True),
    Column("before", "edition before", spare=True),
    Column("after", "edition after", spare=True),
)


def _row(line: RevisionLine, lang: Lang) -> Mapping[str, object]:
    return {**_told(line, lang), "kind": line.agency.kind.value}


def _told(line: RevisionLine | NewsItem, lang: Lang) -> Mapping[str, object]:
    """What is told of a change, with the columns of its agency and the sentence in the language asked for."""
    who = line.agency
    return {
        **line.to_dict(),
        "agency": who.name,
        "agency_id": who.id,
        "portal": who.portal,
        "division": who.division,
        "why": line.zh if lang is Lang.ZH else line.en,
    }


def _nothing(found: Revisions) -> str:
    """An empty answer says whether anything could have been noticed."""
    if not found.reports:
        return "no report is held here, so nobody knows of a change"
    if found.met_once == found.reports:
        return f"none known; none of the {found.reports} reports held was met a second time, so none could be"
    return "none known"


def _told_below(found: Revisions) -> None:
    two = next((line.hint for line in found.lines if line.cells is not None), None)
    if two is not None:
        say(f"what differs: {two}")
    if found.withheld:
        say(f"{found.withheld} changes of reports that a ruling withholds are not shown")
    if found.met_once:
        say(f"{found.met_once} of {found.reports} reports were never met a second time: nobody knows of their changes")
    say(f"as of {cell_text(found.as_of)}")


def news_command(
    since: Annotated[str, typer.Option("--since", help="From the beginning of that day (2025-02-01), or an instant.")],
    place: PlaceArgument = None,
    until: Annotated[
        str | None,
        typer.Option("--until", help="To the end of that day, or an instant; now if none.", show_default=False),
    ] = None,
    atom: Annotated[
        Path | None,
        typer.Option("--atom", help="Write an Atom feed to this file; - is standard output.", show_default=False),
    ] = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    lang: LangOption = Lang.EN,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """What became known in some time: late, missing, first seen, changed, withdrawn, returned, or held no longer."""
    where = Where(place=place, portal=portal, kinds=frozenset(kind) if kind else None)
    begin, end = moment("--since", since, end=False), moment("--until", until, end=True)
    assert begin is not None
    with common.opened(archive) as home:
        try:
            found = asked(lambda: news(home, where, since=begin, until=end))
        except ValueError as error:
            common.fail(str(error))
        born = home.born.isoformat()
    if atom is not None:
        about = " ".join(one for one in (place, portal, *(sorted(kind) if kind else ())) if one)
        _feed(feed(found, born, about), atom, len(found.items))
        return
    fmt = chosen(as_json, as_csv)
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    rows = [_news_row(item, lang) for item in found.items]
    if fmt is Format.CSV:
        emit(rows, tuple(Column(key, key) for key in _NEWS_KEYS), fmt)
        return
    emit(rows, _NEWS_COLUMNS, fmt, empty=_no_news(found))
    if found.items and found.not_looked_at:
        say(f"not looked at in that time: {_named(found.not_looked_at)}")
    if found.withheld:
        say(f"{found.withheld} changes of reports that a ruling withholds are not shown")
    say(f"from {cell_text(found.since)} to {cell_text(found.until)}")


_NEWS_KEYS = (
    *("at", "kind", "agency", "agency_id", "agency_kind", "portal", "division", "year", "status", "evidence"),
    *("why", "address", "editions", "looks", "captures"),
)
_NEWS_COLUMNS = (
    Column("at", "known from", wrap=False),
    Column("what", "what", least=12),
    Column("agency", "agency", least=14),
    Column("year", "year", wrap=False),
    Column("evidence", "evidence", wrap=False, spare=True),
    Column("why", "why", least=26),
    Column("editions", "editions", spare=True),
)


def _news_row(item: NewsItem, lang: Lang) -> Mapping[str, object]:
    what = LABELS[item.kind][0 if lang is Lang.ZH else 1]
    return {**_told(item, lang), "what": what, "agency_kind": item.agency.kind.value}


def _no_news(found: News) -> str:
    """Nothing happened, or nobody looked."""
    if not found.ok_looks and not found.visits:
        tried = f"none of {found.looks} looks was read to its end" if found.looks else "nothing was looked at"
        return f"no news, and {tried} in that time: nobody knows whether anything happened"
    unseen = f"; not looked at: {_named(found.not_looked_at)}" if found.not_looked_at else ""
    return (
        f"no news: nothing of it in {found.ok_looks} looks read to their end and {found.visits} fetches of reports "
        f"({found.portals - len(found.not_looked_at)} of {found.portals} portals){unseen}"
    )


def _named(portals: Sequence[str]) -> str:
    more = len(portals) - _SHOWN
    return ", ".join(portals[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


_SHOWN = 10


def _feed(data: bytes, path: Path, entries: int) -> None:
    if str(path) == "-":
        sys.stdout.write(data.decode())
        return
    try:
        write_whole(path, data)
    except OSError as error:
        common.fail(f"{path} could not be written ({error.strerror}); what was there is as it was", common.UNFINISHED)
    say(f"{path}: {entries} entries")
