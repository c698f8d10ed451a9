"""``doctor``: what is configured, what works, and what to do about the rest."""

from __future__ import annotations

import getpass
import gzip
import importlib.util
import os
import shutil
import socket
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from archive.documents.scan import recognition
from archive.interfaces import common
from archive.interfaces.output import Column, chosen, emit
from archive.interfaces.replaying import find_replay
from archive.projection.confinement import calls_confined, files_confined
from archive.projection.update import waiting
from archive.queries.keeping import runs
from archive.queries.stored import opened
from storage.backup import lacking
from storage.clocks import AGREE, agreed_last, latest_by, our_clock
from storage.cut_runs import CUT, CutRun, end_cut_runs
from storage.errors import DamagedError, DiskError, StorageError
from storage.home import Home, HomeError, open_home
from storage.mending import Mended, mend
from storage.records import MOST_SKEW
from storage.vitals import Vitals

_LOW_DISK = 2 << 30
_LONG_ANSWER = 1 << 16
_SECONDS = 3.0  # for a connection
_SET_CLOCK = "timedatectl set-ntp true, then nianbao crawl PORTAL: until one agrees, nothing is crawled and sealed"
_READ = 64 << 20  # bytes of the newest WARC files that are read through
_LATELY = timedelta(days=7)
_EXTRAS = {
    "imitation": ("docx", "reportlab", "xlsxwriter", "xlwt"),
    "browser": ("playwright",),
    "web": ("fastapi",),
    "cluster": ("procrastinate", "psycopg"),
    "exports": ("pyarrow", "xlsxwriter"),
    "frames": ("pandas", "polars"),
}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``state``: ``ok``, ``note`` (nothing to do unless wanted), ``mend``; ``advice`` says how."""

    what: str
    state: str
    found: str
    advice: str = ""


def doctor(
    archive: common.ArchiveOption = None, as_json: common.JsonOption = False, as_csv: common.CsvOption = False
) -> None:
    """Look the installation and the archive over, and say for each fault the command that mends it."""
    checks = [*_machine(), *_archive(archive)]
    rows: list[dict[str, object]] = [
        {"what": c.what, "state": c.state, "found": c.found, "advice": c.advice} for c in checks
    ]
    emit(rows, tuple(Column(key, key, wrap=key in {"found", "advice"}) for key in rows[0]), chosen(as_json, as_csv))
    common.attention(any(c.state == "mend" for c in checks))


def _machine() -> Iterator[Check]:
    for extra, modules in _EXTRAS.items():
        absent = [name for name in modules if importlib.util.find_spec(name) is None]
        found = f"without {', '.join(absent)}" if absent else "installed"
        yield Check(
            f"extra {extra}", "note" if absent else "ok", found, f"pip install 'nianbao[{extra}]'" if absent else ""
        )
    why_not = recognition()
    yield Check(
        "recognition of scans",
        "mend" if why_not else "ok",
        why_not or "models installed",
        "pip install --force-reinstall rapidocr onnxruntime" if why_not else "",
    )
    open_ = [what for what, shut in (("files", files_confined()), ("connections", calls_confined())) if not shut]
    yield Check(
        "reading process",
        "note" if open_ else "ok",
        f"this system does not keep it from {' and '.join(open_)}" if open_ else "confined",
        "a Linux kernel with Landlock, and: apt-get install libseccomp2" if open_ else "",
    )
    pywb = find_replay(os.environ.get("NIANBAO_REPLAY", ""))
    yield Check("replay", "ok" if pywb else "note", str(pywb or "none"), "" if pywb else "make setup-replay")
    fonts = _chinese_fonts()
    yield Check(
        "Chinese fonts", "ok" if fonts else "note", fonts or "none", "" if fonts else "apt-get install fonts-noto-cjk"
    )
    for name in ("http_proxy", "https_proxy"):
        value = os.environ.get(name) or os.environ.get(name.upper())
        if value:
            yield _proxy(name, value)


def _proxy(name: str, value: str) -> Check:
    try:
        parts = urlsplit(value if "//" in value else f"//{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None:
        return Check(name, "mend", "is no address", f"set {name} to http://HOST:PORT, or unset it")
    try:
        socket.create_connection((host, port or 80), timeout=_SECONDS).close()
    except OSError as error:
        found = f"nothing answers at {host}:{port or 80} ({error.strerror or error})"
        return Check(name, "mend", found, f"start the proxy, set {name} to another one, or: unset {name}")
    return Check(name, "ok", f"{host}:{port or 80} (the setting proxy_resolves says who resolves names)")


def _browser(wanted: str) -> Check:
    """The program that renders lists made by scripts: the setting ``browser``, else the first of the usual names."""
    if wanted == "none":
        return Check("browser", "note", "none, by the setting browser: lists made by scripts are not read")
    found = next((path for name in ([wanted] if wanted else _BROWSERS) if (path := shutil.which(name))), None)
    if found is None and wanted:
        advice = "set browser to a Chromium that is installed, or to nothing for the first that is found"
        return Check("browser", "mend", f"the setting browser names {wanted}, which is no program", advice)
    return Check("browser", "ok" if found else "note", found or "none", "" if found else "apt-get install chromium")


def _chinese_fonts() -> str:
    if shutil.which("fc-list") is None:
        return ""
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S607
    return next(iter(listed.stdout.splitlines()), "")


def _archive(archive: Path | None) -> Iterator[Check]:
    try:
        home = open_home(archive)
    except HomeError as error:
        yield _browser("")
        yield Check("archive", "mend" if archive or os.environ.get("NIANBAO_ARCHIVE") else "note", str(error))
        return
    with home:
        yield _browser(home.config.browser)
        sort = "imitation" if home.simulated else "real"
        yield Check("archive", "ok", f"{home.path} ({sort}, {home.truth.engine.dialect.name})")
        yield (whole := _database(home))
        if whole.state == "mend":
            return
        yield from _room(home)
        yield _clock(home)
        if home.config.listen:
            yield _port(home.config.listen)
        yield from _keeping(home)
        yield _answers(home)
        if not home.config.contact and not home.simulated:
            yield Check(
                "contact",
                "mend",
                "none",
                f'set contact = "mailto:…" in {home.path / "nianbao.toml"}: portals should know whom to ask',
            )


def _room(home: Home) -> Iterator[Check]:
    free = shutil.disk_usage(home.path).free
    low = free < _LOW_DISK
    yield Check(
        "disk",
        "mend" if low else "ok",
        f"{free / 1e9:.1f} GB free",
        f"make room, or see what takes it: du -xh {home.path} | sort -h | tail" if low else "",
    )
    writable = os.access(home.warc_dir, os.W_OK)
    yield Check(
        "WARC folder",
        "ok" if writable else "mend",
        str(home.warc_dir),
        "" if writable else f"chown -R {getpass.getuser()} {home.path}",
    )


def _clock(home: Home) -> Check:
    """Our clock against those of the portals asked of late: a look during which they differ proves nothing."""
    off = our_clock(home)
    if off is not None:
        found = f"the {AGREE} portals asked last say that it is off by about {off:.0f} seconds"
        return Check(
            "clock",
            "mend",
            found,
            _SET_CLOCK,
        )
    last = max((run.started for run in runs(home)), default=None)
    if last is not None and last > latest_by(home.clock.now()):
        found = f"a crawl is on record that began at {last:%Y-%m-%d %H:%M}, later than now"
        if agreed_last(home):
            return Check("clock", "note", f"{found}: it was ahead then; the portal asked last agrees with it")
        found = f"{found}: it was ahead, or is behind; no portal asked since agrees with it"
        return Check("clock", "mend", found, _SET_CLOCK)
    told: dict[str, float] = {}
    for look in Vitals(home).looks(home.clock.now() - _LATELY):
        if look.clock_skew is not None:
            told[look.portal] = look.clock_skew
    off_from = [skew for skew in told.values() if abs(skew) > MOST_SKEW.total_seconds()]
    if not told:
        return Check("clock", "note", "no portal asked within a week told its time: nothing to hold it against")
    return Check("clock", "ok", f"{len(told) - len(off_from)} of {len(told)} portals asked in a week agree with it")


def _port(listen: str) -> Check:
    """Whether somebody else than ``nianbao up`` holds the port that it is to answer at."""
    host, _, port = listen.rpartition(":")
    address = (host.strip("[]"), int(port))
    try:
        connection = socket.create_connection(address, timeout=2)
    except OSError:
        return Check("port", "ok", f"{listen} is free for nianbao up")
    answer = b""
    with connection, suppress(OSError):  # one that says nothing is another's
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        while part := connection.recv(4096):
            answer += part
            if len(answer) > _LONG_ANSWER:
                break
    if b'"status":' in answer:
        return Check("port", "ok", f"nianbao up answers at {listen}")
    return Check(
        "port",
        "mend",
        f"{listen} is held by another program",
        f"ss -ltnp 'sport = :{address[1]}' names it; end it, or set listen to another port",
    )


def _database(home: Home) -> Check:
    """Whether the database of the truth is whole; where it is not, nothing that is read from it can be believed."""
    damage = home.truth.damage()
    if not damage:
        return Check("database", "ok", "whole (SQLite's quick check)" if home.truth.is_sqlite else "PostgreSQL")
    advice = f"nianbao restore COPY NEW-FOLDER, from a copy (nianbao backup); keep {home.path} and its WARC files"
    return Check("database", "mend", f"the database is damaged ({damage}); nothing else was looked at", advice)


def _keeping(home: Home) -> Iterator[Check]:
    """What was cut short is put right; on a full disk that waits, and all else is looked at."""
    ended: tuple[CutRun, ...] = ()
    mended = Mended()
    try:
        mended = mend(home, thorough=True)
        ended = end_cut_runs(home)
    except DiskError as error:
        yield Check("WARC files", "mend", str(error), f"make room on the disk of {home.path}, then nianbao doctor")
    problems = [*mended.problems]
    if home.blobs.is_remote:
        problems += [f"the WARC file {name} is gone from {home.config.blobs}, or not whole" for name in lacking(home)]
    if not problems:
        problems += unreadable(sorted(home.warc_files(".warc.gz"), key=_written, reverse=True), home.warc_dir)
    for problem in problems:
        advice = f"cp COPY/warc/FILE {home.warc_dir}/FILE, from a copy (nianbao backup); nianbao warc check says more"
        yield Check("WARC files", "mend", problem, advice)
    if mended.torn or mended.adopted:
        found = f"mended just now: {len(mended.adopted)} captures adopted, {len(mended.torn)} torn tails put aside"
        yield Check("WARC files", "note", found)
    elif not problems:
        yield Check("WARC files", "ok", "each there in its length, the newest readable (nianbao warc check reads all)")
    if torn := list(home.warc_files(".torn")):
        yield Check("torn records", "note", f"{len(torn)} put aside so far, the last by name {torn[-1].name}")
    for one in ended:
        yield Check("runs", "note", f"{one.run.portal}: {one.sentence}", "crawl it again: it goes on from there")
    known = runs(home)
    under_way = sum(run.finished is None for run in known)
    cut = sum(run.outcome == CUT for run in known)
    yield Check("runs", "ok", f"{len(known)} recorded, {under_way} under way, {cut} cut short")


def _written(path: Path) -> float:
    return path.stat().st_mtime


def unreadable(files: Iterable[Path], folder: Path, most: int = _READ) -> Iterator[str]:
    """What is wrong with WARC files that cannot be opened or inflated; up to ``most`` bytes are read of the first."""
    left = most
    for path in files:
        name = path.relative_to(folder).as_posix()
        try:
            with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as records:
                while raw.tell() < left and records.read(1 << 20):
                    pass
                left -= raw.tell()
        except PermissionError:
            yield f"the WARC file {name} may not be read by this user: chown {getpass.getuser()} {path}"
        except (OSError, EOFError, zlib.error) as error:
            yield f"the WARC file {name} is damaged ({error})"


def _answers(home: Home) -> Check:
    """Whether what was captured is read and judged, so that questions have their answers."""
    what = "answers"
    try:
        with opened(home):
            left = waiting(home)
    except DamagedError as error:
        return Check(what, "mend", f"what was read and judged is damaged ({error.cause})", "nianbao rebuild")
    except DiskError as error:
        return Check(what, "mend", str(error), f"make room on the disk of {home.path}")
    except StorageError as error:
        return Check(what, "mend", str(error), "nianbao rebuild")
    if left:
        return Check(what, "note", f"not all is read and judged of {', '.join(left)}", "nianbao reread")
    return Check(what, "ok", "all that was captured is read and judged")
