"""What stands above a statistical table: whether it says that the table is not of the whole of the report's year."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.identity.periods import is_part_of_year
from archive.parser.former import mark_of

ABOVE = 3  #: lines above a table that may say what it is of
_LONGEST = 60  # characters of such a line
_DATED = re.compile(r"20\d\d\s?年?.{0,20}表")  # a table of a year, which may be the report's


def is_of_another(lines: Iterable[str], year: int | None) -> bool:
    """Whether the nearest line that says so (they come in this order) is of another year, or of a part of one.

    ``year``: that of the report; None if it is in doubt.
    """
    for line in lines:
        if len(line) > _LONGEST:
            continue
        if is_part_of_year(line) or (year is None and _DATED.search(line)):
            return True
        if (mark := mark_of(line, year)) is not None:
            return mark == "former"
    return False
