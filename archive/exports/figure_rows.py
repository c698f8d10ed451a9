"""Rows of exports: figures of the edition that counts, long and wide, each with where it comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from archive.assessment.measures import Measure
from archive.exports.edition_sources import agency_columns, columns_of, each_portal, held_editions, provenance
from archive.queries.figure_answers import FigureLine
from archive.queries.figures import figure_line, is_hidden
from archive.queries.figures_bodies import AgencyBody, bodies
from archive.queries.figures_rows import ReportRow, report_rows
from archive.queries.parameter_enums import Which
from archive.queries.stored import open_projections
from archive.queries.where import Chosen
from archive.queries.withholding import withheld
from storage.home import Home

#: marks of one figure; all others are of the whole report
_OF_ONE = frozenset({"doubted", "small_n"})


def figure_rows(home: Home, chosen: Chosen, measures: Sequence[Measure], **how: Any) -> Iterator[dict[str, object]]:
    """A row for each agency, year and indicator of the chosen agencies; ``how``: as in :func:`_each_report`."""
    for own, rest, lines in _each_report(home, chosen, measures, **how):
        for measure, line in zip(measures, lines, strict=True):
            found = line.figure
            yield {
                **own,
                "indicator": measure.id,
                "label": measure.zh,
                "unit": measure.unit,
                **columns_of(found, "value", "at_least", "part", "n"),
                "state": found.state.value,
                **_report(line),
                "marks": list(line.marks),
                **rest,
            }


def figure_rows_wide(
    home: Home, chosen: Chosen, measures: Sequence[Measure], **how: Any
) -> Iterator[dict[str, object]]:
    """A row for each agency and year of the chosen agencies, every indicator in two columns: value and state."""
    for own, rest, lines in _each_report(home, chosen, measures, **how):
        whole = dict.fromkeys(mark for line in lines for mark in line.marks if mark not in _OF_ONE)
        doubted = [f"{mark}:{line.indicator}" for line in lines for mark in line.marks if mark in _OF_ONE]
        values: dict[str, object] = {}
        for line in lines:
            values[line.indicator] = line.figure.value
            values[f"{line.indicator}.state"] = line.figure.state.value
        yield {**own, **_report(lines[0]), "marks": [*whole, *doubted], **rest, **values}


def _report(line: FigureLine) -> dict[str, object]:
    return {
        "code_asked": line.code,
        "code_how": line.code_how,
        "status": line.status.value,
        "form": line.form,
        "edition": line.edition,
        "editions_held": line.editions,
    }


def _each_report(
    home: Home,
    chosen: Chosen,
    measures: Sequence[Measure],
    *,
    years: Collection[int] | None,
    as_of: datetime,
    which: Which = Which.LAST,
    codes: int | None = None,
) -> Iterator[tuple[dict[str, object], dict[str, object], list[FigureLine]]]:
    """Whose, from where, and the lines of the indicators in their order: by portal, agency and year."""
    known: Mapping[str, AgencyBody] = bodies(chosen, codes)
    places = tuple(dict.fromkeys(place for one in measures for place in one.places))
    ruled = withheld(home)
    with open_projections(home) as store:
        for one in each_portal(chosen):
            held = {found.edition.id: found for found in held_editions(home, store, one, years=years, as_of=as_of)}
            (portal,) = one.portals.values()
            rows = report_rows(store, one, places, years=years, as_of=as_of, which=which)
            for row in sorted(rows, key=_order):
                agency, secret = one.line(row.agency), is_hidden(row, ruled)
                lines = [figure_line(agency, known[row.agency], measure, row, secret, codes) for measure in measures]
                own = {**agency_columns(portal, one.agencies[row.agency]), "year": row.year}
                yield own, provenance(held.get(row.edition or "")), lines


def _order(row: ReportRow) -> tuple[str, int]:
    return row.agency, row.year
