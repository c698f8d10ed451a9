"""``nianbao up``: scheduler, crawls and reader as one group of processes, each begun again if it dies.

One per archive: the lock ``up`` tells a second one who holds it. The parts end with this process, however it
ends; asked to end (SIGTERM, SIGINT), it lets them end in good order first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from crawler.errors import CrawlError
from crawler.operations.job_queue import is_queued
from crawler.operations.stopping import stop_on_signals
from crawler.operations.up.lines import Lines
from storage.home import Home
from storage.locks import Holder

PART = "crawler.operations.up"
GRACE = 3.0  # seconds that the parts have to end in good order; whoever presses Ctrl-C waits no longer than five
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds before a part that died is begun again
_STEADY = 300.0  # seconds after which a part that dies is taken for sound


class HeldError(CrawlError):
    """Another scheduler works on this archive; the message says which process, where and since when."""


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the archive's scheduler lock. Raises :class:`HeldError` saying who holds it."""
    if not home.locks.try_take("up"):
        raise _held_error(home.locks.holder("up"))
    try:
        yield
    finally:
        home.locks.release("up")


def _held_error(holder: Holder | None) -> HeldError:
    message = "another scheduler works on this archive already"
    if holder is None or holder.process is None:
        return HeldError(message, code="up.held")
    where = {"process": holder.process, "machine": holder.machine, "since": holder.since}
    return HeldError(f"{message}: process {holder.process} on {holder.machine}", code="up.held_by", **where)


@dataclass(slots=True)
class _Part:
    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float = 0.0


class Group:
    """The parts of one ``nianbao up``."""

    def __init__(self, parts: Mapping[str, Sequence[str]], environment: Mapping[str, str], lines: Lines) -> None:
        self._parts = [_Part(name, [sys.executable, "-m", *arguments]) for name, arguments in parts.items()]
        self._environment = dict(environment)
        self._lines = lines

    def run(self, stop: threading.Event, *, every: float = 0.5) -> None:
        """Keep the parts alive until ``stop`` is set, then end them in good order."""
        try:
            while not stop.is_set():
                for part in self._parts:
                    if not stop.is_set():
                        self._look_after(part)
                stop.wait(every)
        finally:
            self._end()

    def _look_after(self, part: _Part) -> None:
        now = monotonic()
        if part.process is not None and (code := part.process.poll()) is not None:
            part.process = None
            part.pause = _FIRST_PAUSE if now - part.begun > _STEADY else min(part.pause * 2, _LONGEST_PAUSE)
            part.again_at = now + part.pause
            how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
            self._lines.tell(part.name, f"ended {how}; begun again in {part.pause:.0f} seconds", "warning")
        if part.process is None and now >= part.again_at:
            part.process = subprocess.Popen(  # noqa: S603
                part.arguments,
                env=self._environment,
                stdin=subprocess.PIPE,
                process_group=0,  # a terminal's Ctrl-C reaches this process alone, which ends its parts
            )
            part.begun = now
            self._lines.tell(part.name, f"begun, process {part.process.pid}")

    def _end(self) -> None:
        living = [part for part in self._parts if part.process is not None and part.process.poll() is None]
        for part in living:
            with suppress(ProcessLookupError):
                os.kill(_process(part).pid, signal.SIGTERM)
        patience = monotonic() + GRACE
        for part in living:
            process = _process(part)
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, patience - monotonic()))
            with suppress(ProcessLookupError):  # and what it has started, which may still be loading modules
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _process(part: _Part) -> subprocess.Popen[bytes]:
    assert part.process is not None
    return part.process


def up(
    home: Home, *, read: bool, side_by_side: int, workers: int, as_json: bool, part: str = PART, closing: str = "ended"
) -> None:
    """Run until asked to end, and say ``closing``. ``part``: the module of each part's process. Raises
    :class:`HeldError` where another one does so already.
    """
    stop = stop_on_signals()
    told = ["--json"] if as_json else []
    crawling, reading = ["--side-by-side", str(side_by_side)], ["--workers", str(workers if read else 0)]
    if is_queued(home):  # other machines may work on the same queue
        parts = {"worker": [part, "worker", *crawling, *reading, *told]}
    else:
        parts = {"crawls": [part, "crawls", *crawling, *told]}
        if read:
            parts["reader"] = [part, "reader", *reading, *told]
    parts["health"] = [part, "health", *told]
    environment = dict(os.environ, NIANBAO_ARCHIVE=str(home.path), PYTHONUNBUFFERED="1")
    with only_one(home):
        lines = Lines(sys.stderr, as_json=as_json)
        Group(parts, environment, lines).run(stop)
        lines.tell("up", closing)
