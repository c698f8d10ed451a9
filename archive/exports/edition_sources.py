"""What is held of one portal after the other, as exports need it: editions, what was read of each, where it comes from.

No more than one portal is in memory, and of its readings only the heads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from sqlalchemy import select

from archive.queries.evidence import last_seen
from archive.queries.results import AgencyLine
from archive.queries.where import Chosen
from archive.queries.withheld_content import Outgoing, outgoing
from storage.captures import CaptureStore
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import Agency, Capture, CaptureRole, Edition

_OF_REPORTS = (CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING)
_BATCH = 200
#: The columns that say where a row comes from.
PROVENANCE = ("url", "fetched_at", "record", "warc_file", "warc_offset", "document", "content_digest", "reader")


@dataclass(frozen=True, slots=True)
class Head:
    """What was read of a document, without its text and cells."""

    reader: str
    kind: str
    title: str
    form: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEdition:
    """An edition. ``standing``: the last of its report by then; ``captures``: those by then; ``source``: the one whose
    document the cells come from; ``secret``: a ruling withholds it.
    """

    body: AgencyLine
    edition: Edition
    last_seen: datetime
    standing: bool
    head: Head | None
    captures: tuple[Capture, ...]
    source: Capture | None
    secret: bool

    @property
    def document(self) -> str:
        """The digest of what the cells come from."""
        return self.edition.cells_from or self.edition.main


def each_portal(chosen: Chosen) -> Iterator[Chosen]:
    """The choice, a portal at a time: of those that have an agency in it."""
    own: dict[str, dict[str, Agency]] = {}
    for agency in chosen.agencies.values():
        own.setdefault(agency.portal, {})[agency.id] = agency
    for name, portal in chosen.portals.items():
        if name in own:
            yield Chosen(portals={name: portal}, agencies=own[name])


def held_editions(
    home: Home,
    store: ProjectionStore,
    chosen: Chosen,
    *,
    years: Collection[int] | None,
    as_of: datetime,
) -> tuple[HeldEdition, ...]:
    """The editions of a choice of one portal by agency and year, of each report in the order in which they stand."""
    (portal,) = chosen.portals.values()
    editions: dict[tuple[str, int], list[Edition]] = {}
    for edition in store.editions(portal.name):
        wanted = edition.agency in chosen.agencies and (years is None or edition.year in years)
        if wanted and edition.first_seen <= as_of:
            editions.setdefault((edition.agency, edition.year), []).append(edition)
    if not editions:
        return ()
    heads = _reading_heads(store, {one.cells_from or one.main for found in editions.values() for one in found})
    captures = {one.id: one for one in CaptureStore(home).for_portal(portal.name, _OF_REPORTS)}
    out = outgoing(home)
    return tuple(
        _held_edition(chosen.line(agency), one, one is found[-1], heads, captures, as_of, out)
        for (agency, _), found in sorted((key, sorted(held, key=attrgetter("order"))) for key, held in editions.items())
        for one in found
    )


class Sources:
    """Where editions come from: the editions of a portal by id and by document, one portal at a time in memory."""

    def __init__(self, home: Home, store: ProjectionStore, chosen: Chosen, as_of: datetime) -> None:
        self._home, self._store, self._as_of = home, store, as_of
        self._portals = {name: one for one in each_portal(chosen) for name in one.portals}
        self._now: str | None = None
        self._held: dict[str, HeldEdition] = {}

    def of(self, portal: str, *names: str | None) -> dict[str, object]:
        """The edition and the other columns of provenance, of the first of ``names`` (ids of editions, digests of
        documents) that is an edition's; empty where none is.
        """
        if portal != self._now:
            self._now, self._held = portal, self._editions(portal)
        held = next((self._held[name] for name in names if name in self._held), None)
        return {"edition": held.edition.id if held else None, **provenance(held)}

    def _editions(self, portal: str) -> dict[str, HeldEdition]:
        if portal not in self._portals:
            return {}
        found: dict[str, HeldEdition] = {}
        every = held_editions(self._home, self._store, self._portals[portal], years=None, as_of=self._as_of)
        for held in every:
            edition = held.edition
            for name in (edition.id, held.document, edition.main, *edition.documents):
                found.setdefault(name, held)
        return found


def _held_edition(
    body: AgencyLine,
    edition: Edition,
    standing: bool,
    heads: Mapping[str, Head],
    captures: Mapping[str, Capture],
    as_of: datetime,
    out: Outgoing,
) -> HeldEdition:
    known = [captures[name] for name in edition.captures if name in captures]
    known = sorted((one for one in known if one.fetched_at <= as_of), key=lambda one: (one.fetched_at, one.url, one.id))
    wanted = (edition.cells_from, edition.main)
    source = next((one for name in wanted for one in known if name and one.document == name), None)
    return HeldEdition(
        body=body,
        edition=edition,
        last_seen=last_seen(edition, known, as_of),
        standing=standing,
        head=heads.get(edition.cells_from or edition.main),
        captures=tuple(known),
        source=replace(source, url=out.address(source.url)) if source else None,
        secret=out.ruled.hides(edition),
    )


def _reading_heads(store: ProjectionStore, documents: Iterable[str]) -> dict[str, Head]:
    table, wanted = store.tables.readings, sorted(documents)
    columns = (table.c.document, table.c.reader, table.c.kind, table.c.title, table.c.form)
    found = {}
    with store.read() as connection:
        for start in range(0, len(wanted), _BATCH):
            query = select(*columns).where(table.c.document.in_(wanted[start : start + _BATCH]))
            for row in connection.execute(query):
                found[row.document] = Head(row.reader, row.kind, row.title, row.form)
    return found


def provenance(edition: HeldEdition | None) -> dict[str, object]:
    """The columns that say where a row comes from; empty where no edition is held, or it is withheld."""
    if edition is None or edition.secret:
        return dict.fromkeys(PROVENANCE)
    source = edition.source
    place = source.warc if source is not None else None
    return {
        "url": source.url if source else None,
        "fetched_at": source.fetched_at if source else None,
        "record": source.id if source else None,
        "warc_file": place.file if place else None,
        "warc_offset": place.offset if place else None,
        "document": edition.document,
        "content_digest": edition.edition.content_digest,
        "reader": edition.head.reader if edition.head else None,
    }
