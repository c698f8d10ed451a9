"""Pagers that scripts of the page write: the addresses of further pages are computed from what the scripts say (pure).

``createPageHTML`` is the name of one function in two systems, told apart by its first argument:

* ``createPageHTML(20, 0, "index", "html")`` (TRS): counts from 0, page 2 is ``index_1.html``
* ``createPageHTML('page_div', 22, 1, 'common_list', 'shtml', 325)`` (UCAP): counts from 1, page 2 is
  ``common_list_2.shtml``

Others say ``var countPage = 2``: page i is ``index_<i>.html``, i from 1; some hide the whole pager as base64 text that
``atob`` unpacks (云南).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import lxml.html

from crawler.families.addresses import base_of
from crawler.families.lists import ListPage, Page, parse
from crawler.families.pagers import next_links, numbered, shows_a_pager
from crawler.signatures import words

_CALL = re.compile(r"(\bfunction\s{1,9})?\bcreatePageHTML\s{0,9}\(\s{0,20}([^)]{0,200})(\)?)")
_COUNT = re.compile(r"\bvar\s+(?:countPage|nPageCount|pageCount|totalPages?)\s*=\s*(\d{1,4})\b")
_NAMED = re.compile(r"""href=\\?["'](\w{1,40})["']\s{0,9}\+\s{0,9}["']_["']""")
_ENDING = re.compile(r"""["']\.["']?\s{0,9}\+?\s{0,9}["']?(s?html?)\\?["'\\]""")
_UNREAD = re.compile(r"(?<!function )(?<!function\t)\bcreatePageHTML\s{0,9}\(")
_PACKED = re.compile(r"""[>"'](?=[A-Za-z0-9+/=]{60})([A-Za-z0-9+/]{60,60000}={0,2})\s{0,20}[<"']""")
_SHORTEST, _FULL = 10, 5  # lists are cut at multiples of five, from ten on
_UNPACKS = re.compile(r"\batob\s?\(")
_MOST = 500
_PARTS = 30  # pages of one document


def opened(page: Page) -> Page:
    """Return a page with what it hides from readers of its source: markup packed as base64, where it calls ``atob``."""
    if not _UNPACKS.search(page.text):
        return page
    unpacked = [_unpacked(match.group(1)) for match in list(_PACKED.finditer(page.text))[:8]]
    at = page.text.lower().rfind("</body")
    at = len(page.text) if at < 0 else at
    return replace(page, text="".join((page.text[:at], *(text for text in unpacked if "<" in text), page.text[at:])))


def _unpacked(text: str) -> str:
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return unquote(plain)


class _Call(NamedTuple):
    """A call of ``createPageHTML``. ``first``: the number of its second page; ``arguments``: all, without quotes."""

    pages: int
    first: int
    stem: str
    ending: str
    arguments: tuple[str, ...]

    def addresses(self, url: str) -> tuple[str, ...]:
        """Addresses of the pages after the first one; ``url``: that of a page beside them."""
        numbers = range(self.first, self.first + self.pages - 1)[:_MOST]
        return tuple(numbered(url, number, self.stem, self.ending) for number in numbers)


def _calls(page: Page) -> tuple[list[_Call], bool]:
    """The calls that could be read, and whether there are others; the definition of the function is none."""
    found = [_call(match.group(2), bool(match.group(3))) for match in _CALL.finditer(page.text) if not match.group(1)]
    return [call for call in found if call is not None], None in found


def _call(text: str, closed: bool) -> _Call | None:
    arguments = tuple(part.strip().strip("'\"") for part in text.split(","))
    quoted = text[:1] in {"'", '"'}
    pages, stem, ending = (1, 3, 4) if quoted else (0, 2, 3)
    if not closed or len(arguments) <= ending or not re.fullmatch(r"[0-9]{1,6}", arguments[pages]):
        return None
    return _Call(int(arguments[pages]), 2 if quoted else 1, arguments[stem], arguments[ending], arguments)


def pages_of(page: Page) -> tuple[str, ...] | None:
    """Addresses of the pages after the first one, as its scripts give them; None where no pager is known on the
    page.

    Of several pagers that with most pages counts: one may be commented out, or be that of another box.
    """
    calls, unread = _calls(page)
    most = max(calls, key=lambda call: call.pages, default=None)
    if most is not None and most.pages > 1:
        return most.addresses(page.url)
    counts = [int(match.group(1)) for match in _COUNT.finditer(page.text)]
    if counts:
        stem, ending = _NAMED.search(page.text), _ENDING.search(page.text)
        names = (stem.group(1) if stem else "", ending.group(1) if ending else "")
        return tuple(numbered(page.url, n, *names) for n in range(1, max(counts))[:_MOST])
    return None if most is None or unread else ()


def writes_an_unread_pager(page: Page, *, any_known: bool = False) -> bool:
    """Whether a page of which no pager was read calls ``createPageHTML``, or unpacks what could not be unpacked here;
    ``any_known``: or calls any other script that is known to write pagers.
    """
    packed = _PACKED.finditer(page.text) if _UNPACKS.search(page.text) else iter(())
    if _UNREAD.search(page.text) or any("<" not in _unpacked(match.group(1)) for match in packed):
        return True
    source = page.text.lower() if any_known else ""
    return any(mark in source for mark in words("script_pager", "calls"))


def with_pages(plain: ListPage, pages: tuple[str, ...]) -> ListPage:
    """Return a list with the pages that its scripts name: so many there are, and they are turned to."""
    return replace(plain, following=pages, pages=max(len(pages) + 1, plain.pages or 0), by_script=False)


def following(page: Page) -> tuple[str, ...]:
    """Addresses behind the page's own pager."""
    tree = parse(page.text)
    return next_links(page.url, base_of(page.url, tree), tree)


def goes_on(plain: ListPage, page: Page) -> ListPage:
    """Return a list with all that follows it: what its scripts name and what its own links lead to.

    Both, where a page has both: a script may speak of something else, and a page too many is found out (a page that
    repeats another, or is not there) while a page too few would not be.
    """
    linked, computed = following(page), pages_of(page)
    if computed is None:
        unread = writes_an_unread_pager(page) and not linked
        return replace(plain, following=linked, by_script=plain.by_script or unread)
    whole = with_pages(plain, computed)
    if _calls(page)[1] and not _COUNT.search(page.text):  # nobody knows whether that one is the list's
        whole = replace(whole, doubt=whole.doubt or "pages_turned_by_script")
    return replace(whole, following=tuple(dict.fromkeys((*computed, *linked))))


_NUMBER = re.compile(r"_(\d{1,4})\.s?html?$")
_PAGER = re.compile(r"下一页|下页|共\s*\d+\s*页|尾页|末页")


def tries_next(plain: ListPage, page: Page, *, second: int) -> ListPage:
    """Return a list without any pager with the next number as a try; ``second``: the number of its second page."""
    if plain.following or plain.pages is not None or plain.by_script or not plain.links or _PAGER.search(page.text):
        return plain
    number = _NUMBER.search(urlsplit(page.url).path)
    return replace(
        plain, following=(numbered(page.url, int(number.group(1)) + 1 if number else second),), speculative=True
    )


def doubted_if_full(found: ListPage, tree: lxml.html.HtmlElement | None) -> ListPage:
    """Return a list with a doubt where it has a full number of entries, and nothing tells how far it goes: no numbers,
    no pages that follow, no buttons that turn back.
    """
    full = len(found.links) >= _SHORTEST and len(found.links) % _FULL == 0
    said = found.total is not None or found.pages is not None or found.following or shows_a_pager(tree)
    return replace(found, doubt=found.doubt or "end_of_list_not_said") if full and not said else found


def parts_of_text(page: Page) -> tuple[str, ...]:
    """Addresses of the further pages of a document whose text is divided (``t1_1.html`` beside ``t1.html``): its pager
    names the document itself.
    """
    own = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")[0]
    named = [call for call in _calls(page)[0] if own and own in call.arguments]
    most = max(named, key=lambda call: call.pages, default=None)
    return most.addresses(page.url)[:_PARTS] if most is not None else ()
