"""Why a look ended as it did, in words for people; the codes themselves are what programs get."""

from __future__ import annotations

import re

from nianbao.language import Language, current
from nianbao.messages import messages, say

_FEWER = re.compile(r"(?P<seen>\d+)_of_(?P<stated>\d+)(?P<pages>_pages)?(?::.*)?")
_STATUS = re.compile(r"http_(?P<status>\d{3})")


def look_reason(code: str, language: Language | None = None) -> str:
    """``robots_http_503``, ``17_of_40_pages:pageCount``, ``soft_404``… in ``language``, without one in that of this
    run; a code without words stands for itself.
    """
    language = language or current()
    if found := _FEWER.fullmatch(code):
        key = "fewer_pages" if found["pages"] else "fewer_entries"
        return say("answers", language, f"look_reason.{key}", seen=found["seen"], stated=found["stated"])
    plain, _, detail = code.partition(":")
    if plain != (robots := plain.removeprefix("robots_")):
        return say("answers", language, "look_reason.robots", reason=look_reason(robots, language))
    if found := _STATUS.fullmatch(code.rpartition(":")[2]):
        return say("answers", language, "look_reason.status", status=found["status"])
    entries = messages("answers")
    entry = entries.get(f"look_reason.{plain}") or entries.get(f"capture_outcome.{plain}")
    if entry is None:
        return code
    return (
        say("answers", language, "look_reason.detailed", reason=entry[language], detail=detail)
        if detail
        else entry[language]
    )
