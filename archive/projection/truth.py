"""Everything observed or ruled about one portal, loaded once and frozen: what its projections are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.records import Agency, Capture, Extraction, Listing, Look, Portal, Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalTruth:
    """One portal's truth, in an order that does not depend on the order of storing.

    ``agencies`` and ``listings`` are the rows that hold now; ``agency_known`` and ``listing_known`` say since when
    each has been known under its id. ``extractions``: the newest for each look. ``captures``: all roles, by time.
    ``rulings``: all of them, oldest first (a later one on the same kind and subject replaces an earlier one).
    """

    portal: Portal
    agencies: tuple[Agency, ...]
    listings: tuple[Listing, ...]
    looks: tuple[Look, ...] = ()
    extractions: Mapping[str, Extraction] = field(default_factory=dict)
    captures: tuple[Capture, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    agency_known: Mapping[str, datetime] = field(default_factory=dict)
    listing_known: Mapping[str, datetime] = field(default_factory=dict)
