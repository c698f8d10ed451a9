"""Load everything that was observed or ruled about one portal: the input from which its projections are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from archive.projection.linked_folders import LinkedFolder, linked_folders
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Agency, Capture, Extraction, Listing, Look, Portal, Ruling, Run
from storage.registry import Registry

_IMPORT = "import"  # the purpose of runs that bring in what people saved by hand
_WAYBACK = "wayback"  # the purpose of runs that bring in captures that other archives made


@dataclass(frozen=True, kw_only=True)
class PortalTruth:
    """One portal's truth, in an order that does not depend on the order of storing.

    ``agencies`` and ``listings`` are the current rows, by id; the histories have every row of each, oldest first.
    ``extractions``: the newest of each look. ``captures``: of all roles, by time. ``rulings``: of all portals, oldest
    first (a later one on the same kind and subject replaces an earlier one). ``linked_folders``: by listing id.
    """

    portal: Portal
    agencies: tuple[Agency, ...]
    listings: tuple[Listing, ...]
    looks: tuple[Look, ...] = ()
    extractions: Mapping[str, Extraction] = field(default_factory=dict)
    captures: tuple[Capture, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    runs: tuple[Run, ...] = ()
    agency_history: Mapping[str, tuple[Agency, ...]] = field(default_factory=dict)
    listing_history: Mapping[str, tuple[Listing, ...]] = field(default_factory=dict)
    linked_folders: Mapping[str, LinkedFolder] = field(default_factory=dict)

    @cached_property
    def listing_by_id(self) -> Mapping[str, Listing]:
        """Return the current rows of listings by id."""
        return {listing.id: listing for listing in self.listings}

    @cached_property
    def imports(self) -> frozenset[str]:
        """Return the runs that imported files saved by hand; these prove that a report existed, but not when."""
        return frozenset(run.id for run in self.runs if run.purpose == _IMPORT)

    @cached_property
    def copied_at(self) -> Mapping[str, datetime]:
        """Return run → when it brought in captures of other archives; before that nothing of them was known."""
        return {run.id: run.started for run in self.runs if run.purpose == _WAYBACK}

    @cached_property
    def chains(self) -> Mapping[str, str]:
        """Return capture → SHA-256 of the broken certificate chain over which it came."""
        return {one.id: one.tls.rpartition(":")[2] for one in self.captures if one.tls is not None}


def load_truth(home: Home, portal: Portal) -> PortalTruth:
    """Load all that is known of ``portal``."""
    observed, store, registry = Observations(home), CaptureStore(home), Registry(home)
    agencies, listings = registry.agency_histories(portal.name), registry.listing_histories(portal.name)
    looks = tuple(sorted(observed.looks(portal.name), key=lambda look: (look.started, look.finished, look.id)))
    captures = tuple(store.for_portal(portal.name))
    return PortalTruth(
        portal=portal,
        agencies=tuple(history[-1] for history in agencies.values()),
        listings=tuple(history[-1] for history in listings.values()),
        looks=looks,
        extractions=observed.latest_extractions(portal.name),
        captures=captures,
        rulings=tuple(sorted(observed.rulings(), key=lambda ruling: (ruling.made_at, ruling.id))),
        runs=observed.runs(portal.name),
        agency_history=agencies,
        listing_history=listings,
        linked_folders=linked_folders(listings, looks, captures, store.body),
    )
