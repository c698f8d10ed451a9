"""Compare what two looks showed: which leads are gone, and whether they are too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLead:
    """A lead as a look showed it: its address and, where judged or proven, whose report and of which year it is."""

    url: str
    agency: str | None = None
    year: int | None = None


def gone_addresses(base: Sequence[ShownLead], leads: Sequence[ShownLead]) -> frozenset[str]:
    """Return the addresses of ``base`` that are gone; a report that only changed its address is not."""
    urls = {lead.url for lead in leads}
    reports = {(lead.agency, lead.year) for lead in leads if lead.agency and lead.year}
    return frozenset(lead.url for lead in base if lead.url not in urls and (lead.agency, lead.year) not in reports)


def is_too_much(gone: frozenset[str], base: Sequence[ShownLead], *, year_gone: bool) -> bool:
    """More than a tenth (and at least two) of the leads gone, or no agency's report of a year left."""
    return year_gone or (len(gone) >= 2 and len(gone) * 10 > len({lead.url for lead in base}))


def a_year_is_gone(base: Sequence[ShownLead], leads: Sequence[ShownLead]) -> bool:
    """Whether no report is left of a year of which ``base`` has one."""
    urls = {lead.url for lead in leads}
    years = {lead.year for lead in leads if lead.year is not None}
    years |= {lead.year for lead in base if lead.year is not None and lead.url in urls}
    return any(lead.year is not None and lead.year not in years for lead in base)


def is_too_much_gone(base: Sequence[ShownLead], leads: Sequence[ShownLead]) -> bool:
    """Whether more of ``base`` is gone than from a look that is believed."""
    return is_too_much(gone_addresses(base, leads), base, year_gone=a_year_is_gone(base, leads))
