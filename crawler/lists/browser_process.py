"""The browser's process, ``python -m crawler.lists.browser_process FD PROGRAM``: it executes the orders of a crawl.

Orders come over the socket FD: the name of a method of ``BrowserSession`` and its arguments. The process ends at once
when its standard input is closed. Chromium has no network: it runs in a network namespace of its own if the kernel
allows that, and in any case resolves every name and address to nothing. Each request of a page is sent to the crawl,
which decides whether to fetch it, and returns the answer.
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
from crawler.lists.page import HANDLE, HIDDEN, PRESSED
from crawler.processes import end_with

MAX_SNAPSHOT_CHARS, MAX_URL_CHARS, MAX_HEADERS, MAX_HEADER_CHARS = 4_000_000, 20_000, 40, 2_000
MAX_PROCESS_BYTES = 3 << 29  # data segment of any one process (RLIMIT_DATA); the driver needs 680 MB
STEP_MS, STEPS_AT_REST, MAX_STEPS = 100, 3, 80  # between two measures; steps without a change; steps in all
WIDTH, HEIGHT, MAX_PICTURE_HEIGHT, MAX_PICTURE_BYTES = 1_280, 900, 6_000, 8 << 20
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # of unshare(2)
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu", "--in-process-gpu", "--disable-quic",
    "--disk-cache-size=1", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-site-isolation-trials",
    "--renderer-process-limit=1", "--js-flags=--max-old-space-size=256",
)  # fmt: skip
_KINDS = frozenset({"document", "script", "xhr", "fetch", "stylesheet"})
_INIT = """
window.__opened = []; window.open = (url) => { window.__opened.push(String(url)); return null; };
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, ...more) {
  if (type === 'click' && this instanceof Element) this.__waits = true;
  return listen.call(this, type, ...more);
};"""
_PAGE = resources.files("crawler.lists").joinpath("browser_page.js").read_text("utf-8")


def leave_network() -> None:
    """Move this process and its later children to a namespace without a network, if the kernel allows it: pages shown
    here then reach nothing except through the crawl. Only root needs no new namespace of users.
    """
    if sys.platform != "linux":
        return
    user, group = os.getuid(), os.getgid()
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    if user == 0 and unshare(_NEW_NETWORK) == 0:
        return
    if unshare(_NEW_USER | _NEW_NETWORK) != 0:
        return  # the kernel does not allow it
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


class BrowserSession:
    """Shows one page after another, each in a new browser context without data of the pages before."""

    def __init__(self, connection: Connection, browser: Browser) -> None:
        """Show pages for the crawl at the other end of ``connection``, which fetches for them."""
        self._connection, self._browser = connection, browser
        self._page: Page
        self._requests = 0
        self._bare = False  # whether only the main frame of the page is read
        self._moved = ""  # the address to which the page's own request was redirected, until it is opened
        self._failures: list[str] = []
        self._opened_addresses: list[str] | None = None  # during ask(): addresses that a press would have opened

    def open(self, url: str, *, bare: bool) -> Message:
        """Open a page without data of earlier ones; ``bare``: only its main document, without handles to press."""
        for old in self._browser.contexts:
            old.close()
        context = self._browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", timezone_id="Asia/Shanghai",
            service_workers="block", accept_downloads=False, permissions=[],
        )  # fmt: skip
        self._bare = bare
        context.add_init_script(_INIT)
        context.route("**/*", self._route)
        self._page = context.new_page()
        self._page.on("pageerror", lambda error: self._failures.append(f"error: {str(error)[:120]}"))
        self._page.on("dialog", lambda dialog: dialog.dismiss())
        self._page.on("crash", self.give_up)
        context.on("page", lambda page: page.close())
        try:
            self._go(url)
        except Error as error:
            return {"say": "lost", "reason": str(error).splitlines()[0][:120]}, b""
        return self._take(did=True)

    def press(self, handle: str) -> Message:
        """Press the element with a handle, or choose an option."""
        return self._take(did=bool(self._click(handle)))

    def scroll(self) -> Message:
        """Scroll the page and its boxes to their ends."""
        for frame in self._frames():
            _ask_page(frame, "scroll")
        return self._take(did=True)

    def ask(self, handle: str) -> Message:
        """Return the address that pressing a row would open, "" if none; ``_route`` keeps the page from leaving."""
        self._opened_addresses = []
        try:
            self._click(handle)
            self._settle()
            opened = _evaluate(self._page.main_frame, "() => window.__opened.splice(0)") or []
            addresses = [*self._opened_addresses, *opened]
        finally:
            self._opened_addresses = None
        return {"say": "asked", "url": str(addresses[0])[:MAX_URL_CHARS] if addresses else ""}, b""

    def draw(self) -> Message:
        """Return a PNG of the page, or of the upper part of a very tall one; b"" if it cannot be drawn or is large."""
        png = b""
        with suppress(Error):
            png = self._page.screenshot(
                full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": MAX_PICTURE_HEIGHT},
                animations="disabled", timeout=10_000,
            )  # fmt: skip
        return {"say": "drawn"}, png if len(png) <= MAX_PICTURE_BYTES else b""

    def give_up(self, _: object) -> None:
        """Tell the crawl that the browser died; the crawl then ends all its processes."""
        send(self._connection, {"say": "died"})
        signal.pause()

    def _go(self, url: str) -> None:
        """Open an address. The browser follows no redirect: the crawl does and tells where it led (``_moved``), the
        request is aborted, and the target opened; the crawl counts these jumps. Raises Error if nothing comes.
        """
        self._moved = ""
        try:
            self._page.goto(url, wait_until="commit", timeout=0)
        except Error:
            if not self._moved:
                raise
            self._go(self._moved)

    def _take(self, *, did: bool) -> Message:
        """Return the page at rest: a head, and its frames' markup (b"" if too large). ``did``: an action was done."""
        settled = self._settle()
        frames = [self._page.main_frame] if self._bare else self._frames()
        parts = []
        for at, frame in enumerate(frames):
            prefix = None if self._bare else f"f{at}-"
            parts.append(_ask_page(frame, "snapshot", [HIDDEN, HANDLE, PRESSED, prefix, MAX_SNAPSHOT_CHARS]))
        fits = False not in parts and sum(len(part or "") for part in parts) <= MAX_SNAPSHOT_CHARS
        markup = (parts[0] or "") + "".join(f"<div>{part or ''}</div>" for part in parts[1:]) if fits else ""
        failed, self._failures = list(dict.fromkeys(self._failures))[:40], []
        head = {"say": "shown", "url": self._page.url[:MAX_URL_CHARS], "did": did, "settled": settled, "whole": fits}
        return head | {"failed": failed}, markup.encode("utf-8", "replace")

    def _settle(self) -> bool:
        """Wait until the page makes no requests, moves nowhere and does not change, four times as long while its text
        says that it loads (正在加载); False if it never comes to rest.
        """
        last: object = None
        still = 0
        for _ in range(MAX_STEPS):
            before = self._requests
            self._page.wait_for_timeout(STEP_MS)
            if self._moved:
                with suppress(Error):
                    self._go(self._moved)
            now = [_ask_page(frame, "measure") for frame in self._frames()]
            is_loading = any(one and one["says_loading"] for one in now)
            still = still + 1 if now == last and before == self._requests else 0
            last = now
            if still >= STEPS_AT_REST * (4 if is_loading else 1):
                return True
        return False

    def _route(self, route: Route) -> None:
        """Have the crawl fetch what the page requests, as the browser has no network. During :meth:`ask` an address to
        go to is only noted, because the page must stay. ``_moved``: where the crawl says the page itself was moved.
        """
        request = route.request
        with suppress(Error):  # the page may be left before its answer is there
            if request.resource_type not in _KINDS or not self._is_ours(request):
                route.abort("blockedbyclient")
            elif self._opened_addresses is not None and request.is_navigation_request():
                self._opened_addresses.append(request.url)
                route.abort("aborted")  # stay on the page
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
                if is_main:
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
        """Press the element with a handle in the frame that the handle names; return whether the element is there."""
        number, frames = int(handle.partition("-")[0].removeprefix("f") or 0), self._frames()
        return _ask_page(frames[min(number, len(frames) - 1)], "click", [HANDLE, handle])

    def _frames(self) -> list[Frame]:
        """Return the frames that show a document; a call to a frame that was refused would never return."""
        main, others = self._page.main_frame, self._page.frames
        return [main, *(one for one in others if one != main and one.url and not one.url.startswith("chrome-error:"))]


def _ask_page(frame: Frame, function: str, argument: Any = None) -> Any:
    return _evaluate(frame, f"(argument) => ({_PAGE}).{function}(argument)", argument)


def _evaluate(frame: Frame, script: str, argument: Any = None) -> Any:
    try:
        return frame.evaluate(script, argument)
    except Error:
        return None  # the frame is loading another page, or is gone


def main(fd: int, program: str) -> int:
    """Show pages for the crawl, which fetches what they need, until the crawl ends it. ``fd``: the connection."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    most = MAX_PROCESS_BYTES if most == resource.RLIM_INFINITY else min(most, MAX_PROCESS_BYTES)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    leave_network()  # before the thread of end_with(): the kernel refuses it to a process with two threads
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
