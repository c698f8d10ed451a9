"""From which year on a list shows every report although nobody knows where it ends: its entries run from new to old.

A list that was cut at a full number of entries lacks its oldest ones. Where all entries are dated, stand newest first,
and go back beyond the time in which a report could have been published, that report would stand among those shown, cut
or not. Whatever breaks the order (an entry put on top, an entry without a day, two lists side by side) proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from archive.assessment.vanished_leads import ShownLead, is_too_much_gone
from storage.records import Look, LookOutcome

ENDLESS = "end_of_list_not_said"  # the reason of a look that read all there was, and doubts only that this is all
_FEWEST = 10  # entries that are an order, and not chance
_DAYS = 4  # of them on different days
_TAIL = 3  # entries at the end that must be older than any such report: one wrong day is none


def is_endless(look: Look) -> bool:
    """Whether nothing is wrong with a look but that nobody knows where its list ends."""
    return look.outcome is LookOutcome.PARTIAL and look.reason == ENDLESS


def first_complete_year(days: Sequence[date | None]) -> int | None:
    """Return the first reporting year of which a list lacks no report even if its end was cut off; None if unknown.

    ``days``: the dates of its entries, in their order.

    A report on Y comes after Y has ended, and some name a day in its last months: the last entries must be of Y-1 or
    before.
    """
    known = [day for day in days if day is not None]
    if len(known) < max(_FEWEST, len(days)) or len(set(known)) < _DAYS:
        return None
    if any(newer < older for newer, older in pairwise(known)):
        return None
    year = known[-_TAIL].year + 1
    return year if known[0].year > year else None


def keep_unless_shrunk(first: int | None, before: Iterable[ShownLead] | None, leads: Sequence[ShownLead]) -> int | None:
    """Return ``first``, the year from which a look shows every report, unless it lost more of those years' reports
    against what an earlier look showed (``before``) than a sound look does.
    """
    if first is None or before is None:
        return first
    base = [lead for lead in before if lead.year is not None and lead.year >= first]
    return None if is_too_much_gone(base, leads) else first
