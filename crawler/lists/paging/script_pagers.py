"""Pagers that scripts of the page write: the addresses of further pages are computed from what the scripts say (pure).

``createPageHTML`` is the name of one function in two systems, told apart by its first argument:

* ``createPageHTML(20, 0, "index", "html")`` (TRS; ``createPage`` in 重庆): counts from 0, page 2 is ``index_1.html``
* ``createPageHTML('page_div', 22, 1, 'common_list', 'shtml', 325)`` (UCAP): counts from 1, page 2 is
  ``common_list_2.shtml``

Others say ``var countPage = 2``: page i is ``index_<i>.html``, i from 1; some hide the whole pager as base64 text that
``atob`` unpacks (云南).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from crawler.lists.entries.divided import longest_together
from crawler.lists.filters.group_tabs import offers_other_groups
from crawler.lists.list_page import ListPage, Page, is_full
from crawler.lists.list_requests import ListRequest
from crawler.lists.list_template import entries_aside
from crawler.lists.paging.list_ends import brings_more, may_be_cut, may_wait, tells_its_end
from crawler.lists.paging.pagers import last_link, linked_pages, next_links, numbered, option_pages
from crawler.lists.paging.posted_pages import posted_next
from crawler.lists.paging.stated_pagers import stated_pagers
from crawler.lists.reasons import END_NOT_SAID, ONLY_LAST_LINKED, PAGES_BY_SCRIPT
from crawler.lists.scripts.asked_lists import is_asked
from crawler.lists.size_claims import StatedPager

_SHAPE = (  # of the call as TRS makes it, whatever a template calls its function
    r"""\w{1,40}(?=\s{0,9}\(\s{0,20}\d{1,4}\s{0,9},\s{0,9}\d{1,4}\s{0,9},\s{0,9}["'][\w-]{1,60}["']\s{0,9},\s{0,9}["']s?html?["'])"""
)
_CALL = re.compile(rf"(?<![\w.$])(?:createPageHTML|{_SHAPE})\s{{0,9}}\(\s{{0,20}}([^)]{{0,200}})(\)?)")
_IN_CALLS = ("createPageHTML", '"html"', "'html'", '"shtml"', "'shtml'")  # looked for first: a page is long
_DEFINES = re.compile(r"\bfunction\s{1,9}$|\w$")
_COUNT = re.compile(
    r"""\b(?:var|let|const)\s+(countPage|nPageCount|pageCount|totalPages?)\s*=\s*(?P<quote>["']?)(\d{1,4})\b(?P=quote)"""
)
_COUNTED = ("countPage", "PageCount", "pageCount", "totalPage")  # looked for first: a page is long
_TABLES = re.compile(  # that ask a server for each page of theirs
    r"\bserverSide[\"']?\s{0,9}:\s{0,9}(?:true|!0|1)\b|side-?Pagination[\"']?\s{0,9}[:=]\s{0,9}[\"']server|\btable\.render\s{0,9}\(",
    re.IGNORECASE,
)
_LINE_COMMENT = re.compile(r"^[ \t]{0,200}//[^\n]{0,2000}$", re.MULTILINE)
_NAMED = re.compile(r"""href=\\?["'](\w{1,40})["']\s{0,9}\+\s{0,9}["']_["']""")
_ENDING = re.compile(r"""["']\.["']?\s{0,9}\+?\s{0,9}["']?(s?html?)\\?["'\\]""")
_UNREAD = re.compile(r"(?<!function )(?<!function\t)\bcreatePageHTML\s{0,9}\(")
_PACKED = re.compile(r"""[>"'](?=[A-Za-z0-9+/=]{60})([A-Za-z0-9+/]{60,60000}={0,2})\s{0,20}[<"']""")
_UNPACKS = re.compile(r"\batob\s?\(")
_FIRST_NUMBER = re.compile(r"(.{1,2000})_1(\.s?html?)")
_MOST = 500
_PARTS = 30  # pages of one document


def with_unpacked_markup(page: Page) -> Page:
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
    """A call of ``createPageHTML``, or of another function in the same way. ``first``: the number of its second page;
    ``arguments``: all, without quotes.
    """

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
    if not any(one in page.text for one in _IN_CALLS) or _CALL.search(page.text) is None:
        return [], False
    text = _LINE_COMMENT.sub("", page.text)
    text = text if _CALL.search(text) else page.text
    found = [
        _call(match.group(1), bool(match.group(2)))
        for match in _CALL.finditer(text)
        if not _DEFINES.search(text[max(match.start() - 20, 0) : match.start()])
    ]
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
    counts = _counts(page)
    if counts:
        stem, ending = _NAMED.search(page.text), _ENDING.search(page.text)
        names = (stem.group(1) if stem else "", ending.group(1) if ending else "")
        return tuple(numbered(page.url, n, *names) for n in range(1, max(counts))[:_MOST])
    return None if most is None or unread else ()


def counted_from_one(step: ListRequest, pages: int) -> str | None:
    """Where the second of ``pages`` pages is not there under the number 1 (``newxxgklist_1.html``): the address of the
    last one in a list that counts from 1 (``newxxgklist_2.html`` is the second, as on portals of 湖南); None for an
    address of another shape.
    """
    second = _FIRST_NUMBER.fullmatch(step.url) if step.form is None else None
    return f"{second.group(1)}_{pages}{second.group(2)}" if second is not None and pages > 1 else None


def _counts(page: Page) -> list[int]:
    """Numbers of pages that scripts of a page declare; none that a script sets anew."""
    if not any(name in page.text for name in _COUNTED):
        return []
    found = list(_COUNT.finditer(page.text))[:50]
    names = {match.group(1) for match in found}
    anew = {name for name in names if _is_set_anew(page.text, name)}
    return [int(match.group(3)) for match in found if match.group(1) not in anew]


def _is_set_anew(text: str, name: str) -> bool:
    """Whether a script gives a variable a value that is no number in digits."""
    sets = re.finditer(rf"{name}\s{{0,9}}=(?!=|\s{{0,9}}[\"']?\d)", text)
    return any(
        not re.search(r"[\w.]$|\b(?:var|let|const)\s{1,9}$", text[max(one.start() - 12, 0) : one.start()])
        for one in sets
    )


def _most(found: Sequence[StatedPager]) -> tuple[int | None, int | None]:
    """Entries and pages in all, the most that a pager states; None where none does. A single page that is
    but declared may be where a script begins.
    """
    entries = [one.claim.total.number for one in found if one.claim.total is not None]
    pages = [one.claim.pages.number for one in found if one.claim.pages is not None]
    explicit = [one.claim.pages.number for one in found if one.claim.pages is not None and one.explicit]
    return max(entries, default=None), max([*explicit, *(number for number in pages if number > 1)], default=None)


def _writes_an_unread_pager(page: Page, pagers: Sequence[StatedPager]) -> bool:
    """Whether a page of which no pager was read calls ``createPageHTML`` or another script that is known to write
    pagers, or unpacks what could not be unpacked here. ``pagers``: those that it states.
    """
    packed = _PACKED.finditer(page.text) if _UNPACKS.search(page.text) else iter(())
    if _UNREAD.search(page.text) or any("<" not in _unpacked(match.group(1)) for match in packed):
        return True
    return bool(_TABLES.search(page.text)) or any(one.explicit for one in pagers)


def brings_more_by_script(page: Page, count: int, pagers: Sequence[StatedPager]) -> bool:
    """Whether scripts bring more than the ``count`` entries of a page: by buttons, on scrolling, or by a pager that
    they write and nobody read. ``pagers``: those that the page states.
    """
    tree = page.tree
    return _writes_an_unread_pager(page, pagers) or may_wait(tree, count) or brings_more(tree, count)


def with_pages(plain: ListPage, pages: tuple[str, ...]) -> ListPage:
    """Return a list with the pages that its scripts name: so many there are, and they are turned to."""
    return replace(plain, following=pages, pages=max(len(pages) + 1, plain.pages or 0), by_script=False)


def with_linked_pages(plain: ListPage, page: Page) -> ListPage:
    """Return a list with what its own pager leads to: links, choices with addresses, a form that is sent.

    Where nothing but the last page is linked, that one is followed, and those between are doubted.
    """
    base, tree = page.base, page.tree
    found: list[str | ListRequest] = [*next_links(page.url, base, tree), *option_pages(page.url, base, tree)]
    if not found:
        posted, last = posted_next(page.url, base, tree), last_link(page.url, base, tree)
        found = [posted.step] if posted.step else [last] if last else []
        if last and not posted.step and not _has_all(plain, page):
            plain = replace(plain, doubt=plain.doubt or ONLY_LAST_LINKED)
        if posted.unread and plain.total is None and plain.pages is None:
            plain = replace(plain, doubt=plain.doubt or PAGES_BY_SCRIPT)
    pages = max(filter(None, (plain.pages, linked_pages(base, tree))), default=None)
    return replace(plain, following=tuple(dict.fromkeys(found)), pages=pages)


def _has_all(plain: ListPage, page: Page) -> bool:
    """Whether a page has as many entries as its list, all of them in that list."""
    return plain.total == plain.linked and not entries_aside(page, plain)


def with_next_pages(plain: ListPage, page: Page) -> ListPage:
    """Return a list with all that follows it: what its scripts name and what its own links lead to.

    Both, where a page has both: a script may speak of something else, and a page too many is found out (a page that
    repeats another, or is not there) while a page too few would not be.
    """
    if plain.interface_page or is_asked(page.url):
        return plain
    plain, computed = with_linked_pages(plain, page), pages_of(page)
    if computed is None:
        return _with_signs(plain, page)
    whole = with_pages(plain, computed)
    # nobody knows whether one that could not be read, or only a script turns, is the list's
    if (_calls(page)[1] and not _counts(page)) or (plain.by_script and not computed):
        whole = replace(whole, doubt=whole.doubt or PAGES_BY_SCRIPT)
    return replace(whole, following=tuple(dict.fromkeys((*computed, *plain.following))))


def _with_signs(plain: ListPage, page: Page) -> ListPage:
    """Return a list of which no script names the pages, with what tells that there is more than its links lead to."""
    tree, pagers = page.tree, stated_pagers(page)
    entries, pages = _most(pagers)
    plain = replace(
        plain,
        pagers=pagers,
        total=max(filter(None, (plain.total, entries)), default=plain.total),
        pages=max(filter(None, (plain.pages, pages)), default=None),
    )
    if plain.following or plain.pages is not None or _has_all(plain, page):
        return plain
    if count := len(plain.links):
        more = brings_more_by_script(page, count, pagers) or offers_other_groups(tree)
    else:
        more = _writes_an_unread_pager(page, pagers)
    cut = plain.total is None and any(may_be_cut(page.text, tree, number) for number in (plain.linked, count))
    return replace(plain, by_script=plain.by_script or more, doubt=plain.doubt or (END_NOT_SAID if cut else ""))


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


def doubted_if_full(found: ListPage, page: Page, *, divided: bool = True) -> ListPage:
    """Return a list with a doubt where it has a full number of entries, and nothing tells how far it goes: no numbers,
    no pages that follow, no buttons that turn back. ``divided``: headings of the page may divide its entries.
    """
    full = is_full(found.linked) or is_full(len(found.links))
    said = found.total is not None or found.pages is not None or found.following or tells_its_end(page.tree)
    if not full or said or found.doubt:
        return found
    together = longest_together(found, page.url, page.tree) if divided and page.tree is not None else None
    return found if together is not None and not is_full(together) else replace(found, doubt=END_NOT_SAID)


def parts_of_text(page: Page) -> tuple[str, ...]:
    """Addresses of the further pages of a document whose text is divided (``t1_1.html`` beside ``t1.html``): its pager
    names the document itself.
    """
    own = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")[0]
    named = [call for call in _calls(page)[0] if own and own in call.arguments]
    most = max(named, key=lambda call: call.pages, default=None)
    return most.addresses(page.url)[:_PARTS] if most is not None else ()
