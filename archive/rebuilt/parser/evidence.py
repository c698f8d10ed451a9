"""What a document says of itself: titles, the page's data, the bodies and years that its sentences name.

Collected here, judged in identity. Each field is ordered by weight, the strongest first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from archive.identity.division_lists import longest_listed
from archive.identity.inner_offices import is_inner, without_office
from archive.identity.naming import complete, looks_like_body
from archive.identity.titles import TitleVerdict, judge
from archive.identity.years import DAY, parse_date
from archive.rebuilt.parser.content import furniture_labels, is_furniture
from archive.rebuilt.parser.labels import fold_widths
from archive.rebuilt.parser.text import Line, is_heading, is_table_line, section_key
from storage.records import SHANGHAI, DatedWitness, IdentityEvidence, Section

TITLE_MAX_CHARS = 70
TITLE_MIN_CHARS = 4
TITLE_LINE_MAX_CHARS = 45  # of a title that goes over several lines
HEAD_LINES = 14  #: a title stands among the first
OPENING_MAX_CHARS = 3_000
SENTENCE_MIN_CHARS = 20  # a shorter line does not go on in the next
SIGNATURE_LINES = 8
MAX_ENTRIES = 12
META_MAX_CHARS = 400

_BODY = r"[^，。,；;：:《》“”\s]{2,28}"
_NAMED = re.compile(
    rf"由(?P<by>{_BODY}?)(?:按照|根据|依据|依照|结合|负责|组织|牵头)?[^，。,；;]{{0,24}}?(?<!机构)(?:编制(?!委)|编写|撰写|汇总)"
    rf"|(?:^|[，。,；;\n])(?P<maker>{_BODY}?)(?:负责|组织|牵头)?(?<!机构)编制(?:完成|形成)?(?:了|本|《)"
)
_ANNOUNCED = re.compile(
    r"(?:(?:现|特)(?:将|就)?(?:面?向社会)?(?:公布|发布|公开|将)?|公布|发布|编制(?:完成|形成)?了?)《?"
    r"(?P<title>(?!的)[^，。；;《》\n]{2,60}?(?:信息公开|政务公开)[^，。；;《》\n]{0,10}?(?:报告|年报|情况))"
)
_ASKED = re.compile(
    rf"(?:请|可)(?:直接|及时)?(?:与|向|致电|联系|咨询)(?P<body>{_BODY}?)(?:联系|咨询|反映|[(]|[，。,;；]|$)",
    re.MULTILINE,
)
_OF_OTHERS = re.compile(
    r"(?:信息|政务)公开(?:工作)?(?:领导小组)?(?:办公室|办|处|科|机构)$|根据|条例|^[我各其全]|^本(?!溪)"
)
_ACTING = (
    "坚持|认真|深入|严格|按照|高度|积极|主动|不断|始终|全年|根据|进一步|切实|紧紧|持续|未收|共收|共|本年|通过|聚焦|围绕"
    "|贯彻|落实|立足|强化|着力|扎实|充分|依法|全面|以|在|政府信息公开工作|安排|利用"
)
_ACTOR = re.compile(
    r"(?<![\u4e00-\u9fff])(?:(?<=\d)年度?)?(?P<who>[\u4e00-\u9fff]{2,26}?(?:局|委员会|办公室|办公厅|人民政府|办事处|管委会|中心|镇|乡|街道|署))"
    rf"(?={_ACTING})"
)
_SELF = re.compile(r"我[省市县区旗州盟局委办院镇乡街站部署处]")
_GOVERNMENT_ABOVE = re.compile(
    r"([\u4e00-\u9fff]{2,9}[县区旗市])(?=(?:人民)?政府(?:办公室)?(?:关于|(?:门户|官方)?网|信息公开网|政务))"
)
_FIRST_DAY = re.compile(r"(?<!\d)(20\d\d)年?0?1月?0?1日|(?<!\d)(20\d\d)[./-]0?1[./-]0?1(?!\d)")
_STATES_PERIOD = re.compile(r"统计|期限|时限|周期|数据|时间|涵盖|反映")
_IN_FORCE = re.compile(r"20\d\d年\d{1,2}月\d{1,2}日起?(?:正式)?(?:施行|实施|执行|生效)")
_WHOLE_YEAR = re.compile(r"(?:期限|时限|周期|统计数据|数据统计)[^。,;\n]{0,12}?(?<!\d)(20\d\d)年度?(?!\d)")
_UNTIL = re.compile(r"截[至止](?:到|至)?(20\d\d)年?(?:12月?31日|底|末|年底|12月底)")
_YEAR_OF_WORK = re.compile(
    r"(?:^|[。\n])(?:[(][一二三四五][)][^。,\n]{0,16}[。:.]?)?(20\d\d)年(?:度|来|以来)?(?:,|(?=我|全|共|未|本|主动))"
)
_DATA_LABEL = re.compile(
    r"(?:^|[\s|\[【(])(?P<label>[\u4e00-\u9fff]{2,8})\s*[:：]\s*(?P<value>[^|]*?)(?=\s*(?:\||$)|\s+[\u4e00-\u9fff]{2,6}\s*[:：])"
)
_PATH = re.compile(r"^[^>＞»]{0,20}?(?:位置|首页)\s*[:：]?[^。]*[>＞»]|^\s*[>＞»]|位置\s*[:：]\s*$|位置\s*[:：]\s*首页")
_STEP = re.compile(r"\s*[>＞»›]+\s*")
_SIGNED = re.compile(
    rf"^[(（]?\s*(?P<by>[\u4e00-\u9fff]{{3,28}}?)?\s*(?P<day>{DAY})\s*(?P<issued>印发|发布|公布)?\s*[)）]?$"
)
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_CORRECTED = re.compile(
    r"(?:本|该)(?:年度)?报告(?:已|系|为|经)[^。]{0,12}(?:更正|修订|修正)|更正(?:说明|声明|启事|公告)|(?:现|特此|予以)更正"
    r"|原(?:发布|公布|公开)的[^。]{0,30}(?:有误|更正|作废)"
)
#: labels of a page's data → the names that pages give them in their meta tags
META_NAMES = {
    "标题": "articletitle", "信息名称": "articletitle", "栏目": "columnname", "来源": "contentsource",
    "信息来源": "contentsource", "文章来源": "contentsource", "原文链接": "url", "发布时间": "pubdate",
}  # fmt: skip
DATE_NAMES = (
    "pubdate", "publishdate", "publishtime", "createdate", "firstpublishedtime", "发布日期", "发表日期", "公开日期",
    "公开时间", "成文日期", "发文日期", "生成日期", "日期", "时间",
)  # fmt: skip
_FURTHER_LABELS = frozenset(
    {"栏目", "原文链接", "发表日期", "公开方式", "组配分类", "主题分类", "发布文号", "发布来源"}
)
_DATA_LABELS = frozenset(
    {
        "名称",
        "索引号",
        "文号",
        "发布机构",
        "公开机构",
        "发文机关",
        "发布单位",
        "发文单位",
        "公开单位",
        "责任部门",
        "发布者",
    }
)


def collect_evidence(
    title: str, meta: Mapping[str, str], lines: Sequence[Line], main: Sequence[Line], parts: Sequence[Section]
) -> IdentityEvidence:
    """Return all evidence. ``title`` and ``meta``: the document's own; ``lines``: all of it; ``main``: its text."""
    head = list(_head(lines, main))
    data, crumbs, rest = _read_page_data(head)
    known = {name.lower()[:80]: value[:META_MAX_CHARS] for name, value in meta.items() if value}
    if title:
        known.setdefault("title", title[:META_MAX_CHARS])
    known = {**data, **known}
    titles = tuple(dict.fromkeys(find_titles(rest)))[:MAX_ENTRIES]
    opening = _opening(main)
    prose = "\n".join(_work(parts))
    announced = [judge(match["title"]) for match in _ANNOUNCED.finditer(opening)]
    signed = list(_signatures(main))
    named = _statements(opening, announced, [by for _, by in signed], titles)
    return IdentityEvidence(
        titles=titles,
        meta=known,
        breadcrumb=crumbs,
        statements=tuple(named),
        period=_period(opening, titles, [one.year for one in announced if one.year], prose),
        running=tuple(_running(prose, opening)),
        corrected=any(judge(one).corrected for one in (*titles, known.get("articletitle", "")))
        or _CORRECTED.search(opening[:OPENING_MAX_CHARS]) is not None,
        dates=tuple(_dates(known, signed)),
    )


# ------------------------------------------------------------------------------------------------------- titles, data


def _head(lines: Sequence[Line], main: Sequence[Line]) -> Iterator[str]:
    """Yield the lines above the first section, at most the last few before the main text and the first of it."""
    first = next((number for number, line in enumerate(lines) if main and line is main[0]), 0)
    for line in [*lines[max(0, first - HEAD_LINES) : first], *main[:HEAD_LINES]]:
        if is_heading(line) and section_key(line.text) and not judge(line.text).could_be:
            return
        if len(line.text) > TITLE_MAX_CHARS:  # a text whose line ends are lost begins with its title
            yield from line.text.split(" ")[:HEAD_LINES]
        else:
            yield line.text


def _read_page_data(head: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...], list[str]]:
    """Part the lines above a report into the page's data by label, its path, and all others."""
    data: dict[str, str] = {}
    crumbs: list[str] = []
    rest: list[str] = []
    label = ""
    for line in head:
        pieces = [piece.strip() for piece in line.split("|")] if "|" in line else [line.strip()]
        found = [match for match in _DATA_LABEL.finditer(line) if _is_label(match["label"])]
        if found:
            for match in found:
                _keep(data, match["label"], match["value"])
        elif _PATH.search(line) and not judge(line).could_be:
            crumbs += [step for step in _STEP.split(re.sub(r"^.*?位置\s*[:：]", "", line)) if step.strip()]
        elif len(pieces) > 1 or label:
            label = _pair(pieces, label, data)
        elif _is_label(line):
            label = line
        else:
            rest.append(line)
    return data, tuple(crumbs), rest


def _pair(pieces: Sequence[str], label: str, data: dict[str, str]) -> str:
    """Keep the values that stand behind labels in a row; return the label whose value is still to come."""
    for piece in pieces:
        plain = piece.rstrip(":：")
        if _is_label(plain):
            label = plain
        elif piece and label:
            _keep(data, label, piece)
            label = ""
    return label if len(pieces) == 1 else ""


def _is_label(text: str) -> bool:
    plain = fold_widths(text).rstrip(":")
    return plain in _DATA_LABELS or plain in META_NAMES or plain in _FURTHER_LABELS or plain in furniture_labels()


def _keep(data: dict[str, str], label: str, value: str) -> None:
    plain = fold_widths(label).rstrip(":")
    if value.strip() and value.strip() not in "无-/":
        data.setdefault(META_NAMES.get(plain, plain), value.strip()[:META_MAX_CHARS])


def find_titles(head: Sequence[str]) -> Iterator[str]:
    """Yield the printed titles, each on one line or several, that which says most first; else the first other line."""
    found: list[tuple[int, str]] = []
    for start in range(len(head)):
        for size in (1, 2, 3):
            parts = head[start : start + size]
            text = "".join(parts)
            if len(parts) < size or len(text) > TITLE_MAX_CHARS or (size > 1 and not all(map(_may_go_on, parts))):
                continue
            verdict = judge(text)
            if verdict.could_be and not _is_sentence(text):
                found.append((size - 1 - 2 * bool(verdict.agency) - 2 * bool(verdict.year), text))
    if found:
        yield from (text for _, text in sorted(found, key=lambda one: one[0]))
    else:
        yield from [text for text in head if _may_be_title(text)][:1]


def _may_go_on(text: str) -> bool:
    return len(text) <= TITLE_LINE_MAX_CHARS and not text.endswith((":", "：", "。")) and not is_furniture(text)


def _is_sentence(text: str) -> bool:
    return "。" in text or text.startswith(("根据", "按照", "现将", "现公布", "依据", "本报告"))


def _may_be_title(text: str) -> bool:
    is_title = TITLE_MIN_CHARS <= len(text) <= TITLE_MAX_CHARS and not re.search(r"[。，,；;：:]", text)
    return is_title and not is_furniture(text) and not _is_sentence(text) and not is_table_line(text)


# ------------------------------------------------------------------------------------------------------------ bodies


def _opening(main: Sequence[Line]) -> str:
    """Return the beginning of the text, folded; lines that a sentence goes over are joined."""
    text = ""
    for line in main:
        plain = fold_widths(line.text)
        goes_on = len(text.rpartition("\n")[2]) >= SENTENCE_MIN_CHARS and not text.endswith(("。", ":", ";", "报告"))
        text += plain if goes_on and not is_heading(line) else f"\n{plain}"
        if len(text) > OPENING_MAX_CHARS:
            break
    return text.strip()[:OPENING_MAX_CHARS]


def _work(parts: Sequence[Section]) -> Iterator[str]:
    """Yield what the sections tell of the year's work, folded; that on problems speaks of the next year."""
    for part in parts:
        if part.key != "problems":
            yield "\n".join(fold_widths(line) for line in part.text.split("\n") if not is_table_line(line))


def _statements(
    opening: str, announced: Sequence[TitleVerdict], signers: Sequence[str], titles: Sequence[str]
) -> list[str]:
    """Return the bodies that the opening and the signature name; whom to ask only where nothing else names a body."""
    makers = [match["by"] or match["maker"] for match in _NAMED.finditer(opening)]
    found = list(dict.fromkeys(_bodies([*(one.agency for one in announced), *makers, *signers])))
    if not found and not any(judge(title).agency for title in titles):
        found = list(dict.fromkeys(_bodies(match["body"] for match in _ASKED.finditer(opening))))
    return found[:MAX_ENTRIES]


def _bodies(texts: Iterable[str]) -> Iterator[str]:
    """Yield the names among words cut out of a text; an inner office stands for its body."""
    for text in texts:
        plain = re.sub(r"^(?:[现特并]?由)?(?:20\d\d年?度?的?)?|(?:20\d\d年?度?|的)$", "", text)
        plain = without_office(plain)
        is_body = looks_like_body(plain) or plain.endswith(("系统", ")"))
        if 3 <= len(plain) <= 28 and is_body and not _OF_OTHERS.search(plain) and not is_inner(plain):
            yield plain


def _running(prose: str, opening: str) -> list[str]:
    """Return the bodies whose work the sentences tell, most frequent first; then what the text calls its own."""
    counted = Counter(match["who"] for match in _ACTOR.finditer(prose))
    found = [name for name, _ in counted.most_common(MAX_ENTRIES) if not re.match(r"[我本各全]", name)]
    names = list(dict.fromkeys(without_office(name) for name in found))
    if not any(complete(name).county for name in names):
        above = {longest_listed(match[1]) for match in _GOVERNMENT_ABOVE.finditer(f"{opening}\n{prose}")} - {""}
        names += [f"{above.pop()}人民政府"] if len(above) == 1 else []
    own = Counter(_SELF.findall(prose)).most_common(1)
    return [*names, *(name for name, _ in own)]


# ------------------------------------------------------------------------------------------------------- years, dates


def _period(opening: str, titles: Sequence[str], announced: Sequence[int], prose: str) -> tuple[int, ...]:
    """Return the years of the stated period; where no title has a year, else that with which the text speaks of it."""
    sentences = [one for one in _IN_FORCE.sub("", opening).split("。") if _STATES_PERIOD.search(one)]
    stated = [int(match[1] or match[2]) for one in sentences for match in _FIRST_DAY.finditer(one)]
    stated = stated or [int(match[1]) for one in sentences for match in _WHOLE_YEAR.finditer(one)]
    if stated or any(judge(title).years for title in titles):
        return tuple(dict.fromkeys(stated))
    ways: tuple[Sequence[int], ...] = (
        announced,
        [int(match[1]) for match in _UNTIL.finditer(prose)],
        [int(match[1]) for match in _YEAR_OF_WORK.finditer(prose)],
    )
    years = next((set(way) for way in ways if way), set())
    return tuple(years) if len(years) == 1 else ()


def _signatures(main: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Yield the lines at both ends of a text that date a signature, and who signs ("" where no body stands there)."""
    ends = dict.fromkeys(
        [*range(min(SIGNATURE_LINES, len(main))), *range(max(0, len(main) - SIGNATURE_LINES), len(main))]
    )
    for number in ends:
        match = _SIGNED.match(main[number].text.strip()) if len(main[number].text) <= 60 else None
        if match is None:
            continue
        before = main[number - 1].text.strip() if number and not match["by"] else match["by"] or ""
        is_name = not match["issued"] and number >= SIGNATURE_LINES and looks_like_body(fold_widths(before))
        yield main[number].text.strip(), fold_widths(before) if is_name else ""


def _dates(meta: Mapping[str, str], signed: Sequence[tuple[str, str]]) -> Iterator[DatedWitness]:
    printed = [("metadata", meta[name]) for name in DATE_NAMES if name in meta]
    for origin, text in [*printed, *(("signature", text) for text, _ in signed[:3])]:
        day = parse_date(text)
        if day is None:
            continue
        clock = _CLOCK.search(text)
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
        at = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)
        yield DatedWitness(origin=origin, at=at, text=text.strip()[:60], day_only=clock is None)
