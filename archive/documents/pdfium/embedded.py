"""Files within a PDF (attachments, portfolios), bounded in number and size."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

from pypdfium2 import raw

from archive.documents.pages import Limits, Member

_MAX_NAME = 500  # UTF-16 code units


def files_in(document: Any, limits: Limits) -> Iterator[Member]:
    """The files attached to an open document; what is beyond ``limits.bytes`` together comes without its bytes."""
    left = limits.bytes
    for index in range(min(max(0, raw.FPDFDoc_GetAttachmentCount(document.raw)), limits.members)):
        file = raw.FPDFDoc_GetAttachment(document.raw, index)
        if not file:
            continue
        data = _data(file, left)
        left -= len(data)
        yield Member(name=_name(file) or f"{index + 1}", data=data)


def _name(file: Any) -> str:
    buffer = (ctypes.c_ushort * (_MAX_NAME + 1))()
    length = raw.FPDFAttachment_GetName(file, buffer, 2 * _MAX_NAME)
    if not 2 < length <= 2 * _MAX_NAME:
        return ""
    name = bytes(buffer)[: length - 2].decode("utf-16-le", "replace")
    return "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip()


def _data(file: Any, left: int) -> bytes:
    size = ctypes.c_ulong()
    if not raw.FPDFAttachment_GetFile(file, None, 0, size) or not 0 < size.value <= left:
        return b""
    buffer = ctypes.create_string_buffer(size.value)
    if not raw.FPDFAttachment_GetFile(file, buffer, size.value, size):
        return b""
    return buffer.raw[: size.value]
