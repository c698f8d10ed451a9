"""The command ``doctor``: check the installation and the archive, repair what a crash cut short, say what to do."""

from __future__ import annotations

import getpass
import importlib.util
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from archive.documents.ocr import recognition
from archive.exports.plain_values import cell_text
from archive.projection.confinement import calls_confined, files_confined
from archive.projection.update import waiting
from archive.queries.overview import runs
from archive.queries.stored import open_projections
from crawler.lists.browser import find_program
from crawler.operations.health import settings
from nianbao.cli import common
from nianbao.cli.command_functions import printer_of
from nianbao.cli.commands.captures import find_replay
from nianbao.sentences import listed, note_sentence, sentence, word, worded
from storage.backup import missing_files
from storage.clock import clocks_agree
from storage.errors import DamagedError, DiskError, StorageError, UnansweredError
from storage.home import Home, HomeError, open_home
from storage.mending import MendResult, end_cut_runs, mend
from storage.observations import Observations
from storage.recent_outcomes import AGREE, agreed_last, latest_by, our_clock
from storage.records import Run, RunOutcome

_LATELY = timedelta(days=7)
_EXTRAS = {
    "imitation": ("docx", "reportlab", "xlsxwriter", "xlwt"),
    "ocr": ("cv2", "onnxruntime", "rapidocr"),
    "browser": ("playwright",),
    "web": ("fastapi",),
    "cluster": ("procrastinate", "psycopg"),
    "exports": ("pyarrow", "xlsxwriter"),
    "frames": ("pandas", "polars"),
}


class DoctorCheck(NamedTuple):
    """The result of a check. ``state``: ``ok``, ``note`` (acting is optional) or ``mend``; ``advice``: what to do."""

    what: str
    state: str
    found: str
    advice: str = ""

    @property
    def title(self) -> str:
        """Return what was checked, in the language of this run."""
        name, _, extra = self.what.partition(" ")
        if name == "extra":
            return f"{word('check', name)} {extra}"
        return word("doctor_check", self.what.lower().replace(" ", "_"))


def doctor(*, archive: Path | None = None, as_json: bool = False, as_csv: bool = False) -> None:
    """Check the installation and the archive, and print for each fault the command that repairs it."""
    checks = [*_machine(), *_archive(archive)]
    rows = [check._asdict() for check in checks]
    people = [row | {"what": check.title} for row, check in zip(rows, checks, strict=True)]
    printer_of({"as_json": as_json, "as_csv": as_csv}).table("checks", rows, people)
    common.attention(any(check.state == "mend" for check in checks))


def _check_of(what: str, text: str, fault: str = "", advice: str = "", *, state: str = "mend") -> DoctorCheck:
    """Return a check: ``ok`` with its text, or if there is a fault, that with its ``state`` and ``advice``."""
    return DoctorCheck(what, state, fault, advice) if fault else DoctorCheck(what, "ok", text)


def _optional(what: str, path: Path | str | None, advice: str) -> DoctorCheck:
    """Return the check of an optional program: ``ok`` if found, else ``note`` with ``advice`` on how to install it."""
    return _check_of(what, str(path), "" if path else sentence("answer.none"), advice, state="note")


def _machine() -> Iterator[DoctorCheck]:
    """Check this machine: optional packages, recognition of scans, confinement of the reading process, pywb."""
    for extra, modules in _EXTRAS.items():
        absent = [name for name in modules if importlib.util.find_spec(name) is None]
        fault = sentence("doctor.without", names=listed(absent)) if absent else ""
        advice = f"pip install 'nianbao[{extra}]'"
        yield _check_of(f"extra {extra}", sentence("doctor.installed"), fault, advice, state="note")
    if importlib.util.find_spec("rapidocr") and (why_not := recognition()):
        yield DoctorCheck("recognition of scans", "mend", why_not, "pip install --force-reinstall 'nianbao[ocr]'")
    shut = {"files": files_confined(), "connections": calls_confined()}
    names = [sentence(f"doctor.{what}") for what, is_shut in shut.items() if not is_shut]
    fault = sentence("doctor.open", names=listed(names)) if names else ""
    yield _check_of("reading process", sentence("doctor.confined"), fault, sentence("doctor.confine"), state="note")
    yield _optional("replay", find_replay(os.environ.get("NIANBAO_REPLAY", "")), "make setup-replay")


def _browser(setting: str) -> DoctorCheck:
    """Check the browser, which renders lists made by scripts: the setting ``browser``, else the usual programs."""
    if setting == "none":
        return DoctorCheck("browser", "note", sentence("doctor.browser_off"))
    path = find_program(setting)
    if path is None and setting:
        fault = sentence("doctor.browser_wrong", wanted=setting)
        return DoctorCheck("browser", "mend", fault, sentence("doctor.browser_set"))
    return _optional("browser", path, "apt-get install chromium")


def _archive(archive: Path | None) -> Iterator[DoctorCheck]:
    """Check an archive; if its database is damaged, check nothing else, because no result could be trusted."""
    try:
        home = open_home(archive)
    except HomeError as error:
        yield _browser("")
        yield DoctorCheck("archive", "mend" if archive or os.environ.get("NIANBAO_ARCHIVE") else "note", worded(error))
        return
    with home:
        yield _browser(home.config.browser)
        archive_kind = sentence("doctor.imitation" if home.simulated else "doctor.real")
        yield DoctorCheck("archive", "ok", f"{home.path} ({listed([archive_kind, home.truth.engine.dialect.name])})")
        yield (database := _database(home))
        if database.state == "mend":
            return
        yield from _room(home)
        yield _clock(home)
        store = _store(home) if home.blobs.is_remote else None
        if store is not None:
            yield store
        if store is None or store.state == "ok":
            yield from _keeping(home)
        yield _answers(home)
        if not home.config.contact and not home.simulated:
            advice = sentence("doctor.contact", file=home.path / "nianbao.toml")
            yield DoctorCheck("contact", "mend", sentence("answer.none"), advice)


def _room(home: Home) -> Iterator[DoctorCheck]:
    """Check that the disk has enough free space, and that this user may write WARC files."""
    free, folder = shutil.disk_usage(home.path).free, str(home.warc_dir)
    room = sentence("doctor.free", gigabytes=f"{free / 1e9:.1f}")
    is_low = free < settings()["limits"]["disk_bytes"]
    yield _check_of("disk", room, room if is_low else "", sentence("doctor.make_room", path=home.path))
    locked = "" if os.access(folder, os.W_OK) else folder
    yield _check_of("WARC folder", folder, locked, f"chown -R {getpass.getuser()} {home.path}")


def _store(home: Home) -> DoctorCheck:
    """Check that the object store answers; otherwise it is unknown which files it holds."""
    try:
        home.blobs.sizes()
    except UnansweredError as error:
        return DoctorCheck("object store", "mend", worded(error))
    return DoctorCheck("object store", "ok", home.config.blobs)


def _clock(home: Home) -> DoctorCheck:
    """Compare our clock with those of recently crawled portals: if they differ, a look proves nothing."""
    off = our_clock(home)
    if off is not None:
        result = sentence("doctor.clock_off", portals=AGREE, seconds=f"{off:.0f}")
        return DoctorCheck("clock", "mend", result, sentence("doctor.set_clock"))
    last = max((run.started for run in runs(home)), default=None)
    if last is not None and last > latest_by(home.clock.now()):
        at = cell_text(last)
        if agreed_last(home):
            return DoctorCheck("clock", "note", sentence("doctor.clock_was_ahead", at=at))
        return DoctorCheck("clock", "mend", sentence("doctor.clock_behind", at=at), sentence("doctor.set_clock"))
    looks = Observations(home).looks(since=home.clock.now() - _LATELY)
    skews = {look.portal: look.clock_skew for look in looks if look.clock_skew is not None}
    if not skews:
        return DoctorCheck("clock", "note", sentence("doctor.clock_unknown"))
    agree = sum(map(clocks_agree, skews.values()))
    return DoctorCheck("clock", "ok", sentence("doctor.clock_agrees", agree=agree, portals=len(skews)))


def _database(home: Home) -> DoctorCheck:
    """Check that the database of observations is not damaged; if it is, no other check can be trusted."""
    damage = home.truth.damage()
    fault = sentence("doctor.damaged", damage=damage) if damage else ""
    whole = sentence("doctor.whole") if home.truth.is_sqlite else "PostgreSQL"
    return _check_of("database", whole, fault, sentence("doctor.restore", path=home.path))


def _keeping(home: Home) -> Iterator[DoctorCheck]:
    """Repair what a crash cut short and check WARC files and runs; on a full disk only check them."""
    ended: tuple[Run, ...] = ()
    mended = MendResult()
    try:
        mended = mend(home, thorough=True)
        ended = end_cut_runs(home)
    except DiskError as error:
        yield DoctorCheck("WARC files", "mend", worded(error), sentence("doctor.room_then_doctor", path=home.path))
    problems = [note_sentence(one) for one in mended.problems]
    if home.blobs.is_remote:
        problems += [sentence("doctor.file_gone", file=name, place=home.config.blobs) for name in missing_files(home)]
    for problem in problems:
        yield DoctorCheck("WARC files", "mend", problem, sentence("doctor.copy_back", folder=home.warc_dir))
    if mended.torn or mended.adopted:
        counts = {"adopted": len(mended.adopted), "torn": len(mended.torn)}
        yield DoctorCheck("WARC files", "note", sentence("doctor.mended", **counts))
    elif not problems:
        yield DoctorCheck("WARC files", "ok", sentence("doctor.readable"))
    if torn := list(home.warc_files(".torn")):
        yield DoctorCheck("torn records", "note", sentence("doctor.torn", number=len(torn), last=torn[-1].name))
    for one in ended:
        text = f"{one.portal}: {note_sentence(one.notes[0])}"
        yield DoctorCheck("runs", "note", text, sentence("doctor.crawl_again"))
    all_runs = runs(home)
    under_way = sum(one.finished is None for one in all_runs)
    cut = sum(one.outcome == RunOutcome.CUT for one in all_runs)
    yield DoctorCheck("runs", "ok", sentence("doctor.runs", number=len(all_runs), under_way=under_way, cut=cut))


def _answers(home: Home) -> DoctorCheck:
    """Check that all captures are read and the tables made from them are in order, so that questions have answers."""
    try:
        open_projections(home)
        portals = waiting(home)
    except DamagedError as error:
        return DoctorCheck("answers", "mend", sentence("doctor.answers_damaged", **error.values), "nianbao rebuild")
    except DiskError as error:
        return DoctorCheck("answers", "mend", worded(error), sentence("doctor.room", path=home.path))
    except StorageError as error:
        return DoctorCheck("answers", "mend", worded(error), "nianbao rebuild")
    unread = sentence("doctor.unread", portals=listed(portals)) if portals else ""
    return _check_of("answers", sentence("doctor.all_read"), unread, "nianbao reread", state="note")
