"""Pages that add a portal: an operator types an address, we probe it, he corrects the result, we write the portal."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.net.guard import leads_inside
from crawler.onboarding.directory import address_of, is_place, place
from crawler.onboarding.portal_writer import check_slug
from nianbao.operate.child import CORRECTIONS, WANTED, added_in, probe_in
from nianbao.operate.jobs import CHILD, Kind
from nianbao.operate.runs import RENEW_SECONDS
from nianbao.operate.visits import Changed, Seen, SubmittedForm, SubmittedFormError, Values, change, page
from nianbao.sentences import note_sentence, notes_sentence
from storage.home import Home
from storage.records import AgencyKind

_MAX_REQUESTS = 2_000
_MAX_LEADS = 200  # leads of a probe that are shown


@page("add", "add.html")
def add(visit: Seen) -> Values:
    """Show the last probe: its steps while it runs, its result, and the portal that was written."""
    job, probe = visit.jobs.latest(Kind.PROBE, Kind.ADD), visit.jobs.latest(Kind.PROBE)
    return {
        "job": job, "probe": probe, "found": probe_in(probe.folder) if probe is not None else None,
        "added": added_in(job.folder) if job is not None and job.kind is Kind.ADD else None,
        "kinds": [one.value for one in AgencyKind], "most_leads": _MAX_LEADS,
        "renew": RENEW_SECONDS if job is not None and job.runs else 0,
        "say": partial(note_sentence, language=visit.lang), "say_all": partial(notes_sentence, language=visit.lang),
    }  # fmt: skip


@change("add/probe")
def begin(visit: Changed) -> str:
    """Start the probe of an address."""
    address = visit.form.one("address")
    subject = place(address).home if is_place(address) else address_of(address)
    if _leads_inside(visit.home, subject):
        raise CrawlError(f"{address!r} will not be asked", code="portal.private_address", text=address)
    folder = visit.jobs.folder()
    request = {"address": address, "requests": _requests(visit.form.one("requests"))}
    (folder / WANTED).write_text(json.dumps(request), encoding="utf-8")
    visit.jobs.start(Kind.PROBE, subject, visit.session.name, [CHILD, "probe", str(folder)], folder, visit.lang)
    return "add"


@change("add/accept")
def accept(visit: Changed) -> str:
    """Start the job that writes the probed portal, with the operator's corrections."""
    probe = visit.jobs.find(visit.form.one("probe"))
    probe_result = probe_in(probe.folder) if probe is not None and probe.kind is Kind.PROBE and not probe.runs else None
    if probe is None or probe_result is None or not probe_result.understood:
        raise SubmittedFormError(HTTPStatus.CONFLICT, "probe_gone")
    folder = probe.folder
    (folder / CORRECTIONS).write_text(json.dumps(_corrections(visit.form)), encoding="utf-8")
    visit.jobs.start(Kind.ADD, probe_result.url, visit.session.name, [CHILD, "add", str(folder)], folder, visit.lang)
    return "add"


def _leads_inside(home: Home, url: str) -> bool:
    """True if the host of an address is not public; not checked if a proxy or an imitation resolves names."""
    resolves = not home.simulated and not home.config.proxy_resolves
    return resolves and leads_inside(urlsplit(url).hostname or "")


def _corrections(form: SubmittedForm) -> Values:
    """Return the operator's corrections of a probe, in the shape that ``child.corrected`` takes."""
    texts = {key: form.one(key) for key in ("name", "place", "division", "csv")}
    if texts["name"]:
        check_slug(texts["name"])
    numbers = [number for number in form.several("agency") if number.isascii() and number.isdigit()]
    agencies = {number: (form.one(f"agency_{number}"), form.one(f"kind_{number}")) for number in numbers}
    if unknown := {kind for _, kind in agencies.values()} - {one.value for one in AgencyKind}:
        raise SubmittedFormError(HTTPStatus.UNPROCESSABLE_ENTITY, "no_kind", kind=sorted(unknown)[0])
    return {**texts, "listings": form.several("listing"), "agencies": agencies}


def _requests(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MAX_REQUESTS):
        raise SubmittedFormError(HTTPStatus.UNPROCESSABLE_ENTITY, "requests", most=_MAX_REQUESTS)
    return int(text)
