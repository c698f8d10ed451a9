"""Set how portals are crawled, and let them rest: a row is added for each portal, none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from archive.assessment.calendar import local_day
from crawler import portals
from crawler.operations.scheduling.plans import SettingError, checked
from storage.home import Home
from storage.operator_records import Schedules
from storage.records import Schedule


def set_schedule(
    home: Home, names: Sequence[str], settings: Mapping[str, str], *, by: str, reason: str = ""
) -> list[Schedule]:
    """Add a row for each portal named (none: one for all portals): what was set before, with ``settings``.

    An empty value goes back to the rule. Raises :class:`~crawler.errors.UnknownPortal` for a name that is none, and
    :class:`SettingError` for a setting that cannot be; then nothing is written.
    """
    if not by.strip():
        raise SettingError("who sets it must be said: a name that is not empty", code="schedule.nobody")
    for name in names:
        portals.find(name, home.path)
    checked({name: value for name, value in settings.items() if value.strip() or name == "window"})
    stored = Schedules(home)
    latest = stored.latest()
    chosen: list[str | None] = [*names] or [None]
    now, rows = home.clock.now(), []
    for portal in chosen:
        before = dict(latest[portal].settings) if portal in latest else {}
        merged = {key: value for key, value in (before | dict(settings)).items() if value.strip()}
        set_now = checked(merged)
        rows.append(Schedule(portal=portal, settings=set_now, by=by.strip(), reason=reason.strip(), recorded_at=now))
    for row in rows:
        stored.put(row)
    return rows


def pause_setting(home: Home, until: str) -> dict[str, str]:
    """The setting that lets a portal rest: until a day, or (``until`` is empty) until it is resumed.

    Raises :class:`SettingError` for what is no day, or a day that is over.
    """
    if not until:
        return {"paused": "yes"}
    try:
        day = date.fromisoformat(until)
    except ValueError:
        message = f"--until {until!r} is no day; write 2026-05-01"
        raise SettingError(message, code="schedule.no_day", text=until) from None
    today = local_day(home.clock.now())
    if day <= today:  # a year that was mistyped would let nothing rest, without a word
        message = f"--until {until} is not after today ({today}): nothing would rest"
        raise SettingError(message, code="schedule.not_after", until=until, today=today)
    return {"paused": until}
