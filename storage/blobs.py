"""Where closed WARC files are kept: the archive's folder, or an object store with a bounded local copy.

Whoever reads asks :class:`Blobs` for a file by its name and gets one that is open on this machine. Which of the two it
is, the setting ``blobs`` says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol


class Reads(Protocol):
    """What opens a WARC file by its name."""

    def open(self, name: str) -> BinaryIO:
        """Open a file of this machine that holds it. Raises OSError."""
        ...

    def where(self, name: str) -> str:
        """Where it is kept, for people."""
        ...


class Blobs(Reads, Protocol):
    """The WARC files of an archive. ``is_remote``: they are uploaded before their rows are committed."""

    @property
    def is_remote(self) -> bool:
        """Whether the files are kept elsewhere than in the archive's folder."""
        ...

    def sizes(self, ending: str = "") -> dict[str, int]:
        """Sizes of the files whose names end so, by name. Raises OSError."""
        ...

    def size(self, name: str) -> int | None:
        """The size of a file, None where it is not there. Raises OSError."""
        ...

    def keep(self, name: str) -> None:
        """Keep a file that lies in the archive's folder for good: uploaded and compared, where that is needed.

        Raises :class:`~storage.errors.DiskError` where it cannot be kept now, StorageError where another file has its
        name.
        """
        ...

    def settle(self, name: str) -> None:
        """Take a file that is kept, and whose rows are committed, out of the archive's folder where it need not be."""
        ...


class FolderBlobs:
    """WARC files in a folder: they are kept where they were written."""

    is_remote = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, name: str) -> BinaryIO:
        """The file itself."""
        return (self.folder / name).open("rb")

    def where(self, name: str) -> str:
        """Its path."""
        return str(self.folder / name)

    def sizes(self, ending: str = "") -> dict[str, int]:
        """Sizes of what lies there."""
        return {
            path.relative_to(self.folder).as_posix(): path.stat().st_size for path in files_below(self.folder, ending)
        }

    def size(self, name: str) -> int | None:
        """The size of a file."""
        path = self.folder / name
        return path.stat().st_size if path.is_file() else None

    def keep(self, name: str) -> None:
        """Nothing is to be done."""

    def settle(self, name: str) -> None:
        """Nothing is to be done."""


def files_below(folder: Path, ending: str = "") -> Iterator[Path]:
    """The files below a folder whose names end so, by folder and name.

    Folders that are links are gone into, each once: a portal's files may lie on another disk.
    """
    been: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        if (here := os.path.realpath(place)) in been:
            folders.clear()
            continue
        been.add(here)
        folders.sort()
        files = (Path(place, name) for name in sorted(names) if name.endswith(ending))
        yield from (path for path in files if path.is_file())
