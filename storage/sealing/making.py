"""Make the next seal of an archive: hash what was added since the last one, and chain it to that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, select

from storage import capture_rows
from storage.atomic_files import sole_holder, write_whole
from storage.blobs import Blobs
from storage.errors import StorageError
from storage.home import Home
from storage.sealing import manifest
from storage.sealing.contents import KINDS, SealedRow, files, lines
from storage.sealing.manifest import FOLDER, KeptManifest, Seal, SealedFile
from storage.tables import SEALS


def seal(home: Home, *, over_gaps: bool = False) -> tuple[KeptManifest | None, KeptManifest | None]:
    """Seal what is not sealed yet; return the new seal (None if nothing was new) and the last one before it.

    Raises StorageError if another process seals, the chain is damaged, seals are missing (with ``over_gaps`` their
    contents are sealed again and the chain continues), a sealed file has become shorter, the last seal is later than
    our clock, or the disk cannot be written; then no new seal is in the folder.
    """
    folder = home.path / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        with sole_holder(folder / ".lock", StorageError(code="seal.busy", archive=home.path)):
            chain = [manifest.read(path) for path in manifest.paths(folder)]
            last_manifest = chain[-1] if chain else None
            altered = altered_seals(home, chain)
            if altered and not over_gaps:
                raise StorageError(code="seal.gaps", number=len(altered), first=altered[0].name, folder=folder)
            record_seals(home, chain)  # for a process that was killed before it recorded its seal
            new_seal, rows = _make_next_seal(home, chain)
            if last_manifest is not None and new_seal.made_at < last_manifest.seal.made_at:
                now, sealed = new_seal.made_at.isoformat(), last_manifest.seal.made_at.isoformat()
                raise StorageError(code="seal.clock", now=now, sealed=sealed)
            if not new_seal.files and not any(new_seal.rows.values()):
                return None, last_manifest
            write_whole(folder / manifest.rows_name(new_seal.name), rows)
            write_whole(folder / new_seal.name, manifest.encoded(new_seal))
            new_manifest = manifest.read(folder / new_seal.name)
            record_seals(home, [new_manifest])
            return new_manifest, last_manifest
    except OSError as error:
        raise StorageError(code="seal.unwritable", folder=folder, cause=error.strerror) from error


def _make_next_seal(home: Home, chain: list[KeptManifest]) -> tuple[Seal, bytes]:
    """Return the seal of all that the manifests ``chain`` do not cover, and its rows, packed."""
    # the number and digest before come from the database: the file of the last seal may be missing
    last_manifests, recorded = chain[-1:], recorded_seals(home)[-1:]
    with home.truth.read() as connection:
        grown = _grown_files(home.blobs, files(connection), chain)
        new = _unsealed_rows(connection, chain)
    rows, digest = manifest.packed(row for kind_rows in new.values() for row in kind_rows)
    totals_before = last_manifests[0].seal.totals if last_manifests else {}
    new_seal = Seal(
        number=recorded[0].number + 1 if recorded else 1,
        made_at=home.clock.now().replace(microsecond=0),
        software=f"nianbao/{version('nianbao')}",
        archive=home.born.isoformat(),
        simulated=home.simulated,
        previous=recorded[0].sha256 if recorded else None,
        files=grown,
        rows={kind: len(kind_rows) for kind, kind_rows in new.items()},
        rows_sha256=digest,
        totals={kind: totals_before.get(kind, 0) + len(kind_rows) for kind, kind_rows in new.items()},
    )
    return new_seal, rows


def _unsealed_rows(connection: Connection, chain: Iterable[KeptManifest]) -> dict[str, list[SealedRow]]:
    """Return the rows of each kind that no seal of the chain contains."""
    query = "SELECT 1 FROM sealed WHERE kind = ? AND key = ?"
    with closing(manifest.scratch_of_rows()) as scratch:
        for sealed in chain:
            scratch.executemany("INSERT OR IGNORE INTO sealed VALUES (?, ?, ?)", manifest.unpacked(sealed))
        return {
            kind.name: [
                row for row in lines(connection, kind) if scratch.execute(query, (row.kind, row.key)).fetchone() is None
            ]
            for kind in KINDS
        }


def _grown_files(blobs: Blobs, sizes: dict[str, int], chain: list[KeptManifest]) -> tuple[SealedFile, ...]:
    """Return the files that are new or longer than when they were last sealed, with their digests."""
    sealed_files = {file.name: file for sealed in chain for file in sealed.seal.files}
    grown_files = []
    for name, size in sorted(sizes.items()):
        sealed_file = sealed_files.get(name)
        if size and (sealed_file is None or size > sealed_file.size):
            grown_files.append(SealedFile(name=name, size=size, sha256=digest_of(blobs, name, size)))
    return tuple(grown_files)


def digest_of(blobs: Blobs, name: str, size: int) -> str:
    """Return the SHA-256 of the first ``size`` bytes of a file. Raises StorageError if the file is shorter."""
    address = blobs.where(name)
    try:
        with blobs.open(name) as handle:
            [(size_read, digest)] = manifest.prefix_digests(handle, [size])
    except OSError as error:
        raise StorageError(code="seal.unread", path=address, cause=error.strerror) from error
    if size_read < size:
        raise StorageError(code="seal.shorter", path=address, lost=size - size_read, size=size)
    return digest


# ------------------------------------------------------------------------------------ which seals were made here


def record_seals(home: Home, seals: Iterable[KeptManifest]) -> None:
    """Record in the database that these seals were made; existing records are not changed."""
    rows = [{"number": sealed.seal.number, "name": sealed.path.name, "sha256": sealed.sha256} for sealed in seals]
    if rows:
        with home.truth.begin() as connection:
            capture_rows.insert_new(connection, SEALS, rows, "number")


def altered_seals(home: Home, chain: Sequence[KeptManifest]) -> list[Any]:
    """Return the recorded seals that are not in ``chain``, or differ there, in order."""
    present_seals = {(recorded.seal.number, recorded.sha256) for recorded in chain}
    return [recorded for recorded in recorded_seals(home) if (recorded.number, recorded.sha256) not in present_seals]


def recorded_seals(home: Home) -> Sequence[Any]:
    """Return the recorded seals in order: ``number``, ``name`` of the manifest and its ``sha256``."""
    return home.truth.rows(select(SEALS).order_by(SEALS.c.number))
