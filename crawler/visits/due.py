"""Which known reports are due for another visit: the current season's weekly, older ones twice a year (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta

from crawler.crawl_run import CrawlRun
from storage.records import SHANGHAI, Capture, CaptureOutcome

SEASON = timedelta(days=7) - timedelta(hours=2)  # a weekly crawl that starts a little earlier is still a weekly crawl
OLDER = timedelta(days=182)
DAY = timedelta(days=1)


def due(unfinished: CrawlRun, now: datetime, last: Capture | None, year: int | None) -> bool:
    """Whether a report is to be asked for (again). ``last``: its newest capture. ``year`` None: unknown, treated as of
    the season, and so is what was answered by a page that was not understood.
    """
    if last is None or last.outcome is CaptureOutcome.SOFT_404:
        return True
    if last.requested in unfinished.reports_of_cut_runs or last.requested in unfinished.reports_without_files:
        return True
    # a page that nobody understood is perhaps another's: of strangers in whose hands the domain was that day
    odd = bool(last.reason) and last.reason != "script_shell"  # what scripts show there is kept beside it
    season = year is None or year >= now.astimezone(SHANGHAI).year - 1 or odd
    since = now - last.fetched_at
    wrong = since < -DAY  # seen in the future: the clock was wrong then, or is now
    return wrong or since >= (SEASON if season else OLDER)
