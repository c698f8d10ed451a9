"""The instant a question is asked for."""

from __future__ import annotations

from datetime import datetime

from storage.home import Home
from storage.observations import Observations


def asked_at(home: Home, as_of: datetime | None) -> datetime:
    """``as_of``, or now.

    In an imitation archive NIANBAO_NOW starts the clock anew with every command, so that a question may be asked
    seconds before what the command before it recorded; now is then the newest of that.
    """
    if as_of is not None:
        return as_of
    now = home.clock.now()
    if not home.simulated:
        return now
    observed = Observations(home)
    runs = (run.finished or run.started for run in observed.runs())
    return max([now, *runs, *(ruling.made_at for ruling in observed.rulings())])
