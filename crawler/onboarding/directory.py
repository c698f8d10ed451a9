"""Reads a portal as an operator types it: an address, or a place of the project's directory (``directory.csv``).

The directory has the home page of each place's government, of 31 provinces, 354 prefectures and 2,824 counties, checked
by request or by hand in April 2026: home pages from
github.com/anyi-econ/china-public-debt @ 9b01b30 (2026-04-27), division codes (GB/T 2260) from
github.com/modood/Administrative-divisions-of-China @ 57a0aa9 (2024-11-28). Three units have no code; renamings of
2025–26 are not in it; a home page may have moved since. It has no listings: ``portal probe`` finds these.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts, literal_address

_SUFFIX = re.compile(r"(?:人民政府|政府|门户网站|网站)+$")
_PUBLIC_SUFFIXES = frozenset({"gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "cn", "com", "org", "net"})
MAX_SHOWN, MIN_STEM_CHARS = 8, 2


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """One row of the directory. ``code``: six digits or ""; ``prefecture``: "" for directly administered units."""

    code: str
    name: str
    province: str
    prefecture: str
    level: str
    home: str

    @property
    def chain(self) -> str:
        """The place's name with its higher divisions: 山东省济宁市汶上县."""
        return "".join(dict.fromkeys((self.province, self.prefecture, self.name)))


@cache
def directory() -> tuple[ListedPlace, ...]:
    """Return every row, in the order of the codes."""
    text = resources.files("crawler.onboarding").joinpath("directory.csv").read_text(encoding="utf-8")
    return tuple(ListedPlace(**row) for row in csv.DictReader(text.splitlines()))


def is_place(text: str) -> bool:
    """Whether a typed text is a place (a code, or a name in Chinese) and not an address."""
    return bool(re.fullmatch(r"\d{6}|[\u4e00-\u9fa5\u3400-\u4dbf·]{2,40}", text.strip()))


def place(text: str) -> ListedPlace:
    """Return the one place with a name (汶上县, 山东省济宁市汶上县, 汶上) or code. Raises :class:`CrawlError`."""
    name = _SUFFIX.sub("", text.strip()) or text.strip()
    tests: tuple[Callable[[ListedPlace], bool], ...] = (
        lambda one: name in (one.code, one.name, one.chain),
        lambda one: one.chain.endswith(name) and len(name) > len(one.name),
        lambda one: len(one.name) > MIN_STEM_CHARS <= len(name) and one.name[:-1] == name,
    )
    fits = next((fits for test in tests if (fits := list(filter(test, directory())))), [])
    if len(fits) == 1:
        return fits[0]
    if fits:
        names = ", ".join(f"{one.chain} ({one.code})" for one in fits[:MAX_SHOWN])
        raise CrawlError(code="place.many", text=text, number=len(fits), names=names)
    similar = difflib.get_close_matches(name, [one.name for one in directory()], n=MAX_SHOWN, cutoff=0.5)
    code = "place.unknown_near" if similar else "place.unknown"
    raise CrawlError(code=code, text=text, near=", ".join(dict.fromkeys(similar)))


def listed_place(text: str) -> ListedPlace | None:
    """Return the place that a typed text names, or that has its home page on the host of a typed address; None if there
    is none, or several. Raises :class:`CrawlError`.
    """
    if is_place(text):
        return place(text)
    places = [one for one in directory() if plain_host(one.home) == plain_host(text)]
    return places[0] if len(places) == 1 else None


def plain_host(url: str) -> str:
    """Return the host of an address without ``www.``; "" if it has none."""
    return (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")


def address_of(text: str) -> str:
    """Return a typed address, or a typed place's home page. Raises CrawlError if it is neither or not public."""
    if is_place(text):
        return place(text).home
    url = text.strip() if "://" in text else f"http://{text.strip()}"
    try:
        host, reason = plain_host(url), AllowedHosts(scope_of(url)).refusal(url)
    except ValueError:
        host, reason = "", None
    if "." not in host and literal_address(host) is None:
        raise CrawlError(code="portal.no_address", text=text)
    if reason:
        code = reason if reason in {"private_address", "scheme"} else "refused"
        raise CrawlError(code=f"portal.{code}", text=text, reason=reason)
    return url if urlsplit(url).path else f"{url}/"


def scope_of(url: str) -> tuple[str, ...]:
    """Return the hosts that a look round a site may ask: that of ``url``, that without ``www.``, and sub-domains."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    plain = host.removeprefix("www.")
    if literal_address(host) is not None or plain in _PUBLIC_SUFFIXES or "." not in plain:
        return (host + port,)
    return tuple(dict.fromkeys((host + port, plain + port, f".{plain}{port}")))
