"""Print figures of reports: the commands ``series``, ``table``, ``rank``, ``compare``, ``indicators``, ``rollup``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from archive.assessment.figures import WITHOUT_REPORT, FigureState
from archive.queries.bounds import By
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.figure_answers import FigureLine, GroupLine, Series, SumTable
from archive.queries.results import AgencyLine
from archive.queries.rollup import RollUpAnswer, WithoutReport
from archive.queries.stored import group_by
from archive.queries.where import Where
from archive.queries.words import is_year
from nianbao.cli import common
from nianbao.cli.answers.lists import show_lines, tables_of, why_empty
from nianbao.cli.asking import View
from nianbao.cli.output import LayoutColumn
from nianbao.sentences import sentence
from storage.records import AgencyKind


def indicators(view: View) -> None:
    """Print all indicators: cells of the forms, sums of cells, and rates with their definitions."""
    # a list of all of them needs no archive
    show_lines(view, view.answer() if view.is_paged else view.question.ask(None, view.parameters()))


@dataclass(slots=True)
class _FigureRow:
    """An agency's figures on one indicator, by year."""

    agency: AgencyLine
    indicator: str
    figures: dict[int, FigureLine]


def series(view: View) -> None:
    """Print figures by agency and year, and why one is lacking: blank, not printed, other form, missing, unknown."""
    parameters = view.parameters()
    answer: Series = view.answer()
    rows: dict[tuple[str, str], _FigureRow] = {}
    for line in answer.lines:
        row = rows.setdefault((line.agency.id, line.indicator), _FigureRow(line.agency, line.indicator, {}))
        row.figures[line.year] = line
    why = _why_empty(view, answer, answer.lines, "what.figure", parameters.where())
    marks = {year: _marks_of_all(lines) for year, lines in group_by(answer.lines, lambda one: one.year).items()}
    view.present(answer, "series", rows=[*rows.values()], marks=marks, **why)


def _marks_of_all(lines: Collection[FigureLine]) -> list[str]:
    """Return the marks that all of several figures have, such as a change of the form in one year."""
    figures = [line for line in lines if line.figure.value is not None]
    return [mark for mark in figures[0].marks if all(mark in line.marks for line in figures)] if figures[1:] else []


def table(view: View) -> None:
    """Print sums by group and year, with the number of reports in each sum and of reports that are unknown."""
    parameters = view.parameters()
    answer: SumTable = view.answer()
    why = _why_empty(view, answer, answer.groups, "what.figure", _summed(parameters.where()))
    view.present(answer, "table", rows=[(group, _group_name(answer.by, group)) for group in answer.groups], **why)


def _group_name(by: str, group: GroupLine) -> str:
    """Return the name of a group for people."""
    if by == By.ALL:
        return sentence("by.all")
    if by == By.KIND:
        return sentence(f"kind.{group.key}")
    return sentence("figure.no_division") if group.key == "?" else group.name or group.key


def rank(view: View) -> None:
    """Print agencies ranked by one figure of a year, and those that cannot be ranked, with the reason."""
    parameters, answer = view.parameters(), view.answer()
    lines = [*answer.lines, *answer.set_apart]
    why = _why_empty(view, answer, lines, "what.ranked", _summed(parameters.where()))
    view.present(answer, "rank", tables=tables_of(view, answer), **why)


def compare(view: View) -> None:
    """Print two years of many agencies, or a few agencies over the years, side by side."""
    names = view.values.get("agencies", [])  # the arguments: agencies, or two years (nianbao compare 2023 2024)
    are_years = [is_year(one) for one in names]
    if any(are_years) and not all(are_years):
        common.fail(sentence("figure.years_or_agencies"))
    if any(are_years):
        if len(set(names)) != 2 or len(names) != 2 or "years" in view.values:
            common.fail(sentence("figure.two_years"))
        view.values["before"], view.values["after"] = view.values.pop("agencies")
    if "before" in view.values or "after" in view.values:
        parameters, answer = view.parameters("compare_years"), view.answer("compare_years")
        where = replace(_summed(parameters.where()), years=(parameters.before, parameters.after))
        why = _why_empty(view, answer, answer.lines, "what.both_years", where)
        view.present(answer, "compare_years", tables=tables_of(view, answer, why.get("empty", "")), **why)
    elif len(names) < 2:
        common.fail(sentence("figure.two_agencies"))
    else:
        beside, where = view.answer(), Where(years=view.parameters().years)
        figures = [line for lines in beside.lines.values() for line in lines if line is not None]
        columns = [LayoutColumn(str(at), name) for at, name in enumerate(beside.names)]
        why = _why_empty(view, beside, beside.lines, "what.figure", where)
        view.present(beside, "compare", figures=figures, more=columns, **why)


def _why_empty(view: View, answer: Any, lines: Collection[object], what: str, where: Where) -> dict[str, Any]:
    """Return why an answer has no ``lines``, with how much is known of the reports asked about."""
    if lines:
        return {}
    return why_empty(lines, sentence(what), knowledge_of(view.home, replace(where, as_of=answer.as_of)))


def _summed(where: Where) -> Where:
    """Return the filter of agencies for sums and ranks: only governments, unless kinds are named."""
    return where if where.kinds else replace(where, kinds=frozenset({AgencyKind.GOVERNMENT}))


# ---------------------------------------------------------------------------------------------- rollup

_WRONG = ("exceeds", "falls_short")
#: key of a title in the screen → states of the agencies listed below that title
_STATES = {
    "without_report": frozenset(state.value for state in WITHOUT_REPORT),
    **{state.value: {state.value} for state in (FigureState.UNREAD, FigureState.SYSTEM, FigureState.WITHHELD)},
}


def rollup(view: View, *, every: bool = False) -> None:
    """Compare each cell of a government's report with the sum over reports of its departments and townships.

    A blank is never 0. If the sum is smaller, agencies without a report are listed; if it is larger, a figure is wrong
    or counted twice. What would explain a gap exactly is shown as a candidate, never as a fact. ``every``: print also
    the cells that agree.
    """
    answer: RollUpAnswer = view.answer()
    wrong = [one for one in answer.cells if one.verdict in _WRONG]
    view.present(
        answer, "rollup", cells=sorted(answer.cells, key=lambda one: one not in wrong) if every else wrong,
        without={key: [_name(one) for one in answer.without if one.state in states] for key, states in _STATES.items()},
        attention=wrong or answer.form is None,
    )  # fmt: skip


def _name(one: WithoutReport) -> str:
    key = "rollup.guessed" if one.guessed else "rollup.agency"
    return sentence(key, agency=one.agency.name, status=sentence(f"status.{one.status}"))
