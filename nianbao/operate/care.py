"""The page on the archive itself: its problems, its backup, and seals, which prove later changes."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import HTTPException

from nianbao.operate.child import backup_folder
from nianbao.operate.health import problems_by_portal
from nianbao.operate.jobs import CHILD, Kind
from nianbao.operate.runs import RENEW_SECONDS
from nianbao.operate.visits import Changed, Seen, Values, change, page
from storage.backup import TRUTH
from storage.sealing import manifest

_MAX_SEALS = 5  # last seals shown
WORKS = (Kind.BACKUP, Kind.SEAL, Kind.VERIFY, Kind.READ)


@page("care", "care.html")
def care(visit: Seen) -> Values:
    """Show problems of the archive, its last backup, its last seals, and the jobs of this page."""
    latest = {kind: visit.jobs.latest(kind) for kind in WORKS}
    copy = backup_folder(visit.home) / TRUTH
    seals = manifest.paths(visit.home.path / manifest.FOLDER)[-_MAX_SEALS:]
    return {
        "problems": problems_by_portal(visit.home, visit.lang).get("", ()), "works": latest, "folder": copy.parent,
        "copied": datetime.fromtimestamp(copy.stat().st_mtime, UTC) if copy.is_file() else None,
        "seals": [manifest.read(path) for path in reversed(seals)],
        "renew": RENEW_SECONDS if any(job is not None and job.runs for job in latest.values()) else 0,
    }  # fmt: skip


@change("care/{work}")
def do(visit: Changed, work: Kind) -> str:
    """Start a job that backs up, seals or verifies the archive, or reads documents that are unread."""
    if work not in WORKS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if work is Kind.READ:
        visit.jobs.read(None, visit.session.name)
    else:
        visit.jobs.start(work, "", visit.session.name, [CHILD, str(work)], lang=visit.lang)
    return "care"
