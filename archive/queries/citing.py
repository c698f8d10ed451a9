"""Make and resolve citations: addresses of one edition or cell that work in every archive with the same captures.

``nianbao:汶上县司法局/2022@3849bd8540d8#applications.received.total`` consists of the agency's name (or id), the
reporting year, the beginning of the SHA-256 of a document of the edition, and an indicator of the forms. The digest is
that of the bytes that a portal sent, so it stays the same with better readers and after rebuilds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from urllib.parse import unquote

from archive.identity.titles import judge
from archive.queries.bounds import NotKnownError, QueryError
from archive.queries.reports import show
from archive.queries.results import AgencyLine, CitableAbsence, Citation, DutyLine, Report, Verdict
from archive.queries.verdict import status
from archive.queries.where import agencies_named
from archive.queries.words import word
from storage.home import Home
from storage.records import SHANGHAI, Status
from storage.registry import Registry

SCHEME = "nianbao:"
_ADDRESS = re.compile(
    r"nianbao:(?P<agency>[^@#\x00-\x1f]{1,300})/(?P<year>\d{4})@(?P<digest>[0-9a-f]{6,64}(?:\.\d{1,4})?)"
    r"(?:#(?P<cell>[a-z0-9_.]{1,200}))?"
)
_DUTY = re.compile(r"nianbao:(?P<agency>[^@#\x00-\x1f]{1,300})/(?P<year>\d{4})")
_SITE = re.compile(r"[_|｜\-–—\s]+")  # separators between a title and the name of its site


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationAddress:
    """The parts of an address. ``digest``: six hex digits or more, and ``.2`` if earlier content returned."""

    agency: str
    year: int
    digest: str
    cell: str | None = None

    def __str__(self) -> str:
        cell = f"#{self.cell}" if self.cell else ""
        return f"{SCHEME}{self.agency}/{self.year}@{self.digest}{cell}"


def parse(text: str) -> CitationAddress:
    """Parse the address of an edition or cell. Raises QueryError, a ValueError, if it is invalid."""
    match = _ADDRESS.fullmatch(unquote(text.strip()))
    if match is None:
        raise QueryError(code="query.no_address", text=text)
    return CitationAddress(agency=match["agency"], year=int(match["year"]), digest=match["digest"], cell=match["cell"])


def parse_duty(text: str) -> tuple[str, int] | None:
    """Parse the address of a report without an edition (for absences) as agency and year; None for other texts."""
    match = _DUTY.fullmatch(unquote(text.strip()))
    return (match["agency"], int(match["year"])) if match else None


def cite(home: Home, agency: str, year: int, edition: str | None = None, cell: str | None = None) -> Citation:
    """Cite the report of ``agency`` on ``year``: its newest edition or ``edition``, or one ``cell`` of it.

    Raises :class:`NotKnownError` if the edition is not held or has no such cell.
    """
    return citation_of(home, show(home, agency, year, edition), cell)


def cite_absence(home: Home, agency: str, year: int, *, as_of: datetime | None = None) -> CitableAbsence:
    """Cite that the report of ``agency`` on ``year`` was looked for and not found.

    Raises :class:`NotKnownError` if the report was found, or if its absence is not certain.
    """
    verdict = status(home, agency, year, as_of=as_of)
    absence, duty = absence_of(home, verdict), verdict.duty
    if absence is None:
        raise NotKnownError(
            code="not_known.absence_unknown" if duty.status is Status.UNKNOWN else "not_known.no_absence",
            status={"zh": word("status", duty.status, "zh"), "en": duty.status},
            evidence={"zh": word("evidence", duty.evidence, "zh"), "en": duty.evidence},
            said={"zh": duty.zh, "en": duty.en},
            address=duty_address(home, duty),
            at=f"{verdict.stated_as_of.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        )
    return absence


def duty_address(home: Home, duty: DutyLine) -> str:
    """Return the address of a report that is due, without an edition."""
    return f"{SCHEME}{_name_in_address(home, duty.agency)}/{duty.year}"


def absence_of(home: Home, verdict: Verdict) -> CitableAbsence | None:
    """Return the absence that a verdict states, or None if its status is neither MISSING nor NOT_FOUND."""
    duty = verdict.duty
    if duty.status not in {Status.MISSING, Status.NOT_FOUND}:
        return None
    proving = {one.id for one in duty.looks}
    return CitableAbsence.of(
        duty,
        address=duty_address(home, duty),
        agency=duty.agency.name,
        place=duty.agency.place,
        portal=duty.agency.portal,
        due=duty.due or duty.practice,
        basis=verdict.basis,
        as_of=verdict.stated_as_of,
        looks=tuple(one for one in verdict.looks if one.id in proving) or verdict.looks,
        simulated=home.simulated,
    )


def _name_in_address(home: Home, agency: AgencyLine) -> str:
    """Return the agency's name if no other agency has it, else its id."""
    is_own = [one.id for one in agencies_named(home, agency.name)] == [agency.id]
    return agency.name if is_own else agency.id


def resolve(home: Home, address: CitationAddress) -> Citation:
    """Return the edition or cell that an address means. Raises :class:`NotKnownError` if this archive lacks it."""
    return citation_of(home, report_at(home, address), address.cell)


def report_at(home: Home, address: CitationAddress, reader: str | None = None) -> Report:
    """Return the edition that an address means. Raises :class:`NotKnownError` if this archive lacks it.

    If several agencies have the name, or had it before they were renamed, the digest decides between them.
    """
    agency_ids = list(Registry(home).agencies_once_named(address.agency))
    try:
        agency_ids = [*dict.fromkeys([*agency_ids, *(one.id for one in agencies_named(home, address.agency))])]
    except NotKnownError as error:
        if not agency_ids:
            code = "not_known.address_agency"
            raise NotKnownError(suggestions=error.suggestions, code=code, text=address.agency) from None
    for agency in agency_ids:
        try:
            return show(home, agency, address.year, address.digest, reader)
        except NotKnownError:
            continue
    addresses = [one for agency in agency_ids for one in _held_addresses(home, agency, address.year)]
    raise NotKnownError(
        suggestions=addresses,
        code="not_known.address_edition",
        digest=address.digest,
        agency=address.agency,
        year=address.year,
    )


def _held_addresses(home: Home, agency: str, year: int) -> list[str]:
    """Return the addresses of the held editions of a report, for suggestions."""
    try:
        newest = show(home, agency, year)
    except NotKnownError:
        return []
    one = address_of(home, newest)
    return [str(one), *(str(replace(one, digest=other.rpartition("@")[2])) for other in newest.others)]


def citation_of(home: Home, report: Report, cell: str | None) -> Citation:
    """Cite a loaded report or a cell of it. Raises :class:`NotKnownError` as :func:`cite`."""
    line = None
    if cell is not None and not report.withheld:
        line = next((one for one in report.cells if one.id == cell), None)
        if line is None:
            near = get_close_matches(cell, [one.id for one in report.cells], 5, 0.5)
            raise NotKnownError(suggestions=near, code="not_known.cell", edition=report.edition.id, text=cell)
    edition = report.edition
    record = report.source or next(iter(edition.captures), None)
    return Citation(
        address=str(address_of(home, report, cell)),
        agency=report.agency.name,
        place=report.agency.place,
        year=edition.year,
        title=_without_site_name(report.title),
        edition=edition,
        published=edition.declared.isoformat() if edition.declared else None,
        record=record,
        digest=(record.document if record else None) or edition.cells_from or edition.main,
        cell=line,
        withheld=report.withheld,
        simulated=home.simulated,
    )


def address_of(home: Home, report: Report, cell: str | None = None) -> CitationAddress:
    """Return the address of an edition or of a cell of it."""
    return CitationAddress(
        agency=_name_in_address(home, report.agency),
        year=report.edition.year,
        digest=report.edition.id.rpartition("@")[2],
        cell=cell,
    )


def _without_site_name(title: str) -> str:
    """Return a page's title without the name of its site at the end (…年度报告_中国·汶上)."""
    heads = (title[: match.start()].strip() for match in _SITE.finditer(title))
    return next((head for head in heads if judge(head).could_be), title)
