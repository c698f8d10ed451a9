"""The lines of an answer as a file for people: headings in their language, and if wanted only what a reader wants."""

from __future__ import annotations

from pathlib import Path

from archive.exports.files import safe_place, whole
from archive.exports.formats.choosing import LackingError, check, format_of, writer_of
from archive.exports.formats.model import FileFormat, Written
from nianbao.cli import common
from nianbao.files import for_stata, sheet_of
from nianbao.messages import say
from nianbao.parameters import Parameters
from nianbao.people_tables import flattened, headed, in_words, slimmed
from nianbao.questions import Question
from storage.home import Home

_FOR_PEOPLE = frozenset({FileFormat.CSV, FileFormat.XLSX})


def write_answer(
    home: Home, question: Question, asked: Parameters, path: Path, *, slim: bool, lang: str
) -> tuple[Path, Written]:
    """Write all lines of the answer to a file by its ending. Raises what the question raises, and ValueError where no
    such file can be written there; ends with a sentence where there is no room for it.
    """
    fmt = format_of(None, path)
    try:
        check(fmt)
    except LackingError as error:
        common.fail_of(error)
    place = safe_place(home, path)
    sheet, source = sheet_of(home, question, asked)
    if fmt in _FOR_PEOPLE:
        sheet = in_words(flattened(sheet), lang)
    elif fmt is FileFormat.DTA:
        sheet = for_stata(sheet)
    if slim:
        sheet = slimmed(sheet, question.slim, lang)
    if fmt in _FOR_PEOPLE:
        sheet = headed(sheet, lang)
    try:
        with whole(place) as aside:
            return place, writer_of(fmt, bom=fmt is FileFormat.CSV)(sheet, source(), aside)
    except OSError as error:
        common.fail(say("answers", lang, "page.not_written", place=place, cause=error.strerror), common.UNFINISHED)
