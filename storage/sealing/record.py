"""Which seals were made here, as the database says: one that is gone from its folder is missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storage import rows
from storage.home import Home
from storage.sealing.manifest import KeptManifest
from storage.tables import SealRow


@dataclass(frozen=True, slots=True)
class Recorded:
    """A seal that was made: its number, its manifest's file name and SHA-256."""

    number: int
    name: str
    sha256: str


def note(home: Home, seals: Iterable[KeptManifest]) -> None:
    """Write down that these seals were made; what is written down already stays as it is."""
    noted = [{"number": one.seal.number, "name": one.path.name, "sha256": one.sha256} for one in seals]
    known = {one.number for one in recorded_seals(home)}
    new = [row for row in noted if row["number"] not in known]
    if new:
        with home.truth.begin() as connection:
            rows.insert_new(connection, SealRow, new, "number")


def last(home: Home) -> Recorded | None:
    """The seal that was made last, None where none was."""
    return next(reversed(recorded_seals(home)), None)


def altered_seals(home: Home, chain: Sequence[KeptManifest]) -> list[Recorded]:
    """The seals that were made and are not in ``chain`` as they were, in their order."""
    held = {(one.seal.number, one.sha256) for one in chain}
    return [one for one in recorded_seals(home) if (one.number, one.sha256) not in held]


def recorded_seals(home: Home) -> list[Recorded]:
    """The seals that were made, in their order."""
    with home.truth.read() as connection:
        found = connection.execute(select(SealRow.number, SealRow.name, SealRow.sha256).order_by(SealRow.number))
        return [Recorded(number, name, sha256) for number, name, sha256 in found]
