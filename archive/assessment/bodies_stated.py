"""Compare how many bodies a government's report says have published a report with the registry. Pure.

Only sentences that speak of yearly reports are read, of bounded length, and numbers in digits; one that is one of many
("64余家") is a lower bound. The sentence is given with the number: a person judges whether it means all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from archive.assessment.data_files import data_file
from archive.findings import finding
from archive.identity.text import squeeze
from storage.records import Agency, AgencyKind, Finding

_SENTENCE = re.compile(r"[^。；;！!\n]{4,300}")
_TEXT = 200_000  # characters looked at
_KINDS: Mapping[str, frozenset[AgencyKind]] = {
    "departments": frozenset({AgencyKind.OFFICE, AgencyKind.DEPARTMENT}),
    "townships": frozenset({AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT}),
    "all": frozenset({AgencyKind.OFFICE, AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT}),
}
#: bodies that a report may count among its departments, or all its bodies, and may not
_PERHAPS: Mapping[str, frozenset[AgencyKind]] = {
    "departments": frozenset({AgencyKind.OTHER}),
    "townships": frozenset(),
    "all": frozenset({AgencyKind.OTHER, AgencyKind.GOVERNMENT}),
}


@dataclass(frozen=True, slots=True)
class StatedCount:
    """A number of bodies that a text states. ``what``: ``all``, ``departments`` or ``townships``.

    ``is_exact``: not 余, 多, 近; ``sentence``: where it stands, as printed.
    """

    number: int
    what: str
    is_exact: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A stated number against the registry: ``least`` and ``most`` bodies there that it can mean."""

    claim: StatedCount
    least: int
    most: int

    @property
    def agrees(self) -> bool:
        """Whether the registry knows as many; of a lower bound, at least as many."""
        return self.claim.number <= self.most and (not self.claim.is_exact or self.least <= self.claim.number)

    @property
    def lacks(self) -> int:
        """How many bodies the registry surely lacks."""
        return max(0, self.claim.number - self.most)


def stated_counts(text: str) -> tuple[StatedCount, ...]:
    """Every number of reporting bodies that a text states, in its order, each once."""
    counts: dict[tuple[int, str], StatedCount] = {}
    for match in _SENTENCE.finditer(text[:_TEXT]):
        for one in _counts_in_sentence(match[0].strip()):
            counts.setdefault((one.number, one.what), one)
    return tuple(counts.values())


def _counts_in_sentence(printed: str) -> Iterator[StatedCount]:
    plain, words = squeeze(printed), _words()
    speaks = any(word in plain for word in words["about"]) and any(word in plain for word in words["done"])
    if not speaks or any(word in plain for word in words["not"]):
        return
    for match in _pattern().finditer(plain):
        number, what = int(match["number"]), _units()[match["unit"]]
        if number > 1 and (match["whole"] or what != "all"):
            yield StatedCount(number, what, not (match["about"] or match["near"]), printed)


def compare_with_registry(
    counts: Iterable[StatedCount], agencies: Iterable[Agency], year: int
) -> tuple[Comparison, ...]:
    """Compare the numbers that a report on ``year`` states with the bodies that existed on that year's last day."""
    day = date(year, 12, 31)
    bodies = [one for one in agencies if (one.valid_from or date.min) <= day <= (one.valid_to or date.max)]
    comparisons = []
    for one in counts:
        surely = sum(agency.kind in _KINDS[one.what] for agency in bodies)
        perhaps = sum(agency.kind in _PERHAPS[one.what] for agency in bodies)
        comparisons.append(Comparison(one, surely, surely + perhaps))
    return tuple(comparisons)


def bodies_stated(comparison: Comparison, year: int) -> Finding:
    """The finding that the registry does not know as many bodies as a report states."""
    number = str(comparison.least) if comparison.least == comparison.most else f"{comparison.least}-{comparison.most}"
    return finding(
        "bodies_stated",
        expected=number,
        found=comparison.claim.number,
        bodies=comparison.claim.what,
        year=year,
        quoted=comparison.claim.sentence,
    )


@cache
def _pattern() -> re.Pattern[str]:
    units = "|".join(re.escape(squeeze(word)) for word in sorted(_units(), key=len, reverse=True))
    whole = "|".join(map(re.escape, _words()["whole"]))
    return re.compile(
        rf"(?P<whole>(?:{whole})(?:共|共有|所有|的)?)?(?P<near>近|约|超过?)?(?<![\d.])"
        rf"(?P<number>\d{{1,4}})(?P<about>余|多)?(?:家|个)(?P<unit>{units})"
    )


@cache
def _units() -> Mapping[str, str]:
    return {squeeze(word): unit["what"] for unit in _words()["unit"] for word in unit["words"]}


def _words() -> Mapping[str, Any]:
    return data_file("bodies_stated.toml")
