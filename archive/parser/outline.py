"""Divide the main text into sections: find the lines that begin one, and those that are the form's tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from archive.forms.loader import load_forms
from archive.forms.spelling import key
from archive.parser.dotted_headings import dotted
from archive.parser.sections import (
    LONGEST_HEADING,
    NUMBERED,
    TextLine,
    current_headings,
    is_heading,
    known_headings,
    section_key,
)
from archive.parser.table_lines import rows_broken, table_lines
from storage.records import Section

_HAN, _ARABIC, _NONE = "一", "1", ""  # how a heading is numbered
_ORDER = {character: at for at, character in enumerate("一二三四五六七八九十", 1)}
_NUMBER = re.compile(
    r"^\s*(?:第?(?P<han>[一二三四五六七八九十]{1,2})(?:\s*[、.．]|部分|\s)|(?P<arabic>\d{1,2})\s*[、.．])"
)
_IN_BRACKETS = re.compile(r"^\s*[(（]\s*(?P<no>[一二三四五六七八])\s*[)）]\s*(?P<rest>.{2,44})$")
_SECOND = re.compile(r"\s{0,8}[(（]\s?(?P<no>[一二三四五六七八九十])\s?[)）][^。:：;；]{2,44}$")
_BRACKETED = 2  # such headings that are the report's
_PAGE = re.compile(r"^\s*[-—–－一_]{1,2}\s?\d{1,3}\s?[-—–－一_]{1,2}\s*$")  # as it is printed, or recognised
_CONTENTS = 3  # headings that follow each other, from which they may be a table of contents
_FLAT = 3  # headings in one line, from which it is a report without line ends
_NAMED = 2  # of these, so many name sections of a report
_FIRST = "一、"
_THIRD = "三、"  # without it three headings do not follow each other in a line
#: A heading of any wording between blanks, as it stands where the lines of a page were joined.
_SET_OFF = re.compile(
    r"(?:^|(?<=\s))(?P<no>[一二三四五六七八九十])\s?[、.．]\s?[^\s。，,；;：:、][^\s。，,；;：:]{1,43}(?=\s)"
)
#: The first of them where its first part follows at once: no point that a text numbers has parts of its own there.
_FIRST_PART = re.compile(
    r"(?:^|[。：:！？!?；;]\s{1,4})(?P<no>一)\s?[、.．]\s?[^\s。，,；;：:、][^\s。，,；;：:]{1,43}\s{1,4}[(（]\s?一\s?[)）]"
)
_PIECES = 2  # lines besides its first over which a heading may be broken
# What stands before or behind a heading's words where a sentence speaks of it, or counts the parts of a report.
_SPOKEN_BEFORE, _SPOKEN_BEHIND = '、，,“「《‘"和及与第见', '、，,；;和及等”」》’"'
_NEAR = 8  # characters before and behind a heading, blanks included, that tell whether a sentence speaks of it
_ENDS = "。！？!?；;"
_STOP = "。：:"
_CLOSED = ("。", "；", ";", "，", ",", "：", ":")


@dataclass(frozen=True, slots=True)
class _Heading:
    """A line that may begin a section. ``size``: lines it is broken over; ``at``: its number, 0 if it bears none."""

    text: str
    key: str
    style: str
    at: int
    size: int = 1


def sections(lines: Sequence[TextLine]) -> tuple[Section, ...]:
    """The sections in printed order; what stands before the first heading has an empty heading and key.

    Lines of a table of the form that has no cells (a value a line, figures behind their labels) are in none of them.
    """
    lines = [
        part
        for line in lines
        for part in (_split_line(line) if _has_heading(line.text) or _may_be_flat(line.text) else (line,))
    ]
    texts = [line.text for line in lines]
    begun = _headings(lines) or _bracketed(lines)
    if all(heading.style == _ARABIC for heading in begun.values() if heading.key):
        begun = _add_dotted(begun, texts)
    tables = table_lines(texts, {at for at, heading in begun.items() if heading.key})
    begun = _resume_sections(_of_one_level({at: heading for at, heading in begun.items() if at not in tables}), texts)
    found: list[tuple[_Heading, list[str]]] = [(_Heading("", "", _NONE, 0), [])]
    skipped = 0
    for at, text in enumerate(texts):
        if heading := begun.get(at):
            found.append((heading, []))
            skipped = heading.size - 1
        elif skipped:
            skipped -= 1
        elif at not in tables and not _PAGE.match(text):
            found[-1][1].append(text)
    return tuple(
        Section(heading=heading.text, key=heading.key, text="\n".join(texts))
        for heading, texts in found
        if heading.text or texts
    )


@cache
def _printed_headings() -> re.Pattern[str]:
    """The form's headings with their own numbers, as they stand within a line."""
    plans = dict.fromkeys((plan.number, plan.heading) for form in load_forms() for plan in form.sections)
    ways = "|".join(rf"{re.escape(no)}\s?[、.．]\s?{re.escape(heading)}" for no, heading in plans)
    return re.compile(f"(?:{ways})")


@cache
def _numbers() -> dict[str, int]:
    """The key of each section of the form → its number."""
    return {plan.key: _ORDER[plan.number] for form in load_forms() for plan in form.sections}


def _has_heading(text: str) -> bool:
    """Whether a heading of the form, with its number, stands in a line with something else."""
    match = _printed_headings().search(text)
    return match is not None and match.end() - match.start() < len(text)


def _may_be_flat(text: str) -> bool:
    """Whether headings may stand between blanks in a line."""
    return _THIRD in text or (_FIRST in text and _FIRST_PART.search(text) is not None)


def _split_line(line: TextLine) -> Iterator[TextLine]:
    """A line taken apart where a heading of the form, with its number, ran together with the text around it."""
    text = line.text
    if "\n" in text or is_heading(line):
        yield line
        return
    begin = 0
    for match in _spaced_headings(text) or _headings_within(text):
        if match.start() >= begin:
            if before := text[begin : match.start()].strip():
                yield replace(line, text=before)
            yield TextLine(match[0])
            begin = match.end()
            while text[begin : begin + 1] in (*_STOP, " "):
                begin += 1
    if not begin:
        yield line
    elif rest := text[begin:].strip():
        yield replace(line, text=rest)


def _headings_within(text: str) -> Iterator[re.Match[str]]:
    """The form's headings that ran together with the text around them: first or last of it, between blanks behind the
    end of a sentence, or several.
    """
    found = [match for match in _printed_headings().finditer(text) if not _is_mentioned(text, match)]
    if len(found) >= _FLAT:
        yield from found
        return
    for match in found:
        before, behind = text[: match.start()], text[match.end() :]
        at_an_end = not before.strip() or not behind.strip()
        if at_an_end or (before[-1].isspace() and behind[0].isspace() and before.rstrip()[-1] in _ENDS + _STOP):
            yield match


def _spaced_headings(text: str) -> list[re.Match[str]]:
    """Headings between blanks, numbered one after the other from 一 on, each behind the end of a sentence or another
    heading; none if these are not the headings of a report.
    """
    found: list[re.Match[str]] = []
    parts = _FIRST_PART.search(text) if _FIRST in text else None
    for match in _SET_OFF.finditer(text) if _THIRD in text or parts else ():
        end = match.start()
        while end and text[end - 1].isspace():
            end -= 1
        at, last = _ORDER[match["no"]], _ORDER[found[-1]["no"]] if found else 0
        follows = bool(found) and found[-1].end() == end
        if at in {1, last + 1} and (not end or text[end - 1] in _ENDS + _STOP or follows):
            found.append(match)
    keys = {section_key(match[0]) for match in found} - {""}
    named = len(found) >= _FLAT and len(keys) >= _NAMED
    return found if named or (found and parts and found[0].start() == parts.start("no")) else []


def _is_mentioned(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence speaks of the heading: it is one of several counted, quoted, or the sentence goes on."""
    before = text[max(0, match.start() - _NEAR) : match.start()].rstrip()[-1:]
    behind = text[match.end() : match.end() + _NEAR].lstrip()[:1]
    if behind and behind in _STOP:
        return bool(before) and before not in _ENDS
    return bool(before and before in _SPOKEN_BEFORE) or bool(behind and behind in _SPOKEN_BEHIND)


def _headings(lines: Sequence[TextLine]) -> dict[int, _Heading]:
    """The lines that may begin a section, by their numbers; those of a table of contents are none."""
    headings: dict[int, _Heading] = {}
    for at, line in enumerate(lines):
        heading = _heading_of(line.text, line.heading) if len(line.text) <= LONGEST_HEADING else None
        if heading is not None and not heading.key:
            heading = _join_broken(heading, [other.text for other in lines[at : at + 1 + _PIECES]])
        if heading is not None:
            headings[at] = heading
    contents = _contents(headings)
    return {at: heading for at, heading in headings.items() if at not in contents} if contents else headings


@lru_cache(maxsize=1024)
def _heading_of(text: str, marked: int) -> _Heading | None:
    """The heading that a line is, which the document marks so or not; None if it is none, or no numbered one."""
    if not is_heading(TextLine(text, marked)):
        return None
    name = section_key(text)
    return _Heading(text.strip(), name, *_numbering(text)) if name or NUMBERED.match(text) else None


def _bracketed(lines: Sequence[TextLine]) -> dict[int, _Heading]:
    """Headings as the form prints them but for their numbers, which stand in brackets: of a report without others."""
    headings: dict[int, _Heading] = {}
    for at, line in enumerate(lines):
        if (match := _IN_BRACKETS.match(line.text)) and key(line.text) in current_headings():
            headings[at] = _Heading(line.text.strip(), section_key(match["rest"]), _HAN, _ORDER.get(match["no"], 0))
    return headings if len(headings) >= _BRACKETED else {}


def _add_dotted(headings: dict[int, _Heading], texts: Sequence[str]) -> dict[int, _Heading]:
    """The headings with those numbered 1. (some of which the document may mark as headings, and some not)."""
    more = {
        at: _Heading(texts[at].strip(), name, _ARABIC, no)
        for at, (name, no) in dotted(texts, _numbers()).items()
        if at not in headings
    }
    return dict(sorted({**headings, **more}.items())) if more else headings


def _numbering(text: str) -> tuple[str, int]:
    if (match := _NUMBER.match(text)) is None:
        return _NONE, 0
    return (_HAN, _ORDER.get(match["han"], 0)) if match["han"] else (_ARABIC, int(match["arabic"]))


def _join_broken(heading: _Heading, texts: Sequence[str]) -> _Heading | None:
    """A heading without a key with the lines over which it is broken; None if it is a row's label so broken.

    At the end of a text that breaks off within one, what is left of it tells which it is.
    """
    for size in range(2, len(texts) + 1):
        if texts[size - 2].rstrip().endswith(_CLOSED):
            break
        joined = "".join(text.strip() for text in texts[:size])
        if key(joined) in known_headings():
            return replace(heading, text=joined, key=section_key(joined), size=size)
    if rows_broken(texts):
        return None
    if len(texts) == 1 and heading.style == _HAN:
        begun = {
            plan.key
            for form in load_forms()
            for plan in form.sections
            if _ORDER[plan.number] == heading.at and key(plan.heading).startswith(key(heading.text))
        }
        return replace(heading, key=begun.pop()) if len(begun) == 1 else heading
    return heading


def _contents(headings: dict[int, _Heading]) -> set[int]:
    """The lines of a table of contents: headings that follow each other, all of which come again."""
    last = {heading.key: at for at, heading in headings.items()}
    run: list[int] = []
    for at in headings:
        if run and at != run[-1] + 1:
            if _come_again(headings, run, last):
                break
            run = []
        run.append(at)
    return set(run) if _come_again(headings, run, last) else set()


def _come_again(headings: dict[int, _Heading], run: Sequence[int], last: dict[str, int]) -> bool:
    """``last``: the last line that names each section."""
    keys = {headings[at].key for at in run} if len(run) >= _CONTENTS else set()
    return bool(keys) and "" not in keys and len(keys) == len(run) and all(last[name] > run[-1] for name in keys)


def _of_one_level(headings: dict[int, _Heading]) -> dict[int, _Heading]:
    """The headings of the first level: 1、 below 一、, and 一、 that begins anew within a section, begin none."""
    if _are_in_order(headings.values()):
        return headings
    keys = Counter(style for style, _ in {(heading.style, heading.key) for heading in headings.values() if heading.key})
    han = {heading.key for heading in headings.values() if heading.style == _HAN and heading.key}
    numbered = any(heading.style == _HAN for heading in headings.values()) and keys[_HAN] >= keys[_ARABIC]
    of_level: dict[int, _Heading] = {}
    last = within = 0
    current = ""
    for at, heading in headings.items():
        if numbered and heading.style != _HAN and _is_below(heading, han):
            continue
        if heading.style == _HAN and heading.at:
            anew = 0 < heading.at <= last and heading.key == current
            if (not heading.key and (heading.at == 1 <= last or heading.at == within + 1 > 1)) or anew:
                within = heading.at
                continue
            last = heading.at
        of_level[at], current, within = heading, heading.key, 0
    return of_level


def _resume_sections(headings: dict[int, _Heading], texts: Sequence[str]) -> dict[int, _Heading]:
    """The headings, and those that take a section of the first order up again: (二) behind 1、 below its (一)."""
    styles = {heading.style for heading in headings.values()}
    if not {_HAN, _ARABIC} <= styles:
        return headings
    more: dict[int, _Heading] = {}
    above: _Heading | None = None
    at_second = 0
    below = False
    for at, text in enumerate(texts):
        if heading := headings.get(at):
            below = heading.style == _ARABIC and at_second > 0
            if heading.style != _ARABIC:
                above, at_second = heading if heading.style == _HAN and heading.key else None, 0
        elif above is not None and len(text) <= LONGEST_HEADING and (match := _SECOND.match(text)):
            no = _ORDER[match["no"]]
            if below and no != at_second + 1:
                above, at_second = None, 0  # points of what 1、 began
            elif below:
                more[at] = replace(above, text=text.strip(), size=1)
            at_second, below = no, False
    return dict(sorted({**headings, **more}.items())) if more else headings


def _are_in_order(headings: Iterable[_Heading]) -> bool:
    """Whether all headings name sections and are numbered 一、, each higher than that before: nearly all reports."""
    last = 0
    for heading in headings:
        if heading.style != _HAN or not heading.key or heading.at <= last:
            return False
        last = heading.at
    return True


def _is_below(heading: _Heading, han: set[str]) -> bool:
    """Whether a heading that is not numbered 一、 stands below those that are (``han``: the sections these name)."""
    exact = key(heading.text) in current_headings()
    if heading.style == _ARABIC:
        return heading.key in han or not exact or heading.at != _numbers().get(heading.key)
    return heading.key in han and not exact
