"""The words and marks by which pages and answers say what they are: ``page_words.toml``, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def data() -> dict[str, Any]:
    """Return the whole file."""
    text = resources.files("crawler.net").joinpath("page_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(section: str, key: str = "words") -> tuple[str, ...]:
    """Return a list of marks, lower case: ``words("soft_404")``."""
    return tuple(str(word).lower() for word in data()[section][key])
