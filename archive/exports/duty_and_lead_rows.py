"""Rows of every duty with its evidence and of every lead, portal after portal.

Other programs rely on the shape of these rows: fields may be added, none is changed or taken away (docs/exports.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select

from archive.exports.formats.columns import Row, row_maker
from archive.identity.divisions import code_in
from archive.queries.duty_rows import duty_lines
from archive.queries.evidence import last_seen
from archive.queries.figures_bodies import bodies
from archive.queries.results import DutyLine
from archive.queries.selection import Selection
from archive.queries.stored import records
from archive.queries.withholding import Report
from archive.queries.words import CHINA
from storage.captures import CaptureStore
from storage.projections import ProjectionStore
from storage.records import Capture, CaptureRole, Edition, Lead, Status, StatusInterval

_PAGES = (CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING)


def duty_rows(chosen: Selection, statuses: Collection[Status] | None = None) -> Iterator[Row]:
    """Give every duty of the chosen agencies (with one of ``statuses``) as a row of the export."""
    make = row_maker("duties")
    for one in chosen.by_portal():
        [(name, portal)] = one.portals.items()
        holdings = _HeldOfPortal(one, name)
        recorded = {body.agency: body.recorded for body in bodies(one.agencies, one.portals).values()}
        intervals = {(row.agency, row.year): row for row in one.store.statuses(name, one.as_of)}
        for line in duty_lines(one, statuses=statuses):
            report = (line.agency.id, line.year)
            interval, code = intervals[report], recorded[line.agency.id]
            yield make(
                body=line.agency,
                line=line,
                host=portal.hosts[0] if portal.hosts else None,
                witnesses=[_fields(witness, "origin", "at", "text") for witness in interval.witnesses],
                withdrawn=_withdrawn(interval),
                urls=holdings.urls(report) if line.first_shown is not None else [],
                editions=holdings.editions(report),
                findings=holdings.findings(report, line),
                division_then=code_in(code, line.year).code if code is not None else None,
                looks_behind=[
                    {
                        **_fields(look, "id", "listing", "url", "started"),
                        "outcome": look.outcome.value,
                        "captures": list(look.captures),
                    }
                    for look in line.looks
                ],
                witness_origins=[witness.origin for witness in interval.witnesses],
                witness_dates=[f"{witness.at.astimezone(CHINA):%Y-%m-%d}" for witness in interval.witnesses],
                fetches_behind=[_fields(capture, "id", "url", "fetched_at") for capture in line.captures],
            )


class _HeldOfPortal:
    """What is held of the reports of one portal by the instant asked about."""

    def __init__(self, chosen: Selection, portal: str) -> None:
        store, self._out, self._as_of = chosen.store, chosen.out, chosen.as_of
        self._captures = {one.id: one for one in CaptureStore(chosen.home).for_portal(portal, _PAGES)}
        self._editions: dict[Report, list[Edition]] = {}
        for edition in store.editions(portal):
            if edition.first_seen <= chosen.as_of:
                self._editions.setdefault((edition.agency, edition.year), []).append(edition)
        self._leads = _leads_by_report(store, portal)
        self._codes: dict[tuple[str, Report | None], list[str]] = {}  # by what they are about, for which duty
        for stored in store.findings(portal):
            report = (stored.agency, stored.year) if stored.agency is not None and stored.year is not None else None
            self._codes.setdefault((stored.subject, report), []).append(stored.finding.code)

    def urls(self, report: Report) -> list[str]:
        """Every address at which a report was seen: as linked, where it led, and its attachments."""
        names = (name for edition in self._editions.get(report, ()) for name in edition.captures)
        fetched = [self._captures[name] for name in names if name in self._captures]
        addresses = [self._out.address(url) for one in fetched for url in (one.requested, one.url)]
        addresses += [self._out.address(lead.url, lead.title) for lead in self._leads.get(report, ())]
        return list(dict.fromkeys(addresses))

    def editions(self, report: Report) -> list[dict[str, object]]:
        """The editions of a report with those of their captures that were known by then."""
        return [self._edition(one, self._captures) for one in self._editions.get(report, ())]

    def _edition(self, edition: Edition, captures: Mapping[str, Capture]) -> dict[str, object]:
        names = [name for name in edition.captures if name not in captures or captures[name].fetched_at <= self._as_of]
        fetched = [captures[name] for name in names if name in captures]
        return {
            **_fields(edition, "id", "first_seen"),
            "last_seen": last_seen(edition, fetched, self._as_of),
            "content_digest": edition.content_digest,
            "captures": names,
            "change": edition.change,
            "track": self._out.address(edition.track),
            "declared": edition.declared,
        }

    def findings(self, report: Report, line: DutyLine) -> list[str]:
        """The codes of the findings about a duty, its editions and documents."""
        codes = list(line.findings)
        for edition in self._editions.get(report, ()):
            for subject in (edition.id, *edition.documents):
                codes += self._codes.get((subject, report), ())
        return list(dict.fromkeys(codes))


def _leads_by_report(store: ProjectionStore, portal: str) -> Mapping[Report, Sequence[Lead]]:
    """The links that lead to reports: of what was read to those it is bound to, else to those they name."""
    bound: dict[str, dict[tuple[str | None, int | None], None]] = {}
    for binding in store.bindings(portal):
        bound.setdefault(binding.url, {})[binding.agency, binding.year] = None
    by_report: dict[Report, list[Lead]] = {}
    for lead in store.leads(portal):
        report_of_title: Iterable[tuple[str | None, int | None]] = [(lead.agency, lead.year)] if lead.is_report else ()
        for agency, year in bound.get(lead.url, report_of_title):
            if agency is not None and year is not None:
                by_report.setdefault((agency, year), []).append(lead)
    return by_report


def _withdrawn(interval: StatusInterval) -> bool:
    """Say whether the report was taken away and has not come back."""
    codes = [finding.code for finding in interval.findings]
    return codes.count("withdrawn") > codes.count("returned")


def _fields(record: object, *names: str) -> dict[str, object]:
    return {name: getattr(record, name) for name in names}


def lead_rows(chosen: Selection) -> Iterator[Row]:
    """Give every lead of the chosen portals as a row of the export; of one that opens what is withheld no title."""
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
