"""Compares lists of one portal that show the same reports ("twins"), to find reports that a list lacks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

MIN_SHARED = 2  # reports that two lists must have in common to be twins

NamedReport = tuple[str | None, int | None]  # agency and year, as far as they are known
_Shown = Mapping[str, NamedReport]  # the reports of a list by address


def merge_names(reports: Collection[NamedReport]) -> NamedReport:
    """Return agency and year of a report from the names that several lists give it; None where these differ."""
    agencies, years = {agency for agency, _ in reports if agency}, {year for _, year in reports if year}
    return agencies.pop() if len(agencies) == 1 else None, years.pop() if len(years) == 1 else None


def find_lacking(lists: Mapping[str, _Shown]) -> dict[str, list[str]]:
    """Return for each list (by address) the addresses of reports that a twin, a list with mostly the same reports,
    shows and that the list should show, but does not: all of a twin of which it lacks at most a tenth (or one report);
    of other twins those of its agencies (of a list of one year: of all such lists) in its own years, or in any year if
    that is only one agency. A year may be divided into lists of governments, departments and townships, with a page
    above that shows all: so a report on a third list of the same year is not lacking.
    """
    yearly = {agency for of_list in lists.values() if len(_years(of_list)) == 1 for agency in _agencies(of_list)}
    lacking_by_list: dict[str, list[str]] = {}
    for url, own in lists.items():
        is_of_one_year = len(_years(own)) == 1
        agencies = yearly if is_of_one_year else _agencies(own)
        others = {other: links for other, links in lists.items() if other != url}
        of_year = {other: links for other, links in others.items() if is_of_one_year and _years(links) == _years(own)}
        lacking: set[str] = set()
        for other, twin in others.items():
            if not _are_twins(own, twin):
                continue
            only_there = _lacks(own, twin)
            is_part = len(only_there) <= max(1, len(twin) // 10)  # it shows nearly all of it, and should show the rest
            elsewhere = {key for name, third in of_year.items() if name != other for key in third}
            for key in only_there - elsewhere:
                agency, year = twin[key]
                is_of_one_agency = len(agencies) == 1  # which should show all years
                if is_part or (agency in agencies and (is_of_one_agency or year in _years(own))):
                    lacking.add(key)
        if lacking:
            lacking_by_list[url] = sorted(lacking)
    return lacking_by_list


def _are_twins(own: _Shown, twin: _Shown) -> bool:
    """Whether two lists show the same reports: at least MIN_SHARED, and half of those of the shorter list."""
    shared = len(twin) - len(_lacks(own, twin))
    return shared >= MIN_SHARED and shared * 2 >= min(len(own), len(twin))


def _lacks(own: _Shown, twin: _Shown) -> set[str]:
    """Return the addresses of reports that only the twin shows; none of an agency and year that the list has too."""
    return {key for key, report in twin.items() if key not in own and (None in report or report not in own.values())}


def _agencies(reports: _Shown) -> set[str]:
    return {agency for agency, _ in reports.values() if agency}


def _years(reports: _Shown) -> set[int]:
    return {year for _, year in reports.values() if year}
