"""One part of ``nianbao up`` in this process: ``python -m crawler.operations.up crawls|reader|worker|health``.

The archive is that of ``NIANBAO_ARCHIVE``. SIGTERM ends crawls in good order and all else at once, as what is read
or noted is committed whole or not at all. Its parent keeps its standard input open; it ends when that is closed.
"""

from __future__ import annotations

import argparse
import logging
import sys
from threading import Event

from crawler.errors import CrawlError
from crawler.operations.runs import ProgressEvent
from crawler.operations.stopping import stop_on_signals
from crawler.operations.up.lines import Lines, Says
from crawler.processes import end_with
from storage.errors import StorageError
from storage.home import open_home

DONE, UNFINISHED = 0, 3
PARTS = ("crawls", "reader", "worker", "health")


def main(argv: list[str] | None = None, says: Says | None = None) -> int:
    """Entry of the process. Exit codes: 0 asked to end, 3 could not go on. ``says``: as :class:`Lines` takes it."""
    parser = argparse.ArgumentParser(prog="crawler.operations.up", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--side-by-side", type=int, default=12, help="crawls at once")
    parser.add_argument("--workers", type=int, default=2, help="reading processes")
    parser.add_argument("--json", action="store_true", help="JSON lines")
    given = parser.parse_args(argv)
    end_with(sys.stdin.fileno())
    lines = Lines(sys.stderr, as_json=given.json, says=says)
    logging.basicConfig(handlers=[lines.handler], level=logging.WARNING, force=True)
    try:
        with open_home() as home:
            if given.part == "crawls":
                from crawler.operations.scheduling.crawl_scheduler import CrawlScheduler  # noqa: PLC0415 - a part loads what it needs

                CrawlScheduler(home, lines.said, side_by_side=given.side_by_side).run(stop_on_signals())
            elif given.part == "reader":
                from crawler.operations.scheduling.reader import read_on  # noqa: PLC0415

                read_on(home, lines.said, Event(), workers=given.workers)
            elif given.part == "worker":
                from crawler.operations.worker import run_worker  # noqa: PLC0415

                queues = {"crawl": given.side_by_side} | ({"read": 1} if given.workers else {})
                run_worker(home, lines.said, stop_on_signals(), queues=queues, readers=given.workers)
            else:
                from crawler.operations.health.watching import watch  # noqa: PLC0415

                watch(home, lines.tell, Event())
    except (StorageError, CrawlError) as error:
        lines.said(ProgressEvent.of_error(error))
        return UNFINISHED
    return DONE


if __name__ == "__main__":
    raise SystemExit(main())
