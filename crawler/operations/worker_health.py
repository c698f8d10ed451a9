"""What one worker tells of itself, for Prometheus and for whatever asks whether it lives."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_STALE = 10  # times the pause between two looks at the queue


class WorkerHealth(Collector):
    """The jobs that a worker has done and does. ``every``: seconds between two looks at the queue."""

    def __init__(self, every: float) -> None:
        self._lock = threading.Lock()
        self._every = every
        self._looked = monotonic()
        self._done: Counter[tuple[str, str]] = Counter()
        self._under_way: Counter[str] = Counter()

    def looked(self) -> None:
        """Note that the queue was looked at."""
        self._looked = monotonic()

    @contextmanager
    def doing(self, task: str) -> Iterator[None]:
        """Count a job while it is done, and how it ends."""
        with self._lock:
            self._under_way[task] += 1
        how = "failed"
        try:
            yield
            how = "done"
        finally:
            with self._lock:
                self._under_way[task] -= 1
                self._done[task, how] += 1

    def collect(self) -> Iterable[Metric]:
        """The metrics; called by the library."""
        with self._lock:
            done, under_way = dict(self._done), dict(self._under_way)
        ended = CounterMetricFamily("nianbao_worker_jobs", "Jobs that have ended.", labels=["task", "how"])
        for (task, how), number in done.items():
            ended.add_metric([task, how], number)
        now = GaugeMetricFamily("nianbao_worker_jobs_under_way", "Jobs under way.", labels=["task"])
        for task, number in under_way.items():
            now.add_metric([task], number)
        return [ended, now]

    def healthz(self) -> tuple[bool, dict[str, object]]:
        """Whether the queue is looked at, and how many jobs are under way."""
        age = monotonic() - self._looked
        well = age <= _STALE * self._every
        return well, {"status": "ok" if well else "stale", "under_way": self._under_way.total()}
