"""What can be chosen in questions about figures and texts. Loads nothing else, so that a door can offer it at once."""

from __future__ import annotations

from enum import StrEnum

from storage.records import AgencyKind

HITS, SNIPPETS, AROUND = 20, 3, 40  #: of a search: hits at once, places shown of each, characters on either side
BODIES = frozenset(AgencyKind) - {AgencyKind.GOVERNMENT}


class Which(StrEnum):
    """Which edition of a report counts: the last or the first that was known at the instant asked about."""

    LAST = "last"
    FIRST = "first"


class By(StrEnum):
    """What the groups of a table are."""

    ALL = "all"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    DIVISION = "division"
    PORTAL = "portal"
    KIND = "kind"


class Level(StrEnum):
    """The governments that are added up: those of one level."""

    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"
