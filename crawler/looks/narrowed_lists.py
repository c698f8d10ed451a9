"""Choices of a list that was read whole: what stands behind them was seen already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from archive.identity.names import complete, kind_of
from crawler.discovery.labels import body_in_label, kinds_in_label, latest_year, names_a_year, names_it
from crawler.lists.addresses import query_fields
from crawler.looks.look_builder import LookBuilder
from storage.records import Lead, Link, LookOutcome

_YEARS = 3  # on which a list has reports that is held to no year itself
_BODIES = 3  # of a kind that make a list one of them as well
_LONGEST = 600  # characters of a query


def narrows(look: LookBuilder, link: Link, leads: Iterable[Lead]) -> bool:
    """Whether a further list is the list of a look itself, held to a body or a year (``list.html?unit=u09&year=2024``
    of ``list.html``): the look has all entries that the list says it has, of several bodies and on several years.
    ``leads``: what its links promise.
    """
    if look.outcome is not LookOutcome.OK or look.total is None or look.linked != look.total:
        return False
    own, other = urlsplit(look.listing.url), urlsplit(link.url)
    queries = own.query, other.query
    if (own.netloc.lower(), own.path) != (other.netloc.lower(), other.path) or max(map(len, queries)) > _LONGEST:
        return False
    held, asked = (dict(query_fields(query)) for query in queries)
    if not asked.keys() - held.keys() or any(asked.get(key) != value for key, value in held.items()):
        return False
    reports = [lead for lead in leads if lead.is_report and lead.agency_name and lead.year]
    bodies = {lead.agency_name or "" for lead in reports}
    years = {lead.year or 0 for lead in reports}
    return len(bodies) > 1 and len(years) >= _YEARS and _has(link.text, bodies, years)


def _has(label: str, bodies: set[str], years: set[int]) -> bool:
    """Whether reports of what a choice names are there: of its year, of several bodies of its kind, or of its body. One
    that names nothing of them may be another list's (乡镇, on one that shows the departments').
    """
    if names_a_year(label):
        year = latest_year(label)
        return year is not None and bool({year, year - 1} & years)
    if kinds := kinds_in_label(label):
        found = Counter(kind_of(complete(body)) for body in bodies)
        return sum(found[kind] for kind in kinds) >= _BODIES
    return bool(body_in_label(label)) and any(names_it(label, body) for body in bodies)
