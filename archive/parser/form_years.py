"""Choose the form that belongs to a report's year where several fit alike, and report a form of another year.

A form is recognised from the tables, and real reports do print one that is not of their year. But one that did not
exist yet must fit clearly better than the one that did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from archive.findings import finding
from archive.forms.loader import known_form, load_forms
from archive.forms.model import Form
from storage.records import Finding

OTHER_YEAR = "form_of_other_year"  #: code of what :func:`of_another_year` says
CLEARLY = 2  #: labels by which a form that came later must fit better


@dataclass(frozen=True, slots=True)
class Era:
    """``forms``: names of all national forms, the one meant first; ``later``: of those that did not exist yet."""

    forms: tuple[str, ...]
    later: frozenset[str] = frozenset()

    def rank(self, form: Form) -> int:
        """The greater, the rather is this form meant."""
        return -self.forms.index(form.name)


@lru_cache(maxsize=256)
def era(year: int | None) -> Era:
    """That of a report on ``year``; where it does not say, the newest form goes first."""
    forms = load_forms()
    if year is None:
        return Era(tuple(form.name for form in reversed(forms)))

    def order(form: Form) -> tuple[int, int]:
        if form.first_year > year:
            return 2, form.first_year
        if form.last_year is not None and form.last_year < year:
            return 1, -form.last_year
        return 0, -form.first_year

    return Era(
        tuple(form.name for form in sorted(forms, key=order)),
        frozenset(form.name for form in forms if form.first_year > year),
    )


def is_before_forms(year: int | None) -> bool:
    """Whether a report is on a year (None: unknown) before that of the first national form."""
    return year is not None and year < min(form.first_year for form in load_forms())


def of_another_year(name: str | None, year: int | None) -> Iterator[Finding]:
    """Say that a report is on a form (by its name) that did not exist yet in its year, or no more."""
    form = known_form(name)
    if form is None or year is None:
        return
    last = _last_year(form)
    early = year < form.first_year
    if early or (last is not None and year > last):
        yield finding(
            OTHER_YEAR,
            case="early" if early else "late",
            expected=f"{form.first_year}–{last or ''}",
            found=year,
            form=form.name,
            title=form.title,
            first=form.first_year,
            last=last,
        )


def _last_year(form: Form) -> int | None:
    """The last year a form is meant for: its own, or else the one before the next form's first."""
    after = [other.first_year for other in load_forms() if other.first_year > form.first_year]
    return form.last_year if form.last_year is not None or not after else min(after) - 1
