"""Runs a probe in a process and a scratch archive of its own, with the locks and settings of the operator's archive."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crawler import portals
from crawler.errors import CrawlError
from crawler.net.guard import IMITATION
from crawler.onboarding.directory import ListedPlace, at_address
from crawler.onboarding.probe_process import RESULT, main
from crawler.onboarding.probe_results import Probe, read_probe
from crawler.onboarding.typed_addresses import address_of, scope_of
from crawler.processes import WorkerProcess
from crawler.spider import PortalSpider
from storage.home import Home
from storage.records import Note

_OF_ARCHIVES = frozenset({"NIANBAO_DATABASE_URL", "NIANBAO_PROJECTION_URL", "NIANBAO_BLOBS", "NIANBAO_BLOBS_ENDPOINT"})
_SHARED_SETTINGS = ("delay", "contact", "proxy_resolves", "browser", "render_seconds", "render_turns")
MAX_SECOND_WAY = 200  # requests of a probe that looks for a second way into a known portal
Progress = Callable[[Note], None]


def probe_portal(
    home: Home | None, url: str, *, known: ListedPlace | None = None, requests: int | None = None,
    progress: Progress | None = None,
) -> Probe:  # fmt: skip
    """Probe the portal at an address; return what was found.

    ``home``: the archive that gives the kind (real or imitation), the delay and the locks. ``known``: the place that
    has the portal; default: what the directory says. Raises :class:`CrawlError` if the probe could not be run.
    """
    address = address_of(url)
    portal_classes = portals.classes(home.path if home else None)
    owners = [portal_classes[name].cluster for name in portals.owners(address, portal_classes)]
    place = known or at_address(address)
    return _probe(home, progress, {
        "url": address, "hosts": scope_of(address), "cluster": next(filter(None, owners), None), "requests": requests,
        "place": (place.name, place.chain, place.code) if place else None, "search": False,
    })  # fmt: skip


def probe_second_way(home: Home, portal: type[PortalSpider], progress: Progress | None = None) -> Probe:
    """Probe a known portal from its first entrance, and by the site's search. Raises :class:`CrawlError`."""
    return _probe(home, progress, {
        "url": portal.entrances[0], "hosts": portal.hosts, "cluster": portal.cluster, "requests": MAX_SECOND_WAY,
        "place": (portal.place, portal.place, portal.division), "search": True,
    })  # fmt: skip


def _probe(home: Home | None, progress: Progress | None, wanted: Mapping[str, Any]) -> Probe:
    """Run a probe in a scratch archive; ``wanted``: see ``ProbeSpider``. Only a note if the imitation is off."""
    if home is not None and home.simulated and not (home.path / IMITATION).is_file():  # no imitation portals run
        return Probe(wanted["url"], notes=(Note("imitation_off", {"path": str(home.path)}),))
    with _scratch(home) as scratch:
        return read_probe(_run(scratch, wanted, home, progress))


@contextmanager
def _scratch(home: Home | None) -> Iterator[Path]:
    """Give a folder for one probe, in which the probe's process makes its archive."""
    with tempfile.TemporaryDirectory(prefix="nianbao-probe-", ignore_cleanup_errors=True) as made:
        scratch = Path(made)
        if home is not None:
            (home.path / "locks").mkdir(exist_ok=True)
            (scratch / "locks").symlink_to(home.path / "locks")
            if home.simulated:
                shutil.copyfile(home.path / IMITATION, scratch / IMITATION)
        yield scratch


def _run(scratch: Path, wanted: Mapping[str, Any], home: Home | None, progress: Progress | None) -> str:
    """Run the process of a probe; return its result."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_ARCHIVES}
    environment["NIANBAO_ARCHIVE"] = str(scratch / "archive")
    if home is not None:
        if not home.truth.is_sqlite:
            environment["NIANBAO_LOCKS_URL"] = home.config.locks_url or home.truth.url
        environment |= {f"NIANBAO_{name.upper()}": str(getattr(home.config, name)) for name in _SHARED_SETTINGS}
    asked = {**wanted, "simulated": home is not None and home.simulated}
    with WorkerProcess(main, asked, environment=environment) as process:
        failure = ""
        for event, note in process.events():
            if event == "error":
                failure = str(note.values["text"])
            elif progress is not None:
                progress(note)
        code = process.wait()
    if code or not (scratch / RESULT).is_file():
        text = re.sub(r"[^ -~一-龥]", " ", failure or process.last_error or f"exit code {code}")[:300]
        raise CrawlError(f"the probe could not be finished ({text})", code="probe.unfinished", text=text)
    return (scratch / RESULT).read_text(encoding="utf-8")
