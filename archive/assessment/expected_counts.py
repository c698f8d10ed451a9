"""How many agencies of a portal are expected to publish, and whether its lists show fewer or more. Pure.

The limits stand in ``expected_counts.toml``. Where nothing is known to compare with, nothing is expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import median_low

from archive.assessment.data_files import data_file, in_both_languages
from archive.sentence_templates import fill

_LIMITS = "expected_counts.toml"
#: What a count is compared with; of several comparisons with one verdict, the first is reported.
BASES = ("last_year", "registry", "neighbours_median", "usual")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCount:
    """How many agencies a source (``basis``, of BASES) lets us expect: its count ``base``, at ``least``, at ``most``.
    ``verdict``: ``below``, ``above`` or ``within`` these bounds.
    """

    basis: str
    base: int
    least: int
    most: int
    verdict: str

    def sentences(self, place: str, year: int, count: int, url: str) -> tuple[str, str]:
        """Say in both languages how many agencies lists show and how many are expected. ``url``: of a list or ""."""
        texts = data_file(_LIMITS)
        basis = in_both_languages(texts[self.basis], {"base": self.base})
        lists = in_both_languages(texts[f"list_{self.verdict}"], {"url": url}) if url else ("", "")
        values = {"place": place, "year": year, "count": count, "least": self.least, "most": self.most}
        zh, en = (
            fill(texts[self.verdict][lang], {**values, "basis": one, "list": of_list})
            for lang, one, of_list in zip(("zh", "en"), basis, lists, strict=True)
        )
        return zh, en


def compare_count(count: int, bases: Mapping[str, int]) -> ExpectedCount | None:
    """Compare how many agencies' reports were shown with what four sources lead us to expect: the year before, the
    registry, the neighbours and what is usual (``bases``: BASES → count). Return the first comparison that is
    ``below``, else the first ``above``, else the first; None if no source counts enough agencies.
    """
    compared = []
    for basis in BASES:
        limits, base = data_file(_LIMITS)[basis], bases.get(basis, 0)
        if base >= limits["least"]:
            least, most = floor(base * limits["low"]), ceil(base * limits["high"])
            verdict = "below" if count < least else "above" if count > most else "within"
            compared.append(ExpectedCount(basis=basis, base=base, least=least, most=most, verdict=verdict))
    return min(compared, key=lambda one: ("below", "above", "within").index(one.verdict), default=None)


def median_of_neighbours(counts: Sequence[int]) -> int:
    """Return the median of the counts of portals of one level; 0, which is never compared, if they are too few."""
    return median_low(counts) if len(counts) >= limit("neighbours") else 0


def limit(name: str) -> int:
    """Return the limit ``name`` of ``expected_counts.toml``, such as ``settled_days``."""
    return int(data_file(_LIMITS)[name])
