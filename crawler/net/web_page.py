"""A page as it came: its address, text and tree; and the words by which pages are judged (``page_words.toml``)."""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.documents import charset

MAX_CHARS = 4_000_000  # of a page that are parsed
_UNSHOWN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|noscript|template)\b.*?(?:</\1[^>]*+(?:>|\Z)|\Z)", re.I | re.S)
_TAG = re.compile(r"<[^<>]*+(?:>|\Z)")


@dataclass(frozen=True)
class WebPage:
    """A page: its final address and decoded text. Tree and visible text are made at first use; the tree must not be
    changed. Do not keep many pages after using their trees: a tree takes many times the memory of its text.
    """

    url: str
    text: str

    @cached_property
    def tree(self) -> LexborNode:
        """The element tree."""
        return parse(self.text)

    @cached_property
    def base(self) -> str:
        """The address that relative addresses on the page refer to: ``<base href>``, else the page's own."""
        base = self.tree.css_first("base[href]")
        try:
            found = urljoin(self.url, (base.attributes.get("href") or "").strip()) if base is not None else self.url
            return found if urlsplit(found).scheme in {"http", "https"} else self.url
        except ValueError:
            return self.url

    @cached_property
    def shown(self) -> str:
        """The visible text."""
        return visible_text(self.text[:MAX_CHARS])


def parse(markup: str) -> LexborNode:
    """Return the tree of the first ``MAX_CHARS`` characters of a page."""
    root = LexborHTMLParser(markup[:MAX_CHARS]).root
    assert root is not None, "a tree of HTML has an element"
    return root


def visible_text(page: str) -> str:
    """Return the text of a page without markup, scripts and styles; linear in its length."""
    return " ".join(html.unescape(_TAG.sub(" ", _UNSHOWN.sub(" ", page))).split())


def decode(body: bytes) -> str:
    """Return the text of a page from its bytes; never raises. Bad bytes become U+FFFD."""
    return charset.decode(body).text


@cache
def data() -> dict[str, Any]:
    """Return the content of ``page_words.toml``."""
    text = resources.files("crawler.net").joinpath("page_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(section: str, key: str = "words") -> tuple[str, ...]:
    """Return a list of words from ``page_words.toml`` in lower case: ``words("soft_404")``."""
    return tuple(str(word).lower() for word in data()[section][key])


def names_no_file(text: str) -> bool:
    """Whether a link's text says nothing about its file (点击下载)."""
    return re.sub(r"[\s【】\[\]()（）:：>]+", "", text) in data()["parts"]["unsaid"]
