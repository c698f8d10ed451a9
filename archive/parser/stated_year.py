"""Find the year that a text says it reports on: its stated period, the report it names, the work it describes.

What stands in tables is none of it: the heads of columns explain which year each counts (指2019年事项数).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from archive.identity.titles import judge
from archive.parser.labels import columns_called, heading_hit, row_hit
from archive.parser.opening_lines import Opening

_WORDS = re.compile(r"统计|期限|时限|周期|数据|时间")
_SPANS = re.compile(r"涵盖|期间|覆盖|反映|包括")  # say so of a span only, not of its first day
_FROM = re.compile(r"(?<!\d)(20\d{2})年?0?1月?0?1日")
_IN_FORCE = re.compile(r"20\d\d年\d{1,2}月\d{1,2}日起?(?:正式|开始)?(?:施行|实施|执行|生效|实行)")
_YEARLY = re.compile(
    r"(?:期限|时限|周期|起止|(?:统计|数据)[^。,;!?\n]{0,8}?(?:时间|范围|区间|口径|均?为|[是系自从:])|统计数据|数据统计)"
    r"[^。,;!?\n]{0,12}?(?<!\d)(20\d{2})年度?(?![^。,;!?\n]{0,6}[预决]算)"
)
_WHOLE = re.compile(r"(?<!\d)(20\d\d)年0?1月0?1日起?[至到\-—–~]{1,2}(?:\1年)?12月31日")
_DOTTED = re.compile(r"(?<!\d)(20\d\d)([./-])0?1\2(?:0?1)[至到\-—–~]{1,2}(?:\1\2)?12\2(?:31)(?!\d)")
_UNTIL = re.compile(r"截[至止](?:到|至)?(20\d\d)年(?:12月(?:31日|底|末)?|年?底|年?末)")
_BEGINS = re.compile(r"(?:^|[。\n])(?:[(][一二三四五六][)][^。,\n]{0,16}[。:.]?)?(20[0-3]\d)年(?:度|来|以来)?[,]")
_BEGINS_ANYHOW = re.compile(
    r"(?:^|[。\n])(20[0-3]\d)年(?:度|来|以来)?(?![\d,年计工拟将])(?=[^。,\n]{0,20}(?:公开|受理|收到|发布|办理|共|未|主动))"
)
_OPENING_SENTENCE = re.compile(_BEGINS.pattern + r"([^。\n]{0,60})")
_PLANS = re.compile("将|拟|计划|打算|力争|下一步|继续")
_SEVERAL = 2  # sentences
_REMARK = re.compile(r"^\(?(?:注|备注|说明|填表说明|填报说明)[0-9]?[:.、)]")
_YEAR = re.compile(r"20\d\d")
_LONGEST = 160  # characters of a table's line; a longer one is a text without line ends


def without_tables(text: str) -> str:
    """The lines without those with years that are labels or strokes of a table: the explanations of its heads."""
    return "\n".join([line for line in text.split("\n") if not (_YEAR.search(line) and _is_of_a_table(line))])


def _is_of_a_table(line: str) -> bool:
    if len(line) > _LONGEST or _WHOLE.search(line):
        return False
    return "|" in line or bool(columns_called(line) or row_hit(line) or heading_hit(line))


def period(text: str) -> Iterator[int]:
    """The years of the periods that a text states. ``text``: as :func:`without_tables` gives it."""
    remaining = "".join(line for line in text.split("\n") if not (_REMARK.match(line) and not _FROM.search(line)))
    for sentence in _IN_FORCE.sub("", remaining).split("。"):
        if _WORDS.search(sentence):
            years = [int(match[1]) for dates in (_FROM, _DOTTED) for match in dates.finditer(sentence)]
            yield from years or [int(match[1]) for match in _YEARLY.finditer(sentence)][:1]
        elif _SPANS.search(sentence):
            yield from (int(match[1]) for match in _WHOLE.finditer(sentence))


def period_or_opening(
    text: str, titles: Iterable[str], openings: Sequence[Opening], parts: Iterable[str] = ()
) -> tuple[int, ...]:
    """Return the years of the stated period; where no title names any, also another one that the opening names.

    Either may be a slip (现公布某局2021年…年度报告, 统计期限自2020年1月1日). The same holds where the text
    describes the work of another year only. ``parts``: as in :func:`year_mentioned`.
    """
    stated = tuple(dict.fromkeys(period(text)))
    if not stated or _any_names_a_year(titles):
        return stated
    opened = [one.year for one in openings if one.year is not None]
    year_of_work = () if opened else _only_year_of_the_work(parts)
    return tuple(dict.fromkeys((*stated, *opened, *year_of_work)))


def _only_year_of_the_work(parts: Iterable[str]) -> tuple[int, ...]:
    """The one year with which sentences begin that are no plans, if several do."""
    sentences = [match for text in parts for match in _OPENING_SENTENCE.finditer(without_tables(text))]
    years = [int(match[1]) for match in sentences if not _PLANS.search(match[2])]
    return tuple(set(years)) if len(set(years)) == 1 and len(years) >= _SEVERAL else ()


def year_mentioned(
    titles: Iterable[str], text: str, openings: Sequence[Opening], parts: Iterable[str]
) -> tuple[int, ...]:
    """Return the year that a text speaks of, where no title names any and no period is stated; several where it
    contradicts itself. ``parts``: the texts of its sections, that on problems and plans left out.
    """
    if _any_names_a_year(titles):
        return ()
    whole = dict.fromkeys(int(match[1]) for match in _WHOLE.finditer(text.replace("\n", "")))
    if len(whole) == 1:
        return tuple(whole)
    named = {opening.year for opening in openings if opening.year is not None}
    texts = [without_tables(part) for part in parts]
    named_years = _all(_BEGINS, texts)
    if named and (len(named_years) == 1 or len(named) > 1 or not named <= named_years):
        return tuple(sorted(named | named_years))
    if named or named_years:
        return tuple(named or (named_years if len(named_years) == 1 else ()))
    for pattern in (_UNTIL, _BEGINS_ANYHOW):
        if years := _all(pattern, texts):
            return tuple(years) if len(years) == 1 else ()
    return ()


def _any_names_a_year(titles: Iterable[str]) -> bool:
    return any(judge(title).years or judge(title).year for title in titles)


def _all(pattern: re.Pattern[str], texts: Iterable[str]) -> set[int]:
    return {int(match[1]) for text in texts for match in pattern.finditer(text)}
