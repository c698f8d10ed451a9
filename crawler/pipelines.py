"""Item pipelines: looks and visits become rows and counts of the archive."""

from __future__ import annotations

from typing import Any

from crawler.crawl_run import CrawlPart, CrawlRun, run_of
from crawler.items import ListingSnapshot, ReportCapture
from crawler.lists.stored_lists import needs_a_browser
from crawler.lists.words import REASONS
from crawler.run_summary import NO_LISTINGS, UNSAID_ENDS, WITHOUT_REPORT
from storage.records import NOT_A_LISTING, CaptureRole, LookOutcome, Note


class ArchivePipeline(CrawlPart):
    """Stores what a spider yields in the archive that is open; where none is, items go on as they are.

    Raises :class:`~storage.errors.StorageError` for a look that cannot be stored; the extension then ends the crawl.
    """

    def process_item(self, item: Any) -> Any:
        """Store a look; count a visit."""
        run = run_of(self.crawler)
        if run is not None and isinstance(item, ListingSnapshot):
            _count(run, item)
            run.store_look(item)
        elif run is not None and isinstance(item, ReportCapture):
            run.count("visits" if item.role is CaptureRole.REPORT else "attachments")
        return item


def _count(run: CrawlRun, item: ListingSnapshot) -> None:
    """Count a look, and note what a person should know of it."""
    found, ended = ":found-" in item.listing, (item.outcome, item.reason)
    if found and ended == (LookOutcome.CHANGED, REASONS["shows_nothing"]) and not run.listing_was_ok(item.listing):
        run.count(WITHOUT_REPORT)  # found on the way, and no column of reports yet: nobody's alarm
        return
    if found and item.reason in NOT_A_LISTING:
        run.count(NO_LISTINGS)  # it speaks for nobody, and what it leads to is looked at
        return
    run.count(f"look_{item.outcome}")
    if item.outcome is LookOutcome.OK or item.host_left:
        return
    last = run.last_look(item.listing, item.started)
    endless = (LookOutcome.PARTIAL, REASONS["unconfirmed"])
    if ended == endless and last is not None and (last.outcome, last.reason) == endless:
        run.count(UNSAID_ENDS)  # told before, and nobody can mend it
        return
    code = "look_by_script" if needs_a_browser(item.reason) else "look"
    run.notes.append(Note(code, {"listing": item.listing, "outcome": item.outcome.value, "reason": item.reason}))
