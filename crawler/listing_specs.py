"""A listing as a portal's file declares it: ``column(…)``, ``addressed(…)`` or ``searched(…)``; and those that a person
ruled to have ended: later looks there are no evidence, and no crawl reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from storage.records import Listing, ListingForm, Ruling, RulingKind

SEARCH = "站内搜索"  # what a listing that is the portal's own search is called


@dataclass(frozen=True, slots=True)
class ListingSpec:
    """``title``: its label; ``covers``: kinds of agencies that, by the portal's structure, publish here,
    blank-separated; ``agency``: local id of the only one; ``year``: the only reporting year whose reports stand there:
    it speaks for no other.
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
#: An address per agency and reporting year; its ``url`` holds ``{code}`` and ``{year}``.
addressed = partial(ListingSpec, form=ListingForm.ADDRESSED)
#: The answer of the portal's own search, where nothing else shows its reports. No search is complete: whatever it is
#: called, it covers nobody, and a look at it is at best one in part. ``agency``: whose site it searches.
searched = partial(ListingSpec, form=ListingForm.SEARCHED)


def ends_ruled(rulings: Iterable[Ruling]) -> dict[str, Ruling]:
    """Return the rulings by which listings have ended, by listing id; a later one may say that a listing goes on.

    ``rulings``: in the order in which they were made.
    """
    latest = {ruling.subject: ruling for ruling in rulings if ruling.kind is RulingKind.LISTING}
    return {listing: ruling for listing, ruling in latest.items() if ruling.decision.get("ended")}


def as_ruled(row: Listing, ruled: Mapping[str, Ruling]) -> Listing:
    """Return the listing with the end that was ruled on it at the address it has."""
    ruling = ruled.get(row.id)
    if ruling is None or ruling.decision.get("url") != row.url:
        return row
    return replace(row, ended_at=datetime.fromisoformat(str(ruling.decision["ended"])))
