"""What is worked out once: the answer is that of the function, and what is held stays within its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.documents.bounded_cache import Remembered
from archive.documents.openfixed.colours import is_white


@given(st.lists(st.text(max_size=6)))
def test_the_answer_is_always_that_of_the_function(texts: list[str]) -> None:
    held = Remembered(len, longest=4, most=3)
    for text in texts:
        assert held[text] == len(text)
        assert len(held) <= 3
        assert all(len(known) <= 4 for known in held)


def test_what_cannot_be_made_is_not_remembered() -> None:
    numbers = Remembered(float, longest=9, most=9)
    with pytest.raises(ValueError, match="could not convert"):
        numbers["x"]
    assert not numbers


def test_a_long_colour_says_nothing_of_the_one_that_it_begins_with() -> None:
    short = "0 0 0".ljust(98) + " 0"
    assert len(short) == 100
    assert not is_white(short + " 0")
    assert is_white(short)
