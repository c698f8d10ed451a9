"""``nianbao portal …``: which portals there are, what is wrong with one, probing and adding one nobody knows.

What knows portals is imported by the functions that need it: the other commands are answered without Scrapy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.exports.plain_values import cell_text
from archive.identity.agency_csv import AgencyListError, parse_agencies
from archive.queries.keeping import portals as held_portals
from archive.queries.looked import scopes
from crawler.errors import CrawlError
from crawler.imitation_clock import set_instant
from crawler.onboarding.directory import PlaceError, below, is_place, place
from nianbao.cli import common
from nianbao.cli.output import Column, chosen, emit, say
from nianbao.cli.texts.look_text import scope_text
from storage.clock import NOW, Clock
from storage.home import Home
from storage.records import Agency

if TYPE_CHECKING:
    from crawler.onboarding.adding import Added
    from crawler.onboarding.adding_many import Tried
    from crawler.onboarding.probe import Probe
    from crawler.spider import PortalSpider

portal = typer.Typer(
    help="Portals: which there are, what is held of them, what is not yet verified; adding one.", no_args_is_help=True
)
Address = Annotated[str, typer.Argument(help="The portal's home page, or any page of it.")]
Requests = Annotated[int | None, typer.Option("--requests", min=1, max=2000, help="Requests at most.")]
_ROWS = 200  # leads shown to a person; --json has all


@portal.command("list", epilog=common.example("nianbao portal list"))
def portal_list(
    archive: common.ArchiveOption = None, as_json: common.JsonOption = False, as_csv: common.CsvOption = False
) -> None:
    """Every portal that can be crawled, and what an archive holds of it."""
    home = _maybe(archive)
    held = {line.name: line for line in held_portals(home)} if home else {}
    rows: list[dict[str, object]] = []
    for name, kind in classes(home).items():
        line = held.get(name)
        rows.append(
            {
                "name": name, "place": kind.place, "division": kind.division, "family": kind.family,
                "hosts": list(kind.hosts),
                "agencies": line.agencies if line else None, "reports": line.reports if line else None,
                "last_ok_look": line.last_ok_look if line else None,
            }
        )  # fmt: skip
    if home:
        home.close()
    keys = ("name", "place", "division", "family", "agencies", "reports", "last_ok_look", "hosts")
    spare = {"division", "family", "agencies", "last_ok_look", "hosts"}
    emit(
        rows,
        tuple(Column(key, key.replace("_", " "), wrap=key == "hosts", spare=key in spare) for key in keys),
        chosen(as_json, as_csv),
    )


@portal.command("show", epilog=common.example("nianbao portal show wenshang"))
def portal_show(name: str, archive: common.ArchiveOption = None, as_json: common.JsonOption = False) -> None:
    """One portal: hosts, listings, for whom each speaks and why, its last look, and what is held of it."""
    from crawler import portals

    home = _maybe(archive)
    try:
        facts = portals.summary(name, home.path if home else None)
    except CrawlError as error:
        common.fail(str(error))
    line = next((line for line in held_portals(home) if line.name == name), None) if home else None
    facts |= {
        key: value for key, value in (line.to_dict() if line else {}).items() if key not in facts and key != "listings"
    }
    if home:
        facts["scopes"] = [one.to_dict() for one in scopes(home, name)]
        home.close()
    if as_json:
        emit([facts], (), chosen(True, False))
        return
    told = facts.pop("scopes", [])
    for key, value in facts.items():
        rows = value if isinstance(value, (list, tuple)) else [value]
        for number, one in enumerate(rows or [""]):
            text = (
                "  ".join(f"{k}: {cell_text(v)}" for k, v in one.items()) if isinstance(one, dict) else cell_text(one)
            )
            say(f"{key.replace('_', ' ') if number == 0 else '':<14} {text}")
    for one in told:
        say(f"{'scope':<14} {one['listing']}: {scope_text(one)}")


@portal.command("check", epilog=common.example("nianbao portal check wenshang"))
def portal_check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of portals; all if none.", show_default=False)
    ] = None,
    look: Annotated[
        bool, typer.Option("--look/--no-look", help="Also look at the portals named that have a recording.")
    ] = True,
    record: Annotated[
        bool,
        typer.Option("--record", help="Record the portals named anew, as they are now: after their file was mended."),
    ] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """What is wrong with a portal's file, what nobody has yet seen, which of its lists are gone and where their reports
    stand now, and how a recorded portal has drifted.
    """
    from crawler import portals
    from crawler.onboarding.drift import drift_of, recorded_anew
    from crawler.onboarding.gone_lists import gone_sentences

    home = _maybe(archive)
    if record and (home is None or not names):
        common.fail("--record goes with names of portals, and with an archive: it keeps what they show now")
    folder = home.path if home else None
    try:
        known = portals.classes(folder)
        checks = [portals.check(name, _now(home), folder, known) for name in names or known]
        faults = {} if names else portals.broken(folder)
    except CrawlError as error:
        common.fail(str(error))
    rows: list[dict[str, object]] = [
        {"portal": name, "place": None, "state": "error", "text": str(fault)} for name, fault in faults.items()
    ]
    to_see = False
    for check in checks:
        told = [("error", check.errors), ("unverified", check.unverified), ("note", check.notes)]
        if home is not None and not check.errors:
            kind, progress = known[check.name], _progress(as_json)
            gone = gone_sentences(home, kind)
            look_now = look and bool(names)
            found = (
                recorded_anew(home, kind, progress=progress)
                if record
                else drift_of(home, kind, look=look_now, progress=progress)
            )
            told.append(("drift", gone))
            to_see |= bool(gone)
            told += [(found.state, (found.sentence,))] if found is not None else []
            to_see |= found is not None and found.state in {"drift", "unanswered"}
        for state, texts in told:
            rows += [{"portal": check.name, "place": check.place, "state": state, "text": text} for text in texts]
    keys = ("portal", "place", "state", "text")
    emit(
        rows,
        tuple(Column(key, key, wrap=key == "text") for key in keys),
        chosen(as_json, False),
        empty="nothing to say",
    )
    common.attention(faults or to_see or any(check.errors for check in checks))


@portal.command("probe", epilog=common.example("nianbao portal probe http://www.wenshang.gov.cn/"))
def portal_probe(
    url: Address,
    requests: Requests = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Look politely at a portal nobody knows: its system, its listings, its bodies, and how sure that is."""
    from crawler.onboarding.probe import probed

    home = _maybe(archive)
    _same_day(home)
    try:
        with probed(home, url, requests=requests, progress=_progress(as_json)) as (found, _):
            _shown(found, as_json)
    except CrawlError as error:
        _failed(error)
    common.attention(not found.is_sure)


@portal.command("add", epilog=common.example("nianbao portal add http://www.anping.gov.cn/ --yes"))
def portal_add(
    url: Annotated[
        str | None,
        typer.Argument(help="A place (汶上县), its code, or any address of the portal.", show_default=False),
    ] = None,
    province: Annotated[
        str | None,
        typer.Option("--province", help="All portals of the directory whose code begins so: 37, 3708. Resumable."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="With --province: also those that failed before.")] = False,
    name: Annotated[str | None, typer.Option("--name", help="Its name: [a-z0-9_]+; by default from its host.")] = None,
    agencies: Annotated[
        Path | None, typer.Option("--agencies", help="CSV of its agencies (name, kind); completes what is found.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    requests: Requests = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Probe a portal and write what a crawl needs: its spider, its agencies, the pages it was found with."""
    from crawler.onboarding.adding import add_portal
    from crawler.onboarding.adding_many import placed
    from crawler.onboarding.probe import probed

    if (url is None) == (province is None):
        common.fail("name one portal (an address or a place), or many with --province 37")
    if province is not None:
        _add_province(archive, province, again=again, yes=yes, requests=requests, as_json=as_json)
        return
    assert url is not None
    with common.opened(archive) as home:
        _same_day(home)
        try:
            known_place = place(url) if is_place(url) else None
            url = known_place.home if known_place is not None else url
            slug = _slug(home, url, name)
            given = _given(home, agencies, slug)
            with probed(home, url, requests=requests, progress=_progress(as_json)) as (found, recorded):
                if not (as_json and yes and found.understood):  # what is written is told with it
                    _shown(found, as_json)
                if not found.understood:
                    raise typer.Exit(common.ATTENTION)
                _agreed(url, slug, found, yes)
                sited = placed(found, known_place) if known_place is not None else found
                added = add_portal(home, sited, slug, recorded, given)
        except AgencyListError as error:
            common.fail(str(error))
        except CrawlError as error:
            _failed(error)
    _told(found, added, as_json)
    common.attention(added.doubts)


def _add_province(
    archive: Path | None, prefix: str, *, again: bool, yes: bool, requests: int | None, as_json: bool
) -> None:
    from crawler.onboarding.adding_many import DONE, add_many

    try:
        places = below(prefix)
    except CrawlError as error:
        common.fail(str(error))
    if not yes:
        say(f"{len(places)} places have codes beginning with {prefix}; to probe and add them: "
            f"nianbao portal add --province {prefix} --yes")  # fmt: skip
        raise typer.Exit(common.ATTENTION)
    with common.opened(archive) as home:
        _same_day(home)
        stopping = (
            f"ending: portals under way are finished first; nianbao portal add --province {prefix} --yes goes on there"
        )
        done = add_many(
            home, places, again=again, requests=requests, progress=_tried(as_json),
            stopped=lambda: say(stopping, sys.stderr),
        )  # fmt: skip
    rows: list[dict[str, object]] = [asdict(tried) for tried in done]
    keys = ("code", "place", "outcome", "slug", "family", "listings", "reports", "said")
    emit(rows, tuple(Column(key, key, wrap=key == "said") for key in keys), chosen(as_json, False))
    common.attention(any(tried.outcome not in DONE for tried in done))


def _tried(as_json: bool) -> Callable[[Tried], None] | None:
    show = _progress(as_json)
    return None if show is None else lambda tried: show(f"{tried.place}: {tried.outcome} {tried.slug} {tried.said}")


def _slug(home: Home, url: str, name: str | None) -> str:
    """The portal's name; ends with a sentence where it, or the portal itself, is there already."""
    from crawler.onboarding.adding import TakenError, free_name

    try:
        return free_name(home, url, name)
    except TakenError as error:
        common.fail(str(error))


def _given(home: Home, agencies: Path | None, slug: str) -> tuple[Agency, ...]:
    if agencies is None:
        return ()
    try:
        text = agencies.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        common.fail(f"{agencies} cannot be read as UTF-8 CSV: {error}")
    return parse_agencies(text, portal=slug, origin=agencies.name, now=home.clock.now(), known={})


def _agreed(url: str, slug: str, found: Probe, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        say(f"nothing was written; to write it as {slug!r}: nianbao portal add {url} --name {slug} --yes")
        raise typer.Exit(common.ATTENTION)
    if not typer.confirm(f"Write {slug} with {len(found.listings)} listings?", err=True):
        say("nothing was written")
        raise typer.Exit(common.ATTENTION)


def _failed(error: CrawlError) -> None:
    said = str(error)
    if isinstance(error, PlaceError):
        common.fail(said)
    common.fail(said, common.USAGE if "will not be asked" in said or "must be of" in said or "is no address" in said
                else common.UNFINISHED)  # fmt: skip


def _shown(found: Probe, as_json: bool) -> None:
    """Print what a probe found, for people in tables."""
    if as_json:
        emit([found.to_dict()], (), chosen(True, False))
        return
    if found.listings:
        keys = ("title", "whose", "reports", "sure", "url")
        rows: list[dict[str, object]] = [
            {"title": one.title, "whose": one.agency or " ".join(one.covers) or "several", "reports": one.reports,
             "sure": one.sure, "url": one.url}
            for one in found.listings
        ]  # fmt: skip
        emit(rows, tuple(Column(key, key) for key in keys), chosen(False, False))
        leads: list[dict[str, object]] = [dict(row) for row in found.leads[:_ROWS]]
        emit(leads, tuple(Column(key, key) for key in ("agency", "year", "title", "url")), chosen(False, False))
        if len(found.leads) > _ROWS:
            say(f"and {len(found.leads) - _ROWS} more reports (--json shows all)")
    guessed = [one for one in found.agencies if one.guessed]
    if guessed:
        bodies: list[dict[str, object]] = [
            {"guessed body": one.name, "kind": one.kind, "met on": one.source} for one in guessed
        ]
        emit(bodies, tuple(Column(key, key) for key in bodies[0]), chosen(False, False))
        say(f"{len(guessed)} bodies are guessed (files on notices name them, or reports stand there that name nobody):"
            " they are written so, and nothing is proven of them before one of their reports is held")  # fmt: skip
    for url, label, reason in (*found.refused[:8], *(found.unread[:8] if not found.listings else ())):
        say(f"not followed: {label or 'a link'} {url} ({reason})")
    place = f"{found.place} ({found.place_why})" if found.place else f"unknown ({found.place_why})"
    say(f"place: {place}; division: {found.division or 'unknown'} ({found.division_why})")
    say(f"system: {found.family or 'unknown'} ({found.family_why})" if found.listings else "system: not looked for")
    for note in found.notes if found.listings else ():
        say(note)
    say(f"{len(found.agencies)} bodies seen; {found.requests} requests; {found.ended}")
    say(found.sentence)


def _told(found: Probe, added: Added, as_json: bool) -> None:
    if as_json:
        written = {**asdict(added), "spider": str(added.spider), "agencies": str(added.agencies)}
        emit([found.to_dict() | {"added": written}], (), chosen(True, False))
        return
    for text in added.doubts:
        say(f"to look at: {text}")
    say(f"{added.slug}: wrote {added.spider.name}, {added.agencies.name} and {added.pages} recorded pages")
    say(f"next: nianbao crawl {added.slug}")


def _progress(as_json: bool) -> Callable[[str], None] | None:
    if as_json or not sys.stderr.isatty():
        return None

    def show(text: str) -> None:
        say(text, sys.stderr)  # titles of pages are shown, never obeyed
        sys.stderr.flush()

    return show


def _same_day(home: Home | None) -> None:
    if home is not None and home.simulated and NOW in os.environ:
        set_instant(home.path, home.clock.now())  # the imitation portals live on the same day as their visitor


def _maybe(archive: Path | None) -> Home | None:
    """The archive if one is named: portals can be listed without."""
    if archive is None and not os.environ.get("NIANBAO_ARCHIVE"):
        return None
    return common.opened(archive)


def _now(home: Home | None) -> datetime:
    return (home.clock if home else Clock()).now()


def classes(home: Home | None) -> dict[str, type[PortalSpider]]:
    """Portals that can be crawled, by name; ends with a sentence where two have one name."""
    from crawler import portals

    try:
        return portals.classes(home.path if home else None)
    except CrawlError as error:
        common.fail(str(error))
