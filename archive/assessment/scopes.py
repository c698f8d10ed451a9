"""Which listings speak for a duty, why, and since when that is known.

A listing speaks for an agency because the agency appeared on it before, because the portal's structure says so (the
address names the agency, or the column covers its kind), or because a person ruled so: for this agency, or for all
agencies of its kind. A listing of one year, be it declared or seen, speaks for no other year. What turned out to be no
listing (a preview of others) speaks for nobody, unless a person ruled that it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.assessment.facts import ScopeEntry
from archive.assessment.folders import Appearance, Folders, Span, years_named
from storage.records import Agency, Listing, ListingForm, Ruling, RulingKind

__all__ = ["Appearance", "scope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bearing:
    """What bears on a listing besides its rows: since when the agency was ``shown`` on it, the ``rulings`` on the kind
    and on the agency (which hold over them), while it was a folder of ``other_years`` or ``outlived``, and since when
    it is a ``sister`` of folders that showed the agency. ``beside``: a folder of the year, beside listings that speak.
    ``no_listing``: while it is known to be none.
    """

    shown: datetime | None
    rulings: tuple[Sequence[Ruling], Sequence[Ruling]]
    other_years: tuple[Span, ...] = ()
    outlived: tuple[Span, ...] = ()
    sister: datetime | None = None
    beside: bool = False
    no_listing: tuple[Span, ...] = ()


def scope(
    agency: Agency,
    year: int,
    listings: Iterable[Listing],
    appearances: Iterable[Appearance] = (),
    rulings: Iterable[Ruling] = (),
    folders: Folders | None = None,
    no_listings: Mapping[str, tuple[Span, ...]] | None = None,
) -> tuple[ScopeEntry, ...]:
    """Return the listings that speak for the report of ``agency`` on ``year``, each with its reason and its times.

    ``listings``: every row of every listing of the portal (several rows per id: its history), in any order.
    ``rulings`` may hold others; the latest ruling on a listing that names this agency and year holds over the other
    reasons; where none names the agency, the latest that names its kind, on a listing of its own portal.
    ``folders``: what all listings of the portal showed, of anybody; ``no_listings``: ids of what is no listing, and
    while that is known.

    For whom any other listing speaks, the folder of the year speaks as well, though it was never seen there: a new
    folder is where the report will stand. By itself (``proves``) it does so only beside folders of other years that
    showed the agency, once one of its kind, seen on those too, stands on it.
    """
    known = folders or Folders()
    shown: dict[str, datetime] = {}
    for item in appearances:
        if item.agency == agency.id:
            shown[item.listing] = min(item.known_from, shown.get(item.listing, item.known_from))
    ruled: dict[str, list[Ruling]] = {}
    of_kind: dict[str, list[Ruling]] = {}
    for ruling in rulings:
        if ruling.kind is RulingKind.SCOPE and _is_of(ruling, year):
            if ruling.decision.get("agency") == agency.id:
                ruled.setdefault(ruling.subject, []).append(ruling)
            elif ruling.decision.get("kind") == agency.kind:
                of_kind.setdefault(ruling.subject, []).append(ruling)
    rows: dict[str, list[Listing]] = {}
    for row in listings:
        if row.portal == agency.portal or row.id in ruled or row.id in shown:
            rows.setdefault(row.id, []).append(row)
    ordered = {key: sorted(rows[key], key=lambda row: row.recorded_at) for key in sorted(rows)}
    bearing = {
        key: _Bearing(
            shown=shown.get(key),
            rulings=(of_kind.get(key, ()) if own[0].portal == agency.portal else (), ruled.get(key, ())),
            other_years=known.of_other_years(key, agency.kind, year),
            outlived=known.outlived(key, agency.kind, year),
            no_listing=(no_listings or {}).get(key, ()),
        )
        for key, own in ordered.items()
    }
    of_year = {key for key, own in ordered.items() if _is_folder_of(own[-1], agency, year)}
    of_year |= {key for key, own in ordered.items() if _shows_as_folder_of(own[-1], agency, year, known)}
    for key in of_year:
        bearing[key] = replace(bearing[key], sister=known.sister_since(key, agency.id, agency.kind, year))
    found = [entry for key, own in ordered.items() for entry in _entries(agency, year, own, bearing[key])]
    if not found or not of_year:
        return tuple(found)
    others = [entry for entry in found if entry.listing not in of_year]
    for key in sorted(of_year):
        others += _entries(agency, year, ordered[key], replace(bearing[key], beside=True))
    return tuple(sorted(others, key=lambda entry: (entry.listing, entry.known_from)))


def _is_folder_of(row: Listing, agency: Agency, year: int) -> bool:
    """Whether a listing that says nothing of whom it is for is the folder of a year in which a report on ``year`` may
    stand (a label may name the year of publication).
    """
    if row.portal != agency.portal or row.agency is not None or row.covers or row.form is ListingForm.ADDRESSED:
        return False
    return row.year == year or (row.year is None and bool({year, year + 1} & years_named(row.column)))


def _shows_as_folder_of(row: Listing, agency: Agency, year: int, known: Folders) -> bool:
    """Whether what such a listing showed makes it the folder of ``year``, though nothing calls it so."""
    if row.portal != agency.portal or row.agency is not None or row.covers or row.form is ListingForm.ADDRESSED:
        return False
    return row.year is None and known.shows_only(row.id, year)


def _is_of(ruling: Ruling, year: int) -> bool:
    first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
    return (not isinstance(first, int) or first <= year) and (not isinstance(last, int) or year <= last)


def _entries(agency: Agency, year: int, ordered: Sequence[Listing], bearing: _Bearing) -> list[ScopeEntry]:
    """Cut time at each row, sighting, ruling and turn, say what holds in each piece, and join like neighbours."""
    settled = [one for of in bearing.rulings for one in sorted(of, key=lambda ruling: (ruling.made_at, ruling.id))]
    born, shown = ordered[0].recorded_at, bearing.shown
    cuts = {row.recorded_at for row in ordered} | {ruling.made_at for ruling in settled}
    spans = (*bearing.other_years, *bearing.outlived, *bearing.no_listing)
    turns = [edge for span in spans for edge in (span.since, span.until)]
    cuts |= {edge for edge in (*turns, shown, bearing.sister) if edge is not None and edge > born}
    if shown is not None:
        cuts.add(shown)
    found: list[ScopeEntry] = []
    for cut in sorted(cuts):
        row = next((row for row in reversed(ordered) if row.recorded_at <= cut), ordered[0])
        ruling = next((ruling for ruling in reversed(settled) if ruling.made_at <= cut), None)
        reason = _reason(agency, year, row, appeared=shown is not None and shown <= cut, ruling=ruling)
        proves = reason == "ruling" or not _any_holds(bearing.outlived, cut)
        if reason in ("appeared", "structure") and row.agency is None and _any_holds(bearing.other_years, cut):
            reason = None
        if reason is None and ruling is None:
            proves = bearing.sister is not None and bearing.sister <= cut
            reason = "structure" if bearing.beside or proves else None
        if ruling is None and _any_holds(bearing.no_listing, cut):
            reason = None
        if found and found[-1].known_until is None:
            found[-1] = replace(found[-1], known_until=cut)
        if reason is None:
            continue
        entry = _entry(row, reason, cut, ordered, shown if reason == "appeared" else None)
        entry = replace(entry, proves=proves)
        if found and found[-1].known_until == cut and _differ_in_time_only(found[-1], entry):
            found[-1] = replace(found[-1], known_until=None)
        else:
            found.append(entry)
    return found


def _any_holds(spans: Iterable[Span], at: datetime) -> bool:
    return any(span.holds(at) for span in spans)


def _reason(agency: Agency, year: int, row: Listing, *, appeared: bool, ruling: Ruling | None) -> str | None:
    if ruling is not None:
        own = row.agency in (None, agency.id) or "kind" not in ruling.decision  # a body's own column is nobody else's
        return "ruling" if own and ruling.decision.get("covers", True) is not False else None
    if row.year is not None and row.year != year:
        return None
    if row.agency is not None:
        return "structure" if row.agency == agency.id else None
    if row.portal == agency.portal and agency.kind in row.covers:
        return "structure"
    return "appeared" if appeared else None


def _entry(row: Listing, reason: str, cut: datetime, rows: Sequence[Listing], since: datetime | None) -> ScopeEntry:
    known = next((other.recorded_at for other in rows if other.ended_at == row.ended_at), row.recorded_at)
    return ScopeEntry(
        listing=row.id,
        reason=reason,
        known_from=cut,
        ended_at=row.ended_at,
        addressed=row.form is ListingForm.ADDRESSED,
        ended_known_from=None if row.ended_at is None else max(known, row.ended_at),
        reason_since=since,
        listed_from=rows[0].recorded_at,
    )


def _differ_in_time_only(one: ScopeEntry, other: ScopeEntry) -> bool:
    return replace(one, known_from=other.known_from, known_until=None) == other
