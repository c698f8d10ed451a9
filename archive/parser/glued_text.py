"""Find the rows of a form in running text: each label in printed order, and the digits that follow it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from archive.documents.pages import Pages, Table
from archive.forms import money
from archive.forms.loader import load_forms
from archive.forms.model import Form, RowPlan
from archive.forms.spelling import key, number, simplify

_TEXT = 400_000  # characters looked through
_CELL = 12  # characters from which a table's cell may hold a row of its own
_PLACES = 600  # places where labels stand
_HANZI = re.compile(r"[\u3400-\u9fff]")
_OTHER = re.compile(r"[^\u3400-\u9fff]+")
_SPACES = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_COUNTS = re.compile(r"[ :,)\"'”’」』】\]]{0,4}(?:\([^()]{1,80}\))?[ :]{0,3}(?P<v>\d[\d, ]{0,140})?")
_OTHERS = re.compile(
    rf"[ :,)\"'”’」』】\]]{{0,4}}(?:\([^()]{{1,80}}\))?[ :]{{0,3}}"
    rf"(?P<v>[-+增减]?\d[-+\d,. 增减]{{0,80}}(?:{money.UNIT})?)?"
)
_ORDINAL = re.compile(r"\d$")
_AFTER_ORDINAL = re.compile(r"[.、)]")
_UNIT = re.compile(r" ?[件条项个次起%万亿元人户名篇]")
_LISTED = re.compile(r" ?[件条项个次起](?:[,;。、(]|[和及与])")  # of one thing after another that a sentence counts
_GOES_ON = re.compile(r" ?(?:[,;、](?=[\u4e00-\u9fff])|。)")  # a sentence behind its figure
_FEW = 5  # digits of a figure in a sentence; a row of several columns that ran together has more
_GAP = 150  # characters between two rows of one table, at most
_MOST = 0.6  # of the labels: then one with nothing after it is a blank row
_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RowText:
    """A row met in the text. ``ways``: what may be its figures, each as tokens that stood apart (usually one way).

    ``celled``: each token stood in a cell or on a line of its own, and no figure goes from one to the next.
    """

    plan: RowPlan
    ways: tuple[tuple[str, ...], ...]
    locator: Mapping[str, object]
    celled: bool = False

    @property
    def text(self) -> str:
        """The figures as they stand there."""
        return " ".join(self.ways[0])


@dataclass(frozen=True, slots=True)
class Running:
    """The running text of a document, folded; ``hanzi`` alone with the place of each, and where each block begins."""

    text: str
    hanzi: str
    places: tuple[int, ...]
    starts: tuple[int, ...]
    locators: tuple[Mapping[str, object], ...]

    def locator(self, at: int) -> Mapping[str, object]:
        """The locator of the block in which a place of the text lies."""
        return self.locators[bisect_right(self.starts, at) - 1] if self.starts else {}


def running(pages: Pages) -> Running:
    """The paragraphs, and the cells of tables long enough to hold a label with its figures."""
    pieces: list[str] = []
    starts: list[int] = []
    locators: list[Mapping[str, object]] = []
    size = 0
    for text, locator in _texts(pages):
        folded = _SPACES.sub(" ", _fold_text(text)) + "\n"
        if size + len(folded) > _TEXT:
            break
        pieces.append(folded)
        starts.append(size)
        locators.append(locator)
        size += len(folded)
    whole = "".join(pieces)
    found = [(match.start(), match[0]) for match in _HANZI.finditer(whole)]
    return Running(
        whole.replace("\n", " "),
        "".join(character for _, character in found),
        tuple(at for at, _ in found),
        tuple(starts),
        tuple(locators),
    )


def _texts(pages: Pages) -> list[tuple[str, Mapping[str, object]]]:
    found: list[tuple[str, Mapping[str, object]]] = []
    for block in pages.blocks:
        if isinstance(block, Table):
            found += [(cell.text, cell.locator) for cell in block.cells if len(cell.text) >= _CELL]
        else:
            found.append((block.text, block.locator))
    return found


def _fold_text(text: str) -> str:
    """Widths folded and traditional characters simplified, blanks kept as they are."""
    return "".join(part if part.isspace() else simplify(part) for part in re.split(r"(\s+)", text))


@cache
def _spellings(form_rows: tuple[RowPlan, ...]) -> tuple[tuple[str, ...], ...]:
    """For each row its label and variants, the Chinese characters alone."""
    return tuple(tuple(dict.fromkeys(hanzi_of(text) for text in (row.label, *row.variants))) for row in form_rows)


@dataclass(frozen=True, slots=True)
class _Spot:
    row: int
    start: int
    end: int
    ways: tuple[tuple[str, ...], ...]
    at: int


def rows_in(text: Running, form: Form) -> list[RowText]:
    """The rows of the two tables with row labels, in printed order, as far as they stand in the text."""
    plans = tuple(row for table in form.tables if table.layout != "strip" for row in table.rows)
    spots = _chain(_spots(text, plans))
    if not spots:
        return []
    found = []
    whole = sum(bool(spot.ways) for spot in spots) >= _MOST * len(plans)
    for spot, after in zip(spots, [*spots[1:], None], strict=True):
        if not spot.ways and (not whole or after is None or after.start - spot.end > _GAP):
            continue  # a label and nothing after it: its figures stand elsewhere, or it is a word of the text
        found.append(RowText(plans[spot.row], spot.ways or ((),), text.locator(spot.at)))
    return found


def hanzi_of(label: str) -> str:
    """The Chinese characters of a label, as they are looked for in running text."""
    return _OTHER.sub("", key(label))


def strip_in(text: Running, form: Form) -> RowText | None:
    """The figures of the table under nested headers (复议、诉讼): what follows its last header."""
    table = next(table for table in form.tables if table.layout == "strip")
    last = "".join(hanzi_of(column.label) for column in table.columns[-2:])
    at = text.hanzi.rfind(last)
    if at < 0:
        return None
    end = at + len(last)
    ways, place = _figures(text, end, None)
    return RowText(table.rows[0], ways, text.locator(place)) if ways and ways[0] else None


def _spots(text: Running, plans: tuple[RowPlan, ...]) -> list[_Spot]:
    numbers: dict[str, tuple[str, ...]] = {}
    for plan, spellings in zip(plans, _spellings(plans), strict=True):
        numbers[number(plan.label)] = (*numbers.get(number(plan.label), ()), *spellings)
    found: dict[tuple[int, int], _Spot] = {}
    for row, spellings in enumerate(_spellings(plans)):
        for spelling in spellings:
            at = text.hanzi.find(spelling) if spelling else -1
            while at >= 0 and len(found) < _PLACES:
                end = at + len(spelling)
                known = found.get((row, at))
                if (known is None or known.end < end) and not text.hanzi.endswith(_words_before_totals(), 0, at):
                    ways, place = _figures(text, end, plans[row], numbers)
                    found[row, at] = _Spot(row, at, end, ways, place)
                at = text.hanzi.find(spelling, at + 1)
    return sorted(found.values(), key=lambda spot: (spot.start, spot.row))


@cache
def _words_before_totals() -> tuple[str, ...]:
    """What stands before the total in the header of the remedies (尚未审结): 总计 behind it is no row."""
    one_row_tables = [table for form in load_forms() for table in form.tables if table.layout == "strip"]
    return tuple({hanzi_of(table.columns[-2].label) for table in one_row_tables})


def _figures(
    text: Running, end: int, plan: RowPlan | None, numbers: Mapping[str, tuple[str, ...]] = _NONE
) -> tuple[tuple[tuple[str, ...], ...], int]:
    """What follows the label that ends before character ``end`` of the Chinese ones: the ways to take it."""
    at = text.places[end - 1] + 1
    counts = plan is None or all(column.kind in {"count", "stock", "printed_sum"} for column in plan.columns)
    match = (_COUNTS if counts else _OTHERS).match(text.text, at)
    if match is None or match["v"] is None:
        return (), at
    figures = match["v"].rstrip(" ,")
    after = text.text[match.start("v") + len(figures) :][:12]
    if (_UNIT if counts else _LISTED).match(after):
        return (), at  # a sentence that counts something
    if plan is not None and len(plan.columns) > 1 and _GOES_ON.match(after) and _is_one(figures, plan):
        return (), at
    tokens = figures.split()
    if _AFTER_ORDINAL.match(after) and _ORDINAL.search(figures):
        return ((_without_last(tokens),) if len(figures) > 1 else ()), at
    ways = [tuple(tokens)]
    following = numbers.get(figures[-1], ()) if len(figures) > 1 and _HANZI.match(after) else ()
    if following and text.hanzi.startswith(following, end):
        ways.append(_without_last(tokens))  # the number of the next label, printed without its dot
    return tuple(ways), at


def _is_one(figures: str, plan: RowPlan) -> bool:
    """Whether figures are too few to be those of a row that has several columns."""
    return sum(map(str.isdigit, figures)) < max(_FEW, len(plan.columns))


def _without_last(tokens: Sequence[str]) -> tuple[str, ...]:
    last = tokens[-1][:-1].rstrip(",")
    return (*tokens[:-1], last) if last else tuple(tokens[:-1])


def _chain(spots: Sequence[_Spot]) -> list[_Spot]:
    """The best run of labels in the form's order: as many with figures as there are, standing close together."""
    best: list[tuple[float, int]] = []
    for at, spot in enumerate(spots):
        own = 3.0 if spot.ways else 0.5
        score, before = own, -1
        for earlier in range(at):
            other = spots[earlier]
            if other.row < spot.row and other.end <= spot.start:
                gap = min(spot.start - other.end, 4 * _GAP) / _GAP
                if best[earlier][0] + own - gap > score:
                    score, before = best[earlier][0] + own - gap, earlier
        best.append((score, before))
    if not best:
        return []
    at = max(range(len(best)), key=lambda i: best[i][0])
    chain: list[_Spot] = []
    while at >= 0:
        chain.append(spots[at])
        at = best[at][1]
    return chain[::-1]
