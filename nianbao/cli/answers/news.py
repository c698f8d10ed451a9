"""``revisions``: what changed of reports after they were first seen; ``news``: what became known in some time."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from archive.exports.atom import LABELS, feed
from archive.exports.plain_values import cell_text
from archive.queries.changed import News, NewsItem, RevisionLine, Revisions
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.options import place_of
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.duty_text import times_text
from nianbao.cli.texts.empty_answers import some
from storage.whole import write_whole


def revisions(view: View) -> None:
    """Reports that changed after they were first seen: content, address, date, or taken from their list."""
    found, fmt = view.answer(), view.fmt
    if fmt is Format.JSON:
        view.emit_whole(found)
        view.tell_next()
        return
    rows = [_row(line, view) for line in found.lines]
    if fmt is not Format.TABLE:
        if not rows:
            say(_nothing(found), sys.stderr)
        emit(rows, tuple(Column(key, key) for key in _KEYS), fmt)
    else:
        emit(rows, _COLUMNS, fmt, empty=_nothing(found))
        _told_below(found)
        view.tell_age(found.as_of)
    view.tell_next()
    common.attention(not rows and (not found.reports or found.met_once))


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


def _row(line: RevisionLine, view: View) -> Mapping[str, object]:
    return {**_told(line, view), "kind": line.agency.kind.value}


def _told(line: RevisionLine | NewsItem, view: View) -> Mapping[str, object]:
    """What is told of a change, with the columns of its agency and the sentence in the language asked for."""
    who = line.agency
    return {
        **line.to_dict(),
        "agency": who.name,
        "agency_id": who.id,
        "portal": who.portal,
        "division": who.division,
        "why": line.zh if view.chinese else line.en,
    }


def _nothing(found: Revisions) -> str:
    """An empty answer says whether anything could have been noticed."""
    if not found.reports:
        return "UNKNOWN: no report is held of what was asked about, so nobody knows of a change"
    if found.met_once == found.reports:
        return f"UNKNOWN: none of the {found.reports} reports held was met a second time, so no change could be noticed"
    if found.met_once:
        return f"UNKNOWN: none known, but {found.met_once} of {found.reports} reports were never met a second time"
    return f"EMPTY: none; all {found.reports} reports held were met a second time or more"


def _told_below(found: Revisions) -> None:
    two = next((line.hint for line in found.lines if line.cells is not None), None)
    if two is not None:
        say(f"what differs: {two}")
    if found.withheld:
        say(f"{found.withheld} changes of reports that a ruling withholds are not shown")
    if found.lines and found.met_once:
        say(f"{found.met_once} of {found.reports} reports were never met a second time: nobody knows of their changes")


def news(
    view: View,
    *,
    atom: Annotated[
        Path | None,
        typer.Option("--atom", help="Write an Atom feed to this file; - is standard output.", show_default=False),
    ] = None,
) -> None:
    """What became known in some time: late, missing, first seen, changed, withdrawn, returned, or held no longer."""
    asked = view.asked()
    atom = None if atom is None else place_of(view.home, atom)
    found, fmt = view.answer(), view.fmt
    if atom is not None:
        sets = (sorted(each or ()) for each in (asked.kind, asked.family, asked.evidence))
        about = " ".join(filter(None, (asked.place, asked.portal, *(one for each in sets for one in each))))
        _feed(feed(found, view.home.born.isoformat(), about), atom, len(found.items))
        return
    if fmt is Format.JSON:
        view.emit_whole(found)
        view.tell_next()
        return
    rows = [_news_row(item, view) for item in found.items]
    if fmt is not Format.TABLE:
        if not rows:
            say(_no_news(found), sys.stderr)
        flat = [{**row, **_linked(item)} for row, item in zip(rows, found.items, strict=True)]
        emit(flat if fmt is Format.CSV else rows, tuple(Column(key, key) for key in _NEWS_KEYS), fmt)
    else:
        _list_news(found, rows)
    view.tell_next()
    common.attention(not rows and _no_news(found).startswith("UNKNOWN"))


def _list_news(found: News, rows: list[Mapping[str, object]]) -> None:
    emit(rows, _NEWS_COLUMNS, Format.TABLE, empty=_no_news(found))
    if found.items and found.not_looked_at:
        say(f"not looked at in that time: {some(found.not_looked_at, _SHOWN)}")
    if found.items and found.unjudged:
        say(f"not read and judged yet: {some(found.unjudged, _SHOWN)}")
    if found.withheld:
        say(f"{found.withheld} changes of reports that a ruling withholds are not shown")
    say(f"from {cell_text(found.since)} to {cell_text(found.until)}")


_NEWS_KEYS = (
    *("at", "kind", "agency", "agency_id", "agency_kind", "portal", "division", "year", "status", "evidence"),
    *("why", "zh", "en", "address", "editions", "looks", "look_times", "look_urls"),
    *("captures", "capture_times", "capture_urls"),
)
_NEWS_COLUMNS = (
    Column("at", "known from", wrap=False),
    Column("what", "what", least=12, spare=True),
    Column("agency", "agency", least=14),
    Column("year", "year", wrap=False),
    Column("evidence", "evidence", wrap=False, spare=True),
    Column("why", "why", least=26),
    Column("editions", "editions", spare=True),
)


def _news_row(item: NewsItem, view: View) -> Mapping[str, object]:
    what = LABELS[item.kind][0 if view.chinese else 1]
    return {**_told(item, view), "what": what, "agency_kind": item.agency.kind.value}


def _linked(item: NewsItem) -> Mapping[str, object]:
    """What an item rests on, for CSV: ids, times and addresses in columns of their own."""
    return {
        "look_times": times_text(look.started for look in item.look_refs),
        "look_urls": " ".join(look.url for look in item.look_refs),
        "capture_times": times_text(capture.fetched_at for capture in item.capture_refs),
        "capture_urls": " ".join(capture.url for capture in item.capture_refs),
    }


def _no_news(found: News) -> str:
    """Nothing happened, or nobody looked."""
    if not found.ok_looks and not found.visits:
        tried = f"none of {found.looks} looks was read to its end" if found.looks else "nothing was looked at"
        return f"UNKNOWN: no news, and {tried} in that time: nobody knows whether anything happened"
    unseen = f"; not looked at: {some(found.not_looked_at, _SHOWN)}" if found.not_looked_at else ""
    unseen += f"; not read and judged yet: {some(found.unjudged, _SHOWN)}" if found.unjudged else ""
    word = "UNKNOWN" if unseen else "EMPTY"
    return (
        f"{word}: no news; nothing such in {found.ok_looks} looks read to their end and {found.visits} fetches of "
        f"reports ({found.portals - len(found.not_looked_at)} of {found.portals} portals){unseen}"
    )


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
