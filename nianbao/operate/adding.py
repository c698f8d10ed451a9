"""Pages that add a portal: an operator types an address, we probe it, he corrects the result, we write the portal."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from archive.identity.agency_csv import parse_agencies
from crawler.errors import CrawlError
from crawler.lists.walk import MAX_REQUESTS
from crawler.net.guard import leads_inside
from crawler.onboarding.directory import address_of
from crawler.onboarding.found_portal import Probe
from crawler.onboarding.portal_files import add_agencies, add_portal, free_name, owner_of
from nianbao.operate.child import probe_in
from nianbao.operate.jobs import CHILD, Kind
from nianbao.operate.runs import RENEW_SECONDS
from nianbao.operate.visits import ChangeRequest, ReadRequest, SubmittedForm, SubmittedFormError, Values, change, page
from nianbao.sentences import note_sentence, notes_sentence
from storage.records import AgencyKind, Note

_ADDED = "added.json"  # file in the folder of a probe: the portal that was written from it
_MAX_REQUESTS = 2_000
_MAX_LEADS = 200  # leads of a probe that are shown


@page("add", "add.html")
def add(visit: ReadRequest) -> Values:
    """Show the last probe (first look at an unknown portal): its steps, its result, the portal written from it."""
    probe = visit.jobs.latest(Kind.PROBE)
    result = probe_in(probe.folder) if probe is not None else None
    return {
        "probe": probe, "found": result, "owner": owner_of(visit.home, result.url) if result is not None else "",
        "added": _added_in(probe.folder) if probe is not None else None,
        "kinds": [one.value for one in AgencyKind], "most_leads": _MAX_LEADS, "requests": MAX_REQUESTS,
        "renew": RENEW_SECONDS if probe is not None and probe.runs else 0,
        "say": partial(note_sentence, language=visit.lang), "say_all": partial(notes_sentence, language=visit.lang),
    }  # fmt: skip


@change("add/probe")
def begin(visit: ChangeRequest) -> str:
    """Start the probe of the address in a form, in a process of its own; return the path of the page that shows it.
    Raises CrawlError if the address is not public, SubmittedFormError for a wrong number of requests.
    """
    address = visit.form.one("address")
    subject = address_of(address)
    resolves = not (visit.home.simulated or visit.home.config.proxy_resolves)  # else a proxy or an imitation does
    if resolves and leads_inside(urlsplit(subject).hostname or ""):
        raise CrawlError(code="portal.private_address", text=address)
    requests = visit.form.one("requests")
    if requests and not (requests.isascii() and requests.isdigit() and 1 <= int(requests) <= _MAX_REQUESTS):
        raise SubmittedFormError(HTTPStatus.UNPROCESSABLE_ENTITY, "requests", most=_MAX_REQUESTS)
    folder = visit.jobs.folder()
    arguments = [CHILD, "probe", str(folder), address, requests]
    visit.jobs.start(Kind.PROBE, subject, visit.session.name, arguments, folder)
    return "add"


@change("add/accept")
def accept(visit: ChangeRequest) -> str:
    """Write the probed portal with the operator's corrections, or add its agencies to the portal that has its address
    already; return the next page. Raises SubmittedFormError if the probe is gone or found no portal.
    """
    probe = visit.jobs.find(visit.form.one("probe"))
    probe_result = probe_in(probe.folder) if probe is not None and probe.kind is Kind.PROBE and not probe.runs else None
    if probe is None or probe_result is None or not probe_result.understood:
        raise SubmittedFormError(HTTPStatus.CONFLICT, "probe_gone")
    home, form = visit.home, visit.form
    owner = "" if form.one("name") else owner_of(home, probe_result.url)
    slug, csv = owner or free_name(home, probe_result.url, form.one("name") or None), form.one("csv")
    agencies = parse_agencies(csv, portal=slug, origin="operator.csv", now=home.clock.now(), agencies={}) if csv else ()
    result: dict[str, object] = {"slug": slug, "doubts": []}
    if owner:
        result["agencies"] = [one.name for one in add_agencies(home, _corrected(probe_result, form), slug, agencies)]
        visit.jobs.read([slug], visit.session.name)
    else:
        notes = add_portal(home, _corrected(probe_result, form), slug, agencies)[1]
        result["doubts"] = [note.as_json for note in notes]
    (probe.folder / _ADDED).write_text(json.dumps(result), encoding="utf-8")
    return "add"


def _added_in(folder: Path) -> Values | None:
    """Return the portal that was written from the probe in a folder, or that got its agencies; None before that."""
    path = folder / _ADDED
    if not path.is_file():
        return None
    row = json.loads(path.read_text(encoding="utf-8"))
    return {"slug": row["slug"], "agencies": row.get("agencies"), "doubts": [*map(Note.of, row["doubts"])]}


def _corrected(probe: Probe, form: SubmittedForm) -> Probe:
    """Return the probe with an operator's corrections. Raises :class:`CrawlError` if no list is left."""
    addresses = {*form.several("listing")}
    listings = tuple(one for one in probe.listings if one.url in addresses)
    if not listings:
        raise CrawlError(code="probe.no_list")
    agencies = []
    for number, one in enumerate(probe.agencies):
        if str(number) in form.several("agency"):
            kind = form.one(f"kind_{number}") or one.kind
            if kind not in {*map(str, AgencyKind)}:
                raise SubmittedFormError(HTTPStatus.UNPROCESSABLE_ENTITY, "no_kind", kind=kind)
            agencies.append(replace(one, name=form.one(f"agency_{number}") or one.name, kind=kind))  # ``guessed`` stays
    names = {one.name for one in agencies} | {alias for one in agencies for alias in one.aliases}
    dropped = {one.name for one in probe.agencies} - names
    place, division = form.one("place") or probe.place, form.one("division") or probe.division
    changed = place != probe.place or division != probe.division
    return replace(
        probe, place=place, division=division or None, agencies=tuple(agencies),
        place_why=Note("place_person") if changed else probe.place_why,
        listings=tuple(replace(one, agency="" if one.agency in dropped else one.agency) for one in listings),
        leads=tuple(row for row in probe.leads if row.get("listing") in addresses),
    )  # fmt: skip
