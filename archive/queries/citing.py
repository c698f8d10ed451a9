"""Make and resolve citations, and list the works (papers, articles) that are ruled to rest on a report.

An address of one edition or cell works in every archive with the same captures:
``nianbao:汶上县司法局/2022@3849bd8540d8#applications.received.total`` consists of the agency's name (or id), the
reporting year, the beginning of the SHA-256 of a document of the edition, and an indicator of the forms. The digest is
that of the bytes that a portal sent, so it stays the same with better readers and after rebuilds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from urllib.parse import unquote

from archive.assessment.calendar import local_day
from archive.identity.titles import judge_title
from archive.queries.bounds import NotKnownError, QueryError, data_file, fill_both_languages
from archive.queries.frames import Result
from archive.queries.reports import show
from archive.queries.results import AgencyLine, CitableAbsence, Citation, Difference, Report, Verdict
from archive.queries.revisions import REPORTED_CODES, RevisionLine, find_changes
from archive.queries.selection import Selection
from archive.queries.stored import group_by
from archive.queries.verdict import status
from archive.queries.where import EVERYTHING, Where, agencies_named, choose
from archive.queries.words import moment, word
from storage.home import Home
from storage.observations import Observations
from storage.records import SHANGHAI, ReportKey, Ruling, RulingKind, Status
from storage.registry import Registry, agencies_by_id

SCHEME = "nianbao:"
_ADDRESS = re.compile(
    r"nianbao:(?P<agency>[^@#\x00-\x1f]{1,300})/(?P<year>\d{4})"
    r"(?:@(?:(?P<day>\d{4}-\d\d-\d\d)|(?P<digest>[0-9a-f]{6,64}(?:\.\d{1,4})?)(?:#(?P<cell>[a-z0-9_.]{1,200}))?))?"
)
_SITE = re.compile(r"[_|｜\-–—\s]+")  # separators between a title and the name of its site


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationAddress:
    """The parts of an address. ``digest``: six hex digits or more, and ``.2`` if earlier content returned; None in the
    address of a status (for absences), which has the ``day`` as of which it holds.
    """

    agency: str
    year: int
    digest: str | None = None
    cell: str | None = None
    day: str | None = None

    def __str__(self) -> str:
        edition = f"@{self.digest or self.day}" if self.digest or self.day else ""
        return f"{SCHEME}{self.agency}/{self.year}{edition}" + (f"#{self.cell}" if self.cell else "")


def parse_address(text: str) -> CitationAddress:
    """Parse the address of a report, an edition or a cell. Raises QueryError, a ValueError, if it is invalid."""
    match = _ADDRESS.fullmatch(unquote(text.strip()))
    if match is None:
        raise QueryError(code="query.no_address", text=text)
    digest, cell, day = match["digest"], match["cell"], match["day"]
    return CitationAddress(agency=match["agency"], year=int(match["year"]), digest=digest, cell=cell, day=day)


def identified(text: str) -> CitationAddress | None:
    """Return the parts of an address, or of the id of a report or edition, which lacks the scheme; None of others."""
    try:
        return parse_address(SCHEME + text.strip().removeprefix(SCHEME))
    except QueryError:
        return None


def cite_absence(home: Home, agency: str, year: int, *, as_of: datetime | None = None) -> CitableAbsence:
    """Cite that the report of ``agency`` on ``year`` was looked for and not found by ``as_of`` (None: now). Raises
    :class:`NotKnownError` if the report was found, or if its absence is not certain.
    """
    verdict = status(home, agency, year, as_of=as_of)
    absence, duty = absence_of(home, verdict), verdict.duty
    if absence is None:
        raise NotKnownError(
            code="not_known.absence_unknown" if duty.status is Status.UNKNOWN else "not_known.no_absence",
            status={"zh": word("status", duty.status, "zh"), "en": duty.status},
            evidence={"zh": word("evidence", duty.evidence, "zh"), "en": duty.evidence},
            said={"zh": duty.zh, "en": duty.en},
            address=duty_address(home, verdict),
            at=f"{verdict.stated_as_of.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        )
    return absence


def duty_address(home: Home, verdict: Verdict) -> str:
    """Return the address of a status, with the day as of which it is stated."""
    duty, day = verdict.duty, local_day(verdict.stated_as_of).isoformat()
    return str(CitationAddress(agency=_name_in_address(home, duty.agency), year=duty.year, day=day))


def absence_of(home: Home, verdict: Verdict) -> CitableAbsence | None:
    """Return the absence that a verdict states, or None if its status is neither MISSING nor NOT_FOUND."""
    duty = verdict.duty
    if duty.status not in {Status.MISSING, Status.NOT_FOUND}:
        return None
    proving = {one.id for one in duty.looks}
    return CitableAbsence.of(
        duty,
        address=duty_address(home, verdict),
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


def report_at(home: Home, address: CitationAddress, reader: str | None = None) -> Report:
    """Return the edition (content for a time) that an address means, without a digest the newest (by its day);
    ``reader``: as in ``show``. Raises :class:`NotKnownError` if this archive lacks it. If several agencies have the
    name, or had it before they were renamed, the digest decides.
    """
    if address.digest is None:
        as_of = moment(address.day, "as_of", end=True) if address.day else None
        editions = status(home, address.agency, address.year, as_of=as_of).editions if as_of else ()
        if as_of and not editions:
            raise NotKnownError(code="not_known.report", agency=address.agency, year=address.year)
        return show(home, address.agency, address.year, editions[-1].id if editions else None, reader)
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
    address = address_of(home, newest)
    return [str(address), *(str(replace(address, digest=other.rpartition("@")[2])) for other in newest.others)]


def citation_of(home: Home, report: Report, cell: str | None) -> Citation:
    """Cite a report or one cell of it (indicator ``cell``; not if withheld). Raises NotKnownError if it lacks it."""
    line = None
    if cell is not None and not report.withheld:
        line = next((one for one in report.cells if one.id == cell), None)
        if line is None:
            similar = get_close_matches(cell, [one.id for one in report.cells], 5, 0.5)
            raise NotKnownError(suggestions=similar, code="not_known.cell", edition=report.edition.id, text=cell)
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


def citations_of_change(home: Home, change: Difference) -> list[Citation]:
    """Cite the editions before and after a change."""
    editions = (change.before.id, change.after.id)
    return [citation_of(home, show(home, change.agency.id, change.year, one), None) for one in editions]


def address_of(home: Home, report: Report, cell: str | None = None) -> CitationAddress:
    """Return the address of an edition or of a cell of it."""
    agency, edition = _name_in_address(home, report.agency), report.edition
    return CitationAddress(agency=agency, year=edition.year, digest=edition.id.rpartition("@")[2], cell=cell)


def _without_site_name(title: str) -> str:
    """Return a page's title without the name of its site at the end (…年度报告_中国·汶上)."""
    heads = (title[: match.start()].strip() for match in _SITE.finditer(title))
    return next((head for head in heads if judge_title(head).could_be), title)


# ------------------------------------------------------------------------------------------- works that cite a report


class CitingWork(Result):
    """A work that cites the report of ``agency`` on ``year``. ``used``: when its author read the report.

    ``changes``: codes of the changes of the report met only after that, oldest first; ``changed``: when the last of
    them was met, None if there is none. ``ruling``: the id of the ruling that entered the work. ``edition``, ``cell``:
    what the work cites of the report, if the ruling says so.
    """

    agency: AgencyLine
    year: int
    title: str
    url: str | None
    used: datetime
    changed: datetime | None
    changes: tuple[str, ...]
    zh: str
    en: str
    ruling: str
    edition: str | None
    cell: str | None


def cited_by(home: Home, where: Where = EVERYTHING) -> tuple[CitingWork, ...]:
    """Return the works known at the time asked about that cite the chosen reports, by agency, year, title."""
    chosen = choose(home, where)
    citing = citing_rulings(home, chosen.as_of)
    agencies = chosen.lines({agency for agency, _ in citing})
    of_agencies = (report for report in sorted(citing) if report[0] in agencies)
    reports = [report for report in of_agencies if chosen.years is None or report[1] in chosen.years]
    changes = _changes(chosen, reports) if reports else {}
    return tuple(
        _citing_work(chosen, agencies[report[0]], report[1], ruling, changes.get(report, ()))
        for report in reports
        for ruling in sorted(citing[report], key=lambda one: one.subject)
    )


def citing_rulings(home: Home, as_of: datetime) -> Mapping[ReportKey, Sequence[Ruling]]:
    """Return by report (agency id, year) the rulings that a work cites it, made by ``as_of`` and not lifted since."""
    rulings = [one for one in Observations(home).rulings(RulingKind.CITED_BY) if one.made_at <= as_of]
    by_report: dict[ReportKey, list[Ruling]] = defaultdict(list)
    for ruling in {one.subject: one for one in rulings}.values():
        if not ruling.decision.get("lifted"):
            agency, _, year = ruling.subject.partition("#")[0].rpartition("/")
            by_report[agency, int(year)].append(ruling)
    return by_report


def _changes(chosen: Selection, reports: Sequence[ReportKey]) -> Mapping[ReportKey, Sequence[RevisionLine] | None]:
    """Return the changes of each report, oldest first; None for a withheld report: no change of it is given out."""
    by_id = {one.id: one for one in agencies_by_id(chosen.home, {agency for agency, _ in reports})}
    events = list(find_changes(replace(chosen, by_id=by_id), REPORTED_CODES))
    lines = sorted((one.line for one in events), key=_when_changed)
    changes = group_by(lines, lambda line: (line.agency.id, line.year))
    return changes | dict.fromkeys((one.line.agency.id, one.line.year) for one in events if one.secret)


def _when_changed(line: RevisionLine) -> datetime:
    """Return by when a report had changed: the archive may know of it later, from another archive's captures."""
    return line.first_after or line.known


def _citing_work(
    chosen: Selection, agency: AgencyLine, year: int, ruling: Ruling, lines: Sequence[RevisionLine] | None
) -> CitingWork:
    """Return the work that a ruling names, with the report's changes since; ``lines``: all of them (None: withheld)."""
    used_at, url = _when_used(ruling), ruling.decision.get("url")
    later = [one for one in lines or () if _when_changed(one) > used_at]
    changed = _when_changed(later[-1]) if later else None
    codes = tuple(dict.fromkeys(one.change for one in later))
    sentence = data_file("words.toml")["citing"]["withheld" if lines is None else "changed" if later else "unchanged"]
    changes = [{lang: word("change", code, lang) or code for lang in ("zh", "en")} for code in codes]
    values = {"day": local_day(changed) if changed else "", "changes": changes}
    return CitingWork(
        agency=agency,
        year=year,
        title=chosen.out.text(str(ruling.decision["title"])),
        url=chosen.out.address(str(url)) if url else None,
        used=used_at,
        changed=changed,
        changes=codes,
        ruling=ruling.id,
        edition=_text(ruling.decision.get("edition")),
        cell=_text(ruling.decision.get("cell")),
        **fill_both_languages(sentence, values),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _when_used(ruling: Ruling) -> datetime:
    """Return the begin of the day on which the author read the report; if it is not given, when the ruling was made."""
    day = ruling.decision.get("used")
    return datetime.fromisoformat(day) if isinstance(day, str) else ruling.made_at
