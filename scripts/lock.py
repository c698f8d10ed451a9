"""Make and query ``constraints.hashes.txt``: the packages that an installation needs, with SHA-256 of their files.

``python -m scripts.lock EXTRA…`` prints the part that nianbao needs with these extras, for ``pip install
--require-hashes``; the extra ``build`` is what builds nianbao itself. ``python -m scripts.lock --make`` lets uv ask the
package index for the files of each version pinned in ``constraints.txt``, for every system, and adds missing pins;
``--maker`` prints the part that uv itself needs, even if others are not locked yet.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINS = ROOT / "constraints.txt"
LOCK = ROOT / "constraints.hashes.txt"
#: Installed in an environment of its own, because pywb pins old libraries: neither pinned nor locked.
APART = {"replay"}
HEAD = "# Made by `make lock`: the pins of constraints.txt with the SHA-256 of every file that the index has of them.\n"


@dataclass(frozen=True)
class LockedPackage:
    """One package: name and version, environment marker, SHA-256 of its files, and the packages that need it."""

    name: str
    version: str
    marker: str
    digests: tuple[str, ...]
    parents: frozenset[str]
    text: str


def canonical(name: str) -> str:
    """Return a package name as indexes compare it; anything after the name is dropped."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", name, maxsplit=1)[0]).lower()


def pins() -> dict[str, str]:
    """Return the lines of ``constraints.txt`` by canonical name."""
    return {canonical(line): line for line in PINS.read_text(encoding="utf-8").splitlines()}


def locked() -> dict[str, LockedPackage]:
    """Return the packages in ``constraints.hashes.txt`` by name."""
    pins_by_name = {}
    for text in re.split(r"^(?=\w)", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, version, marker = re.findall(r"^(\S+)==(\S+)(?: ; (.+?))? \\$", text, re.MULTILINE)[0]
        via = "".join(re.findall(r"# via (.+)$", text, re.MULTILINE))
        digests = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))
        pins_by_name[name] = LockedPackage(name, version, marker, digests, frozenset(via.split(", ")), text)
    return pins_by_name


def requirements_by_extra() -> dict[str, set[str]]:
    """Return the packages that pyproject.toml requires: for the core under "", for each extra, and for ``build``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = {"": project["project"]["dependencies"], "build": project["build-system"]["requires"]}
    requirements |= {
        name: names for name, names in project["project"]["optional-dependencies"].items() if name not in APART
    }
    return {extra: {canonical(name_and_version) for name_and_version in names} for extra, names in requirements.items()}


def needed(*extras: str) -> dict[str, LockedPackage]:
    """Return the packages of the core and these extras with all dependencies. An unknown extra raises KeyError."""
    requirements = requirements_by_extra()
    return reached(requirements[""].union(*(requirements[extra] for extra in extras)))


def reached(roots: set[str]) -> dict[str, LockedPackage]:
    """Return these packages with all that they need, directly or indirectly."""
    entries, names, more = locked(), set[str](), roots
    while more:
        names |= more
        more = {entry.name for entry in entries.values() if entry.parents & names} - names
    return {name: entries[name] for name in sorted(names)}


def make() -> None:
    """Write the lock file; update ``constraints.txt`` to the packages that are needed now."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [word for extra in requirements_by_extra() if extra not in {"", "build"} for word in ("--extra", extra)]
    command = ["uv", "pip", "compile", "pyproject.toml", "-", *extras, "--constraint", PINS.name, "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--annotation-style", "line", "--quiet"]
    requirements = "\n".join(project["build-system"]["requires"])
    text = subprocess.run(command, cwd=ROOT, input=requirements, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603
    text = re.sub(rf"-c {PINS.name}, |, -c {PINS.name}|\n +# via -c {PINS.name}$", "", text, flags=re.MULTILINE)
    LOCK.write_text(HEAD + text.replace("nianbao (pyproject.toml)", "nianbao"), encoding="utf-8")
    old_pins = pins()
    lines = []
    for name, entry in locked().items():
        line = old_pins.get(name, "")
        lines.append(line if line.endswith(f"=={entry.version}") else f"{name}=={entry.version}")
    PINS.write_text("\n".join(sorted(lines, key=canonical)) + "\n", encoding="utf-8")


def main() -> None:
    """Make the lock file, or print the part of it that is needed."""
    if sys.argv[1:] == ["--make"]:
        make()
        return
    names = reached(requirements_by_extra()["lock"]) if sys.argv[1:] == ["--maker"] else needed(*sys.argv[1:])
    sys.stdout.write("".join(entry.text for entry in names.values()))


if __name__ == "__main__":
    main()
