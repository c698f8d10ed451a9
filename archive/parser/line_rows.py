"""Turn labels and values that stand on lines of their own into logical rows.

A row is a run of texts, whose end names the row (labels may be broken over lines), and the run of values after it.
Where the cells are given one by one (``cell``), blanks count; where only lines are (``line``), blanks are lost and
the count tells. How many blank lines stood where is kept with each row, for they may be its blank cells (``spaced``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from archive.documents.ocr.confidence import is_recognised
from archive.forms.spelling import LONGEST, UNSEEN, key, number
from archive.parser.labels import LabelMatch, begins_a_row, is_whole, may_go_on, names_remedies, row_hit
from archive.parser.ocr_correction import corrected_text
from archive.parser.rows import OF_LABELS, Item, Row, Source, count_up, split_heading
from archive.parser.text_classes import classes_of, heads_a_column
from archive.parser.values import is_dashes, is_number, looks_like_value
from archive.parser.worded_rows import parse_worded_row

_LABEL_LINES = 8  # lines a label may be broken over
_FOOTER = re.compile(r"^\s*[-—–_]+\s*\d{1,3}\s*[-—–_]+\s*$|^\s*第\s*\d{1,3}\s*页")
_BEGUN_LINES = 3  # lines of a label above its figures
_LEAST_BEGUN = 3  # characters of what begins a label, in the line of its figures
_LINE_LONGEST = 90  # a longer line is narrative
_SECTION = re.compile(r"^\s*[一二三四五六七八]\s*[、.．]\s*(?P<rest>.{2,40})$")
_TAIL = re.compile(r"^(?P<label>.*?[\u4e00-\u9fff（()）“”\"、，。：:])\s+(?P<values>[-+\d.,元万件增减/—\s]{1,120})$")
_LOST = 2  # figures of a row whose label is not there
_NOTHING = "无"
_FEWEST_VALUES = 3  # of a row in which 无 is one of them
_ROW_OF_VALUES = 5  # no heading ends in so many
_RUN = 8  # words and figures of the shortest table run together
_ORDINAL = re.compile(r"[1-9]\d?[.、．]$")  # the number of a label whose words stand on the next line
_NOTHING = "无"  # as some write it in a cell for that there is nothing
_BETWEEN = re.compile(r"[\s;；,，、]{1,8}")  # between figures with their headings
_DOUBTFUL = re.compile(r"[?？*※#约近\ufffd]\s?\d{1,6}")  # a figure of which something is said before it
_UNITS = frozenset("万亿元件条项宗")  # behind figures
_LISTED_FIGURE = rf"\d{{1,9}}(?:\.\d{{1,6}})?[{''.join(sorted(_UNITS))}]{{0,2}}"
_LIST = re.compile(rf"{_LISTED_FIGURE}(?:[、,，;；]{_LISTED_FIGURE}){{1,14}}")  # figures of a row, of fifteen at most
_LISTED = re.compile(r"[、,，;；]")
_THOUSANDS = re.compile(r"[,，]\d{3}(?!\d)")
_FIGURE_BEHIND = re.compile(r"\s\d[\d,.]{0,18}$")  # it is none of a label that goes on in the next line
_WIDE_GAP = re.compile(r"\s{2,}")
_CARD = re.compile(
    r"\s*(?P<head>[^\s\d](?:[^\d]{0,30}[^\s\d:：/.,+\-－−—–])?)\s*(?P<figure>[+\-－−]?\d[\d,.]{0,18}(?:万?元)?|/|-|—{1,2})\s*$"
)


@dataclass(slots=True)
class Stream:
    """Collects tokens until a grid or the end of the document, then gives the rows.

    ``gap``: blank lines since the last text or value; ``gaps``: those before each of the texts, or of the values.
    ``levels``: the line of each of the texts, counted from the first of them.
    ``pending``: texts behind values that may be the rest of their label, with ``beside`` and ``gap``.
    ``in_words``: keys of the form's tables whose rows are looked for in sentences: those that are printed nowhere.
    """

    in_words: frozenset[str] = frozenset()
    rows: list[Row] = field(default_factory=list)
    texts: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    values: list[Item] = field(default_factory=list)
    source: Source = "lines"
    gap: int = 0
    text_gaps: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    value_gaps: list[int] = field(default_factory=list)
    pending: list[tuple[str, Mapping[str, object], bool, int]] = field(default_factory=list)

    def line(self, text: str, locator: Mapping[str, object], *, heading: int = 0, blanks: int = 0) -> None:
        """A line or paragraph of text, and how many blank ones stand before it."""
        self.gap += blanks
        if not text.strip(UNSEEN):
            self.gap += 1
            return
        if _FOOTER.match(text):
            return
        if self.in_words and (worded_row := parse_worded_row(text, self.in_words)) is not None:
            self._text(worded_row[0], locator)
            for head, figure in worded_row[1]:
                self._value(figure, locator, "lines", head=head)
            return
        if _is_narrative(text):
            self._end_run(text)
            self._note_joined_table(text, locator)
            return
        if heading or _is_section(text):
            self._text(text, locator)
            self._row()
            return
        for part in text.split("\n") if "\n" in text else (text,):
            self._token(corrected_text(part) if is_recognised(locator) else part, locator, part)

    def _end_run(self, text: str) -> None:
        """A long line ends the run before it; it is no label, but may hold the words of a header."""
        if self.values:
            self._row()
        texts = [before for before, _ in self.texts]
        if _is_header_text(text) or any(map(_is_header_text, texts)):
            self._header([*texts, text], cut=False)
        self._labels(texts)
        self.texts, self.text_gaps, self.levels, self.gap = [], [], [], 0

    def _note_joined_table(self, text: str, locator: Mapping[str, object]) -> None:
        """A table that ran together into one long line: a header whose figures belong to nothing, but are there."""
        parts = text.replace("|", " ").split()
        if len(parts) < _RUN:
            return
        numbers = [part for part in parts if is_number(part)]
        if len(numbers) >= _ROW_OF_VALUES and len({part for part in parts if classes_of(part).columns}) >= 3:
            items = [Item(part, at, 1, locator) for at, part in enumerate(numbers[:200])]
            self.rows.append(Row("header", "lines", 0, items=items))

    def _token(self, text: str, locator: Mapping[str, object], printed: str) -> None:
        if len(parts := text.split()) == 1 and (listed := _listed_figures(text)) and self._may_be_figures(listed):
            parts = listed
        if len(parts) > 1 and _are_values(parts):
            for part in parts:
                self._value(part, locator, "lines")
        elif is_number(text) or _is_mark(text.strip()) or self._is_nothing(text) or self._is_doubtful(text):
            self._value(text, locator, "lines", printed if printed != text else "")
        elif pairs := _headed_figures(text) or self._card(text):
            for head, figure in pairs:
                self._value(figure, locator, "lines", head=head)
        elif (tail := _tail(text, parts)) and (
            _names_row(tail[0]) or len(tail[1]) > 2 or _is_begun(tail[0]) or self._is_rest(tail[0])
        ):
            label, values = tail
            begun = len(values) > _ROW_OF_VALUES and bool(_ORDINAL.match(values[0]))
            own = "" if begun else _own_label(label)
            if own:
                self._text(label[: -len(own)].strip(), locator)
            self._text((own or label) + (values.pop(0) if begun else ""), locator, beside=bool(own))
            for part in values:
                self._value(part, locator, "lines")
        elif text.strip():
            beside = False
            for part in _headings(text) if len(parts) > 1 else (text,):
                self._text(part, locator, beside=beside)
                beside = True

    def cell(self, text: str, locator: Mapping[str, object]) -> None:
        """A cell of a list of cells; blank ones count."""
        if looks_like_value(text) or self._is_doubtful(text):
            self._value(text, locator, "list")
            return
        parts = text.split("\n")
        for part in parts if len(parts) > 1 and not row_hit(text) else [text]:
            if _is_section(part):
                self._text(part, locator)
                self._row()
            else:
                self._text(part, locator)

    def fields(self, cells: Sequence[tuple[str, Mapping[str, object]]]) -> None:
        """The fields of a line that are figures, marks and blanks; blank ones count."""
        for text, locator in cells:
            self._value(text, locator, "list")

    def ends_in_label(self) -> bool:
        """Whether the last of the texts names a row, in words that no column bears as well (其他)."""
        hit = _last_label([text for text, _ in self.texts[-_LABEL_LINES:]])[0]
        return hit is not None and not hit.vague

    def _may_be_figures(self, listed: Sequence[str]) -> bool:
        """Whether a list is of the figures of a row: of many, or with a label or the last heading of columns above."""
        headed = bool(self.texts) and heads_a_column(self.texts[-1][0])
        return len(listed) >= _ROW_OF_VALUES or headed or self.ends_in_label()

    def _is_doubtful(self, text: str) -> bool:
        """Whether a figure has a sign or 约 before it, and stands where one does: a cell, though no value."""
        if not _DOUBTFUL.fullmatch(text.strip()):
            return False
        return bool(self.values) or _last_label([before for before, _ in self.texts])[0] is not None

    def _is_nothing(self, text: str) -> bool:
        """Whether 无 stands where a value of a row does: as the whole of a section's text it is a sentence.

        Behind a label that several rows bear (其他) it is one only where rows of a table stand above.
        """
        if text.strip() != _NOTHING:
            return False
        texts = [before for before, _ in self.texts]
        hit = _last_label(texts)[0]
        known = hit is not None and (not hit.vague or any(row.items for row in self.rows))
        return bool(self.values) or known or (bool(texts) and heads_a_column(texts[-1]))

    def _card(self, text: str) -> list[tuple[str, str]]:
        """A figure right behind the heading of its column, without a colon (自然人263), or such a heading alone behind
        figures that have theirs; [] for any other line. 总计 names a row as well: it does not begin the figures.
        """
        begun = bool(self.values) and all(item.head for item in self.values)
        match = _CARD.match(text)
        head = match["head"] if match else text.strip()
        if not (match or begun) or len(head) > LONGEST or not _is_heading(head, begun=begun):
            return []
        if not begun:
            self._blank_heads()
        return [(head, match["figure"] if match else "")]

    def _blank_heads(self) -> None:
        """Headings of columns that stand last, with nothing behind them: their figures are blank."""
        first = len(self.texts)
        while first and _is_heading(self.texts[first - 1][0], begun=False):
            first -= 1
        if first == 0:  # a header, not a row's
            return
        heads, self.texts = self.texts[first:], self.texts[:first]
        del self.text_gaps[first:], self.levels[first:]
        for text, locator in heads:
            self._value("", locator, "lines", head=text)

    def finish(self, *, end: bool = False) -> list[Row]:
        """Return the rows so far; ``end``: the document ends here, so a last label without values may have been cut
        off.
        """
        if self.values or self.texts:
            self._row(cut=end)
        rows, self.rows, self.texts, self.values = self.rows, [], [], []
        self.text_gaps, self.value_gaps, self.gap = [], [], 0
        self.levels = []
        self.source = "lines"
        return rows

    def _text(self, text: str, locator: Mapping[str, object], *, beside: bool = False) -> None:
        """A text; ``beside``: it stands in the line of the one before."""
        if self.values and self._continues_label(text, locator, beside=beside):
            return
        if self.pending:
            self._let_go()
        if self.values:
            own, numbered = self.gap, self._ordinal()
            self._row()
            if numbered is not None:
                self._text(numbered.text, numbered.locator)
                self.gap = own
        self._add(text, locator, self.gap, beside=beside)
        self.gap = 0

    def _continues_label(self, text: str, locator: Mapping[str, object], *, beside: bool) -> bool:
        """Whether a text behind values is, or may be, the rest of their label: its cell is higher than theirs.

        What stands before the values names nothing, and is the beginning of a label to the letter.
        """
        texts = [before for before, _ in self.texts[-_LABEL_LINES:]]
        if not texts or _last_label(texts)[0] is not None or _ORDINAL.fullmatch(self.values[-1].text.strip()):
            return False
        rest = "".join([behind for behind, *_ in self.pending]) + text
        begun = ("".join(texts[-size:]) for size in range(1, min(_BEGUN_LINES, len(texts)) + 1))
        whole = [before + rest for before in begun if may_go_on(before)]
        if any(map(is_whole, whole)):
            pending, self.pending = [*self.pending, (text, locator, beside, self.gap)], []
            for behind, place, near, gap in pending:
                self._add(behind, place, gap, beside=near)
            self.gap = 0
            self._row()
            return True
        if any(map(may_go_on, whole)) and len(self.pending) < _LABEL_LINES:
            self.pending.append((text, locator, beside, self.gap))
            self.gap = 0
            return True
        return False

    def _is_rest(self, label: str) -> bool:
        """Whether words before figures go on with the label that began in the lines above."""
        texts = [] if self.values else [before for before, _ in self.texts[-_BEGUN_LINES:]]
        begun = ("".join(texts[at:]) for at in range(len(texts)))
        whole = [before + label for before in begun if may_go_on(before)]
        return any(is_whole(text) or may_go_on(text) for text in whole)

    def _let_go(self) -> None:
        """The texts behind values that did not complete their label begin another row."""
        pending, self.pending = self.pending, []
        own = self.gap
        self._row()
        for text, locator, beside, gap in pending:
            self._add(text, locator, gap, beside=beside)
        self.gap = own

    def _add(self, text: str, locator: Mapping[str, object], gap: int, *, beside: bool) -> None:
        self.texts.append((text, locator))
        self.levels.append(self.levels[-1] + (not beside) if self.levels else 0)
        self.text_gaps.append(gap)

    def _ordinal(self) -> Item | None:
        """The number of the label that begins now, taken back: it stood in a line of its own and was kept as a figure.

        No other figure of the row ends so, and a row has others, unless no label stands before it.
        """
        *before, last = self.values
        if not _ORDINAL.fullmatch(last.text.strip()) or last.head or any(item.text.endswith(".") for item in before):
            return None
        if not before and _last_label([text for text, _ in self.texts])[0] is not None:
            return None
        self.gap = self.value_gaps.pop()
        return self.values.pop()

    def _value(
        self, text: str, locator: Mapping[str, object], source: Source, printed: str = "", head: str = ""
    ) -> None:
        if self.pending:
            self._let_go()
        self.values.append(Item(text, len(self.values), 1, locator, ocr_text=printed, head=head))
        self.value_gaps.append(self.gap)
        self.gap = 0
        self.source = source

    def _row(self, *, cut: bool = False) -> None:
        """Turn the run of texts and the values after it into rows."""
        if self.pending:
            self._let_go()
        texts = [text for text, _ in self.texts]
        hit, used = _last_label(texts)
        if len(self.values) >= 2 * _ROW_OF_VALUES and (hit is None or hit.vague):
            self._uncount()
        self._leave(texts[: len(texts) - used], cut)
        if self.values and (hit or not _only_blank(self.values)):
            lead = "" if hit or not texts or _is_lost_label(texts[-1], self.values) else key(texts[-1])
            row = Row(
                "data",
                self.source,
                0,
                hit=hit,
                lead=lead,
                items=self.values,
                texts=[item.head for item in self.values if item.head] + texts,
                last=cut,
                locator=self.texts[-used][1] if used else self.values[0].locator,
                blanks=(*self.value_gaps, self.gap),
            )
            self.rows.append(row)
        elif hit and not self.values and not _narrative(texts[-used:]):
            locator = self.texts[-used][1]
            blanks = (self.gap,)
            row = Row("data", self.source, 0, hit=hit, texts=texts, last=cut, locator=locator, blanks=blanks)
            self.rows.append(row)
        if self.values:
            self.gap = 0  # it is the row's
        self.texts, self.values, self.text_gaps, self.value_gaps, self.levels = [], [], [], [], []

    def _uncount(self) -> None:
        """Leave out the numbers of the columns (1, 2, 3 …) before exactly as many figures."""
        size = len(self.values) // 2
        if len(self.values) == 2 * size and count_up([item.text.strip() for item in self.values[:size]]):
            self.values = [replace(item, col=at) for at, item in enumerate(self.values[size:])]
            self.value_gaps = self.value_gaps[size:]

    def _leave(self, texts: list[str], cut: bool) -> None:
        """Headers, captions and labels without values that stand before the last label of a run."""
        if any(map(_is_header_text, texts)):
            self._header(texts, cut)
        self._labels(texts)

    def _header(self, texts: list[str], cut: bool) -> None:
        places = [locator for _, locator in self.texts] or [{}]
        items = [Item(text, i, 1, places[min(i, len(places) - 1)]) for i, text in enumerate(texts)]
        levels = tuple(self.levels[: len(texts)])
        row = Row("header", self.source, 0, texts=texts, items=items, last=cut, locator=places[0], levels=levels)
        self.rows.append(row)

    def _labels(self, texts: list[str]) -> None:
        """Rows of labels that nothing follows."""
        at = 0
        while at < len(texts):
            size, hit = _label_at(texts, at)
            if hit:
                own, locator = texts[at : at + size], self.texts[at][1]
                behind = self.text_gaps[at + size :]
                blanks = (behind[0] if behind else self.gap,)
                last = at + size < len(texts) and _is_figured(texts[at + size])
                row = Row("data", self.source, 0, hit=hit, texts=own, last=last, locator=locator, blanks=blanks)
                self.rows.append(row)
            at += size


def _listed_figures(text: str) -> list[str]:
    """The figures of a line that is nothing else (0、0、3); none where commas may part thousands."""
    if not _LIST.fullmatch(text.strip()):
        return []
    parts = _LISTED.split(text.strip())
    return [] if _THOUSANDS.search(text) else parts


def _is_figured(text: str) -> bool:
    """Whether a text behind a label may hold its figure: then the label is not of a blank row."""
    classes = classes_of(text) if len(text) <= LONGEST else None
    if classes is not None and (classes.row or classes.heading or classes.block or classes.corner):
        return False
    worded = any(character.isalpha() and character not in _UNITS for character in text)
    return not (worded and number(text)) and any(character.isdigit() for character in text)


def _headed_figures(text: str) -> list[tuple[str, str]]:
    """The figures of a line that have each the heading of its column before it; [] if it is no such line."""
    if "：" not in text and ":" not in text:
        return []
    if (one := split_heading(text)) is not None:
        return [one]
    pairs = [split_heading(part) for part in _BETWEEN.split(text.strip()) if part]
    return [pair for pair in pairs if pair is not None] if len(pairs) > 1 and None not in pairs else []


def _is_heading(text: str, *, begun: bool) -> bool:
    """Whether a text is the heading of a column and nothing else; ``begun``: it stands behind figures with theirs."""
    return heads_a_column(text) and (begun or classes_of(text).row is None)


def _is_lost_label(before: str, values: Sequence[Item]) -> bool:
    """Whether the text before figures is the last heading of their columns: their label is not there.

    What counts the columns (1, 2, 3) is no row.
    """
    if not heads_a_column(before) or "remedies" in classes_of(before).columns or len(values) < _LOST:
        return False
    return [item.text.strip() for item in values] != [str(at) for at in range(1, len(values) + 1)]


def _is_header_text(text: str) -> bool:
    """Whether a text is part of a table's header, or names the remedies."""
    classes = classes_of(text)
    if classes.corner or classes.columns or classes.heading or classes.block:
        return True
    return len(text) < 40 and names_remedies(text)


def _headings(text: str) -> list[str]:
    """The headings that stand in a line with blanks between them; the line itself if it is no such."""
    for parts in (_WIDE_GAP.split(text.strip()), text.split()):
        if len(parts) > 1 and all(_is_header_text(part) or part in OF_LABELS for part in parts):
            return parts
    return [text]


def _only_blank(items: list[Item]) -> bool:
    return not any(item.text.strip() for item in items)


def _narrative(texts: list[str]) -> bool:
    return any(len(text) > _LINE_LONGEST for text in texts)


def _is_narrative(text: str) -> bool:
    """A long line, not counting the blanks between columns, that is no row of figures."""
    if len(text) <= _LINE_LONGEST or len(parts := text.split()) == 1:
        return len(text) > _LINE_LONGEST
    if all(is_number(part) or _is_mark(part) for part in parts):
        return False
    return sum(map(len, parts)) + len(parts) > _LINE_LONGEST and not _valued(text)


def _is_section(text: str) -> bool:
    match = _SECTION.match(text)
    if match is None or classes_of(text).row is not None or classes_of(text).heading is not None or _valued(text):
        return False
    return not begins_a_row(text)


def _valued(text: str) -> bool:
    """Whether a line is a row of the form with its values behind the label, or behind what is left of one."""
    tail = _tail(text, text.split())
    if tail is None or len(tail[0]) > LONGEST:  # a table in one line ends in figures, too
        return False
    return _names_row(tail[0]) or len(tail[1]) >= _ROW_OF_VALUES


def _tail(text: str, parts: Sequence[str]) -> tuple[str, list[str]] | None:
    """A line's label and the values behind it; of a row of the form 无 is one, as one of so many as it has."""
    if _NOTHING in parts:
        first = next(at for at in range(len(parts), -1, -1) if at == 0 or not _is_value(parts[at - 1]))
        label = " ".join(parts[:first])
        if len(parts) - first >= _FEWEST_VALUES and _names_row(label):
            return label, list(parts[first:])
    match = _TAIL.match(text)
    return None if match is None else (match["label"], match["values"].split())


def _is_begun(label: str) -> bool:
    """Whether words before figures are the beginning of a row's label, the rest of which stands in the next line."""
    return len(label.strip()) >= _LEAST_BEGUN and not classes_of(label.strip()).columns and may_go_on(label)


def _own_label(label: str) -> str:
    """The numbered label of a row that stands last before its figures, where what stands before it is of a group over
    several rows (不予处理 4.无正当理由大量反复申请); "" where it is none, or all is one label.
    """
    parts = label.split()
    last = parts[-1] if len(parts) > 1 else ""
    return last if number(last) and is_whole(last) and row_hit(label) is None else ""


def _is_value(part: str) -> bool:
    return is_number(part) or _is_mark(part) or part == _NOTHING


def _names_row(text: str) -> bool:
    """Whether the label part of a line with values on it names a row, alone or at its end."""
    return row_hit(text) is not None


def _last_label(texts: list[str]) -> tuple[LabelMatch | None, int]:
    """The row that the end of a run of texts names, and how many texts it takes (fewest first)."""
    for size in range(1, min(_LABEL_LINES, len(texts)) + 1):
        joined = "".join(texts[-size:])
        if len(joined) > LONGEST or (size > 1 and any(map(_FIGURE_BEHIND.search, texts[-size:]))):
            break
        hit = row_hit(joined)
        if hit and (not hit.vague or size == 1) and _begins_with_label(texts[-size:], hit):
            return hit, size
    return None, 0


def _begins_with_label(texts: list[str], hit: LabelMatch) -> bool:
    """Whether the label is not the end of one and the beginning of the next: a number within begins a label."""
    begin = max((at for at, text in enumerate(texts) if at and number(text)), default=0)
    own = row_hit("".join(texts[begin:])) if begin else hit
    return own is not None and own.ids == hit.ids


def _label_at(texts: list[str], at: int) -> tuple[int, LabelMatch | None]:
    """A sure row label beginning at ``at``: how many texts it takes (1 if none) and which row it names."""
    for size in range(1, min(4, len(texts) - at) + 1):
        if size > 1 and any(map(_FIGURE_BEHIND.search, texts[at : at + size])):
            break
        hit = row_hit("".join(texts[at : at + size]))
        if hit and not hit.vague:
            return size, hit
    return 1, None


def _are_values(parts: Sequence[str]) -> bool:
    """Whether the words of a line are figures and marks; 无 is one among as many as a row of the form has."""
    row = len(parts) >= _ROW_OF_VALUES
    return all(is_number(part) or _is_mark(part) or (row and part == _NOTHING) for part in parts)


def _is_mark(text: str) -> bool:
    """Whether a word of a line stands for a blank cell; words that do (无) are sentences of a text as well."""
    return text == "/" or is_dashes(text)
