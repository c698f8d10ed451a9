"""What stands over an item whose own text leaves out whose report it is, or of which year (pure).

A table of bodies and years whose cells say 查看, an accordion with a body over each list, a tab for each year. On a
page that calls itself a column of annual reports the headings are read with the item; nothing is joined that is not
printed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import lxml.html

from archive.file_endings import ENDINGS, HTML
from archive.identity.addresses import read as facts_of
from archive.identity.classification import column_agency
from archive.identity.names import expand_groups, is_generic, is_own_level, looks_like_body
from archive.identity.titles import judge
from crawler.lists.addresses import join, joined, target_of, text_of
from crawler.lists.entries.publishers import publishers
from crawler.lists.entry_patterns import speaks
from crawler.lists.filters.year_bars import is_itself, shown_year
from crawler.lists.filters.year_choices import chosen_year
from crawler.lists.kinds.emptiness import has_a_place_for_items
from crawler.lists.kinds.page_kinds import CHAPTERS, PLACES, chapters_in, collected, pieces

_ANY_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|[一二][〇○零O0九][〇○零一二三四五六七八九]{2}")
_YEAR = re.compile(
    r"[\[(（【]?((?:19|20)\d\d)年?度?(?:政府信息公开|信息公开|政务公开)?(?:工作)?(?:年度报告|年报|报告)?[\])）】]?"
)
_GROUP = expand_groups(r"(?:[(（【]?(?:{group}|{own})[)）】]?)?")
_HEADING = re.compile(  # of a year, and of a group of bodies as well (2024年度政府信息公开年报（部门）)
    rf"(?!.*政府工作报告)"
    rf"[\[(（【]?((?:19|20)\d\d)年?度?{_GROUP}(?:政府信息公开|信息公开|政务公开)?(?:工作)?(?:年度报告|年报|报告)?{_GROUP}[\])）】]?"
)
_REPORTING = re.compile(r"(?:19|20)\d\d年?(?:度|[^年]{0,20}(?:年报|年度报告|报告))")  # of a year, whenever published
_MERE = re.compile(
    r"(?:点击|在线|查看|下载|详情|浏览|阅读|打开|全文|链接|进入|年度报告|年报|报告|pdf|docx?|√|[\[\]()（）【】])+",
    re.IGNORECASE,
)
_NOBODYS = re.compile(
    r"(?:(?:19|20)\d\d年?度?)?(?:本级|本机关|本单位)?(?:政府信息公开|政务公开|信息公开)?(?:工作)?(?:年度)?(?:工作)?(?:报告|年报)"
)
_CALLED = re.compile(r".{0,14}?(?:政府信息公开|政务公开|信息公开)?(?:工作)?(?:年度报告|年报)(?:专栏|公开|公示|汇总)?")
_OF_A_GROUP = re.compile(  # 乡镇年报, 县直部门政府信息公开年报: what it is called by besides
    expand_groups("^{group}(?=(?:政府信息公开|信息公开|政务公开)?(?:工作)?(?:年度报告|年报))")
)
_DATE = re.compile(r"(?<!\d)(20\d\d)\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")
_SKIPPED = frozenset({"a", "dd", "br", "script", "style"})
_RANKS = {f"h{rank}": rank for rank in range(1, 7)}
_NO_HEADING = frozenset({"a", "li", "tr", "td", "ul", "ol", "dl", "table", "dd", "script", "style"})
_LONGEST = 30  # characters of a heading
_UP, _BACK = 7, 60  # elements around an item, and before each of these, among which its headings are looked for
_CELLS, _ROWS = 60, 500
_PAGE = re.compile(  # a page or a file, and no folder
    rf"/(?!(?:index|list|default|main)[_.])[^/?#]+\.(?:{HTML}|jspx?|aspx?|php|{ENDINGS})(?:[?#].*)?$", re.IGNORECASE
)
_DISCLOSURE = re.compile(r"(?:政府信息公开|信息公开|政务公开)(?:工作)?(?:年度报告|年度工作报告|工作报告|年报|报告)")
_INLINE = ("span", "em", "b", "i", "strong", "label", "font", "p", "div")
_ANNUAL = re.compile(r"年度报告|年报|工作报告")
_SEVERAL = 2  # years over the columns of a table that make it one of bodies by years
_NAMED = 3  # bodies that make headings those of the lists below them


@dataclass(frozen=True, slots=True)
class _Over:
    """The headings of one item, as printed; "" for none. ``in_table``: they are those of its row and column;
    ``under_years``: the columns of that table are two years or more; ``reporting``: the year is said to be that of the
    reports; ``printed``: as it stands there.
    """

    body: str = ""
    year: str = ""
    in_table: bool = False
    under_years: bool = False
    reporting: bool = False
    printed: str = ""


def headed(
    anchors: Sequence[lxml.html.HtmlElement], url: str, base: str, tree: lxml.html.HtmlElement
) -> dict[lxml.html.HtmlElement, str]:
    """Return the titles of items that are whole only with what stands over them. ``base``: what the addresses of the
    page ``url`` are relative to.

    A body counts where three or more are such headings (or one is, in a table of bodies by years), and none has two
    items of one title or an item of another's address; a year where there are two, and only if it is older than the
    item: reports are grouped by the year of publication as well.
    """
    named = _bare_bodies(anchors, base)
    lacking = [
        (anchor, text)
        for anchor in anchors
        if (text := _squeezed(text_of(anchor))) and (anchor in named or _lacks(text))
    ]
    called = called_on(tree) if lacking else ""
    told = publishers(anchor for anchor, _ in lacking)
    notice = _notice_on(tree) if lacking else ""
    if named and not (called or told or notice):
        called = _called_of_a_year(url, base, tree, anchors, named)
    if not (called or told or notice):
        return {}
    tables: dict[lxml.html.HtmlElement, dict[lxml.html.HtmlElement, _Over]] = {}
    over = [
        (anchor, text, _in_table(anchor, tables) or _over(anchor, told.get(anchor, ""))) for anchor, text in lacking
    ]
    announced = _announced(over, notice)
    called_by = _OF_A_GROUP.sub("", called)  # 城关镇2025年乡镇年报 would be the reports of many
    if not called:
        own_title = {anchor: f"{told[anchor]}{text}" for anchor, text in lacking if anchor in told and _is_whole(text)}
        bodies = {anchor: f"{text}{notice}" for anchor, text in lacking if notice and anchor in named}
        return own_title | announced | bodies
    years = {one.year for _, _, one in over} - {""}
    made: dict[lxml.html.HtmlElement, tuple[str, str]] = {}
    own = _own_year(tree, PLACES if not years else "//title") if named else _Over()
    own = own if {one.year for anchor, _, one in over if anchor in named} <= {own.year, ""} else _Over()
    if named and not (own.year or years or _may_be_a_menu(url, base, tree, called, anchors, named)):
        own = _held_to(url, base, tree)
    for anchor, text, printed in over:
        one = printed if printed.year or anchor not in named else replace(own, body=printed.body)
        if anchor in named:
            if one.year and not one.in_table:
                sure = one.reporting or _is_older(one.year, anchor, base, proven=True)
                made[anchor] = ("", f"{text}{one.year}{called_by}" if sure else f"{one.year}>{text}")
            continue
        year = one.year if (one.in_table or len(years) > 1) and _is_older(one.year, anchor, base) else ""
        if title := _joined(text, one.body, year, called_by):
            heads = one.body and title.startswith(one.body) and anchor not in told
            made[anchor] = (one.body if heads else "", title)
    crossed = {anchor: made[anchor] for anchor, _, one in over if one.under_years and anchor in made}
    sound, crosses = _is_sound(made), _is_sound(crossed, least=1)
    return announced | {
        anchor: title for anchor, (body, title) in made.items() if sound or not body or (crosses and anchor in crossed)
    }


def _announced(
    over: Iterable[tuple[lxml.html.HtmlElement, str, _Over]], notice: str
) -> dict[lxml.html.HtmlElement, str]:
    """Return the titles of the rows of a notice of many (农业农村局 | 查看): their bodies, with its year and words."""
    made = {
        anchor: (one.body, f"{one.body}{notice}")
        for anchor, text, one in over
        if notice and one.body and one.year[:4] in ("", notice[:4]) and _MERE.fullmatch(text)
    }
    return {anchor: title for anchor, (_, title) in made.items()} if _is_sound(made) else {}


def is_mere(text: str) -> bool:
    """Whether an item says nothing but that there is something to be seen (查看, 点击下载)."""
    return _MERE.fullmatch(_squeezed(text)) is not None


def year_on(tree: lxml.html.HtmlElement) -> str:
    """The one year that a page calls itself by, as printed without blanks; "" where there is none, or several."""
    return _own_year(tree).printed


def _own_year(tree: lxml.html.HtmlElement, places: str = PLACES) -> _Over:
    """The one year that a page calls itself by, in its title, a heading or its place (… > 2024年); else none. A heading
    may stand over a part of the page: ``places`` says where it is looked for.
    """
    said = {
        found.group(1): _Over(year=f"{found.group(1)}年", reporting=_REPORTING.match(piece) is not None, printed=piece)
        for node in tree.xpath(places)[:40]
        for text in pieces(text_of(node)[:200])
        if (piece := _squeezed(text)) and (found := _YEAR.fullmatch(piece))
    }
    return next(iter(said.values())) if len(said) == 1 else _Over()


def _may_be_a_menu(
    url: str,
    base: str,
    tree: lxml.html.HtmlElement,
    called: str,
    anchors: Sequence[lxml.html.HtmlElement],
    named: Collection[lxml.html.HtmlElement],
) -> bool:
    """Whether bodies' names on a page of one year may be its menu and not its entries: the page is one body's own, has
    other entries that speak of reports, or a place that scripts fill with them; or the names lead to the page itself.
    """
    if facts_of(url).code is not None or column_agency(called) or has_a_place_for_items(tree):
        return True
    if any(is_itself(target, url) for one in named if (target := joined(base, target_of(one)))):
        return True
    return any(speaks(text_of(anchor)) for anchor in anchors)


def _held_to(url: str, base: str, tree: lxml.html.HtmlElement) -> _Over:
    """The year that the list of a page is held to, by its address, a bar of years, or the one that is chosen."""
    year, reporting = shown_year(url, base, tree)
    year = year or chosen_year(tree)
    return _Over(year=f"{year}年", reporting=reporting) if year else _Over()


def _bare_bodies(anchors: Sequence[lxml.html.HtmlElement], base: str) -> set[lxml.html.HtmlElement]:
    """Items that are bodies' names and nothing else, several of them, at addresses of pages or files."""
    found = {
        anchor: url
        for anchor in anchors
        if _is_body(_squeezed(text_of(anchor))) and (url := joined(base, target_of(anchor))) and _PAGE.search(url)
    }
    return set(found) if len(set(found.values())) >= _NAMED else set()


def _is_sound(made: dict[lxml.html.HtmlElement, tuple[str, str]], least: int = _NAMED) -> bool:
    """Whether the headings of bodies are those of the items: ``least`` or more, each with titles and addresses of its
    own.
    """
    named = [(body, title, target_of(anchor)) for anchor, (body, title) in made.items() if body]
    whose: dict[str, str] = {}
    where: dict[str, str] = {}
    same = all(
        where.setdefault(title, href) == href and (not href or whose.setdefault(href, body) == body)
        for body, title, href in named
    )
    return same and len({body for body, _, _ in named}) >= least


def _squeezed(text: str) -> str:
    return "".join(text.split()) if len(text) <= 120 else ""


def _lacks(text: str) -> bool:
    """Whether an item says nothing but 查看 or a year, is a report of nobody, or one of no year."""
    if _MERE.fullmatch(text) or _YEAR.fullmatch(text) or _NOBODYS.fullmatch(text):
        return True
    return bool(re.search(r"年报|报告", text)) and not _ANY_YEAR.search(text)


def _is_whole(text: str) -> bool:
    """Whether a title leaves out nothing but whose report it is, whatever page it stands on."""
    return bool(_NOBODYS.fullmatch(text) and _DISCLOSURE.search(text) and _ANY_YEAR.search(text))


def _joined(text: str, body: str, year: str, called: str) -> str:
    dated = _YEAR.fullmatch(text) and "报" not in text
    if _MERE.fullmatch(text) or dated:
        year = text if dated else year
        return f"{body}{year}{called}" if body and year else ""
    who = body if _NOBODYS.fullmatch(text) else ""
    when = year if not _ANY_YEAR.search(text) else ""
    return f"{who}{when}{text}" if who or when else ""


def called_on(tree: lxml.html.HtmlElement) -> str:
    """What a page calls itself, if that is a column of annual reports; else ""."""
    for node in tree.xpath(PLACES)[:40]:
        for piece in pieces(text_of(node)[:200]):
            said = _squeezed(piece)
            if _CALLED.fullmatch(said) and not _ANY_YEAR.search(said):
                return said
    return ""


def _called_of_a_year(
    url: str,
    base: str,
    tree: lxml.html.HtmlElement,
    anchors: Sequence[lxml.html.HtmlElement],
    named: Collection[lxml.html.HtmlElement],
) -> str:
    """What a page calls itself beside its year, where that is a column of annual reports (2024年政府信息公开年度报告)
    and its list is held to that year; "" for any other, for one with a report's text, and where the bodies ``named`` on
    it may be its menu.
    """
    own = _own_year(tree)
    said = own.printed.partition(own.year)[2] if own.reporting else ""
    if not (_ANNUAL.search(said) and _held_to(url, base, tree).year == own.year):
        return ""
    is_report = chapters_in(text_of(tree)) >= CHAPTERS
    return "" if is_report or _may_be_a_menu(url, base, tree, "", anchors, named) else said


def _notice_on(tree: lxml.html.HtmlElement) -> str:
    """Year and words of a notice that announces the reports of many (2024年政府信息公开年度报告, of 各部门); "" for any
    other page: the bodies' names on it are links to these.
    """
    for node in tree.xpath(PLACES)[:40]:
        said = _squeezed(text_of(node))
        several = collected(said)
        verdict = judge(several or said)
        named = _DISCLOSURE.search(said)
        if named and verdict.could_be and (verdict.generic or several) and verdict.year:
            return f"{verdict.year}年{named.group(0)}"
    return ""


def _is_body(text: str) -> bool:
    return is_own_level(text) or (looks_like_body(text) and not is_generic(text))


def _heading(node: lxml.html.HtmlElement) -> _Over:
    """What an element says of whose, or of which year, the items behind it are."""
    said = _squeezed(text_of(node)).rstrip(":：")
    if not 2 <= len(said) <= _LONGEST:
        return _Over()
    if found := _HEADING.fullmatch(said):
        return _Over(year=f"{found.group(1)}年", reporting=_REPORTING.match(said) is not None)
    return _Over(body=said) if _is_body(said) else _Over()


def _in_table(
    anchor: lxml.html.HtmlElement, tables: dict[lxml.html.HtmlElement, dict[lxml.html.HtmlElement, _Over]]
) -> _Over | None:
    """The headings of an item's row and column; None where it stands in no table with such (``tables``: those read)."""
    cell = next((node for node in islice(anchor.iterancestors(), 5) if node.tag in {"td", "th"}), None)
    table = (
        next((node for node in islice(cell.iterancestors(), 4) if node.tag == "table"), None)
        if cell is not None
        else None
    )
    if cell is None or table is None:
        return None
    if table not in tables:
        tables[table] = _crossings(table)
    return tables[table].get(cell)


def _crossings(table: lxml.html.HtmlElement) -> dict[lxml.html.HtmlElement, _Over]:
    """The headings of the cells in rows of a body, under the row before that has none, or beside the row's one year.
    Cells that reach over several rows or columns put others under another heading: no such table is read. A row of one
    cell (乡镇) heads no column.
    """
    made: dict[lxml.html.HtmlElement, _Over] = {}
    heads: list[_Over] = []
    for row in islice(table.iter("tr"), _ROWS):
        cells = list(islice(row.iterchildren("td", "th"), _CELLS))
        if len(cells) == 1 and (cells[0].get("rowspan") or "1") == "1":
            continue
        if any((cell.get(span) or "1") != "1" for cell in cells for span in ("rowspan", "colspan")):
            return {}
        said = [_heading(cell) for cell in cells]
        body = next((one.body for one in said[:2] if one.body), "")
        heads = heads if body else said
        own = {one.year for one in said} - {""}  # a row for each report: 单位 | 年度 | 查看
        beside = own.pop() if len(own) == 1 else ""
        across = len(heads) == len(cells) and len({one.year for one in heads} - {""}) >= _SEVERAL
        for at, cell in enumerate(cells if body else ()):
            made[cell] = _Over(
                body, (heads[at].year if len(heads) == len(cells) else "") or beside, in_table=True, under_years=across
            )
    return made


def _over(anchor: lxml.html.HtmlElement, told: str) -> _Over:
    """The nearest headings of a body (unless its row has ``told`` one) and a year before an item, or what holds it."""
    body, of_year = told or _beside(anchor), _Over()
    for node in (anchor, *islice(anchor.iterancestors(), _UP)):
        if node.tag == "body":
            break
        for before in _before(node):
            said = _heading(before)
            body, of_year = body or said.body, of_year if of_year.year else said
    return _Over(body, of_year.year, reporting=of_year.reporting)


def _beside(anchor: lxml.html.HtmlElement) -> str:
    """The body that an element of its own names in the row of an item ([司法局] 2024年…); "" where there is none, or
    the row has another link.
    """
    row = next((node for node in islice(anchor.iterancestors(), 3) if node.tag in {"li", "dd"}), None)
    if row is None or next(islice(row.iter("a"), 1, None), None) is not None:
        return ""
    named = (_squeezed(text_of(node)).strip("[]【】()（）:：") for node in islice(row.iter(*_INLINE), 12))
    return next((said for said in named if 2 <= len(said) <= _LONGEST and _is_body(said)), "")


def _before(node: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The element before one that may be its heading, over those that are items as it is; where that is an <h4>, also
    the headings of higher rank before it (<h2>2024年</h2><h4>部门</h4><ul>…</ul><h4>乡镇</h4><ul>…</ul>).
    """
    rank = 0
    for before in islice(node.itersiblings(preceding=True), _BACK):
        if not isinstance(before.tag, str) or before.tag in _SKIPPED:
            continue
        own = _RANKS.get(before.tag, 0)
        if (not rank and before.tag not in _NO_HEADING and len(before) <= 3) or 0 < own < rank:
            yield before
        if not (rank or own):
            return
        rank = own if not rank or 0 < own < rank else rank


def _is_older(year: str, anchor: lxml.html.HtmlElement, base: str, *, proven: bool = False) -> bool:
    """Whether an item was published after a year, as far as it says when (``proven``: it has to): its report may then
    be on that year.
    """
    if not year:
        return False
    row = next((node for node in islice(anchor.iterancestors(), 4) if node.tag in {"li", "dd", "tr"}), anchor)
    dates = [int(found) for found in _DATE.findall(text_of(row)[:400])]
    try:
        made = facts_of(join(base, target_of(anchor))).path_date
    except ValueError:
        made = None
    said = (*dates, *([made.year] if made else []))
    return all(at > int(year[:4]) for at in said) and (bool(said) or not proven)
