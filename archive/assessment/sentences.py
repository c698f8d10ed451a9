"""The words of verdicts, and of times in findings, in Chinese and English, from ``reasons.toml``. Times are given in
Asia/Shanghai.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from string import Formatter
from typing import Any

from archive.assessment.data_files import data_file
from archive.assessment.facts import Verdict
from archive.findings import finding, templates
from archive.sentence_templates import value_names
from storage.records import SHANGHAI, Duty, Finding

_MINUTES, _NOTHING = "%Y-%m-%d %H:%M", "—"
_INSTANTS = frozenset({"from", "to", "at"})


def sentence(verdict: Verdict, duty: Duty, agency_name: str) -> tuple[str, str]:
    """Return the verdict on ``duty`` in Chinese and in English; a guessed duty is called one."""
    values = _values(verdict, duty) | {"agency": agency_name}
    is_guess = duty.guessed and verdict.rule not in {1, 2}

    def in_language(language: str) -> str:
        text = _words()["reason"][verdict.reason][language]
        filled = text.format_map({name: _text(name, values[name], language) for name in value_names(text)})
        return str(filled + (_words()["guessed"][language] if is_guess else ""))

    return in_language("zh"), in_language("en")


def in_words(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a finding's sentences as these give them: instants, days, and what there is none of."""
    return {
        name: (_text(name, None, "zh"), _text(name, None, "en")) if value is None else _text(name, value, "")
        for name, value in values.items()
    }


def values_of(finding: Finding) -> Mapping[str, str | datetime]:
    """Return what :func:`in_words` gave for the sentences of ``finding``: instants to the minute, all else as text.

    Empty where the code has no sentence here, or the sentence is not of its making.
    """
    pattern = _pattern_of(finding.code)
    match = pattern.fullmatch(finding.en) if pattern else None
    texts = match.groupdict() if match else {}
    return {
        name: datetime.strptime(text, _MINUTES).replace(tzinfo=SHANGHAI) if name in _INSTANTS else text
        for name, text in texts.items()
        if text != _NOTHING
    }


def verdict_findings(verdict: Verdict, duty: Duty) -> tuple[Finding, ...]:
    """Return the findings that follow from the verdict itself: dates in conflict, a due date in a holiday."""
    values = in_words(_values(verdict, duty))
    findings = [finding("date_conflict", values)] if verdict.conflict else []
    if duty.holiday and verdict.rule not in {1, 2}:
        findings.append(finding("holiday_deadline", values, holiday=duty.holiday))
    return tuple(findings)


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


def _text(name: str, value: object, language: str) -> str:
    """Return a day as YYYY-MM-DD, an instant as YYYY-MM-DD HH:MM in Asia/Shanghai; for nothing the words of that
    language, or a dash.
    """
    if value is None:
        return str(_words()["none"].get(name, {}).get(language, _NOTHING))
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime(_MINUTES)
    return value.isoformat() if isinstance(value, date) else str(value)


@cache
def _pattern_of(code: str) -> re.Pattern[str] | None:
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


def _words() -> dict[str, Any]:
    return data_file("reasons.toml")
