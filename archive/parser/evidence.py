"""Pages → what the document itself says about whose report it is and for which year.

Collected here, judged in identity.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import pairwise, takewhile

from archive.documents.pages import Pages, Table
from archive.forms.spelling import simplify, widths
from archive.identity import names
from archive.identity.divisions import is_township, split
from archive.identity.listed import is_listed, is_listed_so
from archive.identity.text import squeeze
from archive.identity.titles import TitleVerdict, judge
from archive.identity.wording import words
from archive.identity.years import SHANGHAI, parse_date
from archive.parser import spoken
from archive.parser.content import is_furniture
from archive.parser.linked import linked_titles, marked, own_first
from archive.parser.openings import Opening, is_sentence, openings
from archive.parser.sections import Line, is_heading, section_key
from archive.parser.untitled import ends_a_notice
from storage.records import DatedWitness, IdentityEvidence, Section

_TITLE_LINES = 14  # a title stands among the first lines
_TITLE_LONGEST = 70
_TITLE_SHORTEST = 12
_NO_PART = frozenset(
    ("图片", "图像", "正文", "首页", "返回", "返回首页", "打印", "分享", "登录", "注册", "登录注册")
)  # of a page, and of no title
# A title of another kind of document, on one line or several: nothing else is so long and ends so.
_OTHER_DOCUMENT = re.compile(
    r"[^。;|]{0,30}关于[^。;|]{4,60}的(?:通知|通报|函|意见|公告|请示|批复)|[^。,;:|]{4,40}(?:办法|制度|规定|细则|规则|实施方案|指南)(?:\((?:试行|暂行)\))?"
)
_FIELD = re.compile(
    r"^(?:信息来源|来源|相关附件|附件|索引号|发布机构|发布时间|发布日期):|.{0,80}:$|^[A-Za-z0-9./_-]+$|[^|]{0,40}\|[^|]{0,40}\|"
    r"|^(?:请输入|请选择|选择(?:特殊|搜索)|点击|当前位置|您当前|您现在)|^20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\d: ]*$"
)
_LABEL = re.compile(
    "(?:信息来源|来源|发布机构|发布时间|发布日期|时间|日期|索引号):"
)  # its value stands on the next line
_TITLE_ENDS = re.compile("报告|年报(?!告)")
_OPENING = 1_500  # characters of the opening
_MOST = 12
_SIGNATURE_LINES = 8  # lines at the end of a text among which a signature stands, and below its title
_DATE_META = (
    "pubdate", "publishdate", "publishtime", "createdate", "firstpublishedtime",
    "发布日期", "发布时间", "公开日期", "公开时间", "成文日期", "发文日期", "生成日期",
    "dateline",
)  # fmt: skip
# A line (widths folded) with nothing but the date of a signature, the body that signs before it, 印发 behind it.
_COUNTED = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_SIGNED = re.compile(
    rf"^\(?\s*(?:(?P<by>[\u4e00-\u9fff]{{3,28}}?)\s*)?(?P<date>(?:(?:19|20)\d\d|二[〇○零][〇○零一二三四五六七八九]{{2}})"
    rf"\s*[年.\-/]\s*{_COUNTED}\s*(?:[月.\-/]\s*{_COUNTED}\s*[日号]?|月))\s*(?P<issued>印发|发布|公布|公开)?\s*\)?$"
)
_ENDS = re.compile(r"[日号月\d印发布公开)）]\s*$")  # what such a line ends with
_SIGNED_LONGEST = 60  # characters of such a line
_DATED = re.compile(r"\s*(?:发布(?:时间|日期)|公开(?:时间|日期)|时间|日期)\s*[:：](.{6,40})")
_LINE_ENDS = ("⏎", "\x00")  # one stands for a line's end where blanks are taken out: the second if a text has the first
_BODY = r"[^，。,；;：:《》“”\s]{2,28}"
# How a text names its agency, each way with words of which one must stand in the text.
_NAMED = (
    (
        ("报告",),
        rf"本(?:年度|年|报)?报告(?:是|系)?由(?P<a>{_BODY}?)(?:按照|根据|依据|依照|遵照|负责|组织|编制|编写|撰写|汇总)",
    ),
    (
        ("编制", "编写", "撰写"),
        rf"由(?P<b>{_BODY}?)(?:根据政府信息公开工作情况|负责|牵头|具体|组织)?(?:(?<!机构)编制(?!委)|编写|撰写)",
    ),
    (
        ("现将", "现公布", "现发布"),
        rf"现(?:将|公布|发布)(?P<c>{_BODY}?)(?:关于)?(?:20\d\d年|在?20\d\d|政府信息公开|信息公开)",
    ),
    (("编制",), rf"(?:^|[，。,；;])(?P<d>{_BODY}?)(?:组织)?(?<!机构)编制(?:完成)?(?:了|本|形成|《|20)"),
    (("编制",), rf"编制(?:完成|形成)?(?:了|本|的)?《(?P<e>{_BODY}?)20\d\d"),
    (
        ("联系", "咨询", "反映", "地址", "电话", "邮编"),
        rf"(?:请|可)?(?:直接)?(?:与|向|致电|联系)(?P<f>{_BODY}?)(?:联系|咨询|反映|[(（](?:地址|联系|电话|邮编))",
    ),
)
_OFFICE = re.compile(
    r"(?<=局)[^局]{1,8}[股科]$|(?<=委员会)[^会]{1,8}[股科]$|(?<=[局镇乡处会府])党政(?:综合)?(?:事务)?办(?:公室)?$|(?<=[局处会])(?<!编制委员会)(?<!动员委员会)(?<!信息化委员会)(?:综合)?办公室$"
    r"|(?<=[镇乡]人民政府)(?:综合)?办公室$|(?<=[镇乡]政府)(?:综合)?办公室$"
)
_BODY_END = re.compile(
    r"(?:[局委办厅室院会乡镇处系统队所站部馆校署社行库场区县市旗盟州]|政府|街道|中心|公司|集团|支队|大队|苏木|机关)(?:\([^()]{0,30}\))?$"
)
_NO_BODY = re.compile(
    r"^[xX×某]{2}[省市县区旗镇乡局]|根据|条例|国务院|本机关|本单位|^我|^本(?!溪)|规定|要求|报告|公民|社会(?!保[障险]|工作|事务)|统计(?!局)|^各|^其|^全(?![椒州南])|^并|^请|^可|工作人员"
)
_RUNNING = re.compile(
    r"(?<![\u4e00-\u9fff])(?:(?<=\d)年度?)?+([\u4e00-\u9fff]{2,26}?(?:局|委员会|办公室|人民政府|办事处|管委会|中心|(?<![部签连公官])署|[县区市旗]委|(?:卫健|卫计|发改|住建|经信|国资|民宗)委|镇|乡|街道))"
    r"(?=坚持|认真|深入|严格|按照|高度|积极|主动|不断|承担|始终|全年|根据|进一步|切实|紧紧|持续|党组|未收到|共收|政府信息|依申请|聚焦|围绕|贯彻|落实|立足|强化|牢固|秉承|秉持|着力|扎实|充分|依法|全面|严格|紧扣|紧密|共|在|以)"
)
# What may stand glued before a body: a heading of the form's first section, words before 政府信息公开工作.
_BEFORE_BODY = re.compile(
    "^(?:(?:总体|主动公开|依申请公开|政府信息管理|政府信息公开平台建设|平台建设|监督保障)(?:工作)?(?:情况)?(?=.{3})"
    "|由|和|与|及|在|为?(?:进一步|切实|认真|扎实)?(?:做好|推进|加强|规范))"
)
_TOWN_OFFICE = re.compile("(?<=[镇乡]人民政府)(?:党政|综合|党政综合)?办公室$")  # whose report is the township's
_SELF = re.compile("我[省市县区旗州盟局委办院镇乡街站部署处]")
# An office of open government is asked about reports and compiles them, and they are others'.
_OF_DISCLOSURE = re.compile(
    r"(?:政府信息|政务|信息)公开(?:工作)?(?:领导小组|协调小组|受理|咨询)?(?:办公室|办|处|科|机构|领导小组)$"
)
# The report of a government, made of those of all below it (汇总南平市各县(市、区)、市政府各有关部门…编制而成).
_OF_ALL = re.compile(
    r"(?P<place>[\u4e00-\u9fff]{2,12}?[省市县区旗州盟])(?:人民)?(?:政府)?各[^。;]{0,40}?(?:部门|单位)[^。;要规通]{0,60}(?:编制|而成|汇总)"
)
_ADDRESS = re.compile(r"地址[:：]?([\u4e00-\u9fff\d]{4,40})")
_SITES = ("官网", "网站")
_ANY_CITYS = frozenset(("城区", "郊区", "矿区"))
_SITE_LINES = 3  # lines at the top, on which a page that was copied has the name of its site
_SITE_LONGEST = 60  # characters of such a line, blanks included
_SITE_LINE = re.compile(r"^[\u4e00-\u9fff]{2,12}[市县区旗](?:人民)?政府(?:门户|官方)?网站?$")
_OWN_SITE = re.compile(
    r"[我本](?P<kind>[局委办院站镇乡])[^。,;]{0,12}?(?:在|通过|于|依托|利用)[\"“]?(?P<body>[\u4e00-\u9fff]{3,24}?(?P=kind))(?:的)?"
    r"(?:官网|官方网站|门户网站|政府网站|网站)"
)
_ABOVE = re.compile(
    r"([\u4e00-\u9fff]{2,9}[县区旗])(?=(?:人民)?政府(?:办公室|办)?关于|(?:人民)?政府(?:办公室)?(?:门户|官方)?网|(?:政府)?门户网站)"
)
_CORRECTIONS = ("更正", "修订", "修正", "有误", "作废")  # each way of saying it has one of them
_CORRECTED = re.compile(
    r"(?:本|该)(?:年度)?报告(?:已|系|为|经)[^。]{0,12}(?:更正|修订|修正)|报告已?于[0-9年月日]{4,11}(?:予以|进行|作出|作了)?(?:更正|修订|修正)|更正(?:说明|声明|启事|公告)|(?:现|特此|予以)更正|原(?:发布|公布|公开)的[^。]{0,30}(?:有误|更正|作废)"
)


def collect(pages: Pages, lines: Sequence[Line], parts: Sequence[Section]) -> IdentityEvidence:
    """All evidence of a document. ``lines``: its main text; ``parts``: the same by sections."""
    everything = lines = marked(lines, pages)
    lines = [line for line in lines if not line.link] if any(line.link for line in lines) else lines
    titles = tuple(dict.fromkeys(_titles(lines)))
    if not any(judge(title).could_be for title in titles) and (top := _top_of_tables(pages)):
        lines = [*top, *lines]
        titles = tuple(dict.fromkeys(_titles(lines)))
    beginning, dated = _opening(lines), list(signed(lines))
    prose = spoken.without_tables(beginning)
    opened = [] if any(map(_says_all, titles)) else list(openings(prose))
    meta = {name.lower()[:80]: value[:400] for name, value in pages.meta.items() if value}
    if pages.title:
        meta.setdefault("title", pages.title[:400])
    tops = (squeeze(line.text) for line in lines[:_SITE_LINES] if len(line.text) <= _SITE_LONGEST)
    if site := next(filter(_SITE_LINE.match, tops), ""):
        meta.setdefault("sitename", site)
    statements = tuple(dict.fromkeys((*_statements(beginning, opened), *(one.by for one in dated if one.by))))[:_MOST]
    said = IdentityEvidence(
        titles=tuple(own_first(titles, pages))[:_MOST],
        meta=meta,
        breadcrumb=pages.breadcrumb,
        statements=statements,
        period=spoken.period_or_opening(prose, titles, opened) or _spoken_year(titles, prose, opened, parts),
        running=tuple(_running(parts, beginning, (*titles, *statements))),
        corrected=any(judge(title).corrected for title in (*titles, *_of_the_page(meta)))
        or _is_corrected(beginning[:_OPENING]),
        dates=tuple(_dates(meta, lines, dated)),
    )
    if len(everything) == len(lines):
        return said
    return replace(said, titles=(*said.titles, *linked_titles(everything, said, _of_the_page(meta)))[:_MOST])


def _top_of_tables(pages: Pages) -> list[Line]:
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
        lines = [Line(texts[0]) for texts in alone if len(texts[0]) >= _TITLE_SHORTEST]
        if any(judge(line.text).year for line in lines if len(line.text) <= _TITLE_LONGEST):
            return lines
    return []


def _says_all(title: str) -> bool:
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


def _opening(lines: Sequence[Line]) -> str:
    """The text before the second section, in one line, simplified characters."""
    taken: list[str] = []
    size = 0
    for line in lines:
        taken.append(line.text[:2_000])
        size += len(line.text)
        if size > 2 * _OPENING:
            break
    if any("\ufffd" in text for text in taken):
        return "\n".join([squeeze(text) if "\ufffd" in text else simplify(text) for text in taken])
    return simplify_keeping_lines("\n".join(taken))


def _titles(lines: Sequence[Line]) -> Iterator[str]:
    """Printed titles among the first lines, each alone or joined with those behind it; the one that says most first.

    A place on a line of its own (山东省汶上县) belongs to the township or body on the next, a body to its office there.
    """
    head = _head(lines)
    found: list[tuple[int, str]] = []
    for at in range(len(head)):
        for size in (4, 3, 2, 1):
            parts = head[at : at + size]
            text = "".join(part.text for part in parts)
            if len(parts) < size or len(text) > _TITLE_LONGEST or any(len(part.text) > 45 for part in parts):
                continue
            if at + size < len(head) and ends_a_notice(head[at + size].text):
                continue
            if _ends_a_bracket(text) or (size > 1 and any(_stands_alone(part.text) for part in parts)):
                continue
            verdict = judge(text)
            if verdict.could_be and not is_sentence(text) and not (size > 1 and _is_glued(parts, verdict)):
                rank = -2 * bool(verdict.agency) - 2 * bool(verdict.year) + (size - 1)
                rank -= size if size > 1 and verdict.agency and _leads(parts[0].text, parts[1].text) else 0
                found.append((rank, text))
    for _, text in sorted(found, key=lambda pair: pair[0]):
        yield text
    if not found:
        yield from _short(head)


def _is_glued(parts: Sequence[Line], joined: TitleVerdict) -> bool:
    """Whether lines are no title together, as the last or the first of them is a whole one: it names its body with the
    place, and the lines before it neither (the value of a search field, a column's name); a correction stands behind.
    """
    if any(squeeze(part.text) in _NO_PART for part in parts):
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


def _leads(text: str, after: str) -> bool:
    return _is_place_of(text, after) or _is_body_of(text, after)


def _is_body_of(text: str, after: str) -> bool:
    """Whether a line is a body with whose office or branch the title on the next begins (人民政府, 办公室2023年…)."""
    plain, begins = squeeze(text), split(squeeze(judge(after).agency))[1]
    if begins not in words("offices") or not _BODY_END.search(plain):
        return False
    if plain.endswith("政府") and not begins.startswith("办公"):  # a site's name: governments have no branches
        return False
    return names.looks_like_body(plain) or bool(names.complete(plain).county)


def _is_place_of(text: str, after: str) -> bool:
    """Whether a line is nothing but a place of which the body on the next one does not say itself that it is in it."""
    chain, rest = split(squeeze(text))
    return any(is_listed(one) for one in chain) and not rest and not names.complete(after).county


def _stands_alone(text: str) -> bool:
    """A salutation, a line of the page's own data (日期：… 来源：某局), or the whole title of something about reports
    (关于…年度报告发布情况的通报): no part of a title.
    """
    labelled = ("：" in text or ":" in text) and is_furniture(text)
    return (
        labelled
        or text.rstrip().endswith(("：", ":"))
        or ("信息公开" in text and "年度报告" in text and not judge(text).could_be)
    )


def _head(lines: Sequence[Line]) -> list[Line]:
    head: list[Line] = []
    for line in lines[:_TITLE_LINES]:
        if head and is_heading(line) and section_key(line.text) and not judge(line.text).could_be:
            break
        head.append(line)
    flat = head[0].text if head and len(head[0].text) > 400 else ""
    if flat:  # the whole report in one line
        head = [Line(_title_of_flat(flat[:_TITLE_LONGEST])), *head[1:]]
    return head


def _title_of_flat(text: str) -> str:
    """The title with which a text without line ends begins: up to the first blank, or to the words that end one, before
    that blank or behind it (水利局 2024年度…报告 2024年,…).
    """
    beginning = text.split(" ", maxsplit=1)[0]
    wholes = (whole[: match.end()] for whole in (beginning, text) for match in _TITLE_ENDS.finditer(whole))
    return next((title for title in wholes if judge(title).could_be), beginning)


def _short(head: Sequence[Line]) -> Iterator[str]:
    """Where no line can be a report's title: the one that names another kind of document (关于…的通知), or else the
    first, if it looks like a title of something else; what is only a field of the page (信息来源:…) is none.
    """
    for size in (1, 2, 3):
        for at in range(len(head)):
            text = "".join(line.text for line in head[at : at + size])
            if len(text) <= _TITLE_LONGEST and _OTHER_DOCUMENT.fullmatch(squeeze(text)):
                yield text
                return
    for line, before in zip(head[:3], ("", *(line.text for line in head)), strict=False):
        plain = widths(line.text).strip()
        if _FIELD.match(plain) or _LABEL.fullmatch(widths(before).strip()):
            continue
        if (
            not is_heading(line)
            and 4 <= len(line.text) <= _TITLE_LONGEST
            and not re.search("[。,，]", line.text)
            and not is_sentence(line.text)
            and not line.text.endswith(("。", "，", "；", "："))
        ):
            yield line.text
            return


def _statements(beginning: str, opened: Sequence[Opening]) -> Iterator[str]:
    text = beginning[: 2 * _OPENING]
    named = _named(tuple(any(word in text for word in needed) for needed, _ in _NAMED))
    found = (next((found for found in match.groups() if found), "") for match in named.finditer(text)) if named else ()
    yield from _of_all(text)
    for printed in (*(one.agency for one in opened), *found):
        name = re.sub(r"^(?:按照|根据|依据)?.{0,40}(?:要求|规定|精神)[，,]?", "", printed)
        name = re.sub(r"^(?:[现特并]?由)?(?:20\d\d年?度?的?)?|(?:20\d\d年?度?|的)$", "", name)
        name = _OFFICE.sub("", name)
        no_reporter = _NO_BODY.search(name) or _OF_DISCLOSURE.search(name)
        if 2 < len(name) <= 28 and _BODY_END.search(name) and not no_reporter:
            yield name


def _of_all(text: str) -> Iterator[str]:
    """The government whose report a text says was made of the reports of all departments and places below it."""
    if "编制" in text and (match := _OF_ALL.search(text)) and (place := _longest_listed(match["place"])):
        yield f"{place}人民政府"


@cache
def _named(possible: tuple[bool, ...]) -> re.Pattern[str] | None:
    """The ways of naming an agency that are possible in a text: each costs as much as the others where none is met."""
    ways = [pattern for (_, pattern), can in zip(_NAMED, possible, strict=True) if can]
    return re.compile("|".join(ways)) if ways else None


def dates_a_signature(text: str) -> bool:
    """Whether a line is nothing but the date of a signature, the name of who signs before it at most."""
    return len(text) <= _SIGNED_LONGEST and _SIGNED.match(widths(text.strip())) is not None


@dataclass(frozen=True, slots=True)
class Signed:
    """A line that dates a signature. ``by``: who signs, in it or on the line before ("" where no name stands there, or
    that of the office that sent it out, 印发); ``last``: whether it stands at the end of the text.
    """

    text: str
    date: str
    by: str
    last: bool


def signed(lines: Sequence[Line]) -> Iterator[Signed]:
    """The dates of signatures: on lines of their own at the end of the text, or under the title."""
    end = len(lines) - _SIGNATURE_LINES
    for at in (*range(min(8, len(lines))), *range(max(8, end), len(lines))):
        text = lines[at].text
        if len(text) > _SIGNED_LONGEST or not _ENDS.search(text):
            continue
        if (match := _SIGNED.match(widths(text := text.strip()))) is None:
            continue
        by = match["by"] or ""
        if by and not (at >= end and "年" in match["date"] and names.looks_like_body(by)):
            continue
        before = lines[at - 1].text.strip() if at and not by else by
        is_name = not match["issued"] and 3 <= len(before) <= 28 and not re.search(r"[，。；：:、]|20\d\d|报告", before)
        yield Signed(text, match["date"], simplify(before) if is_name else "", at >= end)


def _spoken_year(
    titles: Sequence[str], prose: str, opened: Sequence[Opening], parts: Sequence[Section]
) -> tuple[int, ...]:
    texts = (simplify_keeping_lines(part.text) for part in parts if part.key != "problems")
    return spoken.year_spoken_of(titles, prose, opened, texts)


def simplify_keeping_lines(text: str) -> str:
    """Simplified text whose line ends remain."""
    end = _LINE_ENDS[_LINE_ENDS[0] in text]
    return simplify(text[:20_000].replace("\n", end)).replace(end, "\n")


def _running(parts: Sequence[Section], beginning: str, named: Sequence[str]) -> list[str]:
    """Names of bodies at the start of clauses, most frequent first. Section five speaks of next year: left out.

    Behind them, bodies that are named so that the report is theirs if anybody's; ``named``: titles and statements.
    """
    names: Counter[str] = Counter()
    texts = [simplify(part.text[:20_000]) for part in parts if part.key != "problems"]
    names.update([match[1] for text in texts for match in _RUNNING.finditer(text)])
    plain = (_TOWN_OFFICE.sub("", _BEFORE_BODY.sub("", name)) for name, _ in names.most_common(_MOST))
    found = [name for name in plain if not re.search(r"[我本各全]", name)]
    addressed = list(_addressed(beginning, (*named, *found)))
    if addressed:  # the same township with its county: named once
        found = [name for name in found if not any(one.endswith((split(name)[0] or ("?",))[0]) for one in addressed)]
    others = (*_own_sites(texts), *addressed, *_above(texts, named), *_self(texts, named))
    return list(dict.fromkeys((*found, *others)))


def _self(texts: Sequence[str], named: Sequence[str]) -> Iterator[str]:
    """What a text calls its body most often (我镇, 我局), where no title names any: this tells whose it cannot be."""
    if any(judge(text).agency for text in named):
        return
    called = Counter(one for text in texts for one in _SELF.findall(text))
    yield from (one for one, _ in called.most_common(1))


def _own_sites(texts: Sequence[str]) -> Iterator[str]:
    """Bodies on whose own site a body of that kind says that it publishes (我局在句容市住房和城乡建设局官网上)."""
    for text in texts:
        if any([word in text for word in _SITES]):  # noqa: C419 — a generator costs twice as much
            yield from (match["body"] for match in _OWN_SITE.finditer(text))


def _above(texts: Sequence[str], named: Sequence[str]) -> Iterator[str]:
    """The government whose notices a body follows, or on whose site it publishes, if it is one county's alone and
    neither title nor statement says of which place the body is (《平武县人民政府办公室关于…的通知》).
    """
    if any(names.complete(judge(text).agency or text).county for text in named):
        return
    asked = [text for text in texts if "关于" in text or "网" in text]
    found = {_longest_listed(match[1]) for text in asked for match in _ABOVE.finditer(text)} - {""}
    if len(found) == 1:
        yield f"{found.pop()}人民政府"


def _longest_listed(printed: str) -> str:
    """The longest name of a division with which a text ends, "" if none; 城区 and 郊区 are any city's."""
    ends = [name for at in range(len(printed) - 1) if (name := printed[at:]) not in _ANY_CITYS]
    return next((name for name in ends if is_listed_so(name)), "") or next(filter(is_listed, ends), "")


def _addressed(beginning: str, named: Sequence[str]) -> Iterator[str]:
    """Townships with the county that an address in the opening prints before them (地址：微山县两城镇人民政府驻地), of
    those that the title, a statement or a clause names: other bodies have their seat in some township, too.
    """
    if "地址" not in beginning:
        return
    for match in _ADDRESS.finditer(beginning):
        for above, township in pairwise(split(squeeze(match[1]))[0]):
            if is_township(township) and not is_township(above) and any(township in text for text in named):
                yield above + township


def _dates(meta: Mapping[str, str], lines: Sequence[Line], dated: Sequence[Signed]) -> Iterator[DatedWitness]:
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
