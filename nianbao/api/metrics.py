"""Metrics of a server for Prometheus. Duties are counted at most once in :data:`EVERY` seconds, and only after the
archive changed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator

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


class ServerMetrics(Collector):
    """The metrics of one server. ``answers``: number of responses by class of status (``2xx`` …)."""

    def __init__(self, home: Home) -> None:
        """Count nothing yet: the archive is counted when metrics are asked for."""
        self.answers: Counter[str] = Counter()
        self._home = home
        self._lock = threading.Lock()
        self._archive: list[Metric] = []  # result of the last count
        self._mark = ""
        self._counted = -EVERY
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """Return the metrics in the text format of Prometheus."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; the library calls this for each scrape."""
        self._count()
        requests = CounterMetricFamily("nianbao_requests", "Requests answered, by class of status.", labels=["status"])
        for status, number in sorted(self.answers.copy().items()):
            requests.add_metric([status], number)
        yield requests
        if (written := last_change(self._home).at) is not None:
            about = "When the archive was last written to (Unix time)."
            yield GaugeMetricFamily("nianbao_archive_changed_seconds", about, value=written.timestamp())
        yield from self._archive

    def _count(self) -> None:
        """Count duties (reports due) and portals again if EVERY seconds passed and the archive changed; log errors."""
        with self._lock:
            if time.monotonic() - self._counted < EVERY or (mark := last_change(self._home).mark) == self._mark:
                return
            self._counted, self._mark = time.monotonic(), mark
        try:
            result = totals(self._home)
        except (StorageError, SQLAlchemyError) as error:
            log.warning("duties could not be counted for /metrics: %s", error)
            return
        counts: Counter[str] = Counter()
        for part in (result.counts, result.townships, result.others):
            counts.update({str(status): number for status, number in part.by_status.items()})
        duties = GaugeMetricFamily("nianbao_duties", "Duties by status, as last counted.", labels=["status"])
        for status, number in sorted(counts.items()):
            duties.add_metric([status], number)
        about = "Portals asked about, as last counted."
        self._archive = [duties, GaugeMetricFamily("nianbao_portals", about, value=result.known.asked or 0)]
