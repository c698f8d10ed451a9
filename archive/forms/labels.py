"""Fold texts for comparison, and turn printed labels into keys that do not depend on spacing, numbers or script."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from archive.simplified_chinese import normalize_nfkc, simplifier

LABEL_MAX_CHARS = 240  # the longest label of the forms has 42; a longer text is a sentence
CACHED_MAX_CHARS = 60  # a text up to this length is likely to be folded again: a cell, a label

#: simplifies four more characters than is done in names, which may really contain these
_simplify = simplifier("後畫諮瀋", "后画咨沈")
_NUMBERING = re.compile(
    r"(?:[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．,]|\d{1,2}[、.．,)])"
)
_EXPLANATION = re.compile(r"[(（〔\[【][^()（）]{0,200}[)）〕\]】]|[:：].{0,12}指.{6,}$")
PINYIN = re.compile(r"[(（][a-zāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜü]{1,6}[)）]")  # 規(guī)章: copies of pages insert pinyin
_OF_WHICH = re.compile(r"^其中[:：]?")
_NOT_A_LETTER = re.compile(r"[^\u3400-\u9fff0-9a-zA-Z]+")


def squeezed(text: str) -> str:
    """Return the text without blanks."""
    return "".join(text.split())


def fold(text: str) -> str:
    """Return the text in NFKC and simplified characters, without blanks and invisible characters."""
    if not text.isascii():
        text = normalize_nfkc(text)
    folded = squeezed(text)
    if not folded.isprintable():
        folded = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return _simplify(folded)


def fold_widths(text: str) -> str:
    """Return the text folded (see :func:`fold`), without pinyin in brackets."""
    return _fold_short(text) if len(text) <= CACHED_MAX_CHARS else _fold(text)


def _fold(text: str) -> str:
    return fold(PINYIN.sub("", text) if "(" in text or "（" in text else text)


_fold_short = lru_cache(maxsize=8_192)(_fold)


def label_key(text: str) -> str:
    """Return the key of a label, without numbering, explanations in brackets, punctuation and blanks (``1.
    属于国家秘密`` → ``属于国家秘密``); "" for a text that is too long for a label.
    """
    return _key_of(text) if text and len(text) <= LABEL_MAX_CHARS else ""


@lru_cache(maxsize=2_000)  # the labels of all forms, many times in every report
def _key_of(text: str) -> str:
    folded = _NUMBERING.sub("", _OF_WHICH.sub("", fold_widths(text)), count=1)
    return keep_letters(_EXPLANATION.sub("", folded))


def keep_letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return _NOT_A_LETTER.sub("", text)
