"""Judge one portal: make all its rows from its truth and readings. Pure: the same input gives the same rows.

    truth, readings ─▶ facts on each duty (``portal_facts.py``) ─▶ histories
                   └─▶ editions ─▶ findings, contradictions, texts

Histories also cover the future: what changes only with the clock (a due date passes) is in them already, so that later
questions need no update. Rulings on links, documents and looks count from the time when they were made, and captures of
other archives from the time when they were brought in, however old they are; so the portal is judged once for the time
before each such event, and the histories are joined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from archive.assessment.absences import is_withdrawn
from archive.assessment.deadlines import duties
from archive.assessment.history import history, splice
from archive.identity.classification import lead_of
from archive.projection.findings import contradiction_rows, finding_rows, readings_of
from archive.projection.leads import lead_rows
from archive.projection.look_trust import look_rows
from archive.projection.portal_facts import PortalFacts
from archive.projection.searching import edition_texts
from archive.projection.truth import PortalTruth
from archive.projection.unregistered_agencies import everyday_names, shared_lists
from storage.judgements import DutyInterval, PortalRows
from storage.records import (
    UNDATED,
    Agency,
    Binding,
    Duty,
    Edition,
    Lead,
    Link,
    Reading,
    ReportKey,
    ReportKind,
    RulingKind,
    StatusInterval,
    editions_known,
)

#: Later than anything that will be asked about.
END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
#: Rulings on what a link, a document or a look is. The facts do not record when these were made.
_CHANGES_FACTS = frozenset(
    {RulingKind.LEAD, RulingKind.BINDING, RulingKind.VOID_LOOK, RulingKind.NEW_BASE, RulingKind.CERTIFICATE}
)


def judge(truth: PortalTruth, readings: Mapping[str, Reading], now: datetime) -> PortalRows:
    """Judge all that is known of a portal; return the rows that questions read. Statuses are judged over time, also as
    of before each ruling and import. ``now``: says which years are over; ``readings``: by document.
    """
    duplicates = everyday_names(truth.agency_history, shared_lists(truth.listings), truth.portal.place)
    # without agencies that are only the everyday name of another: reports under this name belong to that one
    truth = replace(truth, agencies=tuple(agency for agency in truth.agencies if agency.id not in duplicates))
    facts_now = PortalFacts(truth, readings)
    periods = [(until, PortalFacts(before, readings)) for until, before in _earlier_truths(truth)]
    agencies = {agency.id: agency for agency in truth.agencies}
    owed = duties(truth.agencies, facts_now.first_year, now, facts_now.reports)
    histories = [one for duty in owed for one in _history(duty, agencies[duty.agency], [*periods, (None, facts_now)])]
    report_readings = readings_of(facts_now.reports)
    contradictions, prints, repeats = contradiction_rows(facts_now, report_readings)
    # readings with an edition's cells that were combined from several documents
    combined = {edition.cells_from for edition in facts_now.editions if edition.cells_from} - readings.keys()
    return PortalRows(
        leads=[*lead_rows(facts_now.links), *_leads_of_addressed_reports(facts_now)],
        look_judgements=look_rows(facts_now.looks, facts_now.leads),
        bindings=facts_now.bindings,
        editions=facts_now.editions,
        combined=[report_readings[document] for document in sorted(combined)],
        duties=owed,
        statuses=histories,
        duty_intervals=[*duty_timeline(owed, histories, facts_now.editions_of, facts_now.bindings)],
        findings=finding_rows(facts_now, report_readings),
        texts=edition_texts(facts_now.editions_of, readings, agencies),
        contradictions=contradictions,
        fingerprints=prints,
        repeats=repeats,
    )


def _earlier_truths(truth: PortalTruth) -> Iterator[tuple[datetime, PortalTruth]]:
    """Yield each instant of a ruling that changes this portal's facts, or of an import from another archive, and the
    truth as it was known before: without such rulings and imports from then on. Oldest first. The portal is judged from
    each, so that a history shows what was known then: a ruling counts from when it was made. ``truth.rulings`` has
    those of all portals: only those on a link, document, look (reading of a list) or certificate of this one count.
    """
    rulings = [ruling for ruling in truth.rulings if ruling.kind in _CHANGES_FACTS]
    import_times = {one.run: truth.copied_at[one.run] for one in truth.captures if one.run in truth.copied_at}
    subjects = set[str | None]()  # ids of what rulings are about: addresses, documents, looks …
    if rulings:
        subjects |= {link.url for extraction in truth.extractions.values() for link in extraction.links}
        subjects |= {name for one in truth.captures for name in (one.url, one.requested, one.document)}
        subjects |= {look.id for look in truth.looks} | {*truth.chains.values()}
    instants = {ruling.made_at for ruling in rulings if ruling.subject in subjects} | {*import_times.values()}
    for instant in sorted(instants):
        earlier = tuple(one for one in truth.rulings if one.kind not in _CHANGES_FACTS or one.made_at < instant)
        captures = tuple(
            one for one in truth.captures if one.run not in import_times or import_times[one.run] < instant
        )
        yield instant, replace(truth, rulings=earlier, captures=captures)


def _history(
    duty: Duty, agency: Agency, periods: Sequence[tuple[datetime | None, PortalFacts]]
) -> tuple[StatusInterval, ...]:
    """Return the history of a duty (one agency's report on one year): its statuses, joined from ``periods`` between
    rulings: each until its instant (None: for ever), oldest first. For a year that was due only through an import of an
    older report, it begins with this import.
    """
    # the last import before which the archive had no report as old as this year
    begins = max((until for until, one in periods if until and duty.year < one.first_year), default=None)
    facts_by_period = [(until, portal_facts.on(duty, agency)) for until, portal_facts in periods]
    later = [facts for _, facts in facts_by_period[1:]]
    # if the next period has the same facts, the ruling changed nothing about this duty
    pairs = zip(facts_by_period, [*later, None], strict=True)
    parts = [(until, facts) for (until, facts), after in pairs if facts != after]
    if len(parts) == 1:
        intervals = history(parts[0][1], END_OF_TIME)
    else:
        intervals = splice([(until, history(facts, END_OF_TIME)) for until, facts in parts])
    if begins is None:
        return intervals
    return tuple(
        replace(interval, since=max(interval.since, begins))
        for interval in intervals
        if interval.until is None or interval.until > begins
    )


def _leads_of_addressed_reports(facts: PortalFacts) -> list[Lead]:
    """Make leads (judged links) for reports that no link opens, because an addressed listing (an address made of agency
    and year) shows them. Reports that only another archive has are left out.
    """
    truth, linked = facts.truth, {row.address for row in facts.links}
    leads: dict[str, Lead] = {}
    for bound in (one for one in facts.bounds if not one.visit.is_copy):
        listing = truth.listing_by_id.get(bound.visit.listing or "")
        if listing is None or bound.report is None or bound.visit.address in linked or bound.reading is None:
            continue
        link = Link(url=listing.url, text=bound.reading.title, capture=bound.visit.main.id)
        leads[listing.id] = lead_of(link, listing, truth.portal, truth.agencies)
    return [leads[key] for key in sorted(leads)]


# -------------------------------------------------------------------------------- duties with their editions


def duty_timeline(
    owed: Iterable[Duty],
    statuses: Iterable[StatusInterval],
    editions: Mapping[ReportKey, Sequence[Edition]],
    bindings: Iterable[Binding],
) -> Iterator[DutyInterval]:
    """Cut the time of each duty (one agency's report on one year) into rows in which neither its status changes nor the
    edition (content for a time) that counts (the newest one seen), by ``statuses``. Questions look up the row of any
    instant, and with it the figures that counted. ``statuses`` of no known duty are left out.
    """
    duty_of = {(one.agency, one.year): one for one in owed}
    of_systems = frozenset((b.document, b.agency, b.year) for b in bindings if b.report_kind is ReportKind.SYSTEM)
    for interval in statuses:
        report = (interval.agency, interval.year)
        if report in duty_of:
            yield from _rows_of(duty_of[report], interval, editions.get(report, ()), of_systems)


def _rows_of(
    duty: Duty, interval: StatusInterval, editions: Sequence[Edition], of_systems: Collection[tuple[object, ...]]
) -> Iterator[DutyInterval]:
    """Yield the rows of one status interval of a duty (an agency's report on a year): a new row begins with each
    edition that becomes known in it, and there are two (``counts``: last, first) for questions about the last or the
    first edition if these differ. ``of_systems``: (document, agency, year) of reports about a whole system.
    """
    since, end = interval.since, interval.until
    changes = {one.known_from for one in editions if since < one.known_from and (end is None or one.known_from < end)}
    starts = [since, *sorted(changes)]
    for start, until in zip(starts, [*starts[1:], end], strict=True):
        editions_then = editions_known(editions, start)
        last = max(editions_then, key=lambda one: one.order, default=None)
        # an undated edition is the first only if there is no other
        first = min(editions_then, key=lambda one: (one.change == UNDATED, *one.order[1:]), default=None)
        for counts, one in [("both", last)] if first is last else [("last", last), ("first", first)]:
            yield DutyInterval(
                agency=duty.agency,
                year=duty.year,
                kind=duty.kind,
                counts=counts,
                since=start,
                until=until,
                status=interval.status,
                edition=one.id if one else None,
                editions=len(editions_then),
                tabled=one is not None and one.cells_from is not None,
                reading=one.cells_document if one else None,
                documents=tuple(dict.fromkeys((one.main, one.cells_document, *one.documents))) if one else (),
                marks=tuple(_marks(interval, one, len(editions_then), of_systems)),
            )


def _marks(
    interval: StatusInterval, edition: Edition | None, editions: int, of_systems: Collection[tuple[object, ...]]
) -> Iterator[str]:
    """Yield the marks (remarks for answers) of a row: ``revised``; ``two_at_once`` (different content at two addresses
    at a time); ``withdrawn`` and not returned; ``system`` (a report about several agencies). ``edition``: that counts,
    if any; ``editions``: how many were known; ``of_systems``: (document, agency, year) of reports about a whole system.
    """
    if edition is not None and editions > 1:
        yield "revised"
        if any(finding.code == "two_at_once" for finding in edition.findings):
            yield "two_at_once"
    if is_withdrawn([finding.code for finding in interval.findings]):
        yield "withdrawn"
    if edition is not None and (edition.main, *edition.report) in of_systems:
        yield "system"
