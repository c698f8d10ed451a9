"""Recognises addresses made of an agency's code and a reporting year, and judges their pages. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlsplit

from lxml import html

from archive.identity.classification import classify
from crawler.lists.html_tree import HtmlTree, text_of
from crawler.lists.page import Answer, Entry, PageOfList
from crawler.lists.page_reader import read_page, read_text
from crawler.lists.words import ADDRESSED, find_date, squeeze

REPORT, EMPTY_ANSWER, PARTIAL = "report", "empty", "partial"
MIN_CHAPTERS, MIN_BODY_CHARS = 2, 40
_HEADINGS = "//h1|//h2|//h3|//title|//*[contains(@class, 'title') or contains(@id, 'title')]"
_FILE, _DATED = re.compile(ADDRESSED["file"], re.I), re.compile(ADDRESSED["dated"])


@dataclass(frozen=True, slots=True)
class Judgment:
    """The judgment of an answer: a report (with its ``entry``), empty, or partial, which is neither."""

    outcome: str
    entry: Entry | None = None


def judge_answer(answer: Answer, year: int) -> Judgment:
    """Judge whether an answer is the report on a year, says that there is none, or neither."""
    page = read_page(answer)
    if answer.status in (404, 410):
        return Judgment(EMPTY_ANSWER)
    if page.refusal or urlsplit(answer.url).path != urlsplit(answer.request.url).path:
        return Judgment(PARTIAL)
    return judge_page(page, year)


@lru_cache(maxsize=2)  # called twice: for the verdict of the capture, and for the report's title in the look
def judge_text(url: str, text: str) -> Judgment:
    """Judge the text of a page as :func:`judge_page` does, for any year."""
    return judge_page(read_text(url, text))


def judge_page(page: PageOfList, year: int | None = None) -> Judgment:
    """Judge whether a page is a report, empty, or neither. ``year``: the reporting year in its address, if known."""
    root = HtmlTree(page.url, page.source).root
    heads = [text_of(one)[:300] for one in root.xpath(_HEADINGS)]
    titles = {head: found.year for head in heads if (found := classify(head, None)).is_report and found.year}
    bodies = [body for selector in ADDRESSED["bodies"] for body in root.cssselect(selector)]
    text, inside = text_of(root), squeeze("".join(map(text_of, bodies)))
    is_filled = len(inside) >= MIN_BODY_CHARS or any(map(_shows_file, bodies))
    chapters = sum(chapter in squeeze(text) for chapter in ADDRESSED["chapters"])
    if chapters >= MIN_CHAPTERS or (titles and (is_filled or _shows_file(root, pictures=False))):
        if year and year not in titles.values() and (titles or f"{year}年" not in squeeze(text)):
            return Judgment(PARTIAL)  # a report of another year
        title = min((head for head, of in titles.items() if year in (of, None)), key=len, default=page.title)
        dated = _DATED.search(text)
        return Judgment(REPORT, Entry(title, page.url, find_date(dated[0]) if dated else ""))
    is_elsewhere = bool(page.frames) or _shows_file(root, pictures=not bodies)
    if (bodies or page.says_empty) and not (titles or is_filled or is_elsewhere):
        return Judgment(EMPTY_ANSWER)
    return Judgment(PARTIAL)


def _shows_file(element: Any, *, pictures: bool = True) -> bool:
    """Whether a part of a page shows or links a file (or a picture) that may be the report."""
    frames = [one for one in element.iter("embed", "object", "iframe") if one.get("width") not in ("0", "1")]
    if frames or (pictures and element.find(".//img") is not None):
        return True
    return _FILE.search(html.tostring(element, encoding="unicode")) is not None


def is_address_of(template: str, url: str) -> bool:
    """Whether an address fits a template with ``{code}`` and ``{year}``; the order of its fields and further fields do
    not matter. The year may be missing: such an address shows an agency's newest report.
    """
    (way, _, query), (path, _, own_query) = template.partition("?"), urldefrag(url).url.partition("?")
    fields = parse_qs(own_query)
    for name, value in parse_qs(query).items():
        is_needed = "{code}" in value[0] or ("{code}" in way and "{year}" not in value[0])
        if not _fills(value[0], fields[name][0]) if name in fields else is_needed:
            return False
    return _fills(way, path)


def _fills(template: str, text: str) -> bool:
    """Whether a text is the template with its gaps filled."""
    pattern = re.escape(template).replace(r"\{code\}", r"[^&/?#]+").replace(r"\{year\}", r"\d{4}")
    return re.fullmatch(pattern, text) is not None
