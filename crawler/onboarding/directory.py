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
        parts = (self.province, self.prefecture, self.name)
        return "".join(dict.fromkeys(part for part in parts if part))


class PlaceError(CrawlError):
    """No place, or more than one, has this name; the message names the nearest."""


@cache
def directory() -> tuple[ListedPlace, ...]:
    """Return every row, in the order of the codes."""
    text = resources.files("crawler.onboarding").joinpath("directory.csv").read_text(encoding="utf-8")
    return tuple(ListedPlace(**row) for row in csv.DictReader(text.splitlines()))


def is_place(text: str) -> bool:
    """Whether a typed text is a place (a code, or a name in Chinese) and not an address."""
    return bool(re.fullmatch(r"\d{6}|[\u4e00-\u9fa5\u3400-\u4dbf·]{2,40}", text.strip()))


def place(text: str) -> ListedPlace:
    """Return the one place with a name (汶上县, 山东省济宁市汶上县, 汶上) or code. Raises :class:`PlaceError`."""
    wanted = _SUFFIX.sub("", text.strip()) or text.strip()
    ways: tuple[Callable[[ListedPlace], bool], ...] = (
        lambda one: wanted in (one.code, one.name, one.chain),
        lambda one: one.chain.endswith(wanted) and len(wanted) > len(one.name),
        lambda one: len(one.name) > MIN_STEM_CHARS <= len(wanted) and one.name[:-1] == wanted,
    )
    for fits in (list(filter(way, directory())) for way in ways):
        if len(fits) == 1:
            return fits[0]
        if fits:
            names = ", ".join(f"{one.chain} ({one.code})" for one in fits[:MAX_SHOWN])
            message = f"{text} is the name of {len(fits)} places: {names}; give the whole name or the code"
            raise PlaceError(message, code="place.many", text=text, number=len(fits), names=names)
    near = difflib.get_close_matches(wanted, [one.name for one in directory()], n=MAX_SHOWN, cutoff=0.5)
    named = ", ".join(dict.fromkeys(near))
    hint = f"; nearest: {named}" if near else ""
    message = f"the directory of portals has no place {text!r}{hint}; an address works too"
    raise PlaceError(message, code="place.unknown_near" if near else "place.unknown", text=text, near=named)


def at_address(url: str) -> ListedPlace | None:
    """Return the place with its home page on the host of an address; None if there is none, or several."""
    host = _host(url)
    found = [one for one in directory() if host and _host(one.home) == host]
    return found[0] if len(found) == 1 else None


def _host(url: str) -> str:
    """Return the host of an address without ``www.``; "" if it has none."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return ""
    return (host or "").removeprefix("www.")


_SUFFIXES = frozenset({"gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "cn", "com", "org", "net"})


def address_of(text: str) -> str:
    """Return a typed text as an address. Raises :class:`CrawlError` if it is none, or not on the public web."""
    url = text.strip() if "://" in text else f"http://{text.strip()}"
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
        reason = AllowedHosts(scope_of(url)).refusal(url)
    except ValueError:
        host, reason = "", "odd_address"
    if not host or ("." not in host and literal_address(host) is None):
        message = f"{text!r} is no address of a portal; give one such as http://www.wenshang.gov.cn/"
        raise CrawlError(message, code="portal.no_address", text=text)
    if reason:
        code, why = {
            "private_address": ("portal.private_address", "it is not on the public web"),
            "scheme": ("portal.scheme", "only http and https are asked"),
        }.get(reason, ("portal.refused", reason))
        raise CrawlError(f"{text!r} will not be asked: {why}", code=code, text=text, reason=reason)
    return url if urlsplit(url).path else f"{url}/"


def scope_of(url: str) -> tuple[str, ...]:
    """Return the hosts that a probe of ``url`` may ask: its host, the same without ``www.``, and all sub-domains."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    tail = f":{port}" if port is not None and port not in {80, 443} else ""
    plain = host.removeprefix("www.")
    if literal_address(host) is not None or plain in _SUFFIXES or plain.count(".") < 1:
        return (host + tail,)
    return tuple(dict.fromkeys((host + tail, plain + tail, f".{plain}{tail}")))
