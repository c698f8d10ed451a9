"""Make the rows of exports about reports and portals: duties, leads, agencies, findings, revisions, checks, gaps.

Rows are made portal by portal. Other programs rely on the fields of duties and leads: fields may be added, but none may
be changed or removed (docs/exports.md).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from sqlalchemy import select

from archive.exports.edition_rows import HeldEdition, Sources, held_editions
from archive.exports.formats.columns import Row, row_maker
from archive.exports.plain_values import fields_of
from archive.identity.divisions import code_in
from archive.queries.agency_divisions import agency_divisions
from archive.queries.bounds import data_file
from archive.queries.check import ContradictionSearch
from archive.queries.duty_rows import duty_lines
from archive.queries.results import DutyLine
from archive.queries.revisions import find_revisions
from archive.queries.selection import Selection
from archive.queries.stored import finding_codes, group_by, records
from archive.queries.words import CHINA
from storage.judgements import StoredFinding
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import FINDING_OF_CHANGE, EvidenceGrade, Lead, Look, LookOutcome, ReportKey, Status


def duty_rows(
    chosen: Selection, statuses: Collection[Status] | None = None, grades: Collection[EvidenceGrade] | None = None
) -> Iterator[Row]:
    """Yield a row for each duty (report owed) of chosen agencies with one of ``statuses``, ``grades`` (None: all)."""
    make = row_maker("duties")
    for one in chosen.by_portal():
        [(name, portal)] = one.portals.items()
        editions = group_by(held_editions(one), attrgetter("edition.report"))
        leads, finding_codes_by_subject = _leads_by_report(one.store, name), finding_codes(one.store, name)
        recorded = {name: division.recorded for name, division in agency_divisions(one.agencies, one.portals).items()}
        intervals = {(row.agency, row.year): row for row in one.store.statuses(name, one.as_of)}
        for line in duty_lines(one, statuses=statuses):
            if grades is not None and line.evidence not in grades:
                continue
            report = (line.agency.id, line.year)
            interval, division_code = intervals[report], recorded[line.agency.id]
            was_seen = line.first_shown is not None or report in editions  # at a time that may be unproven
            yield make(
                agency_line=line.agency,
                line=line,
                host=portal.hosts[0] if portal.hosts else None,
                witnesses=[fields_of(witness, "origin", "at", "text") for witness in interval.witnesses],
                urls=_urls(one, editions.get(report, ()), leads.get(report, ())) if was_seen else [],
                editions=[_edition_value(one, each) for each in editions.get(report, ())],
                findings=_codes(line, editions.get(report, ()), finding_codes_by_subject),
                division_then=code_in(division_code, line.year).code if division_code is not None else None,
                looks_behind=[
                    fields_of(look, "id", "listing", "url", "started", "outcome", "captures") for look in line.looks
                ],
                witness_origins=[witness.origin for witness in interval.witnesses],
                witness_dates=[f"{witness.at.astimezone(CHINA):%Y-%m-%d}" for witness in interval.witnesses],
                fetches_behind=[fields_of(capture, "id", "url", "fetched_at") for capture in line.captures],
            )


def _urls(chosen: Selection, editions: Iterable[HeldEdition], leads: Iterable[Lead]) -> list[str]:
    """Return the addresses of a report: requested ones, those after redirects, of attachments, and of links to it."""
    out = chosen.out
    addresses = [out.address(url) for one in editions for fetch in one.in_order for url in (fetch.requested, fetch.url)]
    return list(dict.fromkeys([*addresses, *(out.address(lead.url, lead.title) for lead in leads)]))


def _edition_value(chosen: Selection, edition: HeldEdition) -> dict[str, object]:
    """Return an edition as a value of the column ``editions``, with its captures until the time asked about."""
    return {
        **fields_of(edition.edition, "id", "first_seen"),
        "last_seen": edition.last_seen,
        "content_digest": edition.edition.content_digest,
        "captures": [one.id for one in edition.in_order],
        "change": edition.edition.change,
        "track": chosen.out.address(edition.edition.track),
        "declared": edition.edition.declared,
    }


def _codes(
    line: DutyLine, editions: Sequence[HeldEdition], codes: Mapping[tuple[str, ReportKey], list[str]]
) -> list[str]:
    """Return the codes of findings on a duty (report owed), its ``editions`` and documents, each once.
    ``codes``: those known now, by id of an edition or document, and report. A finding on how an edition began counts
    only if one of ``editions`` has it itself.
    """
    report = (line.agency.id, line.year)
    subjects = (name for one in editions for name in (one.edition.id, *one.edition.documents))
    every = [*line.findings, *(code for name in subjects for code in codes.get((name, report), ()))]
    # how an edition began may have become known later, with another archive's capture
    later = {*FINDING_OF_CHANGE.values()} - {each.code for one in editions for each in one.edition.findings}
    return [code for code in dict.fromkeys(every) if code not in later]


def _leads_by_report(store: ProjectionStore, portal: str) -> Mapping[ReportKey, Sequence[Lead]]:
    """Return the leads (judged links) to each report: by whose report the document that a link opens is (its binding),
    else by the link's title. Those to no known agency or year are left out.
    """
    bound: dict[str, dict[tuple[str | None, int | None], None]] = {}
    for binding in store.bindings(portal):
        bound.setdefault(binding.url, {})[binding.agency, binding.year] = None
    by_report: dict[ReportKey, list[Lead]] = {}
    for lead in store.leads(portal):
        named_report: Iterable[tuple[str | None, int | None]] = [(lead.agency, lead.year)] if lead.is_report else ()
        for agency, year in bound.get(lead.url, named_report):
            if agency is not None and year is not None:
                by_report.setdefault((agency, year), []).append(lead)
    return by_report


def lead_rows(chosen: Selection) -> Iterator[Row]:
    """Yield a row for each lead (judged link) of the chosen portals; those to withheld reports have no title."""
    table, make, out = chosen.store.tables.leads, row_maker("leads"), chosen.out
    for name in chosen.portals:
        query = select(table).where(table.c.portal == name).order_by(table.c.no)
        for lead in records(chosen.store, Lead, query):
            if chosen.years is None or lead.year in chosen.years:
                agency = chosen.agencies.get(lead.agency or "")
                yield make(
                    line=lead,
                    title=out.title(lead.url, lead.title),
                    url=out.address(lead.url, lead.title),
                    agency=agency.name if agency else lead.agency_name,
                    agency_id=lead.agency,
                )


def agency_rows(chosen: Selection) -> Iterator[Row]:
    """Yield a row for each chosen agency as it is in the registry today."""
    make = row_maker("agencies")
    for one in chosen.by_portal():
        for name, agency in sorted(one.agencies.items()):
            yield make(agency_line=one.line(name), line=agency)


def finding_rows(chosen: Selection) -> Iterator[Row]:
    """Yield a row for each finding about the chosen agencies' reports and duties, and about looks; those about withheld
    reports have only a code, those about editions are today's reader's, for editions seen by the time asked about.
    """
    make, out = row_maker("findings"), chosen.out
    for one in chosen.by_portal():
        [(name, portal)] = one.portals.items()
        secret, later = _withheld_and_later_subjects(one, name)
        sources = Sources(one)
        for stored in (*one.store.findings(name), *_duty_findings(one, name)):
            if stored.subject in later or not _is_wanted(stored, one):
                continue
            is_withheld = stored.subject in secret or _report(stored) in out.ruled.reports
            # the report of the year before or after is withheld
            is_beside = any(_report(stored, years) in out.ruled.reports for years in (-1, 1))
            agency = one.agencies.get(stored.agency or "")
            for finding in out.findings([stored.finding], withheld=is_withheld, beside=is_beside):
                yield make(
                    portal=name,
                    place=portal.place,
                    agency=agency.name if agency else None,
                    stored=stored,
                    line=finding,
                    **sources.provenance_of(name, stored.subject),
                )


def _is_wanted(stored: StoredFinding, chosen: Selection) -> bool:
    """Whether a finding is about a chosen agency and year, or about no single one."""
    if stored.agency is not None and stored.agency not in chosen.agencies:
        return False
    return chosen.years is None or stored.year is None or stored.year in chosen.years


def _report(stored: StoredFinding, years: int = 0) -> ReportKey | None:
    """Return the report that a finding is about, or the agency's report ``years`` later; None without such a report."""
    return (stored.agency, stored.year + years) if stored.agency is not None and stored.year is not None else None


def _withheld_and_later_subjects(chosen: Selection, portal: str) -> tuple[set[str], set[str]]:
    """Return the ids of withheld editions and documents, and of those first seen after the time asked about."""
    secret, by_then, later = set(chosen.out.ruled.documents), set[str](), set[str]()
    for edition in chosen.store.editions(portal):
        names = {edition.id, edition.main, edition.cells_document, *edition.documents}
        (by_then if edition.known_from <= chosen.as_of else later).update(names)
        if chosen.out.ruled.hides(edition):
            secret |= names
    return secret, later - by_then


def _duty_findings(chosen: Selection, portal: str) -> Iterator[StoredFinding]:
    """Yield the findings about a portal's duties at the time asked about, in the form of all other findings."""
    for one in sorted(chosen.store.statuses(portal, chosen.as_of), key=attrgetter("agency", "year")):
        subject = f"{one.agency}/{one.year}"
        for finding in one.findings:
            yield StoredFinding(subject_kind="duty", subject=subject, agency=one.agency, year=one.year, finding=finding)


def revision_rows(chosen: Selection) -> Iterator[Row]:
    """Yield a row for each change of the chosen reports known by the time asked about, except withheld reports."""
    make, sources = row_maker("revisions"), Sources(chosen)
    lines, _ = find_revisions(chosen)
    for line in sorted(lines, key=attrgetter("agency.portal", "agency.id", "year", "known", "change")):
        sources_of_line = sources.provenance_of(line.agency.portal, line.after, line.before)
        yield make(agency_line=line.agency, line=line, **sources_of_line)


def check_rows(chosen: Selection) -> Iterator[Row]:
    """Yield a row for each contradiction of the question ``check``, as known by the time asked about; contradictions
    with withheld reports are left out.
    """
    make, sources = row_maker("checks"), Sources(chosen)
    for line in ContradictionSearch(chosen).lines():
        yield make(
            agency_line=line.agency,
            line=line,
            others=[other.id for other in line.others],
            locator=None if line.locator is None else json.dumps(line.locator, ensure_ascii=False),
            **sources.provenance_of(line.agency.portal, line.edition),
        )


# ---------------------------------------------------------------------------------------------- portals and their gaps

_OPEN = (Status.UNKNOWN, Status.UNDETERMINED)


def gap_meanings() -> Mapping[str, Mapping[str, str]]:
    """Return the meaning of each kind of gap, in Chinese and English (``gaps.toml``)."""
    return data_file("gaps.toml", "archive.exports")


def portal_rows(chosen: Selection) -> Iterator[Row]:
    """Yield a row for each chosen portal, with the outcomes of the looks (readings) at its lists until then."""
    make = row_maker("portals")
    registered = Counter(agency.portal for agency in chosen.agencies.values())
    for name, portal in chosen.portals.items():
        looks, editions = _looks(chosen, name), chosen.store.editions(name)
        ok = [look for look in looks if look.outcome is LookOutcome.OK]
        yield make(
            line=portal,
            agencies=registered[name],
            looks=len(looks),
            ok_looks=len(ok),
            first_look=min((look.started for look in looks), default=None),
            last_look=looks[-1].finished if looks else None,
            last_outcome=looks[-1].outcome.value if looks else None,
            last_ok_look=max((look.finished for look in ok), default=None),
            reports=len({one.report for one in editions if one.known_from <= chosen.as_of}),
        )


def gap_rows(chosen: Selection, unjudged: Collection[str] = ()) -> Iterator[Row]:
    """Yield a row for each portal, kind of gap and reason: how much is unknown about the chosen agencies' reports.
    ``unjudged``: portals with captures that are not yet read or judged.
    """
    for one in chosen.by_portal():
        [(name, portal)] = one.portals.items()
        counts = Counter((line.status.value, line.reason) for line in duty_lines(one, statuses=_OPEN, links=False))
        looks = _looks(one, name)
        if not any(look.outcome is LookOutcome.OK for look in looks):
            counts["no_ok_look", looks[-1].outcome.value if looks else "never"] = len(looks)
        elif looks[-1].outcome is not LookOutcome.OK:
            counts["last_look_failed", looks[-1].outcome.value] = 1
        for edition in held_editions(one):
            if edition.secret:
                counts["withheld", "ruling"] += 1
            elif edition.form is None:
                counts["unread", "no_table" if edition.head else "not_read"] += 1
        if name in unjudged:
            counts["not_judged", "captured_since"] = 1
        for (gap, reason), number in sorted(counts.items()):
            about = {"portal": name, "place": portal.place, "gap": gap, "reason": reason, "number": number}
            yield {**about, **gap_meanings()[gap]}


def _looks(chosen: Selection, portal: str) -> list[Look]:
    """Return a portal's looks that ended by the time asked about, in the order of their ends."""
    looks = [look for look in Observations(chosen.home).looks(portal) if look.finished <= chosen.as_of]
    return sorted(looks, key=attrgetter("finished", "id"))
