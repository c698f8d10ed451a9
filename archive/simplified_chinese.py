"""Characters of the traditional script → the simplified ones: how titles, labels and sentences are written elsewhere.

A Chinese page may be kept in traditional script, as mirrors and converters make it. The table is data
(``simplified_chinese.toml``); each room adds what it alone may fold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path


def simplifier(characters: str = "", targets: str = "") -> Callable[[str], str]:
    """Make the function that writes a text in simplified characters, and ``characters`` as those of ``targets``."""
    table = tomllib.loads(Path(__file__).with_name("simplified_chinese.toml").read_text(encoding="utf-8"))
    forms = str.maketrans(table["from"] + characters, table["to"] + targets)
    is_needed = re.compile(f"[{re.escape(''.join(map(chr, forms)))}]").search  # most texts have none of them
    return lambda text: text.translate(forms) if is_needed(text) else text
