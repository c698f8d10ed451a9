"""Why a document could not be read: its codes, and in words (``unreadable_reasons.toml``) with the bounds' numbers."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from archive.documents.model import Limits

MAX_PACKAGE_FILES = 5_000  #: files in one office package
MAX_RATIO = 200  #: unpacked to packed bytes of a file; office XML stays below 60


class UnreadableError(ValueError):
    """Nothing can be read from these bytes; ``reason`` is a code of ``unreadable_reasons.toml``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def why(reason: str) -> tuple[str, str]:
    """Return the Chinese and the English words for a code of ``unreadable``; the code itself for any other."""
    zh, en = _words().get(reason, (reason, reason))
    return zh, en


@cache
def _words() -> dict[str, tuple[str, str]]:
    limits = Limits()
    bounds = {
        "mib": limits.bytes >> 20, "cells": limits.cells, "characters": limits.characters, "pixels": limits.pixels,
        "members": MAX_PACKAGE_FILES, "ratio": MAX_RATIO, "levels": limits.levels,
    }  # fmt: skip
    data = tomllib.loads(files("archive.documents").joinpath("unreadable_reasons.toml").read_text("utf-8"))
    return {code: (zh.format(**bounds), en.format(**bounds)) for code, (zh, en) in data.items()}
