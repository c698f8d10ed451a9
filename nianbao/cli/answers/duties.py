"""``coverage``, ``missing``, ``late``, ``status``: who published when."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from archive.exports.plain_values import cell_text
from archive.queries.grounds import Known
from archive.queries.results import AgencyDuties, Counts, Coverage, CoverageRow, DutyLine, DutyList, Totals, Verdict
from archive.queries.words import CHINA
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.duty_text import (
    DUTY,
    RATE,
    SIGNS,
    duty_row,
    flat,
    links_text,
    painted,
    rate_columns,
    rate_lines,
    rate_rows,
    sign,
)
from nianbao.cli.texts.empty_answers import besides, is_empty, nothing
from storage.records import Status

LinksOption = Annotated[
    bool, typer.Option("--links", help="In the table too: the looks, fetches and editions that each line rests on.")
]


def coverage(
    view: View,
    *,
    rates: Annotated[bool, typer.Option("--rates", help="Only the rates, with their least and their most.")] = False,
    by_place: Annotated[bool, typer.Option("--by-place", help="Count bodies by portal, year and status.")] = False,
) -> None:
    """Agency × year: who published, who was late, what is missing, what is not known; and rates with their bounds."""
    if rates or by_place:
        counted = view.answer("totals")
        (_rates_alone if rates else _by_place)(counted, view.fmt)
        common.attention(_is_unknown(counted.known) and not counted.places)
        return
    found = view.answer(links=view.fmt is not Format.TABLE)
    if view.fmt is Format.JSON:
        view.emit_whole(found)
    elif view.fmt is Format.TABLE:
        _coverage(found)
    else:
        lines = [line for row in found.rows for _, line in sorted(row.cells.items())]
        _for_programs(lines, view, nothing(_such(found), found.known))
    view.tell_next()
    common.attention(not found.rows and _is_unknown(found.known))


def _is_unknown(known: Known, *, timed: bool = False) -> bool:
    """Whether an empty answer leaves it open if there is any."""
    return not is_empty(known, timed=timed)


def _such(found: Coverage) -> str:
    return f"({', '.join(found.evidence)})" if found.evidence else "of those asked about"


def _coverage(found: Coverage) -> None:
    columns = (
        Column("place", "place", wrap=False, spare=True),
        Column("agency", "agency", least=18),
        Column("kind", "kind", wrap=False, spare=True),
    )
    emit(
        [_coverage_row(row) for row in found.rows],
        (*columns, *(Column(str(year), str(year), paint=painted, least=9) for year in found.years)),
        Format.TABLE,
        empty=nothing(_such(found), found.known),
    )
    if any(line.findings for row in found.rows for line in row.cells.values()):
        say("* there is more to know: nianbao status AGENCY YEAR")
    _counts_and_rates(found)


def _counts_and_rates(found: Coverage | Totals) -> None:
    say(f"as of {cell_text(found.as_of)}")
    for label, counts in (
        ("with a date by statute", found.counts),
        ("townships and subdistricts", found.townships),
        ("other bodies, without a date", found.others),
    ):
        if counts.total:
            say(_counted(label, counts))
    _rates(found)


def _by_place(found: Totals, fmt: Format) -> None:
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    rows = [
        {"place": one.place, "portal": one.portal, "division": one.division, "year": year, "duties": counts.total}
        | {status.value: counts.by_status.get(status.value, 0) for status in Status}
        for one in found.places
        for year, counts in one.years.items()
    ]
    held = {key for row in rows for key, value in row.items() if value or fmt is not Format.TABLE}
    columns = ("place", "portal", "division", "year", "duties", *(status.value for status in Status))
    shown = tuple(Column(key, key, wrap=False) for key in columns if key in held)
    emit(rows, shown, fmt, empty=nothing("of those asked about", found.known))
    if fmt is Format.TABLE:
        _counts_and_rates(found)


def _rates_alone(found: Totals, fmt: Format) -> None:
    if not found.rates:
        say(nothing("of those asked about", found.known), sys.stdout if fmt is Format.TABLE else sys.stderr)
    if fmt is not Format.TABLE:
        emit(rate_lines(found.rates), tuple(Column(key, key) for key in RATE), fmt)
        return
    _rates(found)
    say(f"as of {cell_text(found.as_of)}")


def _rates(found: Coverage | Totals) -> None:
    if not found.rates:
        return
    emit(rate_rows(found.rates), rate_columns(found.rates), Format.TABLE, title="rates")
    say("the least, were none of the unknown such, and the most, were all; what is not owed (yet) is in none of them")
    if found.evidence:
        say(f"only {', '.join(found.evidence)} is taken for known")


def _coverage_row(row: CoverageRow) -> dict[str, object]:
    cells = {str(year): sign(line) for year, line in row.cells.items()}
    return {"place": row.agency.place, "agency": row.agency.name, "kind": row.agency.kind, **cells}


def _counted(label: str, counts: Counts) -> str:
    parts = ", ".join(f"{SIGNS[Status(name)].lower()} {number}" for name, number in counts.by_status.items())
    return f"{label}: {counts.total} duties: {parts}"


_TITLES = {"days_late": "days ≥", "last_absent": "last absent"}


def _for_programs(lines: Sequence[DutyLine], view: View, empty: str = "") -> None:
    """One list, each line with its reason and what it rests on; that it is empty, and why, is told beside."""
    chinese, fmt = view.chinese, view.fmt
    if not lines:
        say(empty, sys.stderr)
    if fmt is Format.CSV:
        emit([flat(line, chinese=chinese) for line in lines], tuple(Column(key, key) for key in DUTY), fmt)
    else:
        emit([duty_row(line, chinese=chinese) for line in lines], (), fmt)


def _emit_duties(found: DutyList, view: View, what: str, extra: tuple[str, ...], links: bool) -> None:
    """Duties, and those of townships apart; one list where programs read it."""
    every = (*found.duties, *found.townships)
    timed = "days_late" in extra
    empty = nothing(what, found.known, timed=timed)
    if view.fmt is Format.JSON or view.fmt is not Format.TABLE:
        _for_programs(every, view, empty)
    else:
        _list_duties(found, view, what, extra, links, empty)
    view.tell_next()
    common.attention(not every and _is_unknown(found.known, timed=timed))


def _list_duties(found: DutyList, view: View, what: str, extra: tuple[str, ...], links: bool, empty: str) -> None:
    every, fmt = (*found.duties, *found.townships), view.fmt
    keys = ("agency", "kind", "due", "status", "evidence", *extra, "why", *(("links",) if links else ()))
    columns = tuple(
        Column(
            key, _TITLES.get(key, key), wrap=key in {"agency", "why", "links"}, least=26 if key == "why" else 14,
            spare=key in {"kind", "due", "declared", "last_absent"},
        )
        for key in keys
    )  # fmt: skip
    if not sys.stdout.isatty():
        emit(_shown(every, view), columns, fmt, empty=empty)
    else:
        emit(_shown(found.duties, view), columns, fmt, title=what if every else "", empty="none" if every else empty)
        if found.townships:
            emit(_shown(found.townships, view), columns, fmt, title="townships and subdistricts")
    told = besides(found.known, timed="days_late" in extra, names="nianbao coverage names them")
    if every and told:
        say(f"besides, {told}")
    say(f"as of {found.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}")


def _shown(lines: Sequence[DutyLine], view: View) -> list[dict[str, object]]:
    return [{**duty_row(line, chinese=view.chinese), "links": links_text(line)} for line in lines]


def missing(view: View, *, links: LinksOption = False) -> None:
    """Reports on YEAR that were looked for after their date, wherever they would be shown, and were not there."""
    asked = view.asked()
    what = f"missing for {asked.year}" + _founded(asked.evidence)
    _emit_duties(view.answer(), view, what, ("last_absent",), links)


def late(view: View, *, links: LinksOption = False) -> None:
    """Reports on YEAR that came after their date, and how well that is founded."""
    asked = view.asked()
    by = f" by {asked.min_days} days or more" if asked.min_days else ""
    what = f"late for {asked.year}{by}{_founded(asked.evidence)}"
    _emit_duties(view.answer(), view, what, ("days_late", "declared"), links)


def _founded(only: frozenset[str] | None) -> str:
    return f" ({', '.join(sorted(only))})" if only else ""


def status(view: View, *, links: LinksOption = False) -> None:
    """One duty: its status, how it came about, every look, capture and ruling it rests on; or an agency's, by year."""
    if "year" in view.given and "years" in view.given:
        common.fail("give YEAR or --years, not both")
    if "year" not in view.given:
        every = view.answer("agency_duties")
        _by_year(every, view, links)
        common.attention(not every.duties and _is_unknown(every.known))
        return
    found = view.answer()
    if view.fmt is Format.JSON:
        view.emit_whole(found)
    elif view.fmt is not Format.TABLE:
        _for_programs([found.duty], view)
    else:
        _verdict(found, view)


def _by_year(found: AgencyDuties, view: View, links: bool) -> None:
    what = f"of {found.agency.name} that was asked about"
    if view.fmt is not Format.TABLE:
        _for_programs(found.duties, view, nothing(what, found.known))
        return
    columns = tuple(
        Column(key, key, wrap=key in {"why", "links"}, least=26 if key == "why" else 14)
        for key in ("year", "due", "status", "evidence", "why", *(("links",) if links else ()))
    )
    rows = _shown(found.duties, view)
    title = f"{found.agency.name} ({found.agency.id})" if rows else ""
    emit(rows, columns, view.fmt, title=title, empty=nothing(what, found.known))
    if rows:
        say("looks, captures and rulings behind one of them: nianbao status AGENCY YEAR")
    say(f"as of {found.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}")


def _verdict(found: Verdict, view: View) -> None:
    line = found.duty
    say(f"{line.agency.name}, report on {line.year}: {SIGNS[line.status]} ({line.evidence})")
    say(_why(line.zh, line.en, view))
    say(
        f"due {line.due or line.practice or 'at no fixed date'} ({found.basis})"
        + (f"; {found.holiday}" if found.holiday else "")
    )
    for local in found.local:
        say(f"the place itself demands it by {local.due} ({local.basis}; {local.source}): nobody is late by that")
    if found.ask is not None:
        say(_why(found.ask.zh, found.ask.en, view))
    emit(
        [
            {"since": i.since, "status": i.status.value, "evidence": i.evidence.value, "why": _why(i.zh, i.en, view)}
            for i in found.history
        ],
        tuple(Column(key, key, wrap=key == "why") for key in ("since", "status", "evidence", "why")),
        Format.TABLE, title="history",
    )  # fmt: skip
    _evidence(found)


def _why(zh: str, en: str, view: View) -> str:
    return zh if view.chinese else en


def _evidence(found: Verdict) -> None:
    looks = [
        {"started": k.started, "listing": k.listing, "reason": k.reason,
         "outcome": k.outcome.value + (" (suspect)" if k.suspect else "")
         + (f" (whole from {k.whole_from} on)" if k.whole_from else ""),
         "warc": "; ".join(f"{c.warc_file}@{c.warc_offset}" for c in k.captures if c.warc_file),
         "pages": " ".join(c.id for c in k.captures), "id": k.id}
        for k in found.looks
    ]  # fmt: skip
    columns = ("started", "listing", "outcome", "reason", "warc", "pages", "id")
    emit(
        looks,
        tuple(Column(c, c, wrap=c in {"warc", "pages", "id", "reason", "outcome"}) for c in columns),
        Format.TABLE,
        title="looks",
        empty="none",
    )
    editions = [
        {
            "edition": e.id,
            "first seen": e.first_seen,
            "last seen": e.last_seen,
            "declared": e.declared,
            "change": e.change,
            "address": e.track,
        }
        for e in found.editions
    ]
    told = ("edition", "first seen", "last seen", "declared", "change", "address")
    emit(editions, tuple(Column(c, c) for c in told), Format.TABLE, title="editions", empty="none held")
    for ruling in found.rulings:
        say(
            f"ruling of {cell_text(ruling.made_at)} by {ruling.by}: {ruling.kind} {ruling.subject} "
            f"{cell_text(ruling.decision)}: {ruling.reason}"
        )
        if ruling.source:
            say(f"  source: {ruling.source}")
    for finding in found.findings:
        say(f"{finding.severity}: {finding.code}: {finding.en}")
