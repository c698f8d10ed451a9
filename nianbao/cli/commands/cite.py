"""``cite``: an edition or a cell as GB/T 7714-2015 and BibTeX, with where its bytes lie."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.exports.citations import bibtex, gbt7714
from archive.exports.plain_values import cell_text
from archive.queries.citing import SCHEME, Citation, cite, parse, resolve
from archive.queries.results import CellLine
from nianbao.cli import common
from nianbao.cli.options import asked, asked_of_report
from nianbao.cli.output import chosen, emit, say
from nianbao.cli.times import year_of
from storage.home import Home
from storage.records import CellState


def cite_command(
    agency: Annotated[str, typer.Argument(help="An address (nianbao:…), or the name or id of an agency.")],
    year: Annotated[
        int | None,
        typer.Argument(
            parser=year_of, metavar="YEAR", help="Reporting year, unless it is an address.", show_default=False
        ),
    ] = None,
    edition: Annotated[
        str | None, typer.Option("--edition", help="Id or beginning of the digest of an edition.", show_default=False)
    ] = None,
    cell: Annotated[
        str | None,
        typer.Option("--cell", help="Indicator: applications.received.total.", show_default=False),
    ] = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Cite a report or one figure of it: an address that stays, GB/T 7714, BibTeX, and where the bytes lie."""
    with common.opened(archive) as home:
        if year is None:
            found = asked(lambda: _found(home, agency, year, edition, cell))
        else:
            found = asked_of_report(home, agency, year, lambda: _found(home, agency, year, edition, cell))
    if as_json:
        row = found.to_dict() | {"gbt7714": gbt7714(found), "bibtex": bibtex(found)}
        emit([row], (), chosen(True, False))
        return
    say(found.address)
    if found.cell is not None:
        say(f"{found.cell.section}: {found.cell.row}: {found.cell.column}: {_value(found.cell)}")
    say(gbt7714(found))
    say(bibtex(found))
    for line in _bytes(found):
        say(line)


def _found(home: Home, agency: str, year: int | None, edition: str | None, cell: str | None) -> Citation:
    if not agency.startswith(SCHEME):
        if year is None:
            common.fail("name the reporting year too, or give an address: nianbao:AGENCY/YEAR@DIGEST")
        return cite(home, agency, year, edition, cell)
    if year is not None or edition is not None or cell is not None:
        common.fail("an address says year, edition and cell itself; give it alone")
    try:
        return resolve(home, parse(agency))
    except ValueError as error:
        common.fail(str(error))


def _bytes(found: Citation) -> list[str]:
    record = found.record
    if record is None:
        return ["no capture of it is held"]
    how = "fetched" if record.http_status is not None else "brought in"
    lines = [f"{how} {cell_text(record.fetched_at)}; document SHA-256 {found.digest}"]
    if record.warc_file:
        lines.append(
            f"WARC {record.warc_file}, offset {record.warc_offset}, {record.warc_length} bytes; record {record.id}"
        )
    if record.tls:
        lines.append(f"fetched over a certificate that does not hold: {record.tls}")
    return lines


def _value(cell: CellLine) -> str:
    if cell.value is None:
        return "blank" if cell.state is CellState.BLANK else f"{cell.raw.strip()!r}, no figure"
    return f"{cell.value:f} {cell.unit}".rstrip() + (f" (doubtful: {', '.join(cell.flags)})" if cell.flags else "")
