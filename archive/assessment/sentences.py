"""The words of verdicts and findings, in Chinese and English, from ``reasons.toml``. Times are given in
Asia/Shanghai.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from archive.assessment.calendar import SHANGHAI
from archive.assessment.cases import Verdict
from storage.records import Duty, Finding, Severity


def sentence(verdict: Verdict, duty: Duty, agency_name: str) -> tuple[str, str]:
    """Return what ``verdict`` says of ``duty``, in Chinese and in English."""
    template = _words()["reason"][verdict.reason]
    values = _values(verdict, duty) | {"agency": agency_name}
    return template["zh"].format_map(values), template["en"].format_map(values)


def finding(code: str, values: Mapping[str, object]) -> Finding:
    """Return the finding ``code`` with its sentences filled from ``values`` (instants and days are formatted
    here).
    """
    template = _words()["finding"][code]
    texts = {name: _text(value) for name, value in values.items()}
    return Finding(
        code=code,
        severity=Severity(template["severity"]),
        zh=template["zh"].format_map(texts),
        en=template["en"].format_map(texts),
    )


def verdict_findings(verdict: Verdict, duty: Duty) -> tuple[Finding, ...]:
    """Return the findings that follow from the verdict itself: dates in conflict, a due date in a holiday."""
    values = _values(verdict, duty)
    found = [finding("date_conflict", values)] if verdict.conflict else []
    if duty.holiday and verdict.rule not in {1, 2}:
        found.append(finding("holiday_deadline", values | {"holiday": duty.holiday}))
    return tuple(found)


def reasons() -> tuple[str, ...]:
    """Return every reason code that a verdict can have."""
    return tuple(_words()["reason"])


def _values(verdict: Verdict, duty: Duty) -> dict[str, str]:
    return {
        "year": str(duty.year),
        "due": _text(duty.due or duty.practice),
        "basis": duty.basis,
        "shown": _text(verdict.first_shown),
        "absent": _text(verdict.last_absent),
        "declared": _text(verdict.declared),
        "days": _text(verdict.days_late),
        "where": verdict.where,
    }


def _text(value: object) -> str:
    """Return a day as YYYY-MM-DD, an instant as YYYY-MM-DD HH:MM in Asia/Shanghai, nothing as a dash."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "—" if value is None else str(value)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))
