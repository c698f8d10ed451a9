"""Compare a government's report, cell by cell, with the sum of its departments' and townships' reports (``rollup``).

A government's agencies are the agencies of its portal that belong to no other government there, and agencies of other
portals that name it as their parent. The newest edition known at the time asked about counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from archive.assessment.figures import Figure, FigureState, figure, state_without_report
from archive.assessment.measures import Measure, measures
from archive.assessment.rollup import RollUp, RollUpCell, RollupPart, Suspect, roll_up, suspects
from archive.assessment.stated_agency_counts import StatedAgencyCount, compare_stated_counts
from archive.forms.loader import known_form, old_form
from archive.queries.agency_divisions import governments_at
from archive.queries.bounds import NotKnownError
from archive.queries.figure_answers import SUGGESTED
from archive.queries.figures_rows import ReportRow, report_rows
from archive.queries.frames import Result
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection
from archive.queries.where import Where, agencies_named, choose
from archive.queries.withholding import Withheld
from storage.home import Home
from storage.records import NOT_OWED, Agency, AgencyKind, Status

_MIN_TELLING_CELLS = 5  # fewer cells say nothing about the whole report


class WithoutReport(Result):
    """An agency that owes a report and has no figure in the archive. ``state``: why, as of a figure."""

    agency: AgencyLine
    status: Status
    state: str
    guessed: bool


class RollUpAnswer(Result):
    """A government's report compared with the reports of its agencies.

    ``status``: of the government's duty; ``edition``, ``form``: of its report that counts (None: none, or unread).
    ``agencies``: those in the registry that owe a report of their own (or have one); ``held``: how many give figures.
    ``suspects``: explanations that close several gaps at once; ``perhaps_alone``: the agencies' sums exceed nearly all
    its figures, so that it may speak for itself alone and sum nobody; ``stated``: numbers of agencies in its text.
    """

    as_of: datetime
    year: int
    government: AgencyLine
    status: Status | None
    edition: str | None
    form: str | None
    agencies: int
    held: int
    without: tuple[WithoutReport, ...]
    cells: tuple[RollUpCell, ...]
    verdicts: dict[str, int]
    suspects: tuple[Suspect, ...]
    perhaps_alone: bool
    stated: tuple[StatedAgencyCount, ...]


def rollup(home: Home, place: str, year: int, *, as_of: datetime | None = None) -> RollUpAnswer:
    """Compare the figures of the government of ``place`` (name, code, portal, or the government's name) on ``year``
    with the sums of those of its agencies, as known at ``as_of`` (None: now). Raises :class:`NotKnownError` for a place
    without a government in the registry, or a year without duties (reports owed).
    """
    everybody = choose(home, Where(years=(year,), as_of=as_of))
    own = _government_of(everybody, place)
    below = _agencies_below(own, everybody.agencies)
    chosen = replace(everybody, by_id={one.id: one for one in (own, *below)})
    places = tuple(one.id for one in measures().values() if not one.derived and not one.is_rate)
    rows = {row.agency: row for row in report_rows(chosen, places)}
    if not rows:
        chosen.check_years()
    report = rows.get(own.id)
    # an agency's figures are part of the sum if it must publish a report of its own, or has one
    of_agencies = (rows[one.id] for one in below if one.id in rows)
    parts = [row for row in of_agencies if row.status not in NOT_OWED or row.edition is not None]
    states = {row.agency: _state(row, everybody.out.ruled) for row in rows.values()}
    cells = tuple(_compare_indicators(chosen, report, parts, states))
    return RollUpAnswer(
        as_of=chosen.as_of,
        year=year,
        government=chosen.line(own.id),
        status=report.status if report else None,
        edition=report.edition if report else None,
        form=report.form if report and states[own.id] is None else None,
        agencies=len(parts),
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
        cells=cells,
        verdicts=dict(Counter(cell.verdict.value for cell in cells)),
        suspects=suspects(cells, [one.name for one in below]),
        perhaps_alone=_is_perhaps_alone(cells),
        stated=tuple(_stated_agencies(chosen, report, states, year)),
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


def _agencies_below(government: Agency, agencies: Mapping[str, Agency]) -> tuple[Agency, ...]:
    """Return the agencies that a government's report sums, by id: its portal's under no other, or that name it."""
    by_name: dict[str, Agency] = {}
    # of two agencies with one name, that of the government's own portal comes first and counts
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
    chosen: Selection, report: ReportRow | None, parts: Sequence[ReportRow], states: Mapping[str, FigureState | None]
) -> Iterator[RollUpCell]:
    """Yield the comparison for each indicator of the form of the government's ``report``, in the form's order; none if
    it has no readable one. ``parts``: its agencies' rows; ``states``: by agency, why figures are unknown (or None).
    """
    form = known_form(report.form) if report and states[report.agency] is None else None
    if report is None or form is None:
        return
    free = form.name == old_form().name  # a free table has no fixed rows: compare those of the government
    for name in (one for one in form.ids if not free or one in report.cells):
        measure = measures()[name]
        of_agencies = [
            RollupPart(
                chosen.agencies[row.agency].name,
                _figure(measure, row, states[row.agency]),
                expected=row.status not in NOT_OWED,
            )
            for row in parts
        ]
        yield roll_up(measure, _figure(measure, report, None), of_agencies)


def _figure(measure: Measure, row: ReportRow, state: FigureState | None) -> Figure:
    return figure(measure, row.form, row.cells) if state is None else Figure(value=None, state=state)


def _is_perhaps_alone(cells: Sequence[RollUpCell]) -> bool:
    """True if the government's report may count only itself: the sum of its agencies exceeds its figure in four fifths
    of the cells, which one wrong figure cannot do.
    """
    with_gap = [cell for cell in cells if cell.has_figures and cell.gap is not None]
    exceeding = sum(cell.verdict is RollUp.EXCEEDS for cell in with_gap)
    return len(with_gap) >= _MIN_TELLING_CELLS and 5 * exceeding >= 4 * len(with_gap)


def _stated_agencies(
    chosen: Selection, report: ReportRow | None, states: Mapping[str, FigureState | None], year: int
) -> Iterator[StatedAgencyCount]:
    """Yield the numbers of agencies that the government's report states; none if it is withheld or not held."""
    if report is None or report.edition is None or states[report.agency] is FigureState.WITHHELD:
        return
    text = "\n".join(reading.text for reading in chosen.store.readings(sorted(report.documents)))
    for one in compare_stated_counts(text, chosen.agencies.values(), year):
        yield replace(one, sentence=chosen.out.text(one.sentence))
