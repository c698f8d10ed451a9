"""A listing as a portal's file declares it."""

from __future__ import annotations

from dataclasses import dataclass

from storage.records import ListingForm

SEARCH = "站内搜索"  # what a listing that is the portal's own search is called


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSpec:
    """A listing as a portal's file declares it. ``covers``: kinds of agencies, ``agency``: local id of the only one,
    ``year``: the only reporting year.
    """

    key: str
    url: str
    form: ListingForm
    title: str = ""
    covers: str = ""
    agency: str | None = None
    year: int | None = None


def column(
    key: str, url: str, *, title: str = "", covers: str = "", agency: str | None = None, year: int | None = None
) -> ListingSpec:
    """Return a page (or pages) of links. ``covers``: kinds that, by the portal's structure, publish here,
    blank-separated. ``year``: the only reporting year whose reports stand there; it speaks for no other.
    """
    return ListingSpec(key=key, url=url, form=ListingForm.COLUMN, title=title, covers=covers, agency=agency, year=year)


def addressed(key: str, url: str, *, title: str = "", covers: str = "") -> ListingSpec:
    """Return an address per agency and reporting year; ``url`` holds ``{code}`` and ``{year}``."""
    return ListingSpec(key=key, url=url, form=ListingForm.ADDRESSED, title=title, covers=covers)


def searched(key: str, url: str, *, title: str = "", agency: str | None = None) -> ListingSpec:
    """Return the answer of the portal's own search, where nothing else shows its reports. It covers no kind: no search
    is complete, and whatever it is called, a look at it is at best one in part. ``agency``: whose site it searches.
    """
    return ListingSpec(key=key, url=url, form=ListingForm.SEARCHED, title=title, agency=agency)
