"""The error for a name that is not known, with the nearest names that are.

Every question takes names through :func:`comparable_name`, so that full-width digits, blanks and traditional
characters (汶上縣) mean what they mean to a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from archive.fuzzy_lookup import SUGGESTIONS, comparable_name, nearest_code, nearest_names, portal_meant
from storage.errors import CodedError

__all__ = [
    "SUGGESTIONS",
    "NotKnownError",
    "comparable_name",
    "nearest_code",
    "nearest_names",
    "portal_named",
    "spans",
    "suggest_year",
]


class NotKnownError(CodedError, LookupError):
    """Nothing of this name is known. ``suggestions``: what was perhaps meant, nearest first, or all that there are."""

    def __init__(
        self, message: str, suggestions: Iterable[str] = (), *, are_all: bool = False, code: str = "", **values: object
    ) -> None:
        self.suggestions = tuple(suggestions)
        self.are_all = are_all
        named = ", ".join(self.suggestions)
        hint = (f" There are: {named}." if are_all else f" Did you mean: {named}?") if named else ""
        super().__init__(message + hint, code=code, **values)


def portal_named(text: str, portals: Mapping[str, str]) -> str:
    """Give the name of the portal meant. ``portals``: names with their places. Raises :class:`NotKnownError` with the
    nearest names, found by place as well.
    """
    name, near = portal_meant(text, portals)
    if name is None:
        message = f"There is no portal {text!r} (all are listed by: nianbao portal list)."
        raise NotKnownError(message, near, code="not_known.portal", text=text)
    return name


def suggest_year(year: int, held: Iterable[int]) -> NotKnownError:
    """Make the error for a year of which nothing is known, with the nearest years that are, and how far they go."""
    known = sorted(set(held))
    years = sorted(sorted(known, key=lambda other: (abs(other - year), other))[:3])
    span = f" (known: {spans(known)})" if known else ""
    message = f"Nothing is known of the reports for {year}{span}."
    code = "not_known.year_of" if known else "not_known.year"
    return NotKnownError(message, [str(other) for other in years], code=code, year=year, known=spans(known))


def spans(years: Collection[int]) -> str:
    """Give years as a person writes them: 2019–2022, 2024."""
    found: list[list[int]] = []
    for year in sorted(set(years)):
        if found and year == found[-1][-1] + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in found)
