"""Where a generation of projections lies, and how another takes its place: SQLite files or PostgreSQL schemas."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from storage.database import Database
from storage.generation import Generations, Make
from storage.generation_files import SqliteGenerations
from storage.generation_schemas import PostgresGenerations


def generations_for(url: str, attach: str | None, make: Make, *, read_only: bool = False) -> Generations:
    """The generations kept at ``url``; ``make`` fills a new one with empty tables.

    ``attach``: the SQLite file of the truth, to be read beside (SQLite only; in PostgreSQL it is the same database).
    ``read_only``: none is ever made.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteGenerations(Path(make_url(url).database or ""), attach, make, read_only=read_only)
    return PostgresGenerations(Database(url, read_only=read_only), make)
