"""Look up words for statuses and other codes, and parse years, times and kinds as people write them, in both languages.

Texts that cannot be parsed raise :class:`archive.queries.bounds.QueryError`, which says how to write them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from archive.assessment.deadlines import deadline_rules, holidays
from archive.fuzzy_lookup import comparable_name, nearest_names
from archive.queries.bounds import FIRST_YEAR, LAST_YEAR, AbsenceGrade, QueryError, data_file
from storage.records import AgencyKind, EvidenceGrade, Status

CHINA = ZoneInfo("Asia/Shanghai")

_YEAR = re.compile(r"(\d{4})(?:年度?)?")
_YEARS = re.compile(r"(\d{4})(?:年度?)?(?:(?:-+|~|至|到|\.\.)(\d{4}|\d{2})(?:年度?)?)?")
#: 2025-2-1, 2025/02/01, 2025.2.1, 2025年2月1日, 20250201: only with the year first, as other orders are ambiguous.
_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-") | {"～": "~", "〜": "~", "，": ",", "、": ",", ";": ","})
_Word = TypeVar("_Word", AbsenceGrade, AgencyKind, EvidenceGrade, Status)


@cache
def vocabulary() -> Mapping[str, Mapping[str, str]]:
    """Return the words of ``words.toml`` and ``figure_states.toml``, and the legal bases of due dates and their
    sources (``basis.`` and the Chinese text): ``status.late`` → language → word.
    """
    words = {
        f"{section}.{key}": entry
        for section, entries in data_file("words.toml").items()
        for key, entry in entries.items()
    }
    for rule in deadline_rules():
        for zh, en in ((rule.basis, rule.basis_en), (rule.source, rule.source_en)):
            words[f"basis.{zh}"] = {"zh": zh, "en": en or zh}
    words |= {f"holiday.{one.name}": {"zh": one.name, "en": one.en} for one in holidays()}
    for state, entry in figure_states().items():
        words[f"state.{state}"] = entry["word"] if "word" in entry else words[f"status.{state}"]
        words[f"state_meaning.{state}"] = entry["meaning"]
        if "short" in entry:
            words[f"state_short.{state}"] = entry["short"]
    return words


def figure_states() -> Mapping[str, Mapping[str, Any]]:
    """Return the entries of ``figure_states.toml`` by state; a state says why there is a figure, or none."""
    return data_file("figure_states.toml")


def word(section: str, token: str, lang: str) -> str | None:
    """Return the word for a code (``section`` "status", ``token`` "late"), or None if there is none."""
    entry = vocabulary().get(f"{section}.{token}")
    return None if entry is None else entry[lang]


def year(text: str) -> int:
    """Parse a reporting year: ``2024``, ``２０２４`` or ``2024年``. Raises QueryError for several, or a far one."""
    written = _written(text)
    match = _YEAR.fullmatch(written)
    if match is not None and FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return int(match[1])
    if match is not None:
        raise QueryError(code="query.far_year", text=text, first=FIRST_YEAR, last=LAST_YEAR)
    if _YEARS.fullmatch(written) or "," in written:
        raise QueryError(code="query.several_years", text=text, years=written)
    raise QueryError(code="query.no_year", text=text)


def is_year(text: str) -> bool:
    """Whether a word can be parsed as a reporting year."""
    match = _YEAR.fullmatch(_written(text))
    return match is not None and FIRST_YEAR <= int(match[1]) <= LAST_YEAR


def years(text: str, name: str = "years") -> list[int]:
    """Parse years such as ``2019-2025``, ``2023`` or ``2019,2021``, and sort them. ``name``: of the option."""
    result: set[int] = set()
    for part in filter(None, _written(text).split(",")):
        match = _YEARS.fullmatch(part)
        if match is None:
            raise QueryError(code="query.years", name=name, text=text)
        first = int(match[1])
        last = first if match[2] is None else int(match[1][: 4 - len(match[2])] + match[2])
        if last < first:
            raise QueryError(code="query.backwards", name=name, text=text, first=last, last=first)
        if not (first >= FIRST_YEAR and last <= LAST_YEAR):
            raise QueryError(code="query.far_years", name=name, text=text, first=FIRST_YEAR, last=LAST_YEAR)
        result.update(range(first, last + 1))
    if not result:
        raise QueryError(code="query.years", name=name, text=text)
    return sorted(result)


def moment(text: str, name: str, *, end: bool) -> datetime:
    """Parse a time, or a day as its beginning or ``end``; without a zone in Asia/Shanghai. ``name``: of the option."""
    written = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    try:
        day = _DAY.fullmatch("".join(written.split()))
        if day is not None:
            date_of_day = date(*(int(part) for part in day.groups() if part is not None))
            return datetime.combine(date_of_day, time.max if end else time.min, tzinfo=CHINA)
        instant = datetime.fromisoformat(written)
        instant = instant if instant.tzinfo else instant.replace(tzinfo=CHINA)
        instant.astimezone(CHINA)  # raises an error for the first and last years of the calendar
    except (ValueError, OverflowError):
        raise QueryError(code="query.no_date", name=name, text=text) from None
    return instant


def kind(text: str) -> AgencyKind:
    """Parse a kind of agency, in English or Chinese."""
    return _token_named(text, AgencyKind, "query.no_kind", "kind")


def grade(text: str) -> EvidenceGrade:
    """Parse a grade of evidence, in English or Chinese."""
    return _token_named(text, EvidenceGrade, "query.no_grade", "evidence")


def absence_grade(text: str) -> AbsenceGrade:
    """Parse a grade of evidence by which a report can be missing, in English or Chinese."""
    return _token_named(text, AbsenceGrade, "query.no_grade", "evidence")


def status(text: str) -> Status:
    """Parse a status, in English or Chinese."""
    return _token_named(text, Status, "query.no_status", "status", "status_short")


def _token_named(text: str, tokens: type[_Word], code: str, *sections: str) -> _Word:
    """Return the member of the enum ``tokens`` that a text names: by its value, or a Chinese word in ``sections``."""
    sought = comparable_name(text).replace("-", "_")
    by_name = {one.value: one for one in tokens}
    for section in reversed(sections):
        by_name |= {chinese: one for one in tokens if (chinese := word(section, one.value, "zh"))}
    for name, one in by_name.items():
        if sought in (name, comparable_name(name).replace("_", "")):
            return one
    similar = nearest_names(sought, by_name, 1)
    every = ", ".join(f"{one.value} ({word(sections[0], one.value, 'zh')})" for one in tokens)
    raise QueryError(code=code, suggestions=[by_name[one] for one in similar], text=text, every=every)


def _written(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
