"""Standard output: what is printed gets there whole, or it is told that it did not."""

from __future__ import annotations

import errno
import io
import os
import sys

from storage.errors import cannot_write


def print_whole() -> None:
    """Put a buffer before standard output where Python was told to have none (``-u``, PYTHONUNBUFFERED).

    Without one a text of which the system takes a part is cut there, and nobody hears of it. Lines still leave at once.
    """
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and isinstance(raw := stream.buffer, io.RawIOBase):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True
        )
        stream.detach()  # or it would close what now belongs to the other


def delivered(last: str = "") -> None:
    """Print ``last``, and see that all that was printed has arrived.

    File systems on other machines tell only when a file is closed that they have no room: a copy of it is. Raises
    DiskError, or BrokenPipeError where nobody reads any more; the end of the program then does not try it once more.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(last)
        sys.stdout.flush()
        os.close(os.dup(sys.stdout.fileno()))
    except io.UnsupportedOperation:
        return  # it is no file
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            raise
        raise cannot_write("standard output", error) from error
