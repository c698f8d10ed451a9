"""Settings of how often portals are crawled: the defaults in ``schedule.toml``, and those of the operator for one
portal or for all. Each change is a new row in the archive, with its author; no row is ever changed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from archive.assessment.calendar import day_begins, local_day
from crawler import portals
from crawler.errors import CrawlError
from storage.home import Home
from storage.operator_records import Schedules
from storage.records import SHANGHAI, Schedule

NEVER = datetime.max.replace(tzinfo=SHANGHAI)  #: the end of a pause that lasts until the operator ends it
_MAX_SPAN = timedelta(days=3660)  # more must be a typing error
_MAX_JITTER = timedelta(days=1)


class SettingError(CrawlError):
    """A setting that does not exist, or a value that it cannot take; the message says what it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The settings by which one portal is crawled; ``schedule.toml`` explains each. ``least``: the smallest number
    allowed, in the unit that is the last word of the setting's name.

    ``paused``: when crawls go on after a pause; None without one.
    """

    every_days: timedelta = field(metadata={"least": 0.25})
    season_before_days: timedelta = field(metadata={"least": 0})
    season_after_days: timedelta = field(metadata={"least": 0})
    season_every_days: timedelta = field(metadata={"least": 0.25})
    proof_at: time
    second_after_hours: timedelta = field(metadata={"least": 24})
    third_after_hours: timedelta = field(metadata={"least": 168})
    proof_days: timedelta = field(metadata={"least": 0})
    retry_hours: timedelta = field(metadata={"least": 1})
    blocked_retry_hours: timedelta = field(metadata={"least": 6})
    alike_hours: timedelta = field(metadata={"least": 1})
    trouble_days: timedelta = field(metadata={"least": 0.25})
    jitter_minutes: timedelta = field(metadata={"least": 0})
    paused: datetime | None


_LEAST: Mapping[str, float] = {one.name: one.metadata["least"] for one in fields(Plan) if one.metadata}


@cache
def rule() -> Mapping[str, str]:
    """Return the default settings in ``schedule.toml``, with their values as text."""
    text = Path(__file__).with_name("schedule.toml").read_text(encoding="utf-8")
    return {name: str(value) for name, value in tomllib.loads(text).items()}


def plan_of(*overrides: Mapping[str, str]) -> Plan:
    """Return the default settings with ``overrides``, of which the last one wins. Raises :class:`SettingError`."""
    settings = dict(rule())
    for override in overrides:
        settings |= override
    return Plan(**{name: _value(name, text) for name, text in settings.items()})  # type: ignore[arg-type]


def known_settings(row: Schedule | None) -> dict[str, str]:
    """Return the settings in a row of the archive, without those that only earlier versions had."""
    return {name: value for name, value in row.settings.items() if name in rule()} if row is not None else {}


def set_schedule(
    home: Home, names: Sequence[str], settings: Mapping[str, str], *, by: str, reason: str = ""
) -> list[Schedule]:
    """Add ``settings`` to those set before, in a new row for each portal named (no name: in one for all portals).

    An empty value restores the default. Raises :class:`~crawler.errors.UnknownPortal`, or :class:`SettingError` for an
    invalid setting; then nothing is written.
    """
    if not by.strip():
        raise SettingError("who sets it must be said: a name that is not empty", code="schedule.nobody")
    for name in names:
        portals.find(name, home.path)
    stored, rows, now = Schedules(home), list[Schedule](), home.clock.now()
    latest, chosen = stored.latest(), list[str | None](names)
    for portal in chosen or [None]:
        together = {**known_settings(latest.get(portal)), **settings}
        merged = {key: value.strip() for key, value in together.items() if value.strip()}
        plan_of(merged)
        rows.append(Schedule(portal=portal, settings=merged, by=by.strip(), reason=reason.strip(), recorded_at=now))
    for row in rows:
        stored.put(row)
    return rows


def pause_setting(home: Home, until: str) -> dict[str, str]:
    """Return the setting that pauses a portal until a day, or, if ``until`` is empty, until the operator resumes it.

    Raises :class:`SettingError` if the text is no day, or the day is not after today.
    """
    if not until:
        return {"paused": "yes"}
    try:
        day = date.fromisoformat(until)
    except ValueError:
        message = f"--until {until!r} is no day; write 2026-05-01"
        raise SettingError(message, code="schedule.no_day", text=until) from None
    today = local_day(home.clock.now())
    if day <= today:  # a mistyped year would silently pause nothing
        message = f"--until {until} is not after today ({today}): nothing would rest"
        raise SettingError(message, code="schedule.not_after", until=until, today=today)
    return {"paused": until}


def _value(name: str, text: str) -> object:
    """Return the value of a setting from its text. Raises :class:`SettingError`."""
    if name not in rule():
        every = ", ".join(rule())
        message = f"there is no setting {name!r}; there are: {every}"
        raise SettingError(message, code="schedule.no_setting", name=name, every=every)
    if name in _LEAST:
        return _span(name, text)
    try:
        return _time(text) if name == "proof_at" else _pause_end(text)
    except ValueError:
        code = "schedule.no_time" if name == "proof_at" else "schedule.no_pause"
        wanted = "a time such as 09:00" if name == "proof_at" else "yes, no or the day on which crawls go on"
        raise SettingError(f"{name} is {wanted}, and not {text!r}", code=code, name=name, text=text) from None


def _span(name: str, text: str) -> timedelta:
    unit, least = name.rpartition("_")[2], _LEAST[name]
    most = _MAX_JITTER if name == "jitter_minutes" else _MAX_SPAN
    try:
        number, span = float(text), timedelta(**{unit: float(text)})
    except (ValueError, OverflowError):
        number, span = -1.0, timedelta(-1)
    if not (least <= number and span <= most):
        limit = f"{most / timedelta(**{unit: 1}):g}"
        message = f"{name} is a number of {unit}, at least {least:g}, at most {limit}, and not {text!r}"
        values = {"name": name, "least": f"{least:g}", "most": limit, "text": text}
        raise SettingError(message, code="schedule.no_number", **values)
    return span


def _time(text: str) -> time:
    hours, minutes = text.strip().split(":")
    return time(int(hours), int(minutes))


def _pause_end(text: str) -> datetime | None:
    text = text.strip().lower()
    if text in {"", "no", "false"}:
        return None
    return NEVER if text in {"yes", "true"} else day_begins(date.fromisoformat(text))
