"""What makes two documents the same content: title, main text and cells, without the page's furniture."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from archive.identity.titles import judge
from archive.rebuilt.parser.labels import fold_widths
from archive.rebuilt.parser.text import Line, is_heading
from storage.records import Cell

NORMALISER = "4"  #: raise it when the rule changes; digests of different versions are not compared

FURNITURE_MAX_CHARS = 160  # a longer line is no furniture
_LETTERS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff0-9a-zA-Z]+")
_FIGURE_SIGN = re.compile(r"(?<=\d)\.(?=\d)|(?<=\d)[%‰]|(?<![0-9a-zA-Z年月日号)])-(?=\d)")  # 3.6 is not 36
_SIGN_NAMES = {".": "\U00020001", "%": "\U00020002", "‰": "\U00020003", "-": "\U00020004"}
_DAY_ALONE = re.compile(
    r"[\[(【]?(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d\d(?::\d\d)?)?(?:星期.)?[\])】]?"
)
_SIGNED_DAY = re.compile(r"\(?((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日\)?")
_COUNT = re.compile(r"\d+(?:件|条|篇|项|个|期|部|份|万)")
_WORD = re.compile(r"[^\s\[\]()【】<>|/\\·・:,;.、。…«»\d?!-]+")


@cache
def _furniture_words() -> tuple[re.Pattern[str], frozenset[str], re.Pattern[str]]:
    """Return the labels, buttons and line patterns of ``furniture.toml``."""
    known = tomllib.loads(files("archive.parser").joinpath("furniture.toml").read_text(encoding="utf-8"))
    labels = "|".join(sorted(map(re.escape, known["labels"]), key=len, reverse=True))
    label = re.compile(rf"[\[(【]?\s*(?:{labels})(?:\s*[:\[【(>\]】]|\s|(?:19|20)\d\d\s*[-年/.]|$)")
    return label, frozenset(known["buttons"]), re.compile("|".join(f"(?:{line})" for line in known["lines"]))


@cache
def furniture_labels() -> frozenset[str]:
    """Return the labels under which pages print their own data."""
    known = tomllib.loads(files("archive.parser").joinpath("furniture.toml").read_text(encoding="utf-8"))
    return frozenset(known["labels"])


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page around a report: dates, counters, buttons, paths, linked files."""
    plain = line.strip().lower().replace("：", ":").replace("\u3000", " ")
    if not plain or len(plain) > FURNITURE_MAX_CHARS or "。" in plain:
        return False
    label, buttons, lines = _furniture_words()
    if _DAY_ALONE.fullmatch("".join(plain.split())) or lines.search(plain):
        return True
    if label.match(plain) and not _COUNT.search(plain):
        return True
    words = _WORD.findall(plain)
    return bool(words) and all(word in buttons for word in words)


def content_digest(lines: Sequence[Line], cells: Mapping[str, Cell], title: str = "") -> str:
    """Return SHA-256 (hex) over title, text and cells. The title counts once, wherever a page prints it."""
    name = _letters(title) if judge(title).could_be else ""
    text = "".join(_content(lines))
    text = text.replace(name, "") if name else text
    figures = "".join(f"\n{key}={_figure(cells[key])}" for key in sorted(cells))
    return hashlib.sha256(f"nianbao content {NORMALISER}\n{name}\n{text}{figures}".encode()).hexdigest()


def _content(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the letters of the report's own lines: between its first and last heading all lines are its own."""
    headings = [number for number, line in enumerate(lines) if is_heading(line)]
    body = range(headings[0], headings[-1] + 1) if headings else range(0)
    for number, line in enumerate(lines):
        signed = _SIGNED_DAY.fullmatch("".join(line.text.split()))
        if signed and headings and number > headings[-1]:
            yield "年月日".join(str(int(part)) for part in signed.groups())
        elif number in body or not is_furniture(line.text):
            yield _letters(line.text)


def _letters(text: str) -> str:
    """Return the letters and digits of a text; what makes another figure of one stays."""
    signed = _FIGURE_SIGN.sub(lambda sign: _SIGN_NAMES[sign[0]], fold_widths(text))
    return "".join(_LETTERS.findall(signed))


def _figure(cell: Cell) -> str:
    if cell.value is None:
        return "".join(cell.raw.split()) or cell.state
    return f"{cell.value.normalize():f}"


def digest_of_digests(digests: Iterable[str]) -> str:
    """Return a digest over documents that have no content of their own."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
