"""Print the status of one report, its content, a difference, a citation: ``status``, ``show``, ``diff``, ``cite``."""

from __future__ import annotations

import sys
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from archive.assessment.measures import find
from archive.exports.plain_values import fields_of
from archive.forms.indicators import english
from archive.queries.citing import address_of
from archive.queries.results import (
    AgencyDuties,
    CellChange,
    CellLine,
    CitableAbsence,
    Citation,
    Difference,
    ParagraphChange,
    Report,
    Verdict,
)
from archive.queries.stored import group_by
from archive.queries.text_differences import MOST_LINES
from nianbao.cli import common
from nianbao.cli.answers.lists import why_empty
from nianbao.cli.asking import View
from nianbao.cli.output import LayoutColumn, Printer, Styled, print_text
from nianbao.language import Language, current
from nianbao.sentences import citation_texts, locator_words, sentence, shown_cell, worded
from storage.records import SHANGHAI

_DIFFERENCE = ("what", "change", "id", "section", "zh", "en", "before", "after", "before_at", "after_at")
_LEAST_COLUMN = 5  #: characters of a column of the form
_INDENT = "· "  # before a row, for each group that it is in; spaces would be lost where a label is broken
GridRow = dict[str, str | Styled]
Grid = tuple[list[LayoutColumn], list[GridRow]]


def status(view: View, *, html: Path | None = None) -> None:
    """Print the status of a report and its evidence, or without a year all of an agency; ``html``: into this file."""
    if "year" in view.values and "years" in view.values:
        common.fail(sentence("duty.year_or_years"))
    _take_identifier(view)
    if "year" not in view.values:
        if html is not None:
            common.fail(sentence("duty.page_needs_year"))
        every: AgencyDuties = view.answer("agency_duties")
        why = why_empty(every.duties, sentence("what.of_agency", agency=every.agency.name), every.known)
        view.present(every, "agency_duties", **why)
        return
    verdict: Verdict = view.answer()
    if html is not None:
        from nianbao.web.evidence import duty_page

        view.write_page(html, lambda: duty_page(view.home, verdict))
    else:
        view.present(verdict, "status")


def show(view: View, *, text: bool = False) -> None:
    """Print one report: every cell of the form, its findings, the source of its bytes, and with ``text`` its text."""
    report: Report = view.report_or_why_not()
    address = str(address_of(view.home, report))
    if view.printer is Printer.JSON:
        view.printer.print_for_program(report.to_dict() | {"address": address})
    else:
        sections = group_by(report.cells, attrgetter("section"))
        grids = [grid for section, cells in sections.items() for grid in _grids(section, cells)]
        view.present(report, "show", address=address, grids=grids, with_text=text)


def _grids(section: str, cells: list[CellLine]) -> list[Grid]:
    """Return the cells of a section as tables with the rows and columns of the form; a row joins one with all its
    columns, because some of its cells may not be printed.
    """
    heading = (english([section]) if current() is Language.EN else None) or section
    rows: dict[str, dict[str, str]] = {}
    row_titles, titles = dict[str, str](), dict[str, str]()
    for cell in cells:
        rows.setdefault(cell.row, {})[cell.column] = shown_cell(cell)
        row_titles[cell.row], titles[cell.column] = _titles_of(cell)
    order = [*rows]
    tables: dict[tuple[str, ...], list[str]] = {}
    for row, values in sorted(rows.items(), key=lambda one: -len(one[1])):
        shape = next((wide for wide in tables if values.keys() <= {*wide}), tuple(values))
        tables.setdefault(shape, []).append(row)
    return [
        ([LayoutColumn("row", "" if at else heading),  # the last column is the total
          *(LayoutColumn(one, titles[one], least=_LEAST_COLUMN, spare=one != shape[-1]) for one in shape)],
         _below_groups([{"row": row_titles[row], **rows[row]} for row in sorted(names, key=order.index)]))
        for at, (shape, names) in enumerate(tables.items())
    ]  # fmt: skip


def _below_groups(rows: list[dict[str, str]]) -> list[GridRow]:
    """Return rows for a terminal: a group of rows has its name on a line of its own, which leaves room for figures; it
    is said again behind the rows of a smaller group. In a pipe each row keeps its whole label.
    """
    if not sys.stdout.isatty():
        return [{**row} for row in rows]
    grouped, above = list[GridRow](), list[str]()
    for row in rows:
        *groups, label = row["row"].split(" / ")
        for size, group in enumerate(groups, 1):
            if groups[:size] != above[:size] or (size == len(groups) < len(above)):
                grouped.append({"row": Styled(_INDENT * (size - 1) + group, "bold")})
        grouped.append({**row, "row": _INDENT * len(groups) + label})
        above = groups
    return grouped


def _titles_of(cell: CellLine) -> tuple[str, str]:
    """Return the labels of a cell's row and column as the form prints them, or in English if that is the language."""
    measure = find(cell.id) if current() is Language.EN else None
    row, _, column = measure.en.rpartition(" / ") if measure is not None else ("", "", "")
    return (row, column) if row else (cell.row, cell.column)


def diff(view: View, *, html: Path | None = None) -> None:
    """Print (or write as a page to ``html``) the cells and paragraphs that differ between two editions of a report."""
    difference: Difference = view.report_or_why_not()
    if difference.withheld and view.printer is not Printer.JSON:
        common.fail(sentence("diff.withheld"), common.ATTENTION)
    if html is not None:
        from nianbao.web.evidence import difference_page

        view.write_page(html, lambda: difference_page(view.home, difference))
    elif view.printer in {Printer.CSV, Printer.JSONL}:  # one list of cells and paragraphs
        rows = [*map(_row, difference.cells), *map(_row, difference.paragraphs)]
        view.printer.emit(rows, _DIFFERENCE)
    else:
        view.present(difference, "diff")
    if difference.shortened:
        print_text(sentence("diff.cut", lines=MOST_LINES), sys.stderr)


def _row(one: CellChange | ParagraphChange) -> dict[str, Any]:
    """Return a difference as a row: what it is, what stood on either side, and where."""
    sides: dict[str, Any] = {"before": one.before, "after": one.after}
    places = {f"{name}_at": side and locator_words(side.locator, "en") for name, side in sides.items()}
    if isinstance(one, CellChange):
        row = {"what": "cell", "change": None, **fields_of(one, "id", "section", "zh", "en")}
        return row | places | {name: "" if side is None else shown_cell(side) for name, side in sides.items()}
    row = {"what": "paragraph", "change": one.op, "section": one.heading}
    return row | places | {name: side and side.text for name, side in sides.items()}


def cite(view: View) -> None:
    """Print how to cite a report, one figure, or the absence of a report: address, GB/T 7714, BibTeX, evidence."""
    if "." in view.values.get("year", "") and "cell" not in view.values:  # an address or id, then an indicator
        view.values["cell"] = view.values.pop("year")
    citation: CitableAbsence | Citation = _absence(view) or view.report_or_why_not()
    page = _public_page(view.home.config.public_url.rstrip("/"), citation)
    texts = dict(zip(("gbt7714", "bibtex"), citation_texts(citation, page), strict=True))
    if not view.printer.print_for_program(citation.to_dict() | texts | ({"page": page} if page else {})):
        view.present(citation, "cite_absence" if isinstance(citation, CitableAbsence) else "cite", page=page, **texts)


def _public_page(site: str, citation: CitableAbsence | Citation) -> str:
    """Return the address of the cited page on the archive's public ``site``; "" if the archive has no site."""
    from archive.queries.citing import parse_address

    if not site:
        return ""
    address = parse_address(citation.address)
    if isinstance(citation, CitableAbsence):
        parts = ["duty", address.agency, str(address.year)]
        query = {"as_of": citation.as_of.astimezone(SHANGHAI).isoformat(timespec="seconds")}
    else:
        parts = ["cell" if address.cell else "report", address.agency, str(address.year), *filter(None, [address.cell])]
        query = {"edition": citation.edition.id}
    return f"{site}/{current()}/{'/'.join(map(quote, parts))}?{urlencode(query)}"


def _take_identifier(view: View, *, is_of_edition: bool = True) -> None:
    """Replace the identifier of a report (``is_of_edition``: or of an edition or cell) by its agency, year and day."""
    from archive.queries.citing import identified

    address = None if "year" in view.values else identified(str(view.values.get("agency", "")))
    if address is not None and (is_of_edition or address.digest is None):
        view.values |= {"agency": address.agency, "year": str(address.year)}
        view.values |= {"as_of": address.day} if address.day and "as_of" not in view.values else {}


def _absence(view: View) -> CitableAbsence | None:
    """Return the absence of a report; None if the report exists, or not a whole report is to be cited."""
    from archive.queries.bounds import NotKnownError, QueryError
    from archive.queries.citing import cite_absence

    _take_identifier(view, is_of_edition=False)
    if {"agency", "year"} != view.values.keys() - {"as_of"}:
        return None
    parameters = view.parameters("cite_absence")
    try:
        return cite_absence(view.home, parameters.agency, parameters.year, as_of=parameters.as_of)
    except (NotKnownError, QueryError) as error:
        if error.code == "not_known.absence_unknown" or "as_of" in view.values:
            common.fail(worded(error))
        return None  # the report exists, or asking for it gives the better error
