"""Duties, their histories and the editions held → how each duty stood at any time: a row for each stretch in which
neither its status nor the edition that counts changed, so that figures of any instant are looked up. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from archive.projection.binding import Report
from storage.judgements import DutyInterval
from storage.records import UNDATED, Binding, Duty, Edition, ReportKind, StatusInterval


def duty_timeline(
    duties: Iterable[Duty],
    statuses: Iterable[StatusInterval],
    editions: Mapping[Report, Sequence[Edition]],
    bindings: Iterable[Binding],
) -> Iterator[DutyInterval]:
    """Give the rows of a portal, in the order of ``statuses``."""
    owed = {(one.agency, one.year): one for one in duties}
    whole = frozenset((b.document, b.agency, b.year) for b in bindings if b.report_kind is ReportKind.SYSTEM)
    for interval in statuses:
        report = (interval.agency, interval.year)
        if report in owed:
            yield from _stood(owed[report], interval, editions.get(report, ()), whole)


def _stood(
    duty: Duty, interval: StatusInterval, editions: Sequence[Edition], whole: Collection[tuple[object, ...]]
) -> Iterator[DutyInterval]:
    """The rows of one status: another one begins with each edition that is seen while it holds."""
    since, end = interval.since, interval.until
    began = {one.first_seen for one in editions if since < one.first_seen and (end is None or one.first_seen < end)}
    starts = [since, *sorted(began)]
    for start, until in zip(starts, [*starts[1:], end], strict=True):
        editions_then = [one for one in editions if one.first_seen <= start]
        last = max(editions_then, key=lambda one: one.order, default=None)
        first = min(editions_then, key=lambda one: (one.change == UNDATED, *one.order[1:]), default=None)
        for counts, one in [("both", last)] if first is last else [("last", last), ("first", first)]:
            yield DutyInterval(
                agency=duty.agency,
                year=duty.year,
                kind=duty.kind,
                counts=counts,
                since=start,
                until=until,
                status=interval.status,
                edition=one.id if one else None,
                editions=len(editions_then),
                tabled=one is not None and one.cells_from is not None,
                reading=(one.cells_from or one.main) if one else None,
                documents=tuple(dict.fromkeys((one.main, one.cells_from or one.main, *one.documents))) if one else (),
                marks=tuple(_marks(interval, one, len(editions_then), whole)),
            )


def _marks(
    interval: StatusInterval, edition: Edition | None, editions: int, whole: Collection[tuple[object, ...]]
) -> Iterator[str]:
    if edition is not None and editions > 1:
        yield "revised"
        if any(finding.code == "two_at_once" for finding in edition.findings):
            yield "two_at_once"
    codes = [finding.code for finding in interval.findings]
    if codes.count("withdrawn") > codes.count("returned"):
        yield "withdrawn"
    if edition is not None and (edition.main, edition.agency, edition.year) in whole:
        yield "system"
