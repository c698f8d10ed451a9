"""What each finding means, in both languages, from ``findings.toml``. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from storage.records import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A finding: its code, how grave it mostly is, what it means."""

    code: str
    severity: Severity
    zh: str
    en: str


@cache
def finding_meanings() -> Mapping[str, tuple[Meaning, ...]]:
    """All findings by what they are about: ``cells``, ``text``, ``identity``, ``file``, ``publication``."""
    groups = tomllib.loads(files("archive.assessment").joinpath("findings.toml").read_text("utf-8"))
    return {
        group: tuple(
            Meaning(code=code, severity=Severity(one["severity"]), zh=one["zh"], en=one["en"])
            for code, one in entries.items()
        )
        for group, entries in groups.items()
    }


@cache
def meanings_by_code() -> Mapping[str, Meaning]:
    """Each finding by its code."""
    return {one.code: one for group in finding_meanings().values() for one in group}
