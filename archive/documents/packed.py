"""Containers that nothing opens here → Pages that say what to do.

Packed files of other kinds (rar, 7z, tar, bzip2, xz), and compound files whose directory is gone.
"""

from __future__ import annotations

import re

from archive.documents.ole import Ole
from archive.documents.pages import Limits, Pages
from archive.findings import finding

# kind → how its files begin; the marks of a tar (POSIX.1, GNU) stand behind the name and the numbers of its first file
_BEGINS: dict[str, re.Pattern[bytes]] = {
    "rar": re.compile(rb"Rar!\x1a\x07"),
    "7z": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "bz2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "tar": re.compile(rb"[^\0][\0-\xff]{256}ustar"),
}
KINDS = tuple(_BEGINS)


def kind_of(data: bytes) -> str | None:
    """Which of these containers bytes are, if any."""
    return next((kind for kind, begin in _BEGINS.items() if begin.match(data)), None)


def read(data: bytes, limits: Limits) -> Pages:  # noqa: ARG001 - the signature of every document module
    """``unreadable`` is ``<kind>_unreadable``; a finding says how to get at the files."""
    kind = kind_of(data) or "rar"
    return Pages(
        kind=kind, blocks=(), unreadable=f"{kind}_unreadable", findings=(finding("container_unsupported", found=kind),)
    )


def read_compound(data: bytes, limits: Limits) -> Pages:  # noqa: ARG001 - the signature of every document module
    """A compound file without its directory (Word, WPS or Excel: nobody can tell).

    ``unreadable`` is ``truncated`` where the file ends before what it lists, else ``damaged``.
    """
    return Pages(kind="ole", blocks=(), unreadable="truncated" if Ole(data).torn else "damaged")
