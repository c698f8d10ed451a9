"""Collect in one pass what a document says of itself: titles, labelled data, opening, signature, prose. Pure.

Collected here, judged in ``evidence``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import product

from archive.findings import finding, first_of
from archive.rebuilt.documents.model import Document, Paragraph, Table
from archive.rebuilt.identity.divisions import listed_at_end
from archive.rebuilt.identity.names import complete, looks_like_body, without_office
from archive.rebuilt.identity.text import alternatives, data, squeeze
from archive.rebuilt.identity.titles import Strength, TitleVerdict, judge, report_under_title, strangers_words
from archive.rebuilt.identity.years import DAY, FIRST_YEAR, mark_years, parse_date
from storage.records import SHANGHAI, DatedWitness, Finding, IdentityEvidence

TITLE_LINES, TITLE_MAX_CHARS, SIGNATURE_LINES = 14, 90, 12
OPENING_CHARS, SENTENCE_CHARS, PROSE_CHARS, MAX_VALUES, MAX_VALUE_CHARS = 1_500, 200, 20_000, 12, 400
MAX_WORDS_SHOWN = 3
_BODY_WORDS = (
    "(?:局|委员会|[改健计建信资宗]委|办公[室厅]|人民政府|办事处|管委会|中心|厅|街道|镇|乡|苏木|公司|银行|海关|总署)"
)
_PATH = re.compile(r"(?:当前|所在)的?位置|^首页\s*[>/›»]")
_SENTENCE = re.compile("。|^(?:现|根据|依据|按照|本|特)")
_STEP = re.compile(r"\s*[>›»/＞]\s*")
_SITE = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,12}[县市区旗])(?:人民)?政府(?:门户|官方)?网站?|地址:([\u4e00-\u9fff]{2,8}?[县市区旗])"
)
_OVERVIEW = re.compile(r"(?:^|\n)\s*一、[^\n。]{0,20}")
_PERIOD = re.compile(
    r"(?P<first>20\d\d)年?\(?1月?(?:1日|01日)?.{0,6}?(?:至|到|[-—–~])(?:(?P<last>20\d\d)年?)?(?:12月(?:31|30)日?|12?3[01]|年底)"
    r"|(?:统计)?(?:期限|时限|时间)[^。]{0,8}?(?P<stated>20\d\d)(?:年度|年|1)"
)


@cache
def _labels() -> Mapping[str, str]:
    """Return each label of ``labels.toml`` with the name by which its value is kept ("" for those that are not)."""
    table = data("labels.toml")
    return {label: "" if name == "other" else name for name, labels in table.items() for label in labels}


@cache
def _label_pattern() -> re.Pattern[str]:
    spaced = [r"\s*".join(label) for label in sorted(_labels(), key=len, reverse=True)]  # "名 称:"
    return re.compile(rf"(?<![\u4e00-\u9fff])(?P<label>{'|'.join(spaced)})\s*[:：]")


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line; ``in_text`` is False where it belongs to the page around the report."""

    text: str
    in_text: bool = True


def collect_evidence(document: Document) -> IdentityEvidence:
    """Return all evidence of a document, strongest first within each field."""
    lines = list(_printed_lines(document))
    fields = dict(_labelled_fields(document, lines))
    meta = {name.lower()[:80]: value[:MAX_VALUE_CHARS] for name, value in document.meta.items() if value}
    meta |= {name: value for name, value in fields.items() if name and name not in meta}
    if document.title:
        meta.setdefault("title", document.title[:MAX_VALUE_CHARS])
    own = [line.text for line in lines if line.in_text]
    titles = _titles(own, fields.get("标题", ""))
    text = "\n".join(squeeze(line.replace("\t", "|")) for line in own)[:PROSE_CHARS]
    if site := _SITE.search(text):
        meta.setdefault("sitename", listed_at_end(site[1] or site[2]))
    begun = _OVERVIEW.search(text)
    overview = text[begun.end() :] if begun else text
    signed = list(_signatures(own))
    stated = [
        *_stated_bodies(text[:OPENING_CHARS]),
        *(body for body, _ in signed),
        *_subjects(overview[:SENTENCE_CHARS]),
    ]
    prose = "\n".join(line for line in overview.split("\n") if "|" not in line)
    return IdentityEvidence(
        titles=titles,
        meta=meta,
        breadcrumb=_breadcrumb(lines),
        statements=_distinct([without_office(body) for body in stated if body]),
        period=_period(text[:OPENING_CHARS], prose[:OPENING_CHARS], titles),
        running=_distinct([*_subjects(prose), *re.findall("我[局委办厅院署部镇乡街站处]", text)]),
        corrected=any(judge(title).corrected for title in titles),
        dates=tuple(_dates(meta, [day for _, day in signed if day])),
    )


def _distinct(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:MAX_VALUES]


def _printed_lines(document: Document) -> Iterator[_Line]:
    """Yield the lines of paragraphs, and of tables the rows that hold one text alone (a sheet saved as a page)."""
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield from (_Line(line.strip(), not block.furniture) for line in block.text.splitlines() if line.strip())
        else:
            rows = [[cell.text.strip() for cell in row if cell.text.strip()] for row in block.rows()[:TITLE_LINES]]
            yield from (_Line(row[0].replace("\n", "")) for row in rows if len(row) == 1)


def _labelled_fields(document: Document, lines: Sequence[_Line]) -> Iterator[tuple[str, str]]:
    """Yield the data that a page prints under labels, later ones first: on a line, in cells side by side or below."""
    found: list[tuple[str, str]] = []
    texts = [line.text for line in lines[: 3 * TITLE_LINES]]
    for text in texts:
        labels = list(_label_pattern().finditer(text))
        for label, after in zip(labels, [*labels[1:], None], strict=False):
            end = after.start() if after else len(text)
            value = re.split(r"\s{3,}|\t|\|", text[label.end() : end].strip())[0].strip()
            found.append((_labels()[squeeze(label["label"])], value))
    rows = [[cell.strip() for cell in text.split("|")] for text in texts if "|" in text]
    for block in document.blocks:
        rows += [[cell.text for cell in row] for row in block.rows()[:TITLE_LINES]] if isinstance(block, Table) else []
    for row, below in zip(rows, [*rows[1:], []], strict=False):
        names = [_labels().get(squeeze(text).rstrip(":"), None) for text in row]
        of_labels = sum(name is not None for name in names) > len(row) // 2 and len(row) > 2
        for at, name in enumerate(names):
            values = below if of_labels else row[1:]
            if name and at < len(values):
                found.append((name, values[at].strip()))
    yield from ((name, value[:MAX_VALUE_CHARS]) for name, value in reversed(found) if name and value)


def _titles(lines: Sequence[str], labelled: str) -> tuple[str, ...]:
    """Return printed titles among the first lines, each alone or joined with those behind it; the fullest first."""
    head = [part for line in lines[:TITLE_LINES] for part in _title_parts(line)]
    found: list[tuple[int, str]] = []
    for at, size in product(range(len(head)), (1, 2, 3, 4)):
        parts = head[at : at + size]
        text = "".join(parts)
        if len(parts) < size or len(text) > TITLE_MAX_CHARS or any(map(_is_no_title, parts)):
            continue
        verdict = _title_verdict(text)
        if verdict is not None and (size == 1 or not _stands_alone(parts, verdict)):
            found.append((-2 * bool(verdict.agency) - 2 * bool(verdict.year) + size - 1, text))
    found += [(-3, labelled)] if _title_verdict(labelled) else []
    return _distinct([text for _, text in sorted(found, key=lambda pair: pair[0])])


def _is_no_title(line: str) -> bool:
    """Whether a line is a sentence, a page's path, or its data."""
    return bool(_SENTENCE.search(line) or _PATH.search(line) or _label_pattern().search(line))


def _title_parts(line: str) -> list[str]:
    """Return the parts of a line among which its title is: items that blanks part, on a line too long for a title."""
    items = [line] if len(line) <= TITLE_MAX_CHARS else line[: 3 * TITLE_MAX_CHARS].split()
    return [re.sub("^#+ ", "", item) for item in items if len(item) <= TITLE_MAX_CHARS]


def _title_verdict(text: str) -> TitleVerdict | None:
    verdict = judge(text)
    return verdict if verdict.could_be else report_under_title(text)


def _stands_alone(parts: Sequence[str], joined: TitleVerdict) -> bool:
    """Whether one of some lines is the whole title by itself, so that the others are none of it."""
    verdicts = [judge(part) for part in parts]
    if any(
        one.strength is Strength.FULL and one.year == joined.year and complete(one.agency).county for one in verdicts
    ):
        return True
    first = squeeze(parts[0])  # a name on its own line before the title must be a body's or a place's
    return verdicts[-1].could_be and not looks_like_body(first) and not complete(first).county


def _breadcrumb(lines: Sequence[_Line]) -> tuple[str, ...]:
    for line in lines[: 3 * TITLE_LINES]:
        found = _PATH.search(line.text)
        if found:
            path = re.sub("^.{0,6}位置[:：]?", "", line.text[found.start() :])
            return tuple(step.strip() for step in _STEP.split(path) if step.strip())[:MAX_VALUES]
    return ()


@cache
def _statement() -> re.Pattern[str]:
    name = r"[\u4e00-\u9fffA-Za-z.]{2,36}?"
    return re.compile(
        rf"由(?P<author>{name})(?:\([^()]{{0,20}}\))?(?:根据[^。]{{0,80}}?|按照[^。]{{0,80}}?|负责)?(?:编制|编写)"
        rf"|(?:公布|公开|发布|编制了?|形成了?|将|公布的|《)(?P<title>[^,。;:《》\n]{{4,60}}?(?:年度?报告|年报|情况报告))"
        rf"|(?:^|[,。;:\n])(?P<writer>{name})(?:负责|组织)?编制(?:了|完成了?)?(?:本|《)"
        rf"|(?:与|联系|咨询|地址:)(?P<contact>{name})(?:联系|\(|,|。|电话)"
        rf"|(?:^|\n)(?P<opens>{name})(?=根据《|按照《)"
    )


def _stated_bodies(opening: str) -> Iterator[str]:
    """Yield the bodies that an opening names as the report's own: its author, those of its title, whom to ask."""
    found = list(_statement().finditer(opening))
    for group in ("author", "writer", "title", "opens", "contact"):
        for text in (match[group] for match in found if match[group]):
            name = _VERBS.sub("", judge(text).agency if group == "title" else without_office(text))
            is_body = re.search(f"{_BODY_WORDS}$", name) or complete(name).county
            if is_body and not name.startswith("国务院"):
                yield name


_VERBS = re.compile("^(?:本?(?:年度)?报告由|由|现(?:将|公布)?|公布|将|请?与|对|向|解读)+")


@cache
def _subject() -> re.Pattern[str]:
    doing = alternatives(data("names.toml")["doing"])
    return re.compile(
        rf"(?:^|[\n,。;:)])(?:20\d\d年度?(?:以?来)?,?)?(?P<body>(?![本该全各我其]|年度)[\u4e00-\u9fff]{{1,30}}?{_BODY_WORDS})(?={doing}|\d|严|高|召|坚|深|不)"
    )


def _subjects(text: str) -> Iterator[str]:
    """Yield the bodies with which sentences begin that say what was done (2024年,甘眉工业园区管委会严格…)."""
    for match in _subject().finditer(text):
        name = _VERBS.sub("", match["body"])
        if looks_like_body(name):
            yield name


def _signatures(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield body and day of what signs a text, at its end or below its title."""
    for at, line in enumerate(lines):
        if TITLE_LINES // 2 < at < len(lines) - SIGNATURE_LINES or len(line) > TITLE_MAX_CHARS:
            continue
        day = re.search(rf"\(?({DAY})\)?\s*$", line)
        if day is None or _label_pattern().search(line):
            continue
        before = squeeze(line[: day.start()]) or (squeeze(lines[at - 1]) if at else "")
        yield (before if looks_like_body(before) else ""), day[1]


def _period(opening: str, prose: str, titles: Sequence[str]) -> tuple[int, ...]:
    """Return the years of the stated period, else, where no title has one, the year that the prose begins with."""
    stated = {int(match[match.lastgroup or 0]) for match in _PERIOD.finditer(opening + prose[:SENTENCE_CHARS])}
    if stated or any(judge(title).years for title in titles):
        return tuple(sorted(stated))
    spoken = [int(year) for year in _YEAR_OF_WORK.findall(prose)] or list(mark_years(prose).printed)
    is_plain = bool(spoken) and spoken.count(spoken[0]) == max(map(spoken.count, spoken))
    return (spoken[0],) if is_plain and spoken[0] >= FIRST_YEAR else ()


_YEAR_OF_WORK = re.compile(
    "(20\\d\\d)年(?:度|以来|底)?(?:政府信息|信息公开|,|[我本全]|[\u4e00-\u9fff]{2,12}?(?:局|镇|乡|街道|办))"
)
_DATE_NAMES = ("pubdate", "publishdate", "publishtime", "createdate", "firstpublishedtime", "发布日期", "成文日期")


def _dates(meta: Mapping[str, str], signed: Sequence[str]) -> Iterator[DatedWitness]:
    printed = [("metadata", meta[name]) for name in _DATE_NAMES if name in meta]
    for origin, text in dict.fromkeys((*printed, *(("signature", day) for day in signed))):
        if day := parse_date(text):
            clock = re.search(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", text)
            hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
            at = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)
            yield DatedWitness(origin=origin, at=at, text=text.strip()[:60], day_only=clock is None)


_STRANGE_DOMAIN = re.compile(
    r"(?<![@.\w-])(?:www\.)?(?!www)(?P<domain>[a-z0-9-]{2,40}\.(?:com|cn|net|top|cc|vip|xyz|info))(?![\w.])"
    r"(?=[)/]*[\u4e00-\u9fff]{0,12}(?:政府|乡|镇|街道|网站|查阅|下载))"
)
_SPAM_WORD = re.compile(r"[A-Za-z\d]{3,12}(?:体育|官网|手机app)|(?:体育|竞彩|娱乐)[\u4e00-\u9fff]{0,4}[_$@]")


def copy_findings(text: str) -> tuple[Finding, ...]:
    """Return the finding on a text in which words of betting, or another site's domain, stand in a name's place."""
    plain = squeeze(text)[:PROSE_CHARS]
    words = [
        *sorted(strangers_words(plain)),
        *_SPAM_WORD.findall(plain),
        *(one["domain"] for one in _STRANGE_DOMAIN.finditer(plain)),
    ]
    return (finding("hijacked_copy", found=first_of(tuple(dict.fromkeys(words)), MAX_WORDS_SHOWN)),) if words else ()
