"""Decide whether a title is that of an annual report of 政府信息公开, or only looks like one.

The grammar lies in ``titles.toml``: a title is a *head* (agency, year), the words of a report (政府信息公开…报告) and a
*tail*. It is a report's if its head names an agency or nothing and its tail says nothing of weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from archive.file_endings import ENDINGS, HTML
from archive.identity.names import BODY, is_generic, is_own_level, looks_like_body, normalise
from archive.identity.text import MAX_TITLE, alternatives, data, squeeze
from archive.identity.years import mark_years

MAX_NAME_CHARS, MAX_TITLES_IN_ONE, MIN_CUT_CHARS = 40, 6, 3
_BRACKET = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]{0,60})[)\]】〕]")
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+|⋯+|。{2,})$")
_SENTENCE = re.compile(r"[,。;!?$@%&=+]")
_YEAR = re.compile(r"\(#\)|#(?:年度|年)?")
# What lists print before a title: numbers, signs, 附件1, "导出word".
_ORNAMENT = re.compile(
    r"(?:附件?\d{0,3}[:.、]?|(?:导出|下载|打印)(?:word|pdf|excel|本页|全文|原文|附件)?|\(\d+\)|[^\w()\[\]【】《》#]|\d)+"
)
_SITE = re.compile(r"(?:--+|[_\-—–|·>/:<«»])(.*)$")


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


@cache
def _any_of(key: str, pattern: str = "{}") -> re.Pattern[str]:
    """Return a pattern with the words of the grammar that stand under ``key`` in it."""
    return re.compile(pattern.replace("{}", f"(?:{alternatives(data('titles.toml')[key])})"), re.I)


@cache
def core() -> re.Pattern[str]:
    """Return the pattern of a report's words: subject and ending; each printed year is ``#``."""
    subjects = alternatives(data("titles.toml")["subjects"])
    ending = r"(?:工作|情况|年度|开展|的|总|#|\(#\)|告(?=年度报)){0,7}?(?:报告书?|年报|(?<=[#度])报)"
    return re.compile(f"(?P<subject>{subjects})(?P<ending>{ending})")


@cache
def _reasons(where: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = [row for row in data("titles.toml")["reasons"] if row["where"] == where]
    return tuple((row["code"], re.compile(alternatives(row["words"]))) for row in rows)


def _why(text: str, *where: str) -> str:
    """Return the code of the first reason whose words stand in the text ("" if none)."""
    return next((code for place in where for code, pattern in _reasons(place) if pattern.search(text)), "")


@cache
def _notice() -> re.Pattern[str]:
    """Return the pattern of a verb of notices behind 关于, or right before the title proper (召开2023年…推进会)."""
    verbs = _reasons("lead")[0][1].pattern
    return re.compile(f"关于(?:{verbs})|(?:{verbs})(?:了|好|的)?(?:本?[省市县区局]?)(?=#|《|关于|$)")


def tells_what_was_done(title: str) -> bool:
    """Whether a squeezed title is a notice or news by its verb (召开2023年…推进会)."""
    return _notice().search(mark_years(title).marked) is not None


def without_prefix(title: str) -> str:
    """Return a title without the label that a column prints before it (【年报】…, 年度报告：…)."""
    label = _any_of("harmless_prefixes", r"\s*(?:[【\[(（]{}[】\])）]|{}\s*[:：])\s*(?=.)").match(title)
    return title[label.end() :] if label else title


def strangers_words(text: str) -> frozenset[str]:
    """Return the words in a text that are of the trades into whose hands domains fall (code ``hijacked``)."""
    return frozenset(_reasons("any")[0][1].findall(text))


# ----------------------------------------------------------------------------------------------------- head and tail


def clean_head(head: str) -> str:
    """Return the agency as printed, from what stands before the report's words."""
    if ornament := _ORNAMENT.match(head):
        head = head[ornament.end() :]
    while (bracket := _BRACKET.match(head)) and (rest := head[bracket.end() :]):
        is_name = looks_like_body(bracket[1]) and not is_generic(bracket[1]) and not re.sub("#|[()年度的]", "", rest)
        head = bracket[1] if is_name else rest  # [财政局]2024年
    head = next((part for part in reversed(head.split("关于")) if re.search(r"[^#《\"]", part)), "")
    parts = re.split(r"[:|>·_]|--+", _YEAR.sub("", head))
    head = normalise(next((part for part in reversed(parts) if part), ""))
    head = re.sub("(?<!少)(?<!青)(?:年度|年)?的?$", "", head)
    column = _any_of("columns", "(?:{}[>|/·-]?)+").match(head)  # 信息公开指南抚松县审计局
    return head[column.end() :] if column and looks_like_body(head[column.end() :]) else head


def _is_name(head: str) -> bool:
    """Whether a cleaned head can be an agency's name (or is empty)."""
    if not head:
        return True
    is_text = _SENTENCE.search(head) or len(head) > MAX_NAME_CHARS or not re.search("[\u3400-\U0003ffff]", head)
    is_label = re.search("公开|栏目|首页|位置|信息|目录|平台|网|报告|年报|专栏|查看|当前", head)
    return not is_text and bool(BODY.search(head) or (len(head) <= 8 and not is_label))


def _why_not_by_head(head: str, subject: str) -> str:
    """Return why the words before a report's words make the title none ("" if nothing does)."""
    if reason := _why(head, "any", "head"):
        return reason
    if verb := _notice().search(head):
        return "news" if verb.start() and not verb[0].startswith("关于") else "notice"
    before = normalise(head.rstrip("#("))
    if subject != "信息公开":
        return ""
    if _any_of("other_regime", "{}$").search(before):
        return "other_regime"
    is_other = _any_of("other_matter", "{}$").search(before) and not BODY.search(before)
    return "other_matter" if is_other else ""


@dataclass(frozen=True, slots=True)
class _Tail:
    """What follows the report's words. ``reason``: why it makes the title none."""

    reason: str = ""
    agency: str = ""
    generic: bool = False


def _without_fillers(text: str) -> str:
    """Return what is left behind a title without signs, endings of files, and words like 全文."""
    signs = r"[#》〉」\"',、。;!?*\])(.《]"
    return _any_of("tail_words", rf"{signs}|\.?(?:{ENDINGS}|{HTML}|txt)(?![A-Za-z\d])|{{}}").sub("", text)


def _read_tail(text: str) -> _Tail:
    """Read what stands behind a title: brackets, the name of who signs, the name of a site or column."""
    found = [_read_bracket(bracket[1].strip("#:")) for bracket in _BRACKET.finditer(text)]
    words = _BRACKET.sub("", text)
    if site := _SITE.search(words):
        words = words[: site.start()]
        found.append(_Tail(_why(re.sub("政府(?:门户)?网站?$", "", site[1]), "any")))
    if _without_fillers(words):
        reason, is_signature = _why(words, "any", "tail"), BODY.search(words) and len(words) <= MAX_NAME_CHARS
        found.append(
            _Tail((reason if reason not in ("news", "notice") else "") if is_signature else reason or "other_title")
        )
    reason = next((one.reason for one in found if one.reason), "")
    agency = next((one.agency for one in reversed(found) if one.agency), "")
    return _Tail(reason, agency, any(one.generic for one in found))


def _read_bracket(word: str) -> _Tail:
    """Read a bracket behind the title: a version, an agency, a date, or that it is no report."""
    if not _without_fillers(word) or _any_of("dated_words").fullmatch(word):
        return _Tail()
    if is_generic(word):
        return _Tail(generic=True)
    reason = _why(word, "any", "tail")
    return _Tail(agency=word) if BODY.search(word) and reason in ("", "news", "notice") else _Tail(reason)


# ------------------------------------------------------------------------------------------------------ the judgement


def _refuse(reason: str) -> TitleVerdict:
    return TitleVerdict(could_be=False, reason=reason)


@lru_cache(maxsize=8192)
def judge(title: str | None) -> TitleVerdict:
    """Judge a title by its words alone. Never raises; bounded before anything else."""
    text = squeeze(title)
    if not text or len(text) > MAX_TITLE:
        return _refuse("too_long" if text else "no_title")
    found = mark_years(without_prefix(text))
    verdicts = list(_verdicts(found.marked, found.years))
    if not verdicts:
        cut = _ELLIPSIS.search(found.marked)
        return _judge_cut(found.marked[: cut.start()], found.years) if cut else _refuse(_why_other(found.marked))
    refused = next((one for one in verdicts if not one.could_be and one.reason != "other_title"), None)
    best = refused or min(reversed(verdicts), key=lambda one: one.rank)  # a path names the page last
    if best.could_be and len(found.years) > 1 and not best.agency:  # 2008—2018: as often a folder
        return replace(best, strength=Strength.FOLDER, reason="folder_title")
    return best


def _why_other(marked: str) -> str:
    """Return what a title without a report's words is. Names of bodies hold such words, too (统计局, 行政执法局)."""
    bodies = (
        "(?:统计|行政执法|综合执法|计划生育|法制|目录)[一-鿿]{0,4}?(?:局|委员会|大队|支队|总队|调查队|中心|办公室|委)"
    )
    return _why(marked, "any") or _why(re.sub(bodies, "", marked), "other") or "other_title"


def _verdicts(marked: str, years: tuple[int, ...]) -> Iterator[TitleVerdict]:
    """Yield a verdict on each of the titles in a text: as a rule one, in a path "年报>2023年…年度报告" two."""
    cores = list(core().finditer(marked))[:MAX_TITLES_IN_ONE]
    starts = [0, *(match.end() for match in cores)][: len(cores)]
    for start, match in zip(starts, cores, strict=True):
        head, tail = marked[start : match.start()], _ELLIPSIS.sub("", marked[match.end() :])
        yield _judge_parts(head, match["subject"], match["ending"], "" if match is not cores[-1] else tail, years)


def _judge_parts(head: str, subject: str, ending: str, tail_text: str, years: tuple[int, ...]) -> TitleVerdict:
    tail = _read_tail(tail_text)
    if reason := _why_not_by_head(head, subject) or tail.reason:
        return _refuse(reason)
    agency = _whole_government(clean_head(head), subject)
    if not _is_name(agency):
        return _refuse("other_title")
    of_many = is_generic(agency)
    if tail.agency and re.search("[省市县区旗州盟]$", agency) and not of_many:
        agency = f"{agency}({tail.agency})"
    else:
        agency = ("" if of_many else agency) or tail.agency
    generic = not agency and (of_many or tail.generic)
    yearly = "报告" in ending
    if agency or generic:
        strength = Strength.FULL if years else Strength.UNDATED
    else:
        strength = Strength.COLUMN if not years else Strength.BARE if yearly else Strength.FOLDER
    is_plain = strength in (Strength.FULL, Strength.BARE)
    reason = "report_title" if is_plain else f"{strength}_title"
    corrected = _any_of("corrected_words").search(tail_text) is not None
    return TitleVerdict(True, reason, strength, agency, years, generic, corrected, yearly)


def _whole_government(printed: str, subject: str) -> str:
    """Return "…人民政府" of "…人民政府信息公开…", where the word 政府 serves both."""
    return f"{printed}政府" if printed.endswith("人民") and subject.startswith("政府") else printed


def _judge_cut(body: str, years: tuple[int, ...], *, in_column: bool = False) -> TitleVerdict:
    """Judge a title that a list cut off: "汶上县司法局2022年政府信息公开…", in a column before its words begin too."""
    subject = _any_of("subjects", r"{}(?:工作|情况|年度|的|#|[()])*[年报工情]?$").search(body)
    starts = range(max(0, len(body) - 12), len(body))
    at = subject.start() if subject else next((at for at in starts if body[at:] in _beginnings()), len(body))
    head, begun = body[:at], body[at:]
    fits = in_column or (years and len(begun) >= MIN_CUT_CHARS)
    if not fits or _why(head, "any") or _notice().search(head):
        return _refuse(_why_other(body))
    agency = _whole_government(clean_head(head), begun)
    is_bare = not (years or begun)  # what was cut within a body's name ends as none does
    if not (len(body) >= 6 if is_bare else _is_name(agency)) or _SENTENCE.search(agency) or not (agency or years):
        return _refuse("other_title")
    is_told = bool(subject and years)
    is_known = (is_told or BODY.search(agency)) and not is_bare and not is_generic(agency)
    yearly = is_told and ("年" in begun or in_column)
    return TitleVerdict(True, "cut_title", Strength.CUT, agency if is_known else "", years, yearly=yearly)


@cache
def _beginnings() -> frozenset[str]:
    words = data("titles.toml")["subjects"]
    return frozenset(word[:end] for word in words for end in range(1, len(word) + 1))


@lru_cache(maxsize=8192)
def judge_in_column(title: str | None) -> TitleVerdict:
    """Judge a title in a column of annual reports, where "汶上县司法局2023年度报告" and "2023年" may be one."""
    verdict, text = judge(title), squeeze(title)
    is_open = verdict.reason in ("other_title", "other_report", "cut_title") and len(text) <= MAX_TITLE
    if not is_open or (verdict.could_be and verdict.yearly):
        return verdict
    found = mark_years(without_prefix(text))
    if cut := _ELLIPSIS.search(found.marked):
        judged = _judge_cut(found.marked[: cut.start()], found.years, in_column=True)
        return judged if judged.could_be else verdict
    ending = re.search("#?(?:年度工作|工作年度|年度)报告|#报告?|#?年报", found.marked)
    body = found.marked[: ending.start()] if ending else found.marked
    agency = clean_head(body)
    is_other = _why(found.marked, "any") or (ending and _read_tail(found.marked[ending.end() :]).reason)
    if len(found.years) != 1 or is_other or (agency and not BODY.search(agency)) or not _is_name(agency):
        return verdict
    if ending or not agency:
        strength = Strength.WEAK if agency else Strength.FOLDER
        named = "" if is_generic(agency) else agency
        return TitleVerdict(True, "column_title", strength, named, found.years, yearly=bool(ending))
    is_body = is_own_level(agency) or (looks_like_body(agency) and not is_generic(agency))
    rest = body.replace(agency, "", 1)
    of_year = "年度" in text and re.fullmatch(r"[(\[【]?#[)\]】]?", rest)  # 司法局(2024年度), 2024年度司法局
    if is_body and (of_year or re.fullmatch("#(?:年度|年)?>", rest)):
        return TitleVerdict(True, "headed_title", Strength.HEADED, agency, found.years if of_year else ())
    return verdict


def may_publish(title: str | None) -> bool:
    """Whether a notice's title is one under which some publish the report itself (关于公布…年报的公告, …年报公示)."""
    text = squeeze(title)
    marked = mark_years(text).marked if len(text) <= MAX_TITLE else ""
    letter = _any_of("publishing_letters", rf"{core().pattern}[#()》\"']{{0,4}}的?{{}}$").search(marked)
    if letter is None:
        return False
    head = marked[: letter.start()]
    return _any_of("publishing_verbs", "关于.{0,6}?{}").search(head) is not None or not _why_not_by_head(
        head, letter["subject"]
    )
