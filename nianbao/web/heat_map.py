"""The overview's heat map: places by years, each tile with the share in time, least and most, and its counts. Pure."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from archive.identity.divisions import division
from archive.queries.results import Counts, PlaceTotals, Totals
from nianbao.language import Language
from storage.observations import LookCount
from storage.records import AgencyKind, Status

#: kinds of bodies for which a statute sets a day; townships, which publish by practice, are counted apart
DATED_KINDS = frozenset({AgencyKind.GOVERNMENT, AgencyKind.OFFICE, AgencyKind.DEPARTMENT})
FLAT = 12  #: portals that are shown below their province at once
_OPEN, _FEW, _MOST = 20, 50, 80  # per cent: too much is unknown; few, most in time
_BY_DAY = (Status.ON_TIME, Status.LATE, Status.MISSING, Status.UNDETERMINED, Status.ELSEWHERE, Status.UNKNOWN)
_BY_PRACTICE = (Status.PUBLISHED, Status.NOT_FOUND, Status.ELSEWHERE, Status.UNKNOWN)
_NOT_TIMED = frozenset({Status.UNKNOWN, Status.UNDETERMINED, Status.ELSEWHERE})
_PROVINCE, _PREFECTURE = 2, 4  # digits of their codes


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a tile's bar: from ``x``, so ``width`` of 100."""

    status: Status
    number: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A place and year: the share in time (of townships: published), least and most in per cent, of ``due`` reports.

    ``shade``: ``few``, ``some``, ``most``; ``open`` where too much is unknown to say; "" where nothing is due.
    """

    year: int
    due: int
    low: int | None
    high: int | None
    parts: tuple[Part, ...]
    shade: str

    @property
    def is_exact(self) -> bool:
        """Whether least and most are the same."""
        return self.low == self.high

    @property
    def sure(self) -> int:
        """How many are as they should be."""
        return sum(one.number for one in self.parts if one not in self.worse)

    @property
    def worse(self) -> tuple[Part, ...]:
        """All parts but those that are as they should be."""
        return tuple(one for one in self.parts if one.status not in {Status.ON_TIME, Status.PUBLISHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """A row of the map. ``place``: the code that the next level is asked by, "" of a portal, whose name ``portal`` is;
    ``looked``: when a list there was last read to its end; ``depth``: 1 below another row.
    """

    label: str
    code: str
    place: str = ""
    portal: str = ""
    portals: int = 1
    depth: int = 0
    looked: datetime | None
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceTile:
    """A province in the grid; ``tile`` None: no portal of it is in the archive."""

    code: str
    label: str
    x: int
    y: int
    tile: Tile | None


def heat_rows(
    found: Totals, looks: Mapping[str, LookCount], years: Sequence[int], place: str | None, *, practice: bool
) -> list[HeatRow]:
    """The rows: provinces, prefectures of the province asked for, or portals; groups first, their portals below."""
    looked = {name: one.last_ok for name, one in looks.items()}
    digits = _digits(place)

    def tiles(held: Sequence[PlaceTotals]) -> tuple[Tile, ...]:
        return tuple(tile(year, summed(held, year), practice=practice) for year in years)

    def of_portal(one: PlaceTotals, depth: int) -> HeatRow:
        return HeatRow(
            label=one.place, code=one.division or "", portal=one.portal, depth=depth, looked=looked.get(one.portal),
            tiles=tiles([one]),
        )  # fmt: skip

    groups: dict[str, list[PlaceTotals]] = {}
    for one in found.places:
        groups.setdefault((one.division or "")[:digits] if digits else one.portal, []).append(one)
    rows: list[HeatRow] = []
    for code, held in groups.items():
        name = _name(code) if digits else None
        if name is not None:
            seen = [at for one in held if (at := looked.get(one.portal)) is not None]
            rows.append(
                HeatRow(
                    label=name, code=code, place=code, portals=len(held), looked=max(seen, default=None),
                    tiles=tiles(held),
                )
            )  # fmt: skip
        if name is None or len(found.places) <= FLAT:
            rows += [of_portal(one, int(name is not None)) for one in held]
    return rows


def tile(year: int, counts: Counts, *, practice: bool) -> Tile:
    """The tile of a place and year."""
    order = _BY_PRACTICE if practice else _BY_DAY
    numbers = [(status, counts.by_status.get(status.value, 0)) for status in order]
    due = sum(number for _, number in numbers)
    if not due:
        return Tile(year=year, due=0, low=None, high=None, parts=(), shade="")
    parts, x = [], 0.0
    for status, number in numbers:
        if number:
            width = 100 * number / due
            parts.append(Part(status, number, round(x, 1), round(width, 1)))
            x += width
    sure = numbers[0][1] + (counts.by_status.get(Status.ELSEWHERE.value, 0) if practice else 0)
    unsure = frozenset({Status.UNKNOWN}) if practice else _NOT_TIMED
    most = sure + sum(number for status, number in numbers if status in unsure)
    low, high = 100 * sure // due, -(-100 * most // due)
    if sure == most:
        low = high = round(100 * sure / due)
    shade = "open" if high - low > _OPEN else "few" if high < _FEW else "some" if low < _MOST else "most"
    return Tile(year=year, due=due, low=low, high=high, parts=tuple(parts), shade=shade)


def summed(places: Iterable[PlaceTotals], year: int) -> Counts:
    """The counts of several places on one year."""
    counts: Counter[str] = Counter()
    for one in places:
        if year in one.years:
            counts.update(one.years[year].by_status)
    return Counts(total=counts.total(), by_status=counts, unknown_share=None)


def province_tiles(found: Totals, year: int, lang: Language, *, practice: bool) -> list[ProvinceTile]:
    """The grid of provinces on one year."""
    held: dict[str, list[PlaceTotals]] = {}
    for one in found.places:
        held.setdefault((one.division or "")[:_PROVINCE], []).append(one)
    return [
        ProvinceTile(
            code=code,
            label=entry[lang],
            x=entry["at"][0],
            y=entry["at"][1],
            tile=tile(year, summed(held[code], year), practice=practice) if code in held else None,
        )
        for code, entry in _provinces().items()
    ]


def steps_to(place: str | None) -> list[tuple[str, str]]:
    """The divisions above and at a code that was asked for: code, name."""
    if place is None or not place.isdecimal():
        return []
    ends = [digits for digits in (_PROVINCE, _PREFECTURE) if digits <= len(place)]
    return [(place[:digits], name) for digits in ends if (name := _name(place[:digits])) is not None]


def _digits(place: str | None) -> int:
    """How many digits of a code tell the groups apart; 0: there are none, but portals."""
    if place is None:
        return _PROVINCE
    return _PREFECTURE if place.isdecimal() and len(place) < _PREFECTURE else 0


def _name(code: str) -> str | None:
    known = division(code.ljust(6, "0")) if code else None
    return known.name if known else None


@cache
def _provinces() -> Mapping[str, Mapping[str, Any]]:
    """provinces.toml, read once."""
    return tomllib.loads(files("nianbao.web").joinpath("provinces.toml").read_text("utf-8"))
