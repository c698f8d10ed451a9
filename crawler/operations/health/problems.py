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
from storage.records import SHANGHAI

_STRANGE_OUTCOMES = frozenset({"changed", "script_only"})  # of looks that found another page
_NOT_LINKED = "not_linked"  # the doubt of a look at a folder that the portal took away, with what led to it
_NAMED_LISTS = 3
_NAMED_REASONS = 5
_SEVERITIES = ("error", "warning", "info")
_Values = Mapping[str, object]
_Judged = Iterator[tuple[str, datetime, str, _Values]]  # code, since, an entry of [detail] with its values
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
    values: _Values = field(default_factory=dict)

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
    return tomllib.loads(Path(__file__).with_name("health.toml").read_text(encoding="utf-8"))


def texts() -> Mapping[str, Any]:
    """Return its ``[problem]`` tables."""
    found: Mapping[str, Any] = settings()["problem"]
    return found


def problems(facts: ArchiveFacts) -> list[Problem]:
    """Return everything that is not well, worst first, then by portal."""
    limits = settings()["limits"]
    found = [
        Problem(code=code, portal=one.portal, place=one.place, since=since, detail=detail, values=values)
        for one in facts.portals.values()
        for judge in (_not_through, _changed, _shrunk, _led_away, _unverified, _fewer_reports, _overdue)
        for code, since, detail, values in judge(one, facts.at, limits)
    ]
    found += [Problem(code=code, since=since, detail=detail, values=values)
              for code, since, detail, values in _of_the_archive(facts, limits)]  # fmt: skip
    return sorted(found, key=lambda one: (_SEVERITIES.index(one.severity), one.portal, one.code))


def unsettled(facts: ArchiveFacts) -> list[str]:
    """Return the portals that did not answer in their last crawl, whether or not that is a problem yet."""
    return sorted(name for name, one in facts.portals.items() if one.crawls and not one.crawls[-1].is_answered)


def _not_through(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> _Judged:
    """Crawls in a row that were refused, or in which no listing answered."""

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
    if is_lasting(dead) and is_down and not _foreign(portal):
        yield "unreachable", dead[0].started, "in_a_row", _reasons(portal, "unreachable", dead)


def _reasons(portal: PortalFacts, outcome: str, streak: list[Crawl]) -> _Values:
    since = streak[0].started
    found = [look.reason for look in portal.looks if look.started >= since and look.outcome == outcome and look.reason]
    named = ", ".join(dict.fromkeys(found[-_NAMED_REASONS:])) or streak[-1].outcome
    return {"reasons": named, "count": len(streak), "day": _day(since)}


def _changed(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> _Judged:
    """Lists that are another page than they were."""
    del at
    changed: list[list[SeenLook]] = []
    for looks in portal.looks_by_listing.values():
        linked = [look for look in looks if look.doubt != _NOT_LINKED]
        last = _last_while(lambda look: look.outcome in _STRANGE_OUTCOMES, linked)
        if limits["drift_looks"] <= len(last) < len(linked):
            changed.append(last)
    if changed and not _foreign(portal):
        names = [f"{looks[-1].listing} ({looks[-1].reason or looks[-1].outcome})" for looks in changed[:_NAMED_LISTS]]
        more = len(changed) - _NAMED_LISTS
        seen = {"text": ", ".join(names), "count": more}
        yield "listing_drift", min(looks[0].started for looks in changed), "and_more" if more > 0 else "plain", seen


def _shrunk(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> _Judged:
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


def _led_away(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> _Judged:
    del at, limits
    if foreign := _foreign(portal):
        addresses = [*dict.fromkeys(url for _, url in foreign)][:_NAMED_LISTS]
        yield "foreign_domain", min(when for when, _ in foreign), "plain", {"text": ", ".join(addresses)}


def _foreign(portal: PortalFacts) -> list[tuple[datetime, str]]:
    """Return where the last crawl was led to foreign hosts: that is told, and not that the portal does not answer."""
    since = portal.crawls[-1].started if portal.crawls else None
    return [(one.fetched_at, one.url) for one in portal.refusals if since is not None and one.fetched_at >= since]


def _unverified(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> _Judged:
    del at, limits
    last = [look for look in portal.looks if portal.crawls and look.started >= portal.crawls[-1].started]
    if doubted := [look for look in last if look.doubt == "unverified"]:
        yield "unverified", doubted[0].started, "plain", _listings(doubted)


def _fewer_reports(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> _Judged:
    now, before = portal.shown, portal.shown_before
    if before is not None and now < limits["fewer_share"] * before and before - now >= limits["fewer_least"]:
        year = at.astimezone(SHANGHAI).year - 1
        yield "fewer_reports", at, "fewer", {"now": now, "then": before, "year": year, "before": year - 1}


def _overdue(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> _Judged:
    if portal.broken:
        yield "setting", at, "broken", {"reason": portal.broken}
    elif portal.due is not None and at - portal.due > timedelta(hours=limits["overdue_hours"]):
        yield "overdue", portal.due, "since", {"day": _day(portal.due)}


def _of_the_archive(facts: ArchiveFacts, limits: Mapping[str, Any]) -> _Judged:
    at, first = facts.at, facts.unread_since
    if facts.clock is not None:
        yield "our_clock", at, "seconds", {"count": f"{facts.clock:.0f}"}
    if facts.free < limits["disk_bytes"]:
        yield "disk", at, "free", {"mebibytes": f"{facts.free / 2**20:,.0f}"}
    if facts.damage:
        yield "damaged", at, "plain", {"text": facts.damage}
    if facts.store:
        yield "store", at, "plain", {"text": facts.store}
    if first is not None and at - first > timedelta(hours=limits["unread_hours"]):
        yield "unread", first, "waiting", {"count": facts.unread, "day": _day(first)}


def _last_while(is_so: Callable[[T], bool], found: Sequence[T]) -> list[T]:
    """Return the last ones for which it is so without a break, the oldest first."""
    return [*takewhile(is_so, reversed(found))][::-1]


def _listings(looks: Sequence[SeenLook]) -> _Values:
    return {"text": ", ".join(look.listing for look in looks[:_NAMED_LISTS])}


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
