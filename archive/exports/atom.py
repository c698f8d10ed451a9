"""Write news and freshness as Atom feeds (RFC 4287, ``feed.atom.template``); a fact has the same entry id in all feeds
of an archive.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from archive.exports.plain_values import json_of
from archive.exports.safe_text import safe_text
from archive.queries.freshness import PlaceFreshness
from archive.queries.news import News, NewsItem
from archive.queries.words import word
from storage.records import EvidenceGrade

_NOT_XML = re.compile(r"[\ufffe\uffff]")
#: Weak grades of evidence, which titles name, because "late" or "missing" alone would accuse too strongly.
_WEAK = frozenset({EvidenceGrade.ONE_LOOK, EvidenceGrade.CLAIMED, EvidenceGrade.CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who a feed is for. ``lang``: ``zh`` or ``en``; ``site``: the address of the web site to which entries link;
    ``place``: the name of the place or agency that the feed is about; ``about``: the question, part of the feed's id;
    ``archive``: identifies the archive; ``simulated``: the portals are imitations, and every title says so.
    """

    lang: str
    site: str
    place: str
    about: str
    archive: str
    simulated: bool = False

    def urn(self, *names: str) -> str:
        """Return an id that is the same in all feeds of the archive."""
        return uuid.uuid5(uuid.NAMESPACE_URL, "nianbao:" + "\n".join((names[0], self.archive, *names[1:]))).urn


def feed(news: News, audience: Audience) -> bytes:
    """Return the feed of an answer in UTF-8, newest entries first."""
    titles = {"zh": "年报存档：政府信息公开年度报告动态", "en": "nianbao: news of open-government reports"}
    entries = (_news_entry(item, audience) for item in reversed(news.items))
    updated = max((item.at for item in news.items), default=news.until)
    return _feed("feed", titles[audience.lang], updated, entries, audience)


def freshness_feed(sentences: Mapping[PlaceFreshness, str], title: str, audience: Audience) -> bytes:
    """Return an Atom feed in UTF-8 with one entry for each place that has a look (reading of a list), the newest look
    first; each later look updates the entry of its place. ``sentences``: by place, how fresh its data are.
    """
    places = sorted(((one.last_look, one) for one in sentences if one.last_look), key=itemgetter(0), reverse=True)
    entries = (
        {
            "id": audience.urn("freshness", place.portal),
            "title": sentences[place],
            "at": at,
            "page": f"{audience.site}/{audience.lang}/portal/{quote(place.portal)}",
            "content": json_of(place),
        }
        for at, place in places
    )
    updated = places[0][0] if places else datetime.fromtimestamp(0, UTC)
    return _feed("freshness", title, updated, entries, audience)


def _feed(kind: str, title: str, updated: datetime, entries: Iterable[Mapping[str, Any]], audience: Audience) -> bytes:
    """Return an Atom document in UTF-8, with the audience's place in its title and ``entries`` in their order."""
    values = {
        "id": audience.urn(kind, audience.about, audience.lang),
        "title": " · ".join(one for one in (title, audience.place) if one),
        "mark": "演示数据 SIMULATED: " if audience.simulated else "",
    }
    return _template().render(values, updated=updated, entries=entries).encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("archive.exports", ""), autoescape=True, undefined=StrictUndefined, finalize=_safe,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["instant"] = _time
    return environment.get_template("feed.atom.template")


def _news_entry(item: NewsItem, audience: Audience) -> Mapping[str, Any]:
    """Return the entry of one piece of news, with the ids of what it rests on; its title names weak evidence."""
    lang, label = audience.lang, word("change", item.kind, audience.lang) or item.kind
    # two changes of a report with the same kind and time differ in their evidence
    difference = " ".join([*item.editions, *item.looks, *item.captures]) if item.status is None else ""
    evidence = item.evidence.value if item.evidence in _WEAK and item.evidence is not None else ""
    grade = f" ({word('evidence', evidence, lang) or evidence})" if evidence else ""
    place = "" if item.agency.name.startswith(item.agency.place) else f"{item.agency.place} "
    labels = ("版本", "查看", "抓取", "引用") if lang == "zh" else ("editions", "looks", "captures", "cited in")
    evidence_ids = zip(labels, (item.editions, item.looks, item.captures, item.cited_in), strict=True)
    lines = [item.zh if lang == "zh" else item.en, *(f"{what}: {'; '.join(one)}" for what, one in evidence_ids if one)]
    is_on_web = item.address is not None and re.match(r"https?://", item.address, re.IGNORECASE)
    return {
        "id": audience.urn("news", item.kind, item.agency.id, str(item.year), _time(item.at), difference),
        "title": f"{place}{item.agency.name} {item.year} {label}{grade}",
        "at": item.at,
        "kind": item.kind,
        "label": label,
        "page": f"{audience.site}/{lang}/duty/{quote(item.agency.id)}/{item.year}",
        "related": item.address if is_on_web else None,
        "content": "\n".join(lines),
    }


def _safe(value: object) -> object:
    """Return a text without characters that XML 1.0 forbids, and without control characters."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", safe_text(value)) if isinstance(value, str) else value


def _time(instant: datetime) -> str:
    """Return a time by RFC 3339, in UTC, with microseconds if there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
