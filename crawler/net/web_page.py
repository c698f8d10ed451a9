"""A page as it came, for those who look for a report on it: its address, text and tree. Pure."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urljoin, urlsplit

import lxml.html
from lxml import etree

MAX_CHARS = 4_000_000  # of a page that are parsed
_SHORT = 1_500  # characters of visible text from which a page is no short one
_PLAIN = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)  # lxml.html's own asks Python for each element
_HIDDEN = ("script", "style", "noscript", "template")
_OPENS = re.compile(rf"<(?:({'|'.join(_HIDDEN)})\b|!--)", re.IGNORECASE)
_RUN = re.compile(rf"(?>(?:[^<]++|<(?!!--|(?:{'|'.join(_HIDDEN)})\b)[^>]*+>)*)", re.IGNORECASE)  # text and whole tags
_TAG = re.compile(r"<[^>]*+>")
_CLOSES = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _HIDDEN}
_FIRST_CHARS, _LONGER = 4_000, 4  # of a page that are read first, and how many times more each time
_ENTITY = 10  # characters of a text that a cut may have changed


@dataclass(frozen=True)
class WebPage:
    """A page: final address and decoded text. Its tree and text are made when they are first asked for, and nobody
    changes the tree. Whoever keeps pages keeps them unread: a tree takes many times the memory of its text.
    """

    url: str
    text: str

    @cached_property
    def tree(self) -> lxml.html.HtmlElement | None:
        """Its element tree (:func:`parse`)."""
        return parse(self.text)

    @cached_property
    def base(self) -> str:
        """What its addresses are relative to: ``<base href>``, else its own address."""
        tree = self.tree
        href = (
            next((node.get("href") for node in tree.iter("base") if node.get("href")), "") if tree is not None else ""
        )
        try:
            found = urljoin(self.url, href.strip()) if href else self.url
            return found if urlsplit(found).scheme in {"http", "https"} else self.url
        except ValueError:
            return self.url

    @cached_property
    def beginning(self) -> str:
        """Its visible text where that has at most 1,500 characters; else a beginning that is longer."""
        return beginning_of_text(self.text, _SHORT)


def parse(text: str) -> lxml.html.HtmlElement | None:
    """Return the tree of a page, or None where there is nothing to parse; bounded in size, without network."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    parser.set_element_class_lookup(_PLAIN)
    cleaned = text[:MAX_CHARS].replace("\x00", "")
    try:
        return lxml.html.document_fromstring(cleaned.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def visible_text(page: str) -> str:
    """Return the text of a page without markup, scripts and styles; linear in its length."""
    kept, at = [], 0
    while run := _RUN.match(page, at):
        end = run.end()
        kept.append(_TAG.sub(" ", page[at:end]))
        opened = _OPENS.match(page, end)
        if opened is None:  # the end of the page, or a tag without end
            break
        if opened.group(1) is None:
            at, shut = page.find("-->", end + 4), 3
        else:
            closed = _CLOSES[opened.group(1).lower()].search(page, end)
            at, shut = page.find(">", closed.start()) if closed else -1, 1
        if at < 0:
            break
        at += shut
        kept.append(" ")
    return " ".join(html.unescape("".join(kept)).split())


def beginning_of_text(page: str, most: int) -> str:
    """Return the visible text of a page where it has at most so many characters; else a beginning that is longer."""
    size = _FIRST_CHARS
    while size < len(page):
        beginning = _text_of_beginning(page, size)
        if len(beginning) > most + _ENTITY:
            return beginning
        size *= _LONGER
    return _text_of_beginning(page, len(page))


@lru_cache(maxsize=2)  # a page is asked for its text when it is judged, and again when its files are looked for
def _text_of_beginning(page: str, size: int) -> str:
    return visible_text(page[:size])
