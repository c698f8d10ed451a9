"""Decide whether a text without a title is a report: it says that it publishes or compiles one, or has its parts.

Excerpts and the pages of some portals print the title elsewhere. A notice that asks for reports, a rule or a guide
that lists their chapters, a blank form and news have the same words: what gives these away
(``untitled_reports.toml``) is looked for first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from archive.forms.spelling import key, simplify
from archive.identity.text import without_readings
from archive.parser import stated_year
from archive.parser.opening_lines import openings
from archive.parser.pre2019 import is_old_heading
from archive.parser.sections import LONGEST_HEADING, TextLine, current_headings, section_key
from storage.records import IdentityEvidence, Section

_OPENING = 2_000  # characters of the text that are looked at
_LINE = 900  # of one line of it
_FIRST = 600  # of the text, in which one says by which rule, and that it was made
_SENTENCES = 2  # of these, where a report is published in one of them
_LEAD = 200  # of a text that begins with a heading, for what it has above it
_QUOTED = re.compile("《[^《》\n]{0,90}》|〈[^〈〉\n]{0,90}〉")
_SUBJECT = re.compile("(?:政府|政务)信息公?开|政务公开|政府公开信息")
_OURS = re.compile(r"[我本](?:[局委办厅镇乡县市区州盟旗街处院站中部省会]|机关|单位|苏木|中心)")
_PERIOD = 2  # headings of a report beside the period that it states
_CERTAIN = 3  # the same, whatever else is spoken of above them
_PARTS = 5  # headings of any year's report that are one by themselves
_ITEMS, _MOST_ITEMS = 3, 4  # of the five items of the form's first section; so many whatever stands among them
# Where an entry begins in a line that lists a report's contents (一、概述,(一)推进公开。,二、…), and its number.
_ENTRIES = re.compile(r"[,，;；\s]\s{0,4}(?=[(（]?[一二三四五六七八九十]{1,2}[)）、.．])")
_NUMBER = re.compile(r"([一二三四五六七八九十]{1,2})[、.．]|[(（][一二三四五六七八九十]{1,2}[)）]")
_ORDER = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_NATIONAL = 2  # headings of the national forms that are one, if they say 政府信息公开


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("untitled_reports.toml").read_text(encoding="utf-8"))


@cache
def _any(name: str) -> re.Pattern[str]:
    return re.compile("|".join(_data()[name]), re.MULTILINE)


@cache
def _pattern_of(name: str) -> re.Pattern[str]:
    return re.compile(_data()[name])


def ends_a_notice(line: str) -> bool:
    """Whether a line goes on as a notice's title does, on reports, that the line before began (有关事项的通知)."""
    return "的" in line[-6:] and len(line) <= 40 and _pattern_of("rest_of_a_notice").match(simplify(line)) is not None


def says_it_is_one(
    lines: Sequence[TextLine], parts: Sequence[Section], evidence: IdentityEvidence, *, has_form: bool
) -> bool:
    """Whether it does. ``has_form``: tables of a national form are in it, though nothing certain is in these."""
    beginning = _beginning(lines)
    above = _text_above(parts)
    lead = above or beginning[:_LEAD]
    if not _SUBJECT.search(beginning) or _any("never").search(beginning):
        return False
    prose = stated_year.without_tables(beginning)
    is_published = _says_published(prose, lead, evidence)
    speaks = bool(evidence.period and (_OURS.search(beginning) or _names_body(evidence)))
    overview = next((part for part in parts if part.key == "overview"), None)
    items = _items_of_the_overview(beginning) if overview else 0
    by_items = speaks and items >= _MOST_ITEMS
    opening = lead if is_published and _says_published(lead, lead, evidence) else beginning
    if _any("others").search(above if by_items else opening):
        return False
    if by_items or (speaks and overview and _follows_the_notice(overview, evidence)):
        return True
    published = is_published and _publishes(lead)
    headings = [name for part in parts if part.heading and (name := key(part.heading))]
    known = len({name for name in headings if is_old_heading(name) or section_key(name)})
    stated = any(stated_year.period(prose))
    first = _opening_statement(lead, published=published)
    plain = _QUOTED.sub("", first)
    if _any("tells").search(plain):
        return False
    if not (stated and known >= _CERTAIN) and (
        _pattern_of("other_rules").search(first) or (_has_lead(parts) and _any("about").search(plain))
    ):
        return False
    if is_published and (known or stated or speaks or published):
        return True
    if overview and stated and _pattern_of("own_period").search(above):
        return True
    if known >= _PERIOD and (stated or _says_compiled(prose[:_FIRST])):
        return True
    national = [name for name in headings if name in current_headings()]
    if not speaks:
        return bool(evidence.period) and len(national) >= _PARTS
    named = any("政府信息" in name for name in national)
    by_headings = known >= _PARTS or (named and len(national) >= _NATIONAL) or items >= _ITEMS
    return by_headings or (has_form and known >= _PERIOD)


def states_its_period(parts: Sequence[Section]) -> bool:
    """Whether it says above its first heading of which period the figures of this report are."""
    return _pattern_of("own_period").search(_text_above(parts)) is not None


def _text_above(parts: Sequence[Section]) -> str:
    """What stands above the first heading, simplified, without a line that lists the contents."""
    text = parts[0].text[:_OPENING] if parts and not parts[0].heading else ""
    return without_readings(simplify("\n".join(line for line in text.split("\n") if not _lists_contents(line))))


def _lists_contents(line: str) -> bool:
    """Whether a line is the headings of a report, one after the other, three at least of the first order."""
    entries = _ENTRIES.split(line.strip())
    if len(entries) < _CERTAIN or max(map(len, entries)) > LONGEST_HEADING:
        return False
    numbers = [_NUMBER.match(entry) for entry in entries]
    first = tuple(number[1] for number in numbers if number is not None and number[1])
    return None not in numbers and len(first) >= _CERTAIN and first == _ORDER[: len(first)]


def _names_body(evidence: IdentityEvidence) -> bool:
    """Whether the text's sentences speak of a body by its name."""
    return any(len(name) > len("我局") for name in evidence.running)


def _has_lead(parts: Sequence[Section]) -> bool:
    """Whether anything stands above the first heading of a report: what is below it tells of the work."""
    if parts and not parts[0].heading and not _text_above(parts):
        parts = parts[1:]
    return not (parts and parts[0].heading and (section_key(parts[0].heading) or is_old_heading(key(parts[0].heading))))


def publishes_one(parts: Sequence[Section]) -> bool:
    """Whether a text says above its first heading that this is the report of which body and year."""
    return bool(parts) and not parts[0].heading and _publishes(without_readings(simplify(parts[0].text[:_OPENING])))


def _publishes(lead: str) -> bool:
    """Whether a text says that this is a report, of which body and of which year."""
    return any(one.agency and one.year and one.published for one in openings(lead))


def _opening_statement(lead: str, *, published: bool) -> str:
    """What a text says of what it is: behind this it tells of the work."""
    if published:
        return "。".join(lead.split("。")[:_SENTENCES])
    return lead[: min(_FIRST, _compiled_until(lead) or _FIRST)]


def _follows_the_notice(overview: Section, evidence: IdentityEvidence) -> bool:
    """Whether the first section says by which notice on the year's reports it tells of it (根据《…2020年度政府信息公开
    工作年度报告编制工作的通知》要求).
    """
    text = simplify(overview.text[:_FIRST])
    return any(int(match[1]) in evidence.period for match in _pattern_of("by_notice").finditer(text))


def _items_of_the_overview(text: str) -> int:
    """How many of the items that the national form wants told in its first section stand there as headings."""
    return len({match[1] for match in _pattern_of("item").finditer(text)})


def _says_published(text: str, lead: str, evidence: IdentityEvidence) -> bool:
    """Whether a text says that it publishes a year's report, or that it was compiled by the rule on them."""
    if any(one.year or (one.agency and evidence.period) for one in openings(text)):
        return True
    return bool(_pattern_of("rule").search(lead[:_FIRST]) and _any("says").search(text.replace("\n", "")))


def _compiled_until(lead: str) -> int:
    """Where a text has said that it was compiled by the rule, 0 if it does not: what it says behind is of the work."""
    found = _any("says").search(lead) if _pattern_of("rule").search(lead[:_FIRST]) else None
    return found.end() if found else 0


def _says_compiled(text: str) -> bool:
    """Whether a text speaks of the rule and of a report that was made by it."""
    return bool(_any("by_rule").search(text) and _any("made").search(text))


def _beginning(lines: Sequence[TextLine]) -> str:
    """The first lines, simplified."""
    opening: list[str] = []
    size = 0
    for line in lines:
        for text in line.text[:_OPENING].split("\n"):
            if _lists_contents(text):
                continue
            opening.append(without_readings(simplify(text[:_LINE])))
            size += len(opening[-1])
        if size > _OPENING:
            break
    return "\n".join(opening)
