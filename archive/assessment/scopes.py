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
class _Grounds:
    """What bears on a listing: its ``rows``, since when the agency was ``shown`` on it, the ``rulings`` on the kind and
    behind them those on the agency, while it was a folder of ``other_years``, ``outlived`` or known to be
    ``no_listing``. ``is_folder``: of the year; ``sister``: since when it is one of folders that showed the agency.
    """

    rows: Sequence[Listing]
    shown: datetime | None
    rulings: Sequence[Ruling]
    other_years: tuple[Span, ...]
    outlived: tuple[Span, ...]
    no_listing: tuple[Span, ...]
    is_folder: bool
    sister: datetime | None


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
    settled = sorted((one for one in rulings if _is_of(one, year)), key=lambda ruling: (ruling.made_at, ruling.id))
    of_agency = [ruling for ruling in settled if ruling.decision.get("agency") == agency.id]
    of_kind = [one for one in settled if one not in of_agency and one.decision.get("kind") == agency.kind]
    ruled = {ruling.subject for ruling in of_agency}
    rows: dict[str, list[Listing]] = {}
    for row in sorted(listings, key=lambda row: (row.id, row.recorded_at)):
        if row.portal == agency.portal or row.id in ruled or row.id in shown:
            rows.setdefault(row.id, []).append(row)
    grounds = []
    for name, own in rows.items():
        kinds = of_kind if own[0].portal == agency.portal else []
        is_folder = _is_folder_of(own[-1], agency, year, known)
        grounds.append(
            _Grounds(
                rows=own,
                shown=shown.get(name),
                rulings=[ruling for ruling in (*kinds, *of_agency) if ruling.subject == name],
                other_years=known.of_other_years(name, agency.kind, year),
                outlived=known.outlived(name, agency.kind, year),
                no_listing=(no_listings or {}).get(name, ()),
                is_folder=is_folder,
                sister=known.sister_since(name, agency.id, agency.kind, year) if is_folder else None,
            )
        )
    found = [_entries(agency, year, one, beside=False) for one in grounds]
    if any(found):
        found = [
            _entries(agency, year, one, beside=True) if one.is_folder else entries
            for one, entries in zip(grounds, found, strict=True)
        ]
    return tuple(entry for entries in found for entry in entries)


def _is_folder_of(row: Listing, agency: Agency, year: int, known: Folders) -> bool:
    """Whether a listing that says nothing of whom it is for is the folder of a year in which a report on ``year`` may
    stand (a label may name the year of publication), by its name or by what it showed.
    """
    if row.portal != agency.portal or row.agency is not None or row.covers or row.form is ListingForm.ADDRESSED:
        return False
    if row.year is not None:
        return row.year == year
    return bool({year, year + 1} & years_named(row.column)) or known.shows_only(row.id, year)


def _is_of(ruling: Ruling, year: int) -> bool:
    first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
    after = not isinstance(first, int) or first <= year
    return ruling.kind is RulingKind.SCOPE and after and (not isinstance(last, int) or year <= last)


def _entries(agency: Agency, year: int, of: _Grounds, *, beside: bool) -> list[ScopeEntry]:
    """Cut time at each row, sighting, ruling and turn, say what holds in each piece, and join like neighbours.

    ``beside``: another listing speaks for the agency.
    """
    born = of.rows[0].recorded_at
    turns = {edge for span in (*of.other_years, *of.outlived, *of.no_listing) for edge in (span.since, span.until)}
    turns |= {of.shown, of.sister}
    cuts = {edge for edge in turns if edge is not None and edge > born}
    cuts |= {row.recorded_at for row in of.rows} | {ruling.made_at for ruling in of.rulings}
    found: list[ScopeEntry] = []
    for cut in sorted(cuts | ({of.shown} if of.shown is not None else set())):
        if found and found[-1].known_until is None:
            found[-1] = replace(found[-1], known_until=cut)
        entry = _entry_at(agency, year, of, cut, beside=beside)
        if entry is None:
            continue
        last = found[-1] if found else None
        if (
            last is not None
            and last.known_until == cut
            and replace(entry, known_from=last.known_from) == replace(last, known_until=None)
        ):
            found[-1] = replace(last, known_until=None)
        else:
            found.append(entry)
    return found


def _entry_at(agency: Agency, year: int, of: _Grounds, cut: datetime, *, beside: bool) -> ScopeEntry | None:
    """Say why the listing speaks for the agency from ``cut`` on; None if it does not."""
    row = next((row for row in reversed(of.rows) if row.recorded_at <= cut), of.rows[0])
    ruling = next((ruling for ruling in reversed(of.rulings) if ruling.made_at <= cut), None)
    reason = _reason(agency, year, row, appeared=of.shown is not None and of.shown <= cut, ruling=ruling)
    proves = reason == "ruling" or not _any_holds(of.outlived, cut)
    if reason in ("appeared", "structure") and row.agency is None and _any_holds(of.other_years, cut):
        reason = None
    if reason is None and ruling is None:
        proves = of.sister is not None and of.sister <= cut
        reason = "structure" if beside or proves else None
    if reason is None or (ruling is None and _any_holds(of.no_listing, cut)):
        return None
    ended = next((other.recorded_at for other in of.rows if other.ended_at == row.ended_at), row.recorded_at)
    return ScopeEntry(
        listing=row.id,
        reason=reason,
        known_from=cut,
        ended_at=row.ended_at,
        ended_known_from=None if row.ended_at is None else max(ended, row.ended_at),
        reason_since=of.shown if reason == "appeared" else None,
        listed_from=of.rows[0].recorded_at,
        proves=proves,
    )


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
