"""Collect the findings of a portal, and compare its reports with themselves, with last year's and with the registry.

Only the portal's own editions and readings are used. Fingerprints are stored, so that a question can later compare
reports of different portals (``archive/queries/duplicate_reports.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain

from archive.assessment.contradictions import (
    Figures,
    broken_links,
    codes,
    data,
    figures_copied,
    jumps,
    printed_codes,
    weight,
)
from archive.assessment.passages import (
    Marks,
    Passage,
    digest,
    names_of,
    paragraphs,
    sentences,
    shared_by,
    sketch,
    text_copied,
)
from archive.assessment.registry import Lineage
from archive.assessment.stated_agency_counts import compare_stated_counts, stated_count_differs
from archive.forms.loader import known_form
from archive.projection.binding import BoundVisit
from archive.projection.editions import editions_with_ends
from archive.projection.portal_facts import PortalFacts
from storage.judgements import Contradiction, Fingerprint, Repeat, StoredFinding
from storage.records import AgencyKind, Edition, Finding, Reading, ReportKey, ReportKind, Severity

#: Findings that a page lacks tables: they do not count if the report's cells come from an attachment.
_TABLES_LACKING = frozenset({"tables_absent", "table_missing"})


def readings_of(reports: Mapping[ReportKey, Sequence[BoundVisit]]) -> dict[str, Reading]:
    """Return all readings of the bound visits (pages, parts, combined ones), by their document."""
    bounds = (bound for report_bounds in reports.values() for bound in report_bounds)
    all_of = ((bound.reading, *(part for _, part in bound.parts), bound.cells_from) for bound in bounds)
    return {reading.document: reading for readings in all_of for reading in readings if reading is not None}


def finding_rows(facts: PortalFacts, readings: Mapping[str, Reading]) -> list[StoredFinding]:
    """Return all findings about a portal, each once with its subject: a look (reading of a list), a document or an
    edition (content for a time). That tables lack on a page is left out if the cells come from an attachment.
    ``readings``: from ``readings_of``.
    """

    def add(kind: str, subject: str, agency: str | None, year: int | None, findings: Iterable[Finding]) -> None:
        row = partial(StoredFinding, subject_kind=kind, subject=subject, agency=agency, year=year)
        rows.extend(row(finding=finding) for finding in findings)

    rows: list[StoredFinding] = []
    for look in facts.looks:
        add("look", look.look.id, None, None, () if look.new_base is None else (look.new_base,))
    for binding in facts.bindings:
        add("document", binding.document, binding.agency, binding.year, binding.findings)
    for (agency, year), bounds in facts.reports.items():  # findings from comparing a page with its attachments
        for bound in bounds:
            add("document", bound.visit.main.document or "", agency, year, bound.findings)
    for edition in facts.editions:
        add("edition", edition.id, edition.agency, edition.year, edition.findings)
        for document in edition.documents:
            irrelevant = _TABLES_LACKING if edition.cells_from not in (None, document) else ()
            of_reading = readings[document].findings if document in readings else ()
            relevant = (finding for finding in of_reading if finding.code not in irrelevant)
            add("document", document, edition.agency, edition.year, relevant)
    broken = _broken_carry_overs(facts.editions_of, readings, Lineage(facts.truth.agencies))
    for edition, finding in chain(broken, _stated_counts(facts, readings)):
        add("edition", edition.id, edition.agency, edition.year, [finding])
    return list(dict.fromkeys(rows))


def _broken_carry_overs(
    editions: Mapping[ReportKey, Sequence[Edition]], readings: Mapping[str, Reading], lineage: Lineage
) -> Iterator[tuple[Edition, Finding]]:
    """Find carry-overs (requests left open by one year's report and taken over by the next) that differ between the
    newest editions of neighbouring years, by the links of the form. If an agency took over others, the sum of all their
    reports is compared with its own; nothing is compared if ``Lineage.carried_from`` does not know all of them.
    """
    newest = {report: max(ones, key=lambda one: (one.first_seen, one.id)) for report, ones in editions.items()}
    for (agency, year), edition in newest.items():
        predecessors = lineage.carried_from(agency, year, newest) or ()
        now = readings.get(edition.cells_from or "")
        before = [readings.get(newest[one, year - 1].cells_from or "") for one in predecessors]
        read = [one for one in before if one is not None]
        if now is None or not read or len(read) < len(before):
            continue
        names = [] if predecessors == (agency,) else [lineage.agencies[one].name for one in predecessors]
        yield from ((edition, one) for one in broken_links(now, read, year, names))


def _stated_counts(facts: PortalFacts, readings: Mapping[str, Reading]) -> Iterator[tuple[Edition, Finding]]:
    """Yield governments' editions that state another number of reporting agencies than the registry has."""
    agencies = facts.truth.agencies
    governments = {one.id for one in agencies if one.kind is AgencyKind.GOVERNMENT}
    for edition in (one for one in facts.editions if one.agency in governments):
        text = "\n".join(one.text for one in _own_readings(edition, readings))
        for comparison in compare_stated_counts(text, agencies, edition.year):
            if not comparison.agrees:
                yield edition, stated_count_differs(comparison, edition.year)


def _own_readings(edition: Edition, readings: Mapping[str, Reading]) -> list[Reading]:
    """Return the readings of the page and of the document with the cells; other files may be those of any agency."""
    documents = dict.fromkeys((edition.main, edition.cells_document))
    return [readings[one] for one in documents if one in readings]


# -------------------------------------------------------------------------------- contradictions and fingerprints


@dataclass(frozen=True, slots=True)
class CountingEdition:
    """An edition that counts as its report from ``since`` to ``until`` (None: still), as the newest one seen by then.
    ``own_readings``: from ``_own_readings``; ``cells``: the reading with its cells; ``fullest``: the reading with most
    text, and its ``paragraphs`` and ``sentences``; ``bounds``: its visits.
    """

    edition: Edition
    since: datetime
    until: datetime | None
    bounds: Sequence[BoundVisit]
    own_readings: Sequence[Reading]
    cells: Reading | None
    fullest: Reading | None
    paragraphs: tuple[Passage, ...]
    sentences: tuple[Passage, ...]


def contradiction_rows(
    facts: PortalFacts, readings: Mapping[str, Reading]
) -> tuple[list[Contradiction], list[Fingerprint], list[Repeat]]:
    """Return a portal's contradictions, within a report or with the year before; the fingerprints of its editions
    (contents over time), by which copies at other agencies are found; and by agency the marks (hashes) of paragraphs
    repeated from the year before, by which ``archive/queries/check.py`` knows paragraphs that many agencies have.
    ``readings``: from ``readings_of``, by document.
    """
    agencies, place = facts.truth.agencies, facts.truth.portal.place
    names = {one.id: names_of(one.name, one.aliases, place) for one in agencies}

    def with_readings(edition: Edition, until: datetime | None) -> CountingEdition:
        """Return an edition that counted until ``until``, with the readings and visits that belong to it."""
        own_readings = _own_readings(edition, readings)
        fullest = max(own_readings, key=lambda one: sum(len(part.text) for part in one.sections), default=None)
        text = (fullest.sections if fullest else (), edition.year, names.get(edition.agency, ()))
        return CountingEdition(
            edition=edition,
            since=edition.known_from,
            until=until,
            bounds=[one for one in facts.reports.get(edition.report, ()) if one.visit.main.id in edition.captures],
            own_readings=own_readings,
            cells=readings.get(edition.cells_from or ""),
            fullest=fullest,
            paragraphs=paragraphs(*text),
            sentences=sentences(*text),
        )

    by_report = {
        report: [
            with_readings(edition, until)
            for edition, until in editions_with_ends(own)
            if until is None or edition.known_from < until
        ]
        for report, own in sorted(facts.editions_of.items())
    }
    counting = [one for editions_of in by_report.values() for one in editions_of]
    copied, twins = data()["copied"]["paragraphs"], data()["twins"]["text"]
    common_paragraphs = shared_by(((one.edition.agency, one.paragraphs) for one in counting), copied["most_agencies"])
    common_sentences = shared_by(((one.edition.agency, one.sentences) for one in counting), twins["most_agencies"])
    rows = [row for one in counting for row in _within(one)]
    rows += _between_years(by_report, Lineage(agencies), common_paragraphs)
    rows.sort(key=lambda row: (row.agency, row.year))
    repeated = {(row.agency, mark) for row in rows for mark in row.marks}
    fingerprints = [_fingerprint(one, common_sentences) for one in counting]
    return (
        rows,
        [one for one in fingerprints if (one.content, one.figures, one.text1) != (None, None, None)],
        [Repeat(agency=agency, mark=mark) for agency, mark in sorted(repeated)],
    )


def _figures(reading: Reading) -> Figures:
    return {name: cell.value for name, cell in reading.cells.items()}


def _flagged(reading: Reading, unless: frozenset[str] = frozenset()) -> set[str]:
    """Return the cells with a flag other than those in ``unless``."""
    return {name for name, cell in reading.cells.items() if set(cell.flags) - unless}


def _doubted(reading: Reading, *, also_printed: bool = False) -> set[str]:
    """Return the cells with a flag, and those in a finding about how they were read (``also_printed``: in any)."""
    findings = (one for one in reading.findings if also_printed or one.code not in printed_codes())
    return _flagged(reading) | {name for one in findings for name in one.cells}


def _row(
    counting: CountingEdition, finding: Finding, *, doubted: bool = False, against: str | None = None, marks: Marks = ()
) -> Contradiction:
    """Make a contradiction's row. ``against``: last year's edition (content); ``doubted``: a cell may be misread, so it
    is only ``info``; ``marks``: hashes and lengths of repeated paragraphs.
    """
    return Contradiction(
        agency=counting.edition.agency,
        year=counting.edition.year,
        edition=counting.edition.id,
        against=against,
        document=counting.edition.cells_from,
        since=counting.since,
        until=counting.until,
        doubted=doubted,
        marks=tuple(mark for mark, _ in marks),
        letters=tuple(letters for _, letters in marks),
        **asdict(replace(finding, severity=Severity.INFO) if doubted else finding),
    )


def _within(counting: CountingEdition) -> Iterator[Contradiction]:
    """Yield the contradictions within one report, ``doubted`` if one of its cells has a flag for another fault."""
    findings = [finding for reading in counting.own_readings for finding in reading.findings]
    findings += [finding for bound in counting.bounds for finding in bound.findings]
    for finding in dict.fromkeys(item for item in findings if item.code in codes()):
        flagged = _flagged(counting.cells, codes()[finding.code].flags) if counting.cells is not None else set()
        yield _row(counting, finding, doubted=not flagged.isdisjoint(finding.cells))


def _between_years(
    counting: Mapping[ReportKey, Sequence[CountingEdition]], lineage: Lineage, common: frozenset[int]
) -> Iterator[Contradiction]:
    """Yield what contradicts or repeats the report of the year before, for editions (contents over time) that count at
    the same time. Figures are compared only if the agency took over no other agency; if it replaced exactly one, its
    carry-overs are compared with that agency's report. ``common``: marks of paragraphs that are boilerplate.
    """
    for (agency, year), current in counting.items():
        carried = lineage.carried_from(agency, year, counting)
        for now, before in _simultaneous_pairs(current, counting.get((agency, year - 1), ())):
            rows: list[tuple[Finding, Marks]] = []
            if carried == (agency,) and now.cells is not None and before.cells is not None:
                rows += [(finding, ()) for finding in figures_between(now.cells, before.cells, year)]
            rows += text_copied(now.paragraphs, before.paragraphs, common, year)
            for finding, marks in rows:
                yield _row(now, finding, against=before.edition.id, marks=marks)
        if carried is None or len(carried) != 1 or agency in carried:
            continue
        (predecessor,) = carried
        for now, before in _simultaneous_pairs(current, counting[predecessor, year - 1]):
            if now.cells is not None and before.cells is not None:
                for finding in broken_links(now.cells, [before.cells], year, [lineage.agencies[predecessor].name]):
                    yield _row(now, finding, against=before.edition.id)


def _simultaneous_pairs(
    now: Iterable[CountingEdition], before: Sequence[CountingEdition]
) -> Iterator[tuple[CountingEdition, CountingEdition]]:
    """Yield the pairs of two reports' editions to compare: those that counted (were the newest one seen) at the same
    time. The first of a pair gets this common time: only then does a contradiction between them stand.
    """
    for edition in now:
        for other in before:
            since = max(edition.since, other.since)
            until = min((end for end in (edition.until, other.until) if end is not None), default=None)
            if until is None or since < until:
                yield replace(edition, since=since, until=until), other


def figures_between(now: Reading, before: Reading, year: int) -> Iterator[Finding]:
    """Find what the figures of the report on ``year`` contradict or repeat in those of the report before. Cells with a
    flag, or in a finding of either year, are not searched for jumps: they may be misread.
    """
    yield from broken_links(now, [before], year)
    doubted_cells = _doubted(now, also_printed=True) | _doubted(before, also_printed=True)
    yield from jumps(_figures(now), _figures(before), doubted_cells, year)
    form = known_form(now.form)
    if form is not None and now.form == before.form:
        yield from figures_copied(form, _figures(now), _figures(before), _doubted(now) | _doubted(before), year)


def _fingerprint(counting: CountingEdition, common_sentences: frozenset[int]) -> Fingerprint:
    """Return the marks by which an edition (content for a time) is compared with those of other agencies. A report for
    a whole system of agencies has none, because several of them may publish it.
    """
    edition, page = counting.edition, counting.fullest
    is_system = any(bound.binding and bound.binding.report_kind is ReportKind.SYSTEM for bound in counting.bounds)
    figures, different, bits = (None, 0, 0) if is_system or counting.cells is None else figures_mark(counting.cells)
    text1, text2, text3 = (None if is_system else sketch(counting.sentences, common_sentences)) or (None, None, None)
    is_comparable = not is_system and page is not None and page.is_report and not page.unreadable
    return Fingerprint(
        agency=edition.agency,
        year=edition.year,
        edition=edition.id,
        document=page.document if page else None,
        since=counting.since,
        until=counting.until,
        content=digest(page.content_digest) if is_comparable and page is not None else None,
        figures=figures,
        different=different,
        bits=bits,
        text1=text1,
        text2=text2,
        text3=text3,
    )


def figures_mark(reading: Reading) -> tuple[int | None, int, int]:
    """Return a mark of all figures of a report that are not 0, with their weight; no mark if they prove too little."""
    least, doubted, figures = data()["twins"]["figures"], _doubted(reading), sorted(_figures(reading).items())
    proof = weight(value for name, value in figures if name not in doubted)
    if not proof.reaches(least["values"], least["bits_here"]):
        return None, 0, 0
    return digest("\n".join(f"{name}={value.normalize():f}" for name, value in figures if value)), *proof
