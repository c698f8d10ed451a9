"""What in the editions of a portal contradicts itself, another year's or, by its fingerprint, another agency's report.

Made with everything else of a portal, from its editions and readings alone; what other portals hold is only asked for
when the question is asked (``archive/queries/duplicate_reports.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from archive.assessment.contradictions import Weight, codes, data, printed_codes
from archive.assessment.copied import figures_copied, figures_weight, text_copied
from archive.assessment.lineage import Lineage
from archive.assessment.passages import Passage, digest, names_of, paragraphs, sentences, shared_by, sketch
from archive.forms.loader import known_form
from archive.projection.binding import Bound
from archive.projection.cross_year_checks import between_years, jumps
from archive.projection.findings import Report, readings_of
from storage.judgements import Contradiction, Fingerprint, Repeat
from storage.records import UNDATED, Agency, Edition, Finding, Reading, ReportKind, Severity

Figures = Mapping[str, Decimal | None]
Reports = Mapping[Report, Sequence[Bound]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicting:
    """The rows of a portal."""

    contradictions: tuple[Contradiction, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    repeats: tuple[Repeat, ...] = ()


@dataclass
class Held:
    """A reading with what is asked of its cells."""

    reading: Reading

    @cached_property
    def figures(self) -> Figures:
        """The cells with their numbers."""
        return {name: cell.value for name, cell in self.reading.cells.items()}

    @cached_property
    def doubted(self) -> frozenset[str]:
        """Cells with a flag, and those that a finding about how they were read names."""
        said = (one for one in self.reading.findings if one.code not in printed_codes())
        return self.flagged() | {name for one in said for name in one.cells}

    @cached_property
    def named(self) -> frozenset[str]:
        """Cells that a finding names, or that carry a flag."""
        return self.flagged() | {name for one in self.reading.findings for name in one.cells}

    def flagged(self, unless: frozenset[str] = frozenset()) -> frozenset[str]:
        """Cells with a flag that is none of ``unless``."""
        return frozenset(name for name, cell in self.reading.cells.items() if set(cell.flags) - unless)


@dataclass(frozen=True, slots=True)
class Stay:
    """An edition that counts in [``since``, ``until``); None: to this day. The last that was seen by then counts.

    ``held``: what its cells come from; ``document``: what says most, with its ``paragraphs`` and ``sentences``;
    ``speaking``: the page, and what its cells were taken from (what else hangs on it may be anybody's); ``bounds``: its
    visits.
    """

    edition: Edition
    since: datetime
    until: datetime | None
    bounds: Sequence[Bound]
    speaking: Sequence[Reading]
    held: Held | None
    document: str | None
    paragraphs: tuple[Passage, ...]
    sentences: tuple[Passage, ...]


def contradicting(
    place: str, agencies: Iterable[Agency], editions: Iterable[Edition], reports: Reports
) -> Contradicting:
    """Give the rows of a portal at ``place`` from its editions and the bound visits of its reports."""
    lineage, readings = Lineage(agencies), readings_of(reports)
    names = {one.id: names_of(one.name, one.aliases, place) for one in lineage.agencies.values()}
    by_report: dict[Report, list[Edition]] = defaultdict(list)
    for edition in editions:
        by_report[edition.agency, edition.year].append(edition)
    stays = {
        report: [_stay(*span, readings, names.get(report[0], ()), reports.get(report, ())) for span in times(found)]
        for report, found in sorted(by_report.items())
    }
    common = _shared(stays, data()["copied"]["paragraphs"]["most_agencies"], lambda stay: stay.paragraphs)
    plain = _shared(stays, data()["twins"]["text"]["most_agencies"], lambda stay: stay.sentences)
    found = [row for held in stays.values() for stay in held for row in _within(stay)]
    found += _between(stays, lineage, common)
    found.sort(key=lambda row: (row.agency, row.year))
    counted = {(one.agency, mark) for one in found for mark in one.marks}
    prints = (_fingerprint(stay, plain) for held in stays.values() for stay in held)
    return Contradicting(
        contradictions=tuple(found),
        fingerprints=tuple(
            one for one in prints if any(mark is not None for mark in (one.content, one.figures, one.text1))
        ),
        repeats=tuple(Repeat(agency=agency, mark=mark) for agency, mark in sorted(counted)),
    )


def times(editions: Iterable[Edition]) -> Iterator[tuple[Edition, datetime, datetime | None]]:
    """Give the editions of one report that count, in order, each with its times. One brought in by hand counts only
    before all others.
    """
    ordered = sorted(editions, key=lambda one: (one.first_seen, one.last_seen, one.id))
    first = min((one.first_seen for one in ordered if one.change != UNDATED), default=None)
    counting = [one for one in ordered if one.change != UNDATED or first is None or one.first_seen < first]
    for place, one in enumerate(counting):
        until = counting[place + 1].first_seen if place + 1 < len(counting) else None
        if until is None or one.first_seen < until:
            yield one, one.first_seen, until


def _stay(
    edition: Edition,
    since: datetime,
    until: datetime | None,
    readings: Mapping[str, Reading],
    names: Sequence[str],
    bounds: Iterable[Bound],
) -> Stay:
    speaking = [
        readings[one] for one in dict.fromkeys((edition.main, edition.cells_from or edition.main)) if one in readings
    ]
    fullest = max(speaking, key=lambda one: sum(len(part.text) for part in one.sections), default=None)
    parts, cells = fullest.sections if fullest else (), readings.get(edition.cells_from or "")
    return Stay(
        edition=edition,
        since=since,
        until=until,
        bounds=[bound for bound in bounds if bound.visit.main.id in edition.captures],
        speaking=speaking,
        held=None if cells is None else Held(cells),
        document=fullest.document if fullest else None,
        paragraphs=paragraphs(parts, edition.year, names),
        sentences=sentences(parts, edition.year, names),
    )


def _shared(
    stays: Mapping[Report, Sequence[Stay]], most: int, passages: Callable[[Stay], Sequence[Passage]]
) -> frozenset[int]:
    """Marks of passages that more than ``most`` agencies of the portal have, in whatever year."""
    marks_of: dict[str, list[set[int]]] = defaultdict(list)
    for (agency, _), held in stays.items():
        marks_of[agency] += [{one.mark for one in passages(stay)} for stay in held]
    return shared_by(marks_of, most)


def _row(stay: Stay, finding: Finding, *, doubted: bool = False) -> Contradiction:
    told = {field.name: getattr(finding, field.name) for field in fields(Finding)}
    return Contradiction(
        agency=stay.edition.agency,
        year=stay.edition.year,
        edition=stay.edition.id,
        document=stay.edition.cells_from,
        since=stay.since,
        until=stay.until,
        doubted=doubted,
        **{**told, "severity": Severity.INFO if doubted else finding.severity},
    )


def _within(stay: Stay) -> Iterator[Contradiction]:
    """What contradicts itself within one report."""
    told = [one for reading in stay.speaking for one in reading.findings]
    told += [one for bound in stay.bounds for one in bound.findings]
    for finding in dict.fromkeys(one for one in told if one.code in codes()):
        flags = stay.held.flagged(codes()[finding.code].flags) if stay.held is not None else frozenset()
        yield _row(stay, finding, doubted=not flags.isdisjoint(finding.cells))


def _between(
    stays: Mapping[Report, Sequence[Stay]], lineage: Lineage, common: frozenset[int]
) -> Iterator[Contradiction]:
    """What contradicts, or repeats, the report before, of each pair of editions that count at the same time; figures
    only where nobody else's became its own since. And what a body that took another's place carries over otherwise than
    that reported.
    """
    for (agency, year), held in stays.items():
        reported = {who for who, when in stays if when == year - 1}
        carried = lineage.carried_from(agency, year, reported.__contains__)
        for now, before in _meetings(held, stays.get((agency, year - 1), ())):
            found: list[tuple[Finding, tuple[tuple[int, int], ...]]] = []
            if carried == (agency,) and now.held is not None and before.held is not None:
                found += [(one, ()) for one in figures_between(now.held, before.held, year)]
            found += text_copied(now.paragraphs, before.paragraphs, common, year)
            for finding, marks in found:
                row = replace(_row(now, finding), against=before.edition.id)
                yield replace(row, marks=tuple(mark for mark, _ in marks), letters=tuple(many for _, many in marks))
        for former in carried if carried is not None and len(carried) == 1 and agency not in carried else ():
            for now, before in _meetings(held, stays[former, year - 1]):
                if now.held is not None and before.held is not None:
                    names = [lineage.agencies[former].name]
                    for finding in between_years(now.held.reading, before.held.reading, year, names):
                        yield replace(_row(now, finding), against=before.edition.id)


def _meetings(now: Iterable[Stay], before: Sequence[Stay]) -> Iterator[tuple[Stay, Stay]]:
    """Give the pairs of two reports' editions that count at the same time, the first with the times of both."""
    for one in now:
        for other in before:
            since = max(one.since, other.since)
            until = min((end for end in (one.until, other.until) if end is not None), default=None)
            if until is None or since < until:
                yield replace(one, since=since, until=until), other


def figures_between(now: Held, before: Held, year: int) -> Iterator[Finding]:
    """Tell what the figures of the report on ``year`` contradict or repeat in those of the report before; jumps of
    cells that no finding of either year names, and no flag marks.
    """
    yield from between_years(now.reading, before.reading, year)
    yield from jumps(now.figures, before.figures, now.named | before.named, year)
    form = known_form(now.reading.form)
    if form is not None and now.reading.form == before.reading.form:
        yield from figures_copied(form, now.figures, before.figures, now.doubted | before.doubted, year)


def _fingerprint(stay: Stay, plain: frozenset[int]) -> Fingerprint:
    """The marks by which an edition is held against other agencies'. A report for a whole system has none: it may well
    stand at several.
    """
    edition = stay.edition
    whole = all(bound.binding is None or bound.binding.report_kind is not ReportKind.SYSTEM for bound in stay.bounds)
    reading = next((one for one in stay.speaking if one.document == stay.document), None) if whole else None
    figures, worth = figures_mark(stay.held) if whole and stay.held is not None else (None, Weight(0, 0))
    one, two, three = (sketch(stay.sentences, plain) if whole else None) or (None, None, None)
    readable = reading is not None and reading.is_report and not reading.unreadable
    return Fingerprint(
        agency=edition.agency,
        year=edition.year,
        edition=edition.id,
        document=stay.document,
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


def figures_mark(edition: Held) -> tuple[int | None, Weight]:
    """A mark of all figures of a report that are not 0, and what they tell; no mark where that is too little."""
    least = data()["twins"]["figures"]
    worth = figures_weight(edition.figures, edition.doubted)
    if not worth.reaches({"values": least["values"], "bits": least["bits_here"]}):
        return None, Weight(0, 0)
    lines = (f"{name}={value.normalize():f}" for name, value in sorted(edition.figures.items()) if value)
    return digest("\n".join(lines)), worth
