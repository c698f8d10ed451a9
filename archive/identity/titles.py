"""Decide whether a title is that of an annual report of 政府信息公开, or only looks like one.

A title is taken apart into *head* (agency and year), *core* (政府信息公开工作年度报告 and its variants) and *tail*; a
report's title has an agency or nothing for a head and nothing of weight for a tail. Words lie in ``titles.toml``;
matching is by fixed words on a bounded text, so no title can make it slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice

from archive.identity.naming import is_generic, is_group, is_own_level, looks_like_body
from archive.identity.text import MAX_TITLE, squeeze
from archive.identity.title_parts import BODY, SENTENCE, agency_like, clean_head, head_reason, read_tail
from archive.identity.wording import (
    announcement,
    asking_notice,
    core,
    lead_words,
    publishing_notice,
    weak_core,
    why,
    words,
)
from archive.identity.years import mark_years

#: Reasons whose words stand in names of bodies as well (统计局, 行政执法局, 卫生和计划生育局), and such names.
IN_NAMES = frozenset({"statistics", "rule_of_law_report", "work_points"})
NAMED_SO = re.compile("(?:局|委员会|大队|支队|总队|调查队|中心)$")
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+|⋯+|。{2,})$")
_PATH = re.compile(r"--+|[_|>·–—-]")  # between a page's title and the names of what it stands in
_DEEPEST = 8  # parts of such a path that are looked at
_YEAR_OVER = re.compile("#(?:年度|年)?>")
_NAMED_OF_YEAR = re.compile(
    r"([^\d()\[\]【】]+)[(\[【]?20\d\d年度[)\]】]?|[(\[【]?20\d\d年度[)\]】]?([^\d()\[\]【】]+)"
)
_LEAST_BEGUN = 3  # characters of the core that tell it (政府信, 政务公): 政府 begins much else
_LEAST_ASTRAY = 6  # characters of an ending by whose letters it is told
_WORDS_OF_ENDINGS = ("年度", "报告", "工作", "情况", "年报")
_BOTH_NAMES = re.compile(r"政务公开\(政府信息公开\)|政府信息公开\(政务公开\)")
_SHORTEST_CUT, _LONGEST_BODY = 6, 40  # characters
_PLACE_ONLY = re.compile("(?:省|市|县|区|旗|州|盟)$")


class Strength(StrEnum):
    """How much a title says by itself."""

    FULL = "full"  # an agency and a year
    BARE = "bare"  # a year and 报告, no agency
    FOLDER = "folder"  # a year and 年报, no agency: as often the link to a year's folder
    UNDATED = "undated"  # an agency, no year
    COLUMN = "column"  # neither: the name of the column
    CUT = "cut"  # ends in an ellipsis within the core
    BEGUN = "begun"  # ends in an ellipsis before it says of what it is
    HEADED = "headed"  # a body below a heading that is a year (2024年>司法局): it may be that of publication
    WEAK = "weak"  # agency, year and 年度报告 without saying of what
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """What a title is. ``could_be``: of the shape of a report's title; whether it is one may need the context.

    ``agency``: as printed ("" if none); ``year`` None with ``years`` of several entries: several are printed.
    ``system``: one report for a whole system; ``generic``: an agency is named that could be any ("县级部门");
    ``yearly``: the core says 报告, not only 年报; ``reason``: code.
    """

    could_be: bool
    reason: str
    strength: Strength = Strength.NONE
    agency: str = ""
    year: int | None = None
    years: tuple[int, ...] = ()
    system: bool = False
    generic: bool = False
    corrected: bool = False
    yearly: bool = False


def _not_a_title(reason: str) -> TitleVerdict:
    return TitleVerdict(could_be=False, reason=reason)


def _strength(agency: str, year: bool, ending: str, generic: bool) -> Strength:
    yearly = "报告" in ending
    if agency or generic:
        return Strength.FULL if year else Strength.UNDATED
    if year:
        return Strength.BARE if yearly else Strength.FOLDER
    return Strength.COLUMN


def _judge(text: str) -> TitleVerdict:
    return _behind_a_path(text) or _judge_one(text)


def _judge_one(text: str) -> TitleVerdict:
    marked = mark_years(text)
    body, match = _core_of(marked.marked)
    cut = _ELLIPSIS.search(body)
    if not match:
        return (
            _judge_cut(body[: cut.start()], marked.years)
            if cut
            else _not_a_title(why(body, "any", "other") or "other_title")
        )
    head, rest = body[: match.start()], body[match.end() :]
    if reason := head_reason(head, match):
        return _not_a_title(reason)
    tail = read_tail(_ELLIPSIS.sub("", rest))
    if tail.reason:
        return _not_a_title(tail.reason)
    if match["subject"] == "信息公开" and tail.agency.endswith(words("other_regime")):
        return _not_a_title("other_regime")
    again = _judge_one(tail.again) if tail.again else None
    if again and not again.could_be:
        return _not_a_title(again.reason)
    printed = clean_head(head)
    if printed.endswith("人民") and match["subject"].startswith("政府"):
        printed += "政府"  # "…人民政府信息公开…": the word 政府 serves both
    if not agency_like(printed):
        return _not_a_title("other_title")
    generic = tail.generic or is_generic(printed)
    agency = "" if is_generic(printed) else printed
    if tail.agency and not agency and not is_group(printed):
        agency = tail.agency
    elif tail.agency and _PLACE_ONLY.search(agency):
        agency = f"{agency}({tail.agency})"
    in_column = again is not None and "#" in tail.again and "#" not in body[: match.end()]  # the first names a column
    if again and (not agency or (in_column and again.agency)):
        agency = again.agency
    year = marked.years[0] if len(marked.years) == 1 else None
    strength = _strength(agency, bool(marked.years), match["ending"], generic)
    if marked.span and year is None:
        strength = Strength.FOLDER
    return TitleVerdict(
        could_be=True,
        reason="report_title" if strength in (Strength.FULL, Strength.BARE) else f"{strength}_title",
        strength=strength,
        agency=agency,
        year=year,
        years=marked.years,
        system=agency.endswith("系统"),
        generic=generic and not agency,
        corrected=tail.corrected,
        yearly="报告" in match["ending"],
    )


def _core_of(body: str) -> tuple[str, re.Match[str] | None]:
    """A title, its letters in order, and where a report's words stand in it."""
    match = core().search(body)
    if (match and match.end() == len(body)) or not (respelt := _with_letters_in_order(body)):
        return body, match
    return respelt, core().search(respelt)


def _with_letters_in_order(body: str) -> str:
    """A title whose last words have their letters astray (信息公开工作告年度报), as they are meant; "" for any other.

    The same words in another order (信息公开年度报告工作) are another matter.
    """
    subject = re.search("信息公开|政务公开", body)
    rest = body[subject.end() :] if subject else ""
    ending = _endings_by_letters().get("".join(sorted(rest)), "") if len(rest) >= _LEAST_ASTRAY else ""
    if not subject or not ending or all(word in rest for word in _WORDS_OF_ENDINGS if word in ending):
        return ""
    return body[: subject.end()] + ending


@cache
def _endings_by_letters() -> dict[str, str]:
    return {"".join(sorted(ending)): ending for ending in words("endings") if len(ending) >= _LEAST_ASTRAY}


def _behind_a_path(text: str) -> TitleVerdict | None:
    """Judge the last part of a page's path (汶上县人民政府-政府信息公开年报-汶上县司法局2024年…年度报告) where that is
    a whole title, and what stands before it a column of reports; None for any other text.
    """
    found = list(islice(core().finditer(text), 3))
    if len(found) < 2 or not _PATH.search(text, found[0].end(), found[-1].start()):
        return None
    for cut in islice(_PATH.finditer(text, found[0].end(), found[-1].start()), _DEEPEST):
        before = mark_years(text[: cut.start()])
        if before.years or why(before.marked, "any"):
            return None
        verdict = _judge_one(text[cut.end() :])
        if verdict.strength is Strength.FULL:
            return verdict
    return None


def _judge_cut(body: str, years: tuple[int, ...], *, in_column: bool = False) -> TitleVerdict:
    """Judge a title that a listing cut off within the core: "汶上县司法局2022年政府信息公开工作年…", "…2022年政府信…".

    ``in_column``: of a column of reports, where it may have been cut off before the core as well (汶上县司法局2022年…,
    汶上县综合行政执…).
    """
    head, begun = _split_at_beginning(body)
    subject = any(begun.startswith(word) for word in words("subjects"))
    about, verb = lead_words()
    fits = in_column or (years and len(begun) >= _LEAST_BEGUN)
    if not fits or why(head, "any") or about.search(head) or (verb.search(head) and (begun or years)):
        return _not_a_title(why(body, "any", "other") or "other_title")
    agency = clean_head(head)
    agency += "政府" if agency.endswith("人民") and begun.startswith("政府") else ""
    bare = not (years or begun)  # what was cut within a body's name ends as none does
    named = len(body) >= _SHORTEST_CUT if bare else agency_like(agency)
    if not named or SENTENCE.search(agency) or len(agency) > _LONGEST_BODY or not (agency or years):
        return _not_a_title("other_title")
    strength = Strength.CUT if subject and years else Strength.BEGUN
    known = (strength is Strength.CUT or BODY.search(agency)) and not bare and not is_generic(agency)
    return TitleVerdict(
        could_be=True,
        reason="cut_title",
        strength=strength,
        agency=agency if known else "",
        year=years[0] if len(years) == 1 else None,
        years=years,
        yearly="年" in begun,
    )


def _split_at_beginning(body: str) -> tuple[str, str]:
    """Divide a text where the beginning of a report's words ends it ("" where it does not)."""
    beginnings = _beginnings()
    longest = max(map(len, beginnings))
    at = next((at for at in range(max(0, len(body) - longest), len(body)) if body[at:] in beginnings), len(body))
    return body[:at], body[at:]


@cache
def _beginnings() -> frozenset[str]:
    wholes = {subject + ending for subject in words("subjects") for ending in words("endings")}
    return frozenset(whole[:length] for whole in wholes for length in range(1, len(whole)) if whole[:length] != "#")


@lru_cache(maxsize=8192)
def judge(title: str | None) -> TitleVerdict:
    """Judge a title by its words alone. Never raises; bounded before anything else."""
    text = squeeze(title)
    if not text:
        return _not_a_title("no_title")
    if len(text) > MAX_TITLE:
        return _not_a_title("too_long")
    return _judge(_BOTH_NAMES.sub("政府信息公开", text))


def may_publish(title: str | None) -> bool:
    """Whether a notice's title is one under which some publish the report itself (关于公布…年报的公告, …年报公示)."""
    text = squeeze(title)
    if len(text) > MAX_TITLE:
        return False
    body = mark_years(text).marked
    announced = announcement().search(body)
    return bool(
        publishing_notice().search(body) or (announced and not head_reason(body[: announced.start()], announced))
    )


def asks_for_reports(title: str | None) -> bool:
    """Whether a title is that of a notice that asks others for their reports (关于报送…年度报告的通知)."""
    text = squeeze(title)
    return len(text) <= MAX_TITLE and "关于" in text and asking_notice().search(mark_years(text).marked) is not None


def _judge_headed_title(agency: str, years: tuple[int, ...], body: str) -> TitleVerdict | None:
    """Judge a body's name with the year that stands over it (2024年>司法局); None for any other words."""
    named = is_own_level(agency) or (looks_like_body(agency) and not is_generic(agency))
    if not named or not _YEAR_OVER.fullmatch(body.removesuffix(agency)):
        return None
    return TitleVerdict(could_be=True, reason="headed_title", strength=Strength.HEADED, agency=agency, years=years)


def _of_a_year(agency: str, years: tuple[int, ...], text: str) -> TitleVerdict | None:
    """Judge a body's name with a reporting year and nothing else (司法局(2024年度), 2024年度司法局); None otherwise."""
    found = _NAMED_OF_YEAR.fullmatch(text)
    if found is None or agency not in found.groups():
        return None
    verdict = _judge_headed_title(agency, years, f"#>{agency}")
    return replace(verdict, year=years[0]) if verdict else None


def _cut_in_column(body: str, years: tuple[int, ...], otherwise: TitleVerdict) -> TitleVerdict:
    """Judge a title that a column of reports cut off; ``otherwise`` where it is certainly none."""
    cut = _judge_cut(body, years, in_column=True)
    named = otherwise.reason not in IN_NAMES or NAMED_SO.search(cut.agency)
    return cut if cut.could_be and named else otherwise


@lru_cache(maxsize=4096)
def judge_in_column(title: str | None) -> TitleVerdict:
    """Judge a title in a column of annual reports, where "汶上县司法局2023年度报告" and "2023年" may be one."""
    verdict = judge(title)
    text = squeeze(title)
    plain = verdict.reason in ("other_title", "other_report")
    if verdict.could_be or not (plain or verdict.reason in IN_NAMES) or len(text) > MAX_TITLE:
        return verdict
    marked = mark_years(text)
    if cut := _ELLIPSIS.search(marked.marked):
        return _cut_in_column(marked.marked[: cut.start()], marked.years, verdict)
    if len(marked.years) > 1 or why(marked.marked, "any"):
        return verdict
    match = weak_core().search(marked.marked)
    body = marked.marked[: match.start()] if match else marked.marked
    if match and ((tail := read_tail(marked.marked[match.end() :])).reason or tail.again):
        return verdict
    agency = clean_head(body)
    if not marked.years or (agency and not BODY.search(agency)) or SENTENCE.search(agency) or len(agency) > 40:
        return verdict
    if not (plain or NAMED_SO.search(agency)):
        return verdict
    if not match and agency:
        return _judge_headed_title(agency, marked.years, body) or _of_a_year(agency, marked.years, text) or verdict
    return TitleVerdict(
        could_be=True,
        reason="column_title",
        strength=Strength.WEAK if agency else Strength.FOLDER,
        agency="" if is_generic(agency) else agency,
        year=marked.years[0],
        years=marked.years,
        yearly=bool(match),
    )
