"""Collect what a document itself says about whose report it is and for which year.

Collected here, judged in identity.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from archive.documents.pages import Pages, Table
from archive.forms.spelling import simplify, widths
from archive.identity import names
from archive.identity.division_lists import is_listed
from archive.identity.divisions import split
from archive.identity.inner_offices import without_office
from archive.identity.text import squeeze
from archive.identity.titles import TitleVerdict, judge
from archive.identity.wording import words
from archive.identity.years import DAY, parse_date
from archive.parser import stated_year
from archive.parser.contact_lines import contact_bodies, contact_body
from archive.parser.content import is_furniture
from archive.parser.linked_titles import linked_titles, mark_links, page_title_first
from archive.parser.mentioned_bodies import running
from archive.parser.named_bodies import ends_as_body, statements
from archive.parser.opening_lines import is_sentence, openings
from archive.parser.opening_subject import first_subject
from archive.parser.sections import TextLine, is_heading, section_key
from archive.parser.signatures import Signed, signed
from archive.parser.untitled_reports import ends_a_notice
from storage.records import SHANGHAI, DatedWitness, IdentityEvidence, Section

_TITLE_LINES = 14  # a title stands among the first lines
_TITLE_LONGEST = 70
_TITLE_SHORTEST = 12
_SEVERAL_ITEMS = 160  # characters of a line on which items stand apart, a title among them
_WIDE = re.compile(r"\t|[ \xa0]{4,}|\u3000{2,}")  # what parts them
_FLAT = 400  # characters of a first line from which it holds a whole report
_NO_PART = frozenset(
    ("", "图片", "图像", "正文", "首页", "返回", "返回首页", "打印", "分享", "登录", "注册", "登录注册")
)  # of a page, and of no title
_OF_A_PATH = ">»›|-_/"  # between the words of a page's path, or alone
# Of a page, behind a title and a blank: its picture to scan, its buttons (…年度报告 二维码, …报告 打印 分享).
_BUTTONS = re.compile(
    r"(?:\s[\[(（【]?\s{0,4}(?:二维码|扫一扫|手机(?:查看|阅读|扫码)|打印(?:本页|此页|页面|文章)?|(?:一键)?分享(?:到|至)?|收藏|关闭"
    r"(?:窗口|本页|页面)?|字[号體体]\s?[:：]?\s?(?:[大中小]\s?){0,3}|[大中小](?:\s?[大中小]){2})\s{0,4}[:：]?\s{0,4}[\])）】]?){1,6}$"
)
# A title of another kind of document, on one line or several: nothing else is so long and ends so.
_OTHER_DOCUMENT = re.compile(
    r"[^。;|]{0,30}关于[^。;|]{4,60}的(?:通知|通报|函|意见|公告|请示|批复)|[^。,;:|]{4,40}(?:办法|制度|规定|细则|规则|实施方案|指南)(?:\((?:试行|暂行)\))?"
)
_FIELD = re.compile(
    r"^(?:信息来源|来源|相关附件|附件|索引号|发布机构|发布时间|发布日期):|.{0,80}:$|^[A-Za-z0-9./_-]+$|[^|]{0,40}\|[^|]{0,40}\|"
    r"|^(?:请输入|请选择|选择(?:特殊|搜索)|点击|当前位置|您当前|您现在)|^" + DAY + r"[\d: ]*$"
)
# What a page prints of itself, squeezed: its path, where it came from, its buttons.
_PAGES_OWN = re.compile(
    r"(?:文章|信息|稿件)?来源(?:\([a-z]{1,6}\))?:|.{0,4}(?:当前|所在)的?位置|首页>|.{0,6}扫描二维码|[-·]?(?:分享[到至]|设为首页|加入收藏|无障碍)"
    rf"|{DAY}[\d:]*来源"
)
_DAY = re.compile(DAY)
_OF_A_WINDOW = 2  # signs between the words of a page's window (某某_某某_某某)
_INNER = re.compile(r"[(]?[一二三四五六七八九十\d]{1,2}[)][^)]|\d[.、]\s*[\u4e00-\u9fff]")  # a heading
_LABEL = re.compile(
    "(?:信息来源|来源|发布机构|发布时间|发布日期|时间|日期|索引号):"
)  # its value stands on the next line
_TITLE_ENDS = re.compile("报告|年报(?!告)")
_OPENING = 1_500  # characters of the opening
_MOST = 12
_DATE_META = (
    "pubdate", "publishdate", "publishtime", "createdate", "firstpublishedtime",
    "发布日期", "发布时间", "公开日期", "公开时间", "成文日期", "发文日期", "生成日期",
    "dateline",
)  # fmt: skip
_DATED = re.compile(r"\s*(?:发布(?:时间|日期)|公开(?:时间|日期)|时间|日期)\s*[:：](.{6,40})")
_LINE_ENDS = ("⏎", "\x00")  # one stands for a line's end where blanks are taken out: the second if a text has the first
_SITE_LINES = 3  # lines at the top, on which a page that was copied has the name of its site
_SITE_LONGEST = 60  # characters of such a line, blanks included
_SITE_LINE = re.compile(r"^[\u4e00-\u9fff]{2,12}[市县区旗](?:人民)?政府(?:门户|官方)?网站?$")
_CORRECTIONS = ("更正", "修订", "修正", "有误", "作废")  # each way of saying it has one of them
_CORRECTED = re.compile(
    r"(?:本|该)(?:年度)?报告(?:已|系|为|经)[^。]{0,12}(?:更正|修订|修正)|报告已?于[0-9年月日]{4,11}(?:予以|进行|作出|作了)?(?:更正|修订|修正)|更正(?:说明|声明|启事|公告)|(?:现|特此|予以)更正|原(?:发布|公布|公开)的[^。]{0,30}(?:有误|更正|作废)"
)


def collect(pages: Pages, lines: Sequence[TextLine], parts: Sequence[Section]) -> IdentityEvidence:
    """All evidence of a document. ``lines``: its main text; ``parts``: the same by sections."""
    everything = lines = mark_links(lines, pages)
    lines = [line for line in lines if not line.link] if any(line.link for line in lines) else lines
    titles = tuple(dict.fromkeys(_titles(lines)))
    if not any(judge(title).could_be for title in titles) and (top := _top_of_tables(pages)):
        lines = [*top, *lines]
        titles = tuple(dict.fromkeys(_titles(lines)))
    beginning, dated = _opening(lines), list(signed(lines))
    prose = stated_year.without_tables(beginning)
    opened = [] if any(map(_is_complete_title, titles)) else list(openings(prose))
    meta = {name.lower()[:80]: value[:400] for name, value in pages.meta.items() if value}
    if pages.title:
        meta.setdefault("title", pages.title[:400])
    tops = (squeeze(line.text) for line in lines[:_SITE_LINES] if len(line.text) <= _SITE_LONGEST)
    if site := next(filter(_SITE_LINE.match, tops), ""):
        meta.setdefault("sitename", site)
    signers = (without_office(one.by) for one in dated if one.by)
    named = tuple(dict.fromkeys((*statements(beginning, opened), *signers)))[:_MOST]
    asked_for = contact_bodies(beginning)
    spoken_of = running(parts, beginning, (*titles, *named), asked_for)
    named += tuple(contact_body(asked_for, (*titles, *named), spoken_of, parts))
    evidence = IdentityEvidence(
        titles=tuple(page_title_first(titles, pages))[:_MOST],
        meta=meta,
        breadcrumb=pages.breadcrumb,
        statements=named,
        period=stated_year.period_or_opening(prose, titles, opened, _on_the_work(parts))
        or stated_year.year_mentioned(titles, prose, opened, _on_the_work(parts)),
        running=tuple(spoken_of),
        corrected=any(judge(title).corrected for title in (*titles, *_of_the_page(meta)))
        or _is_corrected(beginning[:_OPENING]),
        dates=tuple(_dates(meta, lines, dated)),
    )
    if not named and (subject := first_subject(evidence, parts, asked_for)):
        evidence = replace(evidence, statements=(subject,))
    if len(everything) == len(lines):
        return evidence
    return replace(
        evidence, titles=(*evidence.titles, *linked_titles(everything, evidence, _of_the_page(meta)))[:_MOST]
    )


def _top_of_tables(pages: Pages) -> list[TextLine]:
    """The lines that a table has above its header, each the one text of its row, if a report's title is among them.

    A sheet that was saved as a page has all of its text there.
    """
    for block in pages.blocks:
        if not isinstance(block, Table):
            continue
        rows: dict[int, list[str]] = defaultdict(list)
        for cell in block.cells:
            if cell.row >= _TITLE_LINES:
                break
            if text := cell.text.strip():
                rows[cell.row].append(text)
        alone = takewhile(lambda texts: len(texts) == 1, rows.values())
        lines = [TextLine(texts[0]) for texts in alone if len(texts[0]) >= _TITLE_SHORTEST]
        if any(judge(line.text).year for line in lines if len(line.text) <= _TITLE_LONGEST):
            return lines
    return []


def _is_complete_title(title: str) -> bool:
    """Whether a title names the year and the body with its place: no opening is asked then."""
    verdict = judge(title)
    agency = verdict.agency
    return bool(verdict.year and names.looks_like_body(agency) and names.complete(agency).county)


def _of_the_page(meta: Mapping[str, str]) -> list[str]:
    """The titles that the page bears for machines: where a script shows the report, it prints none."""
    return [meta[name] for name in ("articletitle", "title") if name in meta]


def _is_corrected(text: str) -> bool:
    """Whether a text says that it takes the place of a former one."""
    return any(word in text for word in _CORRECTIONS) and _CORRECTED.search(text) is not None


def _opening(lines: Sequence[TextLine]) -> str:
    """The text before the second section, in one line, simplified characters."""
    opening: list[str] = []
    size = 0
    for line in lines:
        opening.append(line.text[:2_000])
        size += len(line.text)
        if size > 2 * _OPENING:
            break
    if any("\ufffd" in text for text in opening):
        return "\n".join([squeeze(text) if "\ufffd" in text else simplify(text) for text in opening])
    return simplify_keeping_lines("\n".join(opening))


def _titles(lines: Sequence[TextLine]) -> Iterator[str]:
    """Printed titles among the first lines, each alone or joined with those behind it; the one that says most first.

    A place on a line of its own (山东省汶上县) belongs to the township or body on the next, a body to its office there.
    """
    head = _head_lines(lines)
    found: list[tuple[int, str]] = []
    for at in range(len(head)):
        for size in (4, 3, 2, 1):
            parts = head[at : at + size]
            text = "".join(part.text for part in parts)
            if len(parts) < size or len(text) > _TITLE_LONGEST or any(len(part.text) > 45 for part in parts):
                continue
            if at + size < len(head) and ends_a_notice(head[at + size].text):
                continue
            if _ends_a_bracket(text) or (size > 1 and any(_is_line_of_its_own(part.text) for part in parts)):
                continue
            verdict = judge(text)
            if verdict.could_be and not is_sentence(text) and not (size > 1 and _is_glued(parts, verdict)):
                rank = -2 * bool(verdict.agency) - 2 * bool(verdict.year) + (size - 1)
                rank -= size if size > 1 and verdict.agency and _belongs_before(parts[0].text, parts[1].text) else 0
                found.append((rank, text if size > 1 else _own_part(text, verdict)))
    for _, text in sorted(found, key=lambda pair: (pair[0], "_" in pair[1])):  # a window's title stands behind
        yield text
    if not found:
        yield from _fallback_titles(head)


def _own_part(text: str, verdict: TitleVerdict) -> str:
    """A title without the whole names of bodies, parted by blanks, that a page's window has before it (汶上县人民政府
    汶上县水利局 汶上县水利局2023年…报告).
    """
    parts = text.split()
    if len(parts) < 2 or not verdict.agency:  # nearly all
        return text
    at = next((at for at, word in enumerate(parts) if not _names_somebody(word)), 0)
    own = judge(tail := " ".join(parts[at:])) if at else None
    whole = own is not None and own.could_be and own.year == verdict.year and names.complete(own.agency).county
    return tail if whole else text


def _names_somebody(text: str) -> bool:
    return names.looks_like_body(text) and bool(names.complete(text).county)


def _is_glued(parts: Sequence[TextLine], joined: TitleVerdict) -> bool:
    """Whether lines are no title together, as the last or the first of them is a whole one: it names its body with the
    place, and the lines before it neither (the value of a search field, a column's name); a correction stands behind.
    """
    if any(squeeze(part.text).strip(_OF_A_PATH) in _NO_PART for part in parts):
        return True
    last, first = judge(parts[-1].text), judge(parts[0].text)
    if first.year and first.agency and names.complete(first.agency).county and not joined.corrected:
        return True
    if not (last.year and last.agency and names.complete(last.agency).county):
        return False
    return not all(_is_place_or_body(squeeze(part.text)) for part in parts[:-1])


def _is_place_or_body(text: str) -> bool:
    chain, rest = split(text)
    return bool(chain and not rest) or names.looks_like_body(text)


def _ends_a_bracket(text: str) -> bool:
    """Whether a text ends a bracket that began before it."""
    plain = widths(text)
    return plain.count(")") > plain.count("(")


def _belongs_before(text: str, after: str) -> bool:
    return _is_place_of(text, after) or _is_body_of(text, after)


def _is_body_of(text: str, after: str) -> bool:
    """Whether a line is a body with whose office or branch the title on the next begins (人民政府, 办公室2023年…)."""
    plain, begins = squeeze(text), split(squeeze(judge(after).agency))[1]
    if begins not in words("offices") or not ends_as_body(plain):
        return False
    if plain.endswith("政府") and not begins.startswith("办公"):  # a site's name: governments have no branches
        return False
    return names.looks_like_body(plain) or bool(names.complete(plain).county)


def _is_place_of(text: str, after: str) -> bool:
    """Whether a line is nothing but a place of which the body on the next one does not say itself that it is in it."""
    chain, rest = split(squeeze(text))
    return any(is_listed(one) for one in chain) and not rest and not names.complete(after).county


def _is_line_of_its_own(text: str) -> bool:
    """A salutation, a day, a line of the page's own data (日期：… 来源：某局), or the whole title of something about
    reports (关于…年度报告发布情况的通报): no part of a title.
    """
    labelled = ("：" in text or ":" in text) and is_furniture(text)
    return (
        labelled
        or text.rstrip().endswith(("：", ":"))
        or _DAY.fullmatch(text.strip()) is not None
        or ("信息公开" in text and "年度报告" in text and not judge(text).could_be)
    )


def _head_lines(lines: Sequence[TextLine]) -> list[TextLine]:
    head: list[TextLine] = []
    for line in lines[:_TITLE_LINES]:
        if head and is_heading(line) and section_key(line.text) and not judge(line.text).could_be:
            break
        head.append(_without_buttons(line))
    head = [replace(line, text=_part_of_its_own(line.text)) if _WIDE.search(line.text) else line for line in head]
    first = head[0].text if head else ""
    if len(first) > _FLAT:  # the whole report in one line
        head = [TextLine(_title_of_flat(first[:_TITLE_LONGEST])), *head[1:]]
    elif "。" in first and (title := _title_before(first)):
        head = [TextLine(title), TextLine(first[len(title) :].strip()), *head[1:]]
    return head


def _part_of_its_own(text: str) -> str:
    """The whole title on a line where other items stand apart from it (信息公开指南, a tab, 抚松县审计局…报告), none of
    them a place or body; else the line.
    """
    if len(text) > _SEVERAL_ITEMS:
        return text
    items = [item.strip() for item in _WIDE.split(text) if item.strip()]
    own = [item for item in items if len(item) <= _TITLE_LONGEST and _is_complete_title(item)]
    others = (item for item in items if item not in own)
    return own[0] if len(own) == 1 and not any(_is_place_or_body(squeeze(item)) for item in others) else text


def _without_buttons(line: TextLine) -> TextLine:
    """A line without what a page has of its own behind a title."""
    found = _BUTTONS.search(line.text.rstrip()) if len(line.text) <= _TITLE_LONGEST else None
    return replace(line, text=line.text[: found.start()].rstrip()) if found and found.start() else line


def _title_of_flat(text: str) -> str:
    """The title with which a text without line ends begins: up to the first blank, or to the words that end one, before
    that blank or behind it (水利局 2024年度…报告 2024年,…).
    """
    beginning = text.split(" ", maxsplit=1)[0]
    wholes = (whole[: match.end()] for whole in (beginning, text) for match in _TITLE_ENDS.finditer(whole))
    return next((title for title in wholes if judge(title).could_be), beginning)


def _title_before(text: str) -> str:
    """The title of a year's report with which a paragraph begins, a blank behind it; "" where none does."""
    beginning, blank, _ = text[: _TITLE_LONGEST + 1].partition(" ")
    verdict = judge(beginning) if blank and "。" not in beginning else None
    return beginning if verdict and verdict.could_be and verdict.year else ""


def _fallback_titles(head: Sequence[TextLine]) -> Iterator[str]:
    """Where no line can be a report's title: the one that names another kind of document (关于…的通知), or else the
    first, if it looks like a title of something else; a field of the page (信息来源:…) and a heading ((一)主动公开)
    are none.
    """
    for size in (1, 2, 3):
        for at in range(len(head)):
            text = "".join(line.text for line in head[at : at + size])
            if len(text) <= _TITLE_LONGEST and _OTHER_DOCUMENT.fullmatch(squeeze(text)):
                yield text
                return
    for line, before in zip(head[:3], ("", *(line.text for line in head)), strict=False):
        plain = widths(line.text).strip()
        if is_heading(line) and section_key(line.text):
            return
        if plain.count("_") >= _OF_A_WINDOW and judge(plain).reason == "other_title":
            continue
        if _FIELD.match(plain) or _PAGES_OWN.match(squeeze(plain)) or _LABEL.fullmatch(widths(before).strip()):
            continue
        if (
            not (is_heading(line) or _INNER.match(plain))
            and 4 <= len(line.text) <= _TITLE_LONGEST
            and not re.search("[。,，]", line.text)
            and not is_sentence(line.text)
            and not line.text.endswith(("。", "，", "；", "："))
        ):
            yield line.text
            return


def _on_the_work(parts: Sequence[Section]) -> Iterator[str]:
    """The texts of the sections, that on problems and plans left out."""
    return (simplify_keeping_lines(part.text) for part in parts if part.key != "problems")


def simplify_keeping_lines(text: str) -> str:
    """Simplified text whose line ends remain."""
    end = _LINE_ENDS[_LINE_ENDS[0] in text]
    return simplify(text[:20_000].replace("\n", end)).replace(end, "\n")


def _dates(meta: Mapping[str, str], lines: Sequence[TextLine], dated: Sequence[Signed]) -> Iterator[DatedWitness]:
    for name in _DATE_META:
        if value := meta.get(name):
            yield from _witness("metadata", value)
    for line in lines[:8]:
        if match := _DATED.match(line.text):
            yield from _witness("metadata", match[1])
    for one in dated[:3]:
        yield from _witness("signature", one.text)


def _witness(origin: str, text: str) -> Iterator[DatedWitness]:
    day = parse_date(text)
    if day is None:
        return
    clock = re.search(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", text)
    hour, minute, second = (int(clock[1]), int(clock[2]), int(clock[3] or 0)) if clock else (0, 0, 0)
    at = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)
    yield DatedWitness(origin=origin, at=at, text=text.strip()[:60], day_only=clock is None)
