"""Collect what a document says about itself: titles, page metadata, and the agencies and years named in its text.

``archive.identity`` judges this evidence and has the patterns (``statements.toml``). The values of each field are
ordered by weight, the strongest first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from itertools import takewhile

from archive.documents.model import Document
from archive.documents.page_facts import read_breadcrumb, read_labels
from archive.forms.labels import fold_widths
from archive.identity.divisions import listed_at_end
from archive.identity.names import complete, is_inner, looks_like_agency, without_office
from archive.identity.text import pattern, words
from archive.identity.titles import judge_title
from archive.identity.years import DAY, mark_years, parse_date
from archive.parser.text import TextLine, is_furniture, is_table_line
from storage.records import SHANGHAI, DatedWitness, IdentityEvidence, Section

TITLE_MAX_CHARS = 70
TITLE_MIN_CHARS = 4
HEAD_LINES = 14  #: lines above the first section in which a title is looked for
OPENING_MAX_CHARS = 3_000
SENTENCE_MIN_CHARS = 20  # a shorter line is not continued by the next one
SIGNATURE_LINES, SIGNED_MAX_CHARS = 8, 60
MAX_ENTRIES = 12
META_MAX_CHARS = 400
_DATE_NAMES = ("date_names", "making_date_names")  # lists of names of metadata; the second counts without the first

_SIGNED = re.compile(
    rf"^[(（]?\s*(?P<by>[\u4e00-\u9fff]{{3,28}}?)?\s*(?P<day>{DAY})\s*(?P<issued>印发|发布|公布)?\s*[)）]?$"
)
_NO_TITLE = re.compile(r"[。，,；;：:]|^[^\w《【]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


def find_titles(lines: Sequence[TextLine]) -> tuple[str, ...]:
    """Return the report titles above the first section, the fullest first, without links: these name other reports."""
    end = next((at for at, one in enumerate(lines) if one.section and not judge_title(one.text).could_be), len(lines))
    above = lines[:end] if end <= 2 * HEAD_LINES else [*lines[:HEAD_LINES], *lines[end - HEAD_LINES : end]]
    head = [text for line in above if not line.linked for text in _pieces(line) if not is_furniture(text)]
    return tuple(dict.fromkeys(_titles_among(head)))[:MAX_ENTRIES]


def _pieces(line: TextLine) -> list[str]:
    """Return a line, or the first words of a long one: a text that has lost its line ends may begin with its title."""
    return line.text.split(" ")[:HEAD_LINES] if len(line.text) > TITLE_MAX_CHARS else [line.text]


def collect_evidence(
    document: Document, titles: tuple[str, ...], main: Sequence[TextLine], sections: Sequence[Section]
) -> IdentityEvidence:
    """Return all evidence in a document of the report's agency and year, undecided. ``titles``: the report's; if there
    are none, its first line; ``main``: lines of the main text; ``sections``: the same, cut at its headings.
    """
    printed = read_labels(document.blocks) | dict(document.meta)
    meta = {name[:80]: value[:META_MAX_CHARS] for name, value in printed.items() if value}
    if document.title:
        meta.setdefault("title", document.title[:META_MAX_CHARS])
    titles = titles or tuple(_first_line(main))
    opening = _opening(main)
    prose = "\n".join(_prose_of_year(sections))
    announced = pattern("announced").findall(opening)
    signed = list(_signatures(main))
    running = _agencies_in_running_text(prose, opening)
    statements = _statements(opening, announced, [by for _, by in signed], titles) or list(_first_actor(sections))
    return IdentityEvidence(
        titles=titles,
        meta=meta,
        breadcrumb=document.breadcrumb or read_breadcrumb(None, document.blocks),
        statements=tuple(statements),
        period=_period(opening, titles, announced, prose),
        running=tuple(running),
        corrected=any(judge_title(one).corrected for one in (*titles, meta.get("articletitle", "")))
        or pattern("says_corrected").search(opening) is not None,
        dates=tuple(_dates(meta, signed)),
    )


# ------------------------------------------------------------------------------------------------------- titles, data


def _titles_among(head: Sequence[str]) -> list[str]:
    """Return one to three joined lines of ``head`` that can be a report's title; first those with agency and year."""
    titles: list[tuple[int, str]] = []
    for start in range(len(head)):
        for size in (1, 2, 3):
            parts = head[start : start + size]
            text = "".join(parts)
            if len(text) > TITLE_MAX_CHARS:
                continue
            if any(one in parts for _, one in titles if judge_title(one).agency and judge_title(one).year):
                break  # one of the lines is a whole title by itself
            verdict, agency_below = judge_title(text), judge_title(parts[-1]).agency
            names_agency = agency_below or looks_like_agency(verdict.agency) or complete(verdict.agency).chain
            if verdict.agency and not names_agency:
                continue  # the line above is no agency, but a word such as 综合政务 in a table
            if verdict.could_be and not _is_sentence(text):
                titles.append((size - 1 - 2 * bool(verdict.agency) - 2 * bool(verdict.year), text))
    return [text for _, text in sorted(titles, key=lambda one: one[0])]


def _first_line(main: Sequence[TextLine]) -> list[str]:
    """Return the first line above the text that may be a title of any kind, as a list of one, or []."""
    above = takewhile(
        lambda line: not (line.section is not None or _is_sentence(line.text) or is_table_line(line.text)),
        main[:HEAD_LINES],
    )
    return [line.text for line in above if _may_be_title(line.text) and not line.linked][:1]


def _is_sentence(text: str) -> bool:
    return "。" in text or text.startswith(("根据", "按照", "现将", "现公布", "依据", "本报告"))


def _may_be_title(text: str) -> bool:
    is_title = TITLE_MIN_CHARS <= len(text) <= TITLE_MAX_CHARS and not _NO_TITLE.search(text)
    return is_title and 2 * len(_HAN.findall(text)) > len(text) and not is_furniture(text)


# ---------------------------------------------------------------------------------------------------------- agencies


def _opening(main: Sequence[TextLine]) -> str:
    """Return the folded beginning of the text, with the lines of a sentence that was broken into several joined."""
    text = before = ""
    for line in main:
        is_begun = len(text.rpartition("\n")[2]) >= SENTENCE_MIN_CHARS and not text.endswith(("。", ":", ";", "报告"))
        text += "" if is_begun and line.section is None and not is_furniture(before) else "\n"
        text += fold_widths(line.text)
        before = line.text
        if len(text) > OPENING_MAX_CHARS:
            break
    return text.strip()[:OPENING_MAX_CHARS]


def _prose_of_year(sections: Sequence[Section]) -> Iterator[str]:
    """Yield the folded text of each section, without table lines and the section on problems, about the next year."""
    for section in sections:
        if section.key != "problems":
            yield "\n".join(fold_widths(line) for line in section.text.split("\n") if not is_table_line(line))


def _statements(opening: str, announced: Sequence[str], signers: Sequence[str], titles: Sequence[str]) -> list[str]:
    """Return the agencies that opening and signature name as authors; if none, and no title, whom to contact."""
    makers = [agency for way in ("made_by", "maker", "begins") for agency in pattern(way).findall(opening)]
    agencies = list(dict.fromkeys(_agencies([*(judge_title(title).agency for title in announced), *makers, *signers])))
    if not agencies and not any(judge_title(title).agency for title in titles):
        agencies = list(dict.fromkeys(_agencies(pattern("asked").findall(opening))))
    return agencies[:MAX_ENTRIES]


def _first_actor(sections: Sequence[Section]) -> Iterator[str]:
    """Yield the agency that is the subject of the first sentence of the overview section, if any."""
    overview = next((section.text for section in sections if section.key == "overview"), "")
    begins = pattern("first_actor").match(fold_widths(overview[:TITLE_MAX_CHARS]))
    if begins and not pattern("nobody").search(begins[1]):
        yield without_office(begins[1])


def _agencies(texts: Iterable[str]) -> Iterator[str]:
    """Yield the agency names among ``texts``, without dates and particles; a township's office gives the township."""
    for text in texts:
        plain = re.sub(r"^(?:[现特并]?由)?(?:20\d\d年?度?的?)?|(?:20\d\d年?度?|的)$", "", text)
        plain = without_office(plain)
        is_agency = looks_like_agency(plain) or plain.endswith(("系统", ")"))
        if 3 <= len(plain) <= 28 and is_agency and not pattern("nobody").search(plain) and not is_inner(plain):
            yield plain


def _agencies_in_running_text(prose: str, opening: str) -> list[str]:
    """Return whose report it is by the text, the weakest evidence: subjects of sentences (水利局高度重视…), the
    commonest first; if none has a county, the one government it mentions; how the agency calls itself (我局).
    """
    actors = [name for name, _ in Counter(pattern("actor").findall(prose)).most_common(MAX_ENTRIES)]
    names = list(dict.fromkeys(without_office(name) for name in actors if not pattern("nobody").search(name)))
    if not any(complete(name).county for name in names):
        above = {listed_at_end(name) for name in pattern("government_above").findall(f"{opening}\n{prose}")} - {""}
        names += [f"{above.pop()}人民政府"] if len(above) == 1 else []
    own = Counter(pattern("self").findall(prose)).most_common(1)
    return [*names, *(name for name, _ in own)]


# ------------------------------------------------------------------------------------------------------- years, dates


def _period(opening: str, titles: Sequence[str], announced: Sequence[str], prose: str) -> tuple[int, ...]:
    """Return the years of the period that ``opening`` states, with those of ``announced`` titles
    (现将…年度报告公开如下) if no title has a year. Without a period and a year in a title: the only year of an
    announced title, of a notice, or of the work that is told of; () if there are several.
    """
    plain = pattern("in_force").sub("", opening)
    sentences = [one for one in plain.split("。") if pattern("of_period").search(one)]
    period_years = _years("first_day", *sentences)
    is_titled = any(judge_title(title).years for title in titles)
    title_years = [] if is_titled else [year for title in announced for year in mark_years(title)[1]]
    if period_years or is_titled:
        return tuple(dict.fromkeys([*period_years, *title_years]))
    ways = (title_years, _years("of_notice", prose), _years("year_of_work", prose))
    years = next((set(way) for way in ways if way), set())
    return tuple(years) if len(years) == 1 else ()


def _years(name: str, *texts: str) -> list[int]:
    return [int(year) for text in texts for year in pattern(name).findall(text)]


def _signatures(main: Sequence[TextLine]) -> Iterator[tuple[str, str]]:
    """Yield each line at either end of a text that is a signature's date, with the agency that signs ("" if none)."""
    for number, line in enumerate(main):
        is_in_the_middle = SIGNATURE_LINES <= number < len(main) - SIGNATURE_LINES
        match = None if is_in_the_middle or len(line.text) > SIGNED_MAX_CHARS else _SIGNED.match(line.text)
        if match is None:
            continue
        by = fold_widths(match["by"] or (main[number - 1].text if number else ""))
        is_name = not match["issued"] and number >= SIGNATURE_LINES and looks_like_agency(by)
        yield line.text, by if is_name else ""


def _dates(meta: Mapping[str, str], signed: Sequence[tuple[str, str]]) -> Iterator[DatedWitness]:
    """Yield the dates in metadata and the first signatures, with the time of day if it is printed."""
    days = ([("metadata", meta[one]) for one in words(names) if one in meta] for names in _DATE_NAMES)
    for origin, text in [*next(filter(None, days), []), *(("signature", text) for text, _ in signed[:3])]:
        day = parse_date(text)
        if day is None:
            continue
        clock = _CLOCK.search(text)
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
        at = datetime.combine(day, time(hour, minute, second), SHANGHAI)
        yield DatedWitness(origin=origin, at=at, text=text.strip()[:60], day_only=clock is None)
