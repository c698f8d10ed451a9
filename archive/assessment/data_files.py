"""Load the TOML data files of packages; numbers with decimals become exact ``Decimal`` values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from archive.sentence_templates import fill


@cache
def data_file(name: str, package: str = "archive.assessment") -> dict[str, Any]:
    """Return the content of the TOML file ``name`` of a package."""
    return tomllib.loads((files(package) / name).read_text(encoding="utf-8"), parse_float=Decimal)


def in_both_languages(sentences: Mapping[str, str], values: Mapping[str, object]) -> tuple[str, str]:
    """Fill ``values`` into the Chinese (``zh``) and the English (``en``) sentence and return both."""
    return fill(sentences["zh"], values), fill(sentences["en"], values)
