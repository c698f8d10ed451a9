"""What pages and answers say of the size of a list: numbers under their names, pagers that state them (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from crawler.lists.addresses import joined

_PAGES = 200  # addresses of one pager


class Stated(NamedTuple):
    """A number that a page or an answer states, under the name that it has there (``pageCount``, ``totalRecord``)."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What one pager, or one answer, says of the size of a list: entries in all, or pages, or both. One that states
    neither is a pager that is not understood. ``name``: that of the pager; "" for what the list prints itself, or its
    content system is known to give.
    """

    name: str
    total: Stated | None = None
    pages: Stated | None = None

    @property
    def is_own(self) -> bool:
        """Whether the list itself says so: its print, or its content system."""
        return not self.name

    @property
    def is_understood(self) -> bool:
        """Whether it states any number."""
        return self.total is not None or self.pages is not None


@dataclass(frozen=True, slots=True)
class StatedPager:
    """A pager and what it states. ``explicit``: it is called, or stands on the page; a number that is but declared
    somewhere may be where a script begins. ``template``: the address of a page as written, with ``{page}`` (from 1) or
    ``{page0}`` (from 0) for its number; "" where it does not say so.
    """

    claim: Claim
    explicit: bool = False
    size: int | None = None
    current: int | None = None
    template: str = ""

    @property
    def pages(self) -> int | None:
        """How many pages there are, as it states or as follows from the number of entries on a page."""
        if self.claim.pages is not None:
            return self.claim.pages.number
        return -(-self.claim.total.number // self.size) if self.claim.total is not None and self.size else None

    def following(self, base: str) -> tuple[str, ...]:
        """Return the addresses of the pages after the first one; none where it does not say how they are made."""
        if not self.template:
            return ()
        numbers = range(2, min(self.pages or 1, _PAGES) + 1)
        made = (
            joined(base, self.template.replace("{page0}", str(number - 1)).replace("{page}", str(number)))
            for number in numbers
        )
        return tuple(url for url in made if url is not None and url.startswith("http"))
