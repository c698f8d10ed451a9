"""``coverage``, ``totals`` and ``status``: who published when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from math import ceil, floor
from typing import Any

from archive.exports.plain_values import cell_text
from archive.queries.results import (
    AgencyDuties,
    Coverage,
    CoverageRow,
    DutyLine,
    EditionLine,
    LookLine,
    Rate,
    Totals,
    Verdict,
)  # fmt: skip
from nianbao.cli import common
from nianbao.cli.answers.empty_answers import is_empty, nothing
from nianbao.cli.answers.lists import grades
from nianbao.cli.answers.report_text import standing
from nianbao.cli.asking import Block, HtmlOption, Table, View
from nianbao.cli.output import Column, Format
from nianbao.messages import LANGUAGES, say
from nianbao.sentences import look_reason, phrase
from storage.records import Status

COLOURS = {
    Status.ON_TIME: "green", Status.PUBLISHED: "green", Status.LATE: "yellow", Status.MISSING: "red",
    Status.NOT_FOUND: "red", Status.UNDETERMINED: "magenta", Status.UNKNOWN: "bright_black",
}  # fmt: skip
_CHARGES = frozenset({Status.LATE, Status.MISSING})  # in a table full of words they are seen at once
#: findings that say nothing about one agency in particular, or what some portals do to every page
_QUIET = frozenset({"holiday_deadline", "redated"})
_RATES = ("on_time", "late", "missing", "not_found", "published")
SHORT = 8  #: characters of an id that people type; commands take them where only one begins so


# ---------------------------------------------------------------------------------------------- words for a status


def painted(text: str) -> str:
    """The style of a status as :func:`sign` and :func:`standing` write it."""
    words = text.lower().partition(" (")[0].partition("，")[0].partition(": ")[0].removesuffix(" *")
    return _styles().get(words, "")


@cache
def _styles() -> Mapping[str, str]:
    sections = ("status_short", "status")
    kinds = [(section, status, lang) for section in sections for status in COLOURS for lang in LANGUAGES]
    return {say("answers", lang, f"{section}.{status.value}"): COLOURS[status] for section, status, lang in kinds}


def sign(line: DutyLine, lang: str = "en") -> str:
    """A status in the coverage table: its word, its evidence where that is weak, "*" where there are findings."""
    weak = line.evidence not in {"proven", "none", "ruled"}
    grade = f" ({say('answers', lang, f'evidence.{line.evidence}')})" if weak else ""
    word = say("answers", lang, f"status_short.{line.status}")
    return (word.upper() if line.status in _CHARGES else word) + grade + (" *" if set(line.findings) - _QUIET else "")


# ---------------------------------------------------------------------------------------------- coverage and totals


def coverage(view: View) -> None:
    """Agency × year: who published, who was late, what is missing, what is not known; and rates with their bounds."""
    found: Coverage = view.answer(links=view.fmt is not Format.TABLE)
    what = phrase("what.graded", grades=grades(found.evidence)) if found.evidence else phrase("what.asked")
    empty = "" if found.rows else nothing(what, found.known)
    view.present(
        found, lambda: _coverage(found, view, empty), empty=empty,
        attention=not found.rows and not is_empty(found.known),
    )  # fmt: skip


def _coverage(found: Coverage, view: View, empty: str) -> Iterator[Block]:
    columns = [view.column("agency", least=18)]
    columns += [view.column(key, wrap=False, spare=True) for key in ("place", "kind")]
    columns += [Column(str(year), str(year), paint=painted, least=9, year=year) for year in found.years]
    yield Table(columns=columns, rows=[_coverage_row(row, view) for row in found.rows], empty=empty)
    if any(line.findings for row in found.rows for line in row.cells.values()):
        yield phrase("duty.more_to_know")
    yield from _counts_and_rates(found, view)


def _coverage_row(row: CoverageRow, view: View) -> dict[str, object]:
    cells = {str(year): sign(line, view.lang) for year, line in row.cells.items()}
    kind = phrase(f"kind.{row.agency.kind}")
    return {"place": row.agency.place, "agency": row.agency.name, "kind": kind, **cells}


def totals(view: View) -> None:
    """Counts by portal and year, and rates with their bounds."""
    found: Totals = view.answer()
    empty = "" if found.places else nothing(phrase("what.asked"), found.known)
    view.present(
        found, lambda: _totals(found, view, empty), empty=empty,
        attention=not found.places and not is_empty(found.known),
    )  # fmt: skip


def _totals(found: Totals, view: View, empty: str) -> Iterator[Block]:
    rows = [
        {"place": one.place, "portal": one.portal, "year": year, "duties": counts.total, **counts.by_status}
        for one in found.places
        for year, counts in one.years.items()
    ]
    held = {key for row in rows for key, value in row.items() if value}
    columns = [view.column(key, wrap=False, spare=key == "portal") for key in ("place", "portal", "year", "duties")]
    columns += [Column(one.value, phrase(f"status_short.{one}"), least=4) for one in Status if one.value in held]
    yield Table(columns=columns, rows=rows, empty=empty)
    yield from _counts_and_rates(found, view)


def _counts_and_rates(found: Coverage | Totals, view: View) -> Iterator[Block]:
    for group, counts in (("statutory", found.counts), ("townships", found.townships), ("others", found.others)):
        if counts.total:
            parts = [f"{phrase(f'status_short.{name}')} {number}" for name, number in counts.by_status.items()]
            label, joined = phrase(f"group.{group}"), phrase("join.parts").join(parts)
            yield phrase("group.counted", group=label, total=counts.total, parts=joined)
    if found.rates:
        columns = [view.column("group", least=8), *(view.column(name, wrap=False) for name in ("year", "due"))]
        columns += [Column(name, phrase(f"status_short.{name}"), wrap=False) for name in _RATES]
        rows = [
            {"group": phrase(f"group.{row.group}"), "year": row.year or phrase("group.all_years"), "due": row.due}
            | {name: rate_text(row.rates.get(name)) for name in _RATES}
            for row in found.rates
        ]
        yield Table(columns=columns, rows=rows, title=phrase("group.rates"))
        yield phrase("group.bounds")
        if found.evidence:
            yield phrase("group.only", grades=grades(found.evidence))
    lines: Iterable[Any] = found.places if isinstance(found, Totals) else (row.agency for row in found.rows)
    yield view.age(found.as_of, {one.portal for one in lines})


def rate_text(rate: Rate | None) -> str:
    """The least and the most that a rate can be: ``50–63 %``, or ``100 %`` where all is known; "" where there is none.

    What is not quite all is not 100 %, and what is not quite none is not 0 %; the least is rounded down, the most up.
    """
    if rate is None:
        return ""
    if rate.low == rate.high:
        return f"{_percent(rate.low, lambda number: floor(number + 0.5))} %"
    return f"{_percent(rate.low, floor)}–{_percent(rate.high, ceil)} %"


def _percent(share: float, rounded: Callable[[float], int]) -> str:
    whole = rounded(round(100 * share, 6))
    return f"{100 * share:.1f}" if whole in {0, 100} and share not in {0, 1} else str(whole)


# ---------------------------------------------------------------------------------------------- one duty


def status(view: View, *, html: HtmlOption = None) -> None:
    """One duty: its status, how it came about, every look, capture and ruling it rests on; or an agency's, by year."""
    if "year" in view.given and "years" in view.given:
        common.fail(view.word("duty.year_or_years"))
    if "year" not in view.given:
        if html is not None:
            common.fail(view.word("duty.page_needs_year"))
        every: AgencyDuties = view.answer("agency_duties")
        what = phrase("what.of_agency", agency=every.agency.name)
        empty = "" if every.duties else nothing(what, every.known)
        view.present(
            every, lambda: _by_year(every, view, empty), empty=empty,
            attention=not every.duties and not is_empty(every.known),
        )  # fmt: skip
        return
    found: Verdict = view.answer()
    if html is not None:
        from nianbao.cli.answers.standalone_pages import duty_page

        view.write_page(html, lambda: duty_page(view.home, found))
    else:
        view.present(found, lambda: _verdict(found, view))


def _by_year(found: AgencyDuties, view: View, empty: str) -> Iterator[Block]:
    columns = [view.column("year", wrap=False), view.column("standing", paint=painted)]
    columns += [view.column("due_day", spare=True), view.column("why", least=26)]
    rows = [
        {"year": one.year, "standing": standing(one.status, one.evidence, view.lang), "why": view.why(one.zh, one.en)}
        | {"due_day": one.due or (phrase("duty.customary_day", day=one.practice) if one.practice else "")}
        for one in found.duties
    ]
    yield Table(
        columns=columns, rows=rows, title=f"{found.agency.name} ({found.agency.id})" if rows else "", empty=empty
    )
    if rows:
        yield phrase("duty.by_year")
    yield view.age(found.as_of, {found.agency.portal})


def _verdict(found: Verdict, view: View) -> Iterator[Block]:
    line = found.duty
    told = standing(line.status, line.evidence, view.lang)
    yield phrase("duty.head", agency=line.agency.name, year=line.year, standing=told)
    yield view.why(line.zh, line.en)
    key = "due" if line.due else "customary" if line.practice else "no_date"
    told = phrase(f"duty.{key}", due=line.due or line.practice, basis=found.basis)
    yield phrase("join.sentences").join(filter(None, (told, found.holiday)))
    for local in found.local:
        yield phrase("duty.local", due=local.due, basis=local.basis, source=local.source)
    if found.ask is not None:
        yield view.why(found.ask.zh, found.ask.en)
    history = [
        {"since": i.since, "standing": standing(i.status, i.evidence.value, view.lang), "why": view.why(i.zh, i.en)}
        for i in found.by_minute
    ]
    columns = [view.column(key, wrap=key != "since") for key in ("since", "standing", "why")]
    yield Table(columns=columns, rows=history, title=phrase("duty.history"))
    yield from _evidence(found, view)
    yield view.age(found.as_of, {line.agency.portal}, stated=found.stated_as_of)


def _evidence(found: Verdict, view: View) -> Iterator[str]:
    """Every look, edition, ruling and finding that a status rests on."""
    yield phrase("duty.looks", count=len(found.looks)) if found.looks else phrase("duty.no_looks")
    for look in found.looks:
        yield from _look(look, found.duty.year)
    yield phrase("duty.editions", count=len(found.editions)) if found.editions else phrase("duty.no_editions")
    for edition in found.editions:
        yield from _edition(edition)
    for ruling in found.rulings:
        named = {"kind": ruling.kind, "subject": ruling.subject, "decision": cell_text(ruling.decision)}
        yield phrase("duty.ruling", at=cell_text(ruling.made_at), by=ruling.by, reason=ruling.reason, **named)
        if ruling.source:
            yield phrase("duty.source", source=ruling.source)
    for finding in found.findings:
        severity, text = phrase(f"severity.{finding.severity.value}"), view.why(finding.zh, finding.en)
        yield phrase("duty.finding", severity=severity, code=finding.code, text=text)


def _look(look: LookLine, year: int) -> Iterator[str]:
    parts = [phrase(f"outcome.{look.outcome.value}")]
    parts += [look_reason(look.reason)] if look.reason else []
    parts += [phrase("duty.suspect")] if look.suspect else []
    parts += [phrase("duty.whole_from", year=look.whole_from)] if look.whole_from else []
    yield f"  {cell_text(look.started)}  {look.listing}  {phrase('join.parts').join(parts)}"
    yield f"    {look.url}"
    for capture in look.captures:
        if capture.url != look.url:
            yield f"    {capture.url}"
        if capture.warc_file:
            yield f"    {capture.warc_file}@{capture.warc_offset}"
        yield f"    nianbao show-capture {capture.id[:SHORT]}"
    if look.control:
        yield f"    {phrase('duty.control', year=year, agency=look.control.agency, other=look.control.year)}"
        yield f"    nianbao show-capture {look.control.capture.id[:SHORT]}"


def _edition(edition: EditionLine) -> Iterator[str]:
    seen = [phrase("duty.seen", first=cell_text(edition.first_seen), last=cell_text(edition.last_seen))]
    seen += [phrase("duty.declared", day=edition.declared)] if edition.declared else []
    yield f"  {edition.id}  {phrase('join.parts').join(seen)}"
    yield f"    {edition.track}"
    agency = edition.id.rpartition("/")[0]
    yield f"    nianbao show {agency} {edition.year} --edition {edition.id.rpartition('@')[2]}"
