"""What is known of the ways to columns: ``discovery.toml`` (pure)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def knowledge() -> dict[str, Any]:
    """Return ``discovery.toml``."""
    return tomllib.loads(resources.files("crawler.discovery").joinpath("discovery.toml").read_text(encoding="utf-8"))
