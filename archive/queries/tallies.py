"""Count duties by status, and compute rates with their bounds.

Counts by portal and year are stored with the projections, so that a whole province needs few rows. They are valid since
their last change: for an earlier time, or for agencies chosen by name, the histories of duties are counted instead.

A rate is never one number. ``low``: as if no unknown duty counted; ``high``: as if every unknown duty did. The
population are duties that are expected and due: neither ``not_expected`` nor ``not_yet_due``.

docs/statuses.md defines the rates.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Integer, func, select, type_coerce

from archive.queries.results import DutyLine, Rate, RateRow
from archive.queries.selection import Selection
from archive.queries.stored import fetch
from storage.records import TOWNSHIPS, AgencyKind, EvidenceGrade, Status
from storage.statements import among
from storage.status_rows import ALL_YEARS, due_by, tally_counts, tally_key, tally_parts


class TallyKey(NamedTuple):
    """What duties counted together share. ``dated``: what sets the due date: ``statute practice nothing``."""

    kind: AgencyKind
    dated: str
    status: Status
    evidence: EvidenceGrade
    reason: str

    @classmethod
    def of(cls, duty: DutyLine) -> TallyKey:
        """Return the key under which a duty is counted."""
        return cls(duty.agency.kind, due_by(duty.due, duty.practice), duty.status, duty.evidence, duty.reason)

    @property
    def group(self) -> str:
        """The group in which these duties are counted (one of ``GROUPS``)."""
        if self.kind in TOWNSHIPS:
            return "townships"
        return "statutory" if self.kind in DATED_KINDS else "others"


@lru_cache(maxsize=65_536)
def parse_tally_key(key: str) -> TallyKey:
    """Unpack a key of ``Tally.counts``; cached, because there are at most some hundreds of different keys."""
    kind, dated, status, evidence, reason = tally_parts(key)
    return TallyKey(AgencyKind(kind), dated, Status(status), EvidenceGrade(evidence), reason)


class Tally(NamedTuple):
    """The duties of one portal in one year, counted by key (:func:`parse_tally_key` unpacks keys)."""

    portal: str
    year: int
    counts: Mapping[str, int]


def count_duties(chosen: Selection, *, by_year: bool = True) -> Sequence[Tally]:
    """Count the chosen agencies' duties by portal and year; without ``by_year`` all years may be counted as one."""
    years = (ALL_YEARS,) if chosen.years is None and not by_year else chosen.years
    tallies = _stored_tallies(chosen, years)
    return _count_histories(chosen) if tallies is None else tallies


def sum_tallies(tallies: Iterable[Tally]) -> Mapping[str, int]:
    """Return the sums of the counts of several tallies, by key."""
    sums: dict[str, int] = {}
    for _, _, counts in tallies:
        for key, number in counts.items():
            sums[key] = sums.get(key, 0) + number
    return sums


def _stored_tallies(chosen: Selection, years: Collection[int] | None) -> list[Tally] | None:
    """Return the stored counts on ``years`` (None: on each), or None for an earlier time or agencies chosen by name."""
    if not chosen.is_by_kind:
        return None
    table = chosen.store.tables.tallies
    is_later = type_coerce(table.c.since > chosen.as_of, Integer)  # drivers return 0 and 1, or booleans
    of_years = table.c.year != ALL_YEARS if years is None else table.c.year.in_(years)
    query = select(table.c.portal, table.c.year, is_later, table.c.counts)
    rows = [*fetch(chosen.store, query.where(among(table.c.portal, chosen.portals), of_years))]
    if any(later for _, _, later, _ in rows):
        return None
    rows.sort(key=itemgetter(0, 1))
    unpacked = tally_counts([row[3] for row in rows])
    tallies = [Tally(row[0], row[1], counts) for row, counts in zip(rows, unpacked, strict=True)]
    if (kinds := chosen.kinds) is None:
        return tallies
    narrowed = (
        one._replace(counts={key: number for key, number in one.counts.items() if parse_tally_key(key).kind in kinds})
        for one in tallies
    )
    return [one for one in narrowed if one.counts]


def _count_histories(chosen: Selection) -> list[Tally]:
    """Count the chosen duties by portal and year as they stood at ``chosen.as_of``, in the table of statuses over time.
    This is slower than :func:`_stored_tallies`, but also answers for earlier times and for agencies chosen by name.
    """
    table = chosen.store.tables.statuses
    dated = [table.c.due.is_not(None), table.c.practice.is_not(None)]
    columns = [table.c.portal, table.c.year, table.c.kind, *dated, table.c.status, table.c.evidence, table.c.reason]
    conditions = [*chosen.conditions(table), *chosen.kind_conditions(table), *chosen.conditions_then(table)]
    conditions.append(table.c.kind.is_not(None))
    counts: Counter[tuple[Any, ...]] = Counter()
    if chosen.is_by_kind:
        query = select(*columns, func.count()).where(*conditions).group_by(*columns)
        counts.update({tuple(row)[:-1]: row[-1] for row in fetch(chosen.store, query)})
    else:
        query = select(table.c.agency, *columns).where(*conditions)
        counts.update(tuple(row)[1:] for row in fetch(chosen.store, query) if row.agency in chosen.agencies)
    by_place: dict[tuple[str, int], dict[str, int]] = {}
    for (portal, year, kind, due, practice, *state), number in counts.items():
        by_place.setdefault((portal, year), {})[tally_key(kind, due_by(due, practice), *state)] = number
    return [Tally(portal, year, of_place) for (portal, year), of_place in sorted(by_place.items())]


#: Statuses of duties without a report due (yet): no population includes them.
NOT_COUNTED = frozenset({Status.NOT_EXPECTED, Status.NOT_YET_DUE})
SHOWN_STATUSES = frozenset({Status.ON_TIME, Status.LATE, Status.UNDETERMINED, Status.PUBLISHED, Status.ELSEWHERE})
_UNTIMED = frozenset({Status.UNKNOWN, Status.UNDETERMINED, Status.ELSEWHERE})
_UNSEEN = frozenset({Status.UNKNOWN})
#: rate → statuses that reach it, statuses that may or may not, and what must set the due date (``""``: anything)
_RATES: Mapping[str, tuple[frozenset[Status], frozenset[Status], str]] = {
    "on_time": (frozenset({Status.ON_TIME}), _UNTIMED, "statute"),
    "late": (frozenset({Status.LATE}), _UNTIMED, "statute"),
    "missing": (frozenset({Status.MISSING}), _UNSEEN, "statute"),
    "not_found": (frozenset({Status.NOT_FOUND}), _UNSEEN, "practice"),
    "published": (SHOWN_STATUSES, _UNSEEN, ""),
}
_UNFOUNDED: Mapping[Status, Status] = {
    Status.ON_TIME: Status.UNDETERMINED,
    Status.LATE: Status.UNDETERMINED,
    Status.MISSING: Status.UNKNOWN,
    Status.NOT_FOUND: Status.UNKNOWN,
}
DATED_KINDS = frozenset({AgencyKind.GOVERNMENT, AgencyKind.OFFICE, AgencyKind.DEPARTMENT})  #: by law, in any year
#: Populations that are never added up: townships have a day by practice only, others have none.
GROUPS = ("statutory", "townships", "others")


def rates_of(
    duties: Iterable[tuple[TallyKey, int, int]], evidence: Collection[EvidenceGrade] | None
) -> tuple[RateRow, ...]:
    """Return the rates of each group by year and, if there are several years, over all years. ``duties`` (reports
    owed): (what these share, their year, how many they are). ``evidence``: the grades asked for (None: all); a status
    with another grade is not taken as known: on time and late count as undetermined (the report was seen all the same),
    missing and not found as unknown.
    """
    counts: dict[tuple[str, int | None], Counter[tuple[Status, str]]] = defaultdict(Counter)
    for key, year, number in duties:
        founded = evidence is None or key.evidence in evidence
        status = key.status if founded else _UNFOUNDED.get(key.status, key.status)
        for span in (year, None):  # None: all years
            counts[key.group, span][status, key.dated] += number
    rows = []
    for group in GROUPS:
        years = sorted(year for name, year in counts if name == group and year is not None)
        rows += [_rate_row(group, year, counts[group, year]) for year in years]
        rows += [_rate_row(group, None, counts[group, None])] if len(years) > 1 else []
    return tuple(rows)


def _rate_row(group: str, year: int | None, counts: Mapping[tuple[Status, str], int]) -> RateRow:
    """Return the rates of one group in one year (None: all); a rate of no duties is left out."""
    rates = {}
    for name, (reached, unknown, dated) in _RATES.items():
        by_status: Counter[Status] = Counter()
        for (status, dated_by), number in counts.items():
            if status not in NOT_COUNTED and dated in ("", dated_by):
                by_status[status] += number
        count, more = (sum(by_status[status] for status in some) for some in (reached, unknown))
        if rate := rate_with_bounds(count, more, by_status.total()):
            rates[name] = rate
    not_counted = sum(number for (status, _), number in counts.items() if status in NOT_COUNTED)
    return RateRow(group=group, year=year, due=sum(counts.values()) - not_counted, not_counted=not_counted, rates=rates)


def rate_with_bounds(count: int, unknown: int, population: int) -> Rate | None:
    """Return a share (0 to 1) of ``population``: at least ``count``, at most the ``unknown`` too; None if that is 0."""
    if not population:
        return None
    return Rate(
        count=count,
        unknown=unknown,
        population=population,
        low=count / population,
        high=(count + unknown) / population,
        unknown_share=unknown / population,
    )
