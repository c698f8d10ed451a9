"""What stands beside the report in a sheet: columns in which somebody reckons, and notes beside titles and text.

A column that goes on beside titles, headings and empty rows is of no table. Left in, it makes rows of a table out of
the text that it stands beside, and gives the rows of the form a figure too many.
"""

from __future__ import annotations

import re
from dataclasses import replace

from archive.documents.workbook.grid import LONG, Sheet
from archive.documents.workbook.labels import FIGURE

_RECKONED = re.compile(r"=.*|#[A-Z/0!?]{2,8}|TRUE|FALSE", re.DOTALL)  # a formula, what fails, or how it ends
_ROWS = 3  # beside titles, text or nothing: of a form's column none is
_COLUMNS = 4  # that somebody may reckon in
_SINGLE = 1, 1


def without_reckoning(sheet: Sheet) -> Sheet:
    """The sheet without the columns at its right edge in which somebody reckons beside the report; itself without any.

    In such a column stand figures, formulas and at most one word (校验) above them. In three rows or more it stands
    beside nothing at all, or beside nothing but a text too long for a label, or merged, with an empty column between.
    """
    for _ in range(_COLUMNS):
        last = max([max(texts) for texts in sheet.rows.values() if texts], default=0)
        if not last or not _reckons(sheet, last):
            return sheet
        rows = {number: left for number, texts in sheet.rows.items() if (left := _without(texts, last))}
        sheet = replace(sheet, rows=rows)
    return sheet


def _reckons(sheet: Sheet, last: int) -> bool:
    """Whether the last column is one in which somebody reckons."""
    alone = {number: texts for number, texts in sheet.rows.items() if len(texts) <= 2 and last in texts}
    if len(alone) < _ROWS:
        return False
    words = [text for texts in sheet.rows.values() if (text := texts.get(last)) and not _is_reckoned(text)]
    reach = max([left + width for (_, left), (_, width) in sheet.merged.items()], default=0)
    if len(words) > 1 or reach > last:
        return False
    apart = reach < last and not any(last - 1 in texts for texts in sheet.rows.values())
    tall = [(top, top + height) for (top, _), (height, _) in sheet.merged.items() if height > 1]
    outside = 0
    for number, texts in alone.items():
        text = texts[first := min(texts)]
        wide = sheet.merged.get((number, first), _SINGLE)[1] > 1
        prose = len(text) > LONG or (apart and wide and not FIGURE.match(text))
        if (first == last and not any(top <= number < end for top, end in tall)) or (first < last and prose):
            outside += 1
    return outside >= _ROWS


def _is_reckoned(text: str) -> bool:
    return FIGURE.match(text) is not None or _RECKONED.fullmatch(text) is not None


def _without(texts: dict[int, str], last: int) -> dict[int, str]:
    return {col: text for col, text in texts.items() if col != last} if last in texts else texts
