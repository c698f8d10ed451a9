"""Records that are made sooner are the same records."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, replace

import pytest

from storage.making import maker


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    year: int = 2024


def test_it_is_the_record_that_its_class_makes() -> None:
    made = maker(Line, "name", "year")("a", 2023)
    assert type(made) is Line
    assert (made, hash(made), repr(made)) == (other := Line(name="a", year=2023), hash(other), repr(other))
    assert replace(made, year=2022) == Line(name="a", year=2022)


def test_each_field_has_to_be_given() -> None:
    for values in (("a",), ("a", 2023, 1)):
        with pytest.raises(TypeError, match="argument"):
            maker(Line, "name", "year")(*values)


def test_it_is_frozen() -> None:
    made = maker(Line, "name", "year")("a", 2023)
    with pytest.raises(FrozenInstanceError):
        made.year = 2022  # type: ignore[misc]


@pytest.mark.parametrize("names", [("name",), ("year", "name"), ("name", "year", "more")])
def test_other_names_than_its_fields_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="the fields of Line are name, year"):
        maker(Line, *names)
