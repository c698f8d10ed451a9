"""``coverage``, ``missing``, ``late``, ``status``: who published when."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated

import typer

from archive.queries.results import (
    AgencyDuties,
    Counts,
    Coverage,
    CoverageRow,
    DutyLine,
    DutyList,
    Known,
    Totals,
    Verdict,
)
from nianbao.cli import common
from nianbao.cli.asking import HtmlOption, View
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.duty_text import (
    DUTY,
    RATE,
    days_late_text,
    due_text,
    duty_row,
    evidence_blocks,
    flat,
    links_text,
    painted,
    rate_columns,
    rate_lines,
    rate_rows,
    short,
    sign,
    standing,
)
from nianbao.cli.texts.empty_answers import besides, is_empty, nothing
from nianbao.sentences import named, phrase
from storage.records import Status

LinksOption = Annotated[bool, typer.Option("--links")]


def coverage(
    view: View,
    *,
    rates: Annotated[bool, typer.Option("--rates")] = False,
    by_place: Annotated[bool, typer.Option("--by-place")] = False,
) -> None:
    """Agency × year: who published, who was late, what is missing, what is not known; and rates with their bounds."""
    if rates or by_place:
        counted = view.answer("totals")
        (_rates_alone if rates else _by_place)(counted, view)
        common.attention(_is_unknown(counted.known) and not counted.places)
        return
    found = view.answer(links=view.fmt is not Format.TABLE)
    if view.fmt is Format.JSON:
        view.emit_whole(found)
    elif view.fmt is Format.TABLE:
        _coverage(found, view)
    else:
        lines = [line for row in found.rows for _, line in sorted(row.cells.items())]
        _show_to_programs(lines, view, nothing(_such(found), found.known))
    view.tell_next()
    common.attention(not found.rows and _is_unknown(found.known))


def _is_unknown(known: Known, *, timed: bool = False) -> bool:
    """Whether an empty answer leaves it open if there is any."""
    return not is_empty(known, timed=timed)


def _such(found: Coverage) -> str:
    return phrase("what.graded", grades=_grades(found.evidence)) if found.evidence else phrase("what.asked")


def _grades(evidence: Iterable[str]) -> str:
    return phrase("join.names").join(named(one, "evidence") for one in evidence)


def _coverage(found: Coverage, view: View) -> None:
    columns = (
        view.column("agency", least=18),
        *(view.column(key, wrap=False, spare=True) for key in ("place", "kind")),
    )
    emit(
        [_coverage_row(row, view) for row in found.rows],
        (*columns, *(Column(str(year), str(year), paint=painted, least=9, year=year) for year in found.years)),
        Format.TABLE,
        empty=nothing(_such(found), found.known),
    )
    if any(line.findings for row in found.rows for line in row.cells.values()):
        say(view.word("duty.more_to_know"))
    _counts_and_rates(found, view)


def _counts_and_rates(found: Coverage | Totals, view: View) -> None:
    for group, counts in (("statutory", found.counts), ("townships", found.townships), ("others", found.others)):
        if counts.total:
            say(_counted(group, counts, view))
    _rates(found, view)
    view.tell_age(found.as_of, _portals(found))


def _portals(found: Coverage | Totals) -> set[str]:
    if isinstance(found, Coverage):
        return {row.agency.portal for row in found.rows}
    return {one.portal for one in found.places}


def _by_place(found: Totals, view: View) -> None:
    if view.fmt is Format.JSON:
        emit([found.to_dict()], (), view.fmt)
        return
    rows = [
        {"place": one.place, "portal": one.portal, "division": one.division, "year": year, "duties": counts.total}
        | {status.value: counts.by_status.get(status.value, 0) for status in Status}
        for one in found.places
        for year, counts in one.years.items()
    ]
    empty = nothing(phrase("what.asked"), found.known)
    if view.fmt is not Format.TABLE:
        keys = ("place", "portal", "division", "year", "duties", *(status.value for status in Status))
        emit(rows, tuple(Column(key, key) for key in keys), view.fmt, empty=empty)
        return
    held = {key for row in rows for key, value in row.items() if value}
    columns = (
        view.column("place", wrap=False),
        *(view.column(key, wrap=False, spare=True) for key in ("portal", "division")),
        *(view.column(key, wrap=False) for key in ("year", "duties")),
        *(Column(one.value, short(one, view.lang), least=4) for one in Status if one.value in held),
    )
    emit(rows, columns, Format.TABLE, empty=empty)
    _counts_and_rates(found, view)


def _rates_alone(found: Totals, view: View) -> None:
    is_table = view.fmt is Format.TABLE
    if not found.rates:
        say(nothing(phrase("what.asked"), found.known), sys.stdout if is_table else sys.stderr)
    if not is_table:
        emit(rate_lines(found.rates), tuple(Column(key, key) for key in RATE), view.fmt)
        return
    _rates(found, view)
    view.tell_age(found.as_of, _portals(found))


def _rates(found: Coverage | Totals, view: View) -> None:
    if not found.rates:
        return
    emit(rate_rows(found.rates, view.lang), rate_columns(view.lang), Format.TABLE, title=view.word("group.rates"))
    say(view.word("group.bounds"))
    if found.evidence:
        say(view.word("group.only", grades=_grades(found.evidence)))


def _coverage_row(row: CoverageRow, view: View) -> dict[str, object]:
    cells = {str(year): sign(line, view.lang) for year, line in row.cells.items()}
    return {"place": row.agency.place, "agency": row.agency.name, "kind": view.kind(row.agency.kind), **cells}


def _counted(group: str, counts: Counts, view: View) -> str:
    parts = [f"{short(Status(name), view.lang)} {number}" for name, number in counts.by_status.items()]
    label, joined = view.word(f"group.{group}"), view.word("join.parts").join(parts)
    return view.word("group.counted", group=label, total=counts.total, parts=joined)


def _show_to_programs(lines: Sequence[DutyLine], view: View, empty: str = "") -> None:
    """One list, each line with its reason and what it rests on; that it is empty, and why, is told beside."""
    if not lines:
        say(empty, sys.stderr)
    row_of = flat if view.fmt is Format.CSV else duty_row
    emit([row_of(line, chinese=view.chinese) for line in lines], [Column(key, key) for key in DUTY], view.fmt)


def _columns(keys: Iterable[str], view: View, spare: Collection[str]) -> tuple[Column, ...]:
    return tuple(
        Column(
            key, view.word(f"column.{key}"), wrap=key in {"agency", "why", "links", "standing"},
            least=26 if key == "why" else 14, spare=key in spare, paint=painted if key == "standing" else None,
        )
        for key in keys
    )  # fmt: skip


def _emit_duties(found: DutyList, view: View, what: str, extra: tuple[str, ...], links: bool) -> None:
    """Duties, and those of townships apart; one list where programs read it."""
    every, timed = (*found.duties, *found.townships), "days_late" in extra
    empty = nothing(what, found.known, timed=timed)
    if view.fmt is Format.TABLE:
        _list_duties(found, view, what, extra, links, empty)
    else:
        _show_to_programs(every, view, empty)
    view.tell_next()
    common.attention(not every and _is_unknown(found.known, timed=timed))


def _list_duties(found: DutyList, view: View, what: str, extra: tuple[str, ...], links: bool, empty: str) -> None:
    every, fmt = (*found.duties, *found.townships), view.fmt
    keys = ("agency", "kind", "due_day", "standing", *extra, "why", *(("links",) if links else ()))
    columns = _columns(keys, view, {"kind", "due_day", "declared", "last_absent"})
    if found.townships and not found.duties:
        say(view.word("duty.townships_alone", what=what))
    if not sys.stdout.isatty():
        emit(_shown(every, view), columns, fmt, empty=empty)
    else:
        none = view.word("duty.none") if every else empty
        emit(_shown(found.duties, view), columns, fmt, title=what.strip() if every else "", empty=none)
        if found.townships:
            emit(_shown(found.townships, view), columns, fmt, title=view.word("duty.townships"))
    told = besides(found.known, timed="days_late" in extra, names=view.word("duty.coverage_names"))
    if every and told:
        say(view.word("duty.besides", what=told))
    view.tell_age(found.as_of, {one.agency.portal for one in every} or None)


def _shown(lines: Sequence[DutyLine], view: View) -> list[dict[str, object]]:
    """Duties in words for people."""
    return [
        {
            **duty_row(line, chinese=view.chinese),
            "kind": view.kind(line.agency.kind),
            "due_day": due_text(line),
            "days_late": days_late_text(line),
            "standing": standing(line.status, line.evidence, view.lang),
            "links": links_text(line),
        }
        for line in lines
    ]


def missing(view: View, *, links: LinksOption = False) -> None:
    """Reports for YEAR that were still absent after the due date, everywhere they would be shown."""
    asked = view.asked()
    what = view.word("what.missing", year=asked.year, graded=_founded(asked.evidence))
    _emit_duties(view.answer(), view, what, ("last_absent",), links)


def late(view: View, *, links: LinksOption = False) -> None:
    """Reports for YEAR that were published after the due date, and the evidence for it."""
    asked = view.asked()
    key = "what.late_by" if asked.min_days else "what.late"
    what = phrase(key, year=asked.year, graded=_founded(asked.evidence), days=asked.min_days)
    _emit_duties(view.answer(), view, what, ("days_late", "declared"), links)


def _founded(only: frozenset[str] | None) -> str:
    return phrase("what.only", grades=_grades(sorted(only))) if only else ""


def status(view: View, *, links: LinksOption = False, html: HtmlOption = None) -> None:
    """One duty: its status, how it came about, every look, capture and ruling it rests on; or an agency's, by year."""
    if "year" in view.given and "years" in view.given:
        common.fail(view.word("duty.year_or_years"))
    if "year" not in view.given:
        if html is not None:
            common.fail(view.word("duty.page_needs_year"))
        every = view.answer("agency_duties")
        _by_year(every, view, links)
        common.attention(not every.duties and _is_unknown(every.known))
        return
    found = view.answer()
    if html is not None:
        from nianbao.cli.texts.standalone_pages import duty_page

        view.write_page(html, lambda: duty_page(view.home, found))
    elif view.fmt is Format.JSON:
        view.emit_whole(found)
    elif view.fmt is not Format.TABLE:
        _show_to_programs([found.duty], view)
    else:
        _verdict(found, view)


def _by_year(found: AgencyDuties, view: View, links: bool) -> None:
    what = view.word("what.of_agency", agency=found.agency.name)
    if view.fmt is not Format.TABLE:
        _show_to_programs(found.duties, view, nothing(what, found.known))
        return
    columns = _columns(("year", "standing", "due_day", "why", *(("links",) if links else ())), view, {"due_day"})
    rows = _shown(found.duties, view)
    title = f"{found.agency.name} ({found.agency.id})" if rows else ""
    emit(rows, columns, view.fmt, title=title, empty=nothing(what, found.known))
    if rows:
        say(view.word("duty.by_year"))
    view.tell_age(found.as_of, {found.agency.portal})


def _verdict(found: Verdict, view: View) -> None:
    line = found.duty
    told = standing(line.status, line.evidence, view.lang)
    say(view.word("duty.head", agency=line.agency.name, year=line.year, standing=told))
    say(view.why(line.zh, line.en))
    key = "due" if line.due else "customary" if line.practice else "no_date"
    told = view.word(f"duty.{key}", due=line.due or line.practice, basis=found.basis)
    say(view.word("join.sentences").join(filter(None, (told, found.holiday))))
    for local in found.local:
        say(view.word("duty.local", due=local.due, basis=local.basis, source=local.source))
    if found.ask is not None:
        say(view.why(found.ask.zh, found.ask.en))
    history = [
        {"since": i.since, "standing": standing(i.status, i.evidence.value, view.lang), "why": view.why(i.zh, i.en)}
        for i in found.by_minute
    ]
    columns = [view.column(key, wrap=key != "since") for key in ("since", "standing", "why")]
    emit(history, columns, Format.TABLE, title=view.word("duty.history"))
    for text in evidence_blocks(found, chinese=view.chinese):
        say(text)
    view.tell_age(found.as_of, {line.agency.portal}, stated=found.stated_as_of)
