"""Name the body that a document prints where the report cannot be bound to it, so that a finding can say so. Pure."""

from __future__ import annotations

import re
from functools import cache

from archive.identity.evidence import claims, in_running_text, is_real, title_of
from archive.identity.names import Name, complete, looks_like_body, normalise
from archive.identity.text import data
from storage.records import IdentityEvidence

_LONGEST = 20_000  # characters of a text that are looked at
_MOST = 3
_NO_BODY = re.compile(r"^(?:全年|年度|期间|[各本我该其])|(?:乡镇|村镇|年度街道)$")


def printed_bodies(evidence: IdentityEvidence, text: str) -> tuple[str, ...]:
    """The body that a report's title or opening names, else those of which its sentences speak, the first ones first;
    none where it prints none. ``text``: its main text, widths folded.
    """
    verdict, basis = title_of(evidence)
    named = [verdict.agency] if verdict is not None and verdict.agency else []
    named += [claim.name.text for claim in claims(evidence, verdict, basis, None)]
    if named:
        return tuple(named[:1])
    running = [name.text for name in in_running_text(evidence)]
    running = running or [
        found for match in _acting_body().finditer(text[:_LONGEST]) if (found := _body(match["body"]))
    ]
    own = dict.fromkeys(
        name for name in running if not any(other != name and other.endswith(name) for other in running)
    )
    return tuple(own)[:_MOST]


def _body(printed: str) -> str:
    name = normalise(printed)
    found = complete(name) if looks_like_body(name) and not _NO_BODY.search(name) else Name()
    return name if found.text and (not found.county or is_real(found.county)) else ""


@cache
def _acting_body() -> re.Pattern[str]:
    doing = "|".join(data("names.toml")["doing"])
    return re.compile(
        rf"(?:^|[。,;:\n)]|\d年度?(?:以?来)?)(?P<body>[\u4e00-\u9fff]{{2,16}}?(?:局|委员会|办公室|人民政府|办事处|管委会|中心|镇|乡|街道))"
        rf"(?={doing})"
    )
