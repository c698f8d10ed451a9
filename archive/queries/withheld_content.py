"""What is not given out: what a ruling withholds, and what mentions something withheld; and texts as they may go out.

Withheld are the documents that a ruling names, the others of their editions, what a browser made of them or loaded for
them alone; of a withheld report everything that its addresses showed, unless it is known to be another report.

A title is withheld with the report, unless a document that is given out bears it; so are the addresses at which nothing
else stood. So whatever *names* a withheld report is left out as well: a list page, a page that links it, a redirect
whose record keeps the link's text. Nothing is altered: such a record is given whole or not at all, and that it is left
out is told. Files other than pages and texts are not searched for titles, nor is a title that other reports bear as
well.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urljoin

from sqlalchemy import select

from archive.documents.charset import decode
from archive.documents.kinds import sniff
from archive.identity.addresses import is_unlinked, same_address
from archive.identity.text import pattern, squeeze
from archive.identity.titles import judge
from archive.queries.output_masking import HIDDEN, NO_SECRETS, Secrets, address_key, spell_alike
from archive.queries.stored import open_projections
from archive.queries.withholding import Withheld, portals_concerned, withheld
from storage.captures import CaptureStore
from storage.change_mark import last_change
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Capture, CaptureOutcome, CaptureRole, Extraction, Finding, Lead
from storage.registry import Registry
from storage.statements import batches

_PAGES = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_OF_REPORTS = frozenset({CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING})
_TEXTUAL = frozenset({"html", "json", "text", "unknown"})
_LEAST = 6  # letters of a title that is looked for in pages
_TAG = re.compile(r"<[^<>]*+>")
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)
_YEAR = re.compile(r"[\W\d_年度]")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class Why(StrEnum):
    """Why a capture is not given out."""

    WITHHELD = "withheld"
    NAMES = "names"


@dataclass(slots=True)
class Hidden:
    """See the module. ``documents``: those withheld. ``borne``: addresses at which something withheld stood → the
    titles that stay given out there. ``watched``: addresses of withheld reports. ``shown``: documents that are given
    out. ``naming``: captures and documents of pages on which a withheld link stood. Empty for a portal of which nothing
    is withheld, but for ``secrets``: the titles withheld anywhere, and the addresses at which nothing else stood.
    """

    store: CaptureStore
    documents: set[str] = field(default_factory=set)
    borne: dict[str, set[str]] = field(default_factory=dict)
    watched: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    secrets: Secrets = NO_SECRETS
    naming: set[str] = field(default_factory=set)
    _judged: dict[str, bool] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.documents or self.borne)

    def why(self, capture: Capture) -> Why | None:
        """Why a capture is not given out; None where it is. Reads its document the first time."""
        if not self or capture.role is CaptureRole.ROBOTS:
            return None
        if self._is_withheld(capture):
            return Why.WITHHELD
        if {capture.id, capture.document} & self.naming or self.secrets.are_in(capture.link_text):
            return Why.NAMES
        addresses = (capture.requested, capture.url, capture.location or "")
        if any(map(self.secrets.hides, addresses)):
            return Why.NAMES
        if capture.url.startswith("urn:view:") and capture.via is not None:
            page = self.store.get(capture.via)
            return None if page is None else self.why(page)
        return Why.NAMES if self._names(capture) else None

    def hides(self, capture: Capture) -> bool:
        """Whether a capture is not given out."""
        return self.why(capture) is not None

    def title(self, url: str, text: str) -> str:
        """The text of a link to ``url`` as it may go out: masked, without withheld titles, or that it is withheld."""
        return HIDDEN if self.is_secret(same_address(url), text) else self.text(text)

    def text(self, text: str) -> str:
        """A text of this portal as it may go out."""
        return self.secrets.text(text)

    def _is_withheld(self, capture: Capture) -> bool:
        if capture.document in self.documents:
            return True
        if capture.role not in _OF_REPORTS:
            return False
        here = _at(capture)
        unsaid = capture.outcome in _PAGES and capture.document not in self.shown
        if unsaid and here & self.watched:
            return True
        return bool(capture.link_text) and any(self.is_secret(one, capture.link_text) for one in here)

    def address(self, url: str, text: str = "") -> str:
        """The address of a link as it may go out: that of an entry without a link bears its text."""
        if is_unlinked(url) and self.is_secret(same_address(url), text):
            url = url.partition("#")[0]
        return self.secrets.address(url)

    def is_secret(self, address: str, text: str) -> bool:
        """Whether the text of a link to an address (``same_address``) is withheld."""
        held = self.borne.get(address)
        return held is not None and not _is_borne(text, held)

    def _names(self, capture: Capture) -> bool:
        if capture.document is None:
            return False
        if capture.document not in self._judged:
            try:
                body = self.store.body(capture)
            except StorageError:
                return False  # cannot be given out either; whoever copies it says so
            self._judged[capture.document] = self._says(body, capture.url)
        return self._judged[capture.document]

    def _says(self, body: bytes, url: str) -> bool:
        """Whether a page or text bears a withheld title or address, or links one."""
        if sniff(body) not in _TEXTUAL:
            return False
        text = decode(body).text
        if "\\u" in text:
            text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = html.unescape(text).replace("\\/", "/")
        if self.secrets.are_in(text) or self.secrets.are_in(_TAG.sub("", text)):
            return True
        here = url.removeprefix("urn:dom:")
        for target in _HREF.findall(text):
            with suppress(ValueError):
                if self.secrets.hides(urljoin(here, target)):
                    return True
        return False


def _is_borne(text: str, held: Iterable[str]) -> bool:
    plain = spell_alike(text)
    return any(plain in one or one in plain for one in held)


def hidden(home: Home, portal: str) -> Hidden:
    """What of a portal is not given out. Raises ProjectionError where the projections have to be made again first."""
    held = withheld(home)
    if portal not in portals_concerned(home, held):
        return Hidden(CaptureStore(home))
    with open_projections(home) as store:
        return _hidden_in(home, store, portal, held)


def hidden_by_portal(
    home: Home, store: ProjectionStore, portals: Iterable[str], withheld: Withheld
) -> Mapping[str, Hidden]:
    """The same of several portals. Only those are read of which anything is withheld: one after the other, and all that
    is known of each.
    """
    found = {name: _hidden_in(home, store, name, withheld) for name in portals_concerned(home, withheld)}
    every = [one.secrets for one in found.values()]
    secrets = Secrets(
        frozenset().union(*(one.titles for one in every)), frozenset().union(*(one.addresses for one in every))
    )
    for one in found.values():
        one.secrets = secrets
    nothing = Hidden(CaptureStore(home), secrets=secrets)
    return {name: found.get(name, nothing) for name in portals}


def _hidden_in(home: Home, store: ProjectionStore, portal: str, withheld: Withheld) -> Hidden:
    found = Hidden(CaptureStore(home))
    editions = store.editions(portal)
    closed = [one for one in editions if withheld.hides(one)]
    leads, bindings = store.leads(portal), store.bindings(portal)
    captures = list(found.store.for_portal(portal))
    found.documents.update(name for one in closed for name in (one.main, *one.documents))
    found.documents.update(name for name in _documents_of(captures) if name in withheld.documents)
    ruled = frozenset(found.documents)
    found.watched |= {same_address(one.url) for one in leads if (one.agency, one.year) in withheld.reports}
    found.watched |= {same_address(one.url) for one in bindings if (one.agency, one.year) in withheld.reports}
    if not found.documents and not found.watched:
        return found
    open_ = [one for one in editions if not withheld.hides(one)]
    found.shown = {name for one in open_ for name in one.documents} - found.documents
    by_id = {one.id: one for one in captures}
    found.watched |= _addresses(
        by_id[name]
        for one in closed
        if (one.agency, one.year) in withheld.reports
        for name in one.captures
        if name in by_id
    )
    _add_unread(found, captures)
    _add_derived(found, captures)
    touched = found.watched | _addresses(
        one for one in captures if one.document in found.documents and one.role in _OF_REPORTS
    )
    others = {one.document for one in bindings} | {one.main for one in open_}
    titles = _titles(store, ruled | others)
    found.borne = {address: set() for address in touched}
    for edition in open_:
        for address in _addresses(by_id[name] for name in edition.captures if name in by_id) & touched:
            found.borne[address].add(spell_alike(titles.get(edition.main, "")))
    for held_titles in found.borne.values():
        held_titles.discard("")
    lists = {same_address(one.url) for one in Registry(home).listings(portal)}
    found.secrets = Secrets(
        _secret_titles(found, leads, captures, titles, ruled),
        frozenset(map(address_key, _secret_addresses(found, captures) - lists)) - {""},
    )
    found.naming = _naming_pages(found, Observations(home).latest_extractions(portal), by_id)
    return found


def _addresses(captures: Iterable[Capture]) -> set[str]:
    """Where pages and files were asked for, and where they were got."""
    return {address for one in captures for address in _at(one)}


def _at(capture: Capture) -> set[str]:
    return {same_address(capture.requested), same_address(capture.url)}


def _add_unread(hidden: Hidden, captures: Iterable[Capture]) -> None:
    """Add what hangs on pages of withheld reports that nobody has read yet."""
    pages: set[str] = set()
    for one in captures:
        if one.role not in _OF_REPORTS or one.outcome not in _PAGES or one.document in hidden.shown:
            continue
        if _at(one) & hidden.watched or (one.role is CaptureRole.ATTACHMENT and one.via in pages):
            pages.add(one.id)
            if one.document is not None:
                hidden.documents.add(one.document)


def _secret_addresses(hidden: Hidden, captures: Iterable[Capture]) -> set[str]:
    """Where withheld reports and their files were asked for, whatever came, without where anything else was got."""
    captures = list(captures)
    pages = {one.id for one in captures if one.document in hidden.documents}
    asked = _addresses(
        one
        for one in captures
        if one.role in _OF_REPORTS
        and (one.id in pages or (one.role is CaptureRole.ATTACHMENT and one.via in pages) or _at(one) & hidden.watched)
    )
    given = (one for one in captures if one.document and one.outcome in _PAGES and one.id not in pages)
    return {one for one in hidden.watched | asked if not is_unlinked(one)} - _addresses(given)


def _add_derived(hidden: Hidden, captures: Iterable[Capture]) -> None:
    """Add what a browser made of withheld pages, or loaded for them alone."""
    captures = list(captures)
    pages = {one.id for one in captures if one.document in hidden.documents}
    with_hidden: set[str] = set()
    with_others: set[str] = set()
    for one in captures:
        if one.role is CaptureRole.RESOURCE and one.document is not None:
            (with_hidden if one.via in pages else with_others).add(one.document)
    hidden.documents |= with_hidden - with_others


def _titles(store: ProjectionStore, documents: Collection[str]) -> dict[str, str]:
    """The titles of documents as they were read, without their cells."""
    table = store.tables.readings
    found: dict[str, str] = {}
    with store.read() as connection:
        for names in batches(documents):
            query = select(table.c.document, table.c.title).where(table.c.document.in_(names))
            found |= {row.document: row.title for row in connection.execute(query)}
    return found


def _secret_titles(
    hidden: Hidden,
    leads: Iterable[Lead],
    captures: Iterable[Capture],
    titles: Mapping[str, str],
    ruled: Iterable[str],
) -> frozenset[str]:
    """The titles that are looked for: withheld ones, without those that a document bears which is given out.

    The text of a link is one only if it speaks of a report: "download" does not.
    """
    linked = [(one.url, one.title) for one in leads]
    linked += [(one.requested, one.link_text) for one in captures if one.link_text]
    secret = [text for url, text in linked if hidden.is_secret(same_address(url), text) and _speaks_of_report(text)]
    secret += [titles[name] for name in ruled if name in titles]
    open_ = {name for borne in hidden.borne.values() for name in borne}
    open_ |= {spell_alike(text) for name, text in titles.items() if name not in hidden.documents}
    long = {name for text in secret if len(name := spell_alike(text)) >= _LEAST and _names_something(text)}
    return frozenset(one for one in long if not any(one in other for other in open_))


def _speaks_of_report(text: str) -> bool:
    return judge(text).could_be or pattern("core").search(squeeze(text)) is not None


def _names_something(text: str) -> bool:
    """Whether a title says more than that it is a report of a year, as the name of a column does."""
    return _YEAR.sub("", pattern("core").sub("", squeeze(text))) != ""


def _naming_pages(hidden: Hidden, extractions: Mapping[str, Extraction], by_id: Mapping[str, Capture]) -> set[str]:
    """The list pages on which a withheld link stood: captures, and the documents that they hold."""
    pages = {
        link.capture
        for one in extractions.values()
        for link in one.links
        if hidden.is_secret(same_address(link.url), link.text)
    }
    return pages | set(_documents_of(by_id[name] for name in pages if name in by_id))


def _documents_of(captures: Iterable[Capture]) -> Iterator[str]:
    return (one.document for one in captures if one.document is not None)


#: Findings that give figures of the year before or after as well.
BETWEEN_YEARS = frozenset({"carry_over", "stock_differs"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What rulings withhold (``ruled``), and what no text bears that goes out (``secrets``)."""

    ruled: Withheld
    secrets: Secrets = NO_SECRETS

    def text(self, text: str) -> str:
        """A text as it may go out."""
        return self.secrets.text(text)

    def address(self, url: str) -> str:
        """An address as it may go out."""
        return self.secrets.address(url)

    def maybe(self, text: str | None) -> str | None:
        """The same of a text that may be missing."""
        return None if text is None else self.text(text)

    def findings(self, findings: Iterable[Finding], *, withheld: bool, beside: bool = False) -> tuple[Finding, ...]:
        """Findings once each, as they may go out, for their sentences quote the text.

        ``withheld``: of the document only that there are such; ``beside``: so of those that speak of the year before or
        after too, for that report is withheld.
        """
        return tuple(
            dict.fromkeys(
                replace(f, zh=HIDDEN, en="(withheld)", expected=None, found=None)
                if withheld or (beside and f.code in BETWEEN_YEARS)
                else replace(
                    f,
                    zh=self.text(f.zh),
                    en=self.text(f.en),
                    expected=self.maybe(f.expected),
                    found=self.maybe(f.found),
                )
                for f in findings
            )
        )


class _RememberedRule:
    """The rule as it was last made, and of what: the mark of the archive's state, and the rulings."""

    def __init__(self) -> None:
        self.held: tuple[object, Outgoing] | None = None

    def close(self) -> None:
        """Forget it."""
        self.held = None


def outgoing(home: Home) -> Outgoing:
    """The rule as it is now. Reads what is known of the portals of which anything is withheld, and nothing else, and
    that once for each state of the archive.

    Raises ProjectionError where the projections have to be made again first.
    """
    ruled = withheld(home)
    if not ruled:
        return Outgoing(ruled)
    memory, state = home.kept("outgoing", _RememberedRule), (last_change(home).mark, ruled)
    held = memory.held
    if held is not None and held[0] == state:
        return held[1]
    made = _outgoing(home, ruled)
    if not home.truth.is_together:  # a transaction may show a state before that of the mark
        memory.held = (state, made)
    return made


def _outgoing(home: Home, ruled: Withheld) -> Outgoing:
    with open_projections(home) as store:
        concerned = hidden_by_portal(home, store, portals_concerned(home, ruled), ruled)
    return Outgoing(ruled, next((one.secrets for one in concerned.values()), NO_SECRETS))
