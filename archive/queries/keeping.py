"""What is kept: portals, runs, and documents that were no report."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from archive.queries.hidden import hidden_in
from archive.queries.masking import mask
from archive.queries.results import NonReport, PortalLine, RunLine
from archive.queries.stored import opened
from archive.queries.where import Where, choose
from archive.queries.withholding import withheld
from storage.home import Home
from storage.observations import Observations
from storage.projection_tables import shape
from storage.records import Binding, LookOutcome
from storage.registry import Registry


def portals(home: Home, where: Where | None = None) -> tuple[PortalLine, ...]:
    """Give the portals with what is held of each."""
    chosen, registry, observed = choose(home, where), Registry(home), Observations(home)
    with opened(home) as store:
        reports = Counter(
            portal for portal, _, _ in {(e.agency.partition("/")[0], e.agency, e.year) for e in store.editions()}
        )
    agencies = Counter(agency.portal for agency in chosen.agencies.values())
    lines = []
    for portal in chosen.portals.values():
        looks = observed.looks(portal.name)
        lines.append(
            PortalLine(
                name=portal.name,
                place=portal.place,
                division=portal.division,
                hosts=portal.hosts,
                family=portal.family,
                agencies=agencies[portal.name],
                listings=len(registry.listings(portal.name)),
                looks=len(looks),
                last_ok_look=max((look.finished for look in looks if look.outcome is LookOutcome.OK), default=None),
                reports=reports[portal.name],
            )
        )
    return tuple(lines)


def runs(home: Home, portal: str | None = None) -> tuple[RunLine, ...]:
    """Give the runs, newest last."""
    return tuple(
        RunLine(
            id=run.id,
            portal=run.portal,
            purpose=run.purpose,
            started=run.started,
            finished=run.finished,
            outcome=run.outcome,
            note=run.note,
            counts=run.counts,
        )
        for run in Observations(home).runs(portal)
    )


def non_reports(home: Home, where: Where | None = None) -> tuple[NonReport, ...]:
    """Give the documents that were met where reports are, but are none: one line for each address and reason."""
    chosen = choose(home, where)
    with opened(home) as store:
        bindings, readings = store.tables.bindings, store.tables.readings
        query = (
            select(bindings, readings.c.kind.label("read_kind"), readings.c.title.label("read_title"))
            .join(readings, readings.c.document == bindings.c.document)
            .where(bindings.c.is_report.is_(False), bindings.c.portal.in_(list(chosen.portals)))
            .order_by(bindings.c.portal, bindings.c.url, bindings.c.no)
        )
        with store.read() as connection:
            rows = connection.execute(query).mappings().all()
        ruled = withheld(home)
        hidden = {name: hidden_in(home, store, name, ruled) for name in chosen.portals}
    found: dict[tuple[str, str, str], NonReport] = {}
    for row in rows:
        binding = shape(Binding).record(row)
        key = (row["portal"], binding.url, binding.reason)
        found[key] = NonReport(
            document=binding.document,
            url=binding.url,
            portal=row["portal"],
            kind=row["read_kind"],
            title="" if binding.document in hidden[row["portal"]].documents else mask(row["read_title"]),
            reason=binding.reason,
            documents=found[key].documents + 1 if key in found else 1,
        )
    return tuple(found.values())
