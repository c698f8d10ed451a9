"""Probes an unknown portal, or a known one by a second way: a crawl that visits no reports.

It runs in a process and a scratch archive of its own, with the locks and settings of the operator's archive. As in any
crawl, every request passes the guard, obeys robots.txt and the pace, and is stored; none is made twice.
"""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urldefrag, urljoin, urlsplit

from archive.identity.classification import lead_of
from archive.identity.matching import match_agency
from crawler import portals
from crawler.crawl_run import WALK_LIMIT, CrawlRun
from crawler.errors import CrawlError
from crawler.listing_specs import SEARCH
from crawler.lists.engine import address_key
from crawler.lists.looks import PortalLooks
from crawler.lists.page import Answer, PageOfList, Request
from crawler.lists.page_reader import read_page
from crawler.lists.stored_lists import MADE_BY_SCRIPT, failure
from crawler.lists.walk import MAX_REQUESTS
from crawler.lists.words import REASONS
from crawler.net.guard import IMITATION
from crawler.onboarding.directory import address_of, listed_place, scope_of
from crawler.onboarding.found_lists import ReadList, add_lists, agencies_of, ways_left
from crawler.onboarding.found_portal import Probe, ProbedAgency, probe_text, read_probe
from crawler.onboarding.site_facts import add_addressed, division_of, family_of, find_search, place_in_reports, place_of
from crawler.operations.child import run_spider
from crawler.processes import WorkerProcess, say
from crawler.spider import PortalSpider
from storage.atomic_files import write_whole
from storage.errors import StorageError, note_of
from storage.home import Home, init_home
from storage.observations import Observations
from storage.records import Agency, CaptureOutcome, Lead, Listing, ListingForm, LookOutcome, Note
from storage.registry import Registry

_OF_ARCHIVES = frozenset({"NIANBAO_DATABASE_URL", "NIANBAO_PROJECTION_URL", "NIANBAO_BLOBS", "NIANBAO_BLOBS_ENDPOINT"})
_SHARED_SETTINGS = ("delay", "contact", "proxy_resolves", "browser", "render_seconds", "render_turns")
SEASON = timedelta(days=90)  # after which a second way to the reports is tried again
MAX_LEFT = 60  # links not followed that are told
MAX_SECOND_WAY = 200  # requests of a probe that looks for a second way into a known portal
#: Scripts of Zhejiang's portals that write the menus stand on a host of the province (saved page of fgw.zj.gov.cn).
_GOVERNMENT_SCRIPT = re.compile(r"<script[^>]{0,300}?\bsrc=[\"'](https?://[\w.-]{1,200}\.gov\.cn/[^\"'\s>]{1,300})")
Progress = Callable[[Note], None]
_Report = tuple[str, str, str | None, int | None]  # address of its list, own address, agency (id) and year


def probe_portal(
    home: Home | None, text: str, *, requests: int | None = None, progress: Progress | None = None
) -> Probe:
    """Probe the portal at a typed address, or of a typed place; return what was found.

    ``home``: the archive that gives the kind (real or imitation), the delay and the locks (None: defaults);
    ``requests``: at most so many; ``progress``: is told each step. Raises :class:`CrawlError` if it could not run.
    """
    address, place = address_of(text), listed_place(text)
    classes = portals.classes(home.path if home else None)
    clusters = (classes[name].cluster for name in portals.owners(address, classes))
    return _probe(home, progress, {
        "address": address, "hosts": scope_of(address), "cluster": next(filter(None, clusters), None),
        "listed": (place.name, place.chain, place.code) if place else (), "most": requests or MAX_REQUESTS,
    })  # fmt: skip


def _probe(home: Home | None, progress: Progress | None, attributes: Mapping[str, Any]) -> Probe:
    """Run a probe (a look round a site) in a process and scratch archive of its own. ``attributes``: of its spider."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_ARCHIVES}
    if home is not None:
        if home.simulated and not (home.path / IMITATION).is_file():
            raise CrawlError(code="imitation.not_running", path=home.path, file=IMITATION)
        (home.path / "locks").mkdir(exist_ok=True)
        if not home.truth.is_sqlite:
            environment["NIANBAO_LOCKS_URL"] = home.config.locks_url or home.truth.url
        environment |= {f"NIANBAO_{name.upper()}": str(getattr(home.config, name)) for name in _SHARED_SETTINGS}
    shared = home.path.resolve() if home is not None else None
    with tempfile.TemporaryDirectory(prefix="nianbao-probe-", ignore_cleanup_errors=True) as scratch:
        environment["NIANBAO_ARCHIVE"] = str(Path(scratch, "archive"))
        simulated = home is not None and home.simulated
        with WorkerProcess(run_probe, attributes, shared, simulated, environment=environment) as process:
            notes: dict[str, Note] = {}  # the last of each event
            for event, note in process.events():
                notes[event] = note
                if event == "step" and progress is not None:
                    progress(note)
            code = process.wait()
    if code or "probe" not in notes:
        why = str(notes["error"].values["text"]) if "error" in notes else f"exit code {code}"
        raise CrawlError(code="probe.unfinished", text=re.sub(r"[^ -~一-龥]", " ", why)[:300])
    return read_probe(str(notes["probe"].values["text"]))


# ------------------------------------------------------------------------------------------------ the process


def run_probe(attributes: Mapping[str, Any], shared: Path | None, simulated: bool) -> int:
    """Run a probe in this process; return the exit code. Makes the scratch archive at ``NIANBAO_ARCHIVE``, an imitation
    if ``simulated``. ``shared``: the folder of the operator's archive, with locks and imitation portals' addresses.
    """
    logging.captureWarnings(capture=True)
    path = Path(os.environ["NIANBAO_ARCHIVE"])
    try:
        init_home(path, simulated=simulated).close()
        for place in (shared / "locks", shared / IMITATION) if shared is not None else ():
            if place.exists():
                (path / place.name).symlink_to(place)
        settings = {"NIANBAO_PAGE_BUDGET": attributes["most"]}
        run_spider(type("Probe", (ProbeSpider,), {**attributes, "custom_settings": settings, "__module__": __name__}))
    except (CrawlError, StorageError) as error:
        say("error", Note("error", {"text": str(error)}))
        return 3
    return 0


class ProbeSpider(PortalSpider):
    """Probes a portal instead of crawling it. The agencies of the portal are those of ``probe.csv``: none.

    ``listed``: name, name with higher divisions and code of the place that has the portal according to the directory,
    or empty; ``most``: requests; ``searches``: ask the site's search even if lists were found.
    """

    name, family, purpose = "probe", "generic", "probe"
    address: ClassVar[str]
    listed: ClassVar[tuple[str, ...]]
    most: ClassVar[int]
    searches: ClassVar[bool] = False

    async def start(self) -> AsyncIterator[Any]:
        """Look at the lists that an address leads to, and report the result; yield nothing to store."""
        run = await self.begin_run()
        self.why_unseen = self.thread.browser_problem()
        self.foreign: dict[str, str] = {}
        self.reads: dict[str, ReadList] = {}
        url, front, why_silent = await self._front_page(self.address)
        place, self.site_agency, self.place_why = place_of(front.source, self.listed)
        run.portal = replace(run.portal, place=place)
        await self._look_at_lists(url, front)
        probe = await self.thread.run(self._found_portal, run, url, why_silent)
        say("probe", Note("as_written", {"text": probe_text(probe)}))
        return
        yield  # without it, this would not be the generator that Scrapy asks for

    async def _front_page(self, url: str) -> tuple[str, PageOfList, str]:
        """Fetch a front page by http or https, then by the other. Return its address, and the page or why none came."""
        scheme, _, rest = url.partition("://")
        refusal = self.source.fetcher.allowed_hosts.refusal
        other = f"{'http' if scheme == 'https' else 'https'}://{rest}"
        for address in (url, other):
            page = read_page(await self.thread.run(self.thread.fetch, Request(address)))
            fetched = self.thread.fetch.take()[-1]
            if fetched.verdict.outcome is not CaptureOutcome.UNREACHABLE or refusal(other):
                break
        return address, page, failure(fetched)[1]

    async def _look_at_lists(self, url: str, front: PageOfList) -> None:
        """Look at what the front page leads to; at the page itself as a list, which is kept if it shows reports or if
        no list does; at the search, if asked to or if nothing was found; then at the first report found by it, whose
        page may link its column.
        """
        home, given = urljoin(url, "/"), self._listing("given", url)
        await self._look((), url, home)
        known = self._reports()
        if not known or given.url not in {home, *self.reads}:
            await self._look([given])
            if known and (read := self.reads.get(given.url)) is not None and not read.likely_reports:
                del self.reads[given.url]
        known, search = self._reports(), find_search(front)
        if search and (self.searches or not known):
            await self._look([self._listing("search", search, ListingForm.SEARCHED, SEARCH)])
            for report in self._reports()[: 0 if known else 1]:
                await self._look((), report.url)

    def _reports(self) -> list[Lead]:
        """Return all reports found so far."""
        return [lead for one in self.reads.values() for lead in one.likely_reports]

    async def _look(self, columns: Sequence[Listing], *entrances: str) -> None:
        """Look at columns, and at the lists that they and the entrances lead to; keep each look in memory. Without a
        browser, the look at a list that only scripts show is kept as ``script_only``.
        """
        self.source.run.listings = tuple(columns)
        looks = PortalLooks(self.source, self.thread, tuple(dict.fromkeys(entrances)))
        async for look, _ in looks.read():
            listing = looks.listings[look.url]
            leads = tuple(self.source.lead_of(link, listing) for link in look.links)
            answer, _ = self.thread.fetch.answers.get(listing.url, (None, None))
            has_scripts = answer is not None and b"<script" in answer.body.lower()
            is_unseen = self.why_unseen is not None and has_scripts and look.reason == REASONS["shows_nothing"]
            judged = replace(look, outcome=LookOutcome.SCRIPT_ONLY, reason=MADE_BY_SCRIPT) if is_unseen else look
            self.reads.setdefault(listing.url, ReadList(listing, judged, leads))
            say("step", Note("pages_asked", {"number": len(self.thread.fetch.answers)}))
        self.foreign |= looks.foreign

    def _listing(self, name: str, url: str, form: ListingForm = ListingForm.COLUMN, column: str = "") -> Listing:
        return Listing(
            id=f"{self.name}:{name}", portal=self.name, url=urldefrag(url).url, form=form, column=column,
            recorded_at=self.source.now(),
        )  # fmt: skip

    def _found_portal(self, run: CrawlRun, url: str, why_silent: str) -> Probe:
        """Return what was found, with reports at addresses of agency and year. ``why_silent``: why no page came."""
        fetch, place = self.thread.fetch, run.portal.place
        if not place and (place_and_note := place_in_reports(self._reports())) is not None:
            place, self.place_why = place_and_note
        answers = [answer for answer, _ in fetch.answers.values() if answer.status == 200]
        pages = {page.url: page for page in map(read_page, filter(_is_html, answers))}
        requests = sum(n for one, n in run.counts.items() if one.startswith("capture_") and one != "capture_refused")
        limited = [note for note in run.notes if note.code == WALK_LIMIT]
        limited += [Note(WALK_LIMIT, {"most": self.most})] if requests >= self.most else []
        ended = limited[0] if limited else Note("walk_followed")
        site = Probe(
            url, self.hosts, family_of(pages.values(), self.reads.keys()), place, self.place_why,
            division=division_of(place, str(self.place_why.values.get("text", "")), self.listed),
            cluster=self.cluster, seen=tuple((page.url, page.title) for page in pages.values()),
            requests=requests, ended=(ended if pages else Note("walk_no_page"),),
        )  # fmt: skip
        probe = add_lists(site, [*self.reads.values()], self.site_agency)
        probe = add_addressed(probe, [*pages.values()], self.source.now().year, fetch)
        asked = [*pages, *fetch.answers, *self.reads]
        left = ways_left(pages.values(), asked, self.source.fetcher.allowed_hosts.refusal)
        elsewhere = [(address, path.rpartition(">")[2], "foreign_host") for address, path in self.foreign.items()]
        named = [ProbedAgency(label, source=address) for address, label, _ in elsewhere]
        own_pages = pages.keys() - {one.url for one in probe.listings}
        return replace(
            probe, hosts=_needed_hosts(probe, [one.url for one in answers if not _is_html(one)]),
            entrances=tuple(one for one in dict.fromkeys((urljoin(url, "/"), url)) if one in own_pages),
            agencies=tuple(agencies_of(place, probe.division, (*probe.agencies, *named), probe.leads)),
            left=(*elsewhere, *left, *probe.left)[:MAX_LEFT],
            notes=tuple(self._notes(probe, pages.values(), why_silent, has_left=bool(left))),
        )  # fmt: skip

    def _notes(self, probe: Probe, pages: Iterable[PageOfList], why_silent: str, *, has_left: bool) -> Iterator[Note]:
        """Yield why pages or lists could not be seen, and what to do without a list; ``has_left``: links were left."""
        if self.why_unseen is not None and any(one.outcome == LookOutcome.SCRIPT_ONLY for one in probe.listings):
            yield self.why_unseen
        if any(one.verdict.outcome is CaptureOutcome.BLOCKED for _, one in self.thread.fetch.answers.values()):
            yield Note("controlled")
        if not probe.seen:
            yield Note("page_in_part", {"url": probe.url, "reason": why_silent})
        elif not probe.listings:
            yield from () if has_left else (Note("no_column_named"),)
            refusal = self.source.fetcher.allowed_hosts.refusal
            scripts = {url for page in pages for url in _GOVERNMENT_SCRIPT.findall(page.source) if refusal(url)}
            if hosts := {urlsplit(one).hostname or "" for one in scripts}:
                yield Note("scripts_elsewhere", {"hosts": "、".join(sorted(hosts))})
            yield Note("give_the_list")


def _is_html(answer: Answer) -> bool:
    return not answer.content_type or answer.content_type.startswith("text/html")


def _needed_hosts(probe: Probe, files: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts that a spider needs; all sub-domains (``.a.gov.cn``) if an address is on any of them."""
    urls = [*(one.url for one in probe.listings), *(row["url"] for row in probe.leads), *files]
    url_hosts = {urlsplit(url).netloc.removesuffix(":80").removesuffix(":443") for url in urls}
    return tuple(host for host in probe.hosts if not host.startswith(".") or url_hosts - {*probe.hosts, ""})


# ------------------------------------------------------------------------------------------------ the second way


def compare_second_way(
    home: Home, kind: type[PortalSpider], progress: Progress | None = None
) -> tuple[str, Sequence[Note]] | None:
    """Compare, once a season, the reports on a portal's lists with those found by a walk and by the site's search.

    Return a state and its details: ``drift`` (the other way shows more reports: a person should look), ``unanswered``
    (unknown), or ``note`` (no more reports). Return None if there is nothing to compare: no list showed a report yet.
    """
    known = _reports_on_lists(home, kind.name)
    if not known:
        return None
    path, now = home.portals_dir / "routes" / f"{kind.name}.json", home.clock.now()
    stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if "seen" not in stored or now - datetime.fromisoformat(stored["at"]) > SEASON:
        try:
            probe = _probe(home, progress, {
                "address": (*kind.entrances, urljoin(kind.listings[0].url, "/"))[0], "hosts": kind.hosts,
                "cluster": kind.cluster, "most": MAX_SECOND_WAY,
                "listed": (kind.place, kind.place, kind.division or ""), "searches": True,
            })  # fmt: skip
        except CrawlError as error:
            return "unanswered", [Note("no_second_way", {"why": note_of(error).as_json})]
        if not probe.listings:
            return "unanswered", [Note("portal_silent")] if probe.seen else probe.verdict
        stored = {"at": now.isoformat(), "seen": [*_reports_of(probe, Registry(home).agencies(kind.name))]}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(stored, ensure_ascii=False).encode())
    more = [*_notes_on_reports("second_route", stored["seen"], known)]
    notes = [*more, *_notes_on_reports("first_route", known, stored["seen"])]
    return "drift" if more else "note", notes or [Note("second_way_same")]


def _reports_of(probe: Probe, agencies: Sequence[Agency]) -> Iterator[_Report]:
    """Yield the reports that a probe found, with the agencies of the registry."""
    for row in probe.leads:
        agency = match_agency(row["agency"], agencies, place=probe.place or None).agency
        yield row["listing"], row["url"], agency.id if agency else None, row["year"]


def _reports_on_lists(home: Home, name: str) -> list[_Report]:
    """Return all reports that the looks at a portal's lists have shown so far."""
    registry = Registry(home)
    portal, agencies = registry.portal(name), registry.agencies(name)
    listings = {row.id: row for row in registry.listings(name)}
    listed_links = ((listings[id_], link) for id_, links in Observations(home).lists_shown(name) for link in links)
    leads = (
        (listing, lead_of(link, listing, portal, agencies)) for listing, link in listed_links if portal is not None
    )
    return [(listing.url, lead.url, lead.agency, lead.year) for listing, lead in leads if lead.is_report]


def _notes_on_reports(code: str, reports: Iterable[_Report], others: Collection[_Report]) -> Iterator[Note]:
    """Yield a note for each list with reports that are not among ``others``: neither address nor agency and year."""
    urls, bodies = {address_key(url) for _, url, *_ in others}, {tuple(body) for _, _, *body in others if all(body)}
    only = defaultdict[str, dict[str, None]](dict)
    for listing, url, *body in reports:
        if address_key(url) not in urls and tuple(body) not in bodies:
            only[listing][url] = None
    for listing, found in only.items():
        yield Note(code, {"url": listing, "number": len(found), "address": next(iter(found))})
