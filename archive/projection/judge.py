"""One portal's truth and readings → all its rows. Pure: the same truth, readings and reader give the same rows.

    truth, readings ─▶ facts on each duty (``portal_facts.py``) ─▶ histories
                   └─▶ editions ─▶ findings, contradictions, texts

Histories are made for all of as-of time: what only the clock changes (a due date passes) is in them already, so that a
question asked later needs no update. Rulings on links, documents and looks act from their making on; so the portal is
judged once for each instant at which a ruling changed what one of them is, and the histories are put together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from archive.assessment.deadlines import duties
from archive.assessment.history import history, splice
from archive.identity.classification import lead_of
from archive.projection.binding import Wholes
from archive.projection.duty_timeline import duty_timeline
from archive.projection.findings import contradicting, finding_rows, readings_of
from archive.projection.leads import lead_rows
from archive.projection.look_trust import look_rows
from archive.projection.portal_facts import PortalFacts
from archive.projection.searching import edition_texts
from archive.projection.truth import PortalTruth
from archive.projection.unregistered_bodies import everyday_names, shared_lists
from storage.judgements import PortalRows
from storage.records import Agency, Duty, Lead, Link, Reading, Ruling, RulingKind, StatusInterval

#: Later than anything that will be asked about.
END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
#: Rulings on what a link, a document or a look is: the facts have no place for the time of their making.
_RETELLING = frozenset(
    {RulingKind.LEAD, RulingKind.BINDING, RulingKind.VOID_LOOK, RulingKind.NEW_BASE, RulingKind.CERTIFICATE}
)


def judge(truth: PortalTruth, readings: Mapping[str, Reading], now: datetime) -> PortalRows:
    """Judge everything known of a portal. ``now`` only decides which reporting years are over."""
    names = everyday_names(truth.agency_history, shared_lists(truth.listings), truth.portal.place)
    # bodies that are but the everyday name of one that a source names: their titles are that one's
    truth = replace(truth, agencies=tuple(agency for agency in truth.agencies if agency.id not in names))
    wholes: Wholes = {}
    today = PortalFacts(truth, readings, wholes)
    periods = [(until, PortalFacts(before, readings, wholes)) for until, before in _truths_before_rulings(truth)]
    agencies = {agency.id: agency for agency in truth.agencies}
    owed = duties(truth.agencies, truth.portal.first_year, now, today.reports)
    histories = [
        interval for duty in owed for interval in _history(duty, agencies[duty.agency], [*periods, (None, today)])
    ]
    met = readings_of(today.reports)
    place, editions = truth.portal.place, today.editions_of
    contradictions, fingerprints, repeats = contradicting(truth.agencies, place, editions, today.reports, met)
    # readings that editions take their cells from and that are of no document alone
    digests = {edition.cells_from for edition in today.editions} - {None, *readings}
    combined = {
        cells.document: cells for one in today.bounds if (cells := one.cells_from) and cells.document in digests
    }
    return PortalRows(
        leads=[*lead_rows(today.links), *_own_pages(today)],
        look_judgements=look_rows(today.looks, today.leads),
        bindings=today.bindings,
        editions=today.editions,
        combined=[combined[document] for document in sorted(combined)],
        duties=owed,
        statuses=histories,
        duty_intervals=[*duty_timeline(owed, histories, editions, today.bindings)],
        findings=finding_rows(editions, today.reports, met, today.bindings, today.looks, truth.agencies),
        texts=edition_texts(editions, readings, agencies),
        contradictions=contradictions,
        fingerprints=fingerprints,
        repeats=repeats,
    )


def _truths_before_rulings(truth: PortalTruth) -> Iterator[tuple[datetime, PortalTruth]]:
    """Give the truth without the rulings of each instant and after it, oldest first; nothing if none retells."""
    rulings = [ruling for ruling in truth.rulings if ruling.kind in _RETELLING]
    if not rulings:
        return
    here = {link.url for extraction in truth.extractions.values() for link in extraction.links}
    here |= {name for one in truth.captures for name in (one.url, one.requested, one.document) if name is not None}
    here |= {look.id for look in truth.looks} | {*truth.chains.values()}

    def is_before(ruling: Ruling, by: datetime) -> bool:
        return ruling.kind not in _RETELLING or ruling.made_at < by

    for made_at in sorted({ruling.made_at for ruling in rulings if ruling.subject in here}):
        yield made_at, replace(truth, rulings=tuple(ruling for ruling in truth.rulings if is_before(ruling, made_at)))


def _history(
    duty: Duty, agency: Agency, periods: Sequence[tuple[datetime | None, PortalFacts]]
) -> tuple[StatusInterval, ...]:
    """Give the history of a duty over the periods (each until its instant), oldest first."""
    periods_facts = [(until, tables.on(duty, agency)) for until, tables in periods]
    later = [facts for _, facts in periods_facts[1:]]
    # if the next period has the same facts, nothing was retold of this duty
    parts = [part for part, after in zip(periods_facts, [*later, None], strict=True) if part[1] != after]
    if len(parts) == 1:
        return history(parts[0][1], END_OF_TIME)
    return splice([(until, history(facts, END_OF_TIME)) for until, facts in parts])


def _own_pages(tables: PortalFacts) -> list[Lead]:
    """Make leads of reports found at addresses that no link led to (agency and year are in the address)."""
    truth, linked = tables.truth, {row.address for row in tables.links}
    leads: dict[str, Lead] = {}
    for bound in tables.bounds:
        listing = truth.listing_by_id.get(bound.visit.listing or "")
        if listing is None or bound.report is None or bound.visit.address in linked or bound.reading is None:
            continue
        link = Link(url=listing.url, text=bound.reading.title, capture=bound.visit.main.id)
        leads[listing.id] = lead_of(link, listing, truth.portal, truth.agencies)
    return [leads[key] for key in sorted(leads)]
