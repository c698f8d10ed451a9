"""Lists that are shown as they are: a line for each record."""

from __future__ import annotations

from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit
from nianbao.headings import heading
from nianbao.sentences import named


def non_reports(view: View) -> None:
    """Documents that stood among reports and are none, with why."""
    found = view.answer()
    rows = [one.to_dict() for one in found]
    keys = view.question.item.__dataclass_fields__
    if view.fmt is Format.JSON:
        view.emit_whole(found)
    elif view.fmt is Format.TABLE:
        rows = [{**row, "reason": named(row["reason"], "no_report")} for row in rows]
        emit(rows, tuple(Column(key, heading(key, view.lang)) for key in keys), view.fmt)
    else:
        emit(rows, tuple(Column(key, key) for key in keys), view.fmt)
    view.tell_next()
