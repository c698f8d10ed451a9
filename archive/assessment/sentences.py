"""Word verdicts, and times in findings, in Chinese and English (``reasons.toml``). Times are in Asia/Shanghai."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache, lru_cache, partial
from operator import itemgetter
from string import Formatter
from typing import Any

from archive.assessment.calendar import local_day
from archive.assessment.data_files import data_file
from archive.assessment.deadlines import holidays
from archive.assessment.facts import DutyFacts, RuleVerdict
from archive.findings import finding, templates
from archive.sentence_templates import day_in_words, value_names
from storage.records import SHANGHAI, Duty, Finding

_MINUTES, _NO_VALUE = "%Y-%m-%d %H:%M", "—"
_INSTANTS = frozenset({"from", "to", "at"})  # names of values that are instants


@lru_cache(maxsize=64)  # most looks change nothing in a verdict
def sentence(verdict: RuleVerdict, duty: Duty, agency_name: str) -> tuple[str, str]:
    """Return the verdict in Chinese and English; notes say if the site's date contradicts it, if the duty is guessed,
    or if another archive saw it first.
    """
    values = _values(verdict, duty) | {"agency": agency_name}
    is_guess = duty.guessed and verdict.rule not in {1, 2}

    def in_language(language: str) -> str:
        texts = _words()["reason"][verdict.reason]
        text = texts[language] if duty.due else texts.get(f"{language}_practice", texts[language])
        against = _against(verdict, language, lambda at: _text("against", at, language))
        in_text = values | {"against": against}
        filled = text.format_map({name: _text(name, in_text[name], language) for name in value_names(text)})
        if verdict.conflict and verdict.declared is not None and "declared" not in value_names(text):
            filled += _words()["conflict"][language].format(declared=_text("declared", verdict.declared, language))
        if verdict.source:
            instant = _text("shown", verdict.first_shown, language)
            filled += _words()["copy"][language].format(shown=instant, source=verdict.source)
        return str(filled + (_words()["guessed"][language] if is_guess else ""))

    return in_language("zh"), in_language("en")


def in_words(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a finding's sentences as text: instants to the minute, days, words or a dash for None."""
    return {
        name: (_text(name, None, "zh"), _text(name, None, "en")) if value is None else _text(name, value, "")
        for name, value in values.items()
    }


def on_word_of(source: str, finding: Finding) -> Finding:
    """Return a finding whose sentences say that it rests on a capture of the archive ``source`` ("": of none)."""
    zh, en = (_words()["word_of"][language].format(source=source) if source else "" for language in ("zh", "en"))
    return replace(finding, zh=finding.zh + zh, en=finding.en + en)


def values_of(finding: Finding) -> Mapping[str, str | datetime]:
    """Read the values back from a finding's English sentence, instants to the minute, others as text; else {}."""
    pattern = _pattern_of(finding.code)
    match = pattern.match(finding.en) if pattern else None  # ``on_word_of`` may follow
    texts = match.groupdict() if match else {}
    return {
        name: datetime.strptime(text, _MINUTES).replace(tzinfo=SHANGHAI) if name in _INSTANTS else text
        for name, text in texts.items()
        if text != _NO_VALUE
    }


def verdict_findings(verdict: RuleVerdict, duty: Duty) -> tuple[Finding, ...]:
    """Return the findings that follow from the verdict itself: dates that conflict, a due date in a holiday."""
    plain_day = partial(_text, "against", language="")
    against = (_against(verdict, "zh", plain_day), _against(verdict, "en", plain_day))
    values = in_words(_values(verdict, duty)) | {"against": against}
    findings = [finding("date_conflict", values)] if verdict.conflict else []
    if duty.holiday and verdict.rule not in {1, 2}:
        english = {one.name: one.en for one in holidays()}.get(duty.holiday, duty.holiday)
        findings.append(finding("holiday_deadline", values, holiday=(duty.holiday, english)))
    return tuple(findings)


def contradictions_of(verdict: RuleVerdict, facts: DutyFacts) -> tuple[tuple[str, date], ...]:
    """Return what contradicts the declared date of a verdict: dates on the other side of the due day (those that only
    mean "not before" count only after it), and the last absence; each with a key of ``[against]`` in ``reasons.toml``.
    """
    due, declared = facts.duty.due or facts.duty.practice, verdict.declared
    if due is None or declared is None:
        return ()
    own = [one for one in facts.dates if one.shared_from is None and (one.declared or one.day > due)]
    dates = {(one.origin, one.day) for one in own if (one.day > due) != (declared > due)}
    absent = verdict.last_absent is not None and local_day(verdict.last_absent) > declared
    return (*sorted(dates, key=itemgetter(1, 0)), *([("absent", verdict.last_absent)] if absent else ()))


def _against(verdict: RuleVerdict, language: str, day: Callable[[date], str]) -> str:
    """Return in words what contradicts the declared date; ``day`` formats its days."""
    words = _words()["against"]
    every = [words[origin][language].format(day=day(at)) for origin, at in verdict.against]
    return ("；" if language == "zh" else "; ").join(every or [words["other"][language]])


def _values(verdict: RuleVerdict, duty: Duty) -> dict[str, object]:
    """Return the values that the sentences of ``reasons.toml`` can name."""
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
    """Return a day in words or, without a language, as YYYY-MM-DD; an instant with its time; None as words or dash."""
    if value is None:
        return str(_words()["none"].get(name, {}).get(language, _NO_VALUE))
    if not isinstance(value, date):
        return str(value)
    local = value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
    if language:
        return day_in_words(local, language)
    return f"{local:{_MINUTES}}" if isinstance(local, datetime) else f"{local:%Y-%m-%d}"


@cache
def _pattern_of(code: str) -> re.Pattern[str] | None:
    """Return the pattern of a code's English sentence, None if it has none. Its values have no blanks."""
    template = templates().get((code, ""))
    if template is None:
        return None
    parts = []
    for text, name, _, _ in Formatter().parse(template.sentences[1]):
        parts.append(re.escape(text))
        if name is not None:
            form = r"\d{4}-\d\d-\d\d \d\d:\d\d" if name in _INSTANTS else r"\S+"
            parts.append(f"(?P<{name}>{form}|{_NO_VALUE})")
    return re.compile("".join(parts))


def _words() -> dict[str, Any]:
    return data_file("reasons.toml")
