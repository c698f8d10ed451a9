"""The long work that operators begin, each piece in a child process: probing, adding, crawling, reading, backup, seals.

How many may run at once is bounded for each kind, and so are their time and what is kept of their output. A child that
knows nothing of this server does the work of a command; it gets no secret of ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from archive.exports.safe_text import safe_text
from crawler.errors import CrawlError
from crawler.processes import is_under_way, stop_run
from nianbao.language import VARIABLE
from storage.home import Home
from storage.observations import Observations

CHILD = "nianbao.operate.child"  #: the module that does what no command does
_STEPS = 500  # lines of a job that are kept, the last ones
_LONGEST_STEP = 500  # characters of one
_KEPT = 30  # jobs that are remembered
_GRACE = 10.0  # seconds that a job has to end when it is asked to
_ALL = "*"  # in place of the portals to be judged again
_NOT_FOR_CHILDREN = frozenset({"NIANBAO_OPERATOR_TOKEN"})  # variables


class Kind(StrEnum):
    """What a job does."""

    PROBE = "probe"
    ADD = "add"
    CRAWL = "crawl"
    READ = "read"
    BACKUP = "backup"
    SEAL = "seal"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class _Bound:
    """How many jobs of a group may run at once, and for how many seconds each."""

    group: str
    most: int
    seconds: float


_BOUNDS: Mapping[Kind, _Bound] = {
    Kind.PROBE: _Bound("onboarding", 1, 2 * 3600),
    Kind.ADD: _Bound("onboarding", 1, 1800),
    Kind.CRAWL: _Bound("crawl", 4, 24 * 3600),
    Kind.READ: _Bound("read", 1, 6 * 3600),
    **dict.fromkeys((Kind.BACKUP, Kind.SEAL, Kind.VERIFY), _Bound("care", 1, 24 * 3600)),
}


class TooManyJobsError(Exception):
    """As many jobs of this kind run as may; ``kind`` says which."""

    def __init__(self, kind: Kind, subject: str) -> None:
        super().__init__(f"{kind} {subject}")
        self.kind = kind


@dataclass(slots=True)
class OperatorJob:
    """A piece of work. ``state``: ``running``, ``done``, ``attention`` (done, and somebody should look), ``failed``,
    ``stopped``; ``folder``: where its files lie.
    """

    kind: Kind
    subject: str
    begun: datetime
    by: str
    folder: Path
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: str = "running"
    steps: deque[str] = field(default_factory=lambda: deque(maxlen=_STEPS))
    step_count: int = 0

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.state == "running"

    @property
    def last(self) -> str:
        """The last line that it printed."""
        return self.steps[-1] if self.steps else ""


class Jobs:
    """The jobs of one server. Use as a context manager: none outlives it. Several threads may use it."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.RLock()
        self._jobs: dict[str, OperatorJob] = {}
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._to_read: set[str] = set()
        self._scratch = Path(tempfile.mkdtemp(prefix="nianbao-operate-"))

    def folder(self) -> Path:
        """A new folder for the files of a job."""
        return Path(tempfile.mkdtemp(dir=self._scratch))

    def start(
        self, kind: Kind, subject: str, by: str, words: Sequence[str], folder: Path | None = None, lang: str = ""
    ) -> OperatorJob:
        """Begin ``python -m WORDS``, whose lines are in ``lang``. Raises :class:`TooManyJobsError`."""
        bound = _BOUNDS[kind]
        with self._lock:
            running = [one for one in self._jobs.values() if one.runs and _BOUNDS[one.kind].group == bound.group]
            if len(running) >= bound.most or any(one.subject == subject for one in running):
                raise TooManyJobsError(kind, subject)
            job = OperatorJob(kind, subject, self._home.clock.now(), by, folder or self.folder())
            self._forget()
            self._jobs[job.id] = job
            environment = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_CHILDREN}
            environment |= {VARIABLE: lang} if lang else {}
            process = subprocess.Popen(  # noqa: S603 - words are ours; what a person typed is one argument, or in a file
                [sys.executable, "-m", *words], env=environment | {"NIANBAO_ARCHIVE": str(self._home.path)},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                errors="replace",
            )  # fmt: skip
            self._processes[job.id] = process
        threading.Thread(target=self._follow, args=(job, process, bound.seconds), daemon=True).start()
        return job

    def crawl(self, portal: str, by: str, lang: str) -> OperatorJob:
        """Crawl a portal now, as ``nianbao crawl`` does."""
        return self.start(Kind.CRAWL, portal, by, ["nianbao.cli", "crawl", portal], lang=lang)

    def read(self, portals: Sequence[str] | None, by: str) -> None:
        """Judge portals again (None: all); while that is done, further ones wait for its end."""
        with self._lock:
            self._to_read.update([_ALL] if portals is None else portals)
            names = [] if _ALL in self._to_read else sorted(self._to_read)
            try:
                self.start(Kind.READ, " ".join(names), by, [CHILD, "read", *names])
            except TooManyJobsError:
                return
            self._to_read.clear()

    def stop(self, job: OperatorJob) -> None:
        """Ask a job to end; a crawl ends in good order, and keeps what it fetched."""
        if job.kind is Kind.CRAWL and self._stop_crawl(job.subject):
            return
        with self._lock:
            process = self._processes.get(job.id)
            if process is not None:
                job.state = "stopped"
                process.terminate()

    def all(self) -> list[OperatorJob]:
        """The jobs that are remembered, the newest first."""
        with self._lock:
            return [*reversed(self._jobs.values())]

    def find(self, job: str) -> OperatorJob | None:
        """A job by its id."""
        with self._lock:
            return self._jobs.get(job)

    def latest(self, *kinds: Kind) -> OperatorJob | None:
        """The job of some kinds that was begun last."""
        return next((one for one in self.all() if one.kind in kinds), None)

    def __enter__(self) -> Jobs:
        return self

    def __exit__(self, *error: object) -> None:
        for job in self.all():
            if job.runs:
                self.stop(job)
        for process in [*self._processes.values()]:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _stop_crawl(self, portal: str) -> bool:
        """Whether a crawl of a portal was under way, and was asked to end."""
        for run in Observations(self._home).last_runs(1):
            if run.portal == portal and is_under_way(self._home, run):
                with suppress(CrawlError, ProcessLookupError):  # it has ended in the meantime
                    stop_run(self._home, run)
                return True
        return False

    def _follow(self, job: OperatorJob, process: subprocess.Popen[str], seconds: float) -> None:
        assert process.stdout is not None
        overdue = threading.Timer(seconds, process.kill)
        overdue.daemon = True
        overdue.start()
        with process.stdout as lines:
            for line in lines:
                if text := safe_text(line.strip())[:_LONGEST_STEP]:
                    job.steps.append(text)
                    job.step_count += 1
        code = process.wait()
        overdue.cancel()
        assert process.stdin is not None
        process.stdin.close()
        with self._lock:
            del self._processes[job.id]
            if job.runs:
                job.state = {0: "done", 1: "attention"}.get(code, "failed")
            waiting = job.kind is Kind.READ and self._to_read
        if waiting and job.state != "stopped":
            self.read([], job.by)

    def _forget(self) -> None:
        """Forget the oldest jobs that have ended, with their files."""
        ended = [one for one in self._jobs.values() if not one.runs]
        for one in ended[: max(0, len(self._jobs) - _KEPT + 1)]:
            del self._jobs[one.id]
            if not any(other.folder == one.folder for other in self._jobs.values()):
                shutil.rmtree(one.folder, ignore_errors=True)
