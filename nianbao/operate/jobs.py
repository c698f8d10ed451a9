"""Run jobs that operators start on pages, each in a child process: probe, crawl, read, back up, seal, verify.

The number of jobs that run at once, their time, and the output that is kept are limited. A child process runs a command
of the program or ``child.py``, knows nothing of this server, and does not get the operator's token.
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

BETWEEN_LANGUAGES = "\x1f"  #: in a line of a child process: English before it, Chinese behind it
CHILD = "nianbao.operate.child"  #: the module for work that no command does
_STEPS = 500  # last lines of output that are kept of a job
_LONGEST_STEP = 500  # characters of a line
_KEPT = 30  # jobs that are kept in memory
_GRACE = 10.0  # seconds between asking a job to end and killing it
_ALL = "*"  # in ``_to_read``: all portals
_NOT_FOR_CHILDREN = frozenset({"NIANBAO_OPERATOR_TOKEN"})  # environment variables


class Kind(StrEnum):
    """The kinds of jobs."""

    PROBE = "probe"
    CRAWL = "crawl"
    READ = "read"
    BACKUP = "backup"
    SEAL = "seal"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class _Bound:
    """A limit: at most ``most`` jobs of kinds with this ``group`` run at once, each for at most ``seconds``."""

    group: str
    most: int
    seconds: float


_BOUNDS: Mapping[Kind, _Bound] = {
    Kind.PROBE: _Bound("onboarding", 1, 2 * 3600),
    Kind.CRAWL: _Bound("crawl", 4, 24 * 3600),
    Kind.READ: _Bound("read", 1, 6 * 3600),
    **dict.fromkeys((Kind.BACKUP, Kind.SEAL, Kind.VERIFY), _Bound("care", 1, 24 * 3600)),
}


class TooManyJobsError(Exception):
    """No further job of this kind may start now, or one on the same subject is running."""

    def __init__(self, kind: Kind, subject: str) -> None:
        super().__init__(f"{kind} {subject}")
        self.kind = kind


@dataclass(slots=True)
class OperatorJob:
    """A job. ``state``: ``running``, ``done``, ``attention`` (done, but somebody should look at the result), ``failed``
    or ``stopped``; ``subject``: a portal or address; ``by``: who started it; ``folder``: its files; ``steps``: lines of
    output, each by language.
    """

    kind: Kind
    subject: str
    begun: datetime
    by: str
    folder: Path
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: str = "running"
    steps: deque[Mapping[str, str]] = field(default_factory=lambda: deque(maxlen=_STEPS))
    step_count: int = 0

    @property
    def runs(self) -> bool:
        """True if the job has not ended."""
        return self.state == "running"

    @property
    def last(self) -> Mapping[str, str] | None:
        """Return the last line that the job printed, by language; None if there is none."""
        return self.steps[-1] if self.steps else None


class Jobs:
    """The jobs of one server, safe for use by several threads. As a context manager it stops all jobs at its end."""

    def __init__(self, home: Home) -> None:
        """Begin without jobs; ``home``: the archive on which they work."""
        self._home = home
        self._lock = threading.RLock()
        self._jobs: dict[str, OperatorJob] = {}
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._to_read: dict[str, str] = {}  # portal → who asked
        self._to_crawl: dict[str, tuple[str, str]] = {}  # portal → who asked, and language
        self._scratch = Path(tempfile.mkdtemp(prefix="nianbao-operate-"))

    def folder(self) -> Path:
        """Create a folder for the files of a job."""
        return Path(tempfile.mkdtemp(dir=self._scratch))

    def start(
        self, kind: Kind, subject: str, by: str, words: Sequence[str], folder: Path | None = None, lang: str = ""
    ) -> OperatorJob:
        """Start ``python -m WORDS`` in ``folder`` (None: a new one), in ``lang``. Raises :class:`TooManyJobsError`."""
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
                [sys.executable, "-P", "-m", *words], env=environment | {"NIANBAO_ARCHIVE": str(self._home.path)},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                errors="replace",
            )  # fmt: skip
            self._processes[job.id] = process
        threading.Thread(target=self._follow, args=(job, process, bound.seconds), daemon=True).start()
        return job

    def crawl(self, portal: str, by: str, lang: str) -> OperatorJob:
        """Crawl a portal now, as ``nianbao crawl`` does."""
        return self.start(Kind.CRAWL, portal, by, ["nianbao.cli", "crawl", portal], lang=lang)

    def crawl_all(self, portals: Sequence[str], by: str, lang: str) -> None:
        """Crawl portals, as many at once as may run; the others begin when a crawl has ended, unless one is stopped."""
        with self._lock:
            running = {job.subject for job in self.all() if job.runs}
            self._to_crawl |= {portal: (by, lang) for portal in portals if portal not in running}
            self._start_waiting()

    def read(self, portals: Sequence[str] | None, by: str) -> None:
        """Read new captures of portals and update their statuses (None: all); if a job does so now, start after it."""
        with self._lock:
            self._to_read |= dict.fromkeys([_ALL] if portals is None else portals, by)
            self._start_waiting()

    def _start_waiting(self) -> None:
        """Start the reading of ``_to_read`` and the crawls of ``_to_crawl``, as many as may run now."""
        with suppress(TooManyJobsError):
            if self._to_read:
                names = [] if _ALL in self._to_read else sorted(self._to_read)
                by = [*self._to_read.values()][-1]
                self.start(Kind.READ, " ".join(names), by, [CHILD, "read", *names])
                self._to_read.clear()
        with suppress(TooManyJobsError):
            for portal, (by, lang) in [*self._to_crawl.items()]:
                self.crawl(portal, by, lang)
                del self._to_crawl[portal]

    def stop(self, job: OperatorJob) -> None:
        """Ask a job to end, and drop waiting crawls. A crawl's own process is asked: so it keeps what it fetched."""
        self._to_crawl.clear()
        if job.kind is Kind.CRAWL and self._stop_crawl(job.subject):
            return
        with self._lock:
            process = self._processes.get(job.id)
            if process is not None:
                job.state = "stopped"
                process.terminate()

    def all(self) -> list[OperatorJob]:
        """Return the jobs kept in memory, the newest first."""
        with self._lock:
            return [*reversed(self._jobs.values())]

    def find(self, job: str) -> OperatorJob | None:
        """Return the job with this id, or None if it is not in memory."""
        with self._lock:
            return self._jobs.get(job)

    def latest(self, *kinds: Kind) -> OperatorJob | None:
        """Return the newest job of these kinds, or None."""
        return next((one for one in self.all() if one.kind in kinds), None)

    def __enter__(self) -> Jobs:
        return self

    def __exit__(self, *error: object) -> None:
        """Stop all jobs, kill those that do not end in time, and delete their folders."""
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
        """Ask a running crawl of a portal to end; return False if none is running."""
        for run in Observations(self._home).last_runs(1):
            if run.portal == portal and is_under_way(self._home, run):
                with suppress(CrawlError, ProcessLookupError):  # the run ended in the meantime
                    stop_run(self._home, run)
                return True
        return False

    def _follow(self, job: OperatorJob, process: subprocess.Popen[str], seconds: float) -> None:
        """Collect the lines of a job's process until it ends, at most for ``seconds``; then start what waits."""
        assert process.stdout is not None
        overdue = threading.Timer(seconds, process.kill)
        overdue.daemon = True
        overdue.start()
        with process.stdout as lines:
            for line in lines:
                texts = [safe_text(text.strip())[:_LONGEST_STEP] for text in line.split(BETWEEN_LANGUAGES)]
                if texts[0]:
                    job.steps.append({"en": texts[0], "zh": texts[-1]})
                    job.step_count += 1
        code = process.wait()
        overdue.cancel()
        assert process.stdin is not None
        process.stdin.close()
        with self._lock:
            del self._processes[job.id]
            if job.runs:
                job.state = {0: "done", 1: "attention"}.get(code, "failed")
            if job.state != "stopped":
                self._start_waiting()

    def _forget(self) -> None:
        """Delete the oldest ended jobs and their files, so that with a new job at most ``_KEPT`` are in memory."""
        ended = [one for one in self._jobs.values() if not one.runs]
        for one in ended[: max(0, len(self._jobs) - _KEPT + 1)]:
            del self._jobs[one.id]
            if not any(other.folder == one.folder for other in self._jobs.values()):
                shutil.rmtree(one.folder, ignore_errors=True)
