"""What stands on the pages of a document and is not of it: page numbers, running heads, what browsers print around."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median

from archive.documents.layout.page_blocks import PageBlocks
from archive.documents.layout.text_lines import Line

_NUMBER = re.compile(
    r"^[-—–―·•~\s]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/／,，]?\s*(?:共|of)?\s*\d{1,4}\s*页?)?[-—–―·•~\s]*$"
)
# what browsers print into the margins: address, "2024/1/31 10:22", "1/5"
_PRINTER = re.compile(
    r"^\s*(?:file|https?)://|^\d{4}/\d{1,2}/\d{1,2},? \d{1,2}:\d{2}|^\d{1,2}/\d{1,2}/\d{2,4}, \d{1,2}:\d{2}"
)
_DIGITS = re.compile(r"\d+")
_MARGIN = 0.09  # of the page's height at top and bottom
_LEVEL = 6.0  # points by which a running head may stand higher or lower
_DIGITS_MOST = 4  # of a page's number


def furniture_of(pages: list[PageBlocks]) -> list[list[Line]]:
    """Of each page the lines that are page numbers and running heads."""
    running, counting = _running_heads(pages), _counting(pages)
    return [[i for i in p.items if isinstance(i, Line) and _is_furniture(i, p, running, counting)] for p in pages]


def _is_at_edge(line: Line, page: PageBlocks) -> bool:
    height = page.page.bottom - page.page.top
    return line.y1 < page.page.top + _MARGIN * height or line.y0 > page.page.bottom - _MARGIN * height


def _is_furniture(line: Line, page: PageBlocks, running: frozenset[str], counting: frozenset[int]) -> bool:
    """A page number in the margin or at the very edge of what is printed, or a running head.

    Figures far apart are those of a row; one without dashes or words must count the pages.
    """
    number = len(line.chunks) == 1 and _NUMBER.match(line.text) is not None
    if number and line.text.strip().isdecimal():
        number = _counts(line.text.strip()) and int(line.text) - page.page.number in counting
    outer = line is page.items[0] or line is page.items[-1]
    if _is_at_edge(line, page) and _PRINTER.search(line.text):
        return True
    if number and (_is_at_edge(line, page) or (outer and not line.text.strip().isdigit())):
        return True
    return _is_at_edge(line, page) and _DIGITS.sub("#", line.text) in running


def _counting(pages: list[PageBlocks]) -> frozenset[int]:
    """By how much plain numbers in the margins differ from the numbers of their pages, where they count them.

    That is so if several pages tell the same; else such a number may be the figure of a row.
    """
    counts: Counter[int] = Counter()
    for page in pages:
        lines = [i.text.strip() for i in page.items if isinstance(i, Line) and _is_at_edge(i, page)]
        counts.update({int(text) - page.page.number for text in lines if _counts(text)})
    return frozenset(off for off, count in counts.items() if count > 1 or len(pages) == 1)


def _counts(text: str) -> bool:
    return text.isdecimal() and len(text) <= _DIGITS_MOST and int(text) > 0


def _running_heads(pages: list[PageBlocks]) -> frozenset[str]:
    """Lines with words in the margins that return, but for figures, on at least two thirds of two or more pages.

    They stand equally high on all of them: so a table's rows do not at the ends of pages.
    """
    if len(pages) < 2:
        return frozenset()
    visited: dict[str, list[float]] = {}
    for page in pages:
        lines = {_DIGITS.sub("#", i.text): i for i in page.items if isinstance(i, Line) and _is_at_edge(i, page)}
        for text, line in lines.items():
            if any(character.isalpha() for character in text):
                visited.setdefault(text, []).append(line.y0 - page.page.top)
    return frozenset(text for text, places in visited.items() if _level(places) * 3 >= len(pages) * 2)


def _level(places: list[float]) -> int:
    """How many of some heights are as good as the same."""
    middle = median(places)
    return sum(abs(place - middle) <= _LEVEL for place in places)
