"""Read the metadata that government sites must put into their pages (国办发〔2017〕47号). Pure; standard library only.

SiteName, SiteDomain, SiteIDCode, ColumnName, ColumnType, ArticleTitle, PubDate, ContentSource, Url. Names are matched
in any case, values may contain pasted markup, dates come in many formats. The crawler reads it from what it fetches,
the archive from what it has stored.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.records import SHANGHAI

MOST = 300  # characters of a value
_MAX_NAME_CHARS = 60
_TAGS = re.compile(r"<[^<>]{0,400}>?")
_META = re.compile(r"<meta\b([^<>]{0,2000})", re.IGNORECASE)
_PAIR = re.compile(
    r"""(name|property|content)\s{0,9}=\s{0,9}(?:"([^"]{0,1200})"|'([^']{0,1200})'|([^\s"'>]{1,400}))""", re.IGNORECASE
)
_DAY = re.compile(r"((?:19|20)\d\d)\s{0,3}[-/.年]\s{0,3}(\d{1,2})\s{0,3}[-/.月]\s{0,3}(\d{1,2})(?!\d)")
_CLOCK = re.compile(r"\s{0,9}日?\s{0,9}T?\s{0,9}(\d{1,2})\s?[:：∶时]\s?(\d{1,2})(?:\s?[:：∶分]\s?(\d{1,2}))?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")
_BUILT = "生成时间"  # marks a date as the time when the page was built, not published


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """The instant that a printed date means in Asia/Shanghai; midnight if only a day is printed."""

    at: datetime
    day_only: bool


def meta_values(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """Return the values of a page's meta tags by name. ``pairs``: name and content of each. Names are lower case,
    values without markup and extra blanks; the first that is not empty counts, and too long names are ignored.
    """
    values: dict[str, str] = {}
    for name, content in pairs:
        key, value = (name or "").strip().lower(), without_markup(content or "")
        if key and len(key) <= _MAX_NAME_CHARS and value:
            values.setdefault(key, value)
    return values


def meta_values_in(source: str) -> dict[str, str]:
    """Return :func:`meta_values` of a page's source; attributes may be in any order."""
    return meta_values(_meta_pairs(source[:400_000]))


def _meta_pairs(source: str) -> Iterable[tuple[str | None, str | None]]:
    for meta in _META.finditer(source):
        attributes: dict[str, str] = {}
        for match in _PAIR.finditer(meta.group(1)):
            value = next((text for text in match.groups()[1:] if text is not None), "")
            attributes.setdefault(match.group(1).lower(), html.unescape(value))
        yield attributes.get("name") or attributes.get("property"), attributes.get("content")


def without_markup(text: str) -> str:
    """Return an attribute's text without pasted markup, at most MOST characters."""
    return " ".join(_TAGS.sub("", text[: 4 * MOST]).split())[:MOST]


def stamp(text: str) -> PrintedDate | None:
    """Return the date in a text with its time, if any, in China: ``2026-08-28  16:28``, ``2020年08月02日``; or None."""
    day = _DAY.search(text[:MOST])
    clock = _CLOCK.match(text, day.end()) if day else None
    compact = None if day else _COMPACT.fullmatch(text.strip()[:20])
    numbers = [int(n or 0) for n in (*(day.groups() if day else ()), *(clock.groups() if clock else ()))]
    if compact:
        numbers = [int(n) for n in compact.groups() if n]
    try:
        instant = datetime(*(numbers + [0] * (6 - len(numbers))), tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]
    except (TypeError, ValueError):
        return None
    return PrintedDate(instant, len(numbers) == 3)


def published(values: Mapping[str, str]) -> PrintedDate | None:
    """Return when a page was published, from its :func:`meta_values`; None if its PubDate is only when it was built."""
    published_at, remarks = stamp(values.get("pubdate", "")), values.get("others", "")
    built = stamp(remarks if _BUILT in remarks else values.get("htmlgeneratetime", ""))
    return None if published_at is None or _is_same_minute(published_at, built) else published_at


def built_not_published(values: Mapping[str, str]) -> bool:
    """Return whether a page itself shows that its PubDate is when it was built (meta ``others`` of UCAP)."""
    published_at, remarks = stamp(values.get("pubdate", "")), values.get("others", "")
    return published_at is not None and _BUILT in remarks and _is_same_minute(published_at, stamp(remarks))


def _is_same_minute(printed: PrintedDate, built: PrintedDate | None) -> bool:
    return built is not None and not printed.day_only and printed.at.replace(second=0) == built.at.replace(second=0)
