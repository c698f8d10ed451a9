"""Printed grids → Document, HTML and text of many shapes, and ways to damage them: shared by the reader's tests."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from decimal import Decimal

from hypothesis import strategies as st

from archive.forms.model import Form
from archive.forms.printer import PrintedCell, PrintedTable, tables
from storage.records import Reading

Cells = Mapping[str, Decimal | None]
HEADINGS = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况")
TITLE = "测试县司法局2023年政府信息公开工作年度报告"


def filled(form: Form, *, blanks: bool = True) -> st.SearchStrategy[dict[str, Decimal | None]]:
    """Random cells of a form: blank, zero, counts, signed changes, amounts with decimals.

    Drawn as one seed, to be quick.
    """
    return st.tuples(st.integers(0, 2**32), st.sampled_from([0.0, 0.2, 0.7, 0.95] if blanks else [0.0])).map(
        lambda drawn: _fill(form, random.Random(drawn[0]), drawn[1])
    )


def _fill(form: Form, chance: random.Random, blank: float) -> dict[str, Decimal | None]:
    cells: dict[str, Decimal | None] = {}
    for name, place in form.places.items():
        size = chance.choice([0, 0, 9, 99, 3_000_000])
        if chance.random() < blank:
            cells[name] = None
        elif place.kind in {"amount", "open_amount"}:
            cells[name] = Decimal(chance.randrange(0, 10**9)) / 10_000
        elif place.kind == "signed_count":
            cells[name] = Decimal(chance.randint(-size, size))
        else:
            cells[name] = Decimal(chance.randint(0, size))
    return cells


def printed(form: Form, cells: Cells) -> dict[str, str]:
    """The texts to print: an open amount with its unit."""
    texts = {}
    for name, value in cells.items():
        kind = form.places[name].kind
        texts[name] = "" if value is None else f"{value:f}" + ("元" if kind == "open_amount" else "")
    return texts


def rows_of(table: PrintedTable) -> list[list[PrintedCell]]:
    return [[cell for cell in table.cells if cell.row == row] for row in range(table.rows)]


def as_tabs(printed_tables: tuple[PrintedTable, ...]) -> str:
    """One row per line, merged cells once, and places above left blank."""
    lines = [TITLE, "", "一、总体情况", "我局工作。", ""]
    for heading, table in zip(HEADINGS, printed_tables, strict=True):
        lines += [heading, ""]
        for row in range(table.rows):
            fields = [""] * table.cols
            for cell in table.cells:
                if cell.row == row:
                    fields[cell.col] = cell.text
            held = {c.col + i for c in table.cells if c.row == row for i in range(1, c.colspan)}
            lines.append("\t".join(text for col, text in enumerate(fields) if col not in held))
        lines.append("")
    return "\n".join([*lines, "五、存在的主要问题及改进情况", "无"])


def _text(printed_tables: tuple[PrintedTable, ...], lines_of: Callable[[PrintedTable], list[str]]) -> str:
    lines = [TITLE, "一、总体情况", "我局工作。"]
    for heading, table in zip(HEADINGS, printed_tables, strict=True):
        lines += [heading, *lines_of(table)]
    return "\n".join([*lines, "五、存在的主要问题及改进情况", "无"])


def as_cell_lines(printed_tables: tuple[PrintedTable, ...]) -> str:
    """One cell per line behind a tab, an empty line after each row, as Word documents are often taken apart."""

    def lines_of(table: PrintedTable) -> list[str]:
        lines = []
        for row in range(table.rows):
            starts = {cell.col: cell for cell in table.cells if cell.row == row}
            held = {c.col for c in table.cells if c.row < row < c.row + c.rowspan}
            lines += ["\t" + starts[col].text if col in starts else "\t" for col in sorted({*starts, *held})]
            lines.append("")
        return [*lines, ""]

    return _text(printed_tables, lines_of)


def as_pipe_list(printed_tables: tuple[PrintedTable, ...]) -> str:
    """Cells on lines of their own, each followed by a pipe; merged cells once, blanks kept."""
    return _text(printed_tables, lambda table: [f"{cell.text} |".strip() for cell in table.cells])


def as_markdown(printed_tables: tuple[PrintedTable, ...]) -> str:
    """Markdown pipe tables: merged cells once, the rest of the row padded with empty cells at its end."""
    lines = [f"# {TITLE}", "", "## 一、总体情况", "我局工作。", ""]
    for heading, table in zip(HEADINGS, printed_tables, strict=True):
        lines += [f"## {heading}", ""]
        for number, row in enumerate(rows_of(table)):
            texts = [cell.text for cell in row] + [""] * (table.cols - len(row))
            lines.append("| " + " | ".join(texts) + " |")
            if number == 0:
                lines.append("|" + "---|" * table.cols)
        lines.append("")
    return "\n".join([*lines, "## 五、存在的主要问题及改进情况", "无"])


def as_lines(printed_tables: tuple[PrintedTable, ...]) -> str:
    """One cell per line and nothing else: blanks are lost."""
    return _text(printed_tables, lambda table: [cell.text for cell in table.cells if cell.text])


def read_values(reading: Reading) -> dict[str, Decimal | None]:
    return {name: cell.value for name, cell in reading.cells.items()}


def differences(reading: Reading, wanted: Cells) -> dict[str, tuple[object, object]]:
    """Every cell that is not as printed: id → (printed, read)."""
    got = read_values(reading)
    return {
        name: (wanted.get(name, "absent"), got.get(name, "absent"))
        for name in {*wanted, *got}
        if name not in wanted or name not in got or wanted[name] != got[name]
    }


def told(reading: Reading) -> set[str]:
    """Cells that the reading itself doubts: flagged, or named by a finding."""
    flagged = {name for name, cell in reading.cells.items() if cell.flags}
    return flagged | {name for found in reading.findings for name in found.cells}


def lies(reading: Reading, wanted: Cells) -> dict[str, tuple[object, object]]:
    """Cells that are wrong and not doubted: the one thing that must never happen. Absent cells are no lies."""
    doubted = told(reading)
    return {
        name: pair for name, pair in differences(reading, wanted).items() if pair[1] != "absent" and name not in doubted
    }


def tables_of(form: Form, cells: Cells) -> tuple[PrintedTable, ...]:
    return tables(form, printed(form, cells))
