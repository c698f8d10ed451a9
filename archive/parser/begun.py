"""The row in which a text breaks off: its figures up to there stand in its first columns, if no row lost its blanks.

Excerpts of pages end anywhere. What stands before the end is given, but for a last figure that may go on, and doubted,
as a report may end with a row that lost its blanks. A figure too many is the number of the next label (``2`` of
2.重复申请).
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.parser.fit import Fit, filled
from archive.parser.values import is_number
from archive.parser.walk import Candidate

_BEARING = 2  # whole rows that bear out that none lost a blank
_WHOLE = "0"  # the one figure that has no more digits


def breaks_off(candidates: Sequence[Candidate]) -> Candidate | None:
    """The last row of a text that ends in it, where all others of its table have a figure in each column."""
    last = candidates[-1] if candidates else None
    if last is None or last.plan is None or not last.row.last or last.row.source == "grid" or not last.row.items:
        return None
    others = [c for c in candidates[:-1] if c.plan is not None and c.plan.table == last.plan.table and c.row.items]
    whole = [c for c in others if c.plan is not None and len(filled(c.row.items)) == len(c.plan.columns)]
    return last if len(others) == len(whole) >= _BEARING else None


def begun(candidate: Candidate, ids: Sequence[str]) -> Fit:
    """What of its figures is certain, by the columns ``ids``."""
    items = filled(candidate.row.items)
    if not all(is_number(item.text) for item in items) or len(items) > len(ids) + 1:
        return Fit({}, problem="count")
    if len(items) < len(ids) and items[-1].text.strip() != _WHOLE and candidate.row.source != "list":
        items = items[:-1]
    return Fit(dict(zip(ids, items, strict=False)), doubt=True) if items else Fit({}, problem="count")
