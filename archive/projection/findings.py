"""Findings that only show where documents, visits and editions meet: what contradicts itself, another year's report,
the registry or, by its fingerprint, another agency's report.

Made with everything else of a portal, from its editions and readings alone; what other portals hold is only asked for
when the question is asked (``archive/queries/duplicate_reports.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain, pairwise

from archive.assessment.bodies_stated import bodies_stated, compare_with_registry, stated_counts
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
from archive.forms.loader import known_form
from archive.projection.binding import Bound, Report
from archive.projection.look_trust import JudgedLook
from storage.judgements import Contradiction, Fingerprint, Repeat, StoredFinding
from storage.records import UNDATED, Agency, AgencyKind, Binding, Edition, Finding, Reading, ReportKind, Severity

#: What a page lacks that its attachment has is no finding about the report.
_OF_THE_FRAME = frozenset({"tables_absent", "table_missing"})


def readings_of(reports: Mapping[Report, Sequence[Bound]]) -> dict[str, Reading]:
    """Give every reading of the bound visits, by its document."""
    bounds = (bound for report_bounds in reports.values() for bound in report_bounds)
    every = (one for bound in bounds for one in (bound.reading, *(part for _, part in bound.parts), bound.cells_from))
    return {reading.document: reading for reading in every if reading is not None}


def finding_rows(
    editions: Mapping[Report, Sequence[Edition]],
    reports: Mapping[Report, Sequence[Bound]],
    readings: Mapping[str, Reading],
    bindings: Iterable[Binding],
    looks: Iterable[JudgedLook],
    agencies: Sequence[Agency],
) -> list[StoredFinding]:
    """Give every finding about a portal with what it is about, each once. ``agencies``: of the portal, as known now."""

    def about(kind: str, subject: str, agency: str | None, year: int | None, findings: Iterable[Finding]) -> None:
        row = partial(StoredFinding, subject_kind=kind, subject=subject, agency=agency, year=year)
        rows.extend(row(finding=finding) for finding in findings)

    rows: list[StoredFinding] = []
    for look in looks:
        about("look", look.look.id, None, None, () if look.shrunk is None else (look.shrunk,))
    for binding in bindings:
        about("document", binding.document, binding.agency, binding.year, binding.findings)
    for (agency, year), bounds in reports.items():  # what only shows where a page and its attachments meet
        for bound in bounds:
            about("document", bound.visit.main.document or "", agency, year, bound.findings)
    every = [*chain.from_iterable(editions.values())]
    for edition in every:
        about("edition", edition.id, edition.agency, edition.year, edition.findings)
        for document in edition.documents:
            frame = _OF_THE_FRAME if edition.cells_from not in (None, document) else ()
            of_reading = readings[document].findings if document in readings else ()
            own = (finding for finding in of_reading if finding.code not in frame)
            about("document", document, edition.agency, edition.year, own)
    carried, counts = _carried_over(editions, readings, Lineage(agencies)), _stated_bodies(every, readings, agencies)
    for edition, finding in chain(carried, counts):
        about("edition", edition.id, edition.agency, edition.year, [finding])
    return list(dict.fromkeys(rows))


def _carried_over(
    editions: Mapping[Report, Sequence[Edition]], readings: Mapping[str, Reading], lineage: Lineage
) -> Iterator[tuple[Edition, Finding]]:
    """Compare the newest editions of neighbouring years by the links of the form; blanks decide nothing.

    Of a body that took others over, theirs are compared together with its own; where one of those has no report, or a
    divided one came in, nobody can say what was carried over.
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


def _stated_bodies(
    editions: Iterable[Edition], readings: Mapping[str, Reading], agencies: Sequence[Agency]
) -> Iterator[tuple[Edition, Finding]]:
    """Compare how many bodies a government's report says have published one with the registry."""
    governments = {one.id for one in agencies if one.kind is AgencyKind.GOVERNMENT}
    for edition in (one for one in editions if one.agency in governments):
        own = dict.fromkeys((edition.main, edition.cells_from or edition.main))  # other files may be anybody's
        text = "\n".join(readings[one].text for one in own if one in readings)
        for one in compare_with_registry(stated_counts(text), agencies, edition.year):
            if not one.agrees:
                yield edition, bodies_stated(one, edition.year)


# -------------------------------------------------------------------------------- contradictions and fingerprints


@dataclass(frozen=True, slots=True)
class CountingEdition:
    """An edition that counts in [``since``, ``until``); None: to this day. The last that was seen by then counts.

    ``speaking``: the page, and what its cells were taken from (what else is attached may be anybody's); ``cells``: the
    reading with its cells; ``fullest``: the one that says most, with its ``paragraphs`` and ``sentences``; ``bounds``:
    its visits.
    """

    edition: Edition
    since: datetime
    until: datetime | None
    bounds: Sequence[Bound]
    speaking: Sequence[Reading]
    cells: Reading | None
    fullest: Reading | None
    paragraphs: tuple[Passage, ...]
    sentences: tuple[Passage, ...]


def contradicting(
    agencies: Sequence[Agency],
    place: str,
    editions: Mapping[Report, Sequence[Edition]],
    reports: Mapping[Report, Sequence[Bound]],
    readings: Mapping[str, Reading],
) -> tuple[list[Contradiction], list[Fingerprint], list[Repeat]]:
    """Give the rows of a portal from the editions, bound visits and ``readings`` of its reports."""
    names = {one.id: names_of(one.name, one.aliases, place) for one in agencies}

    def counting(edition: Edition, since: datetime, until: datetime | None) -> CountingEdition:
        report = (edition.agency, edition.year)
        documents = dict.fromkeys((edition.main, edition.cells_from or edition.main))
        speaking = [readings[one] for one in documents if one in readings]
        fullest = max(speaking, key=lambda one: sum(len(part.text) for part in one.sections), default=None)
        text = (fullest.sections if fullest else (), edition.year, names.get(edition.agency, ()))
        return CountingEdition(
            edition=edition,
            since=since,
            until=until,
            bounds=[bound for bound in reports.get(report, ()) if bound.visit.main.id in edition.captures],
            speaking=speaking,
            cells=readings.get(edition.cells_from or ""),
            fullest=fullest,
            paragraphs=paragraphs(*text),
            sentences=sentences(*text),
        )

    by_report = {
        report: [counting(*one) for one in times(editions_of)] for report, editions_of in sorted(editions.items())
    }
    every = [one for editions_of in by_report.values() for one in editions_of]
    common = shared_by(
        ((one.edition.agency, one.paragraphs) for one in every), data()["copied"]["paragraphs"]["most_agencies"]
    )
    plain = shared_by(((one.edition.agency, one.sentences) for one in every), data()["twins"]["text"]["most_agencies"])
    rows = [*(row for one in every for row in _within(one)), *_between(by_report, Lineage(agencies), common)]
    rows.sort(key=lambda row: (row.agency, row.year))
    repeated = {(row.agency, mark) for row in rows for mark in row.marks}
    prints = [_fingerprint(one, plain) for one in every]
    return (
        rows,
        [one for one in prints if (one.content, one.figures, one.text1) != (None, None, None)],
        [Repeat(agency=agency, mark=mark) for agency, mark in sorted(repeated)],
    )


def times(editions: Iterable[Edition]) -> Iterator[tuple[Edition, datetime, datetime | None]]:
    """Give the editions of one report that count, in order, each with its times. One brought in by hand counts only
    before all others.
    """
    ordered = sorted(editions, key=lambda one: (one.first_seen, one.last_seen, one.id))
    first = min((one.first_seen for one in ordered if one.change != UNDATED), default=None)
    counting = [one for one in ordered if one.change != UNDATED or first is None or one.first_seen < first]
    for one, following in pairwise([*counting, None]):
        assert one is not None
        if following is None or one.first_seen < following.first_seen:
            yield one, one.first_seen, None if following is None else following.first_seen


def _figures(reading: Reading) -> Figures:
    return {name: cell.value for name, cell in reading.cells.items()}


def _flagged(reading: Reading, unless: frozenset[str] = frozenset()) -> set[str]:
    """The cells with a flag that is none of ``unless``."""
    return {name for name, cell in reading.cells.items() if set(cell.flags) - unless}


def _doubted(reading: Reading, *, also_printed: bool = False) -> set[str]:
    """The cells with a flag, and those that a finding about how they were read names (``also_printed``: any)."""
    findings = (one for one in reading.findings if also_printed or one.code not in printed_codes())
    return _flagged(reading) | {name for one in findings for name in one.cells}


def _row(
    one: CountingEdition, finding: Finding, *, doubted: bool = False, against: str | None = None, marks: Marks = ()
) -> Contradiction:
    return Contradiction(
        agency=one.edition.agency,
        year=one.edition.year,
        edition=one.edition.id,
        against=against,
        document=one.edition.cells_from,
        since=one.since,
        until=one.until,
        doubted=doubted,
        marks=tuple(mark for mark, _ in marks),
        letters=tuple(letters for _, letters in marks),
        **asdict(replace(finding, severity=Severity.INFO) if doubted else finding),
    )


def _within(one: CountingEdition) -> Iterator[Contradiction]:
    """What contradicts itself within one report."""
    findings = [finding for reading in one.speaking for finding in reading.findings]
    findings += [finding for bound in one.bounds for finding in bound.findings]
    for finding in dict.fromkeys(item for item in findings if item.code in codes()):
        flagged = _flagged(one.cells, codes()[finding.code].flags) if one.cells is not None else set()
        yield _row(one, finding, doubted=not flagged.isdisjoint(finding.cells))


def _between(
    counting: Mapping[Report, Sequence[CountingEdition]], lineage: Lineage, common: frozenset[int]
) -> Iterator[Contradiction]:
    """What contradicts, or repeats, the report before, of each pair of editions that count at the same time; figures
    only if nobody else's became its own since. And what a body that took another's place carries over otherwise than
    that reported.
    """
    for (agency, year), current in counting.items():
        carried = lineage.carried_from(agency, year, counting)
        for now, before in _meetings(current, counting.get((agency, year - 1), ())):
            rows: list[tuple[Finding, Marks]] = []
            if carried == (agency,) and now.cells is not None and before.cells is not None:
                rows += [(finding, ()) for finding in figures_between(now.cells, before.cells, year)]
            rows += text_copied(now.paragraphs, before.paragraphs, common, year)
            for finding, marks in rows:
                yield _row(now, finding, against=before.edition.id, marks=marks)
        if carried is None or len(carried) != 1 or agency in carried:
            continue
        (predecessor,) = carried
        for now, before in _meetings(current, counting[predecessor, year - 1]):
            if now.cells is not None and before.cells is not None:
                for finding in broken_links(now.cells, [before.cells], year, [lineage.agencies[predecessor].name]):
                    yield _row(now, finding, against=before.edition.id)


def _meetings(
    now: Iterable[CountingEdition], before: Sequence[CountingEdition]
) -> Iterator[tuple[CountingEdition, CountingEdition]]:
    """Give the pairs of two reports' editions that count at the same time, the first with the times of both."""
    for one in now:
        for other in before:
            since = max(one.since, other.since)
            until = min((end for end in (one.until, other.until) if end is not None), default=None)
            if until is None or since < until:
                yield replace(one, since=since, until=until), other


def figures_between(now: Reading, before: Reading, year: int) -> Iterator[Finding]:
    """Find what the figures of the report on ``year`` contradict or repeat in those of the report before; jumps of
    cells that no finding of either year names, and no flag marks.
    """
    yield from broken_links(now, [before], year)
    doubted_cells = _doubted(now, also_printed=True) | _doubted(before, also_printed=True)
    yield from jumps(_figures(now), _figures(before), doubted_cells, year)
    form = known_form(now.form)
    if form is not None and now.form == before.form:
        yield from figures_copied(form, _figures(now), _figures(before), _doubted(now) | _doubted(before), year)


def _fingerprint(one: CountingEdition, plain: frozenset[int]) -> Fingerprint:
    """The marks by which an edition is compared with other agencies'. A report for a whole system has none: it may well
    stand at several.
    """
    edition, page = one.edition, one.fullest
    is_system = any(bound.binding and bound.binding.report_kind is ReportKind.SYSTEM for bound in one.bounds)
    figures, values, bits = (None, 0, 0) if is_system or one.cells is None else figures_mark(one.cells)
    text1, text2, text3 = (None if is_system else sketch(one.sentences, plain)) or (None, None, None)
    readable = not is_system and page is not None and page.is_report and not page.unreadable
    return Fingerprint(
        agency=edition.agency,
        year=edition.year,
        edition=edition.id,
        document=page.document if page else None,
        since=one.since,
        until=one.until,
        content=digest(page.content_digest) if readable and page is not None else None,
        figures=figures,
        different=values,
        bits=bits,
        text1=text1,
        text2=text2,
        text3=text3,
    )


def figures_mark(reading: Reading) -> tuple[int | None, int, int]:
    """A mark of all figures of a report that are not 0, with their weight; no mark where that is too little."""
    least, doubted, figures = data()["twins"]["figures"], _doubted(reading), sorted(_figures(reading).items())
    worth = weight(value for name, value in figures if name not in doubted)
    if not worth.reaches(least["values"], least["bits_here"]):
        return None, 0, 0
    return digest("\n".join(f"{name}={value.normalize():f}" for name, value in figures if value)), *worth
