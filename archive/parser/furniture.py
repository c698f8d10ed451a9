"""Lines that belong to the page around a report: its data, counters, buttons, paths and linked files."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

FURNITURE_MAX_CHARS = 160  # a longer line is no furniture
_DAY_ALONE = re.compile(
    r"[\[(【]?(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d\d(?::\d\d)?)?(?:星期.)?[\])】]?"
)
_COUNT = re.compile(r"\d+(?:件|条|篇|项|个|期|部|份|万)")
_SIGNED_DAY = re.compile(r"[(（]?((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日[)）]?")
_WORD = re.compile(r"[^\s\[\]()【】<>|/\\·・:,;.、。…«»\d?!-]+")


@cache
def _furniture_words() -> tuple[re.Pattern[str], frozenset[str], re.Pattern[str]]:
    """Return the labels, buttons and line patterns of ``furniture.toml``."""
    known = tomllib.loads(files("archive.parser").joinpath("furniture.toml").read_text(encoding="utf-8"))
    labels = "|".join(sorted(map(re.escape, known["labels"]), key=len, reverse=True))
    label = re.compile(rf"[\[(【]?\s*(?:{labels})(?:\s*[:\[【(>\]】]|\s|(?:19|20)\d\d\s*[-年/.]|$)")
    return label, frozenset(known["buttons"]), re.compile("|".join(f"(?:{line})" for line in known["lines"]))


def signature_day(line: str) -> str:
    """Return the day of a signature that stands alone on its line, in one spelling; "" for any other line."""
    found = _SIGNED_DAY.fullmatch("".join(line.split()))
    return "{}年{}月{}日".format(*map(int, found.groups())) if found else ""


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page around a report: dates, counters, buttons, paths, linked files."""
    plain = line.strip().lower().replace("：", ":").replace("\u3000", " ")
    if not plain or len(plain) > FURNITURE_MAX_CHARS or "。" in plain:
        return False
    label, buttons, lines = _furniture_words()
    if _DAY_ALONE.fullmatch("".join(plain.split())) or lines.search(plain):
        return True
    if (label.match(plain) or label.match("".join(plain.split()))) and not _COUNT.search(plain):
        return True
    words = _WORD.findall(plain)
    return bool(words) and all(word in buttons for word in words)
