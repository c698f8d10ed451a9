"""A database that is damaged as a failing disk leaves it."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.errors import DamagedError
from storage.home import Home


def spoil(home: Home) -> None:
    """Spoil a page of the database so that SQLite can still open it, and finds it wrong when it looks."""
    home.close()
    path = home.path / "archive.sqlite"
    whole = path.read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    for page in range(2, len(whole) // size):
        path.write_bytes(whole[: page * size + 8] + b"\xff" * 16 + whole[page * size + 24 :])
        with closing(Database(f"sqlite:///{path}")) as spoilt:
            try:
                with spoilt.read() as connection:
                    readable = connection.execute(text("SELECT count(*) FROM archive")).scalar_one() == 1
            except DamagedError:
                readable = False
            if readable and spoilt.damage():
                return
    pytest.fail("no page whose damage SQLite finds")
