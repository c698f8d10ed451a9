"""``cite``: an edition or a cell as GB/T 7714-2015 and BibTeX, with where its bytes lie."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import typer

from archive.interfaces import common
from archive.interfaces.choosing import asked, asked_of_report
from archive.interfaces.output import CHINA, cell_text, chosen, emit, say
from archive.interfaces.times import year_of
from archive.queries.citing import SCHEME, Citation, cite, parse, resolve
from archive.queries.results import CellLine
from storage.home import Home
from storage.records import CellState

#: BibTeX counts braces even behind a backslash.
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "%": r"\%", "&": r"\&",
    "#": r"\#", "_": r"\_", "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


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


def gbt7714(found: Citation) -> str:
    """GB/T 7714-2015 §8.1, electronic resource: author. title[R/OL]. (published)[accessed]. access path.

    "Accessed" is the day of our capture in China; what is not known is left out.
    """
    published = f"({found.published})" if found.published else ""
    accessed = f"[{_day(found.record.fetched_at)}]" if found.record else ""
    where = f" {found.record.url}." if found.record else ""
    dates = f" {published}{accessed}." if published or accessed else ""
    return f"{found.agency}. {_title(found)}[R/OL].{dates}{where} 存档: {found.address}, SHA-256 {found.digest}."


def bibtex(found: Citation) -> str:
    """A BibTeX entry; ``year`` is that of publication, and left out where the site declares no date."""
    fields = {
        "author": f"{{{_tex(found.agency)}}}",
        "title": f"{{{_tex(_title(found))}}}",
        "year": found.published[:4] if found.published else "",
        "howpublished": f"\\url{{{_url(found.record.url)}}}" if found.record else "",
        "urldate": _day(found.record.fetched_at) if found.record else "",
        "note": f"{_tex(found.address)}, SHA-256 {found.digest}",
    }
    key = f"nianbao-{found.year}-{found.edition.id.rpartition('@')[2].replace('.', '-')}"
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}"


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


def _title(found: Citation) -> str:
    if found.withheld:
        return f"（已隐藏）{found.year}年政府信息公开工作年度报告"
    return found.title or f"{found.agency}{found.year}年政府信息公开工作年度报告"


def _value(cell: CellLine) -> str:
    if cell.value is None:
        return "blank" if cell.state is CellState.BLANK else f"{cell.raw.strip()!r}, no figure"
    return f"{cell.value:f} {cell.unit}".rstrip() + (f" (doubtful: {', '.join(cell.flags)})" if cell.flags else "")


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).date().isoformat()


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def _url(text: str) -> str:
    """An address as BibTeX may hold it: a brace or backslash would end the field."""
    return re.sub(r"[\\{}\s%]", lambda found: f"\\%{ord(found[0]):02X}" if found[0] != "%" else r"\%", text)
