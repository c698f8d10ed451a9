"""Totals are looked up in what was counted as portals were judged: they say what the lists of bodies say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive.queries.overview import coverage, totals
from archive.queries.where import Where
from storage.home import Home, open_home
from storage.records import AgencyKind, EvidenceGrade

DEPARTMENTS = frozenset({AgencyKind.DEPARTMENT})


@pytest.fixture
def demo(played: Path) -> Iterator[Home]:
    with open_home(played) as home:
        yield home


@pytest.mark.parametrize(
    ("where", "years", "evidence"),
    [
        (Where(), None, None),
        (Where(place="37"), None, None),
        (Where(place="37"), [2024, 2025], None),
        (Where(kinds=DEPARTMENTS), None, None),
        (Where(kinds=DEPARTMENTS, agency="司法"), None, None),
        (Where(), None, {EvidenceGrade.PROVEN}),
    ],
)
def test_totals_say_what_the_lists_say(
    demo: Home, where: Where, years: list[int] | None, evidence: set[EvidenceGrade] | None
) -> None:
    now = coverage(demo, where, years=years, evidence=evidence, links=False)
    before = now.as_of - timedelta(days=3)
    for listed in (now, coverage(demo, where, years=years, evidence=evidence, as_of=before, links=False)):
        counted = totals(demo, where, years=years, evidence=evidence, as_of=listed.as_of)
        assert (counted.counts, counted.townships, counted.others) == (listed.counts, listed.townships, listed.others)
        assert (counted.rates, counted.years, counted.evidence) == (listed.rates, listed.years, listed.evidence)
        assert counted.known.to_dict() == listed.known.to_dict()
        assert {one.portal for one in counted.places} == {row.agency.portal for row in listed.rows}
        by_place = sum(counts.total for one in counted.places for counts in one.years.values())
        assert by_place == sum(len(row.cells) for row in listed.rows) > 0
