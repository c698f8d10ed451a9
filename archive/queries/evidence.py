"""Describe the captures, looks and editions that an answer rests on, and choose the captures for an evidence package.

A package proves the reports of one portal and year. It contains:

* every capture of the editions of that year: page and attachments, at each visit;
* every capture that the statuses of that year's duties or findings about the reports cite, and the list pages of their
  looks, with what a browser loaded and showed if the list was rendered: they prove when a report was there or was not;
* what led there: redirects, and the pages that link to attachments;
* the records that revisits refer to, so that the package is complete in itself;
* robots.txt as fetched in the runs of all these.

What a ruling withholds is left out, and captures that mention it too; the package names each capture left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from archive.assessment.sentences import values_of
from archive.queries import bounds
from archive.queries.bounds import NotKnownError, portal_named, suggest_year
from archive.queries.results import CaptureLine, ControlLine, EditionLine, LookLine
from archive.queries.stored import open_projections
from archive.queries.withheld_content import Outgoing, WithholdingReason, outgoing
from storage.capture_store import captures_by_id
from storage.captures import CaptureStore
from storage.clock import clocks_agree
from storage.column_types import is_hex
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import (
    Capture,
    CaptureOutcome,
    CaptureRole,
    Edition,
    Finding,
    Listing,
    Look,
    LookOutcome,
    Ruling,
    StatusInterval,
)
from storage.registry import Registry, agencies_by_id
from storage.wacz import EntryPage

_MAX_FLAWED_LOOKS = 5  # looks that prove nothing are shown as examples of the reason


def _lines_by_id(home: Home, ids: Iterable[str], out: Outgoing) -> Mapping[str, CaptureLine]:
    """Describe captures, by id; one query reads them all."""
    captures = captures_by_id(home, [one for one in ids if is_hex(one, 32)])
    return {name: _capture_line(one, out) for name, one in captures.items()}


def _in_order(
    lines: Mapping[str, CaptureLine], ids: Iterable[str], until: datetime | None = None
) -> tuple[CaptureLine, ...]:
    """Return the lines of ``ids`` (unknown ids are skipped), oldest first; ``until``: leave out later ones."""
    own = [lines[name] for name in dict.fromkeys(ids) if name in lines]
    by_then = [one for one in own if until is None or one.fetched_at <= until]
    return tuple(sorted(by_then, key=lambda one: (one.fetched_at, one.url)))


def _capture_line(capture: Capture, out: Outgoing) -> CaptureLine:
    """Describe a capture, with its addresses as they may be given out."""
    place = capture.warc
    return CaptureLine.of(
        capture,
        url=out.address(capture.url),
        requested=out.address(capture.requested),
        http_status=capture.status,
        warc_file=place.file if place else None,
        warc_offset=place.offset if place else None,
        warc_length=place.length if place else None,
    )


def capture_lines(home: Home, ids: Collection[str]) -> tuple[CaptureLine, ...]:
    """Describe captures, oldest first; unknown ids are skipped."""
    return _in_order(_lines_by_id(home, ids, outgoing(home)), ids)


def ids_in(findings: Iterable[Finding]) -> set[str]:
    """Return the ids of the looks and captures that the sentences of findings give as proof."""
    return {str(values[key]) for values in map(values_of, findings) for key in ("before", "after") if key in values}


# ---------------------------------------------------------------------------------------------- looks


def flawed_look_lines(
    home: Home, portal: str, agency: str, listings: Mapping[str, Listing], as_of: datetime
) -> tuple[LookLine, ...]:
    """Describe those of the newest five ok looks (lists read to their end) at listings that could show an agency's
    report that prove nothing, because our clock and the server's differ too much or the certificate was invalid.
    """
    mine = {key for key, listing in listings.items() if listing.agency in (None, agency)}
    ended = [
        look
        for look in Observations(home).looks(portal)
        if look.listing in mine and look.finished <= as_of and look.outcome is LookOutcome.OK
    ]
    newest = ended[-_MAX_FLAWED_LOOKS:]
    lines = look_lines(home, newest, listings)
    return tuple(line for look, line in zip(newest, lines, strict=True) if _flaw(look, line.captures))


def look_lines(home: Home, looks: Sequence[Look], listings: Mapping[str, Listing]) -> tuple[LookLine, ...]:
    """Describe looks (readings of lists) with their captures, in their order. Whether they are suspect, and from which
    year on they are whole, is for the caller to add. ``listings``: by id.
    """
    out = outgoing(home)
    captures = _lines_by_id(home, (name for look in looks for name in look.captures), out)
    controls = _control_lines(home, looks, listings, out)
    return tuple(
        LookLine.of(
            look,
            url=listings[look.listing].url if look.listing in listings else "",
            reason=look.reason or _flaw(look, own),
            suspect=False,
            captures=own,
            whole_from=None,
            control=controls.get(look.control or ""),
        )
        for look in looks
        for own in [_in_order(captures, look.captures)]
    )


def _control_lines(
    home: Home, looks: Iterable[Look], listings: Mapping[str, Listing], out: Outgoing
) -> Mapping[str, ControlLine]:
    """Return by capture id the controls of looks (readings of lists): known-good pages (:class:`ControlLine`) that were
    asked beside an empty answer, so that this counts as proof. Withheld ones are left out. ``listings``: by id.
    """
    names = {look.control for look in looks if look.control}
    controls = {one.url: one for one in listings.values() if one.agency is not None and one.year is not None}
    agencies = {one.id: one.name for one in agencies_by_id(home, {one.agency or "" for one in controls.values()})}
    return {
        name: ControlLine(
            agency=agencies.get(listing.agency or "", ""), year=listing.year, capture=_capture_line(capture, out)
        )
        for name, capture in captures_by_id(home, names).items()
        if (listing := controls.get(capture.requested)) and listing.year is not None and not out.hides(capture)
    }


def _flaw(look: Look, captures: Iterable[CaptureLine]) -> str:
    """Return what makes an ok look worthless as proof: clocks that differ, or an invalid certificate; "" if nothing."""
    if look.clock_skew is not None and not clocks_agree(look.clock_skew):
        return f"clocks_differ_by_{abs(look.clock_skew):.0f}_s"
    return next((f"certificate:{one.tls.partition(' ')[0]}" for one in captures if one.tls is not None), "")


# ---------------------------------------------------------------------------------------------- editions


def edition_lines(
    home: Home, editions: Sequence[Edition], out: Outgoing, as_of: datetime | None = None
) -> tuple[EditionLine, ...]:
    """Describe editions (a report's contents over time) with their captures until ``as_of`` (None: all), without those
    that became known only later. Of findings on withheld editions only the codes are given.
    """
    captures = _lines_by_id(home, (name for edition in editions for name in edition.captures), out)
    return tuple(
        EditionLine.of(
            edition,
            track=out.address(edition.track),
            last_seen=last_seen(edition, by_then, as_of),
            captures=by_then,
            findings=out.findings(edition.findings, withheld=out.ruled.hides(edition)),
        )
        for edition in editions
        for own in [_in_order(captures, edition.captures, as_of)]
        for by_then in [tuple(one for one in own if edition.knows(one.source, one.fetched_at))]
    )


def last_seen(edition: Edition, captures: Iterable[CaptureLine | Capture], as_of: datetime | None = None) -> datetime:
    """Return when an edition (content for a time) was last seen by ``as_of`` (None: ever); if its cells come from a
    file, when that was last seen. ``captures``: those in which it could be seen.
    """
    if as_of is None or edition.last_seen <= as_of:
        return edition.last_seen
    by_then = [one for one in captures if one.fetched_at <= as_of]
    answered = [one for one in by_then if one.outcome.is_page and one.document in edition.documents]
    if edition.cells_from not in (edition.main, None):
        pages = {one.requested for one in answered if one.document == edition.main}
        answered = [one for one in answered if one.requested not in pages] or answered
    return max([edition.first_seen, *(one.fetched_at for one in answered)])


# ---------------------------------------------------------------------------------------------- packages of evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """The contents of a package. ``captures``: those with WARC records, by file and offset; ``failures``: how many
    cited captures have none. ``withheld``: documents left out, each with the ruling on it or its report, if any;
    ``left_out``: how many captures they have; ``mentioning``: captures left out because they mention what is withheld.
    """

    captures: tuple[Capture, ...]
    pages: tuple[EntryPage, ...]
    lists: tuple[EntryPage, ...]
    failures: int
    withheld: Mapping[str, Ruling | None]
    left_out: int
    mentioning: tuple[Capture, ...]


def pack(home: Home, portal: str, year: int, agency: str | None = None) -> Packing:
    """Choose the captures that prove the reports of ``portal`` on ``year``, or the report of one ``agency`` (its id).
    Raises NotKnownError if no such duty is known, ProjectionError if the projections were made by another version.
    """
    year, store, out = bounds.reporting_year(year), open_projections(home), outgoing(home)
    editions = [one for one in store.editions(portal) if one.year == year and agency in {None, one.agency}]
    statuses = store.statuses(portal)
    intervals = [one for one in statuses if one.year == year and agency in {None, one.agency}]
    if not intervals and not editions:
        portal_named(portal, {one.name: one.place for one in Registry(home).portals()})
        if statuses:
            raise suggest_year(year, {one.year for one in statuses})
        raise NotKnownError(code="not_known.reports_of_portal", portal=portal, year=year)
    captures = {capture.id: capture for capture in CaptureStore(home).for_portal(portal)}
    looks = {look.id: look for look in Observations(home).looks(portal)}
    chosen = _choose_captures(editions, intervals, looks, captures)
    why = {one.id: out.reason_not_given_out(one) for one in chosen}
    because = {name: out.ruled.because(one) for one in editions for name in one.documents if out.ruled.hides(one)}
    open_captures, withheld_captures, mentioning = (
        [one for one in chosen if why[one.id] is reason]
        for reason in (None, WithholdingReason.WITHHELD, WithholdingReason.MENTIONS)
    )
    records = sorted((one for one in open_captures if one.warc is not None), key=attrgetter("warc.file", "warc.offset"))
    lists = [
        EntryPage(id=one.id, url=one.url, at=one.fetched_at, title=f"list page: {one.url}")
        for one in records
        if one.status == 200 and (one.role is CaptureRole.LISTING or one.outcome is CaptureOutcome.SOFT_404)
    ]
    return Packing(
        captures=tuple(records),
        pages=tuple(_pages(home, store, editions, captures, out, why)),
        lists=tuple(sorted(lists, key=lambda page: (page.at, page.id))),
        failures=len(open_captures) - len(records),
        withheld={
            name: out.ruled.documents.get(name) or because.get(name)
            for name in sorted({one.document for one in withheld_captures if one.document})
        },
        left_out=len(withheld_captures),
        mentioning=tuple(sorted(mentioning, key=lambda one: (one.fetched_at, one.id))),
    )


def _choose_captures(
    editions: Iterable[Edition],
    intervals: Iterable[StatusInterval],
    looks: Mapping[str, Look],
    captures: Mapping[str, Capture],
) -> list[Capture]:
    """Return the captures that editions, statuses and their findings cite, those of their looks, what a browser loaded
    for them, what led to them, and robots.txt of their runs. ``looks``, ``captures``: the portal's, by id.
    """
    resting: list[Edition | StatusInterval] = [*editions, *intervals]
    names = {name for one in resting for name in (*one.captures, *ids_in(one.findings))}
    names.update(*(one.looks for one in intervals))
    cited = [looks[name] for name in names if name in looks]
    names |= {name for look in cited for name in (*look.captures, look.control or "")}
    chosen = {name: captures[name] for name in names if name in captures}
    resources = [one for one in captures.values() if one.role is CaptureRole.RESOURCE]
    chosen |= {one.id: one for one in resources if one.via in chosen}
    _add_referred(chosen, captures)
    runs = {one.run for one in chosen.values()}
    chosen |= {one.id: one for one in captures.values() if one.role is CaptureRole.ROBOTS and one.run in runs}
    _add_referred(chosen, captures)
    return list(chosen.values())


def _add_referred(captures: dict[str, Capture], all_captures: Mapping[str, Capture]) -> None:
    """Add to ``captures`` the captures that led to them and those that their revisits refer to, over all steps."""
    queue = list(captures.values())
    while queue:
        capture = queue.pop()
        for name in (capture.via, capture.revisit_of):
            if name is not None and name not in captures and name in all_captures:
                captures[name] = all_captures[name]
                queue.append(all_captures[name])


def _pages(
    home: Home,
    store: ProjectionStore,
    editions: Sequence[Edition],
    by_id: Mapping[str, Capture],
    out: Outgoing,
    why: Mapping[str, WithholdingReason | None],
) -> Iterable[EntryPage]:
    """Yield the entry page of each edition (content for a time): the first capture of its page. None if it has no
    record or is withheld. ``by_id``: captures by id; ``why``: why each is not given out, by id (None: it is).
    """
    names = {agency.id: agency.name for agency in agencies_by_id(home, {one.agency for one in editions})}
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
