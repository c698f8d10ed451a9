"""Mask the figures of a sentence, so that a pattern sees which kind of figure stands where and nothing else.

Each exact count with a counting unit becomes one mark; years are told by their distance from the reporting year. What
is not exact (12余件, 近百件, 3至5件, 2.1万条), percentages, ordinals, amounts of money and bare numbers have marks of
their own, which the patterns of counts never take.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from archive.forms import money

COUNT, MONEY, FORMER, THIS, NEXT, ABOUT, BARE, SHARE, DAY = (chr(0xE000 + i) for i in range(9))
#: How the data file writes the marks.
SIGNS = {"#": COUNT, "¥": MONEY, "X": FORMER, "Y": THIS, "Z": NEXT, "~": ABOUT, "@": BARE, "%": SHARE, "D": DAY}

_UNITS = (
    "条次|件次|篇次|人次|人|件|条|份|宗|起|次|例|项|篇|部|个|期|名|家|场|户|页|字|位|块|批|卷|本|幅|集"
    "|天|日|小时|分钟|分|类"
)
_TOKEN = re.compile(
    r"[0-9][0-9]*(?:,[0-9]{3}(?![0-9]))*(?:\.[0-9]{1,8})?"
    rf"(?P<about>[余多几来]|(?!{money.UNIT})[万亿千百][余多]?)?"
    rf"(?:(?P<share>[%‰])|(?P<money>{money.UNIT})|(?P<year>年)|(?P<day>月(?:[0-9]{{1,2}}日)?)|(?P<unit>{_UNITS}))?"
)
_WORDED = re.compile(r"[零一二两三四五六七八九十百千]{1,9}(?P<unit>[件宗份起])(?![事起份件])")
_WORDED_UNITS = ("件", "宗", "份", "起")
_VAGUE = re.compile(r"(?:近|近于|将近|接近|约|约有|超|超过|逾|突破|不足|不少于|至少|第|\d[至到]|[-~—–/.*×+])$")
_RANGE = re.compile(r"[-~—–至到/*×+.]\d|以[上下内]|左右|上下|之多")
_LONGEST = 18  #: digits of a figure
_CARRIED, _LAST = ("结转", "度结转"), "上年"
_ORDINAL = frozenset("第每某几")
_WHOLE_YEAR = frozenset({"1月1日", "01月01日", "12月31日"})
_LAST_MONTH, _UP_TO = "12月", re.compile(r"(?:[至到~—–-]|截[至止](?:\d{4}年)?)$")
_WORDS = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_TEN = 10
_RANKS = {"千": 1000, "百": 100, "十": _TEN}
_WORDED_YEAR = re.compile("二[〇零○][〇零○一二三四五六七八九]{2}(?=年)")
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CLAUSE = re.compile(r"[,;:。]")
_TOGETHER = "一起"  # 一起办理 is no lawsuit


class Figure(NamedTuple):
    """An exact figure: its value, the unit printed behind it and where it stands in the sentence."""

    value: Decimal
    unit: str
    start: int
    end: int


class Masked(NamedTuple):
    """``text``: the sentence with marks for figures; ``counts``: the counts marked, ``former``, ``later``: the years
    before and after the reporting year, ``money``: the amounts marked.
    """

    text: str
    counts: tuple[Figure, ...]
    former: tuple[int, ...]
    later: tuple[int, ...] = ()
    money: tuple[Figure, ...] = ()

    def count_at(self, position: int) -> Figure:
        """The figure whose mark stands at ``position`` of ``text``."""
        return self.counts[self.text.count(COUNT, 0, position)]


def mask(sentence: str, year: int | None) -> Masked:
    """Mask the figures of a sentence (widths folded, no blanks). ``year``: the reporting year, if known."""
    out: list[str] = []
    counts: list[Figure] = []
    former: list[int] = []
    later: list[int] = []
    amounts: list[Figure] = []
    if _WORDED_YEAR.search(sentence):
        sentence = _WORDED_YEAR.sub(lambda year: year.group().translate(_DIGITS), sentence)
    at = 0
    for match in _tokens(sentence):
        start, end = match.span()
        if match.re is _WORDED:
            number = _number_in_words(match.group()[:-1])
            if number is None or match.group() == _TOGETHER or sentence[start - 1 : start] in _ORDINAL:
                continue
            mark = COUNT
            counts.append(Figure(Decimal(number), match["unit"], start, end))
        elif match.lastgroup == "year":
            mark = _year(match.group()[:-1], year, former, later)
            carried = sentence.startswith(_CARRIED, end) or sentence.endswith(_CARRIED[0], 0, start)
            if mark == FORMER and former[-1] + 1 == year and carried:
                mark = _LAST  # 2022年结转, 结转2022年 say no more than 上年结转
                former.pop()
        elif match.lastgroup == "day":
            mark = "" if _bounds_whole_year(match.group(), sentence, start) else DAY
        else:
            mark = _number(match, sentence, counts)
            if mark == MONEY:
                amounts.append(_amount(match, sentence))
        out += (sentence[at:start], mark)
        at = end
    if not out:
        return Masked(sentence, (), ())
    out.append(sentence[at:])
    return Masked("".join(out), tuple(counts), tuple(former), tuple(later), tuple(amounts))


def _tokens(sentence: str) -> Iterable[re.Match[str]]:
    """Figures in digits and in words, from left to right."""
    figures = _TOKEN.finditer(sentence)
    if not any([unit in sentence for unit in _WORDED_UNITS]):  # noqa: C419 — a generator takes twice as long
        return figures
    worded = list(_WORDED.finditer(sentence))
    return sorted((*figures, *worded), key=lambda match: match.start()) if worded else figures


def _bounds_whole_year(day: str, sentence: str, start: int) -> bool:
    """Whether a day or month is said as a bound of the whole year: 1月1日, 12月31日, up to 12月."""
    return day in _WHOLE_YEAR or (day == _LAST_MONTH and _UP_TO.search(sentence, max(0, start - 8), start) is not None)


def _year(digits: str, year: int | None, former: list[int], later: list[int]) -> str:
    if len(digits) != 4 or not digits.startswith(("19", "2")) or not digits.isdecimal():
        return BARE
    number = int(digits)
    if year is None or number == year:
        return THIS
    if number > year:
        later.append(number)
        return NEXT
    former.append(number)
    return FORMER


def _number(match: re.Match[str], sentence: str, counts: list[Figure]) -> str:
    start, end = match.span()
    kind = match.lastgroup
    if kind is None:
        return BARE
    if kind == "share":
        return SHARE
    if kind == "money":
        return MONEY
    unit, about = match.group("unit", "about")
    if about:
        return ABOUT
    if _VAGUE.search(sentence, max(0, start - 4), start):
        return BARE if sentence[start - 1] == "第" else ABOUT
    number = _whole_number(sentence[start : end - len(unit)])
    if number is None or _RANGE.match(sentence, end):
        return ABOUT
    counts.append(Figure(number, unit, start, end))
    return COUNT


def _amount(match: re.Match[str], sentence: str) -> Figure:
    """An amount as it is printed, not rounded off: its number, or -1 where it is none (近 12万元)."""
    start, end = match.span()
    digits = sentence[start : match.start("money")].replace(",", "")
    vague = match["about"] or len(digits) > _LONGEST or _VAGUE.search(sentence, max(0, start - 4), start)
    vague = vague or _RANGE.match(sentence, end)
    return Figure(Decimal(-1 if vague else digits), match["money"], start, end)


def _whole_number(digits: str) -> Decimal | None:
    """The whole number that is written so; None if it is none, or too long for a figure."""
    if len(digits) > _LONGEST:
        return None
    if digits.isdigit():
        return Decimal(digits)
    whole, comma, _ = digits.partition(",")
    number = Decimal(digits.replace(",", ""))
    return None if (comma and len(whole) > 3) or number != number.to_integral_value() else number


def _number_in_words(words: str) -> int | None:
    """三 → 3, 十二 → 12, 二十 → 20, 一百二十三 → 123, 一千零五 → 1005; None for what is no number."""
    if words in _WORDS:
        return _WORDS[words]
    total, digit, last = 0, -1, 10_000
    for word in words:
        rank = _RANKS.get(word)
        if rank is not None:
            if rank >= last or (digit <= 0 and rank != _TEN):
                return None
            total, digit, last = total + rank * (digit if digit > 0 else 1), -1, rank
        elif digit > 0 or (digit == 0 and word == "零"):
            return None
        else:
            digit = _WORDS[word]
    if digit > 0 and last > _TEN and "零" not in words:
        return None  # 一百二 may be 120
    return total + max(digit, 0) if total else None


def excerpt(sentence: str, at: int) -> str:
    """What stands about a place of the sentence, from the beginning of a clause on."""
    begin = max((match.end() for match in _CLAUSE.finditer(sentence, 0, max(0, at - 20))), default=0)
    begin = begin if at - begin <= 45 else at - 20
    return sentence[begin : begin + 60]
