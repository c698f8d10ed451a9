"""How long tests wait. A machine that is busy makes them slower, and none of them fail.

* A test waits for an event: a line that a program prints, a request that arrives, a row, the end of a process. It gives
  up after ``PATIENCE``, which only what hangs takes. So wait programs, answers, PostgreSQL's start and Chromium.
* A test about a limit of the product lets that limit run out; how late that is noticed does not matter. Where something
  else has to stay within the same limit, that is ``LIMIT``, and what stays within it takes a thousandth of that. So are
  tested: the time of a document and of a reading process that stands still
  (``projection/test_projection_workers.py``), of a head, a body and an answer
  (``hostile/test_slow_callers.py``), and of a portal's answers, in
  ``crawler/test_crawler_politeness.py``, where a machine may stand still for a second.
* A test about a kill draws after which line, request or call it comes, and never after how many seconds
  (``crash/``, ``storage/test_storage_search.py``, ``storage/test_storage_mending.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 300.0  # seconds
LIMIT = 2.0  # seconds


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what comes to pass elsewhere."""
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, f"it did not come to this within {PATIENCE} seconds"
        time.sleep(0.05)
