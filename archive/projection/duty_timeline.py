"""Cut each duty's time into rows in which neither its status nor its counting edition changes. Pure.

Questions look up the row of any instant, and with it the figures that counted then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from archive.projection.binding import Report
from storage.judgements import DutyInterval
from storage.records import UNDATED, Binding, Duty, Edition, ReportKind, StatusInterval, editions_known


def duty_timeline(
    duties: Iterable[Duty],
    statuses: Iterable[StatusInterval],
    editions: Mapping[Report, Sequence[Edition]],
    bindings: Iterable[Binding],
) -> Iterator[DutyInterval]:
    """Yield the rows of a portal in the order of ``statuses``."""
    duty_of = {(one.agency, one.year): one for one in duties}
    of_systems = frozenset((b.document, b.agency, b.year) for b in bindings if b.report_kind is ReportKind.SYSTEM)
    for interval in statuses:
        report = (interval.agency, interval.year)
        if report in duty_of:
            yield from _rows_of(duty_of[report], interval, editions.get(report, ()), of_systems)


def _rows_of(
    duty: Duty, interval: StatusInterval, editions: Sequence[Edition], of_systems: Collection[tuple[object, ...]]
) -> Iterator[DutyInterval]:
    """Yield the rows of one status interval: a new row begins with each edition that is first seen in it."""
    since, end = interval.since, interval.until
    changes = {one.known_from for one in editions if since < one.known_from and (end is None or one.known_from < end)}
    starts = [since, *sorted(changes)]
    for start, until in zip(starts, [*starts[1:], end], strict=True):
        editions_then = editions_known(editions, start)
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
                marks=tuple(_marks(interval, one, len(editions_then), of_systems)),
            )


def _marks(
    interval: StatusInterval, edition: Edition | None, editions: int, of_systems: Collection[tuple[object, ...]]
) -> Iterator[str]:
    """Yield the marks of a row: ``revised``, ``two_at_once``, ``withdrawn``, ``system``."""
    if edition is not None and editions > 1:
        yield "revised"
        if any(finding.code == "two_at_once" for finding in edition.findings):
            yield "two_at_once"
    codes = [finding.code for finding in interval.findings]
    if codes.count("withdrawn") > codes.count("returned"):
        yield "withdrawn"
    if edition is not None and (edition.main, edition.agency, edition.year) in of_systems:
        yield "system"
