"""The request of a revisit, told as what it has otherwise than the request of what it repeats. Pure.

The field ``Nianbao-Request`` of a revisit stands in place of a request record: a JSON object, ``{}`` where the request
was, byte for byte, that of the record in ``WARC-Refers-To`` (the request record whose ``WARC-Concurrent-To`` names it);
else ``at``, ``drop`` and ``put``: before header number ``at`` of that request (the first is 0) stand the headers
``put``, a list of [name, value], in place of the next ``drop`` headers.
"""

from __future__ import annotations

import json

from storage.exchange import Headers
from storage.wire import message_head, split_http

FIELD = "Nianbao-Request"


def told(before: bytes, now: bytes) -> str | None:
    """The field for a request ``now`` where ``before`` was the earlier one, both as blocks of request records.

    None where a record must tell it: something else than a GET without a body, another address, an odd head.
    """
    line, earlier, held = split_http(before)
    asked, headers, sent = split_http(now)
    if asked != line or not line.startswith("GET ") or held or sent:
        return None
    shared = min(len(earlier), len(headers))
    start = next((at for at in range(shared) if earlier[at] != headers[at]), shared)
    end = next((at for at in range(shared - start) if earlier[-1 - at] != headers[-1 - at]), shared - start)
    put = [list(one) for one in headers[start : len(headers) - end]]
    change = {"at": start, "drop": len(earlier) - start - end, "put": put}
    text = json.dumps({} if headers == earlier else change, ensure_ascii=True, separators=(",", ":"))
    return text if message_head(line, again(text, earlier)) == now else None


def again(text: str, earlier: Headers) -> Headers:
    """The headers of the request that the field ``text`` tells; ``earlier``: those of the one it repeats.

    Raises ValueError where the field is none of ours.
    """
    change = json.loads(text)
    if change == {}:
        return list(earlier)
    try:
        start, drop, put = change["at"], change["drop"], [(str(name), str(value)) for name, value in change["put"]]
        if not 0 <= start <= start + drop <= len(earlier):
            raise ValueError("it names headers that are not there")
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is not of the form of {FIELD}") from error
    return [*earlier[:start], *put, *earlier[start + drop :]]
