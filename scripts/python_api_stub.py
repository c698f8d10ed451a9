"""Write ``nianbao/python_api.pyi``: type declarations of the methods that are generated from ``nianbao/questions.py``.

Run ``python -m scripts.python_api_stub`` after adding or changing a question; a test compares the file.
"""

from __future__ import annotations

import ast
from datetime import datetime
from enum import StrEnum
from inspect import Parameter
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

from nianbao.parameters import types_of
from nianbao.python_api import answer_type, method_parameters
from nianbao.questions import QUESTIONS, Question

PLACE = Path(__file__).parent.parent / "nianbao" / "python_api.pyi"
_HEAD = '''"""Made from nianbao/questions.py by ``make reference``: nothing is changed here by hand."""

from collections.abc import Collection, Iterable
from datetime import datetime
from inspect import Parameter
from pathlib import Path

{imports}
from archive.exports.tables import Export
from archive.queries.frames import Lines
from archive.queries.bounds import NotKnownError
from nianbao.paging import Page
from nianbao.questions import Question
from storage.home import Home

__all__ = ["Archive", "NotKnownError", "open_archive"]

NOT_TAKEN: frozenset[str]

def answer_type(one: Question) -> str: ...
def method_parameters(one: Question) -> list[Parameter]: ...
def arguments_of(one: Question) -> tuple[str, ...]: ...
def open_archive(path: str | Path | None = None) -> Archive: ...

class Archive:
    home: Home
    def __init__(self, home: Home) -> None: ...
    def __enter__(self) -> Archive: ...
    def __exit__(self, *error: object) -> None: ...
    def export(self, table: str, *indicators: str, wide: bool = False, **filters: object) -> Export: ...
    def page(self, name: str, **parameters: object) -> Page: ...
'''


def stub() -> str:
    """Return the text of the stub file."""
    answers = {kind for one in QUESTIONS for kind in (one.answer, one.item) if kind is not None}
    modules = sorted({kind.__module__ for kind in answers})
    imports = "\n".join(
        f"from {module} import {', '.join(sorted(kind.__name__ for kind in answers if kind.__module__ == module))}"
        for module in modules
    )
    return _HEAD.format(imports=imports) + "".join(map(_method_stub, QUESTIONS))


def methods(text: str | None = None) -> dict[str, str]:
    """Return the source of each method in a stub ``text`` (None: as it should be), without its line breaks."""
    module = ast.parse(text or stub())
    [archive] = [one for one in module.body if isinstance(one, ast.ClassDef)]
    return {one.name: ast.unparse(one) for one in archive.body if isinstance(one, ast.FunctionDef)}


def _method_stub(question: Question) -> str:
    parts, is_keyword_only = ["self"], False
    for parameter in method_parameters(question):
        is_variadic = parameter.kind is Parameter.VAR_POSITIONAL
        if parameter.kind is Parameter.KEYWORD_ONLY and not is_keyword_only:
            parts += [] if any(part.startswith("*") for part in parts) else ["*"]
            is_keyword_only = True
        text = "str | Collection[str]" if is_variadic else accepted(parameter.annotation)
        required = parameter.default is Parameter.empty
        if parameter.default is None and not is_variadic and "None" not in text:
            text += " | None"
        parts.append(f"{'*' if is_variadic else ''}{parameter.name}: {text}{'' if required else ' = ...'}")
    if parts[-1] == "*":
        parts.pop()
    return f"    def {question.name}({', '.join(parts)}) -> {answer_type(question)}: ...\n"


def accepted(hint: Any) -> str:
    """Return the types that a parameter accepts, as a type annotation."""
    kinds = [text for one in types_of(hint) for text in _accepted_types(one)]
    return " | ".join(dict.fromkeys([*kinds, *(["None"] if NoneType in get_args(hint) else [])]))


def _accepted_types(hint: Any) -> tuple[str, ...]:
    if get_origin(hint) is tuple:
        return ("int", "str", "Iterable[int]")
    if get_origin(hint) in {frozenset, list}:
        return ("str", "Collection[str]")
    if hint is datetime:
        return ("datetime", "str")
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return ("str",)
    return (hint.__name__,)


if __name__ == "__main__":
    PLACE.write_text(stub(), encoding="utf-8")
