"""Read the sentence that announces the report at the start of a text: 现向社会公布汶上县水利局2025年…年度报告.

Often the title stands outside the text, and this sentence is all that names body and year. Taken is what is said of
the report at hand: 现, 特 … before the verb, 如下 behind it, or the sentence with which the text begins, if it says by
which rule, or nothing but that the body made it. Elsewhere a report on a former year may be meant, which was published
in the year of this one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from archive.identity.inner_offices import without_office
from archive.identity.naming import looks_like_body
from archive.identity.titles import judge
from archive.identity.wording import words

_FIRST = 2  # sentences of the text among which one says by which rule the report was made
_HEADING = re.compile("[一二三四五六七八九十]{1,3}[、.,]|[(][一二三四五六七八九十]{1,3}[)]")
_PROSE = 16  # characters from which a line may be a sentence
_LONGEST = 90  # characters of the clause before the report's words
_END = re.compile(r"[。,;:!?\n]")
_OURS = re.compile("[我各]|本(?!溪)")  # 我局, 本机关: nobody's name
_EDGES = "《〈\"'“”‘’(（ "
_SUBJECT = ("信息公开", "政务公开", "公开信息")  # one of them stands in the words of every report
_CANONICAL = "政府信息公开工作年度报告"


@dataclass(frozen=True, slots=True)
class Opening:
    """What one sentence says. ``agency``: as printed, "" if it names none; ``year``: None if it names none;
    ``published``: it says that this is the report, and not only that one was made.
    """

    agency: str
    year: int | None
    published: bool = True


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("opening_lines.toml").read_text(encoding="utf-8"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_data()[name])


@cache
def _any(name: str) -> str:
    return f"(?:{'|'.join(_data()[name])})"


@cache
def _report() -> re.Pattern[str]:
    subjects = "|".join(sorted(map(re.escape, words("subjects")), key=len, reverse=True))
    behind = _data()["report"].replace("#", r"20\d\d")
    return re.compile(f"(?:{subjects}){behind}")


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(f"{_any('verbs')}{_any('behind_verb')}{{0,2}}")


@cache
def _others() -> re.Pattern[str]:
    return re.compile(rf"《[^《》\n]{{0,90}}{_any('other_documents')}(?:\([^()]{{0,20}}\))?》|〈[^〈〉\n]{{0,90}}〉")


def is_sentence(line: str) -> bool:
    """Whether a line begins as a sentence on a report does, and no title."""
    return _pattern("sentence").match(line) is not None


def _is_title(line: str) -> bool:
    return len(line) <= _LONGEST and "。" not in line[:-1] and judge(line).could_be and not is_sentence(line)


def openings(text: str) -> Iterator[Opening]:
    """What the sentences of a text's beginning say of its report. ``text``: lines, widths folded, without blanks."""
    count = 0
    headed = False
    for line in text.split("\n"):
        headed = headed or _HEADING.match(line) is not None
        if len(line) < _PROSE:
            continue
        if not any([word in line for word in _SUBJECT]):  # noqa: C419 — a generator costs twice as much
            count += line.count("。") + (line[-1] != "。")
        elif not _is_title(line):
            for sentence in line.removesuffix("。").split("。"):
                count += 1
                if any([word in sentence for word in _SUBJECT]):  # noqa: C419
                    yield from _openings_of(
                        sentence + "。", first=count <= _FIRST, begins=count <= _FIRST and not headed
                    )


def _openings_of(sentence: str, *, first: bool, begins: bool) -> Iterator[Opening]:
    """``first``: the sentence is among the first; ``begins``: no heading stands before it, either."""
    plain = _others().sub("", _others().sub("", sentence)) if "《" in sentence or "〈" in sentence else sentence
    ruled = first and plain.startswith(tuple(_data()["by_rule"]))
    for found in _report().finditer(plain):
        before = plain[max(0, found.start() - _LONGEST) : found.start()]
        clause = _END.split(before)[-1]
        verbs = list(_verb().finditer(clause))
        behind = plain[found.end() :]
        below = _pattern("below").match(behind)
        of_this = below or (verbs and (ruled or _pattern("now").search(clause)))
        is_made_report = begins and not of_this and _makes(clause if clause == plain[: found.start()] else "", behind)
        if "关于" in clause or not (of_this or is_made_report):
            continue
        by, named = (clause[: verbs[-1].start()], clause[verbs[-1].end() :]) if verbs else ("", clause)
        yield replace(_opening(by, named.strip(_EDGES), found[0]), published=bool(of_this))


def _makes(clause: str, behind: str) -> bool:
    """Whether a sentence says nothing before the report's words but who made it and of which year (我局编制了2021年…),
    or right ``behind`` them by whom it was made (…报告由我局编制).
    """
    match = _pattern("made").fullmatch(clause)
    if match is not None:
        return bool(_OURS.match(match[1])) or looks_like_body(match[1])
    return bool(clause) and _pattern("made_by").match(behind) is not None


def _opening(by: str, named: str, report: str) -> Opening:
    verdict = judge(named + report)
    if not verdict.could_be:
        verdict = judge(named + _CANONICAL)
    if not verdict.could_be:
        return Opening("", None)
    return Opening(_bodies(by) if _OURS.match(verdict.agency or "我") else verdict.agency, verdict.year)


def _bodies(by: str) -> str:
    """The body that stands before the verb, without 现, 由 … and the verbs beside it (现代表…局, …局编制并)."""
    lead = f"^{_any('before_body')}+|(?:{_any('before_body')}|(?:面?向|对)(?:社会|公众|外))+$"
    parts = [re.sub(lead, "", part.strip(_EDGES)) for part in _verb().split(re.sub(lead, "", by))]
    return without_office(next((part for part in reversed(parts) if looks_like_body(part)), ""))
