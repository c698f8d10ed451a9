"""pdfium is one for the whole process: what it read before must not show in what it reads next."""

from __future__ import annotations

from functools import cache

from archive.documents import pdf
from archive.documents.pages import Limits
from archive.documents.pdfium.images import page_image
from tests.fuzzing import damaged_one, whole_documents

#: files whose damage is in their fonts: their text came out differently after other pages had been drawn
BROKEN = (110, 249, 492, 1101)


@cache
def broken(number: int) -> bytes:
    return damaged_one(77, number, whole_documents())[1]


def seen(number: int) -> str:
    """What is read of a file, each page drawn too, as happens where the text cannot be trusted."""
    found = pdf.read(broken(number), Limits())
    for page in range(found.page_count or 0):
        try:
            page_image(broken(number), page, 4_000_000)
        except ValueError:
            continue  # a damaged page that cannot be drawn is told by whoever wanted its picture
    return repr((found.blocks, found.findings, found.unreadable, found.kind))


def test_a_damaged_file_reads_alike_whatever_was_read_before() -> None:
    alone = {number: seen(number) for number in BROKEN}
    assert {number: seen(number) for number in reversed(BROKEN)} == alone
    assert {number: seen(number) for number in (*BROKEN, *BROKEN)} == alone
