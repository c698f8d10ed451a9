"""What a walk over a portal came to: which lists are worth keeping, whose they are, and how sure that is (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from archive.file_endings import FILES
from archive.identity import names
from archive.identity.classification import classify
from archive.identity.several_reports import claim_of_link, name_two, names_many
from crawler.cms.classes import family_classes
from crawler.items import ListingSnapshot
from crawler.lists.addressed import address_pattern
from crawler.lists.engine import address_key
from crawler.lists.fetch import Answer, Request
from crawler.lists.labels import (
    OPENNESS,
    REPORTS,
    body_in_label,
    kinds_in_label,
    labels_of,
    names_a_year,
    rule_for,
)
from crawler.lists.page import Page
from crawler.lists.page_reader import read_page
from crawler.lists.walk import REPORTS_LABEL, SURELY_NONE
from crawler.lists.words import SAYS_NOTHING
from crawler.onboarding.addressed import Addressed, body_name
from crawler.onboarding.found_agencies import agencies_of
from crawler.onboarding.probe_results import LIMIT, SILENT, Probe, ProbedAgency, ProbedListing
from crawler.onboarding.recording import HTML, HeldFetcher
from crawler.onboarding.site_facts import division_of, place_in_reports
from crawler.signatures import recognise
from storage.records import NOT_A_LISTING, AgencyKind, CaptureOutcome, Lead, Listing, ListingForm, LookOutcome, Note

SEVERAL = 3  # bodies whose reports make a list one of several
MAX_TOLD, MAX_LEFT, MAX_NOTICES = 3, 60, 4
_NO_NAME = re.compile(rf"^[\d.、\s]+|{SAYS_NOTHING.pattern}$")  # 1. 司法局 查看
_FILES = tuple(f".{ending}" for ending in FILES)
_UNTOLD = frozenset({"other_title", "cut_title", "notice"})  # what may be a report by its title
Row = tuple[str, str, str]  # address, label, reason


@dataclass(frozen=True, slots=True)
class Read:
    """A look at a list: its listing, the leads of its links, and those of them that are, or may be, reports."""

    listing: Listing
    look: ListingSnapshot
    leads: tuple[Lead, ...]
    candidates: tuple[Lead, ...]

    @property
    def labels(self) -> list[str]:
        """The labels on the way to it, from the first that names reports on."""
        trail = self.listing.column.split(">")
        first = next((at for at, label in enumerate(trail) if (rule_for(label, OPENNESS) or ("",))[0] == REPORTS), 0)
        return [label for label in trail[first:] if label]

    @property
    def reports(self) -> list[Lead]:
        """The reports; below a label also what may be one though only a body's name is printed."""
        sure = [lead for lead in self.leads if lead.is_report]
        if sure or not self.labels:
            return sure
        return [lead for lead in self.candidates if lead.reason in _UNTOLD and lead.confidence < SURELY_NONE]

    @property
    def is_whole(self) -> bool:
        """Whether it was read to its end."""
        return self.look.outcome is LookOutcome.OK

    @property
    def why(self) -> str:
        """How it was found."""
        if self.listing.form is ListingForm.SEARCHED:
            return "search"
        return "label" if self.labels else "entries"

    @property
    def own_body(self) -> str:
        """The body whose column the labels say it is; "" if they name none."""
        said = (body_in_label(label) for label in reversed(self.listing.column.split(">")))
        return next((text for text in said if text and body_name(text)), "")


@dataclass(slots=True)
class Evidence:
    """All that a walk saw. ``failed``: why the first page was not shown; ``directory``: whose portal it is by the
    directory: its name, that in full, its code.
    """

    url: str
    fetcher: HeldFetcher
    reads: tuple[Read, ...]
    place: str
    body: str
    place_why: Note
    directory: Sequence[str] | None
    failed: str
    pages: tuple[Page, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the pages that were seen."""
        held = {key: one for key, one in self.fetcher.answers.items() if one.outcome is CaptureOutcome.PAGE}
        shown = [one for (_, posted), one in held.items() if posted is None and one.kind.startswith(HTML)]
        self.pages = tuple(read_page(Answer(Request(one.url), one.url, 200, one.body)) for one in shown)
        counties = (names.complete(lead.agency_name).county for one in self.reads for lead in one.reports)
        if not self.place and (found := place_in_reports(counties)) is not None:
            self.place, self.place_why = found

    @property
    def is_scripted(self) -> bool:
        """Whether scripts make any of its lists."""
        return any(one.look.outcome is LookOutcome.SCRIPT_ONLY for one in self.reads)


def probe_of(
    seen: Evidence, coded: Addressed, scope: Sequence[str], cluster: str | None, notes: Sequence[Note]
) -> Probe:
    """Return what a walk came to."""
    ways = _ways_left(seen)
    listings, leads = _kept(seen, ways)
    family, family_why = _family(seen, listings)
    if coded.url:
        coded, family, listings, leads = _settle(coded, family, listings, leads)
    left = (*_reports_in_no_list(seen, {str(row["url"]) for row in leads}), *ways.values())
    division, division_why = division_of([page.source for page in seen.pages], seen.place)
    if seen.directory and seen.directory[0] == seen.place and seen.directory[2]:
        division, division_why = seen.directory[2], Note("place_directory", {"name": seen.directory[1]})
    given = [ProbedAgency(one.name, "", one.code, one.source) for one in coded.bodies]
    given += [ProbedAgency(one.agency, "", "", one.url) for one in listings if one.agency]
    given += _named_by_files(seen)
    years = [int(row["year"]) for row in leads if row["year"]]
    root = f"{urlsplit(seen.url).scheme}://{urlsplit(seen.url).netloc}/"
    is_entrance = {page.url for page in seen.pages} - {one.url for one in listings}
    return Probe(
        url=seen.url, hosts=_hosts(seen, scope, listings, leads), family=family if listings else "",
        family_why=family_why, place=seen.place, place_why=seen.place_why, division=division,
        division_why=division_why, cluster=cluster, listings=tuple(listings), leads=tuple(leads),
        agencies=tuple(agencies_of(seen.place, given, leads)),
        entrances=tuple(url for url in dict.fromkeys((root, seen.url)) if url in is_entrance),
        first_year=coded.first_year or min(years, default=2008), left=left[:MAX_LEFT],
        seen=tuple((page.url, page.title) for page in seen.pages),
        requests=seen.fetcher.asked, ended=_ended(seen),
        notes=(*notes, *_reasons(seen, left if not listings else None), *coded.notes),
    )  # fmt: skip


def _settle(
    coded: Addressed, family: str, listings: list[ProbedListing], leads: list[dict[str, Any]]
) -> tuple[Addressed, str, list[ProbedListing], list[dict[str, Any]]]:
    """Take the addresses by body and year, unless other lists were found that a class of another system reads."""
    own = address_pattern(coded.url)
    others = [
        one for one in listings if not all(own.fullmatch(str(row["url"])) for row in leads if row["listing"] == one.url)
    ]
    if others and family != coded.family:
        return Addressed(notes=(*coded.notes, Note("addresses_seen_too"))), family, listings, leads
    leads = [*(row for row in leads if not own.fullmatch(str(row["url"]))), *coded.leads]
    whose = Note("whose_organs", {"number": len(coded.bodies), "url": coded.source})
    listing = ProbedListing(
        url=coded.url, title=REPORTS_LABEL, form="addressed", why="label", whose=whose, outcome="ok",
    )  # fmt: skip
    return coded, coded.family, [*others, listing], leads


def notices_of(reads: Sequence[Read]) -> list[str]:
    """Return the newest of what may be a notice that links the files of all bodies: what is nobody's report."""
    nobodys = {lead.url: lead for one in reads for lead in one.candidates if not lead.agency_name}
    years = {url: lead.year or (lead.listed.year - 1 if lead.listed else 0) for url, lead in nobodys.items()}
    return sorted(nobodys, key=lambda url: -years[url])[:MAX_NOTICES]


def _named_by_files(seen: Evidence) -> Iterator[ProbedAgency]:
    """Return the bodies that files on notices name (附件1：司法局.docx); guessed until one of their reports is held."""
    notices = set(notices_of(seen.reads))
    for page in seen.pages:
        links = page.links if page.url in notices else ()
        files = [one for one in links if urlsplit(one.url).path.lower().endswith(_FILES) or one.title.endswith(_FILES)]
        printed = [_NO_NAME.sub("", one.title) for one in files]
        said = {name.text for text in printed if (name := claim_of_link(text, seen.place or None).name)}
        yield from (ProbedAgency(name, "", "", page.url, guessed=True) for name in said if len(said) > 1)


def _kept(seen: Evidence, left: dict[str, Row]) -> tuple[list[ProbedListing], list[dict[str, Any]]]:
    """Return the lists worth keeping and their leads: not those that others show to their end, which are told."""
    kept: list[ProbedListing] = []
    leads: dict[str, dict[str, Any]] = {}
    for one in seen.reads:
        label = ">".join(one.labels)
        if not one.reports and (one.is_whole or one.look.reason in NOT_A_LISTING):
            continue  # it leads to lists
        if not one.reports and not (one.labels and one.look.outcome in SILENT | {LookOutcome.SCRIPT_ONLY}):
            if label:
                left[address_key(one.listing.url)] = one.listing.url, label, one.look.reason or str(one.look.outcome)
            continue
        if any(_covers(other, one, seen.reads) for other in seen.reads if other is not one):
            left[address_key(one.listing.url)] = one.listing.url, label, "another_list_shows_it"
            continue
        kept.append(_probed(one, seen, label))
        for lead in one.reports:
            held = leads.get(lead.url)
            whose = lead.agency_name or kept[-1].agency or ("" if lead.is_report else body_name(lead.title)) or None
            leads.setdefault(
                f"{lead.url} {lead.title}" if held and name_two(held["title"], lead.title) else lead.url,
                {"title": lead.title, "url": lead.url, "agency": whose, "year": lead.year, "listing": one.listing.url},
            )
    return kept, list(leads.values())


def _probed(one: Read, seen: Evidence, label: str) -> ProbedListing:
    agency, covers, whose = _reporting_bodies(one, seen)
    return ProbedListing(
        url=one.listing.url, title=label or one.listing.column, form=str(one.listing.form), why=one.why,
        agency=agency, year=_year_of(one), covers=covers, whose=whose,
        reports=len({lead.url for lead in one.reports}), outcome=str(one.look.outcome), reason=one.look.reason,
    )  # fmt: skip


def _covers(other: Read, one: Read, reads: Sequence[Read]) -> bool:
    """Whether another list, read to its end, shows all that this one shows: of equals the first one stays."""
    urls, shown = {lead.url for lead in one.reports}, {lead.url for lead in other.reports}
    if not other.is_whole or not urls or not urls <= shown:
        return False
    untold = {lead.url for lead in other.reports if not lead.agency_name}
    if urls & untold and one.own_body and not other.own_body:  # it alone says whose its reports are
        return False
    return urls < shown or (not one.is_whole, reads.index(one)) > (not other.is_whole, reads.index(other))


def _reporting_bodies(one: Read, seen: Evidence) -> tuple[str, tuple[str, ...], Note]:
    """Return (the one body, kinds, why). Below a label that names the county (平度市政府信息公开年报) stand reports of
    its government, or of all its bodies.
    """
    printed = {names.complete(lead.agency_name, seen.place or None).text for lead in one.reports if lead.agency_name}
    named = one.own_body
    kind = names.kind_of(names.complete(named, seen.place or None)) if named else None
    if named and (len(printed) < SEVERAL or kind is not AgencyKind.GOVERNMENT):
        return named, (), Note("whose_link", {"name": named})
    kinds = next((kinds for label in reversed(one.labels) if (kinds := kinds_in_label(label))), ())
    if kinds:
        return "", tuple(str(kind) for kind in kinds), Note("whose_label")
    if seen.body:
        return seen.body, (), Note("whose_site")
    years = Counter(lead.year for lead in one.reports if lead.year is not None)
    unnamed = any(not lead.agency_name for lead in one.reports)
    of_many = any(names_many(lead.title) for lead in one.reports)  # 各单位2024年…: others' reports lie behind it
    of_several = unnamed and max(years.values(), default=0) > 1  # two of one year, and not both name the body
    if len(printed) == 1 and len(one.reports) >= SEVERAL and not (of_many or of_several):
        return printed.pop(), (), Note("whose_reports", {"number": len(one.reports)})
    return "", (), Note("whose_unsaid")


def _year_of(one: Read) -> int | None:
    """Return the reporting year of a column whose label is that of one: what all its reports say. The same page may
    show the newest year next year, so that its address must tell the year too, or a folder of it.
    """
    years = {lead.year for lead in one.reports}
    labelled = bool(one.labels) and names_a_year(one.labels[-1])
    return years.pop() if labelled and len(years) == 1 else None


def _family(seen: Evidence, listings: Sequence[ProbedListing]) -> tuple[str, tuple[Note, ...]]:
    """Return the content system whose marks the pages bear most, those of lists before others, and why."""
    urls, known = {one.url for one in listings}, family_classes()
    scores: Counter[str] = Counter()
    on_lists: Counter[str] = Counter()
    for page in seen.pages:
        for name, number in recognise(page.url, page.source):
            scores[name] += number * (name in known)
            on_lists[name] += number * (name in known and page.url in urls)
    family = max(scores, key=lambda name: (on_lists[name], scores[name]), default="")
    if not scores[family]:
        family = "generic"
    read = Note("family_reads", {"number": sum(one.outcome == "ok" for one in listings), "total": len(listings)})
    marks = Note("family_marks", {"number": scores[family]}) if scores[family] else Note("family_no_mark")
    return family, (marks, read)


def _hosts(
    seen: Evidence, scope: Sequence[str], listings: Sequence[ProbedListing], leads: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Return the hosts that a spider needs; sub-domains as a whole where any of them is met."""
    urls = [one.url for one in listings] + [str(row["url"]) for row in leads]
    urls += [one.url for one in seen.fetcher.answers.values() if not one.kind.startswith(HTML)]
    met = {urlsplit(url).netloc.removesuffix(":80").removesuffix(":443") for url in urls} - {""}
    plain = [host for host in scope if not host.startswith(".")]
    return tuple(plain + [host for host in scope if host.startswith(".") and met - set(plain)])


def _ways_left(seen: Evidence) -> dict[str, Row]:
    """Return the links to columns of reports that were not gone: that may not be, gave no page, or were not asked."""
    told = {address_key(url): held for (url, _), held in seen.fetcher.answers.items()}
    shown = {address_key(held.url) for held in told.values()} | set(told)
    left: dict[str, Row] = {}
    for page in seen.pages:
        for label, url in labels_of(page):
            rule, key = rule_for(label, OPENNESS), address_key(url)
            if rule is None or rule[0] != REPORTS:
                continue
            held = told.get(key)
            if reason := seen.fetcher.allowed_hosts.refusal(url):
                left.setdefault(key, (url, label, reason))
            elif held is not None and held.outcome is not CaptureOutcome.PAGE:
                left.setdefault(key, (url, label, held.reason or str(held.outcome)))
            elif key not in shown and not classify(label, url, place=seen.place).is_report:
                left.setdefault(key, (url, label, "not_asked"))
    if not seen.pages:
        left[""] = seen.url, "", seen.failed
    return left


def _reports_in_no_list(seen: Evidence, taken: set[str]) -> list[Row]:
    """Return the pages that hold reports which no list shows."""
    lists = {one.listing.url for one in seen.reads if one.reports} | taken
    found: list[Row] = []
    for page in seen.pages:
        left = {
            entry.url for entry in page.links if entry.url not in taken and _is_report(entry.title, entry.url, seen)
        }
        if left and page.url not in lists:
            found.append((page.url, "", f"reports_in_no_list:{len(left)}"))
            taken |= left
    return found


def _is_report(title: str, url: str, seen: Evidence) -> bool:
    is_ours = seen.fetcher.allowed_hosts.refusal(url) is None
    return is_ours and classify(title, url, place=seen.place, hosts=(urlsplit(url).hostname or "",)).is_report


def _ended(seen: Evidence) -> tuple[Note, ...]:
    """Return why a probe came to its end."""
    if not seen.pages:
        return (Note("walk_no_page"),)
    spent = seen.fetcher.asked >= seen.fetcher.most
    return (Note(LIMIT, {"most": seen.fetcher.most}) if spent else Note("walk_followed"),)


def _reasons(seen: Evidence, left: Sequence[Row] | None) -> Iterator[Note]:
    """Return whether anything answered with an access control, and why nothing was found, as far as it shows.

    ``left``: the ways that were not gone where nothing was found, else None.
    """
    if any(one.outcome is CaptureOutcome.BLOCKED for one in seen.fetcher.answers.values()):
        yield Note("controlled")
    if left is None:
        return
    foreign, own = ([row for row in left if (row[2] == "foreign_host") is is_foreign] for is_foreign in (True, False))
    there = [row for row in own if not row[2].startswith("not_found")] or own
    for url, label, reason in (*there[:MAX_TOLD], *foreign[:MAX_TOLD]):
        values = {"url": url, "reason": reason}
        yield Note("page_labelled", values | {"label": label}) if label else Note("page_in_part", values)
    if seen.pages:
        yield from [] if left else [Note("no_column_named")]
        yield Note("give_the_list")
