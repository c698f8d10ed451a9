"""The part of ``nianbao up`` that asks now and then whether all is well, and tells what is not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta

from crawler.errors import CrawlError
from crawler.operations.health.episodes import Message, changes, episodes, messages, told
from crawler.operations.health.gathering import gather
from crawler.operations.health.judging import Problem, problems, settings
from crawler.operations.health.messages import send
from crawler.operations.health.metrics import Latest, serving
from storage.errors import DiskError, StorageError
from storage.home import Home
from storage.operator_records import Alarms
from storage.records import Alarm

EVERY = 300.0  # seconds
Tell = Callable[..., None]
log = logging.getLogger(__name__)


def look_over(
    home: Home,
    tell: Tell,
    rules: Mapping[str, object] | None = None,
    latest: Latest | None = None,
    unwritten: list[Alarm] | None = None,
    damage: str = "",
) -> list[Problem]:
    """Judge the archive's health once: note what began or is over, and tell what is to be told. Returns the problems.

    What cannot be sent is not noted as told, and so is sent the next time. ``latest`` gets what was found;
    ``unwritten`` holds what could not be noted as the disk takes nothing, so that it is told all the same, and once;
    ``damage``: what the last check of the database found.
    """
    unwritten = unwritten if unwritten is not None else []
    now = home.clock.now()
    facts = gather(home, damage)
    found = problems(facts)
    if latest is not None:
        latest.put(facts, found)
    alarms = Alarms(home)
    known = [*alarms.all(), *unwritten]
    unwritten += changes(episodes(known), found, now)
    _note(alarms, unwritten)
    due = messages(episodes([*alarms.all(), *unwritten]), found, now, rules)
    if due:
        _tell(home, due, tell)
        unwritten += told(due, now)
        _note(alarms, unwritten)
    return found


def _note(alarms: Alarms, unwritten: list[Alarm]) -> None:
    with suppress(DiskError):  # it is told by the message itself, and noted when there is room
        alarms.add(unwritten)
        unwritten.clear()


def _tell(home: Home, due: Sequence[Message], tell: Tell) -> None:
    if home.config.webhook_url:
        send(home.config.webhook_url, home.config.webhook_format, due)
    for message in due:
        tell("health", message.en, message.severity)


def watch(home: Home, tell: Tell, stop: threading.Event, *, every: float = EVERY) -> None:
    """Look the archive over now and then until ``stop`` is set, and answer questions about it where that is wanted."""
    latest = Latest()
    with ExitStack() as stack:
        try:
            if home.config.listen:
                address = stack.enter_context(serving(home.config.listen, latest))
                tell("health", f"answers at {address}/metrics and /healthz")
        except CrawlError as error:  # what is not well is told all the same
            tell("health", f"{error}; then begin nianbao up again", "warning")
        _go_on(home, tell, stop, latest, every)


def _go_on(home: Home, tell: Tell, stop: threading.Event, latest: Latest, every: float) -> None:
    unwritten: list[Alarm] = []
    checked: datetime | None = None  # when the database was checked, and what was found
    damage = ""
    while True:
        try:
            if checked is None or home.clock.now() - checked >= timedelta(days=settings()["limits"]["check_days"]):
                checked, damage = home.clock.now(), home.truth.damage(thorough=True)
                if damage:  # at once, as it may not be possible to note it
                    tell("archive", f"the database is damaged ({damage}); see nianbao doctor", "error")
            look_over(home, tell, latest=latest, unwritten=unwritten, damage=damage)
        except (CrawlError, StorageError) as error:
            tell("health", str(error), "warning")
        except Exception:  # the next time may go better, and nothing else depends on this
            log.exception("health could not be judged")
        if stop.wait(every):
            return
