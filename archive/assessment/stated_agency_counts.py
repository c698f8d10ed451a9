"""Compare the number of agencies that a government's report says have published a report with the registry. Pure.

Only sentences of bounded length about annual reports are read, and only numbers in digits; an approximate number
("64余家") is a lower bound. The answer quotes the sentence, so that a person can judge which agencies it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Any

from archive.assessment.data_files import data_file
from archive.findings import finding
from archive.identity.text import squeeze
from storage.records import TOWNSHIPS, Agency, AgencyKind, Finding

_SENTENCE = re.compile(r"[^。；;！!\n]{4,300}")
_MAX_TEXT_CHARS = 200_000
_DEPARTMENTS = frozenset({AgencyKind.OFFICE, AgencyKind.DEPARTMENT})
#: What a report counts → the kinds that it certainly includes then, and those that it may or may not include.
_KINDS = {
    "departments": (_DEPARTMENTS, {AgencyKind.OTHER}),
    "townships": (TOWNSHIPS, set[AgencyKind]()),
    "all": (_DEPARTMENTS | TOWNSHIPS, {AgencyKind.OTHER, AgencyKind.GOVERNMENT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAgencyCount:
    """A number of agencies that a report states, and how many the registry has: at ``least`` and at ``most``.
    ``what``: ``all``, ``departments`` or ``townships``; ``exact`` False: printed with 余, 多 or 近 (more than, almost);
    ``agrees``: the registry has as many; ``lacks``: how many agencies are certainly missing from the registry;
    ``sentence``: the printed sentence with the number.
    """

    number: int
    what: str
    exact: bool
    least: int
    most: int
    agrees: bool
    lacks: int
    sentence: str


def compare_stated_counts(text: str, agencies: Iterable[Agency], year: int) -> tuple[StatedAgencyCount, ...]:
    """Compare every number of reporting agencies that a report on ``year`` states with those that existed on that
    year's last day: at ``least`` those of kinds that it certainly counts, at ``most`` also those that it may count.
    """
    day = date(year, 12, 31)
    existing = [one for one in agencies if (one.valid_from or date.min) <= day <= (one.valid_to or date.max)]
    stated: dict[tuple[int, str], StatedAgencyCount] = {}
    for match in _SENTENCE.finditer(text[:_MAX_TEXT_CHARS]):
        printed = match[0].strip()
        for number, what, is_exact in _counts_in_sentence(printed):
            least, most = accumulate(sum(agency.kind in kinds for agency in existing) for kinds in _KINDS[what])
            agrees = number <= most and (not is_exact or least <= number)
            comparison = StatedAgencyCount(
                number=number,
                what=what,
                exact=is_exact,
                least=least,
                most=most,
                agrees=agrees,
                lacks=max(0, number - most),
                sentence=printed,
            )
            stated.setdefault((number, what), comparison)
    return tuple(stated.values())


def _counts_in_sentence(printed: str) -> Iterator[tuple[int, str, bool]]:
    """Yield (number, what is counted, is it exact) for the numbers in a sentence about annual reports, else nothing.
    Counted are ``all``, ``departments`` or ``townships``; ``all`` ("64家单位") only after a word such as 全县.
    """
    plain, words = squeeze(printed), _words()
    is_about_reports = any(word in plain for word in words["about"]) and any(word in plain for word in words["done"])
    if not is_about_reports or any(word in plain for word in words["not"]):
        return
    for match in _pattern().finditer(plain):
        number, what = int(match["number"]), _units()[match["unit"]]
        if number > 1 and (match["whole"] or what != "all"):
            yield number, what, not (match["about"] or match["near"])


def stated_count_differs(comparison: StatedAgencyCount, year: int) -> Finding:
    """Make the finding that the registry and a report disagree about how many agencies published a report."""
    number = str(comparison.least) if comparison.least == comparison.most else f"{comparison.least}-{comparison.most}"
    return finding(
        "bodies_stated",
        expected=number,
        found=comparison.number,
        bodies=comparison.what,
        year=year,
        quoted=comparison.sentence,
    )


@cache
def _pattern() -> re.Pattern[str]:
    """Return the pattern of a stated number with its unit, such as 全部64余家单位."""
    units = "|".join(re.escape(squeeze(word)) for word in sorted(_units(), key=len, reverse=True))
    words_for_all = "|".join(map(re.escape, _words()["whole"]))
    return re.compile(
        rf"(?P<whole>(?:{words_for_all})(?:共|共有|所有|的)?)?(?P<near>近|约|超过?)?(?<![\d.])"
        rf"(?P<number>\d{{1,4}})(?P<about>余|多)?(?:家|个)(?P<unit>{units})"
    )


@cache
def _units() -> Mapping[str, str]:
    """Return unit word (单位, 部门, 乡镇 …) → ``all``, ``departments`` or ``townships``."""
    return {squeeze(word): unit["what"] for unit in _words()["unit"] for word in unit["words"]}


def _words() -> Mapping[str, Any]:
    return data_file("stated_agency_counts.toml")
