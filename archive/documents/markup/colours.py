"""Colours as pages and style sheets write them (CSS Color Module Level 4; bgcolor and <font> as of old)."""

from __future__ import annotations

import re
import tomllib
from colorsys import hls_to_rgb
from functools import cache, lru_cache
from importlib.resources import files

from archive.documents.contrast import RGB, WHITE, on_paper

_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_MADE = re.compile(r"(rgb|hsl)a?\(([^()]{1,80})\)")
_PART = re.compile(r"([+-]?(?:\d{1,6}(?:\.\d{0,9})?|\.\d{1,9}))(%|deg|turn|rad|grad)?")
_TURNS = {"turn": 360.0, "rad": 57.29578, "grad": 0.9}
_LONGEST = 100  # characters; no colour is longer


@cache
def _names() -> dict[str, str]:
    """colours.toml, read once."""
    return tomllib.loads(files("archive.documents.markup").joinpath("colours.toml").read_text("utf-8"))


@lru_cache(maxsize=1_024)
def colour(text: str) -> RGB | None:
    """The colour that a text in lower letters names, as it shows on white paper; None if it names none."""
    if len(text) > _LONGEST:
        return None
    if text == "transparent":
        return WHITE
    if (match := _HEX.fullmatch(text)) is not None:
        digits = match[1] if len(match[1]) > 4 else "".join(sign * 2 for sign in match[1])
        red, green, blue, *rest = bytes.fromhex(digits)
        return on_paper(red, green, blue, rest[0] if rest else 255)
    if (match := _MADE.fullmatch(text)) is not None:
        return _from_function(match[1], match[2])
    return colour(_names()[text]) if text in _names() else None


def _from_function(way: str, written: str) -> RGB | None:
    """The colour that rgb() or hsl() makes of numbers."""
    parts = [_PART.fullmatch(part) for part in re.split(r"[\s,/]+", written.strip())]
    if not 3 <= len(parts) <= 4 or any(part is None for part in parts):
        return None
    known = [(float(part[1]), part[2] or "") for part in parts if part is not None]
    alpha = 255 * _share(*known[3], whole=1) if len(known) > 3 else 255
    if way == "rgb":
        red, green, blue = (255 * _share(*part, whole=255) for part in known[:3])
        return on_paper(red, green, blue, alpha)
    (angle, unit), light, full = known[0], _share(*known[2], whole=100), _share(*known[1], whole=100)
    red, green, blue = hls_to_rgb(angle * _TURNS.get(unit, 1.0) / 360 % 1.0, light, full)
    return on_paper(255 * red, 255 * green, 255 * blue, alpha)


def _share(number: float, unit: str, *, whole: int) -> float:
    return min(1.0, max(0.0, number / (100 if unit == "%" else whole)))
