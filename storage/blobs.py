"""Where closed WARC files are kept: in the archive's folder or in an object store, as the setting ``blobs`` says.

:class:`Blobs` opens a file by its name, wherever it is kept.

For an object store (S3 and whatever else fsspec supports) a file is written in the archive's folder, uploaded when it
is closed, and compared with the object; once its rows are committed the local file is deleted. Records are read from
the store directly, through fsspec's buffer. Objects are never overwritten. The libraries are imported on first use.

A missing object raises FileNotFoundError, as in a folder. A store that does not answer, refuses access or has no such
bucket raises UnansweredError: then nothing is known about its objects, and nothing may be concluded.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from storage.errors import DiskError, HomeError, StorageError, UnansweredError, cannot_write


class Blobs:
    """The WARC files of an archive that are kept in the folder where they were written."""

    is_remote = False  #: whether files are uploaded before their rows are committed

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises OSError."""
        return (self.folder / name).open("rb")

    def where(self, name: str) -> str:
        """Return where a file is kept, to be shown to people."""
        return str(self.folder / name)

    def sizes(self, ending: str = "") -> dict[str, int]:
        """Return the sizes of the files with this ending, by name. Raises OSError."""
        paths = files_below(self.folder, ending)
        return {path.relative_to(self.folder).as_posix(): path.stat().st_size for path in paths}

    def upload(self, name: str) -> None:
        """Upload a closed file to the object store, if there is one, and compare it.

        Raises :class:`~storage.errors.DiskError` if that fails now, StorageError if another file has its name.
        """

    def drop_local_copy(self, name: str) -> None:
        """Delete the local file if it is in the object store; a crawl commits the file's rows before."""


def files_below(folder: Path, ending: str) -> Iterator[Path]:
    """Yield the files below a folder that have this ending, sorted by folder and name.

    Linked folders are followed, each once: a portal's files may be on another disk.
    """
    visited_folders: set[str] = set()
    for path_of_folder, folders, names in os.walk(folder, followlinks=True):
        if (real_path := os.path.realpath(path_of_folder)) in visited_folders:
            folders.clear()
            continue
        visited_folders.add(real_path)
        folders.sort()
        files = (Path(path_of_folder, name) for name in sorted(names) if name.endswith(ending))
        yield from (path for path in files if path.is_file())


_BUFFER_BYTES = 1 << 20  # of an object fetched at once


class ObjectStore(Blobs):
    """WARC files as objects below ``url``. ``spool``: the folder where they are written; ``endpoint``: address of an S3
    server other than Amazon's.
    """

    is_remote = True

    def __init__(self, url: str, *, spool: Path, endpoint: str = "") -> None:
        super().__init__(spool)
        self.url = url.rstrip("/")
        self._endpoint = endpoint
        self._scheme = urlsplit(url).scheme
        self._system: Any = None
        self._root = ""

    def open(self, name: str) -> BinaryIO:
        """Open an object; a file that is not uploaded yet is opened in the spool (the local folder)."""
        with suppress(FileNotFoundError):
            return super().open(name)
        with self.file_system() as system:
            try:
                file = system.open(self._path(name), "rb", block_size=_BUFFER_BYTES, cache_type="readahead")
            except FileNotFoundError:
                self._list_entries(self._path(name))  # raises UnansweredError if the whole bucket is missing
                raise
        return io.BufferedReader(_StoredObject(self, file))

    def where(self, name: str) -> str:
        """Return the object's address."""
        return f"{self.url}/{name}"

    def sizes(self, ending: str = "") -> dict[str, int]:
        """Return the sizes of the objects, and of files that are not uploaded yet."""
        with self.file_system() as system:
            system.invalidate_cache()
            entries, start = self._list_entries(self._root), len(self._root) + 1
        sizes = {path[start:]: int(info["size"]) for path, info in entries.items() if path.endswith(ending)}
        return super().sizes(ending) | sizes

    def upload(self, name: str) -> None:
        """Upload a file if it is not there. Raises StorageError if the object differs, DiskError if uploading fails."""
        path = self.folder / name
        try:
            size, info = path.stat().st_size, self._object_info(name)
            if info is None:
                self._upload(name, path)
                info = self._object_info(name) or {"size": 0}
            values: dict[str, Any] = {"store": self.url, "name": name, "path": path}
            if int(info["size"]) != size:
                raise StorageError(code="store.other_size", size=size, held=info["size"], **values)
            if not self._has_same_bytes(name, path, info):
                raise StorageError(code="store.other_bytes", **values)
        except (OSError, UnansweredError) as error:
            cause = error.values["cause"] if isinstance(error, UnansweredError) else error.strerror or error
            raise DiskError(code="store.unkept", name=name, store=self.url, path=path, cause=cause) from error

    def drop_local_copy(self, name: str) -> None:
        """Delete the local copy of an uploaded file."""
        path = self.folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from error

    def _upload(self, name: str, path: Path) -> None:
        """Upload a file under a name; nobody sees the object before it is complete."""
        with self.file_system() as system:
            if self._scheme == "file":  # object stores show an object only when it is complete
                system.put_file(str(path), f"{self._path(name)}.part")
                system.mv(f"{self._path(name)}.part", self._path(name))
            else:
                system.put_file(str(path), self._path(name))

    def _has_same_bytes(self, name: str, path: Path, info: dict[str, Any]) -> bool:
        """Return whether an object has the bytes of a file: by its ETag if that is an MD5, else by reading it back."""
        with path.open("rb") as file, self.file_system() as system:
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
            if md5.hexdigest() == str(info.get("ETag", "")).strip('"'):
                return True
            file.seek(0)
            with system.open(self._path(name), "rb") as back:
                return hashlib.file_digest(file, "sha256").digest() == hashlib.file_digest(back, "sha256").digest()

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _object_info(self, name: str) -> dict[str, Any] | None:
        """Return what the store knows about an object, None if there is none."""
        with self.file_system() as system:
            system.invalidate_cache()
            try:
                info: dict[str, Any] = system.info(self._path(name))
            except FileNotFoundError:
                self._list_entries(self._path(name))  # raises UnansweredError if the whole bucket is missing
                return None
        return info if info.get("type") == "file" else None

    def _list_entries(self, path: str) -> dict[str, Any]:
        """Return the entries at or below a path. Raises UnansweredError if the bucket does not exist."""
        try:
            entries: dict[str, Any] = self._system.find(path, detail=True)
        except FileNotFoundError as error:
            raise UnansweredError(code="no_store", url=self.url, cause=str(error)) from error
        return entries

    @contextmanager
    def file_system(self) -> Iterator[Any]:
        """Yield the file system. Its library's errors become UnansweredError, except missing objects and full disks."""
        try:
            yield self._open_file_system()
        except (FileNotFoundError, StorageError):
            raise
        except Exception as error:  # botocore's errors share no base class with others
            cause = f"{type(error).__name__}: {error}"
            if isinstance(error, OSError):
                if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}:
                    raise
                cause = error.strerror or str(error)
            raise UnansweredError(code="no_store", url=self.url, cause=cause) from error

    def _open_file_system(self) -> Any:
        """Return the file system of the store, opened once. Raises HomeError for a wrong or unusable address."""
        if self._system is None:
            options: dict[str, Any] = {"use_listings_cache": False}
            if self._scheme in {"s3", "s3a"}:
                options["config_kwargs"] = {"retries": {"max_attempts": 3, "mode": "standard"}, "connect_timeout": 10}
                options["endpoint_url"] = self._endpoint or None
            elif self._scheme == "file":
                options["auto_mkdir"] = True
            try:
                from fsspec.core import url_to_fs  # noqa: PLC0415 - an archive in a folder needs none of it

                self._system, root = url_to_fs(self.url, **options)
            except ImportError as error:
                package = error.name or str(error)
                raise HomeError(code="store.lacking", store=self.url, package=package) from error
            except ValueError as error:
                raise HomeError(code="store.no_address", store=self.url, cause=error) from error
            self._root = str(root).rstrip("/")
        return self._system


class _StoredObject(io.RawIOBase):
    """An object opened for reading; errors of the store's library become UnansweredError."""

    def __init__(self, store: ObjectStore, file: Any) -> None:
        self._store, self._file = store, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # BufferedReader gives nothing else
        with self._store.file_system():
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
