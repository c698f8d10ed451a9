"""Lists of other years that the choices of a page offer: those with an address, and those that only a script shows
(pure).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

import lxml.html

from crawler.lists.addresses import joined, text_of
from crawler.lists.controls import has_address, is_marked, may_be_pressed, short_text
from crawler.lists.filters.list_choices import choices
from crawler.lists.filters.year_bars import year_bars
from storage.records import Link

# 2021年及以前 by its last
_YEAR = re.compile(r"(20[0-2]\d)年?度?(?:[及含]?其?[以之]?前(?:各?年[度份]?)?)?(?:年报)?")
_ANY_YEAR = re.compile(r"(?<!\d)20[0-2]\d(?!\d)")
_HEADINGS = ("dt", "summary", "h2", "h3", "h4", "h5", "h6")  # that open what stands below them
_FOLDED = frozenset({"dd", "div", "ul", "ol", "table"})
_ALL = ("全部", "所有", "不限", "请选择", "年份", "年度", "选择年")


Entry = tuple[Collection[str], Collection[str]]  # of an entry: the years that its text names, those of its dates


def other_years(
    url: str, base: str, tree: lxml.html.HtmlElement | None, links: Sequence[Link]
) -> tuple[tuple[Link, ...], bool]:
    """Return the lists of other years that choices of a page, and bars of years that lead to itself, lead to, and
    whether there are others that only a script shows. None where 全部 is among the choices, or all years offered have
    entries here. ``base``: what the addresses of the page ``url`` are relative to.
    """
    if tree is None:
        return (), False
    entries = entries_of(links)
    found: dict[str, Link] = {}
    for select in tree.iter("select"):
        offered = [(href, _YEAR.fullmatch("".join(text.split()))) for href, text, _ in choices(select)]
        years = {year.group(1): (href, year.group()) for href, year in offered if year}
        if len(years) < 2 or shows_all(years, entries) or _offers_all(select):
            continue
        for year, (href, said) in years.items():
            if address := joined(base, href):
                found.setdefault(address, Link(url=address, text=said if "前" in said else f"{year}年"))
    known, resolved = {link.url for link in links}, set[str]()
    for bar in year_bars(url, base, tree):
        resolved |= bar.linked.keys()
        if not shows_all(bar.years, entries) and known.isdisjoint(bar.linked.values()):
            for year, address in bar.linked.items():
                found.setdefault(address, Link(url=address, text=f"{year}年"))
    by_script = offered_years(tree)
    by_script = {} if len(by_script.keys() - resolved) <= 1 and resolved else by_script
    dated = any(years for entry in entries for years in entry) or not links
    return tuple(found.values()), len(by_script) >= 2 and dated and not shows_all(by_script, entries)


def entries_of(links: Sequence[Link]) -> list[Entry]:
    """Return the years that entries name, and those of their dates."""
    return [(_ANY_YEAR.findall(link.text), _ANY_YEAR.findall(link.listed or "")) for link in links]


def shows_all(years: Collection[str], entries: Sequence[Entry]) -> bool:
    """Whether each of the ``years`` has entries: as the year that they are reports on (named, else the one before they
    were published), or as that in which they were published.
    """
    reported = {year for named, dated in entries for year in (named or [str(int(one) - 1) for one in dated])}
    published = {year for _, dated in entries for year in dated}
    named = {year for years_named, _ in entries for year in years_named}
    either = named | published if len(reported) > 1 else set()  # reports on one year name that, and that after it
    return any(set(years) <= shown for shown in (reported, published, named, either))


def _offers_all(select: lxml.html.HtmlElement) -> bool:
    """Whether a choice has 全部 among its options, and none of a year is the one that is chosen."""
    marked = (option for option in islice(select.iter("option"), 60) if option.get("selected") is not None)
    if any(_YEAR.fullmatch("".join(text_of(option).split())) for option in marked):
        return False
    texts = ["".join(text_of(option).split()) for option in islice(select.iter("option"), 60)]
    return any(word in text for text in texts if not _YEAR.fullmatch(text) for word in _ALL)


def offered_years(tree: lxml.html.HtmlElement) -> dict[str, lxml.html.HtmlElement]:
    """Return the years that choices and buttons without address offer, each with its button or option."""
    found: dict[str, lxml.html.HtmlElement] = {}
    for select in tree.iter("select"):
        if next(choices(select), None) is None and not _offers_all(select):
            found = {**_options(select), **found}
    buttons: dict[str, lxml.html.HtmlElement] = {}
    for node in tree.iter("a", "li", "span", "button", "div", "em", "td", *_HEADINGS):
        label = _label(node) if len(node) <= 2 else ""
        if not label or (label not in _ALL and not _YEAR.fullmatch(label)):
            continue
        if not _is_clicked(node) or has_address(node) or any(map(has_address, node.iter("a"))):
            continue
        if label in _ALL:
            return found
        buttons[label[:4]] = node  # the innermost of one year comes last
    return {**buttons, **found}


def chosen_year(tree: lxml.html.HtmlElement) -> str:
    """Return the one year that a page says is chosen of several, by the option that is selected or the button that is
    marked; "" where it does not say so.
    """
    chosen = set[str]()
    for select in tree.iter("select"):
        options = _options(select)
        if len(options) > 1:
            chosen |= {year for year, one in options.items() if one.get("selected") is not None}
    if not chosen:
        buttons = offered_years(tree)
        marked = {year for year, one in buttons.items() if is_marked(one)}
        chosen = marked if len(buttons) > 1 else chosen
    return chosen.pop() if len(chosen) == 1 else ""


def _is_folded(heading: lxml.html.HtmlElement) -> bool:
    """Whether nothing stands yet in the place below a heading."""
    place = heading.getnext()
    return place is not None and place.tag in _FOLDED and not len(place) and not (place.text or "").strip()


def _options(select: lxml.html.HtmlElement) -> dict[str, lxml.html.HtmlElement]:
    """The options of a select that are years."""
    options = islice(select.iter("option"), 60)
    return {year.group(1): one for one in options if (year := _YEAR.fullmatch(_label(one)))}


def _label(node: lxml.html.HtmlElement) -> str:
    return "".join((text_of(node) if node.tag == "option" else short_text(node)).split())


def _is_clicked(node: lxml.html.HtmlElement) -> bool:
    """Whether a button is bound to a script by what it says of itself, is one of a bar that holds nothing but years,
    or a heading above an empty place.
    """
    if may_be_pressed(node):
        return True
    if node.tag in _HEADINGS:
        return _is_folded(node)
    bar = node.getparent()
    if bar is None or not 2 <= len(list(islice(bar, 41))) <= 40 or (bar.text or "").strip() or node.tag == "td":
        return False
    labels = [_label(one) if len(one) <= 2 and isinstance(one.tag, str) else "" for one in bar]
    years = {label[:4] for label in labels if _YEAR.fullmatch(label)}
    return len(years) > 1 and all(_YEAR.fullmatch(label) or label in _ALL for label in labels)
