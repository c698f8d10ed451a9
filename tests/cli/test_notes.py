"""What a crawl notes, and why a look ended as it did, is codes and values, and is said in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from crawler.portals import classes
from crawler.run_summary import NO_LISTINGS, UNSAID_ENDS, WITHOUT_REPORT
from nianbao.messages import messages
from storage.sealing.verifying import CODES
from storage.warc_check import TODO

ROOT = Path(__file__).parents[2]
#: codes that stand in variables, or are joined
NAMED = {
    NO_LISTINGS, UNSAID_ENDS, WITHOUT_REPORT, "cut", "asked_to_stop",
    "visits_failed", "attachments_failed", "look",
}  # fmt: skip
NAMED |= {"look_by_script", "not_begun_disk", "not_begun_clock", "not_rendered", "no_picture"}
NAMED |= {"warc_shorter", "warc_longer", "import_stopped", "imported", "imported_with_text"}
NAMED |= {"reports_elsewhere", "reports_without_link"}
NAMED |= {"paused", "reading_paused", "goes_on", "reading_goes_on"}
NAMED |= {*CODES, *(note.code for note in TODO.values())}
NAMED |= {entry[0] for portal in classes().values() for entry in portal.unverified if len(entry) == 2}
NAMED |= {f"list_{read}" for read in ("to_end", "empty", "by_script", "in_part", "unanswered", "addressed")}


def emitted() -> Iterator[tuple[str, frozenset[str] | None]]:
    """Each code that the program notes, with the names of its values where they stand beside it."""
    rooms = ("crawler/**", "storage/**", "archive/projection", "archive/queries", "nianbao/operate")
    for path in [found for room in rooms for found in ROOT.glob(f"{room}/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note"):
                continue
            codes, names = node.args[:1], _names(node.args[1:])
            choices = [
                one for code in codes for one in ((code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,))
            ]
            for one in choices:
                if isinstance(one, ast.Constant):
                    yield str(one.value), names


def _names(values: list[ast.expr]) -> frozenset[str] | None:
    """The names of values that stand in a dictionary; None where they do not."""
    if not values:
        return frozenset()
    if not isinstance(values[0], ast.Dict):
        return None
    return frozenset(str(key.value) for key in values[0].keys if isinstance(key, ast.Constant))


#: said by the words of progress
OF_PROGRESS = {"begun", "ended", "run", "failed", "wait"}


def test_each_code_is_said_in_both_languages() -> None:
    known = {key.removeprefix("note.") for key in messages("notes") if key.startswith("note.")}
    codes = {code for code, _ in emitted()} - OF_PROGRESS
    assert len(codes) > 100
    assert (codes | NAMED) ^ known == set()
