"""Due dates by kind of agency and reporting year, from ``deadlines.toml``; holidays flagged from ``holidays.toml``.

Sources: 政府信息公开条例 of 2007 (art. 31) for reports on 2018 and before, of 2019 (art. 49) from the reports on
2019 on. A place's own rules stand beside the statutory one and never in its place; an archive may hold more of them.
"""

from __future__ import annotations

import tomllib
from calendar import isleap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from storage.errors import CodedError
from storage.records import AgencyKind

_HERE = Path(__file__).parent


class DeadlineError(CodedError, ValueError):
    """A file of rules is not as it must be; the message names the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """One rule: for ``kinds`` and reporting years ``from_year``–``to_year`` (None: unbounded).

    ``due`` and ``practice`` are (month, day) in the year after the reporting year, at most one of them set;
    ``article``: of the law it rests on; ``place`` is set for a local rule only.
    """

    kinds: frozenset[AgencyKind]
    from_year: int | None
    to_year: int | None
    due: tuple[int, int] | None
    practice: tuple[int, int] | None
    basis: str
    source: str
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

    due: date | None
    practice: date | None
    basis: str
    source: str
    holiday: str | None = None
    article: str = ""


@cache
def deadline_rules() -> tuple[DeadlineRule, ...]:
    """Return the nation-wide rules in the order in which they are tried."""
    return tuple(_rule(row) for row in _load("deadlines.toml")["rule"])


@cache
def local_rules() -> tuple[DeadlineRule, ...]:
    """Rules of single places that are stricter than the law; shown beside the statutory date."""
    return tuple(_rule(row) for row in _load("deadlines.toml").get("local", ()))


def rules_in(text: str, origin: str) -> tuple[DeadlineRule, ...]:
    """The local rules of a file of an archive (``[[local]]``, as in ``deadlines.toml``). Raises DeadlineError."""
    try:
        rows = tomllib.loads(text).get("local", [])
    except tomllib.TOMLDecodeError as error:
        raise DeadlineError(f"{origin}: {error}", code="rules.no_toml", file=origin, cause=error) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DeadlineError(f"{origin}: rules are written as [[local]]", code="rules.no_tables", file=origin)
    return tuple(_local(row, origin, number) for number, row in enumerate(rows, 1))


def _local(row: Mapping[str, Any], file: str, number: int) -> DeadlineRule:
    """A place's rule: nobody believes one without its place, its day and its source."""
    where = f"{file}: rule {number}"
    for key in ("place", "basis", "source"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            message = f"{where}: {key} is missing: who says so, and where, is part of a local rule"
            raise DeadlineError(message, code="rules.lacks", file=file, number=number, name=key)
    try:
        rule = _rule(row)
        if rule.due is not None:
            date(2000, *rule.due)  # a day of some year: 29 February is one
    except (KeyError, TypeError, ValueError, IndexError) as error:
        message = f"{where}: {error}"
        raise DeadlineError(message, code="rules.wrong", file=file, number=number, cause=error) from error
    if rule.due is None:
        raise DeadlineError(f"{where}: due is missing", code="rules.no_due", file=file, number=number)
    years = [year for year in (rule.from_year, rule.to_year) if year is not None]
    if not all(isinstance(year, int) for year in years) or years != sorted(years):
        message = f"{where}: from_year and to_year are years, in this order"
        raise DeadlineError(message, code="rules.years", file=file, number=number)
    return rule


def due(kind: AgencyKind, year: int, rules: Sequence[DeadlineRule] | None = None) -> Due:
    """Return the due date of the report on ``year`` of an agency of ``kind``; without a rule there is none."""
    for rule in deadline_rules() if rules is None else rules:
        if rule.speaks_for(kind, year):
            return _on(rule, year)
    return Due(due=None, practice=None, basis="", source="")


def local_due(place: str, kind: AgencyKind, year: int, rules: Sequence[DeadlineRule] | None = None) -> tuple[Due, ...]:
    """Return the earlier due days that ``place`` sets beside the statutory one, each with its source."""
    statutory = due(kind, year)
    limit = statutory.due or statutory.practice
    found = [
        _on(rule, year)
        for rule in (local_rules() if rules is None else rules)
        if rule.place == place and rule.speaks_for(kind, year)
    ]
    return tuple(item for item in found if item.due is not None and (limit is None or item.due < limit))


def holiday_on(day: date | None) -> str | None:
    """Return the name of the public holiday in which ``day`` falls, None if in none that is on record."""
    if day is None:
        return None
    return next((one.name for one in holidays() if one.first <= day <= one.last), None)


def _on(rule: DeadlineRule, year: int) -> Due:
    statutory = None if rule.due is None else _day(year + 1, rule.due)
    practice = None if rule.practice is None else date(year + 1, *rule.practice)
    return Due(
        due=statutory,
        practice=practice,
        basis=rule.basis,
        source=rule.source,
        holiday=holiday_on(statutory or practice),
        article=rule.article,
    )


def _day(year: int, month_day: tuple[int, int]) -> date:
    """A day of a year; the last of February where it has no 29th."""
    month, day = month_day
    return date(year, 2, 28) if month_day == (2, 29) and not isleap(year) else date(year, month, day)


def _rule(row: Mapping[str, Any]) -> DeadlineRule:
    return DeadlineRule(
        kinds=frozenset(AgencyKind(kind) for kind in row["kinds"]),
        from_year=row.get("from_year"),
        to_year=row.get("to_year"),
        due=_month_day(row.get("due")),
        practice=_month_day(row.get("practice")),
        basis=row["basis"],
        source=row["source"],
        article=row.get("article", ""),
        place=row.get("place"),
    )


def _month_day(value: Sequence[int] | None) -> tuple[int, int] | None:
    return None if value is None else (value[0], value[1])


def holidays_known(day: date | None) -> bool:
    """Whether the public holidays of that day's year are on record, so that no flag means no holiday."""
    first, last = _load("holidays.toml")["years"]
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
        for row in _load("holidays.toml")["holiday"]
    )


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
