"""Lists that are shown as they are: a line for each record."""

from __future__ import annotations

from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit


def non_reports(view: View) -> None:
    """Documents that stood among reports and are none, with why."""
    found = view.answer()
    rows = [one.to_dict() for one in found]
    if view.fmt is Format.JSON:
        view.emit_whole(found)
    else:
        emit(rows, tuple(Column(key, key) for key in view.question.item.__dataclass_fields__), view.fmt)
    view.tell_next()
