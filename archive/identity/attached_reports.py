"""Find attachments of one page that are reports of different bodies or years, by what each says of itself. Pure.

Some governments publish one notice a year with the files of all their departments. Nothing of such a page's own
publisher is given to a file: its printed title and the words of its link say whose it is, and where these disagree
it is nobody's until a person has said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.file_endings import ENDINGS
from archive.identity import names
from archive.identity.evidence import agree, best_title
from archive.identity.names import Name
from archive.identity.titles import TitleVerdict, judge
from storage.records import Agency, Binding, Lead, Portal, Reading

_ENDING = re.compile(rf"\.(?:{ENDINGS})\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(?:附件|附)?\s*[(（]?\d{0,3}[)）]?\s*[:：.、,，\-—]*\s*")
_TITLE = "政府信息公开工作年度报告"
_DOUBTS = frozenset({"agency_conflict"})


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """Whose report something says it is, and on which year; None where it does not say."""

    name: Name | None = None
    year: int | None = None

    def differs(self, other: OwnClaim) -> bool:
        """Whether the two cannot be one report."""
        bodies = self.name is not None and other.name is not None and not agree(self.name, other.name)
        return bodies or (self.year is not None and other.year is not None and self.year != other.year)

    def of_another_body(self, other: OwnClaim) -> bool:
        """Whether the two are two bodies' own."""
        return self.name is not None and other.name is not None and not agree(self.name, other.name)


def title_of_link(text: str) -> str:
    """Give the words of a link to a file as a report's title ("附件1：司法局.docx" too); "" if they are none."""
    plain = _ENDING.sub("", text.strip())
    if judge(plain).could_be:
        return plain
    bare = names.normalise(_NUMBER.sub("", plain, count=1))
    if judge(bare).could_be:
        return bare
    return bare + _TITLE if names.looks_like_body(bare) and judge(bare + _TITLE).agency == bare else ""


def names_many(title: str) -> bool:
    """Whether a title announces the reports of many bodies (汶上县2025年各部门政府信息公开工作年度报告)."""
    verdict = judge(title)
    return verdict.could_be and verdict.generic


def _own_claim(verdict: TitleVerdict | None, place: str | None) -> OwnClaim:
    if verdict is None or not verdict.could_be:
        return OwnClaim()
    name = names.complete(verdict.agency, place) if verdict.agency and not verdict.system else None
    return OwnClaim(name if name and name.text else None, verdict.year)


def claim_of_link(text: str, place: str | None) -> OwnClaim:
    """Return the body and year that the words of a link name."""
    title = title_of_link(text)
    return _own_claim(judge(title), place) if title else OwnClaim()


def claim_of_file(reading: Reading, place: str | None) -> OwnClaim:
    """Return the body and year that the printed title of a file names."""
    return _own_claim(best_title(reading.identity.titles), place)


def are_several(page: Reading, bound: Binding, files: Sequence[tuple[str, Reading]], place: str | None) -> bool:
    """Whether the files on a page are reports of different bodies, or years.

    ``files``: the words of each file's link, and its reading. A page with figures of its own is a report itself. Where
    the page names its own body and year (or a person did), a file with another name left in it is common: then two
    files have to be other bodies', each by its title and its link.
    """
    if page.cells:
        return False
    claims = [
        (own, claim_of_link(text, place))
        for text, file in files
        if file.is_report and ((own := claim_of_file(file, place)).name is not None or file.form is not None)
    ]
    if not claims:
        return False
    if bound.is_report and bound.agency is not None and bound.year is not None:
        own = OwnClaim(names.complete(bound.agency_name, place))
        others = [
            file
            for file, link in claims
            if file.of_another_body(own) and link.of_another_body(own) and not file.differs(link)
        ]
        return _differ(others)
    linked = [claim_of_link(part.text, place) for part in page.parts if part.kind == "attachment"]
    files_differ = _differ(
        [OwnClaim(file.name or link.name, file.year or link.year) for file, link in claims], years=True
    )
    return files_differ or _differ(linked)


def _differ(claims: Sequence[OwnClaim], *, years: bool = False) -> bool:
    return any(
        one.differs(other) if years else one.of_another_body(other)
        for position, one in enumerate(claims)
        for other in claims[:position]
    )


def lead_to(url: str, text: str, page: Lead | None, portal: Portal) -> Lead:
    """Make the lead that a link on such a page is: its words, and the year that the page's own title names."""
    title = title_of_link(text)
    verdict = judge(title) if title else None
    return Lead(
        portal=portal.name,
        listing=page.listing if page else "",
        url=url,
        title=title,
        listed=page.listed if page else None,
        is_report=verdict is not None,
        agency=None,
        agency_name=None,
        year=(verdict.year if verdict else None) or (page.year if page else None),
        report_kind=None,
        confidence=0.6,
        reason="attachment",
    )


def withdraw_disputed(
    binding: Binding, reading: Reading, lead: Lead, portal: Portal, agencies: Sequence[Agency]
) -> Binding:
    """Withdraw agency or year of a binding where the file and its link disagree; what a person ruled stays."""
    if not binding.is_report or binding.is_ruled:
        return binding
    file, link = claim_of_file(reading, portal.place), claim_of_link(lead.title, portal.place)
    matched = [
        names.match_agency(claim.name.text, agencies, place=portal.place).agency for claim in (file, link) if claim.name
    ]
    same = len(matched) == 2 and matched[0] is not None and matched[0] == matched[1]
    if not same and (file.of_another_body(link) or any(f.code in _DOUBTS for f in binding.findings)):
        basis = {key: value for key, value in binding.basis.items() if key != "agency"}
        binding = replace(binding, agency=None, report_kind=None, basis=basis, reason="agency_unbound")
    if file.year is not None and lead.year is not None and file.year != lead.year:
        basis = {key: value for key, value in binding.basis.items() if key != "year"}
        binding = replace(binding, year=None, basis=basis, reason="year_unbound")
    return binding
