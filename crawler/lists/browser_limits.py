"""Starts the browser's process without secrets in its environment, keeps it within its limits, and always ends it.

While the crawl waits for the process it checks memory and time four times a second, and kills the process with all its
descendants if a limit is passed. At most two browsers run at once over one archive.

The two sides take turns to send messages: a JSON object on a line, and bytes. Nothing that the browser sends is
unpickled or trusted.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

MAX_MESSAGE_BYTES = 32 << 20
MAX_MEMORY_BYTES = 700 << 20  # unshared memory of all its processes together; an ordinary list takes 300 MB
START_SECONDS = 60.0  # time for a browser to start on a busy machine
SIDE_BY_SIDE = 2  # browsers at once over one archive
PAUSE_SECONDS = 0.25  # between two checks
_FOLDER, _LOCK = "nianbao-browser-", "lock"  # prefix of each browser's folder, and the lock in it while its crawl lives
_KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "FONTCONFIG_FILE")

Message = tuple[dict[str, Any], bytes]
Pause = Callable[[float], object]


def send(connection: Connection, head: dict[str, Any], body: bytes = b"") -> None:
    """Send a message. Raises OSError if the other side is gone."""
    connection.send_bytes(json.dumps(head).encode("ascii") + b"\n" + body)


def receive(connection: Connection) -> Message:
    """Return the next message. Raises EOFError or OSError if there is none, ValueError if it is malformed."""
    head, _, body = connection.recv_bytes(MAX_MESSAGE_BYTES).partition(b"\n")
    try:
        return dict(json.loads(head)), body
    except (RecursionError, TypeError) as error:
        raise ValueError("a message that is no object") from error


class BrowserFailed(Exception):  # noqa: N818 - what happened
    """A page could not be shown. ``reason`` is a code, ``text`` the last line of the browser's standard error."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(f"{reason}: {text}" if text else reason)
        self.reason, self.text = reason, text


class LimitedProcess:
    """A process of ``crawler.lists.browser_process`` with a running browser; ``end()`` ends both.

    ``left``: the seconds that it may still take; the time in which it waits for the crawl does not count.
    ``browser``: name and version of the browser.
    """

    def __init__(self, program: str, lock_folder: Path | None = None, pause: Pause = time.sleep) -> None:
        """Start the browser, once a place is free (``lock_folder`` None: at once). Raises :class:`BrowserFailed`."""
        self.left = START_SECONDS
        with ExitStack() as stack:
            try:
                self._start(stack, program, lock_folder, pause)
                head, _ = self._receive()
            except (OSError, BrowserFailed) as error:
                raise BrowserFailed("browser_not_started", str(error)) from error
            if head.get("say") != "ready":
                raise BrowserFailed("browser_not_started", str(head.get("reason"))[:300])
            self.browser = str(head.get("browser"))[:60]
            self.end = stack.pop_all().close

    def _start(self, stack: ExitStack, program: str, lock_folder: Path | None, pause: Pause) -> None:
        """Wait for a free place, then start the process in a folder of its own; ``stack`` undoes all this."""
        if lock_folder is not None:
            stack.enter_context(hold_slot(lock_folder, pause))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=_FOLDER, ignore_cleanup_errors=True))
        self._errors = Path(folder) / "errors"
        lock = stack.enter_context((Path(folder) / _LOCK).open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), folder)
        self._connection, theirs = Pipe()
        stack.enter_context(self._connection)
        with theirs, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "crawler.lists.browser_process", str(theirs.fileno()), program],
                env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        stack.callback(self._process.communicate)
        stack.callback(self._kill)

    def ask(self, head: dict[str, Any], body: bytes = b"") -> Message:
        """Send a message to the process and return its next message. Raises :class:`BrowserFailed`."""
        try:
            send(self._connection, head, body)
        except OSError as error:
            raise self._failure() from error
        return self._receive()

    def _receive(self) -> Message:
        """Return the next message. Raises :class:`BrowserFailed` if the process passes a limit or ends."""
        began = time.monotonic()
        while not self._connection.poll(PAUSE_SECONDS):
            is_heavy = sum(map(own_memory, family_of(self._process.pid))) > MAX_MEMORY_BYTES
            if is_heavy or time.monotonic() - began > self.left:
                raise BrowserFailed("browser_memory" if is_heavy else "browser_timeout")
        self.left -= time.monotonic() - began
        try:
            return receive(self._connection)
        except (EOFError, OSError, ValueError) as error:
            raise self._failure() from error

    def _failure(self) -> BrowserFailed:
        lines = self._errors.read_bytes()[-4000:].decode("utf-8", "replace").split("\n")
        return BrowserFailed("browser_died", next(filter(None, map(str.strip, reversed(lines))), "")[:300])

    def _kill(self) -> None:
        if self._process.poll() is None:
            for pid in [*family_of(self._process.pid)[1:], self._process.pid]:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


@contextmanager
def hold_slot(folder: Path, pause: Pause) -> Iterator[None]:
    """Hold one of the slots for browsers of an archive. Waits for a free one; ``pause`` may raise to stop that."""
    with ExitStack() as stack:
        slots = [stack.enter_context((folder / f"browser-{n}.lock").open("w")) for n in range(SIDE_BY_SIDE)]
        while not any(_take(slot.fileno()) for slot in slots):
            pause(PAUSE_SECONDS)
        yield


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def tidy_folders() -> None:
    """Remove the folders of browsers that killed crawls left behind: their locks are free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(OSError):  # another user's folder, or one that another process is making or removing
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            if _take(lock) and os.fstat(lock).st_uid == os.getuid():
                shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def family_of(pid: int) -> list[int]:
    """Return the ids of a process and its descendants, parents first; on other systems than Linux itself alone."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(path.read_text("latin-1").rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(path.parent.name))
    family = [pid]
    for one in family:
        family += parents.get(one, [])
    return family


def own_memory(pid: int) -> int:
    """Return the bytes of memory that a process does not share with others; 0 if unknown."""
    with suppress(OSError, ValueError, IndexError):
        _, resident, shared = Path(f"/proc/{pid}/statm").read_text("ascii").split()[:3]
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    return 0
