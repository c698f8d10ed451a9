"""Questions whose query takes something else than their parameters: addresses of reports, defaults, words of notes.

What one question needs is imported when it is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.queries.bounds import QueryError
from nianbao.language import Language

if TYPE_CHECKING:
    from archive.queries import change_answers, check_answers, figure_answers, results
    from nianbao import parameters as p
    from storage.home import Home


def missing_lines(home: Home, asked: p.Missing) -> results.DutyLines:
    """List what is missing, without counting of how much nobody knows."""
    from archive.queries.asof import instant_of_question
    from archive.queries.overview import MISSING, list_duties

    as_of = instant_of_question(home, asked.as_of)
    return list_duties(home, asked.year, asked.where(), MISSING, as_of=as_of, evidence=asked.evidence)


def late_lines(home: Home, asked: p.Late) -> results.DutyLines:
    """List what is late, without counting of how much nobody knows."""
    from archive.queries.asof import instant_of_question
    from archive.queries.overview import LATE, list_duties

    as_of, days = instant_of_question(home, asked.as_of), asked.min_days
    return list_duties(home, asked.year, asked.where(), LATE, min_days=days, as_of=as_of, evidence=asked.evidence)


def show(home: Home, asked: p.OneReport) -> results.Report:
    """Show a report by its agency and year, or by an address, which says both."""
    from archive.queries import citing, reports

    if not asked.agency.startswith(citing.SCHEME):
        return reports.show(home, asked.agency, _year_of(asked), asked.edition, asked.reader)
    _refuse_beside_an_address(asked.year, asked.edition)
    if duty := citing.parse_duty(asked.agency):
        return reports.show(home, *duty, None, asked.reader)
    return citing.report_at(home, citing.parse(asked.agency), asked.reader)


def cite(home: Home, asked: p.Cite) -> results.Citation:
    """Cite a report or one of its cells by agency and year, or by an address, which says all of it."""
    from archive.queries import citing

    if not asked.agency.startswith(citing.SCHEME):
        return citing.cite(home, asked.agency, _year_of(asked), asked.edition, asked.cell)
    _refuse_beside_an_address(asked.year, asked.edition, asked.cell)
    if duty := citing.parse_duty(asked.agency):
        return citing.cite(home, *duty)
    return citing.resolve(home, citing.parse(asked.agency))


def _refuse_beside_an_address(*given: object) -> None:
    if any(one is not None for one in given):
        message = "an address says year, edition and cell itself; give it alone"
        raise QueryError(message, code="query.address_alone")


def _year_of(asked: p.Cite | p.OneReport) -> int:
    if asked.year is None:
        message = "a report needs a reporting year too, or an address that says it: nianbao:AGENCY/YEAR@DIGEST"
        raise QueryError(message, code="query.report_year")
    return asked.year


def revisions(home: Home, asked: p.Revisions) -> change_answers.Revisions:
    """List changed reports; without a sort of change, all sorts."""
    from archive.queries.revisions import CHANGES
    from archive.queries.revisions import revisions as list_revisions

    if unknown := sorted(set(asked.change or ()) - set(CHANGES)):
        every = ", ".join(CHANGES)
        message = f"{unknown[0]!r} is no change of a report; there are: {every}"
        raise QueryError(message, code="query.no_change", text=unknown[0], every=every)
    codes = asked.change or CHANGES
    return list_revisions(home, asked.where(), year=asked.year, since=asked.since, codes=codes, as_of=asked.as_of)


def check(home: Home, asked: p.Check) -> check_answers.Check:
    """Check reports; without a code, for every finding."""
    from archive.queries.check import CODES
    from archive.queries.check import check as check_reports

    codes, severity = asked.code or CODES, asked.severity
    return check_reports(home, asked.where(), years=asked.years, codes=codes, severity=severity, as_of=asked.as_of)


def news(home: Home, asked: p.News) -> change_answers.News:
    """List what is new until an instant, which ``as_of`` may name too."""
    from archive.queries.news import news as list_news

    return list_news(home, asked.where(), since=asked.since, until=asked.until or asked.as_of, evidence=asked.evidence)


def compare_years(home: Home, asked: p.CompareYears) -> figure_answers.YearComparison:
    """Compare two years of each body."""
    from archive.queries.figures_sums import compare_years as compare

    years = (asked.before, asked.after)
    return compare(
        home, asked.indicator, years, asked.where(), level=asked.level, as_of=asked.as_of, which=asked.edition
    )


def runs(home: Home, asked: p.Runs) -> tuple[results.RunLine, ...]:
    """List crawls, each with its note in the reader's language."""
    from archive.queries.holdings import runs as list_runs
    from nianbao.sentences import run_sentence

    language = Language(asked.lang.value)
    found = list_runs(home, asked.portal)
    return tuple(replace(one, note=run_sentence(one.note, one.notes, language)) for one in found)
