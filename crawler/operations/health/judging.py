"""Facts → problems. Pure; thresholds, sentences and advice stand in ``health.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from crawler.operations.due_crawls import Crawl
from crawler.operations.health.facts import ArchiveFacts, PortalFacts, SeenLook
from crawler.operations.job_queue import GIVEN_UP
from storage.records import SHANGHAI

STRANGE_OUTCOMES = frozenset({"changed", "script_only"})  # of looks that found another page
_FILE = Path(__file__).with_name("health.toml")
_NOT_LINKED = "not_linked"  # the doubt of a look at a folder that the portal took away, with what led to it
_NAMED_LISTS = 3
_NAMED_REASONS = 5
_SEVERITIES = ("error", "warning", "info")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not well. ``code``: a ``[problem]`` of ``health.toml``; ``since``: when it was first so;
    ``detail``: what was seen, one of ``[detail]`` with its ``values``; ``portal`` is "" for the archive's own.
    """

    code: str
    portal: str = ""
    place: str = ""
    since: datetime
    detail: str = "plain"
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What makes it one problem, however often it is seen."""
        return f"{self.code}/{self.portal}"

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``info``."""
        return str(texts()[self.code]["severity"])

    def sentence(self, language: str) -> str:
        """Return it in a sentence; ``language`` is ``en`` or ``zh``."""
        return self._filled(language, language)

    def advice(self, language: str = "en") -> str:
        """Return what to do."""
        return self._filled("advice_zh" if language == "zh" else "advice", language)

    def _filled(self, name: str, language: str) -> str:
        text = str(texts()[self.code][name]).replace("{portal}", self.portal).replace("{place}", self.place)
        return text.replace("{detail}", settings()["detail"][self.detail][language].format_map(self.values))


@cache
def settings() -> Mapping[str, Any]:
    """Return the file ``health.toml``."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def texts() -> Mapping[str, Any]:
    """Return its ``[problem]`` tables."""
    found: Mapping[str, Any] = settings()["problem"]
    return found


def problems(facts: ArchiveFacts) -> list[Problem]:
    """Return everything that is not well, worst first, then by portal."""
    found = [
        Problem(code=code, portal=one.portal, place=one.place, since=since, detail=detail, values=values)
        for one in facts.portals.values()
        for judge in _JUDGES
        for code, since, detail, values in judge(one, facts.at, settings()["limits"])
    ]
    found = [*_with_our_clock(found, facts), *_of_the_archive(facts)]
    return sorted(found, key=lambda one: (_SEVERITIES.index(one.severity), one.portal, one.code))


def unsettled(facts: ArchiveFacts) -> list[str]:
    """Return the portals that did not answer in their last crawl, whether or not that is a problem yet."""
    return sorted(name for name, one in facts.portals.items() if one.crawls and not one.crawls[-1].is_answered)


#: code, since, and what was seen: an entry of ``[detail]`` with its values
_Judged = Iterator[tuple[str, datetime, str, Mapping[str, object]]]
_Limits = Mapping[str, Any]


def _not_through(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    def is_lasting(streak: list[Crawl]) -> bool:
        hours = timedelta(hours=limits["failed_hours"])
        return len(streak) >= limits["failed_crawls"] and at - streak[0].started >= hours

    refused = _last_while(lambda crawl: bool(crawl.looks.get("blocked")), portal.crawls)
    if is_lasting(refused):
        yield "blocked", refused[0].started, "in_a_row", _reasons(portal, "blocked", refused)
    banned = _last_while(lambda crawl: bool(crawl.looks.get("robots")), portal.crawls)
    if banned:
        yield "robots", banned[0].started, "in_a_row", _reasons(portal, "robots", banned)
    dead = _last_while(lambda crawl: not crawl.looks.get("ok") and not crawl.is_refused, portal.crawls)
    is_down = any(crawl.looks.get("unreachable") or crawl.outcome in {"unreachable", "failed"} for crawl in dead)
    if is_lasting(dead) and is_down and not _led_away(portal):
        since = dead[0].started
        tls = any(look.started >= since and look.reason.endswith("tls") for look in portal.looks)
        yield ("certificate" if tls else "unreachable"), since, "in_a_row", _reasons(portal, "unreachable", dead)


def _reasons(portal: PortalFacts, outcome: str, streak: list[Crawl]) -> Mapping[str, object]:
    since = streak[0].started
    found = [look.reason for look in portal.looks if look.started >= since and look.outcome == outcome and look.reason]
    named = ", ".join(dict.fromkeys(found[-_NAMED_REASONS:])) or streak[-1].outcome
    return {"reasons": named, "count": len(streak), "day": _day(since)}


def _changed(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    """Lists that are another page than they were, and where their reports stand now."""
    del at
    changed: list[list[SeenLook]] = []
    for looks in portal.looks_by_listing.values():
        linked = [look for look in looks if look.doubt != _NOT_LINKED]
        last = _last_while(_is_strange, linked)
        if limits["drift_looks"] <= len(last) < len(linked):
            changed.append(last)
    if changed and not portal.strangers:  # pages of strangers are told as such
        names = [portal.marks] if portal.marks else []
        for look in [looks[-1] for looks in changed[:_NAMED_LISTS]]:
            now = f" → {portal.moved[look.listing]}" if look.listing in portal.moved else ""
            names.append(f"{look.listing} ({look.reason or look.outcome}){now}")
        more = len(changed) - _NAMED_LISTS
        seen = {"text": ", ".join(names), "count": more}
        code = "family_changed" if portal.marks else "listing_drift"
        yield code, min(looks[0].started for looks in changed), "and_more" if more > 0 else "plain", seen


def _shrunk(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    """Lists that lost several reports; or many lists that lost one each. That a single report is gone is told of the
    report itself.
    """
    del at
    last_of = [[look for look in looks if look.outcome == "ok"] for looks in portal.looks_by_listing.values()]
    asked = [looks for looks in last_of if looks]
    shrunk = [last for looks in asked if (last := _last_while(lambda look: look.doubt == "shrunk", looks))]
    much = [looks[0] for looks in shrunk if looks[-1].lost >= limits["shrunk_least"]]
    little = [looks[0] for looks in shrunk if looks[-1].lost < limits["shrunk_least"]]
    if len(little) >= limits["shrunk_least"] and len(little) > limits["shrunk_lists"] * len(asked):
        much += little
    if much:
        yield "listing_shrunk", min(look.started for look in much), "plain", _listings(much)


def _led_to_strangers(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    del limits
    if led_away := _led_away(portal):
        yield "foreign_domain", min(one[0] for one in led_away), "plain", {"text": _joined(one[1] for one in led_away)}
    elif portal.strangers:
        last = [_last_while(_is_strange, looks) for looks in portal.looks_by_listing.values()]
        since = min((look.started for looks in last for look in looks), default=at)
        yield "foreign_domain", since, "theirs", {"words": portal.strangers}


def _led_away(portal: PortalFacts) -> list[tuple[datetime, str]]:
    """Return where the last crawl was led to foreign hosts: that is told, and not that the portal does not answer."""
    since = portal.crawls[-1].started if portal.crawls else None
    return [(one.fetched_at, one.url) for one in portal.refusals if since is not None and one.fetched_at >= since]


def _robots_changed(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    recent = [one for one in portal.robots if at - one.fetched_at <= timedelta(days=limits["robots_days"])]
    for last in recent[-1:]:
        yield "robots_changed", last.fetched_at, "seen", {"url": last.url, "day": _day(last.fetched_at)}


def _unverified(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    del at, limits
    if doubted := [look for look in portal.last_looks if look.doubt == "unverified"]:
        yield "unverified", doubted[0].started, "plain", _listings(doubted)


def _skewed(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    del at
    off = [look for look in portal.last_looks if abs(look.skew or 0) > limits["skew_seconds"]]
    if off:
        yield "clock_skew", off[0].started, "seconds", {"count": f"{max(abs(look.skew or 0) for look in off):.0f}"}


def _fewer_reports(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    season = portal.season
    if season is None or season.then is None:
        return
    if season.now < limits["fewer_share"] * season.then and season.then - season.now >= limits["fewer_least"]:
        seen = {"now": season.now, "then": season.then, "year": season.year, "before": season.year - 1}
        yield "fewer_reports", at, "fewer", seen


def _more_findings(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    late, before = portal.errors, portal.errors_before
    if late is None or before is None or not before.editions or late.with_errors < limits["findings_least"]:
        return
    usual = max(before.with_errors, 1) / before.editions
    if late.with_errors / late.editions >= limits["findings_share"] * usual:
        seen = {"bad": late.with_errors, "of": late.editions}
        yield "findings_up", at, "findings", seen | {"bad_before": before.with_errors, "before": before.editions}


def _overdue(portal: PortalFacts, at: datetime, limits: _Limits) -> _Judged:
    if portal.broken:
        yield "setting", at, "broken", {"reason": portal.broken}
    elif portal.due is not None and at - portal.due > timedelta(hours=limits["overdue_hours"]):
        yield "overdue", portal.due, "since", {"day": _day(portal.due)}


_JUDGES: tuple[Callable[[PortalFacts, datetime, _Limits], _Judged], ...] = (
    _not_through, _changed, _shrunk, _led_to_strangers, _robots_changed, _unverified, _skewed, _fewer_reports,
    _more_findings, _overdue,
)  # fmt: skip


def _with_our_clock(found: list[Problem], facts: ArchiveFacts) -> list[Problem]:
    """Where the portals asked last agree against us, or several do and none agrees with us, the clock is ours."""
    off = [one for one in found if one.code == "clock_skew"]
    asked = sum(any(look.skew is not None for look in one.looks) for one in facts.portals.values())
    if facts.clock is not None:
        detail, values = "seconds", {"count": f"{facts.clock:.0f}"}
    elif len(off) >= max(settings()["limits"]["skew_portals"], asked):
        detail, values = "portals", {"count": str(len(off)), "seconds": str(off[0].values["count"])}
    else:
        return found
    since = min((one.since for one in off), default=facts.at)
    ours = Problem(code="our_clock", since=since, detail=detail, values=values)
    return [*(one for one in found if one.code != "clock_skew"), ours]


def _of_the_archive(facts: ArchiveFacts) -> Iterator[Problem]:
    limits, at, first = settings()["limits"], facts.at, facts.unread_since
    if facts.free < limits["disk_bytes"]:
        yield Problem(code="disk", since=at, detail="free", values={"mebibytes": f"{facts.free / 2**20:,.0f}"})
    if facts.damage:
        yield Problem(code="damaged", since=at, values={"text": facts.damage})
    if facts.store:
        yield Problem(code="store", since=at, values={"text": facts.store})
    if given_up := sum(number for (_, status), number in facts.jobs.items() if status == GIVEN_UP):
        yield Problem(code="given_up", since=at, detail="jobs", values={"count": given_up})
    if first is not None and at - first > timedelta(hours=limits["unread_hours"]):
        yield Problem(code="unread", since=first, detail="waiting", values={"count": facts.unread, "day": _day(first)})


def _is_strange(look: SeenLook) -> bool:
    return look.outcome in STRANGE_OUTCOMES


def _last_while(is_so: Callable[[T], bool], found: Sequence[T]) -> list[T]:
    """Return the last ones for which it is so without a break, the oldest first."""
    return [*takewhile(is_so, reversed(found))][::-1]


def _listings(looks: Sequence[SeenLook]) -> Mapping[str, object]:
    return {"text": ", ".join(look.listing for look in looks[:_NAMED_LISTS])}


def _joined(texts: Iterator[str]) -> str:
    return ", ".join([*dict.fromkeys(texts)][:_NAMED_LISTS])


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
