"""Decode the field ``Nianbao-Request`` of revisit records in files of November 2026 and before. Pure.

There it stands in place of a request record: a JSON object, ``{}`` where the request was, byte for byte, that of the
record in ``WARC-Refers-To`` (the request record whose ``WARC-Concurrent-To`` names it); else ``at``, ``drop`` and
``put``: before header number ``at`` of that request (the first is 0) stand the headers ``put``, a list of
[name, value], in place of the next ``drop`` headers. Such a request is always a GET of the same address without a body.
"""

from __future__ import annotations

import json

from storage.exchange import Headers

FIELD = "Nianbao-Request"


def decode_request_delta(text: str, original: Headers) -> Headers:
    """The headers of the request that the field ``text`` describes; ``original``: those of the one it repeats.

    Raises ValueError where the field cannot be decoded.
    """
    change = json.loads(text)
    if change == {}:
        return list(original)
    try:
        start, drop, put = change["at"], change["drop"], [(str(name), str(value)) for name, value in change["put"]]
        if not 0 <= start <= start + drop <= len(original):
            raise ValueError("it names headers that are not there")
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is not of the form of {FIELD}") from error
    return [*original[:start], *put, *original[start + drop :]]
