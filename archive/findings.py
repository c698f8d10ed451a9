"""Make findings from codes and values; their severities, meanings and sentences stand in ``findings.toml``. Pure."""

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
    """What a finding code means, in Chinese and English, and its usual severity."""

    code: str
    severity: Severity
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Template:
    """The severity of one case of a code, and its Chinese and English sentence with names for the values."""

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
    """Make the finding of ``code``, with its Chinese and English sentence filled in.

    ``case`` chooses among several sentences of a code; ``severity`` replaces that of the data file. The sentences take
    their values from ``expected``, ``found``, ``values`` and further keywords; a pair of strings is the Chinese and the
    English value. Raises KeyError for a code or case that is not in the data file, and for a value that is not given.
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
    """Join the first ``most`` names or numbers with ``comma``; if there are others, end with ``more``."""
    return comma.join(map(str, things[:most])) + (more if len(things) > most else "")


def first_in_both(things: Sequence[object], most: int, more: str = "") -> tuple[str, str]:
    """Join the first ``most`` names or numbers once with the Chinese and once with the English comma."""
    return first_of(things, most, "、", more), first_of(things, most, ", ", more)


@cache
def templates() -> Mapping[tuple[str, str], Template]:
    """Return the template of every (code, case); the case is "" for a code with only one sentence."""
    return {
        (code, case): Template(Severity(one.get("severity", entry["severity"])), (one["zh"], one["en"]))
        for entries in _groups().values()
        for code, entry in entries.items()
        for case, one in {"": entry, **entry}.items()
        if isinstance(one, dict) and case != "meaning" and "zh" in one
    }


@cache
def finding_meanings() -> Mapping[str, tuple[Meaning, ...]]:
    """Return the meanings of all codes by subject: ``cells``, ``text``, ``identity``, ``file``, ``publication``."""
    return {
        group: tuple(
            Meaning(code=code, severity=Severity(one["severity"]), **one["meaning"]) for code, one in entries.items()
        )
        for group, entries in _groups().items()
    }


@cache
def meanings_by_code() -> Mapping[str, Meaning]:
    """Return the meaning of each finding code."""
    return {one.code: one for group in finding_meanings().values() for one in group}


def words(name: str) -> Mapping[str, Sequence[str]]:
    """Return the words for coded values of a template name: value → its Chinese and its English wording."""
    wordings: Mapping[str, Sequence[str]] = _data()["words"].get(name, {})
    return wordings


def _in_language(name: str, value: object, language: int) -> object:
    """Return the value to fill in for ``name`` in one ``language``: 0 is Chinese, 1 is English."""
    if isinstance(value, str):
        value = tuple(words(name).get(value, (value, value)))
    return value[language] if isinstance(value, tuple) else value


def _groups() -> Mapping[str, Mapping[str, Any]]:
    """Return the entries of ``findings.toml`` by subject, each subject's by code."""
    return {group: entries for group, entries in _data().items() if group != "words"}


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("findings.toml").read_text(encoding="utf-8"))
