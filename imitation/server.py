"""Serve the imitation portals on loopback: one server for all hosts, which the Host header distinguishes.

``ImitationPortals(folder)`` for tests and the demo; ``python -m imitation.server ARCHIVE`` for operators.
While it runs, ``imitation.json`` in the folder contains the address of each host.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from crawler.imitation_clock import FILE as INSTANT
from crawler.imitation_clock import read_instant, set_instant
from imitation import faults
from imitation.answers import Ask, ImitatedAnswer, not_found
from imitation.listener import LoopbackServer
from imitation.portals.all import sites
from imitation.portals.site import Site
from imitation.records import Fault, Scenario
from imitation.registry import register_agencies
from imitation.scenario import load
from storage.config import FILE as SETTINGS
from storage.errors import StorageError
from storage.home import open_home

MAP = "imitation.json"


@dataclass(frozen=True)
class Logged:
    """One request, for tests of politeness. ``clock``: monotonic real time, ``at``: the imitation's time."""

    at: datetime
    clock: float
    host: str
    path: str
    agent: str
    status: int


class ImitationPortals:
    """All portals of a scenario on one loopback port. Use as a context manager, or call ``start`` and ``stop``."""

    def __init__(self, folder: Path, scenario: Scenario | None = None, *, port: int = 0) -> None:
        self.folder = Path(folder)
        self.scenario = scenario or load()
        self.sites = sites(self.scenario)
        self.log: list[Logged] = []
        self.faults: list[Fault] = [fault for portal in self.scenario.portals for fault in portal.faults]
        self.serials = itertools.count(1)
        self._port = port
        self._server: LoopbackServer | None = None

    def __enter__(self) -> ImitationPortals:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> ImitationPortals:
        """Listen on 127.0.0.1, write ``imitation.json``, and register the agencies in the folder's archive, if any.

        Raises ValueError if that archive is a real one, and StorageError if it cannot be opened.
        """
        if (self.folder / SETTINGS).exists():
            with open_home(self.folder) as home:
                register_agencies(home, self.scenario)
        self._server = LoopbackServer(self, self._port)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="imitation", daemon=True).start()
        hosts = dict.fromkeys(sorted(self.sites), self.address)
        (self.folder / MAP).write_text(json.dumps({"hosts": hosts}, indent=1) + "\n", encoding="utf-8")
        return self

    def stop(self) -> None:
        """Stop listening and delete ``imitation.json``, so that nobody fetches from another program there."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        (self.folder / MAP).unlink(missing_ok=True)

    @property
    def address(self) -> str:
        """Return ``127.0.0.1:port``; RuntimeError before ``start``."""
        if self._server is None:
            raise RuntimeError("the imitation portals are not running; call start()")
        return f"127.0.0.1:{self._server.server_address[1]}"

    def set_now(self, instant: datetime | str) -> None:
        """Set the time on the portals; it runs on from there."""
        set_instant(self.folder, instant)

    def now(self) -> datetime:
        """Return the current time on the portals."""
        return read_instant(self.folder)

    def add_fault(
        self, *hosts: str, kind: str, path: str = "/", since: datetime | None = None, until: datetime | None = None
    ) -> None:
        """Switch on a misbehaviour (see ``faults.py``)."""
        if kind not in faults.SENT and kind not in faults.ANSWERS:
            raise ValueError(f"no fault {kind!r}; there are {sorted(faults.SENT | set(faults.ANSWERS))}")
        self.faults.append(Fault(hosts=hosts, kind=kind, path=path, since=since, until=until))

    def site(self, name: str) -> Site:
        """Return the site of the portal with this name, for addresses of its reports."""
        return self.sites[self.scenario.portal(name).hosts[0]]

    def ask(self, host: str, target: str, headers: dict[str, str], form: str | None = None) -> Ask:
        """Return a request as portals see it; ``form``: the body of a POST."""
        parts = urlsplit("//h" + target if target.startswith("/") else target)
        return Ask(host=host, path=parts.path or "/", query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                   headers=headers, now=self.now(), serial=next(self.serials),
                   form=None if form is None else dict(parse_qsl(form, keep_blank_values=True)))  # fmt: skip

    def note(self, ask: Ask, target: str, agent: str, status: int) -> None:
        """Log a request; ``status`` 0 means that nothing was answered."""
        self.log.append(Logged(ask.now, time.monotonic(), ask.host, target, agent, status))

    def answer(self, ask: Ask) -> tuple[ImitatedAnswer, str]:
        """Return the answer, and the fault in how it is sent ("" for none)."""
        site = self.sites.get(ask.host)
        fault = next((f.kind for f in reversed(self.faults) if f.holds(ask.host, ask.path, ask.now)), "")
        if fault == "down" or site is None:
            return not_found(), fault
        answer = site.answer(ask)
        return (faults.apply(fault, ask, answer) if fault else answer), fault


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted. Return 2 if the folder is not an imitation archive."""
    parser = argparse.ArgumentParser(
        prog="python -m imitation.server", description="Serve the imitation portals on loopback."
    )
    parser.add_argument("archive", type=Path, help="an archive made by `nianbao init --imitation`")
    parser.add_argument(
        "--now",
        default=os.environ.get("NIANBAO_NOW"),
        help="the instant on the portals, e.g. 2026-02-01T09:00:00+08:00",
    )
    options = parser.parse_args(argv)
    try:
        open_home(options.archive).close()
        portals = ImitationPortals(options.archive.absolute())
        if options.now:
            portals.set_now(options.now)
        portals.start()
    except (StorageError, ValueError) as error:
        sys.stderr.write(f"imitation: {error}\n")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(_greeting_text(portals))
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        sys.stdout.write("stopped\n")
    finally:
        portals.stop()
    return 0


def _greeting_text(portals: ImitationPortals) -> str:
    lines = [f"Imitation portals on {portals.address}; on them it is {portals.now():%Y-%m-%d %H:%M %Z}."]
    for portal in portals.scenario.portals:
        site = portals.site(portal.name)
        lines += [f"  {portal.name:<10} {site.column_url(column.key)}  {column.title}" for column in portal.columns]
    lines.append(f"Another day: echo 2026-02-09T09:00:00+08:00 > {portals.folder / INSTANT}. Stop with Ctrl-C.")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    raise SystemExit(main())
