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
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from urllib.parse import urlsplit

from archive.identity.agency_csv import COLUMNS, GUESSED, KINDS, SLUG, id_from_name
from archive.identity.matching import match_agency
from archive.identity.names import complete
from crawler import portals
from crawler.cms.classes import family_classes
from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts, literal_address
from crawler.onboarding.addressed import body_name
from crawler.onboarding.directory import address_of
from crawler.onboarding.probe_results import Probe, ProbedAgency, ProbedListing
from crawler.portals import LINES
from storage.home import Home
from storage.records import Agency, AgencyKind, ListingForm, Note

MAX_UNVERIFIED = 20
_PLACE = re.compile(r"[\u4e00-\u9fa5\u3400-\u4dbf·]{2,30}")
_TITLE = re.compile(r"[^\u4e00-\u9fa5\u3400-\u4dbf0-9A-Za-z>（）()、·]")
_URL = re.compile(r"https?://[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~\u4e00-\u9fa5]{4,2000}")
_HOST = re.compile(r"\.?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")
_DOUBT = re.compile(r"[^\u4e00-\u9fa50-9A-Za-z>（）()、·.,:;/_ -]")
_PLAIN_CODE = (
    ast.Module, ast.Expr, ast.Constant, ast.ImportFrom, ast.alias, ast.ClassDef, ast.Assign, ast.Tuple, ast.Name,
    ast.Load, ast.Store, ast.Call, ast.keyword,
)  # fmt: skip
_KIND_WORDS = {kind: word for word, kind in KINDS.items() if not word.isascii()}


@dataclass(frozen=True, slots=True)
class Files:
    """The texts of a portal's two files. ``left_out``: what was found but not written, with the reason."""

    spider: str
    agencies: str
    left_out: tuple[Note, ...] = ()


def slug_of(url: str, taken: Collection[str]) -> str:
    """Return a free name for a portal, from its host: www.wenshang.gov.cn → wenshang, sf.ly.gov.cn → sf_ly."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".").removeprefix("www.")
    parts = host.split(".")
    if literal_address(host) is None:
        parts = [part for part in parts if part not in {"gov", "cn", "com", "org", "net"}] or parts[:1]
    plain = re.sub(r"[^a-z0-9]+", "_", "_".join(parts)).strip("_")[:40] or "portal"
    return _free(f"n{plain}" if plain[0].isdigit() else plain, taken)


def _free(plain: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: itself, or with the first free number."""
    numbered = (f"{plain}_{number}" for number in count(2))
    return next(one for one in chain((plain,), numbered) if one not in taken)


def check_slug(name: str) -> str:
    """Return a portal's name from an operator. Raises :class:`CrawlError` if it is not a valid one."""
    if not SLUG.fullmatch(name):
        message = f"the name {name!r} must be of [a-z0-9_], at most 60 characters"
        raise CrawlError(message, code="portal.no_name", name=name)
    return name


def files_of(probe: Probe, slug: str, *, given: Sequence[Agency] = (), today: str = "") -> Files:
    """Return the files for the result of a probe. ``given``: agencies from the operator, preferred to those found.

    Raises :class:`CrawlError` if no listing that was found may be written.
    """
    hosts = tuple(host for host in probe.hosts if _HOST.fullmatch(host) or literal_address(host.partition(":")[0]))
    allowed_hosts = AllowedHosts(hosts)

    def may_be_written(url: str) -> bool:
        return bool(_URL.fullmatch(url)) and allowed_hosts.refusal(url) is None

    place = probe.place if _PLACE.fullmatch(probe.place) else ""
    people = _people(probe.agencies, given, place)
    listings = [
        one
        for one in probe.listings
        if may_be_written(
            one.url.replace("{code}", "1").replace("{year}", "2020") if one.form == ListingForm.ADDRESSED else one.url
        )
    ]
    if not listings:
        message = "nothing that was found can be written: no listing lies within the portal's hosts"
        raise CrawlError(message, code="portal.nothing_to_write")
    doubts = [
        tuple(_plain(text)[:160] for text in (one.title or one.url, one.why, one.read, one.reason))
        for one in listings
        if not one.is_sure
    ]
    text = portal_text(
        check_slug(slug), family=probe.family, place=place, hosts=hosts,
        division=probe.division if re.fullmatch(r"\d{6}", probe.division or "") else None,
        cluster=probe.cluster or (slug if any(host.startswith(".") for host in hosts) else None),
        first_year=probe.first_year, calls=_calls(listings, people, place, given),
        entrances=tuple(filter(may_be_written, probe.entrances)),
        unverified=doubts[:MAX_UNVERIFIED],
        note=f"{place or hosts[0]}: found by a probe{f' on {today}' if today else ''}.",
    )  # fmt: skip
    left_out = (Note("address_unwritable", {"url": _plain(one.url)}) for one in probe.listings if one not in listings)
    return Files(text, agencies_text(people, given), tuple(left_out))


def _plain(text: str) -> str:
    return _DOUBT.sub("?", text)[:200]


def _people(found: Sequence[ProbedAgency], given: Sequence[Agency], place: str) -> list[ProbedAgency]:
    """Return the operator's agencies (``given``), and those ``found`` that have a valid name and are none of them, not
    even under another name.
    """
    named = {complete(agency.name, place or None).text for agency in given} | {agency.name for agency in given}
    people = [ProbedAgency(one.name, str(one.kind), one.code or "") for one in given]
    for one in found:
        if body_name(one.name) == one.name and one.name not in named and one.kind in KINDS:
            match = match_agency(one.name, given, place=place or None)
            people += [] if match.agency or match.ambiguous else [one]
    return people


def agencies_text(people: Sequence[ProbedAgency], given: Sequence[Agency] = ()) -> str:
    """Return the CSV of a portal's agencies."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    own = {agency.name: agency for agency in given}
    for one in people:
        row = {"id": id_from_name(one.name), "name": one.name, "kind": _KIND_WORDS[AgencyKind(one.kind)]}
        row["code"] = one.code if re.fullmatch(r"[\w./~-]{0,300}", one.code, re.ASCII) else ""
        if (agency := own.get(one.name)) is not None:
            row |= {"id": agency.id.partition("/")[2], "parent": (agency.parent or "").partition("/")[2]}
            row |= {name: day.isoformat() for name in ("valid_from", "valid_to") if (day := getattr(agency, name))}
            row |= {"aliases": "|".join(agency.aliases), "source": agency.source.partition(": ")[2]}
        else:
            source = one.source if _URL.fullmatch(one.source) else ""
            row["aliases"] = "|".join(name for name in one.aliases if body_name(name) == name)
            row["source"] = f"{GUESSED}: {source}" if one.guessed else source
        writer.writerow(row)
    return out.getvalue()


def _calls(
    listings: Sequence[ProbedListing], people: Sequence[ProbedAgency], place: str, given: Sequence[Agency]
) -> list[str]:
    """Return the calls that declare the listings."""
    known = {spelt: row.name for row in reversed(people) for spelt in (*row.aliases, row.name)}
    made: dict[str, str] = {}
    for one in listings:
        meant = match_agency(one.agency, given, place=place or None).agency if one.agency else None
        who = known.get(complete(one.agency, place or None).text, "") or (meant.name if meant else "")
        searched = one.form == ListingForm.SEARCHED  # it covers no kind, and no year
        said = {
            "title": _TITLE.sub("", one.title)[:120],
            "covers": " ".join(word for word in one.covers if word in KINDS) if not (who or searched) else "",
            "agency": id_from_name(who) if who else "",
            "year": None if searched else one.year,
        }
        key = _free(_key(one.url), made)
        words = [repr(key), repr(one.url), *(f"{name}={value!r}" for name, value in said.items() if value)]
        made[key] = f"{one.form}({', '.join(words)})"
    return list(made.values())


def _key(url: str) -> str:
    segments = [s for s in urlsplit(url).path.split("/") if s and not re.fullmatch(r"(?:index|list|default)\.\w+", s)]
    last = segments[-1].lower() if segments else ""
    return re.sub(r"[^a-z0-9]+", "_", last.rpartition(".")[0] or last).strip("_")[:24] or "column"


def portal_text(
    slug: str, *, family: str, place: str, hosts: Sequence[str], division: str | None = None,
    cluster: str | None = None, first_year: int = 2008, calls: Sequence[str] = (), entrances: Sequence[str] = (),
    unverified: Sequence[tuple[str, ...]] = (), note: str = "A portal under probe.",
) -> str:  # fmt: skip
    """Return the text of a portal's ``.py`` file, at most 15 lines. Raises :class:`CrawlError` if it would be none.

    ``calls``: source of the declarations of its listings; ``unverified``: what nobody has seen on the real portal yet.
    """
    kind = family_classes().get(family)
    if kind is None:
        raise CrawlError(f"no family {family!r} is known", code="portal.no_family", family=family)
    imports = [kind.__name__, *sorted({one.partition("(")[0] for one in calls})]
    about = (slug, place, division, cluster, int(first_year))
    lines = [
        f'"""{_plain(note)}"""', "", f"from {kind.__module__} import {', '.join(imports)}",
        "", "", f"class {_class_name(slug, imports)}({kind.__name__}):",
        f"    name, place, division, cluster, first_year = {', '.join(map(repr, about))}",
        f"    hosts, entrances = {tuple(hosts)!r}, {tuple(entrances)!r}",
        *([f"    unverified = {tuple(unverified)!r}"] if unverified else []),
    ]  # fmt: skip
    if calls and len(lines) + len(calls) + 2 <= LINES:
        lines += ["    listings = (", *(f"        {call}," for call in calls), "    )"]
    else:
        lines.append(f"    listings = ({''.join(f'{call}, ' for call in calls).rstrip()})")
    text = "\n".join(lines) + "\n"
    if len(lines) > LINES or not all(isinstance(node, _PLAIN_CODE) for node in ast.walk(ast.parse(text))):
        raise CrawlError("the portal's file could not be written safely", code="portal.unsafe")
    return text


def _class_name(slug: str, taken: Iterable[str]) -> str:
    """Return the name of a portal's class: wenshang → Wenshang; never a keyword or an imported name."""
    made = "".join(part[:1].upper() + part[1:] for part in slug.split("_") if part) or "Portal"
    made = made if made[0].isalpha() else f"P{made}"
    return f"{made}Portal" if keyword.iskeyword(made) or made in taken else made


# ------------------------------------------------------------------------------------------------ into an archive


@dataclass(frozen=True, slots=True)
class Added:
    """The files that were written. ``doubts``: what a person should look at."""

    slug: str
    spider: Path
    agencies: Path
    doubts: tuple[Note, ...]


class TakenError(CrawlError):
    """A portal with this name or address exists already."""


def free_name(home: Home, url: str, wanted: str | None = None) -> str:
    """Return the name under which a portal may be added: ``wanted``, or one made from its host.

    Raises :class:`TakenError` if it exists already, :class:`CrawlError` for an invalid name or address.
    """
    known = portals.classes(home.path)
    taken = {*known, *portals.broken(home.path), *(path.stem for path in home.portals_dir.rglob("*.*"))}
    if wanted is not None:
        if check_slug(wanted) in taken:
            message = f"there is a portal {wanted!r} already; give another --name"
            raise TakenError(message, code="portal.name_taken", name=wanted)
        return wanted
    if owners := portals.owners(address_of(url), known):
        message = f"{url} belongs to the portal {owners[0]!r} already; give a --name to add it once more"
        raise TakenError(message, code="portal.owned", url=url, owner=owners[0])
    return slug_of(address_of(url), taken)


def add_portal(home: Home, found: Probe, slug: str, given: Sequence[Agency] = ()) -> Added:
    """Write a portal's files, then load and check them. On any error remove them again; raises :class:`CrawlError`."""
    now = home.clock.now()
    files = files_of(found, slug, given=given, today=now.date().isoformat())
    spider, agencies = home.portals_dir / f"{slug}.py", home.portals_dir / f"{slug}.csv"
    if spider.exists() or agencies.exists():
        raise CrawlError(f"{spider} is there already; give another --name", code="portal.file_there", file=spider)
    try:
        for path, text in ((agencies, files.agencies), (spider, files.spider)):
            part = path.with_name(f"{path.name}.part")
            part.write_text(text, encoding="utf-8")
            part.rename(path)
        if faults := portals.check(slug, now, home.path).errors:
            message = f"the portal's file is not as it must be: {faults[0]}"
            raise CrawlError(message, code="portal.faulty", portal=slug, why=faults[0].as_json)
    except BaseException:
        for path in (spider, agencies):
            path.unlink(missing_ok=True)
        raise
    doubts = (*(one.doubt for one in found.listings if one.outcome != "ok"), *found.maybe_more, *files.left_out)
    return Added(slug, spider, agencies, doubts)
