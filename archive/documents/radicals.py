"""Radicals that programs give in place of the ideograph with the same glyph (⼈ for 人, ⺠ for 民) → the ideograph."""

from __future__ import annotations

import re
import unicodedata

_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
# whole words of simplified script that Unicode does not call compatible (EquivalentUnifiedIdeograph.txt), and 户, of
# which NFKC makes the form that Chinese fonts do not print
_ALIKE = dict(
    zip(
        "⺁⺇⺝⺟⺠⺩⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳⼾",
        "厂几月母民王虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟户",
        strict=True,
    )
)


def without_radicals(text: str) -> str:
    """The text with ideographs for radicals and for compatibility ideographs; as many characters as before, or more."""
    return text if _RADICAL.search(text) is None else _RADICAL.sub(_ideograph, text)


def _ideograph(match: re.Match[str]) -> str:
    radical = match.group()
    return _ALIKE.get(radical) or unicodedata.normalize("NFKC", radical)
