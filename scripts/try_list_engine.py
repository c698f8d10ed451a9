"""Read a portal on loopback with the begun list engine: ``python -m scripts.try_list_engine ARCHIVE URL``.

ARCHIVE is the folder of running imitation portals (``python -m imitation.server ARCHIVE``). ``--list`` reads the one
list at URL instead of walking from it; ``--no-browser`` goes by links only. Prints entries, claims, whether each list
is complete or why not, requests and seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from crawler.lists.browser import Browser
from crawler.lists.fetch import Answer, Request
from crawler.lists.list_reader import ListReading
from crawler.lists.walk import REPORTS_LABEL, Walk

MAX_BODY_BYTES, MAX_REDIRECTS, TIMEOUT_SECONDS = 8_000_000, 5, 20.0
AGENT = "nianbao (annual reports archive)"


class LoopbackFetch:
    """Ask hosts that a map sends to loopback addresses; others do not answer. ``asked``: all requests."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self.hosts = dict(hosts)
        self.asked: list[Request] = []
        self._client = httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS)

    def __call__(self, request: Request) -> Answer:
        """Return the answer after redirects to hosts of the map."""
        url = request.url
        for _ in range(MAX_REDIRECTS):
            parts = urlsplit(url)
            address = self.hosts.get(parts.hostname or "")
            if address is None or not address.startswith("127.0.0.1:"):
                return Answer(request, url, 0)
            self.asked.append(request)
            target = f"http://{address}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
            headers = {"User-Agent": AGENT, **dict(request.headers), "Host": parts.hostname or ""}
            try:
                if request.form is not None:
                    got = self._client.post(target, headers=headers, data=dict(request.form))
                elif request.body is not None:
                    got = self._client.post(target, headers=headers, content=request.body)
                else:
                    got = self._client.get(target, headers=headers)
            except httpx.HTTPError:
                return Answer(request, url, 0)
            if not got.is_redirect:
                kind = got.headers.get("content-type", "")
                body = got.content
                return Answer(request, url, got.status_code, body[:MAX_BODY_BYTES], kind, len(body) > MAX_BODY_BYTES)
            url = urljoin(url, got.headers.get("location", ""))
        return Answer(request, url, 0)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def describe(read: ListReading) -> str:
    """Return a list as lines to be read."""
    stated = ", ".join(dict.fromkeys(f"{one.kind} {one.value}" for one in read.claims)) or "nothing"
    said = "complete" if read.verdict.complete else "partial: " + "; ".join(read.verdict.unmet)
    head = f"{read.url}  {read.title}\n  {len(read.entries)} entries, {read.pages} pages, by {read.by}; states {stated}"
    rows = [f"    {one.date or '-':10}  {one.title}  {one.url}" for one in read.entries]
    return "\n".join([head, f"  {said}", *rows])


def read_portal(
    url: str, fetch: LoopbackFetch, place: str, *, with_browser: bool, as_list: bool
) -> tuple[ListReading, ...]:
    """Walk from an address, or read the list that stands there."""
    hosts = [urlsplit(url).hostname or ""]
    walk = Walk(url, fetch, place=place, hosts=hosts, open_browser=Browser if with_browser else None)
    if not as_list:
        return walk.run()
    try:
        return tuple(islice(walk.read_each(((url, REPORTS_LABEL),)), 1))
    finally:
        walk.close()


def main(argv: Sequence[str]) -> int:
    """Print what was read; return 1 if a list is not complete."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("url")
    parser.add_argument("--place", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args(argv)
    hosts = json.loads((options.archive / "imitation.json").read_text("utf-8"))["hosts"]
    fetch, began = LoopbackFetch(hosts), time.monotonic()
    found = read_portal(options.url, fetch, options.place, with_browser=not options.no_browser, as_list=options.list)
    lines = [describe(one) for one in found]
    entries = {entry.url for one in found for entry in one.entries if entry.url}
    spent = time.monotonic() - began
    lines.append(f"{len(found)} lists, {len(entries)} entries, {len(fetch.asked)} requests, {spent:.1f} s")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if found and all(one.verdict.complete for one in found) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
