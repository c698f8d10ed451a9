"""One normal form for printed strings, so that blanks, widths and invisible characters never change a verdict.

Everything from a portal is hostile: the input is bounded *before* any other work, and every step is linear in it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from archive.simplified_chinese import any_of, simplified_forms

#: Characters of raw input looked at; more than that is no title (a title of 150 characters is already long).
MAX_RAW = 20_000
#: Characters of the normal form that can still be a title or a name.
MAX_TITLE = 240

_DROP = re.compile(
    "[\\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800"
    "\u3000\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]+"
)
_TAG = re.compile(r"<[^<>]{0,200}>")
_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|#160|#12288);")
# Mirrors print the reading of rare characters behind them: "鎮(zhèn)". Only with a toned vowel, so that "(pdf)" stays.
_PINYIN = re.compile(r"\((?=[a-zü]{0,6}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ])[a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜ]{1,7}\)")
_ALIKE = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"', "『": '"', "』": '"', "﹝": "〔", "﹞": "〕"}
    | {"吿": "告"}  # as some fonts have it
)


@cache
def data(name: str) -> dict[str, Any]:
    """Read one of this room's TOML files, once."""
    return tomllib.loads((Path(__file__).parents[1] / "rebuilt" / "identity" / name).read_text(encoding="utf-8"))


@cache
def _respelt() -> tuple[re.Pattern[str], dict[int, str]]:
    """What is written otherwise here, and how: quotes all alike, report words in simplified script."""
    written = {**_ALIKE, **simplified_forms()}
    return any_of(written), written


def without_readings(text: str) -> str:
    """Leave out the readings that mirrors print behind rare characters. ``text``: widths folded."""
    return _PINYIN.sub("", text) if "(" in text else text


def squeeze(text: str | None) -> str:
    """Return the normal form: NFKC, no blanks nor invisible characters nor tags, report words in simplified script.

    Never raises; looks at no more than :data:`MAX_RAW` characters.
    """
    if not text:
        return ""
    bounded = _ENTITY.sub("", text[:MAX_RAW])
    bounded = _TAG.sub("", bounded) if "<" in bounded else bounded
    plain = _DROP.sub("", unicodedata.normalize("NFKC", _DROP.sub("", bounded)))
    plain = unicodedata.normalize("NFC", plain)
    others, written = _respelt()
    plain = plain.translate(written) if others.search(plain) else plain  # most titles have none
    return without_readings(plain)
