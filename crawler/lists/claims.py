"""Reads claims: statements of a page, its scripts or an answer about the size of a list. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.lists.words import PAGES, SCRIPT, TOTALS

MAX_SCRIPT_CHARS = 400_000
TOTAL, COUNT_OF_PAGES, PAGE_SIZE = "total", "pages", "size"
VISIBLE, ANSWER, SCRIPTED = "visible", "answer", "script"  # sources of claims, the surest first
_KINDS = {name: kind for kind in (TOTAL, COUNT_OF_PAGES, PAGE_SIZE) for name in SCRIPT[kind]}
_KINDS_OF_ATTRIBUTES = dict.fromkeys(SCRIPT["attributes_total"], TOTAL) | dict.fromkeys(
    SCRIPT["attributes_pages"], COUNT_OF_PAGES
)
ATTRIBUTES = frozenset(_KINDS_OF_ATTRIBUTES)  # names of attributes that may state a size
_OF_PAGERS = frozenset(SCRIPT["attributes_of_pagers"])
_NAMED = re.compile(r"[\"']?(?<![\w.$])([A-Za-z][\w-]{2,24})[\"']?\s{0,9}[:=]\s{0,9}[\"']?(\d{1,7})(?![\d.\w])")
_XML = re.compile(r"<(totalrecords?|totalpages?)>\s*(\d{1,7})\s*</", re.I)
_SETTINGS = re.compile(SCRIPT["settings"])
_COUNT = re.compile(r"[\"']?\b(?:count|total|items)[\"']?\s*:\s*[\"']?(\d{1,7})")
_CALL, _CALL_NAMED = re.compile(SCRIPT["calls"]), re.compile(SCRIPT["calls_named"])
_NO_CODE = re.compile(SCRIPT["no_code"], re.S)


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about the size of a list. ``kind``: total, number of pages or page size; ``text``: as printed."""

    kind: str
    value: int
    source: str
    text: str


def read_visible(text: str) -> Iterator[Claim]:
    """Yield the claims in the visible text of a page."""
    for kind, patterns in ((TOTAL, TOTALS), (COUNT_OF_PAGES, PAGES)):
        for found in (found for pattern in patterns for found in pattern.finditer(text)):
            yield Claim(kind, int(found[1]), VISIBLE, found[0].strip())


def read_script(text: str) -> Iterator[Claim]:
    """Yield the claims in a script: named values, and calls that write a pager."""
    text = _NO_CODE.sub(" ", text[:MAX_SCRIPT_CHARS])
    named = ((_KINDS.get(found[1].lower()), found[2], found[0]) for found in _NAMED.finditer(text))
    counted = (_COUNT.finditer(settings[1]) for settings in _SETTINGS.finditer(text))
    calls = list(_CALL_NAMED.finditer(text))
    for kind, number, printed in (
        *named,
        *((TOTAL, found[1], found[0]) for of_settings in counted for found in of_settings),
        *((COUNT_OF_PAGES, found[1], found[0]) for found in (*_CALL.finditer(text), *calls)),
        *((TOTAL, found["total"], found[0]) for found in calls if found["total"]),
    ):
        if kind:
            yield Claim(kind, int(number), SCRIPTED, printed)


def read_xml(text: str) -> Iterator[Claim]:
    """Return the claims in elements of an XML answer."""
    return read_members(dict(_XML.findall(text)))


def read_members(members: Mapping[str, Any], kinds: Mapping[str, str] = _KINDS) -> Iterator[Claim]:
    """Yield the claims in the members of a JSON object. ``kinds``: kind of claim by member name."""
    for name, member in members.items():
        number = int(member) if isinstance(member, str) and member.isascii() and member.isdigit() else member
        if name.lower() in kinds and isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 10**7:
            yield Claim(kinds[name.lower()], number, ANSWER, f"{name}: {number}")


def read_attributes(attributes: Mapping[str, str]) -> Iterator[Claim]:
    """Return the claims in the attributes of an element; some names count only on elements of a pager."""
    is_pager = re.search("pag", f"{attributes.get('class', '')} {attributes.get('id', '')}", re.I)
    read = {name: value for name, value in attributes.items() if is_pager or name not in _OF_PAGERS}
    return read_members(read, _KINDS_OF_ATTRIBUTES)


def choose(claims: Iterable[Claim], kind: str) -> list[Claim]:
    """Return the claims of a kind, except 0, that count: in visible text and answers; if none, those in scripts."""
    of_kind = [one for one in claims if one.kind == kind and one.value]
    sure = [one for one in of_kind if one.source in (VISIBLE, ANSWER)]
    return sure or [one for one in of_kind if one.source == SCRIPTED]
