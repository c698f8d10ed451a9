"""Damaged documents: whole ones of every kind, broken in ways that transfers, portals and attackers break them.

``make fuzz`` reads many through the real pool of reading processes; ``tests/test_fuzz.py`` a few in every run.
"""

from __future__ import annotations

import io
import random
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from archive.projection.workers import Failure, Pool, WorkerLimits
from benchmarks import reading_files
from imitation.documents.kinds import WRITERS

Damage = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def whole_documents() -> Mapping[str, bytes]:
    """One whole document of every kind but pictures, of which a page takes two CPU seconds."""
    report = reading_files.sample(1)
    made = {kind: write(report.title, report.blocks) for kind, write in WRITERS.items()}
    return made | {kind: reading_files.stored(kind, 0)[0] for kind in reading_files.STORED}


def flip(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Some bytes changed."""
    out = bytearray(data)
    for _n in range(chance.choice((1, 3, 12, 60))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def cut(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A transfer that broke off, or went on with another document."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data))] + chance.choice((b"", other[chance.randrange(len(other)) :]))


def repeat(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A piece left out, or many times over."""
    at, size = chance.randrange(len(data)), chance.choice((1, 16, 512))
    return data[:at] + data[at : at + size] * chance.choice((0, 2, 50, 2000)) + data[at + size :]


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
    way = chance.choice(PLAIN)
    try:
        if data.startswith(b"PK"):
            return _member(data, way, chance, others)
        start = data.index(b"stream\r\n", chance.randrange(len(data))) + 8
        end = data.index(b"endstream", start)
        return data[:start] + zlib.compress(way(zlib.decompress(data[start:end]), chance, others)) + data[end:]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        return way(data, chance, others)  # nothing is packed in it, or it was hurt before


def _member(data: bytes, way: Damage, chance: random.Random, others: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        hit = chance.choice(archive.namelist())
        for name in archive.namelist():
            body = archive.read(name)
            body = way(body, chance, others) if name == hit and body else body
            packed.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)  # without the time at which it was made
    return out.getvalue()


PLAIN: tuple[Damage, ...] = (flip, cut, cut, repeat, repeat, numbers)
DAMAGES: tuple[Damage, ...] = (*PLAIN, inside, inside)


def damaged(count: int, seed: int, whole: Mapping[str, bytes], first: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` damaged documents from number ``first`` on, each with a name that says how to make it again."""
    others = list(whole.values())
    for number in range(first, first + count):
        chance = random.Random(f"{seed}/{number}")
        kind = chance.choice(sorted(whole))
        ways, data = chance.choices(DAMAGES, k=chance.choice((1, 1, 1, 2, 3))), whole[kind]
        for way in ways:
            data = way(data or b"0", chance, others)
        yield f"{seed}/{number} {kind} {'+'.join(way.__name__ for way in ways)}", data[: 8 << 20]


def run(count: int, seed: int, first: int = 0) -> tuple[Counter[str], list[str]]:
    """Read ``count`` damaged documents in the pool; what became of them, and those that cost a reading process."""
    became: Counter[str] = Counter()
    costly: list[str] = []
    pool = Pool(workers=2, limits=WorkerLimits())
    for name, answer, _ in pool.read(damaged(count, seed, whole_documents(), first)):
        if isinstance(answer, Failure):
            became[f"failed: {answer.reason}"] += 1
            costly.append(f"{name}: {answer.reason}: {answer.detail}")
            continue
        read = "cells" if answer.cells else "text" if answer.text else "nothing"
        became[f"unreadable: {answer.unreadable}" if answer.unreadable else read] += 1
        costly += [f"{name}: {finding.en}" for finding in answer.findings if finding.code == "reader_failed"]
    return became, costly


def main(arguments: Sequence[str]) -> int:
    """``python -m tests.fuzzing [COUNT [SEED [FIRST]]]``: what became of them; 1 if a process was lost."""
    count, seed, first = (int(given) for given in (*arguments, *("100000", "1", "0")[len(arguments) :]))
    became, costly = run(count, seed, first)
    lines = [f"{often:>8} {what}" for what, often in became.most_common()]
    sys.stdout.write("\n".join((*lines, *costly[:200], f"{sum(became.values())} of {count} answered", "")))
    return 1 if costly else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
