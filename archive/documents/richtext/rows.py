"""The definition of a table row in RTF: where its cells end and which are merged."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.documents.word97.model import MAX_COLUMNS, RowShape


@dataclass(slots=True)
class RowDefinition:
    r"""A row definition (\trowd) being collected."""

    left: int = 0
    edges: list[int] = field(default_factory=list)
    across: list[bool] = field(default_factory=list)
    down: list[bool] = field(default_factory=list)
    merge: str = ""
    stack: str = ""

    def edge(self, at: int) -> None:
        r"""A cell ends there (\cellx)."""
        if len(self.edges) < MAX_COLUMNS:
            self.edges.append(at)
            self.across.append(self.merge == "clmrg")
            self.down.append(self.stack == "clvmrg")
        self.merge = self.stack = ""

    def shape(self) -> RowShape | None:
        """The row as drawn; None where its edges make no sense."""
        if not self.edges or sorted(self.edges) != self.edges:
            return None
        left = min(self.left, self.edges[0] - 1)
        return RowShape((left, *self.edges), list(self.across), list(self.down))
