"""The rule of ``schedule.toml`` and what was set for a portal, as its plan. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from archive.assessment.calendar import day_begins
from crawler.errors import CrawlError
from crawler.operations.scheduling.hours import Hours, hours_of, time_of
from storage.records import SHANGHAI

_FILE = Path(__file__).with_name("schedule.toml")
_YEARS = 3660  # days: more is a slip of the pen


class SettingError(CrawlError):
    """A setting that does not exist or a value that it cannot take; the message says what it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one portal is crawled; the names are those of ``schedule.toml``.

    ``window``: local (begin, end), the end may lie on the next day; None: at any time. ``resumes``: the instant until
    which nothing is crawled, None if crawls go on, and the end of time where they rest until somebody says otherwise.
    """

    every: timedelta
    season_before: timedelta
    season_after: timedelta
    season_every: timedelta
    proof_at: time
    second_after: timedelta
    third_after: timedelta
    proof_for: timedelta
    retry: timedelta
    blocked_retry: timedelta
    alike: timedelta
    trouble: timedelta
    window: Hours | None
    jitter: timedelta
    resumes: datetime | None


#: Of a plan that rests until somebody says otherwise.
NEVER = datetime.max.replace(tzinfo=SHANGHAI)


@cache
def rule() -> Mapping[str, str]:
    """The settings of ``schedule.toml`` as text."""
    return {name: str(value) for name, value in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()}


def plan_of(*overrides: Mapping[str, str]) -> Plan:
    """The rule with ``overrides``, the last of which wins. Raises :class:`SettingError`."""
    settings = dict(rule())
    for override in overrides:
        settings |= override
    values: dict[str, Any] = {}
    for name, text in settings.items():
        field, read = _reader(name)
        values[field] = read(name, text)
    return Plan(**values)


def checked(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as they may be stored. Raises :class:`SettingError` for a name or a value that cannot be."""
    plan_of(settings)
    return {name: text.strip() for name, text in settings.items()}


def _reader(name: str) -> tuple[str, Callable[[str, str], object]]:
    found = _READERS.get(name)
    if found is None:
        every = ", ".join(_READERS)
        message = f"there is no setting {name!r}; there are: {every}"
        raise SettingError(message, code="schedule.no_setting", name=name, every=every)
    return found


def _span(unit: str, least: float, most: timedelta = timedelta(days=_YEARS)) -> Callable[[str, str], timedelta]:
    def read(name: str, text: str) -> timedelta:
        try:
            number = float(text)
            span = timedelta(**{unit: number})
        except (ValueError, OverflowError):
            number, span = -1.0, timedelta(-1)
        if not (least <= number and span <= most):
            limit = f"{most / timedelta(**{unit: 1}):g}"
            raise SettingError(
                f"{name} is a number of {unit}, at least {least:g}, at most {limit}, and not {text!r}",
                code="schedule.no_number", name=name, least=f"{least:g}", most=limit, text=text,
            )  # fmt: skip
        return span

    return read


def _time(name: str, text: str) -> time:
    try:
        return time_of(text)
    except ValueError:
        message = f"{name} is a time such as 09:00, and not {text!r}"
        raise SettingError(message, code="schedule.no_time", name=name, text=text) from None


def _window(name: str, text: str) -> Hours | None:
    try:
        return hours_of(text)
    except ValueError:
        raise SettingError(
            f"{name} is two different times such as 20:00-08:00, or nothing for any time, and not {text!r}",
            code="schedule.no_window",
            name=name,
            text=text,
        ) from None


def _pause(name: str, text: str) -> datetime | None:
    text = text.strip().lower()
    if text in {"", "no", "false"}:
        return None
    if text in {"yes", "true"}:
        return NEVER
    try:
        return day_begins(date.fromisoformat(text))
    except ValueError:
        message = f"{name} is yes, no or the day on which crawls go on (2026-05-01), not {text!r}"
        raise SettingError(message, code="schedule.no_pause", name=name, text=text) from None


_READERS: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "every_days": ("every", _span("days", 0.25)),
    "season_before_days": ("season_before", _span("days", 0)),
    "season_after_days": ("season_after", _span("days", 0)),
    "season_every_days": ("season_every", _span("days", 0.25)),
    "proof_at": ("proof_at", _time),
    "second_after_hours": ("second_after", _span("hours", 24)),
    "third_after_hours": ("third_after", _span("hours", 168)),
    "proof_days": ("proof_for", _span("days", 0)),
    "retry_hours": ("retry", _span("hours", 1)),
    "blocked_retry_hours": ("blocked_retry", _span("hours", 6)),
    "alike_hours": ("alike", _span("hours", 1)),
    "trouble_days": ("trouble", _span("days", 0.25)),
    "window": ("window", _window),
    "jitter_minutes": ("jitter", _span("minutes", 0, timedelta(days=1))),
    "paused": ("resumes", _pause),
}
