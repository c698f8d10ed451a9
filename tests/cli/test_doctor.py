"""``nianbao doctor`` finds what keeps an archive from working, and says the command that mends it."""

from __future__ import annotations

import gzip
import random
import shutil
import socket
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from archive.forms.indicators import indicator_digits
from nianbao.cli.commands.doctor import _answers, _browser, _clock, _proxy, unreadable
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Look, LookOutcome, Run
from tests.played import nianbao
from tests.storage.storage_damaging import spoil


def looked(home: Home, portal: str, skew: float, *, hours: float = -1) -> None:
    now = home.clock.now() + timedelta(hours=hours)
    Observations(home).start_run(Run(id=portal, portal=portal, purpose="crawl", started=now))
    Observations(home).add_look(
        Look(
            id=f"look-{portal}", run=portal, portal=portal, listing=f"{portal}:nb", started=now, finished=now,
            outcome=LookOutcome.OK, clock_skew=skew,
        )
    )  # fmt: skip


def test_a_clock_against_which_all_portals_agree_is_to_be_set(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home:
        assert _clock(home).state == "note"  # there is nothing to hold it against
        for portal in "abc":
            looked(home, portal, 900.0)
        told = _clock(home)
        assert (told.state, told.found) == ("mend", "the 3 portals asked last tell that it is off by about 900 seconds")
        assert "timedatectl" in told.advice
        looked(home, "d", 1.0)  # one agrees with us: it is the others
        assert _clock(home).state == "ok"


def test_a_clock_that_was_ahead_is_to_be_set_until_a_portal_asked_since_agrees_with_it(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home:
        looked(home, "a", 1.0, hours=100)  # it agreed then: now it is behind, or both were ahead
        told = _clock(home)
        assert (told.state, "later than now" in told.found, "nianbao crawl" in told.advice) == ("mend", True, True)
        looked(home, "b", 400_000.0, hours=101)
        assert _clock(home).state == "mend"
        looked(home, "c", 1.0)
        told = _clock(home)
        assert (told.state, told.advice) == ("note", "")
        assert "it was ahead then" in told.found


@pytest.mark.parametrize(
    ("setting", "state", "found"),
    [
        ("none", "note", "none, by the setting browser: lists made by scripts are not read"),
        ("/no/such", "mend", "the setting browser names /no/such, which is no program"),
        ("sh", "ok", shutil.which("sh")),
    ],
)
def test_the_browser_that_is_set_is_the_one_that_is_looked_for(setting: str, state: str, found: str) -> None:
    told = _browser(setting)
    assert (told.state, told.found) == (state, found)


def test_a_proxy_at_which_nobody_answers_is_told() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{held.getsockname()[1]}"
        told = _proxy("http_proxy", address)
        assert (told.state, "unset http_proxy" in told.advice) == ("mend", True)
        held.listen()
        assert _proxy("http_proxy", address).state == "ok"
    assert _proxy("http_proxy", "http://[").state == "mend"


def test_a_file_that_cannot_be_inflated_is_told(tmp_path: Path) -> None:
    whole, hurt, cut = (tmp_path / name for name in ("a.warc.gz", "b.warc.gz", "c.warc.gz"))
    data = gzip.compress(random.Random(1).randbytes(9_000))
    whole.write_bytes(data * 2)
    hurt.write_bytes(data[:5_000] + bytes([data[5_000] ^ 1]) + data[5_001:])
    cut.write_bytes(data[:-20])
    told = [*unreadable([whole, hurt, cut], tmp_path)]
    assert [line.split()[3] for line in told] == ["b.warc.gz", "c.warc.gz"]
    assert [*unreadable([whole, hurt, cut], tmp_path, most=1)] == []  # not read so far


def test_projections_of_another_version_are_told_with_the_command_of_the_upgrade_guide(tmp_path: Path) -> None:
    init_home(tmp_path / "archive").close()
    with open_home(tmp_path / "archive") as home:
        assert _answers(home).state == "ok"
    with open_home(tmp_path / "archive") as home:
        with closing(ProjectionStore(home, indicator_digits())) as store:
            store.set_meta("schema", "of old")
        told = _answers(home)
    assert (told.state, told.advice) == ("mend", "nianbao rebuild")
    assert "another version" in told.found


def test_a_damaged_database_is_told_with_the_way_back_and_nothing_else_is_done(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home:
        looked(home, "a", 1.0)
        spoil(home)
    told = nianbao("doctor", archive=tmp_path / "archive")
    assert told.code == 1
    assert "the database is damaged (" in told.out
    assert "nianbao restore COPY NEW-FOLDER" in told.out
    for command in (["backup", str(tmp_path / "copy")], ["seal"], ["verify"], ["warc", "check"]):
        refused = nianbao(*command, archive=tmp_path / "archive")
        assert refused.code == 3, command
        assert "is damaged (" in refused.err
        assert "nianbao restore COPY NEW-FOLDER" in refused.err
