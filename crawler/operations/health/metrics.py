"""What is measured, for Prometheus, and ``/healthz`` for whatever asks whether we live."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from time import monotonic
from typing import Any, Protocol, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.errors import CrawlError
from crawler.operations.health.facts import ArchiveFacts
from crawler.operations.health.judging import Problem, texts

Start = Callable[..., Any]
_STALE = 1800.0  # seconds after which what was found says nothing any more


class Answers(Protocol):
    """What is asked for metrics and for health."""

    def collect(self) -> Iterable[Metric]:
        """The metrics."""
        ...

    def healthz(self) -> tuple[bool, dict[str, object]]:
        """Whether all is well, and what there is to say."""
        ...


class Latest(Collector):
    """The facts and problems of the last look, as metrics; none before the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[ArchiveFacts, Sequence[Problem]] | None = None
        self._put = monotonic()

    def put(self, facts: ArchiveFacts, problems: Sequence[Problem]) -> None:
        """Take what a look has found."""
        with self._lock:
            self._found = (facts, problems)
            self._put = monotonic()

    def collect(self) -> Iterable[Metric]:
        """The metrics; called by the library."""
        with self._lock:
            found = self._found
        return [] if found is None else [*_metrics(*found)]

    def healthz(self) -> tuple[bool, dict[str, object]]:
        """Whether nothing is an error, and what is not well."""
        with self._lock:
            found, age = self._found, monotonic() - self._put
        if age > _STALE:  # the looks do not come to their end
            return False, {"status": "stale", "seconds": round(age)}
        if found is None:
            return True, {"status": "starting"}
        worst = [problem for problem in found[1] if problem.severity == "error"]
        return not worst, {
            "status": "attention" if worst else "ok",
            "at": found[0].at.isoformat(timespec="seconds"),
            "problems": [problem.key for problem in found[1]],
        }


def _metrics(facts: ArchiveFacts, problems: Sequence[Problem]) -> Iterator[Metric]:
    yield _plain("nianbao_disk_free_bytes", "Bytes free where the archive lies.", facts.free)
    yield _plain("nianbao_portals_unread", "Portals of which something waits to be read.", facts.unread)
    yield _plain("nianbao_health_seconds", "When health was judged last (Unix time).", facts.at.timestamp())
    counts = Counter(problem.code for problem in problems)
    of_code = GaugeMetricFamily("nianbao_problems", "Problems that stand, by code.", labels=["code"])
    for code in texts():
        of_code.add_metric([code], counts[code])
    yield of_code
    of_portal = GaugeMetricFamily("nianbao_portal_problem", "Problems of a portal.", labels=["portal", "code"])
    for problem in problems:
        of_portal.add_metric([problem.portal, problem.code], 1)
    yield of_portal
    last = GaugeMetricFamily("nianbao_portal_last_ok_seconds", "Start of the last whole crawl.", labels=["portal"])
    due = GaugeMetricFamily("nianbao_portal_due_seconds", "When the next crawl is due.", labels=["portal"])
    for name, portal in facts.portals.items():
        good = [crawl.started for crawl in portal.crawls if crawl.through]
        if good:
            last.add_metric([name], good[-1].timestamp())
        if portal.due is not None:
            due.add_metric([name], portal.due.timestamp())
    yield last
    yield due
    queued = GaugeMetricFamily("nianbao_jobs", "Jobs of the queue.", labels=["queue", "status"])
    for (queue, status), number in facts.jobs.items():
        queued.add_metric([queue, status], number)
    yield queued


def _plain(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


@contextmanager
def serving(listen: str, latest: Answers) -> Iterator[str]:
    """Answer ``/metrics`` and ``/healthz`` at ``host:port`` during the block; gives the address in force.

    Raises :class:`~crawler.errors.CrawlError` where the port is taken or the address is not ours.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    registry = CollectorRegistry()
    registry.register(cast("Collector", latest))
    server_class = _V6 if ":" in host else _Server
    try:
        server = make_server(host, int(port), _application(make_wsgi_app(registry), latest), server_class, _Quiet)
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


def _application(metrics: Start, latest: Answers) -> Start:
    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return list(metrics(environ, start))
        if path == "/healthz":
            well, said = latest.healthz()
            start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "application/json")])
            return [json.dumps(said).encode()]
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"/metrics and /healthz\n"]

    return answer


class _Server(ThreadingMixIn, WSGIServer):
    """One that does not let a slow asker keep the others waiting."""

    daemon_threads = True


class _V6(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    """One that does not write a line for each question."""

    timeout = 10

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        del format, args
