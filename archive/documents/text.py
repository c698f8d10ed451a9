"""Plain text or Markdown, as others took it out of a document → Pages.

Tables are seen by tabs and pipes, never by their words.

* several tabs in a line: one row per line (rows may be ragged or shifted: nothing is repaired here)
* one leading tab per line: one cell per line, an empty line ends the row; an indented line without text is a blank cell
* tabs alone in their lines, between cells that are paragraphs: ``inner_text``
* drawn with characters (┌─┬─┐, +---+): ``ascii_tables``
* borders of ``+---+`` above and below: what stands between two of them is one row
* pipes: ``pipe_tables``
* pipes or tabs between the cells of several rows in one line: ``joined_lines``
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archive.documents.ascii_tables import may_begin_table, read_drawn_table
from archive.documents.charset import decode
from archive.documents.grid import number_tables
from archive.documents.inner_text import innertext
from archive.documents.joined_lines import pieces as run_on_pieces
from archive.documents.joined_lines import run_together_lines
from archive.documents.pages import UNREAD, Limits, Pages, Paragraph, Table
from archive.documents.pipe_tables import GAP, piped, rows_as_table, split, unmarked, within
from archive.findings import finding
from storage.records import Finding

_BORDER = re.compile(r"^\s{0,8}\+(?:[-=:]{1,400}\+){1,200}\s*$")
_LEFTOVER = re.compile(
    r"\[(?:image|bookmark|图片)\s{0,3}[:：][^\]\n]{0,200}\]|<a (?:id|name)=\"[^\"<>\n]{0,80}\">\s{0,3}</a>",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[1-9]\d?")
_BEHIND_NUMBER = re.compile(r"[.．]\s{0,3}[\u4e00-\u9fff]")  # its dot goes before the label (2, .重复申请)
_APART = re.compile(r"[ \xa0\u3000]{3,}")
_SECTION = re.compile(r"[一二三四五六七八]\s?、.{2,40}(?:情况|事项)")
_PROSE = 100  # characters of a line in which paragraphs ran together
_META = re.compile(r"^(标题|发布时间|发布日期|文号|发布机构|索引号|栏目|原文链接|来源)\s{0,3}[:：]\s{0,8}(.{0,400})$")
_META_NAMES = {
    "标题": "articletitle",
    "发布时间": "pubdate",
    "发布日期": "pubdate",
    "栏目": "columnname",
    "原文链接": "url",
    "来源": "contentsource",
}
_META_LINES = 12  # such lines count only at the head of the text


@dataclass(slots=True)
class _Lines:
    """The lines and what was made of them so far."""

    lines: list[str]
    blocks: list[Paragraph | Table] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    cells: int = 0  # that may still be made
    blanks: int = 0  # lines without text since the last with some
    open: bool = False  # the last line has no end
    broken: bool = False  # it is a row of a table that breaks off

    def add_table(self, rows: list[list[tuple[str, int]]], end: int) -> None:
        """Keep a table, as far as the bound on cells goes. ``end``: the line behind it."""
        if self.open and end >= len(self.lines) and _breaks_off(rows):
            self.broken = True
            closed = self.lines[-1].rstrip().endswith("|")
            rows = [*rows[:-1], _as_far(rows[-1], len(rows[-2]), closed=closed)]
        kept: list[list[tuple[str, int]]] = []
        for row in rows:
            if self.cells <= 0:
                break
            kept.append(row[: self.cells])
            self.cells -= len(row)
        if (table := rows_as_table(kept)) is not None:
            self.blocks.append(table)
            self.blanks = 0


def _breaks_off(rows: Sequence[Sequence[object]]) -> bool:
    """Whether the last row is shorter than those before it."""
    return len(rows) > 1 and len(rows[-1]) < len(rows[-2])


def _as_far(row: list[tuple[str, int]], width: int, *, closed: bool) -> list[tuple[str, int]]:
    """A row that breaks off: its last cell may go on but where a stroke ends it, and those behind it are not known to
    be blank.
    """
    text, line = row[-1]
    goes_on = not closed and (not text.strip() or text.strip()[-1].isdecimal())
    last = [(text + UNREAD, line)] if goes_on else [(text, line)]
    return [*row[:-1], *last, *[(UNREAD, line)] * (width - len(row))]


def read(data: bytes, limits: Limits | None = None) -> Pages:
    """Text bytes → Pages of kind ``text``. Never raises; refuses a text with more than 1 % broken characters."""
    bounds = limits or Limits()
    decoded = decode(data[: bounds.bytes])
    findings: list[Finding] = list(decoded.findings)
    text = decoded.text
    if len(text) > bounds.characters:
        findings.append(finding("limit_reached", bound="text_characters", expected=bounds.characters))
        text = text[: bounds.characters]
    if not text.strip():
        return Pages(kind="text", blocks=(), findings=tuple(findings), unreadable="empty")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n").split("\n")
    work = _Lines(lines[: bounds.cells], cells=bounds.cells, open=text[-1] not in "\r\n")
    if work.open and len(lines) > 1 and 0 < lines[-1].count(",") < lines[-2].count(",") and lines[-1][-1].isdecimal():
        work.broken = True
        work.lines[-1] += UNREAD
    _read_lines(work)
    if work.broken:
        findings.append(finding("document_damaged", case="cut_short"))
    if work.cells <= 0 or len(lines) > bounds.cells:
        findings.append(finding("limit_reached", bound="lines_or_cells", expected=bounds.cells))
    return Pages(
        kind="text",
        blocks=number_tables(work.blocks),
        meta=work.meta,
        findings=tuple(findings),
        unreadable="charset" if decoded.refused else "",
    )


def _read_lines(work: _Lines) -> None:
    at = 0
    ran = run_together_lines(work.lines)
    while at < len(work.lines):
        line = work.lines[at]
        if at in ran and not within(line):
            _one_by_one(work, run_on_pieces(line), at)
            at += 1
        elif "\t" in line and line.strip(" ") != "":
            at = _tabs(work, at)
        elif may_begin_table(line) and (end := _drawn(work, at)) > at:
            at = end
        elif _BORDER.match(line) and at + 1 < len(work.lines) and "|" in work.lines[at + 1]:
            at = _bordered(work, at)
        elif pieces := within(line) or _run_together(line):
            _one_by_one(work, pieces, at)
            at += 1
        elif "|" in line:
            at = _pipes(work, at)
        else:
            _plain(work, at)
            at += 1


def _one_by_one(work: _Lines, pieces: Sequence[tuple[str, int]], at: int) -> None:
    """Keep what a line holds as paragraphs, as far as the bound on cells goes."""
    kept = pieces[: max(work.cells, 0)]
    work.blocks += [Paragraph(text=text, locator={"line": at + 1}, blanks=blanks) for text, blanks in kept]
    work.cells -= len(pieces)
    work.blanks = 0


def _run_together(line: str) -> list[tuple[str, int]]:
    """The paragraphs of a line in which those of a cell ran together, sections' headings among them, with no blank
    ones before them; nothing of any other line. A table that goes on behind them has its first cells there.
    """
    if len(line) <= _PROSE or "。" not in line:
        return []
    *parts, last = _APART.split(line.strip())
    parts += [part.strip() for part in last.split("|") if part.strip()]
    return [(unmarked(part), 0) for part in parts] if any(map(_SECTION.fullmatch, parts)) else []


def _plain(work: _Lines, at: int) -> None:
    text = unmarked(_LEFTOVER.sub("", work.lines[at]).strip())
    if not text:
        work.blanks += 1
        return
    if at < _META_LINES and (match := _META.match(text)):
        if match[2].strip():
            work.meta.setdefault(_META_NAMES.get(match[1], match[1]), match[2].strip())
        return
    if text.strip("= ").strip() == "正文":
        return
    above = work.blocks[-1] if work.blocks else None
    if isinstance(above, Paragraph) and _BEHIND_NUMBER.match(text) and _NUMBER.fullmatch(above.text):
        work.blocks[-1] = replace(above, text=above.text + text)
        work.blanks = 0
        return
    marks = len(text) - len(text.lstrip("#"))
    heading = marks if 0 < marks <= 6 and text[marks : marks + 1] == " " else 0
    text = text[marks:].strip() if heading else text
    work.blocks.append(Paragraph(text=text, heading=heading, locator={"line": at + 1}, blanks=work.blanks))
    work.blanks = 0


# ------------------------------------------------------------------------------------------------- tabs


def _tabs(work: _Lines, start: int) -> int:
    if (found := innertext(work.lines, start, work.cells)) is not None:
        above = work.blocks[-1] if found.took and work.blocks else None
        if isinstance(above, Paragraph) and above.locator["line"] == found.rows[0][0][1]:
            work.blocks.pop()
        work.add_table(found.rows, found.end)
        return found.end
    end, one_per_line = _tab_region(work.lines, start)
    rows = _cell_lines(work.lines, start, end) if one_per_line else _row_lines(work.lines, start, end, work.cells)
    work.add_table(rows, end)
    return end


def _tab_region(lines: Sequence[str], start: int) -> tuple[int, bool]:
    """Where the tabbed lines end, and whether each holds one cell. Empty lines do not end them, text after one does."""
    end, empty, single = start, False, True
    for at in range(start, len(lines)):
        line = lines[at]
        if "\t" in line:
            single = single and line.lstrip(" \u3000\u00a0").rfind("\t") == 0
            end, empty = at + 1, False
        elif not line.strip():
            empty = True
        elif empty or not single or at - end >= GAP:
            break
    if single:
        while end < len(lines) and lines[end].strip() and "\t" not in lines[end] and "|" not in lines[end]:
            end += 1  # the last cell, broken over lines
    return end, single


def _row_lines(lines: Sequence[str], start: int, end: int, most: int) -> list[list[tuple[str, int]]]:
    """The rows of a table, those behind the bound on cells left out: of one line there may be millions."""
    rows: list[list[tuple[str, int]]] = []
    for at in range(start, end):
        if "\t" in lines[at] and most >= 0:
            rows.append([(text, at + 1) for text in lines[at].split("\t", most + 1)])
            most -= len(rows[-1])
    return rows


def _cell_lines(lines: Sequence[str], start: int, end: int) -> list[list[tuple[str, int]]]:
    rows: list[list[tuple[str, int]]] = [[]]
    for at in range(start, end):
        line = lines[at]
        if "\t" in line:
            rows[-1].append((line.lstrip(" \u3000\u00a0")[1:], at + 1))
        elif not line.strip():
            if rows[-1]:
                rows.append([])
        elif rows[-1]:
            text, first = rows[-1][-1]
            rows[-1][-1] = (f"{text}\n{line}", first)
    rows = [row for row in rows if row]
    if len(rows) == 1 and len(rows[0]) > 12:  # no empty line between rows: a list of cells
        return [[cell] for cell in rows[0]]
    return rows


def _pipes(work: _Lines, start: int) -> int:
    last = work.blocks[-1] if work.blocks else None
    found = piped(work.lines, start, last.text if isinstance(last, Paragraph) else "", work.cells)
    if found.took:
        work.blocks.pop()
    if found.rows:
        work.add_table(found.rows, found.end)
    return found.end


def _drawn(work: _Lines, start: int) -> int:
    """A table drawn with characters; ``start`` if it is none."""
    table, end = read_drawn_table(work.lines, start)
    if table is None:
        for at in range(start, end):
            _plain(work, at)
        return end
    work.cells -= len(table.cells)
    work.blocks.append(table)
    work.blanks = 0
    return end


def _bordered(work: _Lines, start: int) -> int:
    """A table drawn with +---+ and pipes: what stands between two borders is one row, its cells broken over lines."""
    rows: list[list[tuple[str, int]]] = []
    row: list[tuple[str, int]] = []
    at = start
    while at < len(work.lines) and (_BORDER.match(work.lines[at]) or work.lines[at].strip().startswith("|")):
        if _BORDER.match(work.lines[at]):
            rows += [row] if row else []
            row = []
        else:
            parts = [unmarked(text.strip()) for text in split(work.lines[at])]
            row += [("", at + 1)] * (len(parts) - len(row))
            for i, text in enumerate(parts):
                before, line = row[i]
                row[i] = (f"{before}\n{text}" if before and text else before or text, line)
        at += 1
    rows += [row] if row else []
    if rows:
        work.add_table(rows, at)
    return at
