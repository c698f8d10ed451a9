"""``export`` on the command line: every table in every format, and packages of evidence (``wacz``)."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from archive.exports.duty_and_lead_rows import duty_rows
from archive.exports.files import safe_place
from archive.exports.formats.columns import FileFormat, Row
from archive.exports.formats.columns import sheet as sheet_of_table
from archive.exports.json_values import json_of
from archive.exports.plain_values import jsonable
from archive.exports.tables import Table, TableQuestion, answer
from archive.exports.writing import check, format_of, watched, write_file, write_lines
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.evidence_package import Packing, pack
from archive.queries.where import Where, choose, one_agency
from archive.queries.withheld_content import Outgoing, outgoing
from nianbao.cli import common
from nianbao.cli.answers.empty_answers import nothing
from nianbao.cli.command_functions import ARCHIVE, archive_command, keyword, with_parameters
from nianbao.cli.model_options import ModelOptions, option
from nianbao.cli.options import STDOUT, place_of, portal_of, year_of
from nianbao.cli.output import say
from nianbao.cli.screens import show
from nianbao.language import Language, current
from nianbao.parameters import Paged, understood
from nianbao.people_tables import for_people
from nianbao.questions import parameters_of_table, table_question
from nianbao.sentences import note_sentence, sentence
from storage.home import Home
from storage.records import Agency
from storage.registry import Registry
from storage.wacz import SUFFIX, Contents, Packed, write_wacz

_FORMAT = Annotated[str | None, typer.Option("--format", metavar="FORMAT", show_default=False)]
_OF_INDICATORS = frozenset({Table.CELLS, Table.FIGURES})


def exported(name: str) -> Callable[..., None]:
    """The command that exports a table."""
    table = Table(name)
    left_out = {"lang", *Paged.model_fields}
    fields = {key: one for key, one in parameters_of_table(name).model_fields.items() if key not in left_out}
    options = ModelOptions(fields, [key for key in ("indicator",) if key in fields])
    more = [
        *([keyword("wide", bool, False)] if table in _OF_INDICATORS else []),
        keyword("fmt", _FORMAT, None), keyword("output", Path | None, None), keyword("bom", bool, False),
        keyword("licence", str, ""), ARCHIVE,
    ]  # fmt: skip

    def run(**values: Any) -> None:
        parameters = understood(parameters_of_table(name), options.given(values), option)
        settings = {one.name: values.get(one.name, one.default) for one in more}
        _export(table_question(name, parameters, wide=settings.pop("wide", False)), **settings)

    return with_parameters(run, name, [*options.parameters(), *more])


def _export(
    table_asked: TableQuestion, fmt: str | None, output: Path | None, bom: bool, licence: str, archive: Path | None
) -> None:
    target = None if output is None or output == STDOUT else output
    kind = format_of(fmt, target)
    check(kind)
    if target is None and not kind.is_text:
        common.fail(sentence("export.no_text", format=kind.value))
    if bom and kind is not FileFormat.CSV:
        common.fail(sentence("export.bom"))
    with common.opened(archive) as home:
        place = None if target is None else safe_place(home, target)
        sheet, about = answer(home, table_asked)
        if kind is FileFormat.XLSX and current() is Language.ZH:
            sheet = for_people(sheet, "zh")
        sheet = replace(sheet, rows=_or_why_not(home, table_asked, sheet.rows))
        if place is None:
            write_lines(kind, sheet, sys.stdout, bom=bom)
            return
        sheet = watched(sheet, sentence("export.rows", table="{table}", rows="{rows}"))
        try:
            written = write_file(sheet, replace(about, licence=licence), kind, place, bom=bom)
        except OSError as error:
            common.fail(sentence("export.not_written", place=place, cause=error.strerror), common.UNFINISHED)
    say(sentence("page.rows", place=place, rows=written.rows))
    if written.inexact:
        common.write_error(sentence("export.inexact", count=written.inexact, format=kind.value))
    common.attention(written.inexact)


def _or_why_not(home: Home, table_asked: TableQuestion, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; where there are none, it is told whether that is known."""
    walked = iter(rows)
    first = next(walked, None)
    if first is not None:
        yield first
        yield from walked
    else:
        coverage = knowledge_of(home, table_asked.where, years=table_asked.years, as_of=table_asked.as_of)
        say(nothing(sentence("what.asked"), coverage), sys.stderr)


@archive_command()
def wacz(
    home: Home,
    *,
    year: Annotated[int, typer.Option("--year", parser=year_of, metavar="YEAR")],
    portal: str | None = None,
    agency: str | None = None,
    output: Path | None = None,
) -> None:
    """The evidence for the reports of a portal on a year, in one file that replay tools open: records, index, pages."""
    portal, one = _portal_and_agency(home, portal, agency)
    name = re.sub(r"[^a-z0-9_]+", "-", one.id.lower()) if one else portal
    path = place_of(home, output or home.path / "exports" / f"{name}-{year}{SUFFIX}")
    if path.suffix != SUFFIX:
        common.fail(sentence("export.suffix", path=path, suffix=SUFFIX))
    packing, packed = _write_package(home, portal, year, path, one)
    show("packed", packing=packing, packed=packed)
    for problem in packed.problems:
        common.write_error(note_sentence(problem))
    common.attention(packed.problems)


def _portal_and_agency(home: Home, portal: str | None, agency: str | None) -> tuple[str, Agency | None]:
    """The portal whose evidence is packed, and the agency if it is that of one alone."""
    portal_name = portal_of(home, portal)
    if agency is None:
        if portal_name is None:
            common.fail(sentence("export.whose"))
        return portal_name, None
    one = one_agency(home, agency)
    if portal_name is not None and portal_name != one.portal:
        common.fail(sentence("export.other_portal", agency=one.name, portal=one.portal, named=portal_name))
    return one.portal, one


_WHAT = """Open-government annual reports that the portal *{portal}* ({place}) showed on the year {year}, with the list
pages and looks that prove since when each was there or was not. `nianbao/duties.jsonl` says what this is evidence for.

The records are copied byte for byte from the WARC files of the archive; before those of each file stands its own
warcinfo record. Answers "304 Not Modified" are in the WARC file and not in the index, for they have no body to show."""


def _write_package(home: Home, portal: str, year: int, path: Path, agency: Agency | None) -> tuple[Packing, Packed]:
    packing = pack(home, portal, year, agency.id if agency else None)
    place = next((one.place for one in Registry(home).portals() if one.name == portal), portal)
    software = f"nianbao/{version('nianbao')}"
    description = _WHAT.format(portal=portal, place=place, year=year)
    if home.simulated:
        description = f"**Simulated**: the portals are imitations on one machine.\n\n{description}"
    about: dict[str, object] = {
        "title": f"{agency.name if agency else place} {year}: 政府信息公开工作年度报告",
        "description": description, "software": software,
        "nianbao": {
            "portal": portal, "year": year, **({"agency": agency.id} if agency else {}), "simulated": home.simulated,
            "failed_fetches": packing.failures, "withheld": _withheld(packing, outgoing(home)),
            "naming": _naming(packing),
        },
    }  # fmt: skip
    info = {
        "software": software, "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "operator": home.config.contact, "isPartOf": f"{portal} {year}",
        "description": "records copied byte for byte from files whose warcinfo records stand before theirs",
        "simulated": "true" if home.simulated else "",
    }  # fmt: skip
    duties = _duties(home, portal, year, agency.id if agency else None)
    contents = Contents(
        name=f"{re.sub(r'[^a-z0-9_-]', '_', portal.lower())}-{year}", captures=packing.captures, pages=packing.pages,
        lists=packing.lists, info=info, about=about, files={"nianbao/duties.jsonl": duties},
    )  # fmt: skip
    return packing, write_wacz(path, home.blobs, contents, home.clock.now())


def _duties(home: Home, portal: str, year: int, agency: str | None) -> Iterator[str]:
    """The rows of ``export duties`` for these reports."""
    names = [one.name for one in sheet_of_table("duties", ()).columns]
    for row in duty_rows(choose(home, Where(portal=portal))):
        if row["year"] == year and agency in {None, row["agency_id"]}:
            yield json_of({name: row[name] for name in names})


def _withheld(packing: Packing, out: Outgoing) -> list[dict[str, object]]:
    """What is not in the package though it belongs there, with the ruling where one names it or its report."""
    rows: list[dict[str, object]] = []
    for digest, ruling in packing.withheld.items():
        because = {"by": ruling.by, "at": jsonable(ruling.made_at), "reason": out.text(ruling.reason)} if ruling else {}
        rows.append({"document": f"sha256:{digest}", **(because or {"reason": "stood in the place of a withheld one"})})
    return rows


def _naming(packing: Packing) -> list[dict[str, object]]:
    """Captures that are not in the package because they name a withheld report: whoever holds the archive can vouch
    for each by its digest.
    """
    return [
        {
            "record": f"urn:uuid:{UUID(one.id)}",
            "url": packing.addresses[one.id],
            "at": jsonable(one.fetched_at),
            "role": one.role.value,
            "document": f"sha256:{one.document}" if one.document else None,
            "reason": "names a withheld report",
        }
        for one in packing.naming
    ]
