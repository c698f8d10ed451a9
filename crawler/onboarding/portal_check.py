"""Checks once a season if a second way into a portal shows reports that its lists do not show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.identity.classification import lead_of
from crawler.errors import CrawlError
from crawler.lists.engine import address_key
from crawler.onboarding.probe import Progress, probe_second_way
from crawler.onboarding.probe_results import Probe
from crawler.spider import PortalSpider
from storage.errors import note_of
from storage.home import Home
from storage.observations import Observations
from storage.records import Lead, Link, Listing, ListingForm, Note
from storage.registry import Registry

SEASON = timedelta(days=90)  # after which a second way to the reports is tried again


@dataclass(frozen=True, slots=True)
class SecondWay:
    """The result of a second way. ``state``: ``drift`` (it shows more reports: a person should look), ``unanswered``
    (unknown), or ``note`` (no more reports); ``notes``: the details.
    """

    state: str
    notes: tuple[Note, ...]


def compare_second_way(
    home: Home, kind: type[PortalSpider], *, progress: Progress | None = None
) -> SecondWay | None:  # fmt: skip
    """Compare the reports on a portal's lists with those found by a walk from its entrances and by its search.

    Return None if there is nothing to compare: a portal of the project, without entrances, or not crawled yet.
    """
    path = home.portals_dir / "routes" / f"{kind.name}.json"
    is_ours = next(home.portals_dir.rglob(f"{kind.name}.py"), None) is None
    known = [] if is_ours or not kind.entrances else _reports_on_lists(home, kind)
    if not known:
        return None
    asked = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if "notes" in asked and home.clock.now() - datetime.fromisoformat(asked["at"]) <= SEASON:
        notes = tuple(map(Note.of, asked["notes"]))
    else:
        try:
            probe = probe_second_way(home, kind, progress)
        except CrawlError as error:
            return SecondWay("unanswered", (Note("no_second_way", {"why": note_of(error).as_json}),))
        if not probe.listings:
            return SecondWay("unanswered", probe.notes if not probe.seen else (Note("portal_silent"),))
        notes = tuple(_only_elsewhere(home, kind, known, probe))
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {"at": home.clock.now().isoformat(), "notes": [note.as_json for note in notes]}
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    declared = {one.url for one in kind.listings}
    others = tuple(note for note in notes if note.values["url"] not in declared)
    return SecondWay("drift", others) if others else SecondWay("note", (Note("second_way_same"),))


def _reports_on_lists(home: Home, kind: type[PortalSpider]) -> list[Lead]:
    """Return all reports that the looks at a portal's lists have shown so far."""
    registry = Registry(home)
    portal, agencies = registry.portal(kind.name), registry.agencies(kind.name)
    listings = {row.id: row for row in registry.listings(kind.name)}
    shown = [(listings[id_], link) for id_, links in Observations(home).lists_shown(kind.name) for link in links]
    leads = (lead_of(link, row, portal, agencies) for row, link in shown if portal is not None)
    return [lead for lead in leads if lead.is_report]


def _only_elsewhere(home: Home, kind: type[PortalSpider], known: Sequence[Lead], probe: Probe) -> Iterator[Note]:
    """Yield a note for each list of the probe with new reports; the same agency and year elsewhere is not new."""
    registry = Registry(home)
    portal, agencies = registry.portal(kind.name), registry.agencies(kind.name)
    assert portal is not None, "a portal that was looked at is known"
    urls = {address_key(lead.url) for lead in known}
    bodies = {(lead.agency, lead.year) for lead in known if lead.agency and lead.year}
    for one in probe.listings:
        listing = Listing(
            id=f"{kind.name}:second", portal=kind.name, url=one.url, form=ListingForm.COLUMN, column=one.title,
            recorded_at=home.clock.now(),
        )  # fmt: skip
        rows = [row for row in probe.leads if row["listing"] == one.url]
        leads = [lead_of(Link(url=row["url"], text=row["title"]), listing, portal, agencies) for row in rows]
        new = [lead.url for lead in leads if lead.is_report and (lead.agency, lead.year) not in bodies]
        new = [url for url in new if address_key(url) not in urls]
        urls |= set(map(address_key, new))
        if new:
            yield Note("second_route", {"url": one.url, "number": len(new), "address": new[0]})
