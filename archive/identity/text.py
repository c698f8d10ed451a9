"""Bring printed strings into a normal form, and read the words and patterns in the TOML files of this package."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from archive.file_endings import ENDINGS, HTML
from archive.simplified_chinese import normalize_nfkc, simplifier

DATA_FOLDER = Path(__file__).parent
MAX_RAW_CHARS = 20_000  #: characters of a raw string that are read
MAX_TITLE = 240  #: characters of the normal form that can still be a title or a name

_INVISIBLE = re.compile(
    "[\\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u2800\u3000\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]+"
)
_MARKUP = re.compile(r"<[^<>]{0,200}>|&(?:nbsp|ensp|emsp|#160|#12288);")
_ALIKE = str.maketrans("“”‘’「」『』﹝﹞吿", '""\'\'""""〔〕告')
_simplify = simplifier()
_REFERENCE = re.compile(r"\{\{(\w+)\}\}")


@cache
def data(name: str) -> dict[str, Any]:
    """Return the content of a TOML file of this package."""
    return tomllib.loads((DATA_FOLDER / name).read_text(encoding="utf-8"))


@cache
def words(name: str) -> Any:
    """Return the list or table of words with this name in the TOML files."""
    return _merged_files()[name]


@cache
def pattern(name: str) -> re.Pattern[str]:
    """Return the compiled pattern with this name in the TOML files."""
    return re.compile(_source(name))


@cache
def _merged_files() -> Mapping[str, Any]:
    files = [data(name) for name in ("names.toml", "titles.toml", "addresses.toml", "statements.toml")]
    patterns = {name: source for table in files for name, source in table["patterns"].items()}
    return {name: entry for table in files for name, entry in table.items()} | {"patterns": patterns}


def _source(name: str) -> str:
    """Return the text of a pattern: alternatives joined, each ``{{name}}`` replaced."""
    source = words("patterns")[name]
    joined = source if isinstance(source, str) else "|".join(source)
    return _REFERENCE.sub(lambda reference: f"(?:{_referred_pattern(reference[1])})", joined)


def _referred_pattern(name: str) -> str:
    """Return the regular expression that replaces ``{{name}}``: file endings, a pattern or the words of a list."""
    if name in ("file_endings", "page_endings"):
        return ENDINGS if name == "file_endings" else HTML
    if name in words("patterns"):
        return _source(name)
    listed = words(name)
    return any_word(listed if isinstance(listed, list) else [word for group in listed.values() for word in group])


def any_word(listed: Iterable[str]) -> str:
    """Return a regular expression that matches any of the words, trying the longest first."""
    return "|".join(re.escape(word) for word in sorted(listed, key=lambda word: (-len(word), word)))


def squeeze(text: str | None) -> str:
    """Return the normal form: NFKC without blanks, invisible characters and tags, in simplified characters.
    Never raises; reads only the first :data:`MAX_RAW_CHARS` characters, in linear time.
    """
    if not text:
        return ""
    plain = normalize_nfkc(_INVISIBLE.sub("", _MARKUP.sub("", text[:MAX_RAW_CHARS])))
    return _simplify(unicodedata.normalize("NFC", _INVISIBLE.sub("", plain)).translate(_ALIKE))
