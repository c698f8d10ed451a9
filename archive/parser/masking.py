"""Mask private persons in text that is given out: their numbers, and applicants' names (docs/security.md).

Tables are not masked. Names are found by the words around them (``masking.toml``), not by a list of people: a name in
other surroundings is not found, and 张某某, as courts write, is left as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from archive.identity.text import any_word

_GAP = "[ \u00a0\u3000\\-－‐-―]?"  # between groups of digits, as people write them
# A Chinese mobile number: 1, then 3–9, then nine digits, in groups or not; not within a number, but for 86 before it.
_MOBILE = re.compile(rf"(?<![\d.])((?:\+?86{_GAP})?1[3-9]\d){_GAP}\d{{4}}{_GAP}(\d{{4}})(?![\d.]\d|\d)")
# An identity number (GB 11643): place, birth date, serial, check digit or X; one of 15 digits only after 身份证.
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = re.compile(
    rf"(?<![\d.A-Za-z])([1-9]\d{{5}}){_GAP}(?:19|20)\d{{2}}{_DAY}{_GAP}\d{{3}}([\dXx])(?![\dA-Za-z])"
)
_FORMER_IDENTITY = re.compile(rf"(身份证[^\d]{{0,8}}[1-9]\d{{5}})\d{{2}}{_DAY}\d{{2}}(\d)(?!\d)")
_FOUR_DIGITS = re.compile(r"\d\d\d\d")  # each such number has four digits together; most lines of a report have not
# Our own ids and digests (a look's, a capture's, a document's, the end of an edition's): digits in them are no number.
_ID = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{32}|[0-9a-f]{64}|(?<=@)[0-9a-f]{12})(?![0-9A-Za-z])")
_HIDING = ((_IDENTITY, 11), (_FORMER_IDENTITY, 8), (_MOBILE, 4))
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
_HAN = "[\u4e00-\u9fff]"
_STOP = r"[，。、；：,.;:（(）)\s“”\"《<]|$"  # what ends a name besides words


def mask(text: str) -> str:
    """Return ``text`` with stars for the middle of mobile and identity numbers and for applicants' given names.

    13812345678 → 138****5678; 申请人张三向 → 申请人张**向.
    """
    if _FOUR_DIGITS.search(text):
        for pattern, stars in _HIDING:
            text = _numbers(text, pattern, "*" * stars)
    words, *patterns, chain, link = _name_patterns()
    if words.search(text):
        for pattern in patterns:
            text = pattern.sub(lambda match: f"{match['before']}{match['surname']}**", text)
        text = chain.sub(lambda match: link.sub(r"\g<before>\g<surname>**", match[0]), text)
    return text


def _numbers(text: str, pattern: re.Pattern[str], stars: str) -> str:
    """Return ``text`` with ``stars`` for the middle of each number; the digits that stay are written half-width."""
    # Full-width digits are one character each, so places in the narrow text are places in the text.
    parts, end, narrow = [], 0, text.translate(_WIDE)
    matches = list(pattern.finditer(narrow))
    ids = [id_match.span() for id_match in _ID.finditer(text)] if matches else []
    for match in matches:
        if any(first <= match.start() and match.end() <= last for first, last in ids):  # digits of an id of our own
            continue
        parts += [text[end : match.start()], f"{match[1]}{stars}{match[2]}"]
        end = match.end()
    return "".join([*parts, text[end:]]) if parts else text


@cache
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    """Return patterns: any role or label; a name after a colon, after a role, before a role in brackets; names that
    follow; one of them.
    """
    data = tomllib.loads(Path(__file__).with_name("masking.toml").read_text(encoding="utf-8"))
    roles = f"(?<!被){_any(data['roles'])}"  # 被申请人 is the agency
    labels = _any(data["labels"])
    double = _any(data["double"])
    plain = "".join(letter for letter in dict.fromkeys(data["surnames"]) if letter not in data["words"])
    end = rf"(?={_any(data['follows'])}|{_STOP})"
    given_name = rf"(?!某|[xX×＊*○〇]){_HAN}{{1,2}}?"
    further = rf"(?P<before>[、和])(?P<surname>{double}|[{plain}]){given_name}{end}"
    return (
        # only literal words: their first characters are searched as one set; patterns of digits would double the time
        re.compile("|".join(map(re.escape, (*data["roles"], *data["labels"])))),
        re.compile(
            rf"(?P<before>(?:{roles}(?:姓名|名称)?|{labels})[：:]\s?)(?P<surname>{double}|[{data['surnames']}]){given_name}{end}"
        ),
        re.compile(rf"(?P<before>{roles}[为 \u3000]?)(?P<surname>{double}|[{plain}]){given_name}{end}"),
        re.compile(rf"(?P<before>)(?<!{_HAN})(?P<surname>{double}|[{plain}]){given_name}(?=[（(](?:{roles})[）)])"),
        re.compile(rf"(?<=\*\*)(?:{further})+"),
        re.compile(further),
    )


def _any(words: Iterable[str]) -> str:
    return f"(?:{any_word(words)})"
