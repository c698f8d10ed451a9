"""Read the header lines above a row: whether they name the form's columns in the form's order, and which unit."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from archive.forms.labels import fold_widths, label_key
from archive.forms.loader import foreign_headers
from archive.forms.loader import form as form_of
from archive.forms.model import MONEY, MONEY_UNIT, RowPlan
from archive.parser.placement import Fit, Way

MIN_COLUMNS_OF_MISPRINT = 4  # if a row has more columns, one may lack its header (luoyang_sfj_2021)
MAX_HEADER_LINES, MAX_HEADER_CHARS = 60, 600  # lines above a row, and characters of each, that are read

YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_UNIT = re.compile(rf"单位[:(]?({MONEY_UNIT})")

Lines = tuple[str, ...]  # a group of folded lines above a row


@dataclass(slots=True)
class HeaderLines:
    """The folded lines that a document prints ``above`` the current block of the form, and ``since`` the last row."""

    above: Lines = ()
    block: tuple[str, int] | None = None
    since: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_HEADER_LINES))

    def add(self, lines: Iterable[str]) -> None:
        """Add lines; of a long one keep the end, because only text next to the row can be its header."""
        self.since.extend(fold_widths(line[-MAX_HEADER_CHARS:]) for line in lines)

    def over_row(self, row: RowPlan | None) -> tuple[Lines, ...]:
        """Return the header lines over the next row, and forget those since the last row, which head only the first row
        of a block; if ``row`` is None (its block is unknown), return both and forget none.
        """
        if row is None:
            return tuple(self.since), self.above
        if row.block_key != self.block:
            self.above, self.block = tuple(self.since), row.block_key
        self.since.clear()
        return (self.above,)


def names_columns(row: RowPlan, headers: Iterable[Lines]) -> bool | None:
    """True if a group of header lines names all columns of a row in the form's order, None if none does, False if one
    has another order or columns of another form.
    """
    if row.printed_units:
        ids = tuple(column.id for column in row.columns)
        printed_ids = [_listed_columns(row.form, row.table, lines) for lines in headers]
        answers = {columns == ids if columns else None for columns in printed_ids}
    else:
        answers = {_has_names_in_order(row.form, row.headers, lines) for lines in headers}
    return True in answers or (False if False in answers else None)


def without_unnamed_columns(row: RowPlan, headers: Iterable[Lines]) -> RowPlan:
    """Return a row without the optional columns that no header names."""
    if not any(column.optional for column in row.columns):
        return row
    printed_ids = [name for lines in headers for name in _listed_columns(row.form, row.table, lines)]
    return row.with_columns([column for column in row.columns if not column.optional or column.id in printed_ids])


def is_under_other_header(row: RowPlan, headers: Iterable[Lines]) -> bool:
    """True if the header of a list lacks a column of the row, for example because it has one for another year."""
    printed_ids = [_listed_columns(row.form, row.table, lines) for lines in headers if row.printed_units]
    return any(columns and not {column.id for column in row.columns} <= {*columns} for columns in printed_ids)


def fit_by_count(
    ways: tuple[Way, ...], row: RowPlan, headers: Sequence[Lines], unit: str, doubts: tuple[str, ...] = ()
) -> Fit:
    """Return the fit of ``ways`` with one value per column: none if headers contradict, a doubt if some are missing."""
    has_names = names_columns(row, headers)
    if has_names is False:
        return Fit()
    return Fit(ways, doubts if has_names else (*doubts, "order_only"), find_unit(row, headers, unit))


def find_unit(row: RowPlan, headers: Sequence[Lines], unit: str) -> str:
    """Return the unit of money printed beside a row's label, or the last one in the headers of amounts, or ""."""
    if unit in MONEY:
        return unit
    if row.printed_units or all(column.unit == "件" for column in row.columns):  # a list prints units beside its rows
        return ""
    units = [match[1] for line in headers[0] for match in _UNIT.finditer(fold_widths(line))]
    return units[-1] if units else ""


def header_key(text: str) -> str:
    """Return the key of a column's header, with ``year`` instead of a year: 2014年度 → year年度."""
    return YEAR.sub("year", label_key(text))


@lru_cache(maxsize=64)
def _has_names_in_order(form_name: str, names: tuple[tuple[str, ...], ...], lines: Lines) -> bool | None:
    """Do the check of :func:`names_columns` for one group, by parts of names, as converters tear headers apart.
    If the joined lines are not in order, each line must be. ``names`` lacks totals, which sums confirm.
    """
    folded = [line.replace("法人或其他组织", "") for line in lines]
    if any(header in "".join(folded) for header in foreign_headers(form_of(form_name))):
        return False
    joined = _positions("".join(folded), names)
    several = [places for line in folded if len(places := _positions(line, names)) > 1]
    if len(joined) < len(names) - (len(names) > MIN_COLUMNS_OF_MISPRINT):
        return None if all(map(_ascend, several)) else False
    if _ascend(joined):
        return True
    return bool(several) and all(map(_ascend, several)) and 2 * sum(map(len, several)) >= len(names)


def _positions(text: str, names: tuple[tuple[str, ...], ...]) -> list[int]:
    """Return the last position in ``text`` of each column that it names."""
    return [at for of_column in names if (at := max(map(text.rfind, of_column))) >= 0]


def _ascend(places: list[int]) -> bool:
    return sorted(places) == places and len(set(places)) == len(places)


@lru_cache(maxsize=64)
def _listed_columns(form_name: str, table: str, lines: Lines) -> tuple[str, ...]:
    """Return the column ids in the last header of a list in ``lines``, in order; "" for a column to ignore.

    The columns follow that of the units: 指标名称 计量单位 2014年度 历年累计 (pingtan_zone_2014_flat). A column of a
    year does not count if the text above names another year more often: it is not the year of the report.
    """
    pattern, names = _list_headers(form_name, table)
    text = "".join(lines).replace("|", "")
    header = next(reversed(list(pattern.finditer(text))), None)
    if header is None:
        return ()
    years = Counter(YEAR.findall(text[: header.start()]))
    main = {year for year, count in years.items() if count == max(years.values())}
    columns: list[str] = []
    for word in re.findall("|".join(names), header[1]):
        column = next(column for name, column in names.items() if re.fullmatch(name, word))
        year = YEAR.search(word)
        columns.append("" if year and main and year[0] not in main else column)
    return tuple(columns)


@cache
def _list_headers(form_name: str, table_key: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return the pattern of a list's header, and pattern of a column → its id, the longest first."""
    table = form_of(form_name).table(table_key)
    labels = [(label, column.id) for column in table.columns for label in (column.label, *column.variants)]
    labels += [(label, "") for label in table.other_headers]
    years = [(re.escape(fold_widths(label)).replace(re.escape("{year}"), r"20\d\d"), id_) for label, id_ in labels]
    names = dict(sorted(years, key=lambda name: len(name[0]), reverse=True))
    before = "|".join((table.header, table.corner, *table.corner_variants))
    return re.compile(f"(?:{before})((?:{'|'.join(names)})+)"), names
