"""Rows of exports: figures of the edition that counts, long and wide, each with where it comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from archive.assessment.measures import Measure
from archive.exports.edition_sources import each_portal, held_editions, provenance
from archive.exports.formats.columns import Row, row_maker
from archive.queries.figure_answers import FigureLine
from archive.queries.figures import figure_line, is_hidden
from archive.queries.figures_bodies import bodies
from archive.queries.figures_rows import report_rows
from archive.queries.parameter_enums import Which
from archive.queries.stored import open_projections
from archive.queries.where import Chosen
from archive.queries.withholding import withheld
from storage.home import Home

#: marks of one figure; all others are of the whole report
_OF_ONE = frozenset({"doubted", "small_n"})


def figure_rows(home: Home, chosen: Chosen, measures: Sequence[Measure], **how: Any) -> Iterator[Row]:
    """A row for each agency, year and indicator of the chosen agencies; ``how``: as in :func:`_each_report`."""
    make = row_maker("figures")
    for source, lines in _each_report(home, chosen, measures, **how):
        for measure, line in zip(measures, lines, strict=True):
            yield make(body=line.agency, line=line, measure=measure, figure=line.figure, **source)


def figure_rows_wide(home: Home, chosen: Chosen, measures: Sequence[Measure], **how: Any) -> Iterator[Row]:
    """A row for each agency and year of the chosen agencies, every indicator in two columns: value and state."""
    make = row_maker("figures_wide")
    for source, lines in _each_report(home, chosen, measures, **how):
        whole = dict.fromkeys(mark for line in lines for mark in line.marks if mark not in _OF_ONE)
        doubted = [f"{mark}:{line.indicator}" for line in lines for mark in line.marks if mark in _OF_ONE]
        values: dict[str, object] = {}
        for line in lines:
            values[line.indicator] = line.figure.value
            values[f"{line.indicator}.state"] = line.figure.state.value
        first = lines[0]
        yield {**make(body=first.agency, line=first, marks=[*whole, *doubted], **source), **values}


def _each_report(
    home: Home,
    chosen: Chosen,
    measures: Sequence[Measure],
    *,
    years: Collection[int] | None,
    as_of: datetime,
    which: Which = Which.LAST,
    codes: int | None = None,
) -> Iterator[tuple[dict[str, object], list[FigureLine]]]:
    """From where, and the lines of the indicators in their order: by portal, agency and year."""
    known = bodies(chosen, codes)
    places = tuple(dict.fromkeys(place for one in measures for place in one.places))
    ruled = withheld(home)
    with open_projections(home) as store:
        for one in each_portal(chosen):
            held = {found.edition.id: found for found in held_editions(home, store, one, years=years, as_of=as_of)}
            rows = report_rows(store, one, places, years=years, as_of=as_of, which=which)
            for row in sorted(rows, key=lambda row: (row.agency, row.year)):
                agency, secret = one.line(row.agency), is_hidden(row, ruled)
                lines = [figure_line(agency, known[row.agency], measure, row, secret, codes) for measure in measures]
                yield provenance(held.get(row.edition or "")), lines
