"""Find the lines of a text that belong to the form's tables: labels and figures on own lines, or run together."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache

from archive.forms.loader import load_forms
from archive.forms.spelling import LONGEST, fold, key, squeezed
from archive.parser.labels import block_headers, index, is_caption, is_corner
from archive.parser.text_classes import classes_of

_LABELS, _FIGURES = 3, 4  # the fewest of a table
_ONLY_LABELS = 8  # labels that make a table without figures
_GAP = 6  # lines in a row that are pieces of broken labels
_PIECE = 40  # characters of such a line
_SENTENCE = ("。", "；", "！", "？", "：", ":")
_FIGURE = "0123456789.,+-—/|万元 \t\xa0\u3000"  # what figures and what parts them are made of
_PARTS = re.compile(r"[\s|]+")
_HEADED = 2  # columns behind what a header begins with
_RUN_TOGETHER = 5  # labels of the form in one line that no sentence ends
_LISTED = re.compile("[，；、,;]")  # in a sentence that lists things
_ROW = 5  # figures that make a row, whatever its label is
_BRACKETS = ("(", "（")
_SHORTEST = 3  # characters of what is left of a group's label at the end of a text that breaks off
_BROKEN = 3  # lines of a row's label


def table_lines(texts: Sequence[str], headings: Collection[int]) -> set[int]:
    """The numbers of the lines that are a table's. ``headings``: those of lines that name a section, between tables."""
    found: set[int] = set()
    run: list[int] = []
    labels = figures = gap = 0
    for at, text in enumerate(texts):
        line_counts = None if at in headings else _labels_and_figures(text)
        if line_counts is not None:
            run.append(at)
            labels, figures, gap = labels + line_counts[0], figures + line_counts[1], 0
        elif run:
            gap += len(text) > 1  # a label set from top to bottom has a character a line
            if at in headings or gap > _GAP or not _may_be_piece(text):
                found |= _whole_run(run, labels, figures)
                run, labels, figures = [], 0, 0
    return found | _whole_run(run, labels, figures)


def rows_broken(texts: Sequence[str]) -> bool:
    """Whether a line, alone or with the next ones, is the label of a row or group of the form."""
    joined = ""
    for text in texts[:_BROKEN]:
        joined += text.rstrip(_FIGURE).strip()
        if _label(joined):
            return True
    name = key(joined) if len(texts) == 1 else ""
    return len(name) >= _SHORTEST and any(group.startswith(name) for group in index().groups)


def _whole_run(run: Sequence[int], labels: int, figures: int) -> set[int]:
    enough = labels >= _ONLY_LABELS or (labels >= _LABELS and figures >= _FIGURES)
    return set(range(run[0], run[-1] + 1)) if run and enough else set()


def _may_be_piece(text: str) -> bool:
    return len(squeezed(text)) <= _PIECE and not text.rstrip().endswith(_SENTENCE) and "。" not in text


def _labels_and_figures(text: str) -> tuple[int, int] | None:
    """How many labels and figures of a table a line holds; None if it is none of its lines."""
    if "。" in text or "\n" in text:
        return None
    if len(text) <= LONGEST:
        if (classes := classes_of(text)).value:
            return (0, int(classes.number))
        if classes.corner or (text.startswith(_BRACKETS) and is_corner(fold(text))):
            return (_ONLY_LABELS, 0)  # it stands nowhere else
        if names_a_place(text):
            return (1, 0)
        label = text.rstrip(_FIGURE)
        figures = len([part for part in _PARTS.split(text[len(label) :]) if part])
        if label != text and (not label or _label(label)):
            return (int(bool(label)), figures)
        parts = [part for part in _PARTS.split(text) if part]
        if len(parts) > 1 and all(classes_of(part).value or names_a_place(part) for part in parts):
            return (sum(not classes_of(part).value for part in parts), sum(classes_of(part).number for part in parts))
        if figures >= _ROW:  # no sentence ends in so many
            return _run_together(text) or (1, figures)
    return _run_together(text)


def names_a_place(text: str) -> bool:
    """Whether a text is a label, heading, caption or corner of the form's tables."""
    classes = classes_of(text)
    return bool(classes.row or classes.heading or classes.columns or classes.block or classes.over or classes.corner)


def _label(text: str) -> bool:
    """Whether a text is the label of a row, or of a group of rows."""
    classes = classes_of(text) if len(text) <= LONGEST else None
    return classes is not None and (
        classes.row is not None or (classes.heading is not None and classes.heading.kind == "group")
    )


@cache
def _long_labels() -> tuple[str, ...]:
    """The form's labels of rows and columns that are long enough to be known within a line."""
    tables = [table for form in load_forms() for table in form.tables]
    texts = [row.label for table in tables for row in table.rows]
    texts += [column.label for table in tables for row in table.rows for column in row.columns]
    return tuple(dict.fromkeys(name for name in map(key, texts) if len(name) >= 4))


def _run_together(text: str) -> tuple[int, int] | None:
    """A table, much of one, or its header, in one line: what begins it and labels, and no sentence."""
    header = text.startswith(_headers())
    if not header and (len(text) < _PIECE or "。" in text):
        return None
    plain = "".join([character for character in text if "\u3400" <= character <= "\u9fff"])
    labels = sum([word in plain for word in _long_labels()])
    begins = header or is_caption(text[:LONGEST]) or is_corner(text) or not _LISTED.search(text)
    if not begins or labels < (_HEADED if header else _RUN_TOGETHER):
        return None
    return (labels, sum([character.isdigit() for character in text]))


@cache
def _headers() -> tuple[str, ...]:
    """What the headers of the tables begin with (信息内容)."""
    return tuple(block_headers())
