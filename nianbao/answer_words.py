"""Put the values of answers into words and heads, as pages and terminals show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from archive.assessment.calendar import local_day
from archive.assessment.scores import components
from archive.exports.formats.columns import Row, display_rules, heading
from archive.exports.plain_values import number, percent
from archive.sentence_templates import days_in_words
from nianbao.messages import say
from nianbao.questions import Question
from nianbao.sentences import finding_meaning, indicator_words, news_words, word
from storage.records import Status


def columns_to_show(question: Question) -> list[str]:
    """Return the names of the columns that pages and terminals show for a list."""
    return [part for name in question.slim for part in display_rules("parts").get(name, (name,))]


def _heading(question: str, name: str, lines: Sequence[Row], lang: str) -> str:
    """Return the heading of a column; the columns of a comparison of two years are headed by their year."""
    side = name.removesuffix("value")
    if side in {"before_", "after_"} and lines:
        return str(lines[0][f"{side}year"])
    return heading(display_rules("headings").get(f"{question}.{name}", name), lang)


def _days_after_due(row: Mapping[str, Any], day: date | None) -> int | None:
    """Return how many days after its due date a late report's ``day`` is; None if it is not late, or not after it."""
    days = (day - row["due"]).days if row["status"] is Status.LATE and row["due"] and day else 0
    return days if days > 0 else None


#: columns that no answer has: days late by the date on the site, and at least, by a list read without the report
_COMPUTED: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "days_by_site": lambda row: _days_after_due(row, row["declared"]),
    "days_by_looks": lambda row: _days_after_due(row, row["last_absent"] and local_day(row["last_absent"])),
}


def column_value(name: str, row: Mapping[str, Any]) -> Any:
    """Return the value of a column before it is put into words; computed columns (_COMPUTED) included."""
    return _COMPUTED[name](row) if name in _COMPUTED else row[name]


def _value_in_words(question: str, name: str, row: Mapping[str, Any], lang: str) -> object:
    """Return the value of column ``name`` of an answer to ``question``, in words or formatted, for pages, terminals."""
    if name == "sentence":
        return days_in_words(row[lang], lang)
    if name == "score":
        return word("score", str(row[name]), lang)
    if name == "component":
        return next(one[lang] for one in components() if one["id"] == row[name])
    if name.endswith("value"):
        side = name.removesuffix("value")
        value, state, n, least = (row[f"{side}{part}"] for part in ("value", "state", "n", "at_least"))
        return figure_words(value, state, n, least, lang)
    value = column_value(name, row)
    if name == "days_by_looks" and value is not None:
        return f"≥{value}"
    if name in {"ratio", "change"} and isinstance(value, Decimal):
        return f"{value.scaleb(2):+.1f}%" if name == "ratio" else f"{value:+f}"
    if question == "check" and name in {"finding", "cells"}:
        cells = (indicator_words(one, lang) for one in row["cells"] or ())
        return finding_meaning(str(value), lang) if name == "finding" else say("cli", lang, "join.names").join(cells)
    part = name.partition("_")[0]
    if question == "freshness" and part in {"lists", "addresses"} and not row[part]:
        return "–"  # reports stand on lists, or each at an address of its own
    if f"{question}.{name}" == "news.change":
        return news_words(value, row["previous_evidence"], row["evidence"], lang)
    section = section_of(question, name)
    return value if section is None else words_for(section, value, lang)


def figure_words(
    value: Decimal | None, state: object, n: Decimal | None, at_least: Decimal | None, lang: str
) -> str:  # fmt: skip
    """Return a figure as text (a rate as ``12.5% n=40``), or its minimum (``≥3``), or words why there is none."""
    if value is not None:
        return number(value) if n is None else f"{percent(value)} n={number(n)}"
    if at_least is not None:
        return "≥" + number(at_least)
    return str(words_for("state", state, lang))


def section_of(question: str, column: str) -> str | None:
    """Return the section of the vocabulary with words for a column's values; None if the values need no words."""
    if column in {"report_kind", "list"}:
        return column
    sections = (section for end, section in display_rules("sections").items() if column.endswith(end))
    return display_rules("words").get(f"{question}.{column}") or next(sections, None)


def words_for(section: str, token: object, lang: str) -> object:
    """Return the word of a code, or those of a list of codes; a code without a word stays."""
    if isinstance(token, (tuple, list)):
        return [words_for(section, one, lang) for one in token]
    return token if token is None else word(section, token, lang)


def rows_in_words(
    question: Question, rows: Sequence[Row], lang: str, *, is_short: bool = False
) -> tuple[Mapping[str, str], list[tuple[dict[str, object], Row]]]:
    """Return column → heading for pages and terminals, and each row as a pair: values in words, and original values.
    No columns: required parameters (a year), as all lines show the same, and what another column includes (why a
    figure is missing). ``is_short``: the reason of an unknown report is not repeated if it is that of the row before.
    """
    fields = question.parameters.model_fields
    fixed = {name for name, field in fields.items() if field.is_required() and field.annotation in {int, str}}
    names = [name for name in columns_to_show(question) if name not in fixed and not _is_in_another_column(name)]
    heads = {name: _heading(question.name, name, rows, lang) for name in names}
    pairs = [({name: _value_in_words(question.name, name, row, lang) for name in names}, row) for row in rows]
    if is_short and question.name == "unknown":
        _say_reasons_once(pairs, lang)
    return heads, pairs


def _is_in_another_column(name: str) -> bool:
    """True if people read this in another column: why a figure is missing, its number of cases, its year."""
    return name in {"state", "n"} or name.endswith(("_state", "before_year", "after_year"))


def _say_reasons_once(pairs: Sequence[tuple[dict[str, object], Row]], lang: str) -> None:
    """Replace the reason of an unknown report that differs from the one before only in the agency by a short one."""
    before = ""
    for words, row in pairs:
        reason = str(words["sentence"]).replace(str(row["agency"]), "")
        if reason == before:
            words["sentence"] = say("web", lang, "form.same_reason")
        before = reason
