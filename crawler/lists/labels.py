"""Labels on the way to reports: where they stand, to what they lead, and what they say of the reports behind. Pure."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

from archive.identity.names import complete, is_generic, kind_of, looks_like_body, words_within
from crawler.lists.page import Page
from crawler.lists.words import WALK, squeeze
from storage.records import AgencyKind

MAX_LABEL_CHARS = 40
HOME, OPENNESS, GROUP, BODY, REPORTS = "home", "openness", "group", "body", "reports"
SURE = 100  # weight of what says that it is of reports
# which labels lead on from where, to what, and how much sooner than others
_RULES: tuple[tuple[str, frozenset[str], str, int], ...] = (
    ("reports", frozenset((HOME, OPENNESS, GROUP, BODY, REPORTS)), REPORTS, SURE),
    ("years", frozenset((REPORTS,)), REPORTS, 84),
    ("groups", frozenset((REPORTS,)), REPORTS, 82),
    ("bodies", frozenset((REPORTS,)), REPORTS, 76),
    ("openness", frozenset((HOME, OPENNESS, GROUP, BODY)), OPENNESS, 66),
    ("groups", frozenset((HOME, OPENNESS, GROUP)), GROUP, 56),
    ("bodies", frozenset((OPENNESS, GROUP)), BODY, 48),
    ("maps", frozenset((HOME,)), HOME, 30),
)
_IN_SCRIPT = re.compile(
    r"[\"']?(?:name|title|text|label)[\"']?\s*:\s*[\"']([^\"']{2,40})[\"'][^{}]{0,200}?"
    r"[\"']?(?:url|href|link|path)[\"']?\s*:\s*[\"']([^\"'\s]{1,200})[\"']"
)
_IN_CALL = re.compile(
    r"[\"']([^\"'<>\n]{2,40})[\"']\s*,\s*[\"']([\w./-]{1,80}\.(?:s?html?|jspx?|do|aspx?|php)[^\"'\s]{0,80})[\"']"
)
LABEL = 60  # characters of a label that are compared; what is longer is no name of a column
_BLANK = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]+")
_ORNAMENT = re.compile(r"^[>»›·•●■◆▪→|\-—\[【<《]+|[>»›·•●■◆▪→|\-—\]】<》:：]+$")
_NUMBERED = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[、.](?!\d))")
YEAR = re.compile(r"(?:19|20)\d\d(?:[-—~至](?:19|20)?\d\d)?年?度?|[二][〇○零O0][〇○零一二三四五六七八九]{2}年?度?")
_SAID = (  # what a label says of who publishes behind it
    (words_within("department"), (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)),
    (re.compile(rf"{words_within('township').pattern}|街道|^各?[乡镇]"), (AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT)),
    (re.compile(r"^[县市区旗州](?:人民)?政府(?!部门|工作部门|办|各|直)|本级政府"), (AgencyKind.GOVERNMENT,)),
)
_OTHERS = re.compile(  # bodies that are no departments of the place, though they are called units
    r"(?:公共|国有|直属)*(?:企事业|事业|企业)单位|(?:双重管理|垂直管理|垂直|垂管|双管|中省直?|驻)[^部单机]{0,4}(?:部门|单位|机构|机关)"
)
_GROUPS = re.compile(
    rf"{words_within('department').pattern}|{words_within('township').pattern}|(?:^各?|县|市|区)街道|"
    r"^[县市区旗州](?:人民)?政府(?!办)|本级"
)
_OWN_GOVERNMENT = re.compile(r"(?:.*[县市区旗州])?(?:人民)?政府(?:办|办公室)?|[县市区旗州]?(?:政府)?本级")
_REPORTING = re.compile(r"(?<!\d)20\d\d年?(?:度|[^年度]{0,12}(?:年度报告|年报|报告))")
_SPAN = re.compile(r"[前后]|[-—~至]\s?(?:19|20)?\d\d|以来|历年|往年")
_REPORT_WORDS = re.compile(r"(?:法定主动公开|政府)?信息公开.*$|(?:工作)?年度报告.*$|年报.*$")


def rule_for(label: str, context: str) -> tuple[str, int] | None:
    """Return to what a label leads from a context, and how soon it should be followed; None if it does not matter."""
    plain = squeeze(label)
    if not 1 < len(plain) <= MAX_LABEL_CHARS:
        return None
    for name, contexts, leads, weight in _RULES:
        refused = name != "bodies" and WALK["not_reports"].search(plain)
        if context in contexts and WALK[name].fullmatch(plain) and not refused:
            return leads, weight
    return None


def labels_of(page: Page) -> list[tuple[str, str]]:
    """Links of a page with their labels, those of menus in scripts too."""
    found = [
        (entry.title, entry.url)
        for block in page.blocks
        for entry in block.entries
        if entry.url and (not entry.is_crumb or WALK["reports"].fullmatch(squeeze(entry.title)))
    ]
    found += [(one.text, one.url) for one in page.controls if one.kind == "choice" and one.url]
    return found + labels_in_script(page.url, page.source)


def labels_in_script(base: str, text: str) -> list[tuple[str, str]]:
    """Labels and addresses of a menu that a script holds as data or as calls of a tree."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return [(name, urljoin(base, url)) for name, url in (*_IN_SCRIPT.findall(plain), *_IN_CALL.findall(plain))]


def label(text: str) -> str:
    """Return a printed label as it is compared: without blanks, invisible marks, ornaments and numbering; bounded."""
    plain = _BLANK.sub("", html.unescape(text[:2_000]))
    plain = _ORNAMENT.sub("", plain)
    return _ORNAMENT.sub("", _NUMBERED.sub("", plain))[: LABEL + 1]


def kinds_in_label(text: str) -> tuple[AgencyKind, ...]:
    """Return the kinds of bodies that, by its label, publish in a column; () where it does not say, or names one."""
    plain = _OTHERS.sub("", YEAR.sub("", label(text)))
    if looks_like_body(_REPORT_WORDS.sub("", plain)[-40:]) and not _is_many(plain):
        return ()
    return tuple(dict.fromkeys(kind for word, kinds in _SAID if word.search(plain) for kind in kinds))


def names_a_year(text: str) -> bool:
    """Whether a label is that of one year (2023年): another year's column will be another. 2021年及以前 is of more."""
    return latest_year(text) is not None


def reporting_year(text: str) -> int | None:
    """Return the one year of the reports behind a label that says so (2024年度, 2024年政府信息公开年报); None for a
    mere year, which may be that of publication, and for several.
    """
    return latest_year(text) if _REPORTING.search(label(text)) else None


def latest_year(text: str) -> int | None:
    """Return the year of a folder (2023年, 2023年部门年报): of publication or of the reports, none of which is on a
    later one; None where a label names none, or several (2020年以来).
    """
    shown = label(text)
    years = set(re.findall(r"(?<!\d)20\d\d(?!\d)", shown))
    return int(years.pop()) if len(years) == 1 and not _SPAN.search(shown) else None


def body_in_label(text: str) -> str:
    """Return the one body that a label names (县财政局政府信息公开年报); "" if none."""
    plain = _REPORT_WORDS.sub("", YEAR.sub("", label(text)))
    return plain if looks_like_body(plain) and not _is_many(plain) else ""


def is_of_own_government(body: str) -> bool:
    """Whether a body named by a title or label is the government that the portal is of, or its office."""
    own = kind_of(complete(body)) in {AgencyKind.GOVERNMENT, AgencyKind.OFFICE}
    return own or _OWN_GOVERNMENT.fullmatch(body) is not None


def _is_many(plain: str) -> bool:
    return is_generic(plain) or bool(_GROUPS.search(plain))
