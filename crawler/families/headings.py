"""What stands over an item whose own text leaves out whose report it is, or of which year (pure).

A table of bodies and years whose cells say 查看, an accordion with a body over each list, a tab for each year. On a
page that calls itself a column of annual reports the headings are read with the item; nothing is joined that is not
printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import lxml.html

from archive.identity.addresses import read as facts_of
from archive.identity.names import is_generic, looks_like_body
from crawler.families.addresses import join, target_of, text_of

_ANY_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|[一二][〇○零O0九][〇○零一二三四五六七八九]{2}")
_YEAR = re.compile(r"[\[(（【]?((?:19|20)\d\d)年?度?(?:年报|报告)?[\])）】]?")
_MERE = re.compile(
    r"(?:点击|在线|查看|下载|详情|浏览|阅读|打开|全文|链接|进入|年度报告|年报|报告|pdf|docx?|√|[\[\]()（）【】])+",
    re.IGNORECASE,
)
_NOBODYS = re.compile(
    r"(?:(?:19|20)\d\d年?度?)?(?:本级|本机关|本单位)?(?:政府信息公开|政务公开|信息公开)?(?:工作)?(?:年度)?(?:工作)?(?:报告|年报)"
)
_CALLED = re.compile(r".{0,14}?(?:政府信息公开|政务公开|信息公开)?(?:工作)?(?:年度报告|年报)(?:专栏|公开|公示|汇总)?")
_DATE = re.compile(r"(?<!\d)(20\d\d)\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")
_SKIPPED = frozenset({"a", "dd", "br", "script", "style"})
_NO_HEADING = frozenset({"a", "li", "tr", "td", "ul", "ol", "dl", "table", "dd", "script", "style"})
_LONGEST = 30  # characters of a heading
_UP, _BACK = 7, 60  # elements around an item, and before each of these, among which its headings are looked for
_CELLS = 60


@dataclass(frozen=True, slots=True)
class _Over:
    """The headings of one item, as printed; "" for none. ``sure``: they are those of its row and column."""

    body: str = ""
    year: str = ""
    sure: bool = False


def headed(
    anchors: Sequence[lxml.html.HtmlElement], base: str, tree: lxml.html.HtmlElement
) -> dict[lxml.html.HtmlElement, str]:
    """Return the titles of items that are whole only with what stands over them.

    A heading over a list counts where there are several of its kind, and one of a year only if it is older than the
    item: reports are grouped by the year of publication as well.
    """
    lacking = [(anchor, text) for anchor in anchors if (text := _squeezed(text_of(anchor))) and _lacks(text)]
    called = _called(tree) if lacking else ""
    if not called:
        return {}
    merged: dict[lxml.html.HtmlElement, bool] = {}
    over = [(anchor, text, _in_table(anchor, merged) or _over(anchor)) for anchor, text in lacking]
    bodies = {one.body for _, _, one in over} - {""}
    years = {one.year for _, _, one in over} - {""}
    made: dict[lxml.html.HtmlElement, str] = {}
    for anchor, text, one in over:
        body = one.body if one.sure or len(bodies) > 1 else ""
        year = one.year if (one.sure or len(years) > 1) and _is_older(one.year, anchor, base) else ""
        if title := _joined(text, text_of(anchor), body, year, called):
            made[anchor] = title
    return made


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text) if len(text) <= 120 else ""


def _lacks(text: str) -> bool:
    """Whether an item says nothing but 查看 or a year, is a report of nobody, or one of no year."""
    if _MERE.fullmatch(text) or _YEAR.fullmatch(text) or _NOBODYS.fullmatch(text):
        return True
    return bool(re.search(r"年报|报告", text)) and not _ANY_YEAR.search(text)


def _joined(text: str, own: str, body: str, year: str, called: str) -> str:
    dated = _YEAR.fullmatch(text) and "报" not in text
    if _MERE.fullmatch(text) or dated:
        year = own if dated else year
        return f"{body} {year} {called}" if body and year else ""
    missing = [body] if body and _NOBODYS.fullmatch(text) else []
    if year and not _ANY_YEAR.search(text):
        missing.append(year)
    return " ".join([*missing, own]) if missing else ""


def _called(tree: lxml.html.HtmlElement) -> str:
    """What a page calls itself, if that is a column of annual reports; else ""."""
    says = tree.xpath("//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title') or contains(@class, 'position')]")
    for node in says[:40]:
        for piece in re.split(r"[_\-—|–>＞»]+", text_of(node)[:200]):
            said = _squeezed(piece)
            if _CALLED.fullmatch(said) and not _ANY_YEAR.search(said):
                return said
    return ""


def _is_body(text: str) -> bool:
    return looks_like_body(text) and not is_generic(text)


def _heading(node: lxml.html.HtmlElement) -> _Over:
    """What an element says of whose, or of which year, the items behind it are."""
    said = _squeezed(text_of(node)).rstrip(":：")
    if not 2 <= len(said) <= _LONGEST:
        return _Over()
    if found := _YEAR.fullmatch(said):
        return _Over(year=f"{found.group(1)}年")
    return _Over(body=said) if _is_body(said) else _Over()


def _in_table(anchor: lxml.html.HtmlElement, merged: dict[lxml.html.HtmlElement, bool]) -> _Over | None:
    """The headings of an item's row and column; None where it stands in no table with such. Cells that reach over
    several rows put those below under other columns: no such table is read (``merged``: what is known of them).
    """
    cell = next((node for node in islice(anchor.iterancestors(), 5) if node.tag in {"td", "th"}), None)
    row = cell.getparent() if cell is not None else None
    within = islice(row.iterancestors(), 3) if row is not None else iter(())
    table = next((node for node in within if node.tag == "table"), None)
    if cell is None or row is None or table is None:
        return None
    if table not in merged:
        merged[table] = any((one.get("rowspan") or "1") != "1" for one in table.iter("td", "th"))
    cells, first = list(islice(row.iterchildren("td", "th"), _CELLS)), next(table.iter("tr"), row)
    if merged[table] or cell not in cells:
        return None
    top = list(islice(first.iterchildren("td", "th"), _CELLS)) if first is not row else []
    above = _at(top, _wide(cells[: cells.index(cell)])) if _wide(top) == _wide(cells) else _Over()
    own = _heading(cells[0]) if cells[0] is not cell else _Over()
    body = own.body or above.body
    return _Over(body, own.year or above.year, sure=True) if body else None


def _width(cell: lxml.html.HtmlElement) -> int:
    span = cell.get("colspan") or "1"
    return int(span) if span.isascii() and span.isdigit() and 0 < int(span) < _CELLS else 1


def _wide(cells: Sequence[lxml.html.HtmlElement]) -> int:
    return sum(map(_width, cells))


def _at(cells: Sequence[lxml.html.HtmlElement], column: int) -> _Over:
    """What the cell of a row says that stands over a column."""
    reached = 0
    for cell in cells:
        reached += _width(cell)
        if reached > column:
            return _heading(cell)
    return _Over()


def _over(anchor: lxml.html.HtmlElement) -> _Over:
    """The nearest headings of a body and of a year before an item, or before what holds it."""
    body = year = ""
    for node in (anchor, *islice(anchor.iterancestors(), _UP)):
        if node.tag == "body":
            break
        for before in _before(node):
            said = _heading(before)
            body, year = body or said.body, year or said.year
    return _Over(body, year)


def _before(node: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The element before one that may be its heading, over those that are items as it is."""
    for before in islice(node.itersiblings(preceding=True), _BACK):
        if isinstance(before.tag, str) and before.tag not in _SKIPPED:
            if before.tag not in _NO_HEADING and len(before) <= 3:
                yield before
            return


def _is_older(year: str, anchor: lxml.html.HtmlElement, base: str) -> bool:
    """Whether an item was published after a year, as far as it says when: its report may then be on that year."""
    if not year:
        return False
    row = next((node for node in islice(anchor.iterancestors(), 4) if node.tag in {"li", "dd", "tr"}), anchor)
    dates = [int(found) for found in _DATE.findall(text_of(row)[:400])]
    try:
        made = facts_of(join(base, target_of(anchor))).made
    except ValueError:
        made = None
    return all(at > int(year[:4]) for at in (*dates, *([made.year] if made else [])))
