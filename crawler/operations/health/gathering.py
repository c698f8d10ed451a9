"""An archive → the facts from which its health is judged. Reads; changes nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.assessment.calendar import local_day
from archive.identity.titles import strangers_words
from archive.projection.update import waiting
from archive.queries.gone_lists import gone_lists
from archive.queries.recent_outcomes import ErrorShare, LookDoubt, count_shown_by, doubts_of, error_shares
from archive.queries.stored import open_projections
from crawler import portals
from crawler.errors import CrawlError
from crawler.net.decoding import decode
from crawler.net.machine_locks import lock_names
from crawler.net.web_page import visible_text
from crawler.operations.health.facts import ArchiveFacts, Doubts, LookFact, PortalFacts, Refusal, RobotsChange, Season
from crawler.operations.health.judging import settings
from crawler.operations.job_queue import counts
from crawler.operations.scheduling.due import next_due
from crawler.operations.scheduling.state import Remembered, days_of, remembered
from crawler.signatures import recognise
from crawler.spider import PortalSpider
from storage.capture_store import CaptureStore
from storage.errors import ProjectionError, StorageError, UnansweredError
from storage.home import Home
from storage.observations import Observations
from storage.recent_outcomes import RecentLook, Vitals, latest_by, our_clock
from storage.registry import Registry

_LOOKS = timedelta(days=45)
_YEAR = timedelta(days=365)
_FOREIGN = "foreign_host"
_STRANGE = frozenset({"changed", "script_only"})
_LOOKED_AT = 400_000  # characters of a page
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_TITLE_SHOWN = 60
_PAGES = 20  # different pages of a portal's strange looks that are looked into
_MARKUP = re.compile(rb"\s{0,99}<(?:!doctype|html|head|body|script)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Read:
    """What only the projections know; empty where they have to be made again first."""

    doubts: Mapping[str, LookDoubt]
    now: Mapping[str, int]
    then: Mapping[str, int]
    late: Mapping[str, ErrorShare]
    before: Mapping[str, ErrorShare]


def gather(home: Home, damage: str = "") -> ArchiveFacts:
    """Everything that is known of the archive's health now; ``damage``: what the last check of its database found."""
    at = home.clock.now()
    known = portals.classes(home.path)
    past = remembered(home)
    registry = Registry(home)
    families = {portal.name: portal.family for portal in registry.portals()}
    left = {row.id for row in registry.listings() if row.ended_at is not None}
    latest = latest_by(at)  # what is later is not the last that was seen
    looks = _by_portal(
        look for look in Vitals(home).looks(at - _LOOKS) if look.listing not in left and look.started <= latest
    )
    read = _read(home, at, {look.id for found in looks.values() for look in found})
    robots, refusals = _robots(home, at - _LOOKS), _refusals(home, at - _LOOKS)
    found: dict[str, PortalFacts] = {}
    for name, portal in known.items():
        base = _planned(name, portal, past, at)
        seen = looks.get(name, [])
        strange = _strange_now(seen)
        facts = replace(
            base,
            family=families.get(name, portal.family),
            looks=tuple(_look(look, read.doubts) for look in _without_strangers(home, name, seen, strange)),
            robots=tuple(robots.get(name, ())),
            refusals=tuple(refusals.get(name, ())),
            season=_season(name, base, read, at),
            doubts=_doubts(name, read),
        )
        facts = replace(facts, moved=_moved(home, facts))
        pages = [*_strange_pages(home, name, strange)]
        marks = _marks(*pages[0], facts.family) if pages and seen[-1].outcome in _STRANGE else ""
        theirs = next(filter(None, (strangers_of(page) for _, page in pages)), "")
        found[name] = replace(facts, marks=marks, strangers=theirs)
    for name, error in portals.broken(home.path).items():
        found.setdefault(name, PortalFacts(portal=name, place="", broken=str(error)))
    unread = [name for name in waiting(home) if name in past.runs]
    ended = [run.finished for name in unread for run in past.runs[name][-1:] if run.finished is not None]
    return ArchiveFacts(
        at=at,
        free=shutil.disk_usage(home.path).free,
        unread=len(unread),
        unread_since=min(ended, default=None),
        clock=our_clock(home, _machine_of(known)),
        damage=damage,
        store=_why_unanswered(home),
        portals=found,
        jobs=counts(home),
    )


def _why_unanswered(home: Home) -> str:
    """Why the object store does not answer; "" where it does."""
    try:
        home.blobs.size("nianbao.toml")  # no object of ours has this name: asking for it is cheap
    except UnansweredError as error:
        return str(error.values["cause"])
    return ""


def _machine_of(known: Mapping[str, type[PortalSpider]]) -> Callable[[str], str]:
    """The machine that a portal asks, as a name."""
    return lambda name: next(iter(lock_names(known[name])), name) if name in known else name


def _planned(name: str, portal: type[PortalSpider], past: Remembered, at: datetime) -> PortalFacts:
    crawls = past.crawls(name)
    facts = PortalFacts(portal=name, place=portal.place, crawls=crawls)
    try:
        due = next_due(name, past.plan(name), days_of(portal, at), crawls, at)
    except CrawlError as error:
        return replace(facts, broken=str(error))
    # a portal that was never crawled is nobody's worry until somebody crawls it
    return replace(facts, due=due.at if due is not None and crawls else None)


def _by_portal(looks: Iterable[RecentLook]) -> dict[str, list[RecentLook]]:
    found: dict[str, list[RecentLook]] = {}
    for look in looks:
        found.setdefault(look.portal, []).append(look)
    return found


def _look(look: RecentLook, doubts: Mapping[str, LookDoubt]) -> LookFact:
    doubt = doubts.get(look.id, LookDoubt(""))
    return LookFact(
        listing=look.listing,
        started=look.started,
        outcome=look.outcome,
        reason=look.reason,
        doubt=doubt.reason,
        lost=doubt.lost,
        skew=look.clock_skew,
    )


def _read(home: Home, at: datetime, looks: set[str]) -> _Read:
    year = local_day(at).year - 1
    late = at - timedelta(days=settings()["limits"]["findings_days"])
    try:
        return _Read(
            doubts=doubts_of(home, looks),
            now=count_shown_by(home, year, at),
            then=count_shown_by(home, year - 1, at - _YEAR),
            late=error_shares(home, late, at),
            before=error_shares(home, late - _YEAR, late),
        )
    except ProjectionError:
        return _Read({}, {}, {}, {}, {})


def _season(name: str, facts: PortalFacts, read: _Read, at: datetime) -> Season | None:
    """None where nothing can be compared: the portal was not crawled through the same days a year ago."""
    year = local_day(at).year - 1
    if not facts.crawls:
        return None
    crawled = facts.crawls[0].started < at - _YEAR
    return Season(year=year, now=read.now.get(name, 0), then=read.then.get(name, 0) if crawled else None)


def _doubts(name: str, read: _Read) -> Doubts | None:
    if name not in read.late or name not in read.before:
        return None
    late, before = read.late[name], read.before[name]
    return Doubts(late=late.editions, late_bad=late.with_errors, before=before.editions, before_bad=before.with_errors)


def _robots(home: Home, since: datetime) -> dict[str, list[RobotsChange]]:
    """Each time a robots.txt came with other bytes than the time before. A web page in its place is none."""
    store = CaptureStore(home)
    known: dict[tuple[str, str], str] = {}
    found: dict[str, list[RobotsChange]] = {}
    for one in Vitals(home).robots(since):
        if one.document is None:
            continue
        before = known.get((one.portal, one.url), one.document)
        if before != one.document and _is_web_page(store, one.document):
            continue
        known[one.portal, one.url] = one.document
        if before != one.document and not _is_web_page(store, before):
            found.setdefault(one.portal, []).append(RobotsChange(at=one.fetched_at, url=one.url))
    return found


def _is_web_page(store: CaptureStore, document: str) -> bool:
    try:
        return _MARKUP.match(store.body(document)) is not None
    except StorageError:
        return False


def _refusals(home: Home, since: datetime) -> dict[str, list[Refusal]]:
    """Lists and entrances that led to a host that is not the portal's."""
    found: dict[str, list[Refusal]] = {}
    for one in Vitals(home).refused(since):
        if one.reason == _FOREIGN:
            found.setdefault(one.portal, []).append(Refusal(at=one.fetched_at, address=one.url))
    return found


def _strange_now(looks: Sequence[RecentLook]) -> frozenset[str]:
    """The lists of a portal of which the last look found another page, and since which no other crawl found a list of
    it: that one list of several is in other hands is no word on the others, nor are they on it.
    """
    last = {look.listing: look for look in looks}
    sound = [look for look in looks if look.outcome not in _STRANGE]
    return frozenset(
        listing
        for listing, look in last.items()
        if look.outcome in _STRANGE
        and not any(one.run != look.run and one.started > look.started for one in reversed(sound))
    )


def _strange_pages(home: Home, portal: str, strange: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Address and text of the pages that the last looks at lists found instead of them, the newest first."""
    lists = {*strange}
    store, pages = CaptureStore(home), 0
    for look in reversed(Observations(home).looks(portal)) if lists else ():
        if look.listing not in lists or pages == _PAGES:
            continue
        lists.discard(look.listing)
        pages += 1
        capture = store.get(look.captures[-1]) if look.captures else None
        if capture is not None and capture.document:
            with suppress(StorageError):
                yield capture.url, decode(store.body(capture))


def _moved(home: Home, facts: PortalFacts) -> dict[str, str]:
    """Where the reports of lists stand that are gone, as far as lists show them; nothing where none is strange."""
    if not any(look.outcome in _STRANGE for look in facts.looks):
        return {}
    try:
        with open_projections(home) as store:
            gone = gone_lists(home, store, facts.portal)
    except ProjectionError:
        return {}
    return {one.listing: one.elsewhere[0].url for one in gone if one.elsewhere}


def _without_strangers(
    home: Home, portal: str, looks: Sequence[RecentLook], strange: frozenset[str]
) -> list[RecentLook]:
    """The looks without those at pages that strangers, in whose hands the domain was for a while, had put there; of a
    list that is another page now (``strange``) all of them.
    """
    if not any(look.outcome in _STRANGE and look.listing not in strange for look in looks):
        return [*looks]
    store, told = CaptureStore(home), dict[str, bool]()
    pages = {look.id: look.captures for look in Observations(home).looks(portal) if look.outcome.value in _STRANGE}

    def theirs(look: RecentLook) -> bool:
        capture = store.get(pages[look.id][-1]) if pages.get(look.id) else None
        if capture is None or capture.document is None:
            return False
        if capture.document not in told and len(told) < _PAGES:
            try:
                told[capture.document] = bool(strangers_of(decode(store.body(capture))))
            except StorageError:
                told[capture.document] = False
        return told.get(capture.document, False)

    return [look for look in looks if look.outcome not in _STRANGE or look.listing in strange or not theirs(look)]


def _marks(url: str, page: str, family: str) -> str:
    """Which other content system a page looks like; "" for none, or the same."""
    named = recognise(url, page) if page else []
    best = named[0][0] if named else ""
    return f"{best} in place of {family}" if best and family and best != family else ""


def strangers_of(page: str) -> str:
    """The title of a page of a trade that takes domains over; "" for any other."""
    page = page[:_LOOKED_AT]
    found = _TITLE.search(page)
    title = " ".join(found[1].split())[:_TITLE_SHOWN] if found else ""
    if strangers_words(title):
        return title
    words = strangers_words(visible_text(page))
    return title or ", ".join(sorted(words)) if len(words) >= settings()["limits"]["strangers_words"] else ""
