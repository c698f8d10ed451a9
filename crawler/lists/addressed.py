"""Reports that no list shows, or of one year only: each stands at an address made of an agency's code and the year.

An empty answer proves something only if the site shows a report to the same look before and after it: an address that
is known to hold one is asked first, and once more at the end if nothing but empty answers came since the last report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product, zip_longest
from typing import Any
from urllib.parse import quote, urlsplit

from lxml import html

from archive.identity.classification import classify
from crawler.lists.engine import YEAR_FIELD, Verdict, address_key, find_unshown, name_of
from crawler.lists.fetch import Answer, Fetch, Request
from crawler.lists.html_tree import parse_html, text_of
from crawler.lists.list_reader import ListReading
from crawler.lists.page import Entry, Page
from crawler.lists.page_reader import read_page
from crawler.lists.words import ADDRESSED, find_date, squeeze

REPORT, EMPTY_ANSWER, PARTIAL = "report", "empty", "partial"
MAX_FAILURES, MIN_CHAPTERS, MIN_BODY_CHARS = 3, 2, 40
_HEADINGS = "//h1|//h2|//h3|//title|//*[contains(@class, 'title') or contains(@id, 'title')]"
_YEAR, _PIECE = "{year}", re.compile(r"([/?&=])")
_FILE, _DATED = re.compile(ADDRESSED["file"], re.I), re.compile(ADDRESSED["dated"])


@dataclass(frozen=True, slots=True)
class Judgment:
    """What an answer is: a report, empty, or partial for a reason. ``text``: what it says, without furniture."""

    outcome: str
    reason: str = ""
    entry: Entry | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AddressedAnswer:
    """What the site returned for an agency and a year.

    ``control``: the address that showed a report to the same look, which lets an empty answer count.
    """

    agency: str
    year: int
    url: str
    judgment: Judgment
    control: str = ""


def read_addressed(
    pattern: str,
    agencies: Mapping[str, str],
    years: Iterable[int],
    fetch: Fetch,
    *,
    known: Collection[str] = (),
    is_wanted: Callable[[str, int], bool] = lambda _agency, _year: True,
) -> tuple[AddressedAnswer, ...]:
    """Ask for each agency and year once. ``agencies``: codes by name; ``known``: addresses that showed a report before.

    ``is_wanted`` leaves out agencies and years; one address that is known to hold a report is asked nevertheless.
    """
    every = [
        (agency, year, pattern.replace("{code}", quote(code, safe="")).replace("{year}", str(year)))
        for year in years
        for agency, code in agencies.items()
    ]
    held = {address_key(url) for url in known}
    first = [one for one in every if address_key(one[2]) in held][:1]
    asking = _Asking(fetch, held)
    for agency, year, url in first + [one for one in every if one not in first and is_wanted(*one[:2])]:
        asking.ask(agency, year, url)
    asking.confirm_last()
    return tuple(asking.answers)


def read_years(read: ListReading, fetch: Fetch, known: Collection[str] = ()) -> tuple[ListReading, Collection[str]]:
    """Ask for all years, where a list links the report of each agency for one year and that one links the others.

    Return the list of what is there, and the addresses that were asked for.
    """
    links = [(one.title, *_take_apart(one.url)) for one in read.entries]
    places = [at for at, one in enumerate(zip_longest(*(pieces for _, pieces, _ in links))) if len(set(one)) > 1]
    if len(places) != 1 or not all(year for *_, year in links):
        return read, ()
    at, (_, pattern, first) = places[0], links[0]
    agencies, asked = {pieces[at]: title for title, pieces, _ in links}, dict[tuple[str, int], str]()
    asking = _Asking(fetch, {address_key(url) for url in known})

    def ask(code: str, year: int) -> None:
        asked[code, year] = "".join((*pattern[:at], code, *pattern[at + 1 :])).replace(_YEAR, str(year))
        asking.ask(agencies[code], year, asked[code, year])

    def linked() -> set[tuple[str, int]]:
        found = [one for one in map(_take_apart, asking.linked) if one[1] and len(one[0]) == len(pattern)]
        return {(one[at], year) for one, year in found if one[:at] + one[at + 1 :] == pattern[:at] + pattern[at + 1 :]}

    ask(pattern[at], first)
    if not any(code == pattern[at] and year != first for code, year in linked()):
        return read, ()
    years, done = {year for *_, year in links}, set[int]()
    while left := sorted(years - done, reverse=True):
        for year, code in product(left, agencies):
            if (code, year) not in asked:
                ask(code, year)
        done.update(left)
        years |= {year for _, year in linked()}
    asking.confirm_last()
    entries = tuple(one.judgment.entry for one in asking.answers if one.judgment.entry is not None)
    unmet = [one for one in read.unmet_at_last if not one.startswith(("known_entry", "other_years"))]
    unmet += [f"{one.judgment.reason}: {one.url}" for one in asking.answers if one.judgment.outcome == PARTIAL]
    unmet += [f"way_on: {code}" for code in sorted({code for code, _ in linked()} - agencies.keys())]
    unmet += find_unshown(known, entries)
    verdict = Verdict(not unmet and bool(entries), tuple(dict.fromkeys(unmet)))
    shown_on = {name_of(one): one.url for one in entries}
    return replace(read, entries=entries, verdict=verdict, shown_on=shown_on), asked.values()


def _take_apart(url: str) -> tuple[list[str], int]:
    """Return the pieces of an address with a hole for its year, and the year; 0 if it has none."""
    found = YEAR_FIELD.search(url)
    holed = f"{url[: found.start(1)]}{_YEAR}{url[found.end(1) :]}" if found else url
    return _PIECE.split(holed), int(found[1]) if found else 0


class _Asking:
    """One look at all addresses.

    ``good``: where a report was shown; ``waiting``: empty answers since then; ``linked``: what the answers link.
    """

    def __init__(self, fetch: Fetch, held: Collection[str]) -> None:
        self.fetch, self.held = fetch, held
        self.answers: list[AddressedAnswer] = []
        self.good: AddressedAnswer | None = None
        self.waiting: list[int] = []
        self.linked: set[str] = set()
        self._texts: dict[str, int] = {}
        self._failures = 0

    def ask(self, agency: str, year: int, url: str) -> None:
        """Ask for one report, unless the site has failed several times in a row."""
        found = Judgment(PARTIAL, "not_asked: the site fails")
        if self._failures < MAX_FAILURES:
            answer = self.fetch(Request(url))
            page = read_page(answer, keep_root=True)
            self.linked.update(one.url for one in page.links)
            found = _judge(answer, page, year)
            self._failures = self._failures + 1 if found.reason.startswith("not_received") else 0
        if found.outcome == EMPTY_ANSWER and address_key(url) in self.held:
            found = Judgment(PARTIAL, "known_entry: it showed a report before")
        at = len(self.answers)
        same = self._texts.setdefault(found.text, at) if found.outcome == REPORT else at
        if same != at:
            found = Judgment(PARTIAL, "not_understood: the same report as of another agency or year")
            self.answers[same] = replace(self.answers[same], judgment=found)
            self.good = None  # a site that shows one report at two addresses proves nothing by it
        self.answers.append(AddressedAnswer(agency, year, url, found))
        if found.outcome == EMPTY_ANSWER:
            self.waiting.append(at)
        elif found.outcome == REPORT:
            self.good = self.answers[at]
            self._end_waiting()

    def confirm_last(self) -> None:
        """Ask an address that showed a report once more, for the empty answers that came after the last one."""
        good = self.good
        if self.waiting and good is not None:
            is_there = judge_answer(self.fetch(Request(good.url)), good.year).outcome == REPORT
            self._end_waiting("" if is_there else "control_failed")
        self._end_waiting("no_known_good_address")

    def _end_waiting(self, doubt: str = "") -> None:
        for at in self.waiting:
            if doubt:
                self.answers[at] = replace(self.answers[at], judgment=Judgment(PARTIAL, doubt))
            elif self.good is not None:
                self.answers[at] = replace(self.answers[at], control=self.good.url)
        self.waiting = []


def judge_answer(answer: Answer, year: int) -> Judgment:
    """Decide whether an answer is the report of the year, says that there is none, or is neither."""
    return _judge(answer, read_page(answer, keep_root=True), year)


def _judge(answer: Answer, page: Page, year: int) -> Judgment:
    if answer.status in (404, 410) or any(word in page.refusal for word in ADDRESSED["absent"]):
        return Judgment(EMPTY_ANSWER, page.refusal)
    if page.refusal:
        return Judgment(PARTIAL, f"not_received: {page.refusal}")
    if urlsplit(answer.url).path != urlsplit(answer.request.url).path:
        return Judgment(PARTIAL, f"not_understood: sent to {answer.url}")
    return judge_page(page, year)


def judge_page(page: Page, year: int | None = None) -> Judgment:
    """Decide the same of a page that came. ``year``: the reporting year that was asked for, if it is known."""
    root = page.root if page.root is not None else parse_html(page.source)
    heads = [text_of(one)[:300] for one in root.xpath(_HEADINGS)]
    named = {head: found.year for head in heads if (found := classify(head, None)).is_report and found.year}
    bodies = [body for selector in ADDRESSED["bodies"] for body in root.cssselect(selector)]
    text, inside = text_of(root), squeeze("".join(map(text_of, bodies)))
    is_filled = len(inside) >= MIN_BODY_CHARS or any(map(_shows_file, bodies))
    chapters = sum(chapter in squeeze(text) for chapter in ADDRESSED["chapters"])
    if chapters >= MIN_CHAPTERS or (named and (is_filled or _shows_file(root, pictures=False))):
        if year and year not in named.values() and (named or f"{year}年" not in squeeze(text)):
            return Judgment(PARTIAL, "not_understood: a report of another year")
        title = min((head for head, of in named.items() if year in (of, None)), key=len, default=page.title)
        dated = _DATED.search(text)
        entry = Entry(title, page.url, find_date(dated[0]) if dated else "")
        return Judgment(REPORT, entry=entry, text=f"{heads}{inside or squeeze(text)}")
    is_elsewhere = bool(page.frames) or _shows_file(root, pictures=not bodies)
    if (bodies or page.says_empty) and not (named or is_filled or is_elsewhere):
        return Judgment(EMPTY_ANSWER)
    return Judgment(PARTIAL, "not_understood: neither a report nor empty")


def _shows_file(element: Any, *, pictures: bool = True) -> bool:
    """Whether a part of a page shows or links what may be a report itself."""
    shown = [one for one in element.iter("embed", "object", "iframe") if one.get("width") not in ("0", "1")]
    if shown or (pictures and element.find(".//img") is not None):
        return True
    return _FILE.search(html.tostring(element, encoding="unicode")) is not None
