"""Score reports by the component measures of ``scores.toml``, and count the scores by year with bounds of rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from archive.assessment import scores as measuring
from archive.assessment.figures import NO_CELLS
from archive.assessment.scores import ReportFacts, Score
from archive.forms.loader import load_forms
from archive.queries.coverage_of_answer import known_in
from archive.queries.duty_rows import duty_lines
from archive.queries.figures_rows import ReportRow, report_rows
from archive.queries.frames import Result
from archive.queries.results import AgencyLine, DutyLine, Known, Rate
from archive.queries.selection import Selection
from archive.queries.stored import fetch, finding_codes
from archive.queries.tallies import rate_with_bounds
from archive.queries.where import EVERYTHING, Where, choose
from archive.queries.withholding import withheld
from storage.home import Home
from storage.records import Edition, ReportKey, Status, editions_by_report, editions_known
from storage.statements import batches

_File = tuple[str | None, bool | None]  # its kind, and whether its cells were recognised in pictures (None: some)
_NO_FILE: _File = None, False


class ScoreLine(Result):
    """One measure of one report. ``score`` None: unknown; ``why``: a code of ``scores.toml``, in words ``zh``, ``en``.
    ``edition``: what it rests on; None where none is held. ``counted``: whether the measure applies to the report.
    """

    agency: AgencyLine
    year: int
    component: str
    score: bool | None
    why: str
    counted: bool
    zh: str
    en: str
    status: Status
    edition: str | None


class ScoreTotal(Result):
    """One measure over the chosen reports on a year. ``rate``: of those to which it applies, those that reach it;
    ``zeros``: those that do not; ``apart``: reports to which it does not apply, by reason.
    """

    component: str
    year: int
    zh: str
    en: str
    rate: Rate | None
    zeros: int
    apart: dict[str, int]


class Scores(Result):
    """Measures of reports. ``version``: of their definitions. There is no sum of them."""

    as_of: datetime
    version: str
    totals: tuple[ScoreTotal, ...]
    lines: tuple[ScoreLine, ...]
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredReport:
    """A report with its scores. ``row``: the figures of its last edition; ``finding_codes``: the codes of all findings
    about that edition, empty if it is withheld.
    """

    duty: DutyLine
    row: ReportRow | None
    is_withheld: bool
    finding_codes: tuple[str, ...]
    scores: Mapping[str, Score]


def scores(home: Home, where: Where = EVERYTHING) -> Scores:
    """Score the chosen reports by each component measure as 1, 0 or unknown, and count these by year. Raises
    :class:`NotKnownError` for an unknown place, agency or year.
    """
    chosen = choose(home, where)
    places = tuple(dict.fromkeys(name for form in load_forms() for name in form.places))
    reports = [report for one in chosen.by_portal() for report in scored_reports(one, places)]
    if not reports:
        chosen.check_years()
    lines = [_score_line(report, name, value) for report in reports for name, value in report.scores.items()]
    return Scores(
        as_of=chosen.as_of,
        version=measuring.version(),
        totals=tuple(_totals(lines)),
        lines=tuple(lines),
        known=known_in(chosen),
    )


def _score_line(report: ScoredReport, component: str, value: Score) -> ScoreLine:
    """Return one ``component`` of a report's score as a line, without the edition if the report is withheld."""
    duty = report.duty
    row = None if report.is_withheld else report.row
    return ScoreLine(
        agency=duty.agency,
        year=duty.year,
        component=component,
        score=value.value,
        why=value.why,
        counted=not value.is_apart,
        **measuring.meaning(value.why),
        status=duty.status,
        edition=row.edition if row else None,
    )


def _totals(lines: Sequence[ScoreLine]) -> Iterator[ScoreTotal]:
    """Yield for each component and year how many reports score 1, 0, unknown, or stand apart."""
    counts: dict[tuple[str, int], Counter[bool | None]] = {}
    apart: dict[tuple[str, int], Counter[str]] = {}
    for line in lines:
        key = (line.component, line.year)
        counts.setdefault(key, Counter()).update([line.score] if line.counted else [])
        apart.setdefault(key, Counter()).update([] if line.counted else [line.why])
    for component in measuring.components():
        for name, year in sorted(key for key in counts if key[0] == component["id"]):
            values = counts[name, year]
            yield ScoreTotal(
                component=name,
                year=year,
                zh=component["zh"],
                en=component["en"],
                rate=rate_with_bounds(values[True], values[None], values.total()),
                zeros=values[False],
                apart=dict(sorted(apart[name, year].items())),
            )


def scored_reports(
    chosen: Selection,
    places: Sequence[str],
    editions: Mapping[ReportKey, Sequence[Edition]] | None = None,
    files: Mapping[str, _File] | None = None,
) -> list[ScoredReport]:
    """Score the reports of a selection of one portal, by agency and year; ``places``: the cells that are read.
    ``editions``: those seen by the time asked about, in their order, and ``files``: of their cells, if at hand.
    """
    (portal,) = chosen.portals
    ruled = withheld(chosen.home)
    rows = {(row.agency, row.year): row for row in report_rows(chosen, places)}
    if editions is None:
        editions = editions_by_report(editions_known(chosen.store.editions(portal), chosen.as_of))
    if files is None:
        files = _files(chosen, [group[-1] for group in editions.values()])
    codes = finding_codes(chosen.store, portal)
    scored = []
    for duty in duty_lines(chosen, links=False):
        report = (duty.agency.id, duty.year)
        row, own = rows.get(report), editions.get(report, [])
        is_withheld = row is not None and row.is_withheld(ruled)
        subjects = () if is_withheld or not own else (own[-1].id, *own[-1].documents)
        kind, from_pictures = files.get(own[-1].cells_document, _NO_FILE) if own else _NO_FILE
        own_codes = tuple(code for subject in dict.fromkeys(subjects) for code in codes.get((subject, report), ()))
        facts = ReportFacts(
            status=duty.status,
            has_date=duty.due is not None,
            is_held=bool(own),
            is_withheld=is_withheld,
            kind=kind,
            from_pictures=from_pictures,
            form=row.form if row is not None else None,
            cells=row.cells if row is not None else NO_CELLS,
            findings=frozenset(own_codes),
            events=frozenset((*duty.findings, *(one.code for edition in own for one in edition.findings))),
            days_met=_days_met(own, chosen.as_of),
        )
        values = measuring.score(facts)
        scored.append(ScoredReport(duty=duty, row=row, is_withheld=is_withheld, finding_codes=own_codes, scores=values))
    return scored


def _files(chosen: Selection, editions: Sequence[Edition]) -> Mapping[str, _File]:
    """Return for each document that the cells of editions come from its kind (``html``, ``pdf`` …) and recognition."""
    table = chosen.store.tables.readings
    columns = select(table.c.document, table.c.kind, table.c.from_pictures)
    queries = (columns.where(table.c.document.in_(some)) for some in batches({one.cells_document for one in editions}))
    return {row.document: (row.kind, row.from_pictures) for query in queries for row in fetch(chosen.store, query)}


def _days_met(editions: Sequence[Edition], as_of: datetime) -> int:
    """Return the days between the first and the last time that a report was surely seen by ``as_of``."""
    if not editions:
        return 0
    days = [one.last_seen if one.last_seen <= as_of else one.first_seen for one in editions]
    return (max(days) - min(one.first_seen for one in editions)).days
