"""Rows of every duty with its evidence and of every lead, portal after portal.

Other programs rely on the shape of these rows: fields may be added, none is changed or taken away (docs/exports.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from archive.exports.formats.columns import Row, row_maker
from archive.identity.divisions import code_in
from archive.queries.asof import instant_of_question
from archive.queries.duty_rows import duty_lines
from archive.queries.evidence import last_seen
from archive.queries.figures_bodies import bodies
from archive.queries.results import DutyLine, LookRef
from archive.queries.stored import open_projections, records
from archive.queries.where import Chosen, Where, choose
from archive.queries.withheld_content import Hidden, hidden_by_portal
from archive.queries.withholding import withheld
from archive.queries.words import CHINA
from storage.captures import CaptureStore
from storage.home import Home
from storage.judgements import StoredFinding
from storage.projections import ProjectionStore
from storage.records import (
    Agency,
    Capture,
    CaptureRole,
    Edition,
    Lead,
    Portal,
    StatusInterval,
)

Report = tuple[str, int]
_PAGES = (CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING)


def duty_rows(home: Home, where: Where | None = None, *, as_of: datetime | None = None) -> Iterator[Row]:
    """Give every duty of the chosen agencies as a row of the export."""
    as_of = instant_of_question(home, as_of)
    chosen = choose(home, where)
    with open_projections(home) as store:
        hidden = hidden_by_portal(home, store, chosen.portals, withheld(home))
        for portal in chosen.portals.values():
            own = {agency.id: agency for agency in chosen.agencies.values() if agency.portal == portal.name}
            yield from _portal_rows(home, store, portal, own, as_of, hidden[portal.name])


def _portal_rows(
    home: Home,
    store: ProjectionStore,
    portal: Portal,
    agencies: Mapping[str, Agency],
    as_of: datetime,
    secret: Hidden,
) -> Iterator[Row]:
    editions: dict[Report, list[Edition]] = {}
    for edition in store.editions(portal.name):
        if edition.first_seen <= as_of:
            editions.setdefault((edition.agency, edition.year), []).append(edition)
    leads: dict[Report, list[Lead]] = {}
    bound: dict[str, dict[tuple[str | None, int | None], None]] = {}
    for binding in store.bindings(portal.name):
        bound.setdefault(binding.url, {})[binding.agency, binding.year] = None
    for lead in store.leads(portal.name):
        for agency, year in bound.get(lead.url, [(lead.agency, lead.year)] if lead.is_report else ()):
            if agency is not None and year is not None:
                leads.setdefault((agency, year), []).append(lead)
    intervals = {(one.agency, one.year): one for one in store.statuses(portal.name, as_of)}
    findings = store.findings(portal.name)
    captures = {capture.id: capture for capture in CaptureStore(home).for_portal(portal.name, _PAGES)}
    chosen = Chosen(portals={portal.name: portal}, agencies=agencies)
    about = _by_subject(findings)
    codes, make = _Codes(chosen), row_maker("duties")
    for line in duty_lines(home, chosen, as_of=as_of):
        report = (line.agency.id, line.year)
        held = editions.get(report, [])
        interval = intervals[report]
        yield make(
            body=line.agency,
            line=line,
            host=portal.hosts[0] if portal.hosts else None,
            witnesses=[_fields(one, "origin", "at", "text") for one in interval.witnesses],
            withdrawn=_withdrawn(interval),
            urls=_urls(held, leads.get(report, ()), captures, secret) if line.first_shown is not None else [],
            editions=[_edition(edition, captures, as_of, secret) for edition in held],
            findings=_codes(line, held, report, about),
            division_then=codes[line.agency.id, line.year],
            looks_behind=[_look(look) for look in line.looks],
            witness_origins=[witness.origin for witness in interval.witnesses],
            witness_dates=[f"{witness.at.astimezone(CHINA):%Y-%m-%d}" for witness in interval.witnesses],
            fetches_behind=[_fields(capture, "id", "url", "fetched_at") for capture in line.captures],
        )


class _Codes(dict[Report, str | None]):
    """The division code of a body on 31 December of a year, by (agency, year); None: none or several, or no list."""

    def __init__(self, chosen: Chosen) -> None:
        super().__init__()
        self._recorded = {one.agency: one.recorded for one in bodies(chosen, None).values()}

    def __missing__(self, report: Report) -> str | None:
        recorded = self._recorded[report[0]]
        self[report] = code_in(recorded, report[1]).code if recorded is not None else None
        return self[report]


def _urls(
    editions: Sequence[Edition], leads: Iterable[Lead], captures: Mapping[str, Capture], secret: Hidden
) -> list[str]:
    """Give every address at which the report was seen: as linked, where it led, and its attachments."""
    found: dict[str, None] = {}
    for edition in editions:
        for name in edition.captures:
            capture = captures.get(name)
            if capture is not None:
                found.update({secret.address(capture.requested): None, secret.address(capture.url): None})
    found.update({secret.address(lead.url, lead.title): None for lead in leads})
    return list(found)


def _edition(edition: Edition, captures: Mapping[str, Capture], as_of: datetime, secret: Hidden) -> dict[str, object]:
    """Describe an edition with those of its captures that were known by ``as_of``."""
    known = [name for name in edition.captures if name not in captures or captures[name].fetched_at <= as_of]
    return {
        **_fields(edition, "id", "first_seen"),
        "last_seen": last_seen(edition, [captures[name] for name in known if name in captures], as_of),
        "content_digest": edition.content_digest,
        "captures": known,
        "change": edition.change,
        "track": secret.address(edition.track),
        "declared": edition.declared,
    }


def _look(look: LookRef) -> dict[str, object]:
    named = _fields(look, "id", "listing", "url", "started")
    return named | {"outcome": look.outcome.value, "captures": list(look.captures)}


def _withdrawn(interval: StatusInterval) -> bool:
    """Say whether the report was taken away and has not come back."""
    codes = [finding.code for finding in interval.findings]
    return codes.count("withdrawn") > codes.count("returned")


def _by_subject(findings: Iterable[StoredFinding]) -> dict[tuple[str, Report | None], list[str]]:
    """Give the codes by what they are about and, where it is a duty's, for which."""
    found: dict[tuple[str, Report | None], list[str]] = {}
    for stored in findings:
        report = (stored.agency, stored.year) if stored.agency is not None and stored.year is not None else None
        found.setdefault((stored.subject, report), []).append(stored.finding.code)
    return found


def _codes(
    line: DutyLine,
    editions: Iterable[Edition],
    report: Report,
    about: Mapping[tuple[str, Report | None], list[str]],
) -> list[str]:
    codes = list(line.findings)
    for edition in editions:
        for subject in (edition.id, *edition.documents):
            codes += about.get((subject, report), ())
    return list(dict.fromkeys(codes))


def lead_rows(home: Home, where: Where | None = None) -> Iterator[Row]:
    """Give every lead of the chosen portals as a row of the export; of one that opens what is withheld no title."""
    chosen = choose(home, where)
    with open_projections(home) as store:
        table, make = store.tables.leads, row_maker("leads")
        secret = hidden_by_portal(home, store, chosen.portals, withheld(home))
        for portal in chosen.portals.values():
            hidden = secret[portal.name]
            for lead in records(store, table, Lead, table.c.portal == portal.name):
                named = chosen.agencies.get(lead.agency or "")
                yield make(
                    line=lead,
                    title=hidden.title(lead.url, lead.title),
                    url=hidden.address(lead.url, lead.title),
                    agency=named.name if named else lead.agency_name,
                    agency_id=lead.agency,
                )


def _fields(record: object, *names: str) -> dict[str, object]:
    return {name: getattr(record, name) for name in names}
