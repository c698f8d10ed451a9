"""The blocks of a document with its tables laid out as the form prints them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archive.documents.pages import Pages, Paragraph, Table
from archive.parser.arranged.continued_tables import join_continued, restarted
from archive.parser.arranged.glued_names import with_split_labels
from archive.parser.arranged.line_numbers import without_line_numbers
from archive.parser.arranged.side_by_side import split_side_by_side
from archive.parser.sections import section_key

_NOTE = 30  # characters of a line between two parts of a table (续表)


def arrange_tables(pages: Pages) -> Pages:
    """Return the document with tables side by side split, tables cut between columns joined, line numbers left out, and
    labels that name row and column split.

    The same object where there are none.
    """
    blocks: list[Paragraph | Table] = []
    before: list[int] = []  # of each block, how many of those made stand before it
    changed = False
    for block in pages.blocks:
        before.append(len(blocks))
        if isinstance(block, Paragraph):
            blocks.append(block)
            continue
        plain = with_split_labels(without_line_numbers(block))
        tables = [part for one in split_side_by_side(plain) for part in restarted(one)]
        changed = changed or len(tables) > 1 or plain is not block
        for table in tables:
            whole = _continues(blocks, table)
            changed = changed or whole
            if not whole:
                blocks.append(table)
    if not changed:
        return pages
    before.append(len(blocks))
    pictures = tuple(replace(picture, at=before[picture.at]) for picture in pages.pictures)
    return replace(pages, blocks=tuple(blocks), pictures=pictures)


def _continues(blocks: list[Paragraph | Table], table: Table) -> bool:
    """Put a table beside the last one, if it goes on there; a few words may stand between them."""
    for at, block in _last(blocks):
        if isinstance(block, Table):
            whole = join_continued(block, table)
            if whole is not None:
                blocks[at] = whole
            return whole is not None
        if len(block.text) > _NOTE or section_key(block.text):
            return False
    return False


def _last(blocks: list[Paragraph | Table]) -> Iterator[tuple[int, Paragraph | Table]]:
    """Blocks from the last one back, with their places."""
    return ((at, blocks[at]) for at in range(len(blocks) - 1, -1, -1))
