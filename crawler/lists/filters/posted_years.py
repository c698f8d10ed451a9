"""Lists of other years that a form of the page asks for: a choice of a year that is sent by POST (pure).

Each year is one request, with the fields that the form holds, where all that is sent is known
(:mod:`crawler.lists.scripts.button_scripts`). Which year a page was asked for goes behind the ``#`` of its address: it
is believed where the page says that it shows that year, and its further pages are those of that year.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from urllib.parse import urldefrag

import lxml.html

from crawler.lists.filters.list_choices import is_chosen
from crawler.lists.filters.year_choices import chosen_year, entries_of, offered_years
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest, list_request
from crawler.lists.reasons import YEARS_BY_SCRIPT
from crawler.lists.scripts.button_scripts import Document
from storage.records import LookOutcome

_MARK = re.compile(r"of-year\?(20\d\d)(&on)?")
_MOST = 30  # years


def with_posted_years(read: ListPage, page: Page) -> ListPage:
    """Return a list that shows one year of several with the requests of the others, where a form makes them and all of
    it is known; a page that such a request brought without them.
    """
    asked = _MARK.fullmatch(urldefrag(page.url).fragment)
    if read.outcome is not LookOutcome.OK or read.interface_page or (asked is None and read.doubt != YEARS_BY_SCRIPT):
        return read
    tree = page.tree if "<form" in page.text.lower() else None
    shown = _shown(tree) if tree is not None else ""
    if asked is not None:
        return _of_year(read, asked.group(1), shown, first=not asked.group(2))
    steps = _steps(page, tree, shown) if tree is not None and shown else ()
    if not steps:
        return read
    first = _of_year(replace(read, doubt=""), shown, shown, first=True)
    return replace(first, following=(*first.following, *steps))


def _shown(tree: lxml.html.HtmlElement) -> str:
    """Which year a page shows: the one that it marks, else the first of its choice; "" where that cannot be told."""
    if marked := chosen_year(tree):
        return marked
    offered = offered_years(tree).items()
    chosen = {year for year, one in offered if one.tag == "option" and is_chosen(one)}
    return chosen.pop() if len(chosen) == 1 else ""


def _steps(page: Page, tree: lxml.html.HtmlElement, shown: str) -> tuple[ListRequest, ...]:
    """The requests of the years that are not shown; none where one of them is not known."""
    document = Document(page.url, page.base, tree)
    found: list[ListRequest] = []
    for year, one in islice(offered_years(tree).items(), _MOST + 1):
        if year == shown:
            continue
        select = next(one.iterancestors("select"), None)
        step = document.sent_by(one) if select is None else document.sent_by_choice(select, one)
        if step is None or len(found) == _MOST:
            return ()
        found.append(replace(step, url=f"{urldefrag(step.url).url}#of-year?{year}"))
    return tuple(found)


def _of_year(read: ListPage, year: str, shown: str, *, first: bool) -> ListPage:
    """A page of the list of one year. What it prints of its length is that year's, and says nothing of all."""
    doubt = read.doubt if read.doubt != YEARS_BY_SCRIPT else ""
    names = {one for named, dated in entries_of(read.links) for one in (*named, *dated)}
    if shown != year or (names and names.isdisjoint({year, str(int(year) + 1)})):
        doubt = YEARS_BY_SCRIPT
    elif first and not read.following and read.total is not None and read.total > read.linked:
        doubt = doubt or f"{read.linked}_of_{read.total}"
    elif first and not read.following and (read.pages or 1) > 1:
        doubt = doubt or f"1_of_{read.pages}_pages"
    following = (
        replace(step, url=f"{urldefrag(step.url).url}#of-year?{year}&on") if step.form is not None else one
        for one in read.following
        for step in (list_request(one),)
    )
    return replace(read, doubt=doubt, total=None, pages=None, following=tuple(following))
