"""Listings as a portal's file declares them: ``column(…)``, ``addressed(…)`` or ``searched(…)``; and listings that a
person ruled to have ended: no crawl reads them, and later looks at them are no evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from storage.records import Listing, ListingForm, Ruling, RulingKind

SEARCH = "站内搜索"  # title of a listing that is the portal's own search


@dataclass(frozen=True, slots=True)
class ListingSpec:
    """A declared listing. ``title``: its label on the portal; ``covers``: the kinds of agencies that publish in it,
    separated by blanks; ``agency``: local id, if it belongs to one agency; ``year``: its reporting year, if it has
    reports on only one: it proves nothing on other years.
    """

    key: str
    url: str
    title: str = field(default="", kw_only=True)
    covers: str = field(default="", kw_only=True)
    agency: str | None = field(default=None, kw_only=True)
    year: int | None = field(default=None, kw_only=True)
    form: ListingForm = field(default=ListingForm.COLUMN, kw_only=True)


#: A page (or pages) of links.
column = partial(ListingSpec, form=ListingForm.COLUMN)
#: An address for each agency and reporting year; its ``url`` contains ``{code}`` and ``{year}``.
addressed = partial(ListingSpec, form=ListingForm.ADDRESSED)
#: The portal's own search, if nothing else shows its reports. A search is never complete: whatever its title, it covers
#: no agencies, and a look at it is at best partial. ``agency``: the agency that has the searched site.
searched = partial(ListingSpec, form=ListingForm.SEARCHED)


def ends_ruled(rulings: Iterable[Ruling]) -> dict[str, Ruling]:
    """Return by listing id the rulings that a listing has ended, if no later ruling revokes them.

    ``rulings``: in the order in which they were made.
    """
    latest = {ruling.subject: ruling for ruling in rulings if ruling.kind is RulingKind.LISTING}
    return {listing: ruling for listing, ruling in latest.items() if ruling.decision.get("ended")}


def as_ruled(row: Listing, ruled: Mapping[str, Ruling]) -> Listing:
    """Return a listing with the end that a person ruled for it, if the ruling is on its present address."""
    ruling = ruled.get(row.id)
    if ruling is None or ruling.decision.get("url") != row.url:
        return row
    return replace(row, ended_at=datetime.fromisoformat(str(ruling.decision["ended"])))
