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
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from crawler import portals
from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts, literal_address
from crawler.onboarding.directory import Place, at_address
from crawler.onboarding.recording import Recording, read_recording
from crawler.processes import WorkerProcess
from storage.home import Home
from storage.records import ListingForm, LookOutcome, Note

IMITATION = "imitation.json"
REQUEST, RESULT, RECORDED = "probe-request.json", "probe.json", "recorded"
SAYS = "probe: "  # begins the lines of a probe's process that are notes for who waits
_DOUBTS = 2  # of a verdict
_LIMITS = frozenset({"walk_limit_requests", "walk_limit_columns"})
_SUFFIXES = frozenset({"gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "cn", "com", "org", "net"})
Progress = Callable[[Note], None]


@dataclass(frozen=True, slots=True)
class ProbedListing:
    """A listing that was found. ``why``: how (``label``, ``heading`` …); ``outcome`` and ``reason``: how the look at
    it ended.

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
    whose: Note | None = None
    reports: int = 0
    items: int = 0
    outcome: str = ""
    reason: str = ""

    @property
    def read(self) -> str:
        """How far it was read: ``to_end``, ``empty`` (to its end, and no report was there), ``by_script``, ``in_part``,
        ``unanswered``; ``addressed``: a report answered at an address made so.
        """
        if self.form == ListingForm.ADDRESSED:
            return "addressed"
        if self.outcome == LookOutcome.OK:
            return "to_end" if self.reports else "empty"
        if self.outcome == LookOutcome.SCRIPT_ONLY and self.reason == "scripts_make_the_list":
            return "by_script"
        return "unanswered" if self.outcome == LookOutcome.UNREACHABLE else "in_part"

    @property
    def is_sure(self) -> bool:
        """Whether its own label calls it a column of reports, and it was read to its end."""
        return self.why == "label" and self.read in {"to_end", "addressed"}

    @property
    def certainty(self) -> Note:
        """How it was found, and how far it was read."""
        return Note(f"list_{self.read}", {"found": self.why, "reason": self.reason or self.outcome})


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
    reason (a code). ``understood``: whether there is anything to write; ``verdict``: how sure that is.
    """

    url: str
    hosts: tuple[str, ...] = ()
    family: str = ""
    family_why: tuple[Note, ...] = ()
    place: str = ""
    place_why: Note | None = None
    division: str | None = None
    division_why: Note | None = None
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
    ended: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()

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
        return any(note.code in _LIMITS for note in self.ended)

    @property
    def verdict(self) -> tuple[Note, ...]:
        """How sure it is."""
        if not self.listings:
            why = [note for at, note in enumerate(self.notes) if note not in self.notes[:at]] or [Note("nothing_leads")]
            plain = [note.plain for note in why]
            if not self.seen:
                return (Note("not_reached", {"notes": plain}), Note("try_a_browser"))
            seen = Note("pages_seen", {"number": len(self.seen), "requests": self.requests})
            return (Note("not_understood", {"notes": plain}), seen)
        read = sum(listing.outcome == "ok" for listing in self.listings)
        counted = {"number": read, "total": len(self.listings), "reports": len(self.leads)}
        doubts = [doubt_of(one) for one in self.listings if not one.is_sure]
        doubts += self.maybe_more
        more = len(doubts) - _DOUBTS
        shown = (*doubts[:_DOUBTS], *([Note("more_doubts", {"number": more})] if more > 0 else []))
        return (Note("lists_read", counted), *shown)

    @property
    def maybe_more(self) -> tuple[Note, ...]:
        """That there may be more, where a limit ended the walk."""
        return (Note("maybe_more", {"notes": [note.plain for note in self.ended]}),) if self.stopped else ()


def doubt_of(listing: ProbedListing) -> Note:
    """What is said against a listing."""
    return Note("list_doubted", {"title": listing.title or listing.url, "why": listing.certainty.plain})


def probe_text(found: Probe) -> str:
    """A probe as JSON."""
    return _coder().dump_json(found).decode()


def read_probe(text: str) -> Probe:
    """Return the probe that :func:`probe_text` wrote."""
    return _coder().validate_python(json.loads(text))


@cache
def _coder() -> TypeAdapter[Probe]:
    return TypeAdapter(Probe)


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
        code, why = "portal.refused", reason
        if reason == "private_address":
            code, why = "portal.private_address", "it is not on the public web"
        elif reason == "scheme":
            code, why = "portal.scheme", "only http and https are asked"
        raise CrawlError(f"{text!r} will not be asked: {why}", code=code, text=text, reason=reason)
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
        if portal.cluster and AllowedHosts(tuple(portal.hosts)).refusal(url) is None:
            return portal.cluster
    return None


@contextmanager
def probed(
    home: Home | None,
    url: str,
    *,
    known: Place | None = None,
    requests: int | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Probe, Path]]:
    """Probe a portal; gives what was found, and the folder of what was recorded, until the block ends.

    ``home``: the archive whose sort (real, imitation), delay and locks hold. ``known``: whose portal it is, else whose
    the directory says that it is. Raises :class:`CrawlError` with a sentence where the probe could not be done at all.
    """
    address = address_of(url)
    if home is not None and home.simulated and not (home.path / IMITATION).is_file():
        yield Probe(address, notes=(Note("imitation_off", {"path": str(home.path)}),)), Path()
        return
    cluster = cluster_of(address, home.path if home else None)
    wanted = {"url": address, "hosts": scope_of(address), "cluster": cluster, "requests": requests}
    with _scratch(home, wanted) as scratch:
        _run(scratch / "archive", home, progress)
        found = read_probe((scratch / RESULT).read_text(encoding="utf-8"))
        known = known or at_address(address)
        yield found if known is None else _placed(found, known), scratch / RECORDED


def _placed(found: Probe, one: Place) -> Probe:
    """A probe with the place and division that the directory gives, where the site itself does not say another."""
    if found.place and found.place != one.name:
        return found
    why = Note("place_directory", {"name": one.chain})
    if not found.place:
        found = replace(found, place=one.name, place_why=why)
    return replace(found, division=one.code, division_why=why) if one.code not in {"", found.division} else found


@dataclass(frozen=True, slots=True)
class FreshLook:
    """A fresh look: ``leads``, how the look at each listing ended, and why lists that scripts make were not read.
    ``recording``: what was seen, where that was asked for.
    """

    leads: list[dict[str, Any]]
    looks: dict[str, tuple[LookOutcome, str]]
    unrendered: Note | None
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
        message = f"the imitation portals of {home.path} are not running"
        raise CrawlError(message, code="probe.imitation_off", path=home.path)
    with _scratch(home, {"slug": slug, "without": sorted(without), "record": record}) as scratch:
        for suffix in ("py", "csv"):
            source = next(home.portals_dir.rglob(f"{slug}.{suffix}"), None)
            if source is None:
                message = f"{slug}.{suffix} does not lie in {home.portals_dir}"
                raise CrawlError(message, code="probe.no_file", name=f"{slug}.{suffix}", folder=home.portals_dir)
            shutil.copyfile(source, scratch / f"{slug}.{suffix}")
        _run(scratch / "archive", home, progress)
        told = json.loads((scratch / RESULT).read_text(encoding="utf-8"))
        recording = read_recording(scratch / RECORDED) if record else None
    looks = {key: (LookOutcome(said[0]), said[1]) for key, said in told["looks"].items()}
    unrendered = Note.of(told["unrendered"]) if told["unrendered"] is not None else None
    return FreshLook(told["leads"], looks, unrendered, recording)


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
            if not line.startswith(SAYS):
                failure = line.strip() or failure
            elif progress is not None:
                progress(Note.of(json.loads(line.removeprefix(SAYS))))
        code = process.wait()
    if code or not (archive.parent / RESULT).is_file():
        said = failure or process.last_error or f"exit code {code}"
        text = re.sub(r"[^ -~一-龥]", " ", said)[:300]
        raise CrawlError(f"the probe could not be finished ({text})", code="probe.unfinished", text=text)
