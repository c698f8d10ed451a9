"""Lists of other years that the choices of a page offer: those with an address, and those that only a script shows
(pure).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import lxml.html

from crawler.families.addresses import joined, text_of
from crawler.families.list_choices import choices
from crawler.families.pagers import has_address, short_text
from storage.records import Link

_YEAR = re.compile(r"(20[0-2]\d)年?度?(?:年报)?")
_ANY_YEAR = re.compile(r"(?<!\d)20[0-2]\d(?!\d)")
_ALL = ("全部", "所有", "不限", "请选择", "年份", "年度", "选择年")


def other_years(base: str, tree: lxml.html.HtmlElement | None, links: Sequence[Link]) -> tuple[tuple[Link, ...], bool]:
    """Return the lists of other years that choices of a page lead to, and whether there are others that only a script
    shows. None where 全部 is among the choices, or all years offered have entries here.
    """
    if tree is None:
        return (), False
    shown = {year for link in links for year in _ANY_YEAR.findall(f"{link.text} {link.listed or ''}")}
    found: dict[str, Link] = {}
    for select in tree.iter("select"):
        offered = [(href, _YEAR.fullmatch(re.sub(r"\s+", "", text))) for href, text, _ in choices(select)]
        years = {year.group(1): href for href, year in offered if year}
        if len(years) < 2 or years.keys() <= shown or _offers_all(select):
            continue
        for year, href in years.items():
            if url := joined(base, href):
                found.setdefault(url, Link(url=url, text=f"{year}年"))
    by_script = _offered(tree)
    whole = by_script <= shown or by_script <= set(_reported(links))
    return tuple(found.values()), len(by_script) >= 2 and bool(shown) and not whole


def _reported(links: Iterable[Link]) -> Iterator[str]:
    """The years that entries are reports on: printed, else the one before they were published."""
    for link in links:
        if named := _ANY_YEAR.findall(link.text):
            yield from named
        else:
            yield from (str(int(year) - 1) for year in _ANY_YEAR.findall(link.listed or ""))


def _offers_all(select: lxml.html.HtmlElement) -> bool:
    """Whether a choice has 全部 among its options, and none of a year is the one that is chosen."""
    marked = (option for option in islice(select.iter("option"), 60) if option.get("selected") is not None)
    if any(_YEAR.fullmatch(re.sub(r"\s+", "", text_of(option))) for option in marked):
        return False
    texts = [re.sub(r"\s+", "", text_of(option)) for option in islice(select.iter("option"), 60)]
    return any(word in text for text in texts if not _YEAR.fullmatch(text) for word in _ALL)


def _offered(tree: lxml.html.HtmlElement) -> set[str]:
    """Years that choices and buttons without address offer."""
    found: set[str] = set()
    for select in tree.iter("select"):
        if next(choices(select), None) is None and not _offers_all(select):
            texts = (re.sub(r"\s+", "", text_of(option)) for option in islice(select.iter("option"), 60))
            found |= {year.group(1) for text in texts if (year := _YEAR.fullmatch(text))}
    buttons: set[str] = set()
    for node in tree.iter("a", "li", "span", "button", "div"):
        label = re.sub(r"\s+", "", short_text(node)) if len(node) <= 2 else ""
        if not label or (label not in _ALL and not _YEAR.fullmatch(label)):
            continue
        clicked = node.tag in {"a", "button"} or any(name == "onclick" or name[:5] == "data-" for name in node.attrib)
        if not clicked or has_address(node) or any(map(has_address, node.iter("a"))):
            continue
        if label in _ALL:
            return found
        buttons.add(label[:4])
    return found | buttons
