"""The column of a table that says who publishes (标题 | 发布机构 | 发布日期): whose report a row is (pure).

The titles of such a list often leave the body out (2023年政府信息公开工作年度报告). The column is believed where it
names several bodies, or the body of every title that has one; not for the government and its office, which publish
for others and for each other: for the office where the column names several others, and a row beside it is the
government's own report on that year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

import lxml.html

from archive.identity.matching import key
from archive.identity.names import complete, is_generic, looks_like_body
from archive.identity.titles import judge
from crawler.lists.addresses import target_of, text_of

_HEAD = re.compile(
    r"(?:信息)?(?:发布|公开|公布|发文|制作|编制|报告|责任|主办)?(?:单位|机构|机关|部门)(?:名称)?|(?:信息|文章|稿件)?来源"
)
_GOVERNMENT = re.compile(r".*(?:^|[县区市州旗省盟])(?:人民)?政府(?:办|办公室)?")  # not of a township
_OFFICE = re.compile(r"政府(?:办|办公室)$")
_ROWS, _CELLS = 500, 12
_NAMED = 3  # bodies that make a column one of publishers, whatever the titles say
_LONGEST = 30


def publishers(anchors: Iterable[lxml.html.HtmlElement]) -> dict[lxml.html.HtmlElement, str]:
    """Return the body that its row names for each of these links, as printed."""
    wanted = list(anchors)
    tables = {table: None for anchor in wanted if (table := _table_of(anchor)) is not None}
    named: dict[lxml.html.HtmlElement, str] = {}
    for table in tables:
        named |= _named(table)
    return {anchor: named[anchor] for anchor in wanted if anchor in named}


def _table_of(anchor: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    return next(iter(islice(anchor.iterancestors("table"), 1)), None)


def _named(table: lxml.html.HtmlElement) -> Mapping[lxml.html.HtmlElement, str]:
    """The bodies beside the links of a table; none where a title contradicts its row, or nothing bears them out."""
    made: dict[lxml.html.HtmlElement, str] = {}
    at, width, agreeing = -1, 0, 0
    of_office: dict[lxml.html.HtmlElement, tuple[str, int]] = {}
    governments = set[int]()  # years of which the government's own report stands there
    for row in islice(table.iter("tr"), _ROWS):
        cells = list(islice(row.iterchildren("td", "th"), _CELLS + 1))
        said = [_squeezed(cell) for cell in cells]
        heads = [place for place, text in enumerate(said) if _HEAD.fullmatch(text)]
        if at < 0 and len(heads) == 1 and len(cells) > 1:
            at, width = heads[0], len(cells)
            continue
        links = [link for link in islice(row.iter("a"), 3) if target_of(link)]
        if at < 0 or len(cells) != width or len(links) != 1 or not _is_body(said[at]):
            continue
        title = judge(text_of(links[0]))
        own = title.agency
        if own and _is_other(own, said[at]):
            return {}
        if not _GOVERNMENT.fullmatch(said[at]):
            agreeing += bool(own)
            made[links[0]] = said[at]
        elif title.year and not own and _OFFICE.search(said[at]):
            of_office[links[0]] = (said[at], title.year)
        elif title.year and not _OFFICE.search(own or said[at]):
            governments.add(title.year)
    if len(set(made.values())) >= _NAMED:
        return made | {link: name for link, (name, year) in of_office.items() if year in governments}
    return made if agreeing else {}


def _is_other(title: str, cell: str) -> bool:
    """Whether a title names another body than its row; the government and its office stand for each other there."""
    if _GOVERNMENT.fullmatch(title) and _GOVERNMENT.fullmatch(cell):
        return False
    one, two = key(complete(title)), key(complete(cell))
    return not (one.endswith(two) or two.endswith(one))


def _squeezed(cell: lxml.html.HtmlElement) -> str:
    text = text_of(cell)
    return "".join(text.split()) if len(text) <= 3 * _LONGEST else ""


def _is_body(text: str) -> bool:
    return len(text) <= _LONGEST and looks_like_body(text) and not is_generic(text)
