"""``nianbao serve``: the HTTP API and the pages of one archive, on this machine unless told otherwise."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.output import say
from nianbao.cli.sentences import sentence
from storage.home import HomeError, open_home


def serve(
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    a_minute: Annotated[int, typer.Option("--rate", min=0)] = 600,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", show_default=False),
    ] = None,
    archive: common.ArchiveOption = None,
) -> None:
    """Answer questions by HTTP, as pages and as an API, until Ctrl-C. Nothing can be changed through it."""
    import socket
    import sys

    import uvicorn

    from nianbao.application import application

    try:
        home = open_home(archive, read_only=True)
    except HomeError as error:
        common.fail_as(error)
    with home:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()
        except (OSError, OverflowError) as error:
            common.fail(sentence("serve.port", address=f"{host}:{port}", cause=error))
        address = f"[{host}]" if family == socket.AF_INET6 else host
        say(sentence("serve.at", address=f"http://{address}:{listener.getsockname()[1]}/"))
        if home.simulated:
            say(sentence("answer.simulated"))
        sys.stdout.flush()  # a program that started it waits for the address
        settings = uvicorn.Config(
            application(home, a_minute=a_minute, origins=origin or ()),
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=200,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
        )
        with suppress(KeyboardInterrupt):  # uvicorn ends in good order, then sends itself the signal once more
            uvicorn.Server(settings).run(sockets=[listener])
        say(sentence("answer.ended"))
