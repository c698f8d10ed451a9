"""What lines about duties rest on: the looks, captures and editions that their statuses name, many lines at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, select

from archive.queries.results import CaptureRef, LookRef
from archive.queries.withheld_content import outgoing
from archive.queries.withholding import Withheld, withheld
from storage.home import Home
from storage.mapping import maker, shape
from storage.projections import ProjectionStore
from storage.records import UNDATED, CaptureOutcome, Edition, LookOutcome, StatusInterval
from storage.references import capture_heads, listing_urls, look_heads
from storage.statements import among

_BATCH = 5_000
_LOOKED = {outcome.value: outcome for outcome in LookOutcome}
_OUTCOMES = {outcome.value: outcome for outcome in CaptureOutcome}
_make_capture_ref = maker(CaptureRef, "id", "url", "fetched_at", "outcome", "http_status")
Report = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Links:
    """Looks and captures by id, editions by report; ``secret``: reports of which a ruling withholds something."""

    looks: Mapping[str, LookRef]
    captures: Mapping[str, CaptureRef]
    editions: Mapping[Report, tuple[str, ...]]
    secret: frozenset[Report]
    sets: dict[tuple[str, ...], tuple[LookRef, ...]] = field(default_factory=dict)

    def looks_of(self, names: tuple[str, ...]) -> tuple[LookRef, ...]:
        """The looks of these ids, oldest first."""
        if names not in self.sets:
            found = (self.looks[name] for name in names if name in self.looks)
            self.sets[names] = tuple(sorted(found, key=lambda one: (one.started, one.id)))
        return self.sets[names]

    def captures_of(self, report: Report, names: Sequence[str]) -> tuple[CaptureRef, ...]:
        """The fetches of these ids that a status of a report rests on, oldest first; none of a withheld report."""
        if not names or report in self.secret:
            return ()
        found = [self.captures[name] for name in names if name in self.captures]
        return tuple(sorted(found, key=lambda one: (one.fetched_at, one.url)) if len(found) > 1 else found)

    def editions_of(self, report: Report) -> tuple[str, ...]:
        """The ids of the editions held of a report, oldest first; none of a withheld report."""
        return () if report in self.secret else self.editions.get(report, ())


NO_LINKS = Links({}, {}, {}, frozenset())


def links_of(home: Home, store: ProjectionStore, interval: StatusInterval, as_of: datetime, ruled: Withheld) -> Links:
    """Look up what a status rests on, and the editions of its report, as far as they were known by ``as_of``; none of a
    report that is withheld (``ruled``).
    """
    editions, secret = _editions(store, {(interval.agency, interval.year)}, as_of, ruled)
    return Links(
        looks=look_refs(home, interval.looks),
        captures=capture_refs(home, interval.captures),
        editions=editions,
        secret=frozenset(secret | ruled.reports.keys()),
    )


def secret_reports(
    home: Home, store: ProjectionStore, reports: Collection[Report], as_of: datetime
) -> frozenset[Report]:
    """Those of the reports of which a ruling withholds something that was known by ``as_of``."""
    ruled = withheld(home)
    secret = _editions(store, reports, as_of, ruled)[1] if ruled.documents else set()
    return frozenset(secret | ruled.reports.keys())


def look_refs(home: Home, ids: Collection[str]) -> Mapping[str, LookRef]:
    """Name looks with the addresses of their listings, by id; one that is not held is left out."""
    looks = look_heads(home, ids)
    urls = listing_urls(home, {look.listing for look in looks})
    return {look.id: LookRef.of(look, url=urls.get(look.listing, ""), outcome=_LOOKED[look.outcome]) for look in looks}


def capture_refs(home: Home, ids: Collection[str]) -> Mapping[str, CaptureRef]:
    """Name captures with their addresses and times, by id; one that is not held is left out."""
    out = outgoing(home)
    return {
        name: capture_ref(name, out.address(url), at, outcome, status)
        for name, url, at, outcome, status in capture_heads(home, ids)
    }


def capture_ref(name: str, url: str, at: datetime, outcome: str, status: int | None) -> CaptureRef:
    """Name a capture with its address and time."""
    return _make_capture_ref(name, url, at, _OUTCOMES[outcome], status)


def _editions(
    store: ProjectionStore, reports: Collection[Report], as_of: datetime, ruled: Withheld
) -> tuple[Mapping[Report, tuple[str, ...]], set[Report]]:
    """The ids of the editions of reports, oldest first, and the reports of which one is withheld."""
    table, wanted = store.tables.editions, frozenset(reports)
    agencies, years = sorted({agency for agency, _ in wanted}), sorted({year for _, year in wanted})
    columns = [table.c[name] for name in ("agency", "year", "id")]
    order = (case((table.c.change == UNDATED, 0), else_=1), table.c.first_seen, table.c.last_seen, table.c.id)
    shown: Any = select(*(table.c if ruled else columns)).where(table.c.first_seen <= as_of).order_by(*order)
    if len(years) == 1:
        shown = shown.where(table.c.year == years[0])
    found: dict[Report, tuple[str, ...]] = {}
    secret: set[Report] = set()
    with store.read() as connection:
        for names in _batches(agencies):
            for row in connection.execute(shown.where(among(table.c.agency, names))).all():
                report = (row.agency, row.year)
                if report in wanted:
                    found[report] = (*found.get(report, ()), row.id)
                    if ruled and ruled.hides(shape(Edition).record(row._mapping)):
                        secret.add(report)
    return found, secret


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]
