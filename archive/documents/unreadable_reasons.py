"""Why a document could not be read, in words: ``unreadable_reasons.toml``, read once; its bounds with their numbers."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from archive.documents.container import MAX_MEMBERS, MAX_RATIO
from archive.documents.pages import Limits


def why(reason: str) -> tuple[str, str]:
    """The Chinese and the English words for a code of ``unreadable`` or of a failure; the code itself for any other."""
    zh, en = _words().get(reason, (reason, reason))
    return zh, en


@cache
def _words() -> dict[str, tuple[str, str]]:
    limits = Limits()
    bounds = {
        "mib": limits.bytes >> 20, "cells": limits.cells, "characters": limits.characters, "pixels": limits.pixels,
        "members": MAX_MEMBERS, "ratio": MAX_RATIO, "levels": limits.levels,
    }  # fmt: skip
    data = tomllib.loads(files("archive.documents").joinpath("unreadable_reasons.toml").read_text("utf-8"))
    return {code: (zh.format(**bounds), en.format(**bounds)) for code, (zh, en) in data.items()}
