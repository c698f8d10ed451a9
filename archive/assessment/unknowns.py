"""Why nothing is known of a duty: the reason codes of row 12 (``docs/status-rules.md``, ``reasons.toml``).

Each names what would settle it.
"""

from __future__ import annotations

from datetime import datetime

from archive.assessment.absences import flaw
from archive.assessment.status_inputs import Case

# Of several listings that prove nothing, the reason told: first what a person can settle.
ORDER = (
    "unresolved_lead",
    "printed_without_link",
    "blocked",
    "script_only",
    "robots",
    "changed",
    "unreachable",
    "partial",
    "suspect",
    "unverified",
    "skewed",
    "uncontrolled",
    "voided",
    "not_since",
    "never_crawled",
    "not_together",
)


# What another look would find again: told of a listing that was read before, and that keeps others from counting.
LASTING = frozenset(
    {"unresolved_lead", "printed_without_link", "blocked", "script_only", "robots", "changed", "suspect", "unverified"}
)


def why_unknown(case: Case, end: datetime) -> str:
    """Return the reason code when the facts hold no absence after ``end`` (D_end)."""
    if not case.known.scope:
        return "listing_unknown"
    alive = {entry.listing for entry in case.known.scope if entry.ended_at is None or entry.ended_at > end}
    if not alive:
        return "listing_ended"
    reasons = {_why_listing(case, listing, end) for listing in alive}
    proving = any(entry.proves for entry in case.known.scope if entry.listing in alive)
    if not proving and all(_was_read(case, listing, end) for listing in alive):
        return "listing_unknown"  # those that are known showed other years; where this one's stands is not known
    return next(reason for reason in ORDER if reason in reasons)


def _was_read(case: Case, listing: str, end: datetime) -> bool:
    return any(look.listing == listing and look.started > end and not flaw(look) for look in case.known.looks)


def _why_listing(case: Case, listing: str, end: datetime) -> str:
    looks = [look for look in case.known.looks if look.listing == listing]
    since = [look for look in looks if look.started > end]
    if not looks:
        return "never_crawled"
    if not since:
        return "not_since"
    reason = flaw(max(since, key=lambda look: (look.started, look.id)))
    if reason not in LASTING and _was_read(case, listing, end):
        return "not_together"
    # a look that shows the report counts for its lead only until the report itself is proven, or was voided
    return "unresolved_lead" if reason == "shown" else reason
