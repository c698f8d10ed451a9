"""Messages between a crawl and the process of its browser: a JSON object and bytes, their lengths told before.

The two take turns: the browser's side says something, the crawl answers. The crawl trusts nothing of what it is told.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import Any

_LENGTHS = struct.Struct(">II")
MOST_HEAD = 1 << 18
MOST_BYTES = 32 << 20

Message = tuple[dict[str, Any], bytes]


class ChannelError(Exception):
    """The other side is gone, or says what nobody can understand."""


def packed(head: dict[str, Any], body: bytes = b"") -> bytes:
    """Return a message as bytes."""
    text = json.dumps(head).encode("ascii")
    return _LENGTHS.pack(len(text), len(body)) + text + body


def _lengths(data: bytes) -> tuple[int, int]:
    head, body = _LENGTHS.unpack(data)
    if head > MOST_HEAD or body > MOST_BYTES:
        raise ChannelError(f"a message of {head} and {body} bytes")
    return head, body


def _head(data: bytes) -> dict[str, Any]:
    try:
        head = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ChannelError("a message that is no JSON") from error
    if not isinstance(head, dict):
        raise ChannelError("a message that is no object")
    return head


async def receive(reader: asyncio.StreamReader) -> Message:
    """Return the next message. Raises :class:`ChannelError`."""
    try:
        head, body = _lengths(await reader.readexactly(_LENGTHS.size))
        return _head(await reader.readexactly(head)), await reader.readexactly(body)
    except (asyncio.IncompleteReadError, OSError) as error:
        raise ChannelError("the browser's process is gone") from error


class Talk:
    """The browser's side: says something, and waits for the answer."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def receive(self) -> Message:
        """Return the next message. Raises :class:`ChannelError`."""
        head, body = _lengths(self._exactly(_LENGTHS.size))
        return _head(self._exactly(head)), self._exactly(body)

    def ask(self, head: dict[str, Any], body: bytes = b"") -> Message:
        """Send a message and return what is answered. Raises :class:`ChannelError`."""
        self._end.sendall(packed(head, body))
        return self.receive()

    def _exactly(self, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            piece = self._end.recv(min(1 << 20, length - len(data)))
            if not piece:
                raise ChannelError("the crawl is gone")
            data += piece
        return bytes(data)
