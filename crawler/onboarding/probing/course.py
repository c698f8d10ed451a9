"""The course of a probe: walk, read what was found, ask for addresses by organ and year; and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from crawler.cms.classes import candidates, family_classes
from crawler.discovery.found import WalkResult
from crawler.discovery.labels import is_of_own_government
from crawler.discovery.ranking import by_label
from crawler.discovery.same_addresses import bare
from crawler.discovery.walk import NO_LIST, Walk
from crawler.looks.addressed import address_pattern
from crawler.onboarding.probe import Probe, ProbedListing
from crawler.onboarding.probing.agencies import agencies_of
from crawler.onboarding.probing.by_organ import find_by_organ, listing_of
from crawler.onboarding.probing.judging import judged, unanswered
from crawler.onboarding.probing.notices import named_by_files
from crawler.onboarding.probing.reading import Reading, read_as, read_listings
from crawler.onboarding.probing.site import Site, say
from crawler.onboarding.probing.site_facts import division_of, place_of
from crawler.spider import PortalSpider
from storage.records import PREVIEW, Note

_TOLD = 3
_LIKE = 50  # weight of a label from which on a page looked like a way
_LATE = 2100


async def probe(site: Site, url: str) -> Probe:
    """Probe a portal from an address of it, and return what was found."""
    found = await _walk(site, url)
    pages = [page for page, _ in found.pages.values()]
    place, body, place_why = place_of(pages, ())
    site.portal = replace(site.portal, place=place)
    reading = await read_listings(site, found)
    if not place and reading is not None:
        printed = [lead.agency_name or "" for _, _, leads in reading.rows for lead in leads]
        place, body, place_why = place_of([], printed)
        site.portal = replace(site.portal, place=place)
        reading = await read_as(site, reading.family, [row for row, _, _ in reading.rows])
    division, division_why = division_of(pages, place)
    listings, leads = judged(found, reading.rows if reading is not None else (), site.portal, body)
    if listings:
        listings += unanswered(found, listings, site.portal, body)
    filed = await named_by_files(site, reading)
    by_organ = await find_by_organ(site, pages)
    addressed, first_year, notes = by_organ.template, by_organ.first_year, by_organ.notes
    family = reading.family if reading is not None else None
    if addressed is not None:
        own = address_pattern(addressed.url)
        others = [
            one for one in listings if not all(own.fullmatch(str(r["url"])) for r in leads if r["listing"] == one.url)
        ]
        if not others or family is family_classes().get(addressed.family):
            family = family_classes().get(addressed.family)
            listings = [*others, listing_of(addressed)]
            kept = [row for row in leads if not own.fullmatch(str(row["url"]))]
            leads = [*kept, *by_organ.leads]
        else:
            addressed, first_year = None, None
            notes.append(Note("addresses_seen_too"))
    _tell_passed(found, {str(row["url"]) for row in leads})
    years = [int(lead["year"]) for lead in leads if lead["year"]]
    scores = {kind.family: score for kind, score in candidates(pages, most=20)}
    wanted = {urlsplit(one.url).netloc for one in listings} | {urlsplit(str(row["url"])).netloc for row in leads}
    wanted |= site.replay.hosts_of_rendered
    other_hosts = ", ".join(sorted(site.browser.other_hosts)[:_TOLD])
    return Probe(
        url=url,
        hosts=_hosts(site, {host for host in wanted if host}),
        family=family.family if family else "",
        family_why=_why_family(family, scores, reading),
        place=place,
        place_why=place_why,
        division=division,
        division_why=division_why,
        cluster=site.spider.cluster,
        listings=tuple(listings),
        entrances=_entrances(found, listings, url),
        agencies=tuple(agencies_of(site.portal.place, listings, leads, addressed, filed)),
        leads=tuple(leads),
        first_year=first_year or min([*years, site.last_year - 1]),
        refused=tuple(found.refused),
        unread=tuple(found.unread[:60]),
        seen=tuple((url, step.trail[-1] if step.trail else "") for url, (_, step) in found.pages.items()),
        requests=site.replay.asked,
        ended=_ended(found, leads),
        notes=(
            *([site.browser.why] if site.browser.why else []),
            *(Note("preview_followed", {"url": url, "reason": PREVIEW}) for url in found.previews),
            *_reasons(found),
            *([Note("data_of_other_hosts", {"hosts": other_hosts})] if other_hosts else []),
            *([Note("controlled")] if site.controlled else []),
            *notes,
        ),
    )


def _ended(found: WalkResult, leads: Sequence[Mapping[str, Any]]) -> tuple[Note, ...]:
    """Why a probe came to its end; and that departments are still to be found, where their reports are."""
    ended = () if found.ended is None else (found.ended,)
    own = bool(leads) and all(lead["agency"] and is_of_own_government(str(lead["agency"])) for lead in leads)
    return (*ended, Note("governments_own_only")) if own else ended


async def _walk(site: Site, url: str) -> WalkResult:
    root = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/"
    found = await _walk_from(site, [url])
    by_search = all(one.why == "search" for one in found.listings)
    if by_search and bare(root) != bare(url) and site.has_requests_left:
        seen = found
        again = await _walk_from(site, [url, root])  # what was seen is held; the home page may know more
        found = again if again.listings or not seen.listings else seen
        found.refused[:0] = [row for row in seen.refused if row not in found.refused]
    flipped = url.replace("https://", "http://", 1) if url.startswith("https") else ""
    flipped = flipped or url.replace("http://", "https://", 1)
    if not found.pages and site.has_requests_left and site.allowed_hosts.refusal(flipped) is None:
        say("other_scheme", url=url, scheme=flipped.partition(":")[0])
        again = await _walk_from(site, [flipped])
        again.unread[:0] = found.unread
        return again
    return found


async def _walk_from(site: Site, entries: Sequence[str]) -> WalkResult:
    walk = Walk(
        site.ask,
        site.show,
        limits=site.limits,
        refusal=site.allowed_hosts.refusal,
        last_year=site.last_year,
        searched=True,
        render=site.render,
    )
    found = await walk.run(entries)
    found.unread += [(step.url, step.trail[-1] if step.trail else "", "not_asked") for step in walk.left()[:20]]
    return found


def _hosts(site: Site, wanted: set[str]) -> tuple[str, ...]:
    """The hosts a spider needs: those of listings and reports, and those that scripts ask; sub-domains as a whole where
    any of them is met.
    """
    scope = site.spider.hosts
    plain = [host for host in scope if not host.startswith(".")]
    own = [host for host in plain if host in wanted or host == scope[0]] or list(scope[:1])
    others = {host.removesuffix(":80").removesuffix(":443") for host in wanted} - set(plain)
    wild = [host for host in scope if host.startswith(".")]
    return tuple(dict.fromkeys([*own, *plain, *(wild if others else [])]))


def _entrances(found: WalkResult, listings: Sequence[ProbedListing], url: str) -> tuple[str, ...]:
    """Pages on which a new column will be linked: hubs that are no listings, and the page begun from."""
    columns = {bare(one.url) for one in listings}
    pages = [url for url in found.hubs if bare(url) not in columns]
    homes = [url for url in found.pages if urlsplit(url).path in {"", "/"}]
    first = next(iter([*homes, *found.pages]), url)
    if not pages or bare(first) not in {bare(url) for url in pages}:
        pages.append(first)
    return tuple(url for url in dict.fromkeys(pages) if bare(url) not in columns)[:6]


def _reasons(found: WalkResult) -> list[Note]:
    """Why nothing was found, as far as it shows."""
    if found.listings:
        return []
    told = [_of_page(*row) for row in nearest(found)[:_TOLD]]
    foreign = [_of_page(*row) for row in found.refused if row[2] == "foreign_host"]
    if not found.pages:
        return [*told, *foreign[:_TOLD]]
    if not told and not foreign:
        told = [Note("no_column_named")]
    return [*told, *foreign[:_TOLD], Note("give_the_list")]


def _of_page(url: str, label: str, reason: str) -> Note:
    values = {"url": url, "reason": reason}
    return Note("page_labelled", values | {"label": label}) if label else Note("page_in_part", values)


def nearest(found: WalkResult) -> list[tuple[str, str, str]]:
    """Return the pages (address, label, why it is none) that looked most like a column and were seen; those that could
    not be had come after them, and only where nothing was seen that looked like one does what is not there at all.
    """
    told = {bare(url): reason for url, _, reason in found.unread}
    seen: list[tuple[int, str, str, str]] = []
    for url, (_, step) in found.pages.items():
        label = step.trail[-1] if step.trail else ""
        like = by_label(label, "", _LATE) if label else None
        weight = (like.weight if like is not None and not like.refused else 0) + 100 * (step.context == "reports")
        if bare(url) in told or weight >= _LIKE:
            seen.append((-weight, url, label, told.get(bare(url), NO_LIST)))
    rows = [(url, text, reason) for _, url, text, reason in sorted(seen, key=lambda row: row[0])]
    unseen = [row for row in found.unread if bare(row[0]) not in {bare(url) for url in found.pages}]
    there = [row for row in unseen if not row[2].startswith("not_found")]
    return [*rows, *there] or unseen


def _why_family(family: type[PortalSpider] | None, scores: dict[str, int], reading: Reading | None) -> tuple[Note, ...]:
    if family is None:
        return ()
    marks = scores.get(family.family, 0)
    noted = Note("family_marks", {"number": marks}) if marks else Note("family_no_mark")
    if reading is None or reading.family is not family:
        return (noted,)
    return (noted, Note("family_reads", {"number": reading.worth[0], "total": len(reading.rows)}))


def _tell_passed(found: WalkResult, taken: set[str]) -> None:
    """Say first, before other places that were left, which pages hold reports that no listing shows."""
    rows = [
        (url, text, f"reports_in_no_list:{left}")
        for url, text, reports in found.passed
        if (left := len(set(reports) - taken))
    ]
    (found.refused if found.listings else found.unread)[:0] = rows
