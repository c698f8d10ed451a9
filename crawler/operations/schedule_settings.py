"""How often portals are crawled: the rule, and what the operator set for one portal or for all.

Each change is a new row in the archive, with its author; no row is ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from archive.assessment.calendar import day_begins, day_ends, local_day
from crawler import portals
from crawler.errors import CrawlError
from storage.home import Home
from storage.operator_records import Schedules
from storage.records import SHANGHAI, Schedule

NEVER = datetime.max.replace(tzinfo=SHANGHAI)  #: the end of a pause that lasts until the operator ends it
SETTINGS = ("every_days", "season_every_days", "paused")  #: what can be set; the rest of the rule is the same for all
_LEAST_DAYS, _MOST_DAYS = 0.25, 3660  # between two crawls; more must be a typing error
_PAUSES = {"no": None, "false": None, "yes": NEVER, "true": NEVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """By what rule one portal is crawled; times and days are those of Asia/Shanghai. The season is around a due date.
    ``paused``: when crawls go on after a pause; None without one.
    """

    every_days: timedelta = timedelta(days=7)  # between two crawls, outside the season
    season_every_days: timedelta = timedelta(days=1)  # between two crawls in the season
    paused: datetime | None = None
    season_before: timedelta = timedelta(days=7)
    season_after: timedelta = timedelta(days=14)
    proof_at: time = time(9)  # of the first crawl of proof, on the day after the due date (docs/operating.md)
    second_after: timedelta = timedelta(hours=24)  # from the end of the first complete crawl of proof
    third_after: timedelta = timedelta(hours=168)  # likewise
    proof_span: timedelta = timedelta(days=30)  # after the due date, in which crawls of proof are tried
    retry_after: timedelta = timedelta(hours=2)  # between a failed crawl and its retry, while a crawl of proof is due
    refused_retry_after: timedelta = timedelta(hours=12)  # the same, if the portal refused us
    alike_span: timedelta = timedelta(hours=24)  # no retry if all crawls of so long a time had the same outcomes
    trouble_every: timedelta = timedelta(days=1)  # between a failed crawl and the next, at other times
    jitter: timedelta = timedelta(minutes=30)  # crawls that are due at the same time begin within this time


def plan_of(settings: Mapping[str, str], rule: Plan | None = None) -> Plan:
    """Return the rule with these settings. Raises :class:`CrawlError`."""
    values = {name: _value(name, text.strip()) for name, text in settings.items()}
    return replace(rule or Plan(), **values)  # type: ignore[arg-type]


def known_settings(row: Schedule | None) -> dict[str, str]:
    """Return the settings in a row of the archive, without those that only earlier versions had."""
    return {name: value for name, value in row.settings.items() if name in SETTINGS} if row is not None else {}


def set_schedule(
    home: Home, names: Sequence[str], settings: Mapping[str, str], *, by: str, reason: str = ""
) -> list[Schedule]:
    """Add ``settings`` to those set before, in a new row for each portal named (no name: in one for all portals).

    An empty value restores the default. Raises :class:`~crawler.errors.UnknownPortal`, or :class:`CrawlError` for an
    invalid setting or an empty ``by`` (who sets it); then nothing is written.
    """
    if not by.strip():
        raise CrawlError(code="schedule.nobody")
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
    Raises :class:`CrawlError` if the text is no day, or the day is not after today.
    """
    resumes, today = _pause_end(until or "yes"), local_day(home.clock.now())
    if resumes is None or resumes < day_ends(today):  # a mistyped year would silently pause nothing
        raise CrawlError(code="schedule.not_after", until=until, today=today)
    return {"paused": until or "yes"}


def _value(name: str, text: str) -> timedelta | datetime | None:
    """Return the value of a setting from its text: days, or for ``paused`` the end. Raises :class:`CrawlError`."""
    if name not in SETTINGS:
        raise CrawlError(code="schedule.no_setting", name=name, every=", ".join(SETTINGS))
    if name == "paused":
        return _pause_end(text)
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not _LEAST_DAYS <= days <= _MOST_DAYS:
        raise CrawlError(code="schedule.no_number", name=name, least=_LEAST_DAYS, most=_MOST_DAYS, text=text)
    return timedelta(days=days)


def _pause_end(text: str) -> datetime | None:
    """Return when a pause ends: as a day begins, or by a word of ``_PAUSES``. Raises CrawlError for other text."""
    if text.lower() in _PAUSES:
        return _PAUSES[text.lower()]
    try:
        return day_begins(date.fromisoformat(text))
    except ValueError:
        raise CrawlError(code="schedule.no_pause", text=text) from None
