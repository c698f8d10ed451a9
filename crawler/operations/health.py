"""Finds the problems of portals and of the archive: portals that do not answer, lists that changed, a full disk.

Thresholds, sentences and advice are in ``health.toml``. :func:`gather` reads the archive; :func:`problems` is pure.
"""

from __future__ import annotations

import shutil
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from archive.projection.stale import find_last_ruling
from archive.projection.update import waiting
from archive.queries.freshness import ListCount, list_counts
from archive.queries.look_answers import NOT_LINKED, LookDoubt, doubts_of
from crawler import portals
from crawler.net.politeness import machine_of
from crawler.operations.due_crawls import Plan, is_refused, is_through
from crawler.operations.messages import Message
from crawler.operations.planner import states
from storage.clock import clocks_agree
from storage.errors import ProjectionError, UnansweredError
from storage.home import Home
from storage.observations import Observations
from storage.recent_outcomes import latest_by, our_clock, refused_lists
from storage.records import SHANGHAI, Capture, Look, Run, RunOutcome
from storage.registry import Registry

_WATCHED_SPAN = timedelta(days=45)
_SEVERITIES = ("error", "warning", "info")
_MAX_NAMED = 3  # lists or addresses in a sentence
_NOT_TO_THE_END = frozenset({"partial", "script_only"})  # outcomes of looks that are no problem of a portal
_OTHER_PAGES = frozenset({"changed", "script_only"})  # outcomes of looks at a page that is no longer a list
SeenLook = tuple[Look, LookDoubt]
T = TypeVar("T")


# ------------------------------------------------------------------------------------------------ facts


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalHealthFacts:
    """What is known of one portal. ``crawls``, ``looks``: the recent ones in the order of their start, each look with
    the reason why it proves nothing ("" if it does); ``due``: when the next crawl is due.

    ``broken``: why its file or schedule cannot be used. ``refusals``: redirects and links of lists to hosts that are
    not the portal's, which were not followed. ``count``: how many agencies have reports on it.
    """

    portal: str
    place: str = ""
    broken: str = ""
    crawls: tuple[Run, ...] = ()
    looks: tuple[SeenLook, ...] = ()
    refusals: tuple[Capture, ...] = ()
    due: datetime | None = None
    count: ListCount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFacts:
    """What is known of the archive. ``free``: free bytes of its disk; ``unread``: the number of portals that wait to be
    read or judged, the first since ``unread_since`` (its last crawl or ruling); ``clock``: by how many seconds our
    clock is off, if the servers asked last say so; ``damage``: what the last check of the database found; ``store``:
    why the object store does not answer.
    """

    at: datetime
    free: int
    unread: int = 0
    unread_since: datetime | None = None
    clock: float | None = None
    damage: str = ""
    store: str = ""
    portals: Mapping[str, PortalHealthFacts] = field(default_factory=dict)


def gather(home: Home, damage: str = "", rule: Plan | None = None) -> ArchiveFacts:
    """Return what is known of the archive's health now; ``damage``: what the last check of its database found ("":
    nothing); ``rule``: the plan by which crawls are due, None: the operators'.
    """
    at, classes, broken = home.clock.now(), portals.classes(home.path), portals.broken(home.path)
    planned = {state.name: state for state in states(home, rule=rule)}
    looks, counts, refusals = _looks(home, at), list_counts(home), defaultdict[str, list[Capture]](list)
    last, names_waiting = {name: state.last for name, state in planned.items()}, waiting(home)
    unread = [run for name in names_waiting if (run := last.get(name)) is not None]
    for refused in refused_lists(home, at - _WATCHED_SPAN):
        if refused.reason == "foreign_host":
            refusals[refused.portal].append(refused)
    facts: dict[str, PortalHealthFacts] = {}
    for name in sorted({*classes, *broken}):
        state = planned.get(name)
        crawls, due = (state.crawls, state.due) if state is not None else ((), None)
        facts[name] = PortalHealthFacts(
            portal=name, place=classes[name].place if name in classes else "", broken=str(broken.get(name, "")),
            crawls=crawls, looks=tuple(looks[name]), refusals=tuple(refusals[name]),
            count=None if name in names_waiting else counts.get(name),  # of reports that were judged
            due=due.at if due and crawls else None,  # a portal never crawled cannot be overdue
        )  # fmt: skip
    changes = ((run.finished, find_last_ruling(home, run.portal)) for run in unread)
    return ArchiveFacts(
        at=at, free=shutil.disk_usage(home.path).free, unread=len(unread),
        unread_since=min((max(filter(None, one)) for one in changes if any(one)), default=None),
        clock=our_clock(home, partial(machine_of, classes)), damage=damage, store=_why_unanswered(home), portals=facts,
    )  # fmt: skip


def _looks(home: Home, at: datetime) -> Mapping[str, list[SeenLook]]:
    """Return by portal the looks at lists that have not ended, recent as of the last record, none in the future."""
    ended = {row.id for row in Registry(home).listings() if row.ended_at}
    every = Observations(home).looks(since=min(at, Observations(home).newest_instant() or at) - _WATCHED_SPAN)
    recent = [look for look in every if look.started <= latest_by(at) and look.listing not in ended]
    try:
        doubts = doubts_of(home, {look.id for look in recent})
    except ProjectionError:  # the projection is being rebuilt
        doubts = {}
    looks = defaultdict[str, list[SeenLook]](list)
    for look in recent:
        looks[look.portal].append((look, doubts.get(look.id, LookDoubt(""))))
    return looks


def _why_unanswered(home: Home) -> str:
    """Return why the object store does not answer; "" if it does."""
    try:
        home.blobs.open("nianbao.toml").close()  # no object has this name, so the request is cheap
    except FileNotFoundError:
        return ""
    except UnansweredError as error:
        return str(error.values["cause"])
    return ""


def unsettled(facts: ArchiveFacts) -> list[str]:
    """Return the portals of which the last crawl was cut off, had an unanswered list or read no list to its end."""
    return sorted(name for name, one in facts.portals.items() if one.crawls and not is_through(one.crawls[-1]))


def partly_read(facts: ArchiveFacts) -> list[str]:
    """Return the portals of which the last crawl read some lists to their end, and others not."""
    last_crawls = {name: one.crawls[-1] for name, one in facts.portals.items() if one.crawls}
    is_partial = {name: bool(one.looks.keys() & _NOT_TO_THE_END) for name, one in last_crawls.items()}
    return sorted(name for name, one in last_crawls.items() if is_partial[name] and is_through(one))


# ------------------------------------------------------------------------------------------------ problems


@cache
def settings() -> Mapping[str, Any]:
    """Return the file ``health.toml``."""
    return tomllib.loads(Path(__file__).with_name("health.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a portal, or of the archive (``portal`` is ""). ``code``: a ``[problem]`` table of ``health.toml``;
    ``since``: when it began; ``values``: what its sentences are filled with.
    """

    code: str
    since: datetime
    values: Mapping[str, object] = field(default_factory=dict)
    portal: str = ""
    place: str = ""

    @property
    def key(self) -> str:
        """The same for a problem each time that it is found, so that it is reported once."""
        return f"{self.code}/{self.portal}"

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``info``."""
        return str(settings()["problem"][self.code]["severity"])

    def sentence(self, key: str) -> str:
        """Return the sentence that describes the problem (``en``, ``zh``), or says what to do (``advice_zh``)."""
        return str(settings()["problem"][self.code][key]).format(portal=self.portal, place=self.place, **self.values)

    def advice(self, language: str = "en") -> str:
        """Return the sentence that says what to do."""
        return self.sentence("advice_zh" if language == "zh" else "advice")

    def message(self) -> Message:
        """Return the message that the problem has begun."""
        en, zh = self.sentence("en"), self.sentence("zh")
        return Message(key=self.key, severity=self.severity, en=en, zh=zh, advice=self.advice())


def problems(facts: ArchiveFacts) -> list[Problem]:
    """Return all problems, the most severe first, then by kind in the order of ``health.toml``, then by portal."""
    kinds = [*settings()["problem"]]
    all_problems = [Problem(*one) for one in _of_archive(facts)]
    for portal in facts.portals.values():
        all_problems += [Problem(*one, portal.portal, portal.place) for one in _of_portal(portal, facts.at)]
    return sorted(all_problems, key=lambda one: (_SEVERITIES.index(one.severity), kinds.index(one.code), one.portal))


_ProblemFacts = tuple[str, datetime, Mapping[str, object]]  # code, since and values of a problem


def _of_archive(facts: ArchiveFacts) -> Iterator[_ProblemFacts]:
    """Yield code, since and values of the archive's problems: clock, disk, database, object store, unread documents."""
    at, first, limits = facts.at, facts.unread_since, settings()["limits"]
    if facts.clock is not None:
        yield "our_clock", at, {"count": f"{facts.clock:.0f}"}
    if facts.free < limits["disk_bytes"]:
        yield "disk", at, {"mebibytes": f"{facts.free / 2**20:,.0f}"}
    if facts.damage:
        yield "damaged", at, {"text": facts.damage}
    if facts.store:
        yield "store", at, {"text": facts.store}
    if first is not None and at - first > timedelta(hours=limits["unread_hours"]):
        yield "unread", first, {"count": facts.unread, "day": _day(first)}


def _of_portal(portal: PortalHealthFacts, at: datetime) -> Iterator[_ProblemFacts]:
    """Yield code, since and values of a portal's problems; of refusals and unverified looks the last crawl's."""
    last_crawl = portal.crawls[-1].started if portal.crawls else at
    foreign = [one for one in portal.refusals if one.fetched_at >= last_crawl]
    unanswered = [*_unanswered(portal, at)]
    if foreign:  # the likely cause of "does not answer" and "list changed", which are then left out
        text = _names([*dict.fromkeys(one.url for one in foreign)])
        yield "foreign_domain", min(one.fetched_at for one in foreign), {"text": text}
    hidden = {"unreachable", "listing_drift"} if foreign else set()
    yield from (one for one in (*unanswered, *_changed_lists(portal)) if one[0] not in hidden)
    unverified = [look for look, doubt in portal.looks if look.started >= last_crawl and doubt.reason == "unverified"]
    if unverified:
        yield "unverified", unverified[0].started, {"text": _names([look.listing for look in unverified])}
    skews = [look.clock_skew or 0 for look, _ in portal.looks if look.started >= last_crawl]
    is_skewed = not all(map(clocks_agree, skews))
    if is_skewed:
        yield "portal_clock", last_crawl, {"minutes": f"{max(map(abs, skews)) / 60:,.0f}"}
    # a portal that is not read shows too few reports; the cause is said above
    if not (foreign or unanswered or is_skewed) and (count := portal.count) and count.expected and count.is_unusual:
        code = "too_few_reports" if count.expected.verdict == "below" else "too_many_reports"
        yield code, last_crawl, {"zh": count.zh, "en": count.en}
    if portal.broken:
        yield "setting", at, {"text": portal.broken}
    elif portal.due and at - portal.due > timedelta(hours=settings()["limits"]["overdue_hours"]):
        yield "overdue", portal.due, {"day": _day(portal.due)}


def _unanswered(portal: PortalHealthFacts, at: datetime) -> Iterator[_ProblemFacts]:
    """Yield a problem for the last crawls in a row that were blocked or unanswered, or one that robots.txt forbade."""
    limits = settings()["limits"]
    dead = _trailing_items(lambda crawl: not crawl.looks.get("ok") and not is_refused(crawl), portal.crawls)
    is_down = any(crawl.looks.get("unreachable") or crawl.outcome == RunOutcome.FAILED for crawl in dead)
    for outcome, streak in (
        ("blocked", _trailing_items(lambda crawl: bool(crawl.looks.get("blocked")), portal.crawls)),
        ("robots", _trailing_items(lambda crawl: bool(crawl.looks.get("robots")), portal.crawls)),
        ("unreachable", dead if is_down else []),
    ):
        since = streak[0].started if streak else at
        lasts = len(streak) >= limits["failed_crawls"] and at - since >= timedelta(hours=limits["failed_hours"])
        if lasts or (streak and outcome == "robots"):
            looks = [look for look, _ in portal.looks if look.started >= since and look.outcome == outcome]
            reasons = [*dict.fromkeys(look.reason for look in looks if look.reason)] or [outcome]
            yield outcome, since, {"reasons": _names(reasons), "count": len(streak), "day": _day(since)}


def _changed_lists(portal: PortalHealthFacts) -> Iterator[_ProblemFacts]:
    """Yield a problem for lists that have become another page, and one for lists that lost several reports."""
    limits = settings()["limits"]
    changed, shrunk = list[list[SeenLook]](), list[Look]()
    for listing in dict.fromkeys(look.listing for look, _ in portal.looks):
        looks = [one for one in portal.looks if one[0].listing == listing]
        linked = [one for one in looks if one[1].reason != NOT_LINKED]
        last = _trailing_items(lambda one: one[0].outcome in _OTHER_PAGES, linked)
        if limits["drift_looks"] <= len(last) < len(linked):
            changed.append(last)
        ok_looks = [one for one in looks if one[0].outcome == "ok"]
        lacking = _trailing_items(lambda one: one[1].reason == "shrunk", ok_looks)
        if lacking and lacking[-1][1].lost >= limits["shrunk_least"]:  # a single lost report is shown as its own status
            shrunk.append(lacking[0][0])
    if changed:
        names = [f"{look.listing} ({look.reason or look.outcome})" for *_, (look, _) in changed]
        yield "listing_drift", min(looks[0][0].started for looks in changed), {"text": _names(names)}
    if shrunk:
        yield "listing_shrunk", min(look.started for look in shrunk), {"text": _names([one.listing for one in shrunk])}


def _trailing_items(is_so: Callable[[T], bool], items: Sequence[T]) -> list[T]:
    """Return the items at the end for which ``is_so`` is true without a break, in their order."""
    return [*takewhile(is_so, reversed(items))][::-1]


def _names(names: Sequence[str]) -> str:
    """Return the first names and the number of the others, in a form for both languages: ``a, b, c (+2)``."""
    more = len(names) - _MAX_NAMED
    return ", ".join(names[:_MAX_NAMED]) + (f" (+{more})" if more > 0 else "")


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
