"""How a place stands, as counts by portal and year: what ``coverage`` says of every body, without naming any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.coverage_of_answer import known_in, known_of, with_known_gaps
from archive.queries.overview import check_year, counts_of
from archive.queries.rates import group_of_kind, rates_of
from archive.queries.results import PlaceTotals, Totals
from archive.queries.stored import open_snapshot
from archive.queries.tallies import parse_tally_key, states_of, tallied
from archive.queries.where import Where, choose
from storage.home import Home
from storage.records import EvidenceGrade


def totals(
    home: Home,
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
) -> Totals:
    """Count the duties of the chosen agencies by portal, year and status, with rates and their bounds.

    Raises :class:`NotKnownError` as ``coverage`` does; ``evidence`` as there.
    """
    years = bounds.reporting_years(years)
    grades = None if evidence is None else frozenset(evidence)
    with open_snapshot(home) as store:
        as_of, chosen = instant_of_question(home, as_of), choose(home, where)
        every = tallied(store, chosen, years, as_of)
        known = known_of(states_of(every)) if every else known_in(store, chosen, years, as_of)
        known = with_known_gaps(home, store, chosen, years, as_of, known)
        if not every:
            for year in years or ():
                check_year(home, chosen, year)
    keys = {key for one in every for key in one.counts}
    status_of = {
        key: parse_tally_key(key).status.value
        for key in keys
        if grades is None or parse_tally_key(key).evidence in grades
    }
    places: dict[str, dict[int, dict[str, int]]] = {}
    of_year: dict[int, dict[str, int]] = {}
    for portal, year, counts in every:
        sums, there = of_year.setdefault(year, {}), dict[str, int]()
        for key, number in counts.items():
            sums[key] = sums.get(key, 0) + number
            status = status_of.get(key)
            if status is not None:
                there[status] = there.get(status, 0) + number
        if there:
            places.setdefault(portal, {})[year] = there
    counted = [
        (group_of_kind(one.kind, dated=one.dated == "statute"), year, one.status, one.dated, one.evidence, number)
        for year, sums in of_year.items()
        for one, number in ((parse_tally_key(key), number) for key, number in sums.items())
    ]
    of_group: dict[str, Counter[str]] = {}
    for group, _, known_as, _, evident, number in counted:
        if grades is None or evident in grades:
            of_group.setdefault(group, Counter())[known_as.value] += number
    lines = [
        PlaceTotals(
            portal=name,
            place=chosen.portals[name].place,
            division=chosen.portals[name].division,
            years={year: counts_of(counts) for year, counts in sorted(years.items())},
        )
        for name, years in places.items()
    ]
    return Totals(
        as_of=as_of,
        years=tuple(sorted({year for years in places.values() for year in years})),
        places=tuple(sorted(lines, key=lambda line: (line.division or "", line.portal))),
        counts=counts_of(of_group.get("statutory", Counter())),
        townships=counts_of(of_group.get("townships", Counter())),
        others=counts_of(of_group.get("others", Counter())),
        rates=rates_of(counted, grades),
        evidence=None if grades is None else tuple(grade for grade in EvidenceGrade if grade in grades),
        known=known,
    )
