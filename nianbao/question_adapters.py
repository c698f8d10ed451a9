"""Questions whose query takes something else than their parameters: addresses of reports, words of notes.

What one question needs is imported when it is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.queries.bounds import QueryError

if TYPE_CHECKING:
    from archive.queries import results
    from nianbao.language import Language
    from storage.home import Home


def show(home: Home, agency: str, year: int | None, edition: str | None, reader: str | None) -> results.Report:
    """Show a report by its agency and year, or by an address, which says both."""
    from archive.queries import citing, reports

    if not agency.startswith(citing.SCHEME):
        return reports.show(home, agency, _needed(year), edition, reader)
    _refuse_beside_an_address(year, edition)
    if duty := citing.parse_duty(agency):
        return reports.show(home, *duty, None, reader)
    return citing.report_at(home, citing.parse(agency), reader)


def cite(home: Home, agency: str, year: int | None, edition: str | None, cell: str | None) -> results.Citation:
    """Cite a report or one of its cells by agency and year, or by an address, which says all of it."""
    from archive.queries import citing

    if not agency.startswith(citing.SCHEME):
        return citing.cite(home, agency, _needed(year), edition, cell)
    _refuse_beside_an_address(year, edition, cell)
    if duty := citing.parse_duty(agency):
        return citing.cite(home, *duty)
    return citing.resolve(home, citing.parse(agency))


def _refuse_beside_an_address(*given: object) -> None:
    if any(one is not None for one in given):
        message = "an address says year, edition and cell itself; give it alone"
        raise QueryError(message, code="query.address_alone")


def _needed(year: int | None) -> int:
    if year is None:
        message = "a report needs a reporting year too, or an address that says it: nianbao:AGENCY/YEAR@DIGEST"
        raise QueryError(message, code="query.report_year")
    return year


def runs(home: Home, portal: str | None, lang: Language) -> tuple[results.RunLine, ...]:
    """List crawls, each with its note in the reader's language."""
    from archive.queries.holdings import runs as list_runs
    from nianbao.sentences import run_sentence

    return tuple(replace(one, note=run_sentence(one.note, one.notes, lang)) for one in list_runs(home, portal))
