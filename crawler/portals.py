"""Finds, validates and registers portals: those in the project's ``spiders/`` and an operator's own in
``<archive>/portals/``.

A portal is a ``.py`` file of class attributes (at most 15 lines) and a ``.csv`` file of its agencies, with the columns
``id,name,kind,code,parent,valid_from,valid_to,aliases,source`` (kinds in English or Chinese, ``|`` between aliases).
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import inspect
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.utils.misc import walk_modules_iter
from scrapy.utils.spider import iter_spider_classes

from archive.fuzzy_lookup import portal_meant
from archive.identity.agency_csv import KINDS, SLUG, AgencyListError, is_self_named, parse_agencies
from crawler.errors import PortalError, UnknownPortal
from crawler.listing_specs import SEARCH, ListingSpec, as_ruled, ends_ruled
from crawler.lists.engine import address_key
from crawler.net.guard import AllowedHosts
from crawler.signatures import signatures
from crawler.spider import PortalSpider
from storage.errors import note_of
from storage.observations import Observations
from storage.records import Agency, Listing, ListingForm, Note, Portal
from storage.registry import Registry

LINES = 15
log = logging.getLogger(__name__)
Known = Mapping[str, type[PortalSpider]]
Registered = tuple[Portal, tuple[Agency, ...], tuple[Listing, ...]]
HOST = re.compile(r"\.?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")


def classes(archive: Path | None = None, *, naming: str = "") -> dict[str, type[PortalSpider]]:
    """Return all portal classes by name. ``archive``: the archive's folder (default: ``NIANBAO_ARCHIVE``, if it is
    set). ``naming``: load only those of the operator's files that contain this text.

    An operator's file that cannot be loaded is logged and left out; :func:`broken` returns it. Raises
    :class:`PortalError` if two portals have the same name.
    """
    by_name: dict[str, type[PortalSpider]] = {}
    modules, faults = _load_operators_files(archive, naming)
    for fault in faults.values():
        log.warning("%s; the other portals go on", fault)
    for module in (*walk_modules_iter("spiders"), *modules):
        for kind in iter_spider_classes(module):
            if not issubclass(kind, PortalSpider):
                continue
            if kind.name in by_name:
                one, other = _file(by_name[kind.name]), _file(kind)
                raise PortalError(code="portal.twice", name=kind.name, one=one, other=other)
            by_name[kind.name] = kind
    return dict(sorted(by_name.items()))


def broken(archive: Path | None = None) -> dict[str, PortalError]:
    """Return the errors of operator's files that cannot be loaded, by name without ``.py`` (as :func:`classes`)."""
    return _load_operators_files(archive)[1]


def _load_operators_files(archive: Path | None, naming: str = "") -> tuple[list[ModuleType], dict[str, PortalError]]:
    """Load the operator's files, of an archive or else of that in NIANBAO_ARCHIVE; return the modules, and the errors
    by file name without ``.py``. ``naming``: only files with this text, as one portal is found faster than thousands.
    """
    folder = archive or (Path(os.environ["NIANBAO_ARCHIVE"]) if os.environ.get("NIANBAO_ARCHIVE") else None)
    modules, faults = list[ModuleType](), dict[str, PortalError]()
    for path in sorted((folder / "portals").rglob("*.py")) if folder else ():
        if path.name == "__init__.py":
            continue
        try:
            modules += [_load(path)] if naming.encode() in path.read_bytes() else []
        except (PortalError, OSError) as error:
            faults[path.stem] = error if isinstance(error, PortalError) else _unloadable(path, error)
    return modules, faults


def _unloadable(path: Path, error: BaseException) -> PortalError:
    return PortalError(code="portal.file_unloadable", path=path, text=f"{type(error).__name__}: {error}")


def _load(path: Path) -> ModuleType:
    """Load an operator's file as a new module. Raises :class:`PortalError` if its code fails."""
    name = f"nianbao_portals.{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module  # inspect.getfile looks the module up here
    try:
        specification.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise _unloadable(path, error) from error
    return module


def find(name: str, archive: Path | None = None, known: Known | None = None) -> type[PortalSpider]:
    """Return the class of the portal called ``name``. Raises :class:`UnknownPortal` with the nearest names.

    ``known``: the result of :func:`classes`, for a caller that looks up many portals and loads the files only once.
    """
    if known is None:  # a crawl of one portal need not load the files of thousands of others
        known = classes(archive, naming=name)
        known = known if name in known else classes(archive)
    if name in known:
        return known[name]
    if fault := broken(archive).get(name):
        raise fault
    match, near = portal_meant(name, {one: spider.place for one, spider in known.items()})
    names = match or ", ".join(map(str, near))
    raise UnknownPortal(code="portal.unknown_near" if names else "portal.unknown", name=name, near=names)


def _file(portal: type[PortalSpider]) -> Path:
    return Path(inspect.getfile(portal))


def owners(url: str, known: Known) -> list[str]:
    """Return the names of the portals that have the host of an address among their hosts."""
    return [name for name, kind in known.items() if AllowedHosts(tuple(kind.hosts)).refusal(url) is None]


class PortalLoader:
    """Scrapy's spider loader: finds portals by :func:`classes`, for ``scrapy list`` and ``scrapy crawl wenshang``."""

    @cached_property
    def known(self) -> dict[str, type[PortalSpider]]:
        """All portal classes by name, loaded at first use: a crawl that is started with a class never needs them."""
        return classes()

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> PortalLoader:
        """Return a loader; Scrapy calls this."""
        del settings
        return cls()

    def load(self, spider_name: str) -> type[Spider]:
        """Return the class of a portal. Raises KeyError if no portal has this name."""
        try:
            return self.known[spider_name]
        except KeyError:
            raise KeyError(f"Spider not found: {spider_name}") from None

    def list(self) -> builtins.list[str]:
        """Return the names of all portals."""
        return [*self.known]

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the names of the portals that have the host of a request."""
        return owners(request.url, self.known)


def agencies(portal: type[PortalSpider], now: datetime) -> tuple[Agency, ...]:
    """Return the agencies of a portal's CSV. Raises :class:`PortalError` naming file, line and column."""
    path = _file(portal).with_suffix(".csv")
    try:
        return parse_agencies(path.read_text(encoding="utf-8-sig"), portal=portal.name, origin=path.name, now=now)
    except FileNotFoundError:
        raise PortalError(code="portal.no_csv", file=path.name, name=f"{path.stem}.py") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PortalError(code="portal.csv_unreadable", path=path, text=str(error)) from error
    except AgencyListError as error:
        where, why = path.parent, note_of(error).as_json
        raise PortalError(f"{where / str(error)}", code="portal.csv_wrong", folder=where, why=why) from error


def portal_record(portal: type[PortalSpider], now: datetime) -> Portal:
    """Return the registry row of a portal."""
    return Portal(
        name=portal.name, place=portal.place, division=portal.division, hosts=tuple(portal.hosts),
        family=portal.family, cluster=portal.cluster, first_year=portal.first_year, recorded_at=now,
    )  # fmt: skip


def declared_listings(portal: type[PortalSpider], now: datetime) -> tuple[Listing, ...]:
    """Return the columns (栏目) and searches that a portal's file declares, without addressed listings."""
    return tuple(
        Listing(
            id=f"{portal.name}:{spec.key}", portal=portal.name, url=spec.url, form=spec.form, column=spec.title,
            agency=f"{portal.name}/{spec.agency}" if spec.agency else None, year=spec.year,
            covers=tuple(KINDS[word] for word in spec.covers.split()), recorded_at=now,
        )
        for spec in portal.listings
        if spec.form is not ListingForm.ADDRESSED
    )  # fmt: skip


def register(registry: Registry, spider: PortalSpider, now: datetime) -> Registered:
    """Put a portal, its agencies and columns into the registry; return its row, with all its agencies and listings.

    A CSV row never replaces an agency from elsewhere (``nianbao agencies import``), unless only reports named that one.
    A column that the file no longer declares ends now: later looks at it are no evidence. If the file declares none of
    the registered columns any more (the portal has a new content system), the columns that crawls found end too; those
    still linked are found again. A found column keeps its id and its looks when the file declares its address later. A
    column that a person ruled to have ended stays ended.
    """
    kind = type(spider)
    portal = portal_record(kind, now)
    registry.put_portal(portal)
    latest = {agency.id: agency for agency in registry.agencies(spider.name)}
    origin = f"{_file(kind).with_suffix('.csv').name}: "
    registry.put_agencies([one for one in agencies(kind, now) if _replaces(one, latest.get(one.id), origin)])
    ruled = ends_ruled(Observations(registry.home).rulings())
    registered = [
        row for row in registry.listings(spider.name) if row.form is not ListingForm.ADDRESSED and row.ended_at is None
    ]
    walk_ids = {row.id for row in registered if ":found-" in row.id}
    by_address = {address_key(row.url): row for row in registered if row.id in walk_ids}
    declared = [as_ruled(_with_known_id(row, by_address), ruled) for row in declared_listings(kind, now)]
    declared_ids = {row.id for row in declared}
    ended_ids = {row.id for row in registered} - walk_ids - declared_ids
    if ended_ids and not any(row.id in declared_ids for row in registered):
        ended_ids |= walk_ids
    ended = [replace(row, ended_at=now, recorded_at=now) for row in registered if row.id in ended_ids]
    registry.put_listings([*declared, *ended])
    return portal, registry.agencies(spider.name), registry.listings(spider.name)


def _replaces(row: Agency, registered: Agency | None, origin: str) -> bool:
    """Whether a CSV row is to replace ``registered``, the agency in the registry (None: there is none)."""
    return registered is None or registered.source.startswith(origin) or (is_self_named(registered) and not row.guessed)


def _with_known_id(row: Listing, rows: Mapping[str, Listing]) -> Listing:
    """Return a declared column, with the id and address of the column in ``rows`` that a crawl found at its address."""
    same = rows.get(address_key(row.url))
    if same is None:
        return row
    path = same.column if same.column.endswith(f">{row.column}") else row.column
    return replace(row, id=same.id, url=same.url, column=path)


@dataclass(frozen=True, slots=True)
class PortalCheck:
    """The result of checking a portal's files. ``errors``: what must be corrected; ``unverified``: what nobody has seen
    on the real portal yet; ``notes``: hints, such as agencies without a code.
    """

    name: str
    place: str
    errors: tuple[Note, ...]
    unverified: tuple[Note, ...]
    notes: tuple[Note, ...]


def _check_for(kind: type, pattern: str = ".*", *, or_none: bool = False) -> Callable[[object], bool]:
    """Return the check that a value has this type and, as text, fits the pattern. ``or_none``: None is right too."""

    def fits(value: object) -> bool:
        is_right = type(value) is kind and re.fullmatch(pattern, str(value), re.DOTALL) is not None
        return is_right or (or_none and value is None)

    return fits


_ATTRIBUTES: dict[str, tuple[str, Callable[[Any], bool]]] = {  # by attribute: its type for messages, and the check
    "name": ("[a-z0-9_]+", _check_for(str, SLUG.pattern)),
    "place": ("str", _check_for(str)),
    "division": (r"\d{6} | None", _check_for(str, r"\d{6}", or_none=True)),
    "hosts": ("tuple", _check_for(tuple)),
    "listings": ("tuple", _check_for(tuple)),
    "entrances": ("tuple[str, ...]", lambda value: type(value) is tuple and all(map(_check_for(str), value))),
    "first_year": ("int", _check_for(int)),
    "cluster": (r"[\w-]{1,60} | None", _check_for(str, r"[\w-]{1,60}", or_none=True)),  # names a file
    "rendered": ("bool", _check_for(bool)),
    "unverified": ("tuple", _check_for(tuple)),
}


def validate(portal: type[PortalSpider]) -> list[Note]:
    """Return what is wrong with a portal's file: wrong types of attributes alone, else wrong values and listings."""
    wrong = [
        Note("attribute_odd", {"name": name, "text": repr(getattr(portal, name, None))[:200], "needs": needs})
        for name, (needs, is_right) in _ATTRIBUTES.items()
        if not is_right(getattr(portal, name, None))
    ]
    if wrong:
        return wrong
    if portal.family not in signatures():
        wrong.append(Note("family_unknown", {"name": portal.family}))
    bad = [host for host in portal.hosts if not isinstance(host, str) or not HOST.fullmatch(host)]
    wrong += [Note("host_odd", {"name": repr(host)}) for host in bad]
    if not bad:
        keys = [getattr(spec, "key", None) for spec in portal.listings]
        wrong += [Note("keys_twice")] if len(set(keys)) != len(keys) else []
        wrong += [fault for spec in portal.listings for fault in _listing_faults(spec, AllowedHosts(portal.hosts))]
    with _file(portal).open(encoding="utf-8") as lines:
        if (count := sum(1 for _ in lines)) > LINES:
            wrong.append(Note("file_too_long", {"file": _file(portal).name, "number": count, "most": LINES}))
    if not portal.hosts or not portal.listings:
        wrong.append(Note("nothing_declared"))
    return wrong


def _listing_faults(spec: object, allowed_hosts: AllowedHosts) -> Iterator[Note]:
    """Yield what is wrong with a declared listing: its types, year, address, title and kinds of agencies."""
    if not isinstance(spec, ListingSpec):
        yield Note("no_listing", {"text": repr(spec)[:200]})
        return
    texts = (spec.key, spec.url, spec.title, spec.covers, spec.agency or "")
    if odd := [value for value in texts if not isinstance(value, str)]:
        yield Note("listing_no_text", {"key": repr(spec.key), "text": repr(odd[0])[:200]})
        return
    if spec.year is not None and (not isinstance(spec.year, int) or not 2003 <= spec.year <= 2100):
        yield Note("listing_year", {"key": spec.key, "text": repr(spec.year)[:200]})
    is_addressed = spec.form is ListingForm.ADDRESSED
    if any((gap in spec.url) != is_addressed for gap in ("{code}", "{year}")):
        yield Note("listing_without_gaps", {"key": spec.key})
    if spec.form is ListingForm.COLUMN and spec.title == SEARCH:
        yield Note("listing_is_search", {"key": spec.key, "name": SEARCH})
    if reason := allowed_hosts.refusal(spec.url.replace("{code}", "1").replace("{year}", "2020")):
        yield Note("listing_outside", {"key": spec.key, "url": spec.url, "reason": reason})
    yield from (
        Note("listing_kind", {"key": spec.key, "name": word}) for word in spec.covers.split() if word not in KINDS
    )


def unverified(portal: type[PortalSpider]) -> tuple[Note, ...]:
    """Return the portal's ``unverified`` entries as notes: a sentence that a person wrote, a message code with its
    text, or a listing that a probe doubts (title, how it was found, how far it was read, why no further).
    """
    return tuple(map(_unverified, portal.unverified))


def _unverified(entry: object) -> Note:
    """Return an entry of ``unverified`` as a note; :func:`unverified` lists its shapes."""
    match entry:
        case str():
            return Note("as_written", {"text": entry})
        case (str(code), str(text)):
            return Note(code, {"text": text})
        case (str(title), str(found), str(read), str(reason)):
            certainty = Note(f"list_{read}", {"found": found, "reason": reason})
            return Note("list_doubted", {"title": title, "why": certainty.as_json})
        case _:
            return Note("as_written", {"text": repr(entry)[:200]})


def check(name: str, now: datetime, archive: Path | None = None, known: Known | None = None) -> PortalCheck:
    """Check a portal's class, its listings and its CSV of agencies. Raises :class:`UnknownPortal`."""
    portal = find(name, archive, known)
    errors, own = validate(portal), tuple[Agency, ...]()
    try:
        own = agencies(portal, now)
    except PortalError as error:
        errors.append(note_of(error))
    ids = {agency.id for agency in own}
    lost = [agency for agency in own if agency.parent and agency.parent not in ids]
    errors += [Note("agency_parent", {"name": agency.id, "parent": agency.parent}) for agency in lost]
    specs = [spec for spec in portal.listings if isinstance(spec, ListingSpec)]
    nobodys = [spec for spec in specs if spec.agency and f"{name}/{spec.agency}" not in ids]
    errors += [Note("listing_agency", {"key": spec.key, "name": spec.agency}) for spec in nobodys]
    uncoded = [a for a in own if not a.code] if any(spec.form is ListingForm.ADDRESSED for spec in specs) else []
    notes = [Note("agency_without_code", {"name": agency.name}) for agency in uncoded]
    notes += [Note("agency_guessed", {"name": agency.name}) for agency in own if agency.guessed]
    notes.append(Note("agencies_listed", {"number": len(own), "file": _file(portal).with_suffix(".csv").name}))
    return PortalCheck(portal.name, portal.place, tuple(errors), unverified(portal), tuple(notes))


def summary(name: str, archive: Path | None = None) -> dict[str, Any]:
    """Return a portal's attributes for ``nianbao portal show``: plain values, ``unverified`` as notes."""
    portal = find(name, archive)
    plain = ("name", "place", "division", "family", "cluster", "first_year", "rendered")
    attributes = {attribute: getattr(portal, attribute) for attribute in plain}
    listings = [{"key": s.key, "url": s.url, "form": str(s.form), "title": s.title} for s in portal.listings]
    return attributes | {
        "hosts": [*portal.hosts], "listings": listings, "entrances": [*portal.entrances],
        "unverified": unverified(portal),
    }  # fmt: skip
