"""Compare the year's messages about health with the troubles: one message per real problem, and one at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from benchmarks.year_portals import County, Trouble
from crawler.operations.alerts import TOLD, TOLD_OVER
from crawler.operations.health import settings
from storage.home import Home
from storage.observations import Observations
from storage.operator_records import Alarms

#: The problems as which a trouble may be reported; only one of them may be.
TOLD_AS: Mapping[Trouble, frozenset[str]] = {
    "down": frozenset({"unreachable"}),
    "down_in_march": frozenset({"unreachable"}),
    "dead": frozenset({"unreachable"}),
    "blocked": frozenset({"blocked"}),
    "hijacked": frozenset({"foreign_domain", "listing_drift"}),
    "halved": frozenset({"listing_shrunk"}),
    "replaced": frozenset({"listing_drift", "unreachable"}),
    "none": frozenset(),
}
_AT_ONCE = {"halved"}  # reported after one crawl; others need several over some hours


def messages(home: Home, portals: Sequence[County], now: datetime) -> tuple[int, list[str]]:
    """Return how many messages were sent by ``now``, and what is wrong with them."""
    alarms: dict[str, list[tuple[str, datetime]]] = {}
    over: Counter[str] = Counter()
    for alarm in Alarms(home).all():
        code, _, portal = alarm.key.partition("/")
        if alarm.event == TOLD:
            alarms.setdefault(portal, []).append((code, alarm.at))
        elif alarm.event == TOLD_OVER:
            over[portal] += 1
    wrong = [f"{code} of no portal was told at {when:%m-%d}" for code, when in alarms.pop("", [])]
    for county in portals:
        wrong += _faults(county, alarms.get(county.name, []), over[county.name], _crawl_times(home, county), now)
    return sum(map(len, alarms.values())) + over.total(), wrong


def _faults(
    county: County, alarms: Sequence[tuple[str, datetime]], over: int, crawls: Sequence[datetime], now: datetime
) -> list[str]:
    """Return what is wrong with a county's alarms (code and time). ``over``: how many were told to be over."""
    name = f"{county.name} ({county.portal.family}, {county.trouble})"
    summary = ", ".join(f"{code} {when:%m-%d %H:%M}" for code, when in alarms)
    if county.span is None:
        return [f"{name}: told without cause: {summary}"] if alarms else []
    wrong = [f"{name}: told wrongly: {summary}"] if {code for code, _ in alarms} - TOLD_AS[county.trouble] else []
    during = [at for at in crawls if county.troubled(at)]
    if len(alarms) > 1:
        wrong.append(f"{name}: told {len(alarms)} times: {summary}")
    if not alarms and _was_noticeable(county, during):
        wrong.append(f"{name}: was never told")
    if any(when < county.span[0] for _, when in alarms):
        wrong.append(f"{name}: told before it was so: {summary}")
    until = county.span[1]
    ended = until is not None and any(until <= at < now for at in crawls)
    if over != (1 if alarms and ended else 0):
        wrong.append(f"{name}: told to be over {over} times")
    return wrong


def _was_noticeable(county: County, during: Sequence[datetime]) -> bool:
    """Return whether enough crawls met the trouble to report it."""
    if county.trouble in _AT_ONCE:
        return bool(during)
    limits = settings()["limits"]
    lasting = timedelta(hours=limits["failed_hours"])
    return len(during) >= limits["failed_crawls"] and during[-1] - during[0] >= lasting


def _crawl_times(home: Home, county: County) -> list[datetime]:
    return [run.started for run in Observations(home).runs(county.name) if run.finished is not None]
