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
from collections.abc import Iterable, Iterator
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
from archive.queries.stored import fetch, open_projections
from archive.queries.withholding import (
    HIDDEN,
    NO_SECRETS,
    Secrets,
    Withheld,
    address_key,
    portals_concerned,
    spell_alike,
    withheld,
)
from storage.captures import CaptureStore
from storage.change_mark import last_change
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Binding, Capture, CaptureOutcome, CaptureRole, Edition, Finding, Lead
from storage.registry import Registry
from storage.statements import batches

_PAGES = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_OF_REPORTS = frozenset({CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING})
_TEXTUAL = frozenset({"html", "json", "text", "unknown"})
_MIN_TITLE_LETTERS = 6  # of a title that is looked for in pages
_TAG = re.compile(r"<[^<>]*+>")
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)
_YEAR = re.compile(r"[\W\d_年度]")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
#: Findings that give figures of the year before or after as well.
BETWEEN_YEARS = frozenset({"carry_over", "stock_differs"})


class WithholdingReason(StrEnum):
    """Why a capture is not given out."""

    WITHHELD = "withheld"
    NAMES = "names"


@dataclass(slots=True, kw_only=True)
class Outgoing:
    """What rulings withhold (``ruled``), and what no text bears that goes out (``secrets``).

    ``portals``: those of which anything is withheld; captures of others are given out. ``editions``: the ids of those
    withheld; ``documents``: those withheld. ``borne``: addresses at which something withheld stood → the titles that
    stay given out there. ``watched``: addresses of withheld reports. ``open_documents``: documents that are given out.
    ``naming``: captures and documents of pages on which a withheld link stood.
    """

    ruled: Withheld
    store: CaptureStore
    portals: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()
    documents: set[str] = field(default_factory=set)
    borne: dict[str, set[str]] = field(default_factory=dict)
    watched: set[str] = field(default_factory=set)
    open_documents: set[str] = field(default_factory=set)
    secrets: Secrets = NO_SECRETS
    naming: set[str] = field(default_factory=set)
    _judged: dict[str, bool] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------ captures

    def why(self, capture: Capture) -> WithholdingReason | None:
        """Why a capture is not given out; None where it is. Reads its document the first time."""
        if capture.portal not in self.portals or not (self.documents or self.borne):
            return None
        if capture.role is CaptureRole.ROBOTS:
            return None
        if self._is_withheld(capture):
            return WithholdingReason.WITHHELD
        addresses = (capture.requested, capture.url, capture.location or "")
        is_naming = {capture.id, capture.document} & self.naming or self.secrets.are_in(capture.link_text)
        if is_naming or any(map(self.secrets.hides, addresses)):
            return WithholdingReason.NAMES
        if capture.url.startswith("urn:view:") and capture.via is not None:
            page = self.store.get(capture.via)
            return None if page is None else self.why(page)
        return WithholdingReason.NAMES if self._names(capture) else None

    def hides(self, capture: Capture) -> bool:
        """Whether a capture is not given out."""
        return self.why(capture) is not None

    def _is_withheld(self, capture: Capture) -> bool:
        if capture.document in self.documents:
            return True
        if capture.role not in _OF_REPORTS:
            return False
        here = _at(capture)
        unsaid = capture.outcome in _PAGES and capture.document not in self.open_documents
        if unsaid and here & self.watched:
            return True
        return bool(capture.link_text) and any(self.is_secret(one, capture.link_text) for one in here)

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
        return any(self.secrets.hides(one) for one in _links(text, url.removeprefix("urn:dom:")))

    # ------------------------------------------------------------------------------------------ texts

    def text(self, text: str) -> str:
        """A text as it may go out."""
        return self.secrets.text(text)

    def maybe(self, text: str | None) -> str | None:
        """The same of a text that may be missing."""
        return None if text is None else self.text(text)

    def title(self, url: str, text: str) -> str:
        """The text of a link to ``url`` as it may go out: masked, without withheld titles, or that it is withheld."""
        return HIDDEN if self.is_secret(same_address(url), text) else self.text(text)

    def address(self, url: str, text: str = "") -> str:
        """The address of a link as it may go out: that of an entry without a link bears its text."""
        if self.borne and is_unlinked(url) and self.is_secret(same_address(url), text):
            url = url.partition("#")[0]
        return self.secrets.address(url)

    def is_secret(self, address: str, text: str) -> bool:
        """Whether the text of a link to an address (``same_address``) is withheld."""
        if (open_titles := self.borne.get(address)) is None:
            return False
        plain = spell_alike(text)
        return not any(plain in one or one in plain for one in open_titles)

    def findings(self, findings: Iterable[Finding], *, withheld: bool, beside: bool = False) -> tuple[Finding, ...]:
        """Findings once each, as they may go out, for their sentences quote the text.

        ``withheld``: of the document only that there are such; ``beside``: so of those that speak of the year before or
        after too, for that report is withheld.
        """

        def given_out(one: Finding) -> Finding:
            if withheld or (beside and one.code in BETWEEN_YEARS):
                return replace(one, zh=HIDDEN, en="(withheld)", expected=None, found=None)
            expected, printed = self.maybe(one.expected), self.maybe(one.found)
            return replace(one, zh=self.text(one.zh), en=self.text(one.en), expected=expected, found=printed)

        return tuple(dict.fromkeys(map(given_out, findings)))


# ---------------------------------------------------------------------------------------------- what is withheld now


class _RememberedRule(list[tuple[object, Outgoing]]):
    """The rule as it was last made, and of what: the mark of the archive's state, and the rulings."""

    close = list.clear


def outgoing(home: Home) -> Outgoing:
    """The rule as it is now. Reads what is known of the portals of which anything is withheld, and nothing else, and
    that once for each state of the archive.

    Raises ProjectionError where the projections have to be made again first.
    """
    ruled = withheld(home)
    if not ruled:
        return Outgoing(ruled=ruled, store=CaptureStore(home))
    memory, state = home.get_or_make("outgoing", _RememberedRule), (last_change(home).mark, ruled)
    for last, rule in memory:
        if last == state:
            return rule
    rule = _WithheldContent(home, open_projections(home), ruled).find_all()
    if not home.truth.is_together:  # a transaction may show a state before that of the mark
        memory[:] = [(state, rule)]
    return rule


class _WithheldContent:
    """All that is known of the portals of which anything is withheld, to find out what is not given out."""

    def __init__(self, home: Home, store: ProjectionStore, ruled: Withheld) -> None:
        self._home, self._store, self._ruled = home, store, ruled
        self._out = Outgoing(ruled=ruled, store=CaptureStore(home), portals=portals_concerned(home, ruled))
        portals = sorted(self._out.portals)
        self._captures: list[Capture] = [one for name in portals for one in self._out.store.for_portal(name)]
        self._by_id = {one.id: one for one in self._captures}
        editions: list[Edition] = [one for name in portals for one in store.editions(name)]
        self._closed = [one for one in editions if ruled.hides(one)]
        self._open = [one for one in editions if not ruled.hides(one)]
        self._leads: list[Lead] = [one for name in portals for one in store.leads(name)]
        self._bindings: list[Binding] = [one for name in portals for one in store.bindings(name)]

    def find_all(self) -> Outgoing:
        """What is not given out for these rulings."""
        out, reports = self._out, self._ruled.reports
        out.editions = frozenset(one.id for one in self._closed)
        out.documents.update(name for one in self._closed for name in (one.main, *one.documents))
        out.documents.update({one.document or "" for one in self._captures} & self._ruled.documents.keys())
        ruled = frozenset(out.documents)
        linked: list[Lead | Binding] = [*self._leads, *self._bindings]
        out.watched |= {same_address(one.url) for one in linked if (one.agency, one.year) in reports}
        if not out.documents and not out.watched:
            return out
        out.open_documents = {name for one in self._open for name in one.documents} - out.documents
        for one in self._closed:
            if (one.agency, one.year) in reports:
                out.watched |= self._addresses_of(one)
        self._add_unread()
        self._add_derived()
        titles = self._titles(ruled | {one.document for one in self._bindings} | {one.main for one in self._open})
        of_withheld = (one for one in self._captures if one.document in out.documents and one.role in _OF_REPORTS)
        out.borne = {address: set() for address in out.watched | _addresses(of_withheld)}
        for edition in self._open:
            if title := spell_alike(titles.get(edition.main, "")):
                for address in self._addresses_of(edition) & out.borne.keys():
                    out.borne[address].add(title)
        lists = {same_address(one.url) for name in sorted(out.portals) for one in Registry(self._home).listings(name)}
        addresses = frozenset(map(address_key, self._secret_addresses() - lists)) - {""}
        out.secrets = Secrets(self._secret_titles(titles, ruled), addresses)
        out.naming = self._naming_pages()
        return out

    def _addresses_of(self, edition: Edition) -> set[str]:
        return _addresses(self._by_id[name] for name in edition.captures if name in self._by_id)

    def _add_unread(self) -> None:
        """Add what hangs on pages of withheld reports that nobody has read yet."""
        out, pages = self._out, set[str]()
        for one in self._captures:
            is_page = one.role in _OF_REPORTS and one.outcome in _PAGES and one.document not in out.open_documents
            is_part = one.role is CaptureRole.ATTACHMENT and one.via in pages
            if is_page and (is_part or _at(one) & out.watched):
                pages.add(one.id)
                out.documents.update([one.document] if one.document is not None else [])

    def _add_derived(self) -> None:
        """Add what a browser made of withheld pages, or loaded for them alone."""
        pages = {one.id for one in self._captures if one.document in self._out.documents}
        loaded = [one for one in self._captures if one.role is CaptureRole.RESOURCE and one.document is not None]
        elsewhere = {one.document for one in loaded if one.via not in pages}
        self._out.documents |= {one.document for one in loaded if one.document is not None} - elsewhere

    def _secret_addresses(self) -> set[str]:
        """Where withheld reports and their files were asked for, whatever came, without where anything else was got."""
        watched, documents = self._out.watched, self._out.documents
        pages = {one.id for one in self._captures if one.document in documents}
        parts = {one.id for one in self._captures if one.role is CaptureRole.ATTACHMENT and one.via in pages}
        of_reports = (one for one in self._captures if one.role in _OF_REPORTS)
        requested = _addresses(one for one in of_reports if one.id in pages | parts or _at(one) & watched)
        others = (one for one in self._captures if one.document and one.outcome in _PAGES and one.id not in pages)
        return {one for one in watched | requested if not is_unlinked(one)} - _addresses(others)

    def _titles(self, documents: Iterable[str]) -> dict[str, str]:
        """The titles of documents as they were read, without their cells."""
        table = self._store.tables.readings
        columns = select(table.c.document, table.c.title)
        queries = (columns.where(table.c.document.in_(names)) for names in batches({*documents}))
        return {row.document: row.title for query in queries for row in fetch(self._store, query)}

    def _secret_titles(self, titles: dict[str, str], ruled: Iterable[str]) -> frozenset[str]:
        """The titles that are looked for: withheld ones, without those that a document bears which is given out.

        The text of a link is one only if it speaks of a report: "download" does not.
        """
        out = self._out
        linked = [(one.url, one.title) for one in self._leads]
        linked += [(one.requested, one.link_text) for one in self._captures if one.link_text]
        secret = [text for url, text in linked if out.is_secret(same_address(url), text) and _speaks_of_report(text)]
        secret += [titles[name] for name in ruled if name in titles]
        open_ = {name for borne in out.borne.values() for name in borne}
        open_ |= {spell_alike(text) for name, text in titles.items() if name not in out.documents}
        # of a title that says more than that it is a report of a year, as the name of a column does
        spellings = (spell_alike(text) for text in secret if _YEAR.sub("", pattern("core").sub("", squeeze(text))))
        long = {name for name in spellings if len(name) >= _MIN_TITLE_LETTERS}
        return frozenset(one for one in long if not any(one in other for other in open_))

    def _naming_pages(self) -> set[str]:
        """The list pages on which a withheld link stood: captures, and the documents that they hold."""
        observed = Observations(self._home)
        extractions = (one for name in sorted(self._out.portals) for one in observed.latest_extractions(name).values())
        links = (link for one in extractions for link in one.links)
        pages = {link.capture for link in links if self._out.is_secret(same_address(link.url), link.text)}
        documents = {self._by_id[name].document for name in pages if name in self._by_id}
        return pages | {one for one in documents if one is not None}


def _links(text: str, base: str) -> Iterator[str]:
    """The addresses that a page links."""
    for target in _HREF.findall(text):
        with suppress(ValueError):
            yield urljoin(base, target)


def _addresses(captures: Iterable[Capture]) -> set[str]:
    """Where pages and files were asked for, and where they were got."""
    return {address for one in captures for address in _at(one)}


def _at(capture: Capture) -> set[str]:
    return {same_address(capture.requested), same_address(capture.url)}


def _speaks_of_report(text: str) -> bool:
    return judge(text).could_be or pattern("core").search(squeeze(text)) is not None
