"""Pagers that scripts of the page write: the addresses of further pages are computed from what the scripts say (pure).

``createPageHTML`` is the name of one function in two systems, told apart by its first argument:

* ``createPageHTML(20, 0, "index", "html")`` (TRS; ``createPage`` in 重庆): counts from 0, page 2 is ``index_1.html``
* ``createPageHTML('page_div', 22, 1, 'common_list', 'shtml', 325)`` (UCAP): counts from 1, page 2 is
  ``common_list_2.shtml``

Others say ``var countPage = 2``: page i is ``index_<i>.html``, i from 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.lists.list_page import Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.paging.pagers import numbered
from crawler.lists.scripts.packed_markup import keeps_packed
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
_FIRST_NUMBER = re.compile(r"(.{1,2000})_1(\.s?html?)")
_MOST = 500
_PARTS = 30  # pages of one document


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


def has_unread_call(page: Page) -> bool:
    """Whether a page calls ``createPageHTML`` in a way that is not understood, and declares no number of pages."""
    return _calls(page)[1] and not _counts(page)


def writes_an_unread_pager(page: Page, pagers: Sequence[StatedPager]) -> bool:
    """Whether a page of which no pager was read calls ``createPageHTML`` or another script that is known to write
    pagers, or unpacks what could not be unpacked here. ``pagers``: those that it states.
    """
    if _UNREAD.search(page.text) or keeps_packed(page):
        return True
    return bool(_TABLES.search(page.text)) or any(one.explicit for one in pagers)


def parts_of_text(page: Page) -> tuple[str, ...]:
    """Addresses of the further pages of a document whose text is divided (``t1_1.html`` beside ``t1.html``): its pager
    names the document itself.
    """
    own = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")[0]
    named = [call for call in _calls(page)[0] if own and own in call.arguments]
    most = max(named, key=lambda call: call.pages, default=None)
    return most.addresses(page.url)[:_PARTS] if most is not None else ()
