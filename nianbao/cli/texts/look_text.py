"""A look at a list, and for whom a list speaks, each in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.exports.plain_values import cell_text

_READ = ("ok", "partial")  # of any other look nobody knows what was there


def look_text(look: Mapping[str, Any]) -> str:
    """A look in one line: how it ended, what it showed, and how that compares with the ok look before."""
    why = f" ({look['reason']})" if look["reason"] else ""
    reports = "" if look["reports"] is None else f", {look['reports']} of them reports"
    total = "" if look["total"] is None else f" of {look['total']} that the list says it has"
    compared = look["new"] is not None and look["outcome"] in _READ
    then = f"; since the ok look before {look['new']} new, {look['gone']} gone" if compared else ""
    doubt = f"; proves no absence ({look['suspect']})" if look["suspect"] else ""
    return f"{look['outcome']}{why}, {look['entries']} entries{total}{reports}{then}{doubt}"


def scope_text(scope: Mapping[str, Any]) -> str:
    """For whom a list speaks, why, and its last look, in one line."""
    why = []
    if scope["agency"]:
        why.append(f"{scope['agency']}'s own by its address or label")
    if scope["covers"]:
        why.append(f"bodies of the kinds that its label says: {', '.join(map(str, scope['covers']))}")
    if scope["seen"]:
        why.append(f"bodies whose reports stood on it: {scope['seen']}")
    why += [f"a ruling ({one})" for one in scope["rulings"]]
    year = f" (on {scope['year']} alone)" if scope["year"] else ""
    whom = "; ".join(why) or "nobody yet: no report stood on it, and nothing says whose they will be"
    ended = f"; ended {cell_text(scope['ended_at'])}" if scope["ended_at"] else ""
    last = scope["looked"]
    looked = f"last look {cell_text(last['started'])}: {look_text(last)}" if last else "not looked at yet"
    return f"speaks for {whom}{year}{ended}; {looked}"
