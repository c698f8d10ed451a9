"""Probes an unknown portal, or a known one by a second way: a crawl that visits no reports.

It runs in a process and a scratch archive of its own, with the locks and settings of the operator's archive. As in any
crawl, every request passes the guard, obeys robots.txt and the pace, and is stored; none is made twice.
"""

from __future__ import annotations

import logging
import os
import re
import resource
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urldefrag, urljoin

from scrapy import signals

from archive.identity.agency_csv import COLUMNS
from crawler import portals
from crawler.crawl_run import CrawlRun
from crawler.errors import CrawlError
from crawler.items import ListingSnapshot
from crawler.listing_specs import SEARCH
from crawler.lists.browser import why_no_browser
from crawler.lists.looks import PortalLooks
from crawler.lists.page import PageOfList, Request
from crawler.lists.page_reader import read_page
from crawler.lists.stored_lists import MADE_BY_SCRIPT, failure
from crawler.lists.walk import MAX_REQUESTS
from crawler.lists.words import REASONS
from crawler.net.guard import IMITATION
from crawler.onboarding.addressed import find_addressed
from crawler.onboarding.directory import ListedPlace, address_of, at_address, scope_of
from crawler.onboarding.found_lists import Read, notices_of
from crawler.onboarding.found_portal import Evidence
from crawler.onboarding.portal_writer import portal_text
from crawler.onboarding.probe_results import Probe, probe_text, read_probe
from crawler.onboarding.site_facts import find_search, place_of
from crawler.operations.child import run_spider
from crawler.processes import WorkerProcess, say
from crawler.spider import PortalSpider
from storage.errors import StorageError
from storage.home import Home, init_home
from storage.records import CaptureOutcome, Listing, ListingForm, LookOutcome, Note

_OF_ARCHIVES = frozenset({"NIANBAO_DATABASE_URL", "NIANBAO_PROJECTION_URL", "NIANBAO_BLOBS", "NIANBAO_BLOBS_ENDPOINT"})
_SHARED_SETTINGS = ("delay", "contact", "proxy_resolves", "browser", "render_seconds", "render_turns")
MAX_SECOND_WAY = 200  # requests of a probe that looks for a second way into a known portal
Progress = Callable[[Note], None]


def probe_portal(
    home: Home | None, url: str, *, known: ListedPlace | None = None, requests: int | None = None,
    progress: Progress | None = None,
) -> Probe:  # fmt: skip
    """Probe the portal at an address; return what was found.

    ``home``: the archive that gives the kind (real or imitation), the delay and the locks. ``known``: the place that
    has the portal; default: what the directory says. Raises :class:`CrawlError` if the probe could not be run.
    """
    address = address_of(url)
    portal_classes = portals.classes(home.path if home else None)
    owners = [portal_classes[name].cluster for name in portals.owners(address, portal_classes)]
    place = known or at_address(address)
    return _probe(home, progress, {
        "url": address, "hosts": scope_of(address), "cluster": next(filter(None, owners), None), "requests": requests,
        "place": (place.name, place.chain, place.code) if place else None, "search": False,
    })  # fmt: skip


def probe_second_way(home: Home, portal: type[PortalSpider], progress: Progress | None = None) -> Probe:
    """Probe a known portal from its first entrance, and by the site's search. Raises :class:`CrawlError`."""
    return _probe(home, progress, {
        "url": portal.entrances[0], "hosts": portal.hosts, "cluster": portal.cluster, "requests": MAX_SECOND_WAY,
        "place": (portal.place, portal.place, portal.division), "search": True,
    })  # fmt: skip


def _probe(home: Home | None, progress: Progress | None, wanted: Mapping[str, Any]) -> Probe:
    """Run a probe in a scratch archive; ``wanted``: see ``ProbeSpider``. Only a note if the imitation is off."""
    if home is not None and home.simulated and not (home.path / IMITATION).is_file():  # no imitation portals run
        return Probe(wanted["url"], notes=(Note("imitation_off", {"path": str(home.path)}),))
    with _scratch(home) as scratch:
        return read_probe(_run(scratch, wanted, home, progress))


@contextmanager
def _scratch(home: Home | None) -> Iterator[Path]:
    """Give a folder for one probe, in which the probe's process makes its archive."""
    with tempfile.TemporaryDirectory(prefix="nianbao-probe-", ignore_cleanup_errors=True) as made:
        scratch = Path(made)
        if home is not None:
            (home.path / "locks").mkdir(exist_ok=True)
            (scratch / "locks").symlink_to(home.path / "locks")
            if home.simulated:
                shutil.copyfile(home.path / IMITATION, scratch / IMITATION)
        yield scratch


def _run(scratch: Path, wanted: Mapping[str, Any], home: Home | None, progress: Progress | None) -> str:
    """Run the process of a probe; return its result."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_ARCHIVES}
    environment["NIANBAO_ARCHIVE"] = str(scratch / "archive")
    if home is not None:
        if not home.truth.is_sqlite:
            environment["NIANBAO_LOCKS_URL"] = home.config.locks_url or home.truth.url
        environment |= {f"NIANBAO_{name.upper()}": str(getattr(home.config, name)) for name in _SHARED_SETTINGS}
    asked = {**wanted, "simulated": home is not None and home.simulated}
    with WorkerProcess(main, asked, environment=environment) as process:
        failure = ""
        for event, note in process.events():
            if event == "error":
                failure = str(note.values["text"])
            elif progress is not None:
                progress(note)
        code = process.wait()
    if code or not (scratch / RESULT).is_file():
        text = re.sub(r"[^ -~一-龥]", " ", failure or process.last_error or f"exit code {code}")[:300]
        raise CrawlError(f"the probe could not be finished ({text})", code="probe.unfinished", text=text)
    return (scratch / RESULT).read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------ the process

RESULT = "probe.json"
NAME = "probe"  # name of the probed portal in the scratch archive


class ProbeSpider(PortalSpider):
    """Probes a portal instead of crawling it; mixed into the portal's class. ``wanted``: arguments of the probe."""

    wanted: ClassVar[Mapping[str, Any]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Look at the lists that an address leads to, and write the result beside the scratch archive."""
        run = await self.begin_run()
        why_unseen = why_no_browser(run.home.config.browser)
        self.rendered = why_unseen is None
        self._reads: dict[str, Read] = {}
        async with aclosing(self.new_thread()) as self._thread:
            async for look in self._probe(run, why_unseen):
                yield look

    async def _probe(self, run: CrawlRun, why_unseen: Note | None) -> AsyncIterator[ListingSnapshot]:
        """Run the probe and yield its looks. ``why_unseen``: why no browser can be used; None if one can."""
        url, front, why_silent = await self._front_page(self.wanted["url"])
        place, body, place_why = place_of(front.source, self.wanted["place"])
        self.source.portal = run.portal = replace(run.portal, place=place)
        async for look in self._look((), url, urljoin(url, "/")):
            yield look
        if not self._reports():
            async for look in self._look([self._listing("given", url)]):
                yield look
        request = find_search(front) if self.wanted["search"] or not self._reports() else None
        if request is not None and request.body is None:  # a listing has an address
            known = self._reports()
            async for look in self._look([self._listing("search", request.url, ListingForm.SEARCHED, SEARCH)]):
                yield look
            for report in self._reports()[: 0 if known else 1]:  # the page of a report may link its column
                async for look in self._look((), report):
                    yield look
        reads = [one for one in self._reads.values() if one.reports or one.listing.form is not ListingForm.SEARCHED]
        for notice in notices_of(reads):
            await self._thread.run(self._thread.fetch, Request(notice))
        evidence = Evidence(
            url, reads, self._thread.fetch.answers, place, body, place_why, self.wanted["place"] or (), self.hosts,
            self.cluster, why_silent, self.fetcher.allowed_hosts, self.wanted["requests"],
            sum(run.counts[f"capture_{one}"] for one in CaptureOutcome if one is not CaptureOutcome.REFUSED),
        )  # fmt: skip
        year, fetch = self.source.now().year, self._thread.fetch
        coded = await self._thread.run(find_addressed, evidence.pages, year, fetch)
        notes = [why_unseen] if why_unseen is not None and evidence.is_scripted else []
        (run.home.path.parent / RESULT).write_text(probe_text(evidence.probe(coded, notes)), encoding="utf-8")

    def _reports(self) -> list[str]:
        """Return the addresses of all reports found so far."""
        return [lead.url for one in self._reads.values() for lead in one.reports]

    async def _look(self, rows: Sequence[Listing], *entrances: str) -> AsyncIterator[ListingSnapshot]:
        """Look at columns, and at the lists that they and the entrances lead to; yield and keep each look."""
        assert self.run is not None
        self.run.listings = tuple(rows)
        self.source.put_listings(rows)
        looks = PortalLooks(self.source, self._thread, tuple(dict.fromkeys(entrances)))
        async for look, _ in looks.read():
            listing = next(one for one in looks.listings.values() if one.id == look.listing)
            leads = tuple(self.source.lead_of(link, listing) for link in look.links)
            answer, _ = self._thread.fetch.answers.get(listing.url, (None, None))
            has_scripts = answer is not None and b"<script" in answer.body.lower()
            is_unseen = not self.rendered and has_scripts and look.reason == REASONS["shows_nothing"]
            seen = replace(look, outcome=LookOutcome.SCRIPT_ONLY, reason=MADE_BY_SCRIPT) if is_unseen else look
            self._reads.setdefault(listing.url, Read(listing, seen, leads))
            yield look

    async def _front_page(self, url: str) -> tuple[str, PageOfList, str]:
        """Fetch a front page by http or https, then by the other if nothing answers. Return the address, its page, and
        the reason if none came.
        """
        other = url.replace("https://", "http://", 1) if url.startswith("https") else url.replace("http", "https", 1)
        for address in (url, other):
            page = read_page(await self._thread.run(self._thread.fetch, Request(address)))
            fetched = self._thread.fetch.take()[-1]
            is_last = address == other or self.fetcher.allowed_hosts.refusal(other) is not None
            if fetched.verdict.outcome is not CaptureOutcome.UNREACHABLE or is_last:
                break
            say("step", Note("other_scheme", {"url": url, "scheme": other.partition(":")[0]}))
        return address, page, failure(fetched)[1]

    def _listing(self, name: str, url: str, form: ListingForm = ListingForm.COLUMN, column: str = "") -> Listing:
        return Listing(
            id=f"{self.name}:{name}", portal=self.name, url=urldefrag(url).url, form=form, column=column,
            recorded_at=self.source.now(),
        )  # fmt: skip


def main(wanted: Mapping[str, Any]) -> int:
    """Run a probe in this process; return the exit code. Makes the scratch archive at ``NIANBAO_ARCHIVE``."""
    logging.captureWarnings(capture=True)
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))  # the limit of a worker is too low for a browser
    path, numbers = Path(os.environ["NIANBAO_ARCHIVE"]), count(1)
    requests = wanted["requests"] or MAX_REQUESTS

    def count_answer() -> None:
        if (number := next(numbers)) % 10 == 0:
            say("step", Note("pages_asked", {"number": number}))

    try:
        _prepare(path, wanted)
        portal = portals.find(NAME, path)
        members = {"wanted": {**wanted, "requests": requests}, "custom_settings": {"NIANBAO_PAGE_BUDGET": requests}}
        kind = type(portal.__name__, (ProbeSpider, portal), {"__module__": portal.__module__, **members})
        run_spider(kind, {signals.response_downloaded: count_answer}, purpose="probe")
    except (CrawlError, StorageError) as error:
        say("error", Note("error", {"text": str(error)}))
        return 3
    return 0


def _prepare(path: Path, wanted: Mapping[str, Any]) -> None:
    init_home(path, simulated=bool(wanted["simulated"])).close()
    for name in (IMITATION, "locks"):
        if (path.parent / name).exists():
            (path / name).symlink_to((path.parent / name).resolve())
    text = portal_text(NAME, family="generic", place="", hosts=wanted["hosts"], cluster=wanted["cluster"])
    (path / "portals" / f"{NAME}.py").write_text(text, encoding="utf-8")
    (path / "portals" / f"{NAME}.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
