"""The data file of findings: every code that docs/findings.md describes has its meaning in both languages."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from archive.assessment.contradictions import codes
from archive.findings import finding_meanings, meanings_by_code, templates
from storage.records import FINDING_OF_CHANGE

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
