"""Decide what may be given out: not what a ruling withholds, nor what mentions it; remove both from texts.

Withheld are the documents that a ruling names, the other documents of their editions, and what a browser made of them
or loaded only for them. If a ruling names a report, all that its addresses showed is withheld unless it is known to be
another report.

The title of a withheld report is withheld unless a document that is given out has it too; its addresses are withheld
unless something else was fetched there. Captures that *mention* such a title or address are left out: a list page, a
page with the link, a redirect whose record keeps the link text. Records are never altered: each is given out whole or
is left out, and users are told so. Only pages and texts are searched for titles.

Words used here: *ruled* is what rulings name, *withheld* what is not given out because of it, *open* what is given out;
*secrets* are the titles and addresses to remove from texts, and what has one in it *mentions* what is withheld.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urljoin

from sqlalchemy import select

from archive.documents.charset import decode
from archive.documents.kinds import TEXTUAL_KINDS, sniff
from archive.identity.addresses import is_unlinked, same_address
from archive.identity.text import pattern, squeeze
from archive.identity.titles import judge_title
from archive.queries.stored import fetch, open_projections
from archive.queries.withholding import (
    HIDDEN,
    NO_SECRETS,
    Secrets,
    Withheld,
    portals_concerned,
    spell_address_alike,
    spell_alike,
    withheld,
)
from storage.captures import CaptureStore
from storage.change_mark import last_change
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Binding, Capture, CaptureRole, Edition, Finding, Lead
from storage.registry import Registry
from storage.statements import batches
from storage.warc_fields import SHOWN_DOM, SHOWN_PICTURE

_OF_REPORTS = frozenset({CaptureRole.REPORT, CaptureRole.ATTACHMENT, CaptureRole.LISTING})
_MIN_TITLE_LETTERS = 6  # shorter titles are not searched for in pages
_TAG = re.compile(r"<[^<>]*+>")
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)
_TELLS_NOTHING = re.compile(r"[\W\d_年度]")  # signs of a title that do not distinguish it from others
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
#: Findings that give figures of the year before or after as well.
BETWEEN_YEARS = frozenset({"carry_over", "stock_differs"})


class WithholdingReason(StrEnum):
    """Why a capture is not given out: it is withheld itself, or has the title or address of something withheld."""

    WITHHELD = "withheld"
    MENTIONS = "names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Says what may be given out: ``ruled`` are the rulings, ``secrets`` the titles and addresses to remove from texts.
    ``portals``: those with anything withheld; captures of all others are given out. ``editions``, ``documents``: ids
    and digests of what is withheld; ``open_documents``: of what is given out. ``open_titles_at``: addresses where
    something withheld was fetched → titles of other reports there, which are given out. ``withheld_addresses``: of
    withheld reports. ``mentioning``: captures and documents of list pages that had a withheld link.
    """

    ruled: Withheld
    store: CaptureStore
    portals: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()
    documents: Set[str] = frozenset()
    open_titles_at: Mapping[str, Set[str]] = field(default_factory=dict)
    withheld_addresses: Set[str] = frozenset()
    open_documents: Set[str] = frozenset()
    secrets: Secrets = NO_SECRETS
    mentioning: Set[str] = frozenset()
    _judged: dict[tuple[str, str], bool] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------ captures

    def reason_not_given_out(self, capture: Capture) -> WithholdingReason | None:
        """Return why a capture is not given out (withheld, or mentions what is), else None. Reads its document once.
        robots.txt is always given out; a picture of a page only with that page.
        """
        if capture.portal not in self.portals or not (self.documents or self.open_titles_at):
            return None
        if capture.role is CaptureRole.ROBOTS:
            return None
        if self._is_withheld(capture):
            return WithholdingReason.WITHHELD
        addresses = (capture.requested, capture.url, capture.location or "")
        is_mentioning = {capture.id, capture.document} & self.mentioning or self.secrets.are_in(capture.link_text)
        if is_mentioning or any(map(self.secrets.hides, addresses)):
            return WithholdingReason.MENTIONS
        if capture.url.startswith(SHOWN_PICTURE) and capture.via is not None:
            page = self.store.get(capture.via)
            return None if page is None else self.reason_not_given_out(page)
        return WithholdingReason.MENTIONS if self._has_secrets(capture) else None

    def hides(self, capture: Capture) -> bool:
        """Whether a capture is not given out."""
        return self.reason_not_given_out(capture) is not None

    def _is_withheld(self, capture: Capture) -> bool:
        """Whether a capture has a withheld document or link text, or is an unidentified page of a withheld report."""
        if capture.document in self.documents:
            return True
        if capture.role not in _OF_REPORTS:
            return False
        here = _addresses(capture)
        if here & self.withheld_addresses and _is_unidentified(capture, self.open_documents):
            return True
        return bool(capture.link_text) and any(_is_secret(one, capture.link_text, self.open_titles_at) for one in here)

    def _has_secrets(self, capture: Capture) -> bool:
        """Whether a capture's document has a withheld title or address; judged once for each of its addresses."""
        if capture.document is None:
            return False
        if (key := (capture.document, capture.url)) not in self._judged:
            try:
                body = self.store.body(capture)
            except StorageError:
                return False  # unreadable bytes cannot be given out anyway; whoever copies the record reports them
            self._judged[key] = self._contains_secrets(body, capture.url)
        return self._judged[key]

    def _contains_secrets(self, body: bytes, url: str) -> bool:
        """Whether a page or text contains a withheld title or address, or links to one."""
        if sniff(body) not in TEXTUAL_KINDS:
            return False
        text = decode(body).text
        if "\\u" in text:
            text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        text = html.unescape(text).replace("\\/", "/")
        if self.secrets.are_in(text) or self.secrets.are_in(_TAG.sub("", text)):  # markup may stand within a title
            return True
        return any(self.secrets.hides(one) for one in _links(text, url.removeprefix(SHOWN_DOM)))

    # ------------------------------------------------------------------------------------------ texts

    def text(self, text: str) -> str:
        """Return a text without what is withheld."""
        return self.secrets.text(text)

    def text_or_none(self, text: str | None) -> str | None:
        """Return a text without what is withheld, and None for None."""
        return None if text is None else self.text(text)

    def title(self, url: str, text: str) -> str:
        """Return the text of a link to ``url``: HIDDEN if it is withheld, else masked and without withheld titles."""
        return HIDDEN if _is_secret(same_address(url), text, self.open_titles_at) else self.text(text)

    def address(self, url: str, text: str = "") -> str:
        """Return the address of a link, or a substitute if it is withheld; an unlinked entry has its text in it."""
        if self.open_titles_at and is_unlinked(url) and _is_secret(same_address(url), text, self.open_titles_at):
            url = url.partition("#")[0]
        return self.secrets.address(url)

    def findings(self, findings: Iterable[Finding], *, withheld: bool, beside: bool = False) -> tuple[Finding, ...]:
        """Return findings without duplicates and without what is withheld, because their sentences quote documents.
        ``withheld``: the report is withheld, so only the codes are given out. ``beside``: the report of the year before
        or after is withheld, so this holds for findings that compare the two years.
        """

        def without_secrets(item: Finding) -> Finding:
            if withheld or (beside and item.code in BETWEEN_YEARS):
                return replace(item, zh=HIDDEN, en="(withheld)", expected=None, found=None)
            expected, printed = self.text_or_none(item.expected), self.text_or_none(item.found)
            return replace(item, zh=self.text(item.zh), en=self.text(item.en), expected=expected, found=printed)

        return tuple(dict.fromkeys(map(without_secrets, findings)))


# ---------------------------------------------------------------------------------------------- what is withheld now


def outgoing(home: Home) -> Outgoing:
    """Return what may be given out now. Reads only the portals that have anything withheld, once for each state of the
    archive. Raises ProjectionError if the projections must be rebuilt first.
    """
    ruled = withheld(home)
    if not ruled:
        return Outgoing(ruled=ruled, store=CaptureStore(home))
    return home.keep(
        "outgoing",
        (last_change(home).mark, ruled),
        lambda: _WithheldContent(home, open_projections(home), ruled).find_all(),
        store=not home.truth.is_together,  # an open transaction may read a state older than the mark
    )


class _WithheldContent:
    """Works out what is not given out, from all captures, editions, leads and bindings of the portals concerned."""

    def __init__(self, home: Home, store: ProjectionStore, ruled: Withheld) -> None:
        """Load the captures, editions, leads (links) and bindings (whose report a document is) of the portals with
        anything withheld. ``ruled``: what rulings name.
        """
        self._home, self._store, self._ruled = home, store, ruled
        self._capture_store, self._portals = CaptureStore(home), portals_concerned(home, ruled)
        portals = sorted(self._portals)
        self._captures: list[Capture] = [one for name in portals for one in self._capture_store.for_portal(name)]
        self._by_id = {one.id: one for one in self._captures}
        editions: list[Edition] = [one for name in portals for one in store.editions(name)]
        self._withheld_editions = [one for one in editions if ruled.hides(one)]
        self._open_editions = [one for one in editions if not ruled.hides(one)]
        self._leads: list[Lead] = [one for name in portals for one in store.leads(name)]
        self._bindings: list[Binding] = [one for name in portals for one in store.bindings(name)]

    def find_all(self) -> Outgoing:
        """Return the complete Outgoing for these rulings: first the documents, then the titles and addresses that these
        imply, last the pages that mention one.
        """
        editions = frozenset(one.id for one in self._withheld_editions)
        own = Outgoing(ruled=self._ruled, store=self._capture_store, portals=self._portals, editions=editions)
        ruled_documents, addresses = self._ruled_documents(), self._withheld_addresses()
        if not ruled_documents and not addresses:
            return own
        open_documents = {name for one in self._open_editions for name in one.documents} - ruled_documents
        others = {one.document for one in self._bindings} | {one.main for one in self._open_editions}
        titles = self._titles(ruled_documents | others)
        documents = ruled_documents | (self._with_same_title(ruled_documents, titles) - open_documents)
        documents |= self._unidentified(addresses, open_documents)
        documents |= self._loaded_only_for(documents)
        open_titles_at = self._open_titles_by_withheld_address(addresses, documents, titles)
        secret_titles = self._secret_titles(open_titles_at, documents, titles, ruled_documents)
        return replace(
            own,
            documents=documents,
            open_titles_at=open_titles_at,
            withheld_addresses=addresses,
            open_documents=open_documents,
            secrets=Secrets(secret_titles, self._secret_addresses(addresses, documents)),
            mentioning=self._mentioning_pages(open_titles_at),
        )

    def _ruled_documents(self) -> set[str]:
        """Return the digests of the documents that rulings name, and of all documents of withheld editions."""
        documents = {name for one in self._withheld_editions for name in (one.main, *one.documents)}
        return documents | ({one.document or "" for one in self._captures} & self._ruled.documents.keys())

    def _withheld_addresses(self) -> set[str]:
        """Return the addresses of the reports that rulings name."""
        reports = self._ruled.reports
        linked: list[Lead | Binding] = [*self._leads, *self._bindings]
        addresses = {same_address(one.url) for one in linked if (one.agency, one.year) in reports}
        return addresses.union(*(self._addresses_of(one) for one in self._withheld_editions if one.report in reports))

    def _with_same_title(self, ruled_documents: set[str], titles: Mapping[str, str]) -> set[str]:
        """Return the documents with the title of a ruled one: another archive's copy of it may be in no edition."""
        secret = {titles[name] for name in ruled_documents & titles.keys() if _is_telling(titles[name])}
        return {name for name, title in titles.items() if title in secret}

    def _unidentified(self, withheld_addresses: Set[str], open_documents: Set[str]) -> set[str]:
        """Return the documents of unidentified pages (of no open edition) at withheld addresses, and of their files."""
        pages, documents = set[str](), set[str]()
        for one in self._captures:  # oldest first, so a page comes before its attachments
            is_part = one.role is CaptureRole.ATTACHMENT and one.via in pages
            if _is_unidentified(one, open_documents) and (is_part or _addresses(one) & withheld_addresses):
                pages.add(one.id)
                documents.update([one.document] if one.document is not None else [])
        return documents

    def _loaded_only_for(self, documents: Set[str]) -> set[str]:
        """Return the resources that a browser loaded only for pages with these ``documents``."""
        pages = {one.id for one in self._captures if one.document in documents}
        loaded = [one for one in self._captures if one.role is CaptureRole.RESOURCE and one.document is not None]
        elsewhere = {one.document for one in loaded if one.via not in pages}
        return {one.document for one in loaded if one.document is not None} - elsewhere

    def _open_titles_by_withheld_address(
        self, withheld_addresses: Set[str], documents: Set[str], titles: Mapping[str, str]
    ) -> dict[str, set[str]]:
        """Return, by each address at which something withheld was fetched, the titles of reports there that are given
        out: :func:`_is_secret` takes any other link text there for a withheld title, with an empty set each.
        ``documents``: what is withheld; ``titles``: of documents.
        """
        of_withheld = (one for one in self._captures if one.document in documents and one.role in _OF_REPORTS)
        open_titles_at: dict[str, set[str]] = {one: set() for one in withheld_addresses | _all_addresses(of_withheld)}
        for edition in self._open_editions:
            if title := spell_alike(titles.get(edition.main, "")):
                for address in self._addresses_of(edition) & open_titles_at.keys():
                    open_titles_at[address].add(title)
        return open_titles_at

    def _addresses_of(self, edition: Edition) -> set[str]:
        return _all_addresses(self._by_id[name] for name in edition.captures if name in self._by_id)

    def _secret_addresses(self, withheld_addresses: Set[str], documents: Set[str]) -> frozenset[str]:
        """Return the addresses of withheld reports and their files, as they are compared, except those of lists and
        those where something else was fetched. ``documents``: what is withheld.
        """
        pages = {one.id for one in self._captures if one.document in documents}
        parts = {one.id for one in self._captures if one.role is CaptureRole.ATTACHMENT and one.via in pages}
        of_reports = (one for one in self._captures if one.role in _OF_REPORTS)
        requested = (one for one in of_reports if one.id in pages | parts or _addresses(one) & withheld_addresses)
        others = (one for one in self._captures if one.document and one.outcome.is_page and one.id not in pages)
        lists = {same_address(one.url) for name in sorted(self._portals) for one in Registry(self._home).listings(name)}
        addresses = {one for one in withheld_addresses | _all_addresses(requested) if not is_unlinked(one)}
        return frozenset(map(spell_address_alike, addresses - _all_addresses(others) - lists)) - {""}

    def _titles(self, documents: Iterable[str]) -> dict[str, str]:
        """Return the title of each document in its reading."""
        table = self._store.tables.readings
        columns = select(table.c.document, table.c.title)
        queries = (columns.where(table.c.document.in_(names)) for names in batches({*documents}))
        return {row.document: row.title for query in queries for row in fetch(self._store, query)}

    def _secret_titles(
        self,
        open_titles_at: Mapping[str, Set[str]],
        documents: Set[str],
        titles: Mapping[str, str],
        ruled_documents: Set[str],
    ) -> frozenset[str]:
        """Return the withheld titles to search for, except those of a document that is given out. A link's text is a
        title only if it mentions a report: "download" does not. ``documents``: what is withheld.
        """
        linked = [(one.url, one.title) for one in self._leads]
        linked += [(one.requested, one.link_text) for one in self._captures if one.link_text]
        secret = [
            text
            for url, text in linked
            if _is_secret(same_address(url), text, open_titles_at) and _speaks_of_report(text)
        ]
        secret += [titles[name] for name in ruled_documents if name in titles]
        open_titles = set[str]().union(*open_titles_at.values())
        open_titles |= {spell_alike(text) for name, text in titles.items() if name not in documents}
        spellings = (spell_alike(text) for text in secret if _is_telling(text))
        long = {name for name in spellings if len(name) >= _MIN_TITLE_LETTERS}
        return frozenset(one for one in long if not any(one in other for other in open_titles))

    def _mentioning_pages(self, open_titles_at: Mapping[str, Set[str]]) -> set[str]:
        """Return the ids of captures of list pages with a withheld link, and the digests of their documents."""
        observed = Observations(self._home)
        extractions = (one for name in sorted(self._portals) for one in observed.latest_extractions(name).values())
        links = (link for one in extractions for link in one.links)
        pages = {link.capture for link in links if _is_secret(same_address(link.url), link.text, open_titles_at)}
        documents = {self._by_id[name].document for name in pages if name in self._by_id}
        return pages | {one for one in documents if one is not None}


def _is_secret(address: str, text: str, open_titles_at: Mapping[str, Set[str]]) -> bool:
    """Whether a link's text may be the title of a withheld report: at its ``address`` (from ``same_address``) something
    withheld was fetched, and no report there that is given out has such a title.
    """
    if (open_titles := open_titles_at.get(address)) is None:
        return False
    plain = spell_alike(text)
    return not any(plain in one or one in plain for one in open_titles)


def _is_unidentified(capture: Capture, open_documents: Set[str]) -> bool:
    """Whether a report's page or file was fetched that no open edition has, so that it may be a withheld report."""
    is_of_report = capture.role in _OF_REPORTS and capture.outcome.is_page
    return is_of_report and capture.document not in open_documents


def _links(text: str, base: str) -> Iterator[str]:
    """Yield the addresses that a page links to; ``base``: its own address."""
    for target in _HREF.findall(text):
        with suppress(ValueError):
            yield urljoin(base, target)


def _addresses(capture: Capture) -> set[str]:
    """Return the address that was requested, and the one that answered after redirects."""
    return {same_address(capture.requested), same_address(capture.url)}


def _all_addresses(captures: Iterable[Capture]) -> set[str]:
    return {address for one in captures for address in _addresses(one)}


def _is_telling(title: str) -> bool:
    """Whether a title has more words than "report" and a year: the names of columns have no more."""
    return bool(_TELLS_NOTHING.sub("", pattern("core").sub("", squeeze(title))))


def _speaks_of_report(text: str) -> bool:
    return judge_title(text).could_be or pattern("core").search(squeeze(text)) is not None
