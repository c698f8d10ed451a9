"""Which national form a document's tables follow, told from the labels that only one form has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from archive.forms.loader import load_forms
from archive.forms.model import Form, TablePlan
from archive.forms.spelling import key
from archive.parser.labels import is_caption, names_a_strip
from archive.parser.looks import look
from archive.parser.rows import Row

_LINE = 90  # longer texts are narrative
_SEVERAL = 5  # rows of the applications table that make one


@cache
def telling_labels() -> dict[str, dict[str, frozenset[str]]]:
    """Table key → form name → label keys that no other form's table of this key has (not even as part of a label)."""
    forms = load_forms()
    spellings = {(form.name, table.key): frozenset(_spellings(table)) for form in forms for table in form.tables}
    result: dict[str, dict[str, frozenset[str]]] = {}
    for (name, table_key), own in spellings.items():
        others = {s for (form, table), found in spellings.items() if form != name and table == table_key for s in found}
        telling = {s for s in own if len(s) >= 4 and not any(s in other or other == s for other in others)}
        result.setdefault(table_key, {})[name] = frozenset(telling)
    return result


def _spellings(table: TablePlan) -> Iterable[str]:
    for row in table.rows:
        yield key(row.label)
        yield from (key(text) for text in (*row.variants, *row.groups))
        for column in row.columns:
            yield key(column.label)
            yield from (key(text) for text in column.variants)


def recognise(rows: Sequence[Row]) -> dict[str, Form]:
    """Table key → form.

    For ``proactive`` (if it tells) and ``applications`` (always, when any table was recognised).
    """
    words = _words(rows)
    hits = {row.hit.table for row in rows if row.hit is not None}
    if not hits and not any(row.kind == "header" for row in rows):
        return {}
    proactive = _best("proactive", words)
    applications = _best("applications", words)
    if applications is None:
        applications = _by_rows(rows)
    if proactive is None and applications is None:
        if not _stands(rows, words):
            return {}
        applications = _likely(rows, words)
    result = {"applications": applications or proactive or _likely(rows, words)}
    if proactive is not None or _captioned(rows):
        result["proactive"] = proactive or result["applications"]
    return result


def _words(rows: Sequence[Row]) -> str:
    """The keys of all labels, joined within a row: one may be torn over its cells."""
    return "|".join(["".join([look(text).key for text in row.texts if len(text) <= 2 * _LINE]) for row in rows])


def _likely(rows: Sequence[Row], words: str) -> Form:
    """The form most of whose labels stand here and fewest are missing between them, the newest of equals.

    Nothing in the tables is one form's alone; but what one form prints between two of these rows would stand there too.
    """
    named = {name for row in rows if row.hit is not None for name in row.hit.ids}

    def seen(form: Form) -> int:
        labels = (key(column.label) for table in form.tables if table.layout == "strip" for column in table.columns)
        found = missing = 0
        for table in form.tables:
            places = [at for at, row in enumerate(table.rows) if row.id in named]
            found += len(places)
            missing += max(places) + 1 - min(places) - len(places) if places else 0
        return found - missing + sum(label in words for label in labels)

    return max(reversed(load_forms()), key=seen)


def _by_rows(rows: Sequence[Row]) -> Form | None:
    """The one form that prints a row whose words stand before figures, elsewhere only over others (（六）其他处理)."""
    named = {name for row in rows if row.hit is not None and row.numbers for name in row.hit.ids}
    found = [form for form in load_forms() if named & _own_rows()[form.name]]
    return found[0] if len(found) == 1 else None


@cache
def _own_rows() -> dict[str, frozenset[str]]:
    """Form name → ids of its rows whose label no other form has for a row, but one has for a group of rows."""
    forms = load_forms()
    labels = {form.name: {key(row.label): row.id for table in form.tables for row in table.rows} for form in forms}
    groups = {key(group) for form in forms for table in form.tables for row in table.rows for group in row.groups}
    return {
        name: frozenset(
            row
            for label, row in own.items()
            if label in groups and not any(label in other for form, other in labels.items() if form != name)
        )
        for name, own in labels.items()
    }


@cache
def rows_told_by_figures() -> frozenset[str]:
    """Ids of the rows that tell a form only where figures stand behind their label."""
    return frozenset().union(*_own_rows().values())


def _captioned(rows: Sequence[Row]) -> bool:
    """Whether a caption (第二十条第…项) stands over rows: 行政许可 alone may be a row of any table."""
    return any(row.kind == "caption" or any(is_caption(text) for text in row.texts) for row in rows)


def _stands(rows: Sequence[Row], words: str) -> bool:
    """Whether a table of the form is there though nothing tells whose: captions, several rows, or the remedies."""
    known = {row.hit.ids for row in rows if row.hit is not None and row.hit.table == "applications"}
    return _captioned(rows) or len(known) >= _SEVERAL or names_a_strip(words)


def _best(table: str, words: str) -> Form | None:
    """The form with the most telling labels in the text; None if none or a draw."""
    scores = {name: sum(label in words for label in labels) for name, labels in telling_labels().get(table, {}).items()}
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    if not ranked or ranked[0][1] == 0 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return next(form for form in load_forms() if form.name == ranked[0][0])
