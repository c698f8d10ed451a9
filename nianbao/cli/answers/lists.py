"""Lists that are shown as they are: a line for each record."""

from __future__ import annotations

from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit
from nianbao.headings import heading


def non_reports(view: View) -> None:
    """Documents that stood among reports and are none, with why."""
    found = view.answer()
    rows = [one.to_dict() for one in found]
    if view.fmt is Format.JSON:
        view.emit_whole(found)
    else:
        keys = view.question.item.__dataclass_fields__
        is_table = view.fmt is Format.TABLE
        emit(rows, tuple(Column(key, heading(key, view.lang) if is_table else key) for key in keys), view.fmt)
    view.tell_next()
