"""Find the main text of a document, without the form's tables, and cut it into sections at its headings.

Lines of the page around a report (dates, counters, buttons, navigation paths, linked files) are called ``furniture``.
The rest is content: documents with the same title, main text and cells have the same ``content_digest``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from archive.documents.model import Document, Paragraph
from archive.documents.page_facts import WORDS
from archive.forms.labels import fold_widths, label_key, squeezed
from archive.forms.loader import all_forms, load_forms
from archive.forms.printer import tables
from archive.identity.text import any_word
from archive.identity.titles import judge_title
from archive.parser.values import is_value
from storage.records import Section, StoredCell

NORMALISER = "5"  #: version of ``content_digest``: raise it when digests change; different versions are not compared
TEXT_MAX_CHARS = 400_000  #: of main text kept in a reading
MIN_SECTIONS = 2  #: sections of the form that show that a text is the report itself
HEADING_MAX_CHARS = 48
TITLE_LINES = 3  # lines that a title may fill
SPLIT_MIN_CHARS = 60  # a longer line may have headings inside it, if a text has lost its line ends

_NUMBERED = re.compile(
    r"(?:[一二三四五六七八九十]{1,2}[、.,]|[壹贰叁肆伍陆][、.,]|第[一二三四五六][部章]分?[、:]?).{2,44}"
)
_ENTRY_OF_CONTENTS = re.compile(r"[\s.…·]+\d{1,3}$")
_MARKDOWN = re.compile(r"#{1,6}\s+(?=\S)")
_TRACE_OF_WORD = re.compile(r"\[bookmark: [^\[\]]{0,40}\]")

FURNITURE_MAX_CHARS = 160  # a longer line is no furniture
_DAY_ALONE = re.compile(
    r"[\[(【]?(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d\d(?::\d\d)?)?(?:星期.)?[\])】]?"
)
_COUNT = re.compile(r"\d+(?:件|条|篇|项|个|期|部|份|万)")
_SIGNED_DAY = re.compile(r"[(（]?((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日[)）]?")
_WORD = re.compile(r"[^\s\[\]()【】<>|/\\·・:,;.、。…«»\d?!-]+")
_LETTERS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff0-9a-zA-Z]+")
_FIGURE_SIGN = re.compile(r"(?<=\d)\.(?=\d)|(?<=\d)[%‰]|(?<![0-9a-zA-Z年月日号)])-(?=\d)")  # 3.6 is not 36
_SIGN_NAMES = {".": "\U00020001", "%": "\U00020002", "‰": "\U00020003", "-": "\U00020004"}


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text. ``section``: None if it is no heading, else the key of the form's section that it names,
    or ""; ``furniture``: of the page around the report; ``linked``: the text of a link.
    """

    text: str
    section: str | None = None
    furniture: bool = False
    linked: bool = False


def make_line(text: str, *, furniture: bool = False, linked: bool = False) -> TextLine:
    """Make a line; a heading gets its section of the form. ``furniture``: of the page around; ``linked``: in a link."""
    return TextLine(text, _section_key(text) if _is_heading(text) else None, furniture, linked)


def collect_lines(document: Document, form_tables: Collection[object]) -> list[TextLine]:
    """Return all lines in reading order; a table's too, unless its number is in ``form_tables`` (read as the form)."""
    lines: list[TextLine] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            texts = [(text, block.furniture, block.linked) for text in block.text.split("\n")]
        elif any(cell.locator.get("table") in form_tables for cell in block.cells[:1]):
            continue
        else:
            texts = [(text, False, cell.linked) for cell in block.cells for text in cell.text.split("\n")]
        lines += [one for text in texts for one in _split_line(*text)]
    return lines


def _split_line(text: str, furniture: bool, linked: bool) -> Iterator[TextLine]:
    """Yield the line of a text, with its flags; a long one is cut around each numbered heading inside it."""
    plain = _TRACE_OF_WORD.sub("", _MARKDOWN.sub("", text)).strip()
    parts = _headings_within().split(plain) if len(plain) >= SPLIT_MIN_CHARS else [plain]
    yield from (make_line(part.strip(), furniture=furniture, linked=linked) for part in parts if part.strip())


@cache
def _headings_within() -> re.Pattern[str]:
    headings = {text for form in load_forms() for plan in form.sections for text in (plan.heading, *plan.variants)}
    return re.compile(rf"([一二三四五六]\s?、\s?(?:{any_word(headings)})(?![^。]{{0,4}}[、，,；;]))")


def select_main(lines: Sequence[TextLine], titles: Sequence[str]) -> list[TextLine]:
    """Return the lines of the main text: from the printed title on, without furniture between and below."""
    own = [line for line in lines if not line.furniture]
    while own and is_furniture(own[-1].text) and not signature_day(own[-1].text):
        own.pop()
    return own[_title_start(own, titles) :]


def _title_start(lines: list[TextLine], titles: Sequence[str]) -> int:
    """Return the index of the line above the first heading that begins the fullest title (of up to TITLE_LINES lines),
    else 0.
    """
    for number, line in enumerate(lines):
        if line.section is not None:
            break
        joined = "".join(one.text for one in lines[number : number + TITLE_LINES])
        if titles and titles[0].startswith(line.text) and joined.startswith(titles[0]):
            return number
    return 0


@cache
def _section_keys() -> dict[str, str]:
    """Return the key of each section of the forms by its heading, or a variant of it, in the form of labels."""
    return {
        label_key(text): plan.key
        for form in load_forms()
        for plan in form.sections
        for text in (plan.heading, *plan.variants)
    }


def _section_key(heading: str) -> str:
    """Return the key of the form's section that a heading names, "" if it names none or several."""
    name, keys = label_key(heading), _section_keys()
    if name in keys:
        return keys[name]
    plans = [plan for form in load_forms() for plan in form.sections if not any(word in name for word in plan.unless)]
    keys_with_words = {plan.key for plan in plans for words in plan.words if all(word in name for word in words)}
    return keys_with_words.pop() if len(keys_with_words) == 1 else ""


def _is_heading(text: str) -> bool:
    """True if a line is a first-level heading, and no entry of a table of contents and no row label of a form."""
    if len(text) > HEADING_MAX_CHARS or text.endswith(("。", "；", ";", "，", ",")) or _ENTRY_OF_CONTENTS.search(text):
        return False
    plain, name = fold_widths(text), label_key(text)
    if plain.startswith("("):
        return False
    if _NUMBERED.fullmatch(plain):
        is_row_label = name in _printed_texts() and name not in _section_keys()
        return "|" not in plain and not is_row_label
    if text[1:2].isspace() and text[0] in "一二三四五六七八九十":  # 一 概述
        return _section_key(text) != ""
    return name in _section_keys()


def cut_sections(lines: Sequence[TextLine]) -> tuple[Section, ...]:
    """Cut lines into sections at the headings; leave out lines of tables in sections that have a table."""
    with_table = {table.section for form in all_forms() for table in form.tables}
    parts: list[tuple[TextLine, list[str]]] = [(TextLine("", ""), [])]
    for line in lines:
        is_row = label_key(line.text) in _printed_texts() and any(line.section == one.section for one, _ in parts)
        if line.section is not None and not is_row:
            parts.append((line, []))
        elif parts[-1][0].section not in with_table or not is_table_line(line.text):
            parts[-1][1].append(line.text)
    return tuple(
        Section(heading=heading.text, key=heading.section or "", text="\n".join(texts))
        for heading, texts in parts
        if heading.text or texts
    )


def count_sections(sections: Sequence[Section]) -> int:
    """Return how many different sections of the form are among ``sections``."""
    return len({section.key for section in sections if section.key})


def is_table_line(text: str) -> bool:
    """True if a line has nothing but labels, values and strokes of the form's tables."""
    pieces = [piece for piece in re.split(r"[|\t]|\s{2,}", text) if piece.strip()]
    return all(is_value(one) or not _printed_texts().isdisjoint((label_key(one), fold_widths(one))) for one in pieces)


@cache
def _printed_texts() -> frozenset[str]:
    """Return all texts that the tables of all forms print besides values, as label keys and as folded texts."""
    keys = {""}
    for form in all_forms():
        keys.update(*(row.columns_by_key for row in form.printed_rows if not form.is_free))
        texts = {cell.text for table in tables(form, {}) for cell in table.cells}
        texts.update(place.unit for place in form.places.values())
        keys.update(
            map(label_key, texts), map(fold_widths, texts), *((*row.keys, *row.group_keys) for row in form.printed_rows)
        )
    return frozenset(keys - {""})


# ----------------------------------------------------------------------------------------------------------- furniture


@cache
def _furniture_words() -> tuple[re.Pattern[str], frozenset[str], re.Pattern[str]]:
    """Return a pattern of labels that begin furniture, the words of buttons, and a pattern of whole lines."""
    labels = any_word(WORDS["labels"] + WORDS["furniture_labels"])
    label = re.compile(rf"[\[(【]?\s*(?:{labels})(?:\s*[:\[【(>\]】]|\s|(?:19|20)\d\d\s*[-年/.]|$)")
    return label, frozenset(WORDS["buttons"]), re.compile("|".join(f"(?:{line})" for line in WORDS["lines"]))


def signature_day(line: str) -> str:
    """Return the date of a line that is only a date, as below a signature (2024年1月5日); "" for any other line."""
    match = _SIGNED_DAY.fullmatch(squeezed(line))
    return "{}年{}月{}日".format(*map(int, match.groups())) if match else ""


def is_furniture(line: str) -> bool:
    """True if a line belongs to the page around a report: a date, counter, button, path or linked file."""
    plain = line.strip().lower().replace("：", ":").replace("\u3000", " ")
    if len(plain) > FURNITURE_MAX_CHARS or "。" in plain:
        return False
    label, buttons, lines = _furniture_words()
    if _DAY_ALONE.fullmatch(squeezed(plain)) or lines.search(plain):
        return True
    if (label.match(plain) or label.match(squeezed(plain))) and not _COUNT.search(plain):
        return True
    words = _WORD.findall(plain)
    return bool(words) and all(word in buttons for word in words)


# ------------------------------------------------------------------------------------------------------------- content


def content_digest(lines: Sequence[TextLine], cells: Mapping[str, StoredCell], title: str = "") -> str:
    """Return the SHA-256 (hex) of title (once), text and cells; lines of a flattened table count only without cells."""
    name = _letters(title) if judge_title(title).could_be else ""
    own = [lines[number].text for number in _own_numbers(lines)]
    text = "".join(signature_day(one) or _letters(one) for one in own if not (cells and is_table_line(one)))
    text = text.replace(name, "") if name else text
    figures = "".join(f"\n{key}={_figure(cells[key])}" for key in sorted(cells))
    return hashlib.sha256(f"nianbao content {NORMALISER}\n{name}\n{text}{figures}".encode()).hexdigest()


def content_numbers(lines: Sequence[str]) -> list[int]:
    """Return the numbers, from 0, of the lines of a document that count as its content."""
    return _own_numbers([make_line(line) for line in lines])


def _own_numbers(lines: Sequence[TextLine]) -> list[int]:
    """Return the numbers of the lines that are no furniture (dates, buttons …); between first and last heading, all."""
    headings = [number for number, line in enumerate(lines) if line.section is not None]
    first, last = (headings[0], headings[-1]) if headings else (len(lines), len(lines))
    return [
        number
        for number, line in enumerate(lines)
        if first <= number <= last or not is_furniture(line.text) or (number > last and signature_day(line.text))
    ]


def _letters(text: str) -> str:
    """Return the letters and digits of a text, with a letter for each sign that changes a figure (3.6, 5%, -2)."""
    signed = _FIGURE_SIGN.sub(lambda sign: _SIGN_NAMES[sign[0]], fold_widths(text))
    return "".join(_LETTERS.findall(signed))


def _figure(cell: StoredCell) -> str:
    if cell.value is None:
        return squeezed(cell.raw) or cell.state
    return f"{cell.value.normalize():f}"
