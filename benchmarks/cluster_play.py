"""A cluster on one machine: PostgreSQL, an S3 server, several workers with folders of their own, imitation portals.

``python -m benchmarks.cluster_play`` is ``make demo-cluster``: the portals are crawled and read by one process, and
then again from the start by four workers, of which two are killed in the middle. The results must be equal, and the
portals' logs must show one request at a time with the required pause between two.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from archive.projection.update import waiting
from benchmarks.many_portals import copies, write_portals
from benchmarks.postgresql_server import postgresql
from crawler.operations.job_queue import jobs
from imitation.records import Scenario
from imitation.registry import register_agencies
from imitation.server import ImitationPortals, Logged
from storage.captures import CaptureStore
from storage.config import FILE
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.records import Capture, CaptureOutcome, CaptureRole, Schedule
from tests.object_stores import make_bucket, s3_server

_POLL = 0.25  # seconds


@dataclass(frozen=True, slots=True)
class ArchiveContent:
    """What an archive knows, without ids: equal however often, and by whom, the portals were asked."""

    captures: frozenset[tuple[object, ...]]
    looks: frozenset[tuple[object, ...]]
    statuses: frozenset[tuple[object, ...]]

    def differences(self, other: ArchiveContent) -> list[str]:
        """Return in sentences what only one of the two contains."""
        sentences = []
        for name in ("captures", "looks", "statuses"):
            one, two = getattr(self, name), getattr(other, name)
            sentences += [f"{name}: only in the first: {row}" for row in sorted(one - two, key=str)]
            sentences += [f"{name}: only in the second: {row}" for row in sorted(two - one, key=str)]
        return sentences


@dataclass
class Cluster:
    """The servers of a cluster and the portals that it crawls. Use as a context manager.

    ``delay``: seconds between two requests to one host; ``silence``: seconds after which a worker counts as dead.
    """

    folder: Path
    scenario: Scenario
    delay: float = 0.2
    silence: float = 30.0
    day: int = 1
    portals: ImitationPortals = field(init=False)
    database: str = field(init=False, default="")
    _stack: ExitStack = field(init=False, default_factory=ExitStack)
    _server: object = field(init=False, default=None)
    _bucket: str = field(init=False, default="")
    _endpoint: str = field(init=False, default="")

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        web = self.folder / "web"
        web.mkdir()
        self._endpoint = self._stack.enter_context(s3_server())
        self._bucket = make_bucket(self._endpoint, f"nianbao-demo-{uuid.uuid4().hex[:8]}")
        self.portals = self._stack.enter_context(ImitationPortals(web, self.scenario))
        self.portals.set_now(self.scenario.days[self.day])
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def alone(self) -> Path:
        """Return the folder of an archive with SQLite and local files."""
        return self._make_archive("alone", {})

    def machine(self, number: int, database: str) -> Path:
        """Return the folder of one machine of the cluster; machines share only the addresses in their settings."""
        settings = {
            "database": database,
            "blobs": f"{self._bucket}/{make_url(database).database}",
            "blobs_endpoint": self._endpoint,
            "worker_silence": self.silence,
        }
        return self._make_archive(f"machine-{number}", settings)

    def _make_archive(self, name: str, settings: Mapping[str, object]) -> Path:
        folder = self.folder / name
        (folder / "portals").mkdir(parents=True)
        written = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
        (folder / FILE).write_text(f"simulated = true\n{written}", encoding="utf-8")
        with init_home(folder, simulated=True) as home:
            names = write_portals(self.scenario, home.portals_dir)
            if not Observations(home).runs() and not Schedules(home).latest():
                register_agencies(home, self.scenario)
                _pause_others(home, names)
        shutil.copy(self.folder / "web" / "imitation.json", folder / "imitation.json")
        return folder

    def environment(self, archive: Path) -> dict[str, str]:
        """Return the environment variables for a program that works on an archive."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")},
            "NIANBAO_ARCHIVE": str(archive),
            "NIANBAO_DELAY": str(self.delay),
            "NIANBAO_BROWSER": "none",
            "NIANBAO_NOW": self.portals.now().isoformat(),
        }

    def command(self, archive: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of nianbao to its end."""
        command = [sys.executable, "-m", "nianbao.cli", *words]
        return subprocess.run(
            command, env=self.environment(archive), capture_output=True, text=True, check=False, timeout=3600
        )

    def workers(self, archives: Sequence[Path], *words: str) -> AbstractContextManager[list[subprocess.Popen[bytes]]]:
        """Start a worker for each folder; they are asked to end at the end of the block."""
        return workers({archive: self.environment(archive) for archive in archives}, *words)


@contextmanager
def workers(environments: Mapping[Path, Mapping[str, str]], *words: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start a worker for each machine's folder, in its environment; they are asked to end at the end of the block."""
    started: list[subprocess.Popen[bytes]] = []
    command = [sys.executable, "-m", "nianbao.cli", "worker", *words]
    try:
        for archive, environment in environments.items():
            with (archive / "worker.log").open("ab") as log:
                started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, close_fds=True))
        yield started
    finally:
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=120)


def _pause_others(home: Home, names: Sequence[str]) -> None:
    """Pause the crawls of all portals except these."""
    now = home.clock.now()
    for name, paused in ((None, "yes"), *((name, "no") for name in names)):
        Schedules(home).put(Schedule(portal=name, settings={"paused": paused}, by="demo", recorded_at=now))


def ended(home: Home) -> int:
    """Return how many portals have a crawl that reached its end."""
    return len({run.portal for run in Observations(home).runs() if run.reached_end})


def wait_for(home: Home, portals: int, *, seconds: float, task: str = "") -> None:
    """Wait until this many portals are crawled, all of them are read, and no job (of ``task``, if given) is left."""
    patience = time.monotonic() + seconds
    while ended(home) < portals or any(task in job.task for job in jobs(home)) or waiting(home):
        if time.monotonic() > patience:
            raise TimeoutError(f"after {seconds:.0f} s: {ended(home)} of {portals} portals, {len(jobs(home))} jobs")
        time.sleep(_POLL)


def content(home: Home, command: subprocess.CompletedProcess[str]) -> ArchiveContent:
    """Return what an archive knows; ``command``: its finished ``export duties``."""
    names = sorted({run.portal for run in Observations(home).runs()})
    store = CaptureStore(home)
    captures = {
        (one.portal, str(one.role), one.requested, *_answer(one))  # no digests, because pages contain counters
        for name in names
        for one in store.for_portal(name)
        if one.role is not CaptureRole.ROBOTS
    }
    looks = {(one.listing, str(one.outcome), one.reason, one.total) for one in Observations(home).looks()}
    duties = [json.loads(line) for line in command.stdout.splitlines()]
    columns = ("portal", "agency", "kind", "year", "status", "evidence", "reason", "declared")
    statuses = {
        (
            *(row[key] for key in columns),
            tuple(sorted(row["findings"])),
            tuple(sorted({one["content_digest"] for one in row["editions"]})),
        )
        for row in duties
    }
    return ArchiveContent(frozenset(captures), frozenset(looks), frozenset(statuses))


def _answer(capture: Capture) -> tuple[str, int | None]:
    """Return how an address answered; "not modified" counts as the page that an earlier run fetched."""
    if capture.outcome is CaptureOutcome.NOT_MODIFIED:
        return str(CaptureOutcome.PAGE), 200
    return str(capture.outcome), capture.status


def at_once(home: Home) -> list[str]:
    """Return in sentences the hosts that two runs asked alternately: a run's captures must be consecutive."""
    requests: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for name in {run.portal for run in Observations(home).runs()}:
        for capture in CaptureStore(home).for_portal(name):
            if capture.status is not None:
                requests[urlsplit(capture.url).netloc].append((capture.fetched_at, capture.run))
    sentences = []
    for host, requests_of_host in sorted(requests.items()):
        blocks = [run for run, _ in groupby(run for _, run in sorted(requests_of_host))]
        if len(blocks) > len(set(blocks)):
            sentences.append(f"{host} was asked by {len(set(blocks))} runs in turn")
    return sentences


def impolite(log: Sequence[Logged], delay: float) -> list[str]:
    """Return in sentences the requests to a host that came within half of ``delay`` after the one before; only half,
    because a busy machine logs them early or late.
    """
    by_host: dict[str, list[Logged]] = defaultdict(list)
    for request in log:
        by_host[request.host].append(request)
    sentences = []
    for host, requests in sorted(by_host.items()):
        requests.sort(key=lambda request: request.clock)
        for before, after in pairwise(requests):
            if (gap := after.clock - before.clock) < delay / 2:
                sentences.append(f"{host}: {after.path} {gap:.3f} s after {before.path}")
    return sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayResult:
    """What differed between the two crawls, how polite they were, and how long they took."""

    differences: list[str]
    impolite: list[str]
    at_once: list[str]
    portals: int
    captures: int
    statuses: int
    alone: float
    together: float
    killed: int


def play(cluster: Cluster, database: str, *, workers: int, kills: int, jobs_each: int, patience: float) -> PlayResult:
    """Crawl all portals by one process, then by several workers, of which ``kills`` are killed; compare both."""
    names = [portal.name for portal in cluster.scenario.portals]
    one, began = cluster.alone(), time.monotonic()
    crawl = cluster.command(one, "crawl", *names)
    if crawl.returncode not in (0, 1):
        raise RuntimeError(f"the single process could not crawl: {crawl.stderr[-2000:]}")
    alone = time.monotonic() - began
    with open_home(one) as home:
        expected = content(home, cluster.command(one, "export", "duties", "--format", "jsonl"))
    polite = impolite(cluster.portals.log, cluster.delay)

    cluster.portals.log.clear()
    cluster.portals.set_now(cluster.scenario.days[cluster.day])
    machines = [cluster.machine(number, database) for number in range(workers)]
    began = time.monotonic()
    with cluster.workers(machines, "--jobs", str(jobs_each)) as started, open_home(machines[0]) as home:
        until = began + patience
        while ended(home) < max(1, len(names) // 3) and time.monotonic() < until:
            time.sleep(_POLL)
        for process in started[-kills:] if kills else []:
            process.send_signal(signal.SIGKILL)
        wait_for(home, len(names), seconds=patience)
        together = time.monotonic() - began
    with open_home(machines[0]) as home:
        in_turn = at_once(home)
        result = content(home, cluster.command(machines[0], "export", "duties", "--format", "jsonl"))
    return PlayResult(
        differences=expected.differences(result),
        impolite=[*polite, *impolite(cluster.portals.log, cluster.delay)],
        at_once=in_turn,
        portals=len(names),
        captures=len(result.captures),
        statuses=len(result.statuses),
        alone=alone,
        together=together,
        killed=kills,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Play the demo and report. Exit code 0 if all is equal, 3 if not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster_play", description=__doc__)
    parser.add_argument("--portals", type=int, default=60)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--agencies", type=int, default=3, help="agencies of a portal")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="nianbao-cluster-"))
    try:
        with postgresql(folder / "postgresql") as url:
            scenario = copies(options.portals, agencies=options.agencies)
            with Cluster(folder / "cluster", scenario, silence=10) as cluster:
                print(f"{options.portals} portals, by one process and then by {options.workers} workers", flush=True)
                result = play(cluster, url, workers=options.workers, kills=options.kills, jobs_each=4, patience=3600)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"one process: {result.alone:.0f} s")
    print(f"{options.workers} workers, {result.killed} of them killed: {result.together:.0f} s")
    print(f"{result.captures} captures and {result.statuses} statuses are compared: {len(result.differences)} differ")
    print(f"requests too early at one host: {len(result.impolite)}; hosts asked by two at once: {len(result.at_once)}")
    for sentence in [*result.differences[:20], *result.impolite[:20], *result.at_once]:
        print(f"  {sentence}")
    return 3 if result.differences or result.impolite or result.at_once else 0


if __name__ == "__main__":
    raise SystemExit(main())
