"""Figures that reports state in running text alone, for those that no table gives: only when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from archive.assessment.figures import Figure, FigureState, added
from archive.assessment.measures import Measure
from archive.parser.stated import form_of_text, stated
from archive.queries.bounds import MOST_TEXTS, QueryError
from archive.queries.figure_answers import FigureLine
from archive.queries.stored import editions_of_reports, open_projections
from storage.home import Home
from storage.records import Reading

#: The report is held, and no table of it gives the figure.
_UNTABLED = frozenset({FigureState.NOT_PRINTED, FigureState.UNREAD, FigureState.NOT_IN_FORM})


def with_stated(home: Home, measures: Iterable[Measure], lines: Sequence[FigureLine]) -> tuple[FigureLine, ...]:
    """Give each figure that no table prints as the text states it, with the state and mark ``stated``.

    Raises :class:`QueryError` where the texts of more than ``MOST_TEXTS`` reports would have to be read.
    """
    wanted = {(line.agency.id, line.year): line.edition for line in lines if _may_be_stated(line)}
    if len(wanted) > MOST_TEXTS:
        most, count = f"{MOST_TEXTS:,}", f"{len(wanted):,}"
        raise QueryError(code="query.many_texts", most=most, count=count)
    texts = _readings(home, wanted)
    named = {one.id: one for one in measures}
    held = {edition: _StatedText(reading) for edition, reading in texts.items()}
    return tuple(
        _line(line, named[line.indicator], held[line.edition])
        if _may_be_stated(line) and line.edition in held
        else line
        for line in lines
    )


def _may_be_stated(line: FigureLine) -> bool:
    return line.edition is not None and line.figure.state in _UNTABLED


def _readings(home: Home, wanted: Mapping[tuple[str, int], str | None]) -> dict[str, Reading]:
    """Edition id → what was read of the document that its cells come from."""
    with open_projections(home) as store:
        reports = editions_of_reports(store, list(wanted))
        documents = {
            one.cells_from or one.main: one.id for held in reports.values() for one in held if one.id in wanted.values()
        }
        return {documents[reading.document]: reading for reading in store.readings(documents)}


class _StatedText:
    """The figures that the text of one report states, and the form in whose terms they are."""

    def __init__(self, reading: Reading) -> None:
        form = form_of_text(reading)
        self.form = form.name if form is not None else ""
        self.values = {one.id: one.value for one in stated(reading)}


def _line(line: FigureLine, measure: Measure, text: _StatedText) -> FigureLine:
    """The line with what the text states; as it is where the text does not say all that the measure adds up."""
    names = [measure.id] if measure.id in text.values else [place for place, _ in measure.terms.get(text.form, ())]
    signs = dict(measure.terms.get(text.form, ()))
    if measure.is_rate or not names or not text.values.keys() >= set(names):
        return line
    value = added(text.values[name] * signs.get(name, 1) for name in names)
    near = ("near",) if text.form in measure.nearly else ()
    figure = Figure(value=value, state=FigureState.STATED)
    return replace(line, figure=figure, marks=(*line.marks, *near, "stated"))
