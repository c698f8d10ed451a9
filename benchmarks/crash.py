"""Kill processes at random moments, and count what is then lost, duplicated or half written, and compare a rebuild.

The processes crawl (killed: the whole session, the command, or the crawl's process), mend, read and rebuild, on small
imitation portals; each round is continued afterwards and compared with an undisturbed one. A round took 21 s on two
busy cores: 200 rounds take 70 minutes, the short form of 10 rounds four. A round with a fault is printed with what it
did; ``python -m benchmarks.crash --round N`` repeats it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import BenchmarkResult, at_least, at_most, options, report
from tests.crash.rounds import Round, Rounds

ROUNDS, SHORT, SEED = 200, 10, 20260201


def play_rounds(numbers: Sequence[int]) -> list[Round]:
    """Play the rounds with these numbers; each is printed on standard error."""
    results = []
    with (
        tempfile.TemporaryDirectory(prefix="nianbao-bench-") as folder,
        Rounds(Path(folder), SEED, thorough=True) as rounds,
    ):
        for number in numbers:
            one = rounds.play(number)
            results.append(one)
            lines = "; ".join(one.told) + "".join(f"\n    FAULT {kind}: {text}" for kind, text in one.faults)
            print(f"{number:>4} {one.kind:<12} {one.seconds:>5.1f} s  {lines}", file=sys.stderr, flush=True)
    return results


def results(rounds: Sequence[Round], seconds: float) -> list[BenchmarkResult]:
    """Return the numbers of faults in all rounds, by kind."""
    faults = Counter(kind for one in rounds for kind, _ in one.faults)
    kinds = Counter(one.kind for one in rounds)
    kills = sum(one.kills for one in rounds)
    acknowledged = sum(one.acknowledged for one in rounds)

    def none(name: str, kind: str, against: str) -> BenchmarkResult:
        return at_most(name, faults[kind], "faults", 0, against)

    return [
        BenchmarkResult(
            "rounds", len(rounds), "rounds", against=", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
        ),
        BenchmarkResult("kills that came in time", kills, "kills", against="the others had ended before"),
        none("acknowledged captures lost", "lost", f"of {acknowledged} in the database at a kill"),
        none("duplicates", "twice", "records of one id, rows of one record"),
        none("half", "half", "looks, records, runs, generations, archives; processes that ran on"),
        none("other than undisturbed", "differs", "what was fetched, leads, editions, statuses"),
        none("fetched again", "again", "more than the reports that the cut run was busy with"),
        none("cut runs untold", "untold", "each is told by the crawl that goes on"),
        at_least("rebuild identical", float(not faults["rebuild"]), "1 = yes", 1, "row by row, on natural keys"),
        BenchmarkResult("time", seconds / 60, "minutes", against=f"{seconds / max(1, len(rounds)):.1f} s a round"),
    ]


def main(numbers: Sequence[int]) -> None:
    began = time.monotonic()
    rounds_done = play_rounds(numbers)
    report("crash", results(rounds_done, time.monotonic() - began))


if __name__ == "__main__":
    asked = options("crash", __doc__, ("--round", "play this round alone"), ("--rounds", "so many rounds"))
    rounds = range(asked.rounds or (SHORT if asked.short else ROUNDS))
    main(rounds if asked.round is None else [asked.round])
