"""``nianbao doctor`` finds what keeps an archive from working, and says the command that mends it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from storage.home import Home, init_home
from storage.observations import Observations
from storage.records import Look, LookOutcome, Run
from tests.played import nianbao


def told(what: str, archive: Path | None = None, **env: str) -> dict[str, str]:
    """What the command says of one thing."""
    rows = json.loads(nianbao("doctor", "--json", archive=archive, **env).out)
    return next(row for row in rows if row["what"] == what)  # type: ignore[no-any-return]


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
        assert told("clock", home.path)["state"] == "note"  # there is nothing to hold it against
        for portal in "abc":
            looked(home, portal, 900.0)
        row = told("clock", home.path)
        assert row["found"] == "the 3 portals visited last say that it is off by about 900 seconds"
        assert (row["state"], "timedatectl" in row["advice"]) == ("mend", True)
        looked(home, "d", 1.0)  # one agrees with us: it is the others
        assert told("clock", home.path)["state"] == "ok"
