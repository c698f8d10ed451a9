"""Which place of which form a printed label names. Built once from the form files.

Exact first, then one slip, then a prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from typing import Literal

from archive.forms.loader import load_forms
from archive.forms.model import TablePlan
from archive.forms.spelling import LONGEST, fold, key, number

Kind = Literal["row", "group", "caption", "header"]
CORNER = "勾稽关系"
_FUZZY_FROM = 6  #: shortest key that may carry a slip
_REMEDIES_LONGEST = 80  #: characters of a text that announces the remedies table
_STEM = 4  #: shortest key of what is left of a label whose number says which
_BEGIN, _END = slice(None, _FUZZY_FROM // 2), slice(-(_FUZZY_FROM // 2), None)  #: one of them is left by one slip
_CAPTION_LONGEST = 12  #: characters of a caption's key


@dataclass(frozen=True, slots=True)
class LabelMatch:
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
    captions: tuple[str, ...]
    one_row_tables: frozenset[str]
    corners: tuple[str, ...]
    one_character_off: dict[str, str]
    prefixes: tuple[str, ...]
    numbers: dict[str, str]
    longest: int
    ends: frozenset[str]


def _spellings(label: str, variants: Iterable[str]) -> Iterator[str]:
    yield key(label)
    for variant in variants:
        yield key(variant)


def _spellings_below(above: str, spellings: Iterable[str]) -> Iterator[str]:
    """Each spelling, and behind the heading above its columns, as headers of one row have it (法人或其他组织—其他)."""
    for spelling in spellings:
        yield spelling
        if above:
            yield above + spelling


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
    captions: set[str] = set()
    one_row_tables: set[str] = set()
    corners: set[str] = set()
    for form in load_forms():
        for table in form.tables:
            headers.update(_headers(table))
            captions.update(_stems([block.caption for block in table.blocks]))
            if table.layout == "strip":
                one_row_tables.add(table.key)
            elif table.layout == "matrix":
                corners.update(word for words in table.marks for word in words)
            for row in table.rows:
                groups.update({key(group): table.key for group in row.groups})
                for spelling in _spellings(row.label, row.variants):
                    _add(rows, spelling, table.key, row.id)
                for column in row.columns:
                    above = key(table.group_header) if column.grouped and table.group_header else ""
                    for spelling in _spellings_below(above, _spellings(column.label, column.variants)):
                        known = columns.setdefault(spelling, {}).get(table.key, ())
                        if column.id not in known:
                            columns[spelling][table.key] = (*known, column.id)
    one_off = _one_character_off(name for name in rows if len(name) >= _FUZZY_FROM)
    prefixes = tuple(sorted(name for name in rows if len(name) > _FUZZY_FROM))
    numbers = {row.id: number(row.label) for form in load_forms() for table in form.tables for row in table.rows}
    longest = max(map(len, rows)) + 2 * max(map(len, groups)) + 1  # a row under two groups, with a slip
    ends = frozenset(name[part] for name in rows if len(name) >= _FUZZY_FROM for part in (_BEGIN, _END))
    return Index(
        rows, columns, groups, frozenset(headers), tuple(captions), frozenset(one_row_tables), tuple(corners), one_off,
        prefixes, numbers, longest, ends,
    )  # fmt: skip


def _stems(captions: Sequence[str]) -> Iterator[str]:
    """What the captions of a table begin with (第二十条第 of 第二十条第（一）项), or each if they share too little."""
    same = takewhile(lambda characters: len(set(characters)) == 1, zip(*captions, strict=False))
    stem = key("".join(characters[0] for characters in same))
    yield from (stem,) if len(stem) >= 4 else map(key, captions)


def _headers(table: TablePlan) -> Iterator[str]:
    for text in (table.header, table.group_header, *(block.header for block in table.blocks)):
        if text:
            yield key(text)


def _one_character_off(names: Iterable[str]) -> dict[str, str]:
    """Every name with one character left out → the name, where that is unique; "" where it is not."""
    found: dict[str, str] = {}
    for name in names:
        for i in range(len(name)):
            short = name[:i] + name[i + 1 :]
            found[short] = name if found.get(short, name) == name else ""
    return found


@lru_cache(maxsize=8192)
def row_hit(text: str) -> LabelMatch | None:
    """The row (with values) that ``text`` names, its group labels in front taken off; None if it names none.

    Vague are 其他, 总计 and 合计 without their number: columns and headers bear the same words.
    """
    name = key(text)
    found = _row_key(name) if 0 < len(name) <= index().longest else None
    if found is None:
        return None
    no = number(text)
    table, ids = index().rows[found]
    vague = found in index().columns and not no
    if no and name == found and found in index().columns and not any(index().numbers.get(row) == no for row in ids):
        return None  # 2.其他… broken off, （六）其他: another row's number before a word that many bear
    if table in index().one_row_tables:
        return None
    return LabelMatch("row", found, table, ids, vague, no)


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
    if name[_BEGIN] not in known.ends and name[_END] not in known.ends:
        return None  # more than one slip: no need to look further
    found: set[str] = set()
    if known.one_character_off.get(name):
        found.add(known.one_character_off[name])
    for i in range(len(name)):
        short = name[:i] + name[i + 1 :]
        if short in known.rows and len(short) >= _FUZZY_FROM:
            found.add(short)
        elif known.one_character_off.get(short):
            found.add(known.one_character_off[short])
    rows = {known.rows[f] for f in found}
    return found.pop() if len(rows) == 1 else None


def _prefixed(name: str) -> str | None:
    """A row key that begins with ``name``; None unless all that do name one row."""
    known = index()
    found = [full for full in known.prefixes if full.startswith(name)]
    return found[0] if found and len({known.rows[f] for f in found}) == 1 else None


def begins_a_row(text: str) -> bool:
    """Whether ``text`` is the beginning of a row's label and bears its number: 一、本年新收 (…政府信息公开申请数量)."""
    name, no, known = key(text), number(text), index()
    if not no or len(name) < _STEM:
        return False
    begun = (full for full in known.prefixes if full.startswith(name))
    return any(known.numbers.get(row) == no for full in begun for row in known.rows[full][1])


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(name[:end] for name in index().rows for end in range(1, len(name)))


def may_go_on(text: str) -> bool:
    """Whether ``text`` is nothing but the beginning of a label's words, to the letter (行政规范 of 行政规范性文件)."""
    name = key(text)
    return 0 < len(name) <= index().longest and name in _beginnings()


def is_whole(text: str) -> bool:
    """Whether ``text`` is the label of one row to the letter, and not what columns are called as well (其他)."""
    hit = row_hit(text)
    return hit is not None and not hit.vague and hit.key == key(text)


def columns_called(text: str) -> Mapping[str, tuple[str, ...]]:
    """The columns ``text`` names: table key → their ids; empty if it names none, or is the numbered label of a row."""
    found = index().columns.get(key(text))
    return found if found is not None and not number(text) else {}


def heading_hit(text: str) -> LabelMatch | None:
    """The group, caption or header (信息内容, 申请人情况 …) ``text`` names; None if it names none."""
    name = key(text)
    if len(name) <= _CAPTION_LONGEST and name.startswith(index().captions):
        return LabelMatch("caption", name, "proactive", ())
    if name in index().groups:
        return LabelMatch("group", name, index().groups[name], (), number=number(text))
    if name in index().headers:
        return LabelMatch("header", name, "", ())
    return None


@cache
def _strips() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The rows of the strip tables: by the key of their labels, and the words that name each wherever they stand."""
    rows = [row for form in load_forms() for table in form.tables if table.layout == "strip" for row in table.rows]
    return {key(text): row.id for row in rows for text in (row.label, *row.variants)}, {
        row.id: tuple(dict.fromkeys(mark for same in rows if same.id == row.id for mark in same.marks)) for row in rows
    }


def strip_block(text: str) -> str | None:
    """The block of the remedies table a header or heading names (``review`` …); None if it names none or several."""
    labels, marks = _strips()
    whole = fold(text) if len(text) <= LONGEST else "".join(text.split())
    named = [row for row, words in marks.items() if any(word in whole for word in words)]
    return named[0] if len(named) == 1 else None if named else labels.get(key(text))


def is_corner(text: str) -> bool:
    """Whether a text is what stands in the corner of the applications table (the 勾稽关系)."""
    return any(word in text for word in index().corners)


@cache
def block_headers() -> frozenset[str]:
    """Keys of the headers (信息内容) that stand over each block of the proactive table."""
    return frozenset(key(block.header) for form in load_forms() for table in form.tables for block in table.blocks)


@cache
def _remedies() -> tuple[frozenset[tuple[str, ...]], tuple[str, ...]]:
    tables = [table for form in load_forms() for table in form.tables if table.layout == "strip"]
    hints = dict.fromkeys(word for table in tables for word in table.hints)
    return frozenset(words for table in tables for words in table.marks), tuple(hints)


def remedies_hints() -> tuple[str, ...]:
    """Words of the remedies' header beside which columns that other tables have too are believed to be its own."""
    return _remedies()[1]


def names_remedies(text: str) -> bool:
    """Whether a short text says that the remedies table begins (复议 and 诉讼 in one heading)."""
    return len(text) < _REMEDIES_LONGEST and any(all(word in text for word in words) for words in _remedies()[0])


def is_caption(text: str) -> bool:
    """Whether a text is the caption of a block (第二十条第（一）项), alone or with more behind it."""
    return key(text).startswith(index().captions)


def names_a_strip(words: str) -> bool:
    """Whether a document's words have a block and a column of the remedies table that no other table has."""
    return any(
        any(row in words for row in rows) and any(column in words for column in columns)
        for rows, columns in _distinctive_labels()
    )


@cache
def _distinctive_labels() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Of each strip table: keys of the nested rows, and of the columns that stand in no other table."""
    return tuple(
        (
            tuple(key(row.label) for row in table.rows if row.groups),
            tuple(name for name in (key(c.label) for c in table.columns) if len(index().columns[name]) == 1),
        )
        for form in load_forms()
        for table in form.tables
        if table.layout == "strip"
    )
