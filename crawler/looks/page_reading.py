"""A fetched page as a family reads it: for a look at a column, and for a walk that looks for columns."""

from __future__ import annotations

from dataclasses import replace

from archive.identity.leads import lead_of
from crawler.discovery.found import PageSummary, promising
from crawler.discovery.same_addresses import bare
from crawler.lists.completeness import with_claims
from crawler.lists.entries.previews import is_home_page, previewed_columns, shows_the_newest
from crawler.lists.filters.body_menus import of_one_body, offers_other_bodies
from crawler.lists.filters.posted_years import with_posted_years
from crawler.lists.filters.year_bars import may_have_bars, year_bars
from crawler.lists.filters.year_choices import entries_of, shows_all
from crawler.lists.kinds.emptiness import has_a_scripted_list
from crawler.lists.kinds.page_kinds import names_a_column
from crawler.lists.list_page import DIVIDED, ListPage, Page
from crawler.lists.list_requests import list_request
from crawler.lists.reasons import BODIES_BY_SCRIPT, NO_ITEM
from crawler.lists.scripts.body_trees import has_a_tree_of_bodies, lists_of_bodies
from crawler.looks.source import ListReader, LookSource
from storage.records import PREVIEW, Link, Listing, LookOutcome, Note


def read_page(reader: ListReader, page: Page, verdict: str = "", notes: list[Note] | None = None) -> ListPage:
    """Return a page as the family reads it. One that breaks our reading is told, and proves nothing; the crawl goes on.

    ``verdict``: the reason of the verdict on the answer (``script_shell``: nothing but scripts was in it). ``notes``:
    take the note about a page that could not be read.
    """
    try:
        read = reader.read_list(page)
    except Exception as error:  # noqa: BLE001 - whatever a page holds costs that look and nothing else
        name = type(error).__name__
        if notes is not None:
            notes.append(Note("page_not_read", {"url": page.url, "error": name, "text": str(error)[:200]}))
        return ListPage(links=(), outcome=LookOutcome.CHANGED, reason=f"reading_failed:{name}")
    if read.reason == NO_ITEM and verdict == "script_shell":  # scripts, and not a word
        return replace(read, outcome=LookOutcome.SCRIPT_ONLY, reason="scripts_make_the_list")
    if names_a_column(page.tree) and (bodies := lists_of_bodies(page)):
        return ListPage(links=(), subcolumns=bodies, outcome=LookOutcome.PARTIAL, reason=DIVIDED)
    read = with_posted_years(read, page)
    if read.outcome is not LookOutcome.OK or read.interface_page:
        return with_claims(read, page)
    columns = previewed_columns(read, page)
    if columns is None and read.linked and is_home_page(page):
        columns = ()
    if columns is None:
        read = replace(read, doubt="only_the_newest_shown") if shows_the_newest(read, page) else read
        return with_claims(_unless_more_is_left(read, page), page)
    below = {link.url: link for link in (*read.subcolumns, *columns)}
    return replace(read, subcolumns=tuple(below.values()), outcome=LookOutcome.CHANGED, reason=PREVIEW)


def _unless_more_is_left(read: ListPage, page: Page) -> ListPage:
    """Return a page as it was read, with a doubt where a bar of years on it leads to lists that are not followed from
    there, or a menu of bodies to lists that only a script shows: whichever family reads it, such a list is not at its
    end.
    """
    if read.outcome is not LookOutcome.OK or read.doubt or read.interface_page:
        return read
    titles = [link.text for link in read.links]
    barred, alone = bool(titles) and may_have_bars(page.text), bool(titles or not read.hub) and of_one_body(titles)
    if not (barred or alone):
        return read  # as most lists, which need not be parsed again
    tree = page.tree
    known = {link.url for link in (*read.links, *read.subcolumns)} | {list_request(one).url for one in read.following}
    if alone and (offers_other_bodies(tree, titles, page.base, known) or has_a_tree_of_bodies(tree)):
        return replace(read, doubt=BODIES_BY_SCRIPT)
    if not barred:
        return read
    entries = entries_of(read.links)
    for bar in year_bars(page.url, page.base, tree):
        others = {url for year, url in bar.linked.items() if url != page.url and year != bar.shown}
        if others - known and not shows_all(bar.years, entries):
            return replace(read, doubt="other_years_not_followed")
    return read


def _is_called_by_a_body(link: Link, page: Page) -> bool:
    """Whether neither the row of an entry calls it a report, nor a title of it that the page holds: one that is cut in
    its row stands whole beside it.
    """
    return "报" not in (link.row or "报") and ("报" not in link.text or link.text not in page.text)


def summarize_page(source: LookSource, page: Page, listing: Listing, verdict: str = "") -> PageSummary:
    """Return what a walk needs to know of a page, read as a column called what ``listing`` is called."""
    read = read_page(source.reader, replace(page, column=listing.column), verdict, source.notes)
    leads = promising([lead_of(link, listing, source.portal, source.agencies) for link in read.links])
    urls = {lead.url for lead in leads}
    scripted = read.outcome is LookOutcome.SCRIPT_ONLY
    return PageSummary(
        items=read.links,
        reports=tuple(link for link in read.links if link.url in urls),
        is_empty=not read.links and read.outcome is LookOutcome.OK and read.reason == "says_it_is_empty",
        is_report=bool(read.links) and bare(read.links[0].url) == bare(page.url),
        is_interface_page=read.interface_page,
        is_scripted=scripted and (not read.hub or has_a_scripted_list(page.tree)),
        is_hub=read.hub,
        by_body=tuple(link.url for link in read.links if link.url in urls and _is_called_by_a_body(link, page)),
        following=tuple(step.url for step in map(list_request, read.following)),
        is_preview=read.reason == PREVIEW,
        divided=read.subcolumns if read.reason in {DIVIDED, PREVIEW} else (),
        aliases=read.aliases,
    )
