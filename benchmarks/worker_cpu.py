"""CPU of the processes that crawls ran in: the system tells of it when their server has ended."""

from __future__ import annotations

from multiprocessing import forkserver


def end_server() -> None:
    """End the server of worker processes; the next crawl begins another."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
