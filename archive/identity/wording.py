"""The words of ``titles.toml`` as patterns: alternatives of fixed words, so every search is linear in the title."""

from __future__ import annotations

import re
from functools import cache

from archive.identity.text import MAX_TITLE, data, squeeze
from archive.identity.years import mark_years

#: What stands before a title in lists: bullets, numbers, 附件1:, a page's buttons (导出word).
HEAD_NOISE = re.compile(
    r"^(?:附件?\d{0,3}[:.、]?|标题[:]?|名称[:]?|(?:导出|下载|打印)(?:word|pdf|excel|本页|全文|原文|附件)?|[\d.、·•●■◆▪→>*\-—–]+|\(\d+\)|\"|')+"
)


@cache
def words(key: str) -> tuple[str, ...]:
    """Give one list of words."""
    return tuple(data("titles.toml")[key])


def _alternatives(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def core() -> re.Pattern[str]:
    """Give the pattern of a report's words: subject and ending."""
    return re.compile(f"(?P<subject>{_alternatives(words('subjects'))})(?P<ending>{_alternatives(words('endings'))})")


@cache
def weak_core() -> re.Pattern[str]:
    """Give the pattern of endings that say 年度报告 without saying of what."""
    return re.compile(f"(?P<ending>{_alternatives(words('weak_endings'))})")


@cache
def _reasons(*where: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (entry["code"], re.compile(_alternatives(tuple(entry["words"]))))
        for entry in data("titles.toml")["reasons"]
        if entry["where"] in where
    )


def why(text: str, *where: str) -> str:
    """Give the code of the first reason whose words stand in the text ("" if none)."""
    return next((code for code, pattern in _reasons(*where) if pattern.search(text)), "")


@cache
def _reasoned(codes: frozenset[str]) -> re.Pattern[str]:
    listed = [entry["words"] for entry in data("titles.toml")["reasons"] if entry["code"] in codes]
    found = _alternatives(tuple(word for words in listed for word in words))
    plain = r"[^()\[\]【】〔〕]{0,12}"
    return re.compile(f"[(\\[【〔]{plain}(?:{found}){plain}[)\\]】〕]|[-—_]*(?:{found})(?:之?[一二三四五]?稿)?")


def without_reasons(title: str, codes: frozenset[str]) -> str:
    """Give a title without the words of the reasons of these codes, and the brackets that hold nothing else."""
    return _reasoned(codes).sub("", squeeze(title)[:MAX_TITLE])


@cache
def _notice() -> re.Pattern[str]:
    verbs = _alternatives((*words("publishing_verbs"), "报送", "呈报"))
    letters = _alternatives(tuple(dict.fromkeys((*words("publishing_letters"), *words("announcing_letters"), "报告"))))
    return re.compile(f"(?P<by>.{{0,60}}?)关于(?:{verbs})?(?P<title>.{{4,90}}?)的?(?:{letters})")


def report_of_notice(title: str) -> tuple[str, ...]:
    """Give the titles that the report published with a notice may have: the one it names, the same with the notice's
    body before it (司法局关于公布2024年…年度报告的公告); none for the title of anything else.
    """
    found = _notice().fullmatch(squeeze(title)[:MAX_TITLE])
    if found is None or not core().search(mark_years(found["title"]).marked):
        return ()
    own = found["title"].lstrip('《"').rstrip('》"')
    return own, found["by"] + own


_PUBLISHES = re.compile(r"(?<=[\u4e00-\u9fff]{3})(?:发布|公布|公开)(?=20\d\d年)")  # 司法局发布2024年…


def report_announced(title: str) -> str:
    """Give the title of the report that is announced under a title (司法局发布2024年…年度报告, …年度报告公示), as it is
    printed without the words that do so; "" where there are none.
    """
    plain = squeeze(title)[:MAX_TITLE]
    found = announcement().search(plain)
    own = _PUBLISHES.sub("", plain[: found.end("ending")] if found else plain, count=1)
    return own if own != plain else ""


@cache
def _table() -> re.Pattern[str]:
    between = f"(?:{_alternatives(words('before_tables'))}){{0,4}}"
    return re.compile(
        f"(?P<subject>{_alternatives(words('subjects'))}){between}(?P<year>(?:20\\d\\d年?度?)?){between}"
        f"(?:{_alternatives(words('tables'))})(?=$|[(\\[【])"
    )


def report_of_table(title: str) -> str:
    """Give the title of the report that a table of it is titled as ("" where a title is none of such a table)."""
    plain = squeeze(title)[:MAX_TITLE]
    return _table().sub(r"\g<subject>\g<year>年度报告", plain, count=1) if _table().search(plain) else ""


def strangers_words(text: str) -> frozenset[str]:
    """Give the words in a text that are of the trades into whose hands domains fall (code ``hijacked``)."""
    entries = (entry for entry in data("titles.toml")["reasons"] if entry["code"] == "hijacked")
    return frozenset(word for entry in entries for word in entry["words"] if word in text)


def reason_at_start(head: str) -> str:
    """Give the code of a reason whose words the head begins with ("" if none)."""
    plain = HEAD_NOISE.sub("", head.lstrip('【[(《"#'))
    return next((code for code, pattern in _reasons("start") if pattern.match(plain)), "")


@cache
def publishing_notice() -> re.Pattern[str]:
    """Give the pattern of a notice by which a report may be published: 关于, a verb, the report's words, the letter."""
    verbs, letters = _alternatives(words("publishing_verbs")), _alternatives(words("publishing_letters"))
    return re.compile(f"关于(?:{verbs}).{{0,60}}?{core().pattern}[#()》\"']{{0,4}}的?(?:{letters})$")


@cache
def asking_notice() -> re.Pattern[str]:
    """Give the pattern of a notice that asks for reports: 关于, a verb, the report's words, the letter behind them."""
    verbs, letters = _alternatives(words("asking_verbs")), _alternatives(words("asking_letters"))
    return re.compile(f"关于.{{0,6}}?(?:{verbs}).{{0,60}}?{core().pattern}.{{0,20}}?(?:{letters})(?![一-鿿])")


@cache
def announcement() -> re.Pattern[str]:
    """Give the pattern of a report's words with no more behind them than that this is made known (…年度报告的公示)."""
    return re.compile(f"{core().pattern}[#()》\"']{{0,4}}的?(?:{_alternatives(words('announcing_letters'))})$")


@cache
def lead_words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Give two patterns: 关于 and a verb of notices anywhere; such a verb right before the title proper."""
    words = "|".join(pattern.pattern for _, pattern in _reasons("lead"))
    return re.compile(f"关于(?:{words})"), re.compile(f"(?:{words})(?:了|好|的)?(?:本?[省市县区局]?)(?=#|《|关于|$)")
