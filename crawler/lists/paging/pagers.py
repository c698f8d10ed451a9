"""How a list goes on: pages that follow, and how many it says there are (pure).

What cannot be followed is told by :mod:`crawler.lists.paging.signs_of_more`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit, urlunsplit

import lxml.html

from archive.file_endings import HTML
from crawler.lists.addresses import ADDRESS_ATTRIBUTES, GOES_TO, IDLE, is_anchor, join, joined, target_of, text_of

_UNIT = r"(?:条|篇|个(?!页)|项|则|件|记录)"
_OF_A_PAGE = re.compile(  # or of something that is no entry
    r"(?:(?:本|每|此|该|当前)\s{0,9}页\s{0,9}(?:显示|有)?|评论|留言|回复|来信|附件)\s{0,9}[:：,，]?\s{0,9}$"
)
_TOTAL = re.compile(
    rf"(?:共|总计|合计)\s*(?:有|计|查询到|检索到|找到)?\s*[:：]?\s*(\d{{1,6}})\s*{_UNIT}"
    r"|(?:总\s*记录\s*数|记录\s*总\s*数|总\s*条\s*数|信息\s*总\s*数|总\s*记录)\s*[:：]?\s*(\d{1,6})(?!\d)"
)
_BUTTON = r"(?:[上下]一?页|首页|[尾末]页)"
_PAGES = re.compile(
    r"共\s*(?:有|计)?\s*(\d{1,4})\s*[页頁]|(?:总\s*页\s*数\s*[:：]?|页\s*数\s*[:：])\s*(\d{1,4})(?!\d)"
    r"|(?:第|页[次码]\s*[:：]?)\s*\d{1,4}\s*页?\s*/\s*共?\s*(\d{1,4})(?!\d)|(?<![\d/])\d{1,3}\s*/\s*(\d{1,3})\s*页"
    rf"|{_BUTTON}\s{{0,9}}\d{{1,3}}\s?/\s?(\d{{1,3}})(?![\d/])|(?<![\d/])\d{{1,3}}\s?/\s?(\d{{1,3}})\s{{0,9}}{_BUTTON}"
    r"|\bpage\s{1,9}\d{1,4}\s{1,9}of\s{1,9}(\d{1,4})(?!\d)",
    re.IGNORECASE,
)
_NEXT = frozenset(
    {"后一页", "后一頁", "next", "nextpage", "后页", "后翻", "向后翻页", "下翻", "下翻页", "向后"}
    # WordPress counts back in time: its default themes write these (wp-includes/link-template.php and translations)
    | {"早期文章", "较早的文章", "较早文章", "较旧的文章", "较旧文章", "更早的文章", "olderposts", "olderentries"}
)
_NEXT_BEGINS = ("下一页", "下页", "下一頁", "下頁")
_NEXT_LENGTH = 12  # of a button; what is longer is a sentence
_LAST = frozenset({"尾页", "末页", "最后一页", "最后页", "尾頁", "末頁", "last", "lastpage"})
_BEFORE = frozenset({"上一页", "上页", "前一页", "上一頁"})
_BACK = _BEFORE | {"首页", "首頁", "第一页", "1", "first", "prev", "previous"}
_FURTHER = re.compile(r"\W*(?:点击)?(?:查看|浏览|阅读)?(?:更多|more|下一组)\W*", re.IGNORECASE)
_OF_PAGE = re.compile(r"(?:^|&)(?:p|pn|(?:cur(?:rent)?)?page(?:no|num|index)?)=\d{1,4}(?:&|$)", re.IGNORECASE)
_MORE = re.compile(
    r"(?:点击|点此|上拉|下拉|上滑|下滑|向下滚动|滚动)?(?:可|继续)?(?:加载|显示)(?:更多|下一页)\w{0,4}"
    r"|点击加载|继续加载|loadmore"
)
_GIVEN = ("tagname", *ADDRESS_ATTRIBUTES)  # attributes with the address that a button's script takes
_NUMBERED = re.compile(r"[0-9](?:\.\w{2,5})?(?:[?&#][^?#]{0,300})?$|=[0-9]{1,4}(?:&|$)")
_BARE_NUMBER = re.compile(r"[(,]\s{0,9}[\"']?[0-9]{1,4}[\"']?\s{0,9}[,)]")
#: what may be, without its blanks, the text of a button that leads to the next page or the last
TURNS = re.compile("|".join(map(re.escape, sorted(_NEXT | {*_NEXT_BEGINS} | _LAST))), re.IGNORECASE)
_TRIM = "[]【】()（）<>‹›«»＜＞←→⇒▶|·. \xa0"
_ARROWS = frozenset({">", "＞", "»", "›", "→"})  # one step on; two of them are the last page
_NEXT_CLASS = re.compile(r"(?:^|[-_])next(?:[-_]?page)?$|^p(?:age|g)?[-_]?next$", re.IGNORECASE)
_NEXT_PICTURE = re.compile(r"(?:^|[/_-])next(?:[_-]?page)?[\w-]{0,20}\.(?:gif|png|jpe?g|svg)$", re.IGNORECASE)
_FIRST_PAGE = re.compile(r"[?&](page|pageno|pagenum|pageindex|curpage|currentpage|cpage|p)=1(?:[&#]|$)", re.IGNORECASE)
_NUMBER = re.compile(r"第?0?([0-9]{1,3})页?|第([一二三四五六七八九十])页|([一二三四五六七八九十])")
_NUMERALS = "零一二三四五六七八九十"
_LONGEST_LABEL = 60  # characters; what is longer is no button
_FEW, _MOST = 15, 200  # numbers followed whatever their addresses look like; numbers followed at all
_DIGITS = 5  # of the number of a page
_PAGERS = 4  # of one page: that of the list, those of other boxes
_WEEK = frozenset("日天")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)?([日天一二三四五六])")


def printed_total(text: str) -> int | None:
    """Return the number of entries that a list prints that it has (``共20条``); None if it does not.

    Of several the largest: nobody knows which of them is that of another box.
    """
    totals = (
        one for one in _TOTAL.finditer(text) if not _OF_A_PAGE.search(text, max(one.start() - 30, 0), one.start())
    )
    return _largest(totals)


def printed_pages(text: str) -> int | None:
    """Return the number of pages that a list says it has (``共3页``, ``第1页/共3页``), the largest of several; None if
    it does not say so.
    """
    return _largest(_PAGES.finditer(text))


def _largest(found: Iterator[re.Match[str]]) -> int | None:
    return max((int(number) for one in islice(found, 100) for number in one.groups() if number), default=None)


def label_of(node: lxml.html.HtmlElement) -> str:
    """What a button of a pager says, without ornaments: its text, else that of its picture, else its title."""
    text = text_of(node)
    if len(text) > _LONGEST_LABEL:
        return text
    label = "".join(text.split()).lower().strip(_TRIM)
    label = label if any(map(str.isalnum, label)) else ""
    if not label:
        label = next((str(image.get("alt") or image.get("title") or "") for image in node.iter("img")), "")
    said = label or node.get("title") or node.get("value") or node.get("aria-label") or node.get("alt") or ""
    said = said if said.isascii() else unicodedata.normalize("NFKC", said[:200])
    return "".join(said.split()).lower().strip(_TRIM)


def target_of_button(url: str, node: lxml.html.HtmlElement) -> str | None:
    """The address behind a button, or that its script goes to (``location.href='index_1.html'``), or is given
    (``queryArticleByCondition(this,'/nb/8d46-2.html')``); None where it has none that can be followed.
    """
    href = (node.get("href") or "").strip()
    if not href or is_anchor(href) or href.lower().startswith(("javascript:", "mailto:")):
        gone = GOES_TO.search(f"{href} {node.get('onclick') or ''}"[:4000])
        href = gone.group(1) if gone is not None else _given(node)
    return joined(url, href) if href else None


def _given(node: lxml.html.HtmlElement) -> str:
    """The address that a button gives to its script, in its call or in an attribute: one with a number of a page, where
    none stands beside it; "" for none.
    """
    href = node.get("href") or ""
    script = f"{'' if IDLE.match(href) else href} {node.get('onclick') or ''}"[:1000]
    if _BARE_NUMBER.search(script):
        return ""
    written = target_of(node) or next((str(node.get(name)) for name in _GIVEN if node.get(name)), "")
    return written if _NUMBERED.search(written) else ""


def says_next(label: str) -> bool:
    """Whether a button says that it leads to the next page."""
    return label in _NEXT or (label.startswith(_NEXT_BEGINS) and len(label) <= _NEXT_LENGTH)


def says_last(label: str) -> bool:
    """Whether a button says that it leads to the last page."""
    return label in _LAST


def says_back(label: str) -> bool:
    """Whether a button says that it leads to the first page or the one before."""
    return label in _BACK


def says_turn(label: str) -> bool:
    """Whether a button is one of a pager by what it says; 首页 stands in menus as well."""
    return says_next(label) or label in _LAST or label in _BEFORE


def number_of(label: str) -> tuple[int | None, bool]:
    """The number of a page that a button says (``2``, ``第2页``, ``二``), and whether it is one for certain: a bare
    Chinese numeral may be a day of the week.
    """
    said = _NUMBER.fullmatch(label)
    if said is None:
        return None, False
    digits, written, bare = said.groups()
    return (int(digits) if digits else _NUMERALS.index(written or bare)), not bare


def says_more(label: str) -> bool:
    """Whether a button says that it adds entries to those that are shown."""
    return _MORE.fullmatch(label) is not None


def is_next(node: lxml.html.HtmlElement, label: str) -> bool:
    """Whether a button leads to the next page: by what it says, or, where it has but an ornament, by what it is."""
    return says_next(label) or (not label and _is_next_arrow(node))


def _is_next_arrow(node: lxml.html.HtmlElement) -> bool:
    named = any(_NEXT_CLASS.search(word) for word in (node.get("class") or "").split())
    drawn = any(_NEXT_PICTURE.search(image.get("src") or "") for image in node.iter("img"))
    return named or drawn or "next" in (node.get("rel") or "").lower().split() or text_of(node) in _ARROWS


def _starts_over(url: str, target: str, back: set[str]) -> bool:
    """Whether a step leads back to page 1: from a page with a number of its own, or to where ``back`` leads as well;
    some lists count from 0.
    """
    step = _FIRST_PAGE.search(target)
    if step is None:
        return False
    return target in back or bool(re.search(rf"[?&]{step.group(1)}=0{{0,9}}[1-9]", url, re.IGNORECASE))


def _is_own_page(url: str, target: str) -> bool:
    """Whether an address is that of a page with some number from 2, or from 1 behind ``_``, of the list at ``url``."""
    own, other = urlsplit(url), urlsplit(target)
    stem = re.sub(rf"(?:index)?(?:\.{HTML})?$", "", re.sub(rf"_\d{{1,4}}(?=\.{HTML}$)", "", own.path))
    numbered_file = re.fullmatch(rf"(.{{0,2000}}?)(?:index)?_[1-9]\d{{0,3}}\.{HTML}", other.path)
    if own.netloc == other.netloc and numbered_file is not None and numbered_file.group(1) == stem:
        return True
    same = (own.netloc, own.path) == (other.netloc, other.path)
    return same and _OF_PAGE.search(other.query) is not None and target != url


def next_links(url: str, base: str, tree: lxml.html.HtmlElement | None) -> tuple[str, ...]:
    """Return what follows the page ``url``: the addresses behind 下一页 (of each pager it has), else those behind the
    numbers 2, 3 … and behind an arrow.

    ``base``: what its addresses are relative to. A step from a later page to page 1 is none: the list ends there.
    """
    if tree is None:
        return ()
    labels = _labels(tree)
    back = {target for node, label in labels.items() if says_back(label) and (target := target_of_button(base, node))}
    steps: list[str] = []
    arrows: list[str] = []
    for node in tree.iter("a", "area", "button", "input", "span", "li", "link"):
        if node.tag in {"span", "li", "input", "button"} and not node.get("onclick"):
            continue
        label = labels.get(node)
        if label is None:
            label = label_of(node) if node.tag != "link" else ""
        said = says_next(label) or (says_more(label) and node.tag == "a")
        further = not said and _FURTHER.fullmatch(label) is not None
        if not (said or further) and (label or not _is_next_arrow(node)):
            continue
        target = target_of_button(base, node)
        if further and (target is None or not _is_own_page(url, target)):
            continue  # 更多 of another list
        said = said or further
        if target is not None and target != url and not _starts_over(url, target, back):
            (steps if said else arrows).append(target)
    if steps:
        return tuple(dict.fromkeys(steps))[:_PAGERS]
    numbers = _numbers(base, labels)
    counted = [target for number, target in sorted(numbers.items()) if number > 1 and target != url]
    if not numbers.keys() & {1, 2} or (len(numbers) > _FEW and len({_shape(target) for target in counted}) > 1):
        counted = []
    return tuple(dict.fromkeys((*counted[:_MOST], *arrows[:1])))


def linked_pages(base: str, tree: lxml.html.HtmlElement | None) -> int | None:
    """Return the largest number of a pager of which page 2 is linked and all addresses are alike; None without one."""
    numbers = _numbers(base, _labels(tree))
    alike = len({_shape(target) for number, target in numbers.items() if number > 1}) == 1
    return max(numbers) if 2 in numbers and alike else None


def numbered_links(base: str, tree: lxml.html.HtmlElement | None) -> tuple[str, ...]:
    """Return the addresses of all pages after the first of a pager whose addresses differ in their number alone, with
    those between its numbers and 尾页 that it does not print (1 2 3 … 20); none of any other pager.
    """
    labels = _labels(tree)
    numbers = {number: target for number, target in _numbers(base, labels).items() if number > 1}
    if 2 not in numbers or len({_shape(target) for target in numbers.values()}) > 1:
        return ()
    if 3 not in numbers:  # of two pages, or of more of which nobody knows what their addresses are
        return (numbers[2],)
    two, three = (re.split(r"([0-9]+)", numbers[number]) for number in (2, 3))
    at = [place for place, (one, other) in enumerate(zip(two, three, strict=True)) if one != other]
    if len(at) != 1 or int(three[at[0]]) - int(two[at[0]]) != 1:
        return tuple(target for _, target in sorted(numbers.items()))[:_MOST]
    before, behind, first = "".join(two[: at[0]]), "".join(two[at[0] + 1 :]), int(two[at[0]]) - 2
    last = max(numbers)
    for node, label in labels.items():
        end = target_of_button(base, node) if says_last(label) else None
        if end and end.startswith(before) and end.endswith(behind):
            number = end[len(before) : len(end) - len(behind)]
            last = max(last, int(number) - first) if number.isdecimal() and len(number) < _DIGITS else last
    made = {number: f"{before}{number + first}{behind}" for number in range(2, min(last, _MOST) + 1)}
    return tuple({**made, **numbers}[number] for number in sorted({*made, *numbers}))[:_MOST]


def last_link(url: str, base: str, tree: lxml.html.HtmlElement | None) -> str | None:
    """Return the address behind 尾页 where it is neither this page nor the first one; None where there is none."""
    if tree is None:
        return None
    labels = _labels(tree)
    found = {
        kind: [target for node, label in labels.items() if says(label) and (target := target_of_button(base, node))]
        for kind, says in (("last", says_last), ("back", says_back))
    }
    here = {_bare(target) for target in (url, *found["back"])}
    return next((target for target in found["last"] if _bare(target) not in here), None)


def _labels(tree: lxml.html.HtmlElement | None) -> dict[lxml.html.HtmlElement, str]:
    """What each link of a page says as a button of a pager."""
    return {node: label_of(node) for node in tree.iter("a")} if tree is not None else {}


def _bare(url: str) -> str:
    return re.sub(rf"index\.{HTML}$", "", url)


def _numbers(base: str, labels: dict[lxml.html.HtmlElement, str]) -> dict[int, str]:
    """Numbers that are linked, each with its first address; days of a calendar are none. ``labels``: of all links."""
    numbers: dict[int, str] = {}
    numerals: dict[int, str] = {}
    calendars: dict[lxml.html.HtmlElement, bool] = {}
    for anchor, label in labels.items():
        number, sure = number_of(label)
        target = target_of_button(base, anchor) if number is not None else None
        if number is not None and target and not is_a_day(anchor, calendars):
            (numbers if sure else numerals).setdefault(number, target)
    alike = len({_shape(target) for number, target in numerals.items() if number > 1}) == 1
    return numbers or (numerals if alike and _WEEK.isdisjoint(labels.values()) else {})


def _shape(target: str) -> str:
    """An address without its numbers."""
    return re.sub(r"[0-9]+", "0", target)


def is_a_day(anchor: lxml.html.HtmlElement, calendars: dict[lxml.html.HtmlElement, bool]) -> bool:
    """Whether a number stands in a calendar; ``calendars``: the tables that were looked at already."""
    table = next(anchor.iterancestors("table"), None)
    if table is None:
        return False
    if table not in calendars:
        calendars[table] = _is_calendar(table)
    return calendars[table]


def _is_calendar(table: lxml.html.HtmlElement) -> bool:
    """Whether a table has a cell for each day of the week, and numbers that run to the end of a month."""
    cells = [text_of(node) for node in islice(table.iter(), 1000) if node.tag in {"td", "th"}]
    weekdays = {day.group(1).replace("天", "日") for cell in cells if (day := _WEEKDAY.fullmatch(cell))}
    days = {int(cell) for cell in cells if re.fullmatch(r"[0-9]{1,3}", cell)}
    return len(weekdays) == 7 and max(days, default=0) in range(28, 32)


def option_pages(url: str, base: str, tree: lxml.html.HtmlElement | None) -> tuple[str, ...]:
    """Return the addresses behind the choices of a page in a ``<select>``, from the second on."""
    for select in tree.iter("select") if tree is not None else ():
        options = list(select.iter("option"))[:500]
        numbers = [re.sub(r"[第页\s]", "", text_of(option)) for option in options]
        values = [(option.get("value") or "").strip() for option in options]
        if numbers[:2] == ["1", "2"] and all(re.search(r"[/.?]", value) for value in values):
            try:
                return tuple(target for value in values[1:] if (target := join(base, value)) != url)
            except ValueError:
                continue
    return ()


def shows_a_pager(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page has buttons that turn pages, forward or back, whatever they are bound to."""
    nodes = tree.iter("a", "button", "span", "li", "input") if tree is not None else ()
    return any(says_turn(label_of(node)) for node in islice(nodes, 20_000))


def is_off(node: lxml.html.HtmlElement) -> bool:
    """Whether a button is switched off, by itself or by what holds it."""
    return any(
        own is not None
        and (
            "disable" in (own.get("class") or "").lower()
            or own.get("disabled") is not None
            or own.get("aria-disabled") == "true"
        )
        for own in (node, node.getparent())
    )


def numbered(url: str, number: int, stem: str = "", extension: str = "") -> str:
    """Return the address of a further page: ``…/index_1.html`` for ``…/`` or ``…/index.html`` and number 1."""
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    own, _, ending = name.rpartition(".")
    stem = stem or re.sub(r"_\d{1,4}$", "", own) or "index"
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{stem}_{number}.{extension or ending or 'html'}", "", ""))
