"""How a look at a list ended, and why, in the words that are stored with it. Pure.

Reasons are stored with a look and are never renamed. What they say in words: ``[look_reason]`` in
``nianbao/messages/answers.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from crawler.lists.list_reader import BROWSER, ListReading
from crawler.net.fetching import Fetched
from crawler.net.host_health import host_of
from storage.records import PREVIEW, CaptureOutcome, CaptureRole, LookOutcome

END_NOT_SAID = "end_of_list_not_said"
TURNED_BY_SCRIPT, MADE_BY_SCRIPT = "pages_turned_by_script", "scripts_make_the_list"
REASONS = {  # of what the engine does not find met (see engine.py), the reason that is stored
    "not_received": "page_not_read_whole",
    "reading_failed": "reading_failed",
    "shows_nothing": "no_item_found",
    "way_on": TURNED_BY_SCRIPT,
    "empty_page": "paging_answers_empty",
    "repeated_page": "second_page_repeats_the_first",
    "short_page": "page_not_read_whole",
    "unlinked": "no_address",
    "unconfirmed": END_NOT_SAID,
    "full_page": END_NOT_SAID,
    "script_failed": "part_not_loaded",
    "choice": "choice_not_read",
    "unread_frame": "a_list_in_a_frame",
    "other_years": "other_years_not_followed",
    "preview": PREVIEW,
    "known_entry": "known_entry",
    "site_search": "a_search_shows_no_absence",
}
_BY_SCRIPT = frozenset({TURNED_BY_SCRIPT, "no_address", "choice_not_read"})
_SIZE = re.compile(
    r"\b(?P<rule>total|pages): (?:number )?(?P<stated>\d+) (?:stated|is shown).*?, (?P<read>\d+) read", re.S
)


def outcome_of(read: ListReading, fetched: Sequence[Fetched]) -> tuple[LookOutcome, str]:
    """Return how a look ended. ``fetched``: what was asked for, in order."""
    if read.verdict.complete:
        return LookOutcome.OK, ""
    listed = [one for one in fetched if one.capture is None or one.capture.role is CaptureRole.LISTING]
    failed = [one for one in listed if one.verdict.outcome is not CaptureOutcome.PAGE]
    if failed and failed[0] is listed[0]:
        return failure(failed[0])
    spent = next((one for one in failed if one.spent), None)
    if spent is not None:
        return LookOutcome.PARTIAL, failure(spent)[1]
    rules = [_rule(one) for one in read.verdict.unmet]
    if rules[0] == "reading_failed":
        return LookOutcome.CHANGED, read.verdict.unmet[0].replace(" ", "")
    if rules == ["preview"]:
        return LookOutcome.CHANGED, PREVIEW
    if not read.entries and failed:
        return LookOutcome.PARTIAL, failure(failed[0])[1]
    if not read.entries and read.says_empty:
        return LookOutcome.PARTIAL, "says_it_is_empty"  # which proves nothing
    if not read.entries and read.is_scripted and read.by == "links":
        return LookOutcome.SCRIPT_ONLY, MADE_BY_SCRIPT
    if not read.entries:
        return LookOutcome.CHANGED, REASONS["shows_nothing"]
    for unmet in read.verdict.unmet:
        if size := _SIZE.search(unmet):
            pages = "_pages" if size["rule"] == "pages" else ""
            return LookOutcome.PARTIAL, f"{size['read']}_of_{size['stated']}{pages}"
    return LookOutcome.PARTIAL, REASONS[rules[0]]


def outcome_of_way(read: ListReading, complete: Mapping[str, bool]) -> tuple[LookOutcome, str]:
    """Return how a look at a page ended that shows no reports and leads to lists of them.

    It was read to its end if all these were, and no script could show any report on it.
    """
    may_show = set(map(_rule, read.unmet_at_last)) - {"shows_nothing"}
    if may_show or not all(complete.get(url, False) for url in read.leads_to):
        return LookOutcome.PARTIAL, "list_is_divided"
    return LookOutcome.OK, ""


def needs_a_browser(reason: str) -> bool:
    """Whether only scripts show what the look did not see."""
    return reason in _BY_SCRIPT


def failure(fetched: Fetched) -> tuple[LookOutcome, str]:
    """Return what a fetch that gave no page means for a look."""
    if fetched.not_now is not None:
        elsewhere = fetched.capture is not None and host_of(fetched.capture.url) != host_of(fetched.url)
        return fetched.not_now.outcome, f"{'other_host:' if elsewhere else ''}{fetched.not_now.reason}"
    if fetched.spent:
        return LookOutcome.PARTIAL, "page_budget"
    outcome, reason = fetched.verdict.outcome, fetched.verdict.reason
    if outcome is CaptureOutcome.BLOCKED:
        return LookOutcome.BLOCKED, reason
    if outcome in {CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR}:
        return LookOutcome.UNREACHABLE, reason
    return LookOutcome.CHANGED, f"{outcome}:{reason}" if reason else str(outcome)


def _rule(unmet: str) -> str:
    return unmet.removeprefix(f"{BROWSER}: ").partition(":")[0]
