"""``nianbao portal …``: which portals there are, what is wrong with one, probing and adding one nobody knows.

What knows portals is imported by the functions that need it: the other commands are answered without Scrapy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.exports.plain_values import cell_text
from archive.identity.agency_csv import parse_agencies
from archive.queries.holdings import portals as held_portals
from archive.queries.look_answers import scopes
from crawler.errors import CrawlError
from crawler.imitation_clock import set_instant
from crawler.onboarding.directory import PlaceError, is_place, place
from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit, say, tell_fact
from nianbao.cli.texts.crawl_text import scope_text
from nianbao.cli.texts.probe_json import added_json, probe_json
from nianbao.sentences import look_reason, note_sentence, notes_sentence, sentence, word, worded
from storage.clock import NOW, Clock
from storage.home import Home
from storage.records import Agency, Note

if TYPE_CHECKING:
    from crawler.onboarding.adding import Added
    from crawler.onboarding.probe_results import Probe
    from crawler.spider import PortalSpider

portal = typer.Typer(no_args_is_help=True)
Address = Annotated[str, typer.Argument()]
Requests = Annotated[int | None, typer.Option("--requests", min=1, max=2000)]
_LABEL = 14  # columns of a label
_WRONG = frozenset(  # errors of who typed the command
    {"portal.no_address", "portal.private_address", "portal.scheme", "portal.refused", "portal.no_name"}
)
_ROWS = 200  # leads shown to a person; --json has all


@portal.command("list", epilog="nianbao portal list")
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
    emit(rows, columns(*keys, wrap={"hosts"}, spare=spare), chosen(as_json, as_csv))


@portal.command("show", epilog="nianbao portal show wenshang")
def portal_show(name: str, archive: common.ArchiveOption = None, as_json: common.JsonOption = False) -> None:
    """One portal: hosts, listings, for whom each speaks and why, its last look, and what is held of it."""
    from crawler import portals

    home = _maybe(archive)
    with common.Refusal(CrawlError):
        facts = portals.summary(name, home.path if home else None)
    line = next((line for line in held_portals(home) if line.name == name), None) if home else None
    facts["unverified"] = [note_sentence(note) for note in facts["unverified"]]
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
            text = _listing(one) if isinstance(one, dict) else _fact(one)
            if text:
                tell_fact(word("fact", key) if number == 0 else "", text, _LABEL)
    for one in told:
        tell_fact(word("fact", "scope"), f"{one['listing']}: {scope_text(one)}", _LABEL)


def _listing(facts: Mapping[str, object]) -> str:
    """What is known of a list, each fact with its name."""
    shown = {key: word("listing_form", value) if key == "form" else cell_text(value) for key, value in facts.items()}
    return "  ".join(sentence("body.fact", label=word("fact", key), text=text) for key, text in shown.items())


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return sentence("answer.yes" if value else "answer.no")
    return cell_text(value)


@portal.command("check", epilog="nianbao portal check wenshang")
def portal_check(
    names: Annotated[list[str] | None, typer.Argument(show_default=False)] = None,
    look: Annotated[bool, typer.Option("--look/--no-look")] = True,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """What is wrong with a portal's file, what nobody has yet seen, and what named ones show otherwise than before."""
    from crawler import portals
    from crawler.onboarding.portal_check import drift_of

    home = _maybe(archive)
    folder = home.path if home else None
    with common.Refusal(CrawlError):
        known = portals.classes(folder)
        checks = [portals.check(name, _now(home), folder, known) for name in names or known]
        faults = {} if names else portals.broken(folder)
    rows = [_check_row(name, None, "error", worded(fault), ()) for name, fault in faults.items()]
    for check in checks:
        told: list[tuple[str, tuple[Note, ...]]] = [("error", (note,)) for note in check.errors]
        told += [("unverified", (note,)) for note in check.unverified] + [("note", (note,)) for note in check.notes]
        if home is not None and not check.errors:
            found = drift_of(home, known[check.name], progress=_progress(as_json)) if look and names else None
            told += [(found.state, found.notes)] if found is not None else []
        rows += [_check_row(check.name, check.place, state, notes_sentence(notes), notes) for state, notes in told]
    shown = columns("portal", "place", "state", "text", wrap={"text"}, spare={"place"})
    to_see = any(row["state"] in {"drift", "unanswered"} for row in rows)
    fmt = chosen(as_json, False)
    if fmt is Format.TABLE:
        rows = [row | {"state": word("check_state", row["state"])} for row in rows]
    emit(rows, shown, fmt, empty=sentence("portal.nothing_to_say"))
    common.attention(faults or to_see or any(check.errors for check in checks))


def _check_row(name: str, place: str | None, state: str, text: str, notes: Sequence[Note]) -> dict[str, object]:
    """One thing that is said of a portal."""
    return {"portal": name, "place": place, "state": state, "text": text, "notes": [note.plain for note in notes]}


@portal.command("probe", epilog="nianbao portal probe http://www.wenshang.gov.cn/")
def portal_probe(
    url: Address, requests: Requests = None, archive: common.ArchiveOption = None, as_json: common.JsonOption = False
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


@portal.command("add", epilog="nianbao portal add http://www.anping.gov.cn/ --yes")
def portal_add(
    url: Address,
    name: Annotated[str | None, typer.Option("--name")] = None,
    agencies: Annotated[Path | None, typer.Option("--agencies")] = None,
    yes: Annotated[bool, typer.Option("--yes")] = False,
    requests: Requests = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Probe a portal and write what a crawl needs: its spider, its agencies, the pages it was found with."""
    from crawler.onboarding.adding import add_portal
    from crawler.onboarding.probe import probed

    with common.opened(archive) as home:
        _same_day(home)
        try:
            named = place(url) if is_place(url) else None
            url = named.home if named is not None else url
            slug = _slug(home, url, name)
            given = _given(home, agencies, slug)
            with probed(home, url, known=named, requests=requests, progress=_progress(as_json)) as (found, recorded):
                if not (as_json and yes and found.understood):  # what is written is told with it
                    _shown(found, as_json)
                if not found.understood:
                    raise typer.Exit(common.ATTENTION)
                _agreed(url, slug, found, yes)
                added = add_portal(home, found, slug, recorded, given)
        except CrawlError as error:
            _failed(error)
    _print_added(found, added, as_json)
    common.attention(added.doubts)


def _slug(home: Home, url: str, name: str | None) -> str:
    """The portal's name; ends with a sentence where it, or the portal itself, is there already."""
    from crawler.onboarding.adding import TakenError, free_name

    with common.Refusal(TakenError):
        return free_name(home, url, name)


def _given(home: Home, agencies: Path | None, slug: str) -> tuple[Agency, ...]:
    if agencies is None:
        return ()
    try:
        text = agencies.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        common.fail(sentence("portal.no_csv", file=agencies, cause=error))
    return parse_agencies(text, portal=slug, origin=agencies.name, now=home.clock.now(), known={})


def _agreed(url: str, slug: str, found: Probe, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        say(sentence("portal.to_write", url=url, slug=slug))
        raise typer.Exit(common.ATTENTION)
    if not typer.confirm(sentence("portal.confirm", slug=slug, listings=len(found.listings)), err=True):
        say(sentence("answer.nothing_written"))
        raise typer.Exit(common.ATTENTION)


def _failed(error: CrawlError) -> None:
    wrong = isinstance(error, PlaceError) or error.code in _WRONG
    common.fail_of(error, common.USAGE if wrong else common.UNFINISHED)


def _shown(found: Probe, as_json: bool) -> None:
    """Print what a probe found, for people in tables."""
    if as_json:
        emit([probe_json(found)], (), chosen(True, False))
        return
    if found.listings:
        keys = ("title", "whose", "reports", "sure", "url")
        rows: list[dict[str, object]] = [
            {"title": one.title, "whose": one.agency or " ".join(one.covers) or sentence("portal.several"),
             "reports": one.reports,
             "sure": note_sentence(one.certainty), "url": one.url}
            for one in found.listings
        ]  # fmt: skip
        emit(rows, columns(*keys, wrap=keys), Format.TABLE)
        leads: list[dict[str, object]] = [dict(row) for row in found.leads[:_ROWS]]
        emit(leads, columns("agency", "year", "title", "url", wrap={"agency", "title", "url"}), Format.TABLE)
        if len(found.leads) > _ROWS:
            say(sentence("portal.more_reports", number=len(found.leads) - _ROWS))
    guessed = [one for one in found.agencies if one.guessed]
    if guessed:
        bodies: list[dict[str, object]] = [
            {"guessed_agency": one.name, "kind": word("kind", one.kind), "met_on": one.source} for one in guessed
        ]
        emit(bodies, columns(*bodies[0], wrap=bodies[0]), Format.TABLE)
        say(sentence("portal.guessed", number=len(guessed)))
    for url, label, reason in (*found.refused[:8], *(found.unread[:8] if not found.listings else ())):
        say(sentence("portal.not_followed", label=label, url=url, reason=look_reason(reason)))
    unknown = sentence("answer.unknown")
    say(sentence("portal.found_place", place=found.place or unknown, why=_why(found.place_why)))
    say(sentence("portal.found_division", division=found.division or unknown, why=_why(found.division_why)))
    system = sentence("portal.found_system", system=found.family or unknown, why=notes_sentence(found.family_why))
    say(system if found.listings else sentence("portal.no_system"))
    for note in found.notes if found.listings else ():
        say(note_sentence(note))
    ended = notes_sentence(found.ended)
    say(sentence("portal.counted", agencies=len(found.agencies), requests=found.requests, ended=ended))
    say(notes_sentence(found.verdict))


def _why(note: Note | None) -> str:
    return "" if note is None else note_sentence(note)


def _print_added(found: Probe, added: Added, as_json: bool) -> None:
    if as_json:
        emit([probe_json(found) | {"added": added_json(added)}], (), chosen(True, False))
        return
    for note in added.doubts:
        say(sentence("portal.to_look_at", text=note_sentence(note)))
    say(
        sentence(
            "portal.written", slug=added.slug, spider=added.spider.name, agencies=added.agencies.name, pages=added.pages
        )
    )
    say(sentence("portal.next", slug=added.slug))


def _progress(as_json: bool) -> Callable[[Note], None] | None:
    if as_json or not sys.stderr.isatty():
        return None

    def show(note: Note) -> None:
        say(note_sentence(note), sys.stderr)  # titles of pages are shown, never obeyed
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

    with common.Refusal(CrawlError):
        return portals.classes(home.path if home else None)
