"""Raw blocks of a page → paragraphs and tables whose locators can be shown: CSS path, table, row, column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from archive.documents.grid import places
from archive.documents.markup.flow import Cell, Raw, RawTable, RawText
from archive.documents.markup.paths import Paths
from archive.documents.markup.scan import Element
from archive.documents.markup.vocabulary import Vocabulary
from archive.documents.pages import GridCell, Paragraph, Table, grid_cell
from archive.documents.text import read as read_text

Block = Paragraph | Table
_CSS_CELLS = 20_000  # a locator is for people: no page they look at has more cells
_LINES = 5_000  # of a <pre>; a longer one is no report
_WRITTEN = 64  # last steps of paths that are written once for all
_NTH_TD = tuple(f" > td:nth-of-type({number})" for number in range(1, _WRITTEN + 1))
_JOINED = 4  # columns from which two tables with nothing between them are one


class Located:
    """Makes blocks of one page. ``base`` goes into every locator; ``struck``: what is crossed out in which cells."""

    def __init__(
        self,
        paths: Paths,
        vocabulary: Vocabulary,
        base: Mapping[str, object] | None = None,
        struck: Mapping[Element, str] | None = None,
    ) -> None:
        self._struck = struck or {}
        self._paths = paths
        self._vocabulary = vocabulary
        self._base = dict(base or {})
        self._tables = 0
        self._cells = 0

    def blocks(self, raw: Iterable[Raw]) -> list[Block]:
        """Paragraphs without furniture, tables with halves joined, numbered from 0 on."""
        blocks: list[Block] = []
        group: list[RawTable] = []
        laid: list[list[tuple[int, int, int, int, Cell]]] = []
        for block in chain(raw, (None,)):
            if isinstance(block, RawTable):
                grid, block.width = places(block.rows)
                if group and not (group[0].width == block.width >= _JOINED and group[0].ruled == block.ruled):
                    blocks.append(self._table(group, laid))
                    group, laid = [], []
                group.append(block)
                laid.append(grid)
                continue
            if group:
                blocks.append(self._table(group, laid))
                group, laid = [], []
            if block is not None:
                blocks += self._preformatted(block) if block.preformatted else self.paragraphs(block)
        return blocks

    def _preformatted(self, block: RawText) -> list[Block]:
        """Lines of a <pre>; tabs and pipes in them make tables, as they do in a text file."""
        if len(block.lines) > _LINES or not any("\t" in line or "|" in line for line in block.lines):
            return [*self.paragraphs(block)]
        css = self._paths.of(block.holder) if block.holder is not None else ""
        base = {**self._base, "css": css} if css else self._base
        blocks: list[Block] = []
        for inner in read_text("\n".join(block.lines).encode("utf-8", "replace")).blocks:
            if isinstance(inner, Table):
                number = {"table": self._tables}
                self._tables += 1
                cells = tuple(replace(cell, locator={**cell.locator, **base, **number}) for cell in inner.cells)
                blocks.append(replace(inner, cells=cells, locator={**inner.locator, **base, **number}))
            else:
                blocks.append(replace(inner, locator={**inner.locator, **base}))
        return blocks

    def paragraphs(self, block: RawText) -> list[Paragraph]:
        """The lines of a block, each a paragraph; none for what is furniture wherever it stands."""
        locator = self._base
        if block.holder is not None and (path := self._paths.of(block.holder)):
            locator = {**self._base, "css": path}
        done = []
        blanks, gaps = block.blanks, block.gaps if len(block.gaps) == len(block.lines) else ()
        for at, line in enumerate(block.lines):
            text = line if len(line) > 200 or block.preformatted else self.without_furniture(line)
            blanks += gaps[at] if gaps else 0
            if text and not text.isspace():
                link = bool(block.leads) and block.is_link(text)
                done.append(
                    Paragraph(
                        text=text,
                        heading=block.level,
                        locator=locator,
                        furniture=block.furniture,
                        blanks=blanks,
                        link=link,
                    )
                )
                blanks = 0
            elif block.preformatted:
                blanks += 1
        return done

    def without_furniture(self, line: str) -> str:
        """A line without the counters and buttons at its end; "" if it is nothing else."""
        if self._vocabulary.lines.match("".join(line.split())):
            return ""
        return self._vocabulary.tails.sub("", line).strip()

    def _table(self, group: Sequence[RawTable], laid: Sequence[list[tuple[int, int, int, int, Cell]]]) -> Table:
        number = self._tables
        self._tables += 1
        cells: list[GridCell] = []
        base = self._base
        above = 0
        locator: dict[str, object]
        for rows, grid in zip(group, laid, strict=True):
            self._find_paths(rows)
            for at, col, rowspan, colspan, cell in grid:
                row = above + at
                if cell.css and not base:  # nearly all
                    locator = {"table": number, "row": row, "col": col, "css": cell.css}
                else:
                    locator = {"table": number, "row": row, "col": col, **base}
                    if cell.css:
                        locator["css"] = cell.css
                if self._struck and cell.element in self._struck:
                    locator["struck"] = self._struck[cell.element]
                cells.append(grid_cell(row, col, cell.text, locator, rowspan, colspan))
            above += len(rows.rows)
        locator = {"table": number, **base}
        if path := self._paths.of(group[0].element):
            locator["css"] = path
        width = max(rows.width for rows in group)
        return Table(cells=tuple(cells), rows=above, cols=width, ruled=group[0].ruled, locator=locator)

    def _find_paths(self, rows: RawTable) -> None:
        """Give each cell its path, those of one row counted together where it is an ordinary one."""
        for row in rows.rows:
            self._cells += len(row)
            if not row or self._cells > _CSS_CELLS:
                continue
            parent = row[0].element.getparent()
            if parent is None or len(parent) != len(row) or row[-1].element.getparent() is not parent:
                for cell in row:
                    cell.css = self._paths.of(cell.element)
            else:
                path, shown = self._paths.both(parent)
                if path:
                    self._number(row, path, f", {shown}" if shown else "")

    def _number(self, row: Sequence[Cell], path: str, shown: str) -> None:
        """Give the cells that are all their row holds their paths; ``path`` is the row's, ``shown`` a browser's."""
        tags = [cell.element.tag for cell in row]
        if tags.count("td") == len(tags) <= _WRITTEN:
            for cell, step in zip(row, _NTH_TD, strict=False):
                cell.css = f"{path}{step}{shown}{step}" if shown else path + step
            return
        counts = {"td": 0, "th": 0}
        for cell, tag in zip(row, tags, strict=True):
            if tag in counts:
                counts[tag] += 1
                step = f" > {tag}:nth-of-type({counts[tag]})"
                cell.css = f"{path}{step}{shown}{step}" if shown else path + step
            else:
                cell.css = self._paths.of(cell.element)


def title_text(raw: Iterable[Raw]) -> str:
    """All lines of some blocks in one."""
    return " ".join(line.replace("\n", " ") for block in raw if isinstance(block, RawText) for line in block.lines)
