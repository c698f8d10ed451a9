"""Starting a probe: in a process and a scratch archive of its own, with the locks and the settings of the archive."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler import portals
from crawler.errors import CrawlError
from crawler.net.guard import IMITATION, AllowedHosts, literal_address
from crawler.onboarding.directory import Place, at_address
from crawler.onboarding.probe_process import RECORDED, RESULT, main
from crawler.onboarding.probe_results import PORTAL_VIEW, PortalView, Probe, read_probe
from crawler.processes import WorkerProcess
from storage.home import Home
from storage.records import Note

_SUFFIXES = frozenset({"gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "cn", "com", "org", "net"})
_OF_ARCHIVES = frozenset({"NIANBAO_DATABASE_URL", "NIANBAO_PROJECTION_URL", "NIANBAO_BLOBS", "NIANBAO_BLOBS_ENDPOINT"})
_SHARED_SETTINGS = ("delay", "contact", "proxy_resolves", "browser", "render_seconds", "render_turns")
Progress = Callable[[Note], None]


def address_of(text: str) -> str:
    """Return what an operator typed as an address; raises :class:`CrawlError` for what is none, or leads inside."""
    url = text.strip() if "://" in text else f"http://{text.strip()}"
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
        reason = AllowedHosts(scope_of(url)).refusal(url)
    except ValueError:
        host, reason = "", "odd_address"
    if not host or ("." not in host and literal_address(host) is None):
        message = f"{text!r} is no address of a portal; give one such as http://www.wenshang.gov.cn/"
        raise CrawlError(message, code="portal.no_address", text=text)
    if reason:
        code, why = {
            "private_address": ("portal.private_address", "it is not on the public web"),
            "scheme": ("portal.scheme", "only http and https are asked"),
        }.get(reason, ("portal.refused", reason))
        raise CrawlError(f"{text!r} will not be asked: {why}", code=code, text=text, reason=reason)
    return url if urlsplit(url).path else f"{url}/"


def scope_of(url: str) -> tuple[str, ...]:
    """Return the hosts that a probe of ``url`` may ask: the host, its name without ``www.``, its sub-domains."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    tail = f":{port}" if port is not None and port not in {80, 443} else ""
    plain = host.removeprefix("www.")
    if literal_address(host) is not None or plain in _SUFFIXES or plain.count(".") < 1:
        return (host + tail,)
    return tuple(dict.fromkeys((host + tail, plain + tail, f".{plain}{tail}")))


@contextmanager
def probed(
    home: Home | None, url: str, *, known: Place | None = None, requests: int | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Probe, Path]]:  # fmt: skip
    """Probe a portal; gives what was found, and the folder of what was recorded, until the block ends.

    ``home``: the archive whose sort (real, imitation), delay and locks hold. ``known``: whose portal it is, else whose
    the directory says that it is. Raises :class:`CrawlError` with a sentence where the probe could not be done at all.
    """
    address = address_of(url)
    if home is not None and not _is_played(home):
        yield Probe(address, notes=(Note("imitation_off", {"path": str(home.path)}),)), Path()
        return
    held = portals.classes(home.path if home else None).values()
    shared = (one.cluster for one in held if one.cluster and AllowedHosts(tuple(one.hosts)).refusal(address) is None)
    place = known or at_address(address)
    wanted = {
        "url": address, "hosts": scope_of(address), "cluster": next(shared, None), "requests": requests,
        "place": (place.name, place.chain, place.code) if place else None,
    }  # fmt: skip
    with _scratch(home) as scratch:
        yield read_probe(_run(scratch, wanted, home, progress)), scratch / RECORDED


def view_portal(
    home: Home,
    slug: str,
    *,
    without: Collection[str] = (),
    with_second_way: bool = False,
    progress: Progress | None = None,
) -> PortalView:
    """Look at the columns of a portal of an archive, without keeping what is seen.

    ``without``: ids of listings that have ended; ``with_second_way``: look for its reports in another way too. Raises
    :class:`CrawlError`.
    """
    if not _is_played(home):
        message = f"the imitation portals of {home.path} are not running"
        raise CrawlError(message, code="probe.imitation_off", path=home.path)
    with _scratch(home) as scratch:
        for suffix in ("py", "csv"):
            source = next(home.portals_dir.rglob(f"{slug}.{suffix}"), None)
            if source is None:
                message = f"{slug}.{suffix} does not lie in {home.portals_dir}"
                raise CrawlError(message, code="probe.no_file", name=f"{slug}.{suffix}", folder=home.portals_dir)
            shutil.copyfile(source, scratch / f"{slug}.{suffix}")
        wanted = {"slug": slug, "without": sorted(without), "with_second_way": with_second_way}
        return PORTAL_VIEW.validate_json(_run(scratch, wanted, home, progress))


def _is_played(home: Home) -> bool:
    """Whether the portals of an archive can be asked: those of an imitation archive only while they are played."""
    return not home.simulated or (home.path / IMITATION).is_file()


@contextmanager
def _scratch(home: Home | None) -> Iterator[Path]:
    """A folder for one probe; its archive is made by the probe's own process."""
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
