"""Entrances: pages from which a portal's columns are found while it is crawled.

A portal that has not changed is asked for its listings only: entrances are walked where no known column looked ok in
this run, where the last walk is a month old, or a year older than the calendar; and always where each year has a column
of its own, since the next one must be known before anything is absent from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from crawler.crawl_run import CrawlRun
from crawler.looks.labels import names_a_year
from storage.records import SHANGHAI, Listing

MONTH = timedelta(days=30)


def walk_is_due(
    run: CrawlRun, entrances: tuple[str, ...], columns: Sequence[Listing], *, addressed: bool, looked_ok: bool
) -> bool:
    """Whether the entrances are to be walked in this run. ``columns``: those known so far."""
    if not entrances:
        return False
    if not (columns or addressed) or not looked_ok or any(names_a_year(one.column) for one in columns):
        return True
    asked = [capture for url in entrances if (capture := run.store.last(url)) is not None]
    walked = [capture.fetched_at for capture in asked if capture.run not in run.cut_runs]
    if not walked:
        return True
    now, last = run.clock.now(), max(walked)
    return not timedelta() <= now - last <= MONTH or now.astimezone(SHANGHAI).year != last.astimezone(SHANGHAI).year
