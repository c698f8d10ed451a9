"""The pages of a list as they stood in a look: a plain list, one that a browser made, data from an interface."""

from __future__ import annotations

import uuid
from datetime import timedelta

from small_archive import Site, at

from archive.queries.one_capture import ListEntry, list_pages
from storage.captures import CaptureWriter, Resource
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, CaptureRole, Extraction, Link, Look, LookOutcome

PNG = b"\x89PNG\r\n\x1a\n"
TITLE = "汶上县司法局2025年政府信息公开工作年度报告"
looks: dict[str, str] = {}
captures: dict[str, str] = {}
earlier: dict[str, Capture] = {}  # what a browser made first


def play(home: Home) -> None:
    earlier.clear()
    site = Site(home, first_year=2025)
    site.agency("sfj", "汶上县司法局")
    column = site.column()
    looks["plain"] = site.look("2026-02-01 09:00", column, [("nb/1.html", TITLE, "2026-01-20")]).id
    for name, when in (("rendered", "2026-02-02 09:00"), ("same", "2026-02-03 09:00")):
        run, url, moment = site.run(at(when)), column.url, at(when)
        sent = site.fetch(when, url, b"<html><script src=a.js></script></html>", role=CaptureRole.LISTING, run=run)
        script = site.fetch(when, "a.js", b"list()", role=CaptureRole.RESOURCE, run=run, mime="text/javascript")
        held = [sent, script]
        with CaptureWriter(home, run) as writer:
            if name == "rendered":
                picture = Resource(url=url, mime="image/png", body=PNG, at=moment, target=f"urn:view:{url}", about={})
                held.append(writer.keep(picture, role=CaptureRole.RESOURCE, reason="rendered", via=sent.id))
            dom = Resource(
                url=url,
                mime="text/html",
                body=b"<html><a>list</a></html>",
                at=moment,
                target=f"urn:dom:{url}",
                about={},
            )
            former = earlier.get("dom")
            made = writer.keep(dom, role=CaptureRole.LISTING, reason="rendered", via=sent.id, same=former)
            earlier.setdefault("dom", made)
        captures[name] = made.id
        if name == "rendered":
            captures["picture"] = held[-1].id
        looks[name] = _look(site, when, column.id, [*held, made], made)
    answer = site.fetch(
        "2026-02-04 09:00", "api/list", b'{"rows": []}', role=CaptureRole.LISTING, mime="application/json"
    )
    looks["interface"] = _look(site, "2026-02-04 09:00", column.id, [answer], answer)


def _look(site: Site, when: str, listing: str, held: list[Capture], page: Capture) -> str:
    name, moment = uuid.uuid4().hex, at(when)
    link = Link(url=site.url("nb/1.html"), text=TITLE, listed="2026-01-20", capture=page.id)
    look = Look(
        id=name, run=page.run, portal=site.name, listing=listing, started=moment,
        finished=moment + timedelta(minutes=1), outcome=LookOutcome.OK, captures=tuple(one.id for one in held),
    )  # fmt: skip
    extraction = Extraction(look=name, extractor="test", made_at=moment, links=(link,))
    Observations(site.home).add_look(look, extraction)
    return name


def test_a_plain_list_is_shown_as_its_page_with_what_was_read_from_it(home: Home) -> None:
    [page] = list_pages(home, looks["plain"])
    assert (page.is_html, page.picture) == (True, None)
    assert page.entries == (ListEntry(text=TITLE, listed="2026-01-20"),)


def test_of_a_list_that_a_browser_made_its_own_page_is_shown_and_the_picture(home: Home) -> None:
    [page] = list_pages(home, looks["rendered"])
    assert (page.capture, page.picture) == (captures["rendered"], captures["picture"])


def test_of_data_from_an_interface_the_entries_are_shown(home: Home) -> None:
    [page] = list_pages(home, looks["interface"])
    assert (page.is_html, page.picture) == (False, None)
    assert [one.text for one in page.entries] == [TITLE]
