"""Answer questions about figures of reports: a series by agency and year, and several agencies side by side.

Of the editions first seen by the time asked about, the last one counts (or the first). ``figures_sums.py`` decides what
goes into a sum without being counted twice. Figures that reports state only in running text are included on request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter

from archive.assessment.figures import Figure, FigureState, PackedCells, add_up, figure, state_without_report
from archive.assessment.measures import Measure
from archive.identity.divisions import redrawn
from archive.parser.stated import find_stated_figures, form_of_text
from archive.queries import bounds
from archive.queries.agency_divisions import AgencyDivision, divisions_of, governments_at
from archive.queries.bounds import Which
from archive.queries.figure_answers import SUGGESTED, AgencyComparison, FigureLine, Series, indicator_line, measures_of
from archive.queries.figures_rows import ReportRow, report_rows
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection, agency_order, known_portals
from archive.queries.stored import editions_of_reports, group_by, open_projections, open_snapshot
from archive.queries.where import EVERYTHING, Where, agencies_named, choose, only_one
from archive.queries.withholding import withheld
from storage.home import Home
from storage.mapping import maker
from storage.records import Agency, Reading, Status

# ---------------------------------------------------------------------------------------------- the lines of figures


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureQuestion:
    """Figures (``answer``) together with what other answers are made from: the selection, the measures, and the
    divisions and identities of its agencies (``divisions``).
    """

    answer: Series
    chosen: Selection
    measures: tuple[Measure, ...]
    divisions: Mapping[str, AgencyDivision]


def ask(chosen: Selection, measures: Sequence[Measure], which: Which, codes: int | None = None) -> FigureQuestion:
    """Return the figures of the chosen agencies for each measure and year, ordered by division code (in the codes of
    year ``codes``), agency, indicator and year. Of a withheld report the state says so. Raises :class:`NotKnownError`
    for a year without any duty (report owed).
    """
    who, ruled = divisions_of(chosen, codes), withheld(chosen.home)
    places = tuple(dict.fromkeys(place for one in measures for place in one.places))
    rows = group_by(report_rows(chosen, places, which, with_subjects=bool(ruled.documents)), attrgetter("agency"))
    if not rows:
        chosen.check_years()
    ranked = sorted(chosen.lines(rows).values(), key=lambda one: (who[one.id].code or "", *agency_order(one)[1:]))
    makers = [FigureMaker(one, codes) for one in measures]
    lines: list[FigureLine] = []
    for agency in ranked:
        reports, division = sorted(rows[agency.id], key=attrgetter("year")), who[agency.id]
        secret = [row.is_withheld(ruled) for row in reports] if ruled else [False] * len(reports)
        for make in makers:
            form_before = None  # the form of the agency's previous figure
            for row, is_withheld in zip(reports, secret, strict=True):
                line = make.line(agency, division, row, is_withheld, form_before)
                if line.figure.value is not None:
                    form_before = line.form
                lines.append(line)
    years = tuple(sorted({row.year for reports in rows.values() for row in reports}))
    answer = Series(
        as_of=chosen.as_of,
        edition=which.value,
        codes=codes,
        indicators=tuple(map(indicator_line, measures)),
        years=years,
        unknown_years=tuple(year for year in chosen.years or () if year not in years),
        lines=tuple(lines),
    )
    return FigureQuestion(answer=answer, chosen=chosen, measures=tuple(measures), divisions=who)


_NO_REPORT = {status: Figure(value=None, state=state_without_report(status)) for status in Status}
_WITHHELD = Figure(value=None, state=FigureState.WITHHELD)
_MAX_CACHED_FIGURES = 50_000
_line = maker(
    FigureLine,
    *("agency", "year", "indicator", "figure", "status", "form", "edition", "editions", "code", "code_how", "marks"),
)


class FigureMaker:
    """Makes the lines of one measure; reports with equal cells mostly share one object of cells, and so one figure."""

    def __init__(self, measure: Measure, codes: int | None) -> None:
        self._measure, self._codes = measure, codes
        self._figure = lru_cache(maxsize=_MAX_CACHED_FIGURES)(self._figure_with_marks)

    def line(
        self,
        agency: AgencyLine,
        division: AgencyDivision,
        row: ReportRow,
        is_withheld: bool,
        form_before: str | None = None,
    ) -> FigureLine:
        """Return one report's line with its marks, without figure if ``is_withheld`` or there is no report (``edition``
        None). ``form_before``: of the agency's figure before; a figure on another one is marked ``break``.
        """
        _, year, status, edition, editions, form, _, cells, marks = row
        if edition is None:
            result = _NO_REPORT[status]
        elif is_withheld:
            result = _WITHHELD
        else:
            result, more = self._figure(form, cells)
            marks += more
        if form in self._measure.nearly and result.value is not None:
            marks += ("near",)
        if self._codes is not None and division.code is not None:
            marks += ("redrawn",) * bool(redrawn(division.code, *sorted((year, self._codes))))
        if is_withheld:
            form = None
        if form_before is not None and form != form_before and result.value is not None:
            marks += ("break",)
        name = self._measure.id
        return _line(agency, year, name, result, status, form, edition, editions, division.code, division.how, marks)

    def _figure_with_marks(self, form: str | None, cells: PackedCells) -> tuple[Figure, tuple[str, ...]]:
        """Return the figure that ``cells`` on this form give, with its marks ``doubted`` and ``small_n``."""
        result = figure(self._measure, form, cells)
        doubted = result.doubted and (result.value is not None or result.at_least is not None)
        return result, ("doubted",) * doubted + ("small_n",) * result.small


# ---------------------------------------------------------------------------------------------- questions


def series(
    home: Home,
    names: Sequence[str],
    where: Where = EVERYTHING,
    *,
    agencies: Sequence[str] | None = None,
    which: Which = Which.LAST,
    stated: bool = False,
) -> Series:
    """Return the figure of each chosen agency for each indicator and year, or the reason why there is none. ``names``:
    an indicator, then ids of others and names as in ``agencies``: agencies, or places, which mean their governments.
    These are added to the agencies of ``where`` if that restricts anything, else only they are chosen. ``stated``:
    include figures that reports state only in text. Raises :class:`NotKnownError` for an unknown indicator, place,
    agency or year, ValueError for an unknown year of division codes.
    """
    further = [one for one in names[1:] if "." not in one]  # an id of an indicator has a dot
    indicators = [one for one in names if one not in further]
    return ask_by_names(home, indicators, where, which, agencies=[*(agencies or ()), *further], stated=stated).answer


def ask_by_names(
    home: Home,
    names: Sequence[str],
    where: Where,
    which: Which,
    *,
    agencies: Sequence[str] | None = None,
    stated: bool = False,
) -> FigureQuestion:
    """Return the figures (:func:`ask`) of indicators and agencies that are given by name, all from one snapshot of the
    archive. ``agencies``, ``stated``: as in :func:`series`.
    """
    bounds.at_most(names, "indicators")
    measures = measures_of(names)
    with open_snapshot(home):
        chosen = choose(home, where)
        if agencies:
            also = {one.id: one for one in governments_or_agencies(home, agencies)}
            is_everywhere = replace(where, codes=None, years=None, as_of=None) == EVERYTHING
            by_id = also if is_everywhere else {**chosen.agencies, **also}
            every = known_portals(home)
            chosen = replace(chosen, by_id=by_id, portals={one.portal: every[one.portal] for one in by_id.values()})
        question = ask(chosen, measures, which, where.codes)
    if not stated:
        return question
    return replace(question, answer=replace(question.answer, lines=with_stated(home, measures, question.answer.lines)))


def governments_or_agencies(home: Home, texts: Sequence[str]) -> list[Agency]:
    """Return for each text the government of the place with that name, or else the agency with that name. Raises
    :class:`NotKnownError` if a name means none, or several.
    """
    bounds.at_most(texts, "agencies", bounds.MOST_AGENCIES)
    return [only_one([*governments_at(home, text)] or agencies_named(home, text), text, SUGGESTED) for text in texts]


def compare_agencies(
    home: Home,
    name: str,
    agencies: Sequence[str],
    *,
    years: tuple[int, ...] | None = None,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
) -> AgencyComparison:
    """Return one indicator of several agencies side by side; ``agencies``: names of agencies, or places of governments;
    ``years`` None: all; ``as_of`` None: now. Raises :class:`NotKnownError` if a name means none, or several.
    """
    compared = governments_or_agencies(home, agencies)
    everybody = choose(home, Where(years=years, as_of=as_of))
    answer = ask(replace(everybody, by_id={one.id: one for one in compared}), measures_of([name]), which).answer
    at = {(one.agency.id, one.year): one for one in answer.lines}
    return AgencyComparison.of(
        answer,
        names=tuple(one.name for one in compared),
        indicator=answer.indicators[0],
        lines={year: tuple(at.get((one.id, year)) for one in compared) for year in answer.years},
    )


# ---------------------------------------------------------------------------------------------- stated in text alone

#: States of a figure that no table of a held report gives.
_NOT_IN_TABLE = frozenset({FigureState.NOT_PRINTED, FigureState.UNREAD, FigureState.NOT_IN_FORM})


def with_stated(home: Home, measures: Iterable[Measure], lines: Sequence[FigureLine]) -> tuple[FigureLine, ...]:
    """Return the lines; a figure that no table prints is taken from the text, with the state and mark ``stated``.
    Raises :class:`QueryError` if that would need the texts of more than ``MOST_TEXTS`` reports.
    """
    edition_ids = {
        (line.agency.id, line.year): line.edition
        for line in lines
        if line.edition is not None and line.figure.state in _NOT_IN_TABLE
    }
    if len(edition_ids) > bounds.MOST_TEXTS:
        raise bounds.QueryError(code="query.many_texts", most=f"{bounds.MOST_TEXTS:,}", count=f"{len(edition_ids):,}")
    store = open_projections(home)
    editions = [one for group in editions_of_reports(store, list(edition_ids)).values() for one in group]
    documents = {one.cells_document: one.id for one in editions if one.id in edition_ids.values()}
    readings = {documents[reading.document]: reading for reading in store.readings(documents)}
    by_id = {one.id: one for one in measures}
    return tuple(
        _stated_line(line, by_id[line.indicator], readings[line.edition])
        if line.figure.state in _NOT_IN_TABLE and line.edition in readings
        else line
        for line in lines
    )


def _stated_line(line: FigureLine, measure: Measure, reading: Reading) -> FigureLine:
    """Return the line, whose figure no table prints, with the figure that the report's text (``reading``) states. It is
    marked ``stated``, and ``near`` if the report's form counts only nearly the same. The line is unchanged if the text
    lacks a term of the measure, or if the measure is a rate.
    """
    text_form, values = form_of_text(reading), {one.id: one.value for one in find_stated_figures(reading)}
    form = "" if text_form is None else text_form.name
    signs = dict(measure.terms.get(form, ()))
    names = [measure.id] if measure.id in values else list(signs)
    if measure.is_rate or not names or not values.keys() >= set(names):
        return line
    value = add_up(values[name] * signs.get(name, 1) for name in names)
    marks = ("near",) if form in measure.nearly else ()
    return replace(line, figure=Figure(value=value, state=FigureState.STATED), marks=(*line.marks, *marks, "stated"))
