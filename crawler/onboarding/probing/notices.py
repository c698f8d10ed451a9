"""Bodies that only the files of a notice name: one page a year with the reports of all of them (附件1：司法局.docx)."""

from __future__ import annotations

from collections.abc import Sequence

from archive.identity import names
from archive.identity.binding import claim_of_link
from crawler.items import ReportLink
from crawler.looks.look_builder import worth_a_visit
from crawler.net.fetching import FetchContext
from crawler.onboarding.probe import ProbedAgency
from crawler.onboarding.probing.reading import Reading
from crawler.onboarding.probing.site import Site
from crawler.visits.report_parts import parts
from storage.records import AgencyKind, CaptureOutcome, CaptureRole

_NOBODYS, _GOVERNMENTS = 4, 1  # newest notices that are opened: of nobody (two a year), of the government, its office
_SEVERAL = 2  # bodies whose files make a page a notice of several
_WHOLE = frozenset({AgencyKind.GOVERNMENT, AgencyKind.OFFICE})


async def named_by_files(site: Site, reading: Reading | None) -> list[ProbedAgency]:
    """Return the bodies that files on the newest notices name, each with its notice; they are guessed until one of
    their reports is held.
    """
    if reading is None:
        return []
    made: dict[str, ProbedAgency] = {}
    place = site.portal.place or None
    links = [link for _, state, _ in reading.rows for link in worth_a_visit(site.replay, state)]
    for url in _notices(links, place):
        fetched = await site.replay.fetch(FetchContext(CaptureRole.REPORT, url))
        if fetched.verdict.outcome is not CaptureOutcome.PAGE:
            continue
        files = [part for part in parts(fetched.page, reading.family.signature()) if part.kind == "attachment"]
        named = (claim_of_link(one.text, place).name for one in files)
        said = {name.text: name for name in named if name.text and not name.foreign}
        for text, name in said.items() if len(said) >= _SEVERAL else ():
            made.setdefault(text, ProbedAgency(text, str(names.kind_of(name)), "", url, guessed=True))
    return list(made.values())


def _notices(links: Sequence[ReportLink], place: str | None) -> list[str]:
    """The addresses of the newest links worth a visit that may be notices with files of several bodies: nobody's, or
    the government's own.
    """
    found = {link.lead.url: link for link in links}
    by_year = [link.lead for link in sorted(found.values(), key=lambda link: -(link.year or 0))]
    nobodys = [lead for lead in by_year if not (lead.agency or lead.agency_name)]
    whole = [
        lead
        for lead in by_year
        if lead.agency_name and names.kind_of(names.complete(lead.agency_name, place)) in _WHOLE
    ]
    return [lead.url for lead in (*nobodys[:_NOBODYS], *whole[:_GOVERNMENTS])]
