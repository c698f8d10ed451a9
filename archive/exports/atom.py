"""Write news and freshness as Atom feeds (RFC 4287); a fact has the same entry id in all feeds of an archive."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from urllib.parse import quote
from xml.etree import ElementTree

from archive.exports.plain_values import json_of
from archive.exports.safe_text import safe_text
from archive.queries.freshness import PlaceFreshness
from archive.queries.news import News, NewsItem
from archive.queries.words import word
from storage.records import EvidenceGrade

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile(r"[\ufffe\uffff]")
#: Weak grades of evidence, which titles name, because "late" or "missing" alone would accuse too strongly.
_WEAK = frozenset({EvidenceGrade.ONE_LOOK, EvidenceGrade.CLAIMED, EvidenceGrade.CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who a feed is for. ``lang``: ``zh`` or ``en``; ``site``: the address of the web site to which entries link;
    ``place``: the name of the place or agency that the feed is about.
    """

    lang: str
    site: str
    place: str


def feed(news: News, archive: str, about: str, audience: Audience, *, simulated: bool = False) -> bytes:
    """Return the feed of an answer in UTF-8, newest entries first. ``archive``: identifies the archive; ``about``: the
    question, part of the feed's id; ``simulated``: the portals are imitations, and every title says so.
    """
    title = (
        "年报存档：政府信息公开年度报告动态" if audience.lang == "zh" else "nianbao: news of open-government reports"
    )
    entries = [_news_entry(item, archive, audience) for item in reversed(news.items)]
    updated = max((item.at for item in news.items), default=news.until)
    return _feed(_urn("feed", archive, about, audience.lang), title, updated, entries, audience, simulated)


def freshness_feed(
    sentences: Mapping[PlaceFreshness, str],
    title: str,
    archive: str,
    about: str,
    audience: Audience,
    *,
    simulated: bool,
) -> bytes:
    """Return an Atom feed in UTF-8 with one entry for each place that has a look, the newest look first; each later
    look updates the entry of its place.

    ``sentences``: by place, how fresh its data are; ``archive``: identifies the archive; ``about``: the question, part
    of the feed's id; ``simulated``: the portals are imitations, and every title says so.
    """
    places = sorted(((one.last_look, one) for one in sentences if one.last_look), key=itemgetter(0), reverse=True)
    entries = [_freshness_entry(place, sentences[place], at, archive, audience) for at, place in places]
    updated = places[0][0] if places else datetime.fromtimestamp(0, UTC)
    return _feed(_urn("freshness", archive, about, audience.lang), title, updated, entries, audience, simulated)


def _freshness_entry(
    place: PlaceFreshness, sentence: str, at: datetime, archive: str, audience: Audience
) -> ElementTree.Element:
    """Return the entry of one place; ``at``: its last look, ``archive``: identifies the archive."""
    entry = ElementTree.Element("entry")
    _add_text(entry, "id", _urn("freshness", archive, place.portal))
    _add_text(entry, "title", sentence)
    _add_text(entry, "updated", _time(at))
    _add_link(entry, f"{audience.site}/{audience.lang}/portal/{quote(place.portal)}")
    _add_text(entry, "content", json_of(place)).set("type", "text")
    return entry


def _feed(
    feed_id: str,
    title: str,
    updated: datetime,
    entries: Sequence[ElementTree.Element],
    audience: Audience,
    simulated: bool,
) -> bytes:
    """Return an Atom document in UTF-8: ``feed_id`` (a URN), ``title`` with the audience's place, ``updated``, and
    ``entries`` in their order. ``simulated``: every title says that the portals are imitations.
    """
    root = ElementTree.Element("feed", {"xmlns": _ATOM})
    _add_text(root, "id", feed_id)
    _add_text(root, "title", " · ".join(one for one in (title, audience.place) if one))
    _add_text(root, "updated", _time(updated))
    _add_text(ElementTree.SubElement(root, "author"), "name", "nianbao")
    root.extend(entries)
    for one in root.iter("title") if simulated else ():
        one.text = f"演示数据 SIMULATED: {one.text}"
    ElementTree.indent(root, " ")
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _news_entry(item: NewsItem, archive: str, audience: Audience) -> ElementTree.Element:
    """Return the entry of one piece of news, with the ids of what it rests on."""
    lang, at = audience.lang, _time(item.at)
    label = word("news", item.kind, lang) or item.kind
    entry = ElementTree.Element("entry")
    # two changes of a report with the same kind and time differ in their evidence
    difference = " ".join([*item.editions, *item.looks, *item.captures]) if item.status is None else ""
    _add_text(entry, "id", _urn("news", archive, item.kind, item.agency.id, str(item.year), at, difference))
    evidence = item.evidence.value if item.evidence in _WEAK and item.evidence is not None else ""
    grade = f" ({word('evidence', evidence, lang) or evidence})" if evidence else ""
    place = "" if item.agency.name.startswith(item.agency.place) else f"{item.agency.place} "
    _add_text(entry, "title", f"{place}{item.agency.name} {item.year} {label}{grade}")
    _add_text(entry, "updated", at)
    _add_text(entry, "published", at)
    ElementTree.SubElement(entry, "category", {"term": item.kind, "label": label})
    _add_link(entry, f"{audience.site}/{lang}/duty/{quote(item.agency.id)}/{item.year}")
    if item.address is not None and re.match(r"https?://", item.address, re.IGNORECASE):
        ElementTree.SubElement(entry, "link", {"rel": "related", "href": _safe(item.address)})
    labels = ("版本", "查看", "抓取", "引用") if lang == "zh" else ("editions", "looks", "captures", "cited in")
    evidence_ids = zip(labels, (item.editions, item.looks, item.captures, item.cited_in), strict=True)
    lines = [item.zh if lang == "zh" else item.en, *(f"{what}: {'; '.join(one)}" for what, one in evidence_ids if one)]
    _add_text(entry, "content", "\n".join(lines)).set("type", "text")
    return entry


def _add_link(entry: ElementTree.Element, page: str) -> None:
    ElementTree.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": _safe(page)})


def _add_text(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = _safe(text)
    return element


def _safe(text: str) -> str:
    """Return ``text`` without characters that XML 1.0 forbids, and without control characters."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", safe_text(text))


def _time(instant: datetime) -> str:
    """Return a time by RFC 3339, in UTC, with microseconds if there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _urn(*names: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "nianbao:" + "\n".join(names)).urn
