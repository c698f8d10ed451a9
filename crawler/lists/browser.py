"""One session of Chromium: opens a page, presses controls, waits until the page rests, and returns what is shown.

The browser runs in a process of its own (:mod:`crawler.lists.browser_process`), which has no network. Every request
of a page goes, one at a time, through the same ``Fetch`` as all others, so it is guarded, paced and stored as they are.
Each turn (opening, pressing, scrolling) returns a state: the DOM as shown, and the scripts that failed.
A page that breaks the browser harms no other page: its state says why, and the next page gets a new process.
"""

from __future__ import annotations

import importlib.util
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

from archive.documents.charset import decode
from crawler.lists.browser_limits import MAX_MESSAGE_BYTES, BrowserFailed, LimitedProcess, Message, Pause
from crawler.lists.engine import MAX_END
from crawler.lists.page import Answer, Claim, Fetch, PageOfList, Request
from crawler.lists.page_reader import parse_json, read_page, read_text
from storage.records import Note

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
NEVER = "none"  # value of the setting ``browser`` for no browser at all
MAX_SECONDS, MAX_TURNS = 120.0, 40  # of a page, unless a setting says otherwise; 36 agencies take 80 turns
MAX_REQUESTS, MAX_TURN_REQUESTS, MAX_JUMPS = 100, 60, 4  # when a page opens, in each further turn, main documents
MAX_PAGES_OF_PROCESS = 25  # then a new process begins, as the memory of a browser keeps growing
MAX_JSON_BYTES, MAX_BODY_BYTES = 4_000_000, MAX_MESSAGE_BYTES - (1 << 20)
_DATA = ("xhr", "fetch")
_TEXTUAL = ("text/", "json", "javascript", "ecmascript", "xml")


@dataclass(frozen=True, slots=True)
class State:
    """What the browser shows after a turn. ``did``: whether the control to be pressed was there.

    ``settled``: the page came whole and has come to rest. ``lacking``: addresses of data and frames that did not come.
    ``is_cut``: the document lacks its closing tag.
    """

    page: PageOfList
    markup: str = field(repr=False)
    failed_scripts: tuple[str, ...] = ()
    did: bool = True
    settled: bool = True
    lacking: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def failed(self) -> tuple[str, ...]:
        """The scripts that failed, and the data and frames that did not come."""
        return tuple(dict.fromkeys((*self.failed_scripts, *self.lacking)))


def find_program(setting: str = "") -> str | None:
    """Return the path of the browser that ``setting`` names (path, name, or ``none``), else of the first usual name."""
    names = () if setting == NEVER else (setting,) if setting else PROGRAMS
    return next(filter(None, map(shutil.which, names)), None)


def why_no_browser(setting: str = "") -> Note | None:
    """Return why this machine can show no page, with what to install; None if it can."""
    if setting == NEVER:
        return Note("browser_off")
    if importlib.util.find_spec("playwright") is None:
        return Note("no_playwright")
    if find_program(setting) is None:
        return Note("browser_no_program", {"name": setting}) if setting else Note("no_browser")
    return None


class Browser:
    """A browser session, to be ended by :meth:`close`.

    ``seconds``: the time that a page may take to open, and again for all further turns, without waits for our crawl;
    ``turns``: how often each part of a list may be pressed, and how often scrolled. ``lock_folder``: where locks
    limit the browsers of an archive; ``pause`` waits for a free one. ``failure``: why a page was not shown.
    """

    def __init__(
        self, fetch: Fetch, program: str | None = None, *, seconds: float = MAX_SECONDS, turns: int = MAX_TURNS,
        lock_folder: Path | None = None, pause: Pause = time.sleep,
    ) -> None:  # fmt: skip
        """Start nothing yet. ``program``: the browser's path (None: a usual one); ``seconds``: at most for a page."""
        self.fetch, self.program = fetch, program or find_program() or PROGRAMS[0]
        self.seconds, self.turns, self._lock_folder, self._pause = seconds, turns, lock_folder, pause
        self.failure: BrowserFailed | None = None
        self._process: LimitedProcess | None = None
        self._pages = 0  # of this process
        self._errors: dict[str, frozenset[str]] = {}  # of scripts, by site

    def close(self) -> None:
        """End the browser's process; opening another page starts a new one."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    @property
    def not_started(self) -> Note | None:
        """Why the browser could not be started (it is not tried again); None if it could."""
        if self.failure is None or self.failure.reason != "browser_not_started":
            return None
        return Note("browser_not_started", {"text": self.failure.text})

    @property
    def version(self) -> str:
        """Name and version of the browser that runs."""
        return self._process.browser if self._process is not None else ""

    def open(self, url: str, *, bare: bool = False) -> State:
        """Open a page in a new context, without cookies or other data of earlier pages. ``bare``: return its main
        document alone and without handles (marks for pressing), as the page of a report is stored.
        """
        self._url, self._sites = url, {_site_of(url)}
        self._moved: Answer | None = None
        self._is_cut = False
        self._is_turned = False
        return self._take({"do": "open", "url": url, "bare": bare}, MAX_REQUESTS)

    def errors_on(self, url: str) -> frozenset[str]:
        """Return the errors of scripts on a page, which is shown instead of the present one; once for each site."""
        if (site := _site_of(url)) not in self._errors:
            self._errors[site] = frozenset(self.open(url, bare=True).failed_scripts)
        return self._errors[site]

    def press(self, handle: str) -> State:
        """Press a control or choose an option. ``handle``: its name in the last state."""
        return self._turn({"do": "press", "handle": handle})

    def scroll(self) -> State:
        """Scroll the page and all boxes in it to their ends."""
        return self._turn({"do": "scroll"})

    def ask(self, handle: str) -> str:
        """Return the address that pressing a row would open; the page stays."""
        address = str(self._converse({"do": "ask", "handle": handle})[0].get("url") or "")
        return urljoin(self._url, address) if address else ""

    def draw(self) -> bytes:
        """Return a picture of the page as PNG; b"" if there is none."""
        png = self._converse({"do": "draw"})[1]
        return png if png.startswith(b"\x89PNG") else b""

    # --------------------------------------------------------------------------------------------------------- inside

    def _turn(self, order: dict[str, Any]) -> State:
        if not self._is_turned and self._process is not None:
            self._process.left = self.seconds
        self._is_turned = True
        return self._take(order)

    def _take(self, order: dict[str, Any], requests: int = MAX_TURN_REQUESTS) -> State:
        """Send an order and return the state that the page shows then; ``requests``: how many it may make meanwhile. If
        the browser failed or the page did not come, the state's page only has the reason, as ``refusal``.
        """
        message, body = self._converse(order, requests)
        if not message:
            reason = self.failure.reason if self.failure is not None else "browser_died"
            return State(PageOfList(self._url, refusal=reason), "", (reason,), did=False, settled=False)
        if message.get("say") != "shown":
            return State(PageOfList(self._url, refusal=f"browser: {str(message.get('reason'))[:120]}"), "", did=False)
        url, markup = str(message.get("url")), body.decode("utf-8", "replace")
        url = url if _site_of(url) in self._sites else self._url
        page = PageOfList(url, refusal="never_at_rest" if message.get("whole") is True else "rendered_page_too_large")
        if markup:
            page = replace(read_text(url, markup), frames=())
        page = replace(page, claims=(*page.claims, *_claims_of(self._answers, page)))
        errors = message.get("failed")
        failed = [*self._failed, *(str(one)[:200] for one in (errors if isinstance(errors, list) else ()))]
        self._is_cut = not all(self._ends) if self._ends else self._is_cut
        return State(
            page, markup, tuple(dict.fromkeys(failed)), message.get("did") is True,
            message.get("settled") is True and bool(markup) and not self._is_cut, tuple(self._lacking), self._is_cut,
        )  # fmt: skip

    def _converse(self, order: dict[str, Any], requests: int = MAX_TURN_REQUESTS) -> Message:
        """Send an order to the process and answer the page's requests until it is done; ({}, b"") if it fails."""
        self._may_ask, self._jumps = requests, MAX_JUMPS
        self._answers: list[Answer] = []
        self._failed: list[str] = []
        self._lacking: list[str] = []
        self._ends: list[bool] = []  # for each document of this turn: whether it has its closing tag
        if self.not_started or (self._process is None and order["do"] != "open"):
            return {}, b""
        try:
            process = self._provide_process() if order["do"] == "open" else self._process
            assert process is not None
            message, body = process.ask(order)
            while message.get("say") == "fetch":
                message, body = process.ask(*self._answer(message, body))
            if message.get("say") == "died":
                raise BrowserFailed("browser_died")
        except BrowserFailed as failure:
            self.failure = failure
            self.close()
            return {}, b""
        except BaseException:
            self.close()  # the process is in the middle of an order
            raise
        return message, body

    def _provide_process(self) -> LimitedProcess:
        """Return the browser's process, a new one after ``MAX_PAGES_OF_PROCESS`` pages; its time begins anew."""
        if self._pages >= MAX_PAGES_OF_PROCESS:
            self.close()
        if self._process is None:
            self._process, self._pages = LimitedProcess(self.program, self._lock_folder, self._pause), 0
        self._pages += 1
        self._process.left = self.seconds
        return self._process

    def _answer(self, message: dict[str, Any], body: bytes) -> Message:
        """Fetch what the page requests and return the answer to it. If the page itself was moved, the answer is where
        to, and its content is kept (``_moved``) for the next request. Raises :class:`BrowserFailed` after too many.
        """
        url, kind = urldefrag(str(message.get("url"))).url, str(message.get("kind"))
        is_main = message.get("main") is True
        self._may_ask, self._jumps = self._may_ask - 1, self._jumps - is_main
        if self._may_ask < 0 or self._jumps < 0:
            raise BrowserFailed("too_many_requests" if self._may_ask < 0 else "sent_on_and_on")
        if message.get("method") not in ("GET", "POST"):
            self._failed.append(url)
            return {}, b""
        answer = None
        if is_main:
            answer, self._moved = self._moved, None
        if answer is None or urldefrag(answer.url).url != url:
            answer = self.fetch(_as_request(url, message, body))
            self._answers.append(answer)
            if kind == "document":
                self._ends.append(b"</html>" in answer.body[-MAX_END:].lower())
        mime, text = _as_text(answer)
        is_given = answer.status != 0 and len(text) <= MAX_BODY_BYTES
        is_foreign = answer.refused and kind not in _DATA  # a visitor counter or a frame of another site: no failure
        if (not is_given or answer.status >= 400) and not is_foreign:
            self._failed += [url] if kind in ("script", *_DATA) or is_main else []
            self._lacking += [url] if kind in ("document", *_DATA) else []
        if not is_given:
            return {}, b""
        if is_main:
            self._sites.add(_site_of(answer.url))
            if urldefrag(answer.url).url != url and answer.request.body is None:
                self._moved = answer
                return {"moved": answer.url}, b""
        return {"status": answer.status, "type": mime}, text


def _site_of(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def _as_text(answer: Answer) -> tuple[str, bytes]:
    """Return type and body of an answer, texts as UTF-8: the charset that a server names is often wrong."""
    kind = answer.content_type.partition(";")[0].strip().lower() or "text/html"
    if not any(mark in kind for mark in _TEXTUAL):
        return kind, answer.body
    return f"{kind}; charset=utf-8", decode(answer.body).text.encode("utf-8", "replace")


def _as_request(url: str, message: dict[str, Any], body: bytes) -> Request:
    headers_of_page = message.get("headers")
    pairs = headers_of_page.items() if isinstance(headers_of_page, dict) else ()
    headers = tuple((k, str(v)) for k, v in pairs if k.lower() not in ("host", "content-length"))
    return Request(url, headers=headers, body=body if message.get("method") == "POST" else None, by_browser=True)


def _claims_of(answers: Iterable[Answer], page: PageOfList) -> list[Claim]:
    """Return what JSON answers state about the list's size, if they contain rows that the page shows."""
    titles = {entry.title for block in page.blocks for entry in block.entries}
    claims: list[Claim] = []
    for answer in answers:
        if answer.status == 200 and parse_json(answer.body[:MAX_JSON_BYTES].decode("utf-8", "replace")) is not None:
            read = read_page(answer)
            is_shown = any(entry.title in titles for block in read.blocks for entry in block.entries)
            claims += read.claims if is_shown else ()
    return claims
