"""``cite``: an edition or a cell as GB/T 7714-2015 and BibTeX, with where its bytes lie."""

from __future__ import annotations

from archive.exports.citations import bibtex, bibtex_of_absence, gbt7714, gbt7714_of_absence
from archive.exports.plain_values import cell_text
from archive.queries.results import Absence, CellLine, Citation
from nianbao.cli.answers.report_text import record_lines
from nianbao.cli.asking import View, report_or_why_not
from nianbao.cli.output import Column, Format, emit, say
from nianbao.sentences import phrase
from storage.records import CellState, Status


def cite(view: View) -> None:
    """Cite a report, one figure of it, or that it is not there: address, GB/T 7714, BibTeX, and where the bytes lie."""
    found = _absence(view) or report_or_why_not(view)
    if isinstance(found, Absence):
        _cite_absence(found, view)
        return
    if view.fmt is not Format.TABLE:
        row = found.to_dict() | {"gbt7714": gbt7714(found), "bibtex": bibtex(found)}
        emit([row], tuple(Column(key, key) for key in row), view.fmt)
        return
    say(found.address)
    if found.cell is not None:
        cell = found.cell
        say(view.word("cite.cell", section=cell.section, row=cell.row, column=cell.column, value=_value(cell)))
    say(gbt7714(found))
    say(bibtex(found))
    for line in _bytes(found):
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


def _cite_absence(found: Absence, view: View) -> None:
    if view.fmt is not Format.TABLE:
        row = found.to_dict() | {
            "gbt7714": gbt7714_of_absence(found),
            "bibtex": bibtex_of_absence(found, chinese=view.chinese),
        }
        emit([row], tuple(Column(key, key) for key in row), view.fmt)
        return
    say(found.address)
    say(view.why(found.zh, found.en))
    if found.due:
        key = "customary" if found.status is Status.NOT_FOUND else "due"
        say(view.word(f"duty.{key}", due=found.due, basis=found.basis))
    say(gbt7714_of_absence(found))
    say(bibtex_of_absence(found, chinese=view.chinese))
    say(view.word("duty.looks", count=len(found.looks)))
    for look in found.looks:
        say(f"  {cell_text(look.started)}  {look.url}")
        for capture in look.captures:
            say(f"    SHA-256 {capture.document}" if capture.document else f"    {capture.url}")
            command = f"nianbao show-capture {capture.id[:8]} --verify"
            say(f"    {command}")


def _bytes(found: Citation) -> list[str]:
    record = found.record
    if record is None:
        return [phrase("cite.no_capture")]
    key = "cite.fetched" if record.http_status is not None else "cite.brought_in"
    lines = [phrase(key, at=cell_text(record.fetched_at), digest=found.digest)]
    return [*lines, *record_lines(record)]


def _value(cell: CellLine) -> str:
    if cell.value is None:
        return phrase("cite.blank") if cell.state is CellState.BLANK else phrase("cite.no_figure", raw=cell.raw.strip())
    doubt = phrase("cite.doubtful", flags=phrase("join.names").join(cell.flags)) if cell.flags else ""
    return f"{cell.value:f} {cell.unit}".rstrip() + doubt
