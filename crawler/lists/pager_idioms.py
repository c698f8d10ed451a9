"""How pages, scripts and answers say how long a list is: ``pager_idioms.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

KINDS = ("call", "element", "attribute", "field", "variable", "object", "query", "request", "answer")
ROLES = ("total", "pages", "size", "current")


@dataclass(frozen=True, slots=True)
class Idiom:
    """One entry of the file, which says what its members mean. ``names``: each name, in lower case, with its role."""

    name: str
    kind: str
    example: str
    seen: tuple[str, ...]
    names: tuple[tuple[str, str], ...] = ()
    mark: str = ""
    needs: str = ""
    positions: tuple[str, ...] = ()
    address: str = ""
    hole: str = ""
    both: bool = False

    def role_of(self, name: str) -> str:
        """What a name stands for: a total, a number of pages …; "" for a name of anything else."""
        return dict(self.names).get(name.lower(), "")


@cache
def idioms(*kinds: str) -> tuple[Idiom, ...]:
    """Return the idioms of some kinds, in the order of the file; all without a kind."""
    text = resources.files("crawler.lists").joinpath("pager_idioms.toml").read_text(encoding="utf-8")
    return tuple(_idiom(row) for row in tomllib.loads(text)["idiom"] if not kinds or row["kind"] in kinds)


@cache
def answer_names(role: str) -> tuple[str, ...]:
    """Return the names, in lower case, under which answers of interfaces give a total or a number of pages."""
    return tuple(dict.fromkeys(name for one in idioms("answer") for name, own in one.names if own == role))


def _idiom(row: dict[str, object]) -> Idiom:
    return Idiom(
        name=str(row["name"]),
        kind=str(row["kind"]),
        example=str(row["example"]),
        seen=tuple(_texts(row, "seen")),
        names=tuple((name.lower(), role) for role in ROLES for name in _texts(row, role)),
        mark=str(row.get("mark", "")),
        needs=str(row.get("needs", "")),
        positions=tuple(_texts(row, "positions")),
        address=str(row.get("address", "")),
        hole=str(row.get("hole", "")),
        both=bool(row.get("both", False)),
    )


def _texts(row: dict[str, object], key: str) -> Iterator[str]:
    value = row.get(key, [])
    return iter([str(one) for one in value] if isinstance(value, list) else [])
