"""rar and 7z → Pages that say what to do: nothing the project needs anyway opens them."""

from __future__ import annotations

from archive.documents.findings import container_unsupported
from archive.documents.pages import Limits, Pages


def read(data: bytes, limits: Limits) -> Pages:  # noqa: ARG001 - the signature of every document module
    """``unreadable`` is ``rar_unreadable`` or ``7z_unreadable``; a finding says how to get at the files."""
    kind = "7z" if data.startswith(b"7z") else "rar"
    found = (container_unsupported(kind),)
    return Pages(kind=kind, blocks=(), unreadable=f"{kind}_unreadable", findings=found)
