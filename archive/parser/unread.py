"""Why a document could not be read, in words: ``unread.toml``, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


def why(reason: str) -> tuple[str, str]:
    """The Chinese and the English words for a code of ``unreadable`` or of a failure; the code itself for any other."""
    zh, en = _words().get(reason, (reason, reason))
    return zh, en


@cache
def _words() -> dict[str, tuple[str, str]]:
    data = tomllib.loads(files("archive.parser").joinpath("unread.toml").read_text("utf-8"))
    return {code: (zh, en) for code, (zh, en) in data.items()}
