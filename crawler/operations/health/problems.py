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
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not well. ``code``: a ``[problem]`` of ``health.toml``; ``since``: when it was first so;
    ``values``: what was seen, as its sentences name it; ``portal`` is "" for the archive's own.
    """

    code: str
    portal: str = ""
    place: str = ""
    since: datetime
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
        return self._filled(language)

    def advice(self, language: str = "en") -> str:
        """Return what to do."""
        return self._filled("advice_zh" if language == "zh" else "advice")

    def _filled(self, name: str) -> str:
        return str(texts()[self.code][name]).format(portal=self.portal, place=self.place, **self.values)


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
    found = [problem for one in facts.portals.values() for problem in _PortalChecks(one, facts.at).problems()]
    found += _of_the_archive(facts)
    return sorted(found, key=lambda one: (_SEVERITIES.index(one.severity), one.portal, one.code))


def unsettled(facts: ArchiveFacts) -> list[str]:
    """Return the portals that did not answer in their last crawl, whether or not that is a problem yet."""
    return sorted(name for name, one in facts.portals.items() if one.crawls and not one.crawls[-1].is_answered)


class _PortalChecks:
    """What may be wrong with one portal: a method for each kind."""

    def __init__(self, portal: PortalFacts, at: datetime) -> None:
        self.portal, self.at, self.limits = portal, at, settings()["limits"]
        self.last_crawl = portal.crawls[-1].started if portal.crawls else None
        # where the last crawl was led to foreign hosts, that is told, and not that the portal does not answer
        self.foreign = [one for one in portal.refusals if self.last_crawl and one.fetched_at >= self.last_crawl]
        self.lists: dict[str, list[SeenLook]] = {}
        for look in portal.looks:
            self.lists.setdefault(look.listing, []).append(look)

    def problems(self) -> Iterator[Problem]:
        """Return everything that is not well."""
        yield from self._unanswered()
        if not self.foreign:
            yield from self._changed()
        yield from self._shrunk()
        if self.foreign:
            urls = [*dict.fromkeys(one.url for one in self.foreign)]
            yield self._problem("foreign_domain", min(one.fetched_at for one in self.foreign), text=_named(urls))
        looks = [look for look in self.portal.looks if self.last_crawl and look.started >= self.last_crawl]
        if doubted := [look for look in looks if look.doubt == "unverified"]:
            yield self._problem("unverified", doubted[0].started, text=_named([look.listing for look in doubted]))
        yield from self._fewer_reports()
        if self.portal.broken:
            yield self._problem("setting", self.at, text=self.portal.broken)
        elif self.portal.due and self.at - self.portal.due > timedelta(hours=self.limits["overdue_hours"]):
            yield self._problem("overdue", self.portal.due, day=_day(self.portal.due))

    def _problem(self, code: str, since: datetime, **values: object) -> Problem:
        return Problem(code=code, portal=self.portal.portal, place=self.portal.place, since=since, values=values)

    def _unanswered(self) -> Iterator[Problem]:
        """Crawls in a row that were refused, or in which no listing answered."""
        crawls = self.portal.crawls
        blocked = _last_while(lambda crawl: bool(crawl.looks.get("blocked")), crawls)
        robots = _last_while(lambda crawl: bool(crawl.looks.get("robots")), crawls)
        dead = _last_while(lambda crawl: not crawl.looks.get("ok") and not crawl.is_refused, crawls)
        is_down = any(crawl.looks.get("unreachable") or crawl.outcome in {"unreachable", "failed"} for crawl in dead)
        if self._is_lasting(blocked):
            yield self._in_a_row("blocked", blocked)
        if robots:
            yield self._in_a_row("robots", robots)
        if self._is_lasting(dead) and is_down and not self.foreign:
            yield self._in_a_row("unreachable", dead)

    def _is_lasting(self, streak: Sequence[Crawl]) -> bool:
        hours = timedelta(hours=self.limits["failed_hours"])
        return len(streak) >= self.limits["failed_crawls"] and self.at - streak[0].started >= hours

    def _in_a_row(self, outcome: str, streak: Sequence[Crawl]) -> Problem:
        since = streak[0].started
        looks = [look for look in self.portal.looks if look.started >= since and look.outcome == outcome]
        reasons = [look.reason for look in looks if look.reason][-_NAMED_REASONS:]
        named = ", ".join(dict.fromkeys(reasons)) or streak[-1].outcome
        return self._problem(outcome, since, reasons=named, count=len(streak), day=_day(since))

    def _changed(self) -> Iterator[Problem]:
        """Lists that are another page than they were."""
        changed: list[list[SeenLook]] = []
        for looks in self.lists.values():
            linked = [look for look in looks if look.doubt != _NOT_LINKED]
            last = _last_while(lambda look: look.outcome in _STRANGE_OUTCOMES, linked)
            if self.limits["drift_looks"] <= len(last) < len(linked):
                changed.append(last)
        if changed:
            names = [f"{looks[-1].listing} ({looks[-1].reason or looks[-1].outcome})" for looks in changed]
            yield self._problem("listing_drift", min(looks[0].started for looks in changed), text=_named(names))

    def _shrunk(self) -> Iterator[Problem]:
        """Lists that lost several reports; or many lists that lost one each. That a single report is gone is told of
        the report itself.
        """
        asked = [good for looks in self.lists.values() if (good := [look for look in looks if look.outcome == "ok"])]
        shrunk = [last for looks in asked if (last := _last_while(lambda look: look.doubt == "shrunk", looks))]
        least = self.limits["shrunk_least"]
        found = [looks[0] for looks in shrunk if looks[-1].lost >= least]
        little = [looks[0] for looks in shrunk if looks[-1].lost < least]
        if len(little) >= least and len(little) > self.limits["shrunk_lists"] * len(asked):
            found += little
        if found:
            text = _named([look.listing for look in found])
            yield self._problem("listing_shrunk", min(look.started for look in found), text=text)

    def _fewer_reports(self) -> Iterator[Problem]:
        now, before = self.portal.shown, self.portal.shown_before
        if before is None or before - now < self.limits["fewer_least"]:
            return
        if now < self.limits["fewer_share"] * before:
            year = self.at.astimezone(SHANGHAI).year - 1
            yield self._problem("fewer_reports", self.at, now=now, then=before, year=year, before=year - 1)


def _of_the_archive(facts: ArchiveFacts) -> Iterator[Problem]:
    at, first, limits = facts.at, facts.unread_since, settings()["limits"]
    if facts.clock is not None:
        yield Problem(code="our_clock", since=at, values={"count": f"{facts.clock:.0f}"})
    if facts.free < limits["disk_bytes"]:
        yield Problem(code="disk", since=at, values={"mebibytes": f"{facts.free / 2**20:,.0f}"})
    if facts.damage:
        yield Problem(code="damaged", since=at, values={"text": facts.damage})
    if facts.store:
        yield Problem(code="store", since=at, values={"text": facts.store})
    if first is not None and at - first > timedelta(hours=limits["unread_hours"]):
        yield Problem(code="unread", since=first, values={"count": facts.unread, "day": _day(first)})


def _last_while(is_so: Callable[[T], bool], found: Sequence[T]) -> list[T]:
    """Return the last ones for which it is so without a break, the oldest first."""
    return [*takewhile(is_so, reversed(found))][::-1]


def _named(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are, in words of both languages' own."""
    more = len(names) - _NAMED_LISTS
    return ", ".join(names[:_NAMED_LISTS]) + (f" (+{more})" if more > 0 else "")


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
