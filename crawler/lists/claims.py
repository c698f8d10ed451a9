"""What a page, its scripts or an answer says about the size of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crawler.lists.words import PAGES, SCRIPT, TOTALS

MAX_SCRIPT_CHARS = 400_000
TOTAL, COUNT_OF_PAGES, PAGE_SIZE = "total", "pages", "size"
VISIBLE, ANSWER, SCRIPTED = "visible", "answer", "script"  # where a claim stands, the surest first
_KINDS = {name: kind for kind in (TOTAL, COUNT_OF_PAGES, PAGE_SIZE) for name in SCRIPT[kind]}
NAMES_OF_SIZES = frozenset((*SCRIPT["attributes_total"], *SCRIPT["attributes_pages"]))  # of attributes
_NAMED = re.compile(r"[\"']?(?<![\w.$])([A-Za-z][\w-]{2,24})[\"']?\s{0,9}[:=]\s{0,9}[\"']?(\d{1,7})(?![\d.\w])")
_XML = re.compile(r"<(totalrecords?|totalpages?)>\s*(\d{1,7})\s*</", re.I)
_CALL = re.compile(SCRIPT["calls"])
_SETTINGS = re.compile(SCRIPT["settings"])
_COUNT = re.compile(r"[\"']?\b(?:count|total|items)[\"']?\s*:\s*[\"']?(\d{1,7})")
_CALL_NAMED = re.compile(SCRIPT["calls_named"])
_DUMMY = re.compile(r"function\s+jpage_\w+\s*\([^)]*\)\s*\{.{0,1500}?\}\s*\)?;?\s*\}", re.S)
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'\\])//[^\n]*", re.S)


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about the size of a list; ``text``: how it is printed."""

    kind: str
    value: int
    source: str
    text: str


def read_visible(text: str) -> Iterator[Claim]:
    """Claims in the text that a reader sees."""
    for kind, patterns in ((TOTAL, TOTALS), (COUNT_OF_PAGES, PAGES)):
        for pattern in patterns:
            for found in pattern.finditer(text):
                yield Claim(kind, int(found[1]), VISIBLE, found[0].strip())


def read_script(text: str) -> Iterator[Claim]:
    """Claims in a script: named values, and calls that write a pager."""
    text = _COMMENT.sub(" ", _DUMMY.sub(" ", text[:MAX_SCRIPT_CHARS]))
    for found in _NAMED.finditer(text):
        kind = _KINDS.get(found[1].lower())
        if kind:
            yield Claim(kind, int(found[2]), SCRIPTED, found[0])
    for settings in _SETTINGS.finditer(text):
        for found in _COUNT.finditer(settings[1]):
            yield Claim(TOTAL, int(found[1]), SCRIPTED, found[0])
    for found in _CALL.finditer(text):
        yield Claim(COUNT_OF_PAGES, int(found[1]), SCRIPTED, found[0])
    for found in _CALL_NAMED.finditer(text):
        yield Claim(COUNT_OF_PAGES, int(found[1]), SCRIPTED, found[0])
        if found[5]:
            yield Claim(TOTAL, int(found[5]), SCRIPTED, found[0])


def read_xml(text: str) -> Iterator[Claim]:
    """Claims in elements of an answer in XML."""
    for found in _XML.finditer(text):
        yield Claim(TOTAL if "record" in found[1].lower() else COUNT_OF_PAGES, int(found[2]), ANSWER, found[0])


def read_members(value: dict[str, Any]) -> Iterator[Claim]:
    """Claims in the members of an object of an answer."""
    for name, member in value.items():
        kind = _KINDS.get(name.lower())
        number = int(member) if isinstance(member, str) and member.isascii() and member.isdigit() else member
        if kind and isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 10**7:
            yield Claim(kind, number, ANSWER, f"{name}: {number}")


def read_attributes(attributes: dict[str, str]) -> Iterator[Claim]:
    """Claims in the attributes of an element; ``count`` and ``rows`` speak only on an element of a pager."""
    is_pager = bool(re.search("pag", f"{attributes.get('class', '')} {attributes.get('id', '')}", re.I))
    for kind, names in ((TOTAL, SCRIPT["attributes_total"]), (COUNT_OF_PAGES, SCRIPT["attributes_pages"])):
        for name in names:
            number = attributes.get(name, "")
            if number.isascii() and number.isdigit() and (is_pager or name not in ("count", "total", "data-count")):
                yield Claim(kind, int(number), ANSWER, f"{name}={number}")


def choose(claims: Iterable[Claim], kind: str) -> list[Claim]:
    """Return the claims of a kind that count: the visible ones and those of answers, else those of scripts."""
    of_kind = [one for one in claims if one.kind == kind]
    sure = [one for one in of_kind if one.source in (VISIBLE, ANSWER) and one.value > 0]
    return sure or [one for one in of_kind if one.source == SCRIPTED]
