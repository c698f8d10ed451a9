"""``cite``: an edition or a cell as GB/T 7714-2015 and BibTeX, with where its bytes lie."""

from __future__ import annotations

from archive.exports.citations import bibtex, gbt7714
from archive.exports.plain_values import cell_text
from archive.queries.results import CellLine, Citation
from nianbao.cli.asking import View, report_or_why_not
from nianbao.cli.output import Column, Format, emit, say
from storage.records import CellState


def cite(view: View) -> None:
    """Cite a report or one figure of it: an address that stays, GB/T 7714, BibTeX, and where the bytes lie."""
    found = report_or_why_not(view)
    if view.fmt is not Format.TABLE:
        row = found.to_dict() | {"gbt7714": gbt7714(found), "bibtex": bibtex(found)}
        emit([row], tuple(Column(key, key) for key in row), view.fmt)
        return
    say(found.address)
    if found.cell is not None:
        say(f"{found.cell.section}: {found.cell.row}: {found.cell.column}: {_value(found.cell)}")
    say(gbt7714(found))
    say(bibtex(found))
    for line in _bytes(found):
        say(line)


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
