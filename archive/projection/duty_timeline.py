"""Duties, their histories and the editions held → how each duty stood at any time: a row for each stretch in which
neither its status nor the edition that counts changed, so that figures of any instant are looked up. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from storage.judgements import Standing
from storage.records import UNDATED, Binding, Duty, Edition, ReportKind, StatusInterval

Report = tuple[str, int]


def duty_timeline(
    duties: Iterable[Duty],
    statuses: Iterable[StatusInterval],
    editions: Iterable[Edition],
    bindings: Iterable[Binding],
) -> Iterator[Standing]:
    """Give the rows of a portal, in the order of ``statuses``."""
    owed = {(one.agency, one.year): one for one in duties}
    held: dict[Report, list[Edition]] = {}
    for edition in editions:
        held.setdefault((edition.agency, edition.year), []).append(edition)
    whole = frozenset((b.document, b.agency, b.year) for b in bindings if b.report_kind is ReportKind.SYSTEM)
    for interval in statuses:
        report = (interval.agency, interval.year)
        if report in owed:
            yield from _stood(owed[report], interval, held.get(report, ()), whole)


def _stood(
    duty: Duty,
    interval: StatusInterval,
    editions: Sequence[Edition],
    whole: Collection[tuple[object, ...]],
) -> Iterator[Standing]:
    """The rows of one status: another one begins with each edition that is seen while it holds."""
    began = (one.first_seen for one in editions if _within(one.first_seen, interval))
    cuts: list[datetime | None] = [*sorted({interval.since, *began}), interval.until]
    for since, until in pairwise(cuts):
        assert since is not None
        known = [one for one in editions if one.first_seen <= since]
        if not known:
            yield _row(duty, interval, since, until)
            continue
        last = max(known, key=lambda one: one.order)
        first = min(known, key=lambda one: (one.change == UNDATED, *one.order[1:]))
        for counts, one in [("both", last)] if first is last else [("last", last), ("first", first)]:
            system = (one.main, one.agency, one.year) in whole
            yield _row(duty, interval, since, until, one, len(known), counts=counts, system=system)


def _within(at: datetime, interval: StatusInterval) -> bool:
    return interval.since < at and (interval.until is None or at < interval.until)


def _row(
    duty: Duty,
    interval: StatusInterval,
    since: datetime,
    until: datetime | None,
    edition: Edition | None = None,
    editions: int = 0,
    *,
    counts: str = "both",
    system: bool = False,
) -> Standing:
    return Standing(
        agency=duty.agency,
        year=duty.year,
        kind=duty.kind,
        counts=counts,
        since=since,
        until=until,
        status=interval.status,
        edition=edition.id if edition else None,
        editions=editions,
        tabled=edition is not None and edition.cells_from is not None,
        reading=(edition.cells_from or edition.main) if edition else None,
        documents=_documents(edition) if edition else (),
        marks=tuple(_marks(interval, edition, editions, system)),
    )


def _documents(edition: Edition) -> tuple[str, ...]:
    return tuple(dict.fromkeys((edition.main, edition.cells_from or edition.main, *edition.documents)))


def _marks(interval: StatusInterval, edition: Edition | None, editions: int, system: bool) -> Iterator[str]:
    if edition is not None and editions > 1:
        yield "revised"
        if any(finding.code == "two_at_once" for finding in edition.findings):
            yield "two_at_once"
    codes = [finding.code for finding in interval.findings]
    if codes.count("withdrawn") > codes.count("returned"):
        yield "withdrawn"
    if system:
        yield "system"
