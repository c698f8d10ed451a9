"""The browser's process: ``python -m crawler.rendering.browser FD``; one page, then it ends, unless the crawl says
which is ``next``. What turns its list on is pressed, chosen and scrolled as the crawl says. It ends at once when its
standard input is closed, which the crawl keeps open.

Chromium is started without a network: in a network namespace of its own where the kernel lets us, and in any case with
every name and address resolved to nothing. Each request of the page is held here, told to the crawl over the socket FD,
and answered with what the crawl says; so are those of popups and workers, which are refused. Nothing here decides where
a request may go: that is the crawl's.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page, Request, Route, sync_playwright

from crawler.processes import end_with
from crawler.rendering.channel import Talk

WIDTH, HEIGHT = 1280, 900
MOST_CHARACTERS = 4_000_000  # of a page as rendered; what is longer is not read
TALLEST = 6_000  # pixels of a picture
_LEVELS, _FOLDERS = 3, 60  # levels of a tree that are unfolded, and folders of each
_STEP = 200  # milliseconds between two measures
_STILL, _LOADING = 3, 15  # measures without a change and without a request after which a page is taken for made; the
# second where it says that it is still loading
_LONGEST = 8.0  # seconds of its own in which a page must come to rest
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # of unshare(2)
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-gpu",
    "--disable-quic",
    "--disk-cache-size=1",
    "--js-flags=--max-old-space-size=512",
)
_KINDS = frozenset({"document", "script", "stylesheet", "xhr", "fetch"})
_MEASURE = """[document.links.length, document.querySelectorAll('li,tr').length,
  /正在加载|加载中|请稍候|请稍等|loading/i.test((document.body || document.documentElement).innerText.slice(0, 200000)),
]"""
# The functions that buttons of the page call and that stand in none of its own scripts, but in the files it loads.
_CALLED = """(() => {
  const own = Array.from(document.querySelectorAll('script:not([src])'), (one) => one.textContent).join(' ');
  const found = new Map();
  for (const one of Array.from(document.querySelectorAll('[onclick],a[href^="javascript:" i]')).slice(0, 5000)) {
    const said = (one.getAttribute('onclick') || '') + ' ' + (one.getAttribute('href') || '');
    const name = (/^\\s*(?:javascript:)?\\s*(?:return\\s+)?([A-Za-z_$][\\w$]{0,60})\\s*\\(/i.exec(said) || [])[1];
    if (!name || found.has(name) || found.size >= %d || typeof window[name] !== 'function') continue;
    const text = Function.prototype.toString.call(window[name]);
    found.set(name, own.includes('function ' + name) || text.length > %d ? '' : text);
  }
  return Array.from(found.values()).filter((text) => text.startsWith('function ')).join('\\n');
})()"""
_FUNCTIONS, _FUNCTION = 20, 4_000  # such functions, characters of one
_ENDS_SCRIPT = re.compile(r"</?script|<!--", re.IGNORECASE)
_SHOWN = """(() => {
  const most = %d, elements = document.getElementsByTagName('*').length;
  const text = elements > most / 10 ? null : document.documentElement.outerHTML;
  const whole = text !== null && text.length <= most;
  return {html: whole ? '<!DOCTYPE html>' + text : null, url: location.href,
          height: Math.max(document.documentElement.scrollHeight, document.body ? document.body.scrollHeight : 0)};
})()"""
# Closed folders of the trees of zTree, jsTree, Element, Ant and EasyUI: what stands in one may not be in the page yet.
_UNFOLD = """(() => {
  const closed = document.querySelectorAll('.ztree .switch[class*="_close"], .jstree-closed > .jstree-ocl,' +
    '.el-tree-node__expand-icon:not(.expanded):not(.is-leaf), .ant-tree-switcher_close, .tree-hit.tree-collapsed');
  const folders = Array.from(closed).filter((one) => one.getClientRects().length).slice(0, %d);
  for (const one of folders) HTMLElement.prototype.click.call(one);
  return folders.length;
})()"""
_PRESS = """((tag, text, nth) => {
  const bare = (one) => one.textContent.replace(/[\\s\\uFEFF]+/g, '');
  const button = Array.from(document.getElementsByTagName(tag)).filter((one) => bare(one) === text)[nth];
  if (!button) return 'lost';
  const style = getComputedStyle(button);
  if (!button.getClientRects().length || style.visibility !== 'visible') return 'hidden';
  if (style.pointerEvents === 'none' || button.disabled === true) return 'off';
  setTimeout(() => HTMLElement.prototype.click.call(button), 0);
  return 'pressed';
})"""
_CHOOSE = """((nth, number, text) => {
  const select = document.getElementsByTagName('select')[nth], option = select && select.options[number];
  if (!option || option.textContent.replace(/[\\s\\uFEFF]+/g, '') !== text) return 'lost';
  if (!select.getClientRects().length) return 'hidden';
  if (select.disabled || option.disabled) return 'off';
  setTimeout(() => {
    select.selectedIndex = number;
    for (const name of ['input', 'change']) select.dispatchEvent(new Event(name, {bubbles: true}));
  }, 0);
  return 'pressed';
})"""
_SCROLL = """(() => {
  window.scrollTo(0, 0);
  setTimeout(() => {
    window.scrollTo(0, document.documentElement.scrollHeight);
    if (!window.scrollY) document.dispatchEvent(new Event('scroll', {bubbles: true}));  // as a wheel would, at the end
  }, 0);
  return 'pressed';
})"""
_ACTS = {"press": _PRESS, "choose": _CHOOSE, "scroll": _SCROLL}


def without_network() -> bool:
    """Leave the network for a namespace that has none, with all processes begun later; whether the kernel let us."""
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    if user == 0 and unshare(_NEW_NETWORK) == 0:
        return True
    if unshare(_NEW_USER | _NEW_NETWORK) != 0:
        return False
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return True


class Visit:
    """One page being rendered. ``asked``: requests told to the crawl; ``waited``: seconds spent waiting for it."""

    def __init__(self, talk: Talk, job: dict[str, Any]) -> None:
        self.talk, self.job = talk, job
        self.page: Page | None = None
        self.asked, self.waited = 0, 0.0
        self.moved = ""
        self.sound = True  # no script of the page ended in an error
        self.began = time.monotonic()

    def show(self, browser: Browser) -> dict[str, Any] | None:
        """Render the page of the job and tell how it came out; the next job, if the crawl has one."""
        context = self._context(browser)
        self.page = page = context.new_page()
        context.on("page", _shut)
        page.on("pageerror", self._fails)
        page.goto(self.job["url"], wait_until="commit", timeout=0)
        developer = context.new_cdp_session(page)
        settled = self._settle(page, developer)
        for _ in range(_LEVELS):
            if not settled or not self._evaluate(developer, _UNFOLD % _FOLDERS):
                break
            settled = self._settle(page, developer)
        shown = self._shown(developer)
        markup = shown.get("html")
        head = {
            "say": "shown",
            "url": str(shown.get("url", "")),
            "whole": markup is not None,
            "settled": settled,
            "sound": self.sound,
            "browser": f"Chromium {browser.version}",
        }
        answer, _ = self._ask(head, (markup or "").encode("utf-8", "replace"))
        if answer.get("picture"):
            height = min(max(int(shown.get("height", HEIGHT)), 200), TALLEST)
            answer, _ = self._ask({"say": "picture"}, _picture(page, height))
        while act := next((name for name in _ACTS if name in answer), None):
            answer, _ = self._ask(*self._turned(page, developer, act, answer[act]))
        context.close()  # nothing of a page is left for the next
        return answer.get("next")

    def _turned(
        self, page: Page, developer: CDPSession, act: str, arguments: list[Any]
    ) -> tuple[dict[str, Any], bytes]:
        """Press a button (its tag, its text without blanks, which of these from 0), choose an option (which
        select, which of its options, its text without blanks) or scroll to the end; what became of it, and the page.
        """
        did = self._evaluate(developer, f"{_ACTS[act]}({', '.join(map(json.dumps, arguments))})")
        settled = did != "pressed" or self._settle(page, developer)
        shown = self._shown(developer) if did == "pressed" else {"html": "-"}
        markup = shown.get("html")
        head = {
            "say": "shown",
            "did": did,
            "whole": markup is not None,
            "settled": settled,
            "url": str(shown.get("url", "")),
        }
        return head, (markup or "").encode("utf-8", "replace")

    def _shown(self, developer: CDPSession) -> dict[str, Any]:
        """The page as it stands now; at its end the functions that its buttons call, from which readers learn where
        these lead.
        """
        shown: dict[str, Any] = self._evaluate(developer, _SHOWN % MOST_CHARACTERS) or {}
        called = self._evaluate(developer, _CALLED % (_FUNCTIONS, _FUNCTION), of_page=True)
        sound = isinstance(called, str) and len(called) <= _FUNCTIONS * _FUNCTION and not _ENDS_SCRIPT.search(called)
        if shown.get("html") and called and sound:
            text, end, after = shown["html"].rpartition("</body>")
            shown["html"] = f"{text}<script>{called}</script>{end}{after}" if end else shown["html"]
        return shown

    def _context(self, browser: Browser) -> BrowserContext:
        context = browser.new_context(
            user_agent=self.job["agent"],
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            service_workers="block",
            accept_downloads=False,
            permissions=[],
        )
        context.route("**/*", self._route)
        return context

    def _ask(self, head: dict[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        began = time.monotonic()
        answer = self.talk.ask(head, body)
        self.waited += time.monotonic() - began
        return answer

    def _route(self, route: Route) -> None:
        """Tell the crawl of a request, and give the browser what it says; what has no page here is refused."""
        request = route.request
        try:
            if request.resource_type not in _KINDS or not self._is_ours(request):
                route.abort("blockedbyclient")
                return
            self.asked += 1
            answer, body = self._ask(self._described(request), (request.post_data_buffer or b"")[: 1 << 20])
            if "status" in answer:
                route.fulfill(status=answer["status"], headers=answer["headers"], body=body)
            elif answer.get("stay"):
                route.abort("aborted")  # the page shown stays
            else:
                self.moved = answer.get("moved", "")
                route.abort("blockedbyclient")
        except Error:
            return  # the page went on before its answer was there

    def _fails(self, error: Error) -> None:
        del error
        self.sound = False

    def _is_ours(self, request: Request) -> bool:
        try:
            return request.frame.page is self.page
        except Error:
            return False  # a popup that is no page yet, or a worker

    def _described(self, request: Request) -> dict[str, Any]:
        main = request.is_navigation_request() and request.frame.parent_frame is None
        return {
            "say": "fetch",
            "url": request.url[:20_000],
            "method": request.method,
            "kind": request.resource_type,
            "main": main,
            "headers": {name: value[:2000] for name, value in list(request.headers.items())[:40]},
        }

    def _settle(self, page: Page, developer: CDPSession) -> bool:
        """Wait until nothing is asked for and no link is added any more; whether it came to that."""
        page.wait_for_load_state("domcontentloaded", timeout=0)
        ends = self._own() + _LONGEST
        last: object = None
        still, needed = 0, _STILL
        while still < needed:
            asked = self.asked
            page.wait_for_timeout(_STEP)
            if self.moved:
                moved, self.moved = self.moved, ""
                page.goto(moved, wait_until="commit", timeout=0)
            now = self._evaluate(developer, _MEASURE)
            still = still + 1 if now is not None and now == last and asked == self.asked else 0
            last, needed = now, _LOADING if now and now[2] else _STILL
            if self._own() > ends:
                return False
        return True

    def _own(self) -> float:
        """Seconds that this has taken, without waiting for the crawl."""
        return time.monotonic() - self.began - self.waited

    def _evaluate(self, developer: CDPSession, expression: str, *, of_page: bool = False) -> Any:
        """Value of an expression in a world that the page's scripts cannot reach, or in theirs (``of_page``: it can be
        what they like); None where the page is going on.
        """
        try:
            asked = {"expression": expression, "returnByValue": True, "timeout": 5000}
            if not of_page:
                frame = developer.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
                world = developer.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]
                asked["contextId"] = world
            return developer.send("Runtime.evaluate", asked)["result"].get("value")
        except Error:
            return None


def _shut(page: Page) -> None:
    with suppress(Error):
        page.close()


def _picture(page: Page, height: int) -> bytes:
    """The page as seen; b"" where no picture can be taken of it."""
    clip: Any = {"x": 0, "y": 0, "width": WIDTH, "height": height}
    try:
        return page.screenshot(full_page=True, clip=clip, animations="disabled", timeout=8000)
    except Error:
        return b""


def main(arguments: list[str]) -> int:
    """Entry of the process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))  # a crawl's own bound is not for a browser
    alone = without_network()  # the kernel lets no process with two threads
    end_with(sys.stdin.fileno())
    with socket.socket(fileno=int(arguments[0])) as end:
        talk = Talk(end)
        job, _ = talk.ask({"say": "ready", "alone": alone})
        with sync_playwright() as playwright:
            try:
                browser = playwright.chromium.launch(
                    executable_path=job["browser"],
                    args=list(_ARGUMENTS),
                    chromium_sandbox=os.geteuid() != 0,  # as root it cannot have one
                    proxy={"server": "http://none.invalid:1"},
                    timeout=job["seconds"] * 1000,
                )
            except Error as error:
                talk.ask({"say": "failed", "reason": str(error).strip().splitlines()[0][:300]})
                return 1
            following: dict[str, Any] | None = job
            while following is not None:
                following = Visit(talk, following).show(browser)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
