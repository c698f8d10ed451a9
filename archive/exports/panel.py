"""Write the balanced panel: a row for each agency and year, and another table with a row for each place and year.

Every agency has a row for each year from the first to the last on which the archive knows of a duty, also if nothing is
known of its own report. The crosswalk joins indicators over the forms of 2014, 2019 and 2021: under their own id if
another form counts the same, under ``joined.…`` if nearly the same; the column ``….class`` says which of the two.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, cast

from sqlalchemy import select

from archive.assessment import scores as measuring
from archive.assessment.calendar import local_day
from archive.assessment.data_files import data_file
from archive.assessment.figures import FigureState, changed_cells, state_without_report
from archive.assessment.measures import Measure, measures
from archive.exports.edition_rows import HeldEdition, held_editions, provenance
from archive.exports.formats.columns import (
    Batch,
    BatchedRows,
    ExportColumn,
    Row,
    Sheet,
    component_columns,
    measure_columns,
    row_maker,
    sheet,
)
from archive.exports.panel_figures import FigureColumns, RowFigures, joined_forms
from archive.findings import finding_meanings
from archive.identity.divisions import code_in, level_of
from archive.projection.child import collect_seldom
from archive.queries.agency_divisions import AgencyDivision, agency_divisions
from archive.queries.figures_rows import cells_of_documents
from archive.queries.results import AgencyLine, DutyLine
from archive.queries.scores import ScoredReport, scored_reports
from archive.queries.selection import Selection
from archive.queries.stored import fetch, open_snapshot
from archive.queries.tallies import TallyKey, rates_of
from storage.clock import Clock
from storage.config import Config
from storage.database import keep_few_pages
from storage.home import Home
from storage.records import AgencyKind, ReportKey, Status

_BATCH_ROWS = 2_000  # least reports in memory at once, if there are so many
_REVISED = {"silent", "announced", "returned"}  # values of ``Edition.change`` that mean other content
_DUTY_COLUMNS = ("due", "practice", "reason", "first_shown", "last_absent", "absent_as_of", "declared")
_values_of_duty = attrgetter(*_DUTY_COLUMNS)
_GOVERNMENT_COLUMNS = (
    *("status", "evidence", "first_shown", "days_late_least", "days_late_most", "form", "edition", "document"),
    "reader",
)
_COUNTED_STATUSES = (Status.ON_TIME, Status.LATE, Status.UNDETERMINED, Status.MISSING, Status.UNKNOWN, Status.ELSEWHERE)


def panel_sheet(chosen: Selection, indicators: Sequence[Measure], processes: int = 0) -> Sheet:
    """Return the table of agencies and years; its rows are read from the archive during iteration, by this process or,
    if ``processes`` is not 0, by as many others.
    """
    table = sheet("panel", BatchedRows(_batches(chosen, indicators, _agency_rows, processes)))
    columns = (*table.columns, *component_columns(), *_figure_columns(indicators))
    return replace(table, columns=columns, row_count=chosen.agency_count * len(_years(chosen)))


def places_sheet(chosen: Selection, indicators: Sequence[Measure], processes: int = 0) -> Sheet:
    """Return the table of places and years; ``processes``: as for :func:`panel_sheet`."""
    table = sheet("panel_places", BatchedRows(_batches(chosen, indicators, _place_rows, processes)))
    return replace(table, columns=(*table.columns, *_figure_columns(indicators)))


def _figure_columns(indicators: Sequence[Measure]) -> Iterator[ExportColumn]:
    for one in indicators:
        yield from measure_columns(one, "state", "doubt", *(["class"] if joined_forms(one.id) else []))


# ---------------------------------------------------------------------------------------------- what is known


class _PanelReport(NamedTuple):
    """An agency in a year. ``scored``: None if no duty is known; ``editions``: those seen by the time asked about."""

    agency: AgencyLine
    year: int
    scored: ScoredReport | None
    editions: Sequence[HeldEdition]
    revised_cells: Sequence[str]

    @property
    def duty(self) -> DutyLine | None:
        return self.scored.duty if self.scored else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _PanelPortal:
    """A portal with its reports: for each agency, one for each year."""

    chosen: Selection
    divisions: Mapping[str, AgencyDivision]
    reports: Sequence[_PanelReport]


_RowsOfPortal = Callable[[_PanelPortal], Iterator[tuple[Row, RowFigures]]]


def _read_portal(chosen: Selection, indicators: Sequence[Measure], years: Sequence[int]) -> _PanelPortal:
    """Return the only portal of a selection with a report for each agency and year, also if none is known."""
    places = tuple(dict.fromkeys(place for measure in (*measures().values(), *indicators) for place in measure.places))
    all_editions = held_editions(chosen)
    by_report = {key: [*group] for key, group in groupby(all_editions, key=attrgetter("edition.report"))}
    editions = {key: [each.edition for each in group] for key, group in by_report.items()}
    files = {one.head.document: (one.head.kind, one.head.from_pictures) for one in all_editions if one.head}
    reports_scored = scored_reports(chosen, places, editions, files)
    scored = {(report.duty.agency.id, report.duty.year): report for report in reports_scored}
    changed = _revised_cells(chosen, all_editions)
    reports = [
        _PanelReport(line, year, scored.get(key), by_report.get(key, ()), changed.get(key, ()))
        for line in map(chosen.line, sorted(chosen.agencies))
        for year in years
        for key in ((line.id, year),)
    ]
    return _PanelPortal(chosen=chosen, divisions=agency_divisions(chosen.agencies, chosen.portals), reports=reports)


def _years(chosen: Selection) -> Sequence[int]:
    """Return the chosen years; if none are chosen, all from the first to the last year with a duty."""
    if chosen.years:
        return chosen.years
    duties = chosen.store.tables.duties
    with_duties = [row.year for row in fetch(chosen.store, select(duties.c.year).distinct())]
    return range(min(with_duties), max(with_duties) + 1) if with_duties else ()


def _revised_cells(chosen: Selection, editions: Sequence[HeldEdition]) -> Mapping[ReportKey, Sequence[str]]:
    """Return for each report (agency, year) the ids of cells that differ between an edition and the one before it, over
    all its revisions; withheld and unread editions (contents over time) are left out.
    """
    by_id = {one.edition.id: one for one in editions if not one.secret}
    pairs = [
        (by_id[one.edition.former], one)
        for one in by_id.values()
        if one.edition.change in _REVISED and one.edition.former in by_id
    ]
    documents = {one.edition.cells_document for pair in pairs for one in pair}
    cells = cells_of_documents(chosen.store, documents, chosen.store.tables.indicators) if pairs else {}
    changed = dict[ReportKey, dict[str, None]]()
    for before, after in pairs:
        earlier, later = (cells.get(one.edition.cells_document) for one in (before, after))
        if earlier is not None and later is not None:
            ids = changed_cells(earlier, later)
            changed.setdefault(after.edition.report, {}).update(dict.fromkeys(ids))
    return {report: [*ids] for report, ids in changed.items()}


# ---------------------------------------------------------------------------------------------- rows


def _batches(
    chosen: Selection, indicators: Sequence[Measure], rows_of_portal: _RowsOfPortal, processes: int
) -> Iterator[Batch]:
    """Yield the rows of the portals as columns, in the order of their names, equal for any number of ``processes``."""
    years = _years(chosen)
    maker, groups = _BatchMaker(indicators, years, rows_of_portal), _portal_groups(chosen, len(years))
    yield from _batches_of_processes(chosen.home, maker, groups, processes) if processes else map(maker.batch, groups)


def _portal_groups(chosen: Selection, years: int) -> Iterator[Sequence[Selection]]:
    """Yield selections of one portal each, in groups of at least ``_BATCH_ROWS`` reports (fewer in the last)."""
    group, reports = list[Selection](), 0
    for one in replace(chosen, portals=dict(sorted(chosen.portals.items()))).by_portal():
        group.append(one)
        reports += len(one.agencies) * years
        if reports >= _BATCH_ROWS:
            yield group
            group, reports = [], 0
    if reports:
        yield group


@dataclass(frozen=True)
class _BatchMaker:
    """Makes the columns of some portals for these indicators and years."""

    indicators: Sequence[Measure]
    years: Sequence[int]
    rows_of_portal: _RowsOfPortal

    def batch(self, group: Sequence[Selection]) -> Batch:
        """Return the rows of some portals as columns: first those of reports, then those of figures."""
        portals = (_read_portal(one, self.indicators, self.years) for one in group)
        with open_snapshot(group[0].home):  # a transaction for all queries
            rows = [row for portal in portals for row in self.rows_of_portal(portal)]
        columns = dict(zip(rows[0][0], zip(*(row.values() for row, _ in rows), strict=True), strict=True))
        return {**columns, **FigureColumns(self.indicators).of([figures for _, figures in rows])}


# ---------------------------------------------------------------------------------------------- processes

_in_process: list[tuple[Home, _BatchMaker]] = []  # in another process: its archive and maker of batches, set at start


def _batches_of_processes(
    home: Home, maker: _BatchMaker, groups: Iterable[Sequence[Selection]], processes: int
) -> Iterator[Batch]:
    """Yield the batch of each group, in order. At most two batches a process are being made or wait to be taken."""
    waiting = deque[Future[Batch]]()
    setup = (home.path, home.config, home.clock, maker)
    with ProcessPoolExecutor(processes, get_context("spawn"), _set_up_process, setup) as pool:
        for group in groups:  # an open archive cannot be sent to another process
            waiting.append(pool.submit(_batch_in_process, [replace(one, home=cast("Any", None)) for one in group]))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _set_up_process(path: Path, config: Config, clock: Clock, maker: _BatchMaker) -> None:
    collect_seldom(100 * _BATCH_ROWS)
    keep_few_pages()
    _in_process.append((Home(path, config, clock, read_only=True), maker))


def _batch_in_process(group: Sequence[Selection]) -> Batch:
    home, maker = _in_process[0]
    return maker.batch([replace(one, home=home) for one in group])


# ---------------------------------------------------------------------------------------------- rows of agencies


def _agency_rows(portal: _PanelPortal) -> Iterator[tuple[Row, RowFigures]]:
    """Yield a row for each report of a portal, and the source of its figures."""
    agency_row = dict[str, Row]()  # the columns about an agency are the same in all its rows
    for report in portal.reports:
        agency, values = report.agency.id, _report_values(report, portal.divisions[report.agency.id])
        if agency not in agency_row:
            registered = portal.chosen.agencies[agency]
            agency_row[agency] = row_maker("panel")(agency_line=report.agency, registered=registered, **values)
        yield {**agency_row[agency], **values, **_scores(report)}, _figures_of(report)


def _report_values(report: _PanelReport, division: AgencyDivision) -> Row:
    """Return the columns of a row that are about the report; None where no duty (report owed) or edition is known."""
    duty, last = report.duty, report.editions[-1] if report.editions else None
    row = report.scored.row if report.scored else None
    least, most = days_late_bounds(duty)
    return {
        "year": report.year,
        "duty_known": duty is not None,
        "status": duty.status.value if duty else None,
        "evidence": duty.evidence.value if duty else None,
        "days_late_least": least,
        "days_late_most": most,
        "marks": list(row.marks) if row else [],
        "editions_held": len(report.editions),
        "withheld": report.scored.is_withheld if report.scored else False,
        "form": row.form if row and report.scored and not report.scored.is_withheld else None,
        "edition": last.edition.id if last else None,
        **(dict(zip(_DUTY_COLUMNS, _values_of_duty(duty), strict=True)) if duty else dict.fromkeys(_DUTY_COLUMNS)),
        **_division(division.recorded, report.year),
        **_revisions(report),
        **_finding_counts(report),
        **provenance(last),
    }


def _division(recorded: str | None, year: int) -> dict[str, object]:
    """Return the columns with a division's level, its code at the end of ``year``, and whether it is in a sample."""
    then = code_in(recorded, year) if recorded is not None else None
    return {
        "division_then": then.code if then else None,
        "division_how": then.how if then else None,
        "level": level_of(recorded) if recorded is not None else None,
        "cass_sample": in_cass_sample(recorded, year) if recorded is not None else None,
    }


def in_cass_sample(code: str, year: int) -> bool | None:
    """Return whether the government of the division ``code`` (six digits) is assessed in ``year`` by the index of
    government transparency of CASS (``samples.toml``). None: a county, chosen anew each time, or a year without source.
    """
    sample, level = data_file("samples.toml", "archive.exports")["cass"], level_of(code)
    if level == "county" or not sample["first_year"] <= year <= sample["last_year"]:
        return None
    return level == "province" or code in {*sample["capitals"], *sample["zones"], *sample["approved"]}


def days_late_bounds(duty: DutyLine | None) -> tuple[int | None, int | None]:
    """Return the fewest and the most days by which a report is late; None if there is no bound. A report on time is 0
    days late. A missing one is at least as late as it was at the last look (reading of a list) without it. The date
    that the site prints sets the fewest days only if the status LATE rests on it.
    """
    if duty is None or duty.due is None:
        return None, None
    days_until_shown = max(0, (local_day(duty.first_shown) - duty.due).days) if duty.first_shown else None
    if duty.status is Status.ON_TIME:
        return 0, 0
    if duty.status is Status.LATE:
        return duty.days_late, days_until_shown
    if duty.status is Status.MISSING and duty.last_absent is not None:
        return max(1, (local_day(duty.last_absent) - duty.due).days), None
    return (0, days_until_shown) if duty.status is Status.UNDETERMINED else (None, None)


def _revisions(report: _PanelReport) -> dict[str, object]:
    """Return the columns about revisions; their numbers are None if all fetches were on one day and none changed."""
    fetched = [capture.fetched_at for one in report.editions for capture in one.captures]
    days = len(set(map(local_day, fetched)))  # fetched twice in one crawl says nothing about changes
    changes = [one.edition.change for one in report.editions if one.edition.change in _REVISED]
    is_known = days > 1 or bool(changes)
    return {
        "days_fetched": days,
        "last_fetched": max(fetched, default=None),
        "revisions": len(changes) if is_known else None,
        "revisions_silent": changes.count("silent") if is_known else None,
        "revised_cells": list(report.revised_cells) if is_known else None,
    }


@cache
def _group_by_code() -> Mapping[str, str]:
    return {one.code: group for group, entries in finding_meanings().items() for one in entries}


def _finding_counts(report: _PanelReport) -> dict[str, object]:
    """Return the columns with the number of findings of each group (None if the report is not in the archive or
    withheld; of publication: if no duty is known), and the codes of all findings.
    """
    duty, scored = report.duty, report.scored
    is_read = bool(report.editions) and scored is not None and not scored.is_withheld
    group_of_code, about_file = _group_by_code().get, scored.finding_codes if scored else ()
    about_editions = [one.code for each in report.editions for one in each.edition.findings]
    groups = [*map(group_of_code, about_file)]
    # a finding about a change is kept with its edition and with its report: count it once
    every = [*dict.fromkeys((*(duty.findings if duty else ()), *about_editions, *about_file))]
    of_publication = [*map(group_of_code, every)].count("publication")
    values: dict[str, object] = {
        f"findings_{group}": groups.count(group) if is_read else None for group in finding_meanings()
    }
    return values | {"findings_publication": None if duty is None else of_publication, "findings": every}


def _scores(report: _PanelReport) -> dict[str, object]:
    """Return the columns of scores: 1, 0 or None, each with the reason (``no_duty`` if no duty is known)."""
    values: dict[str, object] = {}
    for name in (one["id"] for one in measuring.components()):
        score = report.scored.scores[name] if report.scored else measuring.Score(None, "no_duty")
        values[f"score.{name}"] = None if score.value is None else int(score.value)
        values[f"score.{name}.why"] = score.why
    return values


def _figures_of(report: _PanelReport | None) -> RowFigures:
    """Return the form and cells of a report or, if it has none, the state of its figures (None: no duty is known)."""
    scored = report.scored if report else None
    if scored is None or scored.is_withheld:
        return RowFigures(None, FigureState.WITHHELD if scored else None, None)
    if scored.row is None or scored.row.edition is None:
        return RowFigures(None, state_without_report(scored.duty.status), None)
    return RowFigures(scored.row.form, None, scored.row.cells)


# ---------------------------------------------------------------------------------------------- places


def _place_rows(portal: _PanelPortal) -> Iterator[tuple[Row, RowFigures]]:
    """Yield a row for each year of a portal's place, and the source of its government's figures."""
    government = _government(portal)
    for year, group in groupby(sorted(portal.reports, key=attrgetter("year")), key=attrgetter("year")):
        reports = [*group]
        own = next((one for one in reports if one.agency.id == government), None)
        yield _place_row(portal, year, reports, own), _figures_of(own)


def _government(portal: _PanelPortal) -> str | None:
    """Return the id of the government that owns a portal; None if it is not chosen or known."""
    agencies = portal.chosen.agencies
    own = (name for name, one in portal.divisions.items() if one.own and agencies[name].kind is AgencyKind.GOVERNMENT)
    return min(own, default=None)


def _place_row(portal: _PanelPortal, year: int, reports: Sequence[_PanelReport], own: _PanelReport | None) -> Row:
    """Return the row of a place; ``own``: the report of its government, None if it has none in the registry."""
    [record] = portal.chosen.portals.values()
    of_government: Row = dict.fromkeys(_GOVERNMENT_COLUMNS)
    if own is not None:
        of_government = _report_values(own, portal.divisions[own.agency.id])
    return {
        "portal": record.name,
        "place": record.place,
        "division": record.division,
        **_division(record.division, year),
        "year": year,
        "agencies": len(portal.chosen.agencies),
        **_status_counts(reports, year),
        "reports_held": sum(bool(one.editions) for one in reports),
        "reports_revised": sum(any(each.edition.change in _REVISED for each in one.editions) for one in reports),
        "government": _government(portal),
        **{name: of_government[name] for name in _GOVERNMENT_COLUMNS},
    }


def _status_counts(reports: Sequence[_PanelReport], year: int) -> dict[str, object]:
    """Return the columns that count a place's reports on ``year`` by status, townships apart, with bounds of rates."""
    counted: Counter[tuple[str, Status]] = Counter()
    duties = []
    for one in (report.duty for report in reports if report.duty is not None):
        key = TallyKey.of(one)
        counted[key.group, one.status] += 1
        duties.append((key, year, 1))
    rows = {one.group: one for one in rates_of(duties, None) if one.year == year}
    rates = rows["statutory"].rates if "statutory" in rows else {}
    bounds = {
        f"{name}_{side}": round(getattr(rates[name], side), 6) if name in rates else None
        for name in ("on_time", "late", "missing")
        for side in ("low", "high")
    }
    return {
        "dated_due": rows["statutory"].due if "statutory" in rows else 0,
        **{status.value: counted["statutory", status] for status in _COUNTED_STATUSES},
        **bounds,
        "towns_due": rows["townships"].due if "townships" in rows else 0,
        "towns_published": sum(counted["townships", one] for one in (Status.PUBLISHED, Status.ON_TIME, Status.LATE)),
        "towns_not_found": counted["townships", Status.NOT_FOUND],
        "towns_unknown": counted["townships", Status.UNKNOWN],
    }
