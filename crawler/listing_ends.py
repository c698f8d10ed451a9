"""Find listings that a person ruled to have ended: later looks there are no evidence, and no crawl reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from storage.records import Listing, Ruling, RulingKind


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
