"""Tables without a grid whose columns stand in another order than the form's, or lack some: the headings tell it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import pytest

from archive.forms.loader import form
from archive.parser.reader import read
from storage.records import Reading
from tests import form_rendering as render

FORM = form("2021")
ISSUED, MATRIX, STRIP = FORM.table("proactive"), FORM.table("applications"), FORM.table("remedies")
INNER = [column.id for column in MATRIX.columns if column.grouped]
COLUMNS = [column.id for column in MATRIX.columns]
LABELS = {column.id: column.label for column in (*ISSUED.blocks[0].columns, *MATRIX.columns, *STRIP.columns)}
BLOCKS = [row.id for row in STRIP.rows]
RESULTS = [column.id for column in STRIP.columns]
Lines = list[list[str]]
Figures = dict[str, int]


def write_tabs(rows: Lines) -> list[str]:
    return ["\t".join(row) for row in rows]


def write_tight(rows: Lines) -> list[str]:
    return ["\t".join(filter(None, row)) for row in rows]


def write_blanks(rows: Lines) -> list[str]:
    return [" ".join(filter(None, row)) for row in rows]


def write_values(rows: Lines) -> list[str]:
    return [cell for row in rows for cell in row if cell]


def write_pipes(rows: Lines) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return ["", lines[0], "|---" * len(rows[0]) + "|", *lines[1:], ""]


WRITERS = {
    "tabs": write_tabs,
    "tight": write_tight,
    "blanks": write_blanks,
    "values": write_values,
    "pipes": write_pipes,
}
EVERY = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def matrix(order: Sequence[str], chance: random.Random, *, flat: bool) -> tuple[Lines, Figures]:
    """The table of applications with these columns; ``flat``: a single line of headings."""
    outer = list(dict.fromkeys("" if name in INNER else name for name in order))
    inner = [name for name in order if name in INNER]
    blank = [""] * 3
    if flat:
        rows = [["申请人情况", "", "", *(LABELS[name] for name in order)]]
    else:
        upper = [[LABELS[name]] if name else [MATRIX.group_header, *[""] * (len(inner) - 1)] for name in outer]
        lower = [[""] if name else [LABELS[one] for one in inner] for name in outer]
        rows = [
            ["申请人情况", *[""] * (len(order) + 2)],
            [*blank, *chain.from_iterable(upper)],
            [*blank, *chain.from_iterable(lower)],
        ]
    figures: Figures = {}
    groups: tuple[str, ...] = ()
    for plan in MATRIX.rows:
        values = {name: chance.choice([0, 0, chance.randrange(1, 90)]) for name in order}
        values["total"] = sum(value for name, value in values.items() if name != "total")
        figures |= {f"{plan.id}.{name}": value for name, value in values.items()}
        before = [group if group not in groups else "" for group in plan.groups]
        groups = plan.groups
        rows.append([*([*before, plan.label, "", ""][:3]), *(str(values[name]) for name in order)])
    return rows, figures


def strip(blocks: Sequence[str], columns: Sequence[str], chance: random.Random) -> tuple[Lines, Figures]:
    """The table of remedies with its blocks and the columns of each in these orders."""
    labels = {row.id: row.label for row in STRIP.rows}
    top: list[str] = []
    second: list[str] = []
    third: list[str] = []
    values: list[str] = []
    figures: Figures = {}
    rest = [""] * (len(columns) - 1)
    seen = False
    for block in blocks:
        names = [LABELS[name] for name in columns]
        review = block == "review"
        top += [labels[block] if review else "" if seen else "行政诉讼", *rest]
        seen = seen or not review
        second += names if review else [labels[block], *rest]
        third += [""] * len(columns) if review else names
        own = {name: chance.randrange(9) for name in columns}
        own["total"] = sum(value for name, value in own.items() if name != "total")
        values += [str(own[name]) for name in columns]
        figures |= {f"{block}.{name}": value for name, value in own.items()}
    return [top, second, third, values], figures


def issued(order: Sequence[str], chance: random.Random) -> tuple[Lines, Figures]:
    """The first block of the table of what was published."""
    rows = [["信息内容", *(LABELS[name] for name in order)]]
    figures: Figures = {}
    for plan in (row for row in ISSUED.rows if row.block == 0):
        values = {name: chance.randrange(90) for name in order}
        figures |= {f"{plan.id}.{name}": value for name, value in values.items()}
        rows.append([plan.label, *(str(values[name]) for name in order)])
    return rows, figures


def document(write: Callable[[Lines], Iterable[str]], tables: Sequence[Lines]) -> Reading:
    heads = [
        "二、主动公开政府信息情况\n第二十条第（一）项",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
    ]
    lines = ["临水县教育局2024年政府信息公开工作年度报告", "一、总体情况", "我局认真做好政府信息公开工作。"]
    for head, rows in zip(heads, tables, strict=True):
        lines += [head, *write(rows)]
    lines += ["五、存在的主要问题及改进情况", "公开的及时性有待提高。", "六、其他需要报告的事项", "无。"]
    return read("\n".join(lines).encode())


def silent(reading: Reading, figures: Figures) -> dict[str, tuple[object, int | None]]:
    """Cells that are wrong, and that no finding names."""
    told = {name for finding in reading.findings for name in finding.cells}
    got = {name: int(cell.value) for name, cell in reading.cells.items() if cell.value is not None}
    return {
        name: (figures.get(name), got.get(name))
        for name in {*figures, *got}
        if figures.get(name) != got.get(name) and name not in told
    }


def right(reading: Reading, figures: Figures) -> int:
    cells = reading.cells
    return sum(name in cells and cells[name].value == value for name, value in figures.items())


@EVERY
@pytest.mark.parametrize("seed", range(12))
def test_no_order_of_columns_is_taken_for_the_forms(write: Callable[[Lines], Iterable[str]], seed: int) -> None:
    chance = random.Random(seed)
    outer = chance.sample(["natural_person", "", "total"], 3)
    inner = chance.sample(INNER, chance.choice([5, 5, 4]))
    flat = chance.random() < 0.5
    order = [one for name in outer for one in (inner if not name else [name])]
    if flat:
        chance.shuffle(order)
    tables = [
        issued(chance.sample(list(LABELS)[:3], 3), chance),
        matrix(order, chance, flat=flat),
        strip(chance.sample(BLOCKS[1:], 2) + BLOCKS[:1] if seed % 2 else BLOCKS, chance.sample(RESULTS, 5), chance),
    ]
    figures = {name: value for _, own in tables for name, value in own.items()}
    reading = document(write, [rows for rows, _ in tables])
    assert silent(reading, figures) == {}
    if write is not write_values:  # a heading a line tells no order for certain
        assert right(reading, figures) == len(figures)


@pytest.mark.parametrize("by_rows", [True, False])
def test_a_heading_a_line_stands_where_it_is_read_if_merged_ones_do(by_rows: bool) -> None:
    """行政诉讼 before 行政复议: its blocks stand first, unless a cell two rows high is told below those beside it."""
    chance = random.Random(5)
    upper, figures = matrix(COLUMNS, chance, flat=False)
    if not by_rows:
        upper[1] = [MATRIX.group_header, "自然人", "总计"]
    lower, own = strip([*BLOCKS[1:], *BLOCKS[:1]], RESULTS, chance)
    first, others = issued(list(LABELS)[:3], chance)
    reading = document(write_values, [first, upper, lower])
    assert silent(reading, figures | own | others) == {}
    assert (right(reading, own) == len(own)) == by_rows
    doubted = any(cell.flags for name, cell in reading.cells.items() if name.startswith("review."))
    assert doubted != by_rows


@EVERY
def test_the_forms_own_order_stays_undoubted(write: Callable[[Lines], Iterable[str]]) -> None:
    chance = random.Random(7)
    tables = [
        issued(list(LABELS)[:3], chance),
        matrix(COLUMNS, chance, flat=False),
        strip(BLOCKS, RESULTS, chance),
    ]
    figures = {name: value for _, own in tables for name, value in own.items()}
    reading = document(write, [rows for rows, _ in tables])
    assert right(reading, figures) == len(figures)
    assert not any(cell.flags for cell in reading.cells.values())


@EVERY
def test_a_column_less_moves_no_figure(write: Callable[[Lines], Iterable[str]]) -> None:
    chance = random.Random(3)
    tables = [
        issued(list(LABELS)[:3], chance),
        matrix([name for name in COLUMNS if name != "research"], chance, flat=True),
        strip(BLOCKS, RESULTS, chance),
    ]
    figures = {name: value for _, own in tables for name, value in own.items()}
    reading = document(write, [rows for rows, _ in tables])
    assert silent(reading, figures) == {}
    assert right(reading, figures) == len(figures)
    missing = {name for finding in reading.findings if finding.code == "columns_missing" for name in finding.cells}
    assert missing == {f"{plan.id}.research" for plan in MATRIX.rows}


@pytest.mark.parametrize("write", [write_tabs, write_tight, write_pipes])
@pytest.mark.parametrize("lacking", ["total", "public_welfare", ""])
def test_headings_tell_columns_that_are_not_printed_and_a_sum_the_form_has_not(
    write: Callable[[Lines], Iterable[str]], lacking: str
) -> None:
    chance = random.Random(17)
    rows, figures = matrix(COLUMNS, chance, flat=False)
    at = 3 + COLUMNS.index(lacking) if lacking else 0
    upper, lower = [*rows[1]], [*rows[2]]
    if lacking == "public_welfare":
        upper.remove("")
    elif lacking:
        upper.remove(LABELS["total"])
    if lacking:
        lower = [cell for n, cell in enumerate(lower) if n != at]
        rows = [rows[0][:-1], upper, lower, *([cell for n, cell in enumerate(row) if n != at] for row in rows[3:])]
        figures = {name: figure for name, figure in figures.items() if not name.endswith(f".{lacking}")}
    else:  # 小计 behind 其他, as the last of 法人或其他组织
        sums = [str(sum(map(int, row[4:9]))) for row in rows[3:]]
        head = [rows[0] + [""], [*upper[:9], "", LABELS["total"]], [*lower[:9], "小计", ""]]
        rows = [*head, *([*row[:9], own, row[9]] for row, own in zip(rows[3:], sums, strict=True))]
    reading = document(write, [issued(list(LABELS)[:3], chance)[0], rows, strip(BLOCKS, RESULTS, chance)[0]])
    assert right(reading, figures) == len(figures)
    assert {name for name in reading.cells if name.startswith("applications.")} == set(figures)
    assert not any(cell.flags for cell in reading.cells.values())


def test_fields_of_a_table_on_its_side_are_laid_over_where_none_is_lost() -> None:
    chance = random.Random(19)
    rows, figures = matrix(COLUMNS, chance, flat=True)
    labels = [f"{''.join(plan.groups[1:])}{plan.label}" for plan in MATRIX.rows]
    upright = [["申请人类型", *(LABELS[name] for name in COLUMNS)]]
    upright += [[label, *row[3:]] for label, row in zip(labels, rows[1:], strict=True)]
    tables = [issued(list(LABELS)[:3], chance)[0], [], strip(BLOCKS, RESULTS, chance)[0]]
    turned = [list(column) for column in zip(*upright, strict=True)]
    whole = document(write_tabs, [tables[0], turned, tables[2]])
    assert right(whole, figures) == len(figures)
    short = document(write_tabs, [tables[0], [row[: 26 - at % 2] for at, row in enumerate(turned)], tables[2]])
    told = {name for finding in short.findings for name in finding.cells}
    got = {name: cell.value for name, cell in short.cells.items() if name in figures and cell.value is not None}
    assert got.items() <= figures.items()
    assert got.keys() | told >= figures.keys()


@pytest.mark.parametrize("write", [*WRITERS.values(), None], ids=[*WRITERS, "grid"])
@pytest.mark.parametrize(("head", "column"), [("总计（件）", "total"), ("自然人", "natural_person")])
def test_a_table_of_one_column_is_the_one_its_heading_names(
    write: Callable[[Lines], Iterable[str]] | None, head: str, column: str
) -> None:
    chance = random.Random(11)
    figures = {f"{plan.id}.{column}": chance.randrange(40) for plan in MATRIX.rows}
    rows = [["项目", head]]
    rows += [[f"{''.join(p.groups[1:])}{p.label}", str(figures[f"{p.id}.{column}"])] for p in MATRIX.rows]
    others = [[["信息内容", "本年处理决定数量"], ["行政许可", "3"]], strip(BLOCKS, RESULTS, chance)[0]]
    if write is not None:
        reading = document(write, [others[0], rows, others[1]])
    else:
        cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
        reading = read(f"<p>{render.TITLE}</p><table><tr>{'</tr><tr>'.join(cells)}</tr></table>".encode())
    assert right(reading, figures) == len(figures)
    assert not any(cell.flags for name, cell in reading.cells.items() if name in figures)
    assert {name for name in reading.cells if name.startswith("applications.")} == set(figures)


@pytest.mark.parametrize("parted", ["\t", "\n"], ids=["fields", "lines"])
def test_blocks_below_each_other_have_headings_of_their_own(parted: str) -> None:
    """行政复议 with its figures, and below them 行政诉讼, whose headings name two of the three blocks."""
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    rows = [["行政复议"], names, list("12306"), ["行政诉讼"], ["未经复议直接起诉", "复议后起诉"], names * 2]
    rows += [list("1001250018")]
    lines = ["四、政府信息公开行政复议、行政诉讼情况", *(parted.join(row) for row in rows), "五、存在的问题", "无。"]
    reading = read("\n".join([render.TITLE, *lines]).encode())
    cells = {name: cell for name, cell in reading.cells.items() if name.startswith(("review.", "litigation."))}
    assert [cell.value for cell in cells.values()] == list(map(int, "123061001250018"))
    assert not any(cell.flags for cell in cells.values())
