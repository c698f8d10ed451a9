"""Confine a reading process: it may load its own programs and answer, and the kernel refuses everything else.

A document is hostile, and the libraries that open it are large and in part native. So before it loads them, the process
gives up for good: all files but those of the system and of Python (Landlock); new connections, other programs and
processes (seccomp). Where the kernel lacks one of the two, it is left out; ``nianbao doctor`` shows which.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import landlockpy
from landlockpy import AccessFS, Scope

if TYPE_CHECKING:
    import pyseccomp

#: Files that libraries open while they are loaded or while they read: programs, fonts, time zones, the kind of CPU.
_SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/gnu/store", "/etc/fonts", "/etc/ld.so.cache",
    "/etc/localtime", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system", "/dev/null",
    "/dev/urandom",
)  # fmt: skip
_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
#: System calls that open a connection, start a program, look into another process, or get around these rules.
_REFUSED = (
    "socket", "connect", "bind", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev",
    "pidfd_getfd", "io_uring_setup",
)  # fmt: skip


def confine() -> None:
    """Give up every right that reading does not need, as far as this kernel allows: a document may be hostile."""
    calls = _call_filter() if calls_confined() else None  # first, because finding libseccomp starts a program
    if files_confined():
        with landlockpy.Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as rules:
            libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
            for path in {*_SYSTEM, sys.prefix, sys.base_prefix, *sys.path, *libraries}:
                if path and Path(path).exists():
                    rules.allow_path(path, _READ if Path(path).is_dir() else AccessFS.READ_FILE)
            rules.restrict()
    if calls is not None:
        calls.load()


def _call_filter() -> pyseccomp.SyscallFilter:
    """Return the filter that refuses the system calls in ``_REFUSED``."""
    import pyseccomp  # noqa: PLC0415 - it cannot be imported where libseccomp is absent

    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _REFUSED:
        calls.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    return calls


def files_confined() -> bool:
    """True if this kernel, and the container if any, can keep a reading process from other files (Landlock)."""
    try:
        return landlockpy.supported()
    except landlockpy.LandlockError:  # older containers refuse calls that they do not know
        return False


def calls_confined() -> bool:
    """True if this system can keep a reading process from connections and other programs (seccomp)."""
    if sys.platform != "linux":
        return False
    try:
        import pyseccomp  # noqa: F401, PLC0415 - it cannot be imported where libseccomp is absent
    except (ImportError, OSError, RuntimeError):
        return False
    return Path("/proc/sys/kernel/seccomp/actions_avail").exists()
