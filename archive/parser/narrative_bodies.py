"""Decide whose figures a sentence gives: the reporting body's, or those of more or fewer bodies than its tables count.

A government's tables count its whole area, a bureau's the bureau, an office's the office. What is said of the county
(全县, 我县) is therefore held against the tables of a county's government only, and what is said of the government not
against those of its bureaux. Where nobody can tell who reports, neither is. A body that is named as the one that
received, issued or answered (县教育局收到 …) is another one, unless its name is the reporting body's or shortens it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archive.identity.names import complete, kind_of
from archive.parser.narrative_words import compiled, words
from storage.records import AgencyKind

_OWN_AREA = frozenset({AgencyKind.GOVERNMENT, AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})
#: Without one of these no body is named (the last characters of ``whose.ends`` and ``whose.named``).
_NAMES = re.compile("[局厅院委办会室处心队站所府门位关构司团业校学行省市县区旗州镇乡道村馆织]")
_SUBJECT = 30  #: characters of a name, or of what stands between it and what it did


@dataclass(frozen=True, slots=True)
class Reporter:
    """``other``: words for other bodies than the one that reports; ``own``: those for it, which end their reach;
    ``ours``: those for it at the end of what names a body; ``forms``: its names, each as a text may shorten it.
    """

    other: re.Pattern[str]
    own: re.Pattern[str]
    ours: re.Pattern[str]
    forms: frozenset[str]

    def is_others(self, text: str, since: int, mark: int, begin: int | None = None) -> bool:
        """Whether the figure at ``mark`` of a masked sentence is another body's; its clauses begin at ``since``, the
        words that count it at ``begin``.
        """
        begin = mark if begin is None else begin
        ends = [found.end() for found in self.other.finditer(text, since, mark)]
        if ends and self.own.search(text, ends[-1], mark) is None:
            return True
        if _NAMES.search(text, since, begin) is None:
            return False
        first = clause_start(text, begin, since)
        subject, _ = self._subject(text, first, begin)
        if subject:
            return not self.is_own(subject)
        named = words().bodies.named
        while True:
            if _NAMES.search(text, first, begin) and (found := named.match(text, first)) and found.end() <= begin:
                return not self.is_own(found["body"])
            if first <= since:
                return False
            begin = first - 1
            first = clause_start(text, begin, since)

    def is_plain(self, text: str, since: int, begin: int) -> bool:
        """Whether nothing stands in the clause before ``begin`` but the body itself, the time, and how it was done."""
        first = clause_start(text, begin, since)
        subject, at = self._subject(text, first, begin)
        if words().bodies.leads.fullmatch(text, first, at) is None:
            return False
        return bool(subject) or not _is_where_served(text, since, first)

    def is_whole(self, text: str, since: int, begin: int) -> bool:
        """Whether nothing before ``begin`` narrows what is counted there: no words but of the body itself, the time,
        what is counted and how, and no place where the public is served that the sentence spoke of.
        """
        known = words().bodies
        first = clause_start(text, begin, since)
        subject, at = self._subject(text, first, begin)
        before = printed = text[first:at]
        for form in self.forms:
            before = before.replace(form, "")
        if known.whole.fullmatch(before) is None:
            return False
        named = bool(subject) or before != printed or known.whole_of.search(before) is not None
        return named or not _is_where_served(text, since, first)

    def _subject(self, text: str, first: int, begin: int) -> tuple[str, int]:
        """The body named right before ``begin``, or "", and where it begins, or what else stands there ends."""
        known = words().bodies
        filled = known.fillers.search(text, max(first, begin - _SUBJECT), begin)
        at = filled.start() if filled else begin
        if not text.endswith(known.ends, first, at):
            return "", at
        start = at
        while start > max(first, at - _SUBJECT) and "\u4e00" <= text[start - 1] <= "\u9fff":
            start -= 1
        joined = text[first:start].endswith("、")
        lead = known.leads.match(text, start, at)
        start = lead.end() if lead and lead.end() < at and not joined else start
        return text[start - joined : at], start

    def is_own(self, name: str) -> bool:
        """Whether a name is the reporting body's, or shortens it."""
        joins = words().bodies.joins
        if (found := self.ours.search(name)) is not None:
            return not name[: found.start()].endswith(joins)
        return any(
            _shortens(name, form) or (name.endswith(form) and not name.removesuffix(form).endswith(joins))
            for form in self.forms
        )


def _is_where_served(text: str, since: int, first: int) -> bool:
    """Whether the clauses before ``first`` tell what a place did where the public is served: 大厅, 查阅点."""
    return words().bodies.places.search(text, since, first) is not None


def clause_start(text: str, at: int, since: int) -> int:
    """Where the clause that holds a place begins."""
    find = text.rfind
    marks = (find(stop, since, at) for stop in ("(", ")")) if find("(", since, at) >= 0 else ()
    return (
        max(since - 1, find(",", since, at), find(";", since, at), find(":", since, at), find("。", since, at), *marks)
        + 1
    )


def _shortens(name: str, form: str) -> bool:
    """Whether a name is another one with characters left out: 县教体局, 汶上县教育和体育局."""
    rest = iter(form)
    return name[-1:] == form[-1:] and all(character in rest for character in name)


def reporter_of(agencies: Sequence[str]) -> Reporter:
    """What tells whose figures they are in the report of these agencies; none: nobody knows who reports."""
    return _reporter_of(tuple(agencies[:8]))


@lru_cache(maxsize=512)
def _reporter_of(agencies: tuple[str, ...]) -> Reporter:
    data = words().whose
    names = [complete(name) for name in agencies]
    kinds = {kind_of(name) for name in names}
    levels = {
        next((level for level in data["levels"] if name.chain and name.chain[-1].endswith(level)), "") for name in names
    }
    own = levels if len(levels) == 1 and kinds <= _OWN_AREA else set()
    areas = "|".join(level for level in data["levels"] if level not in own)
    other = [data["areas"].replace("LEVELS", areas), data["more"], *_subjects(data, kinds)]
    level = "|".join(filter(None, own)) or "(?!)"
    forms = {"".join(name.chain[-1:]) + name.local for name in names}
    reporting = ("人民政府", "") if own else ("人民政府",) if kinds == {AgencyKind.OFFICE} else ()
    forms |= {name.chain[-1] + behind for name in names if name.chain for behind in reporting}
    ends: Mapping[str, str] = data["shorter"]
    forms |= {form.removesuffix(end) + short for form in forms for end, short in ends.items() if form.endswith(end)}
    return Reporter(
        compiled("|".join(other)),
        compiled(data["own"]),
        compiled(data["ours"].replace("LEVEL", level)),
        frozenset(form for form in forms if form),
    )


def _subjects(data: Mapping[str, Any], kinds: set[AgencyKind]) -> list[str]:
    """Governments and their offices that a sentence says received and answered, but for the one that reports."""
    if kinds == {AgencyKind.OFFICE}:
        return []
    return [data["office"]] if kinds == {AgencyKind.GOVERNMENT} else [data["office"], data["government"]]
