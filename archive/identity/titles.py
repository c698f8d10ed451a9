"""Decide whether a title is that of an annual report of 政府信息公开, or only looks like one.

The words and patterns lie in ``titles.toml``: a title is a *head* (agency, year), the words of a report
(政府信息公开…报告) and a *tail*. It is a report's if its head names an agency or nothing and its tail says nothing of
weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from archive.identity.names import ends_as_body, is_generic, is_own_level, looks_like_body, normalise
from archive.identity.text import MAX_TITLE, any_word, pattern, squeeze, words
from archive.identity.years import mark_years

MAX_NAME_CHARS, MAX_TITLES_IN_ONE, MIN_CUT_CHARS = 40, 6, 3


class Strength(StrEnum):
    """How much a title says by itself, the most telling first."""

    FULL = "full"  # an agency and a year
    BARE = "bare"  # a year and 报告, no agency
    UNDATED = "undated"  # an agency, no year
    FOLDER = "folder"  # a year and 年报, no agency: as often the link to a year's folder
    CUT = "cut"  # ends in an ellipsis
    COLUMN = "column"  # neither agency nor year: the name of the column
    HEADED = "headed"  # a body below a heading that is a year (2024年>司法局): it may be that of publication
    WEAK = "weak"  # agency, year and 年度报告 without saying of what
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """What a title is. ``could_be``: of the shape of a report's title; whether it is one may need the context.

    ``agency``: as printed ("" if none); ``generic``: an agency is named that could be any ("县级部门"); ``yearly``: the
    title says 报告, not only 年报 (a cut one: that it is a year's); ``reason``: code.
    """

    could_be: bool
    reason: str
    strength: Strength = Strength.NONE
    agency: str = ""
    years: tuple[int, ...] = ()
    generic: bool = False
    corrected: bool = False
    yearly: bool = False

    @property
    def year(self) -> int | None:
        """The year that is printed; None where none is, or several are."""
        return self.years[0] if len(self.years) == 1 else None

    @property
    def system(self) -> bool:
        """Whether it is one report for a whole system (规划和自然资源系统)."""
        return self.agency.endswith("系统")

    @property
    def rank(self) -> int:
        """Lower means that the title says more."""
        return list(Strength).index(self.strength)


def without_prefix(title: str) -> str:
    """Return a title without the label that a column prints before it (【年报】…, 年度报告：…)."""
    label = pattern("label_before").match(title)
    return title[label.end() :] if label else title


def strangers_words(text: str) -> frozenset[str]:
    """Return the words in a text that are of the trades into whose hands domains fall (code ``hijacked``)."""
    return frozenset(next(regex for code, regex in _reasons("any") if code == "hijacked").findall(text))


@cache
def _reasons(where: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(row["code"], re.compile(any_word(row["words"]))) for row in words("reasons") if row["where"] == where]


def _why(text: str, *where: str) -> str:
    """Return the code of the first reason whose words stand in the text ("" if none)."""
    return next((code for place in where for code, regex in _reasons(place) if regex.search(text)), "")


# ----------------------------------------------------------------------------------------------------- head and tail


def clean_head(head: str) -> str:
    """Return the agency as printed, from what stands before the report's words."""
    if ornament := pattern("ornament").match(head):
        head = head[ornament.end() :]
    while (bracket := pattern("bracket").match(head)) and (rest := head[bracket.end() :]):
        is_name = looks_like_body(bracket[1]) and not is_generic(bracket[1]) and not re.sub("#|[()年度的]", "", rest)
        head = bracket[1] if is_name else rest  # [财政局]2024年
    head = next((part for part in reversed(head.split("关于")) if re.search(r"[^#《\"]", part)), "")
    parts = re.split(r"[:|>·_]|--+", pattern("marked_year").sub("", head))
    head = normalise(next((part for part in reversed(parts) if part), ""))
    head = re.sub("(?<!少)(?<!青)(?:年度|年)?的?$", "", head)
    column = pattern("columns_before").match(head)  # 信息公开指南抚松县审计局
    return head[column.end() :] if column and looks_like_body(head[column.end() :]) else head


def _is_name(head: str) -> bool:
    """Whether a cleaned head can be an agency's name (or is empty)."""
    is_text = (
        pattern("sentence").search(head) or len(head) > MAX_NAME_CHARS or not re.search("[\u3400-\U0003ffff]", head)
    )
    is_short_name = len(head) <= 8 and not pattern("label").search(head)
    return not head or (not is_text and (ends_as_body(head) or is_short_name))


def _why_not_by_head(head: str, subject: str) -> str:
    """Return why the words before a report's words make the title none ("" if nothing does)."""
    if reason := _why(head, "any", "head"):
        return reason
    if verb := pattern("notice").search(head):
        return "news" if verb.start() and not verb[0].startswith("关于") else "notice"
    before = normalise(head.rstrip("#("))
    if subject != "信息公开":
        return ""
    if pattern("other_regime_behind").search(before):
        return "other_regime"
    return "other_matter" if pattern("other_matter_behind").search(before) and not ends_as_body(before) else ""


def _read_tail(text: str) -> tuple[str, str, bool]:
    """Return what stands behind a title: why it is none, the body that a bracket names, whether one names a group."""
    reasons, agency, is_of_many, filler = list[str](), "", False, pattern("tail_filler")
    for bracket in pattern("bracket").finditer(text):  # a version, an agency, a date, or that it is no report
        inside = bracket[1].strip("#:")
        if not filler.sub("", inside) or pattern("dated").fullmatch(inside):
            continue
        reason = "" if is_generic(inside) else _why(inside, "any", "tail")
        if is_generic(inside):
            is_of_many = True
        elif ends_as_body(inside) and reason in ("", "news", "notice"):
            agency = inside
        else:
            reasons.append(reason)
    outside = pattern("bracket").sub("", text)
    if site := pattern("site_behind").search(outside):
        outside = outside[: site.start()]
        reasons.append(_why(re.sub("政府(?:门户)?网站?$", "", site[1]), "any"))
    if filler.sub("", outside):
        reason = _why(outside, "any", "tail")
        is_signature = ends_as_body(outside) and len(outside) <= MAX_NAME_CHARS
        is_harmless = is_signature and reason in ("", "news", "notice")
        reasons.append("" if is_harmless else reason or "other_title")
    return next(filter(None, reasons), ""), agency, is_of_many


# ------------------------------------------------------------------------------------------------------ the judgement


def _refuse(reason: str) -> TitleVerdict:
    return TitleVerdict(could_be=False, reason=reason)


@lru_cache(maxsize=8192)
def judge(title: str | None) -> TitleVerdict:
    """Judge a title by its words alone. Never raises; bounded before anything else."""
    text = squeeze(title)
    if not text or len(text) > MAX_TITLE:
        return _refuse("too_long" if text else "no_title")
    marking = mark_years(without_prefix(text))
    verdicts = list(_verdicts(marking.marked, marking.years))
    if not verdicts:
        cut = pattern("ellipsis").search(marking.marked)
        return _judge_cut(marking.marked[: cut.start()], marking.years) if cut else _refuse(_why_other(marking.marked))
    refused = next((one for one in verdicts if not one.could_be and one.reason != "other_title"), None)
    best = refused or min(reversed(verdicts), key=lambda one: one.rank)  # a path names the page last
    if best.could_be and len(marking.years) > 1 and not best.agency:  # 2008—2018: as often a folder
        return replace(best, strength=Strength.FOLDER, reason="folder_title")
    return best


def _why_other(marked: str) -> str:
    """Return what a title without a report's words is."""
    return _why(marked, "any") or _why(pattern("body_of_other_matter").sub("", marked), "other") or "other_title"


def _verdicts(marked: str, years: tuple[int, ...]) -> Iterator[TitleVerdict]:
    """Yield a verdict on each of the titles in a text: as a rule one, in a path "年报>2023年…年度报告" two."""
    cores = list(pattern("core").finditer(marked))[:MAX_TITLES_IN_ONE]
    starts = [0, *(match.end() for match in cores)]
    for start, match in zip(starts, cores, strict=False):
        tail = "" if match is not cores[-1] else pattern("ellipsis").sub("", marked[match.end() :])
        yield _judge_parts(marked[start : match.start()], match["subject"], match["ending"], tail, years)


def _judge_parts(head: str, subject: str, ending: str, tail: str, years: tuple[int, ...]) -> TitleVerdict:
    why_not_by_tail, signer, is_signed_by_many = _read_tail(tail)
    if reason := _why_not_by_head(head, subject) or why_not_by_tail:
        return _refuse(reason)
    agency = _whole_government(clean_head(head), subject)
    if not _is_name(agency):
        return _refuse("other_title")
    of_many = is_generic(agency)
    if signer and re.search("[省市县区旗州盟]$", agency) and not of_many:
        agency = f"{agency}({signer})"
    else:
        agency = ("" if of_many else agency) or signer
    generic = not agency and (of_many or is_signed_by_many)
    yearly = "报告" in ending
    if agency or generic:
        strength = Strength.FULL if years else Strength.UNDATED
    else:
        strength = Strength.COLUMN if not years else Strength.BARE if yearly else Strength.FOLDER
    reason = "report_title" if strength in (Strength.FULL, Strength.BARE) else f"{strength}_title"
    corrected = pattern("corrected").search(tail) is not None
    return TitleVerdict(True, reason, strength, agency, years, generic, corrected, yearly)


def _whole_government(printed: str, subject: str) -> str:
    """Return "…人民政府" of "…人民政府信息公开…", where the word 政府 serves both."""
    return f"{printed}政府" if printed.endswith("人民") and subject.startswith("政府") else printed


def _judge_cut(body: str, years: tuple[int, ...], *, in_column: bool = False) -> TitleVerdict:
    """Judge a title that a list cut off: "汶上县司法局2022年政府信息公开…", in a column before its words begin too."""
    subject = pattern("cut_subject").search(body)
    starts = range(max(0, len(body) - 12), len(body))
    begins = (at for at in starts if any(word.startswith(body[at:]) for word in words("subjects")))
    at = subject.start() if subject else next(begins, len(body))
    head, begun = body[:at], body[at:]
    fits = in_column or (years and len(begun) >= MIN_CUT_CHARS)
    if not fits or _why(head, "any") or pattern("notice").search(head):
        return _refuse(_why_other(body))
    agency = _whole_government(clean_head(head), begun)
    is_bare = not (years or begun)  # what was cut within a body's name ends as none does
    can_be_one = len(body) >= 6 if is_bare else _is_name(agency)
    if not can_be_one or pattern("sentence").search(agency) or not (agency or years):
        return _refuse("other_title")
    is_told = bool(subject and years)
    is_known = (is_told or ends_as_body(agency)) and not is_bare and not is_generic(agency)
    yearly = is_told and ("年" in begun or in_column)
    return TitleVerdict(True, "cut_title", Strength.CUT, agency if is_known else "", years, yearly=yearly)


@lru_cache(maxsize=8192)
def judge_in_column(title: str | None) -> TitleVerdict:
    """Judge a title in a column of annual reports, where "汶上县司法局2023年度报告" and "2023年" may be one."""
    verdict, text = judge(title), squeeze(title)
    is_open = verdict.reason in ("other_title", "other_report", "cut_title") and len(text) <= MAX_TITLE
    if not is_open or (verdict.could_be and verdict.yearly):
        return verdict
    marking = mark_years(without_prefix(text))
    if cut := pattern("ellipsis").search(marking.marked):
        judged = _judge_cut(marking.marked[: cut.start()], marking.years, in_column=True)
        return judged if judged.could_be else verdict
    ending = pattern("ending_in_column").search(marking.marked)
    body = marking.marked[: ending.start()] if ending else marking.marked
    agency = clean_head(body)
    is_other = _why(marking.marked, "any") or (ending and _read_tail(marking.marked[ending.end() :])[0])
    if len(marking.years) != 1 or is_other or (agency and not ends_as_body(agency)) or not _is_name(agency):
        return verdict
    if ending or not agency:
        strength = Strength.WEAK if agency else Strength.FOLDER
        agency_name = "" if is_generic(agency) else agency
        return TitleVerdict(True, "column_title", strength, agency_name, marking.years, yearly=bool(ending))
    is_body = is_own_level(agency) or (looks_like_body(agency) and not is_generic(agency))
    rest = body.replace(agency, "", 1)
    of_year = "年度" in text and re.fullmatch(r"[(\[【]?#[)\]】]?", rest)  # 司法局(2024年度), 2024年度司法局
    if is_body and (of_year or re.fullmatch("#(?:年度|年)?>", rest)):
        return TitleVerdict(True, "headed_title", Strength.HEADED, agency, marking.years if of_year else ())
    return verdict


def may_publish(title: str) -> bool:
    """Whether a notice's title is one under which some publish the report itself (关于公布…年报的公告, …年报公示)."""
    text = squeeze(title)
    marked = mark_years(text).marked if len(text) <= MAX_TITLE else ""
    letter = pattern("publishing_letter").search(marked)
    if letter is None:
        return False
    head = marked[: letter.start()]
    return bool(pattern("publishing_verb").search(head)) or not _why_not_by_head(head, letter["subject"])
