"""Records ⇄ JSON, exactly: what comes back equals what went in, decimals, tuples and instants included.

The type hints of the frozen dataclasses lead; inside ``object`` values (locators) what JSON does not know is tagged.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar

Record = TypeVar("Record")
Coder = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def to_json(record: object) -> str:
    """A frozen dataclass as compact ASCII JSON."""
    return json.dumps(to_plain(record), ensure_ascii=True, separators=(",", ":"))


def from_json(kind: type[Record], text: str) -> Record:
    """The record that :func:`to_json` made ``text`` of. Raises ValueError or TypeError for text of another kind."""
    return from_plain(kind, json.loads(text))


def to_plain(record: object) -> Any:
    """A record as dicts, lists and scalars that JSON can hold; fields at their default are left out."""
    hint: Any = type(record)
    return coder(hint)[0](record)


def from_plain(kind: type[Record], plain: Any) -> Record:
    """The inverse of :func:`to_plain`."""
    hint: Any = kind
    value: Record = coder(hint)[1](plain)
    return value


@cache
def coder(hint: Any) -> Coder:
    """Encoder and decoder for one type hint of ``storage.records``."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_coder(hint)
    if hint in {str, int, bool, float, type(None)}:
        return _same, _same
    if hint is Decimal:
        return str, Decimal
    if hint in {datetime, date}:
        return hint.isoformat, hint.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Enum):
        return (lambda value: value.value), hint
    if hint is object:
        return _tag, _untag
    return _generic_coder(typing.get_origin(hint), typing.get_args(hint), hint)


def _generic_coder(origin: Any, arguments: tuple[Any, ...], hint: Any) -> Coder:
    if origin in {typing.Union, types.UnionType}:
        return _union_coder(arguments, hint)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        encode, decode = coder(arguments[0])
        return (lambda value: [encode(item) for item in value]), (lambda plain: tuple(decode(item) for item in plain))
    if origin is Mapping and arguments[0] is str:
        encode, decode = coder(arguments[1])
        return (
            lambda value: {key: encode(item) for key, item in value.items()},
            lambda plain: {key: decode(item) for key, item in plain.items()},
        )
    raise TypeError(f"records hold no {hint!r}")


def _union_coder(arguments: tuple[Any, ...], hint: Any) -> Coder:
    kinds = [kind for kind in arguments if kind is not type(None)]
    if all(kind in {str, int, bool, float} for kind in kinds):
        return _same, _same
    if len(kinds) != 1:
        raise TypeError(f"records hold no {hint!r}")
    encode, decode = coder(kinds[0])
    return (
        lambda value: None if value is None else encode(value),
        lambda plain: None if plain is None else decode(plain),
    )


def _dataclass_coder(kind: type[Any]) -> Coder:
    hints = typing.get_type_hints(kind)
    fields = []
    for entry in dataclasses.fields(kind):
        default = entry.default_factory() if entry.default_factory is not dataclasses.MISSING else entry.default
        fields.append((entry.name, default, *coder(hints[entry.name])))
    decoders = {name: decode for name, _, _, decode in fields}

    def encode(record: Any) -> dict[str, Any]:
        plain = {}
        for name, default, encode_field, _ in fields:
            value = getattr(record, name)
            if default is dataclasses.MISSING or value != default or type(value) is not type(default):
                plain[name] = encode_field(value)
        return plain

    def decode(plain: dict[str, Any]) -> Any:
        return kind(**{name: decoders[name](value) for name, value in plain.items() if name in decoders})

    return encode, decode


def _same(value: Any) -> Any:
    return value


def _tag(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, list):
        return [_tag(item) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [_tag(item) for item in value]}
    if isinstance(value, Mapping):
        plain = {str(key): _tag(item) for key, item in value.items()}
        return {"$map": plain} if any(key.startswith("$") for key in plain) else plain
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(f"a record cannot hold {type(value).__name__} here")


def _untag(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_untag(item) for item in plain]
    if isinstance(plain, dict):
        if "$tuple" in plain:
            return tuple(_untag(item) for item in plain["$tuple"])
        if "$decimal" in plain:
            return Decimal(plain["$decimal"])
        return {key: _untag(item) for key, item in plain.get("$map", plain).items()}
    return plain
