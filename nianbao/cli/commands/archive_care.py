"""Commands for an archive as a whole: create it, reread and rebuild it, rule, back up, restore, copy, settings."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.exports.plain_values import fields_of
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command, printer_of
from nianbao.cli.output import Printer, print_sentence
from nianbao.cli.screens import show
from nianbao.messages import say
from nianbao.rulings import decided, rule_on
from nianbao.sentences import note_sentence, sentence
from storage.backup import backup as back_up
from storage.backup import missing_files
from storage.backup import restore as bring_back
from storage.config import FILE, Config
from storage.home import Home, init_home, open_home
from storage.old_readings import FormerReadings
from storage.sealing import manifest

if TYPE_CHECKING:
    from archive.projection.update import UpdateReport


def init(
    folder: Path | None = None, *, archive: Path | None = None, imitation: bool = False, database: str | None = None
) -> None:
    """Create an archive, or migrate an existing one to this version. No contents are ever destroyed."""
    path = folder or archive
    if path is None:
        common.fail(sentence("init.name_a_folder"))
    home = init_home(path, simulated=imitation, database_url=database)
    print_sentence("init.ready_imitation" if home.simulated else "init.ready", folder=home.path, path=path)


def reread(
    *, archive: Path | None = None, everything: bool = False, forget: str | None = None, workers: int = 2
) -> None:
    """Read unread documents (or all) and judge all again; or with ``forget`` delete the readings of that reader."""
    from archive.projection.update import rebuild, update

    with common.opened(archive) as home:
        if forget is not None:
            print_sentence("reread.forgotten", number=FormerReadings(home).prune(forget), reader=forget)
            return
        progress = common.progress_line(sentence("progress.reading"))
        _tell(home, (rebuild if everything else update)(home, workers=workers, progress=progress))


def rebuild(*, archive: Path | None = None, workers: int = 2) -> None:
    """Make all projections again from the truth (captures, looks, rulings) beside the old ones, and replace these."""
    reread(archive=archive, everything=True, workers=workers)


def _tell(home: Home, report: UpdateReport) -> None:
    """Print what an update has read and judged; exit with ATTENTION if anything failed."""
    from nianbao.answer_metadata import words_on_law

    show("reread", report=report, by_law=words_on_law(home, report.portals, report.duties))
    for problem in report.problems:
        common.write_error(note_sentence(problem))
    common.attention(report.documents_failed or report.problems)


@archive_command()
def rule(
    home: Home,
    kind: str,
    subject: str,
    decision: list[str] | None = None,
    *,
    by: str = "",
    reason: str = "",
    source: str = "",
) -> None:
    """Store a person's decision (``key=value`` words), which goes before our judgement, and judge its portals again."""
    from archive.projection.update import update

    if not by.strip() or not reason.strip():
        common.fail(sentence("rule.needs"))
    ruled = decided(home, kind, subject, decision or [])
    ruling = rule_on(home, ruled, by=by, reason=reason, source=source)
    update(home, portals=ruled.portals)
    values = (
        f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in ruling.decision.items()
    )
    print_sentence("rule.done", words=" ".join([ruling.kind, ruling.subject, *values]), ruling=ruling.id)


# ---------------------------------------------------------------------------------------------- copies


@archive_command("json", whole=True)
def backup(home: Home, printer: Printer, folder: Path) -> None:
    """Copy the archive while it is crawled; an earlier copy is brought up to date. The copy is an archive itself."""
    result = back_up(home, folder)
    _tell_lacking(result.lacking)
    row = fields_of(result, "warc_files", "warc_new", "warc_bytes", "rows") | {"lacking": list(result.lacking)}
    if not printer.print_for_program({"folder": str(folder), **row}):
        print_sentence(
            "backup.done", folder=folder, files=result.warc_files, new=result.warc_new, bytes=f"{result.warc_bytes:,}",
            rows=f"{sum(result.rows.values()):,}", check=_how_to_check(folder, folder),
        )  # fmt: skip
    common.attention(result.lacking)


def restore(source: Path, folder: Path) -> None:
    """Make an archive from a copy, on this machine or another; print what the copy lacks."""
    with bring_back(source, folder) as home:
        print_sentence("backup.restored", path=home.path, folder=folder, check=_how_to_check(home.path, folder))
        missing = missing_files(home)
        _tell_lacking(missing)
        common.attention(missing)


def _how_to_check(path: Path, folder: Path) -> str:
    """Return a sentence that says how to check a copy against its seals, or that it has no seal yet."""
    seals = path / manifest.FOLDER
    key = "backup.sealed" if seals.is_dir() and manifest.paths(seals) else "backup.unsealed"
    return sentence(key, folder=folder)


def _tell_lacking(missing: Sequence[str]) -> None:
    for name in missing:
        common.write_error(sentence("backup.lacking", file=name))


def copy(
    source: Annotated[Path, typer.Argument(metavar="FROM")],
    target: Annotated[Path, typer.Argument(metavar="TO")],
    *,
    database: str | None = None,
    blobs: str | None = None,
    blobs_endpoint: str | None = None,
    as_json: bool = False,
) -> None:
    """Copy an archive between SQLite with a folder and PostgreSQL with an object store, in either direction; compare
    each row and file. If the command is interrupted, the same command continues.
    """
    from storage.transfer import transfer

    options = {"database_url": database, "blobs": blobs, "blobs_endpoint": blobs_endpoint}
    places = {name: value for name, value in options.items() if value is not None}
    with open_home(source) as home:
        result = transfer(home, target, places, common.progress_line(sentence("copy.label")))
    for name in result.lost_files:
        common.write_error(sentence("copy.gone", file=name, source=source))
    row = {"folder": str(target), **fields_of(result, "files", "files_there", "bytes", "rows")}
    row["gone"] = result.lost_files
    if not printer_of({"as_json": as_json}).print_for_program(row):
        print_sentence("copy.done", **{name: f"{count:,}" for name, count in row.items() if isinstance(count, int)})
        print_sentence("copy.next", command=f"nianbao reread --archive {target}")
    common.attention(result.lost_files)


# ---------------------------------------------------------------------------------------------- settings


_SECRET = frozenset({"operator_token", "webhook_url"})
_MAY_HOLD_A_PASSWORD = frozenset({"database_url", "locks_url", "projection_url"})


@archive_command("json", "csv")
def config_command(home: Home, printer: Printer) -> None:
    """Print every setting: its value, where it was set (nianbao.toml, environment, default), and what it means."""
    stored = tomllib.loads((home.path / FILE).read_text(encoding="utf-8"))
    rows: list[dict[str, object]] = [
        {
            "setting": name, "value": _public_value(name, getattr(home.config, name)),
            "from": "environment" if variable_of(name) in os.environ else FILE if name in stored else "default",
            "meaning": say("settings", None, f"setting.{name}"),
        }
        for name in Config.model_fields
    ]  # fmt: skip
    people = [row | {"value": str(one).lower() if isinstance(one := row["value"], bool) else one} for row in rows]
    printer.table("settings", rows, people)


def variable_of(name: str) -> str:
    """Return the environment variable of a setting; "" if it has none."""
    return "" if name == "simulated" else f"NIANBAO_{name.upper()}"


def _public_value(name: str, value: object) -> object:
    """Return a value that may be shown: ``(set)`` instead of a secret or an address with a password."""
    secret = name in _SECRET or (name in _MAY_HOLD_A_PASSWORD and "@" in str(value))
    return "(set)" if secret and value else value
