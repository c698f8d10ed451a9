"""A stored page of a listing, and what a family makes of it (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import lxml.html
from lxml import etree

from archive.identity.addresses import is_unlinked, printed_at
from archive.identity.binding import name_two
from crawler.lists.addresses import base_of
from crawler.lists.list_requests import ListRequest
from crawler.lists.page_text import beginning_of_text, visible_text
from crawler.lists.script_values import resolve_calls
from crawler.lists.size_claims import Claim, Stated, StatedPager
from storage.records import Link, LookOutcome

DIVIDED = "list_is_divided"  # a page that names the lists below it in its data, and has none itself
_SIZE = 4_000_000  # characters of a page that are parsed
_SHORT = 1_500  # characters of visible text from which a page is no short one
_PLAIN = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)  # lxml.html's own asks Python for each element


@dataclass(frozen=True)
class Page:
    """A stored page of a listing: final address, decoded text, the bytes' length. ``column``: what the listing is
    called, with the columns above it (政府信息公开年报>县政府>2024年); "" where that is not known.

    All who judge a page read the same tree and the same text of it, each made once, when it is first asked for. Nobody
    changes the tree. Whoever keeps pages keeps them unread: a tree takes many times the memory of its text.
    """

    url: str
    text: str
    size: int = 0
    column: str = ""

    @property
    def tree(self) -> lxml.html.HtmlElement | None:
        """Its element tree (:func:`parse`)."""
        return self._parsed[0]

    @property
    def is_whole(self) -> bool:
        """Whether all of it is in the tree."""
        return self._parsed[1]

    @cached_property
    def base(self) -> str:
        """What its addresses are relative to."""
        return base_of(self.url, self.tree)

    @cached_property
    def visible_text(self) -> str:
        """Its text without markup, scripts and styles."""
        return visible_text(self.text)

    @cached_property
    def beginning(self) -> str:
        """Its visible text where that has at most 1,500 characters; else a beginning that is longer."""
        return beginning_of_text(self.text, _SHORT)

    @cached_property
    def _parsed(self) -> tuple[lxml.html.HtmlElement | None, bool]:
        return parse_all(self.text)


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a family makes of one page of a listing.

    ``following``: addresses (or requests) of the pages that come next; ``speculative``: nothing on the page says
    that they exist.
    ``outcome`` is ok, or why this page is none to be believed (``changed``, ``script_only``, ``partial``) with
    ``reason``.
    ``subcolumns``: links to further lists of reports; ``hub``: the page is there to show them.
    ``pages``: how many pages the list says it has; ``by_script``: more of it is turned to by script only;
    ``doubt``: why items of this page may be missing among ``links`` (a look with one is never ok);
    ``frames``: pages shown inside this one; ``interface_page``: it has no items by design, and names in
    ``following`` the interface that answers with them; ``aliases``: other addresses at which the same list is shown.
    ``outside_list``: addresses of entries that stand in another box than the list (read where a page claims a total);
    ``claims``: what pagers and answers say of the list's size (:mod:`crawler.lists.completeness`); ``pagers``: those of
    the page, None where its content system did not look for them.
    """

    links: tuple[Link, ...]
    following: tuple[str | ListRequest, ...] = ()
    speculative: bool = False
    total: int | None = None
    outcome: LookOutcome = LookOutcome.OK
    reason: str = ""
    subcolumns: tuple[Link, ...] = ()
    pages: int | None = None
    doubt: str = ""
    by_script: bool = False
    hub: bool = False
    frames: tuple[str, ...] = ()
    interface_page: bool = False
    aliases: tuple[str, ...] = ()
    outside_list: frozenset[str] = frozenset()
    claims: tuple[Claim, ...] = ()
    pagers: tuple[StatedPager, ...] | None = None

    @property
    def linked(self) -> int:
        """How many items have a link: those that a printed total counts for certain."""
        return sum(not is_unlinked(link.url) for link in self.links)

    @property
    def every_claim(self) -> tuple[Claim, ...]:
        """All that is said of the list's size: its own total and number of pages, and what pagers and answers state."""
        total = [Claim("", total=Stated("", self.total))] if self.total is not None else []
        pages = [Claim("", pages=Stated("", self.pages))] if self.pages is not None else []
        return (*total, *pages, *self.claims)


def key_of(link: Link, found: Mapping[str, Link]) -> str:
    """Return the key of an entry among those ``found``: its address, but of an entry that names another body's report
    than the one found there, the address with its title.
    """
    first = found.get(link.url)
    return printed_at(link.url, link.text) if first is not None and name_two(first.text, link.text) else link.url


def parse(text: str) -> lxml.html.HtmlElement | None:
    """Return an element tree of a page, or None where there is nothing to parse; bounded in size, without network.

    What only goes to an address by script is a link to it (:func:`resolve_calls`).
    """
    return parse_all(text)[0]


def parse_all(text: str) -> tuple[lxml.html.HtmlElement | None, bool]:
    """Return :func:`parse`, and whether the whole page is in it: what is too long or too deep is cut."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    parser.set_element_class_lookup(_PLAIN)
    cleaned = text[:_SIZE].replace("\x00", "")
    try:
        tree = lxml.html.document_fromstring(cleaned.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None, len(text) <= _SIZE
    if "onclick" in cleaned or "javascript:" in cleaned:
        resolve_calls(tree)
    limited = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return tree, len(text) <= _SIZE and not limited


def between(text: str, start: str, end: str, most: int = 5_000) -> list[str]:
    """Return what stands between each ``start`` and the ``end`` after it, in any case; linear in the length."""
    lower, at = text.lower(), 0
    pieces: list[str] = []
    while len(pieces) < most:
        begin = lower.find(start, at)
        stop = lower.find(end, begin + len(start)) if begin >= 0 else -1
        if stop < 0:
            break
        pieces.append(text[begin + len(start) : stop])
        at = stop + len(end)
    return pieces


SHORTEST = 10  # entries at which lists are cut, at the least
_FULL = ((60, 5), (100, 10), (math.inf, 50))  # up to so many entries, lists are cut at multiples of that


def is_full(count: int) -> bool:
    """Whether so many entries may be a page that was cut at its full number: of long pages, a round one."""
    step = next(step for most, step in _FULL if count <= most)
    return count >= SHORTEST and count % step == 0
