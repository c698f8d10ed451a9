"""Cards: links that hold more than a title, and days that are printed in pieces (pure).

``<a><div>某局2025年…年度报告</div><div><b>29</b><i>2026-01</i></div></a>``: run together, the day spoils the title, and
is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

import lxml.html

from archive.identity.titles import judge_in_column
from crawler.lists.addresses import text_of
from crawler.lists.entry_patterns import speaks

_BLOCKS = frozenset(
    {"div", "p", "dl", "dt", "dd", "ul", "ol", "li", "section", "article", "h1", "h2", "h3", "h4", "h5"}
)
_NODES = 60  # elements of a card or row that are looked at
_PIECES = 3  # of a day
_LONGEST = 8  # characters of a piece
_DAYS = (  # pieces of a day with a blank between them
    re.compile(r"(?P<d>\d{1,2})日? (?P<y>20\d\d)\s?[-/.年]\s?(?P<m>\d{1,2})月?"),
    re.compile(r"(?P<y>20\d\d)\s?[-/.年]\s?(?P<m>\d{1,2})月?[-/.]? (?P<d>\d{1,2})日?"),
    re.compile(r"(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})日? (?P<y>20\d\d)年?"),
    re.compile(r"(?P<y>20\d\d)[-/.年]? (?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})日?"),
    re.compile(r"(?P<d>\d{1,2})日? (?P<m>\d{1,2})月 (?P<y>20\d\d)年?"),
    re.compile(r"(?P<y>20\d\d)[-/.年]? (?P<m>\d{1,2})[-/.月]? (?P<d>\d{1,2})日?"),
)


def day_in_pieces(node: lxml.html.HtmlElement) -> str:
    """Return the day that one element in a card or row prints in pieces, as 2026-01-29; "" for none or several."""
    found = {day for _, day in _days(node)}
    return found.pop() if len(found) == 1 else ""


def card_title(anchor: lxml.html.HtmlElement) -> str:
    """Return the title of a link that holds blocks: the one that names a body's report, else all but the day; "" for
    a link that holds no block.
    """
    days = {element for element, _ in _days(anchor)}
    texts = [text for text in _blocks(anchor, days) if text]
    if not days and not any(node.tag in _BLOCKS for node in islice(anchor.iterdescendants(), _NODES)):
        return ""
    named = [text for text in texts if speaks(text) and judge_in_column(text).agency]
    return named[0] if len(named) == 1 else " ".join(texts)


def _days(node: lxml.html.HtmlElement) -> Iterator[tuple[lxml.html.HtmlElement, str]]:
    """The innermost elements of a card or row that print a day in pieces, each with the day."""
    for element in islice(node.iterdescendants(), _NODES):
        pieces = [text for part in islice(element.itertext(), 3 * _PIECES) if (text := " ".join(str(part).split()))]
        if not 2 <= len(pieces) <= _PIECES or any(len(piece) > _LONGEST for piece in pieces):
            continue
        said = next((match for shape in _DAYS if (match := shape.fullmatch(" ".join(pieces)))), None)
        if said is None:
            continue
        try:
            yield element, date(int(said["y"]), int(said["m"]), int(said["d"])).isoformat()
        except ValueError:
            continue


def _blocks(anchor: lxml.html.HtmlElement, days: set[lxml.html.HtmlElement]) -> list[str]:
    """What the blocks of a card print, each by itself, without its day."""
    texts, run = list[str](), list[str]()

    def ends() -> None:
        texts.append(re.sub(r"\s+", " ", "".join(run)).strip())
        run.clear()

    def read(node: lxml.html.HtmlElement, depth: int) -> None:
        is_block = node.tag in _BLOCKS
        if is_block:
            ends()
        if node not in days and isinstance(node.tag, str):
            run.append(node.text or "")
            for child in islice(node, _NODES):
                if depth < 20:
                    read(child, depth + 1)
                else:
                    run.append(text_of(child))
                run.append(child.tail or "")
        if is_block:
            ends()

    read(anchor, 0)
    ends()
    return texts
