"""Records of frozen dataclasses by the ten thousand. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, TypeVar

Record = TypeVar("Record")


def maker(kind: type[Record], *names: str) -> Callable[..., Record]:
    """What makes records of a frozen dataclass with slots in a fifth of the time, for answers of many thousands.

    ``names``: all its fields, in the order in which values will be given, what it would reckon itself included. Raises
    TypeError where these are not its fields in their order.
    """
    held = tuple(one.name for one in fields(kind))  # type: ignore[arg-type]
    if held != names:
        raise TypeError(f"the fields of {kind.__name__} are {', '.join(held)}, not {', '.join(names)}")
    # a frozen record sets each field by a call; one that is not becomes it, for both lie alike in memory
    loose: Any = make_dataclass(kind.__name__, names, bases=kind.__bases__, slots=True, eq=False, repr=False)

    def made(*values: object) -> Record:
        one = loose(*values)
        one.__class__ = kind
        found: Record = one
        return found

    return made
