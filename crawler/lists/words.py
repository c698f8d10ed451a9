"""The words and patterns in ``words.toml``, compiled once."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

_DATA: dict[str, Any] = tomllib.loads(resources.files("crawler.lists").joinpath("words.toml").read_text("utf-8"))

CONTROLS: dict[str, list[str]] = {kind: one for kind, one in _DATA["controls"].items() if isinstance(one, list)}
_NAMES = sorted((name for names in CONTROLS.values() for name in names), key=len, reverse=True)
_ANY_NAME = re.compile("|".join(map(re.escape, _NAMES)), re.I)
NUMBER, _IN_PAGER = (re.compile(_DATA["controls"][name], re.I) for name in ("number", "in_pager"))
NEXT_CLASS = re.compile(_DATA["controls"]["next_class"], re.I)
DISABLED = re.compile(_DATA["controls"]["disabled"], re.I)
TOTALS = tuple(re.compile(one) for one in _DATA["visible"]["total"])
PAGES = tuple(re.compile(one) for one in _DATA["visible"]["pages"])
EMPTY = re.compile(_DATA["visible"]["empty"])
SCRIPT: dict[str, Any] = _DATA["script"]
TITLE_KEYS, URL_KEYS, DATE_KEYS = (tuple(_DATA["rows"][name]) for name in ("title_keys", "url_keys", "date_keys"))
_HEADS, DATED = (re.compile(_DATA["rows"][name]) for name in ("heads", "dated"))
SAYS_NOTHING = re.compile(_DATA["rows"]["says_nothing"], re.I)
ADDRESSED: dict[str, Any] = _DATA["addressed"]
SEARCH: dict[str, Any] = _DATA["search"]
CHOICE, WHOLE, NO_CHOICE = (re.compile(_DATA["choices"][name]) for name in ("text", "whole", "never"))
REASONS: dict[str, str] = _DATA["reasons"]
RULES: list[dict[str, Any]] = _DATA["rules"]["rows"]
WALK, LABELS = ({name: re.compile(one) for name, one in _DATA[table].items()} for table in ("walk", "labels"))
MERE_YEAR = re.compile(r"(?:19|20)\d\d年?度?")
DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年∕]\s?(\d{1,2})\s?[-/.月∕]\s?(\d{1,2})(?:日|(?!\d))")
DAY_BEFORE_YEAR = re.compile(r"(?<!\d)(\d{1,2}[-/.]\d{1,2})\s*((?:19|20)\d\d)(?!\d|年)")


def squeeze(text: str | None) -> str:
    """Return a text without any blanks."""
    return "".join((text or "").replace("\ufeff", "").split())


def is_furniture(text: str) -> bool:
    """Whether the text of a row is no entry's: the head of a table, 暂无数据, or a whole pager, which has names of
    controls or sizes of the list, with numbers beside them.
    """
    if _HEADS.fullmatch(text) or EMPTY.search(text):
        return True
    rest = text
    for pattern in (*PAGES, *TOTALS, _ANY_NAME):
        rest = pattern.sub(" ", rest)
    return rest != text and not squeeze(_IN_PAGER.sub(" ", NUMBER.sub(" ", rest)))


def find_date(text: str) -> str:
    """Return the first printed date of a text as ISO, or "" if it has none."""
    match = DATE.search(text) or DATE.search(DAY_BEFORE_YEAR.sub(r"\2-\1", text))
    if not match or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return ""
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
