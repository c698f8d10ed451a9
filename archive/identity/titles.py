"""What is the title of an annual report of 政府信息公开, and what only looks like one.

A title is taken apart into *head* (agency and year), *core* (政府信息公开工作年度报告 and its variants) and *tail*; a report's
title has an agency or nothing for a head and nothing of weight for a tail. Words lie in ``titles.toml``; matching is by fixed
words on a bounded text, so no title can make it slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from archive.identity.names import is_generic, normalise
from archive.identity.text import MAX_TITLE, data, squeeze
from archive.identity.years import mark

_MAX_DEPTH = 3


class Strength(StrEnum):
    """How much a title says by itself."""

    FULL = "full"  # an agency and a year
    BARE = "bare"  # a year and 报告, no agency
    FOLDER = "folder"  # a year and 年报, no agency: as often the link to a year's folder
    UNDATED = "undated"  # an agency, no year
    COLUMN = "column"  # neither: the name of the column
    CUT = "cut"  # ends in an ellipsis within the core
    WEAK = "weak"  # agency, year and 年度报告 without saying of what
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """What a title is. ``could_be``: of the shape of a report's title; whether it is one may need the context.

    ``agency``: as printed ("" if none); ``year`` None with ``years`` of several entries: the title prints more than one.
    ``system``: one report for a whole system; ``generic``: an agency is named that could be any ("县级部门");
    ``yearly``: the core says 报告, not only 年报; ``reason``: code.
    """

    could_be: bool
    reason: str
    strength: Strength = Strength.NONE
    agency: str = ""
    year: int | None = None
    years: tuple[int, ...] = ()
    system: bool = False
    generic: bool = False
    corrected: bool = False
    yearly: bool = False


@cache
def _words(key: str) -> tuple[str, ...]:
    return tuple(data("titles.toml")[key])


def _alternatives(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def _core() -> re.Pattern[str]:
    return re.compile(f"(?P<subject>{_alternatives(_words('subjects'))})(?P<ending>{_alternatives(_words('endings'))})")


@cache
def _weak_core() -> re.Pattern[str]:
    return re.compile(f"(?P<ending>{_alternatives(_words('weak_endings'))})")


@cache
def _reasons(*where: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (entry["code"], re.compile(_alternatives(tuple(entry["words"]))))
        for entry in data("titles.toml")["reasons"]
        if entry["where"] in where
    )


def _reason(text: str, *where: str) -> str:
    return next((code for code, pattern in _reasons(*where) if pattern.search(text)), "")


def _reason_at_start(head: str) -> str:
    plain = _HEAD_NOISE.sub("", head.lstrip('【[(《"#'))
    return next((code for code, pattern in _reasons("start") if pattern.match(plain)), "")


@cache
def _lead() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = "|".join(pattern.pattern for _, pattern in _reasons("lead"))
    return re.compile(f"关于(?:{words})"), re.compile(f"(?:{words})(?:了|好|的)?(?:本?[省市县区局]?)(?=#|《|关于|$)")


_ELLIPSIS = re.compile(r"(?:\.{2,}|…+|⋯+|。{2,})$")
_NOTHING = re.compile(r"[\"'》〉>」\])、,.。;:!?·_|/~—–-]*")
_SITE = re.compile(r"^(?:--+|[_\-—–|·>/:<«»])")
_EXTENSION = re.compile(r"^\.([A-Za-z0-9]{2,5})(?![A-Za-z0-9])")
_BRACKETS = re.compile(r"^[(\[【〔]([^()\[\]【】〔〕]{0,60})[)\]】〕]")
_HEAD_BRACKETS = re.compile(r"^(?:[\[【〔(][^\[\]【】〔〕()]{0,40}[\]】〕)])+(?=.)")
_HEAD_NOISE = re.compile(r"^(?:附件?\d{0,3}[:.、]?|标题[:]?|名称[:]?|[\d.、·•●■◆▪→>*\-—–]+|\(\d+\)|\"|')+")
_SENTENCE = re.compile(r"[,。;!?$@%&=+]")
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]")
_PLACE_ONLY = re.compile("(?:省|市|县|区|旗|州|盟)$")
_NO_BODY = re.compile("公开|栏目|首页|位置|信息|目录|平台|网|报告|年报|专栏|查看|当前")
_BODY = re.compile(
    r"(?:局|委|办|部|厅|院|会|社|署|处|所|站|队|中心|馆|校|学|司|团|银行|室|科|组|段|场|府|省|市|县|区|旗|州|盟|镇|乡|街道|苏木|村|联|台|库|园|宫|厂|矿|港|"
    r"海关|政协|人大|党委|系统|分局|单位|部门|协|城|地|办事处|师|连|湖|山|岛|办公|公署|基地|专班|机关|本级|\))$"
)


def _not_a_title(reason: str) -> TitleVerdict:
    return TitleVerdict(could_be=False, reason=reason)


def _clean_head(head: str) -> str:
    """The agency as printed, from what stands before the core: years, decorations and "关于" out."""
    head = _HEAD_NOISE.sub("", head)
    rest = _HEAD_BRACKETS.sub("", head)
    head = rest if rest else head
    if "关于" in head:
        before, after = head.split("关于", 1)
        head = after if re.search(r"[^#《\"]", after) else before
    head = re.sub(r"(?:\(#\)|#(?:年度|年)?)", "", head)
    if re.search(r"[:|>·_]", head):
        head = next((part for part in reversed(re.split(r"[:|>·_]", head)) if part), "")
    head = normalise(head)
    return (
        head.removesuffix("的").removesuffix("年度").removesuffix("年") if not head.endswith(("少年", "青年")) else head
    )


def _agency_like(head: str) -> bool:
    if not head:
        return True
    if _SENTENCE.search(head) or len(head) > 70 or not _HAN.search(head):
        return False
    return bool(_BODY.search(head)) or (len(head) <= 8 and not _NO_BODY.search(head))


@dataclass(frozen=True, slots=True)
class _Tail:
    reason: str = ""
    agency: str = ""
    generic: bool = False
    corrected: bool = False
    again: TitleVerdict | None = None


def _bracket(inner: str, tail: _Tail) -> _Tail:
    """What a bracket behind the title says: a version, an agency, a year, nothing of weight, or that it is no report."""
    word = inner.strip("#:")
    if not word or word.isdigit() or word in _words("tail_words") or word.lower() in _words("tail_words"):
        return replace(tail, corrected=tail.corrected or word in _words("corrected_words"))
    if any(correct in word for correct in _words("corrected_words")):
        return replace(tail, corrected=True)
    if is_generic(word):
        return replace(tail, generic=True)
    reason = _reason(word, "any", "tail")
    if _BODY.search(word) and reason in ("", "news", "notice"):
        return replace(tail, agency=word)
    return replace(tail, reason=reason)


_LETTER = re.compile(r"(?:通知|函|公告|制度|办法|格式|编制说明)$")


def _site(text: str, tail: _Tail) -> _Tail:
    """What follows a separator: the name of the site or column, sometimes the agency, sometimes that it is no report."""
    reason = _reason(text, "any") or ("notice" if _LETTER.search(text) else "")
    return replace(tail, reason=reason, agency=tail.agency or _signed(text))


def _signed(text: str) -> str:
    """An agency standing behind a title; a government there is as often the site's name, so it is not taken."""
    name = normalise(text)
    fits = 3 <= len(name) <= 30 and _BODY.search(name) and not _NO_BODY.search(name) and not _SENTENCE.search(name)
    return (
        name
        if fits and not name.endswith(("政府", "办公室", "办公厅", "县", "市", "区", "省", "州", "旗", ")"))
        else ""
    )


def _read_tail(text: str, depth: int) -> _Tail:
    tail = _Tail()
    for _ in range(12):
        if not (text := text.removeprefix("#")) or _NOTHING.fullmatch(text):
            return tail
        if text[0] in "》〉\"'」,.。、;!?*":
            extension = _EXTENSION.match(text)
            if extension and extension[1].lower() in _words("picture_endings"):
                return replace(tail, reason="derivative")
            text = text[extension.end() :] if extension and extension[1].lower() in _words("file_endings") else text[1:]
        elif match := _BRACKETS.match(text):
            tail = _bracket(match[1], tail)
            text = text[match.end() :]
        elif match := _SITE.match(text):
            return _site(text[match.end() :], tail)
        elif word := next(
            (word for word in sorted(_words("tail_words"), key=len, reverse=True) if text.lower().startswith(word)), ""
        ):
            tail = replace(tail, corrected=tail.corrected or word in _words("corrected_words"))
            text = text[len(word) :]
        else:
            return _last_words(text, tail, depth)
        if tail.reason:
            return tail
    return replace(tail, reason="other_title")


def _last_words(text: str, tail: _Tail, depth: int) -> _Tail:
    """A tail in words: the title again, the publisher's name, or what makes it no report."""
    if depth < _MAX_DEPTH and _core().search(text):
        again = _judge(text, depth + 1)
        return replace(tail, again=again) if again.could_be else replace(tail, reason=again.reason)
    reason = _reason(text, "any", "tail")
    if reason in ("", "news", "notice") and (name := _signed(text)):
        return replace(tail, agency=tail.agency or name)
    if not reason and _BODY.search(text) and len(text) <= 40 and not _SENTENCE.search(text):
        return tail
    return replace(tail, reason=reason or "other_title")


def _head_reason(head: str, match: re.Match[str]) -> str:
    """Why what stands before the core makes it no report ("" if nothing does)."""
    if reason := _reason(head, "any", "head") or _reason_at_start(head):
        return reason
    about, verb = _lead()
    if about.search(head):
        return "notice"
    if found := verb.search(head):
        # 新闻发布 … is part of a name only when a name's ending follows, which the pattern excludes
        return "news" if found.start() else "notice"
    if match["subject"] == "信息公开":
        before = head.rstrip("#(")
        if before.endswith(_words("other_matter")) and not _BODY.search(before):
            return "other_matter"
        if normalise(before).endswith(_words("other_regime")):
            return "other_regime"
    return ""


def _strength(agency: str, year: bool, ending: str, generic: bool) -> Strength:
    yearly = "报告" in ending
    if agency or generic:
        return Strength.FULL if year else Strength.UNDATED
    if year:
        return Strength.BARE if yearly else Strength.FOLDER
    return Strength.COLUMN


def _judge(text: str, depth: int) -> TitleVerdict:
    marked = mark(text)
    body = marked.marked
    cut = _ELLIPSIS.search(body)
    match = _core().search(body)
    if not match:
        return (
            _judge_cut(body[: cut.start()], marked.years)
            if cut
            else _not_a_title(_reason(body, "any", "other") or "other_title")
        )
    head, rest = body[: match.start()], body[match.end() :]
    if reason := _head_reason(head, match):
        return _not_a_title(reason)
    tail = _read_tail(_ELLIPSIS.sub("", rest), depth)
    if tail.reason:
        return _not_a_title(tail.reason)
    printed = _clean_head(head)
    if printed.endswith("人民") and match["subject"].startswith("政府"):
        printed += "政府"  # "…人民政府信息公开…": the word 政府 serves both
    if not _agency_like(printed):
        return _not_a_title("other_title")
    generic = tail.generic or is_generic(printed)
    agency = "" if is_generic(printed) else printed
    if tail.agency and not agency:
        agency = tail.agency
    elif tail.agency and _PLACE_ONLY.search(agency):
        agency = f"{agency}({tail.agency})"
    if tail.again and not agency:
        agency = tail.again.agency
    year = marked.years[0] if len(marked.years) == 1 else None
    strength = _strength(agency, bool(marked.years), match["ending"], generic)
    if marked.span and year is None:
        strength = Strength.FOLDER
    return TitleVerdict(
        could_be=True,
        reason="report_title" if strength in (Strength.FULL, Strength.BARE) else f"{strength}_title",
        strength=strength,
        agency=agency,
        year=year,
        years=marked.years,
        system=agency.endswith("系统"),
        generic=generic and not agency,
        corrected=tail.corrected,
        yearly="报告" in match["ending"],
    )


def _judge_cut(body: str, years: tuple[int, ...]) -> TitleVerdict:
    """A title that a listing cut off within the core: "汶上县司法局2022年政府信息公开工作年…"."""
    subject = next((word for word in _words("subjects") if word in body), "")
    if not subject:
        return _not_a_title(_reason(body, "any", "other") or "other_title")
    head, begun = body.split(subject, 1)
    fits = any(ending.startswith(begun) for ending in _words("endings"))
    about, verb = _lead()
    if not fits or _reason(head, "any") or about.search(head) or verb.search(head):
        return _not_a_title(_reason(body, "any", "other") or "other_title")
    agency = _clean_head(head)
    if not _agency_like(agency) or not years:
        return _not_a_title("other_title")
    return TitleVerdict(
        could_be=True,
        reason="cut_title",
        strength=Strength.CUT,
        agency="" if is_generic(agency) else agency,
        year=years[0] if len(years) == 1 else None,
        years=years,
        yearly="年" in begun,
    )


@lru_cache(maxsize=8192)
def judge(title: str | None) -> TitleVerdict:
    """Judge a title by its words alone. Never raises; bounded before anything else."""
    text = squeeze(title)
    if not text:
        return _not_a_title("no_title")
    if len(text) > MAX_TITLE:
        return _not_a_title("too_long")
    return _judge(text, 0)


@lru_cache(maxsize=4096)
def judge_in_column(title: str | None) -> TitleVerdict:
    """Judge a title known to stand in a column of annual reports, where "汶上县司法局2023年度报告" and "2023年" may be one."""
    verdict = judge(title)
    text = squeeze(title)
    if verdict.could_be or verdict.reason not in ("other_title", "other_report") or len(text) > MAX_TITLE:
        return verdict
    marked = mark(text)
    if len(marked.years) > 1 or _reason(marked.marked, "any"):
        return verdict
    match = _weak_core().search(marked.marked)
    body = marked.marked[: match.start()] if match else marked.marked
    if match and _read_tail(marked.marked[match.end() :], _MAX_DEPTH).reason:
        return verdict
    agency = _clean_head(body)
    if not marked.years or (agency and not _BODY.search(agency)) or _SENTENCE.search(agency) or len(agency) > 40:
        return verdict
    if not match and agency:
        return verdict
    return TitleVerdict(
        could_be=True,
        reason="column_title",
        strength=Strength.WEAK if agency else Strength.FOLDER,
        agency="" if is_generic(agency) else agency,
        year=marked.years[0],
        years=marked.years,
        yearly=bool(match),
    )
