"""Take a report's title apart: the head before its core (year and agency) and the tail behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from archive.file_endings import ENDINGS, HTML
from archive.identity.divisions import split
from archive.identity.naming import is_generic, looks_like_body, normalise
from archive.identity.wording import HEAD_NOISE, core, lead_words, reason_at_start, why, words

_DOUBLED = 4  # characters of a name from which it is no part of one if it stands there twice
# The page's own data behind a title, on its line.
_PAGES_DATA = re.compile(
    "(?:(?:信息|文章|稿件)?来源|(?:发布|发文|公开)?(?:时间|日期)|作者|浏览(?:次数|量)|点击(?:数|量)?|访问量|字[号体]):"
)
_NOTHING = re.compile(r"[\"'》〉>」\])、,.。;:!?·_|/~—–-]*")
_SITE = re.compile(r"^(?:--+|[_\-—–|·>/:<«»])")
# Behind a separator the name of the place's site, whole: no report on that site.
_PLACES_SITE = re.compile(r"[\u4e00-\u9fff]{2,20}[省市县区旗州盟镇乡](?:人民)?政府(?:门户|官方)?网站?")
_SEPARATOR = re.compile(r"--+|[_|·—–-]")
_EXTENSION = re.compile(r"^\.([A-Za-z0-9]{2,5})(?![A-Za-z0-9])")
_ENDING = re.compile(f"{ENDINGS}|{HTML}|txt", re.IGNORECASE)
_BRACKETS = re.compile(r"^[(\[【〔]([^()\[\]【】〔〕]{0,60})[)\]】〕]")
_HEAD_BRACKETS = re.compile(r"^(?:[\[【〔(][^\[\]【】〔〕()]{0,40}[\]】〕)])+(?=.)")
_BRACKETED_BODY = re.compile(r"^[\[【〔(]([^\[\]【】〔〕()#]{3,30})[\]】〕)](?:\(#\)|#)?(?:年度|年)?的?$")
SENTENCE = re.compile(r"[,。;!?$@%&=+]")
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]")
_ARTICLE = re.compile(
    r"第(?:[一二三四五六七八九十百]{1,4}|\d{1,3})[条章款](?![街路])"
)  # of the rule that a text is from
_NO_BODY = re.compile("公开|栏目|首页|位置|信息|目录|平台|网|报告|年报|专栏|查看|当前")
BODY = re.compile(
    r"(?:局|委|办|部|厅|院|会|社|署|处|所|站|队|中心|馆|校|学|司|团|银行|支行|分行|室|科|组|段|场|府|省|市|县|区|旗|州|盟|镇|乡|街道|苏木|村|联|台|库|园|宫|厂|矿|港|"
    r"海关|政协|人大|党委|系统|分局|单位|部门|协|城|地|办事处|师|连|湖|山|岛|办公|公署|基地|专班|机关|本级|\))$"
)


_SIGNS = "×✕✖╳■□●○◆◇▪•★☆\u25b6"  # of a viewer's bar or a list, before a title
# The mark of a page before a dash (Page 8 - 威海市…): no name begins so.
_PAGE_MARK = re.compile(r"^[A-Za-z]{1,12}\.?\d{1,4}[-—–_]+")
# "2022\n年安塞区司法局…": the figures went to another line; 年 begins names of towns, not those of counties
_LOST_YEAR = re.compile(r"^年(?!报)(?:度|(?=[^镇乡街]{0,8}[省市县区旗州]))")


# 广州海关2020年海关信息公开…: what the body works on, said again of the information
_AGAIN = re.compile(r"(?P<body>.{4,40})#(?:年度|年)?的?(?P<trade>[\u4e00-\u9fff]{2,4})")
# 林业局(本级), 海关总署(本级机关), 水利局机关: the body itself, without those below it. A place's 机关 may be any's.
_ITSELF = re.compile(
    r"(?:\((?:总?局|委|委员会|办|厅|院|署|部|会|社|处|[省市县区旗州盟镇乡])?(?:本级|本部)\)"
    r"|(?<=[^省市县区旗州盟镇乡])\((?:总?局|委|委员会|办|厅|院|署|部|会|社|处)?(?:机关|本级机关|机关本级)\)"
    r"|(?<=[^全各党本内外][局厅办院署部委会])(?:本级机关|机关本级|本级|机关))$"
)


def clean_head(head: str) -> str:
    """Give the agency as printed, from what stands before the core: years, decorations and "关于" out."""
    head = HEAD_NOISE.sub("", _PAGE_MARK.sub("", head.lstrip(_SIGNS)))
    rest = _HEAD_BRACKETS.sub("", head)
    head = _in_bracket(head) or (rest if rest else head)
    if "关于" in head:
        head = next((part for part in reversed(head.split("关于")) if re.search(r"[^#《\"]", part)), "")
    if (again := _AGAIN.fullmatch(head)) and again["trade"] in again["body"]:
        head = again["body"]
    head = re.sub(r"(?:\(#\)|#(?:年度|年)?)", "", head)
    if re.search(r"[:|>·_]", head):
        head = next((part for part in reversed(re.split(r"[:|>·_]", head)) if part), "")
    head = _LOST_YEAR.sub("", normalise(head))
    if not head.endswith(("少年", "青年")):
        head = head.removesuffix("的").removesuffix("年度").removesuffix("年")
    return _without_repeat(_ITSELF.sub("", _without_columns(head)))


@cache
def _columns() -> re.Pattern[str]:
    listed = "|".join(re.escape(word) for word in sorted(words("columns"), key=len, reverse=True))
    return re.compile(f"(?:(?:{listed})[>|/·-]?)+")


def _without_columns(name: str) -> str:
    """A body's name with its place without the menu items of a site before it (信息公开指南抚松县审计局)."""
    if (found := _columns().match(name)) is None:  # nearly all
        return name
    rest = name[found.end() :]
    return rest if looks_like_body(rest) and split(rest)[0] else name


def _without_repeat(name: str) -> str:
    """A name that is printed twice in a row, as a page's source and where its title begins, once."""
    half = len(name) // 2
    return name[:half] if half >= _DOUBLED and name == 2 * name[:half] else name


def _in_bracket(head: str) -> str:
    """The body that a bracket names before a year and nothing else ("[财政局]2024年"); "" if there is none."""
    match = _BRACKETED_BODY.match(head)
    return match[1] if match and looks_like_body(match[1]) and not is_generic(match[1]) else ""


def agency_like(head: str) -> bool:
    """Whether a cleaned head can be an agency's name (or is empty)."""
    if not head:
        return True
    if SENTENCE.search(head) or len(head) > 70 or not _HAN.search(head):
        return False
    return bool(BODY.search(head)) or (len(head) <= 8 and not _NO_BODY.search(head))


@dataclass(frozen=True, slots=True)
class Tail:
    """What follows the core. ``reason``: why it makes the title none; ``again``: the title begins anew here."""

    reason: str = ""
    agency: str = ""
    generic: bool = False
    corrected: bool = False
    again: str = ""


def _bracket(inner: str, tail: Tail) -> Tail:
    """Say what a bracket behind the title means: a version, an agency, a year, nothing, or that it is no report."""
    word = inner.strip("#:")
    if _corrects(word):
        return replace(tail, corrected=True)
    if word.lower() in words("tail_words") or word in words("dated_words"):
        return tail
    if is_generic(word):
        return replace(tail, generic=True)
    reason = why(word, "any", "tail")
    if BODY.search(word) and reason in ("", "news", "notice"):
        return replace(tail, agency=word)
    return replace(tail, reason=reason)


def _corrects(word: str) -> bool:
    """Whether a version's name says that it was corrected ("更正", "修订版", "2月更正")."""
    return any(correct in word for correct in words("corrected_words"))


@cache
def _tail_words() -> tuple[str, ...]:
    return tuple(sorted(words("tail_words"), key=len, reverse=True))


_LETTER = re.compile(r"(?:通知|函|公告|制度|办法|格式|编制说明)$")


def _site(text: str, tail: Tail) -> Tail:
    """Read what follows a separator: the site or column, sometimes the agency, or that it is no report."""
    if _PLACES_SITE.fullmatch(text):
        return tail
    reason = why(text, "any") or ("notice" if _LETTER.search(text) else "")
    return replace(tail, reason=reason, agency=tail.agency or _signed(text))


def _signed(text: str) -> str:
    """Give the agency behind a title; a government there is as often the site's name, so it is not taken."""
    name = normalise(text.lstrip("#-_|·—–> "))
    fits = 3 <= len(name) <= 30 and BODY.search(name) and not _NO_BODY.search(name) and not SENTENCE.search(name)
    return (
        name
        if fits and not name.endswith(("政府", "办公室", "办公厅", "县", "市", "区", "省", "州", "旗", ")"))
        else ""
    )


def read_tail(text: str) -> Tail:
    """Read the words behind a title's core, piece by piece."""
    tail = Tail()
    for _ in range(12):
        if not (text := text.removeprefix("#")) or _NOTHING.fullmatch(text):
            return tail
        if text[0] in "》〉\"'」,.。、;!?*":
            extension = _EXTENSION.match(text)
            if extension and extension[1].lower() in words("picture_endings"):
                return replace(tail, reason="derivative")
            text = text[extension.end() :] if extension and _ENDING.fullmatch(extension[1]) else text[1:]
        elif match := _BRACKETS.match(text):
            tail = _bracket(match[1], tail)
            text = text[match.end() :]
        elif _PAGES_DATA.match(text):
            return tail
        elif match := _SITE.match(text):
            return _site(text[match.end() :], tail)
        elif word := next((word for word in _tail_words() if text.lower().startswith(word)), ""):
            tail = replace(tail, corrected=tail.corrected or _corrects(word))
            text = text[len(word) :]
        else:
            return _last_words(text, tail)
        if tail.reason:
            return tail
    return replace(tail, reason="other_title")


def _last_words(text: str, tail: Tail) -> Tail:
    """Read a tail in words: the title again, the publisher's name, or what makes it no report."""
    if core().search(text):
        return replace(tail, again=text)
    if (cut := _SEPARATOR.search(text)) and cut.start():
        first = _last_words(text[: cut.start()], tail)
        return first if first.reason else _site(text[cut.end() :], first)
    reason = why(text, "any", "tail")
    if reason in ("", "news", "notice") and (name := _signed(text)):
        return replace(tail, agency=tail.agency or name)
    if not reason and BODY.search(text) and len(text) <= 40 and not SENTENCE.search(text):
        return tail
    return replace(tail, reason=reason or "other_title")


def head_reason(head: str, match: re.Match[str]) -> str:
    """Return why the words before a title's core make it no report ("" if nothing does)."""
    if _ARTICLE.match(head):
        return "rule"
    if reason := why(head, "any", "head") or reason_at_start(head):
        return reason
    about, verb = lead_words()
    if about.search(head):
        return "notice"
    if found := verb.search(head):
        # 新闻发布 … is part of a name only when a name's ending follows, which the pattern excludes
        return "news" if found.start() else "notice"
    if match["subject"] == "信息公开":
        before = head.rstrip("#(")
        if before.endswith(words("other_matter")) and not BODY.search(before):
            return "other_matter"
        if normalise(before).endswith(words("other_regime")):
            return "other_regime"
    return ""
