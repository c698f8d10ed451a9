"""Which listings speak for a duty, why, and since when that is known.

A listing speaks for an agency because the agency appeared on it before, because the portal's structure says so (the
address names the agency, or the column covers its kind), or because a person ruled so: for this agency, or for all
agencies of its kind. A listing of one year speaks for no other year.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.assessment.facts import ScopeEntry
from storage.records import Agency, Listing, ListingForm, Ruling, RulingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """A report of ``agency`` (of any year) was proven to stand on ``listing``; ``known_from`` is the time of the
    proof.
    """

    listing: str
    agency: str
    known_from: datetime


def scope(
    agency: Agency,
    year: int,
    listings: Iterable[Listing],
    appearances: Iterable[Appearance] = (),
    rulings: Iterable[Ruling] = (),
) -> tuple[ScopeEntry, ...]:
    """Return the listings that speak for the report of ``agency`` on ``year``, each with its reason and its times.

    ``listings``: every row of every listing of the portal (several rows per id: its history), in any order.
    ``rulings`` may hold others; the latest ruling on a listing that names this agency and year holds over the other
    reasons; where none names the agency, the latest that names its kind, on a listing of its own portal.
    """
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
    found: list[ScopeEntry] = []
    for key in sorted(rows):
        kind = of_kind.get(key, ()) if rows[key][0].portal == agency.portal else ()
        found += _entries(agency, year, rows[key], shown.get(key), (kind, ruled.get(key, ())))
    return tuple(found)


def _is_of(ruling: Ruling, year: int) -> bool:
    first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
    return (not isinstance(first, int) or first <= year) and (not isinstance(last, int) or year <= last)


def _entries(
    agency: Agency, year: int, rows: Sequence[Listing], shown: datetime | None, rulings: Sequence[Sequence[Ruling]]
) -> list[ScopeEntry]:
    """Cut time at each row, sighting and ruling, say what holds in each piece, and join like neighbours.

    ``rulings``: those on the kind, and those on the agency, which hold over them.
    """
    ordered = sorted(rows, key=lambda row: row.recorded_at)
    settled = [one for of in rulings for one in sorted(of, key=lambda ruling: (ruling.made_at, ruling.id))]
    cuts = {row.recorded_at for row in ordered} | {ruling.made_at for ruling in settled}
    if shown is not None:
        cuts.add(shown)
    found: list[ScopeEntry] = []
    for cut in sorted(cuts):
        row = next((row for row in reversed(ordered) if row.recorded_at <= cut), ordered[0])
        ruling = next((ruling for ruling in reversed(settled) if ruling.made_at <= cut), None)
        reason = _reason(agency, year, row, appeared=shown is not None and shown <= cut, ruling=ruling)
        if found and found[-1].known_until is None:
            found[-1] = replace(found[-1], known_until=cut)
        if reason is None:
            continue
        entry = _entry(row, reason, cut, ordered, shown if reason == "appeared" else None)
        if found and found[-1].known_until == cut and _alike(found[-1], entry):
            found[-1] = replace(found[-1], known_until=None)
        else:
            found.append(entry)
    return found


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


def _alike(one: ScopeEntry, other: ScopeEntry) -> bool:
    return replace(one, known_from=other.known_from, known_until=None) == other
