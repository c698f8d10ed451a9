"""Any other system: a list is read from the page alone.

Items are known by a date in their row and by titles that speak of reports, as everywhere; besides, by repeated
structure: what stands under an address of the same shape as these is an item too, and so are three bodies' names under
addresses of one shape. Every pager the page declares is followed. A list is never taken for read to its end unless the
page says, or shows, where that is: a full number of entries and not a word about pages leaves a doubt.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import ClassVar

from archive.identity.addresses import is_unlinked
from crawler.listing_specs import addressed, column, searched
from crawler.lists.address_shapes import shape_of
from crawler.lists.addresses import joined, target_of, text_of
from crawler.lists.articles import article_on
from crawler.lists.default_reading import surrounds_a_scripted_list
from crawler.lists.entries.items import read_items
from crawler.lists.kinds.page_kinds import names_a_body, names_a_column
from crawler.lists.list_page import ListPage, Page
from crawler.lists.paging.next_pages import doubted_if_full, with_next_pages
from crawler.lists.scripts.asked_lists import is_asked
from crawler.lists.scripts.packed_markup import with_unpacked_markup
from crawler.lists.signatures import Signature, signatures
from crawler.spider import PortalSpider
from storage.records import LookOutcome

__all__ = ["Generic", "addressed", "column", "searched"]

_OF_YEAR = re.compile(r"[(（\[【]?20\d\d年度?[)）\]】]?")
_SHAPES = 20
_NAMED = 3  # bodies under addresses of one shape that make these addresses items


class Generic(PortalSpider):
    """Base of portals whose system is unknown."""

    family: ClassVar[str] = "generic"

    @classmethod
    def signature(cls) -> Signature:
        """Return the family's marks, with the second copies of documents that any system has."""
        return _with_all_twins()

    def read_list(self, page: Page) -> ListPage:
        """Return the items, by what the page itself shows, and all that follows; or the report that stands there."""
        whole = with_unpacked_markup(page)
        article = article_on(whole, self.signature())
        if article is not None:
            return article
        plain = _with_kin(self.read_entries(whole), whole, self.signature())
        return doubted_if_full(with_next_pages(plain, whole), whole)


@cache
def _with_all_twins() -> Signature:
    known = signatures()
    return replace(known[Generic.family], twins=tuple(twin for one in known.values() for twin in one.twins))


def _with_kin(plain: ListPage, page: Page, signature: Signature) -> ListPage:
    """Return a list with what stands under addresses of the same shape as its items."""
    if plain.interface_page or is_asked(page.url) or plain.doubt == "more_links_than_read":
        return plain
    shapes = {shape for link in plain.links if not is_unlinked(link.url) and (shape := shape_of(link.url))}
    shapes |= _of_bodies(page)
    if page.tree is None or not shapes:
        return plain
    detail = re.compile("|".join(f"(?:{shape})" for shape in sorted(shapes)[:_SHAPES]))
    links, doubt = read_items(page, replace(signature, detail=detail))
    links = tuple(link for link in links if link.url != page.url) or links  # its own place in a menu is no entry of it
    if not links or (
        plain.outcome is LookOutcome.SCRIPT_ONLY and surrounds_a_scripted_list(replace(plain, links=links), page)
    ):
        return plain
    return replace(plain, links=links, doubt=doubt or plain.doubt, outcome=LookOutcome.OK, reason="")


def _of_bodies(page: Page) -> set[str]:
    """The shapes of addresses under which the names of several bodies stand."""
    tree = page.tree
    if tree is None or not names_a_column(tree):
        return set()
    found: Counter[str] = Counter()
    for anchor in tree.iter("a"):
        href = target_of(anchor)
        if href and names_a_body(_OF_YEAR.sub("", text_of(anchor))):
            found[shape_of(joined(page.base, href) or "")] += 1
    return {shape for shape, count in found.items() if shape and count >= _NAMED}
