"""Work out duties and their due dates by kind of agency and reporting year (``deadlines.toml``).

Sources: 政府信息公开条例 of 2007 (art. 31) for reports on 2018 and before, of 2019 (art. 49) from the reports on
2019 on. A place may add a stricter rule; the statutory date stays beside it. A due date in a holiday is only flagged.
"""

from __future__ import annotations

import tomllib
from calendar import isleap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from archive.assessment.calendar import local_day
from archive.assessment.data_files import data_file
from storage.errors import CodedError
from storage.records import Agency, AgencyKind, Duty, ReportKey

_LOCAL_RULE_KEYS = ("kinds", "place", "due", "basis", "source")  # that every local rule must have


class DeadlineError(CodedError, ValueError):
    """A file of rules has an error; the message names the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """One rule for some ``kinds`` of agencies and the reporting years ``from_year`` to ``to_year`` (None: no bound).
    ``due`` (by law) and ``practice`` (by custom) are (month, day) in the year after the reporting year; at most one of
    them is set. ``basis``, ``basis_en``: the legal basis in words; ``source``, ``source_en``: where it stands;
    ``article``: of the law that it rests on; ``place``: only of a local rule.
    """

    kinds: frozenset[AgencyKind]
    basis: str
    source: str
    basis_en: str = ""
    source_en: str = ""
    from_year: int | None = None
    to_year: int | None = None
    due: tuple[int, int] | None = None
    practice: tuple[int, int] | None = None
    article: str = ""
    place: str | None = None

    def applies_to(self, kind: AgencyKind, year: int) -> bool:
        """True if the rule is about the reports of agencies of ``kind`` on ``year``."""
        after_start = self.from_year is None or self.from_year <= year
        before_end = self.to_year is None or year <= self.to_year
        return kind in self.kinds and after_start and before_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A public holiday with its ``first`` and ``last`` day, and the ``notices`` that set it (number, day, address)."""

    first: date
    last: date
    name: str
    en: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """When a report is due: on a statutory day (``due``), a customary day (``practice``), or none is known.
    ``holiday``: the public holiday in which the day falls, if any; ``article``: of the law, "" for a local rule.
    """

    due: date | None = None
    practice: date | None = None
    basis: str = ""
    source: str = ""
    holiday: str | None = None
    article: str = ""


@cache
def deadline_rules() -> tuple[DeadlineRule, ...]:
    """Return the nation-wide rules in the order in which they are tried."""
    return tuple(_rule(row) for row in data_file("deadlines.toml")["rule"])


@cache
def local_rules() -> tuple[DeadlineRule, ...]:
    """Return the built-in rules of single places that are stricter than the law."""
    return tuple(_rule(row) for row in data_file("deadlines.toml").get("local", ()))


def rules_in(text: str, origin: str) -> tuple[DeadlineRule, ...]:
    """Return the local rules (``[[local]]``) in a TOML ``text``. Raises DeadlineError, naming the file ``origin``."""
    try:
        rows = tomllib.loads(text).get("local", [])
        for number, row in enumerate(rows, 1):
            if lacking := [key for key in _LOCAL_RULE_KEYS if not row.get(key)]:
                raise ValueError(f"rule {number} lacks {', '.join(lacking)}")
            if row.get("from_year", 0) > row.get("to_year", 9999):
                raise ValueError(f"rule {number}: from_year lies after to_year")
            date(2000, *row["due"])  # raises ValueError for a day that no year has; 2000 has a 29 February
        return tuple(_rule(row) for row in rows)
    except (ValueError, TypeError, AttributeError) as error:  # TOMLDecodeError is a ValueError
        raise DeadlineError(f"{origin}: {error}", code="rules.wrong", file=origin, cause=error) from error


def due(kind: AgencyKind, year: int) -> DueDate:
    """Return when an agency of ``kind`` must publish its report on ``year``; no day is set if no rule applies."""
    return next((_due_by(rule, year) for rule in deadline_rules() if rule.applies_to(kind, year)), DueDate())


def local_due(
    place: str, kind: AgencyKind, year: int, rules: Sequence[DeadlineRule] | None = None
) -> tuple[DueDate, ...]:
    """Return the due dates by rules of ``place`` that are before the nation-wide one; ``rules`` None: the built-in."""
    statutory = due(kind, year)
    limit = statutory.due or statutory.practice
    days = (
        _due_by(rule, year)
        for rule in (local_rules() if rules is None else rules)
        if rule.place == place and rule.applies_to(kind, year)
    )
    return tuple(one for one in days if one.due is not None and (limit is None or one.due < limit))


def _due_by(rule: DeadlineRule, year: int) -> DueDate:
    statutory, practice = _day(year + 1, rule.due), _day(year + 1, rule.practice)
    holiday = holiday_on(statutory or practice)
    return DueDate(
        due=statutory, practice=practice, basis=rule.basis, source=rule.source, holiday=holiday, article=rule.article
    )


def _day(year: int, month_day: tuple[int, int] | None) -> date | None:
    """Return the day of a year, None for none; 29 February becomes the 28th in a common year."""
    if month_day == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return None if month_day is None else date(year, *month_day)


def _rule(row: Mapping[str, Any]) -> DeadlineRule:
    days = {key: tuple(row[key]) for key in ("due", "practice") if key in row}
    return DeadlineRule(**{**row, **days, "kinds": frozenset(AgencyKind(kind) for kind in row["kinds"])})


def holiday_on(day: date | None) -> str | None:
    """Return the name of the recorded public holiday in which ``day`` falls, or None."""
    if day is None:
        return None
    return next((one.name for one in holidays() if one.first <= day <= one.last), None)


def holidays_known(day: date | None) -> bool:
    """True if the public holidays of that year are recorded, so that ``holiday_on`` None means that there is none."""
    first, last = data_file("holidays.toml")["years"]
    return day is None or first <= day.year <= last


@cache
def holidays() -> tuple[Holiday, ...]:
    """Return the recorded public holidays in which a due date fell, in the order of the data file."""
    return tuple(
        Holiday(
            first=row["from"],
            last=row["to"],
            name=row["name"],
            en=row["en"],
            notices=tuple(f"{one['number']} ({one['on']}, {one['url']})" for one in row["notices"]),
        )
        for row in data_file("holidays.toml")["holiday"]
    )


def duty(agency: Agency, year: int, reports: Collection[ReportKey] = ()) -> Duty:
    """Return the duty of ``agency`` to report on ``year``; ``reports``: (agency, year) of the reports in the archive.
    The duty is a guess if the registry row is one and the archive has no report of the agency on that year or later.
    """
    deadline = due(agency.kind, year)
    return Duty(
        agency=agency.id,
        year=year,
        kind=agency.kind,
        due=deadline.due,
        practice=deadline.practice,
        basis=deadline.basis,
        guessed=agency.guessed and not any(author == agency.id and other >= year for author, other in reports),
        holiday=deadline.holiday,
    )


def duties(
    agencies: Iterable[Agency], first_year: int, now: datetime, reports: Collection[ReportKey] = ()
) -> tuple[Duty, ...]:
    """Return every duty (a report owed) from ``first_year`` to the last year that is over at ``now``, by agency and
    year. ``agencies``: the current row of each; ``reports``: (agency, year) of those in the archive, which attest
    agencies of which the registry only guesses. Years in which an agency did not exist are included: *not expected*.
    """
    return tuple(duty(agency, year, reports) for agency in agencies for year in range(first_year, local_day(now).year))
