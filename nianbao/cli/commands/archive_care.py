"""``init``, ``reread``, ``rebuild``, ``rule``: commands that change an archive, by adding to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nianbao.cli import common, exit_codes
from nianbao.cli.output import say
from nianbao.rulings import decided, rule_on
from nianbao.sentences import listed, note_sentence, sentence
from storage.home import Home, init_home
from storage.old_readings import FormerReadings

if TYPE_CHECKING:
    from archive.projection.update import UpdateReport


def init(
    folder: Annotated[Path | None, typer.Argument()] = None,
    archive: common.ArchiveOption = None,
    imitation: Annotated[bool, typer.Option("--imitation")] = False,
    database: Annotated[str | None, typer.Option("--database", show_default=False)] = None,
) -> None:
    """Make an archive, or bring an existing one up to this version. Nothing in it is ever destroyed."""
    path = folder or archive
    if path is None:
        common.fail(sentence("init.name_a_folder"))
    home = init_home(path, simulated=imitation, database_url=database)
    say(sentence("init.ready_imitation" if home.simulated else "init.ready", folder=home.path, path=path))


def reread(
    archive: common.ArchiveOption = None,
    everything: Annotated[bool, typer.Option("--all")] = False,
    forget: Annotated[str | None, typer.Option("--forget", show_default=False)] = None,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 2,
) -> None:
    """Read what is unread (or everything), and judge again whose reports these are and what is late or missing.

    What former versions of the reader read is kept as a record (nianbao show --reader VERSION) until it is forgotten.
    """
    from archive.projection.update import update as update_projection

    with common.opened(archive) as home:
        if forget is not None:
            say(sentence("reread.forgotten", number=FormerReadings(home).prune(forget), reader=forget))
        elif everything:
            _rebuild(home, workers)
        else:
            report = update_projection(
                home, workers=workers, progress=common.progress_line(sentence("progress.reading"))
            )
            _tell(report)


def rebuild(archive: common.ArchiveOption = None, workers: Annotated[int, typer.Option(min=1, max=64)] = 2) -> None:
    """Make every projection again from the truth (captures, looks, rulings), aside, and swap it in."""
    with common.opened(archive) as home:
        _rebuild(home, workers)


def _rebuild(home: Home, workers: int) -> None:
    from archive.projection.update import rebuild as rebuild_projection

    _tell(rebuild_projection(home, workers=workers, progress=common.progress_line(sentence("progress.reading"))))


def _tell(report: UpdateReport) -> None:
    parts = [sentence("reread.read", number=report.documents_read)]
    parts += [sentence("reread.failed", number=report.documents_failed)] if report.documents_failed else []
    parts.append(sentence("reread.held", editions=report.editions, duties=report.duties, portals=len(report.portals)))
    say(listed(parts))
    if report.naming:
        say(note_sentence(report.naming))
    for problem in report.problems:
        exit_codes.write(note_sentence(problem))
    common.attention(report.documents_failed or report.problems)


def rule(
    kind: Annotated[str, typer.Argument()],
    subject: Annotated[str, typer.Argument()],
    decision: Annotated[list[str] | None, typer.Argument(show_default=False)] = None,
    by: Annotated[str, typer.Option("--by")] = "",
    reason: Annotated[str, typer.Option("--reason")] = "",
    source: Annotated[str, typer.Option("--source")] = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Write down what a person decided: it confirms or corrects, is kept for ever, and wins over our judgement."""
    from archive.projection.update import update as update_projection

    if not by.strip() or not reason.strip():
        common.fail(sentence("rule.needs"))
    with common.opened(archive) as home:
        ruled = decided(home, kind, subject, decision or [])
        ruling = rule_on(home, ruled, by=by, reason=reason, source=source)
        update_projection(home, portals=ruled.portals)
    decision = [
        f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in ruling.decision.items()
    ]
    words = " ".join([ruling.kind, ruling.subject, *decision])
    say(sentence("rule.done", words=words, ruling=ruling.id))
