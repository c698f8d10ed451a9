"""Decide whether a title is that of an annual report of 政府信息公开, or only looks like one.

A title is taken apart into *head* (agency and year), *core* (政府信息公开工作年度报告 and its variants) and *tail*; a
report's title has an agency or nothing for a head and nothing of weight for a tail. The words lie in ``titles.toml``;
each search is linear in a bounded text, so no title can make it slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from archive.file_endings import ENDINGS, HTML
from archive.identity.names import BODY, is_generic, is_own_level, looks_like_body, normalise
from archive.identity.text import MAX_TITLE, alternatives, data, squeeze
from archive.identity.years import Years, mark_years

MAX_HEAD_CHARS, MAX_PIECES = 70, 6
_ENDING = r"(?:工作|情况|年度|开展|的|总|#|\(#\)|告(?=年度报)){0,7}?(?:报告书?|年报|(?<=[#度])报)"
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+|⋯+|。{2,})$")
_NOISE = re.compile(
    r"(?:附件?\d{0,3}[:.、]?|标题:?|名称:?|(?:导出|下载|打印)(?:word|pdf|excel|本页|全文|原文|附件)?|[A-Za-z]{1,12}\.?\d{1,4}[-—–_]+"
    r"|[\d.、·•●■◆▪→>*\-—–_|×✕✖╳□○◇★☆▶\"']+|\(\d+\))+"
)
_SENTENCE = re.compile(r"[,。;!?$@%&=+]")
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]")
_NO_BODY = re.compile("公开|栏目|首页|位置|信息|目录|平台|网|报告|年报|专栏|查看|当前")
_PLACE_ONLY = re.compile("(?:省|市|县|区|旗|州|盟)$")
_BRACKET = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]{0,60})[)\]】〕]")
_SEPARATOR = re.compile(r"--+|[_\-—–|·>/:<«»]")
_SITE = re.compile("[\u4e00-\u9fff]{2,20}(?:人民政府|政府|委员会|局)?(?:门户)?(?:网站?|信息公开平台?)")
# Names of bodies hold words that are reasons elsewhere: 统计局, 行政执法局, 卫生和计划生育局.
_NAMED_SO = re.compile(
    "(?:统计|行政执法|综合执法|计划生育|法制|目录)[\u4e00-\u9fff]{0,4}?(?:局|委员会|大队|支队|总队|调查队|中心|办公室|委)"
)


class Strength(StrEnum):
    """How much a title says by itself, the most telling first."""

    FULL = "full"  # an agency and a year
    BARE = "bare"  # a year and 报告, no agency
    UNDATED = "undated"  # an agency, no year
    FOLDER = "folder"  # a year and 年报, no agency: as often the link to a year's folder
    CUT = "cut"  # ends in an ellipsis within the core
    COLUMN = "column"  # neither agency nor year: the name of the column
    BEGUN = "begun"  # ends in an ellipsis before it says of what it is
    HEADED = "headed"  # a body below a heading that is a year (2024年>司法局): it may be that of publication
    WEAK = "weak"  # agency, year and 年度报告 without saying of what
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """What a title is. ``could_be``: of the shape of a report's title; whether it is one may need the context.

    ``agency``: as printed ("" if none); ``generic``: an agency is named that could be any ("县级部门"); ``yearly``: the
    core says 报告, not only 年报; ``reason``: code.
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


@dataclass(frozen=True, slots=True)
class _Tail:
    """What follows the core. ``reason``: why it makes the title none."""

    reason: str = ""
    agency: str = ""
    generic: bool = False
    corrected: bool = False


@cache
def _words(key: str) -> tuple[str, ...]:
    return tuple(data("titles.toml")[key])


@cache
def core() -> re.Pattern[str]:
    """Return the pattern of a report's words: subject and ending; each printed year is ``#``."""
    return re.compile(f"(?P<subject>{alternatives(_words('subjects'))})(?P<ending>{_ENDING})")


@cache
def _reasons(where: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = [row for row in data("titles.toml")["reasons"] if row["where"] == where]
    return tuple((row["code"], re.compile(alternatives(row["words"]))) for row in rows)


def _why(text: str, *where: str) -> str:
    """Return the code of the first reason whose words stand in the text ("" if none)."""
    return next((code for place in where for code, pattern in _reasons(place) if pattern.search(text)), "")


@cache
def _lead() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return two patterns: 关于 and a verb of notices anywhere; such a verb right before the title proper."""
    verbs = "|".join(pattern.pattern for _, pattern in _reasons("lead"))
    return re.compile(f"关于(?:{verbs})"), re.compile(f"(?:{verbs})(?:了|好|的)?(?:本?[省市县区局]?)(?=#|《|关于|$)")


def tells_what_was_done(title: str) -> bool:
    """Whether a squeezed title has a verb of notices and news right before its subject (召开2023年…推进会)."""
    return _lead()[1].search(mark_years(title).marked) is not None


@cache
def _prefix() -> re.Pattern[str]:
    words = alternatives(_words("harmless_prefixes"))
    return re.compile(rf"\s*(?:[【\[(（](?:{words})[】\])）]|(?:{words})\s*[:：])\s*(?=.)")


def without_prefix(title: str) -> str:
    """Return a title without the label that a column prints before it (【年报】…, 年度报告：…)."""
    label = _prefix().match(title)
    return title[label.end() :] if label else title


def _refuse(reason: str) -> TitleVerdict:
    return TitleVerdict(could_be=False, reason=reason)


# ----------------------------------------------------------------------------------------------------- head and tail


def clean_head(head: str) -> str:
    """Return the agency as printed, from what stands before the core: years, decorations and "关于" left out."""
    head = _NOISE.sub("", head, count=1) if _NOISE.match(head) else head
    while (bracket := _BRACKET.match(head)) and bracket.end() < len(head):
        rest = head[bracket.end() :]
        is_name = looks_like_body(bracket[1]) and not is_generic(bracket[1]) and not re.sub("#|[()年度的]", "", rest)
        head = bracket[1] + rest if is_name else rest  # [财政局]2024年
    if "关于" in head:
        head = next((part for part in reversed(head.split("关于")) if re.search(r"[^#《\"]", part)), "")
    if (again := re.fullmatch(r"(.{4,40})#(?:年度|年)?的?([一-鿿]{2,4})", head)) and again[2] in again[1]:
        head = again[1]  # 广州海关2020年海关信息公开…
    head = re.sub(r"\(#\)|#(?:年度|年)?", "", head)
    head = next((part for part in reversed(re.split(r"[:|>·_]|--+", head)) if part), "")
    head = re.sub(
        "^年(?!报)(?=度|[^镇乡街]{0,8}[省市县区旗州])度?", "", normalise(head)
    )  # the figures went to another line
    head = re.sub("(?<!少)(?<!青)(?:年度|年)?的?$", "", head)
    column = _columns().match(head)  # 信息公开指南抚松县审计局
    return head[column.end() :] if column and looks_like_body(head[column.end() :]) else head


@cache
def _columns() -> re.Pattern[str]:
    return re.compile(f"(?:(?:{alternatives(_words('columns'))})[>|/·-]?)+")


def _is_agency_like(head: str) -> bool:
    """Whether a cleaned head can be an agency's name (or is empty)."""
    if not head:
        return True
    if _SENTENCE.search(head) or len(head) > MAX_HEAD_CHARS or not _HAN.search(head):
        return False
    return bool(BODY.search(head)) or (len(head) <= 8 and not _NO_BODY.search(head))


def _why_not_by_head(head: str, subject: str) -> str:
    """Return why the words before a title's core make it no report ("" if nothing does)."""
    start = re.sub(r"^[【\[(《\"#]+", "", head)
    start = _NOISE.sub("", start, count=1) if _NOISE.match(start) else start
    if re.match(r"第(?:[一二三四五六七八九十百]{1,4}|\d{1,3})[条章款](?![街路])", head):
        return "rule"
    if reason := _why(head, "any", "head"):
        return reason
    if reason := next((code for code, pattern in _reasons("start") if pattern.match(start)), ""):
        return reason
    about, verb = _lead()
    if about.search(head):
        return "notice"
    if found := verb.search(head):
        return "news" if found.start() else "notice"
    before = head.rstrip("#(")
    if subject == "信息公开" and normalise(before).endswith(_words("other_regime")):
        return "other_regime"
    if subject == "信息公开" and before.endswith(_words("other_matter")) and not BODY.search(before):
        return "other_matter"
    return ""


@cache
def _filler() -> re.Pattern[str]:
    """Return the pattern of what says nothing behind a title: signs, a file's ending, words like 全文."""
    signs = "[#》〉」\"',、。;!?*\\])]"
    words = alternatives(_words("tail_words"))
    return re.compile(rf"{signs}|\.?(?:{ENDINGS}|{HTML}|txt)(?![A-Za-z\d])|{words}", re.I)


@cache
def _picture() -> re.Pattern[str]:
    return re.compile(rf"\.?(?:{alternatives(_words('picture_endings'))})(?![A-Za-z\d])", re.I)


def _read_tail(text: str) -> _Tail:
    """Read the words behind a title's core, piece by piece."""
    tail = _Tail()
    while text and not tail.reason:
        if _picture().match(text):
            return replace(tail, reason="derivative")
        if bracket := _BRACKET.match(text):
            tail, text = _read_bracket(bracket[1].strip("#:"), tail), text[bracket.end() :]
        elif filler := _filler().match(text):
            tail, text = replace(tail, corrected=tail.corrected or _corrects(filler[0])), text[filler.end() :]
        elif separator := _SEPARATOR.match(text):
            return replace(tail, reason=_why_site(text[separator.end() :]))
        elif text[0] in ".(《":
            text = text[1:]
        else:
            return replace(tail, reason=_why_last_words(text))
    return tail


def _corrects(word: str) -> bool:
    return any(correct in word for correct in _words("corrected_words"))


def _read_bracket(word: str, tail: _Tail) -> _Tail:
    """Read a bracket behind the title: a version, an agency, a year, nothing, or that it is no report."""
    if _corrects(word):
        return replace(tail, corrected=True)
    if not word or word in _words("dated_words") or _filler().fullmatch(word):
        return tail
    if is_generic(word):
        return replace(tail, generic=True)
    reason = _why(word, "any", "tail")
    if BODY.search(word) and reason in ("", "news", "notice"):
        return replace(tail, agency=word)
    return replace(tail, reason=reason)


def _why_site(text: str) -> str:
    """Return why the words behind a separator, as a rule the name of a site or column, make a title none."""
    is_letter = re.search("(?:通知|函|公告|制度|办法|格式|编制说明)$", text)
    return "" if _SITE.fullmatch(text) else _why(text, "any") or ("notice" if is_letter else "")


def _why_last_words(text: str) -> str:
    """Return why the last words behind a title, which may be the name of who signs, make it none."""
    if (cut := _SEPARATOR.search(text)) and cut.start():
        return _why_last_words(text[: cut.start()]) or _why_site(text[cut.end() :])
    reason = _why(text, "any", "tail")
    if BODY.search(text) and len(text) <= 40 and not _SENTENCE.search(text):
        return "" if reason in ("news", "notice") else reason
    return reason or "other_title"


# ------------------------------------------------------------------------------------------------------ the judgement


@lru_cache(maxsize=8192)
def judge(title: str | None) -> TitleVerdict:
    """Judge a title by its words alone. Never raises; bounded before anything else."""
    text = squeeze(title)
    if not text or len(text) > MAX_TITLE:
        return _refuse("too_long" if text else "no_title")
    text = re.sub(r"政务公开\(政府信息公开\)|政府信息公开\(政务公开\)", "政府信息公开", text)
    marked = mark_years(without_prefix(text))
    cores = list(core().finditer(marked.marked))[:MAX_PIECES]
    if not cores:
        if cut := _ELLIPSIS.search(marked.marked):
            return _judge_cut(marked.marked[: cut.start()], marked.years)
        return _refuse(_why_no_core(marked.marked))
    starts = [0, *(match.end() for match in cores[:-1])]
    verdicts = [_judge_piece(marked, start, match) for start, match in zip(starts, cores, strict=True)]
    if refused := next((one for one in verdicts if not one.could_be and one.reason != "other_title"), None):
        return refused
    best = min(verdicts, key=lambda one: (one.rank, not one.years))
    if best.could_be and marked.span and len(marked.years) > 1:  # 2008—2018: as often a folder
        return replace(best, strength=Strength.FOLDER, reason="folder_title", years=marked.years)
    if best.could_be and not best.years and marked.years:  # the year stands in another of several titles
        strength = {Strength.UNDATED: Strength.FULL, Strength.COLUMN: Strength.FOLDER}.get(best.strength, best.strength)
        return replace(best, strength=strength, reason="report_title", years=marked.years)
    return best


def _why_no_core(marked: str) -> str:
    return _why(marked, "any") or _why(_NAMED_SO.sub("", marked), "other") or "other_title"


def _judge_piece(whole: Years, start: int, match: re.Match[str]) -> TitleVerdict:
    """Judge one report's title of a text that may print several: "年报>2023年…年度报告", or the same one twice."""
    head = whole.marked[start : match.start()]
    if reason := _why_not_by_head(head, match["subject"]):
        return _refuse(reason)
    is_last = core().search(whole.marked, match.end()) is None
    tail = _read_tail(_ELLIPSIS.sub("", whole.marked[match.end() :])) if is_last else _Tail()
    if tail.reason or (match["subject"] == "信息公开" and tail.agency.endswith(_words("other_regime"))):
        return _refuse(tail.reason or "other_regime")
    printed = _whole_government(clean_head(head), match["subject"])
    if not _is_agency_like(printed):
        return _refuse("other_title")
    first = whole.marked[:start].count("#")
    end = len(whole.marked) if is_last else match.end()
    years = tuple(dict.fromkeys(whole.printed[first : first + whole.marked[start:end].count("#")]))
    of_many = is_generic(printed)
    agency = "" if of_many else printed
    if tail.agency and not agency and not (of_many and len(printed) >= 4):
        agency = tail.agency
    elif tail.agency and _PLACE_ONLY.search(agency):
        agency = f"{agency}({tail.agency})"
    generic = tail.generic or (of_many and not agency)
    yearly = "报告" in match["ending"]
    if agency or generic:
        strength = Strength.FULL if years else Strength.UNDATED
    else:
        strength = Strength.COLUMN if not years else Strength.BARE if yearly else Strength.FOLDER
    return TitleVerdict(
        could_be=True,
        reason="report_title" if strength in (Strength.FULL, Strength.BARE) else f"{strength}_title",
        strength=strength,
        agency=agency,
        years=years,
        generic=generic and not agency,
        corrected=tail.corrected,
        yearly=yearly,
    )


def _whole_government(printed: str, subject: str) -> str:
    """Return "…人民政府" of "…人民政府信息公开…", where the word 政府 serves both."""
    return f"{printed}政府" if printed.endswith("人民") and subject.startswith("政府") else printed


def _judge_cut(body: str, years: tuple[int, ...], *, in_column: bool = False) -> TitleVerdict:
    """Judge a title that a listing cut off: "汶上县司法局2022年政府信息公开…", in a column before its core too."""
    subject = re.search(f"(?:{alternatives(_words('subjects'))})(?:工作|情况|年度|的|#|[()])*[年报工情]?$", body)
    ends = range(max(0, len(body) - 12), len(body))
    at = subject.start() if subject else next((at for at in ends if body[at:] in _beginnings()), len(body))
    head, begun = body[:at], body[at:]
    about, verb = _lead()
    fits = in_column or (years and len(begun) >= 3)
    if not fits or _why(head, "any") or about.search(head) or (verb.search(head) and (begun or years)):
        return _refuse(_why_no_core(body))
    agency = _whole_government(clean_head(head), begun)
    bare = not (years or begun)  # what was cut within a body's name ends as none does
    named = len(body) >= 6 if bare else _is_agency_like(agency)
    if not named or _SENTENCE.search(agency) or len(agency) > 40 or not (agency or years):
        return _refuse("other_title")
    strength = Strength.CUT if subject and years else Strength.BEGUN
    known = (strength is Strength.CUT or BODY.search(agency)) and not bare and not is_generic(agency)
    return TitleVerdict(True, "cut_title", strength, agency if known else "", years, yearly="年" in begun)


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(word[:end] for word in _words("subjects") for end in range(1, len(word) + 1))


@lru_cache(maxsize=8192)
def judge_in_column(title: str | None) -> TitleVerdict:
    """Judge a title in a column of annual reports, where "汶上县司法局2023年度报告" and "2023年" may be one."""
    verdict = judge(title)
    text = squeeze(title)
    if verdict.could_be or verdict.reason not in ("other_title", "other_report") or len(text) > MAX_TITLE:
        return verdict
    marked = mark_years(without_prefix(text))
    if cut := _ELLIPSIS.search(marked.marked):
        found = _judge_cut(marked.marked[: cut.start()], marked.years, in_column=True)
        return found if found.could_be else verdict
    ending = re.search("#?(?:年度工作|工作年度|年度)报告|#报告?|#?年报", marked.marked)
    body = marked.marked[: ending.start()] if ending else marked.marked
    tail = _read_tail(marked.marked[ending.end() :]) if ending else _Tail()
    if len(marked.years) != 1 or _why(marked.marked, "any") or tail.reason:
        return verdict
    agency = clean_head(body)
    if (agency and not BODY.search(agency)) or _SENTENCE.search(agency) or len(agency) > 40:
        return verdict
    if ending or not agency:
        kind = Strength.WEAK if agency else Strength.FOLDER
        named = "" if is_generic(agency) else agency
        return TitleVerdict(True, "column_title", kind, named, marked.years, yearly=bool(ending))
    is_body = is_own_level(agency) or (looks_like_body(agency) and not is_generic(agency))
    rest = body.replace(agency, "", 1)
    of_year = "年度" in text and re.fullmatch(r"[(\[【]?#[)\]】]?", rest)  # 司法局(2024年度), 2024年度司法局
    if is_body and (of_year or re.fullmatch("#(?:年度|年)?>", rest)):
        return TitleVerdict(True, "headed_title", Strength.HEADED, agency, marked.years if of_year else ())
    return verdict


# ------------------------------------------------------------------------------------- titles under which reports stand


@cache
def _publishing_notice() -> re.Pattern[str]:
    verbs, letters = (alternatives(_words(f"publishing_{words}")) for words in ("verbs", "letters"))
    return re.compile(f"关于.{{0,6}}?(?:{verbs}).{{0,60}}?{core().pattern}[#()》\"']{{0,4}}的?(?:{letters})$")


@cache
def _announcement() -> re.Pattern[str]:
    return re.compile(f"{core().pattern}[#()》\"']{{0,4}}的?(?:{alternatives(_words('announcing_letters'))})$")


def may_publish(title: str | None) -> bool:
    """Whether a notice's title is one under which some publish the report itself (关于公布…年报的公告, …年报公示)."""
    text = squeeze(title)
    marked = mark_years(text).marked if len(text) <= MAX_TITLE else ""
    announced = _announcement().search(marked)
    by_words = announced is not None and not _why_not_by_head(marked[: announced.start()], announced["subject"])
    return by_words or _publishing_notice().search(marked) is not None


def strangers_words(text: str) -> frozenset[str]:
    """Return the words in a text that are of the trades into whose hands domains fall (code ``hijacked``)."""
    rows = [row for row in data("titles.toml")["reasons"] if row["code"] == "hijacked"]
    return frozenset(word for row in rows for word in row["words"] if word in text)
