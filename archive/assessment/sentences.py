"""The words of verdicts, and of times in findings, in Chinese and English, from ``reasons.toml``. Times are given in
Asia/Shanghai.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from archive.assessment.status_inputs import Verdict
from archive.findings import finding, templates
from archive.sentence_templates import value_names
from storage.records import SHANGHAI, Duty, Finding

_MINUTES, _NOTHING = "%Y-%m-%d %H:%M", "—"
_INSTANTS = frozenset({"from", "to", "at"})


def sentence(verdict: Verdict, duty: Duty, agency_name: str) -> tuple[str, str]:
    """Return the verdict on ``duty`` in Chinese and in English; a guessed duty is called one."""
    template = _words()["reason"][verdict.reason]
    values = _values(verdict, duty) | {"agency": agency_name}
    guess = _words()["guessed"] if duty.guessed and verdict.rule not in {1, 2} else {"zh": "", "en": ""}
    return _fill(template, "zh", values) + guess["zh"], _fill(template, "en", values) + guess["en"]


def in_words(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a finding's sentences as these give them: instants, days, and what there is none of."""
    none = _words()["none"]
    return {
        name: (none[name]["zh"], none[name]["en"]) if value is None and name in none else _text(value)
        for name, value in values.items()
    }


def values_of(finding: Finding) -> Mapping[str, str | datetime]:
    """Return what :func:`in_words` gave for the sentences of ``finding``: instants to the minute, all else as text.

    Empty where the code has no sentence here, or the sentence is not of its making.
    """
    pattern = _inverted(finding.code)
    match = pattern.fullmatch(finding.en) if pattern else None
    texts = match.groupdict() if match else {}
    return {name: _instant(text) if name in _INSTANTS else text for name, text in texts.items() if text != _NOTHING}


def verdict_findings(verdict: Verdict, duty: Duty) -> tuple[Finding, ...]:
    """Return the findings that follow from the verdict itself: dates in conflict, a due date in a holiday."""
    values = in_words(_values(verdict, duty))
    found = [finding("date_conflict", values)] if verdict.conflict else []
    if duty.holiday and verdict.rule not in {1, 2}:
        found.append(finding("holiday_deadline", values, holiday=duty.holiday))
    return tuple(found)


def reasons() -> tuple[str, ...]:
    """Return every reason code that a verdict can have."""
    return tuple(_words()["reason"])


def _values(verdict: Verdict, duty: Duty) -> dict[str, object]:
    return {
        "year": duty.year,
        "due": duty.due or duty.practice,
        "basis": duty.basis,
        "shown": verdict.first_shown,
        "absent": verdict.last_absent,
        "declared": verdict.declared,
        "days": verdict.days_late,
        "where": verdict.where,
    }


def _fill(template: Mapping[str, str], language: str, values: Mapping[str, object]) -> str:
    """The template of a language with its values, those that there are none of in the words of that language."""
    none, text = _words()["none"], template[language]
    return text.format_map(
        {
            name: none[name][language] if values[name] is None and name in none else _text(values[name])
            for name in value_names(text)
        }
    )


def _text(value: object) -> str:
    """Return a day as YYYY-MM-DD, an instant as YYYY-MM-DD HH:MM in Asia/Shanghai, nothing as a dash."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime(_MINUTES)
    if isinstance(value, date):
        return value.isoformat()
    return _NOTHING if value is None else str(value)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, _MINUTES).replace(tzinfo=SHANGHAI)


@cache
def _inverted(code: str) -> re.Pattern[str] | None:
    """The pattern of the English sentences of a code: no address holds blanks, so none can pass for other words."""
    template = templates().get((code, ""))
    if template is None:
        return None
    parts = []
    for text, name, _, _ in Formatter().parse(template.sentences[1]):
        parts.append(re.escape(text))
        if name is not None:
            form = r"\d{4}-\d\d-\d\d \d\d:\d\d" if name in _INSTANTS else r"\S+"
            parts.append(f"(?P<{name}>{form}|{_NOTHING})")
    return re.compile("".join(parts))


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))
