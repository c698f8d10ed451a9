"""Tables of the form that a report does not print, or that were lost on the way: told, never taken for zeros."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archive.forms.loader import known_form
from archive.parser.findings import finding
from storage.records import Cell, Finding, Severity


def tables_absent() -> Finding:
    """Say that a report has none of them."""
    return finding(
        "tables_absent",
        Severity.WARNING,
        "没有找到全国统一格式的表格：可能是图片、附件，或转换时丢失；不等于 0。",
        "No table of the national form was found: an image, an attachment, or lost in conversion. It does not mean 0.",
    )


def tables_missing(form: str | None, cells: Mapping[str, Cell]) -> Iterator[Finding]:
    """Say which tables of the form are not there although others are. ``form`` is the name of a form."""
    plan = known_form(form)
    if plan is None or not cells:
        return
    printed = {plan.places[name].table for name in cells if name in plan.places}
    for table in plan.tables:
        if table.key in printed:
            continue
        heading = next((section.heading for section in plan.sections if section.key == table.section), table.key)
        yield finding(
            "table_missing",
            Severity.WARNING,
            f"没有找到“{heading}”的表格，其他表格已读取；不等于 0。",
            f"The table of “{heading}” was not found, though others were. It does not mean 0.",
            expected=table.key,
        )
