"""An address becomes a portal: it is probed, what was found is shown and corrected, then written."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crawler.errors import CrawlError
from crawler.net.guard import leads_inside
from crawler.onboarding.directory import is_place, place
from crawler.onboarding.portal_writer import check_slug
from crawler.onboarding.probe import address_of
from nianbao.language import Language
from nianbao.operate.child import CORRECTIONS, WANTED, added_in, probe_in
from nianbao.operate.jobs import CHILD, Kind
from nianbao.operate.login import Archive, Change, Form, FormError, Operator, page, to
from nianbao.operate.runs import RENEW, Work
from nianbao.page_routes import PageRoute
from nianbao.sentences import note_sentence, notes_sentence
from storage.home import Home
from storage.records import AgencyKind

router = APIRouter(route_class=PageRoute)
_MOST_REQUESTS = 2_000
_LEADS = 200  # reports shown of a probe


@router.get("/{lang}/add")
def add(request: Request, lang: Language, work: Work, session: Operator) -> Response:
    """The last probe: its steps while it runs, what it found, what was written."""
    job, probe = work.latest(Kind.PROBE, Kind.ADD), work.latest(Kind.PROBE)
    values: dict[str, Any] = {
        "job": job,
        "probe": probe,
        "found": probe_in(probe.folder) if probe is not None else None,
        "added": added_in(job.folder) if job is not None and job.kind is Kind.ADD else None,
        "kinds": [one.value for one in AgencyKind],
        "most_leads": _LEADS,
        "renew": RENEW if job is not None and job.runs else 0,
        "say": partial(note_sentence, language=lang),
        "say_all": partial(notes_sentence, language=lang),
    }
    return page(request, "add.html", lang, session, **values)


@router.post("/{lang}/add/probe")
def begin(lang: Language, home: Archive, work: Work, session: Operator, form: Change) -> Response:
    """Begin to look at a portal nobody knows."""
    address = form.one("address")
    subject = place(address).home if is_place(address) else address_of(address)
    if _leads_inside(home, subject):
        raise CrawlError(f"{address!r} will not be asked", code="portal.private_address", text=address)
    folder = work.folder()
    wanted = {"address": address, "requests": _requests(form.one("requests"))}
    (folder / WANTED).write_text(json.dumps(wanted), encoding="utf-8")
    work.start(Kind.PROBE, subject, session.name, [CHILD, "probe", str(folder)], folder, lang)
    return to(lang, "add")


@router.post("/{lang}/add/accept")
def accept(lang: Language, home: Archive, work: Work, session: Operator, form: Change) -> Response:
    """Write the portal that was found, as it was corrected."""
    del home
    probe = work.find(form.one("probe"))
    found = probe_in(probe.folder) if probe is not None and probe.kind is Kind.PROBE and not probe.runs else None
    if probe is None or found is None or not found.understood:
        raise FormError(HTTPStatus.CONFLICT, "probe_gone")
    (probe.folder / CORRECTIONS).write_text(json.dumps(_corrections(form)), encoding="utf-8")
    work.start(Kind.ADD, found.url, session.name, [CHILD, "add", str(probe.folder)], probe.folder, lang)
    return to(lang, "add")


def _leads_inside(home: Home, url: str) -> bool:
    """Whether the host of an address is not public; a proxy or an imitation resolves names of its own."""
    resolves = not home.simulated and not home.config.proxy_resolves
    return resolves and leads_inside(urlsplit(url).hostname or "")


def _corrections(form: Form) -> dict[str, Any]:
    """What a person left, changed and added of a probe, as the child process reads it."""
    texts = {key: form.one(key) for key in ("name", "place", "division", "csv")}
    if texts["name"]:
        check_slug(texts["name"])
    numbers = [number for number in form.several("agency") if number.isascii() and number.isdigit()]
    agencies = {number: (form.one(f"agency_{number}"), form.one(f"kind_{number}")) for number in numbers}
    if unknown := {kind for _, kind in agencies.values()} - {one.value for one in AgencyKind}:
        raise FormError(HTTPStatus.UNPROCESSABLE_ENTITY, "no_kind", kind=sorted(unknown)[0])
    return {**texts, "listings": form.several("listing"), "agencies": agencies}


def _requests(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_REQUESTS):
        raise FormError(HTTPStatus.UNPROCESSABLE_ENTITY, "requests", most=_MOST_REQUESTS)
    return int(text)
