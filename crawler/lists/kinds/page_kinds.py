"""What a page calls itself: a column of reports, or a notice that stands in place of an answer (pure)."""

from __future__ import annotations

import re
from itertools import islice

import lxml.html

from archive.identity.classification import classify
from archive.identity.names import is_section
from crawler.lists.addresses import text_of
from crawler.lists.page_words import data, words

PLACES = (  # of a page, where it says what it is
    "//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title') or contains(@class, 'position') or"
    " contains(@class, 'crumb') or contains(@class, 'bread') or contains(@class, 'location') or"
    " contains(@class, 'weizhi') or contains(@class, 'dqwz')]"
    " | //*[contains(@id, 'position') or contains(@id, 'crumb') or contains(@id, 'location') or"
    " contains(@id, 'weizhi') or contains(@id, 'dqwz')]"
)
CHAPTERS = 3  #: of the form that a report's text has; fewer may stand in a menu
_COLUMN = re.compile(r"年\s*报|年度报告|工作报告|年度报表|信息公开")
_ANNUAL = re.compile(r"年\s*报|年度报告")
_BETWEEN = re.compile(r"[_\-—|–>＞»›→]+|(?<!\d)[/／]+|[/／]+(?!\d)")
_LOADING = re.compile(r"(?:加载|载入|读取|loading)[中数据…。.,，]{0,8}请您?(?:耐心)?稍[候后等]")  # it is yet to answer
_OFFICE = re.compile(r"(?<![镇乡道])(?:人民政府|(?<!人民)政府)办")  # of the county, not of a township
_BODY = re.compile(r"[一-龥]{2}(?:局|委|委员会|办|办公室|政府|中心|镇|乡|街道|街道办事处|处|所|院|会|队)$")


def chapters_in(text: str) -> int:
    """How many chapters of the form a text names."""
    return sum(chapter in text for chapter in words("report_page", "chapters"))


def names_a_column(tree: lxml.html.HtmlElement | None, column: re.Pattern[str] = _COLUMN) -> bool:
    """Whether a page calls itself a column of reports: its title, a heading, or the place where it says one is."""
    if tree is None:
        return False
    return any(column.search(text_of(node)[:200]) for node in tree.xpath(PLACES)[:40])


def pieces(text: str) -> list[str]:
    """Return what a page's title or the place where it says one is (首页 > 政务公开 / 年报) is put together from."""
    return _BETWEEN.split(text)


def is_known_folder(tree: lxml.html.HtmlElement | None, column: str) -> bool:
    """Whether a page is the folder of a column of reports that ``column`` says (政府信息公开年报>县政府>2024年): it
    calls itself by the last of these names, though it need not call itself a column of reports. The office of a
    government goes by several (县政府办公室, 宛平县人民政府办公室).
    """
    name = "".join(column.rpartition(">")[2].split())
    if tree is None or len(name) < 2 or not _ANNUAL.search(column):
        return False
    office = _OFFICE.search(name)
    said = ("".join(text_of(node)[:200].split()) for node in tree.xpath(PLACES)[:40])
    return any(name in text or (office is not None and _OFFICE.search(text) is not None) for text in said)


def collected(title: str) -> str:
    """Return the title of the reports that an article collects (…年度报告 of …年度报告汇总); "" for any other."""
    ends = re.search(data()["collection"]["ends"], title[-40:])
    return title[: -len(ends.group(1))] if ends else ""


def is_notice(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page, outside its links, says that it stands in place of an answer (系统维护中, 您没有相关权限)."""
    if tree is None:
        return False
    said = "".join(islice(tree.xpath("//text()[not(ancestor::a or ancestor::script or ancestor::style)]"), 4000))
    flat = _LOADING.sub("", "".join(said[:40_000].split()).lower())
    return any(word in flat for word in words("no_answer"))


def names_a_body(text: str) -> bool:
    """Whether a text ends as the names of bodies do (宛平县教育局); the sections of a site (新闻中心) are none."""
    return bool(_BODY.search(text)) and not is_section(text)


def names_a_report(title: str) -> bool:
    """Whether a title is that of an annual report of some year."""
    found = classify(title, None)
    return found.is_report and found.year is not None
