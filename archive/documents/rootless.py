"""Compound files whose directory is gone (Word, WPS or Excel: nobody can tell) → Pages that say so."""

from __future__ import annotations

from archive.documents.ole import Ole
from archive.documents.pages import Limits, Pages


def read(data: bytes, limits: Limits) -> Pages:  # noqa: ARG001 - the signature of every document module
    """``unreadable`` is ``truncated`` where the file ends before what it lists, else ``damaged``."""
    return Pages(kind="ole", blocks=(), unreadable="truncated" if Ole(data).torn else "damaged")
