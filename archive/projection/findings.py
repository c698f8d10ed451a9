"""Findings that only show where documents, visits and editions meet, and the rows of all findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

from archive.assessment.bodies_stated import bodies_stated, compare_with_registry, stated_counts
from archive.assessment.contradictions import broken_links
from archive.assessment.lineage import Lineage
from archive.assessment.suspicion import LookJudgement
from archive.documents.model import why
from archive.findings import finding
from archive.projection.binding import Bound, Report
from storage.judgements import StoredFinding
from storage.records import Agency, AgencyKind, Binding, Edition, Finding, Reading

#: What a page lacks that its attachment has is no finding about the report.
_OF_THE_FRAME = frozenset({"tables_absent", "table_missing"})

_about_document = partial(StoredFinding, subject_kind="document")


def is_unreadable(bound: Bound) -> bool:
    """Say whether something published as a report gave no cells because nothing in it could be read."""
    if bound.report is None or bound.reading is None or bound.cells_from is not None:
        return False
    return bool(bound.reading.unreadable) or any(part.unreadable for _, part in bound.parts)


def unreadable_finding(bound: Bound) -> Finding:
    """Say that something was published as the report but cannot be read; its status is judged all the same."""
    reason = bound.reading.unreadable if bound.reading else ""
    if not reason:
        return finding("unreadable", case="attachment")
    return finding("unreadable", case="published", found=reason, why=why(reason))


def finding_rows(
    editions: Mapping[Report, Sequence[Edition]],
    reports: Mapping[Report, Sequence[Bound]],
    readings: Mapping[str, Reading],
    bindings: Iterable[Binding],
    looks: Iterable[LookJudgement],
    agencies: Sequence[Agency],
) -> list[StoredFinding]:
    """Give every finding about a portal with what it is about, each once. ``agencies``: of the portal, as known now."""
    rows = [
        StoredFinding(subject_kind="look", subject=one.look.id, finding=finding)
        for one in looks
        for finding in one.findings
    ]
    for binding in bindings:
        about = partial(_about_document, subject=binding.document, agency=binding.agency, year=binding.year)
        rows += [about(finding=finding) for finding in binding.findings]
    for (agency, year), bounds in reports.items():  # what only shows where a page and its attachments meet
        for bound in bounds:
            about = partial(_about_document, subject=bound.visit.main.document or "", agency=agency, year=year)
            rows += [about(finding=finding) for finding in bound.findings]
    for edition in chain.from_iterable(editions.values()):
        rows += [_of_edition(edition, finding) for finding in edition.findings]
        for document in edition.documents:
            frame = _OF_THE_FRAME if edition.cells_from not in (None, document) else ()
            findings = readings[document].findings if document in readings else ()
            about = partial(_about_document, subject=document, agency=edition.agency, year=edition.year)
            rows += [about(finding=finding) for finding in findings if finding.code not in frame]
    rows += _carried_over(editions, readings, Lineage(agencies))
    rows += _compare_stated_bodies(chain.from_iterable(editions.values()), readings, agencies)
    return list(dict.fromkeys(rows))


def _of_edition(edition: Edition, finding: Finding) -> StoredFinding:
    return StoredFinding(
        subject_kind="edition", subject=edition.id, agency=edition.agency, year=edition.year, finding=finding
    )


def readings_of(reports: Mapping[Report, Sequence[Bound]]) -> dict[str, Reading]:
    """Give every reading of the bound visits, by its document."""
    bounds = (bound for report_bounds in reports.values() for bound in report_bounds)
    every = (one for bound in bounds for one in (bound.reading, *(part for _, part in bound.parts), bound.cells_from))
    return {reading.document: reading for reading in every if reading is not None}


def _carried_over(
    editions: Mapping[Report, Sequence[Edition]], readings: Mapping[str, Reading], lineage: Lineage
) -> Iterator[StoredFinding]:
    """Compare the newest editions of neighbouring years by the links of the form; blanks decide nothing.

    Of a body that took others over, theirs are compared together with its own; where one of those has no report, or a
    divided one came in, nobody can say what was carried over.
    """
    newest = {
        report: max(editions_of, key=lambda one: (one.first_seen, one.id)) for report, editions_of in editions.items()
    }
    reported: dict[int, set[str]] = {}
    for agency, year in newest:
        reported.setdefault(year, set()).add(agency)
    for (agency, year), edition in newest.items():
        predecessors = lineage.carried_from(agency, year, reported.get(year - 1, set()).__contains__) or ()
        now = readings.get(edition.cells_from or "")
        before = [readings.get(newest[one, year - 1].cells_from or "") for one in predecessors]
        read = [one for one in before if one is not None]
        if now is None or not read or len(read) < len(before):
            continue
        names = [] if predecessors == (agency,) else [lineage.agencies[one].name for one in predecessors]
        for contradiction in broken_links(now, read, year, names):
            yield _of_edition(edition, contradiction)


def _compare_stated_bodies(
    editions: Iterable[Edition], readings: Mapping[str, Reading], agencies: Sequence[Agency]
) -> Iterator[StoredFinding]:
    """Compare how many bodies a government's report says have published one with the registry."""
    governments = {one.id for one in agencies if one.kind is AgencyKind.GOVERNMENT}
    for edition in editions:
        if edition.agency not in governments:
            continue
        own = dict.fromkeys((edition.main, edition.cells_from or edition.main))  # other files may be anybody's
        text = "\n".join(readings[one].text for one in own if one in readings)
        for one in compare_with_registry(stated_counts(text), agencies, edition.year):
            if not one.agrees:
                yield _of_edition(edition, bodies_stated(one, edition.year))
