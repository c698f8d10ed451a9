"""A portal as it answers today, compared with what its lists showed to crawls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.identity.classification import lead_of
from crawler import portals
from crawler.errors import CrawlError
from crawler.listing_ends import as_ruled, ends_ruled
from crawler.lists.browser import why_no_browser
from crawler.lists.engine import address_key
from crawler.onboarding.probe import Progress, look_at
from crawler.onboarding.probe_results import SILENT, Shown
from crawler.spider import PortalSpider
from storage.errors import note_of
from storage.home import Home
from storage.observations import Observations
from storage.records import Listing, LookOutcome, Note
from storage.registry import Registry


@dataclass(frozen=True, slots=True)
class Drift:
    """How a portal differs. ``state``: ``drift`` (somebody should look), ``unanswered`` or ``note``."""

    state: str
    notes: tuple[Note, ...]


def drift_of(home: Home, kind: type[PortalSpider], *, progress: Progress | None = None) -> Drift | None:
    """Look at a portal's columns, and return how they differ from what crawls saw last.

    Return None for a portal of the project: only those of the archive are looked at.
    """
    if next(home.portals_dir.rglob(f"{kind.name}.py"), None) is None:
        return None
    rows, ruled = portals.columns(kind, home.clock.now()), ends_ruled(Observations(home).rulings())
    ended = [row.id for row in rows if as_ruled(row, ruled).ended_at is not None]
    try:
        now = look_at(home, kind.name, without=ended, progress=progress)
    except CrawlError as error:
        return Drift("unanswered", (Note("no_fresh_look", {"why": note_of(error).plain}),))
    if not now:
        return Drift("note", (Note("lists_ended" if ended else "lists_addressed"),))
    if all(one.outcome in SILENT for one in now.values()):
        return Drift("unanswered", (Note("portal_silent"),))
    return _compare(now, _shown_before(home, kind.name, rows), why_no_browser(home.config.browser))


def _compare(now: Mapping[str, Shown], before: Mapping[str, Shown], unrendered: Note | None) -> Drift:
    """Compare the lists. ``unrendered``: why no browser showed those that scripts make."""
    seen = {key: one for key, one in now.items() if not (unrendered and one.outcome is LookOutcome.SCRIPT_ONLY)}
    if differences := [note.plain for note in _differences(seen, before)]:
        return Drift("drift", (Note("drifted", {"notes": differences}),))
    if unrendered is not None and len(seen) < len(now):
        counted = {"number": len(now) - len(seen), "total": len(now), "why": unrendered.plain}
        return Drift("unanswered", (Note("not_compared", counted),))
    shown = {url for one in seen.values() for url in one.reports}
    known = {url for key, one in before.items() if key in seen for url in one.reports}
    if not known:
        return Drift("note", (Note("lists_show", {"reports": len(shown)}),))
    news = (Note("new_reports", {"number": len(shown - known)}),) if shown - known else ()
    return Drift("note", (Note("lists_as_before", {"reports": len(known)}), *news))


def _differences(now: Mapping[str, Shown], before: Mapping[str, Shown]) -> Iterator[Note]:
    """Return the lists that did not end so before and are not read to their end, and the reports that are gone."""
    ends = {key: (one.outcome, one.reason) for key, one in before.items()}
    bad = [key for key, one in now.items() if ends.get(key) != (one.outcome, one.reason)]
    bad = [key for key in bad if now[key].outcome is not LookOutcome.OK]
    if bad:
        first = now[bad[0]]
        yield Note("look_now", {"listing": bad[0], "outcome": first.outcome.value, "reason": first.reason})
    if len(bad) > 1:
        yield Note("more_lists", {"number": len(bad) - 1})
    good = [key for key, one in now.items() if one.outcome is LookOutcome.OK and key in before]
    then = {url for key in good for url in before[key].reports}
    if gone := then - {url for key in good for url in now[key].reports}:
        yield Note("reports_gone", {"number": len(gone), "total": len(then)})


def _shown_before(home: Home, name: str, rows: Sequence[Listing]) -> dict[str, Shown]:
    """Return what the last look at each column showed, by the id that the portal's file gives it."""
    registry, observations = Registry(home), Observations(home)
    portal, agencies = registry.portal(name), registry.agencies(name)
    held = {address_key(row.url): row for row in registry.listings(name)}
    last = {look.listing: look for look in observations.looks(name)}
    links = observations.latest_extractions(name)
    found: dict[str, Shown] = {}
    for row in rows:
        listing = held.get(address_key(row.url))
        look = last.get(listing.id) if listing is not None else None
        if portal is not None and listing is not None and look is not None and look.id in links:
            leads = [lead_of(link, listing, portal, agencies) for link in links[look.id].links]
            reports = frozenset(lead.url for lead in leads if lead.is_report)
            found[row.id] = Shown(look.outcome, look.reason, reports)
    return found
