"""What is searched: the text of an edition, paragraph by paragraph, as it may go out; and how it lies in a row."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.column_types import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph (a heading and the title are ones of their own), persons in it masked.

    ``document``: SHA-256 of the document that prints it; ``section``: number of the section in it, from 1, 0 for what
    has no place in the text (its title); ``heading`` as printed and ``key``, the form's section, of that section;
    ``paragraph``: number in the section, from 1, 0 for its heading.
    """

    text: str
    document: str
    section: int
    heading: str
    key: str
    paragraph: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchText:
    """An edition's text. It counts as the report's last from ``since`` until ``until`` (None: to this day).

    ``kind``: of the agency. ``cut``: it is longer than what is searched. Without ``passages``: nothing could be read.
    """

    edition: str
    agency: str
    kind: str
    year: int
    since: datetime
    until: datetime | None
    passages: tuple[Passage, ...]
    cut: bool = False


def packed(passages: tuple[Passage, ...]) -> bytes:
    """Passages as compressed JSON in which documents and sections stand once."""
    sections: dict[tuple[str, int, str, str], int] = {}
    lines: list[list[int | str]] = []
    for one in passages:
        number = sections.setdefault((one.document, one.section, one.heading, one.key), len(sections))
        lines.append([number, one.paragraph, one.text])
    plain = {"sections": [list(section) for section in sections], "passages": lines}
    return zlib.compress(clean(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))).encode())


def unpacked(body: bytes) -> tuple[Passage, ...]:
    """The inverse of :func:`packed`."""
    plain: Mapping[str, list[list[str]]] = json.loads(zlib.decompress(body))
    sections = plain["sections"]
    found = []
    for number, paragraph, text in plain["passages"]:
        document, section, heading, key = sections[int(number)]
        found.append(
            Passage(
                text=text,
                document=document,
                section=int(section),
                heading=heading,
                key=key,
                paragraph=int(paragraph),
            )
        )
    return tuple(found)


def digest_of(text: SearchText, body: bytes) -> str:
    """SHA-256 (hex) of what the index holds of a text."""
    return hashlib.sha256(f"{text.cut}\n".encode() + zlib.decompress(body)).hexdigest()
