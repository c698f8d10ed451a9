"""Compute the heat map of the start page: rows of places, with a tile for each year. No function reads the archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from archive.assessment.data_files import data_file
from archive.identity.divisions import division
from archive.queries.results import PlaceTotals, Totals
from archive.queries.stored import group_by
from nianbao.language import Language
from nianbao.web.list_tables import ListOrder
from storage.records import Status

_FLAT = 12  # up to so many portals are all listed below their groups
_OPEN, _FEW, _MOST = 20, 50, 80  # per cent: high - low above 20 is open; high below 50 is few, low from 80 on is most
_BY_DAY = (Status.ON_TIME, Status.LATE, Status.MISSING, Status.UNDETERMINED, Status.ELSEWHERE, Status.UNKNOWN)
_BY_PRACTICE = (Status.PUBLISHED, Status.NOT_FOUND, Status.ELSEWHERE, Status.UNKNOWN)
_NOT_TIMED = frozenset({Status.UNKNOWN, Status.UNDETERMINED, Status.ELSEWHERE})
_PROVINCE, _PREFECTURE, _COUNTY = 2, 4, 6  # digits of a division code that identify them
Tile = dict[str, Any]
ClaimedCounts = Mapping[tuple[str, int], int]  #: (portal, year) → reports on time only by the date on the site itself


def heat_rows(
    totals: Totals, claimed: ClaimedCounts, ends: Mapping[str, datetime | None], years: Sequence[int],
    place: str | None, lang: Language, *, practice: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the rows of the map: provinces, prefectures of the province ``place``, or portals. ``claimed``: numbers of
    reports on time only by the site's own date; ``ends``: when each portal's lists had been last read
    to their end; ``practice``: the totals are of townships, which publish by practice, not of agencies with a due date.

    Keys of a row: ``place`` (code for the page of the next level) or ``portal`` (its name); ``looked``: when all
    lists there had been last read to their end (None: one never was); ``depth``: 1 for a portal below its group;
    ``tiles``: one for each year.
    """

    def row(label: str, code: str, places: Sequence[PlaceTotals], **more: Any) -> dict[str, Any]:
        read = [at for one in places if (at := ends.get(one.portal)) is not None]
        return {
            "label": label, "code": code, "portal": "", "depth": 0,
            "looked": min(read) if len(read) == len(places) else None,
            "tiles": [tile(year, places, claimed, practice=practice) for year in years], "portals": len(places), **more,
        }  # fmt: skip

    digits = _digits(place)
    groups = group_by(totals.places, lambda one: (one.division or "")[:digits] if digits else one.portal)
    rows = []
    for code, places in groups.items():
        name = _name(code, lang) if digits else None
        if name is not None:
            rows.append(row(name, code, places, place=code))
        if name is None or len(totals.places) <= _FLAT:  # if there are few portals, each stands below its group
            depth = int(name is not None)
            rows += [row(one.place, one.division or "", [one], portal=one.portal, depth=depth) for one in places]
    return rows


def arrange_rows(rows: Sequence[dict[str, Any]], order: ListOrder, years: Sequence[int]) -> list[dict[str, Any]]:
    """Sort rows of the map by ``place``, by a year (the share surely on time) or by ``looked``; portals stay below
    their group.
    """

    def value_of(row: Mapping[str, Any]) -> object:
        if order.column in {"place", "looked"}:
            return row["label" if order.column == "place" else "looked"]
        return row["tiles"][years.index(int(order.column))].get("low")

    groups: list[list[dict[str, Any]]] = []
    for row in rows:
        if row["depth"] and groups:
            groups[-1].append(row)
        else:
            groups.append([row])
    arranged = order.arrange(groups, lambda group: value_of(group[0]))
    return [row for head, *below in arranged for row in (head, *order.arrange(below, value_of))]


def tile(year: int, places: Sequence[PlaceTotals], claimed: ClaimedCounts, *, practice: bool) -> Tile:
    """Return the tile for all reports of some places on one year; ``practice``: as in :func:`heat_rows`.

    ``due``: number of reports due; ``low``, ``high``: bounds in per cent of the share that is on time (``practice``:
    published, here or elsewhere), apart while reports are unknown; ``parts``: segments of its bar, which is 100 wide;
    ``sure``: number on time or published; ``at_most``: with those that may be; ``worse``: segments of others;
    ``claimed``: how many are on time only by the date on the site itself; ``places``: their number; ``is_open``: no
    outcome is known; ``shade``: ``few``, ``some`` or ``most`` on time, ``open`` if too much is unknown to say, ""
    (then alone) if nothing is due.
    """
    counts: Counter[str] = Counter()
    for one in places:
        if year in one.years:
            counts.update(one.years[year].by_status)
    order = _BY_PRACTICE if practice else _BY_DAY
    due = sum(counts[status] for status in order)
    if not due:
        return {"shade": ""}
    good = frozenset({Status.PUBLISHED, Status.ELSEWHERE}) if practice else frozenset({Status.ON_TIME})
    sure = sum(counts[status] for status in good)
    most = sure + sum(counts[status] for status in (frozenset({Status.UNKNOWN}) if practice else _NOT_TIMED))
    low, high = 100 * sure // due, -(-100 * most // due)
    if sure == most:
        low = high = round(100 * sure / due)
    widths = [100 * counts[status] / due for status in order]
    parts = [
        {"status": status, "number": counts[status], "x": round(begin, 1), "width": round(width, 1)}
        for status, width, begin in zip(order, widths, accumulate(widths, initial=0.0), strict=False)
        if counts[status]
    ]
    return {
        "due": due, "low": low, "high": high, "is_exact": low == high, "parts": parts,
        "is_open": not sure and most == due,
        "claimed": sum(claimed.get((one.portal, year), 0) for one in places),
        "sure": sure, "at_most": most, "places": len(places),
        "worse": [one for one in parts if one["status"] not in good],
        "shade": "open" if high - low > _OPEN else "few" if high < _FEW else "some" if low < _MOST else "most",
    }  # fmt: skip


def province_tiles(totals: Totals, claimed: ClaimedCounts, year: int, lang: Language, *, practice: bool) -> list[Tile]:
    """Return the map of provinces for one year: of each province its names, its place on the map, and the :func:`tile`
    of its portals (None: the archive has none there); ``portals``: each of them with its own tile. ``claimed``,
    ``practice``: as in :func:`heat_rows`.
    """
    by_province = group_by(totals.places, lambda one: (one.division or "")[:_PROVINCE])
    return [
        {
            "code": code, "name": entry[lang], "x": entry["at"][0], "y": entry["at"][1],
            "short": entry["letters"] if lang is Language.EN else entry[lang],
            "tile": tile(year, by_province[code], claimed, practice=practice) if code in by_province else None,
            "portals": [(one, tile(year, [one], claimed, practice=practice)) for one in by_province.get(code, ())],
        }
        for code, entry in _provinces().items()
    ]  # fmt: skip


def steps_to(place: str | None, lang: Language) -> list[tuple[str, str]]:
    """Return code and name of a division's province and prefecture and its own, for links; none for ``place`` None."""
    if place is None or not place.isdecimal():
        return []
    own = place.removesuffix("00").removesuffix("00")
    codes = [own[:digits] for digits in (_PROVINCE, _PREFECTURE, _COUNTY) if digits <= len(own)]
    return [(code, name) for code in codes if (name := _name(code, lang)) is not None]


def _digits(place: str | None) -> int:
    """Return how many digits of a division code identify the groups of rows at ``place``; 0: the rows are portals."""
    if place is None:
        return _PROVINCE
    return _PREFECTURE if place.isdecimal() and len(place) < _PREFECTURE else 0


def _name(code: str, lang: Language) -> str | None:
    """Return the name of the division of a code, in English only of a province; None without a division."""
    if lang is Language.EN and code in _provinces():
        return str(_provinces()[code]["en"])
    entry = division(code.ljust(6, "0")) if code else None
    return entry.name if entry else None


def _provinces() -> Mapping[str, Mapping[str, Any]]:
    """Return provinces.toml: first two digits of a division code → names, letters and position in the map."""
    return data_file("provinces.toml", "nianbao.web")
