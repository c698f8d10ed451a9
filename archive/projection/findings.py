"""Findings that only show where documents, visits and editions meet, and the rows of all findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from archive.assessment.suspicion import LookJudgement
from archive.projection.between import between_years
from archive.projection.binding import Bound
from storage.judgements import StoredFinding
from storage.records import Binding, Edition, Finding, Reading, Severity

#: What a page lacks that its attachment has is no finding about the report.
_OF_THE_FRAME = frozenset({"tables_absent", "table_missing"})

Report = tuple[str, int]


def unreadable(bound: Bound) -> bool:
    """Say whether something published as a report gave no cells because nothing in it could be read."""
    if bound.report is None or bound.reading is None or bound.cells_from is not None:
        return False
    return bool(bound.reading.unreadable) or any(part.unreadable for _, part in bound.parts)


def unreadable_finding(reason: str) -> Finding:
    """Say that something was published as the report but cannot be read; its status is judged all the same."""
    return Finding(
        code="unreadable",
        severity=Severity.WARNING,
        zh=f"报告已公开，但文件无法读取（{reason or '附件'}）。",
        en=f"The report is public, but its file cannot be read ({reason or 'attachment'}).",
        found=reason or None,
    )


def finding_rows(
    editions: Sequence[Edition],
    reports: Mapping[Report, Sequence[Bound]],
    bindings: Iterable[Binding],
    looks: Iterable[LookJudgement],
) -> list[StoredFinding]:
    """Give every finding about a portal with what it is about, each once."""
    readings = _readings(reports)
    found: dict[tuple[object, ...], StoredFinding] = {}
    for stored in (
        *_of_looks(looks),
        *_of_bindings(bindings),
        *_of_combinations(reports),
        *_of_editions(editions, readings),
        *_carried_over(editions, readings),
    ):
        finding = stored.finding
        key = (stored.subject_kind, stored.subject, stored.agency, stored.year, finding)
        found.setdefault(key, stored)
    return list(found.values())


def _readings(reports: Mapping[Report, Sequence[Bound]]) -> dict[str, Reading]:
    readings = {}
    for found in reports.values():
        for bound in found:
            for reading in (bound.reading, *(part for _, part in bound.parts), bound.cells_from):
                if reading is not None:
                    readings[reading.document] = reading
    return readings


def _of_looks(looks: Iterable[LookJudgement]) -> Iterator[StoredFinding]:
    for judged in looks:
        for finding in judged.findings:
            yield StoredFinding(subject_kind="look", subject=judged.look.id, finding=finding)


def _of_bindings(bindings: Iterable[Binding]) -> Iterator[StoredFinding]:
    for binding in bindings:
        for finding in binding.findings:
            yield StoredFinding(
                subject_kind="document",
                subject=binding.document,
                agency=binding.agency,
                year=binding.year,
                finding=finding,
            )


def _of_combinations(reports: Mapping[Report, Sequence[Bound]]) -> Iterator[StoredFinding]:
    """What only shows where a page and its attachments meet."""
    for (agency, year), found in reports.items():
        for bound in found:
            for finding in bound.findings:
                document = bound.visit.main.document or ""
                yield StoredFinding(
                    subject_kind="document", subject=document, agency=agency, year=year, finding=finding
                )


def _of_editions(editions: Iterable[Edition], readings: Mapping[str, Reading]) -> Iterator[StoredFinding]:
    for edition in editions:
        for finding in edition.findings:
            yield StoredFinding(
                subject_kind="edition", subject=edition.id, agency=edition.agency, year=edition.year, finding=finding
            )
        for document in edition.documents:
            for finding in readings[document].findings if document in readings else ():
                if finding.code in _OF_THE_FRAME and edition.cells_from not in (None, document):
                    continue
                yield StoredFinding(
                    subject_kind="document",
                    subject=document,
                    agency=edition.agency,
                    year=edition.year,
                    finding=finding,
                )


def _carried_over(editions: Iterable[Edition], readings: Mapping[str, Reading]) -> Iterator[StoredFinding]:
    """Hold the newest editions of neighbouring years against the links of the form; blanks decide nothing."""
    newest: dict[Report, Edition] = {}
    for edition in sorted(editions, key=lambda one: (one.first_seen, one.id)):
        newest[edition.agency, edition.year] = edition
    for (agency, year), edition in newest.items():
        now = _cells_of(edition, readings)
        before = _cells_of(newest.get((agency, year - 1)), readings)
        if now is None or before is None:
            continue
        for finding in between_years(now, before, year):
            yield StoredFinding(subject_kind="edition", subject=edition.id, agency=agency, year=year, finding=finding)


def _cells_of(edition: Edition | None, readings: Mapping[str, Reading]) -> Reading | None:
    return readings.get(edition.cells_from) if edition is not None and edition.cells_from is not None else None
