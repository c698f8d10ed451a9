"""The process of the browser: ``python -m crawler.lists.browser_process FD PROGRAM``. It does what the crawl orders
over the socket FD; each order is the name of a method of ``BrowserSession`` and what it is given. It ends at once when
its standard input is closed.

Chromium has no network: it runs in a network namespace of its own where the kernel lets us, and in any case resolves
every name and address to nothing. Each request of the page is told to the crawl and answered with what the crawl says.
Nothing here decides where a request may go.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from importlib import resources
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Frame, Page, Request, Route, sync_playwright

from crawler.lists.browser_limits import Message, receive, send
from crawler.processes import end_with

# as crawler.lists.page knows them, which takes long to import
HIDDEN, HANDLE, PRESSED = "data-nb-hidden", "data-nb-n", "data-nb-p"
MAX_SNAPSHOT_CHARS, MAX_URL_CHARS, MAX_HEADERS, MAX_HEADER_CHARS = 4_000_000, 20_000, 40, 2_000
MAX_PROCESS_BYTES = 3 << 29  # of data that the kernel gives to any one process; its driver takes 680 MB of it
STEP_MS, STEPS_AT_REST, MAX_STEPS = 100, 3, 80  # between two measures, without a change, in all
WIDTH, HEIGHT, MAX_PICTURE_HEIGHT, MAX_PICTURE_BYTES = 1_280, 900, 6_000, 8 << 20
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # of unshare(2)
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu", "--in-process-gpu", "--disable-quic",
    "--disk-cache-size=1", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-site-isolation-trials",
    "--renderer-process-limit=1", "--js-flags=--max-old-space-size=256",
)  # fmt: skip
_KINDS = frozenset({"document", "script", "xhr", "fetch", "stylesheet"})
_INIT = "window.__opened = []; window.open = (url) => { window.__opened.push(String(url)); return null; };"
_PAGE = resources.files("crawler.lists").joinpath("browser_page.js").read_text("utf-8")


def leave_network() -> None:
    """Go to a namespace without a network, with all processes begun later, where the kernel lets us."""
    if sys.platform != "linux":
        return
    user, group = os.getuid(), os.getgid()
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    if (user == 0 and unshare(_NEW_NETWORK) == 0) or unshare(_NEW_USER | _NEW_NETWORK) != 0:
        return
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


class BrowserSession:
    """Pages that are shown one after another, each in a context that knows nothing of those before."""

    def __init__(self, connection: Connection, browser: Browser) -> None:
        self._connection, self._browser = connection, browser
        self._page: Page
        self._requests = 0
        self._bare = False
        self._moved = ""  # where the answer to the page's own request came from
        self._failed: list[str] = []
        self._held: list[str] | None = None  # where a press led, while nothing may lead away

    def open(self, url: str, *, bare: bool) -> Message:
        """Show a page."""
        for old in self._browser.contexts:
            old.close()
        context = self._browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", timezone_id="Asia/Shanghai",
            service_workers="block", accept_downloads=False, permissions=[],
        )  # fmt: skip
        self._bare, self._moved = bare, ""
        context.add_init_script(_INIT)
        context.route("**/*", self._route)
        self._page = context.new_page()
        self._page.on("pageerror", lambda error: self._failed.append(f"error: {str(error)[:120]}"))
        self._page.on("dialog", lambda dialog: dialog.dismiss())
        self._page.on("crash", self.give_up)
        context.on("page", lambda page: page.close())
        try:
            self._go(url)
        except Error as error:
            return {"say": "lost", "reason": str(error).splitlines()[0][:120]}, b""
        return self._take(did=True)

    def press(self, handle: str) -> Message:
        """Press what has a handle, or choose an option."""
        return self._take(did=bool(self._click(handle)))

    def scroll(self) -> Message:
        """Scroll everything to its end."""
        for frame in self._frames():
            _ask_page(frame, "scroll")
        return self._take(did=True)

    def ask(self, handle: str) -> Message:
        """Say to where a row leads when it is pressed; the page stays."""
        self._held = []
        try:
            self._click(handle)
            self._settle()
            opened = _evaluate(self._page.main_frame, "() => window.__opened.splice(0)") or []
            addresses = [*self._held, *opened]
        finally:
            self._held = None
        return {"say": "asked", "url": str(addresses[0])[:MAX_URL_CHARS] if addresses else ""}, b""

    def draw(self) -> Message:
        """Draw a picture of the page; of what is very tall its upper part, b"" of what cannot be drawn."""
        png = b""
        with suppress(Error):
            png = self._page.screenshot(
                full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": MAX_PICTURE_HEIGHT},
                animations="disabled", timeout=10_000,
            )  # fmt: skip
        return {"say": "drawn"}, png if len(png) <= MAX_PICTURE_BYTES else b""

    def give_up(self, _: object) -> None:
        """Say that nothing more can be shown; the crawl then ends all processes."""
        send(self._connection, {"say": "died"})
        signal.pause()

    def _go(self, url: str) -> None:
        try:
            self._page.goto(url, wait_until="commit", timeout=0)
        except Error:
            if not self._moved:
                raise
            moved, self._moved = self._moved, ""
            self._go(moved)

    def _take(self, *, did: bool) -> Message:
        settled = self._settle()
        frames = [self._page.main_frame] if self._bare else self._frames()
        parts = []
        for at, frame in enumerate(frames):
            prefix = None if self._bare else f"f{at}-"
            parts.append(_ask_page(frame, "snapshot", [HIDDEN, HANDLE, PRESSED, prefix, MAX_SNAPSHOT_CHARS]))
        whole = False not in parts and sum(len(part or "") for part in parts) <= MAX_SNAPSHOT_CHARS
        markup = (parts[0] or "") + "".join(f"<div>{part or ''}</div>" for part in parts[1:]) if whole else ""
        failed, self._failed = list(dict.fromkeys(self._failed))[:40], []
        head = {"say": "shown", "url": self._page.url[:MAX_URL_CHARS], "did": did, "settled": settled, "whole": whole}
        return head | {"failed": failed}, markup.encode("utf-8", "replace")

    def _settle(self) -> bool:
        """Wait until nothing is asked for and nothing is added any more; return whether it came to that."""
        last: object = None
        still = 0
        for _ in range(MAX_STEPS):
            before = self._requests
            self._page.wait_for_timeout(STEP_MS)
            if self._moved:
                moved, self._moved = self._moved, ""
                with suppress(Error):
                    self._go(moved)
            now = [_ask_page(frame, "measure") for frame in self._frames()]
            is_loading = any(one and one[3] for one in now)
            still = still + 1 if now == last and before == self._requests else 0
            last = now
            if still >= STEPS_AT_REST * (4 if is_loading else 1):
                return True
        return False

    def _route(self, route: Route) -> None:
        """Answer a request of the page with what the crawl says."""
        request = route.request
        with suppress(Error):  # the page may go on before its answer is there
            if request.resource_type not in _KINDS or not self._is_ours(request):
                route.abort("blockedbyclient")
            elif self._held is not None and request.is_navigation_request():
                self._held.append(request.url)
                route.abort("aborted")  # the page that is shown stays
            else:
                self._requests += 1
                is_main = request.is_navigation_request() and request.frame.parent_frame is None
                headers = [(name, value[:MAX_HEADER_CHARS]) for name, value in request.headers.items()]
                message = {
                    "say": "fetch", "url": request.url[:MAX_URL_CHARS], "method": request.method, "main": is_main,
                    "headers": dict(headers[:MAX_HEADERS]), "kind": request.resource_type,
                }  # fmt: skip
                send(self._connection, message, request.post_data_buffer or b"")
                answer, body = receive(self._connection)
                self._moved = answer.get("moved", "")
                if "status" in answer:
                    route.fulfill(status=answer["status"], headers={"content-type": answer["type"]}, body=body)
                else:
                    route.abort("aborted" if is_main else "failed")

    def _is_ours(self, request: Request) -> bool:
        try:
            return request.frame.page is self._page
        except Error:
            return False  # a popup that is no page yet, or a worker

    def _click(self, handle: str) -> Any:
        """Press what has a handle, in the frame that it names; return whether it is there."""
        number, frames = int(handle.partition("-")[0].removeprefix("f") or 0), self._frames()
        return _ask_page(frames[min(number, len(frames) - 1)], "click", [HANDLE, handle])

    def _frames(self) -> list[Frame]:
        """Return the frames that show a document: of one that was refused nothing can be asked, not even in vain."""
        main, others = self._page.main_frame, self._page.frames
        return [main, *(one for one in others if one != main and one.url and not one.url.startswith("chrome-error:"))]


def _ask_page(frame: Frame, function: str, argument: Any = None) -> Any:
    return _evaluate(frame, f"(argument) => ({_PAGE}).{function}(argument)", argument)


def _evaluate(frame: Frame, script: str, argument: Any = None) -> Any:
    try:
        return frame.evaluate(script, argument)
    except Error:
        return None  # the frame is going on or gone


def main(fd: int, program: str) -> int:
    """Entry of the process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    most = MAX_PROCESS_BYTES if most == resource.RLIM_INFINITY else min(most, MAX_PROCESS_BYTES)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    leave_network()  # the kernel lets no process with two threads
    end_with(sys.stdin.fileno())
    with Connection(fd) as connection, sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=program, args=list(_ARGUMENTS), proxy={"server": "http://none.invalid:1"}, timeout=0,
                chromium_sandbox=os.geteuid() != 0,  # as root it cannot have one
            )  # fmt: skip
        except Error as error:
            send(connection, {"say": "failed", "reason": str(error).strip().splitlines()[0][:300]})
            return 1
        session = BrowserSession(connection, browser)
        browser.on("disconnected", session.give_up)
        send(connection, {"say": "ready", "browser": f"Chromium {browser.version}"})
        while True:
            order, _ = receive(connection)
            send(connection, *getattr(session, order.pop("do"))(**order))


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), sys.argv[2]))
