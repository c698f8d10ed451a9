"""A page without items beside a list of the same template: whether the place of the items alone is empty (pure)."""

from __future__ import annotations

from itertools import islice

import lxml.html

from crawler.lists.addresses import text_of
from crawler.lists.list_page import ListPage, Page, parse
from crawler.lists.list_template import entries_of, holder_of, mark_of
from crawler.lists.page_text import visible_text
from crawler.lists.paging.pagers import printed_total

_INLINE = frozenset({"a", "span", "b", "i", "em", "font", "strong", "br", "u", "small"})  # within a text
_UNREAD = frozenset({"html", "head", "body", "script", "style", "meta", "link", "title", "template", "noscript"})
_LEAST = 6  # sorts of elements that a template has besides the place of its items
_MOST = 20_000
Path = tuple[str, ...]


def is_empty_as(blank: Page, page: Page, read: ListPage) -> bool:
    """Whether a page is made as a list page that was read, with nothing in the place of its items.

    All else that the list page is made of stands there too, but for what turns its pages; nothing else does. In the
    place of the items stands what stands there beside them (the header of a table), or not a word.
    """
    tree, listed = parse(blank.text), parse(page.text)
    around = holder_of([*entries_of(page, read, listed)])
    if tree is None or listed is None or around is None or around.tag in _UNREAD:
        return False
    place = _path(around)
    mine = [one for one in _elements(tree) if _path(one) == place]
    theirs = [one for one in _elements(listed) if _path(one) == place]
    if len(mine) != 1 or len(theirs) != 1 or not _beside(mine[0]) <= _beside(around):
        return False
    if printed_total(visible_text(blank.text)):
        return False
    own, of_list = _outline(tree, mine[0]), _outline(listed, around)
    return len(own) >= _LEAST and own <= of_list and all(_turns_pages(path) for path in of_list - own)


def _elements(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    return [one for one in islice(tree.iter(), _MOST) if isinstance(one.tag, str)]


def _path(node: lxml.html.HtmlElement) -> Path:
    """How an element and those around it are marked up, the innermost first."""
    return tuple(mark_of(one) for one in (node, *node.iterancestors()) if one.tag not in _UNREAD)


def _outline(tree: lxml.html.HtmlElement, place: lxml.html.HtmlElement) -> set[Path]:
    """Every sort of element of a page outside the place of its items."""
    inside = set(place.iterdescendants())
    return {
        _path(one) for one in _elements(tree) if one not in inside and one.tag not in _UNREAD and one.tag not in _INLINE
    }


def _beside(place: lxml.html.HtmlElement) -> set[str]:
    """The words that stand in a place, element by element."""
    pieces = [place.text or "", *(text_of(one) for one in place), *(one.tail or "" for one in place)]
    return {"".join(piece.split()) for piece in pieces} - {""}


def _turns_pages(path: Path) -> bool:
    return any(word in mark.lower() for mark in path for word in ("page", "pagi", "fenye"))
