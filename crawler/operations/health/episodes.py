"""From problems to messages: one when a problem begins, one when it is over. Pure.

A problem is told once it has stood for a while, and not in the quiet hours; one that ends before it was told is never
told. Where several portals have one problem at one time they are told as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from crawler.operations.health.judging import Problem, settings, texts
from crawler.operations.schedule_settings import Hours
from storage.records import Alarm

BEGAN, TOLD, OVER, TOLD_OVER, REOPENED = "began", "told", "over", "told_over", "reopened"
_NAMED_EPISODES = 3
T = TypeVar("T", bound="Problem | Episode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One time of one problem. ``text``: what was seen when it began."""

    key: str
    began: datetime
    text: str = ""
    told: datetime | None = None
    over: datetime | None = None
    told_over: datetime | None = None

    @property
    def code(self) -> str:
        """The code of its problem."""
        return self.key.partition("/")[0]

    @property
    def is_open(self) -> bool:
        """Whether its end, or that it began, is still to be told."""
        return self.over is None or (self.told is not None and self.told_over is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be told: the sentences, and the problems that are told by it. ``over``: they are over."""

    severity: str
    en: str
    zh: str
    advice: str
    keys: tuple[str, ...]
    over: bool = False


def episodes(alarms: Iterable[Alarm]) -> dict[str, Episode]:
    """Return the last episode of each problem."""
    found: dict[str, Episode] = {}
    for alarm in alarms:
        if alarm.event == BEGAN:
            found[alarm.key] = Episode(key=alarm.key, began=alarm.at, text=alarm.text)
        elif alarm.key in found:
            change: Mapping[str, Any] = {"over": None} if alarm.event == REOPENED else {alarm.event: alarm.at}
            found[alarm.key] = replace(found[alarm.key], **change)
    return found


def changes(last: Mapping[str, Episode], problems: Sequence[Problem], now: datetime) -> list[Alarm]:
    """Return what began and what is over by ``now``, and what came again before it was told that it was over."""
    present = {problem.key: problem for problem in problems}
    found: list[Alarm] = []
    for key, problem in present.items():
        before = last.get(key)
        if before is None or not before.is_open:
            found.append(Alarm(key=key, event=BEGAN, at=now, text=problem.sentence("en")))
        elif before.over is not None:
            found.append(Alarm(key=key, event=REOPENED, at=now))
    over = [key for key, before in last.items() if before.over is None and key not in present]
    return [*found, *(Alarm(key=key, event=OVER, at=now) for key in over)]


def messages(
    last: Mapping[str, Episode],
    problems: Sequence[Problem],
    now: datetime,
    rules: Mapping[str, Any] | None = None,
) -> list[Message]:
    """Return what is to be told now: what began, worst first, then what is over."""
    rules = rules if rules is not None else settings()["messages"]
    quiet = Hours.parse(str(rules["quiet"]))
    if quiet is not None and quiet.contain(now):
        return []

    def has_stood(since: datetime) -> bool:
        # what lies ahead of us was noted before our clock was set back
        return not now - timedelta(minutes=rules["settle_minutes"]) < since <= now

    untold = {one.key for one in last.values() if one.told is None and one.over is None and has_stood(one.began)}
    begun = [problem for problem in problems if problem.key in untold]
    over = [one for one in last.values() if one.told and one.over and not one.told_over and has_stood(one.over)]
    most = rules["group_least"]
    return [*map(_begun_message, _grouped(begun, most)), *map(_over_message, _grouped(over, most))]


def alarms_of(sent: Iterable[Message], now: datetime) -> list[Alarm]:
    """Return what to note once messages are out."""
    return [
        Alarm(key=key, event=TOLD_OVER if message.over else TOLD, at=now, text=message.en)
        for message in sent
        for key in message.keys
    ]


def _grouped(found: Sequence[T], least: int) -> list[list[T]]:
    """Group what has one code, where there are at least so many."""
    by_code: dict[str, list[T]] = {}
    for one in found:
        by_code.setdefault(one.code, []).append(one)
    groups: list[list[T]] = []
    for same in by_code.values():
        groups += [same] if len(same) >= least else [[one] for one in same]
    return groups


def _begun_message(group: Sequence[Problem]) -> Message:
    first = group[0]
    en, zh, advice = first.sentence("en"), first.sentence("zh"), first.advice()
    if len(group) > 1:
        names = ", ".join(problem.portal for problem in group)
        en = settings()["grouped"]["en"].format(count=len(group), what=_unnamed(first.code, "en"), portals=names)
        zh = settings()["grouped"]["zh"].format(count=len(group), what=_unnamed(first.code, "zh"), portals=names)
        advice = "nianbao health; so many at once: perhaps our own line"
    return Message(severity=first.severity, en=en, zh=zh, advice=advice, keys=tuple(one.key for one in group))


def _over_message(group: Sequence[Episode]) -> Message:
    named, more = group[:_NAMED_EPISODES], len(group) - _NAMED_EPISODES
    rest = f" (+{more})" if more > 0 else ""
    en = settings()["grouped"]["over_en"].format(what="; ".join(episode.text for episode in named) + rest)
    zh = settings()["grouped"]["over_zh"].format(what="；".join(map(_ended_in_chinese, named)) + rest)
    return Message(severity="info", en=en, zh=zh, advice="", keys=tuple(one.key for one in group), over=True)


def _ended_in_chinese(episode: Episode) -> str:
    what, portal = _unnamed(episode.code, "zh"), episode.key.partition("/")[2]
    return settings()["grouped"]["one_over_zh"].format(portal=portal, what=what) if portal else what


def _unnamed(code: str, language: str) -> str:
    """Return the sentence of a problem without its portal and details."""
    text = str(texts()[code][language])
    for part in (*settings()["grouped"][f"named_{language}"], ": {detail}", "：{detail}"):
        text = text.replace(part, "")
    return text.strip()
