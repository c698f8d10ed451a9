"""What in the editions of a portal contradicts itself, another year's or, by its fingerprint, another agency's report.

Made with everything else of a portal, from its editions and readings alone; what other portals hold is only asked for
when the question is asked (``archive/queries/duplicate_reports.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from archive.assessment.contradictions import Weight, codes, data, printed_codes
from archive.assessment.copied import figures_copied, figures_weight, text_copied
from archive.assessment.effective_edition import Meeting, Stay, meetings, stays
from archive.assessment.jumps import jumps
from archive.assessment.lineage import Lineage
from archive.assessment.passages import Passage, digest, names_of, paragraphs, sentences, shared_by, sketch
from archive.forms.loader import known_form
from archive.projection.binding import Bound
from archive.projection.cross_year_checks import between_years
from archive.projection.findings import Report, readings_of
from archive.projection.stored_readings import figure, flagged
from storage.judgements import Contradiction, Fingerprint, Repeat
from storage.records import Agency, Edition, Finding, Reading, ReportKind, Severity

Figures = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicting:
    """The rows of a portal."""

    contradictions: tuple[Contradiction, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    repeats: tuple[Repeat, ...] = ()


@dataclass(slots=True)
class _Text:
    """The passages of one edition's text."""

    document: str | None
    paragraphs: tuple[Passage, ...] = ()
    sentences: tuple[Passage, ...] = ()


@dataclass
class Held:
    """A reading with what is asked of its cells."""

    reading: Reading

    @cached_property
    def figures(self) -> Figures:
        """The cells with their numbers."""
        return {name: figure(self.reading, name) for name in self.reading.cells}

    @cached_property
    def doubted(self) -> frozenset[str]:
        """Cells with a flag, and those that a finding about how they were read names."""
        said = (one for one in self.reading.findings if one.code not in printed_codes())
        return self.flagged() | {name for one in said for name in one.cells}

    @cached_property
    def named(self) -> frozenset[str]:
        """Cells that any finding names."""
        return frozenset(name for one in self.reading.findings for name in one.cells)

    def flagged(self, unless: frozenset[str] = frozenset()) -> frozenset[str]:
        """Cells with a flag that is none of ``unless``."""
        found = flagged(self.reading)
        cells = self.reading.cells
        return frozenset(name for name in found if set(cells[name].flags) - unless) if unless and found else found


def contradicting(
    place: str, agencies: Iterable[Agency], editions: Iterable[Edition], reports: Mapping[Report, Sequence[Bound]]
) -> Contradicting:
    """Give the rows of a portal at ``place`` from its editions and the bound visits of its reports."""
    return _Portal(place, agencies, editions, reports).rows()


class _Portal:
    def __init__(
        self,
        place: str,
        agencies: Iterable[Agency],
        editions: Iterable[Edition],
        reports: Mapping[Report, Sequence[Bound]],
    ) -> None:
        by_report: dict[Report, list[Edition]] = {}
        for edition in editions:
            by_report.setdefault((edition.agency, edition.year), []).append(edition)
        self._stays = {report: stays(by_report[report]) for report in sorted(by_report)}
        self._readings = readings_of(reports)
        self._reports = reports
        self._held: dict[str, Held] = {}
        self._lineage = Lineage(agencies)
        self._names = {one.id: names_of(one.name, one.aliases, place) for one in self._lineage.agencies.values()}
        self._texts = {stay.edition.id: self._text(stay.edition) for held in self._stays.values() for stay in held}
        self._common = self._shared(data()["copied"]["paragraphs"]["most_agencies"], lambda text: text.paragraphs)
        self._plain = self._shared(data()["twins"]["text"]["most_agencies"], lambda text: text.sentences)

    def rows(self) -> Contradicting:
        found: list[Contradiction] = []
        reported: dict[int, set[str]] = {}
        for agency, year in self._stays:
            reported.setdefault(year, set()).add(agency)
        for (agency, year), held in self._stays.items():
            for stay in held:
                found += self._own(stay)
            carried = self._lineage.carried_from(agency, year, reported.get(year - 1, set()).__contains__)
            for meeting in meetings(held, self._stays.get((agency, year - 1), ())):
                found += self._between(meeting, alone=carried == (agency,))
            for former in carried if carried is not None and len(carried) == 1 and agency not in carried else ():
                for meeting in meetings(held, self._stays[former, year - 1]):
                    found += self._carried(meeting, former)
        counted = {(one.agency, mark) for one in found for mark in one.marks}
        return Contradicting(
            contradictions=tuple(found),
            fingerprints=tuple(self._fingerprints()),
            repeats=tuple(Repeat(agency=agency, mark=mark) for agency, mark in sorted(counted)),
        )

    # ------------------------------------------------------------------------------------ one report

    def _own(self, stay: Stay) -> Iterator[Contradiction]:
        """What contradicts itself within one report."""
        edition = stay.edition
        held = self._cells(edition)
        for finding in dict.fromkeys(self._findings(edition)):
            unless = codes()[finding.code].flags
            doubted = held is not None and not held.flagged(unless).isdisjoint(finding.cells)
            yield self._row(edition, finding, stay.since, stay.until, doubted=doubted)

    def _findings(self, edition: Edition) -> Iterator[Finding]:
        for reading in self._speaking(edition):
            yield from (one for one in reading.findings if one.code in codes())
        for bound in self._reports.get((edition.agency, edition.year), ()):
            if bound.visit.main.id in edition.captures:
                yield from (one for one in bound.findings if one.code in codes())

    # ------------------------------------------------------------------------------------ two years

    def _carried(self, meeting: Meeting, former: str) -> Iterator[Contradiction]:
        """What a body that took another's place carries over otherwise than that reported."""
        now, before = self._cells(meeting.now), self._cells(meeting.before)
        names = [self._lineage.agencies[former].name]
        if now is not None and before is not None:
            for finding in between_years(now.reading, before.reading, meeting.now.year, names):
                row = self._row(meeting.now, finding, meeting.since, meeting.until)
                yield replace(row, against=meeting.before.id)

    def _between(self, meeting: Meeting, *, alone: bool) -> Iterator[Contradiction]:
        """What contradicts, or repeats, the report before; figures only where nobody else's became its own since."""
        edition, former = meeting.now, meeting.before
        now, before = self._cells(edition), self._cells(former)
        found: list[tuple[Finding, tuple[tuple[int, int], ...]]] = []
        if alone and now is not None and before is not None:
            found += [(one, ()) for one in figures_between(now, before, edition.year)]
        ours, theirs = self._texts[edition.id], self._texts[former.id]
        found += text_copied(ours.paragraphs, theirs.paragraphs, self._common, edition.year)
        for finding, marks in found:
            row = self._row(edition, finding, meeting.since, meeting.until)
            yield replace(
                row,
                against=former.id,
                marks=tuple(mark for mark, _ in marks),
                letters=tuple(letters for _, letters in marks),
            )

    # ------------------------------------------------------------------------------------ other agencies

    def _fingerprints(self) -> Iterator[Fingerprint]:
        """Those of the editions that can be held against other agencies' at all."""
        for held in self._stays.values():
            for stay in held:
                found = self._fingerprint(stay)
                if any(mark is not None for mark in (found.content, found.figures, found.text1)):
                    yield found

    def _fingerprint(self, stay: Stay) -> Fingerprint:
        edition = stay.edition
        text = self._texts[edition.id]
        whole = self._is_of_one(edition)
        reading = self._readings.get(text.document or "") if whole else None
        readable = reading is not None and reading.is_report and not reading.unreadable
        held = self._cells(edition) if whole else None
        figures, worth = figures_mark(held) if held is not None else (None, Weight(0, 0))
        keys = sketch(text.sentences, self._plain) if whole else None
        one, two, three = keys or (None, None, None)
        return Fingerprint(
            agency=edition.agency,
            year=edition.year,
            edition=edition.id,
            document=text.document,
            since=stay.since,
            until=stay.until,
            content=digest(reading.content_digest) if readable and reading is not None else None,
            figures=figures,
            different=worth.values,
            bits=worth.bits,
            text1=one,
            text2=two,
            text3=three,
        )

    def _is_of_one(self, edition: Edition) -> bool:
        """Whether a report speaks for its agency alone: one for a whole system may well stand at several."""
        bound = self._reports.get((edition.agency, edition.year), ())
        kinds = {one.binding.report_kind for one in bound if one.binding and one.visit.main.id in edition.captures}
        return ReportKind.SYSTEM not in kinds

    # ------------------------------------------------------------------------------------ readings

    def _cells(self, edition: Edition) -> Held | None:
        document = edition.cells_from
        if document is None or document not in self._readings:
            return None
        return self._held.setdefault(document, Held(self._readings[document]))

    def _speaking(self, edition: Edition) -> list[Reading]:
        """The page, and what its cells were taken from; what else hangs on it may be anybody's."""
        named = dict.fromkeys((edition.main, edition.cells_from or edition.main))
        return [self._readings[one] for one in named if one in self._readings]

    def _text(self, edition: Edition) -> _Text:
        """The passages of what says most."""
        speaking = self._speaking(edition)
        if not speaking:
            return _Text(None)
        fullest = max(speaking, key=lambda one: sum(len(part.text) for part in one.sections))
        names, year = self._names.get(edition.agency, ()), edition.year
        parts = fullest.sections
        return _Text(fullest.document, paragraphs(parts, year, names), sentences(parts, year, names))

    def _shared(self, most: int, passages: Callable[[_Text], Sequence[Passage]]) -> frozenset[int]:
        """Marks of passages that more than ``most`` agencies of the portal have, in whatever year."""
        marks_of: dict[str, list[set[int]]] = {}
        for (agency, _), held in self._stays.items():
            texts = (self._texts[stay.edition.id] for stay in held)
            marks_of.setdefault(agency, []).extend({one.mark for one in passages(text)} for text in texts)
        return shared_by(marks_of, most)

    def _row(
        self, edition: Edition, finding: Finding, since: datetime, until: datetime | None, *, doubted: bool = False
    ) -> Contradiction:
        return Contradiction(
            agency=edition.agency,
            year=edition.year,
            edition=edition.id,
            document=edition.cells_from,
            since=since,
            until=until,
            doubted=doubted,
            code=finding.code,
            severity=Severity.INFO if doubted else finding.severity,
            zh=finding.zh,
            en=finding.en,
            cells=finding.cells,
            expected=finding.expected,
            found=finding.found,
        )


def figures_between(now: Held, before: Held, year: int) -> Iterator[Finding]:
    """Tell what the figures of the report on ``year`` contradict or repeat in those of the report before."""
    yield from between_years(now.reading, before.reading, year)
    yield from _jumps(now, before, year)
    form = known_form(now.reading.form)
    if form is not None and now.reading.form == before.reading.form:
        yield from figures_copied(form, now.figures, before.figures, now.doubted | before.doubted, year)


def figures_mark(edition: Held) -> tuple[int | None, Weight]:
    """A mark of all figures of a report that are not 0, and what they tell; no mark where that is too little."""
    least = data()["twins"]["figures"]
    wanted = {"values": least["values"], "bits": least["bits_here"]}
    worth = figures_weight(edition.figures, edition.doubted)
    if not worth.reaches(wanted):
        return None, Weight(0, 0)
    lines = (f"{name}={value.normalize():f}" for name, value in sorted(edition.figures.items()) if value)
    return digest("\n".join(lines)), worth


def _jumps(now: Held, before: Held, year: int) -> Iterator[Finding]:
    """Jumps of cells that no finding of either year names, and no flag marks."""
    doubted = now.named | before.named | now.flagged() | before.flagged()
    yield from jumps(now.figures, before.figures, doubted, year)
