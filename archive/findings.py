"""Make findings of their codes and values; severities, meanings and sentences are data (``findings.toml``). Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from archive.sentence_templates import fill
from storage.records import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A finding: its code, how grave it mostly is, what it means."""

    code: str
    severity: Severity
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Template:
    """What is said of a code in one case, how grave that is, and the Chinese and the English sentence to be filled."""

    severity: Severity
    sentences: tuple[str, str]


def finding(
    code: str,
    values: Mapping[str, object] | None = None,
    /,
    *,
    case: str = "",
    severity: Severity | None = None,
    cells: Iterable[str] = (),
    expected: object = None,
    found: object = None,
    **more: object,
) -> Finding:
    """Make a finding. ``case`` is one of several sentences of the code; ``severity`` is given where it is not theirs.

    The sentences are filled with ``expected``, ``found`` and the values, given by name or, as they come, in ``values``;
    a pair is the Chinese and the English value. Raises KeyError for a code or case that is not in the data, and for a
    value that a sentence lacks.
    """
    template = templates()[code, case]
    filled = {**(values or {}), **more, "expected": expected, "found": found}
    zh, en = (
        fill(sentence, {name: _in_language(name, value, number) for name, value in filled.items()})
        for number, sentence in enumerate(template.sentences)
    )
    return Finding(
        code=code,
        severity=severity or template.severity,
        zh=zh,
        en=en,
        cells=tuple(cells),
        expected=None if expected is None else str(expected),
        found=None if found is None else str(found),
    )


def first_of(things: Sequence[object], most: int, comma: str = "、", more: str = "……") -> str:
    """The first ``most`` of several names or numbers as a list; ``more`` stands behind it where there are others."""
    return comma.join(map(str, things[:most])) + (more if len(things) > most else "")


def first_in_both(things: Sequence[object], most: int, more: str = "") -> tuple[str, str]:
    """The first of several names or numbers as a list in Chinese and in English."""
    return first_of(things, most, "、", more), first_of(things, most, ", ", more)


@cache
def templates() -> Mapping[tuple[str, str], Template]:
    """What is said of every code in each of its cases; "" is that of a code with one sentence."""
    return {
        (code, case): Template(Severity(one.get("severity", entry["severity"])), (one["zh"], one["en"]))
        for entries in _groups().values()
        for code, entry in entries.items()
        for case, one in {"": entry, **entry}.items()
        if isinstance(one, dict) and case != "meaning" and "zh" in one
    }


@cache
def finding_meanings() -> Mapping[str, tuple[Meaning, ...]]:
    """All findings by what they are about: ``cells``, ``text``, ``identity``, ``file``, ``publication``."""
    return {
        group: tuple(
            Meaning(code=code, severity=Severity(one["severity"]), **one["meaning"]) for code, one in entries.items()
        )
        for group, entries in _groups().items()
    }


@cache
def meanings_by_code() -> Mapping[str, Meaning]:
    """Each finding by its code."""
    return {one.code: one for group in finding_meanings().values() for one in group}


def words(name: str) -> Mapping[str, Sequence[str]]:
    """The values of a name that are said in words: value → its Chinese and its English words."""
    codes: Mapping[str, Sequence[str]] = _data()["words"].get(name, {})
    return codes


def _in_language(name: str, value: object, language: int) -> object:
    if isinstance(value, str):
        value = tuple(words(name).get(value, (value, value)))
    return value[language] if isinstance(value, tuple) else value


def _groups() -> Mapping[str, Mapping[str, Any]]:
    return {group: entries for group, entries in _data().items() if group != "words"}


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("findings.toml").read_text(encoding="utf-8"))
