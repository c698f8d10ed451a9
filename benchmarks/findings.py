"""How often each finding is wrong on the corpus of real reports, of which the truth of every cell is known.

``python -m benchmarks.findings`` reads every document of ``corpus/`` in the shared folder, holds one body's reports on
two years, and two bodies' on one year, against each other, and counts by code: raised, wrong, and what cannot be told
from the truth. ``--write`` puts the table into ``docs/findings.md``.

* A contradiction (sums, text against table, years, copies, twins) is wrong if the truth's figures do not contradict so.
* A finding that something is not there is wrong if the truth has one of the cells that it names.
* Any other finding about cells is a doubt; it is wrong if one of the cells that it names was read otherwise than in the
  truth although it was given a value: then the doubt was right, and what it says of the value was not.
* What sentences mean stands in no truth: verdicts by hand, each with its reason, lie in ``findings_by_hand.toml``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from archive.assessment.contradictions import codes
from archive.assessment.copied import figures_copied, text_copied
from archive.assessment.passages import Passage, likeness, names_of, paragraphs, sentences
from archive.forms.loader import known_form
from archive.parser.checks import check_cells
from archive.parser.reader import read
from archive.projection.contradicting import Held, figures_between, figures_mark
from benchmarks.results import Result, report
from storage.records import Cell, CellState, Finding, Reading, Severity

DOCS = Path(__file__).parents[1] / "docs/findings.md"
BEGIN, END = "<!-- corpus: begin -->", "<!-- corpus: end -->"
#: What a finding says is not there.
ABSENT = frozenset({"tables_absent", "table_missing", "rows_missing", "columns_missing"})
#: What only the truth of a document's sentences could tell.
SAID = frozenset({"year_slip", "paragraph_copied", "text_copied", "same_text"})


@dataclass(frozen=True)
class Document:
    """A document of the corpus: what was read, and the same with the cells of its truth."""

    name: str
    truth: Mapping[str, Any]
    reading: Reading
    true: Reading

    @property
    def body(self) -> tuple[str, str] | None:
        """Whose it is, where anybody can tell."""
        agency = self.truth["agency"]
        return None if agency is None else (str(self.truth["place"]), str(agency))


@dataclass(frozen=True)
class Raised:
    """A finding that was raised. ``wrong``: None where the truth does not tell."""

    code: str
    where: str
    wrong: bool | None
    en: str


def shared() -> Path:
    """The folder of the corpus."""
    return Path(os.environ.get("NIANBAO_SHARED") or Path(__file__).resolve().parents[2] / "shared")


def corpus() -> list[Document]:
    """Every document of the corpus, read."""
    return [_document(path) for path in sorted((shared() / "corpus").glob("*.truth.json"))]


def _document(path: Path) -> Document:
    truth = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    reading = read(path.with_name(truth["file"]).read_bytes())
    cells = {name: _cell(name, value) for name, value in truth["cells"].items()}
    return Document(truth["file"], truth, reading, replace(reading, cells=cells, findings=(), form=truth["form"]))


def _cell(name: str, value: Decimal | int | None) -> Cell:
    number = None if value is None else Decimal(value)
    return Cell(id=name, value=number, raw="", state=CellState.BLANK if value is None else CellState.PRINTED)


# ---------------------------------------------------------------------------------------------- one document


def of_document(one: Document) -> Iterator[Raised]:
    """Every finding of the reading with its verdict."""
    for finding in one.reading.findings:
        yield Raised(finding.code, one.name, _wrong(one, finding), finding.en)


def _wrong(one: Document, finding: Finding) -> bool | None:
    code = finding.code
    if code in ABSENT:
        named = finding.cells or tuple(one.truth["cells"])
        return any(name in one.truth["cells"] for name in named)
    if code == "form_of_other_year":
        return (one.truth["form"], str(one.truth["year"])) != (one.reading.form, finding.found)
    if code == "identity_broken":
        return _key(finding) not in {_key(other) for other in _checked(one)}
    if code in SAID:
        return by_hand(one.name, finding)
    if not finding.cells:
        return None
    return any(_is_misread(one, name) for name in finding.cells)


def _checked(one: Document) -> list[Finding]:
    form = known_form(one.true.form)
    return check_cells(form, one.true.cells) if form else []


def _key(finding: Finding) -> tuple[str, str, tuple[str, ...]]:
    return finding.code, finding.en.split(" ")[0], finding.cells[:1]


def _is_misread(one: Document, name: str) -> bool:
    """Whether a cell was given a value that is not the truth's."""
    cell = one.reading.cells.get(name)
    return cell is not None and cell.value is not None and cell.value != one.truth["cells"].get(name)


@cache
def _hands() -> list[dict[str, Any]]:
    listed = tomllib.loads(Path(__file__).with_name("findings_by_hand.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = listed["verdict"]
    return found


def by_hand(where: str, finding: Finding) -> bool | None:
    """The verdict of a person who read both sides; None where nobody has."""
    key = (where, finding.code, finding.found or "")
    return next((not one["right"] for one in _hands() if (one["where"], one["code"], one["found"]) == key), None)


# ---------------------------------------------------------------------------------------------- two documents


def of_years(documents: Iterable[Document]) -> Iterator[Raised]:
    """What two years of one body contradict or repeat."""
    for now, before in years_of(documents):
        yield from _of_two_years(now, before)


def years_of(documents: Iterable[Document]) -> list[tuple[Document, Document]]:
    """The reports of one body on a year and on the year before."""
    reports = [one for one in documents if one.body is not None and one.truth["year"] is not None and one.reading.cells]
    pairs = ((now, before) for now in reports for before in reports if now.body == before.body)
    return [(now, before) for now, before in pairs if now.truth["year"] == before.truth["year"] + 1]


def _of_two_years(now: Document, before: Document) -> Iterator[Raised]:
    year, where = int(now.truth["year"]), f"{before.name} → {now.name}"
    true = {_what(one) for one in figures_between(Held(now.true), Held(before.true), year)}
    for finding in figures_between(Held(now.reading), Held(before.reading), year):
        yield Raised(finding.code, where, _what(finding) not in true, finding.en)
    for finding, _ in text_copied(_paragraphs(now), _paragraphs(before), (), year):
        yield Raised(finding.code, where, by_hand(where, finding), finding.en)


def _what(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.cells, finding.expected, finding.found


def of_bodies(documents: Iterable[Document]) -> Iterator[Raised]:
    """What two bodies' reports on one year have in common."""
    for one, other in bodies_of(documents):
        where = f"{one.name} + {other.name}"
        mark, _ = figures_mark(Held(one.reading))
        if mark is not None and mark == figures_mark(Held(other.reading))[0]:
            yield Raised(
                "same_figures", where, figures_mark(Held(one.true))[0] != figures_mark(Held(other.true))[0], ""
            )
        if one.reading.content_digest == other.reading.content_digest:
            yield Raised("same_document", where, True, "")  # the corpus holds no document twice
        if likeness(_sentences(one), _sentences(other)).enough:
            found = Finding(code="same_text", severity=Severity.INFO, zh="", en="")
            yield Raised("same_text", where, by_hand(where, found), "")


def bodies_of(documents: Iterable[Document]) -> list[tuple[Document, Document]]:
    """The reports of two bodies on one year."""
    reports = [one for one in documents if one.body is not None and one.reading.is_report]
    pairs = ((one, other) for one, other in combinations(reports, 2) if one.body != other.body)
    return [(one, other) for one, other in pairs if one.truth["year"] == other.truth["year"]]


def strangers(documents: Iterable[Document]) -> list[tuple[Document, Document]]:
    """Reports of two bodies, on whatever years: none is a copy of the other."""
    reports = [one for one in documents if one.body is not None and one.truth["year"] and one.reading.is_report]
    return [(one, other) for one, other in combinations(reports, 2) if one.body != other.body]


def unrelated(documents: Iterable[Document]) -> Iterator[Raised]:
    """What is wrongly said to be copied when strangers are held against each other."""
    for now, before in strangers(documents):
        year, where = int(now.truth["year"]), f"{before.name} → {now.name}"
        form = known_form(now.reading.form)
        if form is not None and now.reading.form == before.reading.form:
            ours, theirs = Held(now.reading), Held(before.reading)
            found = list(figures_copied(form, ours.figures, theirs.figures, ours.doubted | theirs.doubted, year))
            found += [one for one, _ in text_copied(_paragraphs(now), _paragraphs(before), (), year)]
            yield from (Raised(one.code, where, True, one.en) for one in found)
            mark, _ = figures_mark(ours)
            if mark is not None and mark == figures_mark(theirs)[0]:
                yield Raised("same_figures", where, True, "")
        if likeness(_sentences(now), _sentences(before)).enough:
            yield Raised("same_text", where, True, "")


def _paragraphs(one: Document) -> tuple[Passage, ...]:
    names = names_of(one.truth["agency"], place=one.truth["place"])
    return paragraphs(one.reading.sections, int(one.truth["year"]), names)


def _sentences(one: Document) -> tuple[Passage, ...]:
    names = names_of(one.truth["agency"], place=one.truth["place"])
    return sentences(one.reading.sections, int(one.truth["year"]), names)


# ---------------------------------------------------------------------------------------------- the table


def raised(documents: Sequence[Document]) -> list[Raised]:
    """Everything that is raised on the corpus."""
    return [
        *(found for one in documents for found in of_document(one)),
        *of_years(documents),
        *of_bodies(documents),
    ]


def table(documents: Sequence[Document], found: Iterable[Raised]) -> str:
    """The table of docs/findings.md: codes of ``nianbao check`` in their order, then all others that were raised."""
    count, wrong, open_ = Counter[str](), Counter[str](), Counter[str]()
    for one in found:
        count[one.code] += 1
        wrong[one.code] += one.wrong is True
        open_[one.code] += one.wrong is None
    lines = ["| code | raised | of these wrong |", "|---|---|---|"]
    for code in (*codes(), *sorted(set(count) - set(codes()))):
        if not count[code]:
            lines.append(f"| `{code}` | not raised | – |")
        elif open_[code] == count[code]:
            lines.append(f"| `{code}` | {count[code]} | cannot be told from the truth of cells |")
        else:
            more = f" ({open_[code]} more cannot be told)" if open_[code] else ""
            lines.append(f"| `{code}` | {count[code]} | {wrong[code]}{more} |")
    with_tables = sum(bool(one.reading.cells) for one in documents)
    copies = ", ".join(f"{one.code} ({one.where})" for one in unrelated(documents)) or "none"
    years, bodies = len(years_of(documents)), len(bodies_of(documents))
    lines += [
        "",
        f"{len(documents)} documents, {with_tables} of them with tables that were read; {years} pairs of one body's "
        f"reports on two years, {bodies} pairs of two bodies' on one year. Of {len(strangers(documents))} pairs of "
        f"reports that have nothing to do with each other these were said to be copies: {copies}.",
    ]
    return "\n".join(lines)


def written(text: str, made: str) -> str:
    """``docs/findings.md`` with the table put in its place."""
    return re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{made}\n{END}", text, flags=re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description="How often each finding is wrong on the corpus of real reports.")
    parser.add_argument("--short", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--write", action="store_true", help="put the table into docs/findings.md")
    parser.add_argument("--wrong", action="store_true", help="name each finding that is wrong or cannot be told")
    wanted = parser.parse_args()
    documents = corpus()
    if not documents:
        print(f"no corpus in {shared()}: set NIANBAO_SHARED to the folder that holds it")
        return
    found = raised(documents)
    made = table(documents, found)
    print(made)
    if wanted.wrong:
        print(*(f"{one.code} {one.wrong} {one.where}: {one.en}" for one in found if one.wrong is not False), sep="\n")
    if wanted.write:
        DOCS.write_text(written(DOCS.read_text(encoding="utf-8"), made), encoding="utf-8")
    told = [one for one in found if one.wrong is not None]
    of_check = [one for one in told if one.code in codes()]
    report(
        "findings",
        [
            Result("raised on the corpus", len(found), "findings"),
            Result("judged by the truth", len(told), "findings"),
            Result("wrong", sum(one.wrong is True for one in told), "findings"),
            Result("of nianbao check", len(of_check), "findings"),
            Result("of these wrong", sum(one.wrong is True for one in of_check), "findings"),
        ],
    )


if __name__ == "__main__":
    main()
