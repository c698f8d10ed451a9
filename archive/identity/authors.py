"""Find the bodies of a joint report: in a joint name, in links to one page, in its text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from archive.findings import finding
from archive.identity import divisions, names
from archive.identity.agency_resolution import Case
from archive.identity.classify import kind_of_report
from archive.identity.evidence import is_publisher_of_all
from archive.identity.text import squeeze
from archive.identity.titles import judge, judge_in_column
from storage.records import Agency, Binding, Finding, Lead, ReportKind

#: In the basis of a binding: the report is that of each body in ``covers``, by its text or by the links to it.
SHARED = "shared"
_BETWEEN = re.compile("([、,;/和与及暨])")
_IN_BRACKETS = re.compile(r"([^()]{3,40})\(([^()]{3,40})\)")
_MOST = 8  # bodies that one name joins
_OPENING = 1_500  # characters of a text that may say who wrote it
_UNSURE = frozenset({"agency_unknown", "agency_conflict", "agency_ambiguous"})


def name_two(title: str, other: str) -> bool:
    """Whether the titles of two entries name the reports of two bodies."""
    if title == other:
        return False
    one, two = judge_in_column(title), judge_in_column(other)
    a, b = one.agency, two.agency
    return bool(a and b) and one.could_be and two.could_be and not (a.endswith(b) or b.endswith(a))


@lru_cache(maxsize=8_192)
def joined_names(printed: str, place: str) -> tuple[str, ...]:
    """Return the names that a printed name joins: 汶上县司法局、财政局, or 汶上县司法局汶上县财政局 without a sign.

    Return () for the name of one body, of which 和 may be a part (发展和改革局).
    """
    plain = names.normalise(printed)
    found, begun = [], ""
    for part in _BETWEEN.split(plain):
        begun = "" if not begun and _BETWEEN.fullmatch(part) else begun + part
        if names.looks_like_body(begun):
            found.append(begun)
            begun = ""
    if begun or not 1 < len(found) <= _MOST:
        return _joined_without_a_sign(plain, place)
    return tuple(found)


def _joined_without_a_sign(plain: str, place: str) -> tuple[str, ...]:
    """Return names that each begin with the place; a government or its office before another may be the site's name."""
    county = divisions.place(place).county
    if not county or not 1 < plain.count(county) <= _MOST or not plain.startswith(county):
        return ()
    found = tuple(f"{county}{rest}" for rest in plain.split(county)[1:])
    apart = all(names.looks_like_body(one) and not is_publisher_of_all(names.complete(one, place)) for one in found)
    return found if apart else ()


def _with_brackets(printed: str) -> tuple[str, ...]:
    """Return a body's name and the one in brackets behind it (文化和旅游局(文物局)); () where there is none."""
    match = _IN_BRACKETS.fullmatch(names.normalise(printed))
    return match.groups() if match is not None and divisions.split(match[1])[1] else ()


def bodies_of(printed: str, agencies: Sequence[Agency], place: str, year: int | None = None) -> tuple[Agency, ...]:
    """Return the agencies of the registry that a printed name names: one, or those whose names it joins."""

    def known(parts: Iterable[str]) -> tuple[Agency, ...]:
        found = (names.match_agency(part, agencies, place=place, year=year).agency for part in parts)
        return tuple({agency.id: agency for agency in found if agency is not None}.values())

    beside = known(_with_brackets(printed))
    return beside if len(beside) > 1 else known((printed,)) or known(joined_names(printed, place))


def announced_agencies(lead: Lead, agencies: Sequence[Agency], place: str) -> tuple[str, ...]:
    """Return the ids of the agencies whose report a lead announces: one, or those whose names its title joins."""
    if lead.agency is not None:
        return (lead.agency,)
    if not lead.agency_name or not joined_names(lead.agency_name, place):
        return ()
    return tuple(agency.id for agency in bodies_of(lead.agency_name, agencies, place, lead.year))


def by_authors(case: Case, binding: Binding) -> Binding:
    """Return a report's binding to all bodies that share it, where its text joins them or links of several lead to it.

    Those whom the text names share it; where it names none of those linked, all of them. ``covers`` of the binding
    holds them, ``agency`` is the first; such a report speaks for several, as that of a system does.
    """
    if not binding.is_report or binding.year is None or binding.report_kind is ReportKind.SYSTEM:
        return binding
    printed, authors = _joint_authors(case, binding)
    linked = _linked(case, binding.year)
    if not authors and len(linked) < 2:
        return binding
    authors += tuple(one for one in _named_agencies(case, binding, linked) if one not in authors)
    if len(authors) == 1 and not printed:
        return binding if binding.agency == authors[0].id else _bound_to_first(binding, authors)
    if not authors and binding.basis.get("agency") not in (None, "listing"):
        return binding  # the text names a body that none of the links names
    basis = "title" if authors else "listing"
    shared = _bound_to_first(binding, authors or linked)
    told = finding(
        "shared_report", case="named" if authors else "listed", found=printed or _names_list(authors or linked)
    )
    return replace(
        shared,
        report_kind=ReportKind.SYSTEM,
        basis={**shared.basis, "agency": basis, SHARED: basis},
        findings=(*shared.findings, told),
    )


def _joint_authors(case: Case, binding: Binding) -> tuple[str, tuple[Agency, ...]]:
    """Return the name that a title or signature joins of several bodies, and those of them that the registry knows.

    A signature counts only beside a title that names nobody else.
    """
    evidence = case.reading.identity
    titled = [judge(title).agency for title in (*evidence.titles, evidence.meta.get("articletitle", ""))]
    for printed in dict.fromkeys((*titled, *evidence.statements)):
        if not (joined_names(printed, case.portal.place) or _with_brackets(printed)):
            continue  # nearly all
        found = bodies_of(printed, case.agencies, case.portal.place, binding.year)
        if not found or _is_one(printed, found, case.portal.place):
            continue
        if printed in titled or binding.agency in (None, *(one.id for one in found)):
            return printed, found
    return "", ()


def _is_one(printed: str, agencies: Sequence[Agency], place: str) -> bool:
    """Whether a printed name is that of the one body found, and not one of several of which the registry knows one."""
    return len(agencies) == 1 and names.match_agency(printed, agencies, place=place).agency is not None


def _linked(case: Case, year: int) -> tuple[Agency, ...]:
    """Return the agencies under whose titles links lead to the report."""
    by_id = {agency.id: agency for agency in case.agencies}
    leads = (lead for lead in case.leads if lead.is_report and lead.year in (None, year))
    found = dict.fromkeys(one for lead in leads for one in announced_agencies(lead, case.agencies, case.portal.place))
    return tuple(by_id[one] for one in found if one in by_id)


def _named_agencies(case: Case, binding: Binding, linked: Sequence[Agency]) -> list[Agency]:
    """Return those of the ``linked`` agencies that the text names as its own, and whom else its title names."""
    place, year = case.portal.place, binding.year
    ids = {one.id for text in case.reading.identity.statements for one in bodies_of(text, case.agencies, place, year)}
    if binding.basis.get("agency") == "title" and binding.agency is not None:
        ids.add(binding.agency)
    opening = squeeze(case.reading.text[:_OPENING])
    ids |= {one.id for one in linked if any(_stand_together(opening, one, other, place) for other in linked)}
    ids_wanted = {one.id for one in linked} | {binding.agency if binding.basis.get("agency") == "title" else None}
    by_id = {agency.id: agency for agency in case.agencies}
    return [by_id[one] for one in dict.fromkeys((binding.agency, *(a.id for a in linked))) if one in ids & ids_wanted]


def _stand_together(text: str, one: Agency, other: Agency, place: str) -> bool:
    """Whether a text joins the names of two bodies (汶上县司法局、县财政局)."""
    if one.id == other.id:
        return False
    first, second, sign = _spellings(one, place), _spellings(other, place), _BETWEEN.pattern
    return re.search(f"(?:{first}){sign}(?:{second})|(?:{second}){sign}(?:{first})", text) is not None


def _spellings(agency: Agency, place: str) -> str:
    """Return the pattern of the ways in which a text may print a body's name."""
    level = divisions.place(place).county[-1:]
    local = [names.complete(name, place).local for name in (agency.name, *agency.aliases)]
    spelt = {squeeze(agency.name), *local, *(f"{level}{name}" for name in local)}
    return "|".join(re.escape(name) for name in sorted(spelt - {""}, key=lambda name: (-len(name), name)))


def _bound_to_first(binding: Binding, agencies: Sequence[Agency]) -> Binding:
    """Return the binding to the first of the agencies, without doubts about which body it names."""
    first = agencies[0]
    return replace(
        binding,
        reason="",
        agency=first.id,
        agency_name=first.name,
        report_kind=kind_of_report(names.Name(), first),
        covers=tuple(one.id for one in agencies) if len(agencies) > 1 else (),
        basis={**binding.basis, "agency": "statement"},
        findings=tuple(one for one in binding.findings if one.code not in _UNSURE),
    )


def _names_list(agencies: Iterable[Agency]) -> str:
    return "、".join(one.name for one in agencies)


def binding_of_each(binding: Binding, agencies: Iterable[Agency]) -> tuple[Binding, ...]:
    """Return the binding of a report once for each body whose it is."""
    if SHARED not in binding.basis:
        return (binding,)
    named = {agency.id: agency.name for agency in agencies}
    return tuple(replace(binding, agency=one, agency_name=named.get(one)) for one in binding.covers) or (binding,)


def linked_for_another(name: str, holder: str) -> Finding:
    """Return the finding for a body whose link leads to a page that another body's link leads to as well, and whose
    text names only that other body.
    """
    return finding("shared_report", case="one_named", found=f"{holder}、{name}", holder=holder, name=name)


def linked_together(names: Sequence[str]) -> Finding:
    """Return the finding for bodies whose links lead to one file that could not be fetched."""
    return finding("shared_report", case="not_fetched", found="、".join(names))
