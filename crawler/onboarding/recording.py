"""The answers that a probe saw: given once more without being asked for, and written beside the portal's files.

``<archive>/portals/recorded/<slug>/``: ``pages.toml`` (address → file), the files, ``leads.json``. The names of files
are ours; addresses are quoted, read back and compared.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import scrapy
from scrapy.http import Response, TextResponse

from crawler.errors import CrawlError
from crawler.net.fetching import FetchContext, Fetched, Fetcher
from crawler.net.response_verdict import Verdict
from storage.records import CaptureOutcome

MAX_PAGE_BYTES, MAX_BYTES = 3_000_000, 60_000_000
HTML = "text/html"
Key = tuple[str, str | None]  # of an answer: the address, and what was posted


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer that is held: the address it came from in the end, what it is, its entity."""

    url: str
    outcome: CaptureOutcome
    reason: str = ""
    body: bytes = b""
    kind: str = HTML


class CachingFetcher(Fetcher):
    """The fetcher of a probe asks the portal ``most`` times, and for nothing twice. ``tell``: is told the number of
    requests so far.
    """

    def __init__(self, live: Fetcher, most: int, tell: Callable[[int], None]) -> None:
        super().__init__(live.crawler)
        self.most, self.tell, self.asked = most, tell, 0
        self.answers: dict[Key, CachedAnswer] = {}

    async def send(self, request: scrapy.Request, context: FetchContext) -> tuple[Fetched, Response | None]:
        """Return what is held for a request, else what the live portal answers."""
        key = request.url, request.body.decode("latin-1") if request.method == "POST" else None
        if (held := self.answers.get(key)) is not None:
            fragment = urldefrag(context.requested).fragment
            url = f"{held.url}#{fragment}" if fragment else held.url
            answer = TextResponse(held.url, headers={"Content-Type": held.kind}, body=held.body, request=request)
            is_page = held.outcome is CaptureOutcome.PAGE
            return Fetched(url, Verdict(held.outcome, held.reason), (), held.body), answer if is_page else None
        if self.asked >= self.most:
            return Fetched(context.requested, Verdict(CaptureOutcome.ERROR, "page_budget"), (), spent=True), None
        self.asked += 1
        self.tell(self.asked)
        fetched, response = await super().send(request, context)
        if not (fetched.spent or fetched.not_now):
            kind = (response.headers.get("Content-Type") or b"").decode("latin-1") if response is not None else ""
            verdict, url = fetched.verdict, urldefrag(fetched.url).url
            self.answers[key] = CachedAnswer(url, verdict.outcome, verdict.reason, fetched.body, kind or HTML)
        return fetched, response


def folder_of(archive: Path, slug: str) -> Path:
    """Return where a portal's recording lies."""
    return archive / "portals" / "recorded" / slug


def write_recording(folder: Path, answers: Mapping[Key, CachedAnswer], leads: Sequence[Mapping[str, Any]]) -> None:
    """Write what was seen. A page that is too large is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    pages, other, asked, total = dict[str, str](), dict[str, str](), list[dict[str, str]](), 0
    for number, ((url, posted), held) in enumerate(answers.items()):
        total += len(held.body)
        name = f"p{number:04d}.html"
        if held.outcome is not CaptureOutcome.PAGE or len(held.body) > MAX_PAGE_BYTES or total > MAX_BYTES:
            other[url] = f"{held.outcome} {held.reason}".strip()
            continue
        (folder / name).write_bytes(held.body)
        if posted is None and held.url == url and held.kind.startswith(HTML):
            pages[url] = name
        else:  # a page that answered from another address, to what was posted, or to a script
            row = {"url": url, "final": held.url, "kind": held.kind, "file": name}
            asked.append(row if posted is None else row | {"posted": posted})
    lines = ["# Answers as they were seen when the portal was recorded.", *([] if asked else ["asked = []"])]
    lines += ["[pages]", *(f"{_quoted(url)} = {_quoted(name)}" for url, name in pages.items())]
    lines += ["[other]", *(f"{_quoted(url)} = {_quoted(outcome)}" for url, outcome in other.items())]
    for row in asked:
        lines += ["[[asked]]", *(f"{name} = {_quoted(value)}" for name, value in row.items())]
    text = "\n".join(lines) + "\n"
    if tomllib.loads(text) != {"pages": pages, "other": other, "asked": asked}:
        raise CrawlError("the recording could not be written safely", code="recording.unsafe")
    (folder / "pages.toml").write_text(text, encoding="utf-8")
    rows = ",\n".join(json.dumps(lead, ensure_ascii=False) for lead in leads)
    (folder / "leads.json").write_text(f"[\n{rows}\n]\n" if rows else "[]\n", encoding="utf-8")


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    kept = "".join(one if one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}" for one in text)
    return f'"{kept}"'
