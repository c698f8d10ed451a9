"""Read, write and compare lists of agencies, as portals and operators keep them.

A portal's own file and ``nianbao agencies import`` have the same format. Kinds are in English or Chinese; ``|`` divides
aliases and successors; a ``source`` that is empty, or begins with ``guessed`` (after a colon: where the name was met),
marks an agency that no source confirms. For a known agency, a missing column or blank cell changes nothing, and ``-``
empties the field. A list never removes an agency.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from itertools import combinations, islice
from typing import Any, NamedTuple, NoReturn

from archive.identity.matching import could_mean, key
from archive.identity.names import complete
from archive.identity.text import data
from storage.errors import CodedError
from storage.records import Agency, AgencyEnd, AgencyKind

COLUMNS = ("id", "name", "kind", "code", "parent", "valid_from", "valid_to", "aliases", "source")  #: of a portal's file
ALL_COLUMNS = (*COLUMNS, "ended", "successors", "guessed")  #: of an export
PORTAL, GUESSED, NOTHING = "portal", "guessed", "-"
SELF_NAMED = f"{GUESSED}: its own report names it: "  #: begins the source of such an agency, before an address
SLUG = re.compile(r"[a-z0-9_]{1,60}")
ROWS = 50_000  #: rows of one list; all counties of a province together have fewer agencies
MAX_NAME_CHARS, MAX_CELL_CHARS = 200, 4_000
_WORDS = data("agency_lists.toml")  # words for headings, kinds and ends, and error messages
KINDS = {word: AgencyKind(kind) for word, kind in _WORDS["kinds"].items()}
_ENDS = {word: AgencyEnd(end) for word, end in _WORDS["ends"].items()}
_ANSWERS = _WORDS["answers"]
# Control characters and those that reverse the direction of text: they can make a name look like another name.
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_RUN_BY_SHEETS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # spreadsheets run such a cell, unless ' is before it
_QUOTE = re.compile(f"^'(?={_RUN_BY_SHEETS.pattern})")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_IMPORTED = re.compile(r"import of [^:]{1,255}: ")


class AgencyListError(CodedError, ValueError):
    """A list of agencies has an error; the message names line and column. ``where``: the file, perhaps with a line."""

    def __init__(self, message: str = "", *, where: str = "", code: str = "", **values: object) -> None:
        text = message or _WORDS["messages"][code].format(**values)
        sentence = f"{where}: {text}" if where else text
        super().__init__(sentence, code=code, where=where.removeprefix("import of "), **values)


class CsvLine(NamedTuple):
    """One row of a list: its number in the file, and column → text of the cell."""

    number: int
    cells: Mapping[str, str]


def id_from_name(name: str) -> str:
    """Return the id, within its portal, of a new agency that has no id in the list."""
    return "n" + hashlib.sha256(name.encode()).hexdigest()[:12]


def is_self_named(agency: Agency) -> bool:
    """True if an agency is known only from its own reports."""
    return agency.guessed and agency.source.startswith(SELF_NAMED)


# ------------------------------------------------------------------------------------------------------------- reading


def csv_lines(text: str, origin: str) -> list[CsvLine]:
    """Return the rows of a CSV as lines, the headings first (:func:`headed_lines`). Raises AgencyListError."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in islice(reader, ROWS + 1)]
    except csv.Error as error:
        line = max(reader.line_num - 1, 1)
        raise AgencyListError(where=f"{origin}:{line}", code="list.no_csv", cause=error) from error
    if len(rows) > ROWS:
        raise AgencyListError(where=origin, code="list.too_long", most=ROWS)
    return headed_lines(rows)


def headed_lines(rows: Iterable[tuple[int, Sequence[str]]]) -> list[CsvLine]:
    """Return numbered rows as lines without blank ones; the first names the columns, and has "" in all its cells."""
    stripped = [(number, [_QUOTE.sub("", cell.strip()).strip() for cell in cells]) for number, cells in rows]
    filled = [(number, texts) for number, texts in stripped if any(texts)]
    if not filled:
        return []
    (first_number, headings), *others = filled
    names = [_WORDS["headings"].get(text, text.lower()) for text in headings]
    lines = [
        CsvLine(number, {name: text for name, text in zip(names, texts, strict=False) if name})
        for number, texts in others
    ]
    return [CsvLine(first_number, dict.fromkeys(filter(None, names), "")), *lines]


def parse_agencies(
    table: str | Sequence[CsvLine], *, portal: str, origin: str, now: datetime,
    agencies: Iterable[Agency] | None = None, place: str | None = None,
) -> tuple[Agency, ...]:  # fmt: skip
    """Read the agencies of a CSV, or of its lines; their sources begin with ``origin``, the name of the file.
    ``agencies``: the registry's. With them a row needs no id: it is the agency with its name, compared
    without higher divisions of ``place`` (司法局, 汶上县司法局), else a new one. Raises AgencyListError.
    """
    lines = csv_lines(table, origin) if isinstance(table, str) else table
    columns = lines[0].cells if lines else {}
    needed = ("name", "kind") if agencies is not None else ("id", "name", "kind")
    if missing := next((column for column in needed if column not in columns), ""):
        raise AgencyListError(where=origin, code="list.no_column", name=missing, every=",".join(ALL_COLUMNS))
    registered = {one.id: one for one in agencies or ()}
    by_name = defaultdict[str, list[Agency]](list)

    def namesakes_of(name: str) -> list[Agency]:
        return by_name[key(complete(name, place)) or name]

    for one in registered.values():
        namesakes_of(one.name).append(one)
    rows: dict[str, Agency] = {}
    for line in lines[1:]:
        row = _AgencyRow(line, portal, origin, registered, namesakes_of, is_own_file=agencies is None)
        agency = row.agency(now)
        if agency.id in rows:
            row.refuse("list.id_twice", agency=agency.name, id=agency.id)
        rows[agency.id] = agency
    if agencies is not None:
        _check_together(rows, registered, portal, origin)
    return tuple(rows.values())


class _AgencyRow(NamedTuple):
    """One row of a portal's list, with the agencies of the registry by id and by name."""

    line: CsvLine
    portal: str
    origin: str
    registered: Mapping[str, Agency]
    namesakes_of: Callable[[str], list[Agency]]
    is_own_file: bool

    def refuse(self, code: str, **values: Any) -> NoReturn:
        """Raise AgencyListError for this row; ``code`` names the message, ``values`` fill it in."""
        raise AgencyListError(where=f"{self.origin}:{self.line.number}", code=code, **values)

    def agency(self, now: datetime) -> Agency:
        """Return the agency of the row: its fields in the registry, replaced by the cells that are not blank; if these
        change it, this list becomes its source. Raises AgencyListError.
        """
        filled_cells = self._cells()
        registry_row = self.registered.get(own_id := self._id(filled_cells.get("id", ""), filled_cells["name"]))
        if registry_row and "id" not in filled_cells:
            del filled_cells["name"]  # only a row with an id renames an agency
        cells = {column: _cell(registry_row, column) if registry_row else "" for column in ALL_COLUMNS}
        cells |= {column: "" if text == NOTHING and column != "name" else text for column, text in filled_cells.items()}
        source, guessed = self._source_and_guess(registry_row, self._choice(_ANSWERS, filled_cells.get(GUESSED)))
        agency = Agency(
            id=own_id, portal=self.portal, name=cells["name"], kind=self._choice(KINDS, cells["kind"]),
            code=cells["code"] or None, parent=self._agency_id(cells["parent"]) if cells["parent"] else None,
            valid_from=self._day("valid_from", cells), valid_to=self._day("valid_to", cells),
            aliases=_parts(cells["aliases"]), ended=self._choice(_ENDS, cells["ended"] or None),
            successors=tuple(dict.fromkeys(map(self._agency_id, _parts(cells["successors"])))),
            source=source, guessed=guessed, recorded_at=now,
        )  # fmt: skip
        if not _is_consistent(agency):
            self.refuse("list.no_life", agency=agency.name)
        if registry_row is None or source != registry_row.source or agency == replace(registry_row, recorded_at=now):
            return agency
        return replace(agency, source=f"{self.origin}: {_IMPORTED.sub('', source)}")  # this list says something new

    def _cells(self) -> dict[str, str]:
        """Return the cells of the row that are not blank; refuse texts that are too long or have control characters."""
        cells = {column: self.line.cells.get(column, "") for column in ALL_COLUMNS}
        for column, text in cells.items():
            most = MAX_NAME_CHARS if column == "name" else MAX_CELL_CHARS
            if len(text) > most or _STEERING.search(text) or (column == "name" and not text):
                self.refuse("list.no_text", column=column, most=most)
        return {column: text for column, text in cells.items() if text}

    def _source_and_guess(self, registry_row: Agency | None, guessed: bool | None) -> tuple[str, bool]:
        """Return the source of the row, and whether the agency is guessed; if it is unchanged, as in the registry."""
        printed = self.line.cells.get("source")
        if registry_row is not None and printed == registry_row.source.strip():
            return registry_row.source, registry_row.guessed if guessed is None else guessed
        is_guess = (printed or "").partition(":")[0].strip() == GUESSED or (self.is_own_file and not printed)
        return f"{self.origin}: {printed or ''}", is_guess if guessed is None else guessed

    def _id(self, local: str, name: str) -> str:
        """Return the id of the row's agency: printed, else of the only known agency with its name, else of its name."""
        own_id, namesakes = f"{self.portal}/{local}", self.namesakes_of(name)
        if local or self.is_own_file:
            if own_id not in self.registered and not SLUG.fullmatch(local):
                self.refuse("list.no_id", text=local)
            return own_id
        if len(namesakes) > 1:
            ids = ", ".join(sorted(one.id.partition("/")[2] for one in namesakes))
            self.refuse("list.several", agency=name, every=ids)
        return namesakes[0].id if namesakes else f"{self.portal}/{id_from_name(name)}"

    def _agency_id(self, text: str) -> str:
        """Return the whole id of an agency that a cell names by its id in the portal, whole id, or unique name."""
        namesakes = self.namesakes_of(text)
        if len(namesakes) == 1 and f"{self.portal}/{text}" not in self.registered:
            return namesakes[0].id
        return text if "/" in text else f"{self.portal}/{text}"

    def _choice(self, among: Mapping[str, Any], text: str | None) -> Any:
        """Return what a cell of fixed words means, None for None; refuse a word that is not ``among`` them."""
        if text is not None and text.lower() not in among:
            self.refuse("list.no_choice", text=text, every=", ".join(among))
        return None if text is None else among[text.lower()]

    def _day(self, column: str, cells: Mapping[str, str]) -> date | None:
        """Read a day as ISO or as spreadsheets show it (2019/3/31, 2019年3月31日)."""
        match = _DAY.fullmatch(cells[column])
        try:
            return date(*map(int, match.groups() if match else (0, 0, 0))) if cells[column] else None
        except ValueError:
            self.refuse("list.no_day", column=column, text=cells[column])


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _is_consistent(agency: Agency) -> bool:
    """True if an agency's dates, end and successors fit: a renamed one has one successor, a merged one at most one."""
    heirs = len(agency.successors)
    fits = heirs == 1 if agency.ended is AgencyEnd.RENAMED else heirs <= 1 or agency.ended is not AgencyEnd.MERGED
    is_dated = agency.valid_to is not None or not (agency.ended or heirs)
    is_forward = (agency.valid_from or date.min) <= (agency.valid_to or date.max)
    return is_dated and is_forward and fits and agency.id not in agency.successors


def _check_together(rows: Mapping[str, Agency], registered: Mapping[str, Agency], portal: str, origin: str) -> None:
    """Refuse unknown parents and successors, and two agencies with one name at the same time, unless both are
    known already: their reports could not be told apart.
    """
    agencies, by_name = {**registered, **rows}, defaultdict[str, list[Agency]](list)
    for agency in rows.values():
        for text in (agency.parent or "", *agency.successors):
            if text.startswith(f"{portal}/") and text not in agencies:
                raise AgencyListError(where=origin, code="list.unknown_agency", agency=agency.name, text=text)
    for one in agencies.values():
        by_name[one.name].append(one)
    for one, other in (pair for several in by_name.values() for pair in combinations(several, 2)):
        both_known = all(each.id in registered and registered[each.id].name == each.name for each in (one, other))
        lives = [(each.valid_from or date.min, each.valid_to or date.max) for each in (one, other)]
        if not both_known and max(begin for begin, _ in lives) < min(end for _, end in lives):
            raise AgencyListError(where=origin, code="list.name_taken", agency=one.name, id=one.id.partition("/")[2])


# ------------------------------------------------------------------------------------------------- writing, comparing


def list_rows(agencies: Iterable[Agency], *, with_portal: bool = False) -> list[list[str]]:
    """Return headings and agencies as rows (``with_portal``: of several portals); formulas get an apostrophe."""
    columns = (PORTAL, *ALL_COLUMNS) if with_portal else ALL_COLUMNS
    cells = [[_cell(agency, column) for column in columns] for agency in agencies]
    return [[*columns], *([f"'{text}" if _RUN_BY_SHEETS.match(text) else text for text in row] for row in cells)]


def _cell(agency: Agency, column: str) -> str:
    """Return a field of an agency as the text of a cell; ids of the same portal without the portal's name."""
    value = getattr(agency, column)
    if column == GUESSED:
        return "yes" if value else "no"
    texts = value if isinstance(value, tuple) else (str(value or ""),)
    is_agency = column in ("id", "parent", "successors")
    return "|".join(one.removeprefix(f"{agency.portal}/") if is_agency else one for one in texts)


class AgencyChange(NamedTuple):
    """An agency in the registry (``before``) and in the list (``after``)."""

    before: Agency
    after: Agency

    @property
    def fields(self) -> Mapping[str, tuple[object, object]]:
        """The fields that differ, without id, portal and time of recording: name → value before and after."""
        names = [field.name for field in fields(Agency) if field.name not in {"id", "portal", "recorded_at"}]
        pairs = ((name, (getattr(self.before, name), getattr(self.after, name))) for name in names)
        return {name: values for name, values in pairs if values[0] != values[1]}

    @property
    def loses_its_name(self) -> bool:
        """True if the former name is no name or alias any more: reports with it no longer belong to the agency."""
        return self.before.name not in (self.after.name, *self.after.aliases)


class AgencyListChanges(NamedTuple):
    """The differences between a list and the registry. ``unsure``: rows that could mean agencies of the
    registry, with these; they are not registered. ``missing_agencies``: existing agencies that the list lacks.
    ``unchanged``: number of agencies.
    """

    new_agencies: tuple[Agency, ...]
    changed: tuple[AgencyChange, ...]
    unsure: Mapping[Agency, Sequence[Agency]]
    missing_agencies: tuple[Agency, ...]
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.new_agencies or self.changed)


def changes(agencies: Iterable[Agency], listed: Iterable[Agency], place: str) -> AgencyListChanges:
    """Compare a list with the registry's agencies (of the same portals, in ``place``), in the order of the list. A new
    row is unsure if it could mean an agency of the registry, also one that another row of the list names.
    """
    by_id, rows = ({agency.id: agency for agency in some} for some in (agencies, listed))
    both = [AgencyChange(by_id[name], row) for name, row in rows.items() if name in by_id]
    changed = tuple(change for change in both if change.fields)
    missing = tuple(one for name, one in sorted(by_id.items()) if name not in rows and one.valid_to is None)
    new = [row for name, row in rows.items() if name not in by_id]
    without_id = [row for row in new if row.id.endswith(id_from_name(row.name))]
    with_source = [one for _, one in sorted(by_id.items()) if one.valid_to is None and not one.guessed]
    possible = {row: [one for one in with_source if could_mean(row.name, one, place)] for row in without_id}
    unsure = {row: several for row, several in possible.items() if several}
    sure = tuple(row for row in new if row not in unsure)
    return AgencyListChanges(sure, changed, unsure, missing, len(both) - len(changed))
