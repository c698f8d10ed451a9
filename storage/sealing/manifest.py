"""One seal as a file, and the chain of them: each names the SHA-256 of the one before."""

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
_CHUNK = 1 << 20
_LONGEST = 64 << 20  # bytes of a manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """The first ``size`` bytes of a WARC file and their SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One seal: WARC files that are new or have grown, and rows that are new, since ``previous``.

    ``previous``: SHA-256 of the manifest before, None for the first. ``rows``: kind → how many. ``rows_sha256``: of the
    unpacked file of rows beside. ``totals``: rows of each kind under this seal and all before.
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
        """The manifest's file name."""
        return f"{self.number:06}-{self.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptManifest:
    """A manifest as it lies in the folder: its seal, the path and the SHA-256 of its bytes."""

    seal: Seal
    path: Path
    sha256: str


def rows_name(name: str) -> str:
    """The file of rows that belongs to a manifest."""
    return name.removesuffix(".json") + ".rows.gz"


def encoded(seal: Seal) -> bytes:
    """The manifest's bytes: JSON for people too."""
    plain = {"format": FORMAT, **asdict(seal), "made_at": seal.made_at.astimezone(UTC).isoformat()}
    return (json.dumps(plain, ensure_ascii=True, indent=1) + "\n").encode()


def read(path: Path) -> KeptManifest:
    """The manifest at ``path``. Raises StorageError for what is none."""
    try:
        with path.open("rb") as handle:
            data = handle.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise ValueError("longer than any manifest")
        plain = json.loads(data)
        if plain["format"] != FORMAT:
            raise ValueError(f"its format is {plain['format']!r}, not {FORMAT}")
        seal = mapping.from_plain(Seal, plain)
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
    """The manifests of a folder of seals in their order."""
    return sorted(path for path in folder.glob("*.json") if _NAME.fullmatch(path.name))


def packed(rows: Iterable[SealedRow]) -> tuple[bytes, str]:
    """A file of rows, and the SHA-256 of what is in it: lines of ``kind key digest``, sorted."""
    text = "".join(sorted(f"{row.kind} {row.key} {row.digest}\n" for row in rows)).encode()
    return gzip.compress(text, 9, mtime=0), hashlib.sha256(text).hexdigest()


def unpacked(sealed: KeptManifest) -> Iterator[SealedRow]:
    """The rows under a seal. Raises StorageError where their file is gone, damaged or not the one that was sealed."""
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
    """A database on disk for sealed rows, however many they are; it goes when it is closed."""
    scratch = sqlite3.connect("", isolation_level=None)
    scratch.execute("CREATE TABLE sealed (kind TEXT, key TEXT, digest TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID")
    scratch.execute("BEGIN")
    return scratch


def prefix_digests(handle: BinaryIO, sizes: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Return the SHA-256 of the beginnings of an open file with these sizes, in their order, in one pass.

    Each comes with the bytes that it is over: fewer where the file is shorter.
    """
    digest, at = hashlib.sha256(), 0
    for size in sizes:
        while at < size and (chunk := handle.read(min(size - at, _CHUNK))):
            digest.update(chunk)
            at += len(chunk)
        yield at, digest.hexdigest()
