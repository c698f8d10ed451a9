"""A loopback web that a test programs, simulated archives that map real names to it, and portals written for one test."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from archive.projection.update import update
from crawler.operations import runs
from storage import clock
from storage.captures import CaptureStore
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.records import Capture, Look, Run, Schedule
from tests.patience import PATIENCE

NOW = "2026-02-01T09:00:00+08:00"


@dataclass
class Asked:
    """One request as the server saw it; ``begun`` and ``ended`` on its own monotonic clock."""

    host: str
    path: str
    headers: dict[str, str]
    begun: float
    ended: float = 0.0
    status: int = 0
    form: dict[str, str] = field(default_factory=dict)  # fields of a POST
    body: bytes = b""


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # the Content-Length told, if it is not the truth; -1: none
    hold: float = 0.0  # seconds the answer takes
    drip: float = 0.0  # seconds each piece of the body takes
    piece: int = 1  # bytes
    reset: bool = False  # the connection is reset instead of an answer


def page(text: str, status: int = 200, **headers: str) -> Reply:
    return Reply(
        status,
        text.encode(),
        {"Content-Type": "text/html; charset=utf-8", **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


Route = Reply | Callable[[Asked], Reply]


class Web:
    """Hosts and paths → answers; what is not there answers 404."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Route] = {}
        self.log: list[Asked] = []
        self.lock = threading.Lock()
        web = self

        class WebHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # a body would wait 40 ms for the receipt of its head

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                host = (parts.netloc or self.headers.get("Host", "")).lower()
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                asked = Asked(host, path, {k.lower(): v for k, v in self.headers.items()}, time.monotonic())
                asked.body = body
                asked.form = dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True))
                with web.lock:
                    web.log.append(asked)
                route = (
                    web.routes.get((host, path)) or web.routes.get((host, "*")) or page("<h1>404 Not Found</h1>", 404)
                )
                answer = route(asked) if callable(route) else route
                time.sleep(answer.hold)
                asked.status, asked.ended = answer.status, time.monotonic()
                if answer.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.shutdown(socket.SHUT_RD)
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 304 and answer.length != -1:
                    self.send_header(
                        "Content-Length", str(len(answer.body) if answer.length is None else answer.length)
                    )
                try:
                    self.end_headers()
                    if answer.status != 304:
                        for at in range(0, len(answer.body) if answer.drip else 0, answer.piece):
                            self.wfile.write(answer.body[at : at + answer.piece])
                            time.sleep(answer.drip)
                        self.wfile.write(b"" if answer.drip else answer.body)
                    if answer.length is not None:
                        self.close_connection = True
                except OSError:
                    self.close_connection = True  # the other side went away: what the test is about

            do_CONNECT = do_POST = do_GET  # noqa: N815

            def date_time_string(self, timestamp: float | None = None) -> str:
                """The day on which the simulated archives live, so that their clock is not held to be off."""
                told = os.environ.get(clock.NOW)
                at = datetime.fromisoformat(told).timestamp() if told and timestamp is None else timestamp
                return super().date_time_string(at)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), WebHandler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def hold(self, host: str, path: str) -> tuple[threading.Event, threading.Event]:
        """Let an answer wait: an event that says it was asked for, and one that lets it go."""
        asked_for, let_go, answer = threading.Event(), threading.Event(), self.routes[host, path]

        def waiting(asked: Asked) -> Reply:
            asked_for.set()
            let_go.wait(PATIENCE)
            return answer(asked) if callable(answer) else answer

        self.routes[host, path] = waiting
        return asked_for, let_go

    def paths(self, host: str | None = None) -> list[str]:
        return [a.path for a in self.log if host in (None, a.host)]


@contextmanager
def nobody_accepts() -> Iterator[str]:
    """An address where connections are neither made nor refused: its queue is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"


class Sandbox:
    """A simulated archive and what a test asks of it."""

    def __init__(self, path: Path, web: Web, *, simulated: bool = True) -> None:
        self.path, self.web, self.hosts = path, web, {}
        init_home(path, simulated=simulated).close()

    def portal(
        self,
        name: str = "wanping",
        *,
        host: str = "www.wanping.gov.cn",
        family: str = "trs_wcm.TrsWcm",
        listings: str | None = None,
        extra: str = "",
        agencies: str = "zf,宛平县人民政府,政府\ncz,宛平县财政局,部门\n",
        hosts: str = "",
    ) -> str:
        """Write a portal of one column into the archive and map its host."""
        module, base = family.split(".")
        folder = self.path / "portals" / "xx"
        folder.mkdir(parents=True, exist_ok=True)
        listings = (
            listings or f'column("nb", "http://{host}/nb/", title="政府信息公开年报", covers="government department"),'
        )
        (folder / f"{name}.py").write_text(
            f"from crawler.cms.{module} import {base}, addressed, column\n\n\n"
            f"class P(Z):\n    name, place, division, first_year = {name!r}, '宛平县', '990001', 2024\n"
            f"    hosts = ({host!r}, {hosts})\n    listings = ({listings})\n    {extra}\n".replace("(Z)", f"({base})"),
            encoding="utf-8",
        )
        (folder / f"{name}.csv").write_text(
            "id,name,kind,code,parent,valid_from,valid_to,aliases,source\n"
            + "".join(line + "," * (8 - line.count(",") - 1) + ",test\n" for line in agencies.splitlines()),
            encoding="utf-8",
        )
        self.map(host)
        return name

    def map(self, *hosts: str, to: str = "") -> None:
        for host in hosts:
            self.hosts[host] = to or self.web.address
        (self.path / "imitation.json").write_text(json.dumps({"hosts": self.hosts}), encoding="utf-8")

    def home(self) -> Home:
        return open_home(self.path)

    def crawl(self, *names: str, **options: bool) -> list[Run]:
        with self.home() as home:
            return runs.crawl(home, list(names) or ["wanping"], **options)

    def set_day(self, day: str) -> None:
        """Let it be nine o'clock of a day, for the rest of the test."""
        os.environ[clock.NOW] = f"{day}T09:00:00+08:00"

    def judge(self) -> None:
        with self.home() as home:
            update(home)

    def looks(self, portal: str | None = None) -> list[Look]:
        with self.home() as home:
            return list(Observations(home).looks(portal))

    def links(self, look: Look) -> list[str]:
        with self.home() as home:
            return [link.url for link in Observations(home).extractions(look.id)[-1].links]

    def captures(self, portal: str = "wanping") -> list[Capture]:
        with self.home() as home:
            return list(CaptureStore(home).for_portal(portal))

    def body(self, capture: Capture) -> bytes:
        with self.home() as home:
            return CaptureStore(home).body(capture)


def let_rest_but(home: Home, *portals: str) -> None:
    """Let all portals rest but these."""
    for name in (None, *portals):
        settings = {"paused": "no" if name else "yes"}
        Schedules(home).put(Schedule(portal=name, settings=settings, by="me", recorded_at=home.clock.now()))


def a_list(*rows: tuple[str, str, str], tail: str = "", head: str = "") -> Reply:
    """A list page: (href, title, date) rows."""
    items = "".join(
        f'<li><a href="{href}" title="{title}">{title}</a><span>{date}</span></li>' for href, title, date in rows
    )
    return page(
        f"<html><head><title>政府信息公开年报</title></head><body>{head}<ul class='l'>{items}</ul>{tail}</body></html>"
    )


def a_report(title: str, text: str = "") -> Reply:
    chapters = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、政府信息公开行政复议、行政诉讼情况"
    return page(
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div id='zoom'><p>{chapters}</p>{text}</div></body></html>"
    )


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def archive(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setenv("NIANBAO_DELAY", "0.005")
    monkeypatch.setenv("NIANBAO_NOW", NOW)
    monkeypatch.delenv("NIANBAO_CLOCK_OFFSET", raising=False)
    monkeypatch.delenv("NIANBAO_ARCHIVE", raising=False)
    return Sandbox(tmp_path / "archive", web)
