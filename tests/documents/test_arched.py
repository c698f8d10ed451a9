"""Pieces of a seal's ring told from rulings."""

from __future__ import annotations

from archive.documents.recognised.arched import Shape, arcs

LINE = Shape(900, 4.0, 0.0, 0.2)
SIZE = 20.0


def test_short_broad_and_bent_or_leaning_strokes_are_arcs() -> None:
    shapes = [LINE, LINE, LINE, Shape(100, 6.7, 0.0, 1.0), Shape(90, 7.0, 0.05, 0.5)]
    assert arcs(shapes, SIZE) == {3, 4}
    assert arcs([], SIZE) == set()


def test_a_bent_page_a_thick_frame_and_short_rulings_stay() -> None:
    shapes = [LINE, LINE, LINE, Shape(900, 4.0, -0.003, 2.0), Shape(120, 9.0, 0.0, 0.2), Shape(100, 6.0, -0.01, 0.4)]
    assert arcs(shapes, SIZE) == set()
