"""All that a walk over a portal saw: its fetcher, which asks for nothing twice, and the probe that this comes to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urlsplit

import scrapy
from scrapy.http import Response, TextResponse

from archive.file_endings import FILES
from archive.identity.classification import classify
from archive.identity.names import complete
from archive.identity.several_reports import claim_of_link
from crawler.cms.classes import family_classes
from crawler.lists.addressed import is_address_of
from crawler.lists.engine import address_key
from crawler.lists.fetch import Answer, Request
from crawler.lists.labels import OPENNESS, REPORTS, labels_of, rule_for
from crawler.lists.page import Page
from crawler.lists.page_reader import read_page
from crawler.lists.walk import REPORTS_LABEL
from crawler.lists.words import SAYS_NOTHING
from crawler.net.fetching import FetchContext, Fetched, Fetcher
from crawler.net.response_verdict import Verdict
from crawler.onboarding.addressed import Addressed
from crawler.onboarding.found_agencies import agencies_of
from crawler.onboarding.found_lists import Read, Row, choose_lists, notices_of
from crawler.onboarding.probe_results import LIMIT, Probe, ProbedAgency, ProbedListing
from crawler.onboarding.site_facts import place_in_reports
from crawler.signatures import recognise
from storage.records import CaptureOutcome, LookOutcome, Note

MAX_TOLD, MAX_LEFT = 3, 60
_NO_NAME = re.compile(rf"^[\d.、\s]+|{SAYS_NOTHING.pattern}$")  # 1. 司法局 查看
_FILES = tuple(f".{ending}" for ending in FILES)


HTML = "text/html"
Key = tuple[str, str | None]  # of an answer: the address, and what was posted


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer that is held: the address it came from in the end, what it is, its entity."""

    url: str
    outcome: CaptureOutcome
    reason: str = ""
    body: bytes = b""
    kind: str = HTML


class CachingFetcher(Fetcher):
    """The fetcher of a probe asks the portal ``most`` times, and for nothing twice. ``tell``: is told the number of
    requests so far.
    """

    def __init__(self, live: Fetcher, most: int, tell: Callable[[int], None]) -> None:
        super().__init__(live.crawler)
        self.most, self.tell, self.asked = most, tell, 0
        self.answers: dict[Key, CachedAnswer] = {}

    async def send(self, request: scrapy.Request, context: FetchContext) -> tuple[Fetched, Response | None]:
        """Return what is held for a request, else what the live portal answers."""
        key = request.url, request.body.decode("latin-1") if request.method == "POST" else None
        if (held := self.answers.get(key)) is not None:
            fragment = urldefrag(context.requested).fragment
            url = f"{held.url}#{fragment}" if fragment else held.url
            answer = TextResponse(held.url, headers={"Content-Type": held.kind}, body=held.body, request=request)
            is_page = held.outcome is CaptureOutcome.PAGE
            return Fetched(url, Verdict(held.outcome, held.reason), (), held.body), answer if is_page else None
        if self.asked >= self.most:
            return Fetched(context.requested, Verdict(CaptureOutcome.ERROR, "page_budget"), (), spent=True), None
        self.asked += 1
        self.tell(self.asked)
        fetched, response = await super().send(request, context)
        if not (fetched.spent or fetched.not_now):
            kind = (response.headers.get("Content-Type") or b"").decode("latin-1") if response is not None else ""
            verdict, url = fetched.verdict, urldefrag(fetched.url).url
            self.answers[key] = CachedAnswer(url, verdict.outcome, verdict.reason, fetched.body, kind or HTML)
        return fetched, response


@dataclass(slots=True)
class Evidence:
    """All that a walk saw. ``hosts``: those that may be asked; ``failed``: why the first page was not shown;
    ``directory``: whose portal it is by the directory: its name, that in full, its code; none if it is not in it.
    ``body``: whose own site.
    """

    url: str
    fetcher: CachingFetcher
    reads: Sequence[Read]
    place: str
    body: str
    place_why: Note
    directory: Sequence[str]
    hosts: Sequence[str]
    cluster: str | None
    failed: str
    pages: tuple[Page, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the pages that were seen."""
        self.pages = tuple(
            read_page(Answer(Request(held.url), held.url, 200, held.body))
            for (_, posted), held in self.fetcher.answers.items()
            if held.outcome is CaptureOutcome.PAGE and posted is None and held.kind.startswith(HTML)
        )
        counties = (complete(lead.agency_name).county for one in self.reads for lead in one.reports)
        if not self.place and (found := place_in_reports(counties)) is not None:
            self.place, self.place_why = found

    @property
    def is_scripted(self) -> bool:
        """Whether scripts make any of its lists."""
        return any(one.look.outcome is LookOutcome.SCRIPT_ONLY for one in self.reads)

    def probe(self, coded: Addressed, notes: Sequence[Note]) -> Probe:
        """Return what the walk came to. ``coded``: reports at addresses made of code and year."""
        kept = choose_lists(self.reads, self.place, self.body)
        listings, leads, left = kept.listings, list(kept.leads.values()), self._ways_left() | kept.left
        family = self._family({one.url for one in listings})
        if coded.url:
            coded, family, listings, leads = _with_addressed(coded, family, listings, leads)
        given = [*coded.bodies, *(ProbedAgency(one.agency, source=one.url) for one in listings if one.agency)]
        years = [int(row["year"]) for row in coded.leads or leads if row["year"]]
        root = f"{urlsplit(self.url).scheme}://{urlsplit(self.url).netloc}/"
        is_entrance = {page.url for page in self.pages} - {one.url for one in listings}
        is_known = bool(self.directory) and self.directory[0] == self.place
        return Probe(
            url=self.url, hosts=self._hosts(listings, leads), family=family if listings else "",
            place=self.place, place_why=self.place_why, division=(self.directory[2] or None) if is_known else None,
            cluster=self.cluster, listings=tuple(listings), leads=tuple(leads),
            agencies=tuple(agencies_of(self.place, (*given, *self._named_by_files()), leads)),
            entrances=tuple(url for url in dict.fromkeys((root, self.url)) if url in is_entrance),
            first_year=min(years, default=2008), left=(*left.values(),)[:MAX_LEFT],
            seen=tuple((page.url, page.title) for page in self.pages), requests=self.fetcher.asked,
            ended=self._ended(), notes=(*notes, *self._reasons(None if listings else left.values()), *coded.notes),
        )  # fmt: skip

    def _named_by_files(self) -> Iterator[ProbedAgency]:
        """Return the bodies that files on notices name (附件1：司法局.docx); guessed until a report is held."""
        notices = set(notices_of(self.reads))
        for page in self.pages:
            links = page.links if page.url in notices else ()
            files = [
                one for one in links if urlsplit(one.url).path.lower().endswith(_FILES) or one.title.endswith(_FILES)
            ]
            printed = [_NO_NAME.sub("", one.title) for one in files]
            said = {name.text for text in printed if (name := claim_of_link(text, self.place or None).name)}
            yield from (ProbedAgency(name, source=page.url, guessed=True) for name in said if len(said) > 1)

    def _family(self, list_urls: Collection[str]) -> str:
        """Return the content system whose marks the pages bear most, those of lists before others."""
        known = family_classes()
        scores, on_lists = Counter[str](), Counter[str]()
        for page in self.pages:
            marks = {name: number for name, number in recognise(page.url, page.source) if name in known}
            scores.update(marks)
            on_lists.update(marks if page.url in list_urls else {})
        return max(scores, key=lambda name: (on_lists[name], scores[name]), default="generic")

    def _hosts(self, listings: Sequence[ProbedListing], leads: Sequence[dict[str, Any]]) -> tuple[str, ...]:
        """Return the hosts that a spider needs; sub-domains as a whole where any of them is met."""
        urls = [one.url for one in listings] + [str(row["url"]) for row in leads]
        urls += [one.url for one in self.fetcher.answers.values() if not one.kind.startswith(HTML)]
        met = {urlsplit(url).netloc.removesuffix(":80").removesuffix(":443") for url in urls} - {""}
        plain = [host for host in self.hosts if not host.startswith(".")]
        return tuple(plain + [host for host in self.hosts if host.startswith(".") and met - set(plain)])

    def _ways_left(self) -> dict[str, Row]:
        """Return the links to columns of reports that were not gone: that may not be, gave no page, were not asked."""
        held = {address_key(url): one for (url, _), one in self.fetcher.answers.items()}
        shown = {address_key(one.url) for one in held.values()} | set(held)
        left: dict[str, Row] = {}
        for page in self.pages:
            for label, url in labels_of(page):
                rule, key = rule_for(label, OPENNESS), address_key(url)
                if rule is None or rule[0] != REPORTS:
                    continue
                reason = self.fetcher.allowed_hosts.refusal(url)
                if not reason and key in held and held[key].outcome is not CaptureOutcome.PAGE:
                    reason = held[key].reason or str(held[key].outcome)
                if not reason and key not in shown and not classify(label, url, place=self.place).is_report:
                    reason = "not_asked"
                if reason:
                    left.setdefault(key, (url, label, reason))
        return left if self.pages else {"": (self.url, "", self.failed)}

    def _ended(self) -> tuple[Note, ...]:
        """Return why the walk came to its end."""
        if not self.pages:
            return (Note("walk_no_page"),)
        spent = self.fetcher.asked >= self.fetcher.most
        return (Note(LIMIT, {"most": self.fetcher.most}) if spent else Note("walk_followed"),)

    def _reasons(self, left: Collection[Row] | None) -> Iterator[Note]:
        """Return whether anything answered with an access control, and why nothing was found, as far as it shows.

        ``left``: the ways that were not gone where nothing was found, else None.
        """
        if any(one.outcome is CaptureOutcome.BLOCKED for one in self.fetcher.answers.values()):
            yield Note("controlled")
        if left is None:
            return
        foreign = [row for row in left if row[2] == "foreign_host"]
        own = [row for row in left if row[2] != "foreign_host"]
        there = [row for row in own if not row[2].startswith("not_found")] or own
        for url, label, reason in (*there[:MAX_TOLD], *foreign[:MAX_TOLD]):
            values = {"url": url, "reason": reason}
            yield Note("page_labelled", values | {"label": label}) if label else Note("page_in_part", values)
        if self.pages:
            yield from [] if left else [Note("no_column_named")]
            yield Note("give_the_list")


def _with_addressed(
    coded: Addressed, family: str, listings: list[ProbedListing], leads: list[dict[str, Any]]
) -> tuple[Addressed, str, list[ProbedListing], list[dict[str, Any]]]:
    """Take the addresses by body and year, unless other lists were found that a class of another system reads."""
    other_leads = [row for row in leads if not is_address_of(coded.url, str(row["url"]))]
    kept = {row["listing"] for row in other_leads}
    others = [one for one in listings if one.url in kept]
    if others and family != coded.family:
        return Addressed(notes=(*coded.notes, Note("addresses_seen_too"))), family, listings, leads
    leads = [*other_leads, *coded.leads]
    listing = ProbedListing(url=coded.url, title=REPORTS_LABEL, form="addressed", why="label", outcome="ok")
    return coded, coded.family, [*others, listing], leads
