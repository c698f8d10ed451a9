"""Report the form's tables and headings that a report does not print, or that were lost; none is read as 0."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from archive.documents.findings import TORN
from archive.documents.grid import MAX_COLS, TALL, WIDE
from archive.documents.pages import Pages, Table
from archive.documents.url_path import unescaped
from archive.findings import finding, first_of
from archive.forms.loader import known_form, old_form
from archive.forms.model import Form, RowPlan, TablePlan
from archive.parser.cells import Placement, with_flag
from storage.records import Cell, CellState, Finding, Part, Section, Severity

ROWS_MISSING = "rows_missing"
_LEAST_TEXT = 200  # characters of a report's text from which it has sections; a title and a preface have fewer
_NAMED, _LONGEST_NAME = 5, 60  # files that a finding names, and characters of a name
_DRAWN = frozenset(("pdf", "ofd", "scan"))  # kinds that draw their tables and do not say what they are
_SEVERAL = 5  # cells of a table that say something by being blank: the shortest row of one
_SHEETS = frozenset(("xls", "xlsx"))  # cells stand where they say: none is pushed over the edge of its table


def tables_absent(parts: Sequence[Part] = (), form: Form | None = None) -> Finding:
    """Make the finding that a report has none of the form's tables. ``parts``: what its page embeds and links, in which
    they may stand; ``form``: the form whose tables' words are there without a figure.
    """
    names = list(dict.fromkeys(name for part in parts if (name := _name(part))))
    case = "none" if form is None else "words"
    if not names:
        return finding("tables_absent", case=case, form=form and form.name)
    return finding("tables_absent", case=f"{case}_parts", found=first_of(names, _NAMED), form=form and form.name)


def sections_unnamed(sections: Sequence[Section]) -> Iterator[Finding]:
    """Say that the text of a report is there and none of its headings names a section of the form."""
    size = sum(len(section.text) for section in sections)
    if size >= _LEAST_TEXT and not any(section.key for section in sections):
        yield finding("sections_unnamed", found=size)


def _name(part: Part) -> str:
    """What a file is called by its address, else what the page calls it."""
    path = unescaped(part.url.partition("?")[0].partition("#")[0])
    return (path.rstrip("/").rpartition("/")[2] or part.text)[:_LONGEST_NAME]


def tables_blank(cells: Mapping[str, Cell]) -> Iterator[Finding]:
    """Say that nothing at all stands in the tables of a report, not even a 0 or a mark."""
    if cells and all(cell.state is CellState.BLANK and not cell.flags for cell in cells.values()):
        yield finding("tables_blank", cells=cells, found=len(cells))


def doubt_unfilled(placed: Placement, pages: Pages) -> None:
    """Flag (``label_doubt``) the cells of a table that is blank in a document that draws its text, others being filled.

    A font that is broken, or ink that is too faint, leaves just this: labels and no figure. Where pieces of the file
    are known to be, all cells are doubted: digits may be missing from any.
    """
    if any(found.found == TORN for found in pages.findings):
        placed.cells = {name: with_flag(cell, "label_doubt") for name, cell in placed.cells.items()}
    elif _draws_its_tables(pages):
        for _, names in _unfilled(placed.form, placed.cells):
            placed.cells = {**placed.cells, **{name: with_flag(placed.cells[name], "label_doubt") for name in names}}


def _draws_its_tables(pages: Pages) -> bool:
    return pages.kind in _DRAWN or pages.recognised > 0


def _heading(form: Form | None, table: TablePlan) -> str:
    """The heading of the section in which a table stands."""
    sections = form.sections if form is not None else ()
    return next((section.heading for section in sections if section.key == table.section), table.key)


def _unfilled(form: Form | None, cells: Mapping[str, Cell]) -> list[tuple[TablePlan, list[str]]]:
    """The tables of a form in which nothing stands, not even a 0 or a mark, where others are filled; their cells."""
    if form is None or not cells:
        return []
    found: list[tuple[TablePlan, list[str]]] = []
    filled = False
    for table in form.tables:
        names = [name for row in table.rows for name in row.place_ids if name in cells]
        if any(cells[name].state is not CellState.BLANK for name in names):
            filled = True
        elif len(names) >= _SEVERAL:
            found.append((table, names))
    return found if filled else []


def tables_unfilled(
    form: str | None, cells: Mapping[str, Cell], pages: Pages, *, loose: bool = False
) -> Iterator[Finding]:
    """Say which tables of the form hold nothing though others do. It is not 0; a warning where the text is drawn, or
    where ``loose`` figures are there that belong to no row.
    """
    plan = known_form(form)
    severity = Severity.WARNING if loose or _draws_its_tables(pages) else Severity.INFO
    for table, names in _unfilled(plan, cells):
        heading = _heading(plan, table)
        yield finding("table_blank", severity=severity, cells=names, found=len(names), heading=heading)


def tables_missing(form: str | None, cells: Mapping[str, Cell]) -> Iterator[Finding]:
    """Say which tables of the form are not there although others are. ``form`` is the name of a form."""
    plan = known_form(form)
    if plan is None or not cells:
        return
    for table in plan.tables:
        if any(name in cells for row in table.rows for name in row.place_ids):
            continue
        cells_gone = [name for row in table.rows for name in row.place_ids]
        yield finding("table_missing", cells=cells_gone, expected=table.key, heading=_heading(plan, table))


def rows_missing(
    form: str | None, cells: Mapping[str, Cell], pages: Pages, reported: Collection[str]
) -> Iterator[Finding]:
    """Say which rows of the form its tables do not have though they have others.

    A warning where cells were told by places, lines or recognition; where a document says itself what its tables are,
    rows that it lacks were hardly lost. ``reported``: the cells that other findings speak of.
    """
    plan = known_form(form)
    if plan is None or not cells or plan.places.keys() <= cells.keys():
        return
    if form == old_form().name:  # every province printed rows of its own choice
        return
    blocks = () if _draws_its_tables(pages) else pages.blocks
    grids = {block.locator.get("table") for block in blocks if isinstance(block, Table) and block.ruled}
    loose: set[str] = set()
    foreign: set[str] = set()  # tables with a row of another year's form
    for name, cell in cells.items():
        place = plan.places.get(name)
        if place is None:
            foreign.add(name.partition(".")[0])
        elif cell.locator.get("table") not in grids:
            loose.add(place.table)
    for table in plan.tables:
        if table.key in loose:
            yield from rows_gone(table, {*cells, *reported})
        elif table.key not in foreign:
            yield from rows_gone(table, {*cells, *reported}, Severity.INFO)


def rows_absent(table: TablePlan, known: Collection[str]) -> list[RowPlan]:
    """The rows of a table of which no cell is ``known``, by its id."""
    there = {name.rpartition(".")[0] for name in known}  # a row may have the columns of another form
    return [row for row in table.rows if row.id not in there]


def rows_gone(table: TablePlan, known: Collection[str], severity: Severity = Severity.WARNING) -> Iterator[Finding]:
    """Make the finding that rows of a table are missing though others are there. ``known``: cells that are there, or
    that other findings name.
    """
    absent = rows_absent(table, known)
    if not absent or len(absent) == len(table.rows):
        return
    yield finding(
        ROWS_MISSING,
        severity=severity,
        cells=[name for row in absent for name in row.place_ids],
        expected=len(table.rows),
        found=len(table.rows) - len(absent),
        count=len(absent),
        labels=first_of([row.label for row in absent], 5),
    )


def tables_cut(pages: Pages) -> Iterator[Finding]:
    """Say that tables are as wide as one may be: cells that merged ones pushed beyond were left out."""
    for block in pages.blocks if pages.kind not in _SHEETS else ():
        most = MAX_COLS if isinstance(block, Table) and block.rows <= TALL else WIDE
        if isinstance(block, Table) and block.cols >= most:
            yield finding("limit_reached", bound="table_columns", expected=most)
            return
