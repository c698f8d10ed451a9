"""Reports that no list shows, or of one year only: each stands at an address made of an agency's code and the year.

An empty answer proves something only if the site shows a report to the same look before and after it: an address that
is known to hold one is asked first, and once more at the end if nothing but empty answers came since the last report.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import product, zip_longest
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from lxml import html

from archive.identity.classification import classify
from crawler.lists.engine import YEAR_FIELD, Verdict, address_key, find_unshown, name_of
from crawler.lists.fetch import Answer, Fetch, Request
from crawler.lists.html_tree import HtmlTree, text_of
from crawler.lists.list_reader import ListReading
from crawler.lists.page import Entry, Page
from crawler.lists.page_reader import read_page
from crawler.lists.words import ADDRESSED, REFUSAL, find_date, squeeze

REPORT, EMPTY_ANSWER, PARTIAL = "report", "empty", "partial"
MAX_FAILURES, MIN_CHAPTERS, MIN_BODY_CHARS = 3, 2, 40
_HEADINGS = "//h1|//h2|//h3|//title|//*[contains(@class, 'title') or contains(@id, 'title')]"
_YEAR, _PIECE = "{year}", re.compile(r"([/?&=])")
Item = TypeVar("Item")
_FILE, _DATED = re.compile(ADDRESSED["file"], re.I), re.compile(ADDRESSED["dated"])


@dataclass(frozen=True, slots=True)
class Judgment:
    """What an answer is: a report, empty, or partial for a reason. ``text``: what it says, without furniture."""

    outcome: str
    reason: str = ""
    entry: Entry | None = None
    text: str = ""


@dataclass(slots=True)
class EmptyAnswers(Generic[Item]):
    """Empty answers that wait until a report is shown after them. ``good``: the address that showed one last."""

    good: str = ""
    waiting: list[Item] = field(default_factory=list)

    def confirm(self, good: str) -> list[Item]:
        """Return what waited, now that an address has shown a report."""
        confirmed, self.waiting, self.good = self.waiting, [], good
        return confirmed

    @property
    def doubt(self) -> str:
        """Why those that still wait at the end of a look prove nothing."""
        return "control_failed" if self.good else "no_known_good_address"


def read_years(
    read: ListReading, fetch: Fetch, known_urls: Collection[str] = ()
) -> tuple[ListReading, Collection[str]]:
    """Ask for all years, where a list links the report of each agency for one year and that one links the others.

    Return the list of what is there, and the addresses that were asked for.
    """
    links = [take_apart(one.url) for one in read.entries]
    places = [at for at, one in enumerate(zip_longest(*(pieces for pieces, _ in links))) if len(set(one)) > 1]
    if len(places) != 1 or not all(year for _, year in links):
        return read, ()
    pattern, first = links[0]
    asking = _Asking(fetch, {address_key(url) for url in known_urls}, pattern, places[0])
    asking.ask(pattern[places[0]], first)
    if not any(code == pattern[places[0]] and year != first for code, year in asking.linked()):
        return read, ()
    codes, years, years_read = [pieces[places[0]] for pieces, _ in links], {year for _, year in links}, set[int]()
    while years_left := sorted(years - years_read, reverse=True):
        for year, code in product(years_left, dict.fromkeys(codes)):
            asking.ask(code, year)
        years_read.update(years_left)
        years |= {year for _, year in asking.linked()}
    asking.confirm_last()
    entries = tuple(one.entry for one in asking.found.values() if one.entry is not None)
    unmet = [one for one in read.unmet_at_last if not one.startswith(("known_entry", "other_years"))]
    unmet += [f"{one.reason}: {url}" for url, one in asking.found.items() if one.outcome == PARTIAL]
    unmet += [f"way_on: {code}" for code in sorted({code for code, _ in asking.linked()} - set(codes))]
    unmet += find_unshown(known_urls, entries) if entries else ["shows_nothing: no year has a report"]
    shown_on = {name_of(one): one.url for one in entries}
    return replace(read, entries=entries, verdict=Verdict.of(unmet), shown_on=shown_on), asking.found


def take_apart(url: str) -> tuple[list[str], int]:
    """Return the pieces of an address with a hole for its year, and the year; 0 if it has none."""
    match = YEAR_FIELD.search(url)
    holed = f"{url[: match.start(1)]}{_YEAR}{url[match.end(1) :]}" if match else url
    return _PIECE.split(holed), int(match[1]) if match else 0


class _Asking:
    """One look at all addresses: what the answer of each is, and what the answers link.

    ``held_keys``: addresses that showed a report before. ``pattern``: the pieces of each address, of which the one
    ``at`` a place is the agency's code.
    """

    def __init__(self, fetch: Fetch, held_keys: Collection[str], pattern: list[str], at: int) -> None:
        self.fetch, self.held, self.before, self.after = fetch, held_keys, pattern[:at], pattern[at + 1 :]
        self.found: dict[str, Judgment] = {}
        self._links: set[str] = set()
        self._empty, self._failures = EmptyAnswers[str](), 0
        self._texts: dict[str, str] = {}

    def linked(self) -> set[tuple[str, int]]:
        """Return the codes and years of such addresses to which the answers link."""
        at, links = len(self.before), (take_apart(url) for url in self._links)
        return {
            (pieces[at], year)
            for pieces, year in links
            if year and pieces[:at] == self.before and pieces[at + 1 :] == self.after
        }

    def ask(self, code: str, year: int) -> None:
        """Ask for one report, once, unless the site has failed several times in a row."""
        url = "".join((*self.before, code, *self.after)).replace(_YEAR, str(year))
        if url in self.found:
            return
        judgment = Judgment(PARTIAL, "not_asked: the site fails")
        if self._failures < MAX_FAILURES:
            answer = self.fetch(Request(url))
            page = read_page(answer)
            self._links.update(one.url for one in page.links)
            judgment = _judge(answer, page, year)
            self._failures = self._failures + 1 if judgment.reason.startswith("not_received") else 0
        if judgment.outcome == EMPTY_ANSWER and address_key(url) in self.held:
            judgment = Judgment(PARTIAL, "known_entry: it showed a report before")
        same = self._texts.setdefault(judgment.text, url) if judgment.outcome == REPORT else url
        if same != url:
            judgment = self.found[same] = Judgment(PARTIAL, "not_understood: the same report as at another address")
            self._empty.good = ""  # a site that shows one report at two addresses proves nothing by it
        self.found[url] = judgment
        if judgment.outcome == EMPTY_ANSWER:
            self._empty.waiting.append(url)
        elif judgment.outcome == REPORT:
            self._empty.confirm(url)

    def confirm_last(self) -> None:
        """Ask an address that showed a report once more, for the empty answers that came after the last one."""
        good, waiting = self._empty.good, self._empty.waiting
        if waiting and (not good or judge_answer(self.fetch(Request(good)), take_apart(good)[1]).outcome != REPORT):
            self.found |= dict.fromkeys(waiting, Judgment(PARTIAL, self._empty.doubt))


def judge_answer(answer: Answer, year: int) -> Judgment:
    """Decide whether an answer is the report of the year, says that there is none, or is neither."""
    return _judge(answer, read_page(answer), year)


def _judge(answer: Answer, page: Page, year: int) -> Judgment:
    if answer.status in (404, 410) or any(word in page.refusal for word in REFUSAL["absent"]):
        return Judgment(EMPTY_ANSWER, page.refusal)
    if page.refusal:
        return Judgment(PARTIAL, f"not_received: {page.refusal}")
    if urlsplit(answer.url).path != urlsplit(answer.request.url).path:
        return Judgment(PARTIAL, f"not_understood: sent to {answer.url}")
    return judge_page(page, year)


def judge_page(page: Page, year: int | None = None) -> Judgment:
    """Decide the same of a page that came. ``year``: the reporting year that was asked for, if it is known."""
    root = HtmlTree(page.url, page.source, page.source).root
    heads = [text_of(one)[:300] for one in root.xpath(_HEADINGS)]
    titles = {head: found.year for head in heads if (found := classify(head, None)).is_report and found.year}
    bodies = [body for selector in ADDRESSED["bodies"] for body in root.cssselect(selector)]
    text, inside = text_of(root), squeeze("".join(map(text_of, bodies)))
    is_filled = len(inside) >= MIN_BODY_CHARS or any(map(_shows_file, bodies))
    chapters = sum(chapter in squeeze(text) for chapter in ADDRESSED["chapters"])
    if chapters >= MIN_CHAPTERS or (titles and (is_filled or _shows_file(root, pictures=False))):
        if year and year not in titles.values() and (titles or f"{year}年" not in squeeze(text)):
            return Judgment(PARTIAL, "not_understood: a report of another year")
        title = min((head for head, of in titles.items() if year in (of, None)), key=len, default=page.title)
        dated = _DATED.search(text)
        entry = Entry(title, page.url, find_date(dated[0]) if dated else "")
        return Judgment(REPORT, entry=entry, text=f"{heads}{inside or squeeze(text)}")
    is_elsewhere = bool(page.frames) or _shows_file(root, pictures=not bodies)
    if (bodies or page.says_empty) and not (titles or is_filled or is_elsewhere):
        return Judgment(EMPTY_ANSWER)
    return Judgment(PARTIAL, "not_understood: neither a report nor empty")


def _shows_file(element: Any, *, pictures: bool = True) -> bool:
    """Whether a part of a page shows or links what may be a report itself."""
    frames = [one for one in element.iter("embed", "object", "iframe") if one.get("width") not in ("0", "1")]
    if frames or (pictures and element.find(".//img") is not None):
        return True
    return _FILE.search(html.tostring(element, encoding="unicode")) is not None


def address_pattern(url: str) -> re.Pattern[str]:
    """Return the addresses that one with ``{code}`` and ``{year}`` makes, as a pattern: in whatever order its fields
    stand, with others beside them or not. One whose year is left out shows a body's newest report, and is one of them.
    """
    way, _, query = url.partition("?")
    if "{year}" not in query:
        return re.compile(_filled(url))
    lookaheads = ""
    for one in query.split("&"):
        name, _, value = one.partition("=")
        shape = rf"{re.escape(name)}={_filled(value)}(?:[&#]|$)"
        if "{code}" in value or ("{code}" in way and "{year}" not in value):
            lookaheads += rf"(?=(?:[^#]*&)?{shape})"
        else:  # left out, or as it stands there
            lookaheads += rf"(?!(?:[^#]*&)?{re.escape(name)}=(?!{_filled(value)}(?:[&#]|$)))"
    return re.compile(rf"{_filled(way)}\?{lookaheads}[^#]*")


def _filled(text: str) -> str:
    """A piece of an address with gaps as a regular expression."""
    return re.escape(text).replace(r"\{code\}", r"[^&/?#]+").replace(r"\{year\}", r"\d{4}")
