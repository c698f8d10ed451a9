"""The archive itself: how it is, a copy of it, and seals that show later changes; each by a click, told on the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from fastapi import HTTPException

from nianbao.operate.child import backup_folder
from nianbao.operate.jobs import CHILD, Kind
from nianbao.operate.runs import RENEW_SECONDS
from nianbao.operate.visits import Changed, Seen, Values, change, page
from storage.backup import TRUTH
from storage.home import Home
from storage.sealing import manifest
from storage.sealing.manifest import KeptManifest

_MAX_SEALS = 5  # shown, the last ones
WORKS = (Kind.BACKUP, Kind.SEAL, Kind.VERIFY, Kind.READ)


@page("care", "care.html")
def care(visit: Seen) -> Values:
    """How the archive is, its last copy and its last seals, and what was done here."""
    latest = {kind: visit.jobs.latest(kind) for kind in WORKS}
    is_busy = any(job is not None and job.runs for job in latest.values())
    folder = backup_folder(visit.home)
    return {
        "troubles": visit.health.troubles(visit.lang).get("", ()), "works": latest, "folder": folder,
        "copied": _time_of(folder / TRUTH), "seals": [*_seals(visit.home)],
        "renew": RENEW_SECONDS if is_busy else 0,
    }  # fmt: skip


def _time_of(path: Path) -> datetime | None:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.is_file() else None


def _seals(home: Home) -> Iterator[KeptManifest]:
    """Give the last seals, the newest first."""
    folder = home.path / manifest.FOLDER
    for path in reversed(manifest.paths(folder)[-_MAX_SEALS:] if folder.is_dir() else []):
        yield manifest.read(path)


@change("care/{work}")
def do(visit: Changed, work: Kind) -> str:
    """Copy, seal or verify the archive, or read what is unread, in a process of its own."""
    if work not in WORKS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if work is Kind.READ:
        visit.jobs.read(None, visit.session.name)
    else:
        visit.jobs.start(work, "", visit.session.name, [CHILD, str(work)], lang=visit.lang)
    return "care"
