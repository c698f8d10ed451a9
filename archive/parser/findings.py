"""The findings that several modules of this room make, worded once. Codes are explained in docs/findings.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archive.forms.model import RowPlan
from storage.records import Finding, Severity

_NAMED = 5  # headings that a finding names


def finding(
    code: str,
    severity: Severity,
    zh: str,
    en: str,
    cells: Iterable[str] = (),
    *,
    expected: object = None,
    found: object = None,
) -> Finding:
    """A finding of the parser; ``expected`` and ``found`` are written as texts."""
    return Finding(
        code=code,
        severity=severity,
        zh=zh,
        en=en,
        cells=tuple(cells),
        expected=None if expected is None else str(expected),
        found=None if found is None else str(found),
    )


def count_mismatch(label: str, expected: int, found: int, cells: Iterable[str]) -> Finding:
    """A row whose values could not be told apart by header or count: its cells stay without a value."""
    zh, en = f"“{label}”一行应有 {expected} 个数，", f"Row “{label}” should hold {expected} values; "
    if found == expected:
        zh, en = f"{zh}也印有 {found} 个，但各属哪一栏不能确定，未取值。", f"{en}so many stand there, but "
    else:
        zh, en = f"{zh}可用的是 {found} 个，无法对应到栏目，未取值。", f"{en}{found} usable ones stand there, and "
    return finding(
        "count_mismatch",
        Severity.WARNING,
        zh,
        f"{en}which they are is not certain: none was taken.",
        cells,
        expected=expected,
        found=found,
    )


def row_unplaced(count: int, sample: str) -> Finding:
    """Rows of figures that no label and no order gives a place."""
    return finding(
        "row_unplaced",
        Severity.WARNING,
        f"有 {count} 行数字找不到对应的项目，未取值（如：{sample}）。",
        f"{count} rows of figures belong to no recognisable item and were not taken (such as {sample}).",
        found=count,
    )


def columns_missing(plan: RowPlan, missing: Sequence[str]) -> Finding:
    """Some columns of a row have no cell."""
    labels = "、".join(column.label for column in plan.columns if column.id in missing)
    return finding(
        "columns_missing",
        Severity.WARNING,
        f"“{plan.label}”一行没有这些栏目：{labels}。",
        f"Row “{plan.label}” prints no cell for: {labels}.",
        (f"{plan.id}.{name}" for name in missing),
    )


def merged_value(label: str, cells: Iterable[str]) -> Finding:
    """One printed value where the form has several cells; ``cells`` are all of these, as it may be meant for each."""
    return finding(
        "merged_value",
        Severity.WARNING,
        f"“{label}”一行只有一个数，可能是合并单元格；只计入所在的第一栏，其余各栏视为未印。",
        f"Row “{label}” prints one value, perhaps in a merged cell: it is taken for the first column only.",
        cells,
    )


def order_only(labels: Iterable[str], cells: Iterable[str]) -> Finding:
    """Rows without a whole label of their own, placed between their neighbours as the number of rows fits exactly."""
    names = list(labels)
    return finding(
        "order_only",
        Severity.INFO,
        "下列各行的项目名称没有印出、不完整、缺编号或与数字分离，按前后顺序对应：" + "、".join(names),
        "The labels of these rows are not there, incomplete, without their number or apart from their figures; placed "
        "by order, as the count fits: " + ", ".join(names),
        cells,
    )


def columns_doubted(cells: Sequence[str]) -> Finding:
    """Columns whose headings do not tell for certain in which order they stand."""
    return finding(
        "order_only",
        Severity.WARNING,
        "这些数字上方栏目名称的顺序与规定格式不一致或不完整，属于哪一栏不能确定，请与原件核对。",
        "The headings above these figures do not tell for certain in which order the columns stand: compare them with "
        "the document.",
        cells,
    )


def headings_unknown(headings: Mapping[str, Sequence[str]]) -> Finding:
    """Columns taken by their place, whose headings are none of the form's. ``headings``: heading and column → cells."""
    pairs = "、".join(list(headings)[:_NAMED])
    return finding(
        "order_only",
        Severity.WARNING,
        f"这些数字所在栏的名称不是规定格式的栏目，按位置取值，请与原件核对：{pairs}。",
        "The headings above these figures are none of the form's; they were taken by their place: compare them with "
        f"the document ({pairs}).",
        [name for cells in headings.values() for name in cells],
        found=pairs,
    )


def places_doubted(cells: Sequence[str]) -> Finding:
    """Cells of a scan of which nothing tells for certain which row or column is theirs."""
    return finding(
        "order_only",
        Severity.WARNING,
        f"{len(cells)} 个单元格属于哪一行、哪一栏不能确定，请与原件核对。",
        f"Which row or column these {len(cells)} cells belong to is not certain: compare them with the document.",
        cells,
        found=len(cells),
    )


def low_confidence(cells: Sequence[str]) -> Finding:
    """Figures of a scan of which recognition is not sure, and which no sum bears out or mends."""
    return finding(
        "low_confidence",
        Severity.WARNING,
        f"{len(cells)} 个单元格识别没有把握，请与原件核对。",
        f"{len(cells)} cells were recognised without certainty: compare them with the document.",
        cells,
        found=len(cells),
    )


def duplicate_differs(label: str, cells: Iterable[str], *, listed: bool = False) -> Finding:
    """The same row printed twice with different values: the first is kept, or none where its cases are ``listed``."""
    zh = "逐项列出，数值不同，未取值" if listed else "印了两次，数值不同，取第一次的"
    en = (
        "lists several cases, none of which is its figure"
        if listed
        else ("is printed twice with different values; the first is kept")
    )
    return finding("duplicate_differs", Severity.WARNING, f"“{label}”一行{zh}。", f"Row “{label}” {en}.", cells)


def stage_failed(name: str, zh: str, error: BaseException) -> Finding:
    """Make the finding that one stage of the reader failed; what the other stages made is kept."""
    reason = f"{type(error).__name__}: {error}"[:200]
    return finding(
        "reader_failed",
        Severity.ERROR,
        f"读取程序在“{zh}”一步出错，其余部分照常读取：{reason}",
        f"The reader failed in its stage “{name}”; what the other stages read is kept: {reason}",
        found=f"{name}: {reason}",
    )


def limit_reached(zh: str, en: str, limit: int) -> Finding:
    """Make the finding that reading stopped at a bound, and what lies beyond was not read."""
    return finding(
        "limit_reached",
        Severity.WARNING,
        f"{zh}超过上限 {limit}，其后的内容没有读取。",
        f"More than {limit} {en}: what lies beyond was not read.",
        expected=limit,
    )
