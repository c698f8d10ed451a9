"""How well a pointer leads to a column of reports (pure): by its label, else by its address. The words are data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from archive.file_endings import ENDINGS
from archive.identity import addresses
from archive.identity.names import is_generic, looks_like_body
from crawler.discovery.knowledge import knowledge
from crawler.discovery.labels import FIRST_YEAR, YEAR, body_in_label
from crawler.discovery.pointers import Pointer
from crawler.discovery.same_addresses import is_trap
from crawler.lists.kinds.page_kinds import collected
from crawler.lists.page_words import filled

_EMPTIED = re.compile(r"[(（【\[](?:及?(?:以|之)?[前后]|[-—~至]|含)?[)）】\]]")  # a bracket whose year was taken out
_FILE = re.compile(rf"\.(?:{ENDINGS}|js|json)$", re.IGNORECASE)
_PAGER = re.compile(
    r"^(?:\d{1,4}|.{0,2}[上下首末尾前后]一?页.{0,4}|首页|第\d{1,4}页|next|prev\w*|last|first)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rank:
    """How well a pointer leads to a column: ``weight`` 0 is not at all; ``refused``: why not, where its label would.

    ``leads``: the context of the page behind it; ``rule``: the name of the rule that fitted.
    """

    weight: int = 0
    leads: str = ""
    rule: str = ""
    refused: str = ""


@cache
def _rules() -> tuple[tuple[re.Pattern[str] | None, frozenset[str], dict[str, Any]], ...]:
    return tuple(
        (None if rule.get("body") else re.compile(filled(rule["text"])), frozenset(rule.get("under", ())), rule)
        for rule in knowledge()["rule"]
    )


def rank(pointer: Pointer, context: str = "", *, last_year: int = 2100, listed: bool = True) -> Rank:
    """Return how well a pointer leads to a column of reports, seen on a page of ``context``. ``listed``: documents that
    a body or a year names there are entries of its list, and read as such.
    """
    said = pointer.text
    known = addresses.read(pointer.url)
    found = by_label(said, context, last_year) if said and len(said) <= 60 else None
    facts = knowledge()["address"]
    if found is None and pointer.how == "frame":
        found = Rank(facts["frame"], context, "frame")
    if found is None and pointer.how == "goes":
        found = Rank(facts["goes"], context, "goes")
    if found is None and pointer.how == "script_file":
        found = Rank(facts["menu"], context, "menu")
    if found is None:
        found = _by_address(pointer, known, said)
    if found.weight and not found.refused:
        if (word := refusing(said)) and found.rule not in {"frame", "menu"}:
            return Rank(0, "", found.rule, f"word:{word}")
        if _FILE.search(urlsplit(pointer.url).path) and pointer.how != "script_file":
            return Rank(0, "", found.rule, "file")
        menu = found.rule == "body" and context != "reports"  # a body's name alone is no document's before its reports
        by_name = found.rule in {"body", "year", "group"} or (bool(YEAR.search(said)) and bool(body_in_label(said)))
        document = known.detail and not known.addressed and pointer.how == "link"
        if listed and document and by_name and not menu and not collected(said):
            return Rank(0, "", found.rule, "document")
        if is_trap(pointer.url, last_year):
            return Rank(0, "", found.rule, "trap")
        if re.search(knowledge()["refused"]["addresses"], pointer.url.lower()):
            return Rank(0, "", found.rule, "address")
    return found


def by_label(said: str, context: str, last_year: int) -> Rank | None:
    """Return how well a label leads to a column, read on a page of ``context``; None where no rule knows it."""
    years = [int(y) for y in re.findall(r"(?:19|20)\d\d", said)]
    plain = _EMPTIED.sub("", YEAR.sub("", said))
    for pattern, under, rule in _rules():
        if under and context not in under:
            continue
        if pattern is None:
            fits = looks_like_body(plain) and not is_generic(plain)
        else:
            fits = pattern.fullmatch(plain) is not None and (bool(years) or not rule.get("dated"))
        if fits:
            if years and not all(FIRST_YEAR <= year <= last_year for year in years):
                return Rank(0, "", rule["name"], "year_out_of_range")
            return Rank(int(rule["weight"]), rule["leads"], rule["name"])
    return None


def _by_address(pointer: Pointer, known: addresses.Address, said: str) -> Rank:
    facts = knowledge()["address"]
    if len(said) <= 8 and not known.detail and not _PAGER.search(said):
        if known.reports:
            return Rank(facts["reports"], "reports", "address")
        if re.search(facts["openness_path"], urlsplit(pointer.url).path.lower()) and not said:
            return Rank(facts["openness"], "openness", "address")
    return Rank()


def refusing(said: str) -> str:
    """The word for which a label is refused; one that belongs to the name of a body is none."""
    facts = knowledge()["refused"]
    words = facts["words"] if body_in_label(said) else [*facts["words"], *facts["unless_body"]]
    return next((word for word in words if word in said.lower()), "")
