"""A fetched page as a family reads it: for a look at a column, and for a walk that looks for columns."""

from __future__ import annotations

from dataclasses import replace

from archive.identity.classification import lead_of
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
    """Return a page as the family reads it, and as what it shows besides the entries makes of that.

    The order counts. First what says that the entries are not on this page: only scripts, or a tree of bodies in whose
    lists they are, whatever was taken for entries here. Then, of a page with entries, whether they are a preview: that
    its boxes lead to more is no doubt. Only a list is doubted for what it leaves out.

    A page that breaks our reading is told, and proves nothing; the crawl goes on. ``verdict``: the reason of the
    verdict on the answer (``script_shell``: nothing but scripts was in it). ``notes``: take the note about a page that
    could not be read.
    """
    try:
        read = reader.read_list(page)
    except Exception as error:  # noqa: BLE001 - whatever a page holds costs that look and nothing else
        name = type(error).__name__
        if notes is not None:
            notes.append(Note("page_not_read", {"url": page.url, "error": name, "text": str(error)[:200]}))
        return ListPage(links=(), outcome=LookOutcome.CHANGED, reason=f"reading_failed:{name}")
    if read.reason == NO_ITEM and verdict == "script_shell":
        return replace(read, outcome=LookOutcome.SCRIPT_ONLY, reason="scripts_make_the_list")
    if names_a_column(page.tree) and (bodies := lists_of_bodies(page)):
        return ListPage(links=(), subcolumns=bodies, outcome=LookOutcome.PARTIAL, reason=DIVIDED)
    read = with_posted_years(read, page)
    if read.outcome is not LookOutcome.OK or read.interface_page:
        return with_claims(read, page)
    columns = previewed_columns(read, page)
    if columns is None and not (read.linked and is_home_page(page)):
        doubt = "only_the_newest_shown" if shows_the_newest(read, page) else read.doubt or _why_not_at_end(read, page)
        return with_claims(replace(read, doubt=doubt), page)
    below = {link.url: link for link in (*read.subcolumns, *(columns or ()))}
    return replace(read, subcolumns=tuple(below.values()), outcome=LookOutcome.CHANGED, reason=PREVIEW)


def _why_not_at_end(read: ListPage, page: Page) -> str:
    """Return why a list of entries is not at its end, whichever family reads it: a menu of bodies on its page leads to
    lists that only a script shows, or a bar of years to lists that are not followed from there; "" if neither does.
    """
    titles = [link.text for link in read.links]
    followed = {link.url for link in (*read.links, *read.subcolumns)}
    followed |= {list_request(following).url for following in read.following}
    one_body = (titles or not read.hub) and of_one_body(titles)
    if one_body and (offers_other_bodies(page.tree, titles, page.base, followed) or has_a_tree_of_bodies(page.tree)):
        return BODIES_BY_SCRIPT  # told before years: a browser can choose the bodies
    if titles and may_have_bars(page.text) and _leaves_out_years(read, page, followed):
        return "other_years_not_followed"
    return ""


def _leaves_out_years(read: ListPage, page: Page, followed: set[str]) -> bool:
    """Whether a bar of years leads to lists that are not followed, while the entries are not of all its years."""
    entries = entries_of(read.links)
    for bar in year_bars(page.url, page.base, page.tree):
        others = {url for year, url in bar.linked.items() if url != page.url and year != bar.shown}
        if others - followed and not shows_all(bar.years, entries):
            return True
    return False


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
