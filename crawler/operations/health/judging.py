"""Facts → problems. Pure; thresholds, sentences and advice stand in ``health.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from crawler.operations.health.facts import ArchiveFacts, LookFact, PortalFacts, Refusal
from crawler.operations.job_queue import GIVEN_UP
from crawler.operations.scheduling.due import Crawl
from storage.records import SHANGHAI

_FILE = Path(__file__).with_name("health.toml")
_STRANGE = frozenset({"changed", "script_only"})
_NOT_LINKED = "not_linked"  # the doubt of a look at a folder that the portal took away, with what led to it
ARCHIVE = ""  # the portal of a problem that is no portal's


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not well. ``code``: a ``[problem]`` of ``health.toml``; ``since``: when it was first so.

    ``detail``: what was seen, in English; ``detail_zh`` in Chinese, "" where it is the same.
    """

    code: str
    portal: str
    place: str
    since: datetime
    detail: str
    detail_zh: str = ""

    @property
    def key(self) -> str:
        """What makes it one problem, however often it is seen."""
        return f"{self.code}/{self.portal}"

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``info``."""
        return str(texts()[self.code]["severity"])

    def sentence(self, language: str) -> str:
        """For people; ``language`` is ``en`` or ``zh``."""
        return self._filled(language)

    @property
    def advice(self) -> str:
        """What to do."""
        return self._filled("advice")

    def advice_in(self, language: str) -> str:
        """What to do, in ``en`` or ``zh``."""
        return self._filled("advice_zh" if language == "zh" else "advice")

    def _filled(self, name: str) -> str:
        text = str(texts()[self.code][name])
        detail = (self.detail_zh or self.detail) if name.endswith("zh") else self.detail
        for field, value in (("{portal}", self.portal), ("{place}", self.place), ("{detail}", detail)):
            text = text.replace(field, value)
        return text


@cache
def settings() -> Mapping[str, Any]:
    """The file ``health.toml``."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def texts() -> Mapping[str, Any]:
    """Its ``[problem]`` tables."""
    found: Mapping[str, Any] = settings()["problem"]
    return found


def problems(facts: ArchiveFacts, limits: Mapping[str, Any] | None = None) -> list[Problem]:
    """Everything that is not well, worst first, then by portal."""
    limits = limits if limits is not None else settings()["limits"]
    found: list[Problem] = []
    for one in facts.portals.values():
        for judge in _OF_A_PORTAL:
            found += [_of(one, judged) for judged in judge(one, facts.at, limits)]
    found = [*_our_clock(found, facts, limits), *_of_the_archive(facts, limits)]
    order = ("error", "warning", "info")
    return sorted(found, key=lambda one: (order.index(one.severity), one.portal, one.code))


def unsettled(facts: ArchiveFacts) -> list[str]:
    """Portals whose last crawl was stopped or found no answer, whether or not that is a problem yet."""
    return sorted(name for name, one in facts.portals.items() if one.crawls and not one.crawls[-1].answered)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen, in both languages."""

    en: str
    zh: str


#: code, since, detail
_Judged = tuple[str, datetime, _Seen]


def _seen(name: str, **values: object) -> _Seen:
    """A sentence of ``[detail]`` with what was seen."""
    said = settings()["detail"][name]
    return _Seen(en=said["en"].format_map(values), zh=said["zh"].format_map(values))


def _plainly(text: str) -> _Seen:
    """Names and addresses, the same in any language."""
    return _Seen(text, text)


def _problem(code: str, portal: str, place: str, since: datetime, seen: _Seen) -> Problem:
    return Problem(code=code, portal=portal, place=place, since=since, detail=seen.en, detail_zh=seen.zh)


def _of(portal: PortalFacts, judged: _Judged) -> Problem:
    code, since, seen = judged
    return _problem(code, portal.portal, portal.place, since, seen)


def _streak(crawls: tuple[Crawl, ...], bad: Callable[[Crawl], bool]) -> list[Crawl]:
    """The last crawls, as far as they are bad without a break, the oldest first."""
    return [*takewhile(bad, reversed(crawls))][::-1]


def _lasting(streak: list[Crawl], at: datetime, limits: Mapping[str, Any]) -> bool:
    """Whether crawls went ill often enough, for long enough."""
    enough = len(streak) >= limits["failed_crawls"]
    return enough and at - streak[0].started >= timedelta(hours=limits["failed_hours"])


def _not_through(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    refused = _streak(portal.crawls, lambda crawl: bool(crawl.looks.get("blocked")))
    if _lasting(refused, at, limits):
        yield "blocked", refused[0].started, _reasons(portal, "blocked", refused)
    banned = _streak(portal.crawls, lambda crawl: bool(crawl.looks.get("robots")))
    if banned:
        yield "robots", banned[0].started, _reasons(portal, "robots", banned)
    dead = _streak(portal.crawls, lambda crawl: not crawl.looks.get("ok") and not crawl.refused)
    if _lasting(dead, at, limits) and any(_fell_out(crawl) for crawl in dead) and not _led_away(portal):
        why = _reasons(portal, "unreachable", dead)
        tls = [look for look in portal.looks if look.started >= dead[0].started and look.reason.endswith("tls")]
        yield ("certificate" if tls else "unreachable"), dead[0].started, why


def _fell_out(crawl: Crawl) -> bool:
    return bool(crawl.looks.get("unreachable")) or crawl.outcome in {"unreachable", "failed"}


def _reasons(portal: PortalFacts, outcome: str, streak: list[Crawl]) -> _Seen:
    since = streak[0].started
    found = [look.reason for look in portal.looks if look.started >= since and look.outcome == outcome and look.reason]
    named = ", ".join(dict.fromkeys(found[-5:])) or streak[-1].outcome
    return _seen("in_a_row", reasons=named, count=len(streak), day=_day(since))


def _drift(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    del at
    strange: list[list[LookFact]] = []
    if portal.strangers:  # it is told as that
        return
    for looks in _by_listing(portal).values():
        told = [look for look in looks if look.doubt != _NOT_LINKED]
        last = [*takewhile(lambda look: look.outcome in _STRANGE, reversed(told))]
        if len(last) >= limits["drift_looks"] and len(last) < len(told):
            strange.append(last[::-1])
    if strange:
        since = min(looks[0].started for looks in strange)
        names = ", ".join(_strange(looks[-1], portal.moved) for looks in strange[:3])
        named, more = f"{portal.marks}; {names}" if portal.marks else names, len(strange) - 3
        code = "family_changed" if portal.marks else "listing_drift"
        yield code, since, _seen("and_more", names=named, count=more) if more > 0 else _plainly(named)


def _strange(look: LookFact, moved: Mapping[str, str]) -> str:
    """A list that is another page, and where its reports stand now."""
    now = f" → {moved[look.listing]}" if look.listing in moved else ""
    return f"{look.listing} ({look.reason or look.outcome}){now}"


def _shrunk(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    """Lists that lost several reports; or many that lost one each, where each shows one alone. That a single report is
    gone is told of the report itself.
    """
    del at
    much: list[LookFact] = []
    one: list[LookFact] = []
    asked = 0
    for looks in _by_listing(portal).values():
        ended = [look for look in looks if look.outcome == "ok"]
        asked += bool(ended)
        last = [*takewhile(lambda look: look.doubt == "shrunk", reversed(ended))]
        if last:
            (much if last[0].lost >= limits["shrunk_least"] else one).append(last[-1])
    many = len(one) >= limits["shrunk_least"] and len(one) > limits["shrunk_lists"] * asked
    if found := much + (one if many else []):
        names = ", ".join(look.listing for look in found[:3])
        yield "listing_shrunk", min(look.started for look in found), _plainly(names)


def _by_listing(portal: PortalFacts) -> dict[str, list[LookFact]]:
    found: dict[str, list[LookFact]] = {}
    for look in portal.looks:
        found.setdefault(look.listing, []).append(look)
    return found


def _led_away(portal: PortalFacts) -> list[Refusal]:
    """What of the last crawl led to strangers: of a portal in other hands that, and not that it does not answer, is the
    one problem.
    """
    last = portal.crawls[-1].started if portal.crawls else None
    return [one for one in portal.refusals if last is not None and one.at >= last]


def _strangers(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    del limits
    now = _led_away(portal)
    if now:
        yield "foreign_domain", now[0].at, _plainly(", ".join(dict.fromkeys(one.address for one in now[:3])))
    elif portal.strangers:
        lists = (
            takewhile(lambda look: look.outcome in _STRANGE, reversed(one)) for one in _by_listing(portal).values()
        )
        since = min((look.started for strange in lists for look in strange), default=at)
        yield "foreign_domain", since, _seen("theirs", words=portal.strangers)


def _robots(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    recent = [one for one in portal.robots if at - one.at <= timedelta(days=limits["robots_days"])]
    if recent:
        yield "robots_changed", recent[-1].at, _seen("seen", url=recent[-1].url, day=_day(recent[-1].at))


def _unverified(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    del at, limits
    since = portal.crawls[-1].started if portal.crawls else None
    found = [look for look in portal.looks if since is not None and look.started >= since]
    if doubted := [look for look in found if look.doubt == "unverified"]:
        yield "unverified", doubted[0].started, _plainly(", ".join(look.listing for look in doubted[:3]))


def _skew(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    del at
    since = portal.crawls[-1].started if portal.crawls else None
    off = [
        look
        for look in portal.looks
        if since is not None and look.started >= since and abs(look.skew or 0) > limits["skew_seconds"]
    ]
    if off:
        yield "clock_skew", off[0].started, _seen("seconds", count=f"{max(abs(look.skew or 0) for look in off):.0f}")


def _our_clock(found: list[Problem], facts: ArchiveFacts, limits: Mapping[str, Any]) -> list[Problem]:
    """Where the portals asked last agree against us, or several do and none agrees with us, the clock is ours."""
    off = [one for one in found if one.code == "clock_skew"]
    told = [one for one in facts.portals.values() if any(look.skew is not None for look in one.looks)]
    if facts.clock is None and (len(off) < limits["skew_portals"] or len(off) < len(told)):
        return found
    if facts.clock is None:
        seen = _seen("portals", count=len(off), seconds=off[0].detail, seconds_zh=off[0].detail_zh)
    else:
        seen = _seen("seconds", count=f"{facts.clock:.0f}")
    ours = _problem("our_clock", ARCHIVE, "", min((one.since for one in off), default=facts.at), seen)
    return [*(one for one in found if one.code != "clock_skew"), ours]


def _fewer(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    season = portal.season
    if season is None or season.then is None:
        return
    lacking = season.then - season.now
    if season.now < limits["fewer_share"] * season.then and lacking >= limits["fewer_least"]:
        counts = {"now": season.now, "then": season.then, "year": season.year, "before": season.year - 1}
        yield "fewer_reports", at, _seen("fewer", **counts)


def _findings(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    doubts = portal.doubts
    if doubts is None or not doubts.before or doubts.late_bad < limits["findings_least"]:
        return
    late, before = doubts.late_bad / doubts.late, doubts.before_bad / doubts.before
    if late >= limits["findings_share"] * max(before, 1 / doubts.before):
        counts = {"bad": doubts.late_bad, "of": doubts.late, "bad_before": doubts.before_bad, "before": doubts.before}
        yield "findings_up", at, _seen("findings", **counts)


def _overdue(portal: PortalFacts, at: datetime, limits: Mapping[str, Any]) -> Iterator[_Judged]:
    if portal.broken:
        yield "setting", at, _seen("broken", reason=portal.broken)
    elif portal.due is not None and at - portal.due > timedelta(hours=limits["overdue_hours"]):
        yield "overdue", portal.due, _seen("since", day=_day(portal.due))


def _of_the_archive(facts: ArchiveFacts, limits: Mapping[str, Any]) -> Iterator[Problem]:
    if facts.free < limits["disk_bytes"]:
        yield _problem("disk", ARCHIVE, "", facts.at, _seen("free", mebibytes=f"{facts.free / 2**20:,.0f}"))
    if facts.damage:
        yield _problem("damaged", ARCHIVE, "", facts.at, _plainly(facts.damage))
    if facts.store:
        yield _problem("store", ARCHIVE, "", facts.at, _plainly(facts.store))
    if given_up := sum(number for (_, status), number in facts.jobs.items() if status == GIVEN_UP):
        yield _problem("given_up", ARCHIVE, "", facts.at, _seen("jobs", count=given_up))
    first = facts.unread_since
    if first is not None and facts.at - first > timedelta(hours=limits["unread_hours"]):
        yield _problem("unread", ARCHIVE, "", first, _seen("waiting", count=facts.unread, day=_day(first)))


def _day(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


_OF_A_PORTAL: tuple[Callable[[PortalFacts, datetime, Mapping[str, Any]], Iterator[_Judged]], ...] = (
    _not_through, _drift, _shrunk, _strangers, _robots, _unverified, _skew, _fewer, _findings, _overdue,
)  # fmt: skip
