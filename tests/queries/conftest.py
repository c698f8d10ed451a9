"""Small archives are made by the helper of the projection's tests."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

sys.path.insert(0, str(Path(__file__).parent.parent / "projection"))


@pytest.fixture(scope="module")
def lasting_postgresql_url(postgresql: URL) -> str:
    """An empty database for the tests of one module; it goes with the session's server."""
    name = f"module_{uuid.uuid4().hex}"
    admin = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    return postgresql.set(database=name).render_as_string(hide_password=False)
