"""What an answer rests on, so that anybody can look it up: captures with their WARC places, looks with captures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from archive.queries.results import CaptureLine, ControlLine, EditionLine, LookLine
from archive.queries.withheld_content import Outgoing, outgoing
from storage.capture_store import captures_by_id, is_hex
from storage.home import Home
from storage.observations import Observations
from storage.records import MOST_SKEW, Capture, CaptureOutcome, Edition, Listing, Look, LookOutcome
from storage.registry import Registry

_MET = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_MAX_FLAWED_LOOKS = 5  # looks that prove nothing are shown to say why, not to be counted


class _CaptureLines:
    """Captures, described: one statement reads them all."""

    def __init__(self, home: Home, ids: Iterable[str], out: Outgoing) -> None:
        captures = captures_by_id(home, [one for one in ids if is_hex(one, 32)])
        self._lines = {name: _capture_line(one, out) for name, one in captures.items()}

    def of(self, ids: Iterable[str]) -> tuple[CaptureLine, ...]:
        """Those of these ids, oldest first; one that is not held is left out."""
        lines = (self._lines[name] for name in dict.fromkeys(ids) if name in self._lines)
        return tuple(sorted(lines, key=lambda one: (one.fetched_at, one.url)))


def _capture_line(capture: Capture, out: Outgoing) -> CaptureLine:
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
    """Describe captures, oldest first; one that is not held is left out."""
    return _CaptureLines(home, ids, outgoing(home)).of(ids)


# ---------------------------------------------------------------------------------------------- looks


def look_lines(home: Home, ids: Collection[str], listings: Mapping[str, Listing]) -> tuple[LookLine, ...]:
    """Describe looks with their captures, oldest first."""
    return _look_lines(home, Observations(home).looks_by_id(ids), listings)


def flawed_look_lines(
    home: Home, portal: str, agency: str, listings: Mapping[str, Listing], as_of: datetime
) -> tuple[LookLine, ...]:
    """Describe the newest ok looks that would speak of an agency, were our clock and the server's not so far apart, or
    did the portal's certificate hold.
    """
    mine = {key for key, listing in listings.items() if listing.agency in (None, agency)}
    ended = [
        look
        for look in Observations(home).looks(portal)
        if look.listing in mine and look.finished <= as_of and look.outcome is LookOutcome.OK
    ]
    newest = _look_lines(home, ended[-_MAX_FLAWED_LOOKS:], listings)
    return tuple(line for line in newest if line.reason)


def _look_lines(home: Home, looks: Sequence[Look], listings: Mapping[str, Listing]) -> tuple[LookLine, ...]:
    out = outgoing(home)
    captures = _CaptureLines(home, (name for look in looks for name in look.captures), out)
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
        for own in [captures.of(look.captures)]
    )


def _control_lines(
    home: Home, looks: Iterable[Look], listings: Mapping[str, Listing], out: Outgoing
) -> Mapping[str, ControlLine]:
    """Describe the controls of looks, by capture, where nothing of them is withheld."""
    names = {look.control for look in looks if look.control}
    if not names:
        return {}
    controls = {one.url: one for one in listings.values() if one.agency is not None and one.year is not None}
    agencies = {one.id: one.name for one in Registry(home).agencies()}
    lines: dict[str, ControlLine] = {}
    for name, capture in captures_by_id(home, names).items():
        listing = controls.get(capture.requested)
        if listing is not None and listing.year is not None and not out.hides(capture):
            agency = agencies.get(listing.agency or "", "")
            lines[name] = ControlLine(agency=agency, year=listing.year, capture=_capture_line(capture, out))
    return lines


def _flaw(look: Look, captures: Iterable[CaptureLine]) -> str:
    """What was wrong with a look that ended well: the clocks, or a certificate; "" where nothing was."""
    if look.clock_skew is not None and abs(look.clock_skew) > MOST_SKEW.total_seconds():
        return f"clocks_differ_by_{abs(look.clock_skew):.0f}_s"
    return next((f"certificate:{one.tls.partition(' ')[0]}" for one in captures if one.tls is not None), "")


# ---------------------------------------------------------------------------------------------- editions


def edition_lines(
    home: Home, editions: Sequence[Edition], out: Outgoing, as_of: datetime | None = None
) -> tuple[EditionLine, ...]:
    """Describe editions with their captures, those until ``as_of``; of those that are withheld findings say
    only that they are there.
    """
    captures = _CaptureLines(home, (name for edition in editions for name in edition.captures), out)
    return tuple(
        EditionLine.of(
            edition,
            track=out.address(edition.track),
            last_seen=last_seen(edition, by_then, as_of),
            captures=by_then,
            findings=out.findings(edition.findings, withheld=out.ruled.hides(edition)),
        )
        for edition in editions
        for by_then in [tuple(one for one in captures.of(edition.captures) if as_of is None or one.fetched_at <= as_of)]
    )


def last_seen(edition: Edition, captures: Iterable[CaptureLine | Capture], as_of: datetime | None = None) -> datetime:
    """Give when an edition was met last by ``as_of``: a file of it, if its cells come from one."""
    if as_of is None or edition.last_seen <= as_of:
        return edition.last_seen
    by_then = [one for one in captures if one.fetched_at <= as_of]
    met = [one for one in by_then if one.outcome in _MET and one.document in edition.documents]
    if edition.cells_from not in (edition.main, None):
        pages = {one.requested for one in met if one.document == edition.main}
        met = [one for one in met if one.requested not in pages] or met
    return max([edition.first_seen, *(one.fetched_at for one in met)])
