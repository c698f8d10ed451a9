"""A portal's recorded pages: written when it is added, read back to look at it offline.

``<archive>/portals/recorded/<slug>/``: ``pages.toml`` (address → file), the files, ``leads.json``. The names of files
are ours; addresses are quoted, parsed back and compared.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler import portals
from crawler.errors import CrawlError
from crawler.looks.addressed import read_addressed
from crawler.looks.listing_reader import looks_side_by_side
from crawler.looks.look_builder import snapshot_of
from crawler.net.response_verdict import judge
from crawler.onboarding.replay import Held, Key, Replay
from crawler.rendering.rendered_page import Rendering, Turned
from crawler.rendering.rendered_reading import Circumstances
from crawler.spider import PortalSpider
from storage.records import CaptureOutcome, ListingForm, LookOutcome, Note

PAGES, LEADS = "pages.toml", "leads.json"
_LARGEST = 3_000_000  # bytes of one page that is kept
_ALL = 60_000_000
_KEYS = ("listing", "title", "url", "listed", "is_report", "agency", "year")


def folder_of(archive: Path, slug: str) -> Path:
    """Return where a portal's recording lies."""
    return archive / "portals" / "recorded" / slug


@dataclass(frozen=True, slots=True)
class Recording:
    """What is recorded of a portal. ``pages``: answers; ``rendered``: what browsers made of some, by their addresses;
    ``leads``: what was found on them when they were recorded.
    """

    pages: dict[Key, Held]
    rendered: dict[str, Rendering]
    leads: list[dict[str, Any]]


def write_recording(folder: Path, seen: Replay, leads: Sequence[dict[str, Any]]) -> None:
    """Write what a probe saw. A page that is too large is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    pages, other, asked, rendered, total = {}, {}, [], [], 0
    for number, ((url, form), held) in enumerate(seen.pages.items()):
        total += len(held.body)
        name = f"p{number:04d}.html"
        if held.outcome is not CaptureOutcome.PAGE or len(held.body) > _LARGEST or total > _ALL:
            other[url] = f"{held.outcome} {held.reason}".strip()
            continue
        (folder / name).write_bytes(held.body)
        if form is not None or held.url != url:
            asked.append(
                {
                    "url": url,
                    "final": held.url,
                    "form": [list(pair) for pair in form or ()],
                    "post": form is not None,
                    "file": name,
                }
            )
        else:
            pages[url] = name
    for number, (url, made) in enumerate(seen.rendered.items()):
        doms = (made.dom, *(one.dom for one in made.turned))
        total += sum(map(len, doms))
        if max(map(len, doms)) > _LARGEST or total > _ALL:
            continue
        how: dict[str, Any] = {"failed": [*made.how.failed], "foreign": made.how.foreign}
        how |= {"settled": made.how.settled, "grew": made.how.grew, "sound": made.how.sound}
        name = f"r{number:04d}.html"
        if made.outcome is None:
            (folder / name).write_bytes(made.dom)
        ends: dict[str, Any] = (
            {"file": name} if made.outcome is None else {"outcome": str(made.outcome), "reason": made.reason}
        )
        if made.turned or made.how.turning:
            names = [f"r{number:04d}-{turn}.html" for turn in range(1, len(doms))]
            for turn, dom in zip(names, made.turned, strict=True):
                (folder / turn).write_bytes(dom.dom)
            ends |= {"turning": made.how.turning, "turned": names}
            if any(one.label for one in made.turned):
                ends["labels"] = [one.label for one in made.turned]
            if any(one.url for one in made.turned):
                ends["addresses"] = [one.url for one in made.turned]
        rendered.append({"url": url, "final": made.url, **how, **ends})
    text = _toml(pages, other, asked, rendered)
    if tomllib.loads(text) != {"pages": pages, "other": other, "asked": asked, "rendered": rendered}:
        raise CrawlError("the recording could not be written safely", code="recording.unsafe")
    (folder / PAGES).write_text(text, encoding="utf-8")
    write_leads(folder, leads)


def write_leads(folder: Path, leads: Sequence[dict[str, Any]]) -> None:
    """Write the leads that the recorded pages give."""
    rows = ",\n".join(json.dumps(lead, ensure_ascii=False) for lead in leads)
    (folder / LEADS).write_text(f"[\n{rows}\n]\n" if rows else "[]\n", encoding="utf-8")


def _toml(
    pages: dict[str, str], other: dict[str, str], asked: Sequence[dict[str, Any]], rendered: Sequence[dict[str, Any]]
) -> str:
    lines = ["# Responses as they were seen when the portal was added.", "[pages]"]
    lines += [f"{_quoted(url)} = {_quoted(name)}" for url, name in pages.items()]
    lines += ["", "[other] # addresses that gave no page"]
    lines += [f"{_quoted(url)} = {_quoted(said)}" for url, said in other.items()]
    lines = [*(["asked = []"] if not asked else []), *(["rendered = []"] if not rendered else []), *lines]
    for row in asked:
        form = ", ".join(f"[{_quoted(key)}, {_quoted(value)}]" for key, value in row["form"])
        lines += [
            "",
            "[[asked]] # a page that answered from another address, or to a form",
            f"url = {_quoted(row['url'])}",
            f"final = {_quoted(row['final'])}",
            f"form = [{form}]",
            f"post = {str(row['post']).lower()}",
            f"file = {_quoted(row['file'])}",
        ]
    for row in rendered:
        lines += ["", "[[rendered]] # a list that scripts make, as a browser showed it"]
        lines += [f"{key} = {_value(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"


def _value(value: str | bool | Sequence[str]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else f"[{', '.join(map(_quoted, value))}]"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    kept = "".join(
        c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text if not 0xD800 <= ord(c) < 0xE000
    )
    return f'"{kept}"'


def read_recording(folder: Path) -> Recording:
    """Return what is recorded. Raises :class:`CrawlError` for a broken recording."""
    try:
        told = tomllib.loads((folder / PAGES).read_text(encoding="utf-8"))
        leads = json.loads((folder / LEADS).read_text(encoding="utf-8"))
        held: dict[Key, Held] = {}
        for url, name in told.get("pages", {}).items():
            held[url, None] = _page(url, url, (folder / Path(name).name).read_bytes())
        for row in told.get("asked", []):
            form = tuple((str(key), str(value)) for key, value in row["form"]) if row["post"] else None
            body = (folder / Path(row["file"]).name).read_bytes()
            held[row["url"], form] = _page(row["url"], row["final"], body)
        for url, said in told.get("other", {}).items():
            outcome, _, reason = str(said).partition(" ")
            held[url, None] = Held(url, CaptureOutcome(outcome), reason)
        rendered = {row["url"]: _rendering(folder, row) for row in told.get("rendered", [])}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        text = f"{type(error).__name__}: {error}"
        message = f"the recording {folder} cannot be read ({text})"
        raise CrawlError(message, code="recording.unreadable", folder=folder, text=text) from error
    return Recording(held, rendered, leads)


def _page(url: str, final: str, body: bytes) -> Held:
    """A page that was taken as one. What else its verdict said (``script_shell``) is judged anew."""
    verdict = judge(200, body, url=final, requested=url)
    return Held(final, CaptureOutcome.PAGE, verdict.reason if verdict.outcome is CaptureOutcome.PAGE else "", body)


def _rendering(folder: Path, row: dict[str, Any]) -> Rendering:
    how = Circumstances(
        row["failed"], row["foreign"], row["settled"], row["grew"], row.get("turning", ""), row.get("sound", False)
    )
    if "file" not in row:
        return Rendering(row["final"], how=how, outcome=LookOutcome(row["outcome"]), reason=row["reason"])
    dom, *turned = ((folder / Path(name).name).read_bytes() for name in (row["file"], *row.get("turned", [])))
    labels, urls = (row.get(name, [""] * len(turned)) for name in ("labels", "addresses"))
    turns = tuple(Turned(*one) for one in zip(turned, urls, labels, strict=True))
    return Rendering(row["final"], dom, how, turned=turns)


async def looks_of(replay: Replay) -> list[dict[str, Any]]:
    """Look at every declared column of a portal, from what is held or can be asked for; return the leads.

    Addressed listings are left out where nothing is held of them.
    """
    columns = [listing for listing in replay.listings if listing.form is not ListingForm.ADDRESSED]
    replay.stored += [snapshot_of(replay, look) for look in await looks_side_by_side(replay, columns)]
    if replay.live is None and any(spec.form is ListingForm.ADDRESSED for spec in replay.reader.listings):
        async for snapshot, _ in read_addressed(replay, replay):
            replay.stored.append(snapshot)
    return [
        dict(
            zip(
                _KEYS,
                (
                    lead.listing,
                    lead.title,
                    lead.url,
                    lead.listed.isoformat() if lead.listed else None,
                    lead.is_report,
                    lead.agency,
                    lead.year,
                ),
                strict=True,
            )
        )
        for lead in replay.leads()
        if lead.title or lead.is_report
    ]


def replayed(kind: type[PortalSpider], held: Recording, now: datetime) -> tuple[Replay, list[dict[str, Any]]]:
    """Look at a portal offline, as of ``now``: the replay with its looks, and the leads."""
    spider = kind(name=kind.name)
    replay = Replay(now, held.pages, rendered=held.rendered)
    known = portals.agencies(kind, now)
    replay.stands_for(spider, portals.portal_record(kind, now), known, portals.columns(kind, known, now))
    return replay, asyncio.run(looks_of(replay))


Ended = dict[str, tuple[LookOutcome, str]]  # listing → outcome and reason of a look


def drift(
    recorded: Sequence[dict[str, Any]], fresh: Sequence[dict[str, Any]], looks: Ended, before: Ended | None = None
) -> tuple[Note, ...]:
    """Return how a portal differs from its recording; nothing where it does not. New reports are no drift.

    ``looks``: how the fresh looks ended; ``before``: how those at the recording do. A look that never was ok, and ends
    today as it did then, has not drifted.
    """
    same = {key for key, said in looks.items() if before and before.get(key) == said}
    bad = {key: said for key, said in looks.items() if said[0] is not LookOutcome.OK and key not in same}
    good = {key for key, said in looks.items() if said[0] is LookOutcome.OK}
    then = {(row["listing"], row["url"]) for row in recorded if row["is_report"] and row["listing"] in good}
    now = {(row["listing"], row["url"]) for row in fresh if row["is_report"]}
    gone = then - now
    noted = []
    if bad:
        key, (outcome, reason) = next(iter(bad.items()))
        noted.append(Note("look_now", {"listing": key, "outcome": outcome.value, "reason": reason}))
        noted += [Note("more_lists", {"number": len(bad) - 1})] if len(bad) > 1 else []
    if gone:
        noted.append(Note("recorded_gone", {"number": len(gone), "total": len(then)}))
    return tuple(noted)
