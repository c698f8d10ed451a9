"""Colours as pages and style sheets write them (CSS Color Module Level 4; bgcolor and <font> as of old).

Only what is plainly said is known: of variables, mixtures and other spaces of colours nobody here knows what they show.
"""

from __future__ import annotations

import re
import tomllib
from colorsys import hls_to_rgb
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255; ``alpha`` from 0 (nothing is seen of it) to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


class Shown(NamedTuple):
    """What declarations say of the ink and of the ground; None: nothing, or that it is as around."""

    ink: Colour | None = None
    ground: Colour | None = None


WHITE = Colour(255, 255, 255)
UNKNOWN = Colour(-1, -1, -1)  #: a picture, a variable: it may be any
_NONE = Shown()
_NEAR = 8  # of 255 in each part: nobody tells such colours apart
_LONGEST = 2_000  # characters of declarations
_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_MADE = re.compile(r"(rgb|hsl)a?\(([^()]{1,80})\)")
_PART = re.compile(r"([+-]?(?:\d{1,6}(?:\.\d{0,9})?|\.\d{1,9}))(%|deg|turn|rad|grad)?")
_SAID = re.compile(r"(?<![\w-])(color|background|background-color|background-image)\s{0,4}:\s{0,4}([^;{}]{1,400})")
_IMPORTANT = re.compile(r"\s{0,4}!\s{0,4}important\s{0,4}\Z")
_TOKEN = re.compile(r"[a-z-]{1,40}\([^()]{0,200}\)|[^\s,/]{1,40}")
_OPEN = re.compile(r"url\(|gradient|image|var\(|color|light-dark|lab\(|lch\(|hwb\(|env\(|attr\(|currentcolor")
_TURNS = {"turn": 360.0, "rad": 57.29578, "grad": 0.9}


@cache
def _names() -> dict[str, str]:
    """colours.toml, read once."""
    return tomllib.loads(files("archive.documents.markup").joinpath("colours.toml").read_text("utf-8"))


@lru_cache(maxsize=4_096)
def colour(text: str) -> Colour | None:
    """The colour that a text in lower letters names; None if it names none."""
    if text == "transparent":
        return Colour(0, 0, 0, 0)
    if (match := _HEX.fullmatch(text)) is not None:
        digits = match[1] if len(match[1]) > 4 else "".join(sign * 2 for sign in match[1])
        red, green, blue, *rest = bytes.fromhex(digits)
        return Colour(red, green, blue, rest[0] / 255 if rest else 1.0)
    if (match := _MADE.fullmatch(text)) is not None:
        return _made(match[1], match[2])
    return colour(_names()[text]) if text.isalpha() and text in _names() else None


def _made(way: str, said: str) -> Colour | None:
    parts = [_PART.fullmatch(part) for part in re.split(r"[\s,/]+", said.strip())]
    if not 3 <= len(parts) <= 4 or any(part is None for part in parts):
        return None
    known = [(float(part[1]), part[2] or "") for part in parts if part is not None]
    alpha = _share(*known[3], whole=1) if len(known) > 3 else 1.0
    if way == "rgb":
        red, green, blue = (255 * _share(*part, whole=255) for part in known[:3])
        return Colour(red, green, blue, alpha)
    (angle, unit), light, full = known[0], _share(*known[2], whole=100), _share(*known[1], whole=100)
    turned = angle * _TURNS.get(unit, 1.0) / 360 % 1.0
    red, green, blue = hls_to_rgb(turned, light, full)
    return Colour(255 * red, 255 * green, 255 * blue, alpha)


def _share(number: float, unit: str, *, whole: int) -> float:
    return min(1.0, max(0.0, number / (100 if unit == "%" else whole)))


def attribute(text: str | None) -> Colour | None:
    """The colour that an attribute (bgcolor, color of <font>) names; None if there is none, as any word makes one."""
    if text is None or not (said := text.strip().lower()):
        return None
    return colour(said) or UNKNOWN


@lru_cache(maxsize=4_096)
def shown(style: str) -> Shown:
    """What declarations say of colours, the last that says something of each."""
    if len(style) > _LONGEST:
        return Shown(None, UNKNOWN)
    low = style.lower()
    if "color" not in low and "background" not in low:
        return _NONE
    ink: Colour | None = None
    ground: Colour | None = None
    pictured = False
    for name, value in _SAID.findall(low):
        said = _IMPORTANT.sub("", value.strip())
        if name == "color":
            ink = colour(said) or (None if said in ("inherit", "unset") else UNKNOWN)
        elif name == "background-image":
            pictured = said not in ("none", "initial")
        else:
            ground = _ground(said)
            pictured = pictured and name == "background-color"
    return Shown(ink, UNKNOWN if pictured else ground)


def _ground(said: str) -> Colour | None:
    """The colour of a ground; None where what is around shows through."""
    if _OPEN.search(said):
        return UNKNOWN
    named = next((found for token in _TOKEN.findall(said) if (found := colour(token)) is not None), None)
    if named is None or named.alpha == 0:
        return None
    return named if named.alpha == 1 else UNKNOWN


def is_unseen(ink: Colour, ground: Colour) -> bool:
    """Whether print in a colour is surely not seen upon a ground."""
    if ink.alpha == 0:
        return True
    if UNKNOWN in (ink, ground) or ink.alpha < 1:
        return False
    return all(abs(one - other) <= _NEAR for one, other in zip(ink[:3], ground[:3], strict=True))
