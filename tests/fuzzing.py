"""Damaged documents: whole ones of every kind, broken in ways that transfers, portals and attackers break them.

``make fuzz`` reads many through the real pool of reading processes; ``tests/test_fuzz.py`` a few in every run.
"""

from __future__ import annotations

import io
import random
import sys
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from archive.projection.workers import Failure, Pool, WorkerLimits
from benchmarks import reading_files
from imitation.documents.kinds import PICTURED, WRITERS

Damage = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def whole_documents(*, pictured: bool = False) -> Mapping[str, bytes]:
    """One whole document of every kind; pictures (two CPU seconds a page) only if asked for."""
    report = reading_files.sample(1)
    writers = {**WRITERS, **(PICTURED if pictured else {})}
    made = {kind: write(report.title, report.blocks) for kind, write in writers.items()}
    return made | {kind: reading_files.stored(kind, 0)[0] for kind in reading_files.STORED}


def flip(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Some bytes changed."""
    out = bytearray(data)
    for _n in range(chance.choice((1, 3, 12, 60))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def cut(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A transfer that broke off."""
    return data[: chance.randrange(len(data))]


def drop(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A piece left out of the middle."""
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.choice((1, 16, 512, 4096)) :]


def repeat(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A piece many times over."""
    at = chance.randrange(len(data))
    piece = data[at : at + chance.choice((1, 8, 64, 512))]
    return data[:at] + piece * chance.choice((2, 50, 2000)) + data[at:]


def swap(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The first half of one document, the second of another."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]


def numbers(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Sizes and counts blown up: printed digits, and words of four bytes."""
    out = bytearray(data)
    for _n in range(chance.choice((1, 4, 20))):
        at = chance.randrange(max(1, len(out) - 4))
        if 48 <= out[at] <= 57:
            out[at : at + 1] = chance.choice((b"999999999", b"-1", b"0", b"65536", b"1e99"))
        else:
            out[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\0\0\1\0"))
    return bytes(out)


def inside(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Damage to what is packed: one member of a zip, or one deflated stream of a PDF, packed again."""
    if data.startswith(b"PK"):
        try:
            return _member(data, chance, others)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
            return numbers(data, chance, others)  # it was hurt before
    start = data.find(b"stream\r\n", chance.randrange(len(data)))
    start = start + 8 if start >= 0 else data.find(b"stream\n") + 7
    end = data.find(b"endstream", start)
    if start < 8 or end < 0:
        return chance.choice(PLAIN)(data, chance, others)
    try:
        unpacked = zlib.decompress(data[start:end])
    except zlib.error:
        return numbers(data, chance, others)
    return data[:start] + zlib.compress(chance.choice(PLAIN)(unpacked or b"0", chance, others)) + data[end:]


def _member(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        names = archive.namelist()
        hit = chance.choice(names)
        for name in names:
            body = archive.read(name)
            body = chance.choice(PLAIN)(body, chance, others) if name == hit and body else body
            packed.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)  # without the time at which it was made
    return out.getvalue()


_TOLD = 10_000
PLAIN: tuple[Damage, ...] = (flip, cut, drop, repeat, swap, numbers)
DAMAGES: tuple[Damage, ...] = (*PLAIN, inside, inside)


def damaged(count: int, seed: int, whole: Mapping[str, bytes], first: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` damaged documents from number ``first`` on, each with a name that says how to make it again."""
    for number in range(first, first + count):
        yield damaged_one(seed, number, whole)


def damaged_one(seed: int, number: int, whole: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The damaged document of that number, and its name."""
    chance, others = random.Random(f"{seed}/{number}"), list(whole.values())
    kind = chance.choice(sorted(whole))
    data = whole[kind]
    ways = [chance.choice(DAMAGES) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    for way in ways:
        data = way(data or b"0", chance, others)
    return f"{seed}/{number} {kind} {'+'.join(way.__name__ for way in ways)}", data[: 8 << 20]


def run(
    count: int, seed: int, first: int = 0, *, workers: int = 2, limits: WorkerLimits | None = None
) -> tuple[Counter[str], list[str]]:
    """Read ``count`` damaged documents in the pool; what became of them, and those that cost a reading process.

    Every ten thousand of them a line on standard error says how far it is.
    """
    became: Counter[str] = Counter()
    costly: list[str] = []
    pool = Pool(workers=workers, limits=limits or WorkerLimits())
    documents = ((name, partial(bytes, data)) for name, data in damaged(count, seed, whole_documents(), first))
    for done, (name, answer) in enumerate(pool.read(documents)):
        if done and done % _TOLD == 0:
            sys.stderr.write(f"{done} of {count}, {len(costly)} at a cost\n")
        if isinstance(answer, Failure):
            became[f"failed: {answer.reason}"] += 1
            costly.append(f"{name}: {answer.reason}: {answer.detail}")
        elif answer.unreadable:
            became[f"unreadable: {answer.unreadable}"] += 1
        else:
            became["cells" if answer.cells else "text" if answer.text else "nothing"] += 1
        internal = [finding for finding in getattr(answer, "findings", ()) if finding.code == "reader_failed"]
        if internal:
            became["reader_failed told"] += 1
            costly.append(f"{name}: {internal[0].en}")
    return became, costly


def main(arguments: Sequence[str]) -> int:
    """``python -m tests.fuzzing [COUNT [SEED [FIRST]]]``: what became of them; 1 if a process was lost."""
    count, seed, first = (int(given) for given in (*arguments, *("100000", "1", "0")[len(arguments) :]))
    begun = time.monotonic()
    became, costly = run(count, seed, first)
    answered = sum(often for what, often in became.items() if not what.endswith("told"))
    lines = [f"{often:>8} {what}" for what, often in became.most_common()]
    lines += [*costly[:200], f"{answered} of {count} documents answered in {time.monotonic() - begun:.0f} s"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if costly else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
