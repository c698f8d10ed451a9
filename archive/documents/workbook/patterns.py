"""Number formats that change what a number says: hidden zeros, thousands cut off, words and digits put in.

What is in a cell and what it shows then differ: 8960000 under ``0!.0,`` shows 896.0, a zero under ``0;-0;;`` nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from archive.documents.pages import UNREAD
from archive.documents.workbook.text import rounded, shown

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|(?P<nothing>[_*].|\[[^\]]*\])|(?P<general>General|G/通用格式)'
    r"|(?P<digit>[0#?])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\]")
_WHITE = re.compile(r"\[(?:white|白色|(?:color|颜色) ?2)\]", re.IGNORECASE)
_NEUTRAL = frozenset(" ¥￥$+-()（）\u00a0")  # of these a figure stays the same figure; a dash for 0 says 0
_FOR_TEXTS = 3  # the place of the section for texts
LONGEST = 255  #: characters of a format's code that Excel takes


@dataclass(frozen=True, slots=True)
class _Section:
    """One section of a code: its tokens by sort (``digit point text general``), and what they ask of the number."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None
    thousands: int  # how often the number is divided by a thousand
    foreign: bool  # exponents, fractions, texts: nothing that is written here
    white: bool  # printed in the colour of paper
    exponent: tuple[int, int] | None = None  # of a foreign one: places before and behind its mantissa's point

    def holds(self, number: Decimal) -> bool:
        if self.condition is None:
            return True
        sign, bound = self.condition
        return {"<": number < bound, ">": number > bound, "=": number == bound, "<=": number <= bound,
                ">=": number >= bound, "<>": number != bound}[sign]  # fmt: skip

    def words(self) -> str:
        return "".join(text for sort, text in self.tokens if sort == "text")

    def places(self) -> str:
        return "".join(text for sort, text in self.tokens if sort in ("digit", "general"))

    def decimals(self) -> int | None:
        """How many decimals are shown, as :func:`archive.documents.workbook.text.rounded` takes it."""
        sorts = [sort for sort, _ in self.tokens]
        if "general" in sorts:
            return None
        return sorts[sorts.index("point") :].count("digit") if "point" in sorts else 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A format under which numbers may show as others. ``sections``: of positive numbers, negative ones and zero.

    ``mute``: it shows nothing of a text (``;;;``).
    """

    sections: tuple[_Section, ...]
    mute: bool = False

    def show(self, number: float) -> str:
        """What a number shows under this format; a number is not grouped.

        Behind UNREAD where it is printed white, and where nothing shows of one that is not 0.
        """
        exact = Decimal(repr(number))
        section = self._chosen(exact)
        if section is None:
            return shown(number)
        text = _show(section, number, exact, len(self.sections))
        if number and not text.strip():
            return UNREAD + shown(number)
        return UNREAD + text if section.white and text.strip() else text

    def _chosen(self, number: Decimal) -> _Section | None:
        if any(section.condition is not None for section in self.sections):
            return next((section for section in self.sections if section.holds(number)), None)
        place = 0 if number > 0 else 1 if number < 0 else 2
        return self.sections[place] if place < len(self.sections) else self.sections[0]


def _show(section: _Section, number: float, exact: Decimal, sections: int) -> str:
    """What a number shows under its section, one of ``sections``."""
    if section.foreign:
        return _scientific(section.exponent, exact) or shown(number)
    nothing = number == 0 and "0" not in section.places() and "General" not in section.places()
    words = section.words()
    said = not _NEUTRAL.issuperset(words)
    if not section.places() or nothing:
        return words if said or not words.strip() else shown(number)
    if not section.thousands and not said:
        return rounded(number, section.decimals())
    sign = "-" if number < 0 and (sections == 1 or section.condition is not None) else ""
    return sign + _written(section, abs(exact))


def _scientific(places: tuple[int, int] | None, number: Decimal) -> str:
    """A number with an exponent (1E+4); "" where the format has none, or shows the whole of the number.

    Of several places before the point the exponent is a multiple (``##0.0E+0``).
    """
    if places is None or not number:
        return ""
    before, behind = places
    power = number.adjusted() // before * before
    mantissa = number.scaleb(-power).quantize(Decimal(1).scaleb(-behind), ROUND_HALF_UP)
    return "" if mantissa.scaleb(power) == number else f"{mantissa:f}E{power:+d}"


@lru_cache(maxsize=512)
def pattern(code: str) -> Pattern | None:
    """The format of a code; None where every number shows as itself, at most rounded, grouped or with a currency."""
    parts = _split(code[:LONGEST])
    sections = tuple(_section(text) for text in parts if "@" not in text)[:3]
    if not code or not any(_changes(section) for section in sections):
        return None
    return Pattern(sections, mute=len(parts) > _FOR_TEXTS and not _section(parts[_FOR_TEXTS]).words().strip())


def decimals(code: str) -> int | None:
    """How many decimals a format shows that otherwise lets a number be; -1 where it does not just round.

    None where it has no places of its own (``General``), as :func:`archive.documents.workbook.text.rounded` takes it.
    """
    first = next(iter(_split(code[:LONGEST])), "")
    section = _section(first)
    sorts = [sort for sort, _ in section.tokens]
    if sorts == ["general"]:
        return None
    if section.foreign or section.thousands or "general" in sorts or "digit" not in sorts or "@" in first:
        return -1
    return section.decimals()


def _changes(section: _Section) -> bool:
    if section.white:
        return True
    if section.foreign:
        return section.exponent is not None
    always = "0" in section.places() or "General" in section.places()
    return bool(section.thousands) or not always or not _NEUTRAL.issuperset(section.words())


def _split(code: str) -> list[str]:
    """The sections of a code; a semicolon within quotes or behind an escape parts nothing."""
    sections = [""]
    for token in _TOKEN.finditer(code):
        if token["other"] == ";":
            sections.append("")
        else:
            sections[-1] += token.group()
    return sections


def _section(code: str) -> _Section:
    tokens: list[tuple[str, str]] = []
    commas = thousands = 0
    foreign = False
    for token in _TOKEN.finditer(code):
        if token["other"] == ",":
            commas += 1
            continue
        if token["digit"]:
            tokens.append(("digit", token["digit"]))
            commas = 0  # between digits a comma groups; behind the last one it divides
            continue
        if commas and any(sort == "digit" for sort, _ in tokens):
            thousands, commas = thousands + commas, 0
        if token["other"] == ".":
            tokens.append(("point", "."))
        elif token["general"]:
            tokens.append(("general", "General"))
        elif token["nothing"] is None:
            tokens.append(("text", token["quoted"] or token["escaped"] or token["other"] or ""))
            foreign = foreign or (token["other"] or "") in {"E", "e", "/"}
    if any(sort == "digit" for sort, _ in tokens):
        thousands += commas
    found = _CONDITION.search(code)
    condition = (found[1], Decimal(found[2])) if found else None
    exponent = _exponent(tokens) if foreign else None
    return _Section(tuple(tokens), condition, thousands, foreign, _WHITE.search(code) is not None, exponent)


def _exponent(tokens: Sequence[tuple[str, str]]) -> tuple[int, int] | None:
    """How many places stand before and behind the point of a number with an exponent; None where there is none."""
    at = next((at for at, (sort, text) in enumerate(tokens) if sort == "text" and text in "Ee"), 0)
    sorts = [sort for sort, _ in tokens[:at]]
    if not at or tokens[at + 1 : at + 2] not in [[("text", "+")], [("text", "-")]] or "digit" not in sorts:
        return None
    point = sorts.index("point") if "point" in sorts else len(sorts)
    return max(sorts[:point].count("digit"), 1), sorts[point:].count("digit")


def _written(section: _Section, number: Decimal) -> str:
    """A number of at least 0 with the words of a section; digit by digit only where words stand between the digits."""
    tokens = section.tokens
    places = [at for at, (sort, _) in enumerate(tokens) if sort != "text"]
    inside = tokens[places[0] : places[-1] + 1]
    if not section.thousands and all(sort != "text" for sort, _ in inside):
        before, behind = tokens[: places[0]], tokens[places[-1] + 1 :]
        return "".join(
            [*(text for _, text in before), rounded(float(number), section.decimals()), *(text for _, text in behind)]
        )
    point = next((at for at, (sort, _) in enumerate(tokens) if sort == "point"), len(tokens))
    decimals = sum(sort == "digit" for sort, _ in tokens[point:])
    scaled = (number / (Decimal(1000) ** section.thousands)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole, _, part = f"{scaled:f}".partition(".")
    return _whole_digits(tokens[:point], whole.lstrip("0")) + _part(tokens[point:], part)


def _whole_digits(tokens: Sequence[tuple[str, str]], digits: str) -> str:
    """Digits before the point, put in from the right; the first place takes all that is left."""
    left = sum(sort == "digit" for sort, _ in tokens)
    out = ""
    for sort, text in reversed(tokens):
        if sort != "digit":
            out = text + out
            continue
        left -= 1
        taken, digits = (digits, "") if not left else (digits[-1:], digits[:-1])
        out = (taken or ("0" if text == "0" else "")) + out
    return digits + out


def _part(tokens: Sequence[tuple[str, str]], digits: str) -> str:
    """The point and the digits behind it; places that need not show leave out zeros at the end."""
    out = ""
    for sort, text in tokens:
        if sort == "digit":
            kept = digits if text == "0" else digits.rstrip("0")
            out, digits = out + kept[:1], digits[1:]
        else:
            out += text
    return out
