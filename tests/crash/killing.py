"""A command of ours in a session of its own, killed: all of it, the command alone, or the process of a crawl."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENCE

POINTS = Path(__file__).with_name("points")
_POLL = 0.02  # seconds
PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended. ``seen``: ids of captures that others could read in the database before it ended; ``left``:
    processes of its session that run on.
    """

    code: int
    out: str
    err: str
    seen: frozenset[str]
    left: tuple[int, ...]

    @property
    def killed(self) -> bool:
        """Whether the command itself was killed."""
        return self.code == -signal.SIGKILL


def environment(archive: Path, day: str) -> dict[str, str]:
    """What a command is given, and nothing of this process's own settings of the project."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("NIANBAO_") and not k.lower().endswith("_proxy")}
    ours = {"NIANBAO_ARCHIVE": str(archive), "NIANBAO_DELAY": "0", "NIANBAO_BROWSER": "none"}
    return plain | ours | {"NIANBAO_NOW": day}


def command(
    *words: str,
    archive: Path,
    day: str,
    when: Callable[[], bool] | None = None,
    whom: str = "group",
    point: str = "",
    count: Path | None = None,
    largest: int | None = None,
) -> Ended:
    """Run a command of ours. It is killed ``when`` something has come to pass (``whom``: ``group``, ``command`` or
    ``crawl``), at the named ``point`` (see ``points/``), or not at all. ``largest``: bytes that a file may have that
    it writes; the kernel takes no more, as on a full disk.
    """
    given = environment(archive, day)
    if point or count is not None:
        path = os.pathsep.join(filter(None, (str(POINTS), given.get("PYTHONPATH"))))
        given |= {"PYTHONPATH": path, "CRASH_ROOT": str(archive), "CRASH_POINT": point}
        given |= {"CRASH_COUNT": str(count)} if count is not None else {}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "nianbao.cli", *words], env=given, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=out,
            stderr=err, start_new_session=True,
        )  # fmt: skip
        if largest is not None:  # before it has imported anything; what it begins later has the same bound
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest, largest))
        with _watching(archive / "archive.sqlite") as seen:
            _end(process, when, whom)
        left = _left(process.pid)
        texts = [_text(stream) for stream in (out, err)]
    return Ended(process.returncode, *texts, frozenset(seen), tuple(left))


def _end(process: subprocess.Popen[bytes], when: Callable[[], bool] | None, whom: str) -> None:
    """Let it end, or kill it when its moment has come."""
    patience = time.monotonic() + PATIENCE
    while not (has_come := when is not None and when()) and time.monotonic() < patience:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLL)
            return
    if whom == "group" or not has_come:
        os.killpg(process.pid, signal.SIGKILL)
    elif whom == "command":
        process.kill()
    else:
        for pid in find_processes(process.pid):
            if pid != process.pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    process.wait(PATIENCE)


def find_processes(session: int) -> list[int]:
    """Processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            fields = stat.read_text("latin-1").rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def _left(session: int) -> list[int]:
    ends = time.monotonic() + PATIENCE
    while (left := find_processes(session)) and time.monotonic() < ends:
        time.sleep(0.02)
    return left


def _text(stream: object) -> str:
    stream.seek(0)  # type: ignore[attr-defined]
    return stream.read().decode("utf-8", "replace")  # type: ignore[attr-defined, no-any-return]


@contextmanager
def _watching(database: Path) -> Iterator[set[str]]:
    """The captures that the database holds, read as anybody may, while a command runs."""
    seen, over = set[str](), threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            if not database.exists():
                continue
            with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as held:
                seen.update(row[0] for row in held.execute("SELECT lower(hex(id)) FROM captures"))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
