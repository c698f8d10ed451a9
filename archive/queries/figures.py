"""Figures of reports: a series by body and year, and bodies side by side.

Which edition counts: of those first seen by the instant asked about, the last one (or the first). What counts in a sum,
and what would be counted twice, is decided in ``figures_sums.py``. Figures that reports state in running text alone are
given only when they are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from archive.assessment.figures import Figure, FigureCell, FigureState, add_up, figure, state_without_report
from archive.assessment.measures import Measure
from archive.identity.divisions import redrawn
from archive.parser.stated import find_stated_figures, form_of_text
from archive.queries import bounds
from archive.queries.bounds import Which
from archive.queries.figure_answers import (
    SUGGESTED,
    BodyComparison,
    FigureLine,
    IndicatorLine,
    Series,
    indicator_line,
    measures_of,
)
from archive.queries.figures_bodies import AgencyBody, bodies_of, governments_at
from archive.queries.figures_rows import ReportRow, report_rows
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection, agency_order, known_portals
from archive.queries.stored import editions_of_reports, open_projections, open_snapshot
from archive.queries.where import Where, agencies_named, choose, only_one
from archive.queries.withholding import withheld
from storage.home import Home
from storage.mapping import maker
from storage.records import Agency, Reading, Status

# ---------------------------------------------------------------------------------------------- the lines of figures


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureQuestion:
    """Figures with what they were asked with, for the answers that are made of them."""

    chosen: Selection
    which: Which
    codes: int | None
    measures: tuple[Measure, ...]
    bodies: Mapping[str, AgencyBody]
    years: tuple[int, ...]
    lines: tuple[FigureLine, ...]

    @property
    def as_of(self) -> datetime:
        """The instant asked about."""
        return self.chosen.as_of

    @property
    def edition(self) -> str:
        """Which edition counts, as answers say it."""
        return self.which.value

    @property
    def indicators(self) -> tuple[IndicatorLine, ...]:
        """What was asked for, described."""
        return tuple(map(indicator_line, self.measures))

    @property
    def unknown_years(self) -> tuple[int, ...]:
        """Years asked for in which no duty of these bodies is known."""
        return tuple(year for year in self.chosen.years or () if year not in self.years)


def ask(chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None = None) -> FigureQuestion:
    """Ask for figures by body, indicator and year, in the order of divisions, bodies, indicators, years."""
    who, ruled = bodies_of(chosen, codes), withheld(chosen.home)
    places = tuple(dict.fromkeys(place for one in measures for place in one.places))
    rows: dict[str, list[ReportRow]] = defaultdict(list)
    for row in report_rows(chosen, places, which, with_subjects=bool(ruled.documents)):
        rows[row.agency].append(row)
    if not rows:
        chosen.check_years()
    ranked = sorted(chosen.lines(rows).values(), key=lambda one: (who[one.id].code or "", *agency_order(one)[1:]))
    makers = [FigureMaker(one, codes) for one in measures]
    lines: list[FigureLine] = []
    for agency in ranked:
        reports, body = sorted(rows[agency.id], key=attrgetter("year")), who[agency.id]
        secret = [row.is_withheld(ruled) for row in reports] if ruled else [False] * len(reports)
        for make in makers:
            form_before = None  # the form of the body's figure before
            for row, is_withheld in zip(reports, secret, strict=True):
                line = make.line(agency, body, row, is_withheld, form_before)
                if line.figure.value is not None:
                    form_before = line.form
                lines.append(line)
    return FigureQuestion(
        chosen=chosen,
        which=which,
        codes=codes,
        measures=tuple(measures),
        bodies=who,
        years=tuple(sorted({row.year for reports in rows.values() for row in reports})),
        lines=tuple(lines),
    )


_NO_REPORT = {status: Figure(value=None, state=state_without_report(status)) for status in Status}
_WITHHELD = Figure(value=None, state=FigureState.WITHHELD)
_MAX_CACHED_FIGURES = 50_000
_line = maker(
    FigureLine,
    *("agency", "year", "indicator", "figure", "status", "form", "edition", "editions", "code", "code_how", "marks"),
)


class FigureMaker:
    """Makes the lines of one measure: where the cells are the same object, their figure is reckoned once."""

    def __init__(self, measure: Measure, codes: int | None) -> None:
        self._measure, self._codes = measure, codes
        first: dict[tuple[object, object], str] = {}
        #: for each form that prints the measure one that makes it of the same cells
        self._alike: Mapping[str | None, str | None] = {
            form: first.setdefault((terms, measure.under.get(form)), form) for form, terms in measure.terms.items()
        }
        # the cells are kept with what was made of them, so that no others come to be where they were
        self._results: dict[tuple[str | None, int], tuple[Mapping[str, FigureCell], Figure, tuple[str, ...]]] = {}

    def line(
        self, agency: AgencyLine, body: AgencyBody, row: ReportRow, is_withheld: bool, form_before: str | None = None
    ) -> FigureLine:
        """The line of one report; ``former``: the form of the body's figure before."""
        _, year, status, edition, editions, form, _, cells, marks = row
        if edition is None:
            result = _NO_REPORT[status]
        elif is_withheld:
            result = _WITHHELD
        else:
            alike = self._alike.get(form, form)
            _, result, more = self._results.get((alike, id(cells))) or self._computed(alike, cells)
            marks += more
        if form in self._measure.nearly and result.value is not None:
            marks += ("near",)
        if self._codes is not None and body.code is not None:
            marks += ("redrawn",) * bool(redrawn(body.code, *sorted((year, self._codes))))
        if is_withheld:
            form = None
        if form_before is not None and form != form_before and result.value is not None:
            marks += ("break",)
        name = self._measure.id
        return _line(agency, year, name, result, status, form, edition, editions, body.code, body.how, marks)

    def _computed(
        self, form: str | None, cells: Mapping[str, FigureCell]
    ) -> tuple[Mapping[str, FigureCell], Figure, tuple[str, ...]]:
        if len(self._results) >= _MAX_CACHED_FIGURES:
            self._results.clear()
        result = figure(self._measure, form, cells)
        doubted = result.doubted and (result.value is not None or result.at_least is not None)
        marks = ("doubted",) * doubted + ("small_n",) * result.small
        entry = self._results[form, id(cells)] = (cells, result, marks)
        return entry


# ---------------------------------------------------------------------------------------------- questions


def series(
    home: Home,
    names: Sequence[str],
    where: Where | None = None,
    *,
    whom: Sequence[str] | None = None,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
    stated: bool = False,
) -> Series:
    """Give the figures of each chosen body for each indicator and year; of those without one, the reason.

    ``whom``: agencies by their names, or by the places of governments: these alone, or beside those of ``where`` if
    that narrows anything. ``stated``: with the figures that reports state in their text alone.
    Raises :class:`NotKnownError` for an unknown indicator, place, agency or year, ValueError for a year of division
    codes that are not known.
    """
    return Series.of(ask_by_names(home, names, where or Where(), years, as_of, which, whom=whom, stated=stated))


def ask_by_names(
    home: Home,
    names: Sequence[str],
    where: Where,
    years: Collection[int] | None,
    as_of: datetime | None,
    which: Which,
    *,
    whom: Sequence[str] | None = None,
    stated: bool = False,
) -> FigureQuestion:
    """As :func:`ask`, by names, in one snapshot."""
    bounds.at_most(names, "indicators")
    measures = measures_of(names)
    with open_snapshot(home):
        chosen = choose(home, where, years=years, as_of=as_of)
        if whom:
            agencies_by_id = {one.id: one for one in bodies_named(home, whom)}
            by_id = agencies_by_id if replace(where, codes=None) == Where() else {**chosen.agencies, **agencies_by_id}
            every = known_portals(home)
            chosen = replace(chosen, by_id=by_id, portals={one.portal: every[one.portal] for one in by_id.values()})
        question = ask(chosen, measures, which, where.codes)
    return replace(question, lines=with_stated(home, measures, question.lines)) if stated else question


def bodies_named(home: Home, whom: Sequence[str]) -> list[Agency]:
    """Find the bodies that each name means: the government of a place, or else the one agency with that name.

    Raises :class:`NotKnownError` where a name means none, or several.
    """
    bounds.at_most(whom, "bodies", bounds.MOST_BODIES)
    return [only_one(_bodies_meant(home, text), text, SUGGESTED) for text in whom]


def _bodies_meant(home: Home, text: str) -> Sequence[Agency]:
    governments = [] if "/" in text else [*governments_at(home, text)]  # an id: no place has one
    return governments or agencies_named(home, text)


def compare_bodies(
    home: Home,
    name: str,
    whom: Sequence[str],
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
) -> BodyComparison:
    """Give one indicator of several bodies side by side, each named as an agency or by the place of a government.

    Raises :class:`NotKnownError` where a name means none, or several.
    """
    agencies = bodies_named(home, whom)
    everybody = choose(home, years=years, as_of=as_of)
    question = ask(replace(everybody, by_id={one.id: one for one in agencies}), measures_of([name]), which)
    at = {(one.agency.id, one.year): one for one in question.lines}
    return BodyComparison.of(
        question,
        names=tuple(one.name for one in agencies),
        indicator=question.indicators[0],
        lines={year: tuple(at.get((one.id, year)) for one in agencies) for year in question.years},
    )


# ---------------------------------------------------------------------------------------------- stated in text alone

#: The report is held, and no table of it gives the figure.
_UNTABLED = frozenset({FigureState.NOT_PRINTED, FigureState.UNREAD, FigureState.NOT_IN_FORM})


def with_stated(home: Home, measures: Iterable[Measure], lines: Sequence[FigureLine]) -> tuple[FigureLine, ...]:
    """Give each figure that no table prints as the text states it, with the state and mark ``stated``.

    Raises :class:`QueryError` where the texts of more than ``MOST_TEXTS`` reports would have to be read.
    """
    edition_ids = {
        (line.agency.id, line.year): line.edition
        for line in lines
        if line.edition is not None and line.figure.state in _UNTABLED
    }
    if len(edition_ids) > bounds.MOST_TEXTS:
        most, count = f"{bounds.MOST_TEXTS:,}", f"{len(edition_ids):,}"
        raise bounds.QueryError(code="query.many_texts", most=most, count=count)
    store = open_projections(home)
    editions = [one for group in editions_of_reports(store, list(edition_ids)).values() for one in group]
    documents = {one.cells_from or one.main: one.id for one in editions if one.id in edition_ids.values()}
    readings = {documents[reading.document]: reading for reading in store.readings(documents)}
    by_id = {one.id: one for one in measures}
    return tuple(
        _stated_line(line, by_id[line.indicator], readings[line.edition])
        if line.figure.state in _UNTABLED and line.edition in readings
        else line
        for line in lines
    )


def _stated_line(line: FigureLine, measure: Measure, reading: Reading) -> FigureLine:
    """The line with what the text states; as it is where the text does not say all that the measure adds up."""
    text_form, values = form_of_text(reading), {one.id: one.value for one in find_stated_figures(reading)}
    form = "" if text_form is None else text_form.name
    signs = dict(measure.terms.get(form, ()))
    names = [measure.id] if measure.id in values else list(signs)
    if measure.is_rate or not names or not values.keys() >= set(names):
        return line
    value = add_up(values[name] * signs.get(name, 1) for name in names)
    near = ("near",) if form in measure.nearly else ()
    return replace(line, figure=Figure(value=value, state=FigureState.STATED), marks=(*line.marks, *near, "stated"))
