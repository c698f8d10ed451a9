"""Find the known names that are most like what a person typed. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from archive.identity.text import squeeze

SUGGESTIONS = 5


def comparable_name(text: str) -> str:
    """Give a name as names are compared: widths folded, no blanks, simplified characters, small letters."""
    return squeeze(text).casefold()


def nearest_names(text: str, names: Iterable[str], most: int = SUGGESTIONS) -> tuple[str, ...]:
    """Give the names most like ``text``: those that share its beginning of meaning first, then by likeness."""
    unique: dict[str, str] = {}
    for name in names:
        unique.setdefault(comparable_name(name), name)
    sought = comparable_name(text)
    holding = [name for name in unique if sought and (sought in name or name in sought)]
    alike = difflib.get_close_matches(sought, unique, n=most, cutoff=0.3)
    matches = dict.fromkeys([*sorted((one for one in holding if one), key=len), *alike])
    return tuple(unique[one] for one in matches)[:most]


def nearest_code(code: str, codes: Iterable[str], most: int = SUGGESTIONS) -> tuple[str, ...]:
    """Give the codes that share the longest beginning with ``code``, those nearest in number first; none that differs
    in its first two digits, a province.
    """

    def shared(other: str) -> int:
        return next((at for at in range(6, 0, -1) if len(code) >= at and other.startswith(code[:at])), 0)

    def distance(other: str) -> int:
        return abs(int(code.ljust(6, "0")[:6]) - int(other.ljust(6, "0")[:6]))

    matches = sorted({one for one in codes if shared(one) > 1}, key=lambda one: (-shared(one), distance(one), one))
    return tuple(matches[:most])


def portal_meant(text: str, portals: Mapping[str, str]) -> tuple[str | None, tuple[str, ...]]:
    """Give the name of the portal meant, or None and the nearest names, found by place as well (汶上县: wenshang).

    ``portals``: names with their places.
    """
    sought = comparable_name(text)
    for name in portals:
        if comparable_name(name) == sought:
            return name, ()
    by_place = {comparable_name(place): name for name, place in portals.items() if place}
    near = dict.fromkeys(by_place.get(one, one) for one in nearest_names(sought, [*portals, *by_place]))
    return None, tuple(f"{name} ({portals[name]})" if portals[name] else name for name in near)
