"""Restore a title whose place lost or changed a character (a streak, a seal over it), by the rest of the text."""

from __future__ import annotations

from collections.abc import Sequence

from archive.identity.division_lists import is_listed
from archive.identity.divisions import is_zone
from archive.identity.misprinted_places import by_one_character
from archive.identity.names import Name

_LOST = 2  # characters that a place may have lost


def readable(printed: Name, names: Sequence[Name]) -> Name | None:
    """Give the name that a printed one is garbled from: the same body in a place that the lists have, where they have
    not the printed one (甸满族自治县林业局, 宽甸满族自治县林业局). ``names``: what opening and signature name; all that
    print a place must print that one. None where the printed name stands.
    """
    named = {(name.county, name.township, name.local): name for name in reversed(names) if name.county}
    if len(named) != 1 or is_listed(printed.county) or is_zone(printed.county):
        return None
    name = next(iter(named.values()))
    same_body = printed.text.endswith(name.local) and is_listed(name.county)
    return name if same_body and _is_garbled(printed.text, name.text) else None


def _is_garbled(printed: str, whole: str) -> bool:
    if by_one_character(printed, whole):
        return True
    rest = iter(whole)
    return 1 <= len(whole) - len(printed) <= _LOST and all(character in rest for character in printed)
