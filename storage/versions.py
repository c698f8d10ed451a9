"""Versions of what is installed, looked up once a process: each look reads and parses a package's metadata."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def version(package: str) -> str:
    """The version of an installed distribution. Raises importlib.metadata.PackageNotFoundError."""
    return metadata.version(package)
