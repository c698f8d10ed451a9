"""How a list goes on: pages that follow, how many it says there are, and what only scripts turn to (pure).

A pager that cannot be followed is told (:func:`turned_by_script`): a list of which page 2 was never seen is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit, urlunsplit

import lxml.html

from crawler.families.addresses import join, text_of
from crawler.families.steps import Step

_UNIT = r"(?:条|篇|个(?!页)|项|则|件)"
_OF_A_PAGE = re.compile(r"(?:本|每|此|该)\s{0,9}页\s{0,9}[:：,，]?\s{0,9}$")
_TOTAL = re.compile(
    rf"(?:共|总计)\s*(?:有|计)?\s*[:：]?\s*(\d{{1,6}})\s*{_UNIT}"
    r"|(?:总\s*记录\s*数|记录\s*总\s*数|总\s*条\s*数|信息\s*总\s*数|总\s*记录)\s*[:：]?\s*(\d{1,6})(?!\d)"
)
_RECORD_COUNT = re.compile(r"""\brecordCount["']?\s*[:=]\s*["']?(\d{1,6})""")
_PAGES = re.compile(
    r"共\s*(?:有|计)?\s*(\d{1,4})\s*页|(?:总\s*页\s*数|页\s*数)\s*[:：]\s*(\d{1,4})(?!\d)"
    r"|(?:第|页次\s*[:：]?)\s*\d{1,4}\s*页?\s*/\s*共?\s*(\d{1,4})(?!\d)|(?<![\d/])\d{1,3}\s*/\s*(\d{1,3})\s*页"
)
_NEXT = frozenset({"下一页", "下页", "后一页", "下一頁", "next", "nextpage", "下一页next", "后页"})
_TURNS = frozenset({"上一页", "上页", "前一页", "尾页", "末页", "最后一页", "上一頁", "末頁"})
_POSTBACK = re.compile(r"__doPostBack\(\s*['\"]([^'\"]{1,200})['\"]\s*,\s*['\"]([^'\"]{0,200})['\"]\s*\)")
_MORE = frozenset({"加载更多", "点击加载更多", "点击加载", "显示更多"})
_TRIM = "[]【】()（）<>‹›«»＜＞→⇒▶|·. \xa0"
_ARROWS = frozenset({">", "＞", "»", "›"})  # one step on; two of them are the last page
_NEXT_CLASS = frozenset({"next", "nextpage"})
_FIRST_PAGE = re.compile(r"[?&](page|pageno|pagenum|pageindex|curpage|currentpage|cpage|p)=1(?:[&#]|$)", re.IGNORECASE)
_FEW, _MOST = 15, 200  # numbers followed whatever their addresses look like; numbers followed at all
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)?([日天一二三四五六])")
_IDLE = re.compile(r"^(?:javascript:)?\s*(?:void\s*\(?\s*0?\s*\)?|return\s+false|;|false)?\s*;?\s*$", re.IGNORECASE)


def printed_total(source: str, text: str) -> int | None:
    """Return the number of entries that a list says it has (``共20条``, ``recordCount: '20'``); None if it does not."""
    totals = (
        one for one in _TOTAL.finditer(text) if not _OF_A_PAGE.search(text, max(one.start() - 30, 0), one.start())
    )
    found = _RECORD_COUNT.search(source) or next(totals, None)
    return next((int(number) for number in found.groups() if number), None) if found else None


def printed_pages(text: str) -> int | None:
    """Return the number of pages that a list says it has (``共3页``, ``第1页/共3页``); None if it does not."""
    found = _PAGES.search(text)
    return next((int(number) for number in found.groups() if number), None) if found else None


def label_of(node: lxml.html.HtmlElement) -> str:
    """What a button of a pager says, without ornaments: its text, else that of its picture, else its title."""
    label = re.sub(r"\s+", "", text_of(node)).lower().strip(_TRIM)
    if not label:
        label = next((str(image.get("alt") or image.get("title") or "") for image in node.iter("img")), "")
    return (label or node.get("title") or node.get("value") or "").lower().strip(_TRIM)


def _target(url: str, node: lxml.html.HtmlElement) -> str | None:
    """The address behind a button; None where it has none that can be followed."""
    href = (node.get("href") or "").strip()
    if not href or href.startswith("#") or href.lower().startswith(("javascript:", "mailto:")):
        return None
    try:
        return join(url, href)
    except ValueError:
        return None


def _is_next(node: lxml.html.HtmlElement, label: str) -> bool:
    """Whether a button leads to the next page: by what it says, or, where it has but an ornament, by what it is."""
    return label in _NEXT or (not label and _is_next_arrow(node))


def _is_next_arrow(node: lxml.html.HtmlElement) -> bool:
    named = _NEXT_CLASS.intersection((node.get("class") or "").lower().split())
    return bool(named) or "next" in (node.get("rel") or "").lower().split() or text_of(node) in _ARROWS


def _starts_over(url: str, target: str) -> bool:
    """Whether a step leads back to page 1: only from a page with a number of its own; some lists count from 0."""
    step = _FIRST_PAGE.search(target)
    own = re.search(rf"[?&]{step.group(1)}=0{{0,9}}[1-9]", url, re.IGNORECASE) if step else None
    return own is not None


def next_links(url: str, base: str, tree: lxml.html.HtmlElement | None) -> tuple[str, ...]:
    """Return what follows the page ``url``: the address behind 下一页, else those behind the numbers 2, 3 … and behind
    an arrow.

    ``base``: what its addresses are relative to. A step from a later page to page 1 is none: the list ends there.
    """
    if tree is None:
        return ()
    numbers: dict[int, str] = {}
    arrow: str | None = None
    calendars: dict[lxml.html.HtmlElement, bool] = {}
    for anchor in tree.iter("a"):
        label = label_of(anchor)
        if label in _NEXT:
            target = _target(base, anchor)
            if target is not None:
                return (target,) if target != url and not _starts_over(url, target) else ()
        elif not label and arrow is None and _is_next_arrow(anchor):
            target = _target(base, anchor)
            arrow = target if target is not None and target != url and not _starts_over(url, target) else None
        elif (
            re.fullmatch(r"[0-9]{1,3}", label)
            and (target := _target(base, anchor))
            and not _is_a_day(anchor, calendars)
        ):
            numbers.setdefault(int(label), target)
    counted = [target for number, target in sorted(numbers.items()) if number > 1 and target != url]
    if not numbers.keys() & {1, 2} or (len(numbers) > _FEW and len({_shape(target) for target in counted}) > 1):
        counted = []
    return tuple(dict.fromkeys((*counted[:_MOST], *filter(None, (arrow,)))))


def _shape(target: str) -> str:
    """An address without its numbers."""
    return re.sub(r"[0-9]+", "0", target)


def _is_a_day(anchor: lxml.html.HtmlElement, calendars: dict[lxml.html.HtmlElement, bool]) -> bool:
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


def posted_next(url: str, tree: lxml.html.HtmlElement | None) -> Step | None:
    """Return the request behind 下一页 where it sends the page's form (``__doPostBack``, ASP.NET); None if it does not.

    The fields are those the form holds, as a browser would send them back.
    """
    for anchor in tree.iter("a") if tree is not None else ():
        call = _POSTBACK.search((anchor.get("href") or "")[:500])
        if call is None or not _is_next(anchor, label_of(anchor)) or _is_off(anchor):
            continue
        form = next((node for node in anchor.iterancestors("form")), None)
        if form is None:
            return None
        hidden = [node for node in form.iter("input") if (node.get("type") or "").lower() == "hidden"][:60]
        fields = {node.get("name") or "": node.get("value") or "" for node in hidden}
        fields |= {"__EVENTTARGET": call.group(1), "__EVENTARGUMENT": call.group(2)}
        try:
            target = join(url, form.get("action") or url)
        except ValueError:
            return None
        return Step(target, tuple((name, value) for name, value in fields.items() if name), script=False)
    return None


def shows_a_pager(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page has buttons that turn pages, forward or back."""
    nodes = tree.iter("a", "button", "span", "li", "input") if tree is not None else ()
    return any(label_of(node) in _NEXT or label_of(node) in _TURNS for node in islice(nodes, 20_000))


def turned_by_script(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a first page shows that there is more (下一页, a number 2, 加载更多), and only a script leads there."""
    if tree is None:
        return False
    for node in tree.iter("a", "button", "input", "span", "li", "div"):
        if node.tag in {"span", "li", "div"} and not node.get("onclick"):
            continue
        label = label_of(node)
        if label in _MORE or ((_is_next(node, label) or label == "2") and _calls(node, label)):
            return True
    for select in tree.iter("select"):
        choices = [re.sub(r"\D", "", text_of(option)) for option in select.iter("option")][:3]
        page_numbers = choices[:2] == ["1", "2"]
        if page_numbers and (select.get("onchange") or "页" in text_of(select)):
            return True
    return False


def _is_off(node: lxml.html.HtmlElement) -> bool:
    """Whether a button is switched off, by itself or by what holds it."""
    return any(
        own is not None and ("disabled" in (own.get("class") or "").lower() or own.get("disabled") is not None)
        for own in (node, node.getparent())
    )


def _calls(node: lxml.html.HtmlElement, label: str) -> bool:
    """Whether a button does something by script; one that is switched off, or does nothing at all, does not."""
    if _is_off(node):
        return False
    href = (node.get("href") or "").strip()
    if href and not href.startswith("#") and not href.lower().startswith("javascript:"):
        return False
    bound = label == "2" and node.tag in {"a", "button"}  # a page number that leads nowhere is bound elsewhere
    return bound or not _IDLE.match(node.get("onclick") or "") or (bool(href[1:]) and not _IDLE.match(href))


def frames(base: str, tree: lxml.html.HtmlElement | None) -> tuple[str, ...]:
    """Addresses of pages shown inside this one; a list may stand in one of them."""
    return tuple(dict.fromkeys(_frames(base, tree)))[:3]


def _frames(base: str, tree: lxml.html.HtmlElement | None) -> Iterator[str]:
    for node in tree.iter("iframe", "frame") if tree is not None else ():
        source = (node.get("src") or "").strip()
        if source and not source.lower().startswith(("javascript:", "about:", "data:")):
            try:
                yield join(base, source)
            except ValueError:
                continue


def numbered(url: str, number: int, stem: str = "", extension: str = "") -> str:
    """Return the address of a further page: ``…/index_1.html`` for ``…/`` or ``…/index.html`` and number 1."""
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    own, _, ending = name.rpartition(".")
    stem = stem or re.sub(r"_\d{1,4}$", "", own) or "index"
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{stem}_{number}.{extension or ending or 'html'}", "", ""))
