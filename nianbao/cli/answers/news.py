"""``revisions``: what changed of reports after they were first seen; ``news``: what became known in some time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archive.exports.atom import LABELS, feed
from archive.exports.plain_values import cell_text
from archive.queries.news import News, NewsItem
from archive.queries.revisions import RevisionLine, Revisions
from nianbao.cli.asking import View
from nianbao.cli.options import place_of
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.duty_text import times_text
from nianbao.cli.texts.empty_answers import some
from nianbao.sentences import named, phrase

_MAX_NAMED = 10  # portals that are named
_REVISION = (
    "agency", "agency_id", "kind", "portal", "division", "year", "change", "last_before", "first_after", "known",
    "cells", "lines", "address", "before", "after", "why", "evidence", "hint",
)  # fmt: skip
_NEWS = (
    "at", "kind", "agency", "agency_id", "agency_kind", "portal", "division", "year", "status", "evidence", "why", "zh",
    "en", "address", "editions", "looks", "look_times", "look_urls", "captures", "capture_times", "capture_urls",
)  # fmt: skip


def revisions(view: View) -> None:
    """Reports that changed after they were first seen: content, address, date, or taken from their list."""
    found: Revisions = view.answer()
    rows = [{**_fields(line, view), "kind": line.agency.kind.value} for line in found.lines]
    columns = [Column(key, key) for key in _REVISION]
    is_open = not rows and (not found.reports or bool(found.met_once)) and view.fmt is not Format.JSON
    empty = "" if rows or view.fmt is Format.JSON else _no_revision(found)
    view.present(found, lambda: _list_revisions(found, rows, view), rows, columns, empty=empty, is_open=is_open)


def _list_revisions(found: Revisions, rows: list[dict[str, object]], view: View) -> None:
    columns = (
        view.column("agency", least=14),
        view.column("year", wrap=False),
        view.column("change", least=18),
        *(view.column(key, wrap=False) for key in ("last_before", "first_after", "cells", "lines")),
        view.column("address", spare=True),
        Column("before", view.word("column.edition_before"), spare=True),
        Column("after", view.word("column.edition_after"), spare=True),
    )
    worded = [row | {"change": _label(str(row["change"]), view)} for row in rows]
    emit(worded, columns, Format.TABLE, empty=_no_revision(found))
    two = next((line.hint for line in found.lines if line.cells is not None), None)
    if two is not None:
        say(phrase("revision.hint", command=two))
    if found.withheld:
        say(phrase("revision.hidden", count=found.withheld))
    if found.lines and found.met_once:
        say(phrase("revision.never_again", once=found.met_once, reports=found.reports))
    view.tell_age(found.as_of)


def _label(change: str, view: View) -> str:
    """What changed, in words; a change without a word of its own stands for itself."""
    return LABELS[change][0 if view.chinese else 1] if change in LABELS else change


def _fields(line: RevisionLine | NewsItem, view: View) -> dict[str, object]:
    """What is told of a change, with the columns of its agency and the sentence in the language asked for."""
    who = line.agency
    about = {"agency": who.name, "agency_id": who.id, "portal": who.portal, "division": who.division}
    return {**line.to_dict(), **about, "why": view.why(line.zh, line.en)}


def _no_revision(found: Revisions) -> str:
    """An empty answer says whether anything could have been noticed."""
    if not found.reports:
        return phrase("revision.no_report")
    if found.met_once == found.reports:
        return phrase("revision.met_once", reports=found.reports)
    if found.met_once:
        return phrase("revision.some_once", once=found.met_once, reports=found.reports)
    return phrase("revision.empty", reports=found.reports)


def news(view: View, *, atom: Annotated[Path | None, typer.Option("--atom", show_default=False)] = None) -> None:
    """What became known in some time: late, missing, first seen, changed, withdrawn, returned, or held no longer."""
    asked = view.asked()
    atom = None if atom is None else place_of(view.home, atom)
    found: News = view.answer()
    if atom is not None:
        sets = (sorted(each or ()) for each in (asked.kind, asked.evidence))
        about = " ".join(filter(None, (asked.place, asked.portal, *(one for each in sets for one in each))))
        written = feed(found, view.home.born.isoformat(), about, simulated=view.home.simulated).decode()
        view.write_page(atom, lambda: written, "page.entries", entries=len(found.items))
        return
    rows = [
        {**_fields(one, view), "what": _label(one.kind, view), "agency_kind": one.agency.kind.value}
        | (_linked(one) if view.fmt is Format.CSV else {})
        for one in found.items
    ]
    columns = [Column(key, key) for key in _NEWS]
    is_json = view.fmt is Format.JSON
    empty, is_open = "" if rows or is_json else _no_news(found), not (rows or is_json or _is_sure(found))
    view.present(found, lambda: _list_news(found, rows, view), rows, columns, empty=empty, is_open=is_open)


def _list_news(found: News, rows: list[dict[str, object]], view: View) -> None:
    columns = (
        Column("at", view.word("column.known"), wrap=False),
        view.column("what", least=12, spare=True),
        view.column("agency", least=14),
        view.column("year", wrap=False),
        view.column("evidence", wrap=False, spare=True),
        view.column("why", least=26),
        Column("editions", view.word("column.edition"), spare=True),
    )
    worded = [
        row | {"evidence": "" if one.evidence is None else named(one.evidence, "evidence")}
        for row, one in zip(rows, found.items, strict=True)
    ]
    emit(worded, columns, Format.TABLE, empty=_no_news(found))
    if found.items and found.not_looked_at:
        say(view.word("news.not_looked_at", names=some(found.not_looked_at, _MAX_NAMED)))
    if found.items and found.unjudged:
        say(view.word("news.unjudged", names=some(found.unjudged, _MAX_NAMED)))
    if found.withheld:
        say(view.word("revision.hidden", count=found.withheld))
    say(view.word("news.period", since=cell_text(found.since), until=cell_text(found.until)))


def _linked(item: NewsItem) -> dict[str, object]:
    """What an item rests on, for CSV: ids, times and addresses in columns of their own."""
    return {
        "look_times": times_text(look.started for look in item.look_refs),
        "look_urls": " ".join(look.url for look in item.look_refs),
        "capture_times": times_text(capture.fetched_at for capture in item.capture_refs),
        "capture_urls": " ".join(capture.url for capture in item.capture_refs),
    }


def _is_sure(found: News) -> bool:
    """Whether an empty answer means that nothing happened."""
    return bool(found.ok_looks or found.visits) and not (found.not_looked_at or found.unjudged)


def _no_news(found: News) -> str:
    """Nothing happened, or nobody looked."""
    if not found.ok_looks and not found.visits:
        return phrase("news.nothing_whole", looks=found.looks) if found.looks else phrase("news.nothing_looked")
    unseen = phrase("news.unseen", names=some(found.not_looked_at, _MAX_NAMED)) if found.not_looked_at else ""
    unseen += phrase("news.unseen_unjudged", names=some(found.unjudged, _MAX_NAMED)) if found.unjudged else ""
    return phrase(
        "news.empty" if _is_sure(found) else "news.unknown", looks=found.ok_looks, visits=found.visits,
        seen=found.portals - len(found.not_looked_at), portals=found.portals, unseen=unseen,
    )  # fmt: skip
