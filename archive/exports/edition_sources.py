"""What is held of one portal after the other, as exports need it: editions, what was read of each, where it comes from.

No more than one portal is in memory, and of its readings only the heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, select

from archive.queries.evidence import last_seen
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection
from archive.queries.stored import fetch
from storage.captures import CaptureStore
from storage.records import Capture, CaptureRole, Edition
from storage.statements import batches

_OF_REPORTS = (CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING)
#: The columns that say where a row comes from.
_PROVENANCE = ("url", "fetched_at", "record", "warc_file", "warc_offset", "document", "content_digest", "reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEdition:
    """An edition. ``is_last``: the last of its report by then; ``head``: what was read of it, without text and cells;
    ``captures``: those by then; ``source``: the one whose document the cells come from; ``secret``: a ruling withholds
    it.
    """

    body: AgencyLine
    edition: Edition
    last_seen: datetime
    is_last: bool
    head: Row[Any] | None
    captures: tuple[Capture, ...]
    source: Capture | None
    secret: bool

    @property
    def document(self) -> str:
        """The digest of what the cells come from."""
        return self.edition.cells_from or self.edition.main

    @property
    def form(self) -> str | None:
        """The form of the report; None where no table was read, or a ruling withholds it."""
        return self.head.form if self.head is not None and not self.secret else None


def held_editions(chosen: Selection) -> Sequence[HeldEdition]:
    """The editions of a selection of one portal by agency and year, of each report in the order in which they stand."""
    (portal,) = chosen.portals
    of_report: dict[tuple[str, int], list[Edition]] = {}
    for edition in chosen.store.editions(portal):
        is_chosen = edition.agency in chosen.agencies and (chosen.years is None or edition.year in chosen.years)
        if is_chosen and edition.first_seen <= chosen.as_of:
            of_report.setdefault((edition.agency, edition.year), []).append(edition)
    if not of_report:
        return ()
    heads = _reading_heads(chosen, [one for group in of_report.values() for one in group])
    captures = {one.id: one for one in CaptureStore(chosen.home).for_portal(portal, _OF_REPORTS)}
    editions = (sorted(group, key=attrgetter("order")) for _, group in sorted(of_report.items()))
    return [
        _held_edition(chosen, one, one is group[-1], heads.get(one.cells_from or one.main), captures)
        for group in editions
        for one in group
    ]


def _held_edition(
    chosen: Selection, edition: Edition, is_last: bool, head: Row[Any] | None, captures: Mapping[str, Capture]
) -> HeldEdition:
    by_then = [captures[name] for name in edition.captures if name in captures]
    by_then = [one for one in by_then if one.fetched_at <= chosen.as_of]
    by_then.sort(key=attrgetter("fetched_at", "url", "id"))
    digests = (edition.cells_from, edition.main)
    source = next((one for name in digests for one in by_then if name and one.document == name), None)
    return HeldEdition(
        body=chosen.line(edition.agency),
        edition=edition,
        last_seen=last_seen(edition, by_then, chosen.as_of),
        is_last=is_last,
        head=head,
        captures=tuple(by_then),
        source=replace(source, url=chosen.out.address(source.url)) if source else None,
        secret=chosen.out.ruled.hides(edition),
    )


def _reading_heads(chosen: Selection, editions: Sequence[Edition]) -> Mapping[str, Row[Any]]:
    table = chosen.store.tables.readings
    columns = select(table.c.document, table.c.reader, table.c.kind, table.c.title, table.c.form)
    queries = (
        columns.where(table.c.document.in_(n)) for n in batches({one.cells_from or one.main for one in editions})
    )
    return {row.document: row for query in queries for row in fetch(chosen.store, query)}


def provenance(edition: HeldEdition | None) -> dict[str, object]:
    """The columns that say where a row comes from; empty where no edition is held, or it is withheld."""
    if edition is None or edition.secret:
        return dict.fromkeys(_PROVENANCE)
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


class Sources:
    """Where editions come from: the editions of a portal by id and by document, one portal at a time in memory."""

    def __init__(self, chosen: Selection) -> None:
        every = replace(chosen, years=None)  # another year's report may be what a row names
        self._portals = {name: one for one in every.by_portal() for name in one.portals}
        self._now: str | None = None
        self._held: dict[str, HeldEdition] = {}

    def of(self, portal: str, *names: str | None) -> dict[str, object]:
        """The edition and the other columns of provenance, of the first of ``names`` (ids of editions, digests of
        documents) that is an edition's; empty where none is.
        """
        if portal != self._now:
            self._now, self._held = portal, {}
            for one in held_editions(self._portals[portal]) if portal in self._portals else ():
                for name in (one.edition.id, one.document, one.edition.main, *one.edition.documents):
                    self._held.setdefault(name, one)
        entry = next((self._held[name] for name in names if name in self._held), None)
        return {"edition": entry.edition.id if entry else None, **provenance(entry)}
