"""The text against the table (N1–N5), the years it names, and sums it states. Figures are never taken from the text.

Precise rather than complete: a sentence counts only if it says plainly what it counts and names no other year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from archive.forms.model import Form
from archive.forms.spelling import simplify
from archive.parser.findings import finding
from storage.records import Cell, Finding, Section, Severity

_SENTENCE = re.compile(r"[^。；;！\n]{1,600}")
_NUMBER = r"(?<![\d.])(\d{1,7})(?![\d.])"
_BRACKET = r"(?:\([^()]{0,40}\))?"
_UNIT = r"(?:余)?(?:件|份|宗|起|条|次|例)"
_ABOUT = re.compile(r"\d(?:余|多)")
_RECEIVED = re.compile(
    rf"(?:收到|新收|受理|接收|收办|接到)(?:的)?(?:各类|有效|公民)?[^。，,;\d]{{0,16}}申请(?:案件|数量|总数)?[^。，,;\d]{{0,6}}{_NUMBER}\s*{_UNIT}"
)
_NONE_RECEIVED = re.compile(
    r"(?:未|没有|未曾)(?:收到|接到|受理|收)(?:过)?(?:任何|有关|公民)?[^。，,;]{0,14}(?:政府信息公开申请|信息公开申请|依申请公开|公开申请)"
)
_ANSWERED = re.compile(
    rf"办结(?:了|共|共计|合计|政府信息公开|信息公开|依申请公开|申请|各类|案件|件数)*{_NUMBER}\s*{_UNIT}"
)
_OUTCOMES = {
    "applications.result.granted": "予以公开",
    "applications.result.partial": "部分公开",
    "derived.applications.denied_all": "不予公开",
    "derived.applications.unable_all": "无法提供",
    "derived.applications.not_handled_all": "不予处理",
    "derived.applications.other_all": "其他处理",
}
_REVIEW = re.compile(rf"行政复议(?:案件|申请)?(?:数量|共|为|有)?{_NUMBER}\s*{_UNIT}")
_SUITS = re.compile(rf"行政诉讼(?:案件)?(?:数量|共|为|有)?{_NUMBER}\s*{_UNIT}")
_NORMATIVE = re.compile(rf"(?:制发|制定|印发|发布|出台)(?:了|行政)*规范性文件{_NUMBER}\s*{_UNIT}")
_YEAR_FIRST = re.compile(
    r"^(?:[一二三四五六七八九十]+是)?[^\d。]{0,14}?(20\d\d)年(?:度|来|以来)?[,，]?(?!.{0,3}(?:底|末|初))"
)
_COMPARES = re.compile(r"同比|相比|比上|较|增长|减少|增加|下降|去年|上年|上一年|结转|以来|至今|截至|计划|将")
_PARTS = re.compile(rf"{_NUMBER}\s*(?P<unit>件|条|份|篇|次)[,，](?:其中|包括)[:：,，]?(?P<rest>[^。；;\n]{{6,400}})")


def check_text(form: Form, cells: Mapping[str, Cell], parts: Sequence[Section], year: int | None) -> list[Finding]:
    """Findings of the text against the cells and within itself. ``year``.

    The reporting year, if the document says it.
    """
    found: list[Finding] = []
    for part in parts:
        if part.key == "problems":  # speaks of next year: never evidence
            continue
        for match in _SENTENCE.finditer(simplify_lines(part.text)):
            sentence = match[0]
            other = _names_other_year(sentence, year)
            if other:
                found += _slip(sentence, other, year)
                continue
            found += _counts(form, cells, sentence)
            found += _subtotal(sentence)
    return list(dict.fromkeys(found))


def simplify_lines(text: str) -> str:
    """The text with widths folded and blanks out.

    Its line ends kept only after a full stop (lines of a PDF are joined).
    """
    return simplify(re.sub(r"(?<=[。；！])\s*\n", "\u2029", text[:60_000])).replace("\u2029", "\n")


def _value(cells: Mapping[str, Cell], *names: str) -> Decimal | None:
    """The sum of cells; None unless each has a number or is blank beside one that has."""
    values = [cells[name].value for name in names if name in cells]
    if len(values) < len(names) or all(value is None for value in values):
        return None
    return sum((value for value in values if value is not None), Decimal(0))


def _names_other_year(sentence: str, year: int | None) -> int | None:
    years = {int(found) for found in re.findall(r"(?<!\d)(20[012]\d)年", sentence)}
    if year is None or not years or year in years:
        return None
    return min(years)


def _slip(sentence: str, other: int, year: int | None) -> Iterator[Finding]:
    """A sentence with figures that opens with last year and compares nothing: last year's text left in."""
    if year is None or other != year - 1 or _COMPARES.search(sentence) or re.search(r"〔|\[20|《", sentence):
        return
    if _YEAR_FIRST.match(sentence) and re.search(r"\d\s*(?:件|条|次|篇|份|期|余)", sentence[sentence.find("年") :]):
        yield finding(
            "year_slip",
            Severity.WARNING,
            f"正文有一句说的是{other}年，报告年度是{year}年，可能是上一年的文字：“{sentence[:60]}”",
            f"A sentence speaks of {other} in a report for {year}, perhaps last year's text: “{sentence[:60]}”",
            expected=year,
            found=other,
        )


def _counts(form: Form, cells: Mapping[str, Cell], sentence: str) -> Iterator[Finding]:
    yield from _received(cells, sentence)
    if "申请" in sentence and (match := _ANSWERED.search(sentence)):
        yield from _against("N2", "办结", match[1], cells, ("applications.result.total.total",), sentence)
    yield from _outcomes(form, cells, sentence)
    if "公开" in sentence or "复议" in sentence:
        if match := _REVIEW.search(sentence):
            yield from _against("N4", "行政复议", match[1], cells, ("review.total",), sentence)
        if match := _SUITS.search(sentence):
            suits = ("litigation.direct.total", "litigation.after_review.total")
            yield from _against("N4", "行政诉讼", match[1], cells, suits, sentence)
    if match := _NORMATIVE.search(sentence):
        issued = "issued" if form.name >= "2021" else "made"
        yield from _against("N5", "规范性文件", match[1], cells, (f"proactive.normative.{issued}",), sentence)


def _received(cells: Mapping[str, Cell], sentence: str) -> Iterator[Finding]:
    new, carried = "applications.received.total", "applications.carried_in.total"
    if match := _RECEIVED.search(sentence):
        both = _value(cells, new, carried)
        if both is not None and Decimal(match[1]) == both:
            return
        yield from _against("N1", "新收申请", match[1], cells, (new,), sentence)
    elif _NONE_RECEIVED.search(sentence) and (printed := _value(cells, new)):
        yield _conflict("N1", "新收申请", "0", printed, (new,), sentence)


def _outcomes(form: Form, cells: Mapping[str, Cell], sentence: str) -> Iterator[Finding]:
    """Outcomes, only where a sentence lists at least three of them with their figures."""
    bridges = {bridge.id: tuple(f"{row}.total" for row in bridge.rows) for bridge in form.bridges}
    said: list[tuple[str, str, tuple[str, ...]]] = []
    for name, word in _OUTCOMES.items():
        match = re.search(rf"(?<![不及和、]){word}(?:答复|的|申请)?{_BRACKET}{_NUMBER}\s*{_UNIT}", sentence)
        if match and not re.search(rf"[及和、]{word}", sentence):
            said.append((word, match[1], bridges.get(name, (f"{name}.total",))))
    for word, number, names in said if len(said) >= 3 else ():
        yield from _against("N3", word, number, cells, names, sentence)


def _against(
    code: str, what: str, number: str, cells: Mapping[str, Cell], names: tuple[str, ...], sentence: str
) -> Iterator[Finding]:
    printed = _value(cells, *names)
    if printed is not None and Decimal(number) != printed and not _ABOUT.search(sentence):
        yield _conflict(code, what, number, printed, names, sentence)


def _conflict(code: str, what: str, number: str, printed: Decimal, names: tuple[str, ...], sentence: str) -> Finding:
    return finding(
        "narrative_conflict",
        Severity.INFO,
        f"{code}：正文说{what} {number}，表中是 {printed}：“{sentence[:60]}”",
        f"{code}: the text says {what} {number}, the table {printed}: “{sentence[:60]}”",
        names,
        expected=printed,
        found=number,
    )


def _subtotal(sentence: str) -> Iterator[Finding]:
    """A total with its parts (其中 …): the parts cannot be more than the whole."""
    match = _PARTS.search(sentence)
    if match is None or "%" in match["rest"]:
        return
    unit = match["unit"]
    parts = [
        int(n) for n in re.findall(rf"(?<![\d.])(\d{{1,7}}){unit}", re.split(r"同比|较上|共计|合计", match["rest"])[0])
    ]
    whole = int(match[1])
    if len(parts) >= 2 and sum(parts) > whole:
        yield finding(
            "subtotal_exceeds",
            Severity.INFO,
            f"正文分项之和 {sum(parts)} 大于总数 {whole}：“{sentence[:60]}”",
            f"The parts stated in the text add up to {sum(parts)}, more than their total {whole}: “{sentence[:60]}”",
            expected=whole,
            found=sum(parts),
        )
