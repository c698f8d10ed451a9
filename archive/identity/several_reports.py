"""Recognise reports of several agencies: joint names, titles for many agencies, pages with several attached reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from archive.file_endings import ENDINGS
from archive.identity.divisions import is_listed, split
from archive.identity.evidence import IdentityClaim, best_title, claim_of_title
from archive.identity.matching import match_agency
from archive.identity.names import complete, looks_like_agency, normalise
from archive.identity.titles import judge_title
from storage.records import Agency, Binding, Lead, Portal, Reading

MAX_JOINED_NAMES = 8
_SIGNS = re.compile("[、,;/和与及暨]")
_FILE_ENDING = re.compile(rf"\.(?:{ENDINGS})\s*$", re.I)
_FILE_NUMBER = re.compile(r"^\s*(?:附件|附)?\s*[(（]?\d{0,3}[)）]?\s*[:：.、,，\-—]*\s*")
_REPORT_WORDS = "政府信息公开工作年度报告"


def joined_names(printed: str) -> tuple[str, ...]:
    """Return the names that a printed name joins (汶上县司法局、财政局); () for the name of one agency (发展和改革局),
    also of a place that begins with 和 (天津市和平区财政局).
    """
    divisions, local = split(normalise(printed))
    names, begun = list[str](), ""
    for part in _SIGNS.sub(lambda sign: f"\n{sign[0]}\n" if _joins(sign) else sign[0], local).split("\n"):
        begun = "" if not begun and len(part) == 1 else begun + part
        if looks_like_agency(begun):
            names.append(begun)
            begun = ""
    is_joint = not begun and 1 < len(names) <= MAX_JOINED_NAMES
    return ("".join(divisions) + names[0], *names[1:]) if is_joint else ()


def _joins(sign: re.Match[str]) -> bool:
    """Whether a sign between names may join them, and is not the first of a place's name (和平区)."""
    places, _ = split(sign.string[sign.start() :])
    return not (places and is_listed(places[0]))


def announced_agencies(lead: Lead, agencies: Sequence[Agency], place: str) -> tuple[str, ...]:
    """Return the ids of the agencies that a lead's report is of: its agency, or all those in its joint name."""
    if lead.agency is not None:
        return (lead.agency,)
    joined = joined_names(lead.agency_name or "")
    matches = (match_agency(one, agencies, place=place, year=lead.year).agency for one in joined)
    return tuple(dict.fromkeys(agency.id for agency in matches if agency is not None))


def names_many(title: str) -> bool:
    """True if a title announces the reports of many agencies (汶上县2025年各部门政府信息公开工作年度报告)."""
    verdict = judge_title(title)
    return verdict.could_be and verdict.generic


def name_two(title: str, other: str) -> bool:
    """True if two titles name different agencies, and neither name is the end of the other."""
    a, b = (judge_title(one, in_column=True).agency for one in (title, other))
    return bool(a and b) and not (a.endswith(b) or b.endswith(a))


# --------------------------------------------------------------------------------------- reports in the files of a page


def title_of_link(text: str) -> str:
    """Return the report's title in the text of a link to a file ("附件1：司法局.docx" too); "" if there is none."""
    plain = _FILE_ENDING.sub("", text.strip())
    bare = normalise(_FILE_NUMBER.sub("", plain, count=1))
    titles = (plain, bare, f"{bare}{_REPORT_WORDS}" if looks_like_agency(bare) else "")
    return next((title for title in titles if judge_title(title).could_be), "")


def claim_of_link(text: str, place: str | None) -> IdentityClaim:
    """Return the agency (completed from ``place``) and year in the text of a link to a file."""
    return claim_of_title(judge_title(title_of_link(text)), "listing", place)


def _claim_of_file(reading: Reading, place: str | None) -> IdentityClaim:
    return claim_of_title(best_title(reading.identity.titles), "title", place)


def are_several(page: Reading, bound: Binding, files: Sequence[tuple[str, Reading]], place: str | None) -> bool:
    """True if the files on a page are reports of different agencies or years.
    ``files``: the text of each file's link, and its reading. A page with cells of its own is a report itself: False. If
    the page is bound to an agency and year, two files must be of other agencies, both by their title and their link.
    """
    read = [(_claim_of_file(file, place), claim_of_link(text, place), file) for text, file in files if file.is_report]
    pairs = [(own, link) for own, link, file in read if own.name.text or file.form]
    if page.cells or not pairs:
        return False
    if bound.is_report and bound.agency is not None and bound.year is not None:
        of_page = IdentityClaim("title", complete(bound.agency_name, place))
        agreed = (own for own, link in pairs if not own.contradicts(link))
        return _name_two_agencies(own for own in agreed if own.of_another_agency(of_page))
    merged = [own.completed_by(link) for own, link in pairs]
    linked = (claim_of_link(part.text, place) for part in page.parts if part.kind == "attachment")
    return len({one.year for one in merged} - {None}) > 1 or _name_two_agencies(merged) or _name_two_agencies(linked)


def _name_two_agencies(claims: Iterable[IdentityClaim]) -> bool:
    return any(one.of_another_agency(other) for one, other in combinations(claims, 2))


def lead_to(url: str, text: str, page: Lead | None, portal: Portal) -> Lead:
    """Make a lead of a link on a page with several reports: title and year by its text, else the year of the page."""
    title = title_of_link(text)
    return Lead(
        portal=portal.name, listing=page.listing if page else "", url=url, title=title,
        listed=page.listed if page else None, is_report=bool(title), agency=None, agency_name=None,
        year=judge_title(title).year or (page.year if page else None),
        report_kind=None, confidence=0.6, reason="attachment",
    )  # fmt: skip


def withdraw_disputed(
    binding: Binding, reading: Reading, lead: Lead, portal: Portal, agencies: Sequence[Agency]
) -> Binding:
    """Return the binding (to agency and year) without that on which the file and its link contradict each other: wrong
    ones would be counted against another agency. What a person ruled stays. ``lead``: the link to the file.
    """
    if not binding.is_report or binding.is_ruled:
        return binding
    file, link = _claim_of_file(reading, portal.place), claim_of_link(lead.title, portal.place)
    by_file, by_link = (match_agency(one.name.text, agencies, place=portal.place).agency for one in (file, link))
    is_disputed = file.of_another_agency(link) or any(one.code == "agency_conflict" for one in binding.findings)
    if is_disputed and (by_file is None or by_file != by_link):
        binding = replace(_without(binding, "agency"), report_kind=None)
    return _without(binding, "year") if None not in (file.year, lead.year) and file.year != lead.year else binding


def _without(binding: Binding, what: str) -> Binding:
    """Return a binding without ``what`` (agency or year), with the reason ``agency_unbound`` or ``year_unbound``."""
    basis = {name: why for name, why in binding.basis.items() if name != what}
    return replace(binding, **{what: None}, basis=basis, reason=f"{what}_unbound")  # type: ignore[arg-type]
