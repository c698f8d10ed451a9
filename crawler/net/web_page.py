"""A page as it came: its address, text and tree; and the words by which pages say what they are (``page_words.toml``).

Pure.
"""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
from lxml import etree

from archive.documents import charset

MAX_CHARS = 4_000_000  # of a page that are parsed
_PLAIN = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)  # lxml.html's own asks Python for each element
_UNSHOWN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|noscript|template)\b.*?(?:</\1[^>]*+(?:>|\Z)|\Z)", re.I | re.S)
_TAG = re.compile(r"<[^<>]*+(?:>|\Z)")


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
    def shown(self) -> str:
        """Its visible text."""
        return visible_text(self.text[:MAX_CHARS])


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
    return " ".join(html.unescape(_TAG.sub(" ", _UNSHOWN.sub(" ", page))).split())


def decode(body: bytes) -> str:
    """Return the text of a page from its bytes; never raises. Bad bytes become U+FFFD."""
    return charset.decode(body).text


@cache
def data() -> dict[str, Any]:
    """Return the whole file."""
    text = resources.files("crawler.net").joinpath("page_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(section: str, key: str = "words") -> tuple[str, ...]:
    """Return a list of marks, lower case: ``words("soft_404")``."""
    return tuple(str(word).lower() for word in data()[section][key])


def names_no_file(text: str) -> bool:
    """Whether a link's text says nothing of the file it leads to (点击下载)."""
    return re.sub(r"[\s【】\[\]()（）:：>]+", "", text) in data()["parts"]["unsaid"]
