"""A question that keeps its database at work for too long is stopped with a sentence; whoever dawdles is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select, text

from archive.projection.update import update
from archive.queries.stored import open_projections
from storage.errors import TookTooLongError
from storage.home import Home, init_home, open_home
from storage.tables import ARCHIVE
from tests.patience import LIMIT

_ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
_FEW = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 4000) SELECT x FROM n"


@pytest.fixture
def home(truth_url: str, tmp_path: Path) -> Iterator[Home]:
    with init_home(tmp_path / "archive", database_url=truth_url) as made:
        update(made)
    with open_home(tmp_path / "archive", question_seconds=LIMIT) as held:
        yield held


def test_a_question_is_stopped_and_the_next_is_answered(home: Home) -> None:
    store = open_projections(home)
    with pytest.raises(TookTooLongError, match="question_seconds"), store.read() as connection:
        connection.execute(text(_ENDLESS))
    with store.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
        assert rows_of(home) == 1


def rows_of(home: Home) -> int:
    with home.truth.read() as connection:
        return len(connection.execute(select(ARCHIVE.c.id)).all())


def test_whoever_takes_long_over_rows_is_not_stopped(home: Home) -> None:
    with open_projections(home).read() as connection:
        found = connection.execute(text(_FEW))
        begun = list(islice(found, 10))
        time.sleep(LIMIT * 1.1)
        assert len(begun) + sum(1 for _ in found) == 4_000
