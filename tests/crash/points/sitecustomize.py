"""Loaded by Python at its start where this folder is on PYTHONPATH: a process of ours dies at a named point.

Nothing in the product knows of it. ``CRASH_COUNT`` names a file to which each point that is passed is written (a line
``role name``); ``CRASH_POINT`` is ``role:name:number:how:whom``:

* role: ``command`` (nianbao.cli or what stands for it), ``crawl`` (a worker forked from its ``server``), ``reader``
  (archive.projection.child), ``other``;
* name: a function of ``os`` (``pwrite``, ``fsync``, …), ``open`` (a file of the archive, for writing), or the first
  word of a statement on a database (``BEGIN``, ``COMMIT``, ``INSERT``, ``CREATE`` …);
* number: which of them, from 1;
* how: ``before`` it is done, ``after`` it, or ``half`` (of the bytes are written; for pwrite and write);
* whom: ``self``, or ``group``: all processes of the session.

Statements are heard of before they are executed, on SQLite.
"""

import os
import signal
import sqlite3
import sys

FUNCTIONS = ("pwrite", "fsync", "ftruncate", "link", "unlink", "replace", "rename", "symlink", "write")
ROOT = os.environ.get("CRASH_ROOT", "\0")
_COUNT = os.environ.get("CRASH_COUNT", "")
_POINT = os.environ.get("CRASH_POINT", "")
_MODULES = {"nianbao.cli": "command", "archive.projection.child": "reader"}
_began = os.getpid()
_passed: dict[tuple[int, str], int] = {}


def role() -> str:
    """What this process is; one forked from the server of worker processes is a crawl."""
    if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
        return "crawl" if os.getpid() != _began else "server"
    return next((_MODULES[word] for word in sys.orig_argv if word in _MODULES), "other")


def die(whom: str) -> None:
    """End this process, or all of its session, at once."""
    os.kill(0 if whom == "group" else os.getpid(), signal.SIGKILL)


def passes(name: str) -> str:
    """Count a point; how this process is to die at it, or ""."""
    if _COUNT:
        handle = os.open(_COUNT, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        _write(handle, f"{role()} {name}\n".encode())
        os.close(handle)
        return ""
    wanted, called, number, how, whom = _POINT.split(":")
    if called != name or wanted != role():
        return ""
    key = (os.getpid(), name)
    _passed[key] = _passed.get(key, 0) + 1
    return f"{how}:{whom}" if _passed[key] == int(number) else ""


def die_at(name: str) -> None:
    """Pass a point that is heard of before it is done."""
    how, _, whom = passes(name).partition(":")
    if how:
        die(whom)


_write, _connect = os.write, sqlite3.connect


def patched(name: str, plain):
    """The function of ``os`` with its point."""

    def call(*given, **named):
        if name == "write" and not _of_archive(given[0]):
            return plain(*given, **named)
        how, _, whom = passes(name).partition(":")
        if how == "half" and name in {"pwrite", "write"}:
            plain(given[0], bytes(given[1])[: len(given[1]) // 2], *given[2:])
            die(whom)
        if how and how != "after":
            die(whom)
        done = plain(*given, **named)
        if how:
            die(whom)
        return done

    return call


def _of_archive(descriptor: int) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}").startswith(ROOT)  # noqa: PTH115 - loaded by every process
    except OSError:
        return False


def heard(event: str, given: tuple[object, ...]) -> None:
    """Hear of files opened."""
    if event == "open" and isinstance(given[0], str) and given[0].startswith(ROOT):
        flags = given[2] if isinstance(given[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR):
            die_at("open")


def connected(*given, **named):
    """A database whose statements are heard of."""
    made = _connect(*given, **named)
    made.set_trace_callback(said)
    return made


def said(statement: str) -> None:
    """Hear of a statement before it is executed."""
    word = statement.lstrip().split(None, 1)[0].upper() if statement.strip() else ""
    if word in {"SELECT", "PRAGMA", "--"} or not word.isalpha():
        return
    die_at(word)


if _COUNT or _POINT:
    for each in FUNCTIONS:
        setattr(os, each, patched(each, getattr(os, each)))
    sqlite3.connect = sqlite3.dbapi2.connect = connected
    sys.addaudithook(heard)
