"""The command ``serve``: run the HTTP API and the web pages of one archive; by default only for this machine."""

from __future__ import annotations

import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.api import A_MINUTE
from nianbao.cli import common
from nianbao.cli.output import print_sentence
from nianbao.sentences import sentence
from storage.home import Home, open_home

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    a_minute: int = A_MINUTE,
    origin: list[str] | None = None,
    operators: bool | None = None,
    open_browser: bool = False,
    archive: Path | None = None,
) -> None:
    """Answer questions by HTTP, as pages and as an API, until Ctrl-C. Only operators' pages, which are an option, can
    change anything (docs/operating.md).
    """
    import uvicorn

    from archive.projection.child import collect_seldom
    from nianbao.application import application
    from nianbao.server import server_settings

    with open_home(archive, read_only=True) as home, ExitStack() as stack:
        has_operators = home.config.operators if operators is None else operators
        if has_operators and not home.config.operator_token and not _is_loopback(host):
            common.fail(sentence("serve.token_needed", host=host))
        listener = _listening(host, port)
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        print_sentence("serve.at", address=f"{address}/")
        if home.simulated:
            print_sentence("answer.simulated")
        app = application(
            home, a_minute=a_minute, origins=[*(origin or ()), *home.config.origins.split()],
            hosts=_hosts(host, home.config.hosts.split()),
            operators=_operators(home, address, stack) if has_operators else None,
        )  # fmt: skip
        if open_browser:  # the socket listens already: the browser waits for the server
            threading.Thread(target=webbrowser.open, args=(f"{address}/",), daemon=True).start()
        sys.stdout.flush()  # a program that started us may wait for the address
        settings = server_settings(app, trusted_proxies=home.config.trusted_proxies)
        collect_seldom()
        with suppress(KeyboardInterrupt):  # uvicorn shuts down, then raises the signal again
            uvicorn.Server(settings).run(sockets=[listener])
    print_sentence("answer.ended")


def _operators(home: Home, address: str, stack: ExitStack) -> ASGIApp:
    """Create operators' pages with a writable connection of their own; print their address and, if needed, a token."""
    import secrets

    from nianbao.operate.application import operators
    from nianbao.operate.jobs import Jobs

    print_sentence("serve.operators", address=f"{address}/operate/")
    token = home.config.operator_token
    if not token:
        token = secrets.token_urlsafe(24)
        print_sentence("serve.token", token=token)
    writable = stack.enter_context(open_home(home.path))
    return operators(writable, token, stack.enter_context(Jobs(writable)))


def _hosts(host: str, further: Sequence[str]) -> list[str]:
    """Return the host names that requests may use, against DNS rebinding; none (any) if we listen at all addresses."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - only compared
        return [*_LOOPBACK, *further] if further else []
    return [f"[{host}]" if ":" in host else host, *_LOOPBACK, *further]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    """Return a listening socket; end with an error if the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets made with IPPROTO_TCP; without it a page waits 40 ms for a delayed ACK
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        common.fail(sentence("serve.port", address=f"{host}:{port}", cause=error))
    return listener
