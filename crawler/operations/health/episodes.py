"""From problems to messages: one when a problem begins, one when it is over. Pure.

A problem is told once it has stood for a while, and not in the quiet hours; one that ends before it was told is never
told. Where several portals have one problem at one time they are told as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crawler.operations.health.judging import Problem, settings, texts
from crawler.operations.scheduling.hours import holds, hours_of
from storage.records import Alarm

BEGAN, TOLD, OVER, TOLD_OVER, REOPENED = "began", "told", "over", "told_over", "reopened"


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
        """Its code."""
        return self.key.partition("/")[0]

    @property
    def portal(self) -> str:
        """Its portal, "" for the archive."""
        return self.key.partition("/")[2]


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
    """The last episode of each problem."""
    found: dict[str, Episode] = {}
    for alarm in alarms:
        if alarm.event == BEGAN:
            found[alarm.key] = Episode(key=alarm.key, began=alarm.at, text=alarm.text)
        elif alarm.key in found:
            now = found[alarm.key]
            at: Mapping[str, Any] = {alarm.event: alarm.at}
            found[alarm.key] = replace(now, **at) if alarm.event != REOPENED else replace(now, over=None)
    return found


def changes(last: Mapping[str, Episode], problems: Sequence[Problem], now: datetime) -> list[Alarm]:
    """What began and what is over by ``now``, and what came again before it was told that it was over."""
    found: list[Alarm] = []
    present = {problem.key: problem for problem in problems}
    for key, problem in present.items():
        before = last.get(key)
        if before is None or (before.over is not None and (before.told is None or before.told_over is not None)):
            found.append(Alarm(key=key, event=BEGAN, at=now, text=problem.sentence("en")))
        elif before.over is not None:
            found.append(Alarm(key=key, event=REOPENED, at=now))
    found += [
        Alarm(key=key, event=OVER, at=now) for key, before in last.items() if before.over is None and key not in present
    ]
    return found


def messages(
    last: Mapping[str, Episode],
    problems: Sequence[Problem],
    now: datetime,
    rules: Mapping[str, Any] | None = None,
) -> list[Message]:
    """What is to be told now: what began, worst first, then what is over."""
    rules = rules if rules is not None else settings()["messages"]
    if is_quiet(str(rules["quiet"]), now):
        return []
    settling = timedelta(minutes=rules["settle_minutes"])

    def settled(at: datetime) -> bool:
        return not now - settling < at <= now  # what lies ahead was noted before our clock was set back

    begun = [
        problem
        for problem in problems
        if (episode := last.get(problem.key)) is not None
        and episode.told is None
        and episode.over is None
        and settled(episode.began)
    ]
    over = [
        episode
        for episode in last.values()
        if episode.told is not None and episode.over is not None and episode.told_over is None and settled(episode.over)
    ]
    return [*_begun(begun, rules), *_over(over, rules)]


def is_quiet(quiet: str, now: datetime) -> bool:
    """Whether ``now`` lies in the local hours ``22:00-07:00``; never where they are empty."""
    hours = hours_of(quiet)
    return hours is not None and holds(hours, now)


def _begun(found: Sequence[Problem], rules: Mapping[str, Any]) -> list[Message]:
    made = []
    for group in _grouped(found, rules, lambda problem: problem.code):
        first = group[0]
        keys = tuple(problem.key for problem in group)
        if len(group) == 1:
            en, zh, advice = first.sentence("en"), first.sentence("zh"), first.advice
        else:
            names = ", ".join(problem.portal for problem in group)
            what = {language: _general(first.code, language) for language in ("en", "zh")}
            en = _filled("en", count=len(group), what=what["en"], portals=names)
            zh = _filled("zh", count=len(group), what=what["zh"], portals=names)
            advice = "nianbao health; so many at once: perhaps our own line"
        made.append(Message(severity=first.severity, en=en, zh=zh, advice=advice, keys=keys))
    return made


def _over(found: Sequence[Episode], rules: Mapping[str, Any]) -> list[Message]:
    made = []
    for group in _grouped(found, rules, lambda episode: episode.code):
        more = f" (+{len(group) - 3})" if len(group) > 3 else ""
        keys = tuple(episode.key for episode in group)
        en = _filled("over_en", what="; ".join(episode.text for episode in group[:3]) + more)
        zh = _filled("over_zh", what="；".join(_ended_zh(episode) for episode in group[:3]) + more)
        made.append(Message(severity="info", en=en, zh=zh, advice="", keys=keys, over=True))
    return made


def _grouped(found: Sequence[Any], rules: Mapping[str, Any], code: Any) -> list[list[Any]]:
    by_code: dict[str, list[Any]] = {}
    for one in found:
        by_code.setdefault(code(one), []).append(one)
    return [
        group
        for same in by_code.values()
        for group in ([same] if len(same) >= rules["group_least"] else [[one] for one in same])
    ]


def _general(code: str, language: str) -> str:
    """A problem's sentence without its portal and details."""
    text = str(texts()[code][language])
    for field in (*settings()["grouped"][f"named_{language}"], ": {detail}", "：{detail}"):
        text = text.replace(field, "")
    return text.strip()


def _ended_zh(episode: Episode) -> str:
    what = _general(episode.code, "zh")
    return _filled("one_over_zh", portal=episode.portal, what=what) if episode.portal else what


def _filled(name: str, **values: object) -> str:
    text = str(settings()["grouped"][name])
    for field, value in values.items():
        text = text.replace("{" + field + "}", str(value))
    return text


def told(sent: Iterable[Message], now: datetime) -> list[Alarm]:
    """What to note once messages are out."""
    return [
        Alarm(key=key, event=TOLD_OVER if message.over else TOLD, at=now, text=message.en)
        for message in sent
        for key in message.keys
    ]
