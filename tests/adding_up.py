"""Forms whose sums hold, filled at random: what glued digits are cut by and recognised figures are held against."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal

from archive.forms.model import Form, TablePlan

Filled = dict[str, Decimal | None]


def adding_up(form: Form, chance: random.Random, size: int = 60, zeros: float = 0.7) -> Filled:
    """Cells of which every identity of ``form`` holds: counts up to ``size``, so many of them 0."""
    cells: dict[str, int] = {}

    def count() -> int:
        return 0 if chance.random() < zeros else chance.randint(1, size)

    for place in form.places.values():
        cells[place.id] = 0 if place.id.startswith("proactive.rules.") else count()  # a county makes no 规章
    applications = form.table("applications")
    results = [row.id for row in applications.rows if ".result." in row.id and not row.id.endswith("result.total")]
    columns = [column.id for column in applications.columns if column.id != "total"]
    for column in columns:
        total = cells[f"applications.result.total.{column}"] = sum(cells[f"{row}.{column}"] for row in results)
        whole = total + cells[f"applications.carried_out.{column}"]
        old = cells[f"applications.carried_in.{column}"] = chance.randint(0, min(whole, 5))
        cells[f"applications.received.{column}"] = whole - old
    for table in (applications, form.table("remedies")):
        _row_sums(table, cells)
    return {name: Decimal(value) for name, value in cells.items()}


def _row_sums(table: TablePlan, cells: dict[str, int]) -> None:
    for row in table.rows:
        parts = [name for name in row.place_ids if not name.endswith(".total")]
        cells[f"{row.id}.total"] = sum(cells[name] for name in parts)


def glued(form: Form, cells: Mapping[str, Decimal | None]) -> str:
    """The three tables as one line of text: every blank and border lost, as many converters leave it."""
    pieces: list[str] = []
    for table in form.tables:
        if table.layout == "blocks":
            for number, block in enumerate(table.blocks):
                pieces += [block.caption, block.header, *(column.label for column in block.columns)]
                for row in (row for row in table.rows if row.block == number):
                    pieces += [row.label, *_values(row.place_ids, cells)]
        elif table.layout == "matrix":
            pieces += ["三、收到和处理政府信息公开申请情况", table.corner, table.header, table.group_header]
            pieces += [column.label for column in table.columns]
            groups: tuple[str, ...] = ()
            for row in table.rows:
                pieces += [group for group in row.groups if group not in groups]
                groups = row.groups
                pieces += [row.label, *_values(row.place_ids, cells)]
        else:
            pieces += ["四、政府信息公开行政复议、行政诉讼情况", "行政复议", "行政诉讼"]
            pieces += [column.label for row in table.rows for column in row.columns]
            pieces += [text for row in table.rows for text in _values(row.place_ids, cells)]
    return "".join(pieces)


def report(form: Form, cells: Mapping[str, Decimal | None]) -> bytes:
    """A whole report as one would find it in a text file: title, opening, tables in one line, the rest."""
    return (
        "测试县司法局2023年政府信息公开工作年度报告\n"
        "本报告由测试县司法局编制，统计期限自2023年1月1日起至2023年12月31日止。\n一、总体情况\n我局工作。\n"
        f"二、主动公开政府信息情况 {glued(form, cells)}五、存在的主要问题及改进情况\n无。\n"
        "六、其他需要报告的事项\n无。\n"
    ).encode()


def _values(names: tuple[str, ...], cells: Mapping[str, Decimal | None]) -> list[str]:
    return ["" if cells[name] is None else f"{cells[name]:f}" for name in names]
