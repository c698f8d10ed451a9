"""An answer as a table of its columns: how every question is shown that has no words of its own on a terminal."""

from __future__ import annotations

import sys

from archive.exports.formats.choosing import write_lines
from archive.exports.formats.model import FileFormat, Kind
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.empty_answers import is_empty, nothing
from nianbao.files import sheet_of_answer
from nianbao.people_tables import flattened, in_words, slimmed
from nianbao.sentences import phrase

_WRAPPED = frozenset({Kind.TEXT, Kind.LIST, Kind.NESTED})


def show_table(view: View) -> None:
    """Show the columns that a reader wants to people, all of them to programs."""
    found, fmt, question = view.answer(), view.fmt, view.question
    known = getattr(found, "known", None)
    empty = "" if known is None else nothing(phrase("what.asked"), known)
    if fmt is Format.JSON:
        view.emit_whole(found)
    elif fmt is Format.TABLE:
        sheet = slimmed(
            in_words(flattened(sheet_of_answer(view.question, found)), view.lang), view.question.slim, view.lang
        )
        columns = [
            Column(one.name, one.zh if view.chinese else one.en, wrap=one.kind in _WRAPPED) for one in sheet.columns
        ]
        emit([*sheet.rows], columns, fmt, empty=empty)
    else:
        write_lines(FileFormat(fmt.value), sheet_of_answer(question, found), sys.stdout)
    view.tell_next()
    if known is not None and not any(getattr(found, name) for name in question.lines):
        if fmt is not Format.TABLE:
            say(empty, sys.stderr)
        common.attention(not is_empty(known))
