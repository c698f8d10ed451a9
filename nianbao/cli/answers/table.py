"""An answer as a table of its columns: how every question is shown that has no words of its own on a terminal."""

from __future__ import annotations

from archive.queries.frames import ColumnKind
from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit
from nianbao.cli.texts.empty_answers import is_empty, nothing
from nianbao.files import sheet_of_answer, slim_sheet
from nianbao.sentences import phrase

_WRAPPED = frozenset({ColumnKind.TEXT, ColumnKind.LIST, ColumnKind.NESTED})


def show_table(view: View) -> None:
    """Show the columns that a reader wants to people, all of them to programs."""
    found, question = view.answer(), view.question
    sheet = sheet_of_answer(question, found)
    rows, columns = [*sheet.rows], [Column(one.name, one.name) for one in sheet.columns]
    known = None if rows else getattr(found, "known", None)
    empty = "" if known is None else nothing(phrase("what.asked"), known)

    def people() -> None:
        slim = slim_sheet(question, found, view.lang)
        titles = {one.name: one.zh if view.chinese else one.en for one in slim.columns}
        shown = [Column(one.name, titles[one.name], wrap=one.kind in _WRAPPED) for one in slim.columns]
        emit([*slim.rows], shown, Format.TABLE, empty=empty)

    view.present(found, people, rows, columns, empty=empty, is_open=known is not None and not is_empty(known))
