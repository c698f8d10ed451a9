"""Sends the operator one message when a problem begins, and one when it is over."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from crawler.errors import CrawlError
from crawler.operations.alerts import send_alerts
from crawler.operations.health import Problem, gather, problems, settings, texts
from crawler.operations.messages import Message, send
from storage.errors import DiskError, StorageError
from storage.home import Home
from storage.operator_records import Alarms
from storage.records import Alarm

TOLD, TOLD_OVER = "told", "told_over"
WATCH_PAUSE = 300.0  # seconds
Tell = Callable[[str, str, str], None]
log = logging.getLogger(__name__)


def due_messages(alarms: Iterable[Alarm], found: Sequence[Problem], before: Collection[str]) -> list[Message]:
    """Return the messages to send now: first on problems that began, then on those that are over. Pure.

    ``found``: the problems now; ``before``: keys of those found by the check before. A message on a new problem is due
    only if both checks found it, so that brief problems send none.
    """
    last = {one.key: one for one in alarms if one.event in {TOLD, TOLD_OVER}}
    known = {key: one.text for key, one in last.items() if one.event == TOLD and key.partition("/")[0] in texts()}
    begun = [
        Message(key=one.key, severity=one.severity, en=one.sentence("en"), zh=one.sentence("zh"), advice=one.advice())
        for one in found
        if one.key in before and one.key not in known
    ]
    present = {*before, *(one.key for one in found)}
    return [*begun, *(_over_message(key, text) for key, text in known.items() if key not in present)]


def _over_message(key: str, text: str) -> Message:
    code, _, portal = key.partition("/")
    what = str(texts()[code]["zh"]).replace("{place}（{portal}）", portal).partition("：")[0]
    return Message(key=key, severity="info", en=f"over: {text}", zh=f"已恢复：{what}", over=True)


def look_over(
    home: Home, tell: Tell, before: Collection[str] | None = None, unwritten: list[Alarm] | None = None,
    damage: str = "",
) -> set[str]:  # fmt: skip
    """Check the archive's health once, send the messages that are due, and return the keys of the problems.

    A message that cannot be sent is not recorded, and so is sent the next time. ``before``: keys of the problems found
    by the last check; None: send all at once. ``unwritten``: records that a full disk did not take, kept here so that
    their messages are not sent twice; ``damage``: what the last check of the database found.
    """
    unwritten = unwritten if unwritten is not None else []
    now, alarms, config = home.clock.now(), Alarms(home), home.config
    found = problems(gather(home, damage))
    keys = {problem.key for problem in found}
    due = due_messages([*alarms.all(), *unwritten], found, keys if before is None else before)
    if due and config.webhook_url:
        send(config.webhook_url, config.webhook_format, due)
    for one in due:
        tell("health", one.en, one.severity)
    unwritten += [Alarm(key=one.key, event=TOLD_OVER if one.over else TOLD, at=now, text=one.en) for one in due]
    with suppress(DiskError):  # the message was sent; it is recorded later, when the disk has room
        alarms.add(unwritten)
        unwritten.clear()
    return keys


def watch(home: Home, tell: Tell, stop: threading.Event) -> None:
    """Check the archive's health, and send alerts, every five minutes until ``stop`` is set."""
    unwritten: list[Alarm] = []
    before: set[str] = set()
    checked: datetime | None = None  # when the database was last checked; ``damage``: what was found
    damage, check_pause = "", timedelta(days=settings()["limits"]["check_days"])
    while True:
        try:
            if checked is None or home.clock.now() - checked >= check_pause:
                checked, damage = home.clock.now(), home.truth.damage(thorough=True)
                if damage:  # at once, as a damaged database may not record the alarm
                    tell("archive", f"the database is damaged ({damage}); see nianbao doctor", "error")
            before = look_over(home, tell, before, unwritten, damage)
            if sent := send_alerts(home):
                tell("alerts", f"{sent} sent by mail", "info")
        except Exception as error:  # the next check may succeed, and crawls do not depend on this thread
            if stop.is_set():  # the archive may have been closed meanwhile
                return
            if isinstance(error, CrawlError | StorageError):
                tell("health", str(error), "warning")
            else:
                log.exception("health could not be judged")
        if stop.wait(WATCH_PAUSE):
            return
