"""What is measured of a server, for Prometheus. A scrape walks nothing: what is counted of the archive is remembered.

Duties are counted anew in a thread of its own, at most once in :data:`EVERY` seconds and only after the archive
changed; until they were counted once, they are left out.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from archive.queries.overview import totals
from storage.change_mark import last_change
from storage.errors import StorageError
from storage.home import Home

EVERY = 300.0  #: seconds between two counts of the archive
log = logging.getLogger(__name__)


class Requests:
    """How many requests were answered, by the class of their status (``2xx``)."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, status: int) -> None:
        """Count one answer."""
        self._counts[f"{status // 100}xx"] += 1

    def counts(self) -> Mapping[str, int]:
        """What was counted so far."""
        return dict(self._counts)


class Measures(Collector):
    """The metrics of one server."""

    def __init__(self, home: Home, requests: Requests, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._requests = requests
        self._clock = clock
        self._lock = threading.Lock()
        self._duties: Mapping[str, int] | None = None
        self._portals = 0
        self._mark = ""
        self._counted = -EVERY
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """The metrics as Prometheus reads them."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """The metrics; called by the library."""
        self.count_soon()
        return [*self._collect()]

    def count_soon(self) -> threading.Thread | None:
        """Begin to count the archive anew where that is due; gives the thread that does it."""
        with self._lock:
            if self._clock() - self._counted < EVERY or (mark := last_change(self._home).mark) == self._mark:
                return None
            self._counted, self._mark = self._clock(), mark
        thread = threading.Thread(target=self._count, name="count duties", daemon=True)
        thread.start()
        return thread

    def _count(self) -> None:
        try:
            result = totals(self._home)
        except (StorageError, SQLAlchemyError) as error:
            log.warning("duties could not be counted for /metrics: %s", error)
            return
        counts: Counter[str] = Counter()
        for part in (result.counts, result.townships, result.others):
            counts.update({str(status): number for status, number in part.by_status.items()})
        with self._lock:
            self._duties, self._portals = counts, result.known.asked or 0

    def _collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("nianbao_requests", "Requests answered, by class of status.", labels=["status"])
        for status, number in sorted(self._requests.counts().items()):
            requests.add_metric([status], number)
        yield requests
        if (written := last_change(self._home).at) is not None:
            about = "When the archive was last written to (Unix time)."
            yield GaugeMetricFamily("nianbao_archive_changed_seconds", about, value=written.timestamp())
        with self._lock:
            counts, portals = self._duties, self._portals
        if counts is None:
            return
        duties = GaugeMetricFamily("nianbao_duties", "Duties by status, as last counted.", labels=["status"])
        for status, number in sorted(counts.items()):
            duties.add_metric([status], number)
        yield duties
        yield GaugeMetricFamily("nianbao_portals", "Portals asked about, as last counted.", value=portals)
