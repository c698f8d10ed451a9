"""What proves the reports of one portal and year: the captures that go into a package of evidence, and why each does.

* every capture of the editions of that year: page and attachments, at each visit;
* every capture that the stored verdicts on that year's duties cite, and the list pages of the looks they rest on, with
  what a browser loaded and showed where a list was rendered: they prove since when a report was there, or was not;
* what led there: redirects, and the pages on which attachments were linked;
* what revisits among them repeat, so that the package is whole in itself;
* robots.txt as it stood in the runs of all these.

What a ruling withholds stays out, and what names it: both are told, capture by capture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.queries import bounds
from archive.queries.nearest import NotKnownError, portal_named, suggest_year
from archive.queries.stored import open_projections
from archive.queries.withheld_content import Outgoing, Why, outgoing
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Capture, CaptureOutcome, CaptureRole, Edition, Look, Ruling, StatusInterval
from storage.registry import Registry
from storage.wacz import EntryPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """``captures``: those with records, in the order of their places. ``failures``: how many cited captures have none.
    ``withheld``: documents that are kept out, each with the ruling that says so, where one names it or its report;
    ``left_out``: the captures of them; ``naming``: captures left out because they name what is withheld;
    ``addresses``: theirs as they may go out, by id.
    """

    captures: tuple[Capture, ...]
    pages: tuple[EntryPage, ...]
    lists: tuple[EntryPage, ...]
    failures: int
    withheld: Mapping[str, Ruling | None]
    left_out: tuple[Capture, ...]
    naming: tuple[Capture, ...]
    addresses: Mapping[str, str]


def pack(home: Home, portal: str, year: int, agency: str | None = None) -> Packing:
    """Choose what proves the reports of ``portal`` on ``year``, or that of one ``agency`` there (its id).

    Raises :class:`NotKnownError` where no duty of that portal and year is known, ProjectionError where the stored
    verdicts were made by another version.
    """
    year, store, out = bounds.reporting_year(year), open_projections(home), outgoing(home)
    editions = [one for one in store.editions(portal) if one.year == year and agency in {None, one.agency}]
    statuses = store.statuses(portal)
    intervals = [one for one in statuses if one.year == year and agency in {None, one.agency}]
    if not intervals and not editions:
        raise _nothing_to_pack(home, portal, year, {one.year for one in statuses})
    captures = {capture.id: capture for capture in CaptureStore(home).for_portal(portal)}
    looks = {look.id: look for look in Observations(home).looks(portal)}
    chosen = _choose_captures(editions, intervals, looks, captures)
    why = {one.id: out.why(one) for one in chosen}
    because = {name: out.ruled.because(one) for one in editions for name in one.documents if out.ruled.hides(one)}
    open_captures = [one for one in chosen if why[one.id] is None]
    records = sorted((one for one in open_captures if one.warc is not None), key=_place)
    lists = [
        EntryPage(id=one.id, url=one.url, at=one.fetched_at, title=f"list page: {one.url}")
        for one in records
        if one.role is CaptureRole.LISTING and one.status == 200 and one.outcome is CaptureOutcome.PAGE
    ]
    return Packing(
        captures=tuple(records),
        pages=tuple(_pages(home, store, editions, captures, out, why)),
        lists=tuple(sorted(lists, key=lambda page: (page.at, page.id))),
        failures=sum(one.warc is None for one in open_captures),
        withheld={
            name: out.ruled.documents.get(name) or because.get(name)
            for name in sorted({one.document or "" for one in chosen if why[one.id] is Why.WITHHELD} - {""})
        },
        left_out=tuple(one for one in chosen if why[one.id] is Why.WITHHELD),
        addresses={one.id: out.address(one.url) for one in chosen if why[one.id] is Why.NAMES},
        naming=tuple(sorted((one for one in chosen if why[one.id] is Why.NAMES), key=lambda one: one.fetched_at)),
    )


def _nothing_to_pack(home: Home, portal: str, year: int, years: set[int]) -> NotKnownError:
    portal_named(portal, {one.name: one.place for one in Registry(home).portals()})
    if years:
        return suggest_year(year, years)
    return NotKnownError(code="not_known.reports_of_portal", portal=portal, year=year)


def _choose_captures(
    editions: Iterable[Edition],
    intervals: Iterable[StatusInterval],
    looks: Mapping[str, Look],
    captures: Mapping[str, Capture],
) -> list[Capture]:
    cited = [looks[name] for one in intervals for name in one.looks if name in looks]
    names = {name for one in editions for name in one.captures}
    names |= {name for one in intervals for name in one.captures}
    names |= {name for look in cited for name in (*look.captures, look.control or "")}
    chosen = {name: captures[name] for name in names if name in captures}
    resources = [one for one in captures.values() if one.role is CaptureRole.RESOURCE]
    chosen |= {one.id: one for one in resources if one.via in chosen}
    _close(chosen, captures)
    runs = {one.run for one in chosen.values()}
    chosen |= {one.id: one for one in captures.values() if one.role is CaptureRole.ROBOTS and one.run in runs}
    _close(chosen, captures)
    return list(chosen.values())


def _close(captures: dict[str, Capture], all_captures: Mapping[str, Capture]) -> None:
    """Add what led to each, and what each repeats."""
    waiting = list(captures.values())
    while waiting:
        one = waiting.pop()
        for name in (one.via, one.revisit_of):
            if name is not None and name not in captures and name in all_captures:
                captures[name] = all_captures[name]
                waiting.append(all_captures[name])


def _pages(
    home: Home,
    store: ProjectionStore,
    editions: Iterable[Edition],
    by_id: Mapping[str, Capture],
    out: Outgoing,
    why: Mapping[str, Why | None],
) -> Iterable[EntryPage]:
    names = {agency.id: agency.name for agency in Registry(home).agencies()}
    for edition in sorted(editions, key=lambda one: (one.agency, one.first_seen, one.id)):
        captures = [by_id[name] for name in edition.captures if name in by_id and by_id[name].warc is not None]
        first = next((one for one in captures if one.document == edition.main), None)
        if first is None or edition.main in out.documents or why[first.id] is not None:
            continue
        reading = store.reading(edition.main)
        agency = names.get(edition.agency, edition.agency)
        yield EntryPage(
            id=edition.id,
            url=first.url,
            at=first.fetched_at,
            title=out.text(reading.title) if reading is not None and reading.title else f"{agency} {edition.year}",
            more={
                "agency": agency,
                "year": edition.year,
                "documents": list(edition.documents),
                "attachments": sorted(
                    {one.url for one in captures if one.role is CaptureRole.ATTACHMENT and why[one.id] is None}
                ),
            },
        )


def _place(capture: Capture) -> tuple[str, int]:
    assert capture.warc is not None
    return capture.warc.file, capture.warc.offset
