"""Rates of a population, as the least and the most they can be: what is unknown may be either. Pure.

A rate is never one number. ``low``: no unknown duty is such; ``high``: every unknown duty is. Counted are duties that
are expected and due: neither ``not_expected`` nor ``not_yet_due``.

=========== ============================== ======================== =======================================
rate        of                             such are                 unknown are
=========== ============================== ======================== =======================================
on_time     those with a statutory date    on_time                  unknown, undetermined, elsewhere
late        those with a statutory date    late                     unknown, undetermined, elsewhere
missing     those with a statutory date    missing                  unknown
not_found   those with one by practice     not_found                unknown
published   all                            all that were seen, and  unknown
                                           elsewhere
=========== ============================== ======================== =======================================

Where only some grades of evidence are asked for, a status that is founded otherwise is not taken for known: late and on
time count as undetermined (the report was seen all the same), missing and not found as unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from archive.queries.results import Rate, RateRow
from storage.records import AgencyKind, EvidenceGrade, Status

#: Statuses in which nothing is owed (yet), so that they are no part of any population.
NOT_COUNTED = frozenset({Status.NOT_EXPECTED, Status.NOT_YET_DUE})
_SHOWN_STATUSES = frozenset({Status.ON_TIME, Status.LATE, Status.UNDETERMINED, Status.PUBLISHED, Status.ELSEWHERE})
_UNTIMED = frozenset({Status.UNKNOWN, Status.UNDETERMINED, Status.ELSEWHERE})
_UNSEEN = frozenset({Status.UNKNOWN})
_ROWS: Mapping[str, tuple[frozenset[Status], frozenset[Status], str]] = {
    "on_time": (frozenset({Status.ON_TIME}), _UNTIMED, "statute"),
    "late": (frozenset({Status.LATE}), _UNTIMED, "statute"),
    "missing": (frozenset({Status.MISSING}), _UNSEEN, "statute"),
    "not_found": (frozenset({Status.NOT_FOUND}), _UNSEEN, "practice"),
    "published": (_SHOWN_STATUSES, _UNSEEN, ""),
}
_UNFOUNDED: Mapping[Status, Status] = {
    Status.ON_TIME: Status.UNDETERMINED,
    Status.LATE: Status.UNDETERMINED,
    Status.MISSING: Status.UNKNOWN,
    Status.NOT_FOUND: Status.UNKNOWN,
}
TOWNSHIPS = frozenset({AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})
#: Populations that are never counted together: townships publish by practice, other bodies at no day.
GROUPS = ("statutory", "townships", "others")


def group_of(kind: AgencyKind, *, dated: bool) -> str:
    """Give the group that a duty of such a body is counted in; ``dated``: a statute sets its day."""
    if kind in TOWNSHIPS:
        return "townships"
    return "statutory" if dated else "others"


def rates_of(
    duties: Iterable[tuple[str, int, Status, str, EvidenceGrade, int]], evidence: Collection[EvidenceGrade] | None
) -> tuple[RateRow, ...]:
    """Give the rates of each group that there is, by year, and over all years where there are several.

    ``duties``: by group, year, status, what dates them and evidence, with how many they are.
    """
    counted: dict[str, dict[int | None, dict[tuple[Status, str], int]]] = {}
    for group, year, status, dated, grade, number in duties:
        founded = evidence is None or grade in evidence
        known = status if founded else _UNFOUNDED.get(status, status)
        years = counted.setdefault(group, {})
        for span in (year, None):  # None: all years
            counts = years.setdefault(span, {})
            counts[known, dated] = counts.get((known, dated), 0) + number
    rows = []
    for group in GROUPS:
        years = counted.get(group, {})
        single = sorted(year for year in years if year is not None)
        rows += [_row(group, year, years[year]) for year in (*single, *([None] if len(single) > 1 else []))]
    return tuple(rows)


def _row(group: str, year: int | None, counts: Mapping[tuple[Status, str], int]) -> RateRow:
    owed = [(status, dated, number) for (status, dated), number in counts.items() if status not in NOT_COUNTED]
    due = sum([number for *_, number in owed])
    made = {name: _rate(owed, *row) for name, row in _ROWS.items()}
    rates = {name: one for name, one in made.items() if one is not None}
    return RateRow(group=group, year=year, due=due, not_counted=sum(counts.values()) - due, rates=rates)


def _rate(
    owed: Iterable[tuple[Status, str, int]], such: Collection[Status], unknown: Collection[Status], dated: str
) -> Rate | None:
    """Give one rate of duties counted by status and what dates them (``""``: whatever does); None of none."""
    population = count = more = 0
    for status, by, number in owed:
        if dated and by != dated:
            continue
        population += number
        if status in such:
            count += number
        elif status in unknown:
            more += number
    if not population:
        return None
    return Rate(
        count=count,
        unknown=more,
        population=population,
        low=count / population,
        high=(count + more) / population,
        unknown_share=more / population,
    )
