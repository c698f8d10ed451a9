"""What makes two documents the same content: title, main text and cells, without furniture. The rule has a version."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from archive.forms.spelling import widths
from archive.identity.titles import judge
from storage.records import Cell

NORMALISER = "3"  #: raise it when the rule changes; digests of different versions are not compared

_LONGEST = 160  #: characters; a longer line is no furniture
_HEADING = re.compile(r"^\s*[一二三四五六七八]\s*[、.,]|^\s*第[一二三四五六]部分")
_LONGEST_HEADING = 48
# The line of a page's own data, whatever stands before it on the line: "某县人民政府 www… 时间：2026-02-01 来源：…".
_PAGE_DATA = re.compile(
    r"(?:时间|日期)\s{0,3}:\s{0,3}(?:19|20)\d\d\D|来源\s{0,3}:|(?:浏览|阅读|点击|访问)(?:次数|量|数)\s{0,3}:|字[号体]\s{0,3}:"
)
_DATE_ONLY = re.compile(
    r"^[\[(（【]?\s*(?:20\d\d|19\d\d)\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?\s*(?:星期.)?\s*[\])）】]?$"
)
# Who signed on what day, below the text or in brackets below the title; a page writes the day in figures and hyphens.
_SIGNED = re.compile(r"^\(?\s*((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*\)?$")
# What the page puts behind a title on its line: "( 2024-05-11)", "2023-08-19 来源:…".
# A run of brackets is looked at from its beginning only: from each of them it would take its square in time.
_BEHIND_TITLE = re.compile(r"(?<![\s\[(【])[\s\[(【]*+(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*$")
_LABELLED = re.compile(r"^(?:信息|文件|文章)?(?:名称|标题)\s*:\s*")
_COUNTED = re.compile(r"(?<![-/.:年月日\d])\d+\s*(?:件|条|篇|项|个|期|部|份|万)")
_SIGNS = re.compile(r"[\s\[\]()【】<>|/\\·・:,;.、。…«»\d?!-]+")
_CONTENT_CHARACTERS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff0-9a-zA-Z]+")
# Signs that make another figure of one: 3.6 and 36, 5% and 5, -3 and 3; the number of a line ("1.2025年…") has none.
_FIGURE_SIGNS = re.compile(
    r"(?P<opening>^\s*\d{1,2}\s?\.\s?(?=(?:19|20)\d\d\s?年))|(?<=\d)\s?\.\s?(?=\d)|(?<=\d)\s?[%‰]"
    r"|(?<![0-9a-zA-Z年月日号)])-(?=\d)",
    re.MULTILINE,
)
_SIGN_NAMES = {".": "\U00020001", "%": "\U00020002", "‰": "\U00020003", "-": "\U00020004"}  #: kept, and in no report


@cache
def _furniture_words() -> tuple[re.Pattern[str], frozenset[str], re.Pattern[str]]:
    """Labels, buttons and other lines of ``furniture.toml``."""
    known = tomllib.loads(Path(__file__).with_name("furniture.toml").read_text(encoding="utf-8"))
    labels = "|".join(sorted(map(re.escape, known["labels"]), key=len, reverse=True))
    return (
        re.compile(rf"^[\[(【]?\s*(?:{labels})(?:\s*[:\[【(>\]】]|\s|(?:19|20)\d\d\s*[-年/.]|$)"),
        frozenset(known["buttons"]),
        re.compile("|".join(f"(?:{line})" for line in known["lines"])),
    )


def is_furniture(line: str) -> bool:
    """Whether a line around a report belongs to the page: counters, dates of the day, tools, tracks, linked files."""
    return _is_furniture(widths(line))


@lru_cache(maxsize=4096)
def _is_furniture(line: str) -> bool:
    plain = line.strip().lower()
    if not plain or len(plain) > _LONGEST:
        return False
    labels, buttons, lines = _furniture_words()
    if _DATE_ONLY.match(plain) or (lines.search(plain) and "。" not in plain):
        return True
    if "。" in plain:
        return False
    if (labels.match(plain) and not _COUNTED.search(plain)) or (":" in plain and _PAGE_DATA.search(plain)):
        return True
    words = [word for word in _SIGNS.split(plain) if word]
    return bool(words) and all(word in buttons for word in words)


def _body(lines: Sequence[str]) -> range:
    """The numbers of the lines between the first and the last heading of the report."""
    at = [n for n, line in enumerate(lines) if len(line) <= _LONGEST_HEADING and _HEADING.match(line)]
    return range(at[0], at[-1] + 1) if at else range(0)


def _report_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Number and text of the lines that are the report's; a day below its text or in brackets above it is the
    signature's.
    """
    body = _body(lines)
    for number, line in enumerate(lines):
        if number in body:
            yield number, line
        elif signed := _signature(line, below=bool(body) and number >= body.stop):
            yield number, "{}年{}月{}日".format(*(int(figure) for figure in signed.groups()))
        elif not _is_furniture(line):
            yield number, _title_alone(line)


def _signature(line: str, *, below: bool) -> re.Match[str] | None:
    """The day of a signature: below the report's text, or in brackets."""
    signed = _SIGNED.match(line.strip())
    return signed if signed and (below or line.strip()[0] == "(") else None


def normal_text(lines: Iterable[str]) -> str:
    """The lines without furniture, widths, blanks and punctuation; what makes another figure of one stays."""
    folded = widths("\n".join(lines)).split("\n")
    text = "\n".join(text for _, text in _report_lines(folded))
    if any([sign in text for sign in _SIGN_NAMES]):  # noqa: C419 — looked for at once, and many texts have none
        text = _FIGURE_SIGNS.sub(_sign, text)
    return "".join(_CONTENT_CHARACTERS.findall(text))


def content_numbers(lines: Sequence[str]) -> list[int]:
    """The numbers, from 0, of the lines of a document that count as its content."""
    folded = widths("\n".join(lines)).split("\n")
    if len(folded) != len(lines):  # there are none, or one is several lines
        folded = [widths(line) for line in lines]
    body = _body(folded)
    return [
        number
        for number, line in enumerate(folded)
        if number in body
        or not _is_furniture(line)
        or _signature(line, below=bool(body) and number >= body.stop) is not None
    ]


def _sign(match: re.Match[str]) -> str:
    return match[0] if match["opening"] else _SIGN_NAMES[match[0].strip()]


def _title_alone(line: str) -> str:
    """A line that is a report's title without what the page puts before and behind it; any other line as it is."""
    plain = _BEHIND_TITLE.sub("", _LABELLED.sub("", line))
    return plain if plain != line and len(plain) <= _LONGEST and judge(plain).could_be else line


def _normal_title(title: str) -> str:
    """A report's title without what the page puts around it; "" for any other."""
    plain = _title_alone(widths(title))
    return "".join(_CONTENT_CHARACTERS.findall(plain)) if judge(plain).could_be else ""


def content_digest(lines: Iterable[str], cells: Mapping[str, Cell], title: str = "") -> str:
    """SHA-256 (hex) over the title, the normal text and the cells in order of their ids.

    The title counts once, wherever a page has it: above the text, in it, or among its metadata.
    """
    text, named = normal_text(lines), _normal_title(title)
    text = f"nianbao content {NORMALISER}\n{named}\n{text.replace(named, '') if named else text}"
    cell_lines = "".join(
        [
            f"\n{name}={plain}"
            if (value := (cell := cells[name]).value) is not None and (plain := str(value)).isdigit()  # nearly all
            else f"\n{name}={_figure_text(cell)}"
            for name in _in_order(tuple(cells))
        ]
    )
    return hashlib.sha256(text.encode() + cell_lines.encode()).hexdigest()


@lru_cache(maxsize=256)
def _in_order(names: tuple[str, ...]) -> list[str]:
    """The ids in order: most documents have those of a whole form."""
    return sorted(names)


def _figure_text(cell: Cell) -> str:
    """The figure of a cell in its shortest form, else its text without blanks, else what stands there (blank).

    A whole number without an exponent is in its shortest form as it is.
    """
    if cell.value is None:
        return "".join(cell.raw.split()) or cell.state
    return f"{cell.value.normalize():f}"
