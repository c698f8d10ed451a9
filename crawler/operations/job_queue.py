"""The queue of jobs in PostgreSQL: makes its tables, puts jobs into it, and reads the jobs that wait or run.

The tables are in a schema of their own, made by procrastinate. They contain nothing that could not be made again, as
due jobs follow from the archive. Reading the queue does not need procrastinate.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.home import Home

if TYPE_CHECKING:
    from crawler.operations.planner import Job

SCHEMA = "nianbao_jobs"
WAITING = "todo"  #: status of a job that waits; one that runs has ``doing``
_MADE = text("SELECT to_regclass('nianbao_jobs.procrastinate_jobs') IS NOT NULL")
_JOBS = text(
    "SELECT j.id, j.task_name AS task, coalesce(j.args->>'portal', '') AS portal, "
    "j.status::text AS status, j.priority, j.scheduled_at AS not_before, "
    "(SELECT max(e.at) FROM nianbao_jobs.procrastinate_events e WHERE e.job_id = j.id) AS changed_at "
    "FROM nianbao_jobs.procrastinate_jobs j WHERE j.status IN ('todo', 'doing') "
    "ORDER BY j.status, j.priority DESC, j.id LIMIT :most"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """One job of the queue. ``status``: ``todo`` or ``doing``; ``changed_at``: when its status changed."""

    id: int
    task: str
    portal: str
    status: str
    priority: int
    not_before: datetime | None
    changed_at: datetime | None


def make_queue(home: Home) -> None:
    """Make the tables of the queue, if there are none."""
    with home.truth.begin() as connection:
        home.truth.lock(connection, SCHEMA)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        if not connection.execute(_MADE).scalar_one():
            from procrastinate.schema import SchemaManager  # noqa: PLC0415 - not needed to read the queue

            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            raw: Any = connection.connection.driver_connection
            with closing(raw.cursor()) as cursor:
                cursor.execute(SchemaManager.get_schema())


def put_jobs(home: Home, due: Iterable[Job]) -> None:
    """Put jobs into the queue, except those that wait or run there already."""
    from procrastinate import App, SyncPsycopgConnector  # noqa: PLC0415 - not needed to read the queue

    queued = {(one.task, one.portal) for one in jobs(home)}
    with App(connector=SyncPsycopgConnector(**connection_arguments(home))).open() as app:
        for job in due:
            if (job.task, job.portal) not in queued:
                task = app.configure_task(
                    job.task, queue=job.task, lock=job.lock, queueing_lock=job.once, priority=job.priority
                )
                task.defer(portal=job.portal)


def jobs(home: Home, most: int | None = None) -> list[QueuedJob]:
    """Return the running jobs, then the waiting ones, the most urgent first; only an archive in PostgreSQL has any."""
    if home.truth.is_sqlite:
        return []
    with home.truth.read() as connection:
        if not connection.execute(_MADE).scalar_one():
            return []
        return [QueuedJob(**row) for row in connection.execute(_JOBS, {"most": most}).mappings()]


def connection_arguments(home: Home) -> dict[str, Any]:
    """Return the arguments for procrastinate's connectors to connect to the queue."""
    url = make_url(home.truth.url)
    query = dict(url.query)
    existing = query.pop("options", "")
    options = existing if isinstance(existing, str) else " ".join(existing)
    address = url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
    arguments = {"options": f"{options} -c search_path={SCHEMA}".strip(), "application_name": "nianbao jobs"}
    return {"conninfo": address, "kwargs": arguments, "min_size": 1}
