"""``init``, ``reread``, ``rebuild``, ``rule``: commands that change an archive, by adding to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.output import tell
from nianbao.cli.screens import show
from nianbao.rulings import decided, rule_on
from nianbao.sentences import note_sentence, sentence
from storage.home import Home, init_home
from storage.old_readings import FormerReadings

if TYPE_CHECKING:
    from archive.projection.update import UpdateReport


def init(
    folder: Path | None = None, *, archive: Path | None = None, imitation: bool = False, database: str | None = None
) -> None:
    """Make an archive, or bring an existing one up to this version. Nothing in it is ever destroyed."""
    path = folder or archive
    if path is None:
        common.fail(sentence("init.name_a_folder"))
    home = init_home(path, simulated=imitation, database_url=database)
    tell("init.ready_imitation" if home.simulated else "init.ready", folder=home.path, path=path)


def reread(
    *, archive: Path | None = None, everything: bool = False, forget: str | None = None, workers: int = 2
) -> None:
    """Read what is unread (or everything), and judge again whose reports these are and what is late or missing."""
    from archive.projection.update import rebuild, update

    with common.opened(archive) as home:
        if forget is not None:
            tell("reread.forgotten", number=FormerReadings(home).prune(forget), reader=forget)
            return
        progress = common.progress_line(sentence("progress.reading"))
        _tell(rebuild(home, workers=workers, progress=progress) if everything
              else update(home, workers=workers, progress=progress))  # fmt: skip


def rebuild(*, archive: Path | None = None, workers: int = 2) -> None:
    """Make every projection again from the truth (captures, looks, rulings), aside, and swap it in."""
    reread(archive=archive, everything=True, workers=workers)


def _tell(report: UpdateReport) -> None:
    show("reread", report=report)
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
    """Write down what a person decided: it confirms or corrects, is kept for ever, and wins over our judgement."""
    from archive.projection.update import update

    if not by.strip() or not reason.strip():
        common.fail(sentence("rule.needs"))
    ruled = decided(home, kind, subject, decision or [])
    ruling = rule_on(home, ruled, by=by, reason=reason, source=source)
    update(home, portals=ruled.portals)
    values = (
        f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in ruling.decision.items()
    )
    tell("rule.done", words=" ".join([ruling.kind, ruling.subject, *values]), ruling=ruling.id)
