"""What a place for generations of projections can do; see :mod:`storage.generations`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

from storage.errors import ProjectionError

Make = Callable[[Connection], None]


def unmade() -> ProjectionError:
    """The error where there is no generation yet."""
    message = "nothing of this archive was read and judged yet; run: nianbao reread"
    return ProjectionError(message, code="projections.unmade")


def being_rebuilt() -> ProjectionError:
    """The error where another process builds the next generation."""
    message = "the projections are being rebuilt by another process; wait until it has finished, or stop it."
    return ProjectionError(message, code="projections.busy")


def building_within() -> ProjectionError:
    """The error where a generation that is being built is to build another."""
    message = "a generation that is being built cannot build another."
    return ProjectionError(message, code="projections.within")


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
