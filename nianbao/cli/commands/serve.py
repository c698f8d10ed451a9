"""``nianbao serve``: the HTTP API and the pages of one archive, on this machine unless told otherwise."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from nianbao.api import A_MINUTE
from nianbao.cli import common
from nianbao.cli.output import say
from nianbao.sentences import sentence
from storage.home import Home, open_home

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def serve(
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    a_minute: Annotated[int, typer.Option("--rate", min=0)] = A_MINUTE,
    origin: Annotated[list[str] | None, typer.Option("--origin", show_default=False)] = None,
    operators: Annotated[bool | None, typer.Option("--operators/--no-operators", show_default=False)] = None,
    archive: common.ArchiveOption = None,
) -> None:
    """Answer questions by HTTP, as pages and as an API, until Ctrl-C. Nothing can be changed through it, but by
    operators' pages where they are asked for (docs/operating.md).
    """
    import sys

    import uvicorn

    from nianbao.application import application, collect_seldom
    from nianbao.server import server_settings

    with open_home(archive, read_only=True) as home:
        wanted = home.config.operators if operators is None else operators
        if wanted and not home.config.operator_token and not _is_loopback(host):
            common.fail(sentence("serve.token_needed", host=host))
        listener = _listening(host, port)
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        origins = [*(origin or ()), *home.config.origins.split()]
        with _operators(home, address) if wanted else _nobody() as mounted:
            say(sentence("serve.at", address=f"{address}/"))
            if home.simulated:
                say(sentence("answer.simulated"))
            for line in mounted.lines:
                say(line)
            sys.stdout.flush()  # a program that started it waits for the address
            app = application(
                home,
                a_minute=a_minute,
                origins=origins,
                hosts=_hosts(host, home.config.hosts.split()),
                operators=mounted.app,
            )
            settings = server_settings(app, trusted_proxies=home.config.trusted_proxies)
            collect_seldom()
            with suppress(KeyboardInterrupt):  # uvicorn ends in good order, then sends itself the signal once more
                uvicorn.Server(settings).run(sockets=[listener])
        say(sentence("answer.ended"))


@dataclass(frozen=True, slots=True)
class _Mounted:
    """What is mounted beside the pages for all, and the lines that are printed about it."""

    app: ASGIApp | None = None
    lines: tuple[str, ...] = ()


@contextmanager
def _nobody() -> Iterator[_Mounted]:
    yield _Mounted()


@contextmanager
def _operators(home: Home, address: str) -> Iterator[_Mounted]:
    """Operators' pages of an archive, through a connection of their own that may write."""
    import secrets

    from nianbao.operate.application import operators
    from nianbao.operate.jobs import Jobs

    token = home.config.operator_token
    lines = [sentence("serve.operators", address=f"{address}/operate/")]
    if not token:
        token = secrets.token_urlsafe(24)
        lines.append(sentence("serve.token", token=token))
    with open_home(home.path) as writable, Jobs(writable) as jobs:
        yield _Mounted(operators(writable, token, jobs), tuple(lines))


def _hosts(host: str, further: Sequence[str]) -> list[str]:
    """The names by which a server at ``host`` may be asked for; none: any, where it listens at all its addresses and
    nobody says how it is called. A page elsewhere whose name is made to lead here (DNS rebinding) gets no answer.
    """
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - a name is compared, nothing listens by it
        return [*_LOOPBACK, *further] if further else []
    return [f"[{host}]" if ":" in host else host, *_LOOPBACK, *further]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens; ends with a sentence where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small packets at once only on sockets that name TCP; else a page waits 40 ms for a delayed ACK
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        common.fail(sentence("serve.port", address=f"{host}:{port}", cause=error))
    return listener
