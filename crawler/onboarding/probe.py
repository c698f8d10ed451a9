"""A portal nobody knows yet: what a probe found there, and starting one in a scratch archive.

The probe itself (``probing/``) is a crawl in a process of its own, with the same session, guard, robots rules and
delays as any; the locks of the machines asked are those of the given archive. What it fetched lies in the scratch
archive, what of it is worth keeping is the portal's recording.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler import portals
from crawler.errors import CrawlError
from crawler.net.guard import Territory, literal_address
from crawler.onboarding.recording import Recording, read_recording
from crawler.processes import WorkerProcess
from storage.home import Home
from storage.records import LookOutcome

IMITATION = "imitation.json"
REQUEST, RESULT, RECORDED = "probe-request.json", "probe.json", "recorded"
NOT_REACHED = "not reached: "  # how the sentence begins where no page was shown
_SUFFIXES = frozenset({"gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "cn", "com", "org", "net"})
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ProbedListing:
    """A listing that was found. ``sure``: how, in words; ``outcome`` and ``reason``: how the look at it ended.

    ``agency``: the one body whose column it is ("" if of several), ``covers``: kinds its label says; ``whose``: why.
    ``year``: the one reporting year that its label names and all its reports have. ``form``: a value of ListingForm.
    """

    url: str
    title: str
    form: str = "column"
    why: str = ""
    way: tuple[str, ...] = ()
    agency: str = ""
    year: int | None = None
    covers: tuple[str, ...] = ()
    whose: str = ""
    reports: int = 0
    items: int = 0
    outcome: str = ""
    reason: str = ""
    sure: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether nothing is said against it."""
        return ", but " not in self.sure


@dataclass(frozen=True, slots=True)
class ProbedAgency:
    """A body that was found: its kind in English, its code in addresses ("" if none), the page that attests it, and
    the shorter names under which it stands there too. ``guessed``: only the name of a file on that page attests it.
    """

    name: str
    kind: str
    code: str = ""
    source: str = ""
    aliases: tuple[str, ...] = ()
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe found. ``leads``: ``title, url, agency, year, listing``; ``refused`` and ``unread``: address, label,
    reason. ``understood``: whether there is anything to write; ``sentence``: how sure, in words.
    """

    url: str
    hosts: tuple[str, ...] = ()
    family: str = ""
    family_why: str = ""
    place: str = ""
    place_why: str = ""
    division: str | None = None
    division_why: str = ""
    cluster: str | None = None
    listings: tuple[ProbedListing, ...] = ()
    entrances: tuple[str, ...] = ()
    agencies: tuple[ProbedAgency, ...] = ()
    leads: tuple[dict[str, Any], ...] = ()
    first_year: int = 2008
    refused: tuple[tuple[str, str, str], ...] = ()
    unread: tuple[tuple[str, str, str], ...] = ()
    seen: tuple[tuple[str, str], ...] = ()
    requests: int = 0
    ended: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def understood(self) -> bool:
        """Whether any listing was found."""
        return bool(self.listings)

    @property
    def is_sure(self) -> bool:
        """Whether every listing was found by its own label and read to its end."""
        return self.understood and not self.stopped and all(listing.is_sure for listing in self.listings)

    @property
    def stopped(self) -> bool:
        """Whether a limit ended the walk, so that there may be more."""
        return " limit " in self.ended

    @property
    def sentence(self) -> str:
        """How sure it is, in words."""
        if not self.listings:
            why = "; ".join(dict.fromkeys(self.notes)) or "nothing there leads to a column of annual reports"
            if not self.seen:
                return f"{NOT_REACHED}{why}; does a browser show that address, by http or https?"
            return f"not understood: {why}; {len(self.seen)} pages seen with {self.requests} requests"
        read = sum(listing.outcome == "ok" for listing in self.listings)
        text = f"{read} of {len(self.listings)} listings found and read to their end, {len(self.leads)} reports"
        doubts = [f"{one.title or one.url}: {one.sure}" for one in self.listings if not one.is_sure]
        doubts += [f"there may be more: {self.ended}"] if self.stopped else []
        more = f" and {len(doubts) - 2} more" if len(doubts) > 2 else ""
        return text + (f"; {'; '.join(doubts[:2])}{more}" if doubts else "")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as ``--json`` prints them."""
        return {**asdict(self), "understood": self.understood, "sure": self.is_sure, "sentence": self.sentence}


def read_probe(text: str) -> Probe:
    """Return the probe that :func:`Probe.to_dict` wrote as JSON."""
    row = json.loads(text)
    known = {name: row[name] for name in Probe.__dataclass_fields__ if name in row}
    for name in ("hosts", "entrances", "leads", "notes"):
        known[name] = tuple(known[name])
    for name in ("refused", "unread", "seen"):
        known[name] = tuple(tuple(entry) for entry in known[name])
    known["listings"] = tuple(
        ProbedListing(**{**entry, "way": tuple(entry["way"]), "covers": tuple(entry["covers"])})
        for entry in known["listings"]
    )
    known["agencies"] = tuple(
        ProbedAgency(**{**entry, "aliases": tuple(entry["aliases"])}) for entry in known["agencies"]
    )
    return Probe(**known)


def address_of(text: str) -> str:
    """Return what an operator typed as an address; raises :class:`CrawlError` for what is none, or leads inside."""
    url = text.strip() if "://" in text else f"http://{text.strip()}"
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
        reason = Territory(scope_of(url)).refusal(url)
    except ValueError:
        host, reason = "", "odd_address"
    if not host or ("." not in host and literal_address(host) is None):
        message = f"{text!r} is no address of a portal; give one such as http://www.wenshang.gov.cn/"
        raise CrawlError(message, code="portal.no_address", text=text)
    if reason:
        said = {"private_address": "it is not on the public web", "scheme": "only http and https are asked"}
        code = f"portal.{reason}" if reason in said else "portal.refused"
        raise CrawlError(f"{text!r} will not be asked: {said.get(reason, reason)}", code=code, text=text, reason=reason)
    return url if urlsplit(url).path else f"{url}/"


def scope_of(url: str) -> tuple[str, ...]:
    """Return the hosts that a probe of ``url`` may ask: the host, its name without ``www.``, its sub-domains."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    tail = f":{port}" if port is not None and port not in {80, 443} else ""
    if literal_address(host) is not None:
        return (host + tail,)
    plain = host.removeprefix("www.")
    if plain in _SUFFIXES or plain.count(".") < 1:
        return (host + tail,)
    return tuple(dict.fromkeys((host + tail, plain + tail, f".{plain}{tail}")))


def cluster_of(url: str, archive: Path | None) -> str | None:
    """Return the cluster of a known portal on the same hosts, so that its rate is shared; None without one."""
    for portal in portals.classes(archive).values():
        if portal.cluster and Territory(tuple(portal.hosts)).refusal(url) is None:
            return portal.cluster
    return None


@contextmanager
def probed(
    home: Home | None, url: str, *, requests: int | None = None, progress: Progress | None = None
) -> Iterator[tuple[Probe, Path]]:
    """Probe a portal; gives what was found, and the folder of what was recorded, until the block ends.

    ``home``: the archive whose sort (real, imitation), delay and locks hold. Raises :class:`CrawlError` with a
    sentence where the probe could not be done at all.
    """
    address = address_of(url)
    if home is not None and home.simulated and not (home.path / IMITATION).is_file():
        yield Probe(address, notes=(f"the imitation portals of {home.path} are not running",)), Path()
        return
    cluster = cluster_of(address, home.path if home else None)
    wanted = {"url": address, "hosts": scope_of(address), "cluster": cluster, "requests": requests}
    with _scratch(home, wanted) as scratch:
        _run(scratch / "archive", home, progress)
        yield read_probe((scratch / RESULT).read_text(encoding="utf-8")), scratch / RECORDED


@dataclass(frozen=True, slots=True)
class FreshLook:
    """A fresh look: ``leads``, how the look at each listing ended, and why lists that scripts make were not read.
    ``recording``: what was seen, where that was asked for.
    """

    leads: list[dict[str, Any]]
    looks: dict[str, tuple[LookOutcome, str]]
    unrendered: str
    recording: Recording | None = None


def looked_at(
    home: Home,
    slug: str,
    *,
    progress: Progress | None = None,
    without: Collection[str] = (),
    record: bool = False,
) -> FreshLook:
    """Look at the columns of a portal of an archive afresh, in a scratch archive. Raises :class:`CrawlError`.

    ``without``: ids of listings that have ended.
    """
    if home.simulated and not (home.path / IMITATION).is_file():
        raise CrawlError(f"the imitation portals of {home.path} are not running")
    with _scratch(home, {"slug": slug, "without": sorted(without), "record": record}) as scratch:
        for suffix in ("py", "csv"):
            source = next(home.portals_dir.rglob(f"{slug}.{suffix}"), None)
            if source is None:
                raise CrawlError(f"{slug}.{suffix} does not lie in {home.portals_dir}")
            shutil.copyfile(source, scratch / f"{slug}.{suffix}")
        _run(scratch / "archive", home, progress)
        told = json.loads((scratch / RESULT).read_text(encoding="utf-8"))
        recording = read_recording(scratch / RECORDED) if record else None
    looks = {key: (LookOutcome(said[0]), said[1]) for key, said in told["looks"].items()}
    return FreshLook(told["leads"], looks, told["unrendered"], recording)


@contextmanager
def _scratch(home: Home | None, wanted: dict[str, Any]) -> Iterator[Path]:
    """A folder for one probe; its archive is made by the probe's own process."""
    scratch = Path(tempfile.mkdtemp(prefix="nianbao-probe-"))
    try:
        wanted["simulated"] = home is not None and home.simulated
        (scratch / REQUEST).write_text(json.dumps(wanted), encoding="utf-8")
        if home is not None:
            (home.path / "locks").mkdir(exist_ok=True)
            (scratch / "locks").symlink_to(home.path / "locks")
            if home.simulated:
                shutil.copyfile(home.path / IMITATION, scratch / IMITATION)
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _probe() -> int:
    """Run in the probe's process."""
    return int(import_module("crawler.onboarding.probing.__main__").main())  # by name, as it imports this module


_OF_ARCHIVES = frozenset({"NIANBAO_DATABASE_URL", "NIANBAO_PROJECTION_URL", "NIANBAO_BLOBS", "NIANBAO_BLOBS_ENDPOINT"})


def _run(archive: Path, home: Home | None, progress: Progress | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_ARCHIVES}
    environment["NIANBAO_ARCHIVE"] = str(archive)
    if home is not None:
        if not home.truth.is_sqlite:
            environment["NIANBAO_LOCKS_URL"] = home.config.locks_url or home.truth.url
        environment["NIANBAO_DELAY"] = str(home.config.delay)
        environment["NIANBAO_CONTACT"] = home.config.contact
        environment["NIANBAO_PROXY_RESOLVES"] = str(home.config.proxy_resolves)
        environment["NIANBAO_BROWSER"] = home.config.browser
        environment["NIANBAO_RENDER_SECONDS"] = str(home.config.render_seconds)
        environment["NIANBAO_RENDER_TURNS"] = str(home.config.render_turns)
    with WorkerProcess(_probe, environment=environment) as process:
        failure = ""
        for line in process.lines:
            if not line.startswith("probe: "):
                failure = line.strip() or failure
            elif progress is not None:
                progress(line.removeprefix("probe: ").rstrip())
        code = process.wait()
    if code or not (archive.parent / RESULT).is_file():
        said = failure or process.last_error or f"exit code {code}"
        raise CrawlError(f"the probe could not be finished ({re.sub(r'[^ -~一-龥]', ' ', said)[:300]})")
