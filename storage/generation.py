"""What a place for generations of projections can do; see :mod:`storage.generations`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

Make = Callable[[Connection], None]
UNMADE = "nothing of this archive was read and judged yet; run: nianbao reread"
BUSY = "the projections are being rebuilt by another process; wait until it has finished, or stop it."


class Generations(Protocol):
    """The current generation and the way to the next one."""

    def read(self) -> AbstractContextManager[Connection]:
        """A read transaction on the current generation."""

    def write(self) -> AbstractContextManager[Connection]:
        """A write transaction on the current generation."""

    def current(self) -> str:
        """The name of the current generation."""

    def building(self) -> AbstractContextManager[Generations]:
        """A new generation with empty tables, swapped in at the end of the block."""

    def close(self) -> None:
        """Give connections back."""
