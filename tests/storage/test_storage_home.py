"""Archives: made, opened, refused with a sentence; settings and the clock; locks, held once and by whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.backup import backup, restore
from storage.config import load_config, resolve_url
from storage.errors import DiskError, UnansweredError
from storage.home import Home, HomeError, init_home, open_home
from storage.locks import Locks, PostgresLocks, locks_for


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("NIANBAO_"):
            monkeypatch.delenv(name)
    # set and taken back by monkeypatch, so that an offset written during the test does not outlive it
    monkeypatch.setenv("NIANBAO_CLOCK_OFFSET", "")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda at: init_home(at / "real", simulated=True), "real archive"),
        (lambda at: init_home(at / "play"), "--imitation"),
        (lambda at: init_home(at / "real", database_url="sqlite:///other.sqlite"), "another database"),
        (lambda at: init_home(at / "full"), "not empty"),
        (lambda at: open_home(at / "full"), "nianbao init"),
        (lambda at: open_home(at / "nowhere"), "nianbao init"),
        (lambda at: open_home(), "NIANBAO_ARCHIVE"),
        (lambda at: init_home(at / "a", database_url="postgresql://me:secret@127.0.0.1:1/none"), "cannot be used"),
        (lambda at: init_home(Path("/proc/nianbao")), "cannot be made"),
    ],
)
def test_what_is_no_archive_of_that_sort_is_refused_with_a_sentence(
    tmp_path: Path, asked: Callable[[Path], Home], said: str
) -> None:
    init_home(tmp_path / "real").close()
    init_home(tmp_path / "play", simulated=True).close()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(HomeError, match=said) as caught:
        asked(tmp_path)
    assert "secret" not in str(caught.value)
    init_home(tmp_path / "a").close()  # and hinders nothing


def test_one_database_never_serves_both_sorts(truth_url: str, tmp_path: Path) -> None:
    init_home(tmp_path / "real", database_url=truth_url)
    assert (tmp_path / "real/nianbao.toml").stat().st_mode & 0o077 == 0  # it may hold a password
    with pytest.raises(HomeError, match="never share a database"):
        init_home(tmp_path / "play", simulated=True, database_url=truth_url)


def test_flags_win_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = init_home(tmp_path / "a").path
    with (path / "nianbao.toml").open("a") as settings:
        settings.write('contact = "mailto:file@example.org"\nwarc_max_bytes = 5000\n')
    assert load_config(path).contact == "mailto:file@example.org"
    monkeypatch.setenv("NIANBAO_CONTACT", "mailto:env@example.org")
    assert load_config(path).contact == "mailto:env@example.org"
    assert load_config(path, contact="mailto:flag@example.org").contact == "mailto:flag@example.org"
    assert load_config(path, contact=None).warc_max_bytes == 5000
    assert open_home(path, contact="mailto:flag@example.org").config.contact == "mailto:flag@example.org"


@pytest.mark.parametrize(("simulated", "delay"), [(False, 2.0), (True, 0.1)])
def test_short_delay_counts_only_in_an_imitation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulated: bool, delay: float
) -> None:
    path = init_home(tmp_path / "a", simulated=simulated).path
    monkeypatch.setenv("NIANBAO_DELAY", "0.1")
    assert load_config(path).delay == delay
    monkeypatch.setenv("NIANBAO_DELAY", "5")
    assert load_config(path).delay == 5


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    path = init_home(tmp_path / "a").path
    plain = (path / "nianbao.toml").read_text()
    for line in ("colour = 'red'", "delay = 'soon'", "warc_max_bytes = -1", "delay = "):
        (path / "nianbao.toml").write_text(plain + line)
        with pytest.raises(HomeError, match=rf"nianbao\.toml|{line.split(maxsplit=1)[0]}"):
            open_home(path)


def test_a_misspelt_variable_is_named_with_the_setting_that_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init_home(tmp_path / "a").close()
    monkeypatch.setenv("NIANBAO_SHARED", "/elsewhere")  # like no setting: somebody else's
    open_home(tmp_path / "a").close()
    monkeypatch.setenv("NIANBAO_WEBHOOKURL", "https://a.example/")
    with pytest.raises(HomeError, match="NIANBAO_WEBHOOKURL, which is no setting; did you mean NIANBAO_WEBHOOK_URL"):
        open_home(tmp_path / "a")


def test_an_archive_nobody_may_write_to_still_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init_home(tmp_path / "archive").close()
    monkeypatch.setattr("storage.database.os.access", lambda path, mode: mode != os.W_OK)
    with open_home(tmp_path / "archive") as home:
        with home.truth.read() as connection:
            assert connection.execute(text("SELECT simulated FROM archive")).scalar_one() == 0
        with (
            pytest.raises(DiskError, match=r"archive.sqlite .*writable for this user"),
            home.truth.begin() as connection,
        ):
            connection.execute(text("DELETE FROM archive"))


def test_other_users_of_the_machine_do_not_see_into_an_archive_or_its_copy(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home:
        backup(home, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "restored").close()
    for name in ("archive", "copy", "restored"):
        assert (tmp_path / name).stat().st_mode & 0o007 == 0, name


# ------------------------------------------------------------------------------------------------ locks


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
