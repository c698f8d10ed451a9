"""One seal as a file, and the chain of seals: each contains the SHA-256 of the one before."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage import mapping
from storage.errors import StorageError
from storage.sealing.contents import SealedRow

FORMAT = "nianbao-seal/1"
FOLDER = "seals"
_NAME = re.compile(r"(\d{6})-\d{8}T\d{6}Z\.json")
_CHUNK_BYTES = 1 << 20
_MAX_BYTES = 64 << 20  # most bytes of a manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """The first ``size`` bytes of a WARC file and their SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One seal: the WARC files that are new or have grown, and the new rows, since the previous seal.

    ``previous``: SHA-256 of the previous manifest, None for the first. ``rows``: number of rows by kind.
    ``rows_sha256``: of the uncompressed file of rows. ``totals``: rows of each kind in this and all earlier seals.
    """

    number: int
    made_at: datetime
    software: str
    archive: str
    simulated: bool
    previous: str | None
    files: tuple[SealedFile, ...]
    rows: Mapping[str, int]
    rows_sha256: str
    totals: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the manifest's file name."""
        return f"{self.number:06}-{self.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptManifest:
    """A manifest in the folder of seals: its seal, its path and the SHA-256 of its bytes."""

    seal: Seal
    path: Path
    sha256: str


def rows_name(name: str) -> str:
    """Return the name of the file of rows that belongs to a manifest."""
    return name.removesuffix(".json") + ".rows.gz"


def encoded(seal: Seal) -> bytes:
    """Return a seal as the bytes of a manifest: JSON that people can read too."""
    plain = {"format": FORMAT, **asdict(seal), "made_at": seal.made_at.astimezone(UTC).isoformat()}
    return (json.dumps(plain, ensure_ascii=True, indent=1) + "\n").encode()


def read(path: Path) -> KeptManifest:
    """Read the manifest (a seal's JSON file) at ``path``. Raises StorageError if it is not one."""
    try:
        with path.open("rb") as handle:
            data = handle.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ValueError("longer than any manifest")
        plain = json.loads(data)
        if plain["format"] != FORMAT:
            raise ValueError(f"its format is {plain['format']!r}, not {FORMAT}")
        seal = mapping.from_json_value(Seal, plain)
        if not all(type(one) is int for one in (*seal.rows.values(), *seal.totals.values())):
            raise ValueError("it counts rows otherwise than by numbers")
        if any("\0" in one.name or one.size < 0 for one in seal.files):
            raise ValueError("it names a file that cannot be")
        if seal.name != path.name:
            raise ValueError(f"it calls itself {seal.name}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StorageError(code="seal.no_seal", path=path, cause=error) from error
    return KeptManifest(seal=seal, path=path, sha256=hashlib.sha256(data).hexdigest())


def paths(folder: Path) -> list[Path]:
    """Return the manifests in a folder of seals, in order."""
    return sorted(path for path in folder.glob("*.json") if _NAME.fullmatch(path.name))


def packed(rows: Iterable[SealedRow]) -> tuple[bytes, str]:
    """Return a compressed file of rows, and the SHA-256 of its contents: sorted lines of ``kind key digest``."""
    text = "".join(sorted(f"{row.kind} {row.key} {row.digest}\n" for row in rows)).encode()
    return gzip.compress(text, 9, mtime=0), hashlib.sha256(text).hexdigest()


def unpacked(sealed: KeptManifest) -> Iterator[SealedRow]:
    """Yield the rows of a seal. Raises StorageError if their file is missing, damaged or not the sealed one."""
    path = sealed.path.with_name(rows_name(sealed.path.name))
    digest = hashlib.sha256()
    try:
        with gzip.open(path, "rb") as stream:
            while raw := stream.readline(1 << 16):
                digest.update(raw)
                kind, key, sha256 = raw.decode("ascii").split()
                yield SealedRow(kind, key, sha256)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise StorageError(code="seal.unread", path=path, cause=error) from error
    if digest.hexdigest() != sealed.seal.rows_sha256:
        raise StorageError(code="seal.other_rows", path=path)


def scratch_of_rows() -> sqlite3.Connection:
    """Return a temporary database on disk for any number of sealed rows; closing deletes it."""
    scratch = sqlite3.connect("", isolation_level=None)
    scratch.execute("CREATE TABLE sealed (kind TEXT, key TEXT, digest TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID")
    scratch.execute("BEGIN")
    return scratch


def prefix_digests(handle: BinaryIO, sizes: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield for each of the ascending ``sizes`` the SHA-256 of that many bytes at a file's beginning, in one pass.

    Each comes after the number of bytes hashed, which is smaller if the file is shorter.
    """
    digest, bytes_read = hashlib.sha256(), 0
    for size in sizes:
        while bytes_read < size and (chunk := handle.read(min(size - bytes_read, _CHUNK_BYTES))):
            digest.update(chunk)
            bytes_read += len(chunk)
        yield bytes_read, digest.hexdigest()
