"""The browser's process from outside: started for one page, held to its limits on time and memory, always ended."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crawler.rendering.channel import ChannelError, Message, packed, receive

MOST_MEMORY = 1_500 << 20  # bytes of its own that the browser may take, all its processes together
STARTS = 60.0  # seconds in which a browser starts, on a machine that has much else to do
_FOLDER, _LOCK = "nianbao-browser-", "lock"  # a folder of its own, and what is held while its crawl lives
_LOOK = 0.5  # seconds between two looks at it
_KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "FONTCONFIG_FILE")


class RenderingFailed(Exception):  # noqa: N818 - what happened, as elsewhere here
    """A page could not be rendered. ``reason`` is a code, ``said`` what the browser's process said at its end."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(f"{reason}: {said}" if said else reason)
        self.reason, self.said = reason, said


class BrowserProcess:
    """A process of ``crawler.rendering.browser``, to be used as an asynchronous context manager.

    ``left``: seconds that it may still take, the time that it waits for us not counted; at first those for its start.
    """

    def __init__(self) -> None:
        self.left = STARTS
        self._lock: int
        self._folder: tempfile.TemporaryDirectory[str]
        self._process: subprocess.Popen[bytes]
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._watch: asyncio.Task[None]
        self._heavy = False

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except OSError as error:
            raise RenderingFailed("browser_not_started", str(error)) from error
        self._watch = asyncio.ensure_future(self._watch_memory())
        return self

    async def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=_FOLDER, ignore_cleanup_errors=True)
        folder = self._folder.name
        self._lock = os.open(Path(folder) / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {"HOME": folder, "TMPDIR": folder, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}
        ours, theirs = socket.socketpair()
        with theirs, (Path(folder) / "errors").open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own module; forking takes a millisecond
                [sys.executable, "-m", "crawler.rendering.browser", str(theirs.fileno())],
                env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        ours.setblocking(False)
        self._reader, self._writer = await asyncio.open_connection(sock=ours)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._watch.cancel()
        self._writer.close()
        self._kill()
        self._process.communicate()
        os.close(self._lock)
        self._folder.cleanup()

    async def hear(self) -> Message:
        """Return what it says next. Raises :class:`RenderingFailed` where it takes too long, too much, or is gone."""
        began = time.monotonic()
        try:
            return await asyncio.wait_for(receive(self._reader), max(self.left, 0.01))
        except TimeoutError:
            raise RenderingFailed("browser_timeout") from None
        except ChannelError as error:
            if self._heavy:
                raise RenderingFailed("browser_memory") from error
            raise RenderingFailed("browser_died", self._last_words()) from error
        finally:
            self.left -= time.monotonic() - began

    async def say(self, head: dict[str, Any], body: bytes = b"") -> None:
        """Answer it. Raises :class:`RenderingFailed`."""
        try:
            self._writer.write(packed(head, body))
            await asyncio.wait_for(self._writer.drain(), max(self.left, 0.01))
        except (OSError, TimeoutError) as error:
            raise RenderingFailed("browser_died") from error

    async def _watch_memory(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if sum(map(_memory, family(self._process.pid))) > MOST_MEMORY:
                self._heavy = True
                self._kill()
                return

    def _kill(self) -> None:
        """End it and everything that it has begun, whatever these do at the moment."""
        for pid in [*family(self._process.pid), self._process.pid]:
            if self._process.poll() is None or pid != self._process.pid:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = (Path(self._folder.name) / "errors").read_bytes()[-4000:].decode("utf-8", "replace").splitlines()
            return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]
        return ""


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it (Linux; elsewhere itself alone), those begun last at the end."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parents.setdefault(int(path.read_text("latin-1").rpartition(")")[2].split()[1]), []).append(
                int(path.parent.name)
            )
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def _memory(pid: int) -> int:
    """Bytes that a process holds and shares with nobody."""
    with suppress(OSError, ValueError, IndexError):
        _, resident, shared = Path(f"/proc/{pid}/statm").read_text("ascii").split()[:3]
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    return 0
