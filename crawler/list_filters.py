"""Choices of a list that was read whole: what stands behind them was seen already."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from crawler.looks import OpenLook
from storage.records import Lead, Link, Listing, LookOutcome

_YEARS = 3  # on which a list has reports that is held to no year itself
_FIELDS = 40


class Judging(Protocol):
    """What judges links: a session."""

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """Return what a link of a listing is."""
        ...


def narrows(look: OpenLook, session: Judging, link: Link) -> bool:
    """Whether a further list is the list of a look itself, held to a body or a year (``list.html?unit=u09&year=2024``
    of ``list.html``): the look has all entries that the list says it has, of several bodies and on several years.
    """
    if look.outcome is not LookOutcome.OK or look.total is None or look.linked != look.total:
        return False
    own, other = urlsplit(look.listing.url), urlsplit(link.url)
    if (own.netloc.lower(), own.path) != (other.netloc.lower(), other.path) or max(
        map(len, (own.query, other.query))
    ) > 600:
        return False
    held, asked = (dict(parse_qsl(query, max_num_fields=_FIELDS)) for query in (own.query, other.query))
    if not asked.keys() - held.keys() or any(asked.get(key) != value for key, value in held.items()):
        return False
    leads = [session.lead_of(one, look.listing) for one in look.links.values()]
    reports = [lead for lead in leads if lead.is_report]
    bodies = {lead.agency_name for lead in reports} - {None}
    return len(bodies) > 1 and len({lead.year for lead in reports} - {None}) >= _YEARS
