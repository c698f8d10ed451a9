"""Writes the result of a probe as the portal's files, ``<slug>.py`` and ``<slug>.csv``, into an archive, or nothing.

Everything from a page is checked first: addresses are on the portal's hosts, names are letters, every string goes
through ``repr``, and the code contains only literals and the calls that declare listings.
"""

from __future__ import annotations

import ast
import csv
import io
import keyword
import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from urllib.parse import urlsplit

from archive.identity.agency_csv import COLUMNS, GUESSED, KINDS, SLUG, id_from_name, list_rows
from archive.identity.matching import match_agency
from crawler import portals
from crawler.cms import FAMILY_CLASSES
from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts, literal_address
from crawler.onboarding.directory import address_of, plain_host
from crawler.onboarding.found_portal import Probe, ProbedListing
from crawler.onboarding.site_facts import agency_name_in
from crawler.portals import HOST, LINES
from storage.atomic_files import write_whole
from storage.home import Home
from storage.records import Agency, ListingForm, Note
from storage.registry import Registry

MAX_UNVERIFIED = 20
_PLACE = re.compile(r"[\u4e00-\u9fa5\u3400-\u4dbf·]{2,30}")
_TITLE = re.compile(r"[^\u4e00-\u9fa5\u3400-\u4dbf0-9A-Za-z>（）()、·]")
_URL = re.compile(r"https?://[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~\u4e00-\u9fa5]{4,2000}")
_CODE = re.compile(r"[\w./~-]{0,300}", re.ASCII)
_DOUBT = re.compile(r"[^\u4e00-\u9fa50-9A-Za-z>（）()、·.,:;/_ -]")
_PLAIN_CODE = (
    ast.Module, ast.Expr, ast.Constant, ast.ImportFrom, ast.alias, ast.ClassDef, ast.Assign, ast.Tuple, ast.Name,
    ast.Load, ast.Store, ast.Call, ast.keyword,
)  # fmt: skip
_KIND_WORDS = {kind: word for word, kind in KINDS.items() if not word.isascii()}


# ------------------------------------------------------------------------------------------------ into an archive


def free_name(home: Home, url: str, name: str | None = None) -> str:
    """Return ``name``, or one made from the host (sf.ly.gov.cn → sf_ly). Raises :class:`CrawlError` if it is taken."""
    known = portals.classes(home.path)
    used = {*known, *portals.broken(home.path), *(path.stem for path in home.portals_dir.rglob("*.*"))}
    if name is not None:
        if name in used or not SLUG.fullmatch(name):
            raise CrawlError(code="portal.name_taken" if name in used else "portal.no_name", name=name)
        return name
    if owners := portals.owners(address_of(url), known):
        raise CrawlError(code="portal.owned", url=url, owner=owners[0])
    host = plain_host(address_of(url))
    parts = host.split(".")
    if literal_address(host) is None:
        parts = [part for part in parts if part not in {"gov", "cn", "com", "org", "net"}] or parts[:1]
    plain = re.sub(r"[^a-z0-9]+", "_", "_".join(parts)).strip("_")[:40] or "portal"
    return _free_variant(f"n{plain}" if plain[0].isdigit() else plain, used)


def _free_variant(plain: str, used: Collection[str]) -> str:
    """Return a name that is not taken: itself, or with the first free number."""
    return next(one for one in chain((plain,), (f"{plain}_{number}" for number in count(2))) if one not in used)


def owner_of(home: Home, url: str) -> str:
    """Return the name of the portal that has the host of an address, "" if none has."""
    return next(iter(portals.owners(address_of(url), portals.classes(home.path))), "")


def add_agencies(home: Home, probe: Probe, name: str, roster: Sequence[Agency] = ()) -> list[Agency]:
    """Put into the registry those agencies of ``roster`` and of a probe that it lacks for the portal ``name``; return
    them.
    """
    registry, now, kind = Registry(home), home.clock.now(), portals.find(name, home.path)
    known = registry.agencies(name) or portals.agencies(kind, now)  # before its first crawl only its file has them
    every = _agencies(probe, name, [*known, *roster], kind.place, now)
    new = [one for one in every if one.id not in {other.id for other in known}]
    registry.put_portal(portals.portal_record(kind, now))
    registry.put_agencies(new)
    return new


def add_portal(home: Home, probe: Probe, slug: str, roster: Sequence[Agency] = ()) -> tuple[list[Path], list[Note]]:
    """Write a portal's files, then load and check them; return their paths, and what a person should look at. On any
    error remove them again; raises :class:`CrawlError`. ``roster``: the operator's agencies, preferred to those found.
    """
    now = home.clock.now()
    paths = [home.portals_dir / f"{slug}.{ending}" for ending in ("csv", "py")]
    program, table = portal_files(probe, slug, roster, now)
    if any(path.exists() for path in paths):
        raise CrawlError(code="portal.file_there", file=paths[1])
    try:
        for path, text in zip(paths, (table, program), strict=True):
            write_whole(path, text.encode())
        if faults := portals.check(slug, now, home.path).errors:
            raise CrawlError(code="portal.faulty", portal=slug, why=faults[0].as_json)
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    may_be_written = _address_check(probe)
    left_out = (one.url for one in probe.listings if not may_be_written(one.url))
    return paths, [*probe.doubts, *(Note("address_unwritable", {"url": _plain(url)}) for url in left_out)]


# ------------------------------------------------------------------------------------------------ the two texts


def portal_files(probe: Probe, slug: str, roster: Sequence[Agency], now: datetime) -> tuple[str, str]:
    """Return the texts of the ``.py`` and the ``.csv`` of a portal; the first has at most 15 lines. ``roster``: the
    operator's agencies, preferred to those found; ``now``: when the agencies were recorded. Raises :class:`CrawlError`
    if no listing that was found may be written, or if the ``.py`` would be more than plain declarations.
    """
    may_be_written = _address_check(probe)
    listings = [one for one in probe.listings if may_be_written(one.url)]
    if not listings or probe.family not in FAMILY_CLASSES:
        raise CrawlError(code="portal.nothing_to_write")
    place = probe.place if _PLACE.fullmatch(probe.place) else ""
    agencies = _agencies(probe, slug, roster, place, now)
    text = _program(probe, slug, place, listings, _calls(listings, agencies, place), now)
    if not all(isinstance(node, _PLAIN_CODE) for node in ast.walk(ast.parse(text))):
        raise CrawlError(code="portal.unsafe")
    return text, _csv_text(agencies)


def _program(
    probe: Probe, slug: str, place: str, listings: Sequence[ProbedListing], calls: Sequence[str], now: datetime
) -> str:
    """Return the text of a portal's ``.py``. ``calls``: declare the listings; all on one line if there are too many."""
    kind, hosts, may_be_written = FAMILY_CLASSES[probe.family], _hosts(probe), _address_check(probe)
    division = probe.division if re.fullmatch(r"\d{6}", probe.division or "") else None
    cluster = probe.cluster or (slug if any(host.startswith(".") for host in hosts) else None)
    imports = [kind.__name__, *sorted({one.partition("(")[0] for one in calls})]
    unsure = [one for one in listings if not one.is_sure][:MAX_UNVERIFIED]
    doubts = ((one.title or one.url, one.why, one.how_far_read, one.reason) for one in unsure)
    unverified = tuple(tuple(_plain(text)[:160] for text in texts) for texts in doubts)
    about = (slug, place, division, cluster, probe.first_year)
    lines = [
        f'"""{_plain(place or hosts[0])}: found by a probe on {now.date().isoformat()}."""', "",
        f"from {kind.__module__} import {', '.join(imports)}", "", "",
        f"class {_class_name(slug)}({kind.__name__}):",
        f"    name, place, division, cluster, first_year = {', '.join(map(repr, about))}",
        f"    hosts, entrances = {hosts!r}, {tuple(filter(may_be_written, probe.entrances))!r}",
        *([f"    unverified = {unverified!r}"] if unverified else []),
    ]  # fmt: skip
    if len(lines) + len(calls) + 2 <= LINES:
        lines += ["    listings = (", *(f"        {call}," for call in calls), "    )"]
    else:
        lines.append(f"    listings = ({''.join(f'{call}, ' for call in calls).rstrip()})")
    return "\n".join(lines) + "\n"


def _hosts(probe: Probe) -> tuple[str, ...]:
    return tuple(host for host in probe.hosts if HOST.fullmatch(host) or literal_address(host.partition(":")[0]))


def _address_check(probe: Probe) -> Callable[[str], bool]:
    """Return the function that tells whether an address may be written: it is plain, and on the portal's hosts."""
    allowed_hosts = AllowedHosts(_hosts(probe))

    def may_be_written(url: str) -> bool:
        plain = url.replace("{code}", "1").replace("{year}", "2020")
        return bool(_URL.fullmatch(plain)) and allowed_hosts.refusal(plain) is None

    return may_be_written


def _plain(text: str) -> str:
    return _DOUBT.sub("?", text)[:200]


def _class_name(slug: str) -> str:
    """Return the name of a portal's class: wenshang → Wenshang."""
    name = "".join(part[:1].upper() + part[1:] for part in slug.split("_"))
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"Portal{name}"


def _calls(listings: Sequence[ProbedListing], agencies: Sequence[Agency], place: str) -> list[str]:
    """Return the calls that declare the listings in a portal's file, as ``column('nb', 'http://…', title='年报')``."""
    calls: dict[str, str] = {}
    for listing in listings:
        agency = match_agency(listing.agency, agencies, place=place or None).agency if listing.agency else None
        searched = listing.form == ListingForm.SEARCHED  # it covers no kind, and no year
        arguments = {  # an agency's own list names it; any other says which kinds of agencies it covers
            "title": _TITLE.sub("", listing.title)[:120],
            "covers": " ".join(word for word in listing.covers if word in KINDS) if not (agency or searched) else "",
            "agency": agency.id.partition("/")[2] if agency else "",
            "year": None if searched else listing.year,
        }
        key = _free_variant(_key(listing.url), calls)
        words = [repr(key), repr(listing.url), *(f"{name}={value!r}" for name, value in arguments.items() if value)]
        calls[key] = f"{listing.form}({', '.join(words)})"
    return list(calls.values())


def _key(url: str) -> str:
    """Return the key of a listing: the last name in the path of its address."""
    segments = [s for s in urlsplit(url).path.split("/") if s and not re.fullmatch(r"(?:index|list|default)\.\w+", s)]
    last = segments[-1].lower() if segments else ""
    return re.sub(r"[^a-z0-9]+", "_", last.rpartition(".")[0] or last).strip("_")[:24] or "column"


def _agencies(probe: Probe, slug: str, roster: Sequence[Agency], place: str, now: datetime) -> list[Agency]:
    """Return the operator's agencies (``roster``), then those of the probe with a valid name that they lack."""
    agencies = [*roster]
    for probed in probe.agencies:
        match = match_agency(probed.name, roster, place=place or None)
        if agency_name_in(probed.name) != probed.name or probed.kind not in KINDS or match.agency or match.ambiguous:
            continue
        source = probed.source if _URL.fullmatch(probed.source) else ""
        aliases = tuple(name for name in probed.aliases if agency_name_in(name) == name)
        code = probed.code if _CODE.fullmatch(probed.code) else ""
        agency = Agency(
            id=f"{slug}/{id_from_name(probed.name)}", portal=slug, name=probed.name, kind=KINDS[probed.kind], code=code,
            aliases=aliases, source=f"{slug}.csv: {GUESSED + ': ' if probed.guessed else ''}{source}", recorded_at=now,
        )  # fmt: skip
        agencies.append(agency)
    return agencies


def _csv_text(agencies: Sequence[Agency]) -> str:
    """Return the CSV of a portal's agencies, with kinds in Chinese, and sources as they were given."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    headings, *rows = list_rows(agencies)
    for agency, cells in zip(agencies, rows, strict=True):
        own = {"kind": _KIND_WORDS[agency.kind], "source": agency.source.partition(": ")[2]}
        writer.writerow(dict(zip(headings, cells, strict=True)) | own)
    return out.getvalue()
