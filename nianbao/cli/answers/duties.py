"""``coverage``, ``totals`` and ``status``: who published when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import ceil, floor

from archive.exports.plain_values import cell_text
from archive.queries.results import (
    AgencyDuties,
    Coverage,
    DutyLine,
    EditionLine,
    LookLine,
    Rate,
    Totals,
    Verdict,
)  # fmt: skip
from nianbao.cli import common
from nianbao.cli.answers.empty_answers import why_empty
from nianbao.cli.answers.lists import grades
from nianbao.cli.answers.report_text import finding_line, seen_line, standing
from nianbao.cli.asking import Block, HtmlOption, Table, View
from nianbao.cli.options import SHORT_ID
from nianbao.cli.output import column, in_language
from nianbao.cli.table_layout import Column, Styled
from nianbao.language import current
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


def sign(line: DutyLine) -> Styled:
    """A status in the coverage table: its word, its evidence where that is weak, "*" where there are findings."""
    weak = line.evidence not in {"proven", "none", "ruled"}
    grade = f" ({phrase(f'evidence.{line.evidence}')})" if weak else ""
    word = phrase(f"status_short.{line.status}")
    text = (word.upper() if line.status in _CHARGES else word) + grade
    return Styled(text + (" *" if set(line.findings) - _QUIET else ""), COLOURS.get(line.status, ""))


# ---------------------------------------------------------------------------------------------- coverage and totals


def coverage(view: View) -> None:
    """Agency × year: who published, who was late, what is missing, what is not known; and rates with their bounds."""
    found: Coverage = view.answer(links=not view.out.is_for_people)
    what = phrase("what.graded", grades=grades(found.evidence)) if found.evidence else phrase("what.asked")
    why = why_empty(found.rows, what, found.known)
    view.present(found, lambda: _coverage(found, view, why.get("empty", "")), **why)


def _coverage(found: Coverage, view: View, empty: str) -> Iterator[Block]:
    columns = [column("agency", least=18)]
    columns += [column(key, wrap=False, spare=True) for key in ("place", "kind")]
    columns += [Column(str(year), str(year), least=9, year=year) for year in found.years]
    rows = [
        {"place": row.agency.place, "agency": row.agency.name, "kind": phrase(f"kind.{row.agency.kind}")}
        | {str(year): sign(line) for year, line in row.cells.items()}
        for row in found.rows
    ]
    yield Table(columns=columns, rows=rows, empty=empty)
    if any(line.findings for row in found.rows for line in row.cells.values()):
        yield phrase("duty.more_to_know")
    yield from _counts_and_rates(found, view, (row.agency.portal for row in found.rows))


def totals(view: View) -> None:
    """Counts by portal and year, and rates with their bounds."""
    found: Totals = view.answer()
    why = why_empty(found.places, phrase("what.asked"), found.known)
    view.present(found, lambda: _totals(found, view, why.get("empty", "")), **why)


def _totals(found: Totals, view: View, empty: str) -> Iterator[Block]:
    rows = [
        {"place": one.place, "portal": one.portal, "year": year, "duties": counts.total, **counts.by_status}
        for one in found.places
        for year, counts in one.years.items()
    ]
    held = {key for row in rows for key, value in row.items() if value}
    columns = [column(key, wrap=False, spare=key == "portal") for key in ("place", "portal", "year", "duties")]
    columns += [Column(one.value, phrase(f"status_short.{one}"), least=4) for one in Status if one.value in held]
    yield Table(columns=columns, rows=rows, empty=empty)
    yield from _counts_and_rates(found, view, (one.portal for one in found.places))


def _counts_and_rates(found: Coverage | Totals, view: View, portals: Iterable[str]) -> Iterator[Block]:
    for group, counts in (("statutory", found.counts), ("townships", found.townships), ("others", found.others)):
        if counts.total:
            parts = [f"{phrase(f'status_short.{name}')} {number}" for name, number in counts.by_status.items()]
            label, joined = phrase(f"group.{group}"), phrase("join.parts").join(parts)
            yield phrase("group.counted", group=label, total=counts.total, parts=joined)
    if found.rates:
        columns = [column("group", least=8), *(column(name, wrap=False) for name in ("year", "owed"))]
        columns += [Column(name, phrase(f"status_short.{name}"), wrap=False) for name in _RATES]
        rows = [
            {"group": phrase(f"group.{row.group}"), "year": row.year or phrase("group.all_years"), "owed": row.due}
            | {name: rate_text(row.rates.get(name)) for name in _RATES}
            for row in found.rates
        ]
        yield Table(columns=columns, rows=rows, title=phrase("group.rates"))
        yield phrase("group.bounds")
        if found.evidence:
            yield phrase("group.only", grades=grades(found.evidence))
    yield view.age(found.as_of, {*portals})


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
        common.fail(phrase("duty.year_or_years"))
    if "year" not in view.given:
        if html is not None:
            common.fail(phrase("duty.page_needs_year"))
        every: AgencyDuties = view.answer("agency_duties")
        why = why_empty(every.duties, phrase("what.of_agency", agency=every.agency.name), every.known)
        view.present(every, lambda: _by_year(every, view, why.get("empty", "")), **why)
        return
    found: Verdict = view.answer()
    if html is not None:
        from nianbao.cli.answers.standalone_pages import duty_page

        view.write_page(html, lambda: duty_page(view.home, found))
    else:
        view.present(found, lambda: _verdict(found, view))


def _by_year(found: AgencyDuties, view: View, empty: str) -> Iterator[Block]:
    columns = [column("year", wrap=False), column("standing")]
    columns += [column("due_day", spare=True), column("why", least=26)]
    rows = [
        {"year": one.year, "standing": _standing(one.status, one.evidence), "why": in_language(one)}
        | {"due_day": one.due or (phrase("duty.customary_day", day=one.practice) if one.practice else "")}
        for one in found.duties
    ]
    title = f"{found.agency.name} ({found.agency.id})" if rows else ""
    yield Table(columns=columns, rows=rows, title=title, empty=empty)
    if rows:
        yield phrase("duty.by_year")
    yield view.age(found.as_of, {found.agency.portal})


def _standing(status: Status, evidence: str) -> Styled:
    return Styled(standing(status, evidence, current()), COLOURS.get(status, ""))


def _verdict(found: Verdict, view: View) -> Iterator[Block]:
    line = found.duty
    told = standing(line.status, line.evidence, current())
    yield phrase("duty.head", agency=line.agency.name, year=line.year, standing=told)
    yield in_language(line)
    key = "due" if line.due else "customary" if line.practice else "no_date"
    told = phrase(f"duty.{key}", due=line.due or line.practice, basis=found.basis)
    yield phrase("join.sentences").join(filter(None, (told, found.holiday)))
    for local in found.local:
        yield phrase("duty.local", due=local.due, basis=local.basis, source=local.source)
    if found.ask is not None:
        yield in_language(found.ask)
    history = [
        {"since": i.since, "standing": standing(i.status, i.evidence.value, current()), "why": in_language(i)}
        for i in found.by_minute
    ]
    columns = [column(key, wrap=key != "since") for key in ("since", "standing", "why")]
    yield Table(columns=columns, rows=history, title=phrase("duty.history"))
    yield from _evidence(found)
    yield view.age(found.as_of, {line.agency.portal}, stated=found.stated_as_of)


def _evidence(found: Verdict) -> Iterator[str]:
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
        yield finding_line(finding)


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
        yield f"    nianbao show-capture {capture.id[:SHORT_ID]}"
    if look.control:
        yield f"    {phrase('duty.control', year=year, agency=look.control.agency, other=look.control.year)}"
        yield f"    nianbao show-capture {look.control.capture.id[:SHORT_ID]}"


def _edition(edition: EditionLine) -> Iterator[str]:
    yield f"  {edition.id}  {seen_line(edition)}"
    yield f"    {edition.track}"
    agency = edition.id.rpartition("/")[0]
    yield f"    nianbao show {agency} {edition.year} --edition {edition.id.rpartition('@')[2]}"
