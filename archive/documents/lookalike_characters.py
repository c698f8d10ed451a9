"""Characters that programs give in place of others with the same glyph (⼈ for 人, ⸺ for ——, 㬵 for 胶).

A font prints several codes with one glyph, and a program that writes a PDF goes back from the glyph to any of them.
"""

from __future__ import annotations

import re
import unicodedata

# whole words of simplified script that Unicode does not call compatible (EquivalentUnifiedIdeograph.txt), and 户, of
# which NFKC makes the form that Chinese fonts do not print
_RADICALS = dict(
    zip(
        "⺁⺇⺝⺟⺠⺩⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳⼾",
        "厂几月母民王虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟户",
        strict=True,
    )
)
# rare ideographs to which the fonts of Source Han and Noto CJK give the glyph of a usual one
_RARE = dict(zip("㬵胊晩脁㫚㬺㮣㘽䲤", "胶朐晚朓曶幐槩㦳鿐", strict=True))
# marks, and lines that stand for two and three dashes
_MARKS = {"⸺": "——", "⸻": "———", "‒": "–", "∕": "/", "⧸": "/", "‧": "·", "⋯": "…"}
_ALIKE = _RADICALS | _RARE | _MARKS
_TWIN = re.compile(f"[\u2e80-\u2fdf\uf900-\ufaff{''.join(_ALIKE)}]")

_DASHES = re.compile("[-\u2010-\u2015\u2212\u2043\u2500\u2501\u2e3a\u2e3b]+")
_SLASHES = str.maketrans(dict.fromkeys("∕⁄⧸╱", "/") | dict.fromkeys("∖⧵", "\\") | dict.fromkeys("•‧∙⋅・", "·"))
_CIRCLED = {chr(0x2780 + n): chr(0x2460 + n) for n in range(10)} | {chr(0x278A + n): chr(0x2776 + n) for n in range(10)}


def without_twins(text: str) -> str:
    """The text with the usual characters for such as share their glyph; as many characters as before, or more."""
    return text if _TWIN.search(text) is None else _TWIN.sub(_usual, text)


def as_it_looks(text: str) -> str:
    """One text for all texts that nobody who sees them printed can tell apart, or that mean the same to a reader.

    A dash, however long and however often it stands, is one; 一 is none.
    """
    plain = "".join(_compatible(c) for c in without_twins(text).translate(_SLASHES))
    return _DASHES.sub("-", plain.translate(_SLASHES))


def _usual(match: re.Match[str]) -> str:
    twin = match.group()
    return _ALIKE.get(twin) or unicodedata.normalize("NFKC", twin)


def _compatible(character: str) -> str:
    """NFKC, but not of figures in circles or raised: those are seen to be no digits of a figure."""
    if unicodedata.category(character) == "No":
        return _CIRCLED.get(character, character)
    return unicodedata.normalize("NFKC", character)
