"""A printed label → its key, the same however it is spaced, numbered, bracketed, quoted or written.

The key of ``1. 属于国家秘密`` is that of ``属于国家秘密``. Explanations are taken off, in brackets or behind a colon
(是指…), so that ``第二十条第（一）项`` has the key ``第二十条第项``. The number a label carries is read apart with
:func:`number`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from archive.simplified_chinese import any_of, simplified_forms

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
_SIMPLE = {**simplified_forms(), **dict(zip(map(ord, _WORDS["traditional"]), _WORDS["simplified"], strict=True))}
_WIDE = (*((chr(ord(narrow) + 0xFEE0), narrow) for narrow in ",():;!?%"), ("\u3000", " "), ("\xa0", " "))
_TRADITIONAL = any_of(_SIMPLE)
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
#: blanks, and the signs that nobody sees
UNSEEN = " \t\n\r\xa0\u3000\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_CRUMB = re.compile(r"\([a-z\u00e0-\u024f]{1,7}\)", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[〔【{][^()\[\]〔〕【】{}]{0,200}[)\]〕】}]")
_OPENING = re.compile(r"[(\[〔【{]")
_OPEN = re.compile(r"[(\[〔【].{0,240}$")
_MEANT = re.compile(r":.{0,12}指.{6,}$", re.DOTALL)  # 规范性文件:是指各级人民政府…
_NUMBER = re.compile(
    r"^(?:\(([一二三四五六七八九十]{1,3}|\d{1,2})\)|([一二三四五六七八九十]{1,3})[、.,]|(\d{1,2})(?:[.、,)]|(?=[\u4e00-\u9fff])))"
)
_INNER_NUMBER = re.compile(r"(?<=[\u4e00-\u9fff—–―:/>-])\d{1,2}[.、](?=[\u4e00-\u9fff\"'“])")
_KEPT = re.compile(r"[^\u3400-\u9fff0-9a-zA-Z]+")
LONGEST = 240  #: characters; a longer text is no label
LONGEST_ITEM = 60  #: the same for the statistical table of before 2019, explanations included
_LINE_NUMBERS = frozenset(_WORDS["line_numbers"])
_COLUMN_NUMBERS = frozenset(_WORDS["column_numbers"])
_OTHER_HEADS = tuple(_WORDS["other_heads"])
_LOOK_ALIKE = tuple(map(frozenset, _WORDS["look_alike"]))
_BESIDE, _BESIDE_BEGIN = frozenset(_WORDS["beside"]), tuple(_WORDS["beside_begin"])


def squeezed(text: str) -> str:
    """The text without blanks."""
    return "".join(text.split())


def widths(text: str) -> str:
    """The text in NFKC, its widths folded.

    What is wide in Chinese sentences is replaced first: the same result at a tenth of the time, as NFKC then finds
    nothing more to do.
    """
    if text.isascii():
        return text
    for wide, narrow in _WIDE:
        if wide in text:
            text = text.replace(wide, narrow)
    return unicodedata.normalize("NFKC", text)


def simplify(text: str) -> str:
    """Widths folded, invisible characters and pinyin crumbs removed, in simplified characters."""
    folded = fold(text)
    return _CRUMB.sub("", folded) if "(" in folded else folded


def fold(text: str) -> str:
    """Widths folded, blanks and invisible characters removed, in simplified characters: for sentences.

    Words in brackets stay, and text without traditional characters costs next to nothing.
    """
    folded = "".join(widths(text).split())  # inlined: every label and cell passes here
    if not folded.isprintable():
        folded = _INVISIBLE.sub("", folded)
    return folded.translate(_SIMPLE) if _TRADITIONAL.search(folded) else folded


@lru_cache(maxsize=16384)
def key(text: str) -> str:
    """The key of a label: simplified, without explanations in brackets, numbering and punctuation. "" for no label."""
    if len(text) > LONGEST:
        return ""
    plain = _NUMBER.sub("", simplify(text), count=1)
    if _OPENING.search(plain):
        for _ in range(3):
            shorter = _BRACKETED.sub("", plain)
            if shorter == plain:
                break
            plain = shorter
        plain = _OPEN.sub("", plain) or plain
    if ":" in plain:
        plain = _MEANT.sub("", plain)
    plain = _INNER_NUMBER.sub("", _NUMBER.sub("", plain, count=1))
    return _KEPT.sub("", plain)


def item_key(text: str) -> str:
    """The key of a label of the statistical table of before 2019: without 其中 before it, cut where labels end."""
    return key(simplify(text[:LONGEST_ITEM]).replace("其中:", "").replace("其中", ""))


@lru_cache(maxsize=16384)
def number(text: str) -> str:
    """The number a label carries, without its brackets and dots: "六" of （六）其他处理, "3" of 3.其他, "" if none."""
    match = _NUMBER.match(simplify(text[:40]))
    return next((group for group in match.groups() if group), "") if match else ""


def counts_lines(text: str) -> bool:
    """Whether a text is the header of a column that counts the lines of its table (行次, 序号)."""
    return key(text) in _LINE_NUMBERS


def numbers_columns(name: str) -> bool:
    """Whether a key is that of a row that numbers the columns of its table (甲, 栏次)."""
    return name in _COLUMN_NUMBERS


def looks_like(one: str, other: str) -> bool:
    """Whether two texts of one length differ in a single character that is taken for the other's."""
    if len(one) != len(other):
        return False
    differing = [{*pair} for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(differing) == 1 and any(differing[0] <= alike for alike in _LOOK_ALIKE)


def stands_beside(text: str) -> bool:
    """Whether a label is no item of a form, though figures may stand beside it: a remark, a signature, a sum."""
    name = key(text)
    return name in _BESIDE or name in _LINE_NUMBERS or name in _COLUMN_NUMBERS or name.startswith(_BESIDE_BEGIN)


def heads_another(text: str) -> bool:
    """Whether the heading of a column is certainly none of a form's: remarks, shares, what was taken away alone."""
    name = key(text)
    decrease = "减" in name and "增" not in name
    return decrease or any(word in name for word in _OTHER_HEADS) or "%" in widths(text)
