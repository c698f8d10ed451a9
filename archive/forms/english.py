"""English names of what the national forms print: ``english.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

_NUMBER = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+\.|其中：)")


def english(labels: Iterable[str]) -> str | None:
    """Return the English name of a place, from the labels of groups, row and column; None where one has none."""
    names = [_names().get(_NUMBER.sub("", label)) for label in labels]
    known = [name for name in names if name is not None]
    return " / ".join(known) if len(known) == len(names) else None


@cache
def _names() -> Mapping[str, str]:
    return tomllib.loads(files("archive.forms").joinpath("english.toml").read_text(encoding="utf-8"))
