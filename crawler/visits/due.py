"""Which known reports are due for another visit: the current season's weekly, older ones twice a year (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from storage.records import SHANGHAI, Capture, CaptureOutcome

SEASON = timedelta(days=7) - timedelta(hours=2)  # a weekly crawl that starts a little earlier is still a weekly crawl
OLDER = timedelta(days=182)
DAY = timedelta(days=1)


class KnownReports(Protocol):
    """What is known of reports whose files may be incomplete."""

    @property
    def cut_off(self) -> frozenset[str]:
        """Addresses of the reports with which killed runs were busy."""
        ...

    @property
    def reports_without_files(self) -> frozenset[str]:
        """Addresses of the reports of which files were put off and are not held yet."""
        ...


def due(
    known: KnownReports, now: datetime, seen: Capture | None, year: int | None, *, visit_everything: bool = False
) -> bool:
    """Whether a report is to be asked for (again). ``year`` None: unknown, treated as of the season, and so is what was
    answered by a page that was not understood.
    """
    unfinished = seen is None or seen.requested in known.cut_off or seen.requested in known.reports_without_files
    if seen is None or unfinished or visit_everything or seen.outcome is CaptureOutcome.SOFT_404:
        return True
    # a page that nobody understood is perhaps another's: of strangers in whose hands the domain was that day
    odd = bool(seen.reason) and seen.reason != "script_shell"  # what scripts show there is kept beside it
    season = year is None or year >= now.astimezone(SHANGHAI).year - 1 or odd
    since = now - seen.fetched_at
    wrong = since < -DAY  # seen in the future: the clock was wrong then, or is now
    return wrong or since >= (SEASON if season else OLDER)
