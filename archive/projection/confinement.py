"""What a reading process may do: load the programs it is made of, and answer. The kernel refuses it all else.

A document is hostile, and the libraries that open it are large and in part native. So the process that reads gives up,
before it loads them: every file but those of the system and of Python (Landlock), every new connection, and other
programs and processes (seccomp). Both hold for good. A kernel that lacks one of them leaves it out; ``nianbao doctor``
tells which.
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

#: What libraries open while they are loaded or while they read: programs, fonts, time zones, what kind of CPU this is.
_SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/gnu/store", "/etc/fonts", "/etc/ld.so.cache",
    "/etc/localtime", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system", "/dev/null",
    "/dev/urandom",
)  # fmt: skip
_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
#: Calls that open a connection, start a program, look into another process, or go around these rules.
_REFUSED = (
    "socket", "connect", "bind", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev",
    "pidfd_getfd", "io_uring_setup",
)  # fmt: skip


def confine() -> None:
    """Give up what reading does not need.

    To be called before any thread is started: it holds for the calling one and those it starts.
    """
    calls = _calls() if calls_confined() else None  # first, as finding libseccomp takes a program
    if files_confined():
        with landlockpy.Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as rules:
            libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
            for path in {*_SYSTEM, sys.prefix, sys.base_prefix, *sys.path, *libraries}:
                if path and Path(path).exists():
                    rules.allow_path(path, _READ if Path(path).is_dir() else AccessFS.READ_FILE)
            rules.restrict()
    if calls is not None:
        calls.load()


def _calls() -> pyseccomp.SyscallFilter:
    import pyseccomp  # noqa: PLC0415 - it cannot be imported where libseccomp is absent

    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _REFUSED:
        calls.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    return calls


def files_confined() -> bool:
    """Whether this kernel, and the container around us if any, let a reading process be kept from other files."""
    try:
        return landlockpy.supported()
    except landlockpy.LandlockError:  # older containers refuse calls that they do not know
        return False


def calls_confined() -> bool:
    """Whether this system keeps a reading process from connections and other programs."""
    if sys.platform != "linux":
        return False
    try:
        import pyseccomp  # noqa: F401, PLC0415 - it cannot be imported where libseccomp is absent
    except (ImportError, OSError, RuntimeError):
        return False
    return Path("/proc/sys/kernel/seccomp/actions_avail").exists()
