"""Bars of years on a page that lead to the page itself, with another query or number: 2025年 | 2024年 | 2023年 (pure).

What stands under one of them is another list, or, on the page of one body's report, another report of that body. A page
with such a bar is not read to its end before each of them is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

import lxml.html

from archive.identity.addresses import read as facts_of
from crawler.lists.addresses import joined, query_fields, text_of
from crawler.lists.controls import has_address, is_marked

_LABEL = re.compile(r"[\[(（【]?(20[0-2]\d)年?度?(?:年报|年度报告)?[\])）】]?")
_TAGS = ("a", "span", "li", "em", "b", "strong", "i", "button", "dd", "td", "p")
_NODES = 20_000
_AROUND = 3  # elements between a year and the bar that holds it
_MOST = 40  # years of a bar
_HINT = re.compile(r">[\s\[(（【]{0,9}20[0-2]\d\s{0,9}年?\s{0,9}度?")
_YEAR, _ASKED = re.compile(r"20[0-2]\d"), re.compile(r"[?&;]\w{1,20}=20[0-2]\d(?=[\"'&])")
_LEADING = ("a", "li", "span")
_ALL = frozenset({"全部", "所有", "不限", "全部年份", "所有年份", "全部年度"})
_DIGITS = re.compile(r"\d+")
_SLASHES = re.compile(r"/+")
_DEFAULT = re.compile(r"(?:index|default)\.\w{2,6}$")


@dataclass(slots=True)
class YearBar:
    """Years in the order in which a page prints them. ``linked``: those with an address, and that; ``shown``: the one
    that is marked as the one shown, or the only one that is not linked ("" where that cannot be told).
    """

    years: list[str] = field(default_factory=list)
    linked: dict[str, str] = field(default_factory=dict)
    marked: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """Which year the page says it shows."""
        if self.marked:
            return self.marked[0] if len(set(self.marked)) == 1 else ""
        bare = [year for year in self.years if year not in self.linked]
        return bare[0] if len(bare) == 1 else ""


def year_bars(url: str, base: str, tree: lxml.html.HtmlElement | None) -> list[YearBar]:
    """Return the bars of a page of two years or more, of which one or more leads to the page itself otherwise; none
    that has 全部 beside its years and marks none of them.

    ``base``: what its addresses are relative to.
    """
    if tree is None:
        return []
    labelled: list[tuple[lxml.html.HtmlElement, str]] = []
    for node in islice(tree.iter(*_TAGS), _NODES):
        said = _LABEL.fullmatch(_short(node)) if len(node) <= 1 else None
        if said is not None and not (len(node) and _LABEL.fullmatch(_short(node[0]))):
            labelled.append((node, said.group(1)))  # the innermost
        elif node.tag == "a" and len(node) == 1 and node[0].tag == "img" and not _short(node):
            labelled += [(node, year) for year in _year_asked_for(joined(base, node.get("href") or "") or "", url)]
    bars: list[YearBar] = []
    for around, group in _groups(labelled):
        bar = YearBar()
        for node, year in group[:_MOST]:
            if year in bar.years:
                continue
            bar.years.append(year)
            leading = next((one for one in (node, *islice(node.iterancestors(*_LEADING), 1)) if has_address(one)), None)
            target = joined(base, leading.get("href") or "") if leading is not None else None
            if target is not None and is_itself(target, url):
                bar.linked[year] = target
            if is_marked(node):
                bar.marked.append(year)
        held = (around, *islice(around.iterancestors("div", "ul", "dl", "p", "td"), 1))
        every = not bar.marked and any(
            _short(one) in _ALL for box in held for one in islice(box.iter(*_TAGS), 4 * _MOST)
        )
        if len(bar.years) > 1 and bar.linked and not every:
            bars.append(bar)
    return bars


def _year_asked_for(target: str, url: str) -> list[str]:
    """The year by which alone the query of an address differs from that of the page; a page without one shows any."""
    if not is_itself(target, url):
        return []
    own, asked = dict(query_fields(urlsplit(url).query)), dict(query_fields(urlsplit(target).query))
    differing = {name: value for name, value in asked.items() if own.get(name) != value}
    return [value for value in differing.values() if len(differing) == 1 and _YEAR.fullmatch(value)]


def may_have_bars(text: str) -> bool:
    """Whether the source of a page may hold a bar of years at all: saves parsing it."""
    return any(len({found.group(0)[-6:] for found in islice(hint.finditer(text), 50)}) > 1 for hint in (_HINT, _ASKED))


def shown_year(url: str, base: str, tree: lxml.html.HtmlElement | None) -> tuple[str, bool]:
    """Return the year that the list of a page is held to, and whether that is said to be the year reported on: named by
    its address (``nbYear=2024``), or marked in its bar of years; ("", False) where neither says it.
    """
    named = facts_of(url).report_year
    if named is not None:
        return str(named), True
    shown = {bar.shown for bar in year_bars(url, base, tree)} - {""}
    return (shown.pop(), False) if len(shown) == 1 else ("", False)


def is_itself(target: str, url: str) -> bool:
    """Whether an address is that of a page itself with another query, or with other numbers in its path."""
    one, other = urlsplit(target), urlsplit(url)
    return one.netloc.lower() == other.netloc.lower() and _way(one.path) == _way(other.path) and target != url


def _way(path: str) -> str:
    """A path without its numbers, and without the name of a folder's own page."""
    return _SLASHES.sub("/", _DEFAULT.sub("", _DIGITS.sub("", path))).rstrip("/").rstrip("_-")


def _short(node: lxml.html.HtmlElement) -> str:
    text = text_of(node) if len(node.text or "") <= 20 else ""
    return "".join(text.split()) if len(text) <= 20 else ""


def _groups(
    labelled: list[tuple[lxml.html.HtmlElement, str]],
) -> list[tuple[lxml.html.HtmlElement, list[tuple[lxml.html.HtmlElement, str]]]]:
    """The years that stand together, with what holds them: the innermost element that holds several."""
    held: dict[lxml.html.HtmlElement, set[str]] = {}
    for node, year in labelled:
        for around in islice(node.iterancestors(), _AROUND):
            held.setdefault(around, set()).add(year)
    groups: dict[lxml.html.HtmlElement, list[tuple[lxml.html.HtmlElement, str]]] = {}
    for node, year in labelled:
        chosen = next((one for one in islice(node.iterancestors(), _AROUND) if len(held[one]) > 1), None)
        if chosen is not None:
            groups.setdefault(chosen, []).append((node, year))
    return list(groups.items())
