"""Messages between a crawl and the process of its browser: a JSON object and bytes, each with its length before it.

The two take turns. Nothing that comes from there is unpickled, and the crawl trusts nothing of what it is told.
"""

from __future__ import annotations

import json
from multiprocessing.connection import Connection
from typing import Any

MAX_HEAD_BYTES, MAX_BODY_BYTES = 1 << 18, 32 << 20

Message = tuple[dict[str, Any], bytes]


def send(connection: Connection, head: dict[str, Any], body: bytes = b"") -> None:
    """Send a message. Raises OSError if the other side is gone."""
    connection.send_bytes(json.dumps(head).encode("ascii"))
    connection.send_bytes(body)


def receive(connection: Connection) -> Message:
    """Return the next message. Raises EOFError, OSError or ValueError if there is none that can be understood."""
    try:
        head = json.loads(connection.recv_bytes(MAX_HEAD_BYTES))
    except RecursionError as error:
        raise ValueError("a message that is nested without end") from error
    if not isinstance(head, dict):
        raise ValueError("a message that is no object")
    return head, connection.recv_bytes(MAX_BODY_BYTES)
