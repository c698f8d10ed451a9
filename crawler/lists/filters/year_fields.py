"""Fields of a form that hold a list to one year: what stands under others is not shown (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import lxml.html

from storage.records import Link

_YEAR = re.compile(r"(20[0-2]\d)年?度?")
_ANY_YEAR = re.compile(r"(?<!\d)20[0-2]\d(?!\d)")
_TYPED = frozenset({"text", "number", "search"})
_FOR_A_YEAR = re.compile(r"year|nian|(?:^|[\s_-])(?:nd|nf)(?:$|[\s_-])", re.IGNORECASE)
_EVERY = frozenset({"", "0", "-1", "all", "全部", "所有", "不限"})
_FIELDS = 300


def holds_to_a_year(tree: lxml.html.HtmlElement | None, links: Iterable[Link]) -> bool:
    """Whether a field for a year is filled in, or one of several years is ticked, and nothing but that year (or the
    next, in which its reports are published) is shown.
    """
    if tree is None:
        return False
    shown = {year for link in links for year in _ANY_YEAR.findall(f"{link.text} {link.listed or ''}")}
    return bool(shown) and any(shown <= {year, str(int(year) + 1)} for year in (*_typed(tree), *_ticked(tree)))


def _typed(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """Years that stand in fields of text."""
    for field in islice(tree.iter("input"), _FIELDS):
        named = f"{field.get('name') or ''} {field.get('id') or ''}"
        year = _YEAR.fullmatch((field.get("value") or "").strip())
        if year and (field.get("type") or "text").strip().lower() in _TYPED and _FOR_A_YEAR.search(named):
            yield year.group(1)


def _ticked(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """Years of which one can be ticked, without one for all; the first where none is."""
    groups: dict[str, list[lxml.html.HtmlElement]] = {}
    for field in islice(tree.iter("input"), _FIELDS):
        if (field.get("type") or "").strip().lower() == "radio":
            groups.setdefault(field.get("name") or "", []).append(field)
    for fields in groups.values():
        values = [(field.get("value") or "").strip() for field in fields]
        years = [year.group(1) for value in values if (year := _YEAR.fullmatch(value))]
        if len(set(years)) < 2:
            continue
        at = next((value for value, one in zip(values, fields, strict=True) if one.get("checked") is not None), None)
        chosen = _YEAR.fullmatch(at) if at is not None else None
        if chosen is not None:
            yield chosen.group(1)
        elif at is None and not _EVERY & {value.lower() for value in values}:
            yield from years
