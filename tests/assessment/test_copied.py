"""What is last year's, or another's, and nothing that many say; every finding has its meaning in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from archive.assessment.contradictions import Figures, codes, figures_copied, jumps
from archive.assessment.passages import Passage, likeness, names_of, paragraphs, sentences, sketch, text_copied
from archive.findings import finding_meanings, meanings_by_code, templates
from archive.forms.loader import form
from storage.records import FINDING_OF_CHANGE, Section, Severity
from tests.case_tables import read_cases

FORM = form("2021")
MANY = dict(read_cases(__file__, "many_figures"))


def figures(**more: int) -> dict[str, Decimal | None]:
    return {name: Decimal(0) for name in FORM.places} | {name: Decimal(value) for name, value in more.items()}


def text(*paragraphs: str) -> list[Section]:
    return [Section(heading="一、总体情况", key="overview", text="\n".join(paragraphs))]


FEW = dict.fromkeys(
    ("applications.received.total", "applications.received.natural_person", "applications.result.total.total"), 2
)
STOCKS = {"proactive.normative.in_force": 4_711, "proactive.rules.in_force": 1_234}
BLANK = {name: value or None for name, value in figures(**MANY).items()}
PRINTED = {name: value for name, value in figures(**MANY).items() if name.startswith("applications.re")}
TABLE = ["收到和处理政府信息公开申请情况"]


@pytest.mark.parametrize(
    ("now", "before", "doubted", "tables"),
    [
        (figures(**MANY), figures(**MANY), (), TABLE),
        (figures(**MANY), BLANK, (), TABLE),  # a blank counts as no figure
        (PRINTED, PRINTED, (), TABLE),  # so does a cell that neither year prints
        # zeros, few figures and stocks are no evidence
        (figures(), figures(), (), []),
        (figures(**FEW), figures(**FEW), (), []),
        (figures(**STOCKS), figures(**STOCKS), (), []),
        # one figure that differs, or doubts about them, end it
        (figures(**MANY), figures(**MANY | {"applications.carried_out.total": 1}), (), []),
        (figures(**MANY), figures(**MANY), tuple(MANY), []),
    ],
)
def test_a_whole_table_of_many_figures_is_copied(
    now: Figures, before: Figures, doubted: tuple[str, ...], tables: list[str]
) -> None:
    found = list(figures_copied(FORM, now, before, doubted, 2025))
    assert [one.found for one in found] == tables
    assert all(set(one.cells) == set(MANY) and "2024" in one.zh for one in found)


COUNTS, WORDS, MORE, LAST = read_cases(__file__, "passages")


def test_paragraphs_are_the_same_when_only_the_years_moved_on_or_were_left() -> None:
    def one(year: int, *, of: int, n: int = 123) -> tuple[Passage, ...]:
        return paragraphs(text(COUNTS.format(year=year, before=year - 1, n=n)), of, ())

    now = one(2025, of=2025)
    [(finding, marks)] = text_copied(now, one(2024, of=2024), (), 2025)
    assert (finding.code, finding.severity) == ("paragraph_copied", Severity.WARNING)
    assert marks == ((now[0].mark, now[0].letters),)
    assert list(text_copied(now, one(2024, of=2024, n=122), (), 2025)) == []
    [(finding, _)] = text_copied(one(2024, of=2025), one(2024, of=2024), (), 2025)
    assert finding.code == "paragraph_copied"


def test_a_table_taken_for_text_is_no_passage() -> None:
    line = "（二）部分公开（区分处理的，只计这一情形，不计其他情形） 0 0 0 0 0 0 0 （三）不予公开 1.属于国家秘密"
    assert sentences(text(line), 2025, ()) == ()
    told = "其中本机关不掌握相关政府信息5件，其余各件均在法定期限内办结并且答复了申请人"
    assert len(sentences(text(told), 2025, ())) == 1


def test_words_without_figures_need_length_and_share() -> None:
    now, before = (paragraphs(text(WORDS, MORE, LAST), year, ()) for year in (2025, 2024))
    [(finding, marks)] = text_copied(now, before, (), 2025)
    assert (finding.code, finding.severity, len(marks)) == ("text_copied", Severity.INFO, 3)
    assert list(text_copied(paragraphs(text(WORDS), 2025, ()), before, (), 2025)) == []
    assert list(text_copied(now, before, {one.mark for one in now}, 2025)) == []


def test_dates_articles_and_numbers_of_documents_are_no_counts() -> None:
    said = (
        "按照2025年3月18日印发的政务公开工作要点（政办发〔2025〕30号）第20条和第711号令的规"
        "定，我局认真落实各项工作任务要求，推动公开工作走深走实，努力建设人民满意的机关。"
    )
    [one] = paragraphs(text(said), 2025, ())
    assert one.counts == ()
    assert not one.has_many_figures


def body(name: str, *, last: str = "") -> list[Section]:
    said = [one.replace("{name}", name) for one in read_cases(__file__, "sentences")]
    return text("。".join([*said, last]) + "。")


def test_a_copied_text_has_a_key_in_common_whatever_its_name() -> None:
    one = sentences(body("汶上县司法局"), 2025, names_of("汶上县司法局", (), "汶上县"))
    other = sentences(body("沂源县审计局"), 2025, names_of("沂源县审计局"))
    assert sketch(one, ()) == sketch(other, ())
    same = likeness(one, other)
    assert same.enough
    assert same.share == 1
    short = names_of("汶上县司法局", ["县司法局"], "汶上县")
    assert short == ("汶上县司法局", "县司法局", "司法局", "汶上县")


@pytest.mark.parametrize(("cell", "now", "before", "told"), read_cases(__file__, "jumps"))
def test_jumps(cell: str, now: int, before: int, told: tuple[str, ...]) -> None:
    found = list(jumps({cell: Decimal(now)}, {cell: Decimal(before)}, (), 2025))
    assert tuple(one.code for one in found) == told
    assert all((one.cells, one.expected, one.found) == ((cell,), str(before), str(now)) for one in found)
    assert list(jumps({cell: Decimal(now)}, {cell: Decimal(before)}, {cell}, 2025)) == []
    assert list(jumps({cell: Decimal(now)}, {cell: None}, (), 2025)) == []


# ------------------------------------------------------------------------------------------------ meanings of findings

DESCRIBED = Path("docs/findings.md").read_text("utf-8").partition("## How often they are wrong")[0]


def test_every_finding_that_is_described_has_its_meaning_and_no_other() -> None:
    assert set(meanings_by_code()) == set(re.findall(r"^\| `([a-z_0-9]+)`", DESCRIBED, re.MULTILINE))
    assert set(codes()) <= set(meanings_by_code())
    assert sum(map(len, finding_meanings().values())) == len(meanings_by_code())


def test_a_finding_is_as_grave_as_its_description_says_first() -> None:
    said = dict(re.findall(r"^\| `([a-z_0-9]+)` \| ([a-z]+)", DESCRIBED, re.MULTILINE))
    assert {code: one.severity.value for code, one in meanings_by_code().items()} == said


def findings_made(module: ast.Module) -> Iterator[set[tuple[str, str]]]:
    """Yield code and case of each call of ``finding``: where it names a variable, all strings of the module, and the
    codes of changes, which several modules share.
    """
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    strings = {str(node.value) for node in ast.walk(module) if isinstance(node, ast.Constant)}
    strings |= {*FINDING_OF_CHANGE.values()}

    def strings_of(node: ast.expr | None) -> set[str]:
        if node is None:
            return {""}
        if isinstance(node, ast.IfExp):
            return strings_of(node.body) | strings_of(node.orelse)
        return {str(node.value)} if isinstance(node, ast.Constant) else strings

    for call in calls:
        if ast.unparse(call.func) == "finding":
            case = next((one.value for one in call.keywords if one.arg == "case"), None)
            yield set(product(strings_of(call.args[0]), strings_of(case)))
        elif ast.unparse(call.func) == "partial" and ast.unparse(call.args[0]) == "finding":
            yield set(product(strings_of(call.args[1]), strings))


def test_each_sentence_belongs_to_a_finding_that_the_code_makes_and_each_finding_has_one() -> None:
    paths = [path for room in ("archive", "crawler", "nianbao") for path in Path(room).rglob("*.py")]
    made = [pairs for path in paths for pairs in findings_made(ast.parse(path.read_text("utf-8")))]
    assert templates().keys() <= set().union(*made)
    assert [pairs for pairs in made if not pairs & templates().keys()] == []
