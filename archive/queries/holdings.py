"""What is kept: portals, runs, and documents that were no report."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from archive.queries.results import NonReport, PortalLine, RunLine
from archive.queries.selection import Selection
from archive.queries.stored import fetch
from archive.queries.where import Where, choose
from storage.home import Home
from storage.mapping import shape
from storage.observations import LookCount, Observations
from storage.records import Binding
from storage.registry import Registry


def portals(home: Home, where: Where | None = None) -> tuple[PortalLine, ...]:
    """Give the portals with what is held of each."""
    chosen = choose(home, where)
    reports = _reports(chosen)
    agencies = Counter(agency.portal for agency in chosen.agencies.values())
    listings, looks = Registry(home).listing_counts(), Observations(home).look_counts()
    none = LookCount(looks=0, last_ok=None)
    return tuple(
        PortalLine.of(
            portal,
            agencies=agencies[portal.name],
            listings=listings[portal.name],
            looks=looks.get(portal.name, none).looks,
            last_ok_look=looks.get(portal.name, none).last_ok,
            reports=reports[portal.name],
        )
        for portal in chosen.portals.values()
    )


def _reports(chosen: Selection) -> Counter[str]:
    """How many reports are held of the chosen agencies, by portal."""
    table = chosen.store.tables.editions
    query = select(table.c.portal, table.c.agency, func.count(table.c.year.distinct())).group_by(
        table.c.portal, table.c.agency
    )
    counts: Counter[str] = Counter()
    for portal, agency, years in fetch(chosen.store, query.where(*chosen.conditions(table))):
        counts[portal] += years if agency in chosen.agencies else 0
    return counts


def runs(home: Home, portal: str | None = None) -> tuple[RunLine, ...]:
    """Give the runs, newest last."""
    return tuple(RunLine.of(run) for run in Observations(home).runs(portal))


def non_reports(home: Home, where: Where | None = None) -> tuple[NonReport, ...]:
    """Give the documents that were met where reports are, but are none: one line for each address and reason."""
    chosen = choose(home, where)
    bindings, readings = chosen.store.tables.bindings, chosen.store.tables.readings
    query = (
        select(bindings, readings.c.kind.label("read_kind"), readings.c.title.label("read_title"))
        .join(readings, readings.c.document == bindings.c.document)
        .where(bindings.c.is_report.is_(False), bindings.c.portal.in_(list(chosen.portals)))
        .order_by(bindings.c.portal, bindings.c.url, bindings.c.no)
    )
    out, lines = chosen.out, dict[tuple[str, str, str], NonReport]()
    for row in fetch(chosen.store, query):
        binding = shape(Binding).record(row._mapping)
        key = (row.portal, binding.url, binding.reason)
        lines[key] = NonReport(
            document=binding.document,
            url=out.address(binding.url),
            portal=row.portal,
            kind=row.read_kind,
            title="" if binding.document in out.documents else out.text(row.read_title),
            reason=binding.reason,
            documents=lines[key].documents + 1 if key in lines else 1,
        )
    return tuple(lines.values())
