"""A portal as it answers today against what its lists showed before, and its lists that are gone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.identity.classification import lead_of
from crawler import portals
from crawler.errors import CrawlError
from crawler.listing_ends import as_ruled, ends_ruled
from crawler.lists.engine import address_key
from crawler.onboarding.probe import Progress, view_portal
from crawler.onboarding.probe_results import SILENT, ListView, PortalView
from crawler.spider import PortalSpider
from storage.errors import note_of
from storage.home import Home
from storage.observations import Observations
from storage.records import LookOutcome, Note
from storage.registry import Registry

SEASON = timedelta(days=90)  # after which a second way to the reports is tried again


@dataclass(frozen=True, slots=True)
class Drift:
    """``state``: ``drift`` (somebody should look), ``unanswered`` (asked, and nobody knows), or ``note``; ``notes`` say
    it.
    """

    state: str
    notes: tuple[Note, ...]


def drift_of(home: Home, kind: type[PortalSpider], *, progress: Progress | None = None) -> Drift | None:
    """Look at a portal's columns; return how they differ from what crawls saw of them last.

    Return None for a portal of the project: only those of the archive are looked at.
    """
    if next(home.portals_dir.rglob(f"{kind.name}.py"), None) is None:
        return None
    ruled, columns = ends_ruled(Observations(home).rulings()), portals.columns(kind, home.clock.now())
    ended = frozenset(row.id for row in columns if as_ruled(row, ruled).ended_at is not None)
    second_way = _second_way_of_season(home, kind)
    try:
        now = view_portal(home, kind.name, without=ended, with_second_way=second_way is None, progress=progress)
    except CrawlError as error:
        return Drift("unanswered", (Note("no_fresh_look", {"why": note_of(error).plain}),))
    if not now.lists:
        return Drift("note", (Note("lists_ended" if ended else "lists_addressed"),))
    if all(one.outcome in SILENT for one in now.lists.values()):
        return Drift("unanswered", (Note("portal_silent"),))
    if second_way is None:
        second_way = now.second_way
        asked = {"at": home.clock.now().isoformat(), "notes": [note.plain for note in second_way]}
        _second_way_path(home, kind).write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    declared = {one.url for one in kind.listings}
    others = tuple(note for note in second_way if note.values["url"] not in declared)
    return _compare(now, _shown_before(home, kind), others)


def _compare(now: PortalView, before: Mapping[str, ListView], others: tuple[Note, ...]) -> Drift:
    """Return how a portal differs. ``others``: what lists show that its file does not name."""
    blind = [key for key, one in now.lists.items() if one.outcome is LookOutcome.SCRIPT_ONLY and now.unrendered]
    seen = {key: one for key, one in now.lists.items() if key not in blind}
    if differs := tuple(_differences(seen, before)):
        return Drift("drift", (Note("drifted", {"notes": [one.plain for one in differs]}),))
    if others:
        return Drift("drift", others)
    if blind and now.unrendered is not None:
        counted = {"number": len(blind), "total": len(now.lists), "why": now.unrendered.plain}
        return Drift("unanswered", (Note("not_compared", counted),))
    shown = {url for one in seen.values() for url in one.reports}
    known = {url for key, one in before.items() if key in seen for url in one.reports}
    if not known:
        return Drift("note", (Note("lists_show", {"reports": len(shown)}),))
    news = (Note("new_reports", {"number": len(shown - known)}),) if shown - known else ()
    return Drift("note", (Note("lists_as_before", {"reports": len(known)}), *news))


def _differences(now: Mapping[str, ListView], before: Mapping[str, ListView]) -> Iterator[Note]:
    """Return the lists that are not read to their end and did not end so before, and the reports that are gone."""
    bad = [
        (key, one)
        for key, one in now.items()
        if one.outcome is not LookOutcome.OK
        and (key not in before or (before[key].outcome, before[key].reason) != (one.outcome, one.reason))
    ]
    for key, one in bad[:1]:
        yield Note("look_now", {"listing": key, "outcome": one.outcome.value, "reason": one.reason})
    if len(bad) > 1:
        yield Note("more_lists", {"number": len(bad) - 1})
    good = [key for key, one in now.items() if one.outcome is LookOutcome.OK and key in before]
    then = {url for key in good for url in before[key].reports}
    if gone := then - {url for key in good for url in now[key].reports}:
        yield Note("reports_gone", {"number": len(gone), "total": len(then)})


def _shown_before(home: Home, kind: type[PortalSpider]) -> dict[str, ListView]:
    """Return what the last look at each column of the portal's file showed, by its id there."""
    registry, observations = Registry(home), Observations(home)
    portal, agencies = registry.portal(kind.name), registry.agencies(kind.name)
    last = {look.listing: look for look in observations.looks(kind.name)}
    links = observations.latest_extractions(kind.name)
    declared = {address_key(row.url): row.id for row in portals.columns(kind, home.clock.now())}
    shown: dict[str, ListView] = {}
    for listing in registry.listings(kind.name):
        look, key = last.get(listing.id), declared.get(address_key(listing.url))
        if portal is None or key is None or look is None or look.id not in links:
            continue
        leads = (lead_of(link, listing, portal, agencies) for link in links[look.id].links)
        shown[key] = ListView(look.outcome, look.reason, frozenset(lead.url for lead in leads if lead.is_report))
    return shown


def _second_way_path(home: Home, kind: type[PortalSpider]) -> Path:
    """Return the file that says when a second way to a portal's reports was tried last, and what it showed."""
    return home.portals_dir / "routes" / f"{kind.name}.json"


def _second_way_of_season(home: Home, kind: type[PortalSpider]) -> tuple[Note, ...] | None:
    """Return what a second way to the reports showed this season, or None if it was not tried."""
    path = _second_way_path(home, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    asked = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if "notes" not in asked or home.clock.now() - datetime.fromisoformat(asked["at"]) > SEASON:
        return None
    return tuple(map(Note.of, asked["notes"]))
