"""The watch of ``nianbao up``: asks now and then, in its own process, whether all is well, and tells what is not."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta

from crawler.errors import CrawlError
from crawler.operations.health.episodes import alarms_of, changes, episodes, messages
from crawler.operations.health.gathering import gather
from crawler.operations.health.judging import Problem, problems, settings
from crawler.operations.health.messages import send
from crawler.operations.health.metrics import ArchiveMetrics, serving
from crawler.operations.log_lines import TellingHandler
from storage.errors import DiskError, StorageError
from storage.home import Home, open_home
from storage.operator_records import Alarms
from storage.records import Alarm

WATCH_PAUSE = 300.0  # seconds
Tell = Callable[[str, str, str], None]
log = logging.getLogger(__name__)


def main() -> int:
    """Watch the archive of ``NIANBAO_ARCHIVE`` in this process; each line goes to the parent as JSON."""

    def tell(*line: str) -> None:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    logging.basicConfig(handlers=[TellingHandler(tell)], level=logging.WARNING, force=True)
    with open_home() as home:
        watch(home, tell, threading.Event())
    return 0


def watch(home: Home, tell: Tell, stop: threading.Event, *, every: float = WATCH_PAUSE) -> None:
    """Look the archive over now and then until ``stop`` is set, and answer questions about it where that is wanted."""
    metrics = ArchiveMetrics()
    unwritten: list[Alarm] = []
    checked: datetime | None = None  # when the database was checked, and what was found
    damage = ""
    with ExitStack() as stack:
        try:
            if home.config.listen:
                address = stack.enter_context(serving(home.config.listen, metrics))
                tell("health", f"answers at {address}/metrics and /healthz", "info")
        except CrawlError as error:  # what is not well is told all the same
            tell("health", f"{error}; then begin nianbao up again", "warning")
        while True:
            try:
                if checked is None or home.clock.now() - checked >= timedelta(days=settings()["limits"]["check_days"]):
                    checked, damage = home.clock.now(), home.truth.damage(thorough=True)
                    if damage:  # at once, as it may not be possible to note it
                        tell("archive", f"the database is damaged ({damage}); see nianbao doctor", "error")
                look_over(home, tell, metrics=metrics, unwritten=unwritten, damage=damage)
            except (CrawlError, StorageError) as error:
                tell("health", str(error), "warning")
            except Exception:  # the next time may go better, and nothing else depends on this
                log.exception("health could not be judged")
            if stop.wait(every):
                return


def look_over(
    home: Home,
    tell: Tell,
    rules: Mapping[str, object] | None = None,
    metrics: ArchiveMetrics | None = None,
    unwritten: list[Alarm] | None = None,
    damage: str = "",
) -> list[Problem]:
    """Judge the archive's health once: note what began or is over, and tell what is to be told. Returns the problems.

    What cannot be sent is not noted as told, and so is sent the next time. ``metrics`` gets what was found;
    ``unwritten`` holds what could not be noted as the disk takes nothing, so that it is told all the same, and once;
    ``damage``: what the last check of the database found.
    """
    unwritten = unwritten if unwritten is not None else []
    now, alarms, config = home.clock.now(), Alarms(home), home.config
    facts = gather(home, damage)
    found = problems(facts)
    if metrics is not None:
        metrics.put(facts, found)
    unwritten += changes(episodes([*alarms.all(), *unwritten]), found, now)
    _note(alarms, unwritten)
    due = messages(episodes([*alarms.all(), *unwritten]), found, now, rules)
    if due:
        if config.webhook_url:
            send(config.webhook_url, config.webhook_format, due)
        for message in due:
            tell("health", message.en, message.severity)
        unwritten += alarms_of(due, now)
        _note(alarms, unwritten)
    return found


def _note(alarms: Alarms, unwritten: list[Alarm]) -> None:
    with suppress(DiskError):  # it is told by the message itself, and noted when there is room
        alarms.add(unwritten)
        unwritten.clear()
