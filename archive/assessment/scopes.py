"""Which listings speak for a duty, why, and since when that is known.

A listing speaks for an agency because the agency appeared on it before, because the portal's structure says so (the
address names the agency, or the column covers its kind), or because a person ruled so: for this agency, or for all
agencies of its kind. A listing of one year speaks for no other year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.assessment.facts import ScopeEntry
from storage.records import Agency, Listing, ListingForm, Ruling, RulingKind

_YEAR = re.compile(r"(?<!\d)(20[0-2]\d)(?!\d)")


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
    For whom any other listing speaks, the folder of the year speaks as well, though it was never seen there: a new
    folder is where the report will stand.
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
    ordered = {key: sorted(rows[key], key=lambda row: row.recorded_at) for key in sorted(rows)}
    bearing = {
        key: (of_kind.get(key, ()) if own[0].portal == agency.portal else (), ruled.get(key, ()))
        for key, own in ordered.items()
    }
    found = [
        entry for key, own in ordered.items() for entry in _entries(agency, year, own, shown.get(key), bearing[key])
    ]
    of_year = {key for key, own in ordered.items() if _is_folder_of(own[-1], agency, year)}
    if not found or not of_year:
        return tuple(found)
    others = [entry for entry in found if entry.listing not in of_year]
    for key in sorted(of_year):
        others += _entries(agency, year, ordered[key], shown.get(key), bearing[key], beside=True)
    return tuple(sorted(others, key=lambda entry: (entry.listing, entry.known_from)))


def _is_folder_of(row: Listing, agency: Agency, year: int) -> bool:
    """Whether a listing that says nothing of whom it is for is the folder of a year in which a report on ``year`` may
    stand (a label may name the year of publication).
    """
    if row.portal != agency.portal or row.agency is not None or row.covers or row.form is ListingForm.ADDRESSED:
        return False
    named = [int(text) for text in _YEAR.findall(row.column)]
    return row.year == year or (row.year is None and bool({year, year + 1} & set(named)))


def _is_of(ruling: Ruling, year: int) -> bool:
    first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
    return (not isinstance(first, int) or first <= year) and (not isinstance(last, int) or year <= last)


def _entries(
    agency: Agency,
    year: int,
    ordered: Sequence[Listing],
    shown: datetime | None,
    rulings: Sequence[Sequence[Ruling]],
    *,
    beside: bool = False,
) -> list[ScopeEntry]:
    """Cut time at each row, sighting and ruling, say what holds in each piece, and join like neighbours.

    ``rulings``: those on the kind, and those on the agency, which hold over them; ``beside``: a folder of the year.
    """
    settled = [one for of in rulings for one in sorted(of, key=lambda ruling: (ruling.made_at, ruling.id))]
    cuts = {row.recorded_at for row in ordered} | {ruling.made_at for ruling in settled}
    if shown is not None:
        cuts.add(shown)
    found: list[ScopeEntry] = []
    for cut in sorted(cuts):
        row = next((row for row in reversed(ordered) if row.recorded_at <= cut), ordered[0])
        ruling = next((ruling for ruling in reversed(settled) if ruling.made_at <= cut), None)
        reason = _reason(agency, year, row, appeared=shown is not None and shown <= cut, ruling=ruling)
        reason = reason or ("structure" if beside and ruling is None else None)
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
