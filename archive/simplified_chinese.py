"""Characters of the traditional script → the simplified ones: how titles, labels and sentences are written elsewhere.

A Chinese page may be kept in traditional script, as mirrors and converters make it. The table is data
(``simplified_chinese.toml``); each room adds what it alone may fold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path


@cache
def simplified_forms() -> Mapping[int, str]:
    """Each traditional character's code point → its simplified form."""
    table = tomllib.loads(Path(__file__).with_name("simplified_chinese.toml").read_text(encoding="utf-8"))
    return dict(zip(map(ord, table["from"]), table["to"], strict=True))


def any_of(characters: Iterable[int]) -> re.Pattern[str]:
    """The pattern of one of some characters, given by their code points: most texts have none."""
    return re.compile(f"[{re.escape(''.join(map(chr, characters)))}]")
