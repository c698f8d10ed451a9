"""Do the work of a job in a child process: ``python -m nianbao.operate.child probe FOLDER SUBJECT REQUESTS``,
``… read [PORTAL…]``, or ``… backup|seal|verify``.

``probe`` prints each step as a line, and writes its result to the folder; REQUESTS: the most, "" for the default.
``read`` updates portals (none named: all). The process ends with its server. Each work imports what it needs itself:
the crawler and the reader take longer to load than a small archive to seal.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from crawler.errors import CrawlError
from crawler.imitation_clock import set_instant
from crawler.processes import end_with
from nianbao.language import Language, answering_in
from nianbao.messages import say
from nianbao.operate.jobs import BETWEEN_LANGUAGES
from nianbao.sentences import listed, note_sentence, notes_sentence, sentence, worded
from storage.atomic_files import write_whole
from storage.backup import backup
from storage.clock import NOW
from storage.errors import StorageError
from storage.home import Home, open_home
from storage.recent_outcomes import our_clock
from storage.records import Note
from storage.sealing.verifying import verify

if TYPE_CHECKING:
    from crawler.onboarding.found_portal import Probe

FOUND = "probe.json"
DONE, ATTENTION, UNFINISHED = 0, 1, 3


def main() -> int:
    """Do the work of an operator's job, named by the command line of this process; return the exit code."""
    end_with(sys.stdin.fileno())
    signal.signal(signal.SIGTERM, _end)
    work, words = sys.argv[1], sys.argv[2:]
    try:
        with open_home() as home:
            if home.simulated and NOW in os.environ:
                set_instant(home.path, home.clock.now())  # imitation portals get the same day as the archive
            if work == "read":
                return _read(home, words)
            if work in _CARE:
                return _CARE[work](home)
            return _probe(home, *words)
    except (CrawlError, StorageError, OSError) as error:
        _tell(partial(worded, error, on_page=True))
        return UNFINISHED


def _end(number: int, _frame: object) -> NoReturn:
    """Handle SIGTERM by SystemExit, so that temporary folders are removed and child processes ended."""
    raise SystemExit(128 + number)


def _probe(home: Home, folder: str, subject: str, requests: str) -> int:
    """Probe what portal is at an address or place, write the result into the folder, and return the exit code."""
    from crawler.onboarding.directory import address_of
    from crawler.onboarding.found_portal import probe_text
    from crawler.onboarding.probe import probe_portal

    _tell(lambda: address_of(subject))
    probe = probe_portal(home, subject, requests=int(requests) if requests else None, progress=_tell_note)
    write_whole(Path(folder) / FOUND, probe_text(probe).encode())
    _tell(partial(notes_sentence, probe.verdict))
    return DONE if probe.is_sure else ATTENTION


def _read(home: Home, names: Sequence[str]) -> int:
    """Read unread documents of portals (none named: all); return the exit code."""
    from archive.projection.update import update
    from nianbao.answer_metadata import words_on_law

    report = update(home, names or None)
    counted = {"documents": report.documents_read, "editions": report.editions, "duties": report.duties}
    _tell(lambda: sentence("crawl.read", **counted, by_law=words_on_law(home, report.portals, report.duties)))
    for problem in report.problems:
        _tell_note(problem)
    return ATTENTION if report.problems else DONE


# ---------------------------------------------------------------------------------------------- care of the archive


def backup_folder(home: Home) -> Path:
    """Return the folder for backups: the setting ``backup_folder``, else a folder beside the archive."""
    path = home.path.resolve()
    return path / home.config.backup_folder if home.config.backup_folder else path.with_name(f"{path.name}-backup")


def _back_up(home: Home) -> int:
    folder = backup_folder(home)
    result = backup(home, folder)
    _say("backed_up", folder=folder, files=result.warc_files, new=result.warc_new, rows=sum(result.rows.values()))
    if result.lacking:
        _say("lacking", count=len(result.lacking), files=listed(result.lacking[:5]))
    return ATTENTION if result.lacking else DONE


def _seal(home: Home) -> int:
    """Run ``nianbao seal``, which also requests a time-stamp if an authority is set; refuse if our clock is wrong."""
    if (off := our_clock(home)) is not None:
        _say("clock", seconds=f"{off:.0f}")
        return UNFINISHED
    command = [sys.executable, "-P", "-m", "nianbao.cli", "seal", "--json"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - words are ours
    if ran.returncode not in {DONE, ATTENTION}:
        _tell(lambda: ran.stderr)
        return UNFINISHED
    [row] = json.loads(ran.stdout)
    _say("empty" if row["seal"] is None else "sealed" if row["new"] else "nothing_new", **row)
    if row["timestamp"] is not None:
        _say("stamped", authority=row["authority"], at=row["timestamp"])
    elif ran.returncode == ATTENTION:
        _say("not_stamped")
    return ran.returncode


def _verify(home: Home) -> int:
    """Compare the archive with its seals; return the exit code."""
    result = verify(home)
    for problem in result.problems:
        _tell_note(problem.note)
    if not result.chain:
        _say("no_seal")
        return ATTENTION
    if result.unsealed_files or result.unsealed_rows:
        _say("unsealed", files=result.unsealed_files, rows=result.unsealed_rows)
    key = "differs" if result.problems else "as_sealed"  # last, as the page shows the last line
    _say(key, wrong=len(result.problems), seals=len(result.chain), files=result.files, rows=result.rows)
    return ATTENTION if result.problems else DONE


def _say(key: str, /, **values: object) -> None:
    _tell(partial(say, "operate", None, f"done.{key}", **values))


_CARE: Mapping[str, Callable[[Home], int]] = {"backup": _back_up, "seal": _seal, "verify": _verify}


def probe_in(folder: Path) -> Probe | None:
    """Return the result that a probe wrote to its folder; None before it has ended."""
    from crawler.onboarding.found_portal import read_probe

    path = folder / FOUND
    return read_probe(path.read_text(encoding="utf-8")) if path.is_file() else None


def _tell_note(note: Note) -> None:
    _tell(partial(note_sentence, note))


def _tell(text: Callable[[], str]) -> None:
    """Print a text in both languages as one line: any operator may read it."""
    texts = []
    for language in Language:
        with answering_in(language):
            texts.append(" ".join(text().split()))
    sys.stdout.write(BETWEEN_LANGUAGES.join(texts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
