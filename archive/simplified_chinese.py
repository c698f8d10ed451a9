"""Traditional Chinese characters and their simplified forms: one table for comparing titles, labels and sentences.

Mirrors and converters may show a page in traditional script. The table is data (``simplified_chinese.toml``); each
room adds the characters that only this room may replace.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path

#: what NFKC makes of the full-width signs that fill Chinese sentences
_WIDE_SIGNS = tuple(zip("，（）：；！？\u3000", ",():;!? ", strict=True))


def normalize_nfkc(text: str) -> str:
    """Return the text in NFKC. Python takes fifty times as long for a text with any wide sign, so these go before."""
    for wide, narrow in _WIDE_SIGNS:
        text = text.replace(wide, narrow)
    return unicodedata.normalize("NFKC", text)


def simplifier(characters: str = "", targets: str = "") -> Callable[[str], str]:
    """Make the function that writes a text in simplified characters, and ``characters`` as those of ``targets``."""
    table = tomllib.loads(Path(__file__).with_name("simplified_chinese.toml").read_text(encoding="utf-8"))
    forms = str.maketrans(table["from"] + characters, table["to"] + targets)
    is_needed = re.compile(f"[{re.escape(''.join(map(chr, forms)))}]").search  # most texts have none of them
    return lambda text: text.translate(forms) if is_needed(text) else text
