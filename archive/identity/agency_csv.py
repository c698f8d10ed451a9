"""Read a list of agencies: ``id,name,kind,code,parent,valid_from,valid_to,aliases,source,ended,successors,guessed``.

A portal's own file and ``nianbao agencies import`` read the same shape. Kinds are in English or Chinese, aliases and
successors divided by ``|``; a ``source`` that is empty, or begins with ``guessed`` (behind a colon: where the name was
met), marks a body that no source attests. Of a body that is known already, a column or cell left blank says nothing,
and ``-`` says that there is none.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from archive.identity.agency_rows import ALL_COLUMNS, GUESSED, PORTAL, unshielded
from storage.errors import CodedError
from storage.records import Agency, AgencyEnd, AgencyKind

__all__ = [
    "ALL_COLUMNS", "COLUMNS", "ENDS", "GUESSED", "KINDS", "PORTAL", "ROWS", "SLUG", "AgencyListError", "CsvLine",
    "csv_lines", "headed_lines", "id_from_name", "parse_agencies", "parse_lines",
]  # fmt: skip

#: Control characters and those that turn a line round: in a name they make it look like another.
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COLUMNS = ("id", "name", "kind", "code", "parent", "valid_from", "valid_to", "aliases", "source")  #: of a portal's file
KINDS: Mapping[str, AgencyKind] = {
    "政府": AgencyKind.GOVERNMENT,
    "办公室": AgencyKind.OFFICE,
    "部门": AgencyKind.DEPARTMENT,
    "乡镇": AgencyKind.TOWNSHIP,
    "街道": AgencyKind.SUBDISTRICT,
    "其他": AgencyKind.OTHER,
    **{kind.value: kind for kind in AgencyKind},
}
ENDS: Mapping[str, AgencyEnd] = {
    "合并": AgencyEnd.MERGED,
    "并入": AgencyEnd.MERGED,
    "更名": AgencyEnd.RENAMED,
    "拆分": AgencyEnd.DIVIDED,
    "撤销": AgencyEnd.ABOLISHED,
    **{end.value: end for end in AgencyEnd},
}
_HEADINGS: Mapping[str, str] = {
    "门户": PORTAL, "编号": "id", "名称": "name", "机关名称": "name", "单位名称": "name", "类别": "kind",
    "类型": "kind", "代码": "code", "统一社会信用代码": "code", "上级": "parent", "上级机关": "parent",
    "设立日期": "valid_from", "撤销日期": "valid_to", "别名": "aliases", "曾用名": "aliases", "来源": "source",
    "变更方式": "ended", "承继机关": "successors", "推测": "guessed",
}  # fmt: skip
_YES, _NO = frozenset({"yes", "true", "1", "是"}), frozenset({"no", "false", "0", "否"})
NONE = "-"  # what a cell says that takes a value away
SLUG = re.compile(r"[a-z0-9_]{1,60}")
_NAME = 200  # characters; no body has a longer name
_TEXT = 4_000  # characters of any other cell
ROWS = 50_000  #: rows of one list; all the counties of a province have fewer bodies
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_IMPORTED = re.compile(r"import of [^:]{1,255}: ")
Value = TypeVar("Value")


class AgencyListError(CodedError, ValueError):
    """A list of agencies is not as it must be; the message names the line and the column. ``where``: the file, perhaps
    with the number of the line.
    """

    def __init__(self, message: str, *, where: str = "", code: str = "", **values: object) -> None:
        told = f"{where}: {message}" if where else message
        super().__init__(told, code=code, where=where.removeprefix("import of "), **values)


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One row of a list: its number in the file, and its cells by column, none of them None."""

    number: int
    cells: Mapping[str, str]


def id_from_name(name: str) -> str:
    """Give the id, within its portal, of a new body of which a list gives only the name."""
    return "n" + hashlib.sha256(name.encode()).hexdigest()[:12]


def parse_agencies(
    text: str, *, portal: str, origin: str, now: datetime, known: Mapping[str, Agency] | None = None
) -> tuple[Agency, ...]:
    """The agencies of the CSV ``text``, their sources after ``origin`` (the file they stand in).

    ``known``: the registry's agencies (by whatever key); with it the columns ``id`` and ``code`` may be left out: a
    known body keeps its own, a new one gets an id made from its name. Without it every row needs an id.
    Raises AgencyListError.
    """
    return parse_lines(csv_lines(text, origin), portal=portal, origin=origin, now=now, known=known)


def csv_lines(text: str, origin: str) -> list[CsvLine]:
    """The rows of a CSV by their headings, the row of these first. Raises AgencyListError."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for cells in reader:
            rows.append((reader.line_num, cells))
            if len(rows) > ROWS:
                raise AgencyListError(f"more than {ROWS} rows", where=origin, code="list.too_long", most=ROWS)
    except csv.Error as error:
        where = f"{origin}:{max(reader.line_num - 1, 1)}"
        raise AgencyListError(f"this is no CSV ({error})", where=where, code="list.no_csv", cause=error) from error
    return headed_lines(rows)


def headed_lines(rows: Iterable[tuple[int, Sequence[str]]]) -> list[CsvLine]:
    """Numbered rows as lines: the first that holds anything names the columns, and is the first line itself."""
    lines: list[CsvLine] = []
    names: list[str] = []
    for number, cells in rows:
        texts = [unshielded(cell.strip()).strip() for cell in cells]
        if not any(texts):
            continue
        if not names:
            names = [_HEADINGS.get(text, text.lower()) for text in texts]
            lines.append(CsvLine(number, {name: "" for name in names if name}))
            continue
        lines.append(CsvLine(number, {name: text for name, text in zip(names, texts, strict=False) if name}))
    return lines


def parse_lines(
    lines: Sequence[CsvLine], *, portal: str, origin: str, now: datetime, known: Mapping[str, Agency] | None = None
) -> tuple[Agency, ...]:
    """The agencies of the lines of a list, the first of which names the columns. As :func:`parse_agencies`."""
    needed = ("name", "kind") if known is not None else ("id", "name", "kind")
    columns = lines[0].cells if lines else {}
    if missing := [column for column in needed if column not in columns]:
        every = ",".join(ALL_COLUMNS)
        message = f"the column {missing[0]!r} is missing; columns are {every}"
        raise AgencyListError(message, where=origin, code="list.no_column", name=missing[0], every=every)
    reader = _Reader(portal, origin, now, None if known is None else {one.id: one for one in known.values()})
    agencies = [reader.agency(line, columns.keys()) for line in lines[1:]]
    visited: set[str] = set()
    for agency in agencies:
        if agency.id in visited:
            local = agency.id.partition("/")[2]
            message = f"the id {local!r} ({agency.name}) stands there twice"
            raise AgencyListError(message, where=origin, code="list.id_twice", id=local, agency=agency.name)
        visited.add(agency.id)
    if known is not None:
        _check_bodies(agencies, visited | reader.known.keys(), portal, origin)
        _check_names(zip(lines[1:], agencies, strict=True), reader.known, origin)
    return tuple(agencies)


def _check_names(agencies: Iterable[tuple[CsvLine, Agency]], known: Mapping[str, Agency], origin: str) -> None:
    """Refuse a second body of one name at the same time: reports would be nobody's. Two that the registry has already
    are let be.
    """
    rows = [*agencies]
    named: dict[str, list[Agency]] = {}
    for one in ({**known} | {agency.id: agency for _, agency in rows}).values():
        named.setdefault(one.name, []).append(one)
    for line, agency in rows:
        for other in named[agency.name]:
            if other.id == agency.id or not _coexist(agency, other):
                continue
            if all(one.id in known and known[one.id].name == one.name for one in (agency, other)):
                continue
            where, held = f"{origin}:{line.number}", other.id.partition("/")[2]
            message = (
                f"{agency.name} is the name of {held} already; give that id to change it, or say in valid_to when one "
                "of the two ended"
            )
            raise AgencyListError(message, where=where, code="list.name_taken", agency=agency.name, id=held)


def _coexist(one: Agency, other: Agency) -> bool:
    """Whether two bodies exist at the same time."""
    begun, ended = (one.valid_from or date.min), (one.valid_to or date.max)
    return begun < (other.valid_to or date.max) and (other.valid_from or date.min) < ended


def _check_bodies(agencies: Iterable[Agency], bodies: set[str], portal: str, origin: str) -> None:
    """Refuse parents and successors at this portal that nobody knows; those of other portals are not looked up."""
    own = f"{portal}/"
    for agency in agencies:
        parent = agency.parent or ""
        if parent.startswith(own) and parent not in bodies:
            message = f"{agency.name} names a parent {parent!r} that nobody knows"
            raise AgencyListError(message, where=origin, code="list.no_parent", agency=agency.name, text=parent)
        for one in agency.successors:
            if one.startswith(own) and one not in bodies:
                named = one.partition("/")[2]
                message = f"{agency.name} names a successor {named!r} that nobody knows"
                raise AgencyListError(message, where=origin, code="list.no_successor", agency=agency.name, text=named)


class _Reader:
    """Reads the rows of one list. ``known``: the registry's agencies by id (empty for a portal's own file)."""

    def __init__(self, portal: str, origin: str, now: datetime, known: Mapping[str, Agency] | None) -> None:
        self.portal, self.origin, self.now = portal, origin, now
        self.own_file = known is None
        self.known = known or {}
        self._named: dict[str, list[Agency]] = {}
        for one in self.known.values():
            self._named.setdefault(one.name, []).append(one)

    def agency(self, line: CsvLine, columns: Iterable[str]) -> Agency:
        where = f"{self.origin}:{line.number}"
        cells = {column: line.cells.get(column, "") for column in ALL_COLUMNS}
        if not cells["name"] or len(cells["name"]) > _NAME:
            message = f"the name must be not empty, and of at most {_NAME} characters"
            raise AgencyListError(message, where=where, code="list.no_name", most=_NAME)
        if long := next((column for column, text in cells.items() if len(text) > _TEXT), None):
            message = f"{long} is longer than {_TEXT} characters"
            raise AgencyListError(message, where=where, code="list.long_text", column=long, most=_TEXT)
        for column, text in cells.items():
            if steering := _STEERING.search(text):
                letter = f"U+{ord(steering[0]):04X}"
                message = f"{column} holds a character that nobody sees ({letter}); type it anew"
                raise AgencyListError(message, where=where, code="list.unseen", column=column, letter=letter)
        kind = KINDS.get(cells["kind"].lower())
        if kind is None:
            every = ", ".join(KINDS)
            message = f"unknown kind {cells['kind']!r}; one of {every}"
            raise AgencyListError(message, where=where, code="list.no_kind", text=cells["kind"], every=every)
        former = self._former(cells, where)
        base = former or _NOBODY
        agency = Agency(
            id=f"{self.portal}/{self._local_id(cells, where, former)}",
            portal=self.portal,
            name=cells["name"],
            kind=kind,
            code=_updated_value(cells["code"], base.code, str),
            parent=_updated_value(cells["parent"], base.parent, self._body),
            valid_from=_updated_value(
                cells["valid_from"], base.valid_from, lambda text: self._day(text, where, "valid_from")
            ),
            valid_to=_updated_value(cells["valid_to"], base.valid_to, lambda text: self._day(text, where, "valid_to")),
            aliases=_updated_value(cells["aliases"], base.aliases, _parts) or (),
            ended=_updated_value(cells["ended"], base.ended, lambda text: _end(text, where)),
            successors=_updated_value(cells["successors"], base.successors, self._bodies) or (),
            recorded_at=self.now,
        )
        _check(agency, where)
        return self._sourced(agency, former, cells, "source" in set(columns), where)

    def _former(self, cells: Mapping[str, str], where: str) -> Agency | None:
        if cells["id"] or self.own_file:
            return self.known.get(f"{self.portal}/{cells['id']}")
        named = self._named.get(cells["name"], [])
        if len(named) > 1:
            ids = ", ".join(sorted(one.id.partition("/")[2] for one in named))
            message = f"{cells['name']} is the name of several bodies; give the id: {ids}"
            raise AgencyListError(message, where=where, code="list.several", agency=cells["name"], every=ids)
        return named[0] if named else None

    def _local_id(self, cells: Mapping[str, str], where: str, former: Agency | None) -> str:
        if former is not None:
            return former.id.partition("/")[2]
        if cells["id"] or self.own_file:
            if not SLUG.fullmatch(cells["id"]):
                message = f"id must be [a-z0-9_]+ (at most 60), is {cells['id']!r}"
                raise AgencyListError(message, where=where, code="list.no_id", text=cells["id"])
            return cells["id"]
        return id_from_name(cells["name"])

    def _body(self, text: str) -> str:
        """A body as a list names it: the id within its portal, the whole id, or the name of exactly one."""
        named = self._named.get(text, [])
        if len(named) == 1 and text not in self.known and f"{self.portal}/{text}" not in self.known:
            return named[0].id
        return text if "/" in text else f"{self.portal}/{text}"

    def _day(self, text: str, where: str, column: str) -> date:
        """A day as ISO; in what people bring in also as spreadsheets in China show it: 2019/3/31, 2019年3月31日."""
        match = (_ISO if self.own_file else _DAY).fullmatch(text)
        try:
            if match is None:
                raise ValueError
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            message = f"{column} must be YYYY-MM-DD, is {text!r}"
            raise AgencyListError(message, where=where, code="list.no_day", column=column, text=text) from None

    def _bodies(self, text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(self._body, _parts(text))))

    def _sourced(
        self, agency: Agency, former: Agency | None, cells: Mapping[str, str], has_source: bool, where: str
    ) -> Agency:
        """The body with its source. One that says what was known already, of the same source, is not changed by it."""
        source, is_guessed = cells["source"], _yes_or_no(cells["guessed"], where)
        if former is not None and has_source and source == former.source.strip():
            same = replace(agency, source=former.source, guessed=former.guessed if is_guessed is None else is_guessed)
            if same == replace(former, recorded_at=self.now):
                return same
            return replace(same, source=f"{self.origin}: {_IMPORTED.sub('', former.source)}")
        guessed = _is_guessed(source) or (self.own_file and not source) if is_guessed is None else is_guessed
        return replace(agency, source=f"{self.origin}: {source}", guessed=guessed)


_NOBODY = Agency(id="", portal="", name="", kind=AgencyKind.OTHER, recorded_at=datetime.min.replace(tzinfo=UTC))


def _updated_value(text: str, former: Value | None, read: Callable[[str], Value]) -> Value | None:
    """What a cell says; what was known if it says nothing; None for a dash."""
    if not text:
        return former
    return None if text == NONE else read(text)


def _check(agency: Agency, where: str) -> None:
    """Refuse a life that ends before it begins, and an end of which nobody says when."""
    name, begins, ends = agency.name, agency.valid_from, agency.valid_to
    if begins and ends and begins > ends:
        message = f"{name} would end ({ends}) before it began ({begins})"
        raise AgencyListError(message, where=where, code="list.backwards", agency=name, ends=ends, begins=begins)
    if (agency.ended or agency.successors) and ends is None:
        message = f"{name} has an end or successors, but no day of it: fill in valid_to"
        raise AgencyListError(message, where=where, code="list.no_end_day", agency=name)
    if agency.id in agency.successors:
        message = f"{name} cannot be its own successor"
        raise AgencyListError(message, where=where, code="list.own_successor", agency=name)
    if agency.ended in {AgencyEnd.MERGED, AgencyEnd.RENAMED} and len(agency.successors) > 1:
        message = f"{name} was {agency.ended} into one body; several: {AgencyEnd.DIVIDED}"
        code = "list.merged_into_several" if agency.ended is AgencyEnd.MERGED else "list.renamed_into_several"
        raise AgencyListError(message, where=where, code=code, agency=name)
    if agency.ended is AgencyEnd.RENAMED and not agency.successors:
        message = f"say in successors what {name} is called now"
        raise AgencyListError(message, where=where, code="list.renamed_to_none", agency=name)


def _is_guessed(source: str) -> bool:
    """Whether a source says that it attests nobody (``guessed``), perhaps with where the name was met behind it."""
    return source.partition(":")[0].strip() == GUESSED


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _end(text: str, where: str) -> AgencyEnd:
    if text.lower() not in ENDS:
        every = ", ".join(ENDS)
        message = f"unknown end {text!r}; one of {every}"
        raise AgencyListError(message, where=where, code="list.no_end", text=text, every=every)
    return ENDS[text.lower()]


def _yes_or_no(text: str, where: str) -> bool | None:
    if text and text.lower() not in _YES | _NO:
        message = f"guessed must be yes or no, is {text!r}"
        raise AgencyListError(message, where=where, code="list.no_guess", text=text)
    return text.lower() in _YES if text else None
