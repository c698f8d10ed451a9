"""What is measured, for Prometheus, and ``/healthz`` for whatever asks whether we live."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from time import monotonic
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.errors import CrawlError
from crawler.operations.health.facts import ArchiveFacts
from crawler.operations.health.judging import Problem, texts

Start = Callable[..., Any]
_STALE_SECONDS = 1800.0  # after which what was found says nothing any more
_STALE_LOOKS = 10  # times the pause between two looks at the queue
_ASKER_SECONDS = 10


class ArchiveMetrics(Collector):
    """The facts and problems of the archive that were found last; none before the first time."""

    def __init__(self) -> None:
        self._found: tuple[ArchiveFacts, Sequence[Problem]] | None = None
        self._put = monotonic()

    def put(self, facts: ArchiveFacts, problems: Sequence[Problem]) -> None:
        """Take what was found."""
        self._found, self._put = (facts, problems), monotonic()

    def collect(self) -> Iterable[Metric]:
        """Return the metrics; called by the library."""
        return [] if self._found is None else [*_metrics(*self._found)]

    def healthz(self) -> tuple[bool, dict[str, object]]:
        """Return whether nothing is an error, and what is not well."""
        found, age = self._found, monotonic() - self._put
        if age > _STALE_SECONDS:  # the watch does not come to its end
            return False, {"status": "stale", "seconds": round(age)}
        if found is None:
            return True, {"status": "starting"}
        is_well = all(problem.severity != "error" for problem in found[1])
        return is_well, {
            "status": "ok" if is_well else "attention",
            "at": found[0].at.isoformat(timespec="seconds"),
            "problems": [problem.key for problem in found[1]],
        }


class WorkerMetrics(Collector):
    """The jobs that one worker has done and does. ``every``: seconds between two looks at the queue."""

    def __init__(self, every: float) -> None:
        self._lock = threading.Lock()
        self._every = every
        self._looked = monotonic()
        self._done: Counter[tuple[str, ...]] = Counter()
        self._under_way: Counter[tuple[str, ...]] = Counter()

    def looked(self) -> None:
        """Note that the queue was looked at."""
        self._looked = monotonic()

    @contextmanager
    def doing(self, task: str) -> Iterator[None]:
        """Count a job while it is done, and how it ends."""
        how = "failed"
        with self._lock:
            self._under_way[task,] += 1
        try:
            yield
            how = "done"
        finally:
            with self._lock:
                self._under_way[task,] -= 1
                self._done[task, how] += 1

    def collect(self) -> Iterable[Metric]:
        """Return the metrics; called by the library."""
        with self._lock:
            ended = CounterMetricFamily("nianbao_worker_jobs", "Jobs that have ended.", labels=["task", "how"])
            for labels, number in self._done.items():
                ended.add_metric(labels, number)
            return [ended, _gauge("nianbao_worker_jobs_under_way", "Jobs under way.", ["task"], self._under_way)]

    def healthz(self) -> tuple[bool, dict[str, object]]:
        """Return whether the queue is looked at, and how many jobs are under way."""
        is_well = monotonic() - self._looked <= _STALE_LOOKS * self._every
        return is_well, {"status": "ok" if is_well else "stale", "under_way": self._under_way.total()}


def _metrics(facts: ArchiveFacts, problems: Sequence[Problem]) -> Iterator[Metric]:
    counts, portals = Counter(problem.code for problem in problems), facts.portals.values()
    last_ok = {(one.portal,): crawl.started.timestamp() for one in portals for crawl in one.crawls if crawl.is_through}
    due = {(one.portal,): one.due.timestamp() for one in portals if one.due is not None}
    of_portal = {(problem.portal, problem.code): 1.0 for problem in problems}
    yield _gauge("nianbao_disk_free_bytes", "Bytes free where the archive lies.", (), {(): facts.free})
    yield _gauge("nianbao_portals_unread", "Portals of which something waits to be read.", (), {(): facts.unread})
    yield _gauge("nianbao_health_seconds", "When health was judged last.", (), {(): facts.at.timestamp()})
    yield _gauge("nianbao_problems", "Problems that stand.", ["code"], {(code,): counts[code] for code in texts()})
    yield _gauge("nianbao_portal_problem", "Problems of a portal.", ["portal", "code"], of_portal)
    yield _gauge("nianbao_portal_last_ok_seconds", "Start of the last whole crawl.", ["portal"], last_ok)
    yield _gauge("nianbao_portal_due_seconds", "When the next crawl is due.", ["portal"], due)
    yield _gauge("nianbao_jobs", "Jobs of the queue.", ["queue", "status"], facts.jobs)


def _gauge(name: str, meaning: str, labels: Sequence[str], values: Mapping[Any, float]) -> Metric:
    gauge = GaugeMetricFamily(name, meaning, labels=labels)
    for of, value in values.items():
        gauge.add_metric(of, value)
    return gauge


@contextmanager
def serving(listen: str, metrics: ArchiveMetrics | WorkerMetrics) -> Iterator[str]:
    """Answer ``/metrics`` and ``/healthz`` at ``host:port`` during the block; gives the address in force.

    Raises :class:`~crawler.errors.CrawlError` where the port is taken or the address is not ours.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    registry = CollectorRegistry()
    registry.register(metrics)
    server_class = _V6 if ":" in host else _Server
    try:
        server = make_server(host, int(port), _application(make_wsgi_app(registry), metrics), server_class, _Quiet)
    except (OSError, OverflowError) as error:
        message = f"cannot listen at {listen} ({error}): another port, or end what holds it"
        raise CrawlError(message, code="cannot_listen", text=listen, cause=str(error)) from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _application(prometheus: Start, metrics: ArchiveMetrics | WorkerMetrics) -> Start:
    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return list(prometheus(environ, start))
        if path == "/healthz":
            is_well, said = metrics.healthz()
            start("200 OK" if is_well else "503 Service Unavailable", [("Content-Type", "application/json")])
            return [json.dumps(said).encode()]
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"/metrics and /healthz\n"]

    return answer


class _Server(ThreadingMixIn, WSGIServer):
    """Does not let a slow asker keep the others waiting."""

    daemon_threads = True


class _V6(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    """Does not write a line for each question."""

    timeout = _ASKER_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        del format, args
