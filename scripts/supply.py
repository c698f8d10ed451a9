"""List the licences of the packages that nianbao needs, and write a release's bill of materials (CycloneDX).

``python -m scripts.supply licences`` writes ``docs/licences.md``; ``… bill FILE`` writes the bill. Licences come from
the installed packages, those allowed from ``scripts/licences.toml``, needed packages from ``constraints.hashes.txt``.
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

from scripts.lock import ROOT, LockedPackage, needed, requirements_by_extra

RULES = tomllib.loads((ROOT / "scripts/licences.toml").read_text(encoding="utf-8"))
PAGE = ROOT / "docs/licences.md"
#: Extras for running nianbao; the others are for developing it.
RUNNING = ("browser", "cluster", "seal", "exports", "frames")
#: Extra that only makes the lock; it is not installed where the licences are listed.
NOT_LISTED = {"lock"}
HEAD = """# Licences of what nianbao needs

[中文](licences.zh.md)

nianbao is under Apache-2.0; below are its packages (digests: `constraints.hashes.txt`). `make licences` writes this;
it fails where `scripts/licences.toml` lacks a licence. `make setup-replay`: pywb, GPL-3.0; ReplayWeb.page, AGPL-3.0.
"""


def users() -> dict[str, list[str]]:
    """Return for each needed package the extras that need it, or only "core" if the core needs it."""
    users_of: dict[str, list[str]] = {name: ["core"] for name in needed()}
    for extra in requirements_by_extra():
        for name in needed(extra) if extra and extra not in NOT_LISTED else ():
            if users_of.get(name) != ["core"]:
                users_of.setdefault(name, []).append(extra)
    return dict(sorted(users_of.items()))


def spdx(name: str) -> str:
    """Return an installed package's licence as SPDX expression. Raises LookupError if it is unclear."""
    header = metadata(name).json
    kinds = [line.split(" :: ")[-1] for line in header.get("classifier", ()) if line.startswith("License :: OSI")]
    for words in (RULES["found"].get(name), header.get("license_expression"), header.get("license"), *kinds):
        try:
            return str(canonicalize_license_expression(RULES["words"].get(words, words or "")))
        except InvalidLicenseExpression:
            continue
    raise LookupError(f"{name}: no clear licence; say it under [found] in scripts/licences.toml")


def allowed(expression: str) -> bool:
    """Return whether all parts of one alternative are allowed. Brackets are not parsed: a person must read them."""
    choices = [choice.split(" AND ") for choice in expression.split(" OR ")]
    return any(set(parts) <= set(RULES["allowed"]) for parts in choices)


def licences() -> tuple[dict[str, str], list[str]]:
    """Return the licence of each package that this system needs, and the faults."""
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
    """Return the text of ``docs/licences.md``."""
    users_by_package = users()
    rows = [f"| {name} | {licence} | {', '.join(users_by_package[name])} |" for name, licence in licences()[0].items()]
    excepted = [f"* {name}: {why}" for name, why in RULES["exceptions"].items()]
    carried = [f"* {name}: {what}" for name, what in RULES["carries"].items()]
    parts = [HEAD, "| package | licence | needed by |\n|---|---|---|", *rows, "\n## Exceptions, none in the core\n"]
    return "\n".join([*parts, *excepted, "\n## Libraries within packages, under other licences\n", *carried]) + "\n"


def _component(entry: LockedPackage, licence: str, scope: str) -> dict[str, Any]:
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


def _ref(entry: LockedPackage) -> str:
    return f"pkg:pypi/{entry.name}@{entry.version}"


def bill() -> dict[str, Any]:
    """Return the bill of materials; packages of the core are required, those of extras for running are optional.

    The same packages give the same bill: it contains no time, and its serial number is a digest of its contents.
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
    """Write what the arguments ask for; exit with 1 if a licence is at fault."""
    faults = licences()[1]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    if sys.argv[1] == "licences":
        PAGE.write_text(page(), encoding="utf-8")
    else:
        Path(sys.argv[2]).write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
