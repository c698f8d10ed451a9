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
from crawler.onboarding.probe import Progress, looked_at
from crawler.onboarding.probe_results import SILENT, Checked, Shown
from crawler.spider import PortalSpider
from storage.errors import note_of
from storage.home import Home
from storage.observations import Observations
from storage.records import LookOutcome, Note
from storage.registry import Registry

SEASON = timedelta(days=90)  # after which other ways to the reports are asked once more


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
    ended = _ended(home, kind)
    routes = _routes_of_season(home, kind)
    try:
        said = looked_at(home, kind.name, progress=progress, without=ended, compare=routes is None)
    except CrawlError as error:
        return Drift("unanswered", (Note("no_fresh_look", {"why": note_of(error).plain}),))
    if not said.lists:
        return Drift("note", (Note("lists_ended" if ended else "lists_addressed"),))
    if routes is None:
        routes = said.routes
        asked = {"at": home.clock.now().isoformat(), "routes": [note.plain for note in routes]}
        _routes_path(home, kind).write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    if all(one.outcome in SILENT for one in said.lists.values()):
        return Drift("unanswered", (Note("portal_silent"),))
    declared = {one.url for one in kind.listings}
    return _compare(said, _shown_before(home, kind), tuple(one for one in routes if one.values["url"] not in declared))


def _compare(said: Checked, before: Mapping[str, Shown], routes: tuple[Note, ...]) -> Drift:
    blind = [key for key, one in said.lists.items() if one.outcome is LookOutcome.SCRIPT_ONLY and said.unrendered]
    seen = {key: one for key, one in said.lists.items() if key not in blind}
    if differs := tuple(_differences(seen, before)):
        return Drift("drift", (Note("drifted", {"notes": [one.plain for one in differs]}),))
    if routes:
        return Drift("drift", routes)
    if blind and said.unrendered is not None:
        counted = {"number": len(blind), "total": len(said.lists), "why": said.unrendered.plain}
        return Drift("unanswered", (Note("not_compared", counted),))
    now = {url for one in seen.values() for url in one.reports}
    known = {url for key, one in before.items() if key in seen for url in one.reports}
    if not known:
        return Drift("note", (Note("lists_show", {"reports": len(now)}),))
    news = (Note("new_reports", {"number": len(now - known)}),) if now - known else ()
    return Drift("note", (Note("lists_as_before", {"reports": len(known)}), *news))


def _differences(now: Mapping[str, Shown], before: Mapping[str, Shown]) -> Iterator[Note]:
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


def _shown_before(home: Home, kind: type[PortalSpider]) -> dict[str, Shown]:
    """Return what the last look at each column showed, by the id that the portal's file gives it."""
    registry, observations = Registry(home), Observations(home)
    portal, agencies = registry.portal(kind.name), registry.agencies(kind.name)
    held = {address_key(row.url): row for row in registry.listings(kind.name)}
    last = {look.listing: look for look in observations.looks(kind.name)}
    links = observations.latest_extractions(kind.name)
    found: dict[str, Shown] = {}
    for row in portals.columns(kind, home.clock.now()):
        listing = held.get(address_key(row.url))
        look = last.get(listing.id) if listing is not None else None
        if portal is None or listing is None or look is None or look.id not in links:
            continue
        leads = (lead_of(link, listing, portal, agencies) for link in links[look.id].links)
        found[row.id] = Shown(look.outcome, look.reason, frozenset(lead.url for lead in leads if lead.is_report))
    return found


def _routes_path(home: Home, kind: type[PortalSpider]) -> Path:
    """Return where it is written when other ways to a portal's reports were asked last, and what they showed."""
    return home.portals_dir / "routes" / f"{kind.name}.json"


def _routes_of_season(home: Home, kind: type[PortalSpider]) -> tuple[Note, ...] | None:
    """Return what other ways to the reports showed this season; None where they were not asked."""
    path = _routes_path(home, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    if told is None or home.clock.now() - datetime.fromisoformat(told["at"]) > SEASON:
        return None
    return tuple(map(Note.of, told["routes"]))


def _ended(home: Home, kind: type[PortalSpider]) -> frozenset[str]:
    """Return the columns of a portal's file that a person ruled to have ended where the file has them."""
    ruled = ends_ruled(Observations(home).rulings())
    rows = portals.columns(kind, home.clock.now())
    return frozenset(row.id for row in rows if as_ruled(row, ruled).ended_at is not None)
