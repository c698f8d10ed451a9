"""A page that is a document itself where a list was expected: one-article columns, of which the text is replaced
every year (pure).
"""

from __future__ import annotations

import re

import lxml.html

from crawler.families.addresses import text_of
from crawler.families.lists import ListPage, Page
from crawler.families.portal import names_a_report
from crawler.signatures import Signature, words
from storage.records import Link

_HEADINGS = (
    "//h1 | //h2 | //h3 | //*[contains(@class, 'title')] | //*[contains(@id, 'title')]"
    " | //meta[translate(@name, 'ARTICLE', 'article')='articletitle'] | //title"
)
_FILE = re.compile(r"\.(?:pdf|docx?|wps|ofd)\b|download", re.IGNORECASE)
_CHAPTERS = 3  # of the form; fewer may stand in a menu
_LIST = 5  # links to reports; a page with so many is a list, whatever excerpts it prints


def article_on(page: Page, tree: lxml.html.HtmlElement | None, signature: Signature) -> ListPage | None:
    """Return the page as a list of itself where it is a report: its heading names one, and the chapters of the form
    (or nothing but a document that is shown) stand in its text. None for any other page.
    """
    if tree is None:
        return None
    heads = [node.get("content") or text_of(node) for node in tree.xpath(_HEADINGS)[:40]]
    title = next((" ".join(head.split())[:300] for head in heads if names_a_report(head[:300])), "")
    body = next((found[0] for selector in signature.content if (found := tree.cssselect(selector))), None)
    text = re.sub(r"\s+", "", text_of_all(tree if body is None else body))
    chapters = sum(chapter in text for chapter in words("report_page", "chapters"))
    shows = body is not None and title and next(body.iter("iframe", "embed", "object", "img"), None) is not None
    files = {_FILE.split(name)[0].strip() for name in _files(tree) if names_a_report(name)}
    attached = body is not None and title and len(files) < 2 and (files or _files(body))  # files of two are a list
    if not title or not (chapters >= _CHAPTERS or shows or attached):
        return None
    if sum(names_a_report(text_of(anchor)[:300]) for anchor in tree.iter("a")) >= _LIST:
        return None
    return ListPage(links=(Link(url=page.url, text=title, row=title),))


def text_of_all(node: lxml.html.HtmlElement) -> str:
    """Text of an element without scripts and styles, bounded."""
    pieces = node.xpath(".//text()[not(ancestor::script or ancestor::style)]")
    return "".join(str(piece) for piece in pieces[:20_000])[:400_000]


def _files(node: lxml.html.HtmlElement) -> list[str]:
    """What the links to files say."""
    return [text_of(anchor)[:300] for anchor in node.iter("a") if _FILE.search(anchor.get("href") or "")]
