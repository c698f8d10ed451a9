"""``nianbao up``: the program that crawls what is due, reads it, and tells what is not well."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.language import VARIABLE, current
from nianbao.sentences import sentence

_PART = "nianbao.up_part"


def up(
    read: Annotated[bool, typer.Option("--read/--no-read")] = True,
    side_by_side: Annotated[int, typer.Option("--side-by-side", min=1, max=64)] = 12,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64)] = 2,
    log_json: Annotated[bool, typer.Option("--log-json")] = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Crawl what is due and read it, until asked to end (Ctrl-C, SIGTERM). One per archive; a part that dies is begun
    again.
    """
    from crawler.operations.scheduling.state import states
    from crawler.operations.up.processes import up as run

    with common.opened(archive) as home:
        try:
            states(home)  # a setting that is wrong is told now, not by a part that dies of it
        except CrawlError as error:
            common.fail_of(error)
        try:
            os.environ[VARIABLE] = current().value  # the parts speak the language of this one
            run(
                home,
                read=read,
                side_by_side=side_by_side,
                workers=workers,
                as_json=log_json,
                part=_PART,
                closing=sentence("up.ended"),
            )
        except CrawlError as error:
            common.fail_of(error, common.UNFINISHED)
