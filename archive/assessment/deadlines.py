"""Duties and their due dates by kind of agency and reporting year (``deadlines.toml``); public holidays are flagged.

Sources: 政府信息公开条例 of 2007 (art. 31) for reports on 2018 and before, of 2019 (art. 49) from the reports on
2019 on. A place's own rules stand beside the statutory one and never in its place; an archive may hold more of them.
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
from storage.records import Agency, AgencyKind, Duty

_LOCAL = ("kinds", "place", "due", "basis", "source")  # who says so, and where, is part of a local rule


class DeadlineError(CodedError, ValueError):
    """A file of rules is not as it must be; the message names the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """One rule: for ``kinds`` and reporting years ``from_year``-``to_year`` (None: unbounded).

    ``due`` and ``practice`` are (month, day) in the year after the reporting year, at most one of them set;
    ``article``: of the law it rests on; ``place`` is set for a local rule only.
    """

    kinds: frozenset[AgencyKind]
    basis: str
    source: str
    from_year: int | None = None
    to_year: int | None = None
    due: tuple[int, int] | None = None
    practice: tuple[int, int] | None = None
    article: str = ""
    place: str | None = None

    def speaks_for(self, kind: AgencyKind, year: int) -> bool:
        """Whether the rule binds an agency of ``kind`` for its report on ``year``."""
        after_start = self.from_year is None or self.from_year <= year
        before_end = self.to_year is None or year <= self.to_year
        return kind in self.kinds and after_start and before_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A public holiday, its ``first`` and ``last`` day, and the ``notices`` that set it: number, day, address."""

    first: date
    last: date
    name: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a report is due: a statutory day, a customary one, or neither; the ``holiday`` it falls in, if any.

    ``article``: of the law, "" of a local rule.
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
    """Rules of single places that are stricter than the law; shown beside the statutory date."""
    return tuple(_rule(row) for row in data_file("deadlines.toml").get("local", ()))


def rules_in(text: str, origin: str) -> tuple[DeadlineRule, ...]:
    """The local rules of a file of an archive (``[[local]]``, as in ``deadlines.toml``). Raises DeadlineError."""
    try:
        rows = tomllib.loads(text).get("local", [])
        for number, row in enumerate(rows, 1):
            if lacking := [key for key in _LOCAL if not row.get(key)]:
                raise ValueError(f"rule {number} lacks {', '.join(lacking)}")
            if row.get("from_year", 0) > row.get("to_year", 9999):
                raise ValueError(f"rule {number}: from_year lies after to_year")
            date(2000, *row["due"])  # a day of some year: 29 February is one
        return tuple(_rule(row) for row in rows)
    except (ValueError, TypeError, AttributeError) as error:  # TOMLDecodeError is a ValueError
        raise DeadlineError(f"{origin}: {error}", code="rules.wrong", file=origin, cause=error) from error


def due(kind: AgencyKind, year: int) -> Due:
    """Return the due date of the report on ``year`` of an agency of ``kind``; without a rule there is none."""
    return next((_on(rule, year) for rule in deadline_rules() if rule.speaks_for(kind, year)), Due())


def local_due(place: str, kind: AgencyKind, year: int, rules: Sequence[DeadlineRule] | None = None) -> tuple[Due, ...]:
    """Return the earlier due days that ``place`` sets beside the statutory one, each with its source."""
    statutory = due(kind, year)
    limit = statutory.due or statutory.practice
    days = (
        _on(rule, year)
        for rule in (local_rules() if rules is None else rules)
        if rule.place == place and rule.speaks_for(kind, year)
    )
    return tuple(one for one in days if one.due is not None and (limit is None or one.due < limit))


def _on(rule: DeadlineRule, year: int) -> Due:
    statutory, practice = _day(year + 1, rule.due), _day(year + 1, rule.practice)
    holiday, text = holiday_on(statutory or practice), {"source": rule.source, "article": rule.article}
    return Due(due=statutory, practice=practice, basis=rule.basis, holiday=holiday, **text)


def _day(year: int, month_day: tuple[int, int] | None) -> date | None:
    """A day of a year; the last of February where it has no 29th."""
    if month_day == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return None if month_day is None else date(year, *month_day)


def _rule(row: Mapping[str, Any]) -> DeadlineRule:
    days = {key: tuple(row[key]) for key in ("due", "practice") if key in row}
    return DeadlineRule(**{**row, **days, "kinds": frozenset(AgencyKind(kind) for kind in row["kinds"])})


def holiday_on(day: date | None) -> str | None:
    """Return the name of the public holiday in which ``day`` falls, None if in none that is on record."""
    if day is None:
        return None
    return next((one.name for one in holidays() if one.first <= day <= one.last), None)


def holidays_known(day: date | None) -> bool:
    """Whether the public holidays of that day's year are on record, so that no flag means no holiday."""
    first, last = data_file("holidays.toml")["years"]
    return day is None or first <= day.year <= last


@cache
def holidays() -> tuple[Holiday, ...]:
    """The public holidays on record in which a due date fell, in their order."""
    return tuple(
        Holiday(
            first=row["from"],
            last=row["to"],
            name=row["name"],
            notices=tuple(f"{one['number']} ({one['on']}, {one['url']})" for one in row["notices"]),
        )
        for row in data_file("holidays.toml")["holiday"]
    )


def duty(agency: Agency, year: int, reports: Collection[tuple[str, int]] = ()) -> Duty:
    """Return the duty of ``agency`` to report on ``year``; ``reports``: agency and year of the reports that are held.

    It is guessed if the registry row is a guess and no report attests the agency in that year or later.
    """
    when = due(agency.kind, year)
    return Duty(
        agency=agency.id,
        year=year,
        kind=agency.kind,
        due=when.due,
        practice=when.practice,
        basis=when.basis,
        guessed=agency.guessed and not any(who == agency.id and other >= year for who, other in reports),
        holiday=when.holiday,
    )


def duties(
    agencies: Iterable[Agency], first_year: int, now: datetime, reports: Collection[tuple[str, int]] = ()
) -> tuple[Duty, ...]:
    """Every duty from ``first_year`` to the last year that is over at ``now``, in the order agency, year.

    ``agencies`` holds the current row of each. Years outside an agency's life are there too: they are *not expected*.
    """
    first_year = min([first_year, *(year for _, year in reports)])
    return tuple(duty(agency, year, reports) for agency in agencies for year in range(first_year, local_day(now).year))
