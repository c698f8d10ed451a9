"""Name the rows of the statistical table by their labels; where several share one, by what stands above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from archive.forms.loader import old_form
from archive.forms.model import OldRow
from archive.forms.spelling import LONGEST_ITEM, item_key
from archive.parser.statistics.row import StatisticsRow


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A printed row with the row of the form that it is: ``row`` None if unknown. ``several``: rows have its label, and
    nothing decides which one this is.
    """

    printed: StatisticsRow
    row: OldRow | None
    several: tuple[OldRow, ...] = ()


def is_label(text: str) -> bool:
    """Whether a text is the label of a row, heading or not."""
    return len(text) <= LONGEST_ITEM and item_key(text) in _rows()


@cache
def _rows() -> Mapping[str, tuple[OldRow, ...]]:
    """Key of a label → the rows that have it, in printed order."""
    found: dict[str, tuple[OldRow, ...]] = {}
    for row in old_form().rows:
        for name in dict.fromkeys(map(item_key, row.labels)):
            found[name] = (*found.get(name, ()), row)
    return found


@cache
def _order() -> Mapping[str, int]:
    return {row.id: at for at, row in enumerate(old_form().rows)}


def name_rows(lines: Iterable[StatisticsRow]) -> Iterator[NamedRow]:
    """The rows with their names, in the order in which they are printed."""
    trail: list[OldRow | None] = []
    for line in lines:
        for label in line.labels[:-1]:
            trail.append(_only_candidate(_candidates(label), trail))
        candidates = _candidates(line.labels[-1]) if line.labels else ()
        row = _only_candidate(candidates, trail)
        trail.append(row)
        yield NamedRow(line, row, candidates if row is None else ())


def _candidates(label: str) -> tuple[OldRow, ...]:
    return _rows().get(item_key(label), ()) if len(label) <= LONGEST_ITEM else ()


def _only_candidate(candidates: Sequence[OldRow], trail: Sequence[OldRow | None]) -> OldRow | None:
    """The row that is meant: the only one, or the only one that stands below its own heading and rows of the same."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    found = [row for row in candidates if _stands_under(row, trail)]
    return found[0] if len(found) == 1 else None


def _stands_under(row: OldRow, trail: Sequence[OldRow | None]) -> bool:
    """Whether nothing stands between a row and its heading but rows that the form has there."""
    order = _order()
    below = order[row.id]
    for above in reversed(trail):
        if above is None:
            return False
        if above.id == row.under:
            return True
        if above.under != row.under or order[above.id] >= below:
            return False
        below = order[above.id]
    return False
