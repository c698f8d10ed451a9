"""Private persons in text that goes out: numbers and applicants' names are masked (design.md §4, People).

Tables are not text. Names are found by the words around them (``masking.toml``), not by knowing people: a name that
stands elsewhere is not found, and 张某某, as courts write, is left as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

# A Chinese mobile number: 1, then 3–9, then nine digits, blanks or dashes as people group them; not within a number.
_MOBILE = re.compile(r"(?<![\d.])(1[3-9]\d)[ \u3000-]?(\d{4})[ \u3000-]?(\d{4})(?![\d.]\d|\d)")
# An identity number (GB 11643): place, date of birth, serial, check digit or X.
_IDENTITY = re.compile(
    r"(?<![\d.A-Za-z])([1-9]\d{5})((?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})([\dXx])(?![\dA-Za-z])"
)
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
_HAN = "[\u4e00-\u9fff]"
_STOP = r"[，。、；：,.;:（(）)\s“”\"《<]|$"  # what ends a name besides words


def mask(text: str) -> str:
    """Give ``text`` with the middle of mobile and identity numbers replaced, and applicants' names but for the surname.

    13812345678 → 138****5678; 申请人张三向 → 申请人张**向.
    """
    return _names(_mobiles(_IDENTITY.sub(r"\1***********\3", text)))


def _mobiles(text: str) -> str:
    narrow = text.translate(_WIDE)
    if narrow == text:
        return _MOBILE.sub(r"\1****\3", text)
    # Full-width digits are one character each, so places in the narrow text are places in the text.
    parts, end = [], 0
    for match in _MOBILE.finditer(narrow):
        parts += [text[end : match.start()], f"{match[1]}****{match[3]}"]
        end = match.end()
    return "".join([*parts, text[end:]])


def _names(text: str) -> str:
    roles, *patterns = _people()
    if not roles.search(text):
        return text
    for pattern in patterns:
        text = pattern.sub(lambda found: f"{found['before']}{found['surname']}**", text)
    return text


@cache
def _people() -> tuple[re.Pattern[str], ...]:
    """Patterns: a role anywhere; a name behind a colon, right behind a role, and before a role in brackets."""
    data = tomllib.loads(files("archive.queries").joinpath("masking.toml").read_text(encoding="utf-8"))
    roles = f"(?<!被){_any(data['roles'])}"  # 被申请人 is the agency
    double = _any(data["double"])
    plain = "".join(letter for letter in dict.fromkeys(data["surnames"]) if letter not in data["words"])
    end = rf"(?={_any(data['follows'])}|{_STOP})"
    given = rf"(?!某|[xX×＊*○〇]){_HAN}{{1,2}}?"
    return (
        re.compile(roles),
        re.compile(rf"(?P<before>(?:{roles})[：:]\s?)(?P<surname>{double}|[{data['surnames']}]){given}{end}"),
        re.compile(rf"(?P<before>{roles})(?P<surname>{double}|[{plain}]){given}{end}"),
        re.compile(rf"(?P<before>)(?<!{_HAN})(?P<surname>{double}|[{plain}]){given}(?=[（(](?:{roles})[）)])"),
    )


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
