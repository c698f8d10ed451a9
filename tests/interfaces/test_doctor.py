"""``nianbao doctor`` finds what keeps an archive from working, and says the command that mends it."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from archive.interfaces.doctor import Check, _clock, _port
from storage.home import Home, init_home
from storage.observations import Observations
from storage.records import Look, LookOutcome, Run


def looked(home: Home, portal: str, skew: float) -> None:
    now = home.clock.now() - timedelta(hours=1)
    Observations(home).start_run(Run(id=portal, portal=portal, purpose="crawl", started=now))
    Observations(home).add_look(
        Look(
            id=f"look-{portal}", run=portal, portal=portal, listing=f"{portal}:nb", started=now, finished=now,
            outcome=LookOutcome.OK, clock_skew=skew,
        )
    )  # fmt: skip


def test_a_clock_against_which_all_portals_agree_is_to_be_set(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home:
        assert _clock(home).state == "ok"
        for portal in "abc":
            looked(home, portal, 900.0)
        told = _clock(home)
        assert (told.state, told.found) == ("mend", "the 3 portals asked last say that it is off by about 900 seconds")
        assert "timedatectl" in told.advice
        looked(home, "d", 1.0)  # one agrees with us: it is the others
        assert _clock(home).state == "ok"


@pytest.mark.parametrize("free", [True, False])
def test_a_port_that_another_program_holds_is_told(free: bool) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{held.getsockname()[1]}"
        if not free:
            held.listen()
        found: Check = _port(listen)
    assert found.state == ("ok" if free else "mend")
