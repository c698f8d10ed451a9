"""Traditional Chinese characters and their simplified forms: one table for comparing titles, labels and sentences.

Mirrors and converters may show a page in traditional script. The table is data (``simplified_chinese.toml``); each
room adds the characters that only this room may replace.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path


@cache
def simplified_forms() -> Mapping[int, str]:
    """Return a table for ``str.translate``: code point of a traditional character → its simplified form."""
    table = tomllib.loads(Path(__file__).with_name("simplified_chinese.toml").read_text(encoding="utf-8"))
    return dict(zip(map(ord, table["from"]), table["to"], strict=True))


def any_of(characters: Iterable[int]) -> re.Pattern[str]:
    """Return a pattern that matches any one of the characters with these code points.

    It shows quickly that a text has none of them, as most texts have, so that translating can be skipped.
    """
    return re.compile(f"[{re.escape(''.join(map(chr, characters)))}]")
