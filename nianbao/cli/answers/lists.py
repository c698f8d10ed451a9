"""Print lists: tables with the columns of their question, statuses by year, search; and why a list is empty."""

from __future__ import annotations

import sys
from string import ascii_uppercase
from typing import Any

from archive.exports.formats.columns import display_rules
from archive.queries.bounds import HITS
from archive.queries.check import Check
from archive.queries.figure_answers import are_in_form
from archive.queries.find import FindAnswer, MatchKind, words_and_years
from archive.queries.news import News
from archive.queries.results import Coverage, DutyList, Known, Totals
from archive.queries.revisions import Revisions
from archive.queries.scores import Scores
from archive.queries.search import SearchAnswer
from archive.queries.stored import group_by
from archive.sentence_templates import shorten_ids
from nianbao.answer_tables import rows_of_lines
from nianbao.answer_words import rows_in_words
from nianbao.cli.asking import View
from nianbao.cli.output import LayoutColumn, Styled, agency_label, style_of, table_text
from nianbao.cli.question_commands import example_of
from nianbao.form_fields import lists_named
from nianbao.glossary import find_terms
from nianbao.language import current
from nianbao.parameters import MOST_LINES, PAGE
from nianbao.sentences import listed, sentence
from storage.records import EvidenceGrade, Status
from storage.search_texts import is_across_words

_NEWS_SHOWN = 50  # newest changes, unless a day or a number of lines is asked for


def show_list(view: View) -> None:
    """Ask the question of a list and print its lines."""
    answer = view.answer()
    is_limited = isinstance(answer, News) and not view.is_paged and "since" not in view.values
    show_lines(view, answer, _NEWS_SHOWN if is_limited else None, **_why_no_lines(answer, view))


def show_lines(view: View, answer: Any, most: int | None = None, **why: Any) -> None:
    """Print the ``most`` first lines of a list. ``why``: ``empty`` and ``attention`` of :meth:`View.present`."""
    tables = tables_of(view, answer, why.get("empty", ""), most)
    view.present(answer, "list", name=view.question.name, tables=tables, most=most, **why)


def tables_of(view: View, answer: Any, empty: str = "", most: int | None = None) -> str:
    """Return a table for each list with lines, of the ``most`` first (latest) ones, else ``empty``; "" for programs."""
    if not view.printer.is_for_people:
        return ""
    question = view.answered
    parts = {part: getattr(answer, part) for part in question.lines} or {"": answer}
    parts = {part: lines for part, lines in parts.items() if lines}
    layouts, tables = display_rules("layout"), []
    for part, lines in parts.items():
        first = (lines[::-1] if question.by_time else lines)[:most]
        heads, rows = rows_in_words(question, rows_of_lines(question, first), current(), is_short=sys.stdout.isatty())
        columns = [
            LayoutColumn(name, head, **layouts.get(f"{question.name}.{name}", layouts.get(name, layouts["others"])))
            for name, head in heads.items()
        ]
        if "agency" in heads:
            labels = (agency_label(str(row["agency"]), str(row["place"])) for _, row in rows)
            rows = [({**words, "agency": label}, row) for (words, row), label in zip(rows, labels, strict=True)]
        styled = [
            {
                name: Styled(shorten_ids(str(word)) if name == "sentence" else word, style_of(row.get(name)))
                for name, word in words.items()
            }
            for words, row in rows
        ]
        title = sentence(f"list.{part}") if len(parts) > 1 or part in {"townships", "set_apart"} else ""
        tables.append(table_text(styled, columns, title=title))
    return "".join(tables) or table_text((), (), empty=empty)


def coverage(view: View) -> None:
    """Print a grid of agencies and years with statuses (on time, late, missing, unknown), and rates with bounds."""
    answer: Coverage = view.answer(links=not view.printer.is_for_people)
    grades_asked = grades(answer.evidence or ())
    what = sentence("what.graded" if grades_asked else "what.asked", grades=grades_asked)
    lines = [line for row in answer.rows for line in row.cells.values()]
    present = {line.status for line in lines}
    # grades of evidence that the grid marks: one look only, the site's own date, a conflict
    weak = {line.evidence for line in lines} - {EvidenceGrade.PROVEN, EvidenceGrade.NONE, EvidenceGrade.RULED}
    marks = [f"{sentence(f'letter.{one}')}\u00a0=\u00a0{sentence(f'status.{one}')}" for one in Status if one in present]
    view.present(
        answer, "coverage", grades=grades_asked, marks=marks,
        weak_grades=[sentence(f"evidence.{one}") for one in EvidenceGrade if one in weak],
        portals={row.agency.portal for row in answer.rows},
        is_more_to_know=any(line.findings for line in lines),
        **why_empty(answer.rows, what, answer.known),
    )  # fmt: skip


def totals(view: View) -> None:
    """Print counts of statuses by portal and year, and rates with their bounds."""
    answer: Totals = view.answer()
    rows = [(place, year, counts) for place in answer.places for year, counts in place.years.items()]
    statuses_present = {status for _, _, counts in rows for status, number in counts.by_status.items() if number}
    statuses, portals = [one for one in Status if one in statuses_present], {one.portal for one in answer.places}
    why = why_empty(answer.places, sentence("what.asked"), answer.known)
    grades_asked = grades(answer.evidence or ())
    view.present(answer, "totals", rows=rows, statuses=statuses, grades=grades_asked, portals=portals, **why)


def scores(view: View, *, every: bool = False) -> None:
    """Print a line for each report with a mark for each measure, and by year the share of reports that reach it.
    ``every``: print a line for each measure of each report instead, with its reason.
    """
    answer: Scores = view.answer()
    lines_of_reports = group_by(answer.lines, lambda one: (one.agency.id, one.year)).values()
    reports = [{one.component: one for one in lines} for lines in lines_of_reports]
    totals_by_measure = group_by(answer.totals, lambda one: one.component)
    totals = {name: {one.year: one for one in group} for name, group in totals_by_measure.items()}
    letters = dict(zip(totals, ascii_uppercase, strict=False))
    view.present(
        answer, "scores", reports=reports, totals=[*totals.items()], letters=letters,
        columns=[LayoutColumn(one, one, wrap=False) for one in letters.values()],
        years=sorted({one.year for one in answer.totals}), tables=tables_of(view, answer) if every else "",
    )  # fmt: skip


def grades(evidence: Any) -> str:
    """Return grades of evidence in words, separated by commas."""
    return listed([sentence(f"evidence.{one}") for one in sorted(evidence)])


# ---------------------------------------------------------------------------------------------- answers without lines


def _why_no_lines(answer: Any, view: View) -> dict[str, Any]:
    """Return for :meth:`View.present` ``empty`` (why there are no lines) and ``attention`` (exit code 1: lines, or too
    little is known to say that there are none); for other lists nothing.
    """
    if isinstance(answer, Check):
        is_sure = answer.read and answer.reports == answer.read and not answer.withheld
        return _empty_by_template(view, answer, answer.lines or not is_sure)
    if isinstance(answer, Revisions) and not answer.lines:
        return _empty_by_template(view, answer, not answer.reports or answer.met_once)
    if isinstance(answer, News) and not answer.items:
        is_looked = answer.ok_looks or answer.visits
        return _empty_by_template(view, answer, not is_looked or answer.not_looked_at or answer.unjudged)
    if not isinstance(answer, DutyList):
        return {}
    parameters: Any = view.parameters()
    is_late = view.question.name == "late"
    evidence, days = getattr(parameters, "evidence", None), getattr(parameters, "min_days", 0)
    graded = sentence("what.only", grades=grades(evidence)) if evidence else ""
    key = "what.late_by" if days else f"what.{view.question.name}"
    what = sentence(key, year=parameters.year, graded=graded, days=days)
    return why_empty(answer.duties or answer.townships, what, answer.known, timed=is_late)


def _empty_by_template(view: View, answer: Any, attention: object) -> dict[str, Any]:
    from nianbao.cli.screens import part

    return {"empty": part("empty", view.question.name, answer, view.parameters()), "attention": attention}


# ---------------------------------------------------------------------------------------------- search


def find(view: View) -> None:
    """Print the agencies, reports, places, portals, figures and lists of a name, and reports with the words in them."""
    answer: FindAnswer = view.answer()
    groups = {sort: [one for one in answer.matches if one.sort == sort] for sort in MatchKind}
    places = groups[MatchKind.PLACE]
    place = places[0].name if len(places) == 1 else ""
    questions = lists_named(answer.words, *answer.unknown)
    lists = [(one, example_of(one, **({"place": place} if one.where else {}))) for one in questions]
    terms = find_terms(answer.words, *answer.unknown)
    if view.printer.is_for_people:
        view.end_if_not_crawled({one.name for one in groups[MatchKind.DIVISION]})
    names_only = len(groups[MatchKind.DIVISION]) + len(groups[MatchKind.FORMER])
    is_open = len(answer.matches) == names_only and not (lists or terms)  # nothing but names of places
    view.present(answer, "find", groups=groups, lists=lists, place=place, terms=terms, attention=is_open)


def search(view: View) -> None:
    """Print the reports with exactly these words in text or title, latest year first, with the text around hits."""
    answer: SearchAnswer = view.answer(limit=HITS if view.printer.is_for_people else PAGE)
    # nothing found, but reports that are not known may have the words
    is_open = not answer.total and answer.known is not None and not is_certain(answer.known)
    from nianbao.cli.screens import part, rendered

    none = "" if answer.known is None else part("empty", "search", answer.known, not is_open)
    summary = rendered(
        "search_summary", found=answer, most=MOST_LINES, nothing=none, in_form=are_in_form(answer.words),
        not_in_government=list(filter(is_across_words, answer.words)), by_year=words_and_years(" ".join(answer.words)),
    ).rstrip("\n")  # fmt: skip
    only_headings = [f"{hit.agency.name} {hit.year}" for hit in answer.hits if hit.only_headings]
    in_texts = [hit for hit in answer.hits if not hit.only_headings]
    by_snippets = group_by(in_texts, lambda hit: tuple(one.text for one in hit.snippets)).values()
    groups = [(hits, [*hits[0].snippets]) for hits in by_snippets]  # hits with the same snippets
    view.present(
        answer, "search", groups=groups, only_headings=only_headings, summary=summary,
        empty="" if answer.hits else summary, attention=is_open,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- an empty answer


def sentence_on_nothing(what: str, coverage: Known, *, timed: bool = False) -> str:
    """Return why a list is empty. ``what``: what the list would hold, in words; ``timed``: the list depends on when
    reports were published, so a report with an unknown date leaves the question open.
    """
    from nianbao.cli.screens import part

    return part("empty", "nothing", what, coverage, timed, is_certain(coverage, timed=timed))


def why_empty(lines: object, what: str, coverage: Known, *, timed: bool = False) -> dict[str, Any]:
    """Return ``empty`` and ``attention`` for :meth:`View.present` (:func:`is_certain`), {} if there are ``lines``."""
    if lines:
        return {}
    return {
        "empty": sentence_on_nothing(what, coverage, timed=timed),
        "attention": not is_certain(coverage, timed=timed),
    }


def is_certain(coverage: Known, *, timed: bool = False) -> bool:
    """True if all reports asked about are known, so that an empty list is right; ``timed``: also when each came."""
    if not coverage.duties or coverage.unknown or (timed and coverage.undetermined):
        return False
    # reports without agency or year, lists not read to their end, agencies unknown, portals never judged
    return coverage.not_owed == coverage.duties or not (
        coverage.unnamed or coverage.unread or coverage.few or coverage.unjudged
    )
