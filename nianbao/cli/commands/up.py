"""``nianbao up``: the program that crawls what is due, reads it, and tells what is not well."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.texts.crawl_text import wording
from nianbao.sentences import sentence


def up(
    read: Annotated[bool, typer.Option("--read/--no-read")] = True,
    side_by_side: Annotated[int, typer.Option("--side-by-side", min=1, max=64)] = 12,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64)] = 2,
    log_json: Annotated[bool, typer.Option("--log-json")] = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Crawl what is due and read it, until asked to end (Ctrl-C, SIGTERM). One per archive."""
    from crawler.operations.stopping import start_server_apart

    start_server_apart()  # while this program imports what it needs, so does the server of its crawls
    from crawler.operations.planner import states
    from crawler.operations.up import up as run

    with common.opened(archive) as home:
        try:
            states(home)  # a setting that is wrong is told now, before anything is begun
        except CrawlError as error:
            common.fail_of(error)
        try:
            run(
                home,
                read=read,
                side_by_side=side_by_side,
                workers=workers,
                as_json=log_json,
                wording=wording().event,
                closing=sentence("up.ended"),
            )
        except CrawlError as error:
            common.fail_of(error, common.UNFINISHED)
