"""``cite``: an edition or a cell as GB/T 7714-2015 and BibTeX, with where its bytes lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.exports.citations import bibtex, bibtex_of_absence, gbt7714, gbt7714_of_absence
from archive.exports.plain_values import cell_text
from archive.queries.results import Absence, CellLine, Citation
from nianbao.cli.answers.report_text import record_lines
from nianbao.cli.asking import View
from nianbao.cli.options import SHORT_ID
from nianbao.cli.output import in_language, say
from nianbao.language import Language, current
from nianbao.sentences import phrase
from storage.records import CellState, Status


def cite(view: View) -> None:
    """Cite a report, one figure of it, or that it is not there: address, GB/T 7714, BibTeX, and where the bytes lie."""
    absence = _absence(view)
    found: Absence | Citation = absence or view.report_or_why_not()
    if isinstance(found, Absence):
        told = (gbt7714_of_absence(found), bibtex_of_absence(found, chinese=current() is Language.ZH))
    else:
        told = (gbt7714(found), bibtex(found))
    if not view.out.record(found.to_dict() | dict(zip(("gbt7714", "bibtex"), told, strict=True))):
        for line in _absence_lines(found, told) if isinstance(found, Absence) else _report_lines(found, told):
            say(line)


def _absence(view: View) -> Absence | None:
    """The absence of a report that is not there, where a whole report is asked for."""
    from archive.queries.bounds import QueryError
    from archive.queries.citing import cite_absence, parse_duty
    from archive.queries.nearest import NotKnownError

    if "year" not in view.given and (duty := parse_duty(str(view.given.get("agency", "")))):
        view.given["agency"], view.given["year"] = duty  # the address that this command gives an absence
    if {"agency", "year"} != view.given.keys() - {"as_of"}:
        return None
    asked = view.asked("cite_absence")
    try:
        return cite_absence(view.home, asked.agency, asked.year, as_of=asked.as_of)
    except (NotKnownError, QueryError):
        return None  # the report is there, or asking for it tells what is wrong


def _absence_lines(found: Absence, told: Sequence[str]) -> Iterator[str]:
    yield found.address
    yield in_language(found)
    if found.due:
        key = "customary" if found.status is Status.NOT_FOUND else "due"
        yield phrase(f"duty.{key}", due=found.due, basis=found.basis)
    yield from told
    yield phrase("duty.looks", count=len(found.looks))
    for look in found.looks:
        yield f"  {cell_text(look.started)}  {look.url}"
        for capture in look.captures:
            yield f"    SHA-256 {capture.document}" if capture.document else f"    {capture.url}"
            yield f"    nianbao show-capture {capture.id[:SHORT_ID]} --verify"


def _report_lines(found: Citation, told: Sequence[str]) -> Iterator[str]:
    yield found.address
    if found.cell is not None:
        cell = found.cell
        yield phrase("cite.cell", section=cell.section, row=cell.row, column=cell.column, value=_value(cell))
    yield from told
    record = found.record
    if record is None:
        yield phrase("cite.no_capture")
        return
    key = "cite.fetched" if record.http_status is not None else "cite.brought_in"
    yield phrase(key, at=cell_text(record.fetched_at), digest=found.digest)
    yield from record_lines(record)


def _value(cell: CellLine) -> str:
    if cell.value is None:
        return phrase("cite.blank") if cell.state is CellState.BLANK else phrase("cite.no_figure", raw=cell.raw.strip())
    doubt = phrase("cite.doubtful", flags=phrase("join.names").join(cell.flags)) if cell.flags else ""
    return f"{cell.value:f} {cell.unit}".rstrip() + doubt
