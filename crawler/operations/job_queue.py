"""The queue of jobs in PostgreSQL: makes its tables, puts jobs into it, and reads the jobs that wait or run.

The tables are in a schema of their own, made by procrastinate. They contain nothing that could not be made again, as
due jobs follow from the archive. Reading the queue does not need procrastinate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, text
from sqlalchemy.engine import make_url

from storage.home import Home

if TYPE_CHECKING:
    from crawler.operations.planner import Job

SCHEMA = "nianbao_jobs"
WAITING = "todo"  #: status of a job that waits
_QUEUE_EXISTS = text("SELECT to_regclass('nianbao_jobs.procrastinate_jobs') IS NOT NULL")
_JOBS = text(
    "SELECT j.id, j.task_name AS task, coalesce(j.args->>'portal', '') AS portal, "
    "j.status::text AS status, j.priority, j.scheduled_at AS not_before, "
    "(SELECT max(e.at) FROM nianbao_jobs.procrastinate_events e WHERE e.job_id = j.id) AS changed_at "
    "FROM nianbao_jobs.procrastinate_jobs j WHERE j.status IN ('todo', 'doing') "
    "ORDER BY j.status, j.priority DESC, j.id LIMIT :most"
)


def make_queue(home: Home) -> None:
    """Make the tables of the queue, if there are none; under a lock, as several machines may start at once."""
    with home.truth.begin() as connection:
        home.truth.lock(connection, SCHEMA)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        if not connection.execute(_QUEUE_EXISTS).scalar_one():
            from procrastinate.schema import SchemaManager  # noqa: PLC0415 - not needed to read the queue

            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            raw: Any = connection.connection.driver_connection
            with closing(raw.cursor()) as cursor:
                cursor.execute(SchemaManager.get_schema())


def put_jobs(home: Home, name_due: Callable[[], Iterable[Job]]) -> None:
    """Put the jobs that ``name_due`` names into the queue, except those that wait or run there already. The queue is
    read first, so that a job which ends meanwhile is not put into it again.
    """
    from procrastinate import App, SyncPsycopgConnector  # noqa: PLC0415 - not needed to read the queue

    queued = {(one.task, one.portal) for one in jobs(home)}
    with App(connector=SyncPsycopgConnector(**connection_arguments(home))).open() as app:
        for job in name_due():
            if (job.task, job.portal) not in queued:
                task = app.configure_task(
                    job.task, queue=job.task, lock=job.lock, queueing_lock=job.once, priority=job.priority
                )
                task.defer(portal=job.portal)


def jobs(home: Home, most: int | None = None) -> Sequence[Row[Any]]:
    """Return the running jobs (``doing``), then the waiting ones, the most urgent first; none of an SQLite archive."""
    if home.truth.is_sqlite:
        return []
    with home.truth.read() as connection:
        if not connection.execute(_QUEUE_EXISTS).scalar_one():
            return []
        return connection.execute(_JOBS, {"most": most}).all()


def connection_arguments(home: Home) -> dict[str, Any]:
    """Return the arguments for procrastinate's connectors to connect to the queue."""
    url = make_url(home.truth.url)
    query = dict(url.query)
    existing = query.pop("options", "")
    options = existing if isinstance(existing, str) else " ".join(existing)
    address = url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
    arguments = {"options": f"{options} -c search_path={SCHEMA}".strip(), "application_name": "nianbao jobs"}
    return {"conninfo": address, "kwargs": arguments, "min_size": 1}
