"""The key under which an address stands in a CDXJ index: SURT (sort-friendly URI reordering transform). Pure.

Replay tools find a page by computing this key anew, so it must be theirs to the letter: the rules are those of the
Internet Archive's canonicaliser, as pywb and cdxj-indexer apply them. Percent-escapes are undone until none is left and
made again; scheme, user, fragment, "www.", session ids, default port and closing slash go; parameters are put in order;
everything is in lower case: ``http://www.example.gov.cn/A/?b=2&a=1`` → ``cn,gov,example)/a?a=1&b=2``.

Kept simpler than theirs, because no portal is named so: numeric hosts are dotted quads only.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_SCHEME = re.compile(r"^(https?|ftp):/*", re.IGNORECASE)
_OPAQUE = re.compile(r"^[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_WWW = re.compile(r"^www\d*\.")
_ASP = re.compile(r"^(.*/)(?:\(s\([0-9a-z]{24}\)\)|\([0-9a-z]{24}\))/([^?]+\.aspx.*)$")
_SESSIONS = (
    re.compile(r"^(.*)(?:jsessionid=[0-9a-z]{32})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:phpsessid=[0-9a-z]{32})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:sid=[0-9a-z]{32})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:aspsessionid[a-z]{8}=[a-z]{24})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:cfid=[^&]+&cftoken=[^&]+)(?:&(.*))?$"),
)
_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_UNESCAPES = 64  # of escapes of escapes


def surt(url: str) -> str:
    """The key of an address; of one that names no host (``urn:…``) the address in lower case."""
    url = re.sub(r"[\t\r\n]", "", url.strip())
    scheme = _SCHEME.match(url)
    if scheme is None and _OPAQUE.match(url):
        return url.lower().replace(" ", "%20")
    rest = url[scheme.end() :] if scheme else url.lstrip("/")
    rest = rest.partition("#")[0]
    place, asks, query = rest.partition("?")
    authority, slash, path = place.partition("/")
    key = f"{_host(authority, scheme[1].lower() if scheme else 'http')}){_path(slash + path)}"
    if asks and (wanted := _query(query)):
        key += f"?{wanted}"
    return key


def _host(authority: str, scheme: str) -> str:
    name = authority.rpartition("@")[2]
    if name.startswith("["):  # IPv6
        host, _, port = name[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = name.partition(":")
    text = _unescaped(host).decode("utf-8", "surrogateescape")
    try:
        text = _escaped(text.encode("idna"))
    except UnicodeError:
        text = _escaped(text.encode("utf-8", "surrogateescape"))
    labels = [label for label in text.lower().split(".") if label]
    plain = _WWW.sub("", ".".join(labels))
    made = ",".join(reversed(plain.split(".")))
    port = _escaped(_unescaped(port)).lower().lstrip("0")
    return made if port in ("", _PORTS[scheme]) else f"{made}:{port}"


def _path(path: str) -> str:
    parts: list[bytes] = []
    for part in _unescaped(path).split(b"/"):
        if part == b".." and len(parts) > 1 and parts[-1] != b"..":
            parts.pop()
        elif part != b".":
            parts.append(part)  # an empty one too: what ".." takes back may be it
    text = "/" + _escaped(b"/".join(part for part in parts if part)).lower()
    return _ASP.sub(r"\1\2", text)


def _query(query: str) -> str:
    text = _escaped(_unescaped(query)).lower()
    for session in _SESSIONS:
        if found := session.match(text):
            text = found[1] + (found[2] or "")
    return "&".join(sorted(text.split("&"), key=lambda pair: pair.partition("=")))


def _unescaped(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape") if text.isascii() else text.encode("utf-8", "replace")
    for _ in range(_UNESCAPES):
        undone = unquote_to_bytes(data)
        if undone == data:
            break
        data = undone
    return data


def _escaped(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b"#%" else f"%{byte:02X}" for byte in data)
