"""The names of columns in Stata files."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LONGEST = 32  #: characters of a name
_KEPT, _MARKED = 26, 5  # characters of a name too long that stay, and hex digits of its digest
# [U] 11.3 of the Stata manual, with what a format would be taken for
_RESERVED = frozenset({
    "strL", "byte", "in", "_pred", "double", "float", "_coef", "_cons", "e", "with", "_all", "_b", "_r", "if", "str",
    "_rc", "using", "_skip", "_n", "_N", "_pi", "long", "_se", "int",
})  # fmt: skip
_STR = re.compile(r"str\d+")


@cache
def _shortened() -> Mapping[str, str]:
    text = files("archive.exports.formats").joinpath("stata_names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def stata_name(name: str) -> str:
    """The name of a column in Stata files. It depends on ``name`` alone, and two names that differ differ in it."""
    words = [_shortened().get(word, word) for word in name.split(".")] if "." in name else [name]
    plain = re.sub(r"[^A-Za-z0-9_]", "_", "_".join(words))
    if plain[:1].isdigit() or plain in _RESERVED or _STR.fullmatch(plain):
        plain = f"v_{plain}"
    if len(plain) <= LONGEST:
        return plain
    return f"{plain[:_KEPT]}_{hashlib.sha256(name.encode()).hexdigest()[:_MARKED]}"
