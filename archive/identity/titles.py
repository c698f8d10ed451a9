"""Decide whether a title is that of an annual report of 政府信息公开, or only looks like one.

A title has a *head* (agency, year), the words of a report (政府信息公开…报告) and a *tail*. It is a report's title if
the head is an agency or nothing, and the tail has nothing but versions, dates and the like. Words and patterns are in
``titles.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from archive.identity.names import ends_as_agency, is_generic, is_own_level, looks_like_agency, normalise
from archive.identity.text import MAX_TITLE, any_word, pattern, squeeze, words
from archive.identity.years import mark_years

MAX_NAME_CHARS, MAX_TITLES_IN_ONE, MIN_CUT_CHARS, MAX_CUT_CHARS, MIN_CUT_NAME_CHARS = 40, 6, 3, 12, 6
_HARMLESS_BEHIND = ("", "notice", "news")  # reasons that do not matter if an agency's name behind a title gives them


class Strength(StrEnum):
    """How much a title says by itself, from most to least."""

    FULL = "full"  # an agency and a year
    BARE = "bare"  # a year and 报告, no agency
    UNDATED = "undated"  # an agency, no year
    FOLDER = "folder"  # a year and 年报, no agency: often the link to the folder of a year
    CUT = "cut"  # ends in an ellipsis
    COLUMN = "column"  # neither agency nor year: the name of the column
    HEADED = "headed"  # an agency below a year (2024年>司法局), which may be the year of publication
    WEAK = "weak"  # agency, year and 年度报告 without saying of what
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """Whether a title is a report's (``strength``), and the code of the ``reason``.

    ``agency``: as printed ("" if none); ``generic``: it names a group of agencies ("县级部门"); ``says_report``: it
    says 报告, not only 年报 (a title that was cut off: it says 年).
    """

    reason: str
    strength: Strength = Strength.NONE
    agency: str = ""
    years: tuple[int, ...] = ()
    generic: bool = False
    corrected: bool = False
    says_report: bool = False

    @property
    def could_be(self) -> bool:
        """True if the title has the form of a report's title; only the context may tell whether it is one."""
        return self.strength is not Strength.NONE

    @property
    def year(self) -> int | None:
        """The printed year; None if there is none, or several."""
        return self.years[0] if len(self.years) == 1 else None

    @property
    def system(self) -> bool:
        """True if the title is that of one report for a whole system of agencies (规划和自然资源系统)."""
        return self.agency.endswith("系统")

    @property
    def rank(self) -> int:
        """The position of the strength, from 0: the lower, the more the title says."""
        return list(Strength).index(self.strength)


def without_prefix(title: str) -> str:
    """Return a title without the label that a column prints before it (【年报】…, 年度报告：…)."""
    return pattern("label_before").sub("", title)


def strangers_words(text: str) -> list[str]:
    """Return the words of a text that are typical of hijacked domains, such as betting (code ``hijacked``)."""
    return next(regex for code, regex in _reasons("any") if code == "hijacked").findall(text)


@cache
def _reasons(where: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(row["code"], re.compile(any_word(row["words"]))) for row in words("reasons") if row["where"] == where]


def _reason_against(text: str, *where: str) -> str:
    """Return the code of the first reason against a title that has a word in ``text``, or "". ``where``: which part."""
    return next((code for place in where for code, regex in _reasons(place) if regex.search(text)), "")


# ----------------------------------------------------------------------------------------------------- head and tail


def clean_head(head: str) -> str:
    """Return the agency as printed, from the text before the words of a report."""
    for step in words("head_steps"):
        head = pattern(step).sub("", head)
    head = normalise(re.sub(r"^\(([^()]*)\)$", r"\1", head))
    below_columns = pattern("columns_before").sub("", head)  # 信息公开指南抚松县审计局
    return below_columns if looks_like_agency(below_columns) else head


def _is_name(head: str) -> bool:
    """True if a cleaned head is empty or can be an agency's name."""
    is_short = len(head) <= 8 and not pattern("label").search(head)
    is_text = pattern("sentence").search(head) or len(head) > MAX_NAME_CHARS or not pattern("han").search(head)
    return not head or (not is_text and (is_short or ends_as_agency(head)))


def _why_not_by_head(head: str, subject: str) -> str:
    """Return the code why ``head``, the text before 信息公开年度报告, shows that a title is no report's, or ""."""
    if reason := _reason_against(head, "any", "head"):
        return reason
    if verb := pattern("notice").search(head):
        return "news" if verb.start() and not verb[0].startswith("关于") else "notice"
    before = normalise(head.rstrip("#(")) if subject == "信息公开" else ""
    if pattern("other_regime_behind").search(before):
        return "other_regime"
    return "other_matter" if pattern("other_matter_behind").search(before) and not ends_as_agency(before) else ""


def _read_tail(text: str) -> tuple[str, str, bool]:
    """Read what follows a title: return the code why it is no report's (or ""), the agency in a bracket (or ""), and
    whether one has a group. Versions, dates, agencies and site names may follow; anything else is of another title.
    """
    reasons, agency, of_many, filler = list[str](), "", False, pattern("tail_filler")
    outside = pattern("bracket").sub("", text)
    if site := pattern("site_behind").search(outside):
        outside = outside[: site.start()]
        reasons.append(_reason_against(re.sub("政府(?:门户)?网站?$", "", site[1]), "any"))
    brackets = [match[1].strip("#:") for match in pattern("bracket").finditer(text)]
    for part in (outside, *(one for one in brackets if not pattern("dated").fullmatch(one))):
        reason = _reason_against(part, "any", "tail")
        if not filler.sub("", part):
            continue
        is_agency = ends_as_agency(part) and len(part) <= MAX_NAME_CHARS and reason in _HARMLESS_BEHIND
        if part is not outside and is_generic(part):
            of_many = True
        elif part is not outside and is_agency:
            agency = part
        elif not is_agency:
            reasons.append(reason or ("other_title" if part is outside else ""))
    return next(filter(None, reasons), ""), agency, of_many


# ------------------------------------------------------------------------------------------------------ the judgement


@lru_cache(maxsize=8192)
def judge_title(title: str | None, *, in_column: bool = False) -> TitleVerdict:
    """Judge a title by its words alone. Never raises; a text that is too long is not looked at.

    ``in_column``: it is in a column of annual reports, where "汶上县司法局2023年度报告" or "2023年" may be a report.
    """
    text = squeeze(title)
    if not text or len(text) > MAX_TITLE:
        return TitleVerdict("too_long" if text else "no_title")
    marked, years = mark_years(without_prefix(text))
    verdict = _judge_words(marked, years)
    is_open = verdict.reason in ("other_title", "other_report", "cut_title") and not verdict.says_report
    if not in_column or not is_open:
        return verdict
    if cut := _judge_cut(marked, years, in_column=True):
        return cut if cut.could_be else verdict
    return _judge_in_column(marked, years, has_year_word="年度" in text) or verdict


def _judge_words(marked: str, years: tuple[int, ...]) -> TitleVerdict:
    """Judge a title by the words of a report in it. ``marked``: with ``#`` for each of ``years``."""
    verdicts = list(_verdicts(marked, years))
    if not verdicts:
        return _judge_cut(marked, years) or TitleVerdict(_why_other(marked))
    refused = next((one for one in verdicts if not one.could_be and one.reason != "other_title"), None)
    best = refused or min(reversed(verdicts), key=lambda one: one.rank)  # in a path, the last part is the page
    if best.could_be and len(years) > 1 and not best.agency:  # 2008—2018: often a folder
        return replace(best, strength=Strength.FOLDER, reason="folder_title")
    return best


def _why_other(marked: str) -> str:
    """Return the code of what a title without the words of a report is."""
    without_agency = pattern("agency_of_other_matter").sub("", marked)
    return _reason_against(marked, "any") or _reason_against(without_agency, "other") or "other_title"


def _verdicts(marked: str, years: tuple[int, ...]) -> Iterator[TitleVerdict]:
    """Yield a verdict on each title in a text: usually one, but two in a path such as "年报>2023年…年度报告"."""
    cores = list(pattern("core").finditer(marked))[:MAX_TITLES_IN_ONE]
    starts = [0, *(match.end() for match in cores)]
    for start, match in zip(starts, cores, strict=False):
        tail = pattern("ellipsis").sub("", marked[match.end() :]) if match is cores[-1] else ""
        yield _judge_parts(marked[start : match.start()], match, tail, years)


def _judge_parts(head: str, core: re.Match[str], behind: str, years: tuple[int, ...]) -> TitleVerdict:
    """Judge a title by its head, its words of a report (``core``) and the text behind. ``years``: all in it."""
    why_not, tail_agency, tail_names_many = _read_tail(behind)
    subject = core["subject"]
    if reason := _why_not_by_head(head, subject) or why_not:
        return TitleVerdict(reason)
    agency = _whole_government(clean_head(head), subject)
    if not _is_name(agency):
        return TitleVerdict("other_title")
    of_many = is_generic(agency)
    if tail_agency and re.search("[省市县区旗州盟]$", agency) and not of_many:
        agency = f"{agency}({tail_agency})"
    else:
        agency = ("" if of_many else agency) or tail_agency
    generic, says_report = not agency and (of_many or tail_names_many), "报告" in core["ending"]
    if agency or generic:
        strength = Strength.FULL if years else Strength.UNDATED
    else:
        strength = Strength.COLUMN if not years else Strength.BARE if says_report else Strength.FOLDER
    reason = "report_title" if strength in (Strength.FULL, Strength.BARE) else f"{strength}_title"
    return TitleVerdict(
        reason, strength, agency, years, generic, pattern("corrected").search(behind) is not None, says_report
    )


def _whole_government(printed: str, subject: str) -> str:
    """Return "…人民政府" for the agency "…人民" if its 政府 was taken as part of the subject 政府信息公开."""
    return f"{printed}政府" if printed.endswith("人民") and subject.startswith("政府") else printed


def _judge_cut(marked: str, years: tuple[int, ...], *, in_column: bool = False) -> TitleVerdict | None:
    """Judge a title that a list cut off ("汶上县司法局2022年政府信息公开…"), in a column of reports (``in_column``)
    even before the words of a report; None if it is whole. ``marked``: the title with ``#`` for each of ``years``.
    """
    ellipsis = pattern("ellipsis").search(marked)
    if ellipsis is None:
        return None
    text = marked[: ellipsis.start()]
    subject = pattern("cut_subject").search(text)  # a whole 政府信息公开 at the end; else its beginning (政府信…)
    starts = range(max(0, len(text) - MAX_CUT_CHARS), len(text))
    begins = (at for at in starts if any(word.startswith(text[at:]) for word in words("subjects")))
    at = subject.start() if subject else next(begins, len(text))
    head, begun = text[:at], text[at:]
    fits = in_column or (years and len(begun) >= MIN_CUT_CHARS)
    if not fits or _reason_against(head, "any") or pattern("notice").search(head):
        return TitleVerdict(_why_other(text))
    agency = _whole_government(clean_head(head), begun)
    is_bare = not (years or begun)  # cut off within an agency's name: the end is no ending of a name
    can_be_one = len(text) >= MIN_CUT_NAME_CHARS if is_bare else _is_name(agency)
    if not can_be_one or pattern("sentence").search(agency) or not (agency or years):
        return TitleVerdict("other_title")
    is_dated = bool(subject and years)
    is_known = (is_dated or ends_as_agency(agency)) and not is_bare and not is_generic(agency)
    says_report = is_dated and ("年" in begun or in_column)
    return TitleVerdict("cut_title", Strength.CUT, agency if is_known else "", years, says_report=says_report)


def _judge_in_column(marked: str, years: tuple[int, ...], *, has_year_word: bool) -> TitleVerdict | None:
    """Judge a title without the words of a report in a column of reports, where a mere year, or an agency with a year
    (``has_year_word``: 年度), may be a report; None if it shows none.
    """
    ending = pattern("ending_in_column").search(marked)
    if len(years) != 1 or _reason_against(marked, "any"):
        return None
    if ending:
        verdict = _judge_parts(marked[: ending.start()], ending, marked[ending.end() :], years)
        strength = Strength.WEAK if verdict.agency else Strength.FOLDER
        can_be_one = verdict.could_be and ends_as_agency(verdict.agency or "局")
        return TitleVerdict("column_title", strength, verdict.agency, years, says_report=True) if can_be_one else None
    agency = clean_head(marked)
    if not agency:
        return TitleVerdict("column_title", Strength.FOLDER, years=years)
    is_agency = is_own_level(agency) or (looks_like_agency(agency) and not is_generic(agency))
    rest = marked.replace(agency, "", 1)
    of_year = has_year_word and re.fullmatch(r"[(\[【]?#[)\]】]?>?", rest)  # 司法局(2024年度), 2024年度>司法局
    if not is_agency or not _is_name(agency) or not (of_year or re.fullmatch("#(?:年度|年)?>", rest)):
        return None
    return TitleVerdict("headed_title", Strength.HEADED, agency, years if of_year else ())


def may_publish(title: str) -> bool:
    """True if some agencies publish the report itself under such a notice's title (关于公布…年报的公告, …年报公示)."""
    text = squeeze(title)
    marked = mark_years(text)[0] if len(text) <= MAX_TITLE else ""
    letter = pattern("publishing_letter").search(marked)
    if letter is None:
        return False
    head = marked[: letter.start()]
    return bool(pattern("publishing_verb").search(head)) or not _why_not_by_head(head, letter["subject"])
