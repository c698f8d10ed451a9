"""Printed label → key, the same however the label is spaced, numbered, bracketed or written."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.forms.spelling import fold

LABEL_MAX_CHARS = 240  # the longest label of the forms has 42; a longer text is a sentence

_NUMBERING = re.compile(
    r"(?:[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．,]|\d{1,2}[、.．,)])"
)
_EXPLANATION = re.compile(r"[(（〔\[【][^()（）]{0,200}[)）〕\]】]|[:：].{0,12}指.{6,}$")
PINYIN = re.compile(r"[(（][a-zāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜü]{1,6}[)）]")  # 規(guī)章: what copies of pages put in
_OF_WHICH = re.compile(r"^其中[:：]?")
_NOT_A_LETTER = re.compile(r"[^\u3400-\u9fff0-9a-zA-Z]+")


def fold_widths(text: str) -> str:
    """Return the text folded for comparison, without pinyin in brackets."""
    if not text or (text.isascii() and text.isalnum()):  # most cells: a number has nothing to fold
        return text
    return fold(PINYIN.sub("", text) if "(" in text or "（" in text else text)


def label_key(text: str) -> str:
    """Return the key of a label: numbering, explanations in brackets, punctuation and blanks are dropped.

    The key of ``1. 属于国家秘密`` is ``属于国家秘密``. A text that is too long for a label has the key "".
    """
    return _key_of(text) if text and len(text) <= LABEL_MAX_CHARS else ""


@lru_cache(maxsize=2_000)  # the labels of all forms, many times in every report
def _key_of(text: str) -> str:
    folded = _NUMBERING.sub("", _OF_WHICH.sub("", fold_widths(text)), count=1)
    return keep_letters(_EXPLANATION.sub("", folded))


def keep_letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return _NOT_A_LETTER.sub("", text)
