"""PortalSpider: what a portal is, and the flow of a crawl: look at listings → judge links → visit reports.

A portal is class attributes only; :mod:`crawler.portals` validates them. A family says how its list pages are read.

=============  ======================================================================================
``name``       slug, ``[a-z0-9_]+``, the name of the portal everywhere
``place``      whose portal: 汶上县
``division``   GB/T 2260, six digits, or None
``hosts``      ``a.gov.cn``, ``a.gov.cn:8080``, ``.a.gov.cn`` (sub-domains); nothing else is ever fetched
``listings``   :func:`column` (pages of links), :func:`addressed` (``{code}`` and ``{year}`` in the address),
               :func:`searched` (the portal's own search)
``entrances``  pages on which further report columns are linked by name
``first_year`` the first reporting year asked for on addressed listings
``cluster``    hosts that share a machine share one rate: the name of the prefecture's platform, or None
``rendered``   False: lists that scripts make are not shown to a browser, and stay ``script_only``
``unverified`` what nobody has seen on the real portal yet; ``nianbao portal check`` says it
=============  ======================================================================================

Of one page at most ``files_at_once`` files are asked for in a run; the next runs go on with the others. Agencies stand
in a CSV of the same name beside the file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import lxml.html
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.utils.misc import load_object

from archive.identity.classify import classify
from crawler.families.addresses import base_of
from crawler.families.asked_lists import answered, asked_list, is_asked
from crawler.families.emptiness import has_a_place_for_items, is_filled_by_its_own, without_items
from crawler.families.entry_marks import REPORT
from crawler.families.group_tabs import offers_other_groups
from crawler.families.items import read_items
from crawler.families.list_ends import turned_by_script
from crawler.families.lists import ListPage, Page, parse_all
from crawler.families.page_kinds import is_known_folder, names_a_body, names_a_column
from crawler.families.pagers import frames, printed_pages, printed_total
from crawler.families.subcolumns import is_hub, subcolumns
from crawler.families.year_choices import offered_years, other_years
from crawler.families.year_fields import holds_to_a_year
from crawler.quality import Verdict, visible_text
from crawler.signatures import Signature, signatures, words
from storage.records import CaptureOutcome, Link, ListingForm, LookOutcome

LOOKED, VISITED, WAITING = object(), object(), object()  # Scrapy signals: look, url; capture; machine
EXTRACTOR = "15"  # version of what families make of list pages; goes up when links come out differently


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSpec:
    """A listing as a portal's file declares it. ``covers``: kinds of agencies, ``agency``: local id of the only one,
    ``year``: the only reporting year.
    """

    key: str
    url: str
    form: ListingForm
    title: str = ""
    covers: str = ""
    agency: str | None = None
    year: int | None = None


def column(
    key: str, url: str, *, title: str = "", covers: str = "", agency: str | None = None, year: int | None = None
) -> ListingSpec:
    """Return a page (or pages) of links. ``covers``: kinds that, by the portal's structure, publish here,
    blank-separated. ``{code}`` in ``url``: a column of its own for each agency that has a code. ``year``: the only
    reporting year whose reports stand there; it speaks for no other.
    """
    return ListingSpec(key=key, url=url, form=ListingForm.COLUMN, title=title, covers=covers, agency=agency, year=year)


def addressed(key: str, url: str, *, title: str = "", covers: str = "") -> ListingSpec:
    """Return an address per agency and reporting year; ``url`` holds ``{code}`` and ``{year}``."""
    return ListingSpec(key=key, url=url, form=ListingForm.ADDRESSED, title=title, covers=covers)


def searched(key: str, url: str, *, title: str = "", agency: str | None = None) -> ListingSpec:
    """Return the answer of the portal's own search, where nothing else shows its reports. It covers no kind: no search
    is complete, and whatever it is called, a look at it is at best one in part. ``agency``: whose site it searches.
    """
    return ListingSpec(key=key, url=url, form=ListingForm.SEARCHED, title=title, agency=agency)


class PortalSpider(Spider):
    """Base of all families. See the module for the attributes of a portal."""

    family: ClassVar[str] = ""
    place: str = ""
    division: str | None = None
    hosts: tuple[str, ...] = ()
    listings: tuple[ListingSpec, ...] = ()
    entrances: tuple[str, ...] = ()
    first_year: int = 2008
    cluster: str | None = None
    rendered: bool = True
    files_at_once: int = 300
    unverified: tuple[str, ...] = ()

    flow: Any = None  # how a crawl goes, named by the settings: a portal knows nothing of storage
    session: Any = None  # crawler.session.Session, put here by the flow of the crawl
    renderer: Any = None  # crawler.rendering.render.Renderer, likewise; None where nothing is rendered

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the archive before middlewares are built; ``-a purpose=…`` and ``-a visit_all=1`` come in here."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.flow = load_object(crawler.settings["NIANBAO_FLOW"])(spider, crawler)
        return spider

    def waits(self, machine: str) -> None:
        """Tell that another crawl is asking the same machine, before waiting for it."""
        self.crawler.signals.send_catch_log(WAITING, machine=machine)
        self.logger.info("waiting for another crawl of %s", machine)

    @cached_property
    def visit_all(self) -> bool:
        """Whether every known report is asked for again, whatever its age."""
        return str(getattr(self, "visit_everything", "")).lower() in {"1", "true", "yes"}

    async def start(self) -> AsyncIterator[Any]:
        """Return the crawl: looks first, then visits. Everything is stored by the session; Scrapy is given nothing
        to do.

        An item or request given here would let the closing spider wait for the engine's next heartbeat.
        """
        await self.flow.run()
        nothing: tuple[Any, ...] = ()
        for item in nothing:
            yield item

    @classmethod
    def signature(cls) -> Signature:
        """Return the family's marks and address shapes."""
        return signatures()[cls.family]

    def read_list(self, page: Page) -> ListPage:
        """Return a page of a column → its links. Pure; families add their paging. A page without items is never
        simply empty.
        """
        if is_asked(page.url) and (answer := answered(page)) is not None:
            return answer
        tree, whole = parse_all(page.text)
        text = visible_text(page.text)
        links, doubt = read_items(page, self.signature(), tree)
        columns = subcolumns(page, tree, self.signature())
        pages = printed_pages(text)
        listed = bool(links) or names_a_column(tree) or is_known_folder(tree, page.column)
        years, unseen = other_years(page.url, base_of(page.url, tree), tree, links) if listed else ((), False)
        doubt = doubt or ("other_years_by_script" if unseen or holds_to_a_year(tree, links) else "")
        result = ListPage(
            links=links,
            total=printed_total(page.text, text),
            subcolumns=tuple({link.url: link for link in (*years, *columns)}.values()),
            pages=pages or None,
            doubt=doubt if whole else "page_not_read_whole",
            by_script=pages == 0 or turned_by_script(tree),  # 共0页 beside entries is yet to be filled in
            hub=is_hub(page, tree, columns),
            frames=frames(base_of(page.url, tree), tree),
        )
        if result.linked and not stands_around(result, tree):
            return result
        if result.linked:  # what stands around a list that scripts are yet to bring
            return _by_script(page, tree, replace(result, links=()))
        if result.hub:  # no item, and a place that scripts fill with them: the list is not only its sub-columns
            made = any(mark in page.text.lower() for mark in words("script_list", "templates"))
            made = made or has_a_place_for_items(tree)
            return _by_script(page, tree, result) if made else result
        outcome, reason = without_items(page, text, tree)
        if outcome is LookOutcome.SCRIPT_ONLY:
            return _by_script(page, tree, result)
        return replace(result, outcome=outcome, reason=reason)

    def judge_addressed(self, page: Page) -> Verdict:
        """Whether an addressed listing's page holds a report, is empty, or is not understood. Families override it."""
        del page
        return Verdict(CaptureOutcome.PAGE, "not_understood")

    def titled_as_report(self, tree: lxml.html.HtmlElement) -> bool:
        """Whether the page's title or a heading names an annual report of a year."""
        headings = tree.xpath("//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title')]")
        return any(names_a_report("".join(h.itertext())[:300]) for h in headings[:40])


def _by_script(page: Page, tree: lxml.html.HtmlElement | None, read: ListPage) -> ListPage:
    """Return a page whose list scripts make: with the request by which they have it, where that is known and the page
    does not offer lists of other years or groups beside it.
    """
    several = tree is None or len(offered_years(tree)) > 1 or offers_other_groups(tree)
    step = asked_list(page, tree) if names_a_column(tree) and not several else None
    if step is None:
        return replace(read, outcome=LookOutcome.SCRIPT_ONLY, reason="scripts_make_the_list")
    return replace(read, links=(), following=(step,), total=None, pages=None, doubt="", by_script=False, shell=True)  # noqa: S604 - no shell that runs anything


def stands_around(read: ListPage, tree: lxml.html.HtmlElement | None) -> bool:
    """Whether the entries of a page are what stands around a list that its scripts are yet to bring: others than
    reports, or a menu of further lists beside a place that its own script fills.
    """
    if not names_a_column(tree):
        return False
    if _are_of_others(read.links):
        return has_a_place_for_items(tree)
    further = {link.url for link in read.subcolumns}
    menu = 2 * sum(link.url in further for link in read.links) > len(read.links)
    return menu and not any(REPORT.search(link.text) for link in read.links) and is_filled_by_its_own(tree)


def _are_of_others(links: Sequence[Link]) -> bool:
    """Whether no entry speaks of a report, or is called by a body's name."""
    return not any(REPORT.search(link.text) or names_a_body(link.text) for link in links)


def names_a_report(title: str) -> bool:
    """Whether a title is that of an annual report of some year."""
    found = classify(title, None)
    return found.is_report and found.year is not None
