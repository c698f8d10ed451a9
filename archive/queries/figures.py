"""Figures of reports: a series by body and year, bodies in order, years and bodies side by side.

Which edition counts: of those first seen by the instant asked about, the last one (or the first). What counts in a sum,
and what would be counted twice, is decided in ``figures_sums.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from archive.assessment.figures import Figure, FigureState, PrintedCell, figure, state_without_report
from archive.assessment.measures import JOINED, Measure, find, measures
from archive.forms.indicators import Crossing
from archive.identity.divisions import redrawn
from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.figure_answers import BodyComparison, CrossedForm, FigureLine, IndicatorLine, Series
from archive.queries.figures_bodies import AgencyBody, bodies_of, governments_at
from archive.queries.figures_rows import ReportRow, report_rows
from archive.queries.nearest import NotKnownError, comparable_name, nearest_names
from archive.queries.overview import check_years
from archive.queries.parameter_enums import Which
from archive.queries.results import AgencyLine
from archive.queries.stated_figures import with_stated
from archive.queries.stored import open_projections, open_snapshot
from archive.queries.where import Chosen, Where, agencies_named, choose, only_one
from archive.queries.withholding import Withheld, withheld
from storage.home import Home
from storage.mapping import maker
from storage.records import AgencyKind, Status

_LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureQuestion:
    """Figures with what they were asked with, for the answers that are made of them."""

    as_of: datetime
    which: Which
    codes: int | None
    measures: tuple[Measure, ...]
    chosen: Chosen
    bodies: Mapping[str, AgencyBody]
    years: tuple[int, ...]
    unknown_years: tuple[int, ...]
    lines: tuple[FigureLine, ...]

    @property
    def edition(self) -> str:
        """Which edition counts, as answers say it."""
        return self.which.value

    @property
    def indicators(self) -> tuple[IndicatorLine, ...]:
        """What was asked for, described."""
        return tuple(map(indicator_line, self.measures))


def indicators(text: str | None = None) -> tuple[IndicatorLine, ...]:
    """Everything that can be asked for, or what has ``text`` in its id, labels or definition.

    Raises :class:`NotKnownError` with the nearest ids where nothing has.
    """
    wanted = None if text is None else bounds.name(text)
    found = [one for one in measures().values() if wanted is None or _has(one, wanted)]
    if not found:
        raise _unknown(text or "")
    return tuple(indicator_line(one) for one in found)


def measure_of(name: str) -> Measure:
    """The measure of this id. Raises :class:`NotKnownError` with those meant perhaps."""
    found = find(comparable_name(bounds.name(name)))
    if found is None:
        raise _unknown(name.strip())
    return found


def _unknown(name: str) -> NotKnownError:
    ids = list(measures())
    wanted = comparable_name(name)
    begun = [one for one in ids if one.removeprefix("derived.").startswith(f"{wanted}.")]
    begun.sort(key=lambda one: not one.endswith(".total"))
    labelled = [one.id for one in measures().values() if name and _has(one, name)]
    labelled.sort(key=lambda one: not one.endswith(".total"))
    suggestions = tuple(dict.fromkeys([*begun, *labelled, *nearest_names(name, ids)]))[:_LISTED]
    if not suggestions:
        groups = dict.fromkeys(one.partition(".")[0] for one in ids)
        every = ", ".join(groups)
        return NotKnownError(code="not_known.indicator_begun", text=name, groups=every)
    return NotKnownError(suggestions=suggestions, code="not_known.indicator", text=name)


def _has(measure: Measure, text: str) -> bool:
    wanted = comparable_name(text)
    return wanted in measure.id or wanted in comparable_name(measure.zh) or text.strip().lower() in measure.en.lower()


def indicator_line(measure: Measure) -> IndicatorLine:
    """Describe a measure with its definition."""
    return IndicatorLine.of(
        measure,
        same=_crossings(measure, Crossing.SAME),
        near=_crossings(measure, Crossing.NEAR),
        apart=_crossings(measure, Crossing.APART),
    )


def _crossings(measure: Measure, kind: Crossing) -> tuple[CrossedForm, ...]:
    """The places of other forms to which a measure stands so."""
    own = measure.id.removeprefix(JOINED)
    return tuple(
        CrossedForm(other=" + ".join(one.places) if one.id == own else one.id, zh=one.zh, en=one.en, source=one.source)
        for one in measure.crossings
        if one.kind is kind
    )


def series(
    home: Home,
    names: Sequence[str],
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
    stated: bool = False,
) -> Series:
    """Give the figures of each chosen body for each indicator and year; of those without one, the reason.

    ``stated``: with the figures that reports state in their text alone (``in_text.py``).
    Raises :class:`NotKnownError` for an unknown indicator, place, agency or year, ValueError for a year of division
    codes that are not known.
    """
    found = ask(home, names, where, years=years, as_of=as_of, which=which)
    return Series.of(found, lines=with_stated(home, found.measures, found.lines) if stated else found.lines)


def ask(
    home: Home,
    names: Sequence[str],
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    which: Which = Which.LAST,
) -> FigureQuestion:
    """Ask for figures by body, indicator and year, in the order of divisions, bodies, indicators, years."""
    where, years = where or Where(), bounds.reporting_years(years)
    bounds.at_most(names, "indicators")
    wanted = tuple({one.id: one for one in map(measure_of, names)}.values())
    with open_snapshot(home):
        return _ask_figures(
            home, wanted, choose(home, where), where.codes, years, instant_of_question(home, as_of), which
        )


def _ask_figures(
    home: Home,
    measures: Sequence[Measure],
    chosen: Chosen,
    codes: int | None,
    years: Collection[int] | None,
    as_of: datetime,
    which: Which,
) -> FigureQuestion:
    who = bodies_of(home, chosen, codes)
    places = tuple(dict.fromkeys(place for one in measures for place in one.places))
    hidden = withheld(home)
    rows: dict[str, list[ReportRow]] = defaultdict(list)
    with open_projections(home) as store:
        named = bool(hidden.documents)
        for row in report_rows(store, chosen, places, years=years, as_of=as_of, which=which, named=named):
            rows[row.agency].append(row)
    if not rows:
        check_years(home, chosen, years)
    ranked = sorted(
        chosen.lines(rows).values(), key=lambda one: (who[one.id].code or "", one.portal, _KINDS[one.kind], one.id)
    )
    figures = [_Figures(one, codes) for one in measures]
    lines: list[FigureLine] = []
    for agency in ranked:
        held_of, body = sorted(rows[agency.id], key=_YEAR), who[agency.id]
        secret = [is_hidden(row, hidden) for row in held_of] if hidden else [False] * len(held_of)
        for one in figures:
            lines += one.lines(agency, body, zip(held_of, secret, strict=True))
    held = tuple(sorted({row.year for found in rows.values() for row in found}))
    return FigureQuestion(
        as_of=as_of,
        which=which,
        codes=codes,
        measures=tuple(measures),
        chosen=chosen,
        bodies=who,
        years=held,
        unknown_years=tuple(year for year in sorted(set(years or ())) if year not in held),
        lines=tuple(lines),
    )


_KINDS = {kind: at for at, kind in enumerate(AgencyKind)}
_YEAR = attrgetter("year")
_MOST_CACHED = 50_000  # figures that are kept while lines are made


def is_hidden(row: ReportRow, hidden: Withheld) -> bool:
    """Whether a ruling withholds the report of a row."""
    if (row.agency, row.year) in hidden.reports:
        return True
    return bool(hidden.documents) and not row.documents.isdisjoint(hidden.documents)


def figure_line(
    agency: AgencyLine, body: AgencyBody, measure: Measure, row: ReportRow, hidden: bool, codes: int | None
) -> FigureLine:
    """Give the figure of one row; ``hidden``: a ruling withholds the report; ``codes``: the year of division codes."""
    return _Figures(measure, codes).line(agency, body, row, hidden)


_NO_REPORT = {status: Figure(value=None, state=state_without_report(status)) for status in Status}
_WITHHELD = Figure(value=None, state=FigureState.WITHHELD)
_line = maker(
    FigureLine,
    *("agency", "year", "indicator", "figure", "status", "form", "edition", "editions", "code", "code_how", "marks"),
)


def _one_of_alike(measure: Measure) -> Mapping[str | None, str | None]:
    """For each form that prints a measure one that makes it of the same cells."""
    first: dict[tuple[object, object], str] = {}
    return {form: first.setdefault((terms, measure.under.get(form)), form) for form, terms in measure.terms.items()}


class _Figures:
    """Lines of one measure: where the cells are the same object, their figure is reckoned once."""

    def __init__(self, measure: Measure, codes: int | None) -> None:
        self._measure, self._id, self._codes = measure, measure.id, codes
        self._form, self._nearly = _one_of_alike(measure), measure.nearly
        # the cells are kept with what was made of them, so that no others come to be where they were
        self._made: dict[tuple[str | None, int], tuple[Mapping[str, PrintedCell], Figure, tuple[str, ...]]] = {}

    def lines(
        self, agency: AgencyLine, body: AgencyBody, rows: Iterable[tuple[ReportRow, bool]]
    ) -> Iterator[FigureLine]:
        """The lines of a body's reports, given in the order of years; ``break`` marks the first on another form."""
        former = None
        for row, hidden in rows:
            line = self.line(agency, body, row, hidden, former)
            if line.figure.value is not None:
                former = line.form
            yield line

    def line(
        self, agency: AgencyLine, body: AgencyBody, row: ReportRow, hidden: bool, former: str | None = None
    ) -> FigureLine:
        """The line of one report; ``former``: the form of the body's figure before."""
        _, year, status, edition, editions, form, _, cells, marks = row
        more: tuple[str, ...] = ()
        if edition is None:
            found = _NO_REPORT[status]
        elif hidden:
            found = _WITHHELD
        else:
            alike = self._form.get(form, form)
            _, found, more = self._made.get((alike, id(cells))) or self._computed(alike, cells)
        if more:
            marks += more
        if form in self._nearly and found.value is not None:
            marks += ("near",)
        if self._codes is not None and body.code is not None:
            first, last = sorted((year, self._codes))
            marks += ("redrawn",) * bool(redrawn(body.code, first, last))
        if hidden:
            form = None
        if former is not None and form != former and found.value is not None:
            marks += ("break",)
        return _line(agency, year, self._id, found, status, form, edition, editions, body.code, body.how, marks)

    def _computed(
        self, form: str | None, cells: Mapping[str, PrintedCell]
    ) -> tuple[Mapping[str, PrintedCell], Figure, tuple[str, ...]]:
        if len(self._made) >= _MOST_CACHED:
            self._made.clear()
        found = figure(self._measure, form, cells)
        doubted = found.doubted and (found.value is not None or found.at_least is not None)
        marks = ("doubted",) * doubted + ("small_n",) * found.small
        held = self._made[form, id(cells)] = (cells, found, marks)
        return held


# ---------------------------------------------------------------------------------------------- bodies side by side


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
    years = bounds.reporting_years(years)
    bounds.at_most(whom, "bodies", bounds.MOST_BODIES)
    wanted = [_agency_called(home, text) for text in whom]
    everybody = choose(home)
    chosen = replace(everybody, agencies={one: everybody.agencies[one] for one in wanted})
    measure = measure_of(name)
    found = _ask_figures(home, [measure], chosen, None, years, instant_of_question(home, as_of), which)
    at = {(one.agency.id, one.year): one for one in found.lines}
    return BodyComparison(
        as_of=found.as_of,
        edition=which.value,
        names=tuple(chosen.agencies[one].name for one in wanted),
        indicator=indicator_line(measure),
        lines={year: tuple(at.get((one, year)) for one in wanted) for year in found.years},
    )


def _agency_called(home: Home, text: str) -> str:
    """The agency that a name means: a place's government, or else the one agency named so."""
    return only_one(list(governments_at(home, text)) or agencies_named(home, text), text, _LISTED).id
