"""Questions whose query takes something else than their parameters: addresses of reports, defaults, words of notes.

What one question needs is imported when it is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.queries.bounds import QueryError
from nianbao.language import Language

if TYPE_CHECKING:
    from archive.queries import results
    from nianbao import parameters as p
    from storage.home import Home


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


def runs(home: Home, asked: p.Runs) -> tuple[results.RunLine, ...]:
    """List crawls, each with its note in the reader's language."""
    from archive.queries.holdings import runs as list_runs
    from nianbao.sentences import run_sentence

    language = Language(asked.lang.value)
    found = list_runs(home, asked.portal)
    return tuple(replace(one, note=run_sentence(one.note, one.notes, language)) for one in found)
