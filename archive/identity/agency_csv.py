"""Read, write and compare lists of agencies, as portals and operators keep them.

A portal's own file and ``nianbao agencies import`` read the same shape. Kinds are in English or Chinese, aliases and
successors divided by ``|``; a ``source`` that is empty, or begins with ``guessed`` (behind a colon: where the name was
met), marks a body that no source attests. Of a body that is known already, a column or cell left blank says nothing,
and ``-`` says that there is none. A list never removes anything.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import combinations, islice
from typing import Any, NamedTuple, TypeVar

from archive.identity.text import data
from storage.errors import CodedError
from storage.records import Agency, AgencyEnd, AgencyKind

COLUMNS = ("id", "name", "kind", "code", "parent", "valid_from", "valid_to", "aliases", "source")  #: of a portal's file
ALL_COLUMNS = (*COLUMNS, "ended", "successors", "guessed")  #: what an export says of every body
PORTAL, GUESSED, NOTHING = "portal", "guessed", "-"
SELF_NAMED = f"{GUESSED}: its own report names it: "  #: begins the source of such a body, before the report's address
SLUG = re.compile(r"[a-z0-9_]{1,60}")
ROWS = 50_000  #: rows of one list; all the counties of a province have fewer bodies
MAX_NAME_CHARS, MAX_CELL_CHARS = 200, 4_000
_WORDS = data("agency_lists.toml")  # headings, kinds, ends and what is wrong with a list, in words
KINDS = {**{word: AgencyKind(kind) for word, kind in _WORDS["kinds"].items()}, **{one.value: one for one in AgencyKind}}
ENDS = {**{word: AgencyEnd(end) for word, end in _WORDS["ends"].items()}, **{one.value: one for one in AgencyEnd}}
_ANSWERS = {**dict.fromkeys(("yes", "true", "1", "是"), True), **dict.fromkeys(("no", "false", "0", "否"), False)}
# Control characters and those that turn a line round: in a name they make it look like another.
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_RUN_BY_SHEETS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # one more apostrophe before such a cell, and it is text
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_IMPORTED = re.compile(r"import of [^:]{1,255}: ")
Value = TypeVar("Value")


class AgencyListError(CodedError, ValueError):
    """A list of agencies is not as it must be; the message names the line and the column. ``where``: the file, perhaps
    with the number of the line.
    """

    def __init__(self, message: str = "", *, where: str = "", code: str = "", **values: object) -> None:
        text = message or _WORDS["messages"][code].format(**values)
        super().__init__(
            f"{where}: {text}" if where else text, code=code, where=where.removeprefix("import of "), **values
        )


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One row of a list: its number in the file, and its cells by column, none of them None."""

    number: int
    cells: Mapping[str, str]


def id_from_name(name: str) -> str:
    """Return the id, within its portal, of a new body of which a list gives only the name."""
    return "n" + hashlib.sha256(name.encode()).hexdigest()[:12]


def parse_agencies(
    text: str, *, portal: str, origin: str, now: datetime, agencies: Mapping[str, Agency] | None = None
) -> tuple[Agency, ...]:
    """Read the agencies of the CSV ``text``, their sources after ``origin`` (the file they stand in).

    ``agencies``: the registry's agencies (by whatever key); with it the columns ``id`` and ``code`` may be left out: a
    known body keeps its own, a new one gets an id made from its name. Without it every row needs an id.
    Raises AgencyListError.
    """
    return parse_lines(csv_lines(text, origin), portal=portal, origin=origin, now=now, agencies=agencies)


def csv_lines(text: str, origin: str) -> list[CsvLine]:
    """Read the rows of a CSV by their headings, the row of these first. Raises AgencyListError."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in islice(reader, ROWS + 1)]
    except csv.Error as error:
        where = f"{origin}:{max(reader.line_num - 1, 1)}"
        raise AgencyListError(where=where, code="list.no_csv", cause=error) from error
    if len(rows) > ROWS:
        raise AgencyListError(where=origin, code="list.too_long", most=ROWS)
    return headed_lines(rows)


def headed_lines(rows: Iterable[tuple[int, Sequence[str]]]) -> list[CsvLine]:
    """Return numbered rows as lines: the first that holds anything names the columns, and is the first line itself."""
    stripped = [(number, [_unshielded(cell.strip()).strip() for cell in cells]) for number, cells in rows]
    filled = [(number, texts) for number, texts in stripped if any(texts)]
    names = [_WORDS["headings"].get(text, text.lower()) for text in filled[0][1]] if filled else []
    lines = [(number, texts if at else [""] * len(names)) for at, (number, texts) in enumerate(filled)]
    return [
        CsvLine(number, {name: text for name, text in zip(names, texts, strict=False) if name})
        for number, texts in lines
    ]


def parse_lines(
    lines: Sequence[CsvLine], *, portal: str, origin: str, now: datetime, agencies: Mapping[str, Agency] | None = None
) -> tuple[Agency, ...]:
    """Read the agencies of the lines of a list, the first of which names the columns. As :func:`parse_agencies`."""
    columns = lines[0].cells if lines else {}
    needed = ("name", "kind") if agencies is not None else ("id", "name", "kind")
    if missing := next((column for column in needed if column not in columns), ""):
        raise AgencyListError(where=origin, code="list.no_column", name=missing, every=",".join(ALL_COLUMNS))
    reader = _RowReader(portal, origin, now, agencies)
    rows: dict[str, Agency] = {}
    for line in lines[1:]:
        agency = reader.read_row(line)
        if agency.id in rows:
            where = f"{origin}:{line.number}"
            raise AgencyListError(where=where, code="list.id_twice", agency=agency.name, id=agency.id)
        rows[agency.id] = agency
    if agencies is not None:
        _check_together(rows, reader.agencies, portal, origin)
    return tuple(rows.values())


def _check_together(rows: Mapping[str, Agency], agencies: Mapping[str, Agency], portal: str, origin: str) -> None:
    """Refuse parents and successors at this portal that nobody knows, and a second body of one name at the same time:
    reports would be nobody's. Two known ones are let be.
    """
    bodies, by_name = {**agencies, **rows}, defaultdict[str, list[Agency]](list)
    for agency in rows.values():
        for text in (agency.parent or "", *agency.successors):
            if text.startswith(f"{portal}/") and text not in bodies:
                raise AgencyListError(where=origin, code="list.unknown_body", agency=agency.name, text=text)
    for one in bodies.values():
        by_name[one.name].append(one)
    for one, other in (pair for several in by_name.values() for pair in combinations(several, 2)):
        both_known = all(each.id in agencies and agencies[each.id].name == each.name for each in (one, other))
        lives = [(each.valid_from or date.min, each.valid_to or date.max) for each in (one, other)]
        if not both_known and max(begin for begin, _ in lives) < min(end for _, end in lives):
            local = one.id.partition("/")[2]
            raise AgencyListError(where=origin, code="list.name_taken", agency=one.name, id=local)


class _RowReader:
    """Reads the rows of one list. ``agencies``: the registry's agencies by id (empty for a portal's own file)."""

    def __init__(self, portal: str, origin: str, now: datetime, agencies: Mapping[str, Agency] | None) -> None:
        self.portal, self.origin, self.now, self.own_file = portal, origin, now, agencies is None
        self.agencies = {one.id: one for one in (agencies or {}).values()}
        self._by_name: defaultdict[str, list[Agency]] = defaultdict(list)
        for one in self.agencies.values():
            self._by_name[one.name].append(one)

    def read_row(self, line: CsvLine) -> Agency:
        """Return the agency of a row."""
        where = f"{self.origin}:{line.number}"
        cells = {column: line.cells.get(column, "") for column in ALL_COLUMNS}
        for column, text in cells.items():
            most = MAX_NAME_CHARS if column == "name" else MAX_CELL_CHARS
            if len(text) > most or _STEERING.search(text) or (column == "name" and not text):
                raise AgencyListError(where=where, code="list.no_text", column=column, most=most)
        own_id, name, kind = self._id(cells, where), cells.pop("name"), _choice(cells.pop("kind"), KINDS, where)
        base = self.agencies.get(own_id) or Agency(
            id=own_id, portal=self.portal, name="", kind=kind, recorded_at=self.now
        )
        values = {column: self._value(column, text, where) for column, text in cells.items() if text}
        source = cells["source"] if "source" in line.cells else None
        guessed = values.pop("guessed", None)
        agency = replace(base, **{**values, "id": own_id, "name": name, "kind": kind, "recorded_at": self.now})
        if not _is_life(agency):
            raise AgencyListError(where=where, code="list.no_life", agency=name)
        return self._with_source(agency, source, guessed)

    def _with_source(self, agency: Agency, source: str | None, guessed: bool | None) -> Agency:
        """Put in the source of a row; it is that of a known body, if the row says nothing new."""
        registry_row = self.agencies.get(agency.id)
        if registry_row is not None and source == registry_row.source.strip():
            same = replace(
                agency, guessed=registry_row.guessed if guessed is None else guessed, source=registry_row.source
            )
            is_new = same != replace(registry_row, recorded_at=self.now)
            return replace(same, source=f"{self.origin}: {_IMPORTED.sub('', registry_row.source)}") if is_new else same
        if guessed is None:
            guessed = (source or "").partition(":")[0].strip() == GUESSED or (self.own_file and not source)
        return replace(agency, source=f"{self.origin}: {source or ''}", guessed=guessed)

    def _id(self, cells: Mapping[str, str], where: str) -> str:
        """Return the id of a row's body: its own, that of the one known body of its name, or one made from its name."""
        own_id, name = cells["id"], cells["name"]
        if not own_id and not self.own_file:
            namesakes = self._by_name[name]
            if len(namesakes) > 1:
                ids = ", ".join(sorted(one.id.partition("/")[2] for one in namesakes))
                raise AgencyListError(where=where, code="list.several", agency=name, every=ids)
            return namesakes[0].id if namesakes else f"{self.portal}/{id_from_name(name)}"
        if f"{self.portal}/{own_id}" not in self.agencies and not SLUG.fullmatch(own_id):
            raise AgencyListError(where=where, code="list.no_id", text=own_id)
        return f"{self.portal}/{own_id}"

    def _value(self, column: str, text: str, where: str) -> Any:
        """Return what a cell that is not blank says."""
        parts = [] if text == NOTHING else [part.strip() for part in text.split("|") if part.strip()]
        match column:
            case "guessed":
                return _choice(text, _ANSWERS, where)
            case "aliases":
                return tuple(parts)
            case "successors":
                return tuple(dict.fromkeys(map(self._body, parts)))
            case _ if text == NOTHING:
                return None
            case "parent":
                return self._body(text)
            case "ended":
                return _choice(text, ENDS, where)
            case "valid_from" | "valid_to":
                return self._day(text, where, column)
        return text

    def _body(self, text: str) -> str:
        """Return a body as a list names it: the id within its portal, the whole id, or the name of exactly one."""
        namesakes = self._by_name[text]
        if len(namesakes) == 1 and f"{self.portal}/{text}" not in self.agencies:
            return namesakes[0].id
        return text if "/" in text else f"{self.portal}/{text}"

    def _day(self, text: str, where: str, column: str) -> date:
        """Read a day as ISO; in what people bring in also as spreadsheets show it (2019/3/31, 2019年3月31日)."""
        match = (_ISO if self.own_file else _DAY).fullmatch(text)
        try:
            return date(*map(int, match.groups())) if match else date(0, 0, 0)
        except ValueError:
            raise AgencyListError(where=where, code="list.no_day", column=column, text=text) from None


def _choice(text: str, among: Mapping[str, Value], where: str) -> Value:
    if text.lower() not in among:
        raise AgencyListError(where=where, code="list.no_choice", text=text, every=", ".join(among))
    return among[text.lower()]


def _is_life(agency: Agency) -> bool:
    """Whether a life does not end before it begins, an end has its day, and a body that was merged one successor."""
    heirs = len(agency.successors)
    fits = heirs == 1 if agency.ended is AgencyEnd.RENAMED else heirs <= 1 or agency.ended is not AgencyEnd.MERGED
    is_dated = agency.valid_to is not None or not (agency.ended or heirs)
    is_forward = (agency.valid_from or date.min) <= (agency.valid_to or date.max)
    return is_dated and is_forward and fits and agency.id not in agency.successors


# ------------------------------------------------------------------------------------------------- writing, comparing


def list_rows(agencies: Iterable[Agency], *, with_portal: bool = False) -> list[list[str]]:
    """Return agencies as the rows of a list, the headings first; cells that a spreadsheet would run are text."""
    columns = (PORTAL, *ALL_COLUMNS) if with_portal else ALL_COLUMNS
    cells = [[_cell(agency, column) for column in columns] for agency in agencies]
    return [list(columns), *([f"'{text}" if _RUN_BY_SHEETS.match(text) else text for text in row] for row in cells)]


def _cell(agency: Agency, column: str) -> str:
    value = getattr(agency, column)
    if column == GUESSED:
        return "yes" if value else "no"
    texts = value if isinstance(value, tuple) else ("" if value is None else str(value),)
    is_body = column in ("id", "parent", "successors")
    return "|".join(one.removeprefix(f"{agency.portal}/") if is_body else one for one in texts)


def _unshielded(text: str) -> str:
    return text[1:] if text.startswith("'") and _RUN_BY_SHEETS.match(text) else text


def is_self_named(agency: Agency) -> bool:
    """Whether nothing but its own reports speaks of a body."""
    return agency.guessed and agency.source.startswith(SELF_NAMED)


class FieldChange(NamedTuple):
    """One field of a body, before and after."""

    field: str
    before: object
    after: object


class AgencyChange(NamedTuple):
    """A body of the registry, and its row in the list."""

    before: Agency
    after: Agency

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The fields in which the two differ."""
        names = [field.name for field in fields(Agency) if field.name not in {"id", "portal", "recorded_at"}]
        pairs = (FieldChange(name, getattr(self.before, name), getattr(self.after, name)) for name in names)
        return tuple(one for one in pairs if one.before != one.after)

    @property
    def loses_its_name(self) -> bool:
        """Whether the former name no longer means this body, so that reports with that name are not its own."""
        return self.before.name not in (self.after.name, *self.after.aliases)


@dataclass(frozen=True, slots=True)
class AgencyListChanges:
    """What a list says against a registry.

    ``missing_agencies``: living bodies that the list does not name; ``closed``: how many others it does not name that
    have ended already.
    """

    new_agencies: tuple[Agency, ...]
    changed: tuple[AgencyChange, ...]
    missing_agencies: tuple[Agency, ...]
    closed: int
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.new_agencies or self.changed)


def changes(agencies: Iterable[Agency], listed: Iterable[Agency]) -> AgencyListChanges:
    """Hold a list against the registry's agencies (of the portals it speaks of), in the order of the list."""
    by_id, rows = ({agency.id: agency for agency in bodies} for bodies in (agencies, listed))
    both = [AgencyChange(by_id[name], row) for name, row in rows.items() if name in by_id]
    changed = tuple(change for change in both if change.fields)
    unlisted = [agency for name, agency in sorted(by_id.items()) if name not in rows]
    missing_agencies = tuple(agency for agency in unlisted if agency.valid_to is None)
    new_agencies = tuple(row for name, row in rows.items() if name not in by_id)
    return AgencyListChanges(
        new_agencies, changed, missing_agencies, len(unlisted) - len(missing_agencies), len(both) - len(changed)
    )
