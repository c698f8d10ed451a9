"""Derives the result of a probe from all pages and lists that it saw. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from archive.file_endings import FILES
from archive.identity.classification import classify
from archive.identity.names import complete
from archive.identity.several_reports import claim_of_link
from crawler.cms.classes import family_classes
from crawler.lists.addressed import is_address_of
from crawler.lists.engine import address_key
from crawler.lists.labels import OPENNESS, REPORTS, labels_of, rule_for
from crawler.lists.page import Answer, PageOfList
from crawler.lists.page_reader import read_page
from crawler.lists.walk import REPORTS_LABEL
from crawler.lists.words import SAYS_NOTHING
from crawler.net.fetching import Fetched
from crawler.net.guard import AllowedHosts
from crawler.onboarding.addressed import Addressed
from crawler.onboarding.found_lists import Read, Row, agencies_of, choose_lists, notices_of
from crawler.onboarding.probe_results import LIMIT, Probe, ProbedAgency, ProbedListing
from crawler.onboarding.site_facts import place_in_reports
from crawler.signatures import recognise
from storage.records import CaptureOutcome, LookOutcome, Note

MAX_TOLD, MAX_LEFT = 3, 60
_NO_NAME = re.compile(rf"^[\d.、\s]+|{SAYS_NOTHING.pattern}$")  # 1. 司法局 查看
_FILES = tuple(f".{ending}" for ending in FILES)


@dataclass(slots=True)
class Evidence:
    """All that a probe saw. ``answers``: by requested address; ``why_silent``: why the first page did not come;
    ``directory``: name, full name and code of the place that has the portal according to the directory, or empty;
    ``body``: the agency that has the whole site; ``requests``: the number of requests, at most ``most``.
    """

    url: str
    reads: Sequence[Read]
    answers: Mapping[str, tuple[Answer, Fetched]]
    place: str
    body: str
    place_why: Note
    directory: Sequence[str]
    hosts: Sequence[str]
    cluster: str | None
    why_silent: str
    allowed_hosts: AllowedHosts
    most: int
    requests: int
    pages: tuple[PageOfList, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the pages that were seen; if no page names the place, take the county that most reports name."""
        pages = (read_page(one) for one, _ in self.answers.values() if one.status == 200 and _is_html(one))
        self.pages = tuple({page.url: page for page in pages}.values())
        counties = (complete(lead.agency_name).county for one in self.reads for lead in one.reports)
        if not self.place and (found := place_in_reports(counties)) is not None:
            self.place, self.place_why = found

    @property
    def is_scripted(self) -> bool:
        """Whether scripts make any of the portal's lists."""
        return any(one.look.outcome is LookOutcome.SCRIPT_ONLY for one in self.reads)

    def probe(self, coded: Addressed, notes: Sequence[Note]) -> Probe:
        """Return the result of the probe. ``coded``: reports at addresses made of code and year."""
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
        ended = Note(LIMIT, {"most": self.most}) if self.requests >= self.most else Note("walk_followed")
        return Probe(
            url=self.url, hosts=self._hosts(listings, leads), family=family if listings else "",
            place=self.place, place_why=self.place_why, division=(self.directory[2] or None) if is_known else None,
            cluster=self.cluster, listings=tuple(listings), leads=tuple(leads),
            agencies=tuple(agencies_of(self.place, (*given, *self._named_by_files()), leads)),
            entrances=tuple(url for url in dict.fromkeys((root, self.url)) if url in is_entrance),
            first_year=min(years, default=2008), left=(*left.values(),)[:MAX_LEFT],
            seen=tuple((page.url, page.title) for page in self.pages), requests=self.requests,
            ended=(ended if self.pages else Note("walk_no_page"),),
            notes=(*notes, *self._reasons(None if listings else left.values()), *coded.notes),
        )  # fmt: skip

    def _named_by_files(self) -> Iterator[ProbedAgency]:
        """Yield the agencies that files on a notice name (附件1：司法局.docx), as guessed, if there are several."""
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
        """Return the content system with most marks on the pages; marks on the pages of lists decide first."""
        known = family_classes()
        scores, on_lists = Counter[str](), Counter[str]()
        for page in self.pages:
            marks = {name: number for name, number in recognise(page.url, page.source) if name in known}
            scores.update(marks)
            on_lists.update(marks if page.url in list_urls else {})
        return max(scores, key=lambda name: (on_lists[name], scores[name]), default="generic")

    def _hosts(self, listings: Sequence[ProbedListing], leads: Sequence[dict[str, Any]]) -> tuple[str, ...]:
        """Return the hosts that a spider needs; all sub-domains (``.a.gov.cn``) if an address is on any of them."""
        urls = [one.url for one in listings] + [str(row["url"]) for row in leads]
        urls += [one.url for one, _ in self.answers.values() if one.status == 200 and not _is_html(one)]
        met = {urlsplit(url).netloc.removesuffix(":80").removesuffix(":443") for url in urls} - {""}
        plain = [host for host in self.hosts if not host.startswith(".")]
        return tuple(plain + [host for host in self.hosts if host.startswith(".") and met - set(plain)])

    def _ways_left(self) -> dict[str, Row]:
        """Return the links to columns of reports that were not read: refused, not answered, or not requested."""
        ends = {address_key(url): fetched.verdict for url, (_, fetched) in self.answers.items()}
        met = [page.url for page in self.pages] + [one.listing.url for one in self.reads]  # those of gkmlpt have a #
        answered = {*map(address_key, met), *ends}
        left: dict[str, Row] = {}
        for page in self.pages:
            for label, url in labels_of(page):
                if (rule_for(label, OPENNESS) or ("",))[0] != REPORTS:
                    continue
                reason, key = self.allowed_hosts.refusal(url), address_key(url)
                if not reason and key in ends and ends[key].outcome is not CaptureOutcome.PAGE:
                    reason = ends[key].reason or str(ends[key].outcome)
                if not reason and key not in answered and not classify(label, url, place=self.place).is_report:
                    reason = "not_asked"
                if reason:
                    left.setdefault(key, (url, label, reason))
        return left if self.pages else {"": (self.url, "", self.why_silent)}

    def _reasons(self, left: Collection[Row] | None) -> Iterator[Note]:
        """Yield a note if any page was an access control, and notes on why no list was found, as far as is known.

        ``left``: the links that were not followed, if no list was found; else None.
        """
        if any(fetched.verdict.outcome is CaptureOutcome.BLOCKED for _, fetched in self.answers.values()):
            yield Note("controlled")
        if left is None:
            return
        foreign = [row for row in left if row[2] == "foreign_host"]
        own = [row for row in left if row not in foreign]
        there = [row for row in own if not row[2].startswith("not_found")] or own
        for url, label, reason in (*there[:MAX_TOLD], *foreign[:MAX_TOLD]):
            values = {"url": url, "reason": reason}
            yield Note("page_labelled", values | {"label": label}) if label else Note("page_in_part", values)
        if self.pages:
            if not left:
                yield Note("no_column_named")
            yield Note("give_the_list")


def _with_addressed(
    coded: Addressed, family: str, listings: list[ProbedListing], leads: list[dict[str, Any]]
) -> tuple[Addressed, str, list[ProbedListing], list[dict[str, Any]]]:
    """Add a listing of addresses by agency and year, unless the other lists need the class of another system."""
    other_leads = [row for row in leads if not is_address_of(coded.url, str(row["url"]))]
    kept = {row["listing"] for row in other_leads}
    others = [one for one in listings if one.url in kept]
    if others and family != coded.family:
        return Addressed(notes=(*coded.notes, Note("addresses_seen_too"))), family, listings, leads
    leads = [*other_leads, *coded.leads]
    listing = ProbedListing(url=coded.url, title=REPORTS_LABEL, form="addressed", why="label", outcome="ok")
    return coded, coded.family, [*others, listing], leads


def _is_html(answer: Answer) -> bool:
    return not answer.content_type or answer.content_type.startswith("text/html")
