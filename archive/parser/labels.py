"""Which place of which form a printed label names. Built once from the form files.

Exact first, then one slip, then a prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from archive.forms.loader import load_forms
from archive.forms.model import TablePlan
from archive.forms.spelling import key, number

Kind = Literal["row", "group", "column", "caption", "header"]
_FUZZY_FROM = 6  #: shortest key that may carry a slip
_CAPTION = "第二十条第"
CORNER = "勾稽关系"


@dataclass(frozen=True, slots=True)
class Hit:
    """What a label names.

    ``ids``: the rows or columns of all forms that bear it; ``vague``: the same words name something else too.
    """

    kind: Kind
    key: str
    table: str
    ids: tuple[str, ...]
    vague: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """All labels of all forms by key."""

    rows: dict[str, tuple[str, tuple[str, ...]]]
    columns: dict[str, dict[str, tuple[str, ...]]]
    groups: dict[str, str]
    headers: frozenset[str]
    slips: dict[str, str]
    prefixes: tuple[str, ...]
    numbers: dict[str, str]


def _spellings(label: str, variants: Iterable[str]) -> Iterator[str]:
    yield key(label)
    for variant in variants:
        yield key(variant)


def _add(into: dict[str, tuple[str, tuple[str, ...]]], name: str, table: str, row: str) -> None:
    known = into.get(name, (table, ()))[1]
    into[name] = (table, known if row in known else (*known, row))


@cache
def index() -> Index:
    """The index over all form files."""
    rows: dict[str, tuple[str, tuple[str, ...]]] = {}
    columns: dict[str, dict[str, tuple[str, ...]]] = {}
    groups: dict[str, str] = {}
    headers: set[str] = set()
    for form in load_forms():
        for table in form.tables:
            headers.update(_headers(table))
            for row in table.rows:
                groups.update({key(group): table.key for group in row.groups})
                for spelling in _spellings(row.label, row.variants):
                    _add(rows, spelling, table.key, row.id)
                for column in row.columns:
                    for spelling in _spellings(column.label, column.variants):
                        known = columns.setdefault(spelling, {}).get(table.key, ())
                        if column.id not in known:
                            columns[spelling][table.key] = (*known, column.id)
    slips = _slips(name for name in rows if len(name) >= _FUZZY_FROM)
    prefixes = tuple(sorted(name for name in rows if len(name) > _FUZZY_FROM))
    numbers = {row.id: number(row.label) for form in load_forms() for table in form.tables for row in table.rows}
    return Index(rows, columns, groups, frozenset(headers), slips, prefixes, numbers)


def _headers(table: TablePlan) -> Iterator[str]:
    for text in (table.header, table.group_header, *(block.header for block in table.blocks)):
        if text:
            yield key(text)


def _slips(names: Iterable[str]) -> dict[str, str]:
    """Every name with one character left out → the name, where that is unique; "" where it is not."""
    slips: dict[str, str] = {}
    for name in names:
        for i in range(len(name)):
            short = name[:i] + name[i + 1 :]
            slips[short] = name if slips.get(short, name) == name else ""
    return slips


@lru_cache(maxsize=8192)
def row_hit(text: str) -> Hit | None:
    """The row (with values) that ``text`` names, its group labels in front taken off; None if it names none.

    Vague are 其他, 总计 and 合计 without their number: columns and headers bear the same words.
    """
    name, no = key(text), number(text)
    if not name:
        return None
    found = _row_key(name)
    if found is None:
        return None
    table, ids = index().rows[found]
    vague = found in index().columns and not no
    if no and name == found and found in index().columns and not any(index().numbers.get(row) == no for row in ids):
        return None  # 2.其他… broken off, （六）其他: another row's number before a word that many bear
    if table == "remedies":
        return None
    return Hit("row", found, table, ids, vague, no)


def _row_key(name: str) -> str | None:
    known = index()
    if name in known.rows:
        return name
    for group in known.groups:
        if name.startswith(group) and name != group:
            rest = _row_key(name[len(group) :])
            if rest is not None:
                return rest
    if len(name) >= _FUZZY_FROM:
        return _slipped(name) or _prefixed(name)
    return None


def _slipped(name: str) -> str | None:
    """A row key that differs from ``name`` by one character missing, too many or wrong; None unless one alone does."""
    known = index()
    found: set[str] = set()
    if known.slips.get(name):
        found.add(known.slips[name])
    for i in range(len(name)):
        short = name[:i] + name[i + 1 :]
        if short in known.rows and len(short) >= _FUZZY_FROM:
            found.add(short)
        elif known.slips.get(short):
            found.add(known.slips[short])
    rows = {known.rows[f] for f in found}
    return found.pop() if len(rows) == 1 else None


def _prefixed(name: str) -> str | None:
    """A row key that begins with ``name``; None unless all that do name one row."""
    known = index()
    found = [full for full in known.prefixes if full.startswith(name)]
    return found[0] if found and len({known.rows[f] for f in found}) == 1 else None


@lru_cache(maxsize=8192)
def column_hit(text: str) -> Hit | None:
    """The column ``text`` names, with the tables that have one so called in ``table`` ("a|b").

    None if it names none.
    """
    name = key(text)
    tables = index().columns.get(name)
    if tables is None or number(text):
        return None
    return Hit("column", name, "|".join(tables), tuple(i for ids in tables.values() for i in ids), number=number(text))


@lru_cache(maxsize=8192)
def heading_hit(text: str) -> Hit | None:
    """The group, caption or header (信息内容, 申请人情况 …) ``text`` names; None if it names none."""
    name = key(text)
    if name.startswith(_CAPTION) and len(name) <= 12:
        return Hit("caption", name, "proactive", ())
    if name in index().groups:
        return Hit("group", name, index().groups[name], (), number=number(text))
    if name in index().headers:
        return Hit("header", name, "", ())
    return None


@lru_cache(maxsize=8192)
def strip_block(text: str) -> str | None:
    """The block of the remedies table a header or heading names (``review`` …); None if it names none or all."""
    name = key(text)
    whole = "".join(text.split())
    if "未经复议" in whole:
        return "litigation.direct" if "复议后" not in whole else None
    if "复议后起诉" in whole:
        return "litigation.after_review"
    return "review" if name == "行政复议" else None


def columns_of(table: str, text: str) -> tuple[str, ...]:
    """Ids of the columns of ``table`` that bear this label."""
    return () if number(text) else index().columns.get(key(text), {}).get(table, ())
