"""Licences of the packages that nianbao needs, and the bill of materials of a release (CycloneDX).

``python -m scripts.supply licences`` writes ``docs/licences.md``; ``… bill FILE`` writes the bill. What is installed
says its licence; ``scripts/licences.toml`` says which are allowed; ``constraints.hashes.txt`` says what is needed.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
import uuid
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from scripts.lock import ROOT, Entry, needed, requirements_by_extra

RULES = tomllib.loads((ROOT / "scripts/licences.toml").read_text(encoding="utf-8"))
PAGE = ROOT / "docs/licences.md"
#: Extras for those who run nianbao; the others are for those who work on it.
RUNNING = ("browser", "cluster", "seal", "exports", "frames")
#: Only makes the lock, and is not installed where the licences are listed.
NOT_LISTED = {"lock"}
HEAD = """# Licences of what nianbao needs

[中文](licences.zh.md)

nianbao is under Apache-2.0; below are its packages. `make licences` writes this page, and fails where a licence is not
in `scripts/licences.toml`. `replay` is an environment of its own (pywb: GPL-3.0). Digests: `constraints.hashes.txt`.
"""


def users() -> dict[str, list[str]]:
    """Each package that is needed, with the extras that need it; only "core" where the core does."""
    users_of: dict[str, list[str]] = {name: ["core"] for name in needed()}
    for extra in requirements_by_extra():
        for name in needed(extra) if extra and extra not in NOT_LISTED else ():
            if users_of.get(name) != ["core"]:
                users_of.setdefault(name, []).append(extra)
    return dict(sorted(users_of.items()))


def spdx(name: str) -> str:
    """The licence of an installed package as SPDX says it; a LookupError where it says nothing clear."""
    header = metadata(name).json
    kinds = [line.split(" :: ")[-1] for line in header.get("classifier", ()) if line.startswith("License :: OSI")]
    for words in (RULES["found"].get(name), header.get("license_expression"), header.get("license"), *kinds):
        try:
            return str(canonicalize_license_expression(RULES["words"].get(words, words or "")))
        except InvalidLicenseExpression:
            continue
    raise LookupError(f"{name}: no clear licence; say it under [found] in scripts/licences.toml")


def allowed(expression: str) -> bool:
    """Whether one of the alternatives is allowed in all its parts. Brackets are for a person to read."""
    choices = [choice.split(" AND ") for choice in expression.split(" OR ")]
    return any(set(parts) <= set(RULES["allowed"]) for parts in choices)


def licences() -> tuple[dict[str, str], list[str]]:
    """The licence of each package that is needed on this system, and what is at fault."""
    packages, faults, lock = {}, [], needed(*requirements_by_extra().keys() - {""})
    for name, extras in users().items():
        try:
            packages[name] = spdx(name)
        except PackageNotFoundError:
            faults += [] if lock[name].marker else [f"{name} is not installed"]
        except LookupError as error:
            faults.append(str(error))
        else:
            excepted = RULES["exceptions"].get(name, "").startswith(f"{packages[name]}:") and extras != ["core"]
            faults += [] if allowed(packages[name]) or excepted else [f"{name} is under {packages[name]}"]
    return packages, faults


def page() -> str:
    """``docs/licences.md``."""
    who = users()
    rows = [f"| {name} | {licence} | {', '.join(who[name])} |" for name, licence in licences()[0].items()]
    excepted = [f"* {name}: {why}" for name, why in RULES["exceptions"].items()]
    carried = [f"* {name}: {what}" for name, what in RULES["carries"].items()]
    parts = [HEAD, "| package | licence | needed by |\n|---|---|---|", *rows, "\n## Exceptions, none in the core\n"]
    return "\n".join([*parts, *excepted, "\n## Libraries within packages, under other licences\n", *carried]) + "\n"


def _component(entry: Entry, licence: str, scope: str) -> dict[str, Any]:
    digests = [{"alg": "SHA-256", "content": digest} for digest in entry.digests]
    return {
        "type": "library",
        "bom-ref": _ref(entry),
        "name": entry.name,
        "version": entry.version,
        "scope": scope,
        "licenses": [{"expression": licence}],
        "purl": _ref(entry),
        "externalReferences": [{"type": "distribution", "url": _ref(entry), "hashes": digests}],
    }


def _ref(entry: Entry) -> str:
    return f"pkg:pypi/{entry.name}@{entry.version}"


def bill() -> dict[str, Any]:
    """The bill of materials: what the core needs is required, what extras for running need is optional.

    The same packages give the same bill: it bears no time, and its number is made from what it says.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages, (core, all_of) = licences()[0], (needed(), needed(*RUNNING))
    entries = {name: entry for name, entry in all_of.items() if name in packages}
    ours = f"pkg:pypi/nianbao@{project['version']}"
    roots = set[str]().union(*(requirements_by_extra()[extra] for extra in ("", *RUNNING)))
    edges = {ours: sorted(_ref(entries[name]) for name in roots)}
    for parent, entry in entries.items():
        edges[_ref(entry)] = [_ref(child) for child in entries.values() if parent in child.parents]
    parts = [_component(e, packages[name], "required" if name in core else "optional") for name, e in entries.items()]
    number = uuid.UUID(bytes=hashlib.sha256(json.dumps([ours, parts]).encode()).digest()[:16], version=4)
    itself = {"type": "application", "bom-ref": ours, "name": "nianbao", "version": project["version"], "purl": ours}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {"component": itself | {"licenses": [{"expression": project["license"]}]}},
        "components": parts,
        "dependencies": [{"ref": ref, "dependsOn": children} for ref, children in edges.items()],
    }


def main() -> None:
    """Write what is asked for; exit with 1 where a licence is at fault."""
    faults = licences()[1]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    if sys.argv[1] == "licences":
        PAGE.write_text(page(), encoding="utf-8")
    else:
        Path(sys.argv[2]).write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
