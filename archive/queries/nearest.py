"""The error for a name that is not known, with the nearest names that are.

Every question takes names through :func:`archive.fuzzy_lookup.comparable_name`, so that full-width digits, blanks and
traditional characters (汶上縣) mean what they mean to a person.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from archive.fuzzy_lookup import portal_meant
from archive.sentence_templates import fill
from storage.errors import CodedError


@cache
def error_sentences() -> Mapping[str, Mapping[str, str]]:
    """Return what each error of questions and exports says, by its code and by language."""
    text = files("archive.queries").joinpath("errors.toml").read_text(encoding="utf-8")
    sentences: Mapping[str, Mapping[str, str]] = tomllib.loads(text)["error"]
    return sentences


class QuestionError(CodedError):
    """An error of a question or an export, whose sentence stands in ``errors.toml``.

    ``suggestions``: what was perhaps meant, nearest first, or all that there are (``are_all``).
    """

    def __init__(
        self,
        message: str = "",
        *,
        suggestions: Iterable[str] = (),
        are_all: bool = False,
        code: str = "",
        **values: object,
    ) -> None:
        self.suggestions = tuple(suggestions)
        self.are_all = are_all
        super().__init__(message or self.hinted(_english(code, values)), code=code, **values)

    def hinted(self, message: str) -> str:
        """The message with the suggestions."""
        names = ", ".join(self.suggestions)
        return message + ((f" There are: {names}." if self.are_all else f" Did you mean: {names}?") if names else "")


def _english(code: str, values: Mapping[str, object]) -> str:
    entry = error_sentences().get(code)
    words = {name: one["en"] if isinstance(one, Mapping) and "en" in one else one for name, one in values.items()}
    return code if entry is None else fill(entry["en"], words)


class NotKnownError(QuestionError, LookupError):
    """Nothing of this name is known."""

    def __init__(self, message: str = "", suggestions: Iterable[str] = (), **more: Any) -> None:
        super().__init__(message, suggestions=suggestions, **more)
        if message:
            self.args = (self.hinted(message),)


def portal_named(text: str, portals: Mapping[str, str]) -> str:
    """Give the name of the portal meant. ``portals``: names with their places. Raises :class:`NotKnownError` with the
    nearest names, found by place as well.
    """
    name, near = portal_meant(text, portals)
    if name is None:
        raise NotKnownError(suggestions=near, code="not_known.portal", text=text)
    return name


def suggest_year(year: int, years_with_duties: Iterable[int]) -> NotKnownError:
    """Make the error for a year of which nothing is known, with the nearest years that are, and how far they go."""
    all_years = sorted(set(years_with_duties))
    years = sorted(sorted(all_years, key=lambda other: (abs(other - year), other))[:3])
    code = "not_known.year_of" if all_years else "not_known.year"
    return NotKnownError(suggestions=[str(other) for other in years], code=code, year=year, known=spans(all_years))


def spans(years: Collection[int]) -> str:
    """Give years as a person writes them: 2019–2022, 2024."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
