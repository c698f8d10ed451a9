"""What a page says about itself: meta tags, the 索引号 table, breadcrumb, <publishtime>."""

from __future__ import annotations

import re

from lxml import etree

from archive.documents.markup.content import words_of
from archive.documents.markup.dateline import day_alone, day_first, day_last, may_begin_dateline
from archive.documents.markup.scan import Element, Scan
from archive.documents.markup.vocabulary import Vocabulary
from storage import page_metadata
from storage.page_metadata import plain

_LABEL_TAGS = frozenset(
    ("td", "th", "li", "span", "p", "div", "dt", "dd", "strong", "b", "em", "label", "i", "font", "a")
)
_TRAIL_TAGS = frozenset(("div", "p", "ul", "td", "span", "section", "dl", "li", "nav", "ol"))
_TRAIL = frozenset(
    [
        "crumb",
        "crumbs",
        "breadcrumb",
        "breadcrumbs",
        "dqwz",
        "curpos",
        "curposition",
        "position",
        "location",
        "position-txt",
        "gk_pos",
        "breadcrumbnav",
        "weizhi",
        "wz",
    ]
)
_TRAIL_START = re.compile(
    r"^(?:您(?:现在)?(?:所在)?的?(?:当前)?位置|当前(?:所在)?位置|您所在的位置|现在位置|位置)(?:是|为)?[:：]?"
)
_STEP = re.compile(r"\s*(?:>{1,2}|»|›|→|＞|\\|/|\||\s-\s)\s*")
_TITLE_ENDS = re.compile(r"\s*[-_|–—｜]+\s*")
_HAN = re.compile(r"[\u4e00-\u9fff]")
# labels that only mark where another value ends: what they count is furniture
_DAYS = ("时间", "日期")
_COUNTERS = frozenset(["访问次数", "浏览次数", "浏览量", "点击量", "点击", "点击数", "阅读次数", "打印"])
MAX_VALUE = page_metadata.MOST
MAX_LABEL_TEXT = 160


def meta_tags(scan: Scan) -> dict[str, str]:
    """Meta tags by lower-cased name, the first value that is not empty; and <publishtime>.

    A PubDate of which the page shows that it is the time of building goes by the name ``pagebuilt``.
    """
    found = page_metadata.tags(
        (element.get("name") or element.get("property"), element.get("content")) for element in scan.root.iter("meta")
    )
    if page_metadata.built_not_published(found):
        found["pagebuilt"] = found.pop("pubdate")
    for element in scan.root.iter("publishtime"):
        if text := _words(element):
            found.setdefault("publishtime", text[:MAX_VALUE])
    return found


def title_of(scan: Scan) -> str:
    """The first <title> that says something."""
    for element in scan.root.iter("title"):
        text = plain("".join(element.itertext()))
        if text:
            return text
    return ""


def labelled(scan: Scan, vocabulary: Vocabulary, content: Element, title: str, *, report: bool) -> dict[str, str]:
    """Label → value of the metadata table and of the line of dates and sources; labels without blanks and colon.

    A day without a label goes by the name ``dateline``. Inside the text of a ``report`` nothing is taken: there a date
    or a body is not the page's word about itself.
    """
    found: dict[str, str] = {}
    start, end = scan.spans.get(content, (0, 0))
    whole = not report or content.tag == "body" or end - start >= 0.9 * len(scan.text)
    titles = _titles(scan, title)
    for element, span in scan.spans.items():
        if not 2 <= span[1] - span[0] <= MAX_LABEL_TEXT or element.tag not in _LABEL_TAGS:
            continue
        if not whole and start <= span[0] and span[1] <= end:
            continue
        text = scan.text[span[0] : span[1]]
        bare = text.strip("【】[]:：")
        if bare in vocabulary.labels:
            value = _value_after(scan, element, vocabulary)
            value = vocabulary.value_tails.sub("", value).strip()
            if value and bare not in _COUNTERS and (element.tag in ("td", "th", "dt") or text[-1] in ":：】]"):
                _keep(bare, value, vocabulary, found)
        elif ("：" in text or ":" in text) and vocabulary.label_start.match(text):
            _split_labels(_words(element), vocabulary, found)
        elif may_begin_dateline(text):
            before = scan.text[max(0, span[0] - MAX_LABEL_TEXT) : span[0]]
            words = _words(element)
            if day := day_first(words, before, titles, vocabulary):
                _note_day(day, found)
                _split_labels(words, vocabulary, found)
    if not found.get("dateline"):
        found.pop("dateline", None)
    return found


def _note_day(day: str, found: dict[str, str]) -> None:
    """Keep the day under ``dateline``; "" where the page prints several, for nobody can tell which is its own."""
    before = found.setdefault("dateline", day)
    if not before or not (day.startswith(before) or before.startswith(day)):
        found["dateline"] = ""


def _titles(scan: Scan, title: str) -> tuple[str, ...]:
    """What the page says its title is, without blanks: the first part of <title>, and ArticleTitle."""
    tags = (element for element in scan.root.iter("meta") if (element.get("name") or "").lower() == "articletitle")
    titles = [_TITLE_ENDS.split(title)[0], *(plain(tag.get("content") or "") for tag in tags)]
    return tuple("".join(title.split()) for title in titles if title)


def _keep(label: str, value: str, vocabulary: Vocabulary, found: dict[str, str]) -> None:
    if label in vocabulary.sources:
        value, day = day_last(value)
        if day:
            _note_day(day, found)
    if value:
        found.setdefault(label, value)


def _value_after(scan: Scan, label: Element, vocabulary: Vocabulary) -> str:
    """The text beside a label: its own tail, else the next element with text, one level up if need be."""
    if label.tag not in ("td", "th", "dt") and label.tail and (tail := " ".join(label.tail.split())):
        return tail[:MAX_VALUE]
    at = label
    for _ in range(2):
        beside = next((e for e in at.itersiblings() if isinstance(e.tag, str)), None)
        if beside is not None:
            if scan.size(beside) > MAX_LABEL_TEXT:
                return ""
            value = _words(beside)
            compact = "".join(value.split())
            is_label = compact.strip("【】[]:：") in vocabulary.labels or vocabulary.label_start.match(compact)
            return "" if is_label else value[:MAX_VALUE]
        parent = at.getparent()
        if parent is None or scan.size(parent) > scan.size(label) or at.tag in ("td", "th", "dt"):
            break
        at = parent
    return ""


def _split_labels(text: str, vocabulary: Vocabulary, found: dict[str, str]) -> None:
    """Labels and values of a line like 发布日期：2024-10-21 来源：新闻办 浏览次数：; blanks in labels do not matter.

    Of 时间 and 日期 nothing says what they are the day of: it is the page's own where its source stands beside them.
    """
    values: dict[str, str] = {}
    compact: list[str] = []
    back: list[int] = []
    for at, character in enumerate(text):
        if not character.isspace():
            compact.append(character)
            back.append(at)
    joined = "".join(compact)
    # "采集时间：" is not "时间：": before a label stands a blank or at least no Chinese character
    marks = [
        m for m in vocabulary.label_start.finditer(joined) if len(m.group(1)) > 2 or _stands_free(text, back[m.start()])
    ]
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(joined)
        if mark.end() < end:
            stop = back[end] if end < len(joined) else len(text)
            value = text[back[mark.end()] : stop].strip(" \t\r\n\u3000\xa0|【[")
            value = vocabulary.value_tails.sub("", value).strip()
            if value and mark.group(1) not in _COUNTERS:
                values.setdefault(mark.group(1), value)
                _keep(mark.group(1), value[:MAX_VALUE], vocabulary, found)
    if not vocabulary.sources.isdisjoint(values):
        for day in filter(None, (day_alone(values.get(label, "")) for label in _DAYS)):
            _note_day(day, found)


def _stands_free(text: str, at: int) -> bool:
    return at == 0 or _HAN.match(text[at - 1]) is None


def _words(element: Element) -> str:
    """Visible text of a small element with single blanks."""
    return " ".join(etree.tostring(element, method="text", encoding="unicode", with_tail=False).split())


def breadcrumb(scan: Scan, content: Element) -> tuple[str, ...]:
    """The path of columns the page shows above its text, without "当前位置：" and without the page's own title."""
    start, _ = scan.spans.get(content, (0, 0))
    for element, span in scan.spans.items():
        if span[1] > max(start, 1) or not 2 <= span[1] - span[0] <= 200 or element.tag not in _TRAIL_TAGS:
            continue
        text = scan.text[span[0] : span[1]]
        if not (_TRAIL_START.match(text) or not _TRAIL.isdisjoint(words_of(element))):
            continue
        steps = _steps(scan, element)
        if steps:
            return steps
    return ()


def _steps(scan: Scan, element: Element) -> tuple[str, ...]:
    links = [_words(a) for a in element.iterdescendants("a") if scan.size(a)]
    if links:
        tail = _words(element).rsplit(links[-1], 1)[-1]
        rest = [" ".join(step.split()) for step in _STEP.split(tail)]
        steps = links + [step for step in rest if step and len(step) <= 60]
    else:
        text = _TRAIL_START.sub("", _words(element))
        steps = [step for step in _STEP.split(text) if step]
    steps = [_TRAIL_START.sub("", step).strip(" :：>") for step in steps]
    return tuple(step[:60] for step in steps if step and any(c.isalnum() for c in step))[:12]
