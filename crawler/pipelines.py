"""The item pipeline: stores looks in the archive, and counts looks and visits."""

from __future__ import annotations

from functools import partial
from typing import Any

from crawler.crawl_run import NO_LISTINGS, UNSAID_ENDS, WITHOUT_REPORT, CrawlPart, CrawlRun, run_of
from crawler.items import ListingSnapshot, ReportCapture
from crawler.lists.stored_lists import BY_SCRIPT
from crawler.lists.words import REASONS
from storage.records import NOT_A_LISTING, CaptureRole, Extraction, LookOutcome, Note


class ArchivePipeline(CrawlPart):
    """Stores a spider's items in the archive.

    Raises :class:`~storage.errors.StorageError` for a look that cannot be stored; the extension then ends the crawl.
    """

    def process_item(self, item: Any) -> Any:
        """Store a look once its captures are on disk, if we still hold the machine's lock; count a visit."""
        run = run_of(self.crawler)
        assert run is not None, "start() begins a run before it yields items"
        if isinstance(item, ListingSnapshot):
            _count(run, item)
            run.home.locks.check()  # raises if we lost the machine's lock, so that another crawl may be asking it too
            extraction = Extraction(look=item.id, extractor=run.extractor, made_at=item.finished, links=item.links)
            run.writer.once_acknowledged(partial(run.observations.add_look, item, extraction))
        elif isinstance(item, ReportCapture):
            run.count("visits" if item.role is CaptureRole.REPORT else "attachments")
        return item


def _count(run: CrawlRun, item: ListingSnapshot) -> None:
    """Count a look, and add a note to the run if the operator should know: not if it is complete, its host was left
    alone, its unproven end was noted before, or the walk found its list, which never showed a report or only leads on.
    """
    is_from_walk, ended = ":found-" in item.listing, (item.outcome, item.reason)
    earlier = run.observations.looks(item.portal, item.listing) if item.outcome is not LookOutcome.OK else ()
    if (
        is_from_walk
        and ended == (LookOutcome.CHANGED, REASONS["shows_nothing"])
        and all(look.outcome is not LookOutcome.OK for look in earlier)
    ):
        run.count(WITHOUT_REPORT)  # found by the walk, and no column of reports yet: needs no attention
        return
    if is_from_walk and item.reason in NOT_A_LISTING:
        run.count(NO_LISTINGS)  # it proves nothing, and the pages that it leads to have looks of their own
        return
    run.count(f"look_{item.outcome}")
    if item.outcome is LookOutcome.OK or item.host_left:
        return
    before = (look for look in earlier if look.started < item.started)
    last = max(before, key=lambda look: look.started, default=None)
    endless = (LookOutcome.PARTIAL, REASONS["unconfirmed"])
    if ended == endless and last is not None and (last.outcome, last.reason) == endless:
        run.count(UNSAID_ENDS)  # reported before, and the operator can do nothing about it
        return
    code = "look_by_script" if item.reason in BY_SCRIPT else "look"
    names = {"listing": item.listing, "title": item.title, "url": item.url}
    run.notes.append(Note(code, {**names, "outcome": item.outcome.value, "reason": item.reason}))
