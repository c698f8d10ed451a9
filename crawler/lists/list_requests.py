"""The requests by which a listing goes on, where an address alone does not say them (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

_FIELDS = 60  # of a query


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One request to an interface behind a list. ``form``: fields of a POST (None: GET); ``script``: the request is
    one that the page's own script makes, and says so (``X-Requested-With``), as some systems demand.
    """

    url: str
    form: tuple[tuple[str, str], ...] | None = None
    script: bool = True


def list_request(following: str | ListRequest) -> ListRequest:
    """A plain address is a page that is asked for as any other."""
    return following if isinstance(following, ListRequest) else ListRequest(following, script=False)


def posted_instead(step: ListRequest, reason: str) -> ListRequest | None:
    """Return the same request by POST, its fields as a form beside the address, where an interface refused the one by
    GET (``reason`` of the verdict: ``http_405``); None for any other. Scripts post to ``dataproxy.jsp`` with a part of
    the fields in its address and a part as a form; such a program reads them from either.
    """
    query = urlsplit(step.url).query
    if reason != "http_405" or step.form is not None or not query or query.count("&") >= _FIELDS:
        return None
    return ListRequest(step.url, tuple(parse_qsl(query, keep_blank_values=True)))
