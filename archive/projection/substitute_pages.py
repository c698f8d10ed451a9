"""Whether a page that is no report answers for the report that was to stand there (pure).

A page that a link opens prints the link's title. What does not, and is no report, may be a challenge, a login, a notice
of maintenance or any other page that a portal puts in place of all its pages: it says nothing of the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from archive.forms.labels import squeezed
from storage.records import Reading

#: Kinds of what may stand in place of a page or a file; any other file speaks for itself.
IN_PLACE = frozenset({"html", "json", "text", "unknown"})
_LEAST = 8  # letters of a title that tells one page from another


def stands_in(reading: Reading, titles: Iterable[str]) -> bool:
    """Whether a document that is no report is a page without any of the ``titles`` under which it was linked."""
    if reading.kind not in IN_PLACE:
        return False
    return not any(_bears(reading.title, reading.identity.titles, reading.text, title) for title in set(titles))


@lru_cache(maxsize=4096)
def _bears(title: str, titles: tuple[str, ...], text: str, wanted: str) -> bool:
    """Whether a page prints a title, or has one that is the better part of it; one that is cut off (…) as far as it
    goes.
    """
    wanted = squeezed(wanted).rstrip("….·")
    if len(wanted) < _LEAST:
        return False
    own = [one for one in (squeezed(each) for each in (title, *titles)) if len(one) >= _LEAST]
    return wanted in squeezed(text) or any(
        wanted in one or (one in wanted and 2 * len(one) > len(wanted)) for one in own
    )
