"""Write packages of evidence (WACZ files) that say what their records prove, and what was left out and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from archive.exports.formats.columns import sheet as sheet_of_table
from archive.exports.plain_values import json_of, jsonable
from archive.exports.report_rows import duty_rows
from archive.queries.evidence import Packing, pack
from archive.queries.where import Where, choose
from archive.queries.withheld_content import Outgoing, outgoing
from storage.home import Home
from storage.records import Agency
from storage.registry import Registry
from storage.wacz import SUFFIX, PackageContents, Packed, write_wacz

_WHAT = """Open-government annual reports that the portal *{portal}* ({place}) showed on the year {year}, with the list
pages and looks that prove since when each was there or was not. `nianbao/duties.jsonl` says what this is evidence for.

The records are copied byte for byte from the WARC files of the archive; before those of each file stands its own
warcinfo record. Answers "304 Not Modified" are in the WARC file and not in the index, for they have no body to show."""


def package_name(portal: str, year: int, agency: Agency | None = None) -> str:
    """Return the file name of a package on all reports of a portal and year, or on that of ``agency``."""
    subject = re.sub(r"[^a-z0-9_]+", "-", agency.id.lower()) if agency else portal
    return f"{subject}-{year}{SUFFIX}"


def write_package(
    home: Home, portal: str, year: int, path: Path, agency: Agency | None = None
) -> tuple[Packing, Packed]:
    """Write the evidence for all reports of a portal on a year, or for the report of one agency, to a WACZ.

    Raises :class:`archive.queries.bounds.NotKnownError` and StorageError.
    """
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
            "naming": _mentioning(packing, outgoing(home)),
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
    contents = PackageContents(
        name=f"{re.sub(r'[^a-z0-9_-]', '_', portal.lower())}-{year}", captures=packing.captures, info=info, about=about,
        pages=packing.pages or packing.lists, lists=packing.lists if packing.pages else (),
        files={"nianbao/duties.jsonl": duties},
    )  # fmt: skip
    return packing, write_wacz(path, home.blobs, contents, home.clock.now())


def _duties(home: Home, portal: str, year: int, agency: str | None) -> Iterator[str]:
    """Yield the rows of ``export duties`` for a portal and year (``agency``: only its), as JSON lines."""
    names = [one.name for one in sheet_of_table("duties", ()).columns]
    for row in duty_rows(choose(home, Where(portal=portal))):
        if row["year"] == year and agency in {None, row["agency_id"]}:
            yield json_of({name: row[name] for name in names})


def _withheld(packing: Packing, out: Outgoing) -> list[dict[str, object]]:
    """Return the documents that a ruling keeps out of the package, each with that ruling or another reason."""
    rows: list[dict[str, object]] = []
    for digest, ruling in packing.withheld.items():
        because = {"by": ruling.by, "at": jsonable(ruling.made_at), "reason": out.text(ruling.reason)} if ruling else {}
        rows.append({"document": f"sha256:{digest}", **(because or {"reason": "stood in the place of a withheld one"})})
    return rows


def _mentioning(packing: Packing, out: Outgoing) -> list[dict[str, object]]:
    """Return the captures left out for mentioning a withheld report; the digests can prove that they exist."""
    return [
        {
            "record": f"urn:uuid:{UUID(one.id)}", "url": out.address(one.url), "at": jsonable(one.fetched_at),
            "role": one.role.value, "document": f"sha256:{one.document}" if one.document else None,
            "reason": "names a withheld report",
        }
        for one in packing.mentioning
    ]  # fmt: skip
