"""The indicators that users can ask for, and the records of answers: series, sums, ranks, comparisons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from datetime import datetime
from decimal import Decimal

from archive.assessment.figures import Figure, Total
from archive.assessment.measures import JOINED, Measure, find, measures
from archive.forms.indicators import Crossing
from archive.forms.loader import all_forms
from archive.fuzzy_lookup import Suggestion, comparable_name, nearest_names
from archive.queries import bounds
from archive.queries.bounds import NotKnownError
from archive.queries.frames import Result
from archive.queries.results import AgencyLine
from storage.records import Status

SUGGESTED = 8  #: names that an error suggests at most


class CrossedForm(Result):
    """How an indicator stands to another form: the places ``other`` of that form, why in Chinese and English, and the
    rows of the forms that say so (``archive/forms/crosswalk.toml``).
    """

    other: str
    zh: str
    en: str
    source: str

    def text(self, lang: str) -> str:
        """All of it in one line, in ``zh`` or ``en``."""
        if lang == "zh":
            return f"{self.other}：{self.zh}（{self.source}）"
        return f"{self.other}: {self.en} ({self.source})"


class IndicatorLine(Result):
    """What can be asked for: a place of the forms, a sum of places, a rate.

    ``kind``: of the value; ``forms``: those that print it (or all it needs); ``definition``: in Chinese and English;
    ``places``: the cells it is made of; ``same``, ``near``, ``apart``: places of other forms that count the same (and
    are in it), nearly the same (in it only under its ``joined.`` id) or not the same.
    """

    id: str
    kind: str
    unit: str
    forms: tuple[str, ...]
    zh: str
    en: str
    places: tuple[str, ...]
    same: tuple[CrossedForm, ...]
    near: tuple[CrossedForm, ...]
    apart: tuple[CrossedForm, ...]


class FigureLine(Result):
    """One figure of one report, or why there is none.

    ``status``: of the duty; ``form`` and ``edition``: of the report that counts (None where none is held); ``code``:
    the division of the agency in the codes asked for, ``code_how`` how it was found (None: as recorded); ``marks``:
    ``doubted`` (a flag or finding about a cell it rests on), ``small_n`` (a rate of fewer than 20 cases), ``revised``
    (several editions are held), ``two_at_once``, ``withdrawn``, ``redrawn`` (the division's area changed between the
    reporting year and the year of the codes), ``break`` (the agency's figure before is on another form), ``near`` (its
    form counts nearly the same, and not quite), ``stated`` (no table gives it, the text does), ``system`` (the report
    is of several agencies), ``differs_elsewhere`` (in sums, ranks and two years: another portal's report of the same
    agency gives another figure).
    """

    agency: AgencyLine
    year: int
    indicator: str
    figure: Figure
    status: Status
    form: str | None
    edition: str | None
    editions: int
    code: str | None
    code_how: str | None
    marks: tuple[str, ...]


class FiguresAnswer(Result):
    """What all answers about figures share. ``edition``: which of several counts; ``codes``: the year of codes."""

    as_of: datetime
    edition: str
    codes: int | None


class Series(FiguresAnswer):
    """Figures by agency, indicator and year. ``edition``: which one counts where several are held. ``unknown_years``:
    years asked for in which no duty of these agencies is known.
    """

    indicators: tuple[IndicatorLine, ...]
    years: tuple[int, ...]
    unknown_years: tuple[int, ...]
    lines: tuple[FigureLine, ...]


class GroupLine(Result):
    """A group of a table of sums, by year. ``key``: a division code, a portal's name, a kind; ``name``: for people."""

    key: str
    name: str
    indicator: str
    totals: dict[int, Total] = field(default_factory=dict)


class ReportSelection(Result):
    """Which reports are added up, ranked or compared, so that nothing counts twice.

    ``level`` is set where they are those of governments of that level, which sum their departments and townships: then
    so many governments of other levels (``of_others``), and of a level that nobody can tell (``of_unknown``), are left
    out. Else each agency of these ``kinds`` counts for itself.
    """

    kinds: tuple[str, ...]
    level: str | None
    of_others: int = 0
    of_unknown: int = 0


class SumTable(FiguresAnswer):
    """Sums by group and year of the reports that ``summed`` describes."""

    by: str
    summed: ReportSelection
    indicators: tuple[IndicatorLine, ...]
    years: tuple[int, ...]
    unknown_years: tuple[int, ...]
    groups: tuple[GroupLine, ...]


class RankLine(Result):
    """An agency's place among those that can be ranked; equal figures share the better place. None: it is set apart."""

    rank: int | None
    line: FigureLine


class Ranking(FiguresAnswer):
    """Agencies in the order of one figure. ``set_apart``: rates of fewer cases than ``min_n``, not ranked. ``in_order``
    and ``few_cases``: how many there are of each in all, of which a page has some. ``no_cases``: how many agencies have
    no rate, as there was nothing to divide by. ``total``: all of them together, with how many have no figure and why.
    """

    year: int
    ranked: ReportSelection
    min_n: int
    indicator: IndicatorLine
    lines: tuple[RankLine, ...]
    set_apart: tuple[RankLine, ...]
    in_order: int
    few_cases: int
    no_cases: int
    total: Total


class YearsCompared(Result):
    """One agency in two years. ``change``: after less before, None where a side is not known; ``ratio``: change to
    before, None where that is 0 or below; ``bridged``: the reports are on different forms that both print it.
    """

    before: FigureLine
    after: FigureLine
    change: Decimal | None
    ratio: Decimal | None
    bridged: bool


class YearComparison(FiguresAnswer):
    """Two years side by side; ``totals`` are over the ``matched`` agencies alone, of which both years are known.
    ``alone``: agencies of which a duty is known in one of the two years only; they are not in ``lines``.
    """

    years: tuple[int, int]
    compared: ReportSelection
    indicator: IndicatorLine
    lines: tuple[YearsCompared, ...]
    alone: int
    matched: int
    totals: tuple[Total, Total]


class AgencyComparison(Result):
    """Agencies side by side, by year: ``lines[year]`` in the order of ``names``, None if an agency owes no report."""

    as_of: datetime
    edition: str
    names: tuple[str, ...]
    indicator: IndicatorLine
    lines: dict[int, tuple[FigureLine | None, ...]]


# ---------------------------------------------------------------------------------------------- indicators


def indicators(text: str | None = None) -> tuple[IndicatorLine, ...]:
    """Return all indicators, or those with ``text`` in id or labels. Raises NotKnownError if none, with similar ids."""
    words = None if text is None else bounds.name(text)
    matches = [one for one in measures().values() if words is None or _has(one, words)]
    if not matches:
        raise _unknown_indicator(text or "")
    return tuple(map(indicator_line, matches))


def are_in_form(words: Iterable[str]) -> bool:
    """True if one row or column label of a national form has all these words; the texts of reports are not searched."""
    names = [comparable_name(word) for word in words]
    labels = [comparable_name(one.zh) for one in measures().values() if not one.derived]
    return any(all(name and name in label for name in names) for label in labels)


def measures_of(names: Iterable[str]) -> tuple[Measure, ...]:
    """Return the measures with these ids, each once. Raises :class:`NotKnownError` with similar ids."""
    by_id: dict[str, Measure] = {}
    for name in names:
        measure = find(comparable_name(bounds.name(name)))
        if measure is None:
            raise _unknown_indicator(name.strip())
        by_id[measure.id] = measure
    return tuple(by_id.values())


def _unknown_indicator(name: str) -> NotKnownError:
    """Return the error for an unknown indicator, with ids that begin so, labels with the words, the same in other
    forms, and similar ids; of each kind those of the newest form come first, of these the totals.
    """
    all_measures, beginning, newest = measures(), comparable_name(name), all_forms()[-1].name
    begun = [id_ for id_ in all_measures if id_.removeprefix("derived.").startswith(f"{beginning}.")]
    labelled = [measure for measure in all_measures.values() if name and _has(measure, name)]
    matches = {*begun, *(like for one in labelled for like in (one.id, *(other.id for other in one.crossings)))}
    ids = [measure.id for measure in all_measures.values() if measure.id in matches]
    ids.sort(key=lambda id_: (id_ not in begun, newest not in all_measures[id_].forms, not id_.endswith(".total")))
    nearest = dict.fromkeys([*ids, *nearest_names(name, all_measures)])
    suggestions = [Suggestion(one.zh, one.id, one.en) for one in map(all_measures.__getitem__, nearest)]
    if not suggestions:
        groups = dict.fromkeys(one.partition(".")[0] for one in all_measures)
        return NotKnownError(code="not_known.indicator_begun", text=name, groups=", ".join(groups))
    code = "not_known.indicators" if labelled and not begun else "not_known.indicator"
    return NotKnownError(suggestions=suggestions[:SUGGESTED], code=code, text=name, number=len(labelled))


def _has(measure: Measure, text: str) -> bool:
    words = comparable_name(text)
    return words in measure.id or words in comparable_name(measure.zh) or text.strip().lower() in measure.en.lower()


def indicator_line(measure: Measure) -> IndicatorLine:
    """Describe a measure with its definition and its relations to indicators of other forms."""
    own, crossed = measure.id.removeprefix(JOINED), dict[Crossing, list[CrossedForm]]()
    for one in measure.crossings:
        other = " + ".join(one.places) if one.id == own else one.id
        crossed.setdefault(one.kind, []).append(CrossedForm(other=other, zh=one.zh, en=one.en, source=one.source))
    return IndicatorLine.of(
        measure,
        same=tuple(crossed.get(Crossing.SAME, ())),
        near=tuple(crossed.get(Crossing.NEAR, ())),
        apart=tuple(crossed.get(Crossing.APART, ())),
    )
