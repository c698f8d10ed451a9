"""Locks by name: held once, given up by the death of their process, and it is known who holds them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.config import resolve_url
from storage.errors import UnansweredError
from storage.locks import Locks, PostgresLocks, locks_for


@pytest.fixture
def url(truth_url: str, tmp_path: Path) -> str:
    return resolve_url(truth_url, tmp_path)


@pytest.fixture
def locks(url: str, tmp_path: Path) -> Locks:
    return locks_for(url, tmp_path / "locks")


def test_a_lock_is_held_once_by_whoever_asks_first(locks: Locks, url: str, tmp_path: Path) -> None:
    other = locks_for(url, tmp_path / "locks")
    assert locks.try_take("host-a")
    assert not other.try_take("host-a")
    assert not locks.try_take("host-a")  # nor by another thread of the same process
    assert other.try_take("host-b")
    locks.check()
    locks.release("host-a")
    assert other.try_take("host-a")
    other.close()
    assert locks.try_take("host-a")
    assert locks.try_take("host-b")
    locks.close()


_HOLDER = """
import sys
from pathlib import Path
from storage.locks import locks_for
locks = locks_for(sys.argv[1], Path(sys.argv[2]))
locks.take("host-a")
print("taken", flush=True)
sys.stdin.read()
"""


def test_a_killed_process_holds_nothing(locks: Locks, url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, url, str(tmp_path / "locks")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert not locks.try_take("host-a")
        holder = locks.holder("host-a")
        assert holder is not None
        assert holder.process == process.pid
        process.send_signal(signal.SIGKILL)
    locks.take("host-a")
    locks.close()


def test_locks_of_a_connection_that_is_lost_are_told(postgresql_url: str) -> None:
    locks = PostgresLocks(postgresql_url)
    locks.take("host-a")
    admin = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        held = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        assert connection.execute(text(held)).scalars().all() == [True]
    with pytest.raises(UnansweredError, match="with it the locks"):
        locks.check()
    with pytest.raises(UnansweredError, match="with it the locks"):
        locks.try_take("host-b")
    locks.release("host-a")
    assert locks.try_take("host-b")  # from here on with a new one
    locks.close()
    admin.dispose()
