"""Findings that only show where documents, visits and editions meet, and the rows of all findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from archive.assessment.bodies_stated import bodies_stated, compare_with_registry, stated_counts
from archive.assessment.lineage import Lineage
from archive.assessment.suspicion import LookJudgement
from archive.documents.model import why
from archive.findings import finding
from archive.projection.binding import Bound
from archive.projection.cross_year_checks import between_years
from storage.judgements import StoredFinding
from storage.records import Agency, AgencyKind, Binding, Edition, Finding, Reading

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
    if not reason:
        return finding("unreadable", case="attachment")
    return finding("unreadable", case="published", found=reason, why=why(reason))


def finding_rows(
    editions: Sequence[Edition],
    reports: Mapping[Report, Sequence[Bound]],
    bindings: Iterable[Binding],
    looks: Iterable[LookJudgement],
    agencies: Sequence[Agency],
) -> list[StoredFinding]:
    """Give every finding about a portal with what it is about, each once. ``agencies``: of the portal, as known now."""
    readings = readings_of(reports)
    found = [
        StoredFinding(subject_kind="look", subject=one.look.id, finding=told) for one in looks for told in one.findings
    ]
    found += [_about(one.document, one.agency, one.year, told) for one in bindings for told in one.findings]
    for (agency, year), bounds in reports.items():  # what only shows where a page and its attachments meet
        for bound in bounds:
            found += [_about(bound.visit.main.document or "", agency, year, told) for told in bound.findings]
    for edition in editions:
        found += [_of_edition(edition, told) for told in edition.findings]
        for document in edition.documents:
            frame = _OF_THE_FRAME if edition.cells_from not in (None, document) else ()
            told_of = readings[document].findings if document in readings else ()
            found += [
                _about(document, edition.agency, edition.year, told) for told in told_of if told.code not in frame
            ]
    found += _carried_over(editions, readings, Lineage(agencies))
    found += _stated(editions, readings, agencies)
    return list(dict.fromkeys(found))


def _about(document: str, agency: str | None, year: int | None, told: Finding) -> StoredFinding:
    return StoredFinding(subject_kind="document", subject=document, agency=agency, year=year, finding=told)


def _of_edition(edition: Edition, told: Finding) -> StoredFinding:
    return StoredFinding(
        subject_kind="edition", subject=edition.id, agency=edition.agency, year=edition.year, finding=told
    )


def readings_of(reports: Mapping[Report, Sequence[Bound]]) -> dict[str, Reading]:
    """Give every reading of the bound visits, by its document."""
    bounds = (bound for found in reports.values() for bound in found)
    readings = (
        one for bound in bounds for one in (bound.reading, *(part for _, part in bound.parts), bound.cells_from)
    )
    return {reading.document: reading for reading in readings if reading is not None}


def _carried_over(
    editions: Iterable[Edition], readings: Mapping[str, Reading], lineage: Lineage
) -> Iterator[StoredFinding]:
    """Hold the newest editions of neighbouring years against the links of the form; blanks decide nothing.

    Of a body that took others over, theirs are held against it together with its own; where one of those has no report,
    or a divided one came in, nobody can say what was carried over.
    """
    newest: dict[Report, Edition] = {}
    for edition in sorted(editions, key=lambda one: (one.first_seen, one.id)):
        newest[edition.agency, edition.year] = edition
    reported: dict[int, set[str]] = {}
    for agency, year in newest:
        reported.setdefault(year, set()).add(agency)
    for (agency, year), edition in newest.items():
        now = _cells_of(edition, readings)
        former = lineage.carried_from(agency, year, reported.get(year - 1, set()).__contains__)
        cells = [_cells_of(newest[one, year - 1], readings) for one in former or ()]
        before = [one for one in cells if one is not None]
        if now is None or not before or len(before) < len(cells):
            continue
        names = [] if former == (agency,) else [lineage.agencies[one].name for one in former or ()]
        for told in between_years(now, before, year, names):
            yield _of_edition(edition, told)


def _stated(
    editions: Iterable[Edition], readings: Mapping[str, Reading], agencies: Sequence[Agency]
) -> Iterator[StoredFinding]:
    """Hold how many bodies a government's report says have published one against the registry."""
    governments = {one.id for one in agencies if one.kind is AgencyKind.GOVERNMENT}
    for edition in editions:
        if edition.agency not in governments:
            continue
        own = dict.fromkeys(
            (edition.main, edition.cells_from or edition.main)
        )  # what else hangs on it may be anybody's
        text = "\n".join(readings[one].text for one in own if one in readings)
        for one in compare_with_registry(stated_counts(text), agencies, edition.year):
            if not one.agrees:
                yield _of_edition(edition, bodies_stated(one, edition.year))


def _cells_of(edition: Edition | None, readings: Mapping[str, Reading]) -> Reading | None:
    return readings.get(edition.cells_from) if edition is not None and edition.cells_from is not None else None
