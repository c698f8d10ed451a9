"""What can go wrong while fetching. A message is a sentence that says what, where, and what to do."""

from __future__ import annotations


class CrawlError(Exception):
    """The crawl as a whole cannot be done (no such portal, an archive that refuses, a broken portal file).

    ``code`` and ``values``: the same for who words it in another language; the code of an error never changes.
    """

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values = values


class ClockError(CrawlError):
    """Our clock is off, so that no look would prove anything; the message says by how much and what to do."""


class PortalError(CrawlError):
    """A portal's file or CSV is not as it must be; the message names the file and the attribute or column."""


class UnknownPortal(CrawlError):  # noqa: N818 - as the others here: what it is, not that it is an error
    """No portal of this name; the message names the nearest ones."""


#: What the codes of looks and captures mean, in words for people.
WORDS = {
    "no_such_name": "its name could not be resolved",
    "connection_refused": "it refused the connection",
    "connect_timeout": "no connection could be made in time",
    "timeout": "it did not answer in time",
    "trickle": "its answer began and came too slowly",
    "retry_after": "it asks to be left alone for longer than a run may wait",
    "too_many_redirects": "it redirects without end",
    "torn": "its answer broke off",
    "connection_lost": "the connection was lost",
    "private_address": "it leads to an address that is not public",
    "proxy_refused": "the proxy refused the way there",
    "no_connection": "no connection could be made",
    "tls": "its certificate or encryption failed",
    "too_large": "its answer was too large",
    "head_too_large": "the head of its answer was too large",
    "disallowed": "its robots.txt does not allow it",
    "no_service": "it answered with a page that says that it cannot answer just now",
    "preview": "it shows the newest entries of lists that stand at other addresses, and is no list itself",
    "page_part": "it is a script, a style sheet, a picture or a font, and no page",
    "login": "it answered with a page that asks for a password",
}


#: What is said of a portal that answers with a challenge or a refusal in place of its pages.
CONTROLLED = (
    "an access control answers in place of pages; it is not got around: pages that a person saves in a browser come in"
    " with `nianbao import`, once the portal is written by hand (docs/add-a-county.md)"
)


def in_words(reason: str) -> str:
    """A reason for people, its code behind it: ``its name could not be resolved (robots_no_such_name)``."""
    plain = reason.removeprefix("robots_")
    if plain != reason and plain.startswith("http_"):
        return f"its robots.txt answered {plain.removeprefix('http_')}, so nothing may be asked now ({reason})"
    if (code := plain.rpartition(":")[2]).startswith("http_"):  # not_found:http_404
        return f"it answered {code.removeprefix('http_')} ({reason})"
    return f"{WORDS[plain]} ({reason})" if plain in WORDS else reason
