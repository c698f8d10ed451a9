"""Make the findings on a report: what its tables lack, which printed figures were not read, which sums do not hold.

The parser leaves out what it is not sure of. So each row with figures that was not placed is reported with its text and
place, and each table and row of the form that is missing. None of these is read as 0, and no sum is ever repaired.

In a sum, a blank counts as 0, but only if its row or its side of the sum has a number. A cell that is not printed or
cannot be read is unknown, and a sum with an unknown cell is not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from archive.findings import finding, first_of
from archive.forms.loader import all_forms, all_places, known_form, old_form
from archive.forms.model import Form, RowPlan, Rule
from archive.identity.evidence import undisputed
from archive.identity.text import pattern
from archive.parser.placement import Assignment, PrintedRow
from archive.parser.stated import compare_text, find_former_years
from archive.parser.values import is_number, is_value
from storage.records import CellState, Finding, IdentityEvidence, PagePart, Section, Severity, StoredCell

NAMED_ROWS = 5  # rows that a finding names
SHOWN_CHARS = 60  # of a row, that a finding shows
MIN_BLANK_CELLS = 5  # a table with fewer cells is not reported for being blank
MIN_LOOSE_VALUES = 5  # cells of a row without a known label, from which it is reported in any table

#: how a number of a locator is shown: its key, the Chinese and English words, what to add to count from 1
PLACES = (
    ("page", "第{}页", "page {}", 0),
    ("table", "第{}张表", "table {}", 1),
    ("row", "第{}行", "row {}", 1),
    ("line", "第{}行", "line {}", 0),
)


def check_report(
    assignment: Assignment | None,
    form: str | None,
    cells: Mapping[str, StoredCell],
    identity: IdentityEvidence,
    parts: Sequence[PagePart],
    sections: Sequence[Section],
) -> list[Finding]:
    """Return the findings on tables, sums and text; none for a report before 2019 without any table. ``assignment``:
    how its tables fit the form, None if several documents were combined; ``form``: its name, None (checked as the
    newest) if unknown; ``parts``: the linked files. The text is compared only if cells of a form were read.
    """
    is_of_free_form = assignment is not None and assignment.form.is_free
    if form == old_form().name and not cells and not is_of_free_form:
        return []
    plan = known_form(form) or all_forms()[-1]
    agencies, year = undisputed(identity)
    numbers = {  # in a sum; 0 for a blank or a mark, none for a cell that cannot be read
        name: Decimal(0) if cell.value is None else cell.value
        for name, cell in cells.items()
        if cell.value is not None or cell.state is not CellState.PRINTED
    }
    findings = find_losses(assignment or Assignment(plan), cells, parts)
    findings += [*_broken_sums(plan, cells, numbers), *_rules_of_others(plan, numbers, agencies)]
    findings += find_former_years(sections, agencies, year)
    if form is not None and cells:
        findings += [*_check_form_year(plan, year), *compare_text(plan, cells, numbers, sections, agencies, year)]
    return findings


# -------------------------------------------------------------------------------------------------------------- losses


def find_losses(
    assignment: Assignment, cells: Mapping[str, StoredCell], parts: Iterable[PagePart] = ()
) -> list[Finding]:
    """Return the findings on missing, unplaced, doubtful and blank tables and rows; ``cells``: those read, by id."""
    if not cells and not assignment.unplaced:
        if assignment.form.is_free:  # such a report need not have any table
            return []
        names = [part.url.partition("?")[0].rpartition("/")[2] or part.text for part in parts]
        file_names = first_of(list(dict.fromkeys(names)), NAMED_ROWS)
        return [finding("tables_absent", case="none_parts" if names else "none", found=file_names or None)]
    findings = [*_unplaced_rows(assignment, cells), *_doubtful_places(assignment)]
    cell_ids = {*cells, *(name for one in findings for name in one.cells)}
    return [*findings, *_absent_tables(assignment, cells, cell_ids), *_blank_tables(assignment, cells)]


def _unplaced_rows(assignment: Assignment, cells: Mapping[str, StoredCell]) -> Iterator[Finding]:
    """Yield the findings on rows with figures that belong to no indicator for certain, but for those read from another
    print, and short rows with an unknown label outside the form's tables.
    """
    rows = assignment.unplaced
    for row, plan in [(row, row.row) for row in rows.get("columns", ()) if row.row]:
        if not cells.keys() & {*plan.place_ids}:
            yield _count_mismatch(row, plan)
    for plan in [row.row for row in rows.get("repeated", ()) if row.row]:
        if any("conflict" in cells[name].flags for name in plan.place_ids if name in cells):
            yield finding("duplicate_differs", case="first", cells=plan.place_ids, label=_name(plan))
    if compared := rows.get("compared"):
        yield finding(
            "tables_compared", cells=_places(compared), found=len({row.row.id for row in compared if row.row})
        )
    if glued := rows.get("glued"):
        sample, places = first_of([_text(row) for row in glued], NAMED_ROWS, "；"), _places(glued)
        yield finding("digits_glued", cells=places, found=sample, count=len(places))
    if columns := rows.get("column"):
        yield finding("column_unplaced", found=first_of([_text(row) for row in columns], NAMED_ROWS))
    # a row without a known label is reported if its table has cells of the form, or if it is long
    tables = {None, *(cell.locator.get("table") for cell in cells.values())}
    long_rows = [row for row in rows.get("label", ()) if len(row.cells) >= MIN_LOOSE_VALUES]
    loose = [row for row in rows.get("label", ()) if row in long_rows or row.cells[0].locator.get("table") in tables]
    for case, unknown in (("order", rows.get("order", [])), ("unknown", loose)):
        both = tuple(first_of(language, NAMED_ROWS) for language in zip(*map(_row_texts, unknown), strict=True))
        if unknown:
            yield finding("row_unplaced", case=case, cells=_places(unknown), found=len(unknown), rows=both)


def _count_mismatch(row: PrintedRow, plan: RowPlan) -> Finding:
    """Return the finding that the values of a printed row do not fit the columns of its row of the form."""
    words = [word for cell in row.cells if is_value(cell.text) or len(row.cells) == 1 for word in cell.text.split()]
    count, expected = sum(map(is_number, words)), len(plan.place_ids)
    label = tuple(f"{_name(plan)}: {text}" for text in _row_texts(row))
    case = "as_many" if count == expected else ""
    return finding("count_mismatch", case=case, cells=plan.place_ids, expected=expected, found=count, label=label)


def _places(rows: Iterable[PrintedRow]) -> list[str]:
    return list(dict.fromkeys(name for row in rows if row.row is not None for name in row.row.place_ids))


def _text(row: PrintedRow) -> str:
    return " ".join(" ".join(cell.text.split()) for cell in row.cells).strip()[:SHOWN_CHARS]


def _row_texts(row: PrintedRow) -> tuple[str, str]:
    """Return the text of a row with its position in the document, in Chinese and in English."""
    where: Mapping[str, Any] = row.cells[-1].locator  # the first may be merged with cells of the rows above
    parts = [one for one in PLACES if one[0] in where and not (one[0] == "line" and "table" in where)]
    zh = "".join(words.format(int(where[key]) + first) for key, words, _, first in parts)
    en = ", ".join(words.format(int(where[key]) + first) for key, _, words, first in parts)
    return f"{_text(row)}（{zh}）", f"{_text(row)} ({en})"


def _name(row: RowPlan) -> str:
    return row.labels[0] if row.labels and row.span == 1 else "、".join(sorted(row.keys)) or row.id


def _doubtful_places(assignment: Assignment) -> Iterator[Finding]:
    """Yield findings on placed cells whose indicator or digits are not certain, and on rows that lack cells."""
    placed = assignment.placed
    for code, case in (("order_only", "places"), ("cut_by_sums", ""), ("low_confidence", "")):
        if names := [name for name, one in placed.items() if code in one.doubts or code in one.cell.doubts]:
            yield finding(code, case=case, cells=names, found=len(names))
    places = assignment.form.places
    for row in {places[name].row.id: places[name].row for name in placed if name in places}.values():
        needed = [name for name, column in zip(row.place_ids, row.columns, strict=True) if not column.optional]
        absent = [name for name in needed if name not in placed]
        if any("merged" in placed[name].doubts for name in row.place_ids if name in placed):
            yield finding("merged_value", cells=row.place_ids, label=row.label)
        elif absent:
            columns = first_of([places[name].column.label for name in absent], NAMED_ROWS)
            yield finding("columns_missing", cells=absent, label=row.label, columns=columns)
    if foreign := [name for name in placed if name not in places]:
        yield finding("mixed_forms", case="columns", cells=foreign, forms=assignment.form.name)


def _absent_tables(assignment: Assignment, cells: Mapping[str, StoredCell], cell_ids: set[str]) -> Iterator[Finding]:
    """Yield a finding for each missing table, and each table that lacks rows; in HTML and Word only as information, as
    the reader overlooks none there. ``cell_ids``: those read, and those of other findings.
    """
    for table in () if assignment.form.is_free else assignment.form.tables:
        absent = [row for row in table.rows if not cell_ids & {*row.place_ids}]
        names = [name for row in absent for name in row.place_ids]
        own = [cells[name] for row in table.rows for name in row.place_ids if name in cells]
        if absent and not own:
            heading = assignment.form.heading(table)
            yield finding("table_missing", cells=names, expected=table.key, heading=heading)
        elif absent:
            is_structured = all("table" in cell.locator and "page" not in cell.locator for cell in own)
            yield finding(
                "rows_missing",
                severity=Severity.INFO if is_structured else Severity.WARNING,
                cells=names,
                expected=len(table.rows),
                found=len(table.rows) - len(absent),
                count=len(absent),
                labels=first_of([row.label for row in absent], NAMED_ROWS),
            )


def _blank_tables(assignment: Assignment, cells: Mapping[str, StoredCell]) -> Iterator[Finding]:
    """Yield the findings on tables whose cells are all blank, without a 0 or a mark such as ``/``."""
    filled = {name for name, cell in cells.items() if cell.state is not CellState.BLANK}
    if cells and not filled:
        yield finding("tables_blank", cells=cells, found=len(cells))
        return
    for table in assignment.form.tables:
        names = [name for row in table.rows for name in row.place_ids if name in cells]
        if len(names) >= MIN_BLANK_CELLS and not filled & {*names}:
            yield finding("table_blank", cells=names, found=len(names), heading=assignment.form.heading(table))


# -------------------------------------------------------------------------------------------------------- sums, limits


def _check_form_year(form: Form, year: int | None) -> Iterator[Finding]:
    """Yield a finding if the report's year is outside the years that its form is for (xixian_dizhang_2023)."""
    if year is None or form.is_free or form.first_year <= year <= (form.last_year or year):
        return
    yield finding(
        "form_of_other_year",
        case="early" if year < form.first_year else "late",
        expected=f"{form.first_year}–{form.last_year or ''}",
        found=year,
        form=form.name,
        title=form.title,
        first=form.first_year,
        last=form.last_year,
    )


def _broken_sums(form: Form, cells: Mapping[str, StoredCell], numbers: Mapping[str, Decimal]) -> Iterator[Finding]:
    """Yield a finding for each sum of the form that does not hold, if all its cells are known."""
    for rule in form.identities:
        names = rule.places
        if not numbers.keys() >= {*names} or not _is_judged(form, rule, cells):
            continue
        left, right = (sum(numbers[name] * sign for name, sign in side) for side in (rule.left, rule.right))
        if left == right:
            continue
        blank = [all(cells[name].value is None for name, _ in side) for side in (rule.left, rule.right)]
        is_recognised = any("confidence" in cells[name].locator for name in names)  # then a 0 may be the misread one
        yield finding(
            "identity_broken",
            case="left_blank" if blank[0] else "right_blank" if blank[1] else "",
            cells=dict.fromkeys((*(n for n, _ in rule.left), *(n for n in names if numbers[n] or is_recognised))),
            expected="" if blank[1] else right,
            found="" if blank[0] else left,
            place=rule.label,
            rule=(rule.zh, rule.en),
        )


def _is_judged(form: Form, rule: Rule, cells: Mapping[str, StoredCell]) -> bool:
    """True if each side of a sum has a number; for a side of one cell (a total), a number anywhere in its row."""
    sides = [[name for name, _ in side] for side in (rule.left, rule.right)]
    sides = [[*form.places[side[0]].row.place_ids] if len(side) == 1 else side for side in sides]
    return all(any(name in cells and cells[name].value is not None for name in side) for side in sides)


def _rules_of_others(form: Form, numbers: Mapping[str, Decimal], agencies: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding if a report counts 规章 though its agency has no power to make any."""
    names = [name for name, number in numbers.items() if number and name.rpartition(".")[0] in form.rule_makers]
    if names and agencies and all(map(pattern("no_rule_maker").search, agencies)):
        printed = ", ".join(str(numbers[name]) for name in names)
        yield finding("rules_by_other_body", cells=names, expected=0, found=printed, body=agencies[0])


def find_doubtful_values(cells: Mapping[str, StoredCell]) -> Iterator[Finding]:
    """Yield a finding for each cell with a text that is no (whole) number, and for each amount without a unit."""
    for name, cell in cells.items():
        code = next((one for one in ("not_a_number", "not_integer", "unit_missing") if one in cell.flags), "")
        if not code or cell.state is not CellState.PRINTED:
            continue
        text = cell.raw[:SHOWN_CHARS]
        yield finding(code, cells=(name,), found=text, label=all_places()[name].label)
