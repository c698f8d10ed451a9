"""Compare a government's report, cell by cell, with the sum of its departments' and townships' reports (``rollup``).

A government's bodies are the agencies of its portal that belong to no other government there, and agencies of other
portals that name it as their parent. The newest edition known at the time asked about counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from archive.assessment.bodies_stated import compare_with_registry, stated_counts
from archive.assessment.figures import WITHOUT_REPORT, Figure, FigureState, figure, state_without_report
from archive.assessment.measures import Measure, measures
from archive.assessment.rollup import CellRollUp, RollupPart, explanation, roll_up, sentence, suspects
from archive.forms.loader import known_form, old_form
from archive.queries.bounds import NotKnownError
from archive.queries.figure_answers import NOT_OWED, SUGGESTED
from archive.queries.figures_bodies import governments_at
from archive.queries.figures_rows import ReportRow, report_rows
from archive.queries.frames import Result
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection
from archive.queries.where import agencies_named, choose
from archive.queries.withholding import Withheld
from storage.home import Home
from storage.records import Agency, AgencyKind, Status

_MIN_TELLING_CELLS = 5  # fewer cells say nothing about the whole report
_MOST = 1.25  # the inverse of four fifths


class CandidateLine(Result):
    """What would close a gap exactly; arithmetic, no fact. ``how``: ``left_out twice slip own_slip``; ``agency``: the
    body's name (None: the government itself); ``value`` as printed, ``meant``: what it would have to be.
    """

    how: str
    agency: str | None
    value: Decimal
    meant: Decimal
    zh: str
    en: str


class RollUpCell(Result):
    """One indicator: the government's figure against the sum of the bodies' ones.

    ``own``: None where the report gives no number (``own_state`` says why). ``total``: the sum of ``reports`` figures,
    ``doubted`` of which the reader doubts. ``blank``, ``not_printed``, ``unread``: how many bodies have a report
    without this figure; ``absent``: how many that owe one have none. ``gap``: own less total. ``verdict``: ``fits
    gap_fits_missing falls_short exceeds unknown``. ``more``: so many candidates that chance explains the gap.
    """

    indicator: str
    label: str
    label_en: str
    unit: str
    own: Decimal | None
    own_state: str
    total: Decimal | None
    reports: int
    doubted: int
    blank: int
    not_printed: int
    unread: int
    absent: int
    gap: Decimal | None
    verdict: str
    candidates: tuple[CandidateLine, ...]
    more: int
    zh: str
    en: str

    @property
    def has_figures(self) -> bool:
        """Whether there is anything but zeros and blanks."""
        return bool(self.own) or bool(self.total) or bool(self.gap)


class WithoutReport(Result):
    """A body that owes a report and of which no figure is held. ``state``: why, as of a figure."""

    agency: AgencyLine
    status: Status
    state: str
    guessed: bool


class SuspectLine(Result):
    """One explanation that closes ``closes`` of ``gaps`` gaps at once; ``agency``: name, None the government itself."""

    how: str
    agency: str | None
    closes: int
    gaps: int


class StatedBodies(Result):
    """A number of bodies that the government's report states, and what the registry knows (``least`` to ``most``).

    ``what``: ``all departments townships``; ``exact`` False: a lower bound (余, 多); ``lacks``: how many bodies the
    registry surely lacks.
    """

    number: int
    what: str
    exact: bool
    least: int
    most: int
    agrees: bool
    lacks: int
    sentence: str


class RollUpAnswer(Result):
    """A government's report held against the reports of its bodies.

    ``status``: of the government's duty; ``edition``, ``form``: of its report that counts (None: none, or unread).
    ``bodies``: those in the registry that owe a report of their own (or have one); ``held``: how many give figures.
    ``perhaps_alone``: the bodies' sums exceed nearly all its figures, so that it may speak for itself alone and sum
    nobody.
    """

    as_of: datetime
    year: int
    government: AgencyLine
    status: Status | None
    edition: str | None
    form: str | None
    bodies: int
    held: int
    without: tuple[WithoutReport, ...]
    cells: tuple[RollUpCell, ...]
    verdicts: dict[str, int]
    suspects: tuple[SuspectLine, ...]
    perhaps_alone: bool
    stated: tuple[StatedBodies, ...]


def rollup(home: Home, place: str, year: int, *, as_of: datetime | None = None) -> RollUpAnswer:
    """Compare the report of the government of ``place`` (name, code, portal, or the government's name) on ``year``.

    Raises :class:`NotKnownError` for a place without a government in the registry, or a year without duties.
    """
    everybody = choose(home, years=[year], as_of=as_of)
    own = _government_of(everybody, place)
    below = _bodies_below(own, everybody.agencies)
    chosen, out = replace(everybody, by_id={one.id: one for one in (own, *below)}), everybody.out
    places = tuple(one.id for one in measures().values() if not one.derived and not one.is_rate)
    rows = {row.agency: row for row in report_rows(chosen, places)}
    if not rows:
        chosen.check_years()
    report = rows.get(own.id)
    # an agency's figures are part of the sum if it must publish a report of its own, or has one
    of_bodies = (rows[one.id] for one in below if one.id in rows)
    parts = [row for row in of_bodies if row.status not in NOT_OWED or row.edition is not None]
    states = {row.agency: _state(row, out.ruled) for row in rows.values()}
    names = {one.id: one.name for one in (own, *below)}
    comparisons = list(_compare_indicators(report, parts, states))
    lines = tuple(_line(measures()[cell.indicator], cell, names) for cell in comparisons)
    with_figures = [line for line in lines if line.has_figures and line.gap is not None]
    exceeding = sum(line.verdict == "exceeds" for line in with_figures)
    body_counts = stated_counts(_text(chosen, report, states))
    return RollUpAnswer(
        as_of=chosen.as_of,
        year=year,
        government=chosen.line(own.id),
        status=report.status if report else None,
        edition=report.edition if report else None,
        form=report.form if report and states[own.id] is None else None,
        bodies=len(parts),
        held=sum(states[row.agency] is None for row in parts),
        without=tuple(
            WithoutReport(
                agency=chosen.line(row.agency),
                status=row.status,
                state=state.value,
                guessed=chosen.agencies[row.agency].guessed,
            )
            for row in parts
            if (state := states[row.agency]) is not None
        ),
        cells=lines,
        verdicts=dict(Counter(line.verdict for line in lines)),
        suspects=tuple(
            SuspectLine.of(one, how=one.how.value, agency=names.get(one.agency or "")) for one in suspects(comparisons)
        ),
        # a single wrong figure cannot make the sum exceed in four fifths of the cells
        perhaps_alone=len(with_figures) >= _MIN_TELLING_CELLS and _MOST * exceeding >= len(with_figures),
        stated=tuple(
            StatedBodies.of(
                one,
                number=one.claim.number,
                what=one.claim.what,
                exact=one.claim.is_exact,
                sentence=out.text(one.claim.sentence),
            )
            for one in compare_with_registry(body_counts, [own, *below], year)
        ),
    )


def _government_of(everybody: Selection, text: str) -> Agency:
    """Return the government that ``text`` (a place, portal or name) means. Raises NotKnownError for none or several."""
    governments = list(governments_at(everybody.home, text)) or [
        one for one in agencies_named(everybody.home, text) if one.kind is AgencyKind.GOVERNMENT
    ]
    if len(governments) == 1:
        return governments[0]
    if not governments:
        raise NotKnownError(code="not_known.government", text=text.strip())
    names = sorted(f"{one.name} ({everybody.portals[one.portal].division or one.portal})" for one in governments)
    raise NotKnownError(
        suggestions=names[:SUGGESTED], code="not_known.governments", text=text.strip(), number=len(governments)
    )


def _bodies_below(government: Agency, agencies: Mapping[str, Agency]) -> tuple[Agency, ...]:
    """Return the agencies that a government's report sums, by id; of two with one name that of its own portal."""
    by_name: dict[str, Agency] = {}
    for agency in sorted(agencies.values(), key=lambda one: (one.portal != government.portal, one.id)):
        if agency.kind is AgencyKind.GOVERNMENT or agency.id == government.id:
            continue
        above = _government_above(agency, agencies)
        if above == government.id or (above is None and agency.portal == government.portal):
            by_name.setdefault(agency.name, agency)
    return tuple(sorted(by_name.values(), key=lambda one: one.id))


def _government_above(agency: Agency, agencies: Mapping[str, Agency]) -> str | None:
    """Return the id of the nearest government among the parents of an agency, or None."""
    visited: set[str] = set()
    parent = agencies.get(agency.parent or "")
    while parent is not None and parent.id not in visited:
        if parent.kind is AgencyKind.GOVERNMENT:
            return parent.id
        visited.add(parent.id)
        parent = agencies.get(parent.parent or "")
    return None


def _state(row: ReportRow, ruled: Withheld) -> FigureState | None:
    """Return the state of all figures of a report that has none usable, or None if it may have some."""
    if row.edition is None:
        return state_without_report(row.status)
    if row.is_withheld(ruled):
        return FigureState.WITHHELD
    if "system" in row.marks:
        return FigureState.SYSTEM
    return FigureState.UNREAD if row.form is None else None


def _compare_indicators(
    report: ReportRow | None, parts: Sequence[ReportRow], states: Mapping[str, FigureState | None]
) -> Iterator[CellRollUp]:
    """Yield the comparison for each indicator of the form of the government's report, in the form's order."""
    form = known_form(report.form) if report and states[report.agency] is None else None
    if report is None or form is None:
        return
    free = form.name == old_form().name  # a free table has no fixed rows: compare those of the government
    for name in (one for one in form.ids if not free or one in report.cells):
        measure = measures()[name]
        of_bodies = [
            RollupPart(row.agency, _figure(measure, row, states[row.agency]), row.status not in NOT_OWED)
            for row in parts
        ]
        yield roll_up(name, measure.kind, _figure(measure, report, None), of_bodies)


def _figure(measure: Measure, row: ReportRow, state: FigureState | None) -> Figure:
    return figure(measure, row.form, row.cells) if state is None else Figure(value=None, state=state)


def _line(measure: Measure, cell: CellRollUp, names: Mapping[str, str]) -> RollUpCell:
    said_zh, said_en = sentence(cell, names)

    def lacking(*states: FigureState) -> int:
        return sum(len(bodies) for state, bodies in cell.lacking.items() if state in states)

    return RollUpCell.of(
        cell,
        label=measure.zh,
        label_en=measure.en,
        unit=measure.unit,
        own=cell.own.value,
        own_state=cell.own.state.value,
        doubted=len(cell.doubted),
        blank=lacking(FigureState.BLANK, FigureState.MARK, FigureState.TEXT),
        not_printed=lacking(FigureState.NOT_PRINTED, FigureState.NOT_IN_FORM),
        unread=lacking(FigureState.UNREAD, FigureState.WITHHELD, FigureState.SYSTEM),
        absent=lacking(*WITHOUT_REPORT),
        verdict=cell.verdict.value,
        candidates=tuple(
            CandidateLine.of(one, how=one.how.value, agency=names.get(one.agency or ""), zh=zh, en=en)
            for one in cell.candidates
            for zh, en in [explanation(one, names)]
        ),
        zh=said_zh,
        en=said_en,
    )


def _text(chosen: Selection, report: ReportRow | None, states: Mapping[str, FigureState | None]) -> str:
    """Return the text of the government's report; "" if there is none, or a ruling withholds it."""
    if report is None or report.edition is None or states[report.agency] is FigureState.WITHHELD:
        return ""
    return "\n".join(reading.text for reading in chosen.store.readings(sorted(report.documents)))
