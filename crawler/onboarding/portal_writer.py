"""A probe → the portal's files: ``<slug>.py`` and ``<slug>.csv`` (pure, but for the last function).

Nothing from a page reaches them unchecked: addresses lie within the portal, names are letters, every string goes
through ``repr``, and what was written is parsed back with ``ast`` and compared.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from archive.identity.agency_csv import COLUMNS, GUESSED, KINDS, SLUG
from archive.identity.matching import match_agency
from archive.identity.names import complete
from crawler.cms.classes import family_classes
from crawler.discovery.organs import body_name
from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts, literal_address
from crawler.onboarding.probe import Probe, ProbedAgency, ProbedListing
from crawler.portals import LINES
from storage.records import Agency, AgencyKind, ListingForm, Note

_FORMS = tuple(sorted(ListingForm))  # each is the name of the function that declares such a listing
_MANY = 6  # columns of single bodies from which on they are written as one address with a gap
_PLACE = re.compile(r"[\u4e00-\u9fa5\u3400-\u4dbf·]{2,30}")
_TITLE = re.compile(r"[^\u4e00-\u9fa5\u3400-\u4dbf0-9A-Za-z>（）()、·]")
_URL = re.compile(r"https?://[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~\u4e00-\u9fa5]{4,2000}")
_CODE = re.compile(r"[\w~-]+(?:[./][\w~-]+)*", re.ASCII)
_HOST = re.compile(r"\.?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")
_DOUBT = re.compile(r"[^\u4e00-\u9fa50-9A-Za-z>（）()、·.,:;/_ -]")


@dataclass(frozen=True, slots=True)
class Row:
    """One listing as it is written."""

    form: str
    key: str
    url: str
    title: str = ""
    covers: str = ""
    agency: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """What ``portal add`` writes. ``left_out``: what was found and not written, with the reason."""

    slug: str
    spider: str
    agencies: str
    left_out: tuple[Note, ...] = ()


def slug_of(url: str, taken: Iterable[str]) -> str:
    """Return a free name for a portal, from its host: www.wenshang.gov.cn → wenshang, sf.ly.gov.cn → sf_ly."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".").removeprefix("www.")
    literal = literal_address(host) is not None
    parts = host.split(".")
    kept = parts if literal else [p for p in parts if p not in {"gov", "cn", "com", "org", "net"}] or parts[:1]
    plain = re.sub(r"[^a-z0-9]+", "_", "_".join(kept)).strip("_")[:40] or "portal"
    plain = f"n{plain}" if plain[0].isdigit() else plain
    known, number, made = set(taken), 1, plain
    while made in known:
        number += 1
        made = f"{plain}_{number}"
    return made


def check_slug(name: str) -> str:
    """Return a name that an operator gave; raises :class:`CrawlError` for one that is none."""
    if not SLUG.fullmatch(name):
        message = f"the name {name!r} must be of [a-z0-9_], at most 60 characters"
        raise CrawlError(message, code="portal.no_name", name=name)
    return name


def files_of(probe: Probe, slug: str, *, given: Sequence[Agency] = (), today: str = "") -> Files:
    """Return the files for what a probe found. ``given``: agencies that the operator names; they win over found ones.

    Raises :class:`CrawlError` where nothing that was found may be written.
    """
    check_slug(slug)
    left_out: list[Note] = []
    hosts = tuple(host for host in probe.hosts if _HOST.fullmatch(host) or literal_address(host.partition(":")[0]))
    allowed_hosts = AllowedHosts(hosts)
    place = probe.place if _PLACE.fullmatch(probe.place) else ""
    division = probe.division if re.fullmatch(r"\d{6}", probe.division or "") else None
    people = _people(probe.agencies, given, place)
    listings = []
    for one in probe.listings:
        url = one.url.replace("{code}", "1").replace("{year}", "2020") if one.form == "addressed" else one.url
        if not _URL.fullmatch(url) or allowed_hosts.refusal(url) is not None:
            left_out.append(Note("address_unwritable", {"url": _plain(one.url)}))
        else:
            listings.append(one)
    rows, codes = _rows(listings, people, place, given)
    if not rows:
        message = "nothing that was found can be written: no listing lies within the portal's hosts"
        raise CrawlError(message, code="portal.nothing_to_write")
    people = [replace(row, code=codes.get(row.name, row.code)) for row in people]
    entrances = tuple(url for url in probe.entrances if _URL.fullmatch(url) and allowed_hosts.refusal(url) is None)
    doubts = tuple(_doubt(one) for one in listings if not one.is_sure)[:20]
    text = portal_text(
        slug,
        family=probe.family,
        place=place,
        division=division,
        hosts=hosts,
        cluster=probe.cluster or (slug if any(host.startswith(".") for host in hosts) else None),
        first_year=probe.first_year,
        rows=rows,
        entrances=entrances,
        unverified=doubts,
        note=f"{place or hosts[0]}: found by a probe{f' on {today}' if today else ''}.",
    )
    return Files(slug, text, agencies_text(people, given), tuple(left_out))


def _plain(text: str) -> str:
    return _DOUBT.sub("?", text)[:200]


def _doubt(one: ProbedListing) -> tuple[str, ...]:
    """A doubt as the portal's file holds it (:func:`crawler.portals.unverified`)."""
    return tuple(_plain(text)[:160] for text in (one.title or one.url, one.why, one.read, one.reason))


# ------------------------------------------------------------------------------------------------ agencies


def _people(found: Sequence[ProbedAgency], given: Sequence[Agency], place: str) -> list[ProbedAgency]:
    """Found bodies with names of letters only, without those the operator names, be it by another name in full."""
    named = {complete(agency.name, place or None).text for agency in given} | {agency.name for agency in given}
    kept = [row for row in found if body_name(row.name) == row.name and row.name not in named and row.kind in KINDS]
    meant = (match_agency(row.name, given, place=place or None) for row in kept)
    kept = [row for row, match in zip(kept, meant, strict=True) if not (match.agency or match.ambiguous)]
    known = {agency.name: agency for agency in given}
    mine = [ProbedAgency(name, str(agency.kind), agency.code or "", "") for name, agency in known.items()]
    return [*mine, *kept]


def local_id(name: str) -> str:
    """Return the id of a body within its portal, the same for the same name (as ``agencies import`` makes it)."""
    return "n" + hashlib.sha256(name.encode()).hexdigest()[:12]


def agencies_text(people: Sequence[ProbedAgency], given: Sequence[Agency] = ()) -> str:
    """Return the CSV of a portal's agencies."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    own = {agency.name: agency for agency in given}
    words = {AgencyKind(str(kind)): word for word, kind in KINDS.items() if not word.isascii()}
    for row in people:
        agency = own.get(row.name)
        code = row.code if re.fullmatch(r"[\w./~-]{0,300}", row.code, re.ASCII) else ""
        source = row.source if _URL.fullmatch(row.source) else ""
        source = f"{GUESSED}: {source}" if row.guessed else source
        if agency is None:
            others = "|".join(name for name in row.aliases if body_name(name) == name)
            values = [local_id(row.name), row.name, words[AgencyKind(row.kind)], code, "", "", "", others, source]
        else:
            days = [day.isoformat() if day else "" for day in (agency.valid_from, agency.valid_to)]
            parent = (agency.parent or "").partition("/")[2]
            origin = agency.source.partition(": ")[2]
            values = [agency.id.partition("/")[2], agency.name, words[agency.kind], code, parent, *days,
                      "|".join(agency.aliases), origin]  # fmt: skip
        writer.writerow(values)
    return out.getvalue()


# ------------------------------------------------------------------------------------------------ listings


def _rows(
    listings: Sequence[ProbedListing], people: Sequence[ProbedAgency], place: str, given: Sequence[Agency] = ()
) -> tuple[list[Row], dict[str, str]]:
    """Return the listings as written, and the codes that bodies get where their columns are one address with a gap."""
    known = {spelt: row.name for row in reversed(people) for spelt in (*row.aliases, row.name)}

    def name_of(printed: str) -> str:
        meant = match_agency(printed, given, place=place or None).agency
        return known.get(complete(printed, place or None).text, "") or (meant.name if meant else "")

    whose = {one.url: name_of(one.agency) for one in listings}
    addressed = [one for one in listings if one.form == "addressed"]
    single = [one for one in listings if one.form == "column" and whose[one.url] and one.year is None]
    gap = _gap({whose[one.url]: one.url for one in single}) if not addressed else None
    if gap is None or len({whose[one.url] for one in single}) != len(single) or len(single) < _MANY:
        gap, single = None, []
    made: list[Row] = []
    keys: set[str] = set()
    for one in listings:
        if one in single:
            continue
        who = whose[one.url]
        searched = one.form == ListingForm.SEARCHED  # it covers no kind, and no year
        covers = " ".join(word for word in one.covers if word in KINDS) if not (who or searched) else ""
        title = _TITLE.sub("", one.title)[:120]
        made.append(Row(one.form, _key(one.url, keys), one.url, title, covers, local_id(who) if who else "",
                        None if searched else one.year))  # fmt: skip
    if gap is None:
        return made, {}
    url, codes = gap
    made.append(Row("column", _key(url.replace("{code}", ""), keys, "bodies"), url, "政府信息公开年报"))
    return made, codes


def _gap(urls: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return one address with ``{code}`` for many, and each body's code; None where they do not have one form."""
    if len(urls) < 2:
        return None
    values = list(urls.values())
    head = _common(values)
    head = head[: max(head.rfind(mark) for mark in "/_=-") + 1]
    tail = _common([value[len(head) :][::-1] for value in values])[::-1]
    starts = [at for mark in "/_.?&" if (at := tail.find(mark)) >= 0]
    tail = tail[min(starts) :] if starts else ""
    if head.count("/") < 3 or "{" in head + tail:
        return None
    codes = {name: url[len(head) : len(url) - len(tail)] for name, url in urls.items()}
    if not all(_CODE.fullmatch(code) and len(code) <= 300 for code in codes.values()):
        return None
    return f"{head}{{code}}{tail}", codes


def _common(texts: Sequence[str]) -> str:
    """The longest beginning that texts share."""
    least, most = min(texts), max(texts)
    at = next((at for at, (one, other) in enumerate(zip(least, most, strict=False)) if one != other), len(least))
    return least[:at]


def _key(url: str, taken: set[str], default: str = "") -> str:
    segments = [s for s in urlsplit(url).path.split("/") if s and not re.fullmatch(r"(?:index|list|default)\.\w+", s)]
    plain = (
        re.sub(r"[^a-z0-9]+", "_", segments[-1].rpartition(".")[0].lower() or segments[-1].lower()) if segments else ""
    )
    plain = default or plain.strip("_")[:24] or "column"
    made, number = plain, 1
    while made in taken:
        number += 1
        made = f"{plain}_{number}"
    taken.add(made)
    return made


# ------------------------------------------------------------------------------------------------ the spider file


def portal_text(
    slug: str,
    *,
    family: str,
    place: str,
    hosts: Sequence[str],
    division: str | None = None,
    cluster: str | None = None,
    first_year: int = 2008,
    rows: Sequence[Row] = (),
    entrances: Sequence[str] = (),
    unverified: Sequence[tuple[str, ...]] = (),
    note: str = "",
) -> str:
    """Return a portal's file, at most 15 lines; parsed back and compared. Raises :class:`CrawlError`."""
    kind = family_classes().get(family)
    if kind is None:
        raise CrawlError(f"no family {family!r} is known", code="portal.no_family", family=family)
    functions = [form for form in _FORMS if any(row.form == form for row in rows)]
    values: dict[str, Any] = {
        "name": slug, "place": place, "division": division, "cluster": cluster, "first_year": int(first_year),
        "hosts": tuple(hosts), "entrances": tuple(entrances), "unverified": tuple(unverified),
    }  # fmt: skip
    names = ("name", "place", "division", "cluster", "first_year")
    calls = [_call(row) for row in rows]
    imports = [kind.__name__, *functions]
    lines = [
        f'"""{_plain(note or "A portal under probe.")}"""',
        "",
        f"from {kind.__module__} import {', '.join(imports)}",
        "",
        "",
        f"class {class_name(slug, imports)}({kind.__name__}):",
        f"    {', '.join(names)} = {', '.join(repr(values[name]) for name in names)}",
        f"    hosts, entrances = {values['hosts']!r}, {values['entrances']!r}",
        *([f"    unverified = {values['unverified']!r}"] if unverified else []),
    ]
    if calls and len(lines) + len(calls) + 2 <= LINES:
        lines += ["    listings = (", *(f"        {call}," for call in calls), "    )"]
    else:
        lines.append(f"    listings = ({''.join(f'{call}, ' for call in calls).rstrip()})")
    text = "\n".join(lines) + "\n"
    _compare(text, values, rows, kind.__name__)
    _load(text)
    return text


def _call(row: Row) -> str:
    extra = [f"{key}={value!r}" for key in ("title", "covers", "agency", "year") if (value := getattr(row, key))]
    return f"{row.form}({', '.join([repr(row.key), repr(row.url), *extra])})"


def class_name(slug: str, taken: Sequence[str] = ()) -> str:
    """Return the name of a portal's class: wenshang → Wenshang; never a keyword or a name that is imported."""
    made = "".join(part[:1].upper() + part[1:] for part in slug.split("_") if part) or "Portal"
    made = made if made[0].isalpha() else f"P{made}"
    return f"{made}Portal" if keyword.iskeyword(made) or made in taken else made


def _compare(text: str, values: Mapping[str, Any], rows: Sequence[Row], base: str) -> None:
    """Parse what was written; it must be one class of literals that say what was meant, and nothing else."""
    wrong = CrawlError("the portal's file could not be written safely", code="portal.unsafe")
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise wrong from error
    if len(text.splitlines()) > LINES or not isinstance(module.body[-1], ast.ClassDef):
        raise wrong
    found = module.body[-1]
    head = module.body[:-1]
    plain_head = all(
        (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crawler.cms."))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
        for node in head
    )
    bases = [node.id for node in found.bases if isinstance(node, ast.Name)]
    if not plain_head or bases != [base] or found.decorator_list or found.keywords:
        raise wrong
    told: dict[str, Any] = {}
    listed: list[Row] = []
    for node in found.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            raise wrong
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id == "listings" and isinstance(node.value, ast.Tuple):
            listed = [_row(call, wrong) for call in node.value.elts]
        elif isinstance(target, ast.Tuple):
            keys = [name.id for name in target.elts if isinstance(name, ast.Name)]
            told |= dict(zip(keys, ast.literal_eval(node.value), strict=True))
        elif isinstance(target, ast.Name):
            told[target.id] = ast.literal_eval(node.value)
    if {"unverified": (), **told} != dict(values) or listed != list(rows):
        raise wrong


def _load(text: str) -> None:
    """Load what was written and compared, as a crawl will. Raises :class:`CrawlError` where that fails."""
    try:
        exec(compile(text, "the portal's file", "exec"), {"__name__": "portal under probe"})  # noqa: S102 - literals only
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise CrawlError(f"the portal's file would not load ({text})", code="portal.unloadable", text=text) from error


def _row(node: ast.expr, wrong: CrawlError) -> Row:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in _FORMS:
        raise wrong
    given = [ast.literal_eval(argument) for argument in node.args]
    named = {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
    return Row(node.func.id, *given, **named)
