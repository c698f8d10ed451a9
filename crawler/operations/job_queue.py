"""The queue of jobs in PostgreSQL as rows: what waits, what is under way, and what was given up and why.

It lies in a schema of its own, made by procrastinate, and holds nothing that could not be made again: what is due is
known from the truth. Reading it takes no more than the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from crawler.errors import CrawlError
from storage.home import Home
from storage.mapping import dumps
from storage.records import Note

SCHEMA = "nianbao_jobs"
_MADE = text("SELECT to_regclass('nianbao_jobs.procrastinate_jobs') IS NOT NULL")
_FAILURES = text(
    "CREATE TABLE IF NOT EXISTS nianbao_jobs.failures (job bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), "
    "attempt int NOT NULL, reason text NOT NULL)"
)
_JOBS = """
SELECT j.id, j.task_name, j.queue_name, j.status::text AS status, j.priority, j.attempts, j.scheduled_at, j.args,
       f.at AS failed_at, f.reason,
       (SELECT max(e.at) FROM nianbao_jobs.procrastinate_events e WHERE e.job_id = j.id) AS changed_at
FROM nianbao_jobs.procrastinate_jobs j
LEFT JOIN LATERAL (SELECT at, reason FROM nianbao_jobs.failures WHERE job = j.id ORDER BY at DESC LIMIT 1) f ON true
WHERE j.queue_name <> 'clock' AND j.status::text = ANY(:statuses)
ORDER BY array_position(CAST(:statuses AS text[]), j.status::text), j.priority DESC, j.id LIMIT :most
"""
_SUCCESSOR = text(
    "SELECT 1 FROM nianbao_jobs.procrastinate_jobs w JOIN nianbao_jobs.procrastinate_jobs j "
    "ON w.queueing_lock = j.queueing_lock WHERE j.id = :job AND w.id <> j.id AND w.status = 'todo'"
)
WAITING, UNDER_WAY, GIVEN_UP = "todo", "doing", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """One job of the queue. ``status``: ``todo``, ``doing`` or ``failed`` (given up); ``notes``: why it failed last;
    ``changed_at``: when its status changed.
    """

    id: int
    task: str
    queue: str
    portal: str
    status: str
    priority: int
    attempts: int
    not_before: datetime | None
    changed_at: datetime | None
    notes: tuple[Note, ...]


def is_queued(home: Home) -> bool:
    """Whether the archive's jobs are run from the queue: those of an archive in PostgreSQL are."""
    return not home.truth.is_sqlite


def make_queue(home: Home) -> None:
    """Make the tables of the queue where there are none."""
    with home.truth.begin() as connection:
        home.truth.lock(connection, SCHEMA)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        if not connection.execute(_MADE).scalar_one():
            from procrastinate.schema import SchemaManager  # noqa: PLC0415 - who reads the queue needs none of it

            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            raw: Any = connection.connection.driver_connection
            with closing(raw.cursor()) as cursor:
                cursor.execute(SchemaManager.get_schema())
        connection.execute(_FAILURES)


def jobs(home: Home, statuses: Sequence[str] = (UNDER_WAY, WAITING, GIVEN_UP), most: int = 200) -> list[QueuedJob]:
    """The jobs with one of ``statuses``, in this order of them; an archive without a queue has none."""
    if not is_queued(home):
        return []
    with home.truth.read() as connection:
        if not connection.execute(_MADE).scalar_one():
            return []
        result = connection.execute(text(_JOBS), {"statuses": list(statuses), "most": most}).mappings()
        return [_job(dict(row)) for row in result]


def counts(home: Home) -> dict[tuple[str, str], int]:
    """How many jobs there are, by queue and status."""
    if not is_queued(home):
        return {}
    query = "SELECT queue_name, status::text, count(*) FROM nianbao_jobs.procrastinate_jobs GROUP BY 1, 2"
    with home.truth.read() as connection:
        if not connection.execute(_MADE).scalar_one():
            return {}
        return {(queue, status): number for queue, status, number in connection.execute(text(query))}


def note_failure(home: Home, job: int, attempt: int, notes: Iterable[Note]) -> None:
    """Keep why an attempt at a job failed."""
    plain = [note.plain for note in notes]
    values = {"job": job, "attempt": attempt, "reason": dumps(plain) if plain else ""}
    with home.truth.begin() as connection:
        connection.execute(
            text("INSERT INTO nianbao_jobs.failures (job, attempt, reason) VALUES (:job, :attempt, :reason)"), values
        )


def leave_uncounted(home: Home, job: int) -> None:
    """Let the attempt under way not count as one; it is counted when it ends."""
    with home.truth.begin() as connection:
        change = "UPDATE nianbao_jobs.procrastinate_jobs SET attempts = attempts - 1 WHERE id = :job"
        connection.execute(text(change), {"job": job})


def unwanted_jobs(home: Home, rest: timedelta) -> frozenset[str]:
    """Queueing locks of jobs that wait, are under way, or were given up within so long: no other is planned."""
    query = text(
        "SELECT DISTINCT j.queueing_lock FROM nianbao_jobs.procrastinate_jobs j WHERE j.queueing_lock IS NOT NULL "
        "AND (j.status IN ('todo', 'doing') OR j.status = 'failed' AND EXISTS (SELECT 1 FROM nianbao_jobs.failures f "
        "WHERE f.job = j.id AND f.at > now() - make_interval(secs => :seconds)))"
    )
    with home.truth.read() as connection:
        return frozenset(connection.execute(query, {"seconds": rest.total_seconds()}).scalars())


def has_successor(home: Home, job: int) -> bool:
    """Whether another job of the same kind waits, which will do what this one did not."""
    with home.truth.read() as connection:
        return connection.execute(_SUCCESSOR, {"job": job}).first() is not None


def give_back(home: Home, job: int) -> QueuedJob:
    """Put a job that was given up into the queue again, with all its attempts before it. Raises CrawlError."""
    result = next((one for one in jobs(home, (GIVEN_UP,), most=100_000) if one.id == job), None)
    if result is None:
        message = f"there is no job {job} that was given up; nianbao runs jobs lists them"
        raise CrawlError(message, code="queue.no_such_job", job=job)
    with home.truth.begin() as connection:
        _give_back(connection, job)
    return result


def _give_back(connection: Connection, job: int) -> None:
    if connection.execute(_SUCCESSOR, {"job": job}).first() is not None:
        message = f"another job of the same kind waits already; job {job} was left as it is"
        raise CrawlError(message, code="queue.same_waits", job=job)
    connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
    change = "UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL WHERE id = :job"
    connection.execute(text(change), {"job": job})


def connection_of(home: Home) -> tuple[str, dict[str, Any]]:
    """The address and the arguments with which psycopg connects to the queue."""
    url = make_url(home.truth.url)
    query = dict(url.query)
    existing = query.pop("options", "")
    options = existing if isinstance(existing, str) else " ".join(existing)
    plain = url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
    return plain, {"options": f"{options} -c search_path={SCHEMA}".strip(), "application_name": "nianbao jobs"}


def _job(row: Mapping[str, Any]) -> QueuedJob:
    return QueuedJob(
        id=row["id"],
        task=str(row["task_name"]).rpartition(".")[2],
        queue=row["queue_name"],
        portal=str((row["args"] or {}).get("portal", "")),
        status=row["status"],
        priority=row["priority"],
        attempts=row["attempts"],
        not_before=row["scheduled_at"],
        changed_at=row["changed_at"] or row["failed_at"],
        notes=_notes(row["reason"] or "[]"),
    )


def _notes(reason: str) -> tuple[Note, ...]:
    """Read why a job failed; before there were notes it was a sentence."""
    return tuple(map(Note.of, json.loads(reason))) if reason.startswith("[") else (Note("error", {"text": reason}),)
