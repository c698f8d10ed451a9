"""One session of Chromium: press a control, wait until the page rests, take what is shown.

Every request of the page goes, one after another, through the same ``Fetch`` as all others, so what guards, paces and
keeps requests holds here too; the browser itself has no network. Each turn gives back its state: the DOM as shown, the
answers that it took, and the scripts that failed.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

from playwright.sync_api import Error, Frame, Playwright, Route, sync_playwright
from playwright.sync_api import Request as BrowserRequest

from archive.documents.charset import decode
from crawler.rebuilt.fetch import Answer, Fetch, Request
from crawler.rebuilt.page import HANDLE, HIDDEN, PRESSED, Page
from crawler.rebuilt.page_reader import parse_json, read_page, read_text

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
MAX_TAIL_BYTES = 2_000  # behind which the end of a page may stand
MAX_REQUESTS, MAX_SNAPSHOT_CHARS = 400, 4_000_000
STEP_MS, STEPS_AT_REST, MAX_STEPS = 100, 3, 80  # between two measures, without a change, in all
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu", "--disable-quic", "--disk-cache-size=1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--js-flags=--max-old-space-size=256",
)  # fmt: skip
_KINDS = frozenset({"document", "script", "xhr", "fetch", "stylesheet"})
_TEXTUAL = ("text/", "json", "javascript", "ecmascript", "xml")
_INIT = "window.__opened = []; window.open = (url) => { window.__opened.push(String(url)); return null; };"
_MEASURE = """() => [document.links.length, document.querySelectorAll('li,tr,dd').length,
  (document.body || document.documentElement).innerText.replace(/\\d{1,2}:\\d\\d(:\\d\\d)?/g, '').length,
  /正在加载|加载中|请稍候|请稍等/.test((document.body || document.documentElement).innerText)]"""
_SNAPSHOT = """([hidden, handle, pressed, prefix]) => {
  let number = 0;
  const pointed = new Set();  // over which the pointer becomes a hand
  for (const one of document.querySelectorAll('*')) {
    one.removeAttribute(hidden);
    one.removeAttribute(pressed);
    one.setAttribute(handle, prefix + number++);
    if (/^(SCRIPT|STYLE|HEAD|META|LINK|TITLE|BASE|OPTION|BR|HTML)$/.test(one.tagName)) continue;
    const style = getComputedStyle(one);
    if (style.display === 'none' || style.visibility === 'hidden') one.setAttribute(hidden, '');
    if (style.cursor !== 'pointer') continue;
    pointed.add(one);
    if (!pointed.has(one.parentElement)) one.setAttribute(pressed, '');
  }
  const copy = document.documentElement.cloneNode(true);
  const links = document.querySelectorAll('a[href]'), copies = copy.querySelectorAll('a[href]');
  if (window !== window.top) links.forEach((one, at) => {
    const href = one.getAttribute('href').trim();
    if (href && !href.startsWith('#') && !/^javascript:/i.test(href)) copies[at].setAttribute('href', one.href);
  });
  return copy.outerHTML;
}"""
_CLICK = """([handle, number]) => {
  const one = document.querySelector(`[${handle}="${number}"]`);
  if (!one || one.disabled === true) return false;
  if (one.tagName === 'OPTION') {
    one.selected = true;
    for (const name of ['input', 'change']) one.parentElement.dispatchEvent(new Event(name, {bubbles: true}));
    return true;
  }
  for (const name of ['mouseover', 'mousedown', 'mouseup'])
    one.dispatchEvent(new MouseEvent(name, {bubbles: true, cancelable: true, view: window}));
  setTimeout(() => HTMLElement.prototype.click.call(one), 0);
  return true;
}"""
_SCROLL = """() => {
  for (const one of [document.documentElement, ...document.querySelectorAll('div,ul,main,section')])
    if (one.scrollHeight > one.clientHeight + 20) one.scrollTop = one.scrollHeight;
  window.scrollTo(0, document.documentElement.scrollHeight);
  for (const target of [window, document]) target.dispatchEvent(new Event('scroll', {bubbles: true}));
}"""


@dataclass(frozen=True, slots=True)
class State:
    """What a turn showed. ``did``: what was to be pressed was there; ``settled``: the page came whole, and to rest."""

    page: Page
    markup: str = field(repr=False)
    answers: tuple[Answer, ...] = ()
    failed_scripts: tuple[str, ...] = ()
    did: bool = True
    settled: bool = True


def find_program() -> str | None:
    """Return the browser of this machine, if it has one."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Browser:
    """A session, as a context manager; ``requests`` counts what its pages asked for."""

    def __init__(self, fetch: Fetch, program: str | None = None) -> None:
        self.fetch, self.program = fetch, program or find_program()
        self.requests = 0
        self._answers: list[Answer] = []
        self._failed: list[str] = []
        self._held: list[str] | None = None  # where a press led, while nothing may lead away
        self._leaves: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        playwright: Playwright = sync_playwright().start()
        self._leaves.append(playwright.stop)
        self._browser = playwright.chromium.launch(
            executable_path=self.program, args=list(_ARGUMENTS), chromium_sandbox=os.geteuid() != 0,
            proxy={"server": "http://none.invalid:1"},
        )  # fmt: skip
        self._leaves.append(self._browser.close)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for leave in reversed(self._leaves):
            leave()

    def open(self, url: str) -> State:
        """Show a page, in a context that knows nothing of pages before."""
        for before in self._browser.contexts:
            before.close()
        context = self._browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai",
            service_workers="block", accept_downloads=False,
        )  # fmt: skip
        context.add_init_script(_INIT)
        context.route("**/*", self._route)
        self._page, self._is_cut = context.new_page(), False
        self._page.on("pageerror", lambda error: self._failed.append(f"error: {str(error)[:120]}"))
        self._page.on("dialog", lambda dialog: dialog.dismiss())
        context.on("page", lambda page: page.close())
        try:
            self._page.goto(url, wait_until="commit", timeout=30_000)
        except Error as error:
            return State(Page(url, refusal=f"browser: {str(error).splitlines()[0][:120]}"), "", did=False)
        return self._take(did=True)

    def press(self, handle: str) -> State:
        """Press a control, or choose an option, by the handle that the last state gave it."""
        return self._take(did=bool(self._evaluate(self._frame_of(handle), _CLICK, [HANDLE, handle])))

    def scroll(self) -> State:
        """Scroll everything to its end."""
        for frame in self._page.frames:
            self._evaluate(frame, _SCROLL)
        return self._take(did=True)

    def ask(self, handle: str) -> str:
        """Return to where a row leads when it is pressed; the page stays."""
        self._held = []
        try:
            self._evaluate(self._frame_of(handle), _CLICK, [HANDLE, handle])
            self._settle()
            opened = self._evaluate(self._page.main_frame, "() => window.__opened.splice(0)") or []
            found = [*self._held, *opened]
        finally:
            self._held = None
        return urljoin(self._page.url, str(found[0])) if found else ""

    # --------------------------------------------------------------------------------------------------------- inside

    def _take(self, *, did: bool) -> State:
        settled = self._settle()
        parts = [
            self._evaluate(frame, _SNAPSHOT, [HIDDEN, HANDLE, PRESSED, f"f{at}-"]) or ""
            for at, frame in enumerate(self._page.frames)
        ]
        markup = parts[0] + "".join(f"<div>{part}</div>" for part in parts[1:])
        whole = len(markup) <= MAX_SNAPSHOT_CHARS
        page = replace(read_text(self._page.url, markup), frames=()) if whole and markup else Page(self._page.url)
        answers, self._answers = tuple(self._answers), []
        failed, self._failed = tuple(dict.fromkeys(self._failed)), []
        if not whole:
            page = replace(page, refusal="too long to be read")
        stated = [claim for answer in answers for claim in _claims_of(answer, page)]
        is_settled = settled and not self._is_cut
        return State(replace(page, claims=(*page.claims, *stated)), markup, answers, failed, did, is_settled)

    def _settle(self) -> bool:
        """Wait until nothing is asked for and nothing is added any more; return whether it came to that."""
        last: object = None
        still = 0
        for _ in range(MAX_STEPS):
            before = self.requests
            with suppress(Error):
                self._page.wait_for_timeout(STEP_MS)
            now = [self._evaluate(frame, _MEASURE) for frame in self._page.frames]
            is_loading = any(one and one[3] for one in now)
            still = still + 1 if now == last and before == self.requests else 0
            last = now
            if still >= STEPS_AT_REST * (4 if is_loading else 1):
                return True
        return False

    def _route(self, route: Route) -> None:
        request = route.request
        try:
            if request.resource_type not in _KINDS or self.requests >= MAX_REQUESTS:
                route.abort("blockedbyclient")
                return
            if self._held is not None and request.is_navigation_request():
                self._held.append(request.url)
                route.abort("aborted")  # the page that is shown stays
                return
            self.requests += 1
            answer = self.fetch(_as_request(request))
            self._answers.append(answer)
            if request.is_navigation_request() and b"</html>" not in answer.body[-MAX_TAIL_BYTES:].lower():
                self._is_cut = True
            is_needed = request.resource_type in ("script", "xhr", "fetch")
            if is_needed and (answer.status == 0 or answer.status >= 400):
                self._failed.append(request.url)
            if answer.status == 0:
                route.abort("failed")
            else:
                kind, body = _as_text(answer)
                route.fulfill(status=answer.status, headers={"content-type": kind}, body=body)
        except Error:
            return  # the page went on before its answer was there

    def _frame_of(self, handle: str) -> Frame:
        number = int(handle.partition("-")[0].removeprefix("f") or 0)
        return self._page.frames[min(number, len(self._page.frames) - 1)]

    def _evaluate(self, frame: Frame, script: str, argument: Any = None) -> Any:
        try:
            return frame.evaluate(script, argument)
        except Error:
            return None  # the frame is going on or gone


def _as_text(answer: Answer) -> tuple[str, bytes]:
    """Return a text as UTF-8: a browser believes the charset that a server names, which is often another."""
    kind = answer.content_type.partition(";")[0].strip().lower() or "text/html"
    if not any(mark in kind for mark in _TEXTUAL):
        return kind, answer.body
    return f"{kind}; charset=utf-8", decode(answer.body).text.encode("utf-8", "replace")


def _as_request(request: BrowserRequest) -> Request:
    headers = tuple((k, v) for k, v in request.headers.items() if k.lower() not in ("host", "content-length"))
    body = request.post_data_buffer
    if request.method != "POST":
        return Request(request.url, headers=headers, by_browser=True)
    return Request(request.url, headers=headers, body=body or b"", by_browser=True)


def _claims_of(answer: Answer, page: Page) -> list[Any]:
    """Claims of an answer in JSON that holds some of the rows that the page shows."""
    if answer.status != 200 or parse_json(answer.body[:MAX_SNAPSHOT_CHARS].decode("utf-8", "replace")) is None:
        return []
    read = read_page(answer)
    shown = Counter(entry.title for block in page.blocks for entry in block.entries)
    if any(shown[entry.title] for block in read.blocks for entry in block.entries):
        return list(read.claims)
    return []
