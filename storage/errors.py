"""What storage raises. Every message is a sentence that says what is wrong and what a person can do about it."""

from __future__ import annotations


class StorageError(Exception):
    """Our work could not be done; the message says what, where, what was kept and what to do."""


class HomeError(StorageError):
    """An archive folder, its settings, its clock or its database is not as the command needs it."""


class UnusableError(HomeError):
    """The archive is named rightly, but its folder or database cannot be used now."""


class ProjectionError(StorageError):
    """The projections are missing, outdated or being rebuilt by somebody else."""
