"""Pages of crawls, of this server's jobs and of the care of the archive; they reload while something runs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

from fastapi import HTTPException

from archive.queries.look_answers import looks_shown
from archive.queries.selection import known_portals
from crawler.operations.job_queue import jobs as queued
from crawler.processes import is_under_way, stop_run
from nianbao.operate.child import backup_folder
from nianbao.operate.jobs import CHILD, Kind
from nianbao.operate.portals import problems_by_portal
from nianbao.operate.visits import ChangeRequest, OperatorRequest, ReadRequest, Values, change, page
from nianbao.sentences import notes_sentence
from storage.backup import TRUTH
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import Run
from storage.sealing import manifest

_MAX_RUNS = 50  # last crawls shown
_MAX_QUEUED = 100  # queued jobs shown
_MAX_SEALS = 5  # last seals shown
WORKS = (Kind.BACKUP, Kind.SEAL, Kind.VERIFY, Kind.READ)  #: jobs on the page of care
RENEW_SECONDS = 5  #: seconds after which a page reloads while something runs


@page("runs", "runs.html")
def runs(visit: ReadRequest) -> Values:
    """Show the last crawls, the queue, and the jobs that were started on these pages."""
    last_runs = Observations(visit.home).last_runs(_MAX_RUNS)
    going = {run.id for run in last_runs if is_under_way(visit.home, run)}
    jobs = visit.jobs.all()
    is_busy = going or any(job.runs for job in jobs)
    return {
        "runs": last_runs, "portals": known_portals(visit.home), "going": going, "jobs": jobs,
        "queue": queued(visit.home, _MAX_QUEUED),
        "said": partial(notes_sentence, language=visit.lang), "renew": RENEW_SECONDS if is_busy else 0,
    }  # fmt: skip


@page("runs/{name}", "run.html")
def run(visit: ReadRequest, name: str) -> Values:
    """Show one crawl: its looks, its counts, and the pace of its requests to each host."""
    one = _run(visit, name)
    return {
        "run": one, "portals": known_portals(visit.home), "going": is_under_way(visit.home, one),
        "looks": looks_shown(visit.home, one.portal, one.id), "hosts": paces(visit.home, one),
        "said": partial(notes_sentence, language=visit.lang), "renew": RENEW_SECONDS if one.finished is None else 0,
    }  # fmt: skip


@change("runs/{name}/stop")
def stop(visit: ChangeRequest, name: str) -> str:
    """Ask a crawl to end; it keeps what it fetched."""
    one = _run(visit, name)
    stop_run(visit.home, one)
    return f"runs/{one.id}"


@change("jobs/{name}/stop")
def stop_job(visit: ChangeRequest, name: str) -> str:
    """Ask a job of this server to end."""
    if (job := visit.jobs.find(name)) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    visit.jobs.stop(job)
    return "runs"


def _run(visit: OperatorRequest, name: str) -> Run:
    one = Observations(visit.home).run(name)
    if one is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return one


# ---------------------------------------------------------------------------------------------- care of the archive


@page("care", "care.html")
def care(visit: ReadRequest) -> Values:
    """Show problems of the archive, its last backup, its last seals, and the jobs of this page."""
    latest = {kind: visit.jobs.latest(kind) for kind in WORKS}
    copy = backup_folder(visit.home) / TRUTH
    copied = datetime.fromtimestamp(copy.stat().st_mtime, UTC) + visit.home.clock.offset if copy.is_file() else None
    seals = manifest.paths(visit.home.path / manifest.FOLDER)[-_MAX_SEALS:]
    return {
        "problems": problems_by_portal(visit.home, visit.lang).get("", ()), "works": latest, "folder": copy.parent,
        "copied": copied,
        "seals": [manifest.read(path) for path in reversed(seals)],
        "renew": RENEW_SECONDS if any(job is not None and job.runs for job in latest.values()) else 0,
    }  # fmt: skip


@change("care/{work}")
def do(visit: ChangeRequest, work: Kind) -> str:
    """Start a job that backs up, seals or verifies the archive, or reads unread documents; return the next page."""
    if work not in WORKS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if work is Kind.READ:
        visit.jobs.read(None, visit.session.name)
    else:
        visit.jobs.start(work, "", visit.session.name, [CHILD, str(work)])
    return "care"
