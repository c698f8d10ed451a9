"""Find the known names that are most like what a person typed. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.identity.text import squeeze

SUGGESTIONS = 5
LEAST_SIMILAR, LEAST_SIMILAR_LATIN = 0.4, 0.6  #: of 1: a letter that two names share tells less than a character


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A known name that is like what a person typed. ``id``: what to type for it, if that is not the name itself;
    ``en``: the name in English, if it has one.
    """

    name: str
    id: str = ""
    en: str = ""

    def __str__(self) -> str:
        return f"{self.en or self.name} ({self.id})" if self.id else self.name


def comparable_name(text: str) -> str:
    """Return a name in the form in which names are compared: half width, no blanks, simplified, lower case."""
    return squeeze(text).casefold()


def nearest_names(text: str, names: Iterable[str], most: int = SUGGESTIONS) -> tuple[str, ...]:
    """Return up to ``most`` names near to ``text``: those that contain it or are part of it, then similar ones."""
    unique: dict[str, str] = {}
    for name in names:
        unique.setdefault(comparable_name(name), name)
    sought = comparable_name(text)
    overlapping = [name for name in unique if sought and (sought in name or name in sought)]
    cutoff = LEAST_SIMILAR_LATIN if sought.isascii() else LEAST_SIMILAR
    similar = difflib.get_close_matches(sought, unique, n=most, cutoff=cutoff)
    matches = dict.fromkeys([*sorted((name for name in overlapping if name), key=len), *similar])
    return tuple(unique[match] for match in matches)[:most]


def as_suggestions(names: Iterable[str | Suggestion]) -> tuple[Suggestion, ...]:
    """Return names as suggestions, those that are none yet without an id."""
    return tuple(one if isinstance(one, Suggestion) else Suggestion(one) for one in names)


def suggestions_for(text: str, by_name: Mapping[str, Suggestion]) -> tuple[Suggestion, ...]:
    """Return the suggestions with names near to ``text``; several names may lead to the same suggestion."""
    return tuple(dict.fromkeys(by_name[name] for name in nearest_names(text, by_name)))


def nearest_code(code: str, codes: Iterable[str], most: int = SUGGESTIONS) -> tuple[Suggestion, ...]:
    """Suggest the ``most`` division codes nearest to ``code``: the longest shared beginning first, then the nearest
    number. A code of another province (its first two digits differ) is never returned.
    """

    def shared_digits(other: str) -> int:
        return next((count for count in range(6, 0, -1) if len(code) >= count and other.startswith(code[:count])), 0)

    def distance(other: str) -> int:
        return abs(int(code.ljust(6, "0")[:6]) - int(other.ljust(6, "0")[:6]))

    nearby = {other for other in codes if shared_digits(other) > 1}
    nearest = sorted(nearby, key=lambda other: (-shared_digits(other), distance(other), other))
    return tuple(map(Suggestion, nearest[:most]))


def portal_meant(text: str, portals: Mapping[str, str]) -> tuple[str | None, tuple[Suggestion, ...]]:
    """Return the portal that a person named, or None and suggestions: places with the names of their portals.

    ``portals``: portal name → place. A place that has several portals finds them as suggestions only.
    """
    sought = comparable_name(text)
    names = [name for name in portals if comparable_name(name) == sought]
    names = names or [name for name, place in portals.items() if sought and comparable_name(place) == sought]
    if len(names) == 1:
        return names[0], ()
    by_place = {comparable_name(place): name for name, place in portals.items() if place}
    near = dict.fromkeys(by_place.get(match, match) for match in nearest_names(sought, [*portals, *by_place]))
    return None, tuple(Suggestion(portals[name], name) if portals[name] else Suggestion(name) for name in near)
