"""Findings that only show where documents, visits and editions meet."""

from __future__ import annotations

from archive.projection.binding import Bound
from storage.records import Finding, Severity


def unreadable(bound: Bound) -> bool:
    """Say whether something published as a report gave no cells because nothing in it could be read."""
    if bound.report is None or bound.reading is None or bound.cells_from is not None:
        return False
    return bool(bound.reading.unreadable) or any(part.unreadable for _, part in bound.parts)


def unreadable_finding(reason: str) -> Finding:
    """Say that something was published as the report but cannot be read; its status is judged all the same."""
    return Finding(
        code="unreadable",
        severity=Severity.WARNING,
        zh=f"报告已公开，但文件无法读取（{reason or '无可读内容'}）。",
        en=f"The report is public, but its file cannot be read ({reason or 'nothing readable'}).",
        found=reason or None,
    )
